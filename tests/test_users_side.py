from __future__ import annotations

import numpy as np
import pytest

from gdcli.errors import UndefinedError
from gdcli.functions.function import Function


def test_the_users_side_resolves_kinks_that_the_engine_answers_by_its_local_rule() -> None:
    function = Function("f(x, y) = sqrt(x^2 + y^2) + max(x, 2*y) - x")
    assert function.gradient(0, 0).tolist() == [0.0, 0.0]
    assert function.value_and_gradient([3, 4])[0] == 10.0
    assert Function("max(x^2, x)").gradient(0).tolist() == [0.0]
    assert Function("max(x^2, x)").evaluate_gradient([0.0])[1] == [0.5]


def test_the_users_side_rescues_what_overflows_on_the_way() -> None:
    function = Function("f(x) = exp(x)/(1 + exp(x))")
    assert np.isnan(function.evaluate([1000.0]))
    assert function(1000) == 1.0
    assert function.gradient(1000).tolist() == [0.0]


@pytest.mark.parametrize("text", ["exp(-1/x^2)", "atan(1/x)", "1/(1 + 1/x)", "0*log(x)", "x/x"])
def test_a_pole_is_refused_even_where_ieee_carries_on(text: str) -> None:
    function = Function(text)
    with pytest.raises(UndefinedError, match="undefined: "):
        function(0)
    with pytest.raises(UndefinedError, match="undefined: "):
        function.gradient(0)
    assert function(1) == function.evaluate([1.0])
    function.evaluate([0.0])  # the engine has had its second look: the user's side still refuses
    with pytest.raises(UndefinedError, match="undefined: "):
        function(0)


def test_a_value_stands_where_only_the_slope_is_undefined() -> None:
    function = Function("sqrt(x) + y")
    assert function(0, 2) == 2.0
    with pytest.raises(UndefinedError, match=r"the derivative of sqrt\(x\) at x=0: 1/0"):
        function.gradient(0, 2)


def test_the_careful_answer_of_a_function() -> None:
    found = Function("(1-cos(x))/x^2").answer(1e-8)
    assert found.gradient == pytest.approx([-1e-8 / 12.0], rel=1e-12)
    assert Function("log(x)").answer([0.0]).message == "log(x) at x=0: log(0)"


def test_a_kink_is_noticed_on_whichever_side_of_a_branch_it_is() -> None:
    function = Function("ifelse(x > 0, abs(x - 1) + x, x)")
    assert function.gradient(1).tolist() == [0.0]
    assert function.gradient(-1).tolist() == [1.0]
    assert function(0) == 0.0


def test_the_engine_runs_the_rewritten_tape_on_grids_too() -> None:
    grid = Function("log(1 + exp(x))").evaluate_grid([np.array([-1000.0, 0.0, 1000.0])])
    assert grid.tolist() == pytest.approx([0.0, np.log(2.0), 1000.0])
    grid = Function("log(cosh(x))").evaluate_grid([np.array([-1000.0, 1e-6, 20.0])])
    assert grid.tolist() == pytest.approx([1000.0 - np.log(2.0), 5e-13, 20.0 - np.log(2.0)])


@pytest.mark.parametrize(
    ("text", "at", "second"),
    [
        ("1/cosh(x)^2", 360.0, 3.25156928388e-312),
        ("tanh(x)", 1000.0, 0.0),
        ("1/cosh(x)^2", 400.0, 0.0),
    ],
)
def test_the_hessian_is_found_where_floats_have_no_number(
    text: str, at: float, second: float
) -> None:
    assert Function(text).hessian(at).tolist() == [[second]]
    total = Function("sum(" + text.replace("x", "x[i]") + " for i in 1:2)")
    assert total.hessian(at, at).tolist() == [[second, 0.0], [0.0, second]]


def test_a_second_derivative_without_a_value_is_refused() -> None:
    with pytest.raises(UndefinedError, match=r"the derivative of sqrt\(x\) at x=0: 1/0"):
        Function("sqrt(x)").hessian(0)
