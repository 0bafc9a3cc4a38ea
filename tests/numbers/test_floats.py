"""FLOAT and IEEE: the same where `math` answers; where it raises, what NumPy says."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest

from gdcli.autodiff.primitives import PRIMITIVES, Primitive
from gdcli.execute.grid import ARRAYS
from gdcli.language.syntax import Decimal
from gdcli.numbers.floats import FLOAT, IEEE, to_float

SPECIAL = [
    *(0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, 3.0, -3.0, 1.5, -1.5, math.pi, 1e-300, 5e-324, -5e-324),
    *(710.0, -710.0, 1000.0, -1000.0, 1e16, 1e300, -1e300, math.inf, -math.inf, math.nan),
    *(1.7976931348623157e308, 1 - 2**-53, 1 + 2**-52, -8.0, 9007199254740993.0),
]
ROWS = list(PRIMITIVES.values())


def same(one: float, other: float, digits: float = 4e-15) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    if math.isinf(one) or math.isinf(other) or one == other:
        return one == other
    return abs(one - other) <= digits * abs(other) + 1e-320


def special_points(row: Primitive) -> Iterator[tuple[float, ...]]:
    """Special operands, but for orders, which are whole numbers."""
    orders = (0.0, 1.0, 2.0, 3.0, 50.0)
    first = orders if row.greatest_order else SPECIAL
    return product(first, *[SPECIAL] * (len(row.sampled) - 1))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_ieee_never_raises_and_agrees_with_numpy(row: Primitive) -> None:
    name = row.name
    for operands in special_points(row):
        if name == "pow-integer" and operands[1] not in (-3.0, 2.0, 3.0, -1.0, 9007199254740993.0):
            continue
        answer = IEEE.operations[name](*operands)
        assert isinstance(answer, float)
        with np.errstate(all="ignore"):
            wanted = float(ARRAYS.operations[name](*map(np.float64, operands)))
        if (name, *operands) == ("pow-general", -math.inf, 0.5):
            continue  # NumPy takes the root, nan; C and IEEE 754 say inf
        if name == "tie-count" and math.nan in operands:
            continue  # nothing ties with nan, and no comparison with it is ever answered
        digits = 1e-13 if name in ("tan", "sinh", "cosh") else 4e-15
        assert same(answer, wanted, digits), (name, operands, answer, wanted)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_float_gives_the_same_bits_or_raises(row: Primitive) -> None:
    name = row.name
    for operands in special_points(row):
        if name == "pow-general" and any(map(math.isnan, operands)):
            continue  # `math` says that nan^0 is 1; Python source checks the operands before
        second = IEEE.operations[name](*operands)
        try:
            first = FLOAT.operations[name](*operands)
        except (ValueError, OverflowError, ZeroDivisionError):
            assert not math.isfinite(second)
        else:
            assert math.copysign(1, first) == math.copysign(1, second)
            assert first == second or (math.isnan(first) and math.isnan(second))


@pytest.mark.parametrize(
    ("name", "operands", "value"),
    [
        ("/", (1.0, 0.0), math.inf),
        ("/", (1.0, -0.0), -math.inf),
        ("/", (-1.0, 0.0), -math.inf),
        ("/", (0.0, 0.0), math.nan),
        ("/", (math.inf, 0.0), math.inf),
        ("log", (0.0,), -math.inf),
        ("log", (-0.0,), -math.inf),
        ("log", (-1.0,), math.nan),
        ("log1p", (-1.0,), -math.inf),
        ("atanh", (-1.0,), -math.inf),
        ("atanh", (1.5,), math.nan),
        ("sqrt", (-1.0,), math.nan),
        ("exp", (1e4,), math.inf),
        ("sinh", (-1e4,), -math.inf),
        ("cosh", (-1e4,), math.inf),
        ("sin", (math.inf,), math.nan),
        ("acosh", (0.5,), math.nan),
        ("pow-integer", (0.0, -1.0), math.inf),
        ("pow-integer", (-0.0, -1.0), -math.inf),
        ("pow-integer", (-0.0, -2.0), math.inf),
        ("pow-integer", (-10.0, 401.0), -math.inf),
        ("pow-integer", (-10.0, 402.0), math.inf),
        ("pow-integer", (-0.1, -401.0), -math.inf),
        ("pow-general", (-8.0, 1 / 3), math.nan),
        ("pow-general", (0.0, 0.0), 1.0),
        ("cbrt", (-8.0,), -2.0),
        ("min", (math.nan, 1.0), math.nan),
        ("min", (1.0, math.nan), math.nan),
        ("max", (math.nan, math.inf), math.nan),
        ("max", (3.0,), 3.0),
        ("sign", (math.nan,), math.nan),
        ("relu", (math.nan,), math.nan),
        ("logaddexp", (-math.inf, -math.inf), -math.inf),
        ("logaddexp", (math.inf, -math.inf), math.inf),
        ("hypot", (math.inf, math.nan), math.inf),
        ("softplus", (-1000.0,), 0.0),
        ("softplus", (1000.0,), 1000.0),
        ("sigmoid", (-1000.0,), 0.0),
    ],
)
def test_what_ieee_754_says(name: str, operands: tuple[float, ...], value: float) -> None:
    assert same(IEEE.operations[name](*operands), value, 0.0)


@pytest.mark.parametrize(
    ("decimal", "value"),
    [
        (Decimal(1, -1), 0.1),
        (Decimal(0, 0), 0.0),
        (Decimal(-25, -1), -2.5),
        (Decimal(1, 400), math.inf),
        (Decimal(-1, 400), -math.inf),
        (Decimal(1, -400), 0.0),
        (Decimal(5, -324), 5e-324),
        (Decimal(10**999 + 1, -999), 1.0),
        (Decimal(9007199254740993, 0), 9007199254740992.0),
    ],
)
def test_the_nearest_float(decimal: Decimal, value: float) -> None:
    assert to_float(decimal) == value
