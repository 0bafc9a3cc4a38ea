"""What is affine and what is not, against the values of Python's own arithmetic."""

from __future__ import annotations

import random

import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.language.affine import Affine
from gdcli.language.parser import parse
from gdcli.language.subscripts import LARGEST_INTEGER, affine, ends, whole_number
from gdcli.language.syntax import Decimal


def read(text: str) -> Affine | None:
    expression = parse(text, ARITIES)
    return affine(expression, len(expression.nodes) - 1)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("i", "i"),
        ("i+1", "i+1"),
        ("2*i - j + n - 3", "2*i+n-j-3"),
        ("-(i - 1)*2", "2-2*i"),
        ("3(i+1)", "3*i+3"),
        ("(2*3)*i*2", "12*i"),
        ("i - i + 4", "4"),
        ("1e3", "1000"),
        ("0*i", "0"),
        ("n + n + n", "3*n"),
    ],
)
def test_affine_numbers(text: str, normal: str) -> None:
    assert str(read(text)) == normal


@pytest.mark.parametrize(
    "text",
    [
        *("1.5", "i^2", "i*j", "n/2", "2^3", "x[i]", "max(i, j)", "sin(i)", "ifelse(i<1,1,2)"),
        *("1e16", "9999999999*9999999999*i", "sum(i for i in 1:3)", "norm(x)", "i/1"),
        "+".join(f"n{number}" for number in range(17)),
    ],
)
def test_what_is_not_affine(text: str) -> None:
    assert read(text) is None


def test_ends_of_ranges() -> None:
    expression = parse("max(1, i-2, n)", ARITIES)
    root = len(expression.nodes) - 1
    found = ends(expression, root, "max")
    assert found is not None
    assert [str(end) for end in found] == ["1", "i-2", "n"]
    assert ends(expression, root, "min") is None
    assert ends(parse("max(1, i^2)", ARITIES), 4, "max") is None
    assert ends(parse("n", ARITIES), 0, "max") == [Affine(0, (("n", 1),))]


def test_whole_numbers() -> None:
    assert whole_number(Decimal(12, 2)) == 1200
    assert whole_number(Decimal(15, -1)) is None
    assert whole_number(Decimal(1, 15)) == LARGEST_INTEGER
    assert whole_number(Decimal(2, 15)) is None
    assert whole_number(Decimal(1, 10_000)) is None


def test_long_texts_are_affine_too() -> None:
    text = "+".join(["i", "2*j", "3"] * 1_500)
    assert read(text) == Affine(4_500, (("i", 1_500), ("j", 3_000)))


def test_random_affine_texts() -> None:
    source = random.Random(5)

    def text(depth: int) -> str:
        if depth == 0:
            return source.choice(["i", "j", "n", "2", "1", "7"])
        kind = source.randrange(4)
        if kind == 0:
            return f"{source.randrange(4)}*({text(depth - 1)})"
        if kind == 1:
            return f"-({text(depth - 1)})"
        return f"({text(depth - 1)}){source.choice('+-')}({text(depth - 1)})"

    for _ in range(300):
        written = text(4)
        found = read(written)
        assert found is not None
        values = {"i": 3, "j": -5, "n": 11}
        assert found.evaluate(values) == eval(written, {}, values)
