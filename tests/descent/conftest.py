"""Objectives written by hand, so that descent is tested without the rest of the program."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

Vector = list[float]


class ByHand:
    """A function from its formulas; it counts the calls that are made to it."""

    def __init__(
        self,
        value: Callable[[Vector], float],
        gradient: Callable[[Vector], Vector],
        hessian: Callable[[Vector], list[Vector]] = lambda x: [[0.0] * len(x) for _ in x],
        variables: Sequence[str] = ("x",),
        rounding: float = 0.0,
        kinks: Sequence[str] = (),
    ) -> None:
        self.value, self.slope, self.curvature = value, gradient, hessian
        self.variables = self.components = tuple(variables)
        self.rounding, self.named = rounding, list(kinks)
        self.value_calls = self.gradient_calls = 0

    def evaluate(self, point: Vector) -> float:
        self.value_calls += 1
        return self.value(point)

    def evaluate_gradient(self, point: Vector) -> tuple[float, Vector]:
        self.gradient_calls += 1
        return self.value(point), self.slope(point)

    def evaluate_hessian(self, point: Vector) -> list[Vector]:
        return self.curvature(point)

    def evaluate_hessian_product(self, point: Vector, direction: Vector) -> Vector:
        rows = self.curvature(point)
        return [sum(h * d for h, d in zip(row, direction, strict=True)) for row in rows]

    def rounding_error(self, point: Vector) -> float:
        return self.rounding if point else 0.0

    def failure(self, point: Vector) -> str | None:
        return f"by hand at {point}"

    def kinks(self, point: Vector, tolerance: float) -> list[str]:
        return self.named if point and tolerance >= 0.0 else []


@pytest.fixture
def by_hand() -> type[ByHand]:
    return ByHand


@pytest.fixture
def parabola() -> ByHand:
    """x², with L = 2 and so 2/L = 1."""
    return ByHand(lambda p: p[0] * p[0], lambda p: [2.0 * p[0]], lambda _: [[2.0]])


@pytest.fixture
def line() -> ByHand:
    """x, which has no lowest value."""
    return ByHand(lambda p: p[0], lambda _: [1.0])
