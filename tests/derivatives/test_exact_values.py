from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import mpmath
import pytest
import sympy

from gdcli.autodiff.primitives import ARITIES, Primitive
from gdcli.derivatives import exact_values
from gdcli.derivatives.exact_values import agreed, digits, evaluate, exact
from gdcli.errors import PointError, UndefinedError
from gdcli.functions.function import Function
from gdcli.language.points import read_point
from gdcli.language.syntax import Expression
from gdcli.library.lookup import function
from gdcli.numbers.bounded import system_of
from gdcli.numbers.floats import NumberSystem
from gdcli.numbers.precise import FRACTIONS
from tests.mathematics import DIFFERENTIATED, FUNCTIONS, applied, names, points, slope, varied
from tests.sweeps import sampled


def at(f: Function, text: str) -> list[Expression]:
    return read_point(text, f.variables, ARITIES)


# -- fractions ----------------------------------------------------------------------------------


def test_the_gradient_of_the_lecture_in_fractions() -> None:
    f = function("x^2*y + 1/(x^2+y^2+1)")
    found = exact(f, at(f, "1/2,-1/2"))
    assert [str(partial) for partial in found.gradient] == ["-17/18", "25/36"]
    assert found.value == Fraction(13, 24)


class Term(NamedTuple):
    """A text, SymPy's formula of it, and the formula's value at the point."""

    text: str
    formula: Any
    value: Any


class Written:
    """Expressions of arithmetic, integer powers, abs, max, min and ifelse that have a value."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.symbols = sympy.symbols("x y z", real=True)
        self.used: Counter[str] = Counter()

    def point(self) -> list[Any]:
        numerators = [self.random.choice((-1, 1)) * self.random.randint(1, 60) for _ in range(3)]
        return [
            sympy.Rational(numerator, self.random.choice((2, 5, 7))) for numerator in numerators
        ]

    def expression(self, depth: int, point: list[Any]) -> Term:
        if depth == 0:
            if self.random.random() < 0.4:
                number = self.random.choice(("2", "0.5", "3", "1.25", "7", "0.1"))
                return Term(number, sympy.Rational(number), sympy.Rational(number))
            n = self.random.randrange(3)
            return Term(str(self.symbols[n]), self.symbols[n], point[n])
        left, right = self.expression(depth - 1, point), self.expression(depth - 1, point)
        ways = list(WAYS)
        self.random.shuffle(ways)
        for name in sorted(ways, key=self.used.__getitem__):
            made = WAYS[name](left, right)
            if made is not None:
                self.used[name] += 1
                return Term(made[0].format(left.text, right.text), made[1], made[2])
        return left


Way = Callable[[Term, Term], "tuple[str, Any, Any] | None"]


def _one(text: str, way: Callable[[Any, Any], Any], second: str = "any") -> Way:
    """A smooth operation; None where its second operand may not be 0 and is."""

    def made(a: Term, b: Term) -> tuple[str, Any, Any] | None:
        if second == "not 0" and b.value == 0:
            return None
        return text, way(a.formula, b.formula), way(a.value, b.value)

    return made


def _either(text: str, left_first: Callable[[Any, Any], bool]) -> Way:
    """One of the two operands, decided by their values; None where they are equal."""

    def made(a: Term, b: Term) -> tuple[str, Any, Any] | None:
        chosen = a if left_first(a.value, b.value) else b
        return None if a.value == b.value else (text, chosen.formula, chosen.value)

    return made


WAYS: dict[str, Way] = {
    "+": _one("({}) + ({})", lambda a, b: a + b),
    "-": _one("({}) - ({})", lambda a, b: a - b),
    "*": _one("({})*({})", lambda a, b: a * b),
    "/": _one("({})/({})", lambda a, b: a / b, "not 0"),
    "square": _one("({})^2 - ({})", lambda a, b: a**2 - b),
    "cube": _one("({})^3 + ({})", lambda a, b: a**3 + b),
    "inverse square": _one("({}) + ({})^(-2)", lambda a, b: a + b**-2, "not 0"),
    "minus": _one("-({}) + ({})", lambda a, b: -a + b),
    "max": _either("max({}, {})", lambda a, b: a > b),
    "min": _either("min({}, {})", lambda a, b: a < b),
    "ifelse": _either("ifelse({0} >= {1}, {0}, {1})", lambda a, b: a >= b),
    "abs": lambda a, b: (
        ("abs({}) + ({})", sympy.sign(a.value) * a.formula + b.formula, abs(a.value) + b.value)
        if a.value
        else None
    ),
}


@pytest.mark.parametrize("seed", sampled(range(5), 1))
def test_generated_expressions_against_sympys_rationals(seed: int) -> None:
    source = Written(seed)
    for _ in range(100):
        point = source.point()
        text, formula, value = source.expression(source.random.choice((2, 3)), point)
        f = function(f"f(x, y, z) = {text}")
        found = exact(f, at(f, ",".join(map(str, point))))
        there = dict(zip(source.symbols, point, strict=True))
        partials = [sympy.diff(formula, symbol).subs(there) for symbol in source.symbols]
        theirs = [Fraction(int(number.p), int(number.q)) for number in (value, *partials)]
        assert [found.value, *found.gradient] == theirs, (text, point)
    assert set(source.used) == set(WAYS)


@pytest.mark.parametrize(
    ("text", "point", "message", "underlined"),
    [
        ("3*sin(x) + x", "1/2", "sin(x) is not rational", "sin(x)"),
        ("x + exp(x^2)/2", "1/2", "exp(x^2) is not rational", "exp(x^2)"),
        ("2*x^0.5", "4", "x^0.5 is not rational", "x^0.5"),
        ("x*hypot(x, 1)", "1", "hypot(x, 1) is not rational", "hypot(x, 1)"),
        ("x*pi", "1", "pi is not rational", "pi"),
        ("x + 1/(x - 1)", "1", "undefined: 1/(x - 1) at x=1: 1/0", "1/(x - 1)"),
        ("(x - 1)^(-2)", "1", "undefined: (x - 1)^-2 at x=1: 0^(-2)", "(x - 1)^(-2)"),
        ("x^9999", "3/7", "too long to be exact", "x^9999"),
    ],
)
def test_what_is_no_fraction_is_named(text: str, point: str, message: str, underlined: str) -> None:
    f = function(f"f(x) = {text}")
    with pytest.raises(UndefinedError) as caught:
        exact(f, at(f, point))
    assert message in caught.value.message
    assert caught.value.text is not None
    assert caught.value.span is not None
    assert caught.value.text[slice(*caught.value.span)] == underlined


@pytest.mark.parametrize("x", ["123456/7", "-1/3", "1e-6", "987654321"])
@pytest.mark.parametrize(
    ("text", "value", "slope"),
    [
        ("x^5000/x^4999", lambda x: x, lambda _: 1),
        ("(x^700 + 1) - x^700", lambda _: 1, lambda _: 0),
        ("x^300*(x + 1/7)^-300*(x + 1/7)^300/x^299", lambda x: x, lambda _: 1),
        ("prod(x^i for i in 1:30)/x^463", lambda x: x * x, lambda x: 2 * x),
        ("((x^20)^20)^2/x^799 + x^2", lambda x: x + x * x, lambda x: 1 + 2 * x),
    ],
)
def test_a_fraction_may_be_longer_on_the_way_than_a_result(
    text: str, value: Callable[[Fraction], Any], slope: Callable[[Fraction], Any], x: str
) -> None:
    f = function(text).unrolled
    found = exact(f, at(f, x))
    assert (found.value, found.gradient) == (value(Fraction(x)), [slope(Fraction(x))])


@pytest.mark.parametrize(
    ("text", "long"),
    [
        ("1 + x^9000", "x^9000"),
        ("x^9000/x^8999 + x*x^7000", "x^7000"),
        ("x^90000000/x^90000001", "x^90000000"),
        ("x/(x^5000 + 1)", "x^5000"),
    ],
)
def test_a_result_that_is_too_long_is_named_where_it_becomes_so(text: str, long: str) -> None:
    f = function(text)
    with pytest.raises(UndefinedError, match="digits is too long to be exact") as caught:
        exact(f, at(f, "12/7"))
    assert caught.value.span is not None
    assert text[slice(*caught.value.span)] == long


def test_a_number_system_refuses_by_its_name() -> None:
    system = FRACTIONS._replace(name="dyadic")
    with pytest.raises(UndefinedError, match=r"^sin\(x\) is not dyadic"):
        evaluate(function("x/2 + sin(x)"), system, [Fraction(1)])


def test_what_is_not_run_need_not_be_rational() -> None:
    f = function("ifelse(x > 0, x/3, sin(x)*pi)")
    assert exact(f, at(f, "1")).value == Fraction(1, 3)


def test_a_point_is_exact_or_refused() -> None:
    f = function("f(x) = x", parameters={})
    with pytest.raises(PointError, match="x = pi/3: pi is not rational"):
        exact(f, at(f, "pi/3"))
    with pytest.raises(PointError, match="values are no point of x"):
        exact(f, [])
    assert exact(f, at(f, "0.1")).value == Fraction(1, 10)
    assert exact(f, [0.1]).value == Fraction(0.1)  # a float is the double it is


def test_parameters_are_exact() -> None:
    f = function("a*x^2", parameters={"a": "1/3"})
    assert exact(f, at(f, "0.3")).gradient == [Fraction(1, 5)]


# -- digits -------------------------------------------------------------------------------------


def test_fifty_digits_of_the_issues_example() -> None:
    f = function("exp(sin(50*x))")
    found = digits(f, at(f, "1/3"), 50)
    with mpmath.workdps(120):
        x = mpmath.mpf(1) / 3
        value = mpmath.exp(mpmath.sin(50 * x))
        slope_there = mpmath.diff(lambda t: mpmath.exp(mpmath.sin(50 * t)), x)
        for text, true in ((found.value, value), (found.gradient[0], slope_there)):
            assert len(text.replace("-", "").replace(".", "").lstrip("0")) == 50
            assert abs(mpmath.mpf(text) / true - 1) < mpmath.mpf(10) ** -49


@pytest.mark.parametrize("row", DIFFERENTIATED, ids=lambda row: row.name)
def test_digits_of_every_function_against_mpmaths_own_derivative(row: Primitive) -> None:
    # of the arguments that vary alone: a slope that is 0 takes all the digits there are
    f = function(f"f({', '.join(names(row)[i] for i in varied(row))}) = {applied(row)}")
    for point in points(row, 4, seed=3):
        found = digits(f, [point[i] for i in varied(row)], 25)
        for i, partial in zip(varied(row), found.gradient, strict=True):
            true = slope(FUNCTIONS[row.name], point, i)
            with mpmath.workdps(40):
                error = abs(mpmath.mpf(partial) - true)
                assert error <= mpmath.mpf(10) ** -23 * abs(true), point


@pytest.mark.parametrize(
    ("text", "point", "value", "slope"),
    [
        ("(1-cos(x))/x^2", "1e-8", "0.499999999999999995833", "-8.33333333333333327778e-10"),
        ("x^2", "3", "9", "6"),
        ("x/4", "1", "0.25", "0.25"),
        ("1 + exp(-x) - 1", "1000", "5.07595889754945676529e-435", "-5.07595889754945676529e-435"),
        (
            "1 + exp(-x) - 1",
            "5000",
            "3.36969414830891751450e-2172",
            "-3.36969414830891751450e-2172",
        ),
        ("sin(pi*x)", "1", "0", "-3.14159265358979323846"),
        ("cbrt(x)", "-8", "-2", "0.0833333333333333333333"),
        ("1e40*x", "1/3", "3.33333333333333333333e+39", "1.00000000000000000000e+40"),
    ],
)
def test_values_known_beforehand(text: str, point: str, value: str, slope: str) -> None:
    f = function(f"f(x) = {text}")
    found = digits(f, at(f, point), 21)
    assert (mpmath.mpf(found.value), mpmath.mpf(found.gradient[0])) == (
        mpmath.mpf(value),
        mpmath.mpf(slope),
    )


@pytest.mark.parametrize(
    ("text", "point", "message"),
    [
        ("log(x - y)", "1,1", "undefined: log(x - y) at x=1, y=1: log(0)"),
        ("sqrt(x*y)", "-1,1", "undefined: sqrt(x*y) at x=-1, y=1: sqrt(-1)"),
        ("asin(x + y)", "1,1", "undefined: asin(x + y) at x=1, y=1: asin(2)"),
        ("(x*y)^0.5", "-2,1", "undefined: (x*y)^0.5 at x=-2, y=1: (-2)^0.5"),
        ("x + 1/y", "1,0", "undefined: 1/y at y=0: 1/0"),
        ("sqrt(x) + y", "0,0", "undefined: the derivative of sqrt(x) at x=0: 1/0"),
        ("exp(exp(exp(x*y)))", "10,1", "too large: exp(exp(exp(x*y)))"),
        ("sin(exp(exp(x*y)))", "15,1", "too large: sin(exp(exp(x*y)))"),
    ],
)
def test_what_has_no_digits_is_named(text: str, point: str, message: str) -> None:
    f = function(f"f(x, y) = {text}")
    with pytest.raises(UndefinedError, match=re.escape(message)) as caught:
        digits(f, at(f, point), 30)
    assert caught.value.span is not None


@pytest.mark.parametrize("x", ["100", "5000", "12000.5"])
@pytest.mark.parametrize(
    ("text", "value", "slope"),
    [
        ("(exp(x) + 2) - exp(x) + 5", lambda _: 7, lambda _: 0),
        ("log((exp(x) + 1)*exp(-x) - 1) + 2*x", lambda x: x, lambda _: 1),
        ("1 + exp(-x) - 1", lambda x: mpmath.exp(-x), lambda x: -mpmath.exp(-x)),
        ("ifelse(1 + exp(-x) > 1, 3*x, 0)", lambda x: 3 * x, lambda _: 3),
        ("max(x, x + exp(-x)) - x", lambda x: mpmath.exp(-x), lambda x: -mpmath.exp(-x)),
        ("log(exp(x)*(1 + x)) - x", mpmath.log1p, lambda x: 1 / (1 + x)),
    ],
)
def test_digits_are_right_where_fewer_agree_on_wrong_ones(
    text: str, value: Callable[[Any], Any], slope: Callable[[Any], Any], x: str
) -> None:
    f = function(text)
    found = digits(f, at(f, x), 12)
    with mpmath.workdps(60):
        for said, true in (
            (found.value, value(mpmath.mpf(x))),
            (found.gradient[0], slope(mpmath.mpf(x))),
        ):
            assert abs(mpmath.mpf(said) - true) <= abs(true) * mpmath.mpf(10) ** -11


@pytest.mark.parametrize(
    ("text", "point", "gradient"),
    [
        ("x^2*gamma(y)", "0,5/2", ["0", "0"]),
        ("x*y*lgamma(y)", "0,0.3", ["0.3*lgamma(0.3)", "0"]),
        ("ifelse(y > 1, x^3, x)*exp(y)", "0,pi", ["0", "0"]),
        ("sin(x)^2*exp(y)", "0,1/3", ["0", "0"]),
    ],
)
def test_an_exact_0_takes_no_more_digits(
    text: str, point: str, gradient: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def noted(count: int) -> NumberSystem:
        asked.append(count)
        return system_of(count)

    monkeypatch.setattr(exact_values, "system_of", noted)
    f = function(text)
    found = digits(f, at(f, point), 25)
    for said, true in zip(found.gradient, gradient, strict=True):
        assert said == true or mpmath.mpf(said) == pytest.approx(0.3 * mpmath.loggamma(0.3))
    assert asked == [25 + exact_values.GUARD_DIGITS]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("y + (exp(x) + 2) - exp(x)", "y + (exp(x) + 2) - exp(x) at x=1000000, y=1: "),
        ("y*log(1 + exp(-x) - 1)", "1 + exp(-x) - 1 at x=1000000: 1-1"),
        ("sin(exp(x))*y", "sin(exp(x)) at x=1000000: sin(3.033215e+434294)"),
        ("y + 1 + exp(-x) - 2", "y + 1 + exp(-x) - 2 at x=1000000, y=1: 2-2"),
    ],
)
def test_what_takes_too_many_digits_is_said_to_and_is_not_waited_for(
    text: str, message: str
) -> None:
    f = function(f"f(x, y) = {text}")
    with pytest.raises(UndefinedError) as caught:
        digits(f, at(f, "1e6,1"), 10)
    assert message in caught.value.message
    assert caught.value.span is not None


def test_the_precision_grows_until_two_agree() -> None:
    asked = []

    def noisy(precision: int) -> list[Any]:
        """1/3 after a loss of 100 digits."""
        asked.append(precision)
        with mpmath.workdps(precision):
            return [mpmath.mpf(10) ** -precision * 10**100 + mpmath.mpf(1) / 3]

    (found,) = agreed(noisy, 20)
    assert abs(found - mpmath.mpf(1) / 3) < 1e-15
    assert asked == [32, 64, 128, 256]
    with pytest.raises(UndefinedError, match="digits are not enough"):
        agreed(lambda precision: [mpmath.mpf(precision)], 20)
