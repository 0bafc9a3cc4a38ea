"""The exact gradient, and distances from it."""

from __future__ import annotations

from fractions import Fraction
from math import inf, nan

import mpmath
import pytest

from gdcli.derivatives.comparison.errors import Reference, reference, relative_error
from gdcli.errors import UndefinedError
from gdcli.functions.function import Function


def test_a_rational_function_has_an_exact_gradient() -> None:
    exact = reference(Function("x^2*y + 1/(x^2 + y^2 + 1)"), [0.5, -0.5])
    assert exact == Reference([Fraction(-17, 18), Fraction(25, 36)], True)


def test_elsewhere_it_has_50_digits_at_the_very_float() -> None:
    exact = reference(Function("sin(x)"), [0.1])
    with mpmath.workdps(60):
        right = mpmath.cos(mpmath.mpf(0.1))
        found = mpmath.mpf(exact.gradient[0].numerator) / exact.gradient[0].denominator
        assert abs(found - right) < abs(right) * mpmath.mpf(10) ** -49
    assert not exact.rational


def test_no_gradient_is_refused() -> None:
    with pytest.raises(UndefinedError):
        reference(Function("log(x)"), [0.0])


def test_the_error_is_that_of_the_worst_component() -> None:
    exact = Reference([Fraction(2), Fraction(1, 2)], True)
    assert relative_error([2.0, 0.5], exact) == 0.0
    assert relative_error([2.5, 0.75], exact) == 0.5
    assert relative_error([2.0, nan], exact) == inf
    assert relative_error([inf, 0.5], exact) == inf


def test_a_zero_component_is_measured_by_the_largest() -> None:
    assert relative_error([0.5, 4.0], Reference([Fraction(0), Fraction(4)], True)) == 0.125
    assert relative_error([0.5], Reference([Fraction(0)], True)) == 0.5
