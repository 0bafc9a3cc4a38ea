from __future__ import annotations

import pytest

from gdcli import report
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


@pytest.mark.parametrize(
    ("command", "form"),
    [(command, form) for command, forms in report.FORMATS.items() for form in forms],
)
def test_every_format_offered_has_its_writer(command: str, form: str) -> None:
    if command != "completion":  # a script, written as it is
        names = {"minimize": ["Minimize"], "grad": ["grad", "Gradients"]}
        names |= {command: ["listing"] for command in ("show", "compare", "check")}
        assert all(callable(report.writer(form, name)) for name in names.get(command, [command]))
