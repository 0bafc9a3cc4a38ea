"""Enclosures of functions over boxes hold their values, slopes and curvatures: against arb."""

from __future__ import annotations

import random
from collections.abc import Sequence
from math import inf, nan, nextafter
from typing import Any

import flint
import numpy as np
import pytest

import gdcli
from gdcli.autodiff.forward import tangent
from gdcli.autodiff.primitives import LANGUAGE_FUNCTIONS
from gdcli.autodiff.reverse import reverse
from gdcli.autodiff.tape import BRANCH, COMPARATORS, Instruction, Tape
from gdcli.errors import GdcliError
from gdcli.execute.bindings import Bindings
from gdcli.execute.interpret import interpret
from gdcli.functions.function import Function
from gdcli.numbers.floats import NumberSystem
from gdcli.numbers.interval import DEFINED, DEFINED_AND_CONTINUOUS, Interval
from gdcli.numbers.interval_lanes import INTERVAL_LANES
from gdcli.proofs.enclosed_function import EnclosedFunction
from tests.array_programs import ArrayProgram, array_program
from tests.numbers.test_intervals import FUNCTIONS
from tests.program_writer import program
from tests.programs import Program
from tests.sweeps import sampled

arb = flint.arb
BITS = 300
LANE_COUNT = 12
ANYTHING = Interval(np.full(LANE_COUNT, -inf), np.full(LANE_COUNT, inf), np.zeros(LANE_COUNT, int))


class UnknownPointError(Exception):
    """The bits of the reference do not decide what a function is at a point."""


# -- tapes in arb ----------------------------------------------------------------------------------


def decimal(number: Any) -> Any:
    exact = flint.fmpq(number.coefficient) * flint.fmpq(10) ** number.exponent
    return arb(exact)


def decided(name: str) -> Any:
    """The function in arb, on balls: nan where it has no value; raises where that is not known."""

    def call(*operands: Any) -> Any:
        if any(one is nan for one in operands):
            return nan
        found = FUNCTIONS[name](*operands)
        exact = all(one.is_exact() for one in operands)
        if found is None and exact:
            return nan
        if found is None or not found.is_finite():
            raise UnknownPointError
        return found

    return call


def extremum(name: str) -> Any:
    def call(first: Any, *others: Any) -> Any:
        for one in others:
            first = nan if one is nan or first is nan else getattr(first, name)(one)
        return first

    return call


def tie_count(y: Any, *values: Any) -> Any:
    if any(one is nan for one in (y, *values)):
        return nan
    if not all(one.is_exact() for one in (y, *values)):
        raise UnknownPointError
    return arb(sum(one == y for one in values))


ARB = NumberSystem(
    "arb",
    decimal,
    {"pi": None, "e": None},
    {name: decided(name) for name in FUNCTIONS}
    | {"min": extremum("min"), "max": extremum("max"), "tie-count": tie_count},
    order=lambda x: (
        int(float(x)) if isinstance(x, arb) and x.is_integer() and abs(x) < 2**53 else x
    ),
)


def watched(instruction: Instruction, operands: Sequence[Any], _: Any) -> None:
    if instruction.operation == BRANCH:
        left, right = operands
        if (
            left is not nan
            and right is not nan
            and not (left < right or left > right or (left.is_exact() and right.is_exact()))
        ):
            raise UnknownPointError


def at(tape: Tape, point: Sequence[float], bindings: Bindings | None = None) -> list[Any]:
    """The outputs of a tape at a point, as balls that hold them; nan where there is none."""
    with flint.ctx.workprec(BITS):
        system = ARB._replace(constants={"pi": arb.pi(), "e": arb.const_e()})
        return interpret(tape, system, [arb(x) for x in point], watched, bindings=bindings)


# -- functions and boxes made by chance ------------------------------------------------------------

COMMON = ("+", "-", "*", "/", "^", "^2", "abs", "max", "sqrt", "sin", "exp", "ifelse", "log")
OTHERS = [
    name for name, row in LANGUAGE_FUNCTIONS.items() if row.name == name and not row.greatest_order
]
NUMBERS = ("0", "1", "2", "3", "0.5", "0.1", "1.25", "10", "1e-3", "pi", "e", "-1", "-2")


def formula(source: random.Random, depth: int) -> str:
    """A formula of x and y; nothing keeps it inside the domains of its functions."""
    if depth == 0 or source.random() < 0.1:
        return source.choice(("x", "y", "x", "y", source.choice(NUMBERS)))
    name = source.choice(COMMON) if source.random() < 0.7 else source.choice(OTHERS)

    def part() -> str:
        return formula(source, depth - 1)

    if name in ("+", "-", "*", "/", "^"):
        return f"({part()}){name}({part()})"
    if name == "^2":
        return f"({part()})^{source.choice((2, 2, 3, 4, -1, -2, 0.5, 1.5))}"
    if name == "ifelse":
        comparison = source.choice((*COMPARATORS,))
        return f"ifelse({part()} {comparison} {part()}, {part()}, {part()})"
    row = LANGUAGE_FUNCTIONS[name]
    count = source.choice((2, 3)) if row.variadic else len(row.arguments)
    return f"{name}({', '.join(part() for _ in range(count))})"


def function_of(seed: int) -> Function:
    source = random.Random(f"formula {seed}")
    while True:
        text = f"f(x, y) = {formula(source, source.choice((2, 3, 3, 4)))}"
        try:
            found = gdcli.function(text)
            found.gradient_tape  # noqa: B018
        except GdcliError:
            continue
        return found


def boxes(source: random.Random) -> list[tuple[np.ndarray, np.ndarray]]:
    """The ends of two components of boxes: wide and narrow, points, on and beside whole numbers."""
    ends = []
    for _ in range(2):
        drawn = []
        for _ in range(LANE_COUNT):
            kind, whole = source.randrange(6), float(source.randint(-3, 3))
            low, high = whole, whole + source.choice((0.0, 0.5, 1.0, 2.0, 1e-9))
            if kind == 1:
                low, high = nextafter(whole, -inf), nextafter(whole, inf)
            elif kind == 2:
                low, high = whole - source.random(), whole + source.random()
            elif kind == 3:
                low = source.uniform(-3, 3)
                high = low + 10.0 ** source.uniform(-12, 0)
            elif kind == 4:
                low = high = source.uniform(-3, 3)
            elif kind == 5:
                low, high = -(10.0 ** source.uniform(0, 3)), 10.0 ** source.uniform(0, 3)
            drawn.append((low, high))
        low, high = np.array(drawn).T
        ends.append((low.copy(), high.copy()))
    return ends


def coordinate(source: random.Random, low: Any, high: Any) -> float:
    drawn = (low, high, round(source.uniform(low, high)), source.uniform(low, high))
    return float(min(max(source.choice(drawn), low), high))


def check_outputs(
    outputs: Sequence[Interval],
    tape: Tape,
    lane: int,
    point: Sequence[float],
    told: str,
    bindings: Bindings | None = None,
) -> list[Any] | None:
    """Holds the Intervals of a lane against a tape's outputs at a point, and gives those."""
    try:
        values = at(tape, point, bindings)
    except UnknownPointError:
        return None
    for number, (value, one) in enumerate(zip(values, outputs, strict=True)):
        if value is nan:
            assert not one.flags[lane] & DEFINED, f"{told}: output {number} is undefined"
            if number == 0:
                return None  # where there is no value nothing is said of the others
            continue
        outside = value < arb(one.low[lane]) or value > arb(one.high[lane])
        assert not outside, f"{told}: output {number} {value} in {one.low[lane]}, {one.high[lane]}"
    return values


def check_move(
    one: Interval, slopes: Sequence[Interval], lane: int, ends: Sequence[Any], told: str
) -> None:
    """Between two points of a box a value moves by what its slopes allow, where they must hold.

    `ends` has the two points, and the values there.
    """
    regular = one.flags[lane] == DEFINED_AND_CONTINUOUS
    if not (regular and all(slope.flags[lane] & DEFINED for slope in slopes)):
        return
    here, there, value, before = ends
    with flint.ctx.workprec(BITS):
        move = arb(0)
        for slope, x, y in zip(slopes, here, there, strict=True):
            if x != y:
                ball = arb(slope.low[lane]).union(arb(slope.high[lane]))
                move += ball * (arb(x) - arb(y))
        if move.is_finite():
            assert (value - before).overlaps(move), f"{told} from {there}"


def check_function(seed: int, points: int = 10) -> None:
    """Holds value, gradient and Hessian of the function of a seed against arb at points of boxes.

    So are the differences of values and of slopes between two points of a box.
    """
    function, source = function_of(seed), random.Random(f"boxes {seed}")
    enclosed, ends = EnclosedFunction(function, INTERVAL_LANES), boxes(source)
    box = [Interval(low, high) for low, high in ends]
    value, gradient = enclosed.value_and_gradient(box)
    alone = enclosed.value(box)
    hessian = enclosed.hessian(box) if seed % 4 == 0 else []
    last: tuple[int, list[float], Any] | None = None
    for lane in np.repeat(source.sample(range(LANE_COUNT), points // 2), 2):
        point = [coordinate(source, low[lane], high[lane]) for low, high in ends]
        told = (
            f"{function.text} (seed {seed}) at {point} in {[(a[lane], b[lane]) for a, b in ends]}"
        )
        check_outputs([alone], function.tape, lane, point, told)
        found = check_outputs([value, *gradient], function.gradient_tape, lane, point, told)
        for tape, row in zip(enclosed._hessian_rows if hessian else [], hessian, strict=True):
            check_outputs([ANYTHING, *row], tape, lane, point, told)
        if found and last and last[0] == lane:
            moves = [(alone, gradient), *zip(gradient, zip(*hessian, strict=True), strict=False)]
            for number, (one, slopes) in enumerate(moves):
                pair = found[number], last[2][number]
                if (
                    not any(one is nan for one in pair)
                    and alone.flags[lane] == DEFINED_AND_CONTINUOUS
                ):
                    check_move(one, slopes, lane, (point, last[1], *pair), told)
        last = (lane, point, found) if found else None


SEEDS = [range(first, first + 25) for first in range(0, 100_000, 25)]


@pytest.mark.parametrize("seeds", sampled(SEEDS, 2), ids=str)
def test_enclosures_hold_values_slopes_and_curvatures(seeds: range) -> None:
    for seed in seeds:
        check_function(seed)


def check_program(written: Program | ArrayProgram, seed: int) -> None:
    """Holds a function with loops, arrays and data against arb, its loops run and written out."""
    function = gdcli.function(written.text, sizes=written.sizes, data=written.data)
    engine, source = function.engine, random.Random(f"program {seed}")
    center = [float(x) for name in function.variables for x in np.ravel(written.point[name])]
    widths = np.repeat([0.0, 1e-9, 1e-2, 0.3], 2)
    ends = [(x - widths * source.random(), x + widths * source.random()) for x in center]
    box = [Interval(low, high) for low, high in ends]
    for written_out in {function, function.unrolled}:
        enclosed = EnclosedFunction(function, INTERVAL_LANES)
        vars(enclosed)["written_out"] = written_out
        value, gradient = enclosed.value_and_gradient(box)
        hessian = enclosed.hessian(box) if len(box) <= 4 else None
        for lane in source.sample(range(8), 3):
            point = [coordinate(source, low[lane], high[lane]) for low, high in ends]
            told = f"{written} (seed {seed}) at {point}, lane {lane}, {written_out is function}"
            check_outputs(
                [enclosed.value(box)], function.tape, lane, point, told, function.bindings
            )
            bound = engine.gradient_bindings
            check_outputs([value, *gradient], engine.gradient_tape, lane, point, told, bound)
            if hessian is None or bound is None:
                continue
            tape, bound = tangent(reverse(function.tape)), bound.doubled(len(box))
            for i, row in enumerate(hessian):
                doubled = [*point, *(float(i == j) for j in range(len(box)))]
                check_outputs([ANYTHING, *row], tape, lane, doubled, told, bound)


@pytest.mark.parametrize("seed", sampled(range(1000), 6))
def test_enclosures_hold_with_loops_run_and_written_out(seed: int) -> None:
    check_program(program(seed, 1 + seed % 3) if seed % 2 else array_program(seed), seed)
