"""Regions looked at from outside, on tapes written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from gdcli.autodiff import regions
from gdcli.autodiff.regions import canonical, free_values, needed_code, renumbered
from gdcli.autodiff.reverse import reverse
from gdcli.autodiff.tape import (
    APPLY,
    INDEX,
    LOAD,
    LOOP,
    SUM,
    Instruction,
    Loop,
    Region,
    Subscript,
)
from gdcli.functions.function import Function


def sine(operand: int, result: int) -> Instruction:
    return Instruction(APPLY, "sin", (operand,), (result,))


def loop(over: Loop, results: tuple[int, ...], body: Region) -> Instruction:
    return Instruction(LOOP, over, (), results, (body,))


ONE_TO_N = Loop((Subscript(1),), (Subscript(0, (("n", 1),)),), (SUM,))


def summing(index: int, inner: int, result: int) -> Instruction:
    """Σ over the index of sin(v0·...): what it takes from outside is v0."""
    body = Region((Instruction(INDEX, None, (), (index,)), sine(0, inner)), (inner,))
    return loop(ONE_TO_N, (result,), body)


def test_free_values_are_those_that_are_used_and_not_made() -> None:
    body = Region((sine(7, 1), sine(1, 2)), (2, 9))
    assert free_values(body) == {7, 9}
    assert free_values(summing(4, 5, 6).regions[0]) == {0}


def test_regions_that_do_the_same_are_canonically_equal() -> None:
    one, other = summing(1, 2, 3).regions[0], summing(11, 12, 13).regions[0]
    assert one != other
    assert canonical(one) == canonical(other)
    different = Region((one.instructions[0], sine(1, 2)), (2,))  # of the index, not of v0
    assert canonical(one) != canonical(different)
    assert canonical(one, {0: 8}) == canonical(Region((one.instructions[0], sine(8, 2)), (2,)))


def test_what_is_not_needed_is_left_out_and_loops_with_it() -> None:
    load = Instruction(LOAD, 0, (), (0,))
    code = (load, sine(0, 1), summing(2, 3, 4), sine(4, 5))
    assert needed_code(code, {5}) == (load, code[2], code[3])
    assert needed_code(code, {1}) == (load, code[1])


def test_values_are_numbered_by_position() -> None:
    numbers: dict[int, int] = {}
    region = renumbered(Region((Instruction(LOAD, 0, (), (30,)), sine(30, 20)), (20,)), numbers)
    assert numbers == {30: 0, 20: 1}
    assert region == Region((Instruction(LOAD, 0, (), (0,)), sine(0, 1)), (1,))


def test_sums_inside_one_another_are_walked_twice_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reverses of k recurrences add to k tables, each open while the next is filled."""
    walks: list[int] = []
    walk = regions._needed

    def counted(*of: Any) -> Any:
        walks.append(1)
        return walk(*of)

    monkeypatch.setattr(regions, "_needed", counted)
    counts = []
    for k in (3, 6):
        parts = [f"u{p}[1] = x[1]; u{p}[t in 2:n] = u{p}[t-1]*x[t];" for p in range(k)]
        text = "".join(parts) + "+".join(f"u{p}[n]" for p in range(k))
        function = Function(text, sizes={"n": 9})
        walks.clear()
        reverse(function.tape)
        counts.append(len(walks))
    assert counts[1] < 2.2 * counts[0]
