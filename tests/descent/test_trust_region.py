"""Trust regions: the model's constrained minimizer by its conditions, and runs of both kinds."""

from __future__ import annotations

from collections.abc import Generator
from math import hypot, inf
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gdcli.descent.box import Box
from gdcli.descent.loop import Descent
from gdcli.descent.methods import DESCENT_METHODS
from gdcli.descent.methods.trust_region import (
    RADIUS_TOLERANCE,
    ExactModel,
    ProductModel,
    TrustRegion,
    constrained_minimizer,
)
from gdcli.descent.minimize import run_descent
from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import Demands, Traits
from gdcli.descent.search import AlphaRule
from gdcli.descent.stopping import Limits
from gdcli.errors import UsageError
from gdcli.functions.function import Function

CHAIN = "sum(100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2 for i in 1:n-1)"


def model_value(curvatures: list[float], slopes: list[float], z: list[float]) -> float:
    terms = zip(curvatures, slopes, z, strict=True)
    return sum(c * s + 0.5 * v * s * s for v, c, s in terms)


@pytest.mark.parametrize(("slope", "radius"), [(1.6e4, 9e-305), (1e-20, 5e-324), (1e300, 1e-300)])
def test_the_least_radii_and_the_steepest_slopes_do_not_overflow(
    slope: float, radius: float
) -> None:
    z = constrained_minimizer([0.0, 0.0], [slope, -0.18 * slope], radius)
    assert all(abs(one) <= 1.1 * radius for one in z)


def answered(steps: Generator[Any, Any, Any], hessian: NDArray[np.float64]) -> Any:
    """What a model's generator ends with, its products answered."""
    answer = None
    while True:
        try:
            request = steps.send(answer)
        except StopIteration as end:
            return end.value
        answer = (hessian @ request.direction).tolist()


@pytest.mark.parametrize("case", range(40))
def test_the_constrained_minimizer_is_lower_than_every_point_of_the_region(case: int) -> None:
    draw = np.random.default_rng(case)
    n = 1 + case % 4
    curvatures = sorted((draw.standard_normal(n) * 10.0 ** draw.uniform(-3, 3, n)).tolist())
    slopes = draw.standard_normal(n).tolist()
    if case % 3 == 0:
        slopes[0] = 0.0  # the hard case, where the first curvature is negative
    radius = float(10.0 ** draw.uniform(-3, 3))
    z = constrained_minimizer(curvatures, slopes, radius)
    size = hypot(*z)
    assert size <= (1.0 + RADIUS_TOLERANCE) * radius
    found = model_value(curvatures, slopes, z)
    directions = draw.standard_normal((4000, n))
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    lengths = (1.0 - RADIUS_TOLERANCE) * radius * draw.uniform(0.0, 1.0, (4000, 1)) ** (1.0 / n)
    for point in directions * lengths:
        assert found <= model_value(curvatures, slopes, point.tolist()) + 1e-12 * abs(found)


@pytest.mark.parametrize("case", range(12))
def test_both_models_foretell_what_the_model_falls_by(case: int) -> None:
    draw = np.random.default_rng(case)
    half = draw.standard_normal((4, 4))
    hessian = half + half.T + 3.0 * np.eye(4) * (case % 2)
    gradient, x = draw.standard_normal(4), draw.standard_normal(4)
    here = Evaluation(x.tolist(), 0.0, gradient.tolist(), float(abs(gradient).max()))
    low = (x - draw.uniform(0.1, 1.0, 4)).tolist()
    box = Box(low, [inf] * 4) if case % 3 == 0 else None
    demands = Demands(0, box, None if box is None else box.free(here.x, here.gradient))
    for model in (ExactModel(here, hessian.tolist(), demands), ProductModel(here, demands)):
        move, size, decrease = answered(model.solved(0.5), hessian)
        p = np.array(move)
        assert decrease == pytest.approx(-(gradient @ p + 0.5 * p @ hessian @ p), rel=1e-9)
        assert decrease > 0.0
        if box is not None:
            assert box.project((x + p).tolist()) == pytest.approx((x + p).tolist(), rel=1e-15)
        elif isinstance(model, ProductModel):
            assert np.linalg.norm(p) <= 0.5 * (1.0 + 1e-12)
            assert size == pytest.approx(float(np.linalg.norm(p)))


def test_rows_have_a_radius_and_no_step_size() -> None:
    result = run_descent(Function("100*(y-x^2)^2 + (1-x)^2"), [-1.2, 1.0], method="trust-region")
    assert result.converged
    assert result.x == pytest.approx([1.0, 1.0], abs=1e-8)
    assert all(row.alpha is None for row in result.trace)
    assert all(row.radius is not None and row.radius > 0.0 for row in result.trace[:-1])
    assert result.trace[-1].radius is None


def test_many_variables_are_solved_by_products_alone() -> None:
    function = Function(CHAIN, sizes={"n": 300})
    result = run_descent(function, [0.9, 0.8] * 150, method="trust-region", keep=0)
    assert result.converged
    assert result.f <= 1e-12
    assert result.evaluations.hessian == 0
    assert result.evaluations.product > 0


@pytest.mark.parametrize("exact", [True, False])
def test_a_box_is_kept_and_its_minimum_found(exact: bool) -> None:
    box = Box([-2.0] * 6, [0.5] * 6)
    objective = Function(CHAIN, sizes={"n": 6})
    run = Descent(objective, [-1.2] * 6, TrustRegion(exact), Limits(), box)
    rows = list(run.iterates())
    assert run.termination is not None
    assert run.termination.outcome.status == "converged"
    assert all(-2.0 <= c <= 0.5 for row in rows for c in row.x)
    assert box.residual(run.here.x, run.here.gradient) <= 1e-8


def test_a_diagonal_that_is_next_to_0_does_not_stall_a_run() -> None:
    powell = "(1e4*x*y-1)^2 + (exp(-x)+exp(-y)-1.0001)^2"
    result = run_descent(
        Function(powell), [0.0, 100.0], method="trust-region", max_iterations=100, keep=0
    )
    assert result.status != "stalled"
    assert result.f < 2e-8


def test_trust_regions_without_second_derivatives_lead_to_lbfgs() -> None:
    row = DESCENT_METHODS["trust-region"]
    for traits in (Traits(2, hessian=False), Traits(1000, product=False)):
        with pytest.raises(UsageError, match='method="lbfgs"'):
            row.make(AlphaRule(""), traits)
    assert not row.fixed
    assert row.searches == ()
