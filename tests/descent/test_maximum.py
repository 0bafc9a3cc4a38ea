"""A run that maximizes is the run that minimizes -f, told as what it is of f."""

from __future__ import annotations

import math
from typing import Any

import pytest

from gdcli.descent.minimize import minimize, run_descent
from gdcli.descent.turning import OPPOSITES, Height, Word, said, turned
from gdcli.functions.function import Function

CASES: tuple[tuple[str, list[float]], ...] = (
    ("3 - x^2 - 2*(y - 1)^2", [0.3, 0.4]),
    ("x^2 + y^2", [0.3, 0.4]),
    ("x^2 - y^2", [0.0, 1.0]),
    ("x*y", [1.0, 1.0]),
    ("-x^4", [0.9]),
    ("x^3", [1.0]),
    ("exp(-x^2 - y^2)", [0.7, 0.2]),
    ("-abs(x) - y^2", [1.0, 1.0]),
    ("abs(x - 1)", [0.0]),
    ("log(x) - x", [3.0]),
    ("1/x", [1.0]),
    ("-acos(x)", [0.5]),
    ("sin(x)*cos(y)", [0.4, 0.3]),
    ("log(x)", [-1.0]),
    ("sum(sin(x[i]) for i in 1:3)", [0.1, 0.2, 0.3]),
)
OPTIONS: tuple[dict[str, Any], ...] = ({}, {"alpha": 0.05}, {"method": "newton"}, {"escape": "no"})
MIRRORED = {"minimum": "maximum", "maximum": "minimum"}


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize(("text", "start"), CASES)
def test_a_maximum_of_f_is_a_minimum_of_its_negative(
    text: str, start: list[float], options: dict[str, Any]
) -> None:
    limits = {"max_iterations": 200, **options}
    up = run_descent(Function(text), start, maximize=True, **limits)
    down = run_descent(Function(f"-({text})"), start, **limits)
    assert (up.status, up.exit_status) == (down.status, down.exit_status)
    assert up.x == down.x or not math.isfinite(down.f)
    assert [row.x for row in up.trace] == [row.x for row in down.trace]
    assert [row.f for row in up.trace] == pytest.approx([-row.f for row in down.trace], nan_ok=True)
    assert up.evaluations == down.evaluations
    assert up.gradient == pytest.approx([-slope for slope in down.gradient], nan_ok=True)
    assert up.gradient_norm == pytest.approx(down.gradient_norm, nan_ok=True)
    known = down.classification
    assert up.classification == (None if known is None else MIRRORED.get(known, known))
    assert up.minimum == down.minimum  # what was sought was found
    if down.hessian_eigenvalues is None:
        assert up.hessian_eigenvalues is None
    else:
        negated = sorted(-value for value in down.hessian_eigenvalues)
        assert up.hessian_eigenvalues == pytest.approx(negated)
    assert (up.alpha_limit, up.safe_alpha) == (down.alpha_limit, down.safe_alpha)
    assert [(one.k, one.x) for one in up.escapes] == [(one.k, one.x) for one in down.escapes]
    assert up.maximize
    assert not down.maximize


@pytest.mark.parametrize(("text", "start"), CASES)
def test_no_sentence_of_a_maximization_speaks_of_the_other_sense(
    text: str, start: list[float]
) -> None:
    """Every sentence of the run is that of the negative, with each word of up and down turned."""
    up = run_descent(Function(text), start, maximize=True, max_iterations=200, alpha="auto")
    down = run_descent(Function(f"-({text})"), start, max_iterations=200)
    for one, other in zip(
        (up.message, up.verdict, *up.advice),
        (down.message, down.verdict, *down.advice),
        strict=True,
    ):
        words, turned_words = (set(str(text).replace(",", " ").split()) for text in (one, other))
        for first, second in OPPOSITES.items():
            if " " not in first and first in words - turned_words:
                assert second in turned_words


@pytest.mark.parametrize("alpha", [0.3, 0.05])
def test_fixed_steps_go_up_the_gradient_to_the_last_bit(alpha: float) -> None:
    f = Function("sin(x)*cos(y) - x^2/7")
    result = run_descent(f, [0.4, 0.3], alpha=alpha, maximize=True, max_iterations=300)
    x = [0.4, 0.3]
    for row in result.trace:
        assert row.x == x
        assert row.f == f.evaluate(x)
        x = [c + alpha * g for c, g in zip(x, f.evaluate_gradient(x)[1], strict=True)]


def test_many_digits_are_those_of_the_maximum() -> None:
    result = run_descent(Function("2 - (x - 1/3)^2"), [1.0], maximize=True, digits=30)
    assert result.precise is not None
    assert result.precise.x == ["0." + "3" * 30]
    assert (result.precise.f, result.precise.gradient) == ("2", ["0"])
    lower = run_descent(Function("-2 - (x - 1/3)^2"), [1.0], maximize=True, digits=10)
    assert lower.precise is not None
    assert lower.precise.f == "-2"


def test_long_vectors_are_maximized() -> None:
    f = Function("1 - sum((x[i] - 1)^2 for i in 1:n)", sizes={"n": 300})
    result = minimize(f, maximize=True)
    assert result.status == "converged"
    assert result.f == pytest.approx(1.0)
    assert result.gradient == pytest.approx(0.0, abs=1e-7)
    assert "whether it is a maximum was not looked at" in str(result.verdict)


def test_bounds_hold_a_maximum_with_multipliers_of_f() -> None:
    f = Function("x + 2*y - x*y")
    result = run_descent(f, [0.5, 0.5], maximize=True, bounds={"x": (0, 1), "y": (0, 2)})
    assert (result.x, result.f, result.classification) == ([0.0, 2.0], 4.0, "maximum")
    assert result.gradient == [-1.0, 2.0]
    # λ is ∂f/∂x on a lower bound and -∂f/∂x on an upper one, of f itself.
    assert result.multipliers == {"x": -1.0, "y": -2.0}


def test_a_sentence_turned_twice_is_itself() -> None:
    sentence = said("a {minimum}, {lower} by {:.3g}: f {falls_below_them}", Height(-2.0))
    assert str(sentence) == "a minimum, lower by -2: f falls below them"
    assert str(turned(sentence)) == "a maximum, higher by 2: f rises by less than they show"
    assert str(turned(turned(sentence))) == str(sentence)
    assert turned(Word("saddle")) == "saddle"
    assert turned("falls") == "falls"  # what is no Sentence was not said of f
