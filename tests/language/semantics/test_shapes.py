"""Sizes and lengths, solved by hand; subscripts that fit, against running the loops."""

from __future__ import annotations

import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import GdcliError
from gdcli.language.affine import Affine
from gdcli.language.parser import parse
from gdcli.language.semantics.scopes import IndexRange, Scopes
from gdcli.language.semantics.shapes import greatest, solve

Lengths = dict[str, tuple[int, ...]]


def shapes(
    text: str, data: Lengths, sizes: dict[str, int]
) -> tuple[dict[str, str], dict[str, int]]:
    """The lengths as `n by 3`, and the sizes."""
    expression = parse(text, ARITIES)
    header = expression.header
    declared = dict(zip(header.variables, header.shapes, strict=True)) if header else {}
    known = {name: shape for name, shape in declared.items() if shape is not None}
    found = solve(Scopes(expression), known, data, sizes)
    for shape in found.arrays.values():
        assert tuple(length.evaluate(found.sizes) for length in shape.symbolic) == shape.lengths
    return {
        name: " by ".join(map(str, s.symbolic)) for name, s in found.arrays.items()
    }, found.sizes


@pytest.mark.parametrize(
    ("text", "data", "sizes", "lengths", "solved"),
    [
        ("sum(x[i] for i in 1:n)", {}, {"n": 4}, {"x": "n"}, {"n": 4}),
        ("sum(x[i+1] - x[i] for i in 1:n-1)", {}, {"n": 10**9}, {"x": "n"}, {"n": 10**9}),
        ("sum(x[i] for i in 1:n)", {"x": (7,)}, {}, {"x": "n"}, {"n": 7}),
        ("sum(x[2*i] for i in 1:n)", {"x": (8,)}, {}, {"x": "2*n"}, {"n": 4}),
        (
            "sum(A[i,j]*x[j] for i in 1:m, j in 1:n)",
            {"A": (3, 5)},
            {},
            {"A": "m by n", "x": "n"},
            {"m": 3, "n": 5},
        ),
        (
            "sum(t[i]*x[j] for i in 1:n, j in i:n+2)",
            {"t": (3,)},
            {},
            {"t": "n", "x": "n+2"},
            {"n": 3},
        ),
        ("f(x[10]) = sum(x[i] for i in 1:n)", {}, {}, {"x": "10"}, {"n": 10}),
        ("f(x[n+1]) = sum(x[i] for i in 1:n)", {}, {"n": 3}, {"x": "n+1"}, {"n": 3}),
        ("f(x[n+1]) = dot(x, a)", {"a": (5,)}, {}, {"x": "n+1", "a": "a.1"}, {"n": 4, "a.1": 5}),
        ("dot(x, a)", {"a": (5,)}, {}, {"x": "x.1", "a": "a.1"}, {"x.1": 5, "a.1": 5}),
        ("dot(x, a) + x[3]", {}, {}, {"x": "3", "a": "a.1"}, {"a.1": 3}),
        ("dot(x, y) + dot(y, z) + norm(z) + x[4]", {}, {}, {"x": "4", "y": "y.1", "z": "z.1"},
         {"y.1": 4, "z.1": 4}),
        ("x[1] + x[7]*x[3]", {}, {}, {"x": "7"}, {}),
        ("sum(x[i] for i in 1:n) + sum(x[i] for i in 1:m)", {}, {"n": 2, "m": 5}, {"x": "x.1"},
         {"n": 2, "m": 5, "x.1": 5}),
        ("sum(x[i] for i in 1:n)", {"x": (7,)}, {"n": 5}, {"x": "x.1"}, {"n": 5, "x.1": 7}),
        ("sum(x[i] for i in 1:min(n,m))", {}, {"n": 2, "m": 5}, {"x": "x.1"},
         {"n": 2, "m": 5, "x.1": 2}),
        ("sum(W[i,j] for i in 1:n, j in i+1:n)", {}, {"n": 4}, {"W": "n by n"}, {"n": 4}),
        ("sum(i for i in 1:n)", {}, {"n": 0}, {}, {"n": 0}),
        ("f(x[n]) = 2", {}, {"n": 3}, {"x": "n"}, {"n": 3}),
        ("f(x[n]) = sum(x[i] for i in 1:n)", {}, {"n": 0}, {"x": "n"}, {"n": 0}),
    ],
)  # fmt: skip
def test_lengths_and_sizes(
    text: str, data: Lengths, sizes: dict[str, int], lengths: dict[str, str], solved: dict[str, int]
) -> None:
    assert shapes(text, data, sizes) == (lengths, solved)


@pytest.mark.parametrize(
    ("text", "data", "whole"),
    [
        ("sum(x[i] for i in 1:n)", {}, 'how large is n? Give sizes={"n": 100}'),
        (
            "sum(x[i]*y[j] for i in 1:n, j in 1:m)",
            {},
            'how large are m, n? Give sizes={"m": 100, "n": 100}',
        ),
        (
            "x[i]",
            {},
            "`i` is no index here: write `for i in 1:n` in a sum, "
            'or give it as a size: sizes={"i": 1}\n  x[i]\n    ^',
        ),
        (
            "sum(t[i]*y[i] for i in 1:n)",
            {"t": (100,), "y": (99,)},
            'n is 100, as t has 100 entries, and 99, as y has 99 entries; give sizes={"n": ...}\n'
            "  sum(t[i]*y[i] for i in 1:n)\n           ^^^^",
        ),
        (
            "sum(x[2*i] for i in 1:n)",
            {"x": (7,)},
            'x has 7 entries, which no n fits; give sizes={"n": ...}\n'
            "  sum(x[2*i] for i in 1:n)\n      ^^^^^^",
        ),
        (
            "sum(x[i] for i in 1:3) + W[1,2]*W[3]",
            {},
            "`W` takes 2 subscripts, not 1\n"
            "  sum(x[i] for i in 1:3) + W[1,2]*W[3]\n                                  ^^^^",
        ),
        (
            "sum(x[i] for i in 1:n)",
            {"x": (3, 2)},
            "`x` takes 2 subscripts, not 1\n  sum(x[i] for i in 1:n)\n      ^^^^",
        ),
        (
            "norm(x)",
            {},
            "how many entries has x? Declare it: `f(x[n]) = ...`\n  norm(x)\n  ^^^^^^^",
        ),
        (
            "dot(x, y) + x[9] + y[3]",
            {},
            "x has 9 entries, and y has 3 entries\n  dot(x, y) + x[9] + y[3]\n  ^^^^^^^^^",
        ),
        (
            "x[2000000000]",
            {},
            "x would have 2,000,000,000 entries; all variables together have at most "
            "1,000,000,000\n  x[2000000000]\n  ^^^^^^^^^^^^^",
        ),
        (
            "W[100000,100000]",
            {},
            "W would have 10,000,000,000 entries; all variables together have at most "
            "1,000,000,000\n  W[100000,100000]\n  ^^^^^^^^^^^^^^^^",
        ),
        (
            "x[600000000]*y[600000000]",
            {},
            "y would have 600,000,000 entries; all variables together have at most "
            "1,000,000,000\n  x[600000000]*y[600000000]\n               ^^^^^^^^^^^^",
        ),
        (
            "f(x[10]) = sum(x[i+1] for i in 1:10)",
            {},
            "x[i+1] reaches x[11], but x has 10 entries\n"
            "  f(x[10]) = sum(x[i+1] for i in 1:10)\n                   ^^^",
        ),
    ],
)
def test_refusals(text: str, data: Lengths, whole: str) -> None:
    with pytest.raises(GdcliError) as caught:
        shapes(text, data, {})
    assert str(caught.value) == whole


def test_the_issues_example() -> None:
    text = "f(x[n]) = sum((x[i+1] - x[i])^2 for i in 1:n)"
    with pytest.raises(GdcliError, match=r"^x\[i\+1\] reaches x\[101\], but x has 100 entries\n"):
        shapes(text, {}, {"n": 100})


@pytest.mark.parametrize(
    ("text", "sizes", "lengths", "solved"),
    [
        ("sum(x[i] for i in 3:2)", {}, {"x": "x.1"}, {"x.1": 0}),
        ("sum(x[i] for i in 1:n)", {"n": 0}, {"x": "n"}, {"n": 0}),
        ("sum(x[i+1]*x[i] for i in 1:n-1)", {"n": 1}, {"x": "x.1"}, {"n": 1, "x.1": 0}),
        ("sum(x[i+1]*x[i] for i in 1:n-1) + x[2]", {"n": 1}, {"x": "x.1"}, {"n": 1, "x.1": 2}),
        ("sum(W[i,j] for i in 1:n, j in 1:3)", {"n": 0}, {"W": "n by 3"}, {"n": 0}),
        (
            "dot(x, a) + sum(x[i] for i in 1:n)",
            {"n": 0},
            {"x": "n", "a": "a.1"},
            {"n": 0, "a.1": 0},
        ),
    ],
)
def test_where_loops_run_over_nothing_a_length_is_0(
    text: str, sizes: dict[str, int], lengths: dict[str, str], solved: dict[str, int]
) -> None:
    assert shapes(text, {}, sizes) == (lengths, solved)


def test_lengths_below_nothing() -> None:
    with pytest.raises(GdcliError, match=r"^x would have -1 entries"):
        shapes("f(x[n-1]) = 2", {}, {"n": 0})


def test_the_largest_value_over_sizes() -> None:
    n, m = Affine(0, (("n", 1),)), Affine(0, (("m", 1),))
    i, j = Affine(0, (("i", 1),)), Affine(0, (("j", 1),))
    outer = IndexRange("i", (Affine(1),), (n,))
    assert greatest(i.scaled(2) - Affine(1), [outer]) == n.scaled(2) - Affine(1)
    assert greatest(n - i, [outer]) == n - Affine(1)
    banded = IndexRange("j", (Affine(1), i - Affine(2)), (n, i + Affine(2)))
    assert greatest(j, [outer, banded]) == n
    assert greatest(j, [outer, IndexRange("j", (Affine(1),), (n, m))]) is None


def test_thousands_of_entries() -> None:
    text = "+".join(f"x[{place}]" for place in range(1, 3_000))
    assert shapes(text, {}, {})[0] == {"x": "2999"}
    many = "+".join(f"x[n{place}]" for place in range(1, 1_500))
    sizes = {f"n{place}": place for place in range(1, 1_500)}
    assert shapes(many, {}, sizes)[1]["x.1"] == 1499
