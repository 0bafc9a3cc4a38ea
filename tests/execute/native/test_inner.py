"""Loops inside loops, with ranges that differ from lane to lane, and how they are stopped."""

from __future__ import annotations

import pytest

from tests.native_code import agrees, gradient, of


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


def test_long_loops_look_whether_they_are_to_stop() -> None:
    text = "sum(sum(sin(a*i*j) for j in 1:m)^2 for i in 1:n)"
    short, long = (gradient(of(text, n=3, m=m)).ir for m in (10, 10**7))
    assert long.count("load volatile") > short.count("load volatile")
