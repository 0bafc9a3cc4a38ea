"""Points of vectors, with values from Python's own arithmetic."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import GdcliError, PointError
from gdcli.functions.layout import Layout
from gdcli.functions.points import (
    MOST_SINGLE_ENTRIES,
    VariableEntries,
    read_expressions,
    read_floats,
    with_numbers,
)
from gdcli.language.parser import parse
from gdcli.language.syntax import Decimal, Expression
from gdcli.numbers.floats import MOST_LISTED_COMPONENTS

X4 = Layout(("x",), {"x": (4,)})
AW = Layout(("a", "W"), {"W": (2, 3)})
AW_COUNT = "start has {}; it takes 7, in the order a, W[2, 3], or by name: a=0.5, W=0.5"
SIZES = {"n": 4, "m": 2, "x.1": 4}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("x=0.5", [0.5] * 4),
        ("x=-1/3", [-1 / 3] * 4),
        ("x=1/(n+1)", [0.2] * 4),
        ("x=[1,2,3,4]", [1, 2, 3, 4]),
        ("x = [ 1, 2 ,pi/3,-sqrt(4) ]", [1, 2, math.pi / 3, -2]),
        ("x=[-1.2,1,...]", [-1.2, 1, -1.2, 1]),
        ("x=[3,-1,0,...]", [3, -1, 0, 3]),
        ("x=[n,...]", [4] * 4),
        ("x[i]=i/(n+1)", [i / 5 for i in range(1, 5)]),
        ("x[k] = ifelse(k==1, -1.2, max(k, 2))", [-1.2, 2, 3, 4]),
        ("x[i]=7", [7] * 4),
        ("x=0.5,x[3]=5", [0.5, 0.5, 5, 0.5]),
        ("x=[1,2,3,4], x[n]=0, x[n-3] = -1", [-1, 2, 3, 0]),
        ("1,2,3,4", [1, 2, 3, 4]),
        ("1 2 3 pi", [1, 2, 3, math.pi]),
        ("[1,2,3,4]", [1, 2, 3, 4]),
        (" (1,2,3,4) ", [1, 2, 3, 4]),
        ("([1,2,...])", [1, 2, 1, 2]),
        ("(x=[1,2,3,4], x[2]=0)", [1, 0, 3, 4]),
        ("[5,...]", [5] * 4),
        ("[1,2,3,4,5,...]", [1, 2, 3, 4]),
    ],
)
def test_a_vector(text: str, values: list[float]) -> None:
    assert read_floats(text, X4, SIZES, "start") == pytest.approx(values, rel=1e-15)
    assert type(read_floats(text, X4, SIZES, "start")) is list


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a=1,W=2", [1, 2, 2, 2, 2, 2, 2]),
        ("W=2,a=1", [1, 2, 2, 2, 2, 2, 2]),
        ("a=1,W=[[1,2,3],[4,5,6]]", [1, 1, 2, 3, 4, 5, 6]),
        ("a=1,W=[1,2,3,4,5,6]", [1, 1, 2, 3, 4, 5, 6]),
        ("a=1,W=[[1,2,3],...]", [1, 1, 2, 3, 1, 2, 3]),
        ("a=1,W=[0,1,...]", [1, 0, 1, 0, 1, 0, 1]),
        ("a=-1,W[i,j]=i+10*j", [-1, 11, 21, 31, 12, 22, 32]),
        ("a=1,W=0,W[2,3]=9,W[1,m]=8", [1, 0, 8, 0, 0, 0, 9]),
        ("7,6,5,4,3,2,1", [7, 6, 5, 4, 3, 2, 1]),
        ("a=[3],W=0", [3, 0, 0, 0, 0, 0, 0]),
        ("[7,6,5,4,3,2,1]", [7, 6, 5, 4, 3, 2, 1]),
        ("(7 6 5 4 3 2 1)", [7, 6, 5, 4, 3, 2, 1]),
    ],
)
def test_a_number_and_a_matrix(text: str, values: list[float]) -> None:
    assert read_floats(text, AW, SIZES, "start") == values


@pytest.mark.parametrize(
    "text", ["a=1/3,W[i,j]=i/(j+m)", "a=0.1,W=[1/7,...]", "a=2,W=1/3,W[2,2]=1/9"]
)
def test_expressions_stay_exact(text: str) -> None:
    wanted = {
        "a=1/3,W[i,j]=i/(j+m)": [
            Fraction(1, 3), *(Fraction(i, j + 2) for i, j in product((1, 2), (1, 2, 3)))
        ],
        "a=0.1,W=[1/7,...]": [Fraction(1, 10), *[Fraction(1, 7)] * 6],
        "a=2,W=1/3,W[2,2]=1/9": [Fraction(2), *[Fraction(1, 3)] * 6],
    }[text]  # fmt: skip
    if "W[2,2]" in text:
        wanted[5] = Fraction(1, 9)
    found = [str(value) for value in read_expressions(text, AW, SIZES, "start")]
    fractions = [re.sub(r"[\d.]+", r"F('\g<0>')", value) for value in found]
    assert [eval(fraction, {"F": Fraction}) for fraction in fractions] == wanted
    assert not any(name in value for value in found for name in "ijm")


def test_numbers_of_files(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", [0.1, -2, 3e-300, 4])
    (tmp_path / "x.csv").write_text("0.1\n-2\n3e-300\n4\n", encoding="utf-8")
    np.save(tmp_path / "w.npy", np.arange(6).reshape(2, 3))
    for text in (f"x=@{tmp_path}/x.npy", f"x=@{tmp_path}/x.csv", f"@{tmp_path}/x.npy"):
        assert read_floats(text, X4, SIZES, "start") == [0.1, -2, 3e-300, 4]
    exact = read_expressions(f"x=@{tmp_path}/x.npy", X4, SIZES, "start")
    assert [str(value) for value in exact][:2] == ["0.1", "-2"]
    assert read_floats(f"a=9,W=@{tmp_path}/w.npy", AW, SIZES, "start") == [9, 0, 1, 2, 3, 4, 5]
    np.save(tmp_path / "row.npy", [[0.1, -2, 3e-300, 4]])
    assert read_floats(f"x=@{tmp_path}/row.npy", X4, SIZES, "start") == [0.1, -2, 3e-300, 4]
    np.save(tmp_path / "turned.npy", np.arange(6).reshape(3, 2))
    with pytest.raises(PointError, match=r"turned.npy holds 3 by 2, not 2 by 3$"):
        read_floats(f"a=9,W=@{tmp_path}/turned.npy", AW, SIZES, "start")
    with pytest.raises(PointError, match=r"x.npy holds 4 entries, not 2 by 3$"):
        read_floats(f"a=9,W=@{tmp_path}/x.npy", AW, SIZES, "start")


@pytest.mark.parametrize("size", [MOST_LISTED_COMPONENTS + 1, MOST_SINGLE_ENTRIES + 7])
def test_long_points_are_arrays(size: int) -> None:
    layout = Layout(("b", "x"), {"x": (size,)})
    sizes = {"n": size}
    index = np.arange(1, size + 1)
    for text, wanted in (
        ("b=3,x=-1", np.full(size, -1.0)),
        ("b=3,x=[-1.2,1,2,...]", np.resize([-1.2, 1.0, 2.0], size)),
        ("b=3,x[i]=i/(n+1)", index / (size + 1)),
        ("b=3,x[i]=2", np.full(size, 2.0)),
        ("b=3,x=0,x[n]=5", np.where(index == size, 5.0, 0.0)),
    ):
        point = read_floats(text, layout, sizes, "start")
        assert isinstance(point, np.ndarray)
        assert point[0] == 3
        np.testing.assert_array_equal(point[1:], wanted)
    with pytest.raises(PointError, match=r"1/\(i - 7\) is not a finite number where i=7$"):
        read_floats("b=3,x[i]=1/(i-7)", layout, sizes, "start")


@pytest.mark.parametrize(
    "text", ["3", "y=3", "x=0.5,y=3", "x=[],y=3", "y=3,x=[1,2,...]", "x[i]=i,y=3"]
)
@pytest.mark.parametrize("more", [0, MOST_LISTED_COMPONENTS])
def test_a_vector_without_entries_needs_none(text: str, more: int) -> None:
    layout = Layout(("x", "y", "z"), {"x": (0,), "z": (more,)})
    text += "" if "=" not in text else ",z=1"
    text += ",1" * more if "=" not in text else ""
    assert [*read_floats(text, layout, {}, "start")] == [3] + [1] * more


def test_ten_thousand_numbers_in_a_text() -> None:
    layout = Layout(("x",), {"x": (10_000,)})
    text = ",".join(str(number / 8) for number in range(10_000))
    np.testing.assert_array_equal(read_floats(text, layout, {}, "start"), np.arange(1e4) / 8)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("", "start is empty; it takes 4, in the order x[4], or by name: x=0.5"),
        ("1", "start has 1 value; it takes 4, in the order x[4], or by name: x=0.5"),
        ("1,2", "start has 2 values; it takes 4, in the order x[4], or by name: x=0.5"),
        ("x=[1,2]", "start for x: the list has 2 numbers, not 4 entries"),
        ("x=[1,2,3,4,5]", "start for x: the list has 5 numbers, not 4 entries"),
        ("x=[...]", "start for x: the list has 0 numbers, not 4 entries"),
        ("x=[]", "start for x: the list has 0 numbers, not 4 entries"),
        ("x=[1,,2,3]", "start for x: a value is missing"),
        ("x=[1,2", "start: the list `[1,2` is not closed"),
        ("y=1", "start: `y` is no variable; the variables are x[4]"),
        ("y[i]=1", "start: `y` is no variable; the variables are x[4]"),
        ("y[2]=1", "start: `y` is no variable; the variables are x[4]"),
        ("x=1,x=2", "start: `x` is given twice"),
        ("x[3]=5", "start: give all entries of x before one of them: x=0.5,x[3]=..."),
        ("x=1,x[5]=2", "start: there is no x[5]: x has 4 entries"),
        ("x=1,x[0]=2", "start: there is no x[0]: x has 4 entries"),
        ("x[i,j]=3", "start: `x` takes 1 subscript"),
        ("x[i+1]=3", "start: write `x[i] = ...` for all entries, `x[3] = ...` for one"),
        ("x[i^2]=3", "start: write `x[i] = ...` for all entries, `x[3] = ...` for one"),
        ("x[1.5]=3", "start: write `x[i] = ...` for all entries, `x[3] = ...` for one"),
        ("x=1,2", "start: `2` has no name; the variables are x[4]"),
        ("x=", "start for x: a value is missing"),
        ("x[i]=", "start for x: a value is missing"),
        ("x[i]=1/(i-2)", "start for x: 1/(i - 2) is not a finite number where i=2"),
        ("x=1/0", "start for x: 1/0 is not a finite number"),
        ("x=[1,1/0,2,3]", "start for x: 1/0 is not a finite number"),
        ("x=@none.npy", "there is no file none.npy"),
        (
            "x=nan",
            "start for x: `nan` is not a number; write one such as 0.5, 1/2 or pi/3\n  nan\n  ^^^",
        ),
        (
            "x[i]=j",
            "start for x: `j` is not a number; write one such as 0.5, 1/2 or pi/3\n  j\n  ^",
        ),
        (
            "x[i]=x[i]",
            "start for x: `x[i]` is not a number; write one such as 0.5, 1/2 or pi/3\n"
            "  x[i]\n  ^^^^",
        ),
    ],
)
def test_refusals(text: str, whole: str) -> None:
    with pytest.raises(GdcliError) as caught:
        read_floats(text, X4, SIZES, "start")
    assert str(caught.value) == whole


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (
            "1",
            AW_COUNT.format("1 value"),
        ),
        ("a=1", "start: no value for W; give every variable one"),
        ("@start.npy", "start: say which vector that is: a=@start.npy"),
        ("((1,2,3,4,5,6,7))", AW_COUNT.format("1 value")),
        ("[[1,2,3],[4,5,6]]", AW_COUNT.format("2 values")),
        ("a=[1,2],W=1", "start for a: the list has 2 numbers, not 1"),
        ("a=1,W=[[1,2],[3,4]]", "start for W: a row has 2 numbers, not 3"),
        ("a=1,W=[[1,2,3]]", "start for W: the list has 3 numbers, not 2 by 3"),
        ("a=1,W[i,i]=2", "start: write `W[i, j] = ...` for all entries, `W[3, 3] = ...` for one"),
        ("a=1,W[i,2]=2", "start: write `W[i, j] = ...` for all entries, `W[3, 3] = ...` for one"),
        ("a=1,W[2]=9", "start: `W` takes 2 subscripts"),
        ("a=1,W=0,W[3,1]=9", "start: there is no W[3,1]: W is 2 by 3"),
        ("a[1]=2,W=1", "start: `a` takes no subscripts"),
    ],
)
def test_refusals_of_a_matrix(text: str, whole: str) -> None:
    with pytest.raises(GdcliError) as caught:
        read_floats(text, AW, SIZES, "start")
    assert str(caught.value) == whole


def test_nothing_raw_is_echoed() -> None:
    for text in (
        "x=1,\x1b[31m",
        "\x1b[31m=1,x=2",
        "x=[\u202e,1,2,3]",
        "x[\u202e]=1",
        "x=@\x1b.csv",
    ):
        with pytest.raises(GdcliError) as caught:
            read_floats(text, X4, SIZES, "start")
        assert str(caught.value).replace("\n", "").isprintable()


def written(*texts: str) -> list[Expression]:
    return [parse(text, ARITIES) for text in texts]


def computed(text: str, *shape: int) -> VariableEntries:
    values = VariableEntries(shape, "--at for W")
    values.indices = ("i", "j")[: len(shape)]
    values.formula = parse(text, ARITIES)
    return values


def test_a_pattern_is_repeated() -> None:
    values = VariableEntries((5,), "--at for x")
    values.pattern = written("1/2", "-3")
    values.single[3] = parse("pi", ARITIES)
    assert values.floats() == [0.5, -3, 0.5, np.pi, 0.5]
    assert values.array().tolist() == values.floats()
    assert list(map(str, values.expressions())) == ["1/2", "-3", "1/2", "pi", "1/2"]


def test_a_formula_is_computed_row_by_row() -> None:
    values = computed("i + 10*j", 2, 3)
    assert values.floats() == [11, 21, 31, 12, 22, 32]
    assert values.array().tolist() == values.floats()
    assert str(values.expressions()[5]) == "2 + 10*3"


def test_many_entries_are_computed_at_once_and_are_the_same() -> None:
    wide = computed("sin(i)/j + exp(-i/j)", 2, MOST_SINGLE_ENTRIES)
    tall = computed("sin(i)/j + exp(-i/j)", 2, 100)
    np.testing.assert_allclose(
        wide.array().reshape(2, -1)[:, :100].ravel(), tall.array(), rtol=1e-15
    )


def test_an_array_is_taken_as_it_is() -> None:
    values = VariableEntries((3,), "--at for x")
    values.loaded = np.array([0.1, -2.0, 3e300])
    values.single[0] = parse("7", ARITIES)
    assert values.floats() == values.array().tolist() == [7, -2, 3e300]
    assert values.loaded[0] == 0.1
    assert [str(value) for value in values.expressions()] == ["7", "-2", "3e300"]


@pytest.mark.parametrize("length", [3, MOST_SINGLE_ENTRIES + 1])
def test_a_number_that_is_not_finite_is_named(length: int) -> None:
    values = computed("log(i - 2)", length)
    with pytest.raises(PointError) as caught:
        values.array()
    assert str(caught.value) == "--at for W: log(i - 2) is not a finite number where i=1"


def test_a_decimal_beyond_all_floats_is_not_finite() -> None:
    values = VariableEntries((), "--at for x")
    values.pattern = written("1e400")
    with pytest.raises(PointError, match=r"^--at for x: 1e400 is not a finite number$"):
        values.floats()


def test_names_become_numbers() -> None:
    expression = parse("n*i + n^m", ARITIES)
    assert str(with_numbers(expression, {"n": 1200, "m": 0})) == "1200*i + 1200^0"
    assert with_numbers(expression, {"n": 1200}).nodes[0].value == Decimal(12, 2)
    assert with_numbers(expression, {"k": 1}) is expression


# -- starts that are drawn at random ---------------------------------------------------------------


def drawn(text: str, seed: int = 0, layout: Layout = AW) -> list[float]:
    return [*read_floats(text, layout, {"n": 4}, "start", seed)]


def test_what_is_drawn_for_a_name_depends_on_the_seed_alone() -> None:
    both = drawn("a=normal(0, 1), W=uniform(-1, 1)")
    assert both == drawn("W=uniform(-1, 1), a=normal(0, 1)")
    wider = Layout(("W", "a", "b"), {"W": (2, 3), "b": (5,)})
    assert drawn("W=uniform(-1, 1), b=normal(3, 1), a=normal(0, 1)", 0, wider)[:7] == [
        *both[1:],
        both[0],
    ]
    for other in (drawn("a=normal(0, 1), W=uniform(-1, 1)", 1), drawn("a=1, W=normal(0, 1)")):
        assert not {*both} & {*other}
    assert len({*both}) == 7


@pytest.mark.parametrize("count", [200, 2000])  # a list, and an array
def test_numbers_drawn_have_the_distribution_that_is_asked_for(count: int) -> None:
    layout = Layout(("x",), {"x": (count,)})
    normal = np.array(drawn("x=normal(3, 1/sqrt(n))", 5, layout))
    assert abs(normal.mean() - 3.0) < 4 * 0.5 / math.sqrt(count)
    assert abs(normal.std() / 0.5 - 1.0) < 4 / math.sqrt(2 * count)
    uniform = np.array(drawn("x=uniform(-2, 6)", 5, layout))
    assert uniform.min() >= -2.0
    assert uniform.max() < 6.0
    assert abs(uniform.mean() - 2.0) < 4 * 8 / math.sqrt(12 * count)
    assert drawn("x=normal(2, 0)", 5, layout) == [2.0] * count


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a=normal(0), W=1", "normal takes a mean and a standard deviation, as in normal(0, 0.1)"),
        ("a=uniform(), W=1", "uniform takes a lower end and an upper end"),
        ("a=normal(0, -1), W=1", "a standard deviation is not negative, as -1 is"),
        ("a=uniform(2, 1), W=1", "the lower end 2 is above the upper end 1"),
        ("a=normal(0, 1/0), W=1", "1/0 is not a finite number"),
        ("a=uniform(-1.5e308, 1.5e308), W=1", "the numbers drawn are too large for floats"),
        ("a=1, W[i,j]=normal(0, i)", "as whole variables of a start may be"),
        ("a=1, W=[normal(0, 1), ...]", "as whole variables of a start may be"),
        ("normal(0, 1)", "say which variable that is: a=normal(0, 1)"),
    ],
)
def test_what_cannot_be_drawn_is_refused(text: str, message: str) -> None:
    with pytest.raises(PointError, match=re.escape(message)):
        drawn(text)


def test_only_a_start_is_drawn() -> None:
    message = "`normal(0, 1)` is drawn at random, as whole variables of a start may be"
    for layout, text in ((AW, "a=normal(0, 1), W=1"), (Layout(("a",), {}), "a=normal(0, 1)")):
        with pytest.raises(PointError, match=re.escape(message)):
            read_floats(text, layout, {}, "--at")
