"""certify at a point proves what is known of stationary points, to the digits asked for."""

from __future__ import annotations

from fractions import Fraction
from math import inf, pi
from typing import Any

import mpmath
import pytest

import gdcli
from gdcli.errors import UndefinedError
from gdcli.proofs import stationary
from gdcli.proofs.certificate import (
    DISPROVED,
    ENCLOSURE_CLAIM,
    INTERRUPTED,
    PROVED,
    UNIQUE_CLAIM,
    UNRESOLVED,
    VALUE_CLAIM,
    Certificate,
    CertifiedPoint,
)
from gdcli.proofs.stationary import certify_point
from tests.sweeps import sampled

SIAM_4 = (  # L. N. Trefethen, A Hundred-dollar, Hundred-digit Challenge (2002), problem 4
    "exp(sin(50*x)) + sin(60*exp(y)) + sin(70*sin(x)) + sin(sin(80*y)) - sin(10*(x + y))"
    " + (x^2 + y^2)/4"
)
SIAM_4_MINIMUM = (  # Bornemann, Laurie, Wagon, Waldvogel, The SIAM 100-Digit Challenge (2004)
    "-3.30686864747523728007611377089851565716648236147628821750129308549630919983788829503582"
)
GAMMA_MINIMIZER = "1.46163214496836234126265954232572132846819620400644629512"  # OEIS A030169
GAMMA_MINIMUM = "0.88560319441088870027881590058258873320795153366990344887"  # OEIS A030171
FIVE_WELLS = [
    (name, minimum.at, minimum.f)
    for name in ("five-well", "five-well-paper")
    for minimum in gdcli.problem(name).minima
]
LISTED = [
    (problem.name, at, kind)
    for problem in gdcli.problems()
    for at, kind in (
        *((one.at, "minimum") for one in problem.minima),
        *((one.at, one.kind) for one in problem.stationary),
    )
    if len(at) <= 60
]
# Points of the library that cannot be certified: the kink, or why the Hessian is singular there.
KINKS = {
    *("ackley", "ackley-n", "alpine-n", "brown-n", "bukin-6", "crescent", "demyanov", "drop-wave"),
    *("maxq-n", "mxhilb-n", "salomon-n", "schwefel-2-21-n", "schwefel-2-22-n", "sum-of-powers-n"),
}
SINGULAR = {
    ("biggs-exp6", "saddle"): "two of its exponentials are the same",
    ("cosine-n", "minimum"): "nine terms of ten variables are least along a curve",
    ("dixon-price-n", "saddle"): "the last term is a fourth power there",
    ("extended-powell-n", "minimum"): "a difference to the fourth",
    ("lennard-jones-n", "minimum"): "a cluster can be moved and turned",
    ("linear-rank-1-n", "minimum"): "the residuals have rank 1",
    ("linear-rank-1-zeros-n", "minimum"): "the residuals have rank 1",
    ("power-n", "minimum"): "even powers",
    ("powell-singular", "minimum"): "differences to the fourth",
    ("quartic-n", "minimum"): "fourth powers",
}


def certified(text: str, point: list[float], digits: int | None = None) -> Certificate:
    return certify_point(gdcli.function(text), point, digits)


def only_point(certificate: Certificate) -> CertifiedPoint:
    assert certificate.status == PROVED, certificate.message
    (point,) = certificate.minimizers
    return point


def encloses(ends: tuple[Any, Any], text: str, digits: int) -> bool:
    """Whether the interval holds a number that is known to more digits, and tells so many of it."""
    unit = Fraction(1, 10 ** (len(text.partition(".")[2])))
    known, width = Fraction(text), ends[1] - ends[0]
    near = ends[0] - unit <= known <= ends[1] + unit
    return bool(near and width <= max(abs(known), Fraction(1, 10)) * Fraction(10) ** (1 - digits))


@pytest.mark.parametrize(("name", "at", "f"), sampled(FIVE_WELLS, 2))
def test_each_of_the_five_wells_is_one_minimum(name: str, at: list[float], f: float) -> None:
    coarse = [round(c, 1) for c in at]
    found = certified(name, coarse)
    point = only_point(found)
    assert point.kind == "minimum"
    assert [float(low) for low, _ in point.x] == pytest.approx(at, abs=1e-15)
    assert float(point.f[0]) == pytest.approx(f, abs=1e-15)
    assert all(
        low < x[0] <= x[1] < high for x, (low, high) in zip(point.x, point.largest, strict=True)
    )
    assert all(high - low > 0.1 for low, high in point.largest)
    assert found.claims == {UNIQUE_CLAIM: True}
    assert found.digits == 16


@pytest.mark.parametrize("digits", [10, 40, 80])
def test_digits_agree_with_the_published_ones(digits: int) -> None:
    found = certified(SIAM_4, [-0.0244, 0.2106], digits)
    assert encloses(only_point(found).f, SIAM_4_MINIMUM, digits)
    assert found.digits == digits


def test_digits_of_the_least_value_of_gamma_are_the_published_ones() -> None:
    point = only_point(certified("gamma(x)", [1.5], 50))
    assert encloses(point.x[0], GAMMA_MINIMIZER, 50)
    assert encloses(point.f, GAMMA_MINIMUM, 50)


def test_a_thousand_digits_are_those_of_one_over_e() -> None:
    with mpmath.workdps(1010):
        known = mpmath.nstr(mpmath.exp(-1), 1005)
    point = only_point(certified("x*log(x)", [0.37], 1000))
    assert encloses(point.x[0], known, 1000)
    assert encloses(point.f, f"-{known}", 1000)


@pytest.mark.parametrize(
    ("text", "at", "kind", "x"),
    [
        ("sin(x)", [1.5], "maximum", [pi / 2]),
        ("x^2 - y^2 + x*y", [0.01, 0.02], "saddle", [0, 0]),
        ("x*y", [0.05, 0.0], "saddle", [0, 0]),
        ("-x^2 - 3*y^2 + x*y", [0.0, 0.0], "maximum", [0, 0]),
        ("x^3 - 3*x", [-1.0], "maximum", [-1]),
        ("1e-9*(x - 1e6)^2 + 1e9*(y - 1e-6)^2", [1.01e6, 0.0], "minimum", [1e6, 1e-6]),
        ("(x - 1/3)^2*exp(x)", [0.3], "minimum", [1 / 3]),
        ("(x - 1e200)^2", [1e200], "minimum", [1e200]),
        ("1e300*x^2", [0.0], "minimum", [0]),
        ("exp(x)*cos(x) + 1e20*(cosh(x - 2/7) - 1)", [0.2857], "minimum", [2 / 7]),
        ("sqrt(x) - x", [0.25], "maximum", [0.25]),
        ("abs(x - 2)*x", [1.0], "maximum", [1]),
        ("ifelse(x < 1, (x - 0.75)^2, 5)", [0.7], "minimum", [0.75]),
        ("sum((x[i] - i)^2*(1 + x[1]^2) for i in 1:4)", [1.0, 2.1, 3.0, 4.0], "minimum", None),
    ],
)
def test_the_kind_is_proved(text: str, at: list[float], kind: str, x: list[float] | None) -> None:
    point = only_point(certified(text, at))
    assert point.kind == kind
    assert point.unique
    expected = [1.0, 2.0, 3.0, 4.0] if x is None else x
    assert [float(low) for low, _ in point.x] == pytest.approx(expected, rel=1e-15, abs=1e-15)


def test_a_function_that_is_convex_everywhere_has_its_global_minimum_proved() -> None:
    found = certified("x^2 + x*y + y^2 - 3*x", [2.1, -1.0])
    point = only_point(found)
    assert point.largest == ((-inf, inf), (-inf, inf))
    assert found.claims == {UNIQUE_CLAIM: True, VALUE_CLAIM: True, ENCLOSURE_CLAIM: True}
    assert VALUE_CLAIM not in certified("x^2 - y^2", [0.0, 0.0]).claims


@pytest.mark.parametrize(
    ("text", "at", "reason"),
    [
        ("abs(x) + x^2", [0.0], "abs(x) at x = 0 is a kink"),
        ("max(x, -x) + x^2", [0.0], "max(x, -x) at x = 0 is a kink"),
        ("ifelse(x < 0, x^2 - x, x^2 + x)", [0.0], "is a kink"),
        ("x*abs(x)", [0.0], "is a kink"),
        ("relu(x)^2", [0.0], "is a kink"),
        ("x^4", [0.0], "singular"),
        ("x^4", [0.01], "singular"),
        ("x^3", [0.0], "singular"),
        ("(x + y)^2", [1.0, -1.0], "singular"),
        ("(x + y)^2 + (x + y)^4", [0.5, -0.6], "singular"),
        ("(x - y)^4 + (x + y)^2", [0.01, 0.0], "singular"),
        ("exp(-1/x^2)", [0.2], "near it"),
    ],
)
def test_nothing_is_proved_at_kinks_and_where_the_hessian_is_singular(
    text: str, at: list[float], reason: str
) -> None:
    found = certified(text, at)
    assert found.status in (UNRESOLVED, DISPROVED)
    assert found.claims == {UNIQUE_CLAIM: False}
    assert found.minimizers == ()
    assert reason in found.message


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("abs(x) + x^2", 0.1),
        ("abs(x) + x^2", -0.5),
        ("max(x, -x) + x^2", -0.5),
        ("ifelse(x < 0, x^2 - x, x^2 + x)", 0.1),
        ("sign(x)*x^2/2 + x", 1.0),
        ("sign(x)*x^2/2 + x", 0.0),
        ("x^2", 3.0),
        ("1/x", 1.0),
        ("x", 0.0),
    ],
)
def test_where_nothing_is_stationary_a_lower_point_is_found(text: str, at: float) -> None:
    found = certified(text, [at])
    assert found.status == DISPROVED
    assert found.lower is not None
    x, f = found.lower
    function = gdcli.function(text)
    assert function(*x) == pytest.approx(float(f[1]))
    assert function(*x) < function(at)


def test_a_point_without_a_value_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="log"):
        certified("log(x)", [-1.0])
    with pytest.raises(UndefinedError):
        certify_point(gdcli.function("1/x", undefined="nan"), [0.0])


def test_an_interrupt_gives_what_is_proved_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(stationary, "Growth", interrupted)
    found = certified("sin(x)", [1.5])
    assert found.status == INTERRUPTED
    assert found.claims == {UNIQUE_CLAIM: True}
    monkeypatch.setattr("gdcli.descent.loop.Descent.iterates", interrupted)
    assert certified("x^2", [3.0]).status == INTERRUPTED
    monkeypatch.setattr(stationary, "newton_step", interrupted)
    found = certified("sin(x)", [1.5])
    assert found.status == INTERRUPTED
    assert found.message == "interrupted, nothing is proved"
    assert found.claims == {UNIQUE_CLAIM: False}


@pytest.mark.parametrize(("name", "at", "kind"), sampled(LISTED, 7, seed=13))
def test_every_listed_point_is_proved_but_kinks_and_singular_ones(
    name: str, at: list[float], kind: str
) -> None:
    found = certified(name, [float(c) for c in at])
    if name in KINKS:
        assert "is a kink" in found.message
    elif (name, kind) in SINGULAR and found.status != PROVED:
        assert "singular" in found.message
    else:
        assert only_point(found).kind == kind
        x = [float(low) for low, _ in only_point(found).x]
        assert x == pytest.approx([float(c) for c in at], rel=1e-7, abs=1e-7)


def test_no_box_is_called_the_largest_that_was_proved_in_more_bits_than_it_has() -> None:
    """The other stationary point is 7e-41 away, nearer than 128 bits tell."""
    found = certify_point(gdcli.function("(x-1-1e-45)^2 + 1e40*(x-1-1e-45)^3"), [1.0])
    assert found.status == PROVED
    assert found.minimizers[0].largest == ()
    assert found.message.endswith("it is 1e-45 from the point given")
