"""Long straight code in pieces: the same bits, compiled one after another, in linear time."""

from __future__ import annotations

import math
import signal
import sys
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

from gdcli.autodiff.builder import Builder
from gdcli.autodiff.tape import BRANCH, LOOP, Instruction, Region, Tape, instructions
from gdcli.execute import NATIVE, tiers
from gdcli.execute.bindings import Bindings
from gdcli.execute.fallback import FallbackFunction
from gdcli.execute.native import DescentPoint, Program, Settings, pieces, program
from gdcli.execute.native.machine import Machine
from gdcli.execute.native.pieces import INSTRUCTIONS_PER_PIECE, PIECE, Pieces
from gdcli.execute.tiers import Tiered
from gdcli.functions.function import Function
from gdcli.language.syntax import Decimal
from tests.array_programs import array_program
from tests.expressions import WellPosed
from tests.native_code import ROSENBROCK, bits, of, points, stages
from tests.program_writer import program as generated
from tests.sweeps import sampled

SIDES = """
a = x^2*y + sin(x*y) - exp(y/3); b = lgamma(x^2 + 1) + max(x, y, a);
ifelse(x < y, a*b + ifelse(b < 2, cos(a)*x, a/(1 + y^2)) + x^3, x*y*a - tan(b/9)) + a^2/(3 + b^2)
"""
AROUND_LOOPS = (
    "s = sum((a*x[i] - b)^2 for i in 1:n); c = exp(a/9)*s + b; c^2 + ifelse(a < b, c*a, c - b)",
    "(x[1] - a)^2*x[n]^3 + sum(x[i]*x[i+1] for i in 1:n-1)*cos(a*x[2]) + prod(x[i] for i in 1:n)",
    "ifelse(a < 1, max(a*i - b*i^2 for i in 1:n)*sin(a + b) + a^2*b^3, b)*exp(a*b) + log(a^2 + 1)",
    "max(a*i - i^2 for i in 1:n)*a^3*sin(b) + min(x[i] for i in 1:n)*exp(a*b/9)*x[3]^2*x[1]",
)


def long_text(terms: int) -> str:
    """A sum of so many terms of eight operations, some of them with sides of their own."""
    written = (
        f"x{i % 7 + 1}*sin({i % 10}.5*x{i % 5 + 1} + y)^2/{i + 3} - "
        + (f"ifelse(y < {i % 4}, x1*y, y^2 + x2)" if i % 9 == 0 else f"exp(x1/{i + 1})")
        for i in range(terms)
    )
    return " + ".join(written)


def whole(tape: Tape, bindings: Bindings | None = None) -> Program:
    """The tape in machine code that has no pieces."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "MOST_OPTIMIZED_INSTRUCTIONS", 10**6)
        return Program(tape, bindings, 10**6)


def same_bits(function: Function, most: int, only: str = "", fewest: int = 1) -> None:
    """In pieces of at most so many instructions the stages give what they give uncut."""
    for name, (tape, bindings, n) in stages(function).items():
        if only not in ("", name):
            continue
        apart, uncut = Program(tape, bindings, most), whole(tape, bindings)
        assert len(apart.pieces) >= fewest
        assert not uncut.pieces
        for place in range(3):
            point = points(f"{function.text} {place}", n)
            found, wanted = apart(point), uncut(point)
            assert bits([found[0], *found[1]]) == bits([wanted[0], *wanted[1]]), (name, point)
            if bindings is None:
                wanted = FallbackFunction(tape)(point)
                assert bits([found[0], *found[1]]) == bits([wanted[0], *wanted[1]]), (name, point)


@pytest.mark.parametrize(("most", "stage"), [(1, "value"), (7, "gradient"), (40, "product")])
def test_long_sides_of_branches_are_cut_too(most: int, stage: str) -> None:
    same_bits(of(SIDES), most, stage)


@pytest.mark.parametrize("text", AROUND_LOOPS)
def test_segments_around_loops_are_cut(text: str) -> None:
    same_bits(of(text, n=30), 3, "gradient")


@pytest.mark.parametrize("block", sampled(range(40), 1, seed=3))
def test_generated_texts_have_the_same_bits_in_pieces(block: int) -> None:
    text, _ = WellPosed(block + 100).guarded()
    same_bits(of(text), 12, "gradient")


@pytest.mark.parametrize(("arrays", "seed"), sampled(product((False, True), range(40)), 2))
def test_generated_programs_have_the_same_bits_in_pieces(arrays: bool, seed: int) -> None:
    made = array_program(seed) if arrays else generated(seed + 100, 3)
    same_bits(of(made.text, made.data, **made.sizes), 2, "gradient", fewest=0)


def test_pieces_of_the_usual_length_have_the_bits_of_python() -> None:
    function = of(long_text(300))
    same_bits(function, INSTRUCTIONS_PER_PIECE, "gradient")
    tape = function.gradient_tape
    lengths = [len(text.splitlines()) for text in Program(tape).pieces.values()]
    assert len(lengths) >= 2
    assert max(lengths) < 4 * INSTRUCTIONS_PER_PIECE  # lines of text, not instructions


def cut(
    tape: Tape, most: int
) -> tuple[tuple[Instruction, ...], dict[str, tuple[Instruction, ...]]]:
    """The spine of a tape, and its pieces by name."""
    found = Pieces(most)
    return found.cut(tape.body.instructions), found.found


@pytest.mark.parametrize("most", [50, 2000])
def test_no_piece_is_long_and_every_instruction_is_there_once(most: int) -> None:
    tape = of(f"ifelse(y < x1, {long_text(300)}, {long_text(200)})^2").gradient_tape
    spine, named = cut(tape, most)
    parts = [spine, *named.values()]
    lengths = [sum(1 for _ in instructions(Region(part, ()))) for part in parts]
    assert max(lengths[1:]) <= most
    assert lengths[0] <= 150
    made = [
        result
        for part in parts
        for one in instructions(Region(part, ()))
        if one.operation != PIECE
        for result in one.results
    ]
    assert sorted(made) == list(range(tape.size))
    calls = [one for one in instructions(Region(spine, ())) if one.operation == PIECE]
    assert [one.payload for one in calls] == list(named)
    assert sum(one.operation == BRANCH for one in spine) == 2  # whose sides are cut in turn


def test_short_code_and_loops_are_no_pieces() -> None:
    short = of("x^2 + y^2").gradient_tape
    assert cut(short, INSTRUCTIONS_PER_PIECE) == (short.body.instructions, {})
    for text in AROUND_LOOPS:
        _, named = cut(of(text, n=9).gradient_tape, 1)
        found = [one for code in named.values() for one in instructions(Region(code, ()))]
        assert found
        assert not any(one.operation == LOOP for one in found)


def test_rows_of_second_derivatives_and_bursts_call_the_pieces() -> None:
    function, start = of(long_text(30)), [0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.7, 0.2]
    second = function.engine.hessian_product_tape
    cut, uncut = Program(second, None, 100), whole(second)
    assert cut.has_rows
    for found, wanted in zip(cut.rows(start), uncut.rows(start), strict=True):
        assert bits(found) == bits(wanted)
    tape = function.gradient_tape
    bursts = []
    for compiled in (Program(tape, None, 100), whole(tape)):
        value, slope = compiled(start)
        here = DescentPoint(0, start, value, slope, max(map(abs, slope)))
        settings = Settings(1e-3, 0.0, -1e20, 1e20)
        bursts.append(compiled.descend(settings, here, here, here, 0, 50, rows=True))
    assert bursts[0].steps == bursts[1].steps == 50
    assert [bits(row) for row in bursts[0].rows] == [bits(row) for row in bursts[1].rows]


def test_loops_that_threads_share_have_pieces_around_them() -> None:
    text = f"({ROSENBROCK})*a^2 + exp(a*b)*sin(b)/(1 + x[1]^2)"
    tape, bindings, n = stages(of(text, n=200_000))["gradient"]
    point = np.linspace(-1.0, 1.0, n)
    cut, uncut = Program(tape, bindings, 4), whole(tape, bindings)
    found, wanted = cut.arrays(point), uncut.arrays(point)
    assert found[0] == wanted[0]
    assert np.array_equal(found[1], wanted[1])
    assert len(cut.pieces) > 2


def test_ctrl_c_is_heard_between_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []

    class Interrupted(Machine):
        def __init__(self, text: str, **given: Any) -> None:
            compiled.append(text)
            if len(compiled) == 2:
                signal.raise_signal(signal.SIGINT)
            super().__init__(text, **given)

    monkeypatch.setattr(program, "Machine", Interrupted)
    one = Program(of(long_text(40)).gradient_tape, None, 100)
    assert len(one.pieces) > 5
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # where it was ignored, too
    with pytest.raises(KeyboardInterrupt):
        one.compile()
    signal.signal(signal.SIGINT, before)
    assert len(compiled) == 2
    value, _ = one([0.5] * 8)  # and the next call compiles all of it
    assert value == Program(of(long_text(40)).gradient_tape)([0.5] * 8)[0]


def chain(length: int) -> Tape:
    """A tape of exactly so many instructions: x, a constant, and x·c·c·c …, with its result."""
    builder = Builder(["x"])
    value, factor = builder.load(0), builder.constant(Decimal(1001, -3))
    for _ in range(length - 2):
        value = builder.apply("*", value, factor)
    return builder.tape([value])


@pytest.mark.parametrize("most", sampled([3000, tiers.MOST_NATIVE_INSTRUCTIONS], 1, seed=2))
def test_a_tape_of_the_most_instructions_compiles_and_one_of_more_does_not(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiers, "MOST_NATIVE_INSTRUCTIONS", most)
    tape = chain(most)
    one = Tiered(tape, None, NATIVE)
    assert one([1e-90])[0] == FallbackFunction(tape)([1e-90])[0]
    assert one.note is None
    assert one.program is not None
    assert len(one.program.pieces) == -(-most // INSTRUCTIONS_PER_PIECE)
    more = Tiered(chain(most + 1), None, NATIVE)
    assert math.isfinite(more([1e-90])[0])
    assert f"more than {most:,} instructions" in str(more.note)


def calls(work: Callable[[], object]) -> int:
    """How many functions, Python's and built-in ones, a piece of work calls."""
    count = 0

    def seen(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("sides", [False, True])
def test_the_steps_to_machine_code_grow_as_the_text(sides: bool) -> None:
    def made(terms: int) -> Callable[[], object]:
        text = long_text(terms)
        text = f"ifelse(y < x1, {text}, x1*x2)" if sides else text
        return lambda: Program(of(text).engine.rewritten_gradient_tape)

    made(10)()
    once, four_times = calls(made(50)), calls(made(200))
    assert four_times < 4.2 * once
