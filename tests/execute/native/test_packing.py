"""Which rows are copied for the lanes."""

from __future__ import annotations

import numpy as np

from gdcli.autodiff.tape import ACCUMULATE, LOOP
from gdcli.execute.native.context import Context
from gdcli.execute.native.packing import PackedRow, rows, rows_ahead
from tests.native_code import agrees, context, of


def packed(text: str, **sizes: int) -> list[PackedRow]:
    here = context(of(text, **sizes))
    loops = [one for one in here.tape.body.instructions if one.operation == LOOP]
    return [row for loop in loops for row in rows(here, loop)]


def test_a_row_that_is_read_twice_is_copied() -> None:
    [row] = packed("f(x, W[n,m]) = sum(sum(W[i,j]*x[j] for j in 1:m)^2 for i in 1:n)", n=99, m=12)
    assert (row.array, row.places) == ("W", 12)


def test_what_is_read_once_or_side_by_side_is_not() -> None:
    assert not packed("f(W[n,m]) = sum(sum(W[i,j] for j in 1:m) for i in 1:n)", n=99, m=12)
    assert not packed(
        "f(x, W[m,n]) = sum(sum(W[j,i]*x[j] for j in 1:m)^2 for i in 1:n)", n=99, m=12
    )


def test_a_copy_never_leaves_its_array() -> None:
    text = "f(x) = sum(sum(x[2*i-j]^2 for j in 1:i-1) for i in 2:n)"
    assert not packed(text, n=30)
    agrees(of(text, n=30), 1e-12)


def test_data_are_copied_too() -> None:
    made = np.random.default_rng(1).uniform(-1.0, 1.0, (83, 7))
    text = "sum(tanh(sum(A[i,j]*w[j] for j in 1:m) + b) for i in 1:n)"
    agrees(of(text, {"A": made}), 1e-12)


RECURRENCE = (
    "f(W[{m},{m}], u[{m}]) = h[1, j in 1:{m}] = u[j]; "
    "h[t in 2:9, j in 1:{m}] = tanh(sum(W[j,k]*h[t-1,k] for k in 1:{m}) + u[j]); "
    "sum(h[t,1]^2 for t in 1:9)"
)


def test_the_weights_of_a_recurrence_are_copied_ahead_of_its_steps() -> None:
    here = context(of(RECURRENCE.format(m=19)))
    loops = [one for one in here.tape.body.instructions if one.operation == LOOP]
    found = [one[1:] for loop in loops for one in rows_ahead(here, loop, 8)]
    assert [(row.array, row.places, ends) for row, ends in found] == [("W", 19, (1, 17))]


def test_what_is_added_to_the_weights_of_a_recurrence_is_handed_out_behind_its_steps() -> None:
    function = of(RECURRENCE.format(m=19))
    bindings = function.engine.gradient_bindings
    assert bindings
    here = Context(function.gradient_tape, bindings)
    loops = [one for one in here.steps if one.operation == LOOP]
    found = [one[1:] for loop in loops for one in rows_ahead(here, loop, 8, ACCUMULATE)]
    assert [(row.array, row.places, ends) for row, ends in found] == [("W", 19, (1, 17))]
    agrees(function, 1e-12)
