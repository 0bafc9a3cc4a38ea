"""Where a derivation is tried: seeded random points of a window, and special ones.

Comes in: a Function. Goes out: points without end, as exact decimals with few digits at first, so
that a counterexample can be typed in again. A problem's window is its own. Without one the points
are drawn from boxes of several sizes, half of them with positive coordinates only, since many
formulas mean something nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle
from math import ceil, floor, log10
from typing import TYPE_CHECKING

from gdcli.autodiff import exact
from gdcli.language.syntax import Decimal
from gdcli.numbers.floats import to_float

if TYPE_CHECKING:
    from random import Random

    from gdcli.functions.function import Function
    from gdcli.functions.problem import Problem

Sample = tuple[Decimal, ...]
Box = tuple[float, float]

POINT_SEED = 6
BOXES: tuple[Box, ...] = (
    *((-2, 2), (0, 2), (-20, 20), (0, 20)),
    *((-1, 1), (0, 1), (-200, 200), (0, 200)),
)
LEADING_RANDOM_POINTS = 2 * len(BOXES)  # before the special ones, where values are seldom 0 or 1
SPECIAL_VALUES = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, 1e3, -1e3, 1e6, -1e6)
SINGLE_VALUES = (0.0, 1.0, -1.0)  # what single coordinates are set to, the others random
MOST_SINGLED_VARIABLES = 8  # variables; of more, not each is set apart
MOST_LITERALS = 5  # numbers of the text that points are tried around: kinks tend to lie there
LITERAL_OFFSET = 1 / 1024


def samples(function: Function) -> Iterator[Sample]:
    """Points to try, without end, the same ones in every run."""
    random = _random_points(function)
    for _ in range(LEADING_RANDOM_POINTS):
        yield next(random)
    yield from _special_points(function, random)
    yield from random


def exact_decimal(number: float) -> Decimal:
    """The shortest decimal that reads back to `number`."""
    from gdcli.language.syntax import read_decimal

    found = read_decimal(repr(abs(number)))
    assert found is not None
    return found if number >= 0 else found._replace(coefficient=-found.coefficient)


def _random_points(function: Function) -> Iterator[Sample]:
    from random import Random

    random = Random(POINT_SEED)
    n = len(function.variables)
    window = function.problem.window if function.problem else ()
    windows: Sequence[Sequence[Box]] = [window] if window else [[box] * n for box in BOXES]
    for number, boxes in enumerate(cycle(windows)):
        digits = min(1 + number // (2 * len(windows)), 6)
        yield tuple(_drawn(random, low, high, digits) for low, high in boxes)


def _drawn(random: Random, low: float, high: float, digits: int) -> Decimal:
    """A number strictly between low and high, on a grid of 10^-digits of their distance."""
    exponent = floor(log10(high - low)) - digits
    unit = 10.0**exponent
    first, last = floor(low / unit) + 1, ceil(high / unit) - 1
    return exact.decimal(random.randint(first, last), exponent) or exact.ZERO


def _special_points(function: Function, random: Iterator[Sample]) -> Iterator[Sample]:
    """The known points of the problem, equal coordinates, and single ones of 0, 1 and -1."""
    for known in _known_points(function.problem):
        yield tuple(map(exact_decimal, known))
    n = len(function.variables)
    for value in (*SPECIAL_VALUES, *_literals(function)):
        yield (exact_decimal(value),) * n
    for place in range(min(n, MOST_SINGLED_VARIABLES) if n > 1 else 0):
        for value in SINGLE_VALUES:
            point = list(next(random))
            point[place] = exact_decimal(value)
            yield tuple(point)


def _literals(function: Function) -> Iterator[float]:
    """The numbers of the text, and numbers to both sides of them."""
    nodes = function.expression.nodes
    written = {to_float(node.value) for node in nodes if isinstance(node.value, Decimal)}
    for value in sorted(written - {*SPECIAL_VALUES})[:MOST_LITERALS]:
        yield from (
            value,
            value - LITERAL_OFFSET * max(1.0, value),
            value + LITERAL_OFFSET * max(1.0, value),
        )


def _known_points(problem: Problem | None) -> Iterator[Sequence[float]]:
    if problem is None:
        return
    if problem.start:
        yield problem.start
    yield from (minimum.at for minimum in problem.minima)
    yield from (other.at for other in problem.stationary)
