"""Where indices have a value, and what is refused as a subscript or the end of a range."""

from __future__ import annotations

import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import ExpressionError
from gdcli.language.parser import parse
from gdcli.language.semantics.scopes import MAXIMUM_NESTED_LOOPS, Scopes


def scopes(text: str) -> Scopes:
    return Scopes(parse(text, ARITIES))


def test_entries_with_the_ranges_around_them() -> None:
    found = scopes("sum(x[i]*sum(W[i,j-1] for j in max(1,i-2):min(n,m)) for i in 1:n) + y[3]")
    shown = [
        (
            entry.array,
            [str(subscript) for subscript in entry.subscripts],
            [
                (over.name, list(map(str, over.lows)), list(map(str, over.highs)))
                for over in entry.ranges
            ],
        )
        for entry in found.entries
    ]
    i, j = ("i", ["1"], ["n"]), ("j", ["1", "i-2"], ["n", "m"])
    assert shown == [("x", ["i"], [i]), ("W", ["i", "j-1"], [i, j]), ("y", ["3"], [])]
    assert set(found.sizes) == found.ends == {"n", "m"}
    assert set(found.indices) == {"i", "j"}
    assert set(found.arrays) == {"x", "W", "y"}
    assert [len(loop.around) for loop in found.loops] == [0, 1]


def test_names_as_numbers_and_whole_vectors() -> None:
    found = scopes("a*sum(i*n*x[i] for i in 1:n) + dot(u, v) + x[k] + norm(w)")
    assert set(found.numbers) == {"a", "n"}
    assert set(found.sizes) == {"n", "k"}
    assert found.ends == {"n"}
    assert [names for _, names in found.vector_calls] == [("u", "v"), ("w",)]
    assert set(found.arrays) == {"x", "u", "v", "w"}


def test_the_same_index_may_be_used_in_loops_side_by_side() -> None:
    found = scopes("sum(x[i] for i in 1:3) + sum(y[i] for i in 1:4)")
    assert [entry.ranges[0].highs[0].constant for entry in found.entries] == [3, 4]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "x[1.5]",
            "`1.5` is no subscript: it is made of indices, sizes and whole numbers, "
            "as in x[2*i+1], x[n-i], x[1]\n  x[1.5]\n    ^^^",
        ),
        (
            "sum(x[i^2] for i in 1:3)",
            "`i^2` is no subscript: it is made of indices, sizes and whole numbers, "
            "as in x[2*i+1], x[n-i], x[1]\n  sum(x[i^2] for i in 1:3)\n        ^^^",
        ),
        (
            "sum(x[i] for i in 1:n/2)",
            "no range ends at `n/2`: its ends are made of indices, sizes and whole numbers, as in "
            "1:n-1, i+1:n, max(1,i-2):min(n,i+2)\n"
            "  sum(x[i] for i in 1:n/2)\n                      ^^^",
        ),
        (
            "sum(x[i] for i in min(1,n):n)",
            "no range begins at `min(1, n)`: its ends are made of indices, sizes and whole "
            "numbers, as in 1:n-1, i+1:n, max(1,i-2):min(n,i+2)\n"
            "  sum(x[i] for i in min(1,n):n)\n                    ^^^^^^^^",
        ),
        (
            "sum(x[i] for i in 1:3) + i",
            "`i` is a loop's index; it has no value outside the loop\n"
            "  sum(x[i] for i in 1:3) + i\n                           ^",
        ),
        (
            "x[i] + sum(i for i in 1:3)",
            "`i` is a loop's index; it has no value outside the loop\n"
            "  x[i] + sum(i for i in 1:3)\n    ^",
        ),
        (
            "sum(j for i in j:3, j in 1:3)",
            "`j` is a loop's index; it has no value outside the loop\n"
            "  sum(j for i in j:3, j in 1:3)\n                 ^",
        ),
        (
            "sum(j for i in i:3, j in 1:i)",
            "`i` is a loop's index; it has no value outside the loop\n"
            "  sum(j for i in i:3, j in 1:i)\n                 ^",
        ),
        (
            "r = x[i]; sum(r for i in 1:3)",
            "`i` is a loop's index; it has no value outside the loop\n"
            "  r = x[i]; sum(r for i in 1:3)\n        ^",
        ),
        (
            "sum(sum(i for i in 1:3) for i in 1:3)",
            "`i` is already the index of this range or of one around it; choose another name\n"
            "  sum(sum(i for i in 1:3) for i in 1:3)\n                ^",
        ),
        (
            "sum(i for i in 1:3, i in 1:3)",
            "`i` is already the index of this range or of one around it; choose another name\n"
            "  sum(i for i in 1:3, i in 1:3)\n                      ^",
        ),
    ],
)
def test_refusals(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        scopes(text)
    assert str(caught.value) == message


def test_as_many_loops_as_can_stand_inside_one_another() -> None:
    ranges = [f"i{place} in 1:2" for place in range(MAXIMUM_NESTED_LOOPS + 1)]
    scopes(f"sum(1 for {', '.join(ranges[1:])})")
    with pytest.raises(ExpressionError, match=r"^more than 16 loops stand inside one another"):
        scopes(f"sum(1 for {', '.join(ranges)})")
