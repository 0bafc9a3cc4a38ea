"""Intervals hold the values of every function, whatever the box: against arb."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from math import inf, nextafter
from typing import Any

import flint
import numpy as np
import pytest

from gdcli.autodiff.primitives import PRIMITIVES, ROWS
from gdcli.autodiff.tape import COMPARATORS
from gdcli.execute.grid import ARRAYS
from gdcli.execute.interpret import operation
from gdcli.numbers.interval import CONTINUOUS, DEFINED, Interval
from gdcli.numbers.interval_ends import interval_ends
from gdcli.numbers.interval_lanes import INTERVAL_LANES
from tests import sweeps
from tests.sweeps import sampled

arb = flint.arb
OPERATIONS = INTERVAL_LANES.numbers.operations
BITS = 300
GREATEST = np.finfo(float).max
TINY = (5e-324, 1e-310, 2.0**-1022, 1e-300, 1e-160, 1e-20)
CRITICAL = (0.5, 1.0, 2.0, 3.0, 1.4616321449683622, math.pi / 2, math.pi, 1.5 * math.pi)
LARGE = (22 * math.pi, 170.5, 710.0, 1e5, 2.0**20 + 1, 1e16, 1e155, 1e300, GREATEST)
DELICATE = [
    0.0,
    *(
        sign * number
        for size in (*TINY, *CRITICAL, *LARGE)
        for number in (size, nextafter(size, 0.0), nextafter(size, inf))
        for sign in (1.0, -1.0)
        if number < inf
    ),
]


# -- the functions in arb; None where there is no value --------------------------------------------


def where(domain: Callable[..., Any], function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *x: function(*x) if domain(*x) else None


def method(name: str) -> Callable[..., Any]:
    return lambda x: getattr(x, name)()


def integer(x: Any) -> int | None:
    """The integer that a number is; None where it is none."""
    return int(x.unique_fmpz()) if x.is_integer() else None


def power(a: Any, b: Any) -> Any:
    whole = integer(b)
    if a == 0:
        return arb(1) if b == 0 else arb(0) if b > 0 else None
    if a > 0:
        return (a.log() * b).exp()
    return None if whole is None else (1 if whole % 2 == 0 else -1) * ((-a).log() * b).exp()


def angle(a: Any, b: Any) -> Any:
    return None if a == 0 and b == 0 else arb.atan2(a, b)


def is_no_pole(x: Any) -> bool:
    return x > 0 or not x.is_integer()


def log_gamma(x: Any) -> Any:
    return x.lgamma() if x > 0 else abs(x.gamma()).log()


def polygamma(order: Any, x: Any) -> Any:
    return flint.acb(x).polygamma(order).real


def log_sum(*values: Any) -> Any:
    best = max(values, key=float)
    return best + sum(((one - best).exp() for one in values), arb(0)).log()


def is_real(*_: Any) -> bool:
    return True


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: method(name) for name in ("exp", "expm1", "sin", "cos", "tan", "atan", "asinh")},
    **{name: method(name) for name in ("sinh", "cosh", "tanh", "erf", "erfc")},
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": where(lambda _, b: b != 0, lambda a, b: a / b),
    "unary-minus": lambda a: -a,
    "pow-integer": power,
    "pow-general": power,
    "log": where(lambda a: a > 0, method("log")),
    "log1p": where(lambda a: a > -1, method("log1p")),
    "log2": where(lambda a: a > 0, lambda a: a.log() / arb(2).log()),
    "log10": where(lambda a: a > 0, lambda a: a.log() / arb(10).log()),
    "sqrt": where(lambda a: a >= 0, method("sqrt")),
    "cbrt": lambda a: a.root(3) if a >= 0 else -(-a).root(3),
    "asin": where(lambda a: abs(a) <= 1, method("asin")),
    "acos": where(lambda a: abs(a) <= 1, method("acos")),
    "atan2": angle,
    "acosh": where(lambda a: a >= 1, method("acosh")),
    "atanh": where(lambda a: abs(a) < 1, method("atanh")),
    "abs": abs,
    "sign": method("sgn"),
    "min": lambda *values: min(values, key=float),
    "max": lambda *values: max(values, key=float),
    "hypot": lambda a, b: (a * a + b * b).sqrt(),
    "gamma": where(is_no_pole, method("gamma")),
    "lgamma": where(is_no_pole, log_gamma),
    "digamma": where(is_no_pole, method("digamma")),
    "polygamma": where(lambda _, x: is_no_pole(x), polygamma),
    "logcosh": lambda a: abs(a) + ((-2 * abs(a)).exp() / 2 + arb(0.5)).log(),
    "sigmoid": lambda a: 1 / (1 + (-a).exp()),
    "softplus": lambda a: (a.exp() if a <= 0 else (-a).exp()).log1p() + (a if a > 0 else 0),
    "relu": lambda a: a if a > 0 else arb(0),
    "logaddexp": log_sum,
    "logsumexp": log_sum,
    "tanh-slope": lambda a: 4 * (-2 * abs(a)).exp() / (1 + (-2 * abs(a)).exp()) ** 2,
    "if-defined": lambda a, _: a,
    "tie-count": lambda *values: arb(sum(one == max(values, key=float) for one in values)),
}
CONSTANT_OPERANDS = {  # by primitive: the operand that is a constant, and what it is drawn from
    "pow-integer": (1, (0, 1, 2, 3, 4, 5, 8, 9, 17, 301, -1, -2, -3, -4, -11)),
    "polygamma": (0, (0, 1, 2, 3, 6, 11)),
}


def ends(source: random.Random) -> tuple[float, float]:
    """A box's ends: a point, neighbours of a delicate number, two of them, or any numbers."""
    kind = source.randrange(8)
    if kind == 0:
        one = source.choice(DELICATE)
        return one, one
    if kind == 1:
        one = source.choice(DELICATE)
        return max(nextafter(one, -inf), -GREATEST), min(nextafter(one, inf), GREATEST)
    if kind == 2:
        return (source.choice([-inf, 0.0, source.choice(DELICATE)]), inf)
    if kind == 3:
        low, high = sorted(source.choices(DELICATE, k=2))
        return low, high
    if kind < 6:
        center = source.choice([0.0, 1.0, -1.0, source.uniform(-6, 6), source.choice(CRITICAL)])
        width = 10.0 ** source.uniform(-17, 1)
        return center - source.random() * width, center + source.random() * width
    scale = 10.0 ** source.uniform(-3, 6)
    low, high = sorted(
        [source.uniform(-scale, scale), source.choice([0.0, scale, source.random()])]
    )
    return low, high


def points(source: random.Random, low: float, high: float, count: int) -> list[float]:
    """Points of a box: its ends, delicate numbers in it, and any."""
    least, greatest = max(low, -GREATEST), min(high, GREATEST)
    inside = [one for one in source.sample(DELICATE, 12) if least <= one <= greatest]
    drawn = [least, greatest, *inside]
    while len(drawn) < count:
        share = source.random()
        drawn.append(min(max(share * least + (1.0 - share) * greatest, least), greatest))
    source.shuffle(drawn)
    return drawn[:count]


def boxes(name: str, count: int, seed: int) -> tuple[list[list[tuple[float, float]]], list[Any]]:
    """Boxes of a primitive's operands, and the Intervals of them in lanes, constants as scalars."""
    source = random.Random(f"{name} {seed}")
    row = PRIMITIVES[name]
    arguments = 3 if row.variadic else len(row.arguments)
    drawn = [[ends(source) for _ in range(count)] for _ in range(arguments)]
    place, values = CONSTANT_OPERANDS.get(name, (None, ()))
    given = []
    for number in range(arguments):
        if number == place:
            value = float(source.choice(values))
            drawn[number] = [(value, value)] * count
            given.append(Interval(np.float64(value), np.float64(value)))
        else:
            low, high = np.array(drawn[number]).T
            given.append(Interval(low.copy(), high.copy()))
    return drawn, given


def as_ball(end: Fraction | float) -> Any:
    return arb(flint.fmpq(end.numerator, end.denominator) if isinstance(end, Fraction) else end)


def enclosures(name: str, count: int, seed: int, library: str) -> tuple[Any, list[Any]]:
    """Boxes of a primitive, and of each the ends and flags of its values, by lanes or a library."""
    drawn, given = boxes(name, count, seed)
    if library == "lanes":
        if name == "tie-count":
            given = [OPERATIONS["max"](*given), *given]
        columns = [np.broadcast_to(one, count) for one in OPERATIONS[name](*given)]
        return drawn, [(arb(a), arb(b), int(flags)) for a, b, flags in zip(*columns, strict=True)]
    system, found = interval_ends(80, library), []
    for box in zip(*drawn, strict=True):
        operands = [system.of(*ends) for ends in box]
        if name == "tie-count":
            operands = [system.numbers.operations["max"](*operands), *operands]
        interval = operation(system.numbers, name)(*operands)
        found.append((*map(as_ball, system.ends(interval)), interval.flags))
    return drawn, found


def check_contained(name: str, count: int, seed: int, library: str = "lanes") -> None:
    """Holds the values at five points of each box against what encloses them."""
    drawn, found = enclosures(name, count, seed, library)
    source = random.Random(f"points {name} {seed}")
    for lane, (low, high, flags) in enumerate(found):
        box = [one[lane] for one in drawn]
        for point in zip(
            *(points(source, low_end, high_end, 5) for low_end, high_end in box), strict=True
        ):
            told = f"{name} at {point} in {box}: [{low}, {high}], {flags}"
            with flint.ctx.workprec(BITS + 2 * int(max(0, *(math.frexp(one)[1] for one in point)))):
                value = FUNCTIONS[name](*map(arb, point))
            assert value is not None or not flags & DEFINED, told
            if value is not None and value.is_finite():
                outside = value < low or value > high
                assert not outside, told
            elif value is not None and not value.is_nan():
                assert not (low.is_finite() and high.is_finite()), told


NAMES = [row.name for row in ROWS]
JUDGED = [  # mpmath takes many seconds to bound polygamma over one box
    pair for pair in product(NAMES, ("arb", "mpmath")) if pair != ("polygamma", "mpmath")
]


@pytest.mark.parametrize("name", NAMES)
def test_intervals_hold_the_values_of_every_function(name: str) -> None:
    check_contained(name, 30, 0)


@pytest.mark.parametrize(("name", "library"), sampled(JUDGED, 24))
def test_intervals_of_the_judge_hold_the_values_of_every_function(name: str, library: str) -> None:
    check_contained(name, 12 if library == "arb" else 4, 0, library)


@pytest.mark.full
@pytest.mark.parametrize(("name", "seed"), list(product(NAMES, range(1, 11))))
def test_intervals_hold_a_hundred_thousand_values_of_every_function(name: str, seed: int) -> None:
    check_contained(name, 2000, seed)
    check_contained(name, 100, seed, "arb")
    if (name, "mpmath") in JUDGED:
        check_contained(name, 10, seed, "mpmath")


def lanes(*boxes: tuple[float, float]) -> Interval:
    low, high = np.array(boxes, float).T
    return Interval(low.copy(), high.copy())


@pytest.mark.parametrize("name", NAMES)
def test_an_enclosure_is_as_narrow_as_the_values(name: str) -> None:
    """Of 40 boxes among the arguments that tests draw, a tenth as wide, and of points."""
    row, source = PRIMITIVES[name], np.random.default_rng(1)
    widths = np.repeat([0.1, 0.0], 20)
    given: list[Interval] = []
    drawn: list[Any] = []
    for number, (low, high) in enumerate(row.sampled):
        start = low + (high - low) * 0.9 * source.random(40)
        end = start + widths * (high - low)
        shares = np.linspace(0, 1, 33).reshape(-1, *[1] * (len(row.sampled) - number))
        given.append(Interval(start, end))
        drawn.append(start + (end - start) * shares)
    if name in CONSTANT_OPERANDS:
        place = CONSTANT_OPERANDS[name][0]
        given[place], drawn[place] = Interval(np.float64(2), np.float64(2)), 2.0
    if name == "tie-count":
        given.insert(0, OPERATIONS["max"](*given))
        drawn.insert(0, np.maximum(*drawn))
    low, high, _ = OPERATIONS[name](*given)
    with np.errstate(all="ignore"):
        values = ARRAYS.operations[name](*drawn).reshape(-1, 40)
    least, greatest = values.min(axis=0), values.max(axis=0)
    slack = 0.05 * (greatest - least) + 1e-13 * np.maximum(abs(least), abs(greatest))
    if name not in ("tie-count", "sign"):  # of which a box has few values
        assert (np.broadcast_to(low, 40) >= least - slack).all()
        assert (np.broadcast_to(high, 40) <= greatest + slack).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_part_of_a_box_has_a_part_of_its_enclosure(name: str) -> None:
    source = random.Random(f"parts {name}")
    drawn, whole = boxes(name, 200, 3)
    parts = []
    for one, operand in zip(drawn, whole, strict=True):
        if operand.low.shape:
            pairs = [sorted(points(source, *box, 2)) for box in one]
            operand = lanes(*[(low, high) for low, high in pairs])
        parts.append(operand)
    if name == "tie-count":
        whole, parts = ([OPERATIONS["max"](*some), *some] for some in (whole, parts))
    outer, inner = OPERATIONS[name](*whole), OPERATIONS[name](*parts)
    slack = 1e-13 * np.maximum(abs(inner.low), abs(inner.high)) + 1e-300
    with np.errstate(over="ignore", invalid="ignore"):
        assert not ((inner.low + slack < outer.low) & (inner.low <= inner.high)).any()
        assert not ((inner.high - slack > outer.high) & (inner.low <= inner.high)).any()
    assert not (outer.flags & ~np.asarray(inner.flags, np.uint8)).any()


@pytest.mark.parametrize("name", NAMES)
def test_a_box_that_all_share_is_enclosed_as_one_of_many(name: str) -> None:
    """Constants are scalars, on ways of their own; a product with one may be a little narrower."""
    _, given = boxes(name, 60, 7)
    if name == "tie-count":
        given = [OPERATIONS["max"](*given), *given]
    many = [np.broadcast_to(one, 60) for one in OPERATIONS[name](*given)]
    for lane in range(60):
        alone = [Interval(*[np.broadcast_to(end, 60)[lane] for end in one[:2]]) for one in given]
        low, high, flags = OPERATIONS[name](*alone)
        if many[0][lane] > many[1][lane]:
            assert low > high, (name, alone)
            continue
        for end, other in ((low, many[0][lane]), (high, many[1][lane])):
            one, two = np.clip([end, other], -1e300, 1e300)
            assert abs(one - two) <= 1e-14 * abs(two) + 1e-300, (name, alone)
        assert flags == many[2][lane], (name, alone)


@pytest.mark.parametrize("name", NAMES)
def test_no_function_jumps_in_a_box_that_is_said_to_be_continuous(name: str) -> None:
    """Between two points of the box halves are taken, always that in which the value moves more."""
    source = random.Random(f"jumps {name}")
    count = 25 if sweeps.whole else 10
    drawn, given = boxes(name, count, 5)
    if name == "tie-count":
        given = [OPERATIONS["max"](*given), *given]
    flags = np.broadcast_to(OPERATIONS[name](*given).flags, count)
    for lane in np.flatnonzero(flags == DEFINED | CONTINUOUS):
        box = [one[lane] for one in drawn]
        left, right = (
            [arb(x) for x in p] for p in zip(*(points(source, *one, 2) for one in box), strict=True)
        )
        sizes = {abs(float(x)) for x in (*left, *right)} - {0.0}
        if sizes and (max(sizes) > 1e3 or min(sizes) < 1e-6):
            continue
        with flint.ctx.workprec(300):
            for _ in range(90):
                middle = [((a + b) / 2).mid() for a, b in zip(left, right, strict=True)]
                values = [FUNCTIONS[name](*p) for p in (left, middle, right)]
                if abs(values[1] - values[0]).mid() > abs(values[2] - values[1]).mid():
                    right = middle
                else:
                    left = middle
            ends = [FUNCTIONS[name](*p) for p in (left, right)]
            assert abs(ends[1] - ends[0]) < 1e-6 * (1 + abs(ends[0])), (name, box)


def test_edges_of_division_and_of_domains() -> None:
    """What an interval is where a divisor holds 0, and where nothing of a box is in a domain."""
    divide, root = OPERATIONS["/"], OPERATIONS["sqrt"]
    one = lanes((1, 2), (1, 2), (1, 2), (1, 2))
    low, high, flags = divide(one, lanes((-1, 1), (0, 4), (-4, 0), (0, 0)))
    assert low.tolist() == [-inf, pytest.approx(0.25), -inf, inf]
    assert high.tolist() == [inf, inf, pytest.approx(-0.25), -inf]
    assert not (flags & DEFINED).any()
    low, high, flags = root(lanes((-2, -1), (-1, 4), (0, 4)))
    assert low.tolist() == [inf, 0.0, 0.0]
    assert high[0] == -inf
    assert [flag & DEFINED for flag in flags] == [0, 0, DEFINED]
    empty = OPERATIONS["+"](root(lanes((-2, -1), (0, 1))), lanes((1, 2), (1, 2)))
    assert empty.low[0] == inf
    assert empty.high[0] == -inf


@pytest.mark.parametrize("comparison", ["<", "<=", ">", ">=", "==", "!="])
def test_a_comparison_is_decided_where_all_points_agree(comparison: str) -> None:
    left = lanes((0, 1), (0, 1), (0, 1), (1, 1), (0, 2), (2, 3), (3, 4), (1, 2))
    right = lanes((2, 3), (1, 2), (1, 1), (1, 1), (1, 1), (1, 2), (1, 2), (0, 4))
    yes, no = (Interval(np.float64(k), np.float64(k)) for k in (1.0, 0.0))
    (found,) = INTERVAL_LANES.branch(comparison, left, right, lambda: [yes], lambda: [no])
    for lane in range(8):
        pairs = [
            (a, b)
            for a in np.linspace(left.low[lane], left.high[lane], 5)
            for b in np.linspace(right.low[lane], right.high[lane], 9)
        ]
        holds = {float(COMPARATORS[comparison](a, b)) for a, b in pairs}
        assert (found.low[lane], found.high[lane]) == (min(holds), max(holds))
        assert (found.flags[lane] == DEFINED | CONTINUOUS) == (len(holds) == 1)
