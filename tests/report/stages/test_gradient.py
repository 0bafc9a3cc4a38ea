from __future__ import annotations

from math import isnan

import pytest

from gdcli.functions.function import Function
from gdcli.report.stages.gradient import gradient_stage
from gdcli.report.stages.graph import graph_stage
from gdcli.report.stages.tape import tape_stage

FUNCTION = Function("x^2*y + sin(x)")
COS_2 = -0.41614683654714239  # mpmath, 17 digits
EXACT = [2 * 2 * 3 + COS_2, 4.0]  # at (2, 3)


@pytest.mark.parametrize("mode", ["reverse", "tangent"])
def test_both_programs_end_in_the_gradient(mode: str) -> None:
    found = gradient_stage(FUNCTION, [2.0, 3.0], mode)
    shown = [
        float(text.split(" = ")[-1]) for label, text in found.summary if label.startswith("∂f")
    ]
    assert shown == pytest.approx(EXACT, rel=1e-6)


def test_a_line_stands_beside_the_line_it_comes_from() -> None:
    rows = gradient_stage(FUNCTION, None).rows
    beside = {str(row[0]).split(" = ")[-1]: str(row[1]) for row in rows if "cos" in str(row[1])}
    assert list(beside) == ["sin(v0)"]


@pytest.mark.parametrize("mode", ["reverse", "tangent"])
@pytest.mark.parametrize("around", ["{}", "{} + x", "x*y + {}", "3*({}) - y"])
@pytest.mark.parametrize(
    "undefined",
    [
        "ifelse(exp(-x) < exp(-2*x), x, -x)",
        "log(x)^0",
        "asin(x)*0",
        "max(sqrt(x), 2)",
    ],
)
def test_no_derivative_beside_a_value_that_is_unknown(
    undefined: str, around: str, mode: str
) -> None:
    function = Function(f"f(x, y) = {around.format(undefined)}")
    at = [-1000.0, 2.0]
    found = gradient_stage(function, at, mode)
    shown = dict(found.summary)
    assert shown["f"].endswith("nan")
    assert (shown["∂f/∂x"], shown["∂f/∂y"]) == ("nan", "nan")
    assert dict(tape_stage(function, at).summary)["f"] == shown["f"]
    numbers = [one["value"] for one in found.content["derivatives"]]
    flat = [n for one in numbers for n in (one.values() if isinstance(one, dict) else [one])]
    flat += [one["adjoint"] for one in graph_stage(function, at).content["nodes"]]
    assert all(number is None or isnan(number) for number in flat)
