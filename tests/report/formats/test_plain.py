from __future__ import annotations

from gdcli.derivatives.gradient import GradientRequest, answering
from gdcli.functions.function import Function
from gdcli.report.formats.plain import grad, line
from gdcli.report.view import GradView


def test_numbers_stand_on_one_line() -> None:
    assert line([4.0, -0.0, 0.1, 1e300]) == "4 -0 0.1 1e+300\n"


def test_no_gradient_where_a_component_is_missing() -> None:
    view = GradView("", ("x", "y"))
    assert grad(answering(Function("x^2 + x*y"), GradientRequest())([1.0, 2.0]), view) == "4 1\n"
    assert grad(answering(Function("sqrt(x) + y"), GradientRequest())([0.0, 1.0]), view) == ""
