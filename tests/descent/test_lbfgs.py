"""L-BFGS: its direction against BFGS's formula, and its runs."""

import random
from typing import Any

import numpy
import pytest

import gdcli
from gdcli.descent.methods.lbfgs import (
    MOST_PAIRS,
    MOST_WRITTEN_VARIABLES,
    PAIRS_PER_VARIABLE,
    no_pairs,
)


def dense(pairs: list[tuple[Any, Any]]) -> Any:
    """H by BFGS's formula, (I - ρsyᵀ) H (I - ρysᵀ) + ρssᵀ, from γI on."""
    s, y = pairs[-1]
    n = len(s)
    found = (s @ y) / (y @ y) * numpy.eye(n)
    for s, y in pairs:
        rho = 1.0 / (s @ y)
        left = numpy.eye(n) - rho * numpy.outer(s, y)
        found = left @ found @ left.T + rho * numpy.outer(s, s)
    return found


@pytest.mark.parametrize("n", [1, 2, 5, MOST_WRITTEN_VARIABLES, MOST_WRITTEN_VARIABLES + 1, 40])
@pytest.mark.parametrize("bound", [False, True])
def test_the_direction_is_that_of_the_dense_formula(n: int, bound: bool) -> None:
    """The gradients are those of a quadratic; which variables are free changes now and then."""
    chance = random.Random(n)
    root = numpy.array([[chance.gauss(0.0, 1.0) for _ in range(n)] for _ in range(n)])
    hessian = root @ root.T + numpy.eye(n)
    x = numpy.array([chance.gauss(0.0, 1.0) for _ in range(n)])
    memory = no_pairs(n)
    seen: list[Any] = []
    free = None
    for k in range(MOST_PAIRS + 7):
        g = hessian @ x
        if bound and k % 5 == 4:
            free = sorted(chance.sample(range(n), max(1, n - k % 3))) if k % 10 == 4 else None
        direction = memory.direction(g.tolist(), free)
        if seen:
            rows = numpy.arange(n) if free is None else numpy.array(free)
            kept = [(s[rows], y[rows]) for s, y in seen if s[rows] @ y[rows] > 0.0]
            assert (direction is None) == (not kept)
        if seen and kept:
            expected = -g
            expected[rows] = -dense(kept) @ g[rows]
            scale = abs(expected).max()
            assert abs(numpy.array(direction) - expected).max() <= 1e-7 * scale
        s = numpy.array([chance.gauss(0.0, 1.0) for _ in range(n)])
        y = hessian @ (x + s) - g
        memory = memory.after(s.tolist(), y.tolist(), free)
        seen = [*seen, (s, y)][
            -min(MOST_PAIRS, PAIRS_PER_VARIABLE * n if n <= MOST_WRITTEN_VARIABLES else 99) :
        ]
        x = x + s


def test_a_quadratic_ends_in_few_steps_of_any_scale() -> None:
    for scale in ("1e-20", "1", "1e20"):
        result = gdcli.minimize(f"{scale}*(x^2 + 1e6*(y-1)^2 + x*z + z^2)", method="lbfgs")
        assert result.status == "converged"
        assert result.evaluations.value <= 20


def test_a_step_that_bends_down_is_not_remembered() -> None:
    result = gdcli.minimize("x^4 - 2*x^2 + cos(3*y)", [0.1, 0.3], method="lbfgs")
    assert result.status == "converged"
    assert result.classification == "minimum"
