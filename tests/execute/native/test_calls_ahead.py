"""Library functions ahead of the sums: the same bits as in one pass, whatever a body holds."""

from __future__ import annotations

import numpy as np
import pytest

from gdcli.execute.native import calls_ahead
from gdcli.functions.function import Function
from tests.native_code import agrees, gradient, of, points

ROWS = 1037  # two blocks of 512, lanes that are not full, and some rows over
DRAW = np.random.default_rng(7)
T, Y = DRAW.uniform(0.1, 4.0, ROWS), DRAW.uniform(0.1, 2.0, ROWS)
TERMS = " + ".join(f"a*exp(-b*{k}*t[i])*sin(c*{k}*t[i])/{k}" for k in range(1, 9))
TEXTS = {
    "a function": "f(a, b, c) = sum((a*exp(-b*t[i]) + c - y[i])^2 for i in 1:n)",
    "a function of a function": "f(a, b, c) = sum((a*exp(-b*exp(-c*t[i])) - y[i])^2 for i in 1:n)",
    "quotients": "f(a, b, c) = sum((a*exp(-((t[i] - b)/c)^2) - y[i]/sqrt(t[i]))^2 for i in 1:n)",
    "functions that share one": "f(a, b, c) = sum(a*softplus(b*t[i] + c)*y[i]^2 for i in 1:n)",
    "powers": "f(a, b, c) = sum((a*(t[i] + 1)^b + c*t[i]^3 - y[i])^2 for i in 1:n)",
    "too many": f"f(a, b, c) = sum(({TERMS} - y[i])^2 for i in 1:n)",
    "a choice behind": "f(a, b, c) = sum(abs(a*cos(b*t[i]) + c - y[i])^3 for i in 1:n)",
    "a loop before": "f(a, b) = sum((exp(sum(a*t[i]*j for j in 1:3)/50) - b*y[i])^2 for i in 1:n)",
    "a loop behind": (
        "f(a, b, c) = sum(sum((a*exp(-b*t[i])*j + c - y[i])^2 for j in 1:3) for i in 1:n)"
    ),
    "an array": "f(x, a) = sum((a*exp(x[i]*t[i]) - y[i]*x[i+1])^2 for i in 1:n-1)",
    "undefined rows": "f(a, b, c) = sum((a*log(b*t[i]) + c - y[i])^2 for i in 1:n)",
}


def made(text: str) -> Function:
    return of(text, {"t": T, "y": Y}, **({"n": ROWS} if "x[" in text else {}))


@pytest.mark.parametrize("name", TEXTS)
def test_the_bits_are_those_of_one_pass(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    function = made(TEXTS[name])
    point = np.array(points(name, function.layout.size))
    answers, texts = set(), set()
    for most in (calls_ahead.MOST_KEPT_VALUES, 0):
        monkeypatch.setattr(calls_ahead, "MOST_KEPT_VALUES", most)
        compiled = gradient(function)
        value, slopes = compiled.arrays(point)
        answers.add((np.float64(value).tobytes(), slopes.tobytes()))
        texts.add(compiled.ir)
    assert len(answers) == 1
    assert len(texts) == 1 if name in ("a loop before", "too many") else 2


@pytest.mark.parametrize("name", ["a function", "quotients", "a loop behind", "an array"])
def test_they_agree_with_python(name: str) -> None:
    agrees(made(TEXTS[name]), 1e-11)
