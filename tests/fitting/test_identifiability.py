"""What data do not determine is said in words that the model bears out."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp
from random import Random
from typing import Any

import pytest

import gdcli
from gdcli.fitting.identifiability import conjoined, running_off

DRAW = Random(3)
X = [0.2 * i for i in range(1, 21)]
NOISE = [0.02 * DRAW.gauss(0.0, 1.0) for _ in X]
GROWTH = {"x": X, "z": [3.0] * len(X), "w": [2.0 * x for x in X],
          "y": [1.5 * exp(0.4 * x) + e for x, e in zip(X, NOISE, strict=True)]}  # fmt: skip
LINE = {**GROWTH, "y": [1.0 + 2.0 * x + e for x, e in zip(X, NOISE, strict=True)]}
FREE_Z = {"x": X, "y": LINE["y"]}
SENTENCES: list[tuple[str, Mapping[str, Any], dict[str, float], str]] = [
    ("y ~ a*exp(b*x + c)", GROWTH, {"a": 1, "b": 0.5, "c": 0}, "only a*exp(c) is determined"),
    ("y ~ a*exp(b*x - 2*c)", GROWTH, {"a": 1, "b": 0.5, "c": 0}, "only a*exp(-2*c) is determined"),
    ("y ~ a*exp(b*c*x)", GROWTH, {"a": 1, "b": 0.5, "c": 1}, "only b*c is determined"),
    ("y ~ a*b^2*exp(c*x)", GROWTH, {"a": 1, "b": 1, "c": 0.5}, "only a*b^2 is determined"),
    ("y ~ sqrt(a/b)*exp(c*x)", GROWTH, {"a": 1, "b": 1, "c": 0.5}, "only a/b is determined"),
    ("y ~ (a*b*c)*exp(d*x)", GROWTH, {"a": 1, "b": 1, "c": 2, "d": 0.5},
     "only a*b*c is determined"),
    ("y ~ a + b + c*x", LINE, {"a": 0, "b": 0, "c": 1}, "only a + b is determined"),
    ("y ~ a - b + c*x", LINE, {"a": 0, "b": 1, "c": 1}, "only a - b is determined"),
    ("y ~ a + b + c + d*x", LINE, {"a": 0, "b": 0, "c": 0, "d": 1}, "only a + b + c is determined"),
    ("y ~ a + b*z + c*x", LINE, {"a": 0, "b": 0, "c": 1}, "only a + 3*b is determined"),
    ("y ~ a + b*x + c*w", LINE, {"a": 0, "b": 0, "c": 1}, "only b + 2*c is determined"),
    ("y ~ a/b*x + c", LINE, {"a": 1, "b": 1, "c": 1}, "only a/b is determined"),
    ("y ~ a*b*x + b*c", LINE, {"a": 1, "b": 1, "c": 1}, "only a*b and b*c are determined"),
    ("y ~ a + b*x + 0*c", LINE, {"a": 1, "b": 1, "c": 7}, "c has no influence on the model"),
    ("y ~ a*b*x + c + d", LINE, {"a": 1, "b": 1, "c": 1, "d": 1},
     "only a*b is determined; only c + d is determined"),
    ("y ~ (a^2 + b^2)*x + c", LINE, {"a": 1, "b": 1, "c": 1},
     "only a^2 + b^2 is determined"),
    ("y ~ a*(b + c)*x", LINE, {"a": 1, "b": 1, "c": 0}, "only a*(b + c) is determined"),
    ("y ~ x*a*(b + c)", LINE, {"a": 1, "b": 1, "c": 1e-14}, "only a*(b + c) is determined"),
    ("y ~ (a*b + c)*x + d", LINE, {"a": 1, "b": 1, "c": 0, "d": 0}, "only a*b + c is determined"),
    ("y ~ a*b*x + c*x + d", LINE, {"a": 1, "b": 1, "c": 0, "d": 0}, "only a*b + c is determined"),
    ("y ~ a + b*z", FREE_Z, {"a": 1, "b": 0, "z": 0}, "only a + b*z is determined"),
    ("y ~ -a*b*x - (c - d)", LINE, {"a": 1, "b": 1, "c": 0, "d": 0},
     "only a*b is determined; only c - d is determined"),
    ("y ~ a*x/(b*(x + c))", LINE, {"a": 1, "b": 1, "c": 1}, "only a/b is determined"),
]  # fmt: skip


SAMPLED = [
    case if place % 3 == 0 else pytest.param(*case, marks=pytest.mark.full)
    for place, case in enumerate(SENTENCES)
]


@pytest.mark.parametrize(("model", "data", "start", "sentence"), SAMPLED)
def test_what_is_not_determined_is_said(
    model: str, data: Mapping[str, Any], start: dict[str, float], sentence: str
) -> None:
    used = {name: column for name, column in data.items() if name in model}
    fit = gdcli.fit(model, used, start=start)
    assert (fit.exit_status, fit.status, fit.classification) == (5, "converged", "flat")
    parts = sentence.split("; ")
    assert all(part in str(fit.message) for part in parts), fit.message
    assert fit.null_direction is not None
    assert max(map(abs, fit.null_direction.values())) == 1.0
    moved = {
        name: value + 1e-4 * fit.null_direction.get(name, 0.0) for name, value in fit.values.items()
    }
    there = gdcli.fit(model, used, start=moved, max_iterations=0)
    assert there.f == pytest.approx(fit.f, rel=1e-5)
    assert all(fit.parameters[name].error is None for name in fit.null_direction)


def test_a_parameter_at_its_flat_end_has_no_influence() -> None:
    data = {"x": [2.0, 3, 5, 7, 8, 10], "y": [109.0, 149, 149, 191, 213, 224]}
    fit = gdcli.fit("y ~ a*(1 - exp(-b*x))", data, start={"a": 1, "b": 50})
    assert fit.exit_status == 5
    assert "b has no influence on the model" in str(fit.message)
    assert fit.null_direction == {"b": 1.0}
    assert fit.values["a"] == pytest.approx(sum(data["y"]) / 6)


def test_a_fit_on_its_way_to_infinity_is_told() -> None:
    data = {"x": [0.0, 1.0, 2.0], "y": [3.0, 2.0, 1.0]}
    fit = gdcli.fit("y ~ a*exp(-b*x) + c", data, start={"a": 1, "b": 1, "c": 0})
    assert fit.exit_status == 3
    assert "stalled on the way to a = " in str(fit.message)
    assert running_off(["a", "b"], [-5e4, 1.0], [2.0, 0.0]) == "a = -5e+04"


def test_texts_are_joined_as_in_a_sentence() -> None:
    joined = [conjoined(["a"]), conjoined(["a", "b"]), conjoined(["a", "b", "c"])]
    assert joined == ["a", "a and b", "a, b and c"]
