"""Tables and rows of pandas and polars as data and as points, and traces as DataFrames."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pandas
import polars
import pytest

import gdcli
from gdcli.errors import PointError, UsageError

COLUMNS = {"t": [0.0, 1.0, 2.0], "y": [1, 3, 5], "name": ["a", "b", "c"]}
FRAMES: dict[str, Any] = {
    "pandas": pandas.DataFrame,
    "pandas with a doubled index": lambda columns: pandas.DataFrame(columns, index=[7, 7, 1]),
    "polars": polars.DataFrame,
}
LINE = "sum((a*t[i] + b - y[i])^2 for i in 1:n)"


@pytest.mark.parametrize("kind", FRAMES)
def test_columns_that_the_text_names_are_data(kind: str) -> None:
    function = gdcli.function(LINE, data=FRAMES[kind](COLUMNS))
    assert function.variables == ("a", "b")
    assert function(2, 1) == 0.0
    assert function == gdcli.function(LINE, data={"t": [0, 1, 2], "y": [1, 3, 5]})
    result = gdcli.minimize(LINE, data=[FRAMES[kind](COLUMNS)], start={"a": 0, "b": 0})
    assert result.x == pytest.approx([2, 1], abs=1e-6)
    both = [FRAMES[kind](COLUMNS), {"w": [1, 1, 1]}]
    assert gdcli.function("sum(w[i]*t[i]*x for i in 1:n)", data=both)(2) == 6


@pytest.mark.parametrize("kind", FRAMES)
def test_columns_that_are_no_numbers_are_refused_by_name(kind: str) -> None:
    with pytest.raises(UsageError, match="the data `name`"):
        gdcli.function("sum(name[i]*x for i in 1:n)", data=FRAMES[kind](COLUMNS))
    with pytest.raises(UsageError, match="columns t, y, name; the expression names none of them"):
        gdcli.function("z^2", data=FRAMES[kind](COLUMNS))
    missing = FRAMES[kind]({"t": [1.0, None, 2.0]})
    with pytest.raises(UsageError, match=r"the data `t`: entry \[2\] is not a finite number"):
        gdcli.function("sum(t[i]*x for i in 1:n)", data=missing)


def test_a_doubled_column_is_refused() -> None:
    frame = pandas.DataFrame([[1, 2]], columns=["t", "t"])
    with pytest.raises(UsageError, match="more than one column t"):
        gdcli.function("sum(t[i]*x for i in 1:n)", data=frame)


def test_whole_numbers_and_nullable_columns_are_numbers() -> None:
    columns = {"t": pandas.array([1, 2], dtype="Int64"), "y": np.array([2**60, 1])}
    assert gdcli.function("sum(t[i]*x for i in 1:n)", data=pandas.DataFrame(columns))(2) == 6
    columns["t"] = pandas.array([1, None], dtype="Int64")
    with pytest.raises(UsageError, match="the data `t`"):
        gdcli.function("sum(t[i]*x for i in 1:n)", data=pandas.DataFrame(columns))


def test_a_series_with_names_is_a_point_by_name() -> None:
    f = gdcli.function("x - 10*y")
    assert f(pandas.Series({"y": 2, "x": 1})) == -19
    assert f(pandas.Series([1, 2])) == -19
    assert f(pandas.Series([1, 2], index=[5, 3])) == -19
    assert f(polars.Series([1, 2])) == -19
    assert f.gradient(pandas.Series({"y": 2, "x": 1})).tolist() == [1, -10]
    row = pandas.DataFrame({"x": [1.0], "y": [2.0]}).iloc[0]
    assert f.hessian(row).tolist() == [[0, 0], [0, 0]]
    with pytest.raises(PointError, match="a value for each of x, y, not for a, x"):
        f(pandas.Series({"a": 1, "x": 2}))
    result = gdcli.minimize("x^2 + y^2", start=pandas.Series({"y": 2, "x": 1}))
    assert result.start.tolist() == [1, 2]


def test_points_in_dicts() -> None:
    f = gdcli.function("a*sum(x[i]^2 for i in 1:n)", sizes={"n": 2})
    assert f({"x": [1, 2], "a": 3}) == 15
    assert f.gradient({"a": 3, "x": np.array([1, 2])}).tolist() == [5, 6, 12]
    assert f.split({"a": 3, "x": (1, 2)}) == {"a": 3.0, "x": [1.0, 2.0]}
    assert gdcli.function("x₁ + y")({"x₁": 1, "y": 2}) == 3
    wrongs: list[Any] = [{"a": 3}, {"a": 3, "x": [1]}, {"a": 3, "x": [1, 2], "b": 1}, {}, {1: 2}]
    for wrong in wrongs:
        with pytest.raises(PointError):
            f(wrong)
    with pytest.raises(PointError, match="the start"):
        gdcli.minimize(f, start={"a": 3})


def test_a_trace_is_a_data_frame() -> None:
    result = gdcli.minimize("f(x, k) = x^2 + 3*k^2", start=[1, 2])
    frame = result.to_frame()
    assert list(frame.columns) == ["k", "x", "x.k", "f", "gradient_norm", "alpha"]
    assert len(frame) == result.iterations + 1
    assert frame["f"].iloc[-1] == result.f
    assert frame["x"].tolist() == [row.x[0] for row in result.trace]
    assert np.isnan(frame["alpha"].iloc[-1])
    vectors = gdcli.minimize("sum(x[i]^2 for i in 1:2)").to_frame()
    assert list(vectors.columns)[1:3] == ["x[1]", "x[2]"]


def test_without_pandas_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match=r"needs pandas, which is not installed; .*install pandas"):
        gdcli.minimize("x^2").to_frame()


def test_a_result_is_short_to_read() -> None:
    result = gdcli.minimize("sum(x[i]^2*i for i in 1:300)", max_iterations=200)
    text, table = repr(result), result._repr_html_()
    assert len(text.splitlines()) <= 8
    assert max(map(len, text.splitlines())) < 200
    assert "... (294 more)" in text
    assert result.message in text
    assert table.startswith("<table><tr><th>k</th><th>x[1]</th>")
    assert table.count("<tr>") <= 22
    assert "<b>f</b>" in table
