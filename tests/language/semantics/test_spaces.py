"""How far subscripts reach, and which maxima are over nothing: against running the loops."""

from __future__ import annotations

import random

import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import ExpressionError
from gdcli.language.affine import Affine
from gdcli.language.parser import parse
from gdcli.language.semantics.scopes import IndexRange, Scopes
from gdcli.language.semantics.spaces import IterationSpaces, around, extent


def spaces(text: str, **sizes: int) -> tuple[IterationSpaces, Scopes]:
    scopes = Scopes(parse(text, ARITIES))
    return IterationSpaces(scopes.expression, sizes), scopes


def reached(text: str, **sizes: int) -> list[tuple[int, int] | None]:
    found, scopes = spaces(text, **sizes)
    return [
        found.reached(entry, place)
        for entry in scopes.entries
        for place in range(len(entry.subscripts))
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("sum(x[i] for i in 1:n)", [(1, 5)]),
        ("sum(x[2*i-1] for i in 2:n)", [(3, 9)]),
        ("sum(x[n-i] for i in 0:n)", [(0, 5)]),
        ("sum(x[i+j] for i in 1:n, j in 1:i)", [(2, 10)]),
        ("sum(x[i-j] for i in 1:n, j in 1:i)", [(0, 4)]),
        ("sum(x[j] for i in 1:n, j in max(1,i-2):min(n,i+2))", [(1, 5)]),
        ("sum(W[i,j] for i in 1:n, j in i+1:n)", [(1, 5), (2, 5)]),
        ("sum(x[i] for i in 3:2)", [None]),
        ("x[7]", [(7, 7)]),
        ("sum(x[i] for i in 1:n, j in 1:0)", [(1, 5)]),  # read all the same
    ],
)
def test_reach(text: str, wanted: list[tuple[int, int] | None]) -> None:
    assert reached(text, n=5) == wanted


def test_a_range_counts_where_the_number_depends_on_it() -> None:
    i = IndexRange("i", (Affine(1),), (Affine(0, (("n", 1),)),))
    j = IndexRange("j", (Affine(1),), (Affine(0, (("i", 1),)),))
    k = IndexRange("k", (Affine(1),), (Affine(0, (("j", 1),)),))
    assert around(Affine(0, (("i", 1),)), [i, j, k]) == [i]
    assert around(Affine(0, (("j", 1),)), [i, j, k]) == [i, j]
    assert around(Affine(3), [i, j, k]) == []


def refusal(text: str, lengths: dict[str, tuple[int, ...]], **sizes: int) -> str:
    found, scopes = spaces(text, **sizes)

    def check() -> None:
        for entry in scopes.entries:
            found.check_entry(entry, lengths[entry.array])
        for loop in scopes.loops:
            found.check_nonempty(loop)

    with pytest.raises(ExpressionError) as caught:
        check()
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (
            "sum(x[i+1] for i in 1:n)",
            "x[i+1] reaches x[6], but x has 5 entries\n  sum(x[i+1] for i in 1:n)\n        ^^^",
        ),
        (
            "sum(x[i-1] for i in 1:n)",
            "x[i-1] reaches x[0], but subscripts begin at 1\n"
            "  sum(x[i-1] for i in 1:n)\n        ^^^",
        ),
        ("x[0]", "x[0] is asked for, but subscripts begin at 1\n  x[0]\n    ^"),
        ("x[6]", "x[6] is asked for, but x has 5 entries\n  x[6]\n    ^"),
        (
            "sum(W[j,i+j] for i in 1:2, j in 1:3)",
            "the second subscript of W[j, i+j] reaches 5, but W is 3 by 4\n"
            "  sum(W[j,i+j] for i in 1:2, j in 1:3)\n          ^^^",
        ),
        (
            "sum(max(x[j] for j in 1:i-1) for i in 1:n)",
            "this max is over nothing where i=1: its range is empty there\n"
            "  sum(max(x[j] for j in 1:i-1) for i in 1:n)\n      ^^^^^^^^^^^^^^^^^^^^^^^^",
        ),
        (
            "min(x[i] for i in 2:1)",
            "this min is over nothing: its range is empty\n"
            "  min(x[i] for i in 2:1)\n  ^^^^^^^^^^^^^^^^^^^^^^",
        ),
        (
            "sum(min(x[k] for k in i:j) for i in 1:n, j in 2:n)",
            "this min is over nothing where i=3, j=2: its range is empty there\n"
            "  sum(min(x[k] for k in i:j) for i in 1:n, j in 2:n)\n      ^^^^^^^^^^^^^^^^^^^^^^",
        ),
    ],
)
def test_refusals(text: str, whole: str) -> None:
    assert refusal(text, {"x": (5,), "W": (3, 4)}, n=5) == whole


def test_what_is_never_reached_is_not_refused() -> None:
    found, scopes = spaces("sum(max(x[j+9] for j in 1:i-1) for i in 1:n)", n=0)
    found.check_nonempty(next(loop for loop in scopes.loops if loop.around))
    found.check_entry(scopes.entries[0], (3,))


def test_maxima_of_nothing_are_those_that_running_the_loops_meets() -> None:
    source = random.Random(3)
    ends = ("1", "2", "n", "i", "i-1", "n-i", "i+1")
    empty = 0
    for _ in range(300):
        low, high = source.choice(ends), source.choice(ends)
        n = source.randint(1, 4)
        text = f"sum(max(j for j in {low}:{high}) for i in 1:n)"
        values = [eval(f"range({low}, {high} + 1)", {"i": i, "n": n}) for i in range(1, n + 1)]
        found, scopes = spaces(text, n=n)
        inner = next(loop for loop in scopes.loops if loop.around)
        if all(values):
            found.check_nonempty(inner)
        else:
            empty += 1
            first = next(i for i, value in enumerate(values, 1) if not value)
            with pytest.raises(ExpressionError, match=f"over nothing(: |.* where i={first}: )"):
                found.check_nonempty(inner)
    assert 50 < empty < 250


def test_lengths_in_words() -> None:
    assert extent("x", [1]) == "x has 1 entry"
    assert extent("x", [0]) == "x has 0 entries"
    assert extent("W", [2, 3]) == "W is 2 by 3"


def test_ranges_too_involved_to_check_are_refused() -> None:
    ranges = ["i0 in 1:n"]
    for place in range(1, 16):
        lows = ",".join(f"i{j}-2*i{max(j - 1, 0)}" for j in range(place))
        highs = ",".join(f"2*i{j}+1" for j in range(place))
        ranges.append(f"i{place} in max(1,{lows}):min(n,{highs})")
    message = refusal(f"sum(x[i15] for {', '.join(ranges)})", {"x": (9,)}, n=9)
    assert message.startswith("the ranges here depend on one another in too many ways")
