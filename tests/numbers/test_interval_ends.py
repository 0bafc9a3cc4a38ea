"""Intervals of one box hold the values of every function.

Those of arb are held against mpmath with 60 digits, those of mpmath against arb with 300 bits, and
both against the intervals in lanes, with which they share no rule.
"""

from __future__ import annotations

import itertools
import random
import sys
from fractions import Fraction
from math import inf
from typing import Any

import flint
import numpy as np
import pytest

from gdcli.autodiff.primitives import ROWS
from gdcli.autodiff.tape import COMPARATORS
from gdcli.errors import UsageError
from gdcli.execute.interpret import operation
from gdcli.language.syntax import Decimal
from gdcli.numbers.interval import CONTINUOUS, DEFINED, DEFINED_AND_CONTINUOUS
from gdcli.numbers.interval_ends import interval_ends
from gdcli.numbers.point_arithmetic import point_arithmetic
from gdcli.numbers.precise import digits
from tests.numbers.test_intervals import FUNCTIONS, OPERATIONS, boxes, points

ARB, MPMATH = "arb", "mpmath"
LIBRARIES = (ARB, MPMATH)
NAMES = [row.name for row in ROWS]
DIGITS = digits(60)
LEAST_SIZE, GREATEST_SIZE = 1e-14, 1e4  # of operands of which mpmath has all digits, and soon
BLUR = Fraction(1, 10**40)  # of the references, relative to the value and 10^-10
LONGEST_EXPONENT = 20_000  # of two, of values that are compared


class UnknownError(Exception):
    """Raised where a reference does not know the value."""


def by_arb(name: str, point: list[float]) -> Fraction | None:
    """The value in arb; None where there is none."""
    with flint.ctx.workprec(300):
        value = FUNCTIONS[name](*map(flint.arb, point))
        if value is None:
            return None
        if not value.is_finite() or (value.rel_accuracy_bits() < 150 and not value.is_exact()):
            raise UnknownError
        mantissa, exponent = map(int, value.mid().man_exp())
    return binary(mantissa, exponent)


def by_mpmath(name: str, point: list[float]) -> Fraction | None:
    """The value in mpmath; None where there is none."""
    sizes = [abs(x) for x in point if x]
    if sizes and not (min(sizes) >= LEAST_SIZE and max(sizes) <= GREATEST_SIZE):
        raise UnknownError
    if name == "atan2" and not sizes:  # mpmath calls it 0
        return None
    zero = DIGITS.decimal(Decimal(0, 0))
    try:
        value = operation(DIGITS, name)(*[zero + x for x in point])
    except OverflowError:
        raise UnknownError from None
    except (ArithmeticError, ValueError):
        return None
    sign, mantissa, exponent, _ = value._mpf_
    return binary(int(-mantissa if sign else mantissa), int(exponent))


def binary(mantissa: int, exponent: int) -> Fraction:
    if abs(exponent) > LONGEST_EXPONENT:
        raise UnknownError
    return mantissa * Fraction(2) ** exponent


REFERENCES = {ARB: by_mpmath, MPMATH: by_arb}


def check_contained(library: str, name: str, count: int, seed: int) -> None:
    system, reference = interval_ends(64, library), REFERENCES[library]
    operations = system.numbers.operations
    drawn, lanes = boxes(name, count, seed)
    if name == "tie-count":
        lanes = [OPERATIONS["max"](*lanes), *lanes]
    lanes_low, lanes_high, _ = (np.broadcast_to(one, count) for one in OPERATIONS[name](*lanes))
    source = random.Random(f"points {name} {seed}")
    for number, box in enumerate(zip(*drawn, strict=True)):
        given = [system.of(*pair) for pair in box]
        if name == "tie-count":
            given = [operations["max"](*given), *given]
        found = operations[name](*given)
        low, high = system.ends(found)
        assert low <= high or not found.flags & DEFINED
        if low <= high and lanes_low[number] <= lanes_high[number]:
            assert low <= lanes_high[number], (name, box)
            assert lanes_low[number] <= high, (name, box)
        for point in zip(*[points(source, a, b, 4) for a, b in box], strict=True):
            try:
                value = reference(name, list(point))
            except UnknownError:
                continue
            said = f"{name} over {box} at {point}"
            if value is None:
                assert not found.flags & DEFINED, said
            else:
                blur = BLUR * max(abs(value), Fraction(1, 10**10))
                assert low == -inf or low <= value + blur, said
                assert high == inf or value - blur <= high, said


CASES = [(library, name) for library in LIBRARIES for name in NAMES if name != "tie-count"]


@pytest.mark.parametrize("name", NAMES[:-1])
def test_an_interval_holds_the_values_at_points_of_its_box(name: str) -> None:
    check_contained(ARB, name, 5, 1)


@pytest.mark.full
@pytest.mark.parametrize(("library", "name"), CASES)
def test_an_interval_holds_a_hundred_thousand_values(library: str, name: str) -> None:
    check_contained(library, name, 25_000, 2)


@pytest.mark.parametrize("library", LIBRARIES)
def test_ties_are_counted_from_those_that_are_certain_to_those_that_are_possible(
    library: str,
) -> None:
    assert ends(library, "tie-count", (2, 3), (2, 3), (0, 1)) == (1, 1, DEFINED_AND_CONTINUOUS)
    assert ends(library, "tie-count", (2, 3), (2, 3), (0, 2)) == (1, 2, DEFINED)
    assert ends(library, "tie-count", (2, 2), (2, 2), (2, 2)) == (2, 2, DEFINED_AND_CONTINUOUS)


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_primitive_has_a_rule(library: str) -> None:
    assert set(NAMES) <= set(interval_ends(64, library).numbers.operations)


def ends(library: str, name: str, *box: tuple[Any, Any], bits: int = 64) -> tuple[Any, Any, int]:
    """The exact ends and the flags of a primitive over a box."""
    system = interval_ends(bits, library)
    found = system.numbers.operations[name](*[system.of(*pair) for pair in box])
    return *system.ends(found), found.flags


BOTH, NOT_DEFINED, JUMPS = DEFINED_AND_CONTINUOUS, CONTINUOUS, DEFINED
EXACT = [  # a primitive over a box, of which both libraries give these very ends
    ("*", ((1, 2), (1, 2)), (1, 4, BOTH)),
    ("*", ((-1, 2), (-3, 1)), (-6, 3, BOTH)),
    ("*", ((0, 0), (-inf, inf)), (0, 0, BOTH)),
    ("-", ((1, 2), (1, 2)), (-1, 1, BOTH)),
    ("/", ((1, 2), (0, 4)), (Fraction(1, 4), inf, NOT_DEFINED)),
    ("/", ((1, 2), (-4, 0)), (-inf, Fraction(-1, 4), NOT_DEFINED)),
    ("/", ((1, 2), (-1, 1)), (-inf, inf, NOT_DEFINED)),
    ("/", ((0, 1), (0, inf)), (0, inf, NOT_DEFINED)),
    ("/", ((1, 2), (0, 0)), (inf, -inf, 0)),
    ("pow-integer", ((-1, 2), (2, 2)), (0, 4, BOTH)),
    ("pow-integer", ((-2, 1), (3, 3)), (-8, 1, BOTH)),
    ("pow-integer", ((-2, 1), (0, 0)), (1, 1, BOTH)),
    ("pow-integer", ((-2, 4), (-2, -2)), (Fraction(1, 16), inf, NOT_DEFINED)),
    ("pow-general", ((0, 0), (0, 1)), (0, 1, JUMPS)),
    ("pow-general", ((-2, -1), (0.5, 0.75)), (inf, -inf, 0)),
    ("sqrt", ((-1, 4),), (0, 2, NOT_DEFINED)),
    ("sqrt", ((0, 4),), (0, 2, BOTH)),
    ("sqrt", ((-2, -1),), (inf, -inf, 0)),
    ("cbrt", ((0, 0),), (0, 0, BOTH)),
    ("log", ((0, 1),), (-inf, 0, NOT_DEFINED)),
    ("atanh", ((-1, 0),), (-inf, 0, NOT_DEFINED)),
    ("abs", ((-1, 2),), (0, 2, BOTH)),
    ("sign", ((0, 1),), (0, 1, JUMPS)),
    ("sign", ((-1, 0),), (-1, 0, JUMPS)),
    ("sign", ((1, 2),), (1, 1, BOTH)),
    ("max", ((0, 2), (1, 3)), (1, 3, BOTH)),
    ("min", ((0, 2), (1, 3)), (0, 2, BOTH)),
    ("relu", ((-1, 2),), (0, 2, BOTH)),
    ("sin", ((0, 100),), (-1, 1, BOTH)),
    ("tan", ((1, 2),), (-inf, inf, NOT_DEFINED)),
    ("gamma", ((-1.5, 1),), (-inf, inf, NOT_DEFINED)),
    ("if-defined", ((1, 2), (0, 1)), (1, 2, BOTH)),
]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(("name", "box", "expected"), EXACT)
def test_exact_ranges_and_edges(library: str, name: str, box: Any, expected: Any) -> None:
    assert ends(library, name, *box) == expected


@pytest.mark.parametrize("library", LIBRARIES)
def test_angles_jump_behind_the_origin_only(library: str) -> None:
    def flags(*box: tuple[float, float]) -> int:
        return ends(library, "atan2", *box)[2]

    assert flags((-1, 1), (1, 2)) == flags((0, 1), (-2, -1)) == flags((-2, -1), (-1, 1)) == BOTH
    assert flags((-1, 1), (-2, -1)) == flags((-1, 0), (-2, -1)) == JUMPS
    assert not flags((0, 1), (0, 1)) & DEFINED
    low, high, _ = ends(library, "atan2", (0, 1e-300), (0, 1))
    assert low <= 0
    assert high > 1.57


@pytest.mark.parametrize("library", LIBRARIES)
def test_decimals_are_held_by_their_neighbours(library: str) -> None:
    system = interval_ends(64, library)
    for text in ((1, -1), (25, -2), (-3, 0), (1, -400), (7, 300), (3, 6_000), (-3, -6_000)):
        value = Fraction(text[0]) * Fraction(10) ** text[1]
        low, high = system.ends(system.numbers.decimal(Decimal(*text)))
        width = Fraction(high - low) / abs(value)
        assert low <= value <= high
        assert width < Fraction(1, 2**45)
    low, high = system.ends(system.numbers.constants["pi"])
    assert 0 < high - low < Fraction(1, 2**60)
    assert low < Fraction("3.14159265358979323846264338") < high


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", ["exp", "sin", "log", "erf", "gamma", "atan", "pow-general"])
def test_more_bits_give_narrower_intervals(library: str, name: str) -> None:
    box = [(0.75, 0.75)] * (2 if name == "pow-general" else 1)
    low, high, _ = ends(library, name, *box, bits=250)
    outer_low, outer_high, _ = ends(library, name, *box)
    assert outer_low <= low < high <= outer_high
    assert high - low < Fraction(1, 2**240)


@pytest.mark.parametrize("library", LIBRARIES)
def test_numbers_too_long_for_a_fraction_are_rounded_outward(library: str) -> None:
    low, high, _ = ends(library, "exp", (1e10, 1e10))
    assert 2**1000 < low < high == inf
    low, high, _ = ends(library, "exp", (-1e10, -1e10))
    assert low == 0 < high < Fraction(1, 2**1000)
    for size in (-100_000, 100_000):  # the last bit is beyond, the first not
        low, high, _ = ends(library, "*", *[(1.5, 1.5), (Fraction(2) ** size,) * 2])
        assert low <= Fraction(3, 2) * Fraction(2) ** size <= high


def test_the_precision_of_arb_is_given_back() -> None:
    before = flint.ctx.prec
    ends(ARB, "exp", (1, 2), bits=333)
    assert flint.ctx.prec == before


def test_an_end_that_is_no_number_bounds_nothing() -> None:
    system = interval_ends()
    assert system.ends(system.of(float("nan"), float("nan"))) == (-inf, inf)


def test_mpmath_computes_where_python_flint_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flint", None)
    assert "mpmath" in point_arithmetic(70).description
    with pytest.raises(UsageError, match="python-flint"):
        point_arithmetic(70, ARB)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("comparison", ["<", "<=", ">", ">=", "==", "!="])
def test_a_comparison_is_decided_where_all_points_agree(library: str, comparison: str) -> None:
    system = interval_ends(64, library)
    one, two = (system.of(k, k) for k in (1, 2))
    pairs = [(a, b) for a in range(4) for b in range(a, 4)]
    for left, right in itertools.product(pairs, pairs):
        lefts, rights = ([a + k / 2 for k in range(2 * (b - a) + 1)] for a, b in (left, right))
        answers = {COMPARATORS[comparison](x, y) for x in lefts for y in rights}
        (found,) = system.branch(
            comparison, system.of(*left), system.of(*right), lambda: [one], lambda: [two]
        )
        if len(answers) == 1:
            assert system.ends(found) == ((1, 1) if True in answers else (2, 2))
            assert found.flags == BOTH
        else:
            assert system.ends(found) == (1, 2)
            assert not found.flags & CONTINUOUS
