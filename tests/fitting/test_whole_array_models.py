"""Models with formulas of whole arrays, whose columns may be vectors, fit what their sums fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gdcli
from gdcli.fitting.fit import fit
from gdcli.fitting.result import Fit

NUMBERS = np.random.default_rng(5)
ROWS = NUMBERS.standard_normal((40, 2))
DATA: dict[str, Any] = {
    "x": ROWS,
    "y": np.tanh(ROWS @ [1.0, 2.0]) + 0.1 * NUMBERS.standard_normal(40),
    "label": NUMBERS.integers(0, 3, 40),
}


def found(model: str, **settings: Any) -> Fit:
    return fit(model, DATA, **settings)


@pytest.mark.parametrize(
    ("whole", "sums"),
    [
        ("y ~ c + x'*w", "y ~ c + sum(x[j]*w[j] for j in 1:m)"),
        ("y ~ f(c, w) = c + dot(w, x)", "y ~ c + sum(x[j]*w[j] for j in 1:m)"),
        ("y ~ f(c, w[2]) = c + w'*x", "y ~ c + sum(x[j]*w[j] for j in 1:m)"),
        ("r = norm(x); y ~ a + b*r^2", "y ~ a + b*(x[1]^2 + x[2]^2)"),
        ("y ~ a + b*mean(x) + c*max(x)", "y ~ a + b*(x[1] + x[2])/2 + c*max(x[1], x[2])"),
    ],
)
def test_a_model_of_whole_arrays_is_that_of_their_entries(whole: str, sums: str) -> None:
    one, other = found(whole), found(sums)
    assert one.sum_of_squares == pytest.approx(other.sum_of_squares, rel=1e-12)
    assert {name: parameter.value for name, parameter in one.parameters.items()} == pytest.approx(
        {name: parameter.value for name, parameter in other.parameters.items()}, rel=1e-8
    )
    new = {"x": ROWS[:3]}
    assert gdcli.predict(one, new) == pytest.approx(gdcli.predict(other, new), rel=1e-8)


def test_a_layer_in_a_model_is_the_layer_written_out() -> None:
    start = {"c": 0.1, "w": [0.3, 0.4], "V": [[0.5, 1.0], [1.5, 0.2]]}
    whole = found("z = tanh(V*x); y ~ f(c, w[2], V[2, 2]) = c + w'*z", start=start)
    entries = "c + sum(w[k]*tanh(sum(V[k,j]*x[j] for j in 1:2)) for k in 1:2)"
    other = found(f"y ~ {entries}", start=start)
    assert whole.sum_of_squares == pytest.approx(other.sum_of_squares, rel=1e-6)


def test_scores_of_classes_may_have_whole_arrays() -> None:
    scores = "label ~ b[k] + a*{} for k in classes"
    whole, entries = (
        found(scores.format(norm), loss="softmax")
        for norm in ("norm(x .- 1)^2", "((x[1] - 1)^2 + (x[2] - 1)^2)")
    )
    assert whole.f == pytest.approx(entries.f, rel=1e-9)


@pytest.mark.parametrize(
    ("model", "plain"),
    [
        (
            "label ~ f(W[classes, 2], b[classes]) = b[k] + dot(W[k], x) for k in classes",
            "label ~ f(W[classes, 2], b[classes]) = b[k] + dot(W[k], x) for k in classes",
        ),
        (
            "label ~ b[k] + W[k,1]·x[1] + W[k,2]·x[2] for k in classes",  # signs of paper
            "label ~ b[k] + W[k, 1]*x[1] + W[k, 2]*x[2] for k in classes",
        ),
        (
            "s[j in 1:2] = 1·x[j]; label ~ b[k] + sum(W[k,j]*s[j] for j in 1:2) for k in classes",
            "s[j in 1:2] = 1*x[j]; label ~ b[k] + sum(W[k, j]*s[j] for j in 1:2) for k in classes",
        ),
    ],
)
def test_scores_of_classes_are_the_same_however_they_are_written(model: str, plain: str) -> None:
    one = found(model, loss="softmax", l2={"W": 0.1})
    other = found(
        "label ~ b[k] + sum(W[k,j]*x[j] for j in 1:2) for k in classes",
        loss="softmax", l2={"W": 0.1},
    )  # fmt: skip
    assert one.model == plain
    assert one.f == pytest.approx(other.f, rel=1e-9)
    new = {"x": ROWS[:3]}
    assert gdcli.predict(one, new).tolist() == gdcli.predict(other, new).tolist()


@pytest.mark.parametrize(
    ("derived", "right"),
    [
        ("h = norm(w)", lambda w, c: np.linalg.norm(w)),
        ("h = w'*w/2 + c", lambda w, c: w @ w / 2 + c),
        ("h = max(w) - mean(2*w)", lambda w, c: np.max(w) - np.mean(2 * w)),
        ("h = w[1]/w[2]", lambda w, c: w[0] / w[1]),
    ],
)
def test_a_quantity_may_be_derived_of_a_whole_vector(derived: str, right: Any) -> None:
    one = found("y ~ c + x'*w", derive=[derived])
    w = np.array([one.parameters[f"w[{place}]"].value for place in (1, 2)])
    assert one.derived["h"].value == pytest.approx(right(w, one.parameters["c"].value), rel=1e-12)
