"""Constants, against 60 digits of mpmath."""

from __future__ import annotations

import mpmath
import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import PointError
from gdcli.functions.constants import constant
from gdcli.language.points import read_constant


def value(text: str) -> float:
    return constant(read_constant(text, ARITIES, "it"), "it")


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("pi/3", "pi/3"),
        ("-sqrt(2)", "-sqrt(2)"),
        ("1/3", "mpf(1)/3"),
        ("10^-300", "mpf(10)**-300"),
        ("2^-1074", "mpf(2)**-1074"),
        ("exp(-745)", "exp(-745)"),
        ("1e-160*1e-160", "mpf(10)**-320"),
        ("1e16 + 1 - 1e16", "mpf(1)"),
        ("9007199254740992 + 1 - 9007199254740992", "mpf(1)"),
        ("exp(800)*exp(-790)", "exp(10)"),
        ("(1e200*1e200)/1e250", "mpf(10)**150"),
        ("cos(1e22)", "cos(mpf(10)**22)"),
        ("log(1 + 1e-17)", "log1p(mpf(10)**-17)"),
    ],
)
def test_a_constant_is_the_float_of_its_value(text: str, exact: str) -> None:
    with mpmath.workdps(60):
        wanted = float(eval(exact, vars(mpmath)))
    assert value(text) == pytest.approx(wanted, rel=4e-16, abs=0)


@pytest.mark.parametrize("text", ["0", "1 - 1", "0*5", "sin(0)", "0e-999", "3^2 - 9"])
def test_a_zero_is_taken(text: str) -> None:
    assert value(text) == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        *((text, "is not 0, but too small") for text in ("1e-999", "10^-400", "-1e-400")),
        *((text, "too small for a float") for text in ("exp(-1000)", "1e-200*1e-200", "2*1e-999")),
        ("9007199254740993", "between two floats; the nearest is 9007199254740992"),
        ("9007199254740993 - 1", "`9007199254740993` is a whole number between"),
        ("1/1e999", "`1e999` is too large for a float"),
        *((text, "is not a finite number") for text in ("1e999", "exp(1000)", "log(0)", "1/0")),
    ],
)  # fmt: skip
def test_a_constant_that_no_float_stands_for(text: str, message: str) -> None:
    with pytest.raises(PointError) as caught:
        value(text)
    assert str(caught.value).startswith("it: ")
    assert message in str(caught.value)
