"""How tests compare a function of the library with the one of the literature, written in mpmath."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from gdcli.functions.function import Function
from tests.more_garbow_hillstrom import mp

Formula = Callable[[Sequence[Any]], Any]


def agrees(value: float, text: str) -> bool:
    """Whether `value` has the digits of `text`, rounded or cut off."""
    digits, _, exponent = text.partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(digits.partition(".")[2]))
    return abs(value - float(text)) <= (unit if float(text) else 0.0)


def close(value: float, exact: Any, relative: float, absolute: float) -> bool:
    return bool(abs(value - exact) <= relative * abs(exact) + absolute)


def gradient(formula: Formula, point: Sequence[float]) -> list[Any]:
    """By central differences at 50 digits, good to 20."""
    slopes = []
    for k in range(len(point)):
        step = mp.mpf(10) ** -15 * max(1, abs(point[k]))
        sides = []
        for sign in (1, -1):
            moved = list(map(mp.mpf, point))
            moved[k] += sign * step
            sides.append(formula(moved))
        slopes.append((sides[0] - sides[1]) / (2 * step))
    return slopes


def points(start: Sequence[float], count: int = 2) -> list[list[float]]:
    """The start and seeded random points about it."""
    seeded = random.Random(len(start))
    about = [
        [a + 0.1 * max(0.1, abs(a)) * seeded.uniform(-1, 1) for a in start] for _ in range(count)
    ]
    return [list(map(float, start)), *about]


def check(function: Function, formula: Formula, start: Sequence[float]) -> None:
    """That f and its gradient are those of `formula` at the start and about it."""
    for point in points(start):
        value, found = function.evaluate_gradient(point)
        exact = gradient(formula, point)
        noise = function.rounding_error(point)
        assert close(value, formula(list(map(mp.mpf, point))), 1e-13, 4 * noise)
        largest = max(map(abs, exact))
        for slope, wanted in zip(found, exact, strict=True):
            assert close(slope, wanted, 1e-11, 1e-12 * largest)
