"""Values and slopes that are doubles though a number on the way to them is none.

Truth is mpmath's with 50 digits, of a formula in which nothing leaves the doubles.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import mpmath
import pytest

from gdcli.errors import UndefinedError
from gdcli.functions.function import Function
from gdcli.nonsmooth.answer import FLOAT_TOLERANCE

MP = mpmath.MPContext()
MP.dps = 50
Formula = Callable[[Any], Any]


class Composition(NamedTuple):
    """A text, its value and its slope; `low` and `high` are the decimal exponents of x taken.

    `lost` is how many decimal digits cancel at x; above `MOST_LOST` the answer may be refused.
    """

    text: str
    value: Formula
    slope: Formula
    low: float = -300
    high: float = 300
    signs: tuple[int, ...] = (1,)
    lost: Formula = lambda x: 0


MOST_LOST = 9_000  # of digits, where few functions are to be computed with them
DECIMALS_OF_E = 0.4343
BOTH = (1, -1)


def itself(x: Any) -> Any:
    return x


def one(_: Any) -> Any:
    return MP.mpf(1)


def zero(_: Any) -> Any:
    return MP.mpf(0)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + MP.exp(-x)) if x > 0 else MP.exp(x) / (1 + MP.exp(x))


def asymptotic(x: Any) -> Any:
    """erfc(x)·exp(x²)·x·√π of a large x."""
    return MP.fsum(MP.fac2(2 * k - 1) * (-1 / (2 * x * x)) ** k for k in range(12))


def log_erfc(x: Any) -> Any:
    return -x * x - MP.log(x * MP.sqrt(MP.pi)) + MP.log(asymptotic(x))


def squeezed(x: Any) -> Any:
    """How many digits exp(exp(x)) has before the point of its exponent."""
    return abs(x) * DECIMALS_OF_E


COMPOSITIONS = [
    Composition("(x^200)^(1/200)", itself, one),
    Composition("(x^-777)^(-1/777)", itself, one),
    Composition("((x^2)^1000)^(1/2000)", abs, MP.sign, signs=BOTH),
    Composition("exp(200*log(x))^(1/200)", itself, one),
    Composition("cbrt(x^3)", itself, one, signs=BOTH),
    Composition("x^400/x^399", itself, one, signs=BOTH),
    Composition("1/x^400*x^401", itself, one, signs=BOTH),
    Composition("x^1.5*x^-500.5*x^500", itself, one),
    Composition("log(x^5000)", lambda x: 5000 * MP.log(x), lambda x: 5000 / x),
    Composition("log(x^x)", lambda x: x * MP.log(x), lambda x: MP.log(x) + 1, high=305),
    Composition("log(exp(x))", itself, one, signs=BOTH),
    Composition("log2(2^x)", itself, one, signs=BOTH),
    Composition("exp(-x)*exp(x)", one, zero, high=2.8, signs=BOTH),
    Composition("log(exp(x)*exp(-x/2))", lambda x: x / 2, lambda _: MP.mpf(0.5), signs=BOTH),
    Composition(
        "log(exp(x) + exp(x + 1) + exp(x - 1))",
        lambda x: x + MP.log(1 + MP.e + 1 / MP.e),
        one,
        low=0,
        high=15,
        signs=BOTH,
    ),
    Composition("sinh(x)/cosh(x)", MP.tanh, lambda x: MP.sech(x) ** 2, low=2, high=4, signs=BOTH),
    Composition("asinh(sinh(x))", itself, one, low=-20, signs=BOTH),
    Composition("acosh(cosh(x))", abs, MP.sign, low=0.5, signs=BOTH),
    Composition("log1p(expm1(x))", itself, one, low=-20),
    Composition(
        "atanh(tanh(x))", itself, one, low=-20, high=5, signs=BOTH, lost=lambda x: abs(x) * 0.87
    ),
    Composition("1/(2 + exp(x) + exp(-x))", lambda x: sigmoid(x) * sigmoid(-x),
                lambda x: sigmoid(x) * sigmoid(-x) * (1 - 2 * sigmoid(x)), low=-1, signs=BOTH),
    Composition("exp(x)/(1 + exp(x))", sigmoid, lambda x: sigmoid(x) * sigmoid(-x), low=-1,
                high=4, signs=BOTH),
    Composition("gamma(x)/gamma(x - 1)", lambda x: x - 1, one, low=0.8),
    Composition("log(gamma(x))", MP.loggamma, MP.digamma, low=0.8, high=300),
    Composition("log(erfc(x))", log_erfc, lambda x: -2 * x / asymptotic(x), low=1.5, high=150),
    Composition("erfc(x)/erfc(x)", one, zero, low=0, high=150),
    Composition("sqrt(-log(exp(-x^2)))", abs, MP.sign, low=-100, high=150, signs=BOTH),
    Composition("prod(x^i for i in 1:60)^(1/1830)", itself, one),
    Composition("sum(x^(500 + i) for i in 1:3)/x^500", lambda x: x + x**2 + x**3,
                lambda x: 1 + 2 * x + 3 * x**2, high=90),
    Composition("hypot(exp(x), 2*exp(x))/exp(x)", lambda _: MP.sqrt(5), zero, low=0, high=2.8,
                signs=BOTH),
    Composition("log(log(exp(exp(x))))", itself, one, low=0, high=5, lost=squeezed),
    Composition("exp(x) + x - exp(x)", itself, one, low=0, high=5, lost=squeezed),
    Composition("log(1 + exp(-x) - 1)", lambda x: -x, lambda _: MP.mpf(-1), low=0, high=5,
                lost=squeezed),
    Composition("log(1 - tanh(x))", lambda x: MP.log(2) - 2 * x - MP.log1p(MP.exp(-2 * x)),
                lambda x: -2 / (1 + MP.exp(-2 * x)), low=0, high=5, lost=lambda x: 0.87 * x),
    Composition("sin(exp(x))*exp(-x)", lambda x: wide(x, "sin") * MP.exp(-x),
                lambda x: wide(x, "cos") - wide(x, "sin") * MP.exp(-x), low=0, high=4,
                lost=squeezed),
]  # fmt: skip


def wide(x: Any, name: str) -> Any:
    """sin or cos of exp(x), with the digits that its argument has before the point."""
    with MP.workdps(60 + int(DECIMALS_OF_E * x)):
        return getattr(MP, name)(MP.exp(x))


class Case(NamedTuple):
    composition: Composition
    x: float


def cases(count: int) -> list[Case]:
    """`count` points of each composition."""
    random = Random(4)
    return [
        Case(one, random.choice(one.signs) * 10 ** random.uniform(one.low, one.high))
        for one in COMPOSITIONS
        for _ in range(count)
    ]


def close(found: float | None, true: Any) -> bool:
    """Whether a double is as right as `grad` promises, or right to the smallest doubles."""
    return found is not None and abs(found - true) <= FLOAT_TOLERANCE * abs(true) + 1e-323


def assert_right(case: Case) -> None:
    composition, x = case
    found = Function(f"f(x) = {composition.text}").answer([x])
    value, slope = composition.value(MP.mpf(x)), composition.slope(MP.mpf(x))
    if found.status == "undefined" and composition.lost(x) > MOST_LOST:
        assert found.message is not None
        assert found.message.endswith("takes too many digits"), (case, found)
        return
    assert close(found.value, value), (composition.text, x, found, value)
    assert close(found.gradient[0], slope), (composition.text, x, found, slope)


@pytest.mark.parametrize("composition", COMPOSITIONS, ids=lambda one: one.text)
def test_a_result_within_the_doubles_is_found_though_its_terms_are_not(
    composition: Composition,
) -> None:
    for case in cases(2):
        if case.composition is composition:
            assert_right(case)


@pytest.mark.full
@pytest.mark.parametrize("composition", COMPOSITIONS, ids=lambda one: one.text)
def test_many_results_within_the_doubles_are_found_though_their_terms_are_not(
    composition: Composition,
) -> None:
    for case in cases(40):
        if case.composition is composition:
            assert_right(case)


@pytest.mark.parametrize(
    "text",
    ["logsumexp(1, cosh(x))", "lgamma(cosh(x))", "expm1(exp(x))", "(-0.5)^erfc(sqrt(x)*1e140)"],
)
def test_numbers_with_exponents_beyond_doubles_are_undefined_and_no_fault(text: str) -> None:
    with pytest.raises(UndefinedError, match=r" at x=1.797693e\+308"):
        Function(text).gradient([1.7976931348623157e308])


def test_powers_of_0_with_exponents_beyond_doubles_are_0() -> None:
    assert list(Function("f(x, y) = (y - 1)^cosh(x)").gradient([1e16, 1.0])) == [0.0, 0.0]
