"""Methods with memory at kinks: every one that adapts its steps ends at minima of maxima.

The oracle is how the functions are made: convex pieces that tie at x*, whose slopes there have 0
in their hull, so that x* is the minimum and f is 0 there.
"""

from __future__ import annotations

import random
from itertools import product

import pytest

import gdcli
from tests.sweeps import sampled

METHODS = ("steepest", "bfgs", "lbfgs", "newton", "trust-region", "nesterov")
NAMES = "xyzw"
SIMPLE = ("abs(x) + y^2", "abs(x) + abs(y)", "max(abs(x), 2*abs(y-1))")


def maximum_of_quadratics(seed: int) -> tuple[str, list[float]]:
    draw = random.Random(seed)
    n = draw.choice([2, 3, 4])
    least = [draw.choice([-1.5, -0.5, 0.0, 0.25, 1.0]) for _ in range(n)]
    slopes = [[draw.uniform(-2.0, 2.0) for _ in range(n)] for _ in range(draw.choice([1, 2, n]))]
    slopes.append([-sum(column) for column in zip(*slopes, strict=True)])
    pieces = []
    for slope in slopes:
        curvature = [draw.uniform(0.3, 4.0) for _ in range(n)]
        terms = (
            f"{c:.3f}*({name}-({x}))^2 + ({g!r})*({name}-({x}))"
            for c, g, x, name in zip(curvature, slope, least, NAMES, strict=False)
        )
        pieces.append(" + ".join(terms))
    return f"max({', '.join(pieces)})", [x + draw.uniform(-3.0, 3.0) for x in least]


@pytest.mark.parametrize(("method", "seed"), sampled(product(METHODS, range(40)), 3))
def test_the_minimum_of_a_maximum_is_found(method: str, seed: int) -> None:
    text, start = maximum_of_quadratics(seed)
    result = gdcli.minimize(text, start, method=method)
    assert result.f == pytest.approx(0.0, abs=1e-6), (text, start, result.message)
    assert result.exit_status == 0, result.message


@pytest.mark.parametrize(("method", "text"), sampled(product(METHODS, SIMPLE), 6))
def test_simple_kinks_are_minima(method: str, text: str) -> None:
    result = gdcli.minimize(text, [1.0, 0.7], method=method)
    assert result.exit_status == 0, result.message
    assert result.f == pytest.approx(0.0, abs=1e-12)


def test_newton_hands_over_to_bfgs_at_kinks() -> None:
    result = gdcli.minimize("abs(x - y) + (x + y)^2", [2.0, 1.0], method="newton")
    assert result.method == "newton"
    assert result.method_used == "bfgs"


def test_a_smooth_function_is_never_handed_over() -> None:
    result = gdcli.minimize("rosenbrock", method="newton")
    assert result.method_used == "newton"


@pytest.mark.parametrize("method", sampled(METHODS, 1))
def test_a_valley_with_steep_walls_does_not_pass_for_machine_precision(method: str) -> None:
    """At 100*sqrt(abs(u)) the bound of f's rounding is large on the floor of the valley alone."""
    result = gdcli.minimize("bukin-6", method=method, max_evaluations=3000)
    assert result.exit_status != 0 or result.f < 1e-6, result.message
