"""Which rows are copied for the lanes."""

from __future__ import annotations

import numpy as np

from gdcli.autodiff.tape import LOOP
from gdcli.execute.native.packing import PackedRow, rows
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
