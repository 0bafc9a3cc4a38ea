"""A tape in Python source: `math` first, IEEE numbers where that raises, and from then on."""

from __future__ import annotations

import math

import pytest

from gdcli.autodiff.reverse import reverse
from gdcli.execute.fallback import RAISED_ERRORS, FallbackFunction
from gdcli.functions.function import Function


@pytest.mark.parametrize("text", ["log(x[1]) + 1/x[2]", "log(x) + 1/y"])
def test_ieee_numbers_are_taken_where_math_raises(text: str) -> None:
    function = Function(text)
    bindings = function.bindings
    program = FallbackFunction(
        reverse(function.tape), None if bindings is None else bindings._replace(length=2)
    )
    assert program([1.0, 2.0]) == (0.5, [1.0, -0.25])
    assert not program.fallen_back
    assert program.without_fallback([0.0, 2.0]) is None
    assert not program.fallen_back
    value, gradient = program([0.0, 2.0])
    assert (value, gradient) == (-math.inf, [math.inf, -0.25])
    assert program.fallen_back
    assert program([1.0, 2.0]) == (0.5, [1.0, -0.25])
    assert program.without_fallback([-1.0, 2.0]) is None


def test_what_a_wrong_point_raises_is_no_pole() -> None:
    program = FallbackFunction(Function("x + y").tape)
    with pytest.raises(RAISED_ERRORS):
        program([1.0])
