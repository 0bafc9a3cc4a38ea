"""Loops over rows that go by strips give what Python gives, around every limit of a strip."""

from __future__ import annotations

import math
import platform
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from gdcli.execute.native import machine, module, plan, program, strips
from gdcli.execute.native.machine import recent_machine
from gdcli.execute.native.support import Vectors
from gdcli.execute.thread_count import THREADS_VARIABLE
from gdcli.functions.function import Function
from tests.array_programs import array_program
from tests.native_code import agrees, gradient, of, points
from tests.sweeps import sampled

NETWORK = (
    "f(W[11,13], b[11], v[11], c) = h[i, k] = tanh(b[k] + sum(W[k,j]*X[i,j] for j in 1:13)); "
    "sum((c + sum(v[k]*h[i,k] for k in 1:11) - y[i])^2 for i in 1:n)"
)
LABELS = (
    "f(W[11,13], b[11], V[3,11], a[3]) = h[i, l] = tanh(b[l] + sum(W[l,j]*X[i,j] for j in 1:13)); "
    "z[i, c] = a[c] + sum(V[c,l]*h[i,l] for l in 1:11); "
    "sum(logsumexp(z[i,c] for c in 1:3) - z[i, label[i]+1] for i in 1:n)"
)
SCORE = "(a[c] + sum(W[c,j]*X[i,j] for j in 1:13))"
TEXTS = {
    "two layers": "f(W[11,13], b[11], V[9,11], a[9], u[9]) = "
    "h[i, k] = tanh(b[k] + sum(W[k,j]*X[i,j] for j in 1:13)); "
    "g[i, l] = sin(a[l] + sum(V[l,k]*h[i,k] for k in 1:11)); "
    "sum((sum(u[k]*g[i,k] for k in 1:9) - y[i])^2 for i in 1:n)",
    "nested": "f(W[11,13], b[11], V[9,11], a[9], u[9]) = sum((sum(u[l]*tanh(a[l] + "
    "sum(V[l,k]*tanh(b[k] + sum(W[k,j]*X[i,j] for j in 1:13)) for k in 1:11)) for l in 1:9) "
    "- y[i])^2 for i in 1:n)",
    "branches and extrema": "f(W[11,13], b[11], V[3,11], a[3]) = "
    "h[i, l] = relu(b[l] + sum(W[l,j]*X[i,j] for j in 1:13)); "
    "z[i, c] = a[c] + sum(V[c,l]*h[i,l] for l in 1:11); sum(max(z[i,c] for c in 1:3) "
    "+ sum(z[i,c]^2 for c in 1:3) + ifelse(y[i] > 0, z[i,1], z[i,2]^2) for i in 1:n)",
    "a softmax that is written out": "f(W[13,13], a[13]) = "
    f"sum(log(sum(exp({SCORE}) for c in 1:13)) - sum(y[i]*{SCORE} for c in 1:13) for i in 1:n)",
    "signs": "f(W[13,13], a[13]) = sum(max(-(a[c] + sum(-W[c,j]*X[i,j] for j in 1:13)) "
    f"for c in 1:13) - prod(1 + 0.1*{SCORE} for c in 1:13) for i in 1:n)",
    "columns of weights": "f(W[13,21]) = sum((y[i] - sum(tanh(-sum(W[j,k]*X[i,j] for j in 1:13)) "
    "for k in 1:21))^2 for i in 1:n)",
    "factorization": "f(U[m,9], V[13,9]) = "
    "sum((X[i,j] - sum(U[i,l]*V[j,l] for l in 1:9))^2 for i in 1:m, j in 1:13)",
    "two of a matrix": "f(U[13,13]) = G = U'*U; sum((X*G - X).^2)",
    "a table of all rows": "f(W[23,13], v[23]) = h = tanh(X*W'); sqrt(mean((h*v - y).^2))",
    "columns of a table of all rows": "f(W[13,41]) = Y = X*W; Y[n,1]*Y[1,2] "
    "+ sum(sqrt(1 + sum(Y[i,k]^2 for i in 1:n)) for k in 1:41)",
}


def inputs(text: str, rows: int) -> dict[str, Any]:
    """Data for a text, of so many rows."""
    draw = np.random.default_rng(rows)
    made = {
        "X": draw.uniform(-1.0, 1.0, (rows, 13)),
        "y": draw.uniform(-1.0, 1.0, rows),
        "label": draw.permutation(np.arange(rows) % 3).astype(float),
    }
    return {name: values for name, values in made.items() if f"{name}[" in text or name == "X"}


def made(text: str, rows: int, data: Mapping[str, Any] | None = None) -> Function:
    data = data or inputs(text, rows)
    if "- y)" in text:
        data = {**data, "y": np.linspace(-1.0, 1.0, rows)}
    return of(text, data)


def loops(compiled: program.Program) -> list[plan.LoopPlan]:
    return [one for one in compiled._module.steps if not isinstance(one, str)]


def by_strips(function: Function) -> bool:
    """Whether a loop of the gradient goes by strips."""
    return any(one.strips for one in loops(gradient(function)))


@pytest.mark.parametrize("rows", [1, 7, 127, 128, 129, 300])
def test_any_number_of_rows(rows: int) -> None:
    function = made(NETWORK, rows)
    assert by_strips(function)
    agrees(function, 1e-12, "gradient")


def test_labels_and_every_stage() -> None:
    function = made(LABELS, 131)
    assert by_strips(function)
    agrees(function, 1e-12)


@pytest.mark.parametrize("name", ["signs", "a table of all rows"])
def test_a_sample_of_texts(name: str) -> None:
    function = made(TEXTS[name], 129)
    assert by_strips(function)
    agrees(function, 1e-12, "gradient")


@pytest.mark.parametrize("block", sampled(range(80), 1))
def test_generated_programs_by_strips(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where they gain nothing, so that small programs go by them."""
    monkeypatch.setattr(strips, "FEWEST_ROW_PRODUCTS", 1)
    monkeypatch.setattr(strips, "PRODUCTS_PER_READ", 0)
    for seed in range(5 * block, 5 * block + 5):
        text, sizes, data, *_ = array_program(seed)
        agrees(of(text, data, **sizes), 1e-9, "gradient")


@pytest.mark.full
@pytest.mark.parametrize("rows", [3, 130])
@pytest.mark.parametrize("name", sorted(TEXTS))
def test_texts(name: str, rows: int) -> None:
    function = made(TEXTS[name], rows)
    agrees(function, 1e-12)
    assert rows < 100 or by_strips(function)


def test_a_row_that_overflows_is_alone() -> None:
    """The last row, which is repeated behind it: an infinite sum, or one that is nan."""
    point = points("overflow", made(NETWORK, 133).layout.size)
    for row in (np.full(13, 1e308), np.where(np.arange(13) % 2, 1e308, -1e308)):
        data = inputs(NETWORK, 133)
        data["X"][-1] = row
        function = made(NETWORK, 133, data)
        agrees(function, 1e-12, "gradient")
        assert not all(map(math.isfinite, gradient(function)(point)[1]))
    data["X"][-1] = 0.0
    data["y"][60] = 1e200  # whose square is infinite
    function = made(NETWORK, 133, data)
    agrees(function, 1e-12, "gradient")
    value, slopes = gradient(function)(point)
    assert (value, all(map(math.isfinite, slopes))) == (math.inf, True)


def test_nothing_beside_the_gradient_is_written() -> None:
    function = made(TEXTS["factorization"], 131)
    compiled, n = gradient(function), function.layout.size
    around = np.full(n + 64, 7.0)
    point = np.array(points("around", n))
    compiled.arrays(point, around[32:-32])
    assert (around[:32] == 7.0).all()
    assert (around[-32:] == 7.0).all()
    assert np.array_equal(around[32:-32], compiled.arrays(point)[1])


def test_the_same_bits_whatever_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ALONE_NANOSECONDS", 0)
    monkeypatch.setattr(plan, "STRIP_OPERATIONS_PER_CHUNK", 1)
    monkeypatch.setattr(plan, "OPERATIONS_PER_JOINED_ENTRY", 1)
    for text in (LABELS, TEXTS["factorization"]):
        function = made(text, 700)
        compiled = gradient(function)
        [chunks] = [one.chunks for one in loops(compiled)]
        assert chunks > 4
        point = np.array(points("threads", function.layout.size))
        answers = set()
        for count in ("1", "2", "3"):
            monkeypatch.setenv(THREADS_VARIABLE, count)
            value, slopes = compiled.arrays(point)
            answers.add((value, slopes.tobytes()))
        assert len(answers) == 1
    agrees(made(TEXTS["factorization"], 300), 1e-12, "gradient")


def test_the_same_bits_whatever_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiles of AVX-512, AVX2 and SSE2, and machine code of no more than SSE2."""
    function = made(NETWORK, 150)
    point = np.array(points("tiles", function.layout.size))
    answers = set()
    for width in (8, 4, 2, 1):
        monkeypatch.setattr(program, "vectors", lambda width=width: Vectors(width, fused=True))
        compiled = gradient(function)
        if width == 1 and platform.machine() == "x86_64":
            monkeypatch.setattr(machine, "_processor", lambda: ("x86-64", ""))
            recent_machine.cache_clear()  # which knows the text by now
        value, slopes = compiled.arrays(point)
        answers.add((value, slopes.tobytes()))
    assert len(answers) == 1


def test_loops_that_gain_nothing_do_not_go_by_strips() -> None:
    data = {"A": np.ones((500, 40)), "b": np.ones(500)}
    assert not by_strips(of("sum((sum(A[i,j]*x[j] for j in 1:40) - b[i])^2 for i in 1:n)", data))
    assert not by_strips(of("sum((b[i] - p*exp(-q*i))^2 for i in 1:n)", {"b": data["b"]}))


def test_a_factor_that_an_effect_keeps_in_its_loop_is_no_factor_outside() -> None:
    n = 40
    text = (
        f"f(x[10], h[{n},{n}]) = sum(sum(h[i,k]*h[k,j]*x[l] for k in 1:{n}, l in 1:10)^2 "
        f"for i in 1:{n}, j in 1:{n})"
    )
    random = np.random.default_rng(1)
    x, h = random.standard_normal(10), random.standard_normal((n, n))
    value, found = gradient(of(text))(np.concatenate([x, h.ravel()]))
    m, total = h @ h, x.sum()
    assert value == pytest.approx(total**2 * (m * m).sum(), rel=1e-12)
    assert found[:10] == pytest.approx(2 * total * (m * m).sum(), rel=1e-12)
    by_h = 2 * total**2 * (m @ h.T + h.T @ m)
    assert np.allclose(found[10:].reshape(n, n), by_h, rtol=1e-11, atol=1e-9)
