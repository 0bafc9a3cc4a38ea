"""Poles: a descent that adapts its steps stays on its side of one, and crosses what is none.

The families are made so that the side, or the function without its removable point, is known.
"""

from __future__ import annotations

import random
from itertools import product
from math import pi

import pytest

import gdcli
from gdcli.descent.minimize import run_descent
from gdcli.descent.objective import Counted
from gdcli.descent.poles import poles
from tests.sweeps import sampled

METHODS = ("steepest", "bfgs", "lbfgs", "newton", "trust-region", "nesterov")


FALLS = [  # a function, a start, and the pole to which it falls
    ("log(x)", 1.0, 0.0),
    ("log(1-x)", 0.5, 1.0),
    ("1/(x-1)", 0.5, 1.0),
    ("1/x + x", -0.5, 0.0),
    ("tan(x)", 0.0, -pi / 2),
    ("tan(x) - x", -1.0, -pi / 2),
    ("-1/(x-0.3)^2 + x^2", 1.0, 0.3),
    ("gamma(x)", -2.5, -2.0),
    ("atanh(x) + y^2", -0.5, -1.0),
]


def numbers(seed: int, *ranges: tuple[float, float]) -> list[float]:
    """A number from each range, of three decimals."""
    draw = random.Random(seed)
    return [round(draw.uniform(low, high), 3) for low, high in ranges]


def with_a_pole(seed: int) -> tuple[str, list[float], float]:
    """A function with a pole at x = p, a start, and p: the minimum by form lies beyond the pole."""
    p, a, c = numbers(seed, (-3.0, 3.0), (0.2, 4.0), (0.5, 6.0))
    side = 1.0 if seed % 2 else -1.0
    beyond = p - side * c
    form = (
        f"{a}/(x-({p}))^2 + (x-({beyond}))^2",
        f"{side * a}/(x-({p})) + (x-({beyond}))^2",
        f"{a}*abs(x-({p}))^-0.5 + (x-({beyond}))^2",
        f"{a}/(x^2-2*({p})*x+({p})^2) + (x-({beyond}))^2",
        f"-{a}*log(abs(x-({p}))) + (x-({beyond}))^2",
        f"{a}/sinh(x-({p}))^2 + (x-({beyond}))^2",
        f"{a}*tan(x-({p})+pi/2)^2 + (x-({beyond}))^2",
        f"(({p})-x)/(x-({p}))^3*(-{a}) + (x-({beyond}))^2",
    )[seed % 8]
    return form, [p + side * numbers(seed, (0.05, 1.5))[0]], p


@pytest.mark.parametrize(("method", "seed"), sampled(product(METHODS, range(80)), 12))
def test_a_run_ends_on_its_side_of_a_pole(method: str, seed: int) -> None:
    text, start, pole = with_a_pole(seed)
    result = gdcli.minimize(text, start, method=method)
    assert (result.x[0] > pole) == (start[0] > pole), (text, start, result)
    assert result.exit_status == 0, result.message


@pytest.mark.parametrize(("method", "seed"), sampled(product(METHODS, range(40)), 6))
def test_a_run_in_the_plane_ends_on_its_side_of_a_line_of_poles(method: str, seed: int) -> None:
    a, b, p, c, far = numbers(seed, (0.3, 2.0), (-2.0, 2.0), (-1, 1), (0.1, 3.0), (1.0, 3.0))
    line = f"({a}*x + ({b})*y - ({p}))"
    # the line x0 + t·(a, b) crosses the poles; the parabola's least point lies beyond them
    size = a * a + b * b
    x, y = (a * (p + far) / size, b * (p + far) / size)
    u, v = (a * (p - far) / size, b * (p - far) / size)
    text = f"{c}/{line}^2 + (x-({u}))^2 + (y-({v}))^2"
    result = gdcli.minimize(text, [x, y], method=method)
    assert a * result.x[0] + b * result.x[1] > p, result
    assert result.exit_status == 0, result.message


@pytest.mark.parametrize(("method", "case"), sampled(product(METHODS, FALLS), 12))
def test_a_fall_to_a_pole_is_unbounded_and_says_so(
    method: str, case: tuple[str, float, float]
) -> None:
    text, start, pole = case
    result = gdcli.minimize(text, [start, 1.0] if "y" in text else [start], method=method)
    assert result.status == "unbounded", result.message
    assert (result.x[0] > pole) == (start > pole) or abs(result.x[0] - pole) < 1e-15
    assert abs(result.x[0] - pole) < 1e-6


REMOVABLE = [  # a function with a removable point at x = p, and the same function without
    ("(x^3-({p})^3)/(x-({p}))", "x^2+({p})*x+({p})^2"),
    ("(x^2-({p})^2)/(x-({p})) + 2*x^2", "x+({p})+2*x^2"),
    ("(x-({p}))^2/(x^2-2*({p})*x+({p})^2) + x^2", "1+x^2"),
    ("(x-({p}))*(x^2+3)/(x-({p}))", "x^2+3"),
    ("(x^4-({p})^4)/(x^2-({p})^2)", "x^2+({p})^2"),
    ("(x-({p}))*log((x-({p}))^2)*0 + x^2", "x^2"),
    ("(x-({p}))/tan(x-({p}))*0 + x^2", "x^2"),
    ("abs(x-({p}))^1.5/(x-({p}))*0 + x^2", "x^2"),
]


@pytest.mark.parametrize(("method", "seed"), sampled(product(METHODS, range(40)), 10))
def test_a_removable_point_is_crossed(method: str, seed: int) -> None:
    p, beyond = numbers(seed, (0.3, 1.5), (0.2, 2.0))
    text, plain = (one.format(p=p) for one in REMOVABLE[seed % len(REMOVABLE)])
    found = gdcli.minimize(text, [p + beyond], method=method)
    wanted = gdcli.minimize(plain, [p + beyond], method=method)
    assert found.exit_status == 0, (text, found.message)
    assert found.f == pytest.approx(wanted.f, abs=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        *("sin(x)/x*0.1 + (x+1)^2", "(exp(x)-1)/x + (x+2)^2", "tan(x)/x*0.1 + (x+0.5)^2"),
        *("x*log(x^2)^2 + 40*(x+2)^2", "sinh(x)/x + (x+1)^2", "x^2*sin(1/x) + (x+1)^2"),
        *("exp(-1/x^2) + (x+1)^2", "atan(1/x)*0.01 + (x+1)^2", "log(1+x)/x + 4*(x+0.5)^2"),
    ],
)
def test_what_settles_on_both_sides_is_crossed(text: str) -> None:
    result = gdcli.minimize(text, [0.83])
    assert result.exit_status == 0
    assert result.x[0] < 0.0


def test_of_several_poles_the_first_is_met() -> None:
    function = gdcli.function("1/(x-1) + 1/(x-2)^2 + log(abs(x-3))")
    watch = poles(function)
    assert watch is not None
    met = watch.ahead(Counted(function, 1000), [3.5], [0.0])
    assert met is not None
    assert met.x[0] == pytest.approx(3.0)
    assert met.reach == pytest.approx(0.9 * 0.5 / 3.5)
    assert watch.ahead(Counted(function, 1000), [2.9], [2.1]) is None


@pytest.mark.parametrize(
    "text",
    [
        *("x^2 + y^2", "1/(1 + x^2)", "exp(-x)/2 + x^2", "1/(1 + exp(x))", "x/cosh(y)"),
        *("log(1 + x^2)", "tan(atan(x)/4)", "x/3 + y^3", "sum(x[i]^2/i for i in 1:20)"),
        *("1/(2 + sin(x))", "sqrt(x)*y", "1/sqrt(1 + x^2)", "(x^2 + 0.5)^-2"),
    ],
)
def test_a_function_without_poles_by_its_form_is_not_watched(text: str) -> None:
    assert poles(gdcli.function(text)) is None


def test_sums_are_watched_and_very_long_ones_are_not() -> None:
    text = "sum(1/(x[i] - i)^2 + x[i]^2 for i in 1:n)"
    assert poles(gdcli.function(text, sizes={"n": 3})) is not None
    assert poles(gdcli.function(text, sizes={"n": 150})) is None
    result = gdcli.minimize(text, [2.0, 3.0, 4.0], sizes={"n": 3})
    assert all(x > i for i, x in enumerate(result.x, 1))


def test_a_fixed_alpha_steps_over_a_pole() -> None:
    """The steps that a user has asked for are taken as they are; one note says at which k."""
    notes: list[str] = []
    function = gdcli.function("1/(x-1)^2 + x^2")
    run_descent(function, [5.0], alpha=0.45, max_iterations=9, on_note=lambda n: notes.append(n))
    assert [note for note in notes if "pole" in note] == [
        "the step from k = 0 leads over a pole of 1/(x - 1)^2; a smaller alpha may stay before it"
    ]
    result = gdcli.minimize("1/(x-1)^2 + x^2", [5.0], alpha=0.45, max_iterations=1)
    assert result.last is not None
    assert result.last.x[0] < 1.0
