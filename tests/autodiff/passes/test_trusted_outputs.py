"""The first output is nan wherever Python raises, an output is not finite, or a kink is."""

from __future__ import annotations

import random
from itertools import product
from math import inf, isfinite, nan

import pytest

from gdcli.autodiff.passes.kink_distance import kink_distance
from gdcli.autodiff.passes.trusted_outputs import trusted_outputs
from gdcli.autodiff.tape import Tape, check
from gdcli.execute.fallback import FallbackFunction
from tests.native_code import bits, of

NUMBERS = (0.0, -0.0, 1.0, -1.0, 0.5, 710.0, -745.0, 1e10, 1e155, -1e155, 1e300, 5e-324, inf, nan)
TEXTS = (
    "x^2 + y",
    "1/(1 + exp(x)) + 0.1*y",
    "exp(-exp(x)) + y",
    "atan(x^2*y) + 1/(x*x*x)",
    "ifelse(x*x*x - y*y*y > 0, 1, 2) + y",
    "ifelse(x > 0, 1/(1 + exp(y)), ifelse(log(-x) > y, y, 2))",
    "polygamma(2, x) + digamma(y) + gamma(x*y)",
    "hypot(x*1e200, y)/(1/x)",
    "tanh(exp(x))*cbrt(y) + erf(x^5)",
    "abs(x) + max(x, y)*relu(y) + 1/(1/x)",
    "logsumexp(x, y) + logaddexp(x*x, y) + softplus(x/y) + logcosh(y/x)",
    "3 + 0*x*y",
)


def taken(tape: Tape, value: Tape, point: list[float]) -> list[float] | None:
    """The outputs that a call takes: Python's floats do not raise, are finite and on no kink."""
    found = FallbackFunction(tape).without_fallback(point)
    near = kink_distance(value)
    if found is None or not all(map(isfinite, [found[0], *found[1]])):
        return None
    if near is not None and FallbackFunction(near)(point)[0] == 0.0:
        return None
    return [found[0], *found[1]]


@pytest.mark.parametrize("text", TEXTS)
def test_what_a_call_would_not_take_is_nan_and_the_rest_is_the_same(text: str) -> None:
    function = of(text)
    draw = random.Random(text)
    points = [list(pair) for pair in product(NUMBERS, repeat=function.layout.size)]
    points = [*draw.sample(points, min(len(points), 60)), *([draw.gauss(0, 2)] * 2 for _ in "ab")]
    points += [[draw.gauss(0, 2) for _ in range(2)] for _ in range(20)]
    value = function.engine.prepared_tape
    for tape in (value, function.engine.rewritten_gradient_tape):
        made = trusted_outputs(tape, value)
        check(made)
        evaluate = FallbackFunction(made)
        known = 0
        for point in points:
            first, others = evaluate(point)
            wanted = taken(tape, value, point)
            if first == first:
                known += 1
                assert wanted is not None, (text, point)
                assert bits([first, *others]) == bits(wanted), (text, point)
            elif wanted is not None:
                assert not all(map(isfinite, point)), (text, point)
        assert known > 10
