"""Affine numbers against arithmetic of their values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdcli.language.affine import Affine

WHOLE = st.integers(-9, 9)
VALUES = st.fixed_dictionaries(dict.fromkeys("ijn", WHOLE))


def made(constant: int, factors: dict[str, int]) -> Affine:
    return Affine(constant, tuple(sorted((n, f) for n, f in factors.items() if f)))


AFFINES = st.builds(made, WHOLE, st.dictionaries(st.sampled_from("ijn"), WHOLE))


def canonical(number: Affine) -> bool:
    return list(number.terms) == sorted(number.terms) and all(f for _, f in number.terms)


@given(AFFINES, AFFINES, WHOLE, VALUES)
def test_arithmetic_is_that_of_the_values(
    one: Affine, other: Affine, factor: int, values: dict[str, int]
) -> None:
    a, b = one.evaluate(values), other.evaluate(values)
    for number, value in (
        (one + other, a + b),
        (one - other, a - b),
        (one.scaled(factor), a * factor),
        (one.substituted("i", other), one.evaluate({**values, "i": b})),
        (one.known({"n": values["n"]}), a),
    ):
        assert number.evaluate(values) == value
        assert canonical(number)
    assert one - one == Affine(0)


@given(AFFINES, VALUES)
def test_the_text_is_the_number(number: Affine, values: dict[str, int]) -> None:
    assert eval(str(number), {}, values) == number.evaluate(values)
    assert " " not in str(number)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Affine(0), "0"),
        (Affine(-3), "-3"),
        (Affine(1, (("n", -1),)), "1-n"),
        (Affine(-1, (("i", 2), ("n", 1))), "2*i+n-1"),
        (Affine(0, (("i", -2), ("n", 1))), "n-2*i"),
        (Affine(-2, (("i", -1),)), "-i-2"),
    ],
)
def test_normal_form(number: Affine, text: str) -> None:
    assert str(number) == text


def test_a_name_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        Affine(0, (("n", 1),)).evaluate({})
