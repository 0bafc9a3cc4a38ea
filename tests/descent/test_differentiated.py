from __future__ import annotations

import pytest

from gdcli.derivatives.registry import METHODS
from gdcli.descent.differentiated import Differentiated
from gdcli.descent.minimize import run_descent
from gdcli.descent.objective import Cost, Counted, Spent
from gdcli.errors import UsageError
from gdcli.library.lookup import function


@pytest.mark.parametrize(
    ("method", "cost"),
    [
        ("tangent", Cost(3, 2)),
        ("forward-difference", Cost(3, 3)),
        ("central-difference", Cost(5, 4)),
        ("complex-step", Cost(3, 2)),
        ("symbolic", Cost(1, 0)),
    ],
)
def test_what_a_gradient_costs(method: str, cost: Cost) -> None:
    objective = Differentiated(function("x^2 + y^2"), method)
    assert objective.cost == cost
    counted = Counted(objective, 100)
    there = counted.both([1.0, 2.0])
    assert (there.f, counted.values, counted.gradients) == (5.0, cost.both, 1)
    assert there.gradient == pytest.approx([2, 4], rel=1e-7)
    counted.gradient([1.0, 2.0], 5.0)
    assert (counted.values, counted.gradients) == (cost.both + cost.gradient, 2)


def test_the_limit_holds_for_what_a_gradient_takes() -> None:
    counted = Counted(Differentiated(function("x^2 + y^2"), "central-difference"), 8)
    counted.both([1.0, 2.0])
    with pytest.raises(Spent):
        counted.gradient([1.0, 2.0], 5.0)
    counted.value([0.0, 0.0])
    assert counted.values == 6


def test_the_gradient_is_the_methods_to_the_last_bit() -> None:
    f = function("exp(x)*y")
    for method in METHODS:
        objective = Differentiated(f, method)
        assert (
            objective.evaluate_gradient([0.3, 2.0])[1]
            == (METHODS[method].prepare(f)([0.3, 2.0])[1])
        )
    assert Differentiated(f, "forward-difference").evaluate_hessian([0.3, 2.0]) == (
        f.evaluate_hessian([0.3, 2.0])
    )


def test_forward_differences_end_beside_the_minimum() -> None:
    """The lesson: their error is that of half a step, so x is off by h/2 where f'' is constant."""
    h = 1e-3
    result = run_descent(function("(x-1)^2"), [3.0], derivative="forward-difference", step=h)
    assert result.status == "converged"
    assert result.x[0] == pytest.approx(1 - h / 2, abs=1e-7)
    central = run_descent(function("(x-1)^2"), [3.0], derivative="central-difference", step=h)
    assert central.x[0] == pytest.approx(1, abs=1e-7)
    assert (result.derivative, central.derivative) == ("forward-difference", "central-difference")


def test_an_unknown_way_is_refused() -> None:
    with pytest.raises(UsageError, match=r"derivative takes \"reverse\", .* not 'backward'"):
        run_descent(function("x^2"), derivative="backward")
    with pytest.raises(UsageError, match="step has no meaning for reverse"):
        run_descent(function("x^2"), step=1e-3)
