"""Tables, accumulators, earlier entries and data as subscripts, by lanes, chunks and threads."""

from __future__ import annotations

import random
import re
from ctypes import addressof, c_double
from typing import Any

import numpy as np
import pytest

from gdcli.execute.interpret import interpret
from gdcli.execute.native import module, program
from gdcli.execute.thread_count import THREADS_VARIABLE
from gdcli.numbers.floats import FLOAT
from tests.native_code import agrees, bits, gradient, of, points, stages

LAYER = "f(W[9,9], v[9]) = h[i, j] = tanh(sum(W[j,k]*X[i,k] for k in 1:9)); "
OSCILLATOR = (
    "f(w, a, b) = p[1] = a; q[1] = b; p[t in 2:n] = p[t-1] + 0.1*q[t-1]; "
    "q[t in 2:n] = q[t-1] - 0.1*w^2*p[t]; sum((p[t] - y[t])^2 for t in 1:n)"
)
RECURRENT_NETWORK = (
    "f(W[9,9], x[9]) = h[1, j in 1:9] = x[j]; "
    "h[t in 2:n, j in 1:9] = tanh(sum(W[j,k]*h[t-1,k] for k in 1:9)/3 + y[t]); "
    "sum(h[t,j]^2 for t in 1:n, j in 1:9)"
)
DIFFERENCES = (
    "d[1] = x[1]^2; d[i in 2:n] = sin(x[i]) - x[i-1]; sum(d[i]^2*d[n+1-i]*y[i] for i in 1:n)"
)
IN_ROWS = (
    "u[i, 1] = x[i]; u[i, k in 2:9] = sin(u[i,k-1]) + X[i,k-1]; "
    "sum(u[i,9]^2*sum(u[i,k] for k in 1:9) for i in 1:n)"
)
NETWORK_IN_ROWS = (
    "f(W[9,9], x[23]) = h[i, 1, j in 1:9] = x[i]*j; "
    "h[i, t in 2:4, j in 1:9] = tanh(sum(W[j,k]*h[i,t-1,k] for k in 1:9) + X[i,t]); "
    "sum(h[i,4,2]*h[i,4,3] for i in 1:n)"
)
SECOND_ORDER = (
    "s[1] = y[1]; s[2] = y[2] - a*y[1]; s[t in 3:n] = y[t] - a*y[t-1] - b*s[t-1]*s[t-2]/10; "
    "sum(s[t]^2 for t in 1:n)"
)
TEXTS = {
    "a layer": LAYER + "sum((sum(v[j]*h[i,j] for j in 1:9) - y[i])^2 for i in 1:n)",
    "an extremum of rows": LAYER + "sum(max(v[j]*h[i,j] for j in 1:9) for i in 1:n)",
    "labels": "f(W[9,9]) = z[i, c] = sum(W[c,k]*X[i,k] for k in 1:9); "
    "sum(logsumexp(z[i,c] for c in 1:9) - z[i, label[i]] for i in 1:n)",
    "entries of a part by data": "f(a[9]) = h[i] = exp(a[label[i]]); "
    "sum(h[i]*h[row[i]]*y[i] for i in 1:n)",
    "observed entries": "f(U[23,9], V[9,9]) = "
    "sum((y[k] - sum(U[row[k],l]*V[label[k],l] for l in 1:9))^2 for k in 1:n)",
    "coupled recurrences": OSCILLATOR,
    "a recurrence of second order": "f(a, b) = " + SECOND_ORDER,
    "a recurrence of rows": RECURRENT_NETWORK,
    "a recurrence in rows": "f(x[23]) = " + IN_ROWS,
    "a network in rows": NETWORK_IN_ROWS,
    "pieces that are no recurrence": "f(x[23]) = " + DIFFERENCES,
    "matrices": "f(x[9]) = norm(X'*(X*x) - X'*y)^2",
}


def no_entries(*_: Any) -> set[Any]:
    return set()


def inputs(text: str, rows: int = 23, columns: int = 9) -> dict[str, Any]:
    """Data of those names that a text has."""
    draw = np.random.default_rng(3)
    found = {
        "X": draw.standard_normal((rows, columns)),
        "y": draw.standard_normal(rows),
        "label": draw.integers(1, columns + 1, rows).astype(float),
        "row": draw.permutation(rows) + 1.0,
    }
    return {name: array for name, array in found.items() if re.search(rf"\b{name}\b", text)}


@pytest.mark.parametrize("name", TEXTS)
def test_products_of_second_derivatives_are_those_of_python_source(name: str) -> None:
    agrees(of(TEXTS[name], inputs(TEXTS[name])), 1e-11, "product")


@pytest.mark.full
@pytest.mark.parametrize("rows", [9, 16, 70])
@pytest.mark.parametrize("name", TEXTS)
def test_values_and_gradients_are_those_of_python_source(name: str, rows: int) -> None:
    text = TEXTS[name].replace("23", str(rows))
    agrees(of(text, inputs(text, rows)), 1e-11)


@pytest.mark.parametrize("name", ["a recurrence of rows", "labels"])
def test_values_and_gradients_are_those_of_the_interpreter(name: str) -> None:
    function = of(TEXTS[name], inputs(TEXTS[name]))
    for stage in ("value", "gradient"):
        tape, bindings, n = stages(function)[stage]
        point = points(name, n)
        wanted = interpret(tape, FLOAT, point, bindings=bindings)
        found, others = program.Program(tape, bindings)(point)
        assert [found, *others] == pytest.approx(wanted, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "rows"),
    [("labels", 3000), ("a recurrence in rows", 3000), ("pieces that are no recurrence", 200_000)],
)
def test_the_same_bits_whatever_the_number_of_threads(
    name: str, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ALONE_NANOSECONDS", 0)
    text = TEXTS[name].replace("23", str(rows))
    function = of(text, inputs(text, rows))
    compiled = gradient(function)
    assert compiled._module.shared
    point = np.random.default_rng(3).uniform(-1.0, 1.0, function.layout.size)
    answers = set()
    for count in ("1", "2", "3"):
        monkeypatch.setenv(THREADS_VARIABLE, count)
        value, slopes = compiled(point)
        answers.add((value, slopes.tobytes()))
    assert len(answers) == 1


def test_rows_of_the_hessian_of_a_recurrence() -> None:
    function = of(OSCILLATOR, inputs(OSCILLATOR))
    tape, bindings, n = stages(function)["product"]
    compiled = program.Program(tape, bindings)
    assert compiled.has_rows
    point = [1.1, 0.4, -0.2]
    rows = compiled.rows(point)
    for place, row in enumerate(rows):
        along = [float(place == other) for other in range(n // 2)]
        assert row == compiled([*point, *along])[1]


def test_a_guarded_element_adds_to_no_memory_outside_its_array() -> None:
    function = of("f(x[23]) = " + DIFFERENCES, inputs(DIFFERENCES))
    compiled = gradient(function)
    draw = random.Random(4)
    x = [draw.uniform(-1, 1) for _ in range(23)]
    point, slopes = (c_double * 39)(*[0.0] * 8, *x), (c_double * 39)(*[-0.0] * 39)
    arguments = compiled._arguments(addressof(point) + 64, addressof(slopes) + 64)
    compiled._run(arguments)
    assert bits(slopes[8:31]) == bits(compiled(x)[1])
    assert bits([*slopes[:8], *slopes[31:]]) == bits([-0.0] * 16)  # a sum with 0.0 would be 0.0


@pytest.mark.parametrize(
    ("place", "instead", "name"),
    [
        ("context.JAMMED_ROWS", 10**9, "matrices"),
        ("scalar_replacement.last_entries", no_entries, "coupled recurrences"),
        ("scalar_replacement.next_sums", no_entries, "coupled recurrences"),
        ("scalar_replacement.next_sums", no_entries, "a recurrence in rows"),
        ("emitter.alike_tables", no_entries, "a network in rows"),
    ],
)
def test_what_makes_recurrences_and_matrices_fast_changes_no_bit(
    place: str, instead: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = of(TEXTS[name], inputs(TEXTS[name]))
    fast = gradient(function)
    monkeypatch.setattr(f"gdcli.execute.native.{place}", instead)
    plain = gradient(function)
    assert fast.ir != plain.ir
    point = points(name, function.layout.size)
    (value, slopes), (wanted, others) = fast(point), plain(point)
    assert bits([value, *slopes]) == bits([wanted, *others])
