"""Tables behind differentiation: what inner loops have found at some cost is found once."""

from __future__ import annotations

from math import tanh

import pytest

from gdcli.autodiff.passes.joined_loops import fuse
from gdcli.autodiff.passes.schedule import prepare, schedule
from gdcli.autodiff.passes.tabulate import FEWEST_STEPS, MOST_STORED_NUMBERS, store
from gdcli.autodiff.reverse import reverse
from gdcli.autodiff.tape import LOOP, TABLE, Instruction, Tape, instructions
from gdcli.execute.fallback import FallbackFunction
from gdcli.functions.function import Function
from tests.autodiff.passes.test_contract import network
from tests.tape_writer import Trial

NETWORK = "sum((y[i] - sum(v[k]*tanh(b[k]*y[i]) for k in 1:m))^2 for i in 1:n)"
SHAPES = {"W": "md", "V": "pm", "X": "nd", "u": "p", "y": "n"}


def calls(tape: Tape, primitive: str) -> int:
    return sum(one.payload == primitive for one in instructions(tape.body))


def tables(tape: Tape) -> list[Instruction]:
    return [
        one
        for one in instructions(tape.body)
        if one.operation == LOOP and TABLE in one.payload.reductions
    ]


def test_what_an_inner_loop_has_found_is_stored() -> None:
    data = {"y": [1.0, 2.0, -1.0]}
    function = Function(NETWORK, sizes={"m": 2}, data=data)
    before = fuse(reverse(function.tape))
    after = store(before, function.sizes)
    assert (len(tables(before)), len(tables(after))) == (0, 1)
    assert (calls(before, "tanh"), calls(after, "tanh")) == (2, 1)
    point = [0.3, -0.7, 1.5, 0.25]
    found, gradient = FallbackFunction(after, function.engine.gradient_bindings)(point)
    b, v = point[:2], point[2:]
    residuals = [y - sum(v[k] * tanh(b[k] * y) for k in (0, 1)) for y in data["y"]]
    assert found == pytest.approx(sum(r * r for r in residuals), rel=1e-14)
    by_v = [
        sum(-2 * r * tanh(b[k] * y) for r, y in zip(residuals, data["y"], strict=True))
        for k in (0, 1)
    ]
    assert gradient[2:] == pytest.approx(by_v, rel=1e-13)


def test_no_contraction_and_no_call_of_a_row_is_computed_twice() -> None:
    """Two layers: each has its contraction forwards, and two backwards."""
    sizes = {"n": 5, "m": 3, "d": 2, "p": 4}
    tape = network()
    scheduled = schedule(reverse(prepare(tape, sizes)), sizes)
    assert sum(one.operation == LOOP for one in scheduled.body.instructions) == 1
    assert (calls(scheduled, "tanh"), calls(scheduled, "cosh")) == (2, 2)
    weights = [
        one.payload.array
        for one in instructions(scheduled.body)
        if one.operation == "element" and one.payload.array in ("W", "V")
    ]
    assert sorted(weights) == ["V", "V", "W"]  # V forwards and in the adjoint of the first layer
    trial = Trial(tape, sizes, SHAPES)
    wanted = trial.gradient(reverse(tape))
    assert trial.gradient(scheduled) == pytest.approx(wanted, rel=1e-12, abs=1e-14)


def test_loops_in_loops_store_tables_of_tables() -> None:
    inner = "exp(-sum(tanh(w[k]*z[j]*y[i]) for j in 1:m)^2)"
    text = f"sum((y[i] - sum(v[k]*{inner} for k in 1:p))^2 for i in 1:n)"
    data = {"y": [0.5, -1.0, 2.0], "z": [0.1, 0.7]}
    function = Function(text, sizes={"p": 3}, data=data)
    after = schedule(reverse(function.tape), function.sizes)
    assert calls(after, "tanh") == 1
    point = [0.3, -0.7, 0.2, 1.1, 0.25, 0.4]
    found = FallbackFunction(after, function.engine.gradient_bindings)(point)
    wanted = function.unrolled.evaluate_gradient(point)
    assert found[0] == pytest.approx(wanted[0], rel=1e-14)
    assert found[1] == pytest.approx(wanted[1], rel=1e-12)


def test_an_outermost_loop_stores_no_calls() -> None:
    function = Function("log(sum(exp(x[i])*x[i] for i in 1:n))", sizes={"n": 5})
    fused = fuse(reverse(function.tape))
    assert store(fused, function.sizes) == fused


ROOT = "sqrt(sum((sum(tanh(x[j])*c[i]*j for j in 1:m) - c[i])^2 for i in 1:n))"


@pytest.mark.parametrize(
    ("length", "rows", "stored"),
    [
        (FEWEST_STEPS, 4, True),
        (FEWEST_STEPS // 8, 4, False),
        (FEWEST_STEPS, MOST_STORED_NUMBERS, True),
        (FEWEST_STEPS, MOST_STORED_NUMBERS + 1, False),
    ],
)
def test_long_sums_of_outermost_loops_are_stored_up_to_64_megabytes(
    length: int, rows: int, *, stored: bool
) -> None:
    function = Function(ROOT, sizes={"m": length}, data={"c": [0.5, 1.0, -1.0, 2.0]})
    fused = fuse(reverse(function.tape))
    after = store(fused, {"m": length, "n": rows})
    assert any(one in tables(after) for one in after.body.instructions) == stored
    if rows == 4:
        point = [0.01 * k for k in range(1, length + 1)]
        bindings = function.engine.gradient_bindings
        assert FallbackFunction(after, bindings)(point) == FallbackFunction(fused, bindings)(point)
