from __future__ import annotations

import math
import re
from typing import Any

import pytest

from gdcli.descent.minimize import minimize, run_descent
from gdcli.descent.objective import Evaluation
from gdcli.descent.vectors import Vector, largest
from gdcli.descent.verdict import MOST_NAMED_COORDINATES, Curvature, Verdict, curvature, verdict
from gdcli.functions.function import Function


def judge(text: str, x: Vector, start: Vector | None = None) -> Verdict:
    function = Function(text)
    f, gradient = function.evaluate_gradient(x)
    here = Evaluation(x, f, gradient, largest(gradient))
    found = verdict(function, here, start or x, curvature(function, x))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "x", "classification", "minimum", "degenerate"),
    [
        ("x^2", [0.0], "minimum", True, False),
        ("x^2 + 1e12*y^2", [0.0, 0.0], "minimum", True, False),
        ("100*(y-x^2)^2 + (1-x)^2", [1.0, 1.0], "minimum", True, False),
        ("x^2 - y^2", [0.0, 0.0], "saddle", False, False),
        ("x*y", [0.0, 0.0], "saddle", False, False),
        ("1e-30*x*y", [0.0, 0.0], "saddle", False, False),
        ("1e12*x^2 - 1e-12*y^2", [0.0, 0.0], "saddle", False, False),
        ("-x^2 - 3*y^2", [0.0, 0.0], "maximum", False, False),
        ("x^4", [0.0], "minimum", True, True),
        ("(x-y)^2", [0.5, 0.5], "minimum", True, True),
        ("f(x) = 3", [0.5], "minimum", True, True),
        ("x^3", [0.0], "saddle", False, False),
        ("-x^4", [0.0], "maximum", False, False),
        ("x^2 - y^4", [0.0, 0.0], "saddle", False, False),
        ("exp(-x)", [18.8], "flat", False, False),
        ("exp(-x)", [700.0], "flat", False, False),
        ("exp(-x)", [800.0], "flat", False, False),
        ("exp(x) + y^2", [-200.0, 0.0], "flat", False, False),
        ("-1/cosh(x)^2", [400.0], "flat", False, False),
        ("atan(x)", [-1e5], "flat", False, False),
        ("x^2/1e9", [0.9], "flat", False, False),
        ("1e-12*((x-1)^2 + (y-2)^2)", [3.0, 3.0], "flat", False, False),
        ("abs(x) + abs(y)", [0.0, 0.0], "minimum", True, True),
        ("-abs(x)", [0.0], "maximum", False, False),
        ("abs(x) - abs(y)", [0.0, 0.0], "saddle", False, False),
        ("-abs(x) + x^2", [0.0], "maximum", False, False),
        ("abs(x) - y^4", [0.0, 0.0], "saddle", False, False),
    ],
)
def test_the_kind_of_a_point(
    text: str, x: Vector, classification: str, minimum: bool, degenerate: bool
) -> None:
    found = judge(text, x)
    assert (found.classification, found.minimum, found.degenerate) == (
        classification,
        minimum,
        degenerate,
    )
    assert found.plain == (minimum and not degenerate)


@pytest.mark.parametrize(
    ("text", "x", "classification"),
    [
        ("x^4", [1e-3], "minimum"),
        ("x^4*(1 + y^2)", [1e-3, 1.0], "minimum"),
        ("x^2*y^2", [2.0, -9e-11], "minimum"),
        ("x^3", [5.8e-5], "saddle"),
        ("x^3 + y^2", [5.8e-5, 0.0], "saddle"),
    ],
)
def test_a_point_near_one_is_judged_by_the_scale_of_the_start(
    text: str, x: Vector, classification: str
) -> None:
    assert judge(text, x, [1.0] * len(x)).classification == classification


def test_the_sentences_tell_the_cases_apart() -> None:
    assert "a saddle" in judge("x^2 - y^2", [0.0, 0.0]).sentence
    assert "a maximum" in judge("-x^2", [0.0]).sentence
    assert "an inflection" in judge("x^3", [0.0]).sentence
    assert "levels off" in judge("exp(-x)", [18.8]).sentence
    assert "a Newton step of length 0.9 away" in judge("1e-10*x^2", [0.9]).sentence
    assert "constant in doubles only" in judge("exp(-x^2)", [30.0]).sentence
    assert "degenerate" in judge("x^4", [0.0]).sentence
    assert "kink" in judge("abs(x)", [0.0]).sentence


@pytest.mark.parametrize("text", ["x^2*y", "(y - x^2)*(y - 2*x^2)", "x^2 - y^2", "abs(x) - y^2"])
def test_the_witness_is_a_point_where_f_is_lower(text: str) -> None:
    sentence = judge(text, [0.0, 0.0]).sentence
    found = re.search(r"f falls to (\S+) at x=(\S+), y=(\S+), after", sentence)
    assert found is not None
    f, *point = map(float, found.groups())
    assert Function(text).evaluate(point) == f < 0.0


def test_of_many_coordinates_the_witness_names_those_that_moved() -> None:
    text = " + ".join(f"x{i}^2" for i in range(1, 10)) + " - x10^2"
    sentence = judge(text, [0.0] * 10).sentence
    assert "x10=1" in sentence
    assert sentence.count("=") == MOST_NAMED_COORDINATES


@pytest.mark.parametrize(
    ("second", "classification"),
    [(1e-13, "minimum"), (-1e-13, "saddle"), (2e-14, "minimum"), (-2e-14, "saddle")],
)
def test_an_eigenvalue_counts_from_64_n_epsilon_on(
    by_hand: Any, second: float, classification: str
) -> None:
    # The scaled matrix [[1, c], [c, 1]] has the eigenvalues 1 ± c; the limit is 5.7e-14, and
    # below it f itself decides.
    c = 1.0 - second
    bowl = by_hand(
        lambda p: 0.25 * ((1 + c) * (p[0] + p[1]) ** 2 + (1 - c) * (p[0] - p[1]) ** 2),
        lambda p: [p[0] + c * p[1], c * p[0] + p[1]],
        lambda _: [[1.0, c], [c, 1.0]],
        variables=("x", "y"),
    )
    here = Evaluation([0.0, 0.0], 0.0, [0.0, 0.0], 0.0)
    found = verdict(bowl, here, here.x, curvature(bowl, here.x))
    assert found is not None
    assert found.classification == classification
    assert found.degenerate == (0.0 < second < 5.7e-14)


@pytest.mark.parametrize(
    ("text", "x"),
    [
        *((f"(1-tanh({c}*x))^2", [25.0 / c]) for c in (0.25, 1, 8)),
        *((f"(1-sigmoid(x))^{n}", [40.0]) for n in (2, 4)),
        ("(1-erf(x))^2", [6.0]),
        ("(1-exp(-exp(-x)))^2", [40.0]),
        ("(tanh(x)-1)^2 + (y-2)^2", [25.0, 2.0]),
        ("(tanh(x+y)-1)^2 + (y-x)^2", [12.5, 12.5]),
    ],
)
def test_a_plateau_whose_slope_doubles_absorb_is_no_minimum(text: str, x: Vector) -> None:
    """The true f falls for ever; in doubles it is 0, and its curvature is not."""
    assert (judge(text, x).classification, judge(text, x).minimum) == ("flat", False)


@pytest.mark.parametrize("residual", [1e-13, 1e-11, 1e-9])
@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("(x^2 + y^2 - 1)^2", [0.6, 0.8]),
        ("(x^2 - y)^2", [1.3, 1.69]),
        ("(x*y - 2)^2", [1.6, 1.25]),
        ("(x*y*z - 1)^2", [0.8, 1.25, 1.0]),
        ("(exp(x)*y - 3)^2", [0.0, 3.0]),
    ],
)
def test_what_is_left_of_f_makes_no_curve_of_minima_a_proper_one(
    text: str, x: Vector, residual: float
) -> None:
    """Beside the curve the Hessian is positive definite, by as much as the residual."""
    found = judge(text, [c + residual for c in x])
    assert (found.classification, found.degenerate) == ("minimum", True)


@pytest.mark.parametrize(
    "columns",
    [
        {"u": lambda a: a, "v": lambda a: 2.0 * a},
        {"u": lambda a: a, "v": lambda a: 1.0 - a, "w": lambda a: 1.0 + 0.0 * a},
        {"u": lambda a: a, "v": lambda a: 1.8 * a + 32.0, "w": lambda a: 1.0 + 0.0 * a},
    ],
)
def test_a_fit_of_columns_that_depend_on_each_other_ends_at_a_minimum(columns: Any) -> None:
    import numpy

    random = numpy.random.default_rng(1)
    a, y = random.normal(size=(2, 20))
    data = {name: make(a) for name, make in columns.items()}
    model = " + ".join(f"{name}0*{name}[i]" for name in data)
    text = f"sum(({model} - y[i])^2 for i in 1:n)"
    result = minimize(text, data={**data, "y": y})
    assert (result.exit_status, result.classification, result.degenerate) == (0, "minimum", True)
    best = numpy.linalg.lstsq(numpy.column_stack(list(data.values())), y, rcond=None)[0]
    assert result.f == pytest.approx(
        numpy.sum((numpy.column_stack(list(data.values())) @ best - y) ** 2), rel=1e-12
    )


@pytest.mark.parametrize("power", [110, 150, 200])
def test_rays_are_as_short_as_f_is_finite(power: int) -> None:
    cubic = f"(x/1e-{power})^3 + (y/1e-{power})^2"
    assert judge(cubic, [0.0, 0.0]).classification == "saddle"
    result = run_descent(
        Function(f"((x/1e-{power})^2 + (y/1e-{power})^2 - 1)^2"),
        [3.0 * 10.0 ** -(power + 1), 2.0 * 10.0 ** -(power + 1)],
    )
    assert (result.exit_status, result.degenerate) == (0, True)


def test_curvature_gives_the_hessians_own_eigenvalues_and_what_follows() -> None:
    found = curvature(Function("x^2 + 50*y^2"), [0.0, 0.0])
    assert found is not None
    assert found.eigenvalues == [2.0, 100.0]
    assert found.condition_number == 50.0
    assert found.alpha_limit == 0.02


def test_what_cannot_be_said_is_none() -> None:
    assert curvature(Function("abs(x)"), [0.0]) is None
    assert curvature(Function("x^1.5"), [0.0]) is None
    assert Curvature([[0.0]], [0.0]).condition_number is None
    assert Curvature([[0.0]], [0.0]).alpha_limit is None
    assert Curvature([[-1.0]], [-1.0]).alpha_limit is None


def test_beyond_200_variables_nothing_is_judged(by_hand: Any) -> None:
    names = [f"x{i}" for i in range(201)]
    wide = by_hand(lambda _: 0.0, lambda p: [0.0 for _ in p], variables=names)
    here = Evaluation([0.0] * 201, 0.0, [0.0] * 201, 0.0)
    assert curvature(wide, here.x) is None
    assert verdict(wide, here, here.x, None) is None
    assert not math.isnan(here.f)
