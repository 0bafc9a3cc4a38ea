"""Texts of points."""

from __future__ import annotations

import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import PointError
from gdcli.language.points import read_constant, read_point


def point(text: str, *variables: str) -> list[str]:
    return [str(value) for value in read_point(text, variables, ARITIES)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,2", ["1", "2"]),
        ("1 2", ["1", "2"]),
        (" 1 ,\t2 ", ["1", "2"]),
        ("-1 -2", ["-1", "-2"]),
        ("1\n2\n", ["1", "2"]),
        ("pi/3,1/2", ["pi/3", "1/2"]),
        ("-sqrt(2),2e3", ["-sqrt(2)", "2000"]),
        ("-sqrt(2) 1", ["-sqrt(2)", "1"]),
        ("max(1, 2), 3", ["max(1, 2)", "3"]),
        ("x=1,y=2", ["1", "2"]),
        ("y = 2, x = 1", ["1", "2"]),
        ("0.1,1e-3", ["0.1", "0.001"]),
        ("2pi,π", ["2*pi", "pi"]),
        ("ifelse(1<2, 3, 4),5", ["ifelse(1 < 2, 3, 4)", "5"]),
        ("(1,2)", ["1", "2"]),
        ("[1,2]", ["1", "2"]),
        (" ( 1 2 ) ", ["1", "2"]),
        ("[-1,\n2]", ["-1", "2"]),
        ("(x=1, y=2)", ["1", "2"]),
        ("(max(1,2), (3))", ["max(1, 2)", "3"]),
        ("(1+2),(3)", ["1 + 2", "3"]),
        ("(1+2)*2,(3)", ["(1 + 2)*2", "3"]),
        ("(1) (2)", ["1", "2"]),
    ],
)
def test_what_is_read(text: str, values: list[str]) -> None:
    assert point(text, "x", "y") == values


def test_names_as_they_are_typed() -> None:
    assert point("x₁=3,x2=4", "x1", "x2") == ["3", "4"]
    assert point("e=2", "e") == ["2"]


def refusal(text: str, *variables: str) -> str:
    with pytest.raises(PointError) as caught:
        read_point(text, variables, ARITIES)
    assert caught.value.exit_status == 2
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("1", "the point has 1 value; it takes 2 values, in the order x, y"),
        ("1,2,3", "the point has 3 values; it takes 2 values, in the order x, y"),
        ("1 2 3", "the point has 3 values; it takes 2 values, in the order x, y"),
        ("", "the point is empty; it takes 2 values, in the order x, y"),
        ("1,", "the point for y: a value is missing"),
        ("((1,2))", "the point has 1 value; it takes 2 values, in the order x, y"),
        ("([1,2])", "the point has 1 value; it takes 2 values, in the order x, y"),
        ("(1,2,3)", "the point has 3 values; it takes 2 values, in the order x, y"),
        ("()", "the point is empty; it takes 2 values, in the order x, y"),
        (",", "the point for x: a value is missing"),
        ("x=1,y=", "the point for y: a value is missing"),
        ("x=1", "the point: no value for y; give every variable one"),
        ("x=1,x=2", "the point: `x` is given twice"),
        ("x=1,z=2", "the point: `z` is no variable; the variables are x, y"),
        ("x=1,2", "the point: `2` has no name; the variables are x, y"),
        ("x=1,y=2,z=3", "the point: `z` is no variable; the variables are x, y"),
        (
            "nan,1",
            "the point for x: `nan` is not a number; write one such as 0.5, 1/2 or pi/3\n"
            "  nan\n  ^^^",
        ),
        (
            "1,-inf",
            "the point for y: `inf` is not a number; write one such as 0.5, 1/2 or pi/3\n"
            "  -inf\n   ^^^",
        ),
        (
            "x=y,y=1",
            "the point for x: `y` is not a number; write one such as 0.5, 1/2 or pi/3\n  y\n  ^",
        ),
        (
            "\uff11,2",
            "the point for x: U+FF11 is not a character of the language; type 1\n"
            "  <U+FF11>\n  ^^^^^^^^",
        ),
    ],
)
def test_refusals(text: str, whole: str) -> None:
    assert refusal(text, "x", "y") == whole


@pytest.mark.parametrize("text", ["1_0", "0x10", "1,2", "1 2", "x", "(", "1/", "r=1;r", "f(x)=1"])
def test_no_number(text: str) -> None:
    assert "the point" in refusal(text, "t")


def test_nothing_raw_is_echoed() -> None:
    for text in ("x=1,\x1b[31m", "\x1b[31m=1,y=2", "\u202e,1", "x=\u202e,y=1"):
        assert refusal(text, "x", "y").replace("\n", "").isprintable()


def test_long_texts_and_many_names_are_shortened() -> None:
    names = [f"x{number}" for number in range(15_000)]
    for text in ("1,2", "y=1", "x0=1", "x" * 100_000 + "=1", "x0=1," + "y" * 100_000):
        assert len(refusal(text, *names)) < 300
    assert "x10, x11, ... (15000 in all)" in refusal("1", *names)


def test_a_function_without_variables_has_an_empty_point() -> None:
    assert refusal("1") == "the point has 1 value; it takes none"
    assert point("") == point(" ") == []


def test_a_constant() -> None:
    assert str(read_constant("1/2", ARITIES, "a")) == "1/2"
    with pytest.raises(PointError, match=r"^a: `b` is not a number"):
        read_constant("b + 1", ARITIES, "a")


def test_ten_thousand_values() -> None:
    names = [f"x{number}" for number in range(10_000)]
    assert len(point(",".join("1" for _ in names), *names)) == 10_000
    assert len(point(",".join(f"{name}=1" for name in reversed(names)), *names)) == 10_000


@pytest.mark.parametrize(
    "character", "\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2028\u2029\u3000"
)
def test_only_blanks_are_taken_off_the_ends_of_a_value(character: str) -> None:
    for text in ("{}1,2", "1,2{}", "x=1{},y=2", "x{}=1,y=2", "[1,{}2]"):
        assert f"{ord(character):04X}" in refusal(text.format(character), "x", "y")
