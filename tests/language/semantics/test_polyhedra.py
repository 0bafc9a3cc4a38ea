"""Extremes of affine numbers over spaces of indices, against running the loops."""

from __future__ import annotations

import random

import pytest

from gdcli.language.affine import Affine
from gdcli.language.semantics.polyhedra import TooManyInequalities, extremes, remaining

Range = tuple[str, list[Affine], list[Affine]]


def inequalities(ranges: list[Range]) -> list[Affine]:
    found = []
    for name, lows, highs in ranges:
        index = Affine(0, ((name, 1),))
        found += [index - low for low in lows] + [high - index for high in highs]
    return found


def run(ranges: list[Range], values: dict[str, int]) -> list[dict[str, int]]:
    """All values that the indices take, one loop inside another."""
    if not ranges:
        return [values]
    (name, lows, highs), *rest = ranges
    low = max(end.evaluate(values) for end in lows)
    high = min(end.evaluate(values) for end in highs)
    return [point for value in range(low, high + 1) for point in run(rest, {**values, name: value})]


def number(source: random.Random, names: list[str], factors: tuple[int, ...]) -> Affine:
    found = Affine(source.randint(-3, 6))
    for name in names:
        found += Affine(0, ((name, 1),)).scaled(source.choice(factors))
    return found


def space(source: random.Random) -> list[Range]:
    ranges: list[Range] = []
    for name in ["i", "j", "k"][: source.randint(1, 3)]:
        names = [outer for outer, _, _ in ranges]
        lows = [number(source, names, (0, 0, 1, -1)) for _ in range(source.randint(1, 2))]
        highs = [number(source, names, (0, 0, 1, -1)) for _ in range(source.randint(1, 2))]
        ranges.append((name, lows, highs))
    return ranges


def test_extremes_are_those_of_the_loops() -> None:
    source = random.Random(11)
    empty = 0
    for _ in range(1500):
        ranges = space(source)
        names = [name for name, _, _ in ranges]
        wanted = number(source, names, (0, 1, 1, -1, 2))
        values = [wanted.evaluate(point) for point in run(ranges, {})]
        found = extremes(wanted, names, inequalities(ranges))
        if not values:
            empty += 1
            assert found is None
        else:
            assert found is not None
            assert found[0] <= min(values)
            assert found[1] >= max(values)
            assert found == (min(values), max(values)), (ranges, wanted)
    assert 100 < empty < 1200


def test_the_cost_does_not_depend_on_how_far_indices_run() -> None:
    far = Affine(10**15)
    index, other = Affine(0, (("i", 1),)), Affine(0, (("j", 1),))
    ranges = [("i", [Affine(1)], [far]), ("j", [index], [index + Affine(2), far])]
    assert extremes(index + other, ["i", "j"], inequalities(ranges)) == (2, 2 * 10**15)


def test_constants_are_tightened_to_whole_numbers() -> None:
    index = Affine(0, (("i", 1),))
    halves = [index.scaled(2) - Affine(3), Affine(7) - index.scaled(2)]  # 1.5 <= i <= 3.5
    assert extremes(index, ["i"], halves) == (2, 3)
    between = [index.scaled(2) - Affine(3), Affine(3) - index.scaled(2)]  # i = 1.5
    assert extremes(index, ["i"], between) is None


def test_what_remains_is_when_the_inner_range_is_not_empty() -> None:
    i, j = Affine(0, (("i", 1),)), Affine(0, (("j", 1),))
    found = remaining(["j"], [j - Affine(1), i - Affine(3) - j])  # j in 1:i-3
    assert found == {(("i", 1),): -4}  # i >= 4
    assert remaining(["j"], [j - Affine(1), Affine(0) - j]) is None
    assert remaining([], []) == {}


def test_too_many_inequalities_are_not_attempted() -> None:
    names = [f"i{place}" for place in range(16)]
    system = []
    for place, name in enumerate(names):
        index = Affine(0, ((name, 1),))
        system += [index - Affine(1), Affine(10**6) - index]
        for before in range(1, place):
            outer, outermost = (Affine(0, ((names[before - back], 1),)) for back in (0, 1))
            system += [
                index - outer + outermost.scaled(2),
                outer.scaled(2) + Affine(before) - index,
            ]
    with pytest.raises(TooManyInequalities):
        extremes(Affine(0, (("i15", 1),)), names, system)
