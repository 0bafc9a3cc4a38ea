"""Interchange: the loop over the rows of data becomes the outermost of a nest of sums."""

from __future__ import annotations

import random
from typing import Any

import pytest

from gdcli.autodiff.passes.interchange import interchange
from gdcli.autodiff.tape import LOOP, Instruction
from gdcli.functions.function import Function

X = [[0.5, -1.0, 0.3], [2.0, 0.25, -0.6], [-0.75, 1.5, 0.1], [0.2, 0.4, 1.1]]
SCORE = "tanh(sum(W[c,j]*X[i,j] for j in 1:d))"


def nest(text: str, **given: Any) -> tuple[list[str], bool]:
    """The ends of the loops of the outermost nest, and whether the pass has changed the tape."""
    function = Function(text, backend="python", **given)
    tape = interchange(function.tape, function.sizes)
    ends, loop = [], tape.body.instructions[-1]
    while loop.operation == LOOP:
        ends.append(loop.payload.high[0].text([]))
        inner = [
            one for one in loop.regions[0].instructions if one.results == loop.regions[0].outputs
        ]
        loop = inner[0] if inner else Instruction("", None, (), ())
    draw = random.Random(text)
    point = [draw.gauss(0, 1) for _ in function.components]
    value, gradient = function.evaluate_gradient(point)
    wanted = function.unrolled.evaluate_gradient(point)
    assert value == pytest.approx(wanted[0], rel=1e-13)
    assert gradient == pytest.approx(wanted[1], rel=1e-12, abs=1e-13)
    return ends, tape != function.tape


@pytest.mark.parametrize(
    ("text", "ends", "changed"),
    [
        (f"sum(v[c]*{SCORE} for c in 1:2, i in 1:n)", ["n", "2"], True),
        (f"sum(v[c]*{SCORE} for i in 1:n, c in 1:2)", ["n", "2"], False),
        (f"sum(v[c]*b[q]*{SCORE} for c in 1:2, q in 1:3, i in 1:n)", ["n", "2", "3"], True),
        (f"sum(sum(v[c]*{SCORE} for c in 1:2) for i in 1:n)", ["n", "2"], False),
        (f"sum(v[c]*sum({SCORE} for i in 1:n) for c in 1:2)", ["2"], False),  # not all it adds up
        ("sum(v[c]*max(W[c,j]*X[i,j] for j in 1:d) for c in 1:2, i in 1:n)", ["n", "2"], True),
        ("sum(v[c]*X[i,c] for c in 1:3, i in 1:c)", ["3"], False),  # a range that the outer sets
        ("prod(v[c]*X[i,c] for c in 1:3, i in 1:n)", ["3", "n"], False),
        ("sum((X[i,j] - u[i]*v[j])^2 for j in 1:d, i in 1:n)", ["n", "d"], True),
        ("sum((v[c] - t[i])^2 for c in 1:2, i in 1:n)", ["n", "2"], True),
        ("sum((v[c] - t[i])^2 for c in 1:9, i in 1:n)", ["9", "n"], False),  # a column, and short
    ],
)
def test_rows_go_outwards(text: str, ends: list[str], changed: bool) -> None:
    data = {"t": [0.5, 1.0, -1.0, 0.25]} if "t[i]" in text else {"X": X}
    found = nest(text, data=data)
    assert found[1] == changed
    assert found[0][: len(ends)] == ends
