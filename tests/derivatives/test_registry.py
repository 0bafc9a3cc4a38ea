from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import mpmath
import pytest

from gdcli.autodiff.primitives import Primitive
from gdcli.derivatives.exact_values import digits
from gdcli.derivatives.registry import METHODS
from gdcli.errors import UsageError
from gdcli.functions.function import Function
from gdcli.library.lookup import function
from tests.mathematics import DIFFERENTIATED, FUNCTIONS, points, slope, typed, varied
from tests.problem_list import PROBLEMS
from tests.sweeps import sampled

EXACT = ("reverse", "tangent", "complex-step", "symbolic")
RESTLESS = {  # where the differences' assumption of an ordinary scale fails
    "siam-100-digit-4": 1e4,  # changes over a length of 1/80, not of 1
    "brown-badly-scaled": 1e3,  # f is a million times its gradient
}
NEARLY = {"forward-difference": 1e-5, "central-difference": 1e-8}
CANCELLING = {"tanh": 1e9, "cbrt": 20, "asin": 50, "acos": 50, "atanh": 50, "logcosh": 50}


class Measured(NamedTuple):
    value: float
    gradient: list[float]
    evaluations: int
    operations: int
    step: list[float] | None


def measured(
    method: str,
    f: Function,
    point: list[float],
    step: float | None = None,
    points: int | None = None,
) -> Measured:
    ready = METHODS[method].prepare(f, step, points)
    value, gradient = ready(point)
    return Measured(value, gradient, ready.evaluations, ready.operations(point), ready.steps(point))


@pytest.fixture(autouse=True)
def _sympy_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process for each of two hundred formulas would take most of the time."""
    monkeypatch.setattr("sys.frozen", True, raising=False)


@pytest.mark.parametrize("row", DIFFERENTIATED, ids=lambda row: row.name)
@pytest.mark.parametrize("method", EXACT)
def test_every_function_by_every_method_that_makes_no_error(method: str, row: Primitive) -> None:
    """They err by few units in the last place; SymPy's tanh cancels, so it is asked near 0."""
    ready = METHODS[method].prepare(function(typed(row)))
    for point in points(row, 12):
        if method == "symbolic" and row.name in ("tanh", "logcosh"):
            point = [point[0] / 10]
        _, gradient = ready(point)
        for i in varied(row):
            true = slope(FUNCTIONS[row.name], point, i)
            # exp(a - y - r) has half a unit of a - y and of y, which are at most 41 and 21
            plain = 40 if row.name == "logsumexp" else 20
            factor = CANCELLING.get(row.name, plain) if method == "symbolic" else plain
            allowed = min(factor, 2000) * 2.0**-52
            assert abs(gradient[i] - true) <= allowed * abs(true), (point, i)


DIFFERENTIABLE: list[tuple[str, dict[str, int]]] = [
    *((one.name, {}) for one in PROBLEMS if not one.sizes and " for " not in one.expression),
    ("griewank-n", {"n": 3}),
    ("extended-powell-n", {"m": 1}),
    ("trigonometric-n", {"n": 3}),
    ("chebyquad-n", {"n": 2}),
    ("broyden-banded-n", {"n": 3}),
    ("schwefel-2-21-n", {"n": 3}),
    ("lennard-jones-n", {"m": 2}),
]


@pytest.mark.parametrize(("name", "sizes"), sampled(DIFFERENTIABLE, 24))
def test_all_methods_agree_on_every_problem(name: str, sizes: dict[str, int]) -> None:
    """The point is beside the start, where no kink is; the truth is 30 digits of mpmath's."""
    opened = function(name, sizes=sizes or None)
    assert opened.problem is not None
    start, f = opened.problem.start or [0.5] * opened.layout.size, opened.unrolled
    point = [c + 0.137 * (i + 1) for i, c in enumerate(start)]
    true = [float(mpmath.mpf(text)) for text in digits(f, point, 30).gradient]
    scale = max(map(abs, true))
    noise = 1e4 * f.rounding_error(point)
    for method in METHODS:
        found = measured(method, f, point)
        assert found.value == pytest.approx(f(point), rel=1e-14, abs=noise)
        allowed = 1e-12 * scale + noise
        if method in NEARLY:
            allowed += NEARLY[method] * scale * RESTLESS.get(name, 1.0)
        for one, other in zip(found.gradient, true, strict=True):
            assert abs(one - other) <= allowed, method


def test_what_each_method_takes() -> None:
    """By hand: x*y + x*z + sin(x) has 5 operations, its gradient tape and tangent tape more."""
    f = function("x*y + x*z + sin(x)")
    at = [0.5, 2.0, 3.0]
    found = {name: measured(name, f, at) for name in METHODS}
    evaluations = {name: one.evaluations for name, one in found.items()}
    assert evaluations == {
        "reverse": 1,
        "tangent": 3,
        "forward-difference": 4,
        "central-difference": 6,
        "complex-step": 3,
        "symbolic": 0,
    }
    operations = {name: one.operations for name, one in found.items()}
    assert operations["forward-difference"] == 4 * 5
    assert operations["central-difference"] == 6 * 5
    assert operations["complex-step"] == 3 * 5
    assert operations["symbolic"] == 3  # y + z + cos(x), x, x
    assert operations["reverse"] == 5 + 3  # cos(x), and two sums of adjoints
    assert operations["tangent"] % 3 == 0
    assert {name for name, one in found.items() if one.step is None} == {
        "reverse",
        "tangent",
        "symbolic",
    }


def test_reverse_does_not_grow_with_the_number_of_variables() -> None:
    def took(n: int, method: str) -> int:
        text = " + ".join(f"x{i}^2*x{i + 1}" for i in range(1, n))
        f = function(text)
        return measured(method, f, [0.5] * n).evaluations

    assert [took(n, "reverse") for n in (2, 10, 40)] == [1, 1, 1]
    assert [took(n, "forward-difference") for n in (2, 10, 40)] == [3, 11, 41]
    assert [took(n, "central-difference") for n in (2, 10, 40)] == [4, 20, 80]


def test_only_the_side_that_is_taken_counts() -> None:
    f = function("ifelse(x > 0, sin(cos(exp(x))), x + 1)")
    assert measured("complex-step", f, [1.0]).operations == 1 + 3
    assert measured("complex-step", f, [-1.0]).operations == 1 + 1


def test_the_lectures_figure() -> None:
    found = measured("forward-difference", function("x^2"), [2.0], step=1e-8)
    assert (found.value, found.gradient, found.step) == (4.0, [3.999999975690116], [1e-8])


def test_more_points_are_a_higher_order() -> None:
    f = function("exp(sin(x))")
    true = math.cos(0.7) * math.exp(math.sin(0.7))
    found = [measured("central-difference", f, [0.7], step=0.05, points=n) for n in (3, 5, 7)]
    errors = [abs(one.gradient[0] - true) for one in found]
    assert all(later < earlier / 50 for earlier, later in pairwise(errors))
    assert [one.evaluations for one in found] == [2, 4, 6]


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        ("reverse", {"step": 1e-8}, "step has no meaning for reverse; it is for forward"),
        ("complex-step", {"points": 3}, "points has no meaning for complex-step"),
        ("symbolic", {"points": 3}, "points has no meaning for symbolic"),
        ("central-difference", {"points": 4}, "odd number of points"),
        ("forward-difference", {"step": -1.0}, "positive"),
    ],
)
def test_options_that_mean_nothing_are_refused(
    method: str, options: dict[str, float], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        measured(method, function("x^2"), [1.0], **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", [name for name in METHODS if name not in ("reverse", "tangent")])
def test_accuracy_rewrites_are_for_automatic_differentiation_alone(method: str) -> None:
    f = function("log(1 + exp(x))")
    assert measured("reverse", f, [800.0]).gradient == [1.0]
    assert measured("tangent", f, [800.0]).gradient == [1.0]
    found = measured(method, f, [800.0])
    assert not math.isfinite(found.value)
    assert not math.isfinite(found.gradient[0])


@pytest.mark.parametrize("method", EXACT)
@pytest.mark.parametrize("text", ["log(x)", "sqrt(x)", "1/x", "atan2(y - 1, x)", "x^(-3)"])
def test_where_nothing_is_defined_there_is_no_number(method: str, text: str) -> None:
    """Differences step over such a point, and find a number; that is their fault, and stays."""
    found = measured(method, function(f"f(x, y) = {text}"), [0.0, 1.0])
    assert not math.isfinite(found.gradient[0])
    assert found.gradient[1] != found.gradient[1] or text != "atan2(y - 1, x)"
