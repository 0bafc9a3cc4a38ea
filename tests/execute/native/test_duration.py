"""How long machine code takes: what the estimate tells apart, as it was measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gdcli.execute.native.duration import ALONE_NANOSECONDS
from tests.native_code import ROSENBROCK, gradient, of


def nanoseconds(text: str, data: Any = None, **sizes: int) -> float:
    return gradient(of(text, data, **sizes))._module.nanoseconds


def test_it_grows_with_the_range_of_a_loop() -> None:
    one, ten = (nanoseconds(ROSENBROCK, n=n) for n in (10**6, 10**7))
    assert ten == pytest.approx(10 * one, rel=1e-3)
    assert one < ALONE_NANOSECONDS < ten


@pytest.mark.parametrize(
    ("less", "more", "least"),
    [
        ("sum(x[i]*i for i in 1:n)", "sum(exp(x[i]) for i in 1:n)", 4),  # a call
        ("sum(exp(x[i]) for i in 1:n)", "sum(x[i]^3.5 for i in 1:n)", 3),  # slow calls
        ("sum(exp(x[i]) for i in 1:n)", "sum(gamma(x[i]) for i in 1:n)", 5),
        ("sum(x[i]*i for i in 1:n)", "prod(x[i]*i for i in 1:n)", 10),  # loops without lanes
        ("sum(x[i]^2 for i in 1:n)", "sum(x[2*i]^2 for i in 1:n)", 3),  # entries apart
    ],
)
def test_what_takes_longer_for_as_many_iterations(less: str, more: str, least: float) -> None:
    brief, long = (nanoseconds(text, n=100_000) for text in (less, more))
    assert long > least * brief


def test_an_operation_of_a_strip_takes_a_part_of_the_time_of_one_in_lanes() -> None:
    text = "f(W[64, 64]) = sum(sum(W[j,k]*x[i,k] for k in 1:64)^2 for j in 1:64, i in 1:n)"
    strips = gradient(of(text, {"x": np.ones((1000, 64))}))
    lanes = gradient(of(ROSENBROCK, n=100_000))
    one, other = (each._module.nanoseconds / each.operations for each in (strips, lanes))
    assert one < other / 2
