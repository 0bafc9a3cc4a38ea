"""Gradients and Hessians of expressions made by machine, against mpmath.

The truth is a central difference at 110 digits with steps of 1e-25 or 1e-30, of a function that
`Reference` reads from the text: no rule of differentiation is shared. A derivative is well
conditioned where errors in the value and in the slope of every step of the function, drawn at
random, move it by at most CONDITION times their size: what a stable method can be held to.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Any, NamedTuple

import mpmath
import pytest

from gdcli.functions.function import Function
from tests.expressions import ARITIES, Errors, Reference, WellPosed
from tests.sweeps import sampled

TOLERANCE = 1e-12
CONDITION = 1000.0
SIZE = 1e-20  # of the rounding errors that measure the condition
VANISHING = 1e-3
NOTHING = 1e-40  # the differences' own error
PRECISE = mpmath.MPContext()
PRECISE.dps = 110


def derivatives(text: str, point: dict[str, float], order: int, draws: int) -> list[list[Any]]:
    """The derivatives of that order as a flat list: the true ones, then some with errors."""
    reference = Reference(text)
    source = random.Random(text)
    results = reference.results(PRECISE, {name: PRECISE.mpf(x) for name, x in point.items()})

    def small() -> float:
        return SIZE * source.uniform(-1, 1)

    found = []
    for draw in range(draws + 1):
        errors = [(small(), small() * result) for result in results] if draw else []
        found.append(_differences(reference, point, order, errors))
    return found


def _differences(
    reference: Reference, point: dict[str, float], order: int, errors: Errors
) -> list[Any]:
    step = PRECISE.mpf(10) ** (-30 if order == 1 else -25)

    def value(moves: Sequence[tuple[str, int]]) -> Any:
        values = {name: PRECISE.mpf(number) for name, number in point.items()}
        for name, direction in moves:
            values[name] += direction * step
        return reference.evaluate(PRECISE, values, errors)

    derivatives = []
    for names in product(point, repeat=order):
        total = PRECISE.mpf(0)
        for signs in product((1, -1), repeat=order):
            sign = signs[0] if order == 1 else signs[0] * signs[1]
            total += sign * value(list(zip(names, signs, strict=True)))
        derivatives.append(total / (2 * step) ** order)
    return derivatives


Derivatives = Callable[[Function, list[float]], list[float]]


class Compared(NamedTuple):
    """How many derivatives were compared, skipped, and in how many expressions."""

    derivatives: int
    skipped: int
    expressions: int


def compare(
    problems: Iterable[tuple[str, dict[str, float]]], order: int, of: Derivatives
) -> Compared:
    """Holds the derivatives of the expressions to the truth, where that can be asked."""
    compared = skipped = expressions = 0
    for text, point in problems:
        function = Function(text)
        point = {name: point[name] for name in function.variables}
        true, *moved = derivatives(text, point, order, draws=3 if order == 1 else 2)
        answers = of(function, list(point.values()))
        assert len(answers) == len(true)
        before = compared
        for place, (answer, truth) in enumerate(zip(answers, true, strict=True)):
            spread = max(abs(one[place] - truth) for one in moved)
            if spread > CONDITION * SIZE * abs(truth) + NOTHING:
                skipped += 1
                continue
            error = abs(answer - truth)
            if (
                order == 2 and abs(truth) < VANISHING
            ):  # terms that cancel exactly, as in hypot(x, x)
                assert error < TOLERANCE, (text, point, place, answer)
                continue
            assert error <= TOLERANCE * abs(truth) + NOTHING, (text, point, place, answer)
            compared += 1
        expressions += compared > before
    return Compared(compared, skipped, expressions)


def gradient(function: Function, point: list[float]) -> list[float]:
    return function.evaluate_gradient(point)[1]


def hessian(function: Function, point: list[float]) -> list[float]:
    return [slope for row in function.evaluate_hessian(point) for slope in row]


@pytest.mark.parametrize("seed", sampled(range(20250, 20260), 1))
def test_gradients_agree_to_twelve_digits(seed: int) -> None:
    writer = WellPosed(seed)
    done = compare((writer.problem(3) for _ in range(115)), 1, gradient)
    assert done.expressions >= 100
    assert done.skipped < 0.05 * done.derivatives
    assert set(writer.used) == {name for names in ARITIES.values() for name in names}


@pytest.mark.parametrize("count", sampled([110, 330], 1))
def test_hessians_agree_to_twelve_digits(count: int) -> None:
    writer = WellPosed(7)
    done = compare((writer.problem(2) for _ in range(count)), 2, hessian)
    assert done.expressions >= 0.6 * count
    assert done.skipped < 0.1 * done.derivatives  # many by the poles of the gamma functions
    assert set(writer.used) == {name for names in ARITIES.values() for name in names}


@pytest.mark.parametrize("seed", sampled(range(11, 17), 1))
def test_values_shared_by_guarded_branches(seed: int) -> None:
    writer = WellPosed(seed)
    problems = [writer.guarded() for _ in range(15)]
    first = compare(problems, 1, gradient)
    assert first.expressions >= 12
    assert first.skipped < 0.15 * first.derivatives
    second = compare(problems[:7], 2, hessian)
    assert second.expressions >= 3


def test_hessians_are_symmetric() -> None:
    writer = WellPosed(3)
    for _ in range(100):
        text, point = writer.problem(3)
        function = Function(text)
        rows = function.evaluate_hessian([point[name] for name in function.variables])
        for i, j in product(range(len(rows)), repeat=2):
            assert rows[i][j] == pytest.approx(rows[j][i], rel=1e-8, abs=1e-10), text
