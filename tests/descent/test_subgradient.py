from __future__ import annotations

import math
from typing import Any

import pytest

from gdcli.descent.objective import Counted, Evaluation
from gdcli.descent.subgradient import at_kink, sample_count
from gdcli.descent.vectors import Vector, largest


def sign(x: float) -> float:
    return 0.0 if x == 0.0 else math.copysign(1.0, x)


def evaluation(objective: Any, x: Vector) -> Evaluation:
    f, gradient = objective.evaluate_gradient(x)
    return Evaluation(x, f, gradient, largest(gradient))


def test_a_kink_is_stationary_where_the_gradients_around_it_cancel(by_hand: Any) -> None:
    absolute = by_hand(lambda p: abs(p[0]), lambda p: [sign(p[0])])
    for x in (0.0, 1e-12, -3e-10):
        resolved = at_kink(Counted(absolute, 1000), evaluation(absolute, [x]), move=True)
        assert resolved == Evaluation([0.0], 0.0, [0.0], 0.0)


def test_a_kink_that_is_not_stationary_gives_a_way_down(by_hand: Any) -> None:
    # |x| + 0.3y at x = 0: all gradients around are (±1, 0.3)
    valley = by_hand(
        lambda p: abs(p[0]) + 0.3 * p[1], lambda p: [sign(p[0]), 0.3], variables=("x", "y")
    )
    resolved = at_kink(Counted(valley, 1000), evaluation(valley, [1e-13, 0.123456789]), move=True)
    assert resolved is not None
    assert resolved.x == [0.0, 0.123456789]
    assert resolved.gradient == pytest.approx([0.0, 0.3], abs=1e-12)


def test_a_point_is_moved_only_where_it_may_and_where_f_is_not_higher(by_hand: Any) -> None:
    beside = by_hand(lambda p: abs(p[0] - 2e-13), lambda p: [sign(p[0] - 2e-13)])
    here = evaluation(beside, [2.5e-13])
    resolved = at_kink(Counted(beside, 1000), here, move=True)
    assert resolved is not None
    assert resolved.x == [2.5e-13]
    absolute = by_hand(lambda p: abs(p[0]), lambda p: [sign(p[0])])
    here = evaluation(absolute, [2.5e-13])
    resolved = at_kink(Counted(absolute, 1000), here, move=False)
    assert resolved is not None
    assert resolved.x == [2.5e-13]


def test_a_smooth_point_is_no_kink_however_small_its_gradient(parabola: Any) -> None:
    for x in (0.0, 1e-9, 0.3):
        assert at_kink(Counted(parabola, 1000), evaluation(parabola, [x]), move=True) is None


def test_an_undefined_gradient_is_resolved_from_around(by_hand: Any) -> None:
    cone = by_hand(
        lambda p: math.hypot(*p),
        lambda p: [c / math.hypot(*p) if any(p) else math.nan for c in p],
        variables=("x", "y"),
    )
    resolved = at_kink(Counted(cone, 1000), evaluation(cone, [0.0, 0.0]), move=False)
    assert resolved == Evaluation([0.0, 0.0], 0.0, [0.0, 0.0], 0.0)


def test_the_edge_of_a_domain_is_no_kink(by_hand: Any) -> None:
    def logarithm(p: Vector) -> float:
        return math.log(p[0]) if p[0] > 0.0 else math.nan

    edge = by_hand(logarithm, lambda p: [1.0 / p[0]])
    assert at_kink(Counted(edge, 1000), evaluation(edge, [1e-12]), move=True) is None


def test_a_pole_or_a_jump_is_no_kink(by_hand: Any) -> None:
    pole = by_hand(
        lambda p: 1.0 / p[0] ** 2, lambda p: [-2.0 / p[0] ** 3 if abs(p[0]) > 1e-99 else math.inf]
    )
    assert at_kink(Counted(pole, 1000), evaluation(pole, [1e-150]), move=False) is None
    jump = by_hand(lambda p: p[0] + (p[0] > 0.5), lambda p: [1.0 + 1e-3 * (p[0] > 0.5)])
    assert at_kink(Counted(jump, 1000), evaluation(jump, [0.5]), move=True) is None


def test_the_samples_are_counted_and_repeat(by_hand: Any) -> None:
    plane = by_hand(
        lambda p: abs(p[0]) + abs(p[1]), lambda p: [sign(p[0]), sign(p[1])], variables=("x", "y")
    )
    here = evaluation(plane, [0.0, 0.7654321])
    runs = [Counted(plane, 1000) for _ in range(2)]
    first, second = (at_kink(counted, here, move=False) for counted in runs)
    assert first == second
    assert runs[0].evaluations[:2] == (2 * sample_count(2), 2 * sample_count(2))
