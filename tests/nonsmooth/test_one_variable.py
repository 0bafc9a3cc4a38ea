"""Generated functions of one variable, kinks and all, against their one-sided slopes.

The truth is read off an evaluator of the text in mpmath: difference quotients to both sides at
1e-80 and 1e-83, and of them the slope of least size between the two.
"""

from __future__ import annotations

import random
from typing import Any

import mpmath
import pytest

from gdcli.functions.function import Function
from tests.sweeps import sampled

CASES, DIGITS = 250, 260
POINTS = (0.0, 0.0, 0.0, 1.0, -1.0, 0.5, 2.0, 1e-9, 1e8, -3.0)
UNARY = ("sin", "cos", "tanh", "abs", "abs", "relu", "relu", "sqrt", "log", "atan")


def generated(source: random.Random, depth: int) -> str:
    if depth == 0 or source.random() < 0.15:
        return source.choice(["x", "x", "x", "2", "3", "0.5", "1"])
    kind = source.random()
    first = generated(source, depth - 1)
    if kind < 0.45:
        return f"({first}{source.choice('+-**')}{generated(source, depth - 1)})"
    if kind < 0.55:
        return f"({first})^2"
    if kind < 0.7:
        return f"{source.choice(['max', 'min'])}({first},{generated(source, depth - 1)})"
    return f"{source.choice(UNARY)}({first})"


def real(context: Any, name: str) -> Any:
    def evaluated(a: Any) -> Any:
        if a < 0 or (a == 0 and name == "log"):
            raise ValueError(name)
        return getattr(context, name)(a)

    return evaluated


def least_slope(text: str, point: float) -> Any:
    """None where the sides have no slopes, or these do not settle."""
    context = mpmath.MPContext()
    context.dps = DIGITS
    names = {name: getattr(context, name) for name in ("sin", "cos", "tanh", "atan")}
    names |= {"sqrt": real(context, "sqrt"), "log": real(context, "log"), "abs": abs}
    names |= {"max": max, "min": min, "relu": lambda a: max(a, context.mpf(0))}
    code = compile(text.replace("^", "**"), "text", "eval")

    def f(x: Any) -> Any:
        return context.mpf(eval(code, dict(names), {"x": x}))

    slopes = []
    for sign in (1, -1):
        try:
            near, far = (
                (f(point + sign * h) - f(context.mpf(point))) / (sign * h)
                for h in (context.mpf(10) ** -83, context.mpf(10) ** -80)
            )
        except ValueError:
            return None
        if abs(near - far) > 1e-9 * max(1, abs(near)):
            return None
        slopes.append(near)
    low, high = sorted(slopes)
    return 0 if low <= 0 <= high else min(low, high, key=abs)


@pytest.mark.parametrize("seed", sampled(range(10), 1))
def test_no_finite_answer_is_wrong_and_few_are_refused(seed: int) -> None:
    source = random.Random(f"one variable {seed}")
    right = refused = 0
    while right < CASES:
        text, point = generated(source, 4), source.choice(POINTS)
        truth = least_slope(text, point)
        if truth is None or "x" not in text:
            continue
        found = Function("f(x) = " + text).answer([point])
        [slope] = found.gradient
        if slope is None:
            refused += 1
            assert "0" in (found.message or ""), (text, point, found.message)
            continue
        assert abs(slope - truth) <= 1e-6 * abs(truth) + 1e-18, (text, point, slope, truth)
        right += 1
    assert refused < 0.01 * CASES
