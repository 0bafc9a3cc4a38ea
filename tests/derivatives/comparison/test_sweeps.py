"""The shapes that theory foretells: the V, the cheap gradient, the swelling formula."""

from __future__ import annotations

from itertools import pairwise
from math import log10, nan

import pytest

from gdcli.derivatives.comparison.sweeps import (
    CANDIDATE_STEPS,
    SWEPT_STEPS,
    VARIABLE_COUNTS,
    ErrorCurve,
    depth_costs,
    formula_size,
    lasting_minimum,
    step_curves,
    variable_costs,
)
from gdcli.functions.function import Function

ORDERS = {
    "forward-difference": 1,
    "central-difference": 2,
    "central-difference (5 points)": 4,
}


def curves(text: str, point: list[float]) -> dict[str, ErrorCurve]:
    return {curve.name: curve for curve in step_curves(Function(text), point)}


def slope(errors: list[float], first: int, last: int) -> float:
    """The slope of log error against log h by least squares, over h = 10^-first ... 10^-last."""
    pairs = [(log10(SWEPT_STEPS[k - 1]), log10(errors[k - 1])) for k in range(first, last + 1)]
    mean_x = sum(x for x, _ in pairs) / len(pairs)
    mean_y = sum(y for _, y in pairs) / len(pairs)
    return sum((x - mean_x) * (y - mean_y) for x, y in pairs) / sum(
        (x - mean_x) ** 2 for x, _ in pairs
    )


@pytest.mark.parametrize(("text", "x"), [("sin(x)", 1.0), ("exp(x)", 0.7), ("log(x)*x", 2.3)])
def test_the_error_falls_as_the_order_and_rises_as_one_over_h(text: str, x: float) -> None:
    found = curves(text, [x])
    assert slope(found["forward-difference"].errors, 1, 6) == pytest.approx(1, abs=0.05)
    assert slope(found["central-difference"].errors, 1, 4) == pytest.approx(2, abs=0.05)
    assert slope(found["central-difference (5 points)"].errors, 1, 2) == pytest.approx(4, abs=0.1)
    for name in ORDERS:
        assert slope(found[name].errors, 8, 15) == pytest.approx(-1, abs=0.4)


@pytest.mark.parametrize(
    ("text", "point"),
    [("sin(x)", [1.0]), ("exp(x)", [0.7]), ("x*exp(y) + sin(x*y)", [1.3, 0.4])],
)
def test_the_recommended_step_is_near_the_best(text: str, point: list[float]) -> None:
    for name, curve in curves(text, point).items():
        if name in ORDERS:
            assert curve.recommended_error < 40 * curve.best_error, name
            assert 1 / 40 < curve.recommended / curve.best < 40, name
            assert curve.best_error < curve.errors[0]
            assert curve.best_error < curve.errors[-1]


def test_the_fine_errors_are_those_the_best_was_found_among() -> None:
    for curve in curves("sin(x)", [1.0]).values():
        assert curve.fine[CANDIDATE_STEPS.index(curve.best)] == curve.best_error
        assert [curve.fine[4 * k] for k in range(16)] == pytest.approx(curve.errors, rel=1e-3)


def test_the_complex_step_has_no_v() -> None:
    curve = curves("sin(x)", [1.0])["complex-step"]
    assert curve.errors[-1] < 1e-15


def test_one_lucky_step_is_not_the_best() -> None:
    assert lasting_minimum([9.0, 4.0, 2.0, 1.0, 2.0, 5.0, 0.0, 7.0]) == 3


def test_the_best_step_may_be_the_first_or_the_last() -> None:
    assert curves("x^2", [0.0])["forward-difference"].best == CANDIDATE_STEPS[-1]  # the error is h
    assert (
        curves("x*y", [2.0, 3.0])["central-difference"].best == CANDIDATE_STEPS[0]
    )  # only rounding
    assert lasting_minimum([1.0]) == 0


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("100*(y - x^2)^2 + (1 - x)^2", [-1.2, 1.0]),
        ("x*y", [2.0, 3.0]),
        ("exp(sin(x)*y)/(1 + x^2)", [0.5, 0.5]),
        ("sqrt(1 + x^2)", [0.5]),
    ],
)
def test_differences_take_n_evaluations_and_reverse_mode_a_constant(
    text: str, point: list[float]
) -> None:
    """Reverse mode takes at most 5 times f's operations (Griewank, Walther 2008, section 3.4)."""
    sizes = variable_costs(Function(text), point)
    assert [size.variables for size in sizes][-len(VARIABLE_COUNTS) + 1 :] == list(
        VARIABLE_COUNTS[1:]
    )
    for size in sizes:
        n, costs = size.variables, size.costs
        assert costs["forward-difference"].evaluations == n + 1
        assert costs["central-difference"].evaluations == 2 * n
        operations = {name: cost.operations or nan for name, cost in costs.items()}
        assert operations["forward-difference"] == (n + 1) * size.operations
        assert costs["reverse"].evaluations == 1
        assert operations["reverse"] <= 5 * size.operations
        assert operations["tangent"] >= n * size.operations


def test_the_formula_swells_while_the_tape_grows_by_as_much_each_time() -> None:
    """The logistic map: f has 3(2^d - 1) operations unrolled, 3d on the tape."""
    depths = depth_costs(Function("4*x*(1 - x)"))
    assert [one.tape for one in depths] == [3 * one.depth for one in depths]
    assert [one.formula for one in depths] == [3 * (2**one.depth - 1) for one in depths]
    growth = [b.gradient_tape - a.gradient_tape for a, b in pairwise(depths)]
    assert len(set(growth)) == 1
    symbolic = [one.symbolic for one in depths if one.symbolic is not None]
    assert len(symbolic) == len(depths)
    assert all(b > 2 * a for a, b in pairwise(symbolic))


def test_a_formula_that_is_too_long_is_not_made() -> None:
    depths = depth_costs(Function("x*x*x*x*x"))
    assert depths[1].symbolic is not None
    assert depths[-1].symbolic is None
    assert depths[-1].formula > 10_000


def test_both_sides_of_a_branch_are_in_the_formula() -> None:
    assert formula_size(Function("ifelse(x > 1, x*x, -x)").tape) == 3
