"""Many points by machine code have the bits of one point alone."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import c_byte

import numpy as np
import pytest

from gdcli.execute.native import Program, point_map
from gdcli.execute.thread_count import THREADS_VARIABLE
from tests import native_code

SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, 1e300, -1e300, 5e-324, np.inf, -np.inf, np.nan)
SCALAR_TEXTS = (
    "x^2 + y",
    "exp(x)*sin(y) + x*y",
    "ifelse(x > y, exp(x), log(y)) + abs(x) + x^y",
    "ifelse(x < 0, ifelse(y < 0, exp(x*y), sin(x)), ifelse(y > 1, cos(x), x))*y",
    "max(x, y, 0.5) + hypot(x, y) + gamma(x) + lgamma(y) + digamma(x)",
    "logcosh(x) + sigmoid(y) + softplus(x) + logsumexp(x, y, x*y) + erf(x) + tanh(y)",
    "atan2(x, y) + sign(x)*sqrt(abs(y)) + cbrt(x) + log1p(x) + expm1(y) + x^3 + y^-2",
)
LOOP_TEXTS = {
    native_code.ROSENBROCK: {"n": 5},
    "sum(ifelse(x[i] > 0, exp(-x[i]), x[i]^2)*a for i in 1:n)": {"n": 40},
    "x[1]*exp(x[2])": {},
}


def points(count: int, n: int) -> np.ndarray:
    """Points by chance, a third of them with numbers where functions have no value."""
    draw = np.random.default_rng(count)
    found = draw.normal(scale=2.0, size=(count, n))
    found[: count // 3] = draw.choice(SPECIAL, size=(count // 3, n))
    return found


def agree_one_by_one(program: Program, rows: np.ndarray) -> None:
    first, others = program.map(rows)
    assert (first.shape, others.shape) == ((len(rows),), (len(rows), program.outputs))
    for row, value, other in zip(rows, first, others, strict=True):
        alone, beside = program(row.tolist())
        assert native_code.bits([value, *other]) == native_code.bits([alone, *beside])


@pytest.mark.parametrize("text", SCALAR_TEXTS)
def test_each_lane_has_the_bits_of_its_point_alone(text: str) -> None:
    function = native_code.of(text)
    for tape, _, n in native_code.stages(function).values():
        agree_one_by_one(Program(tape), points(83, n))


def test_lanes_of_straight_code_in_pieces_have_the_bits_of_their_points() -> None:
    function = native_code.of("ifelse(x > y, exp(x)*y, log(y)) + sin(x*y)^3 + y^x + tanh(x)")
    tape, _, n = native_code.stages(function)["product"]
    program = Program(tape, most=20)
    assert len(program.pieces) > 1
    agree_one_by_one(program, points(43, n))


@pytest.mark.parametrize("text", LOOP_TEXTS)
def test_points_of_a_tape_with_loops_have_the_bits_of_calls(text: str) -> None:
    function = native_code.of(text, **LOOP_TEXTS[text])
    for stage, (tape, bindings, n) in native_code.stages(function).items():
        if stage != "value":
            agree_one_by_one(Program(tape, bindings), points(25, n))


def test_points_of_a_loop_that_threads_share_have_the_bits_of_calls() -> None:
    function = native_code.of("sum(exp(x[i]) for i in 1:n)", n=100_000)
    program = native_code.gradient(function)
    rows = points(2, 100_000)
    first, others = program.map(rows)
    for row, value, other in zip(rows, first, others, strict=True):
        alone, beside = program.arrays(row)
        assert value == alone or value != value
        assert np.array_equal(other, beside, equal_nan=True)


@pytest.mark.parametrize("text", [SCALAR_TEXTS[2], native_code.ROSENBROCK])
def test_the_number_of_threads_changes_no_bit(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    function = native_code.of(text, **LOOP_TEXTS.get(text, {}))
    program = native_code.gradient(function)
    rows = np.random.default_rng(0).normal(size=(1 << 16, program.length)) + 2.0
    found = []
    for threads in "123":
        monkeypatch.setenv(THREADS_VARIABLE, threads)
        found.append([array.tobytes() for array in program.map(rows)])
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("text", [SCALAR_TEXTS[0], native_code.ROSENBROCK])
def test_an_interrupt_ends_large_work_at_once(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = native_code.gradient(native_code.of(text, **LOOP_TEXTS.get(text, {})))
    rows = np.ones((2000, program.length))
    done = []

    class InterruptedPool:
        def run(self, work: Callable[[int], object], stop: c_byte) -> None:
            stop.value = 1
            work(0)
            stop.value = 0
            done.append(work)
            raise KeyboardInterrupt

    monkeypatch.setattr(point_map, "ALONE_NANOSECONDS", 0)
    monkeypatch.setattr(point_map, "thread_pool", lambda _: InterruptedPool())
    made = np.full((2000, 1 + program.outputs), -1.0)  # memory that map is given, untouched so far
    monkeypatch.setattr(np, "empty", lambda shape: made[:, 0] if shape == 2000 else made[:, 1:])
    with pytest.raises(KeyboardInterrupt):
        program.map(rows)
    assert len(done) == 1
    assert (made == -1.0).all()


def test_no_point_and_a_wrong_shape() -> None:
    program = native_code.gradient(native_code.of("x*y"))
    first, others = program.map(np.empty((0, 2)))
    assert (first.shape, others.shape) == ((0,), (0, 2))
    for shape in ((2,), (3, 1), (1, 2, 2)):
        with pytest.raises(ValueError, match="a point has 2 numbers"):
            program.map(np.empty(shape))
