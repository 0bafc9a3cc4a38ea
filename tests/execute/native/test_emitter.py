"""Branches and loops inside a function, and values that a later side of a branch uses."""

from __future__ import annotations

import math

import pytest

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


def test_a_value_of_one_side_is_used_in_the_same_side_later() -> None:
    text = "ifelse(x < y, exp(x*y)^2, 1)*sin(x) + ifelse(x < y, exp(x*y), 2)"
    agrees(of(text))


def test_a_value_of_one_side_is_used_after_a_loop_between_them() -> None:
    text = "min(prod(x[i] + a for i in 1:n), ifelse(a != b, a, b)*sum(x[i]^2 for i in 1:n))"
    agrees(of(text, n=12), 1e-11)


def test_an_index_is_a_number_too() -> None:
    value, slopes = gradient(of("sum(i*x[i]^2 for i in 1:n)/n", n=10))([1.0] * 10)
    assert value == 5.5
    assert slopes == [2.0 * (k + 1) / 10 for k in range(10)]


@pytest.mark.parametrize(
    "text",
    [
        "sum(sum(x[j]*i for j in 1:i)^2 for i in 1:n)",
        "sum(sum(x[j]*x[i] for j in i:n)*i for i in 1:n)",
        "sum(sum(x[i+j-1]*y[j] for j in 1:n-i+1) for i in 1:n)",
        "sum(sum(sum(x[k]*x[i-j+1] for k in j:i) for j in 1:i) for i in 1:n)",
        "sum(max(x[j]*j for j in max(1, i-3):min(n, i+3))*x[i] for i in 1:n)",
        "sum(prod(x[j] + 2 for j in i-1:i+1) for i in 2:n-1)",
    ],
)
def test_ranges_that_differ_from_lane_to_lane(text: str) -> None:
    for n in (9, 21):
        agrees(of(text, n=n), 1e-11)


def test_long_loops_ask_whether_they_are_to_stop() -> None:
    text = "sum(sum(sin(a*i*j) for j in 1:m)^2 for i in 1:n)"
    short, long = (gradient(of(text, n=3, m=m)).ir for m in (10, 10**7))
    assert long.count("load volatile") > short.count("load volatile")
