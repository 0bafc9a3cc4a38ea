from __future__ import annotations

import pytest

from gdcli.functions.function import Function
from gdcli.report.stages.gradient import gradient_stage

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
