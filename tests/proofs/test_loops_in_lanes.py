"""Loops whose iterations are enclosed together, over many boxes: against arb at points of these."""

from __future__ import annotations

import random
from fractions import Fraction
from math import copysign, inf, nextafter

import numpy as np
import pytest

import gdcli
from gdcli.autodiff.forward import tangent
from gdcli.autodiff.reverse import reverse
from gdcli.execute import iteration_lanes
from gdcli.execute.bindings import ArrayBinding
from gdcli.numbers.interval import Interval, IntervalSystem
from gdcli.numbers.interval_ends import interval_ends
from gdcli.numbers.interval_lanes import INTERVAL_LANES
from gdcli.proofs.enclosed_function import Box, EnclosedFunction
from tests.proofs.test_enclosed_function import (
    ANYTHING,
    LANE_COUNT,
    boxes,
    check_outputs,
    coordinate,
)
from tests.sweeps import sampled

A = [0.5, -1.25, 0.1, 2.0, -0.3, 2.0, 1e-3]
M = [[1.0, 0.5, -2.0], [0.1, 3.0, 2.0], [-1.0, 0.0, 0.7]]
G = [1, 2, 2, 1, 2, 1, 1]
LARGE = Fraction(10) ** 300
TEXTS = [
    "sum((x-A[i])^2 for i in 1:n) + y^2",
    "sum(log(1+exp(-A[i]*(x*A[i]+y))) for i in 1:n)",
    "sum(sum((x-M[i,j])^2*y for j in 1:3) for i in 1:3)",
    "sum(A[i]*prod(x-M[i,j] for j in 1:3)+y for i in 1:3)",
    "sum(A[i]*sum(x*A[j]-y for j in 1:i) for i in 1:n)",
    "sum(sum(sum(x*A[k]^2 for k in j:n) - y*A[j] for j in 1:i) for i in 1:n)",
    "sum(ifelse(i > 2, A[i]*x, y) for i in 1:n)",
    "sum(ifelse(A[i] > x, (x-A[i])^2, y*i) for i in 1:n)",
    "sum(ifelse(x < y, A[i]*x, A[i]*y^2) for i in 1:n)",
    "ifelse(x < y, sum(A[i]*x for i in 1:n), sum(abs(y-A[i]) for i in 1:n))",
    "max(abs(x-A[i])+y for i in 1:n)",
    "min((x-A[i])^2*y for i in 1:n) + max(A[i]*x for i in 2:n)",
    "sum(max(abs(x-M[i,j]) for j in 1:3)*y for i in 1:3)",
    "prod(x-A[i] for i in 1:n) * y",
    "log(sum(exp(A[i]*x - y) for i in 1:n))",
    "sum(log(sum(exp(M[i,j]*x - y) for j in 1:3)) for i in 1:3)",
    "sum(A[i]*x^i for i in 1:n) + sum(y^(i-3) for i in 1:n)",
    "sum(sqrt(x-A[i])/i + y for i in 1:n)",
    "sum(A[i]/(x*y-A[i]) for i in 1:n)",
    "sum(1 for i in 1:n)*x + sum(i+0*A[i] for i in 1:n)*y + sum(x*y for i in 1:n)",
    "sum(max(x, A[i], y*A[i]) + sign(x-A[i]) for i in 1:n)",
    "sum((z[G[i]]-A[i])^2 for i in 1:n)",
    "sum((z[i+1]-z[i]^2)^2*A[i] for i in 1:1) + sum(z[i]*A[i] for i in 1:2)",
    "sum(ifelse(A[i] > z[1], z[G[i]]*A[i], sin(z[2])) for i in 1:n)",
    "ifelse(z[1] < z[2], sum(z[G[i]]*A[i] for i in 1:n), sum(exp(z[j])*M[j,3] for j in 1:2))",
    "sum(sum(M[i,j]*z[j] for j in 1:2)^2*z[G[i]] for i in 1:3)",
    "max(abs(z[G[i]]-A[i]) for i in 1:n)",
]


def enclosed_of(text: str) -> EnclosedFunction:
    """The function of x and y, or of z with two entries, and of the data; its loops are run."""
    data = {name: np.array(given) for name, given in (("A", A), ("M", M), ("G", G)) if name in text}
    function = gdcli.function(text, data=data)
    enclosed = EnclosedFunction(function, INTERVAL_LANES)
    vars(enclosed)["written_out"] = function
    return enclosed


def outward(end: Fraction | float, bound: float) -> float:
    """A float beyond an exact end, in the direction of an infinite bound."""
    if isinstance(end, float):
        return end
    if abs(end) > LARGE:
        return bound if (end < 0) == (bound < 0) else copysign(LARGE, end)
    return nextafter(float(end), bound)


def in_one_lane(system: IntervalSystem, one: Interval) -> Interval:
    """The Interval of a system of one box as a lane, rounded outward."""
    low, high = system.ends(one)
    numbers = outward(low, -inf), outward(high, inf), one.flags
    return Interval(*[np.array([number]) for number in numbers])


def check(text: str, seed: int) -> None:
    """Holds value, gradient and Hessian of boxes made by chance against arb.

    They are enclosed in lanes, and for one box in the judge's arithmetic.
    """
    enclosed, source = enclosed_of(text), random.Random(f"{text} {seed}")
    function, ends = enclosed.function, boxes(source)
    bound, made = function.engine.gradient_bindings, function.engine.gradient_tape
    assert bound is not None
    product, system = tangent(reverse(function.tape)), interval_ends()
    judging = enclosed.over(system)

    def outputs(one: EnclosedFunction, box: Box) -> list[list[Interval]]:
        value, gradient = one.value_and_gradient(box)
        return [[one.value(box)], [value, *gradient], *one.hessian(box)]

    in_lanes = outputs(enclosed, [Interval(low, high) for low, high in ends])
    for lane in source.sample(range(LANE_COUNT), 3):
        point = [coordinate(source, low[lane], high[lane]) for low, high in ends]
        alone = outputs(judging, [system.of(low[lane], high[lane]) for low, high in ends])
        judged = [[in_one_lane(system, one) for one in some] for some in alone]
        told = f"{text} (seed {seed}) at {point}, lane {lane}"
        for (value, slopes, *hessian), k in ((in_lanes, lane), (judged, 0)):
            check_outputs(value, function.tape, k, point, told, function.bindings)
            found = check_outputs(slopes, made, k, point, told, bound)
            for i, row in enumerate(hessian if found else []):
                doubled = [*point, *(float(i == j) for j in range(2))]
                check_outputs([ANYTHING, *row], product, k, doubled, told, bound.doubled(2))


CASES = [(text, lanes) for text in TEXTS for lanes in (1, 30, 1 << 15)]


@pytest.mark.parametrize(("text", "lanes"), sampled(CASES, 4), ids=str)
def test_loops_in_lanes_hold_what_arb_finds(
    text: str, lanes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(iteration_lanes, "LANES_AT_ONCE", lanes)
    check(text, lanes)


def test_a_sum_over_data_is_enclosed_without_a_step_for_each_term() -> None:
    taken: list[Interval] = []
    numbers = INTERVAL_LANES.numbers

    def exp(one: Interval) -> Interval:
        taken.append(one)
        made: Interval = numbers.operations["exp"](one)
        return made

    counted = numbers._replace(operations={**numbers.operations, "exp": exp})
    data = np.linspace(-1.0, 1.0, 5001)
    function = gdcli.function("sum(exp(x*A[i]) for i in 1:n)", data={"A": data})
    low, high = np.array([-1.0, 0.5]), np.array([1.0, 0.5])
    enclosed = EnclosedFunction(function, INTERVAL_LANES._replace(numbers=counted))
    value, _ = enclosed.value_and_gradient([Interval(low, high)])
    assert len(taken) == 1
    exact = np.exp(0.5 * data).sum()
    assert value.low[1] < exact < value.high[1] < value.low[1] * (1 + 1e-13)


def test_data_are_the_decimals_that_name_them() -> None:
    source = random.Random("data")
    numbers = [0.1, -0.3, 0.5, 2.0**-10, 3 * 2.0**-10 + 1e5, 99999.0009765625, 1e15, 1e22, -1e300]
    numbers += [5e-324, 0.0, 1e-310, *(source.uniform(-9, 9) for _ in range(200))]
    numbers += [source.randint(-(2**50), 2**50) / 1024 for _ in range(200)]
    found = iteration_lanes.of_data(numbers, np.arange(len(numbers)), 1)
    for number, low, high in zip(numbers, found.low, found.high, strict=True):
        assert Fraction(low) <= Fraction(repr(number)) <= Fraction(high), number
    assert found.low[2] == found.high[2] == 0.5


def test_no_entry_is_read_that_is_not_there() -> None:
    bound, first = ArrayBinding((2, 3)), np.array([1, 2])
    assert iteration_lanes.places(bound, (first, np.array([3, 1])), 2).tolist() == [2, 3]
    for second in (0, 4):
        with pytest.raises(IndexError):
            iteration_lanes.places(bound, (first, np.array([1, second])), 2)
