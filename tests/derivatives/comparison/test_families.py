"""Families against the functions they are meant to be."""

from __future__ import annotations

import pytest

from gdcli.derivatives.comparison.families import chain, nest
from gdcli.functions.function import Function

ROSENBROCK = Function("100*(y - x^2)^2 + (1 - x)^2")


@pytest.mark.parametrize("n", [2, 3, 8])
def test_the_chain_of_rosenbrock_is_his_function_of_n_variables(n: int) -> None:
    """f = Σ 100(xᵢ₊₁ - xᵢ²)² + (1 - xᵢ)², as Dixon and Mills (1994) extend it."""
    x = [0.3 * (-1) ** i + 0.1 * i for i in range(n)]
    right = sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(n - 1))
    function = chain(ROSENBROCK, n)
    assert len(function.variables) == n
    assert function.evaluate(x) == pytest.approx(right, rel=1e-14)


def test_a_chain_of_one_variable_is_a_sum() -> None:
    assert chain(Function("x^2"), 4).evaluate([1.0, 2.0, 3.0, 4.0]) == 30.0


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_the_nested_logistic_map_is_iterated(depth: int) -> None:
    x = 0.3
    for _ in range(depth):
        x = 4 * x * (1 - x)
    assert nest(Function("4*x*(1 - x)"), depth).evaluate([0.3]) == x


def test_only_the_first_variable_is_nested() -> None:
    assert nest(Function("x*y + 1"), 3).evaluate([2.0, 3.0]) == ((2.0 * 3 + 1) * 3 + 1) * 3 + 1


def test_parts_and_parameters_come_along() -> None:
    function = Function("r = a*x^2; s = r + y; s*r", {"a": "1/3"})
    value = function.evaluate([1.5, 2.0])
    assert nest(function, 2).evaluate([1.5, 2.0]) == function.evaluate([value, 2.0])
    three = [1.5, 2.0, -1.0]
    assert chain(function, 3).evaluate(three) == value + function.evaluate(three[1:])


def test_a_parameter_may_be_called_as_the_variables_would_be() -> None:
    assert chain(Function("x1*y", {"x1": 2.0}), 2).evaluate([3.0, 4.0]) == 14.0
