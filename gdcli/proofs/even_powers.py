"""Even powers that a function is a sum of, and the functions below it that their tangents make.

Comes in: the tape of a function over scalars, f(x) = Σ wⱼ·rⱼ(x)^mⱼ + rest with weights wⱼ > 0 and
even mⱼ: least squares, and much else. As r^m ≥ t^m + m·t^(m-1)·(r - t) for every t, the minorant g
that has these tangents in place of the powers is at most f wherever f has a value.

Goes out: the tapes of g and of its gradient by x, and for boxes the t for which the mean value form
of g tells most. Where f's own form loses some |r'|²·(width of the box)², that of g loses |t| times
what r' varies: little where the terms are small near a minimum. The best t are the terms at the
minimum over the box of the quadratic model of f that Gauss and Newton make; they are computed in
floats, since every t is right.

Source: the weights m·t^(m-1) are the multipliers of Fenchel's duality, R. T. Rockafellar, Convex
Analysis (1970), 31.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdcli.autodiff import exact
from gdcli.autodiff.builder import Builder, Copy
from gdcli.autodiff.chain import active
from gdcli.autodiff.forward import tangent
from gdcli.autodiff.reverse import reverse
from gdcli.autodiff.tape import APPLY, CONSTANT, Region, Tape, instructions
from gdcli.execute.enclosure import StraightEnclosure
from gdcli.execute.grid import ARRAY_TARGET
from gdcli.execute.source import compile_tape
from gdcli.language.syntax import Decimal
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.interval import Interval, IntervalSystem

COORDINATE_SWEEPS = 30  # of the search for the least value of a quadratic model
MOST_MODEL_DERIVATIVES = 10_000  # of the terms by the inputs, beyond which no tangents are made
GREATEST_POWER = 64
GREATEST_EXPONENT = 400  # of 10, in constants
GREATEST_WEIGHT = 10**300
RATIONAL_OPERATIONS: dict[str, Callable[..., Fraction]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "unary-minus": operator.neg,
}

Array = NDArray[np.float64]
Box = Sequence[Interval]


class EvenPower(NamedTuple):
    """A term weight·base^exponent of a sum; the base is a value of the tape."""

    weight: float
    base: int
    exponent: int


class EvenPowers:
    """The even powers that the value of a tape is a sum of; `terms` is empty where there are none.

    The minorant has the inputs x and, behind them, the slope and the offset of each term's tangent.
    """

    def __init__(self, tape: Tape, system: IntervalSystem) -> None:
        self.system = system
        self.n = len(tape.inputs)
        self.terms = even_powers(tape)
        if len(self.terms) * self.n > MOST_MODEL_DERIVATIVES:
            self.terms = {}
        if not self.terms:
            return
        order = list(self.terms.values())
        self.exponents = np.array([term.exponent for term in order])
        self.weights = np.array([term.weight for term in order])
        minorant = self._minorant(tape)
        builder = Builder(minorant.inputs)
        outputs = _appended(builder, reverse(minorant))
        self._minorant_value = StraightEnclosure(minorant, system)
        self._minorant_gradient = StraightEnclosure(builder.tape(outputs[: 1 + self.n]), system)
        self._model = compile_tape(self._model_tape(tape), ARRAY_TARGET)

    def _minorant(self, tape: Tape) -> Tape:
        names = (f"{name}_{k}" for k in range(len(self.terms)) for name in ("slope", "offset"))
        builder, numbers = Builder((*tape.inputs, *names)), [0] * tape.size
        copy, place = Copy(builder, numbers), self.n
        for instruction in tape.body.instructions:
            result = instruction.results[0]
            if result not in self.terms:
                copy.region(Region((instruction,), ()))
                continue
            slope, offset = builder.load(place), builder.load(place + 1)
            rise = builder.apply("*", slope, numbers[self.terms[result].base])
            numbers[result], place = builder.apply("+", rise, offset), place + 2
        return builder.tape([numbers[tape.body.outputs[0]]])

    def _model_tape(self, tape: Tape) -> Tape:
        """The bases, their derivatives by each input, and the gradient of the value."""
        builder = Builder(tape.inputs)
        numbers = builder.extend(tape)
        bases = builder.tape([numbers[term.base] for term in self.terms.values()])
        outputs = [numbers[term.base] for term in self.terms.values()]
        for row in range(self.n):
            unit = [exact.ONE if i == row else None for i in range(self.n)]
            outputs += _appended(builder, tangent(bases, unit))
        return builder.tape(outputs + _appended(builder, reverse(tape))[1:])

    def tangents(self, supports: Sequence[Any]) -> list[Interval]:
        """The slopes and offsets of the tangents at an exact t for each term, or lanes of them.

        That of r^m is m·t^(m-1)·r + (1 - m)·t^m.
        """
        found, of = list[Interval](), self.system.of
        multiply, power = (self.system.numbers.operations[name] for name in ("*", "pow-integer"))
        for term, t in zip(self.terms.values(), supports, strict=True):
            m, at = term.exponent, of(t, t)
            below, whole = (power(at, of(k, k)) for k in (m - 1, m))
            found += [multiply(of(m, m), below), multiply(of(1 - m, 1 - m), whole)]
        return found

    def value(self, box: Box, tangents: Box) -> Interval:
        """The enclosure of the minorant that tangents make over a box."""
        return self._minorant_value([*box, *tangents])[0]

    def value_and_gradient(self, box: Box, tangents: Box) -> tuple[Interval, list[Interval]]:
        """The enclosures of the minorant and of its derivatives by x over a box."""
        value, *gradient = self._minorant_gradient([*box, *tangents])
        return value, gradient

    def supports(self, low: Array, high: Array) -> Array:
        """Where tangents tell most of boxes with ends of shape (n, boxes): t, (terms, boxes)."""
        n, count, boxes = self.n, len(self.terms), low.shape[1]
        center = low + (high - low) / 2
        with np.errstate(all="ignore"):
            first, others = self._model(list(center))
            found = np.array([np.broadcast_to(one, boxes) for one in (first, *others)], float)
            bases, slopes = found[:count], found[count + n * count :]
            jacobian = found[count : count + n * count].reshape(n, count, boxes)
            m, weights = self.exponents[:, None], self.weights[:, None]
            curvature = weights * m * (m - 1) * np.abs(bases) ** (m - 2)
            hessian = np.einsum("imk,mk,jmk->ijk", jacobian, curvature, jacobian)
            step = _least_step(hessian, slopes, low - center, high - center)
            supports: Array = np.nan_to_num(bases + np.einsum("imk,ik->mk", jacobian, step))
        return supports


def even_powers(tape: Tape) -> dict[int, EvenPower]:
    """The even powers of which the value is a sum, by the values of the tape that they are.

    They are reached from the output by sums, differences, and products with constants; the weight
    is positive by exact arithmetic. A power that is used elsewhere too is none.
    """
    makers = {one.results[0]: one for one in tape.body.instructions if one.results}
    used = Counter(tape.body.outputs)
    for one in instructions(tape.body):
        used.update(one.operands)
        for region in one.regions:
            used.update(region.outputs)
    moving, constants = active(tape), _constants(tape)
    found = {}
    open_ = [(tape.body.outputs[0], Fraction(1))]
    while open_:
        value, weight = open_.pop()
        maker = makers.get(value)
        if maker is None or maker.operation != APPLY or value not in moving:
            continue
        if used[value] != 1:
            continue
        name, a, b = maker.payload, maker.operands[0], maker.operands[-1]
        if name in ("+", "-"):
            open_ += [(a, weight), (b, weight if name == "+" else -weight)]
        elif name == "unary-minus":
            open_.append((a, -weight))
        elif name == "*" and a in constants:
            open_.append((b, weight * constants[a]))
        elif name == "*" and b in constants:
            open_.append((a, weight * constants[b]))
        elif name == "/" and constants.get(b):
            open_.append((a, weight / constants[b]))
        elif 0 < weight <= GREATEST_WEIGHT and (name == "pow-integer" or (name == "*" and a == b)):
            exponent = constants.get(b, 1) if name == "pow-integer" else 2
            if exponent % 2 == 0 and 0 < exponent <= GREATEST_POWER:
                found[value] = EvenPower(float(weight), a, int(exponent))
    return {value: found[value] for value in makers if value in found}


def _constants(tape: Tape) -> dict[int, Fraction]:
    """The values outside of branches that are rational constants, exactly."""
    found: dict[int, Fraction] = {}
    for one in tape.body.instructions:
        if one.operation == CONSTANT and isinstance(one.payload, Decimal):
            coefficient, exponent = one.payload
            if abs(exponent) <= GREATEST_EXPONENT:
                found[one.results[0]] = coefficient * Fraction(10) ** exponent
        elif one.operation == APPLY and all(operand in found for operand in one.operands):
            operands = [found[operand] for operand in one.operands]
            if one.payload in RATIONAL_OPERATIONS and (one.payload != "/" or operands[1]):
                found[one.results[0]] = RATIONAL_OPERATIONS[one.payload](*operands)
    return found


def _appended(builder: Builder, tape: Tape) -> list[int]:
    """The builder's numbers of the outputs of a tape that is added to it."""
    numbers = builder.extend(tape)
    return [numbers[output] for output in tape.body.outputs]


def _least_step(hessian: Array, slopes: Array, low: Array, high: Array) -> Any:
    """A step from `low` to `high` at which slopes·d + ½·dᵀ·hessian·d is nearly least, by lanes."""
    step = np.zeros_like(slopes)
    for _ in range(COORDINATE_SWEEPS):
        for i, row in enumerate(hessian):
            slope = slopes[i] + (row * step).sum(axis=0) - row[i] * step[i]
            flat = np.where(slope > 0, low[i], high[i])
            best = np.where(row[i] > 0, -slope / row[i], flat)
            step[i] = np.clip(np.nan_to_num(best), low[i], high[i])
    return step
