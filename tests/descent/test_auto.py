from __future__ import annotations

import re
from math import inf
from typing import Any

import pytest

from gdcli.descent.methods import DESCENT_METHODS
from gdcli.descent.methods.auto import make
from gdcli.descent.minimize import minimize
from gdcli.descent.requests import Traits
from gdcli.descent.search import AlphaRule
from gdcli.functions.function import Function

QUARTIC = "sum(i*(x[i] - 1)^2 + (x[i] - 1)^4 for i in 1:n)"


def changed(result: Any) -> tuple[int, str]:
    """The k at which a run changed, and why."""
    found = re.fullmatch(
        r"from k = (\d+) on by lbfgs, before by newton: (.*)", result.method_change
    )
    assert found is not None, result.method_change
    assert str(result.method_change) in str(result.message)
    return int(found[1]), found[2]


def test_newton_is_for_as_many_variables_as_its_help_says() -> None:
    for n, method in ((1, "newton"), (200, "newton"), (201, "lbfgs"), (10**6, "lbfgs")):
        assert make(AlphaRule("wolfe"), Traits(n)).method_used(None) == (method, "")
    assert "newton up to n = 200, else lbfgs" in DESCENT_METHODS["auto"].help


@pytest.mark.parametrize(("n", "method"), [(2, "newton"), (101, "newton"), (201, "lbfgs")])
def test_its_runs_are_those_of_the_method_it_takes(n: int, method: str) -> None:
    f = Function(QUARTIC, sizes={"n": n})
    result = minimize(f, [0.5] * n, method="auto")
    alone = minimize(f, [0.5] * n, method=method)
    assert (result.method, result.method_used, result.method_change) == ("auto", method, "")
    assert (result.classification, result.evaluations) == (alone.classification, alone.evaluations)
    assert list(result.x) == list(alone.x)


@pytest.mark.parametrize(("cost", "method"), [(100.0, "newton"), (101.0, "lbfgs")])
def test_costly_hessians_are_not_asked_for(cost: float, method: str) -> None:
    auto = make(AlphaRule("wolfe"), Traits(2, hessian_cost=cost))
    assert auto.method_used(None) == (method, "")
    assert make(AlphaRule("wolfe"), Traits(2, hessian=False)).method_used(None)[0] == "lbfgs"


def test_a_hessian_that_is_not_finite_changes_the_method() -> None:
    result = minimize(
        lambda x: (float(x @ x), 2.0 * x),
        [3.0, -1.0],
        gradient=True,
        hessian=lambda x: [[inf, 0.0], [0.0, 2.0]],
        method="auto",
    )
    assert changed(result) == (0, "the Hessian is not finite here")
    assert (result.method_used, result.status) == ("lbfgs", "converged")
    assert list(result.x) == pytest.approx([0.0, 0.0], abs=1e-8)


@pytest.mark.parametrize("text", ["abs(x) + y^2", "max(x^2 + y^4, (2-x)^2 + (2-y)^2, 2*exp(y-x))"])
def test_at_kinks_the_run_goes_on_with_bfgs(text: str) -> None:
    result = minimize(Function(text), (0.9, 0.8), method="auto")
    assert (result.method_used, result.exit_status) == ("bfgs", 0)
    assert str(result.method_change) in str(result.message)


@pytest.mark.parametrize(("n", "hessians"), [(20, 101), (21, 100)])
def test_many_hessians_of_many_variables_change_the_method(n: int, hessians: int) -> None:
    f = Function("sum((x[i]/20)^40 for i in 1:n)", sizes={"n": n})  # a step takes 1/39 of the way
    result = minimize(f, [400.0] * n, method="auto")
    assert result.status == "converged"
    if n == 20:
        assert (result.method_used, result.evaluations.hessian >= hessians) == ("newton", True)
    else:
        assert changed(result) == (100, "100 Hessians have not sufficed")
        assert result.evaluations.hessian == hessians


def test_it_never_changes_back() -> None:
    f = Function("abs(x) + abs(y - x^2)")
    result = minimize(f, (0.9, -0.8), method="auto")
    k, _ = changed(result)
    until_then = minimize(f, (0.9, -0.8), method="auto", max_iterations=k)
    assert result.iterations > k
    assert result.evaluations.hessian == until_then.evaluations.hessian


def test_a_start_that_is_not_finite_has_no_method_but_the_first() -> None:
    result = minimize(Function("log(x)"), (-1,), method="auto")
    assert (result.status, result.method_used, result.method_change) == ("undefined", "newton", "")
