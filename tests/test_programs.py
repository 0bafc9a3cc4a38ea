"""Generated functions with loops against an evaluator of their own, and against the same laid out.

Values are compared with mpmath; gradients and Hessian-vector products along random directions with
central differences of it at 40 digits, and entry by entry with the tape that has no loops.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import NamedTuple

import mpmath
import pytest
from hypothesis import given, settings

from gdcli.autodiff.forward import tangent
from gdcli.autodiff.passes.schedule import GRADIENT_PASSES
from gdcli.autodiff.primitives import ARITIES
from gdcli.autodiff.reverse import reverse
from gdcli.autodiff.tape import Tape
from gdcli.execute.bindings import Bindings
from gdcli.execute.fallback import RAISED_ERRORS
from gdcli.execute.interpret import interpret
from gdcli.execute.source import FLOAT_TARGET, IEEE_TARGET, compile_tape
from gdcli.functions.function import Function
from gdcli.language.parser import parse
from gdcli.numbers.floats import IEEE
from gdcli.numbers.precise import digits
from tests.program_writer import program, programs
from tests.programs import Point, Program, entries, shaped
from tests.sweeps import sampled

BLOCKS = [
    block
    for depth, count, drawn in ((1, 10, 1), (2, 10, 2), (3, 4, 1))
    for block in sampled([(depth, start) for start in range(count)], drawn)
]
A_BLOCK = 10  # 240 programs in all
TOLERANCE = 1e-9  # of what adds up: the slopes along a direction are sums over the components


class Case(NamedTuple):
    """A program, the function of its text, and a point and two directions, shaped and flat."""

    program: Program
    function: Function
    point: list[float]
    along: Point
    across: Point

    def flat(self, shape: Point) -> list[float]:
        variables = self.function.variables
        return [float(entry) for name in variables for entry in entries(shape[name])]

    def bound(self, tape: Tape) -> Bindings:
        """The bindings of the function's gradient tapes."""
        bindings = self.function.bindings
        assert bindings is not None
        assert tape.inputs[: len(bindings.inputs)] == self.function.tape.inputs
        return bindings._replace(length=len(self.point))


def case(written: Program) -> Case:
    draw = random.Random(written.text)
    along, across = (
        {
            name: shaped(lambda _: draw.uniform(-1, 1), value)
            for name, value in written.point.items()
        }
        for _ in range(2)
    )
    function = Function(written.text, sizes=written.sizes, data=written.data, backend="python")
    made = Case(written, function, [], along, across)
    point = made.flat(written.point)
    assert len(point) == function.layout.size, written
    return made._replace(point=point)


@cache
def made(depth: int, block: int) -> list[Case]:
    first = block * A_BLOCK
    return [case(program(seed, depth)) for seed in range(first, first + A_BLOCK)]


def holds(one: Case, got: float, wanted: float, terms: Sequence[float] = ()) -> None:
    """The numbers agree to what rounding leaves of a sum of `terms`."""
    scale = 1.0 + abs(wanted) + sum(map(abs, terms))
    assert abs(got - wanted) <= TOLERANCE * scale, (one.program, got, wanted)


def dot(one: Case, gradient: Sequence[float], direction: Point, wanted: float) -> None:
    """The gradient along the direction is the slope that is wanted."""
    assert len(gradient) == len(one.point), one.program
    terms = [a * b for a, b in zip(gradient, one.flat(direction), strict=True)]
    holds(one, sum(terms), wanted, terms)


def value_holds(one: Case) -> None:
    wanted = float(one.program.value(mpmath.fp))
    bindings = one.function.bindings
    assert bindings is not None
    assert parse(str(one.function.expression), ARITIES) == one.function.expression
    holds(one, one.function.evaluate(one.point), wanted)
    holds(one, interpret(one.function.tape, IEEE, one.point, bindings=bindings)[0], wanted)
    holds(one, one.function.unrolled.evaluate(one.point), wanted)


def gradient_holds(one: Case) -> None:
    wanted = float(one.program.slope(one.along))
    tape = reverse(one.function.tape)
    bindings = one.bound(tape)
    value, *gradient = interpret(tape, IEEE, one.point, bindings=bindings)
    dot(one, gradient, one.along, wanted)
    tapes = {"reverse": tape, "all": one.function.gradient_tape}
    tapes.update({name: make(tape, bindings.sizes) for name, make in GRADIENT_PASSES.items()})
    for each in tapes.values():
        for target in (FLOAT_TARGET, IEEE_TARGET):
            with suppress(*RAISED_ERRORS):  # as the first look may, at what no iteration uses
                first, found = compile_tape(each, target, bindings)(one.point)
                holds(one, first, value)
                dot(one, found, one.along, wanted)
    dot(one, one.function.evaluate_gradient(one.point)[1], one.along, wanted)
    unrolled = one.function.unrolled.evaluate_gradient(one.point)[1]
    for got, laid_out in zip(gradient, unrolled, strict=True):
        holds(one, got, laid_out)


def curvature_holds(one: Case) -> None:
    wanted = float(one.program.curvature(one.along, one.across))
    direction = one.flat(one.along)
    tape = tangent(reverse(one.function.tape))
    bindings = one.bound(tape).doubled(len(one.point))
    slope, *product = interpret(tape, IEEE, [*one.point, *direction], bindings=bindings)
    holds(one, slope, float(one.program.slope(one.along)))
    dot(one, product, one.across, wanted)
    found = one.function.evaluate_hessian_product(one.point, direction)
    dot(one, found, one.across, wanted)
    unrolled = one.function.unrolled.evaluate_hessian_product(one.point, direction)
    for got, laid_out in zip(found, unrolled, strict=True):
        holds(one, got, laid_out, [laid_out, max(map(abs, unrolled))])


@pytest.mark.parametrize(("depth", "block"), BLOCKS)
def test_values(depth: int, block: int) -> None:
    for one in made(depth, block):
        value_holds(one)


@pytest.mark.parametrize(("depth", "block"), BLOCKS)
def test_gradients(depth: int, block: int) -> None:
    for one in made(depth, block):
        gradient_holds(one)


@pytest.mark.parametrize(("depth", "block"), BLOCKS)
def test_hessian_vector_products(depth: int, block: int) -> None:
    for one in made(depth, block):
        curvature_holds(one)


def test_loops_in_fifty_digits() -> None:
    system = digits(50)
    for one in made(2, 0):
        tape = one.function.gradient_tape
        point = [mpmath.mpf(entry) for entry in one.point]
        value, *gradient = interpret(tape, system, point, bindings=one.bound(tape))
        terms = [a * b for a, b in zip(gradient, one.flat(one.along), strict=True)]
        with mpmath.workdps(40):
            wanted = one.program.value(mpmath.mp)
            assert abs(value - wanted) < 1e-13 * (1 + abs(wanted)), one.program
            error = abs(sum(terms) - one.program.slope(one.along))
            assert error < 1e-13 * (1 + sum(map(abs, terms))), one.program


@settings(max_examples=10)
@given(programs)
def test_any_program(written: Program) -> None:
    one = case(written)
    value_holds(one)
    gradient_holds(one)
    curvature_holds(one)
