"""Bounds: every method stays within them, solves what it solves without, and tells multipliers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import inf
from typing import Any

import numpy as np
import pytest

import gdcli
from gdcli.descent.box import Box, Face
from gdcli.descent.methods import DESCENT_METHODS
from gdcli.descent.minimize import run_descent
from tests.bounded import PROBLEMS, BoundedProblem, BoxQuadratic
from tests.sweeps import sampled

FIXED = ("adagrad", "rmsprop", "adam")  # their steps do not adapt to f
ADAPTIVE = [name for name in DESCENT_METHODS if name not in FIXED]


class Fenced:
    """A Function that refuses to be evaluated outside of a box, and counts the attempts."""

    def __init__(self, function: Any, box: Sequence[tuple[float, float]]) -> None:
        self.function, self.fence = function, box
        self.variables, self.components = function.variables, function.components
        self.unrolled = function.unrolled
        self.outside = 0

    def _look(self, point: Any) -> None:
        inside = (low <= c <= high for c, (low, high) in zip(point, self.fence, strict=True))
        self.outside += not all(inside)

    def evaluate(self, point: Any) -> float:
        self._look(point)
        return float(self.function.evaluate(point))

    def evaluate_gradient(self, point: Any) -> Any:
        self._look(point)
        return self.function.evaluate_gradient(point)

    def evaluate_hessian(self, point: Any) -> Any:
        self._look(point)
        return self.function.evaluate_hessian(point)

    def evaluate_hessian_product(self, point: Any, direction: Any) -> Any:
        self._look(point)
        return self.function.evaluate_hessian_product(point, direction)

    def rounding_error(self, point: Any) -> float:
        return float(self.function.rounding_error(point))

    def failure(self, point: Any) -> str | None:
        found: str | None = self.function.failure(point)
        return found

    def kinks(self, point: Any, distance: float) -> Any:
        return self.function.kinks(point, distance)


RUNS = [
    pytest.param(problem, method, marks=pytest.mark.full, id=f"{problem.name}-{method}")
    if len(problem.start) > 50 and method not in ("steepest", "lbfgs")
    else pytest.param(problem, method, id=f"{problem.name}-{method}")
    for problem, method in product(PROBLEMS, ADAPTIVE)
]


@pytest.mark.parametrize(("problem", "method"), RUNS)
def test_every_adaptive_method_solves_problems_with_bounds_and_never_looks_outside(
    problem: BoundedProblem, method: str
) -> None:
    function = gdcli.function(problem.expression)
    fenced = Fenced(function, problem.bounds)
    result = run_descent(fenced, problem.start, method=method, bounds=problem.bounds)
    best = min(abs(result.f - function.evaluate(known)) for known in problem.minimizers)
    assert result.exit_status == 0, result.message
    assert best <= 1e-6 * (1.0 + abs(result.f))
    assert fenced.outside == 0
    assert result.classification == "minimum"


QUADRATICS = [(5, seed) for seed in range(100)] + [(20, seed) for seed in range(100)]


@pytest.mark.parametrize("method", ADAPTIVE)
@pytest.mark.parametrize(("n", "seed"), sampled(QUADRATICS, 4))
def test_every_adaptive_method_solves_box_quadratics_with_their_multipliers(
    n: int, seed: int, method: str
) -> None:
    quadratic = BoxQuadratic(n, seed)
    result = run_descent(quadratic, [0.5] * n, method=method, bounds=[(0.0, 1.0)] * n)
    x, gradient = quadratic.solution()
    assert result.exit_status == 0, result.message
    assert result.x == pytest.approx(x.tolist(), abs=1e-6)
    active = {i for i in range(n) if x[i] in (0.0, 1.0)}
    assert {f"x{i + 1}" for i in active} == {*result.multipliers}
    for i in active:
        expected = gradient[i] if x[i] == 0.0 else -gradient[i]
        assert result.multipliers[f"x{i + 1}"] == pytest.approx(expected, abs=1e-6)


UNDEFINED_OUTSIDE = [  # an expression, its start, what it becomes and where; all with x >= 0
    ("sqrt(x) + y^2", [0.9, 0.8], "converged", 0.0),
    ("x*log(x) + y^2", [0.9, 0.8], "converged", 0.36787944117144233),
    ("x - log(x) + y^2", [3.0, 0.8], "converged", 1.0),
    ("(x - 2)^2 + sqrt(x) + y^2", [0.0, 1.0], "converged", None),
    ("x^1.5 + y^2", [0.9, 0.8], "converged", 0.0),
    ("acosh(1 + x) + y^2", [0.9, 0.8], "converged", 0.0),
    ("log(x) + y^2", [0.9, 0.8], "unbounded", 0.0),
]


@pytest.mark.parametrize(("text", "start", "status", "x"), UNDEFINED_OUTSIDE)
def test_a_function_that_is_undefined_outside_of_its_bounds_is_minimized_within(
    text: str, start: list[float], status: str, x: float | None
) -> None:
    result = gdcli.minimize(text, start, bounds={"x": (0, None)})
    assert result.status == status, result.message
    assert result.exit_status == (0 if status == "converged" else 4)
    if x is not None:
        assert result.x[0] == pytest.approx(x, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "bounds", "start", "x", "multipliers"),
    [
        ("(x-3)^2 + (y+1)^2", {"x": (0, 2)}, [1, 1], [2, -1], {"x": 2.0}),
        ("(x-3)^2 + (y+1)^2", {"y": (0, 2)}, [1, 1], [3, 0], {"y": 2.0}),
        ("x + 2*y", {"x": (1, None), "y": (-1, 1)}, [5, 0.5], [1, -1], {"x": 1.0, "y": 2.0}),
        ("x^2 + x*y + y^2", {"x": (1, 1)}, [5, 5], [1, -0.5], {"x": 1.5}),
        ("x^2 + y^2", {"x": (0, None)}, [1, 1], [0, 0], {"x": 0.0}),
        ("x^2 + y^2", {"x": (-5, 5)}, [1, 1], [0, 0], {}),
    ],
)
def test_a_multiplier_says_how_fast_the_minimum_rises_as_its_bound_moves_inward(
    text: str, bounds: Any, start: list[float], x: list[float], multipliers: dict[str, float]
) -> None:
    result = gdcli.minimize(text, start, bounds=bounds)
    assert result.exit_status == 0
    assert result.x == pytest.approx(x, abs=1e-7)
    assert dict(result.multipliers) == pytest.approx(multipliers, abs=1e-6)
    assert result.gradient_norm <= 1e-8
    assert result.tests[0].name == "projected gradient"


def test_the_gradient_of_a_result_stays_that_of_f() -> None:
    result = gdcli.minimize("(x-3)^2", [1], bounds=[(0, 2)])
    assert result.gradient.tolist() == [-2.0]
    assert result.gradient_norm == 0.0


@pytest.mark.parametrize(
    ("text", "bounds", "start", "kind", "exit_status"),
    [
        ("x^2 - y^2", {"y": (0, 1)}, [0.5, 0], "saddle", 5),  # the multiplier of y is 0
        ("x^2 + y^2 - 3*x*y", {"y": (0, None)}, [0, 0], "saddle", 5),  # along a curve only
        ("x^2 + x*y^2 - y^3", {"y": (0, 5)}, [0, 0], "saddle", 5),
        ("-x^3 + y^2", {"x": (0, 2)}, [0, 1], "saddle", 5),
        ("x^3 + y^2", {"x": (0, 2)}, [0, 1], "minimum", 0),
        ("x*y", {"x": (0, 1), "y": (0, 1)}, [0, 0], "minimum", 0),
        ("-x*y", {"x": (0, 1), "y": (0, 1)}, [0, 0], "saddle", 5),  # between two bounds only
        ("x^2 - y^2", {"y": (1, 1)}, [0.5, 1], "minimum", 0),
        ("-x^2 - y^2", {"x": (0.5, 1), "y": (-2, 3)}, [0.5, 0], "saddle", 5),
    ],
)
def test_a_bound_with_next_to_no_multiplier_is_tested_by_rays_into_the_box(
    text: str, bounds: Any, start: list[float], kind: str, exit_status: int
) -> None:
    result = gdcli.minimize(text, start, bounds=bounds, escape="no")
    assert (result.classification, result.exit_status) == (kind, exit_status), result.message


def test_a_saddle_on_a_bound_is_left_along_a_ray_into_the_box() -> None:
    result = gdcli.minimize("x^2 - y^2 - y^3", [0.5, 0], bounds={"y": (0, 1)})
    assert result.x == pytest.approx([0.0, 1.0], abs=1e-7)
    assert result.multipliers == pytest.approx({"y": 5.0})


def test_curvature_and_the_limit_of_alpha_are_those_of_the_free_variables() -> None:
    result = gdcli.minimize("1000*(x+1)^2 + 2*y^2", [3, 1], bounds={"x": (0, None)})
    assert result.hessian_eigenvalues == pytest.approx([4.0])
    assert result.alpha_limit == pytest.approx(0.5)


def test_a_fixed_step_size_is_projected_gradient_descent() -> None:
    result = gdcli.minimize("(x-3)^2 + (y+1)^2", [0, 1], bounds={"x": (0, 2)}, alpha=0.25)
    x = [0.0, 1.0]
    for row in result.trace:
        assert list(row.x) == x
        gradient = [2.0 * (x[0] - 3.0), 2.0 * (x[1] + 1.0)]
        x = [min(2.0, x[0] - 0.25 * gradient[0]), x[1] - 0.25 * gradient[1]]
    assert result.x == pytest.approx([2.0, -1.0], abs=1e-7)


def test_digits_are_those_of_the_free_variables() -> None:
    text = "(x-3)^2 + (y^2-2)^2 + x"
    result = gdcli.minimize(text, [1, 1], bounds={"x": (0, 2)}, digits=30)
    assert result.status == "converged", result.message
    assert result.precise is not None
    assert result.precise.x == ["2", "1.41421356237309504880168872421"]
    assert result.precise.gradient == ["-1", "0"]


FREE = (-inf, inf)
LEVEL = [  # an expression, its bounds, its least value within them, which is taken along a curve
    ("(x + y - 1)^2 + z", [FREE, FREE, (0.0, inf)], 0.0),
    ("(x + y - 1)^2 - z", [FREE, FREE, (-inf, 2.0)], -2.0),
    ("(x*y - 1)^2 + z^2", [FREE, FREE, (0.5, inf)], 0.25),
    ("relu(x) + y^2", [FREE, (0.3, inf)], 0.09),
    ("max(x, y)", [(0.0, inf), (1.0, inf)], 1.0),
    ("1 + 0*x + y^2", [FREE, (1.0, inf)], 2.0),
    ("abs(x - y) + x + y", [FREE, (0.3, inf)], 0.6),
]


@pytest.mark.parametrize(("text", "box", "f"), LEVEL)
def test_a_minimum_that_is_level_along_a_curve_is_told_beside_an_active_bound(
    text: str, box: list[tuple[float, float]], f: float
) -> None:
    result = run_descent(gdcli.function(text), bounds=box)
    assert (result.exit_status, result.degenerate) == (0, True), result.message
    assert result.f == pytest.approx(f)


@pytest.mark.parametrize(("high", "status"), [(inf, 5), (31.0, 5), (30.0, 0)])
def test_what_falls_below_doubles_is_asked_within_the_bounds_alone(
    high: float, status: int
) -> None:
    function = gdcli.function("exp(-x^2) + y")
    result = run_descent(function, [30.0, 1.0], bounds=[(-inf, high), (0.0, inf)])
    assert result.exit_status == status, result.message


POLES = [  # an expression, its start, bounds on which f falls without bound, the method
    ("log(x)", [0.9], [(0.0, inf)], "steepest"),
    ("log(x)", [0.9], [(0.0, inf)], "trust-region"),
    ("log(x)", [1e-10], [(0.0, 5.0)], "trust-region"),
    ("log(1 - x)", [0.9], [(-inf, 1.0)], "trust-region"),
    ("log(x) + (y - x)^2", [0.9, 0.8], [(0.0, inf), FREE], "trust-region"),
    ("log(x) + log(y)", [0.9, 0.8], [(0.0, inf), (0.0, inf)], "trust-region"),
    ("-1/x", [0.9], [(0.0, 1.0)], "trust-region"),
    ("-1/x^2", [0.9], [(0.0, 1.0)], "trust-region"),
    ("-1/sqrt(x) + y", [0.9, 0.8], [(0.0, 1.0), (0.3, inf)], "trust-region"),
    ("1/x + y", [-1.0, 0.8], [(-inf, 0.0), (0.3, inf)], "steepest"),
    ("-gamma(x)", [0.9], [(0.0, 1.0)], "lbfgs"),
    ("-gamma(x + 0.3) + exp(y)", [-0.2, 0.8], [(-0.3, inf), (-1.0, 1.0)], "steepest"),
    ("log((x - 1)^2)", [1.001], [(1.0, inf)], "newton"),
    ("log(exp(-0.3 - x) - 1) - y", [-0.301, 0.8], [(-inf, -0.3), (-inf, 1.5)], "trust-region"),
]


@pytest.mark.parametrize(("text", "start", "box", "method"), POLES)
def test_a_pole_on_a_bound_leaves_the_run_at_a_finite_point_before_it(
    text: str, start: list[float], box: list[tuple[float, float]], method: str
) -> None:
    result = run_descent(gdcli.function(text), start, method=method, bounds=box)
    assert (result.outcome.status, result.exit_status) == ("unbounded", 4), result.message
    assert np.isfinite([result.f, *result.x, *result.gradient, result.gradient_norm]).all()
    assert result.last is not None
    assert result.iterate == result.last.k == result.iterations
    assert not (result.iterations and result.tests[0].met)


@pytest.mark.parametrize("low", [1e-13, 0.5])
def test_a_bound_before_a_pole_is_where_the_minimum_lies(low: float) -> None:
    for method in ("steepest", "trust-region"):
        result = run_descent(gdcli.function("log(x)"), method=method, bounds=[(low, inf)])
        assert (result.exit_status, [*result.x]) == (0, [low])


class FencedFormula(Fenced):
    """A Fenced whose formula is known, so that edges of its domain and kinks are looked for."""

    def __init__(self, function: Any, box: Sequence[tuple[float, float]]) -> None:
        super().__init__(function, box)
        self.engine, self.has_loops = function.engine, function.has_loops
        self.has_kinks = function.has_kinks


EDGES = [  # an expression, its start, its bounds, its minimizer, at an edge that is no bound
    ("x + sqrt(y)", [0.9, 0.8], [(0.2, 0.9), FREE], [0.2, 0.0]),
    ("sqrt(x) + y - z", [0.9, 0.8, 0.7], [FREE, (0.3, inf), (-inf, 2.0)], [0.0, 0.3, 2.0]),
    ("sqrt(x) + y", [0.4, 0.8], [(-0.5, 0.5), (0.1, 1.0)], [0.0, 0.1]),
    ("asin(x) + abs(y)", [0.9, 2.0], [FREE, (1.0, inf)], [-1.0, 1.0]),
    ("x + acos(y)", [1.5, 0.8], [(1.0, 2.0), FREE], [1.0, 1.0]),
    ("x^1.5 + y", [0.9, 0.8], [FREE, (0.3, inf)], [0.0, 0.3]),
    ("sqrt(x) - y^2", [0.9, 0.0], [FREE, (-1.0, 1.0)], [0.0, 1.0]),
]


@pytest.mark.parametrize("method", ["steepest", "trust-region"])
@pytest.mark.parametrize(("text", "start", "box", "x"), EDGES)
def test_a_minimum_at_an_edge_of_the_domain_keeps_to_the_bounds_of_other_variables(
    text: str, start: list[float], box: list[tuple[float, float]], x: list[float], method: str
) -> None:
    fenced = FencedFormula(gdcli.function(text), box)
    result = run_descent(fenced, start, method=method, bounds=box)
    assert result.exit_status == 0, result.message
    assert result.x == pytest.approx(x, abs=1e-6)
    assert fenced.outside == 0


def test_kinks_are_resolved_within_the_box() -> None:
    text, bounds = "abs(x - y) + (y - 2)^2 + 3*sqrt(y)", [(0.0, inf), (0.0, 1.0)]
    fenced = Fenced(gdcli.function(text), bounds)
    result = run_descent(fenced, [0.3, 0.6], bounds=bounds)
    assert fenced.outside == 0
    assert result.converged
    assert result.x == pytest.approx([1.0, 1.0], abs=1e-6)


def test_a_run_of_many_variables_stays_in_its_box() -> None:
    text = "sum((x[i] - i/50)^2 + (x[i] - x[i+1])^2 for i in 1:99)"
    result = gdcli.minimize(text, bounds={"x": (0, 1)}, max_iterations=3000)
    assert result.status == "converged", result.message
    assert result.x.min() >= 0.0
    assert result.x.max() <= 1.0
    assert len(result.multipliers) > 10
    assert min(result.multipliers.values()) >= 0.0


def test_machine_precision_is_that_of_the_free_variables() -> None:
    text = "1e6*x + (y - 1)^2 + 1e10"
    result = gdcli.minimize(text, [1, 3], bounds={"x": (0, None)}, tolerance=0)
    assert result.converged, result.message
    assert result.x == pytest.approx([0.0, 1.0], abs=1e-2)


@pytest.mark.parametrize("many", [False, True])
def test_lists_and_arrays_of_a_box_agree(many: bool) -> None:
    kind: Any = np.array if many else list
    box = Box(kind([0.0, -inf, 1.0]), kind([1.0, 2.0, 1.0]))
    for a, g in product((0.0, 1e-7, 0.5, 1.0), (-3.0, -1e-9, 0.0, 2.0)):
        x, gradient = kind([a, 2.0, 1.0]), kind([g, -1.0, 4.0])
        step = [min(max(a - g, 0.0), 1.0), 2.0, 1.0]
        assert list(box.project(kind([a - g, 3.0, -3.0]))) == step
        assert box.residual(x, gradient) == pytest.approx(abs(a - step[0]), abs=1e-15)
        free = box.free(x, gradient)
        assert free is not None
        assert 1 not in free
        assert 2 not in free
        held = (a <= 1e-7 and g > 0.0) or (a == 1.0 and g < 0.0)
        assert (0 not in free) == held
        assert list(box.inward(x, gradient))[1:] == [0.0, 0.0]
        assert box.active(x) == ({0: -1} if a == 0.0 else {0: 1} if a == 1.0 else {}) | {
            1: 1,
            2: -1,
        }
        breakpoint_ = box.first_breakpoint(x, kind([1.0, -1.0, 0.0]))
        assert breakpoint_ == pytest.approx(1.0 - a)


def test_a_face_is_the_function_of_the_free_variables() -> None:
    function = gdcli.function("x^2*y + 3*y*z")
    face = Face(function, [1.0, 2.0, 3.0], [0, 2], Box([0.0] * 3, [5.0] * 3))
    assert face.components == ["x", "z"]
    assert face.evaluate([2.0, 1.0]) == function.evaluate([2.0, 2.0, 1.0])
    assert face.evaluate_gradient([2.0, 1.0])[1] == [8.0, 6.0]
    assert face.evaluate_hessian([2.0, 1.0]) == [[4.0, 0.0], [0.0, 0.0]]
    assert list(face.evaluate_hessian_product([2.0, 1.0], [1.0, 1.0])) == [4.0, 0.0]
    assert face.whole([7.0, 8.0]) == [7.0, 2.0, 8.0]


def test_a_run_without_evaluations_left_ends_at_a_kink_on_a_bound() -> None:
    text = "0.1*(x + 0.3)*sign(x + 0.3) + sqrt(abs(y + 0.7)) + 2 - 2/(1 + (z + 0.3)^2)"
    start, bounds = [-0.51, -1.51, -0.94], [(-1.3, -0.3), (-1.7, 0.3), (-1.0, 1.0)]
    for most in (60, 100):
        result = run_descent(
            gdcli.function(text),
            start,
            method="newton",
            bounds=bounds,
            max_evaluations=most,
            escape="no",
        )
        assert result.evaluations.value <= most


def test_a_kink_in_a_corner_that_holds_every_component_is_no_crash() -> None:
    text = "ifelse(x < A[1], sum(min((x-A[i])^2, 1) for i in 1:n), sum((A[i]-x)^2 for i in 1:n))"
    function = gdcli.function(text, data={"A": [2.0, 0.0, 0.0, -1.0]})
    result = run_descent(function, [-1.0], bounds=[(-2.0, -1.0)])
    assert (list(result.x), result.f) == ([-1.0], 3.0)
