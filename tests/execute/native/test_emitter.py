"""Branches: one side runs outside vector loops, both are selected from inside them."""

from __future__ import annotations

import math

from tests.native_code import agrees, gradient, of


def test_a_branch_outside_loops_is_a_branch() -> None:
    compiled = gradient(of("ifelse(x < y, log(y - x), x*y)"))
    assert "br i1" in compiled.ir
    assert compiled([2.0, 1.0]) == (2.0, [1.0, 2.0])
    value, slopes = compiled([math.nan, 1.0])
    assert math.isnan(value)
    assert all(map(math.isnan, slopes))


def test_what_leaves_a_side_is_selected_in_a_vector_loop() -> None:
    text = "sum(ifelse(x[i] > 0, log(x[i]), x[i]^2) for i in 1:n)"
    function = of(text, n=20)
    point = [(-1.0) ** k * (k + 1) for k in range(20)]
    value, slopes = gradient(function)(point)
    assert "select <8 x i1>" in gradient(function).ir
    assert slopes == [1 / x if x > 0 else 2 * x for x in point]
    assert math.isclose(value, math.fsum(math.log(x) if x > 0 else x * x for x in point))


def test_branches_in_branches_and_values_that_sides_share() -> None:
    agrees(of("ifelse(x < y, ifelse(x < 0, exp(x*y), sin(x*y)), cos(x*y))*ifelse(x < y, x*y, 2)"))
    agrees(of("sum(ifelse(x[i] < a, ifelse(x[i] < b, a, x[i]^2), b*i) for i in 1:n)", n=33))
