"""Closings: the last digits, and whether an end is a minimum, against exact arithmetic."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import exp, inf, sin
from random import Random
from typing import Any

import mpmath
import numpy as np
import pytest

import gdcli
from gdcli.descent.box import Box
from gdcli.fitting.closing import MOST_OFFSET, close
from gdcli.fitting.model import names, parse_sides, read_model
from gdcli.fitting.more_digits import DecimalIntervals, WrittenColumns, more_digits
from gdcli.fitting.observations import observations, rows_of
from gdcli.fitting.residuals import Residuals
from gdcli.fitting.result import Starts
from gdcli.fitting.variable_projection import least_squares
from tests.nist_datasets import dataset

DRAW = Random(5)
X = [0.25 * i for i in range(1, 31)]
DECAY = {"x": X, "y": [2.5 * exp(-1.3 * x) + 0.5 + 0.01 * DRAW.gauss(0.0, 1.0) for x in X]}
WAVE = {"x": X, "y": [sin(2.0 * x) + 0.1 * DRAW.gauss(0.0, 1.0) for x in X]}

WALD_T = DecimalIntervals(0.95, "t", ())


def posed(model: str, data: Mapping[str, Any], penalty: Sequence[float] = ()) -> Residuals:
    left, right = parse_sides(model)
    observed = observations(data, names(left) | names(right))
    read = read_model(model, observed.lengths)
    return Residuals(read, rows_of(read, observed), penalty=penalty)


def as_arrays(problem: Residuals) -> Residuals:
    rows = problem.rows
    columns = [np.array(column) for column in rows.columns]
    changed = rows._replace(columns=columns, response=np.array(rows.response))
    return Residuals(problem.model, changed, penalty=problem.penalty)


def exact_line(x: Sequence[float], y: Sequence[float]) -> tuple[Fraction, Fraction, Fraction]:
    """The least-squares line through decimals as they are written, and its sum of squares."""
    xs, ys = ([Fraction(repr(one)) for one in column] for column in (x, y))
    mean_x, mean_y = (sum(column, Fraction()) / len(column) for column in (xs, ys))
    spread = sum(((a - mean_x) ** 2 for a in xs), Fraction())
    slope = sum(((a - mean_x) * b for a, b in zip(xs, ys, strict=True)), Fraction()) / spread
    first = mean_y - slope * mean_x
    squares = sum(((b - first - slope * a) ** 2 for a, b in zip(xs, ys, strict=True)), Fraction())
    return first, slope, squares


def test_a_line_is_closed_on_to_the_last_bit_also_where_residuals_are_tiny() -> None:
    x = [1e6 + 0.1 * i for i in range(12)]
    y = [3.0 + 2.0 * one + 1e-9 * (-1) ** i for i, one in enumerate(x)]
    closing = close(posed("y ~ a + b*x", {"x": x, "y": y}), [0.0, 1.0])
    first, slope, squares = exact_line(x, y)
    assert closing.parameters == [float(first), float(slope)]
    assert closing.value == pytest.approx(float(squares) / 2.0, rel=1e-12)
    assert closing.is_minimum


def test_residuals_of_rounding_errors_are_an_exact_fit() -> None:
    y = [2.0 * exp(-0.7 * x) for x in X]
    assert close(posed("y ~ a*exp(-b*x)", {"x": X, "y": y}), [2.01, 0.69]).is_exact
    y[3] *= 1.0 + 1e-13
    assert not close(posed("y ~ a*exp(-b*x)", {"x": X, "y": y}), [2.01, 0.69]).is_exact


@pytest.mark.full
def test_a_large_residual_is_closed_on_by_newtons_method() -> None:
    enso = dataset("ENSO")
    near = [one * (1.0 + 1e-5) for one in enso.certified]
    closing = close(posed(enso.model, enso.columns), near)
    assert closing.steps <= 5
    assert enso.digits(closing.parameters) > 10.0


def test_without_steps_a_closing_tells_that_it_has_not_converged() -> None:
    closing = close(posed("y ~ a*exp(-b*x) + c", DECAY), [2.0, 1.0, 0.0], refine=False)
    assert closing.steps == 0
    assert closing.offset > MOST_OFFSET
    assert not closing.has_converged


def test_the_offset_is_that_of_bates_and_watts() -> None:
    at = [2.4, 1.2, 0.5]
    problem = posed("y ~ a*exp(-b*x) + c", DECAY)
    closing = close(problem, at, refine=False)
    slopes = np.array([[exp(-1.2 * x), -2.4 * x * exp(-1.2 * x), 1.0] for x in X])
    r = np.array([2.4 * exp(-1.2 * x) + 0.5 - y for x, y in zip(X, DECAY["y"], strict=True)])
    q, _ = np.linalg.qr(slopes)
    part = q.T @ r
    rest = r - q @ part
    expected = np.linalg.norm(part) / 3**0.5 / (np.linalg.norm(rest) / (len(X) - 3) ** 0.5)
    assert closing.offset == pytest.approx(expected, rel=1e-10)
    scaled = slopes / np.linalg.norm(slopes, axis=0)
    assert closing.condition == pytest.approx(np.linalg.cond(scaled), rel=1e-10)
    assert closing.scales == pytest.approx(np.linalg.norm(slopes, axis=0), rel=1e-12)


def test_arrays_and_lists_are_closed_on_alike() -> None:
    problem = posed("y ~ a*exp(-b*x) + c", DECAY, penalty=(0.5, 0.0, 2.0))
    listed, arrays = (close(one, [2.4, 1.2, 0.5]) for one in (problem, as_arrays(problem)))
    assert listed.has_converged
    assert arrays.has_converged
    assert arrays.parameters == pytest.approx(listed.parameters, rel=1e-9)
    assert arrays.condition == pytest.approx(listed.condition, rel=1e-6)
    assert np.allclose(arrays.factor, listed.factor, atol=1e-6)


def test_a_bound_is_kept_and_its_parameter_is_not_free() -> None:
    box = Box([-inf, -inf, -inf], [2.0, inf, inf])
    problem = posed("y ~ a*exp(-b*x) + c", DECAY)
    found = least_squares(problem, [1.0, 1.0, 0.0], [0, 2], box=box)
    closing = close(problem, found.parameters, box)
    held = posed("y ~ 2*exp(-b*x) + c", DECAY)
    alone = close(held, least_squares(held, [1.0, 0.0], [1]).parameters)
    assert closing.is_minimum
    assert closing.free == [1, 2]
    assert closing.parameters == pytest.approx([2.0, *alone.parameters], rel=1e-14)
    assert closing.condition == pytest.approx(alone.condition, rel=1e-12)


def test_a_saddle_is_told_by_the_direction_in_which_the_loss_bends_down() -> None:
    problem = posed("y ~ a*b*x + c", DECAY)
    mean = sum(DECAY["y"]) / len(X)
    closing = close(problem, [0.0, 0.0, mean])
    assert closing.descent
    value = problem.normal_equations([0.0, 0.0, mean]).value
    sides = [
        problem.normal_equations(
            [t * d + one for d, one in zip(closing.descent, [0.0, 0.0, mean], strict=True)]
        ).value
        for t in (0.1, -0.1)
    ]
    assert max(sides) < value
    fit = gdcli.fit("y ~ a*b*x + c", DECAY, start={"a": 0, "b": 0, "c": 0})
    assert fit.f < 2.0 * value / len(X)
    assert fit.exit_status == 5, "only the product is determined"


def test_digits_of_a_line_are_those_of_fractions() -> None:
    x, y = X, DECAY["y"]
    problem = posed("y ~ a + b*x", {"x": x, "y": y})
    found = more_digits(
        problem, close(problem, [0.0, 0.0]), WrittenColumns([y]), len(x) - 2, 40, WALD_T
    )
    first, slope, squares = exact_line(x, y)
    mean = sum((Fraction(repr(one)) for one in x), Fraction()) / len(x)
    spread = sum(((Fraction(repr(one)) - mean) ** 2 for one in x), Fraction())
    s2 = squares / (len(x) - 2)
    with mpmath.workdps(60):

        def of(number: Fraction) -> Any:
            return mpmath.mpf(number.numerator) / number.denominator

        errors = [mpmath.sqrt(of(s2 * (1 / Fraction(len(x)) + mean**2 / spread))),
                  mpmath.sqrt(of(s2 / spread))]  # fmt: skip
        assert found.errors is not None
        assert found.t is not None
        assert found.sum_of_squares is not None
        mine = [*found.parameters, *found.errors, found.sum_of_squares, found.t[1]]
        exact = [of(first), of(slope), *errors, of(squares), of(slope) / errors[1]]
        for text, number in zip(mine, exact, strict=True):
            assert abs(mpmath.mpf(text) - number) <= mpmath.mpf("1e-39") * abs(number)


def test_digits_of_a_formula_on_the_left_are_those_of_its_columns() -> None:
    data = {"x": [1.0, 2.0, 3.0], "y": [2.0, 3.0, 7.0]}
    problem = posed("log(y) ~ a", {"y": data["y"]})
    found = more_digits(problem, close(problem, [0.0]), WrittenColumns([data["y"]]), 2, 50, WALD_T)
    with mpmath.workdps(70):
        mean = mpmath.log(42) / 3
        assert abs(mpmath.mpf(found.parameters[0]) - mean) <= mpmath.mpf("1e-49")


def test_longley_has_its_certified_digits() -> None:
    import csv

    from tests.nist_datasets import FILES

    with (FILES / "Longley.csv").open(newline="") as file:
        table = [*csv.DictReader(file)]
    data = {name: [float(row[name]) for row in table] for name in table[0]}
    text = "y ~ b0 + b1*x1 + b2*x2 + b3*x3 + b4*x4 + b5*x5 + b6*x6"
    fit = gdcli.fit(text, data)
    assert fit.starts == Starts()  # it is solved and not searched
    lines = (FILES / "SOURCE.md").read_text().splitlines()
    certified = [[*map(float, line.split("|")[2:4])] for line in lines if line.startswith("| b")]
    for one, (value, deviation) in zip(fit.parameters.values(), certified, strict=True):
        assert one.value == pytest.approx(value, rel=1e-13)
        assert one.error == pytest.approx(deviation, rel=1e-13)
    assert fit.s == pytest.approx(304.854073561965, rel=1e-13)


def test_slopes_that_are_not_finite_in_many_rows_warn_nobody() -> None:
    x = np.linspace(0.0, 8.0, 6000)
    rows = {"x": x, "y": 5.0 * np.exp(-0.7 * x) + 1.0}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        problem = posed("y ~ a*x^b", rows)
        assert not close(as_arrays(problem), [1.8, 4e-19]).is_minimum


def test_a_minimum_that_only_second_derivatives_tell_is_one() -> None:
    """Falling data are best without the slope, a^2, which predictions do not feel at a = 0."""
    x = [float(i) for i in range(1, 13)]
    data = {"x": x, "y": [0.3 * (i % 3) - 2.0 * one for i, one in enumerate(x)]}
    mean = sum(data["y"]) / len(x)
    for start in (None, {"a": 1.0, "b": 0.0}, {"a": -0.1, "b": 40.0}):
        fit = gdcli.fit("y ~ a^2*x + b", data, start=start)
        assert (fit.outcome.name, fit.classification) == ("CONVERGED", "minimum")
        assert fit.values["a"] == pytest.approx(0.0, abs=1e-9)
        assert fit.values["b"] == pytest.approx(mean, rel=1e-12)
        assert fit.reasons["error of a"] == "predictions do not change with it to first order"


def test_noise_of_a_dozen_last_places_is_no_rounding() -> None:
    """Counters of microseconds: a last place of 1.7e15 is 0.25."""
    rows = [float(i) for i in range(12)]
    noise = [5.0 * sin(5.0 * i * i) for i in rows]
    data = {"i": rows, "y": [1.7e15 + 1e6 * i + n for i, n in zip(rows, noise, strict=True)]}
    fit = gdcli.fit("y ~ a + b*i", data)
    assert "rounding" not in str(fit.message)
    assert fit.s == pytest.approx(3.5, rel=0.3)
    for size in (1e-9, 1.0, 1e17):
        y = [size * (0.1 + one / 3.0) for one in rows]
        assert "rounding" in str(gdcli.fit("y ~ a + b*i", {"i": rows, "y": y}).message)
        y = [size * exp(-0.3 * one) / (1.0 + one) for one in rows]
        start = {"a": 1.01 * size, "b": 0.31}
        fit = gdcli.fit("y ~ a*exp(-b*i)/(1 + i)", {"i": rows, "y": y}, start=start)
        assert "rounding" in str(fit.message)
