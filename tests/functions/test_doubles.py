"""Numbers that are given, against fractions, which lose nothing."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction
from math import isinf, nan
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import PointError, UsageError
from gdcli.functions.doubles import double, doubles, loss, losses, read_float, same_numbers
from gdcli.language.parser import parse

BETWEEN = "is a whole number between two floats"
TINY = "is not 0, but too small for a float"


def written_numbers(count: int) -> list[str]:
    """Decimals around every edge: 2^53 and beyond, the least and the largest float, plain ones."""
    source = random.Random(53)
    found = ["0", "-0.0", "0e-999", "1e-999", "-1e-999", "5e-324", "2e-324", "3e-324", "1e309"]
    for _ in range(count):
        sign = source.choice(("", "-", "+"))
        whole = 2 ** source.randint(50, 90) + source.randint(-9, 9)
        scientific = f"{source.randint(1, 10**17)}e{source.randint(-360, 310)}"
        padded = f"{source.randint(1, 10**17)}" + "0" * source.randint(0, 12)
        tiny = "0." + "0" * source.randint(300, 330) + str(source.randint(0, 99))
        found += [sign + one for one in (str(whole), f"{whole}.0", scientific, padded, tiny)]
    return found


@pytest.mark.parametrize("count", [500, pytest.param(50_000, marks=pytest.mark.full)])
def test_a_text_is_refused_where_its_double_is_another_number(count: int) -> None:
    for text in written_numbers(count):
        exact, value = Fraction(text), float(text)
        what = loss(text)
        if isinf(value):
            assert what == "is too large for a float"
        elif not value and exact:
            assert what == TINY
        elif text.lstrip("+-").isdecimal():
            stands = exact in (Fraction(value), Fraction(repr(value)))
            assert (what is None) == stands, text
            assert stands or f"{BETWEEN}; the nearest is {abs(int(value))}" == what
        else:
            assert what is None


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        *((one, float(one)) for one in (0.5, 3, -(2**53), 2**53 + 2, 2**70, True)),
        (np.int8(2), 2.0),
        (np.array(2), 2.0),
        (np.longdouble(2), 2.0),
        (Fraction(2), 2.0),
        (Decimal("0.1"), 0.1),
        (Fraction(1, 3), 1 / 3),
        (np.uint64(2**63), 2.0**63),
        (5e-324, 5e-324),
    ],
)  # fmt: skip
def test_a_number_of_any_type(value: Any, wanted: float) -> None:
    found = double(value, "it")
    assert (found, type(found)) == (wanted, float)


REFUSED: dict[str, list[Any]] = {
    BETWEEN: [2**53 + 1, -(2**53) - 1, 2**70 + 1, np.int64(2**53 + 1), np.uint64(2**64 - 1)],
    TINY: [Decimal("1e-400"), Fraction(1, 10**400)],
    "is too large for a float": [10**400, Decimal("1e400"), Fraction(10**400)],
    "is no real number": ["1", b"1", None, 1j, np.complex64(1), [1.0], {}, np.str_("1"),
                          np.datetime64("2020-01-01"), np.timedelta64(3, "s")],
    "it is masked": [np.ma.masked, np.ma.array(1.0, mask=True)],
}  # fmt: skip


@pytest.mark.parametrize(
    ("value", "message"), [(value, message) for message in REFUSED for value in REFUSED[message]]
)
def test_what_is_no_number_or_another_one(value: Any, message: str) -> None:
    for given in (value, np.array([value, 1.0], dtype=object)):
        with pytest.raises(PointError) as caught:
            double(given, "it") if given is value else doubles(given, "it")
        assert str(caught.value).startswith("it: ")
        assert message in str(caught.value)


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 60, reason="a longdouble is a double here")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        *(("0.1", "more digits"), (str(2**53 + 1), "more digits")),
        *(("1e400", "finite|too large"), ("1e-400", TINY)),
    ],
)
def test_longer_floats_are_not_cut_silently(text: str, message: str) -> None:
    number = np.longdouble(text)
    with pytest.raises(PointError, match=message):
        double(number, "it")
    with pytest.raises(PointError, match=message):
        doubles(np.array([1, number]), "it")
    assert doubles(np.array([0.5, 2], np.longdouble), "it").tolist() == [0.5, 2]


ROWS = np.arange(6.0).reshape(2, 3)


@pytest.mark.parametrize(
    "values",
    [
        *(ROWS.astype(kind) for kind in ("f2", "f4", ">f4", ">f8", "i1", ">i4", "u8", "O")),
        np.asfortranarray(ROWS),
        np.repeat(np.repeat(ROWS, 2, axis=0), 3, axis=1)[::2, ::3],
        ROWS[::-1, ::-1][::-1, ::-1],
        ROWS.tolist(),
        tuple(map(tuple, ROWS.tolist())),
        [np.array([0, 1, 2]), np.array([3.0, 4, 5])],
        np.ma.array(ROWS),
        np.ma.array(ROWS, mask=ROWS < 0),
        [[Fraction(0), Decimal(1), 2], [3.0, 4, np.int16(5)]],
    ],
)
def test_arrays_of_every_layout_keep_their_numbers(values: Any) -> None:
    found = doubles(values, "it")
    np.testing.assert_array_equal(found, ROWS)
    assert found.dtype == float
    assert found.flags.c_contiguous
    assert not np.shares_memory(found, np.asarray(values))


@pytest.mark.parametrize(
    ("values", "entries"),
    [
        (np.ma.array([1, 2, 9], mask=[False, False, True]), "[3]"),
        (np.ma.array([1, 2, 9], mask=[True, False, True]), "[1], [3]"),
        (np.ma.masked_equal([[1, 0], [0, 3]], 0), "[1, 2], [2, 1]"),
        (np.ma.array(np.ones(20), mask=True), ", ... (20 in all)"),
        ([np.ma.array([1, 2], mask=[False, True]), [3, 4]], "[1, 2]"),
        ([1.0, np.ma.masked], "[2]"),
        ([[1.0, 2.0], [np.ma.masked, 3.0]], "[2, 1]"),
    ],
)
def test_masked_entries_are_refused_with_their_places(values: Any, entries: str) -> None:
    with pytest.raises(UsageError) as caught:  # and no warning, which would be an error here
        doubles(values, "the data `y`", UsageError)
    assert str(caught.value).startswith("the data `y`: entry [")
    assert f"{entries} is masked" in str(caught.value)


class OwnArray:
    """What NumPy makes a masked array of."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.ma.array([1.0, 2.0], mask=[False, True])


def test_masks_of_what_becomes_an_array() -> None:
    records: Any = np.ma.array([(1, 2.0)], dtype="i8,f8", mask=[(True, False)])
    given: list[Any] = [OwnArray(), records, np.ma.masked]
    for values in given:
        with pytest.raises(PointError, match="is masked"):
            doubles(values, "it")


def test_a_whole_number_between_two_floats_is_found_in_any_array() -> None:
    source = random.Random(10)
    for _ in range(300):
        numbers = [2**53 + 2 * source.randint(0, 99) for _ in range(source.randint(1, 6))]
        place = source.randrange(len(numbers))
        numbers[place] += 1
        for values in (numbers, np.array(numbers), np.array(numbers, "u8"), [*numbers, 0.5]):
            with pytest.raises(PointError) as caught:
                doubles(values, "it")
            assert f"it: entry [{place + 1}]: `{numbers[place]}` {BETWEEN}" in str(caught.value)
        numbers[place] -= 1
        assert doubles(np.array(numbers), "it").tolist() == numbers


def test_a_number_that_python_does_not_write() -> None:
    for value in (10**5000, -(10**5000), Fraction(10**5000)):
        for call in (double, lambda one, place: doubles([0.5, one], place)):
            with pytest.raises(PointError, match=r"number of thousands of digits is too large"):
                call(value, "it")


def test_nested_beyond_all_dimensions() -> None:
    values: Any = 1.0
    for _ in range(5000):
        values = [values]
    with pytest.raises(PointError):
        doubles(values, "it")


def test_numbers_of_toml_and_json() -> None:
    assert [read_float(text) for text in ("1.5", "-2e3", "1_0.5", "0e-999", "inf")] == [
        *(1.5, -2000.0, 10.5, 0.0, float("inf")),
    ]
    with pytest.raises(PointError, match=TINY):
        double(read_float("1_0e-9_99"), "it")


def test_literals_that_floats_do_not_hold() -> None:
    text = "9007199254740993*x + 1e-999*x^2 + 1e999 + 0.1 + 9007199254740992 + 1e23 + x^20"
    found = losses(parse(text, ARITIES))
    assert [literal for literal, _ in found] == ["9007199254740993", "1e-999", "1e999"]


@pytest.mark.parametrize(
    "literal", ["1e999", "1e-999", "9007199254740993", "1e200", "1e22", "1e23"]
)
@pytest.mark.parametrize(
    "bracketed", ["{}", "({})", "((  {} ))", "( ({}\n)\t)", "-({})", "sin(({}))"]
)
def test_literals_in_brackets(literal: str, bracketed: str) -> None:
    what = loss(literal)
    found = losses(parse(f"x*{bracketed.format(literal)} + x", ARITIES))
    assert list(found) == ([(literal, what)] if what else [])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (0, 0.0, True),
        (0.0, -0.0, True),
        (nan, np.float64(nan), True),
        (nan, None, False),
        ([1, nan], np.array([1.0, nan]), True),
        (np.ones((2, 2)), [[1, 1], (1.0, 1.0)], True),
        (np.ones(2), np.ones(3), False),
        (np.ones(2), 1.0, False),
        ({"a": [0]}, {"a": np.zeros(1)}, True),
        ({"a": 0}, {"b": 0}, False),
        (MappingProxyType({}), {}, True),
        ("ab", ["a", "b"], False),
        (10**400, 1e300, False),
        (Fraction(1, 2), 0.5, True),
    ],
)
def test_equal_numbers_are_the_same_in_whatever_holds_them(
    one: Any, other: Any, same: bool
) -> None:
    assert same_numbers(one, other) is same
    assert same_numbers(other, one) is same
