"""Tables in place of work that is done again, before and behind differentiation."""

from __future__ import annotations

import random
from math import tanh
from typing import Any

import pytest

from gdcli.autodiff.passes.joined_loops import fuse
from gdcli.autodiff.passes.schedule import prepare, schedule
from gdcli.autodiff.passes.tabulate import (
    FEWEST_SAVED_STEPS,
    MOST_TABLE_NUMBERS,
    MOST_TABULATED_NUMBERS,
    store,
    tabulate,
)
from gdcli.autodiff.passes.trip_counts import MOST_STORED_NUMBERS
from gdcli.autodiff.reverse import reverse
from gdcli.autodiff.tape import LOGSUMEXP, LOOP, SUM, TABLE, Instruction, Tape, instructions
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
    assert (calls(scheduled, "tanh"), calls(scheduled, "tanh-slope")) == (2, 2)
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
        (FEWEST_SAVED_STEPS, 4, True),
        (FEWEST_SAVED_STEPS // 8, 4, False),
        (FEWEST_SAVED_STEPS, MOST_STORED_NUMBERS, True),
        (FEWEST_SAVED_STEPS, MOST_STORED_NUMBERS + 1, False),
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


# -- before differentiation ------------------------------------------------------------------------

DATA = {"X": [[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5]], "y": [0.5, -1.0, 2.0]}
UNIT = "sum(W[k,j]*X[i,j] for j in 1:d)"
LAYER = "tanh(b[k] + sum(W[k,j]*X[i,j] for j in 1:d))"
TWO_LAYERS = f"sum((sum(v[l]*tanh(a[l] + sum(V[l,k]*{LAYER} for k in 1:4)) for l in 1:3) - y[i])^2 "
TWO_LAYERS += "for i in 1:n)"
DEEPER = (
    f"sum(tanh(sum(U[q,l]*tanh(sum(V[l,k]*{LAYER} for k in 1:4)) for l in 1:3))/q for q in 1:2)"
)


def held(text: str, **given: Any) -> Tape:
    """The tape of a text before reverse mode; its derivatives are those of its scalar tape."""
    function = Function(text, backend="python", **given)
    draw = random.Random(text)
    point, along = ([draw.uniform(0.2, 0.9) for _ in function.components] for _ in range(2))
    value, gradient = function.evaluate_gradient(point)
    wanted = function.unrolled.evaluate_gradient(point)
    assert value == pytest.approx(wanted[0], rel=1e-13)
    assert gradient == pytest.approx(wanted[1], rel=1e-11, abs=1e-13)
    product = function.evaluate_hessian_product(point, along)
    products = function.unrolled.evaluate_hessian_product(point, along)
    assert product == pytest.approx(products, rel=1e-10, abs=1e-11)
    return function.engine.prepared_tape


def test_a_layer_that_skips_a_loop_is_a_table_in_front_of_it() -> None:
    tape = held(TWO_LAYERS, data=DATA)
    (rows,) = (one for one in tape.body.instructions if one.operation == LOOP)
    first, second = (one for one in rows.regions[0].instructions if one.operation == LOOP)
    assert first.payload.reductions == (TABLE,)
    assert (calls(tape, "tanh"), len(tables(tape))) == (2, 1)
    assert "tanh" in [one.payload for one in first.regions[0].instructions]
    assert sum(one.operation == LOOP for one in instructions(second.regions[0])) == 1


def test_three_layers_are_two_tables_each_of_the_one_before() -> None:
    tape = held(f"sum({DEEPER} for i in 1:n)", data={"X": DATA["X"]})
    assert (calls(tape, "tanh"), len(tables(tape))) == (3, 2)
    assert sum(one.operation == LOOP for one in instructions(tape.body)) == 7


def test_the_scores_of_a_softmax_share_their_layer_and_one_loop() -> None:
    """Labels by one column a class: the scores are read by logsumexp and by the sum beside it."""
    score = f"sum(V[c,k]*{LAYER} for k in 1:4)"
    text = f"sum(logsumexp({score} for c in 1:2) - sum(X[i,c]*{score} for c in 1:2) for i in 1:n)"
    tape = held(text, data={"X": DATA["X"]})
    assert (calls(tape, "tanh"), len(tables(tape))) == (1, 1)
    assert sorted(loop_kinds(tape)) == [(LOGSUMEXP, SUM), (SUM,), (SUM,), (SUM,), (TABLE,)]


def loop_kinds(tape: Tape) -> list[tuple[str, ...]]:
    return [one.payload.reductions for one in instructions(tape.body) if one.operation == LOOP]


def test_a_value_that_two_loops_find_is_a_table() -> None:
    """The scores less their maximum: the second loop needs all of the first."""
    score, other = (f"sum(W[{index},j]*X[i,j] for j in 1:d)" for index in "cq")
    text = f"sum(sum(exp({score} - max({other} for q in 1:3)) for c in 1:3) for i in 1:n)"
    tape = held(text, data={"X": DATA["X"]})
    weights = [
        one for one in instructions(tape.body) if str(one.payload).startswith("Element(array='W'")
    ]
    assert (len(weights), len(tables(tape))) == (1, 1)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sum(sum(v[l]*tanh(w[k]*l) for k in 1:3) for l in 1:4)", "depends on every loop"),
        ("sum(sum(v[l]*w[k]*2 for k in 1:3) for l in 1:4)", "costs neither a call nor a loop"),
        ("sum(sum(v[l]*tanh(w[k]) for k in 1:l) for l in 1:4)", "has a range that the loop sets"),
        ("sum(sum(v[l]*tanh(w[k]) for k in 1:40000) for l in 1:2)", "is too long"),
        ("sum(sum(v[l]*tanh(w[k]) for k in 1:3) for l in 2:m-1)", "may not be needed at all"),
        (
            "sum(sum(ifelse(l > k, v[l]*tanh(w[k]), 1) for k in 1:3) for l in 1:4)",
            "has other guards in every iteration",
        ),
        ("sum(sum(max(tanh(w[k]), v[l]) for k in 1:3) for l in 1:4)", "is there to pick from"),
        ("sum(max(v[l]*tanh(w[k]) for k in 1:3) for l in 1:4)", "is an extremum's operand"),
    ],
)
def test_no_table_is_made_of_what(text: str, why: str) -> None:
    sizes = {"m": 2} if "m-1" in text else {}
    function = Function(text, sizes=sizes)
    tape = tabulate(function.tape, function.sizes)
    assert tape == function.tape, why


def test_tables_hold_a_megabyte_together() -> None:
    numbers = MOST_TABULATED_NUMBERS // MOST_TABLE_NUMBERS
    text = " + ".join(
        f"sum(sum(v{n}[l]*tanh(w{n}[k]) for k in 1:{MOST_TABLE_NUMBERS}) for l in 1:2)"
        for n in range(numbers + 1)
    )
    function = Function(text)
    assert len(tables(tabulate(function.tape, function.sizes))) == numbers


def test_a_recurrence_is_no_table_of_its_own() -> None:
    """What a loop reads of the table that it fills belongs to it."""
    text = (
        "p[1] = a; p[t in 2:5] = sin(p[t-1])*b; sum(sum(v[l]*exp(p[t]) for t in 1:5) for l in 1:3)"
    )
    tape = held(text)
    assert calls(tape, "exp") == 1
    assert sorted(loop_kinds(tape)) == [(SUM,), (SUM,), (TABLE,), (TABLE,)]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (f"sum(sum(v[l]*ifelse({UNIT} > 0, tanh({UNIT})*2, {UNIT}) for k in 1:2) for l in 1:3)", 1),
        (f"ifelse(X[i,1] > 0, sum(sum(v[l]*tanh({UNIT}) for k in 1:2) for l in 1:3), 0)", 1),
        (f"sum(ifelse(v[l] > 0, sum(v[l]*tanh({UNIT}) for k in 1:2), 0) for l in 1:3)", 0),
    ],
)
def test_a_table_stands_on_the_side_of_what_it_saves(text: str, count: int) -> None:
    """A branch may be a table's entry; a side of a loop that is skipped may not run at all."""
    tape = held(f"f(W, v) = sum({text} for i in 1:n)", data={"X": DATA["X"]})
    assert len(tables(tape)) == count
