"""The end of a fit: what is printed belongs to one place, and says how the fit came there."""

from math import exp, fsum
from typing import Any

import pytest

import gdcli

MODEL = "y ~ a*exp(-b*x) + c"
X = [0.5 * i for i in range(12)]
FALLING = [2.0 - 0.7 * x + 0.05 * (-1) ** i for i, x in enumerate(X)]


def _sum_of_squares(values: dict[str, float], power: int) -> float:
    a, slope = values["a"], pow(values["b"], power)
    return fsum((a + slope * x - y) ** 2 for x, y in zip(X, FALLING, strict=True))


@pytest.mark.parametrize("limits", [{}, {"max_iterations": 1}, {"l2": {"a": 5.0}},
                                    {"l2": {"a": 5.0}, "max_iterations": 1},
                                    {"bounds": {"b": (0.0, None)}}])  # fmt: skip
def test_the_sum_of_squares_is_that_of_the_printed_parameters(limits: dict[str, Any]) -> None:
    found = gdcli.fit("y ~ a + b^2*x", {"x": X, "y": FALLING}, start={"a": 1, "b": 1}, **limits)
    squares = _sum_of_squares(found.values, 2)
    penalty = 2.5 * found.values["a"] ** 2 if "l2" in limits else 0.0
    assert found.sum_of_squares == pytest.approx(squares, rel=1e-12)
    assert found.f == pytest.approx(squares / len(X) + penalty, rel=1e-12)


def test_digits_of_a_sum_of_squares_are_without_the_penalty() -> None:
    found = gdcli.fit("y ~ a + b*x", {"x": X, "y": FALLING}, l2={"a": 0.1}, digits=20)
    squares = float(getattr(found.decimals, "sum_of_squares", "nan"))
    assert squares == pytest.approx(_sum_of_squares(found.values, 1))


def test_passes_for_second_derivatives_are_counted() -> None:
    data = {"x": X, "y": FALLING}
    start = {"a": 1, "b": 1}
    newton = gdcli.fit("y ~ a + b^2*x", data, start=start, method="newton", max_iterations=3)
    assert newton.accelerations >= newton.iterations


@pytest.mark.parametrize("loss", ["squared", "absolute", "huber:1.345"])
@pytest.mark.parametrize("start", [{"a": 1, "b": 1, "c": 0}, {"a": 1, "b": 1}])
def test_limits_are_kept_to_the_pass_and_the_iteration(loss: str, start: dict[str, float]) -> None:
    data = {"x": X, "y": [5.0 * exp(-0.7 * x) + 0.05 * (-1) ** i for i, x in enumerate(X)]}
    for most in (1, 3, 9):
        found = gdcli.fit(MODEL, data, loss=loss, start=start, max_evaluations=most)
        assert found.evaluations <= most
        assert found.status == "max_iterations"
        assert f"after {most} pass{'es' * (most > 1)} over the data" in str(found.message)
    for most in (0, 2):
        found = gdcli.fit(MODEL, data, loss=loss, start=start, max_iterations=most)
        assert found.iterations <= most
