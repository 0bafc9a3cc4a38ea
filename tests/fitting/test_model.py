"""The text of a model: what stands on either side of `~`, and what is refused in its place."""

from __future__ import annotations

import contextlib
import inspect
from typing import Any

import pytest

import gdcli
from gdcli.errors import ExpressionError, GdcliError, UsageError
from gdcli.fitting.model import (
    has_constant_e,
    parse_sides,
    plain_text,
    read_model,
    refuse_near_columns,
)

COLUMNS: dict[str, int | None] = {"x": None, "y": None, "z": 3}


def read(text: str, **given: object) -> tuple[str, ...]:
    return tuple(read_model(text, COLUMNS, **given).components)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "parameters", "response"),
    [
        ("y ~ a*exp(-b*x) + c", ("a", "b", "c"), "y"),
        ("y~a+b*x", ("a", "b"), "y"),
        ("y ~ a", ("a",), "y"),
        ("log(y) ~ a + b*x", ("a", "b"), "response"),
        ("y - x ~ a + b*x", ("a", "b"), "response"),
        ("y ~ b2*x + b10*x^2 + b1", ("b1", "b2", "b10"), "y"),
        ("k2 = 1 - k1; y ~ a*exp(-k1*x) + k2", ("a", "k1"), "y"),
        ("k2 = 1 - k1; h = 2*k2; y ~ h*x", ("k1",), "y"),
        ("y ~ f(b, a) = a + b*x", ("b", "a"), "y"),
        ("y ~ f(b, a, x) = a + b*x", ("b", "a"), "y"),
        ("y ~ sum(w[i]*x^i for i in 1:3)", ("w[1]", "w[2]", "w[3]"), "y"),
        ("y ~ b + sum(w[j]*z[j] for j in 1:n)", ("b", "w[1]", "w[2]", "w[3]"), "y"),
        ("y ~ ifelse(x < t, a, b)", ("a", "b", "t"), "y"),
        ("y ~ α·x² + β", ("α", "β"), "y"),
        ("y ~ a + b*x;", ("a", "b"), "y"),
    ],
)
def test_the_names_that_are_no_columns_are_the_parameters(
    text: str, parameters: tuple[str, ...], response: str
) -> None:
    model = read_model(text, COLUMNS)
    assert tuple(model.components) == parameters
    assert model.response == response


def test_held_parameters_are_none_to_be_fitted() -> None:
    assert read("y ~ a + b*x", parameters={"a": 2}) == ("b",)
    assert read("y ~ a + b*x", parameters={"a": "1/3", "b": 1}) == ()


def test_the_row_function_is_what_the_right_side_says() -> None:
    model = read_model("k2 = 1 - k1; y ~ a*k2^x + k1", COLUMNS)
    a, k1, x = 2.0, 0.25, 3.0
    assert model.right.evaluate([a, k1, x]) == a * (1 - k1) ** x + k1
    assert read_model("y - x ~ a", COLUMNS).left.evaluate([3.0, 5.0]) == 2.0  # of x, y


@pytest.mark.parametrize(
    ("text", "sentence", "place"),
    [
        ("y ~ a ~ b*x", "a model has one `~`", "~ b"),
        ("y = a + b*x", "has `~` where this has `=`: write y ~ a + b*x", "= a"),
        ("k2 = 1 - k1; y = k2*x", "write k2 = 1 - k1; y ~ k2*x", "= k2*"),
        ("a + b*x", "between a column and its prediction, as in y ~ a + b*x", "a + b*x"),
        ("y == a + b*x", "between a column and its prediction", "y =="),
        ("y ~ a; z", "`~` stands in the last part", "~ a"),
        ("y ~ a; b = 2; a", "`~` stands in the last part", "~ a"),
        ("(y ~ a*x)", "`~` stands outside of brackets", "~ a"),
        ("y - (x ~ a)", "`~` stands outside of brackets", "~ a"),
        ("y ~", "nothing stands on the right of `~`", "~"),
        ("y ~ ;", "nothing stands on the right of `~`", "~"),
        ("~ a + b*x", "nothing stands on the left of `~`", "~"),
        ("k = 1 - a; ~ k*x", "nothing stands on the left of `~`", "~"),
        ("y ~ a + *", "a number, a name or `(` is missing", "*"),
        ("y + ~ a", "a number, a name or `(` is missing", "~ a"),
        ("y ~ a <= b", "a comparison stands only in `ifelse", "<="),
        ("q ~ a + b*x", "`q` on the left of `~` is no column of the data", "q"),
        ("log(q) + y ~ a", "`q` on the left of `~` is no column of the data", "q"),
        ("f(y) = y ~ a", "the left side of a model is a formula of columns", "f(y)"),
        ("1 ~ a", "the left side of a model names a column", "1"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(text: str, sentence: str, place: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        read(text)
    error = caught.value
    assert sentence in str(error)
    assert error.span is not None
    assert error.text == text
    assert text[error.span.start :].startswith(place[:1])
    assert error.span.start == text.index(place)


@pytest.mark.parametrize(
    ("text", "why"),
    [("y ~ x", "x is a column"), ("y ~ x + z[1]", "x, z are columns"), ("y ~ 3", "no name stands")],
)
def test_a_right_side_without_a_parameter_is_refused(text: str, why: str) -> None:
    with pytest.raises(ExpressionError, match="there is no parameter to fit") as caught:
        read(text)
    assert why in str(caught.value)
    assert "write y ~ a + b*x" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("y ~ a + b*X", "x"),
        ("y ~ a + b*tme", "time"),
        ("y ~ a + b*Time", "time"),
        ("y ~ a + b*itme", "time"),
        ("y ~ a*x1 + b*x3", "x1"),
        ("y ~ a + b*rates", "rate"),
    ],
)
def test_a_parameter_with_nearly_the_name_of_a_column_is_refused(text: str, near: str) -> None:
    headings = ["x", "y", "time", "x1", "x2", "rate"]
    model = read_model(text, dict.fromkeys(headings))
    with pytest.raises(ExpressionError, match=f"the data have a column `{near}`; write {near}"):
        refuse_near_columns(model, headings, ())
    meant = {name for name in model.variables if name not in "ab"}
    refuse_near_columns(model, headings, meant)
    declared = text.replace("y ~ ", f"y ~ f({', '.join(model.variables)}) = ")
    refuse_near_columns(read_model(declared, dict.fromkeys(headings)), headings, ())


@pytest.mark.parametrize(
    "text",
    [
        "y ~ a*exp(-(time - time0)^2/w^2)",  # a place on the axis of time
        "y ~ b1*exp(-b2*x1) + b3*x2",  # NIST's names
        "y ~ k*x + t",  # single letters are an edit from each other
        "y ~ a + b*x + c*ratio",
    ],
)
def test_names_that_are_no_slips_are_parameters(text: str) -> None:
    headings = ["x", "y", "time", "x1", "x2", "rate"]
    refuse_near_columns(read_model(text, dict.fromkeys(headings)), headings, ())


def test_the_constant_e_is_told_where_a_parameter_may_be_meant() -> None:
    for text, told in (("a + e*x", True), ("e^(a*x)", False), ("f(e, a) = e^(a*x)", False)):
        assert has_constant_e(read_model(f"y ~ {text}", COLUMNS)) == told
    assert not has_constant_e(read_model("y ~ a + e*x", COLUMNS, {"e": 1}))
    [warning] = gdcli.fit("y ~ a + e*x", {"x": [1.0, 2.0, 3.0], "y": [4.0, 6.0, 9.0]}).warnings
    assert "`e` is the constant 2.71828...; a parameter has another name" in warning.text


def test_a_model_written_as_on_paper_has_a_plain_text() -> None:
    for text, plain in (
        ("y ~ a·x² + √b", "y ~ a*x^2 + sqrt(b)"),
        ("k = 2·a; y ~ k·x", "k = 2*a; y ~ k*x"),
        ("y ~ f(b, a) = a·x + b", "y ~ f(b, a) = a*x + b"),
        ("k = 2·a; y ~ f(b, a) = k·x + b", "k = 2*a; y ~ f(b, a) = k*x + b"),
        ("y ~ a*x  +  b", "y ~ a*x  +  b"),
    ):
        assert plain_text(text, *parse_sides(text)) == plain
        again = plain_text(plain, *parse_sides(plain))
        assert again == plain


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        ("q=1", "start: `q` is no parameter; the parameters are a, b"),
        ("x=1", "start: `x` is a column; the parameters are a, b"),
        ({"q": 1}, "start: `q` is no parameter; the parameters are a, b"),
        ("a=1,a=2", "start: `a` is given twice"),
        ("a=1,b", "`b` has no name"),
        ("1,2,3", "start has 3 values; it takes 2, in the order a, b"),
        ([1.0], "start has 1 numbers; the parameters are a, b"),
        ({"a": float("nan")}, "start: a is no finite number"),
        ("a=log(-1)", "start for a: log(-1) is not a finite number"),
        ("", "start"),
    ],
)
def test_a_wrong_start_is_refused(start: object, sentence: str) -> None:
    data = {"x": [1.0, 2.0, 3.0], "y": [1.0, 2.0, 4.0]}
    with pytest.raises(GdcliError) as caught:
        gdcli.fit("y ~ a + b*x", data, start=start)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"parameters": {"a": 1}, "bounds": "a=0:"}, "bounds: `a` is held; the parameters are b"),
        ({"parameters": {"a": 1}, "start": "a=2"}, "start: `a` is held; the parameters are b"),
        ({"parameters": {"a": 1}, "l2": {"a": 1}}, "l2: `a` is held; the parameters are b"),
        ({"bounds": "a=2:1"}, "bounds for a: the low end comes first, not 2:1"),
        ({"bounds": {"a": (2, 1)}}, "bounds for a: the low end comes first, not 2:1"),
        ({"bounds": "q=0:"}, "bounds: `q` is no parameter; the parameters are a, b"),
        ({"bounds": "a=0:1", "start": "a=2,b=1"}, "start: a = 2 lies outside its bound 0:1"),
        ({"parameters": {"q": 1}}, 'parameters["q"]: the expression has no such name'),
        ({"sigma": "x", "weights": "x"}, "sigma and weights exclude each other"),
        ({"method": "adam"}, 'method takes "auto", "lm" or "newton", not \'adam\''),
        ({"level": 1}, "level takes a number between 0 and 1, not 1"),
        ({"intervals": "bootstrap"}, 'intervals takes "wald" or "profile"'),
        ({"missing": "fill"}, 'missing takes "error" or "drop"'),
        ({"max_evaluations": 0}, "max_evaluations takes a whole number of at least 1"),
        ({"max_time": "soon"}, "max_time takes a positive number of seconds"),
        ({"maxfev": 9}, "fit has no argument maxfev; did you mean max_evaluations?"),
        ({"p0": [1, 1]}, "fit has no argument p0; did you mean start?"),
        ({"held": {"a": 1}}, "fit has no argument held"),
    ],
)
def test_settings_that_mean_nothing_are_refused(given: dict[str, object], sentence: str) -> None:
    data = {"x": [1.0, 2.0, 3.0], "y": [1.0, 2.0, 4.0]}
    with pytest.raises(GdcliError) as caught:
        gdcli.fit("y ~ a + b*x", data, **given)  # type: ignore[arg-type]
    assert sentence in str(caught.value)


def test_fewer_rows_than_parameters_need_a_penalty() -> None:
    data = {"x": [1.0, 2.0], "y": [1.0, 3.0]}
    with pytest.raises(UsageError, match="2 rows cannot determine 3 parameters"):
        gdcli.fit("y ~ a + b*x + c*x^2", data)
    found = gdcli.fit("y ~ a + b*x + c*x^2", data, l2={"a": 1, "b": 1, "c": 1})
    assert found.converged


@pytest.mark.parametrize("name", ["Time", "time", "Tine"])
def test_a_parameter_with_the_name_of_a_heading_without_its_units_is_refused(name: str) -> None:
    model = read_model(f"y ~ a + b*{name}", {"y": None})
    message = rf'the data have a column `Time \(s\)`; write columns={{"{name}": "Time \(s\)"}}, or'
    with pytest.raises(ExpressionError, match=message):
        refuse_near_columns(model, ["Time (s)", "y"], ())
    refuse_near_columns(model, ["Time (s)", "y"], [name])
    refuse_near_columns(model, ["(s) Time", "Mass (kg)", "y"], ())


ODD_VALUES: tuple[Any, ...] = (
    *(3, 1.5, float("nan"), True, b"x", object(), "", "[", "a=", [], [1], [None], {}, {1: 2}),
    *({"a": None}, {"a": "x"}, {"a": (1, 2, 3)}, {"q": 1}, (1, 2), 10**400, "\0"),
)


@pytest.mark.parametrize("argument", [*inspect.signature(gdcli.fit).parameters])
def test_whatever_is_given_is_refused_in_words_or_means_something(argument: str) -> None:
    data = {"x": [1.0, 2.0, 3.0], "y": [1.0, 2.0, 4.0]}
    for value in ODD_VALUES:
        given = {"model": "y ~ a + b*x", "data": data, "start": [1, 1], argument: value}
        with contextlib.suppress(GdcliError):
            gdcli.fit(**given)
    for value in ODD_VALUES:
        with contextlib.suppress(GdcliError):
            gdcli.predict(value, data)


def test_a_column_of_numbers_is_no_vector_of_parameters() -> None:
    with pytest.raises(ExpressionError, match="`w` is a column of the data, one number a row"):
        read_model("y ~ a + sum(w[j]*t[j] for j in 1:2)", {"y": None, "w": None, "t": 2})


def test_array_parts_stand_before_a_model() -> None:
    layer = "h[j in 1:2] = tanh(a[j]*x + b[j]); y ~ sum(c[j]*h[j] for j in 1:2)"
    assert read(layer) == ("a[1]", "a[2]", "b[1]", "b[2]", "c[1]", "c[2]")
    recurrence = "u[1] = x; u[k in 2:3] = u[k-1]*r; y ~ u[3] + s"
    assert read(recurrence) == ("r", "s")
    row = [2.0, 0.5, 1.5]  # r, s, x
    assert read_model(recurrence, COLUMNS).right(row) == 1.5 * 4.0 + 0.5


def test_an_index_of_an_array_part_is_no_column() -> None:
    with pytest.raises(ExpressionError, match="`x` is a column of the data; choose another index"):
        read("h[x] = a[x]; y ~ h[1]")
    assert read("h[x in 1:2] = a[x]; y ~ h[1]") == ("a[1]", "a[2]")
