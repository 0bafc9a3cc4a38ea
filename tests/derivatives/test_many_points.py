"""Answers at many points at once: each has the bits that the point alone has, or is left out."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from functools import cache
from math import pi
from pathlib import Path
from typing import Any

import pytest

from gdcli.autodiff.primitives import PRIMITIVES
from gdcli.autodiff.tape import instructions
from gdcli.derivatives.gradient import GradientRequest, answering, in_floats
from gdcli.derivatives.value import evaluating, values_in_floats
from gdcli.functions.function import Function

PLAIN = GradientRequest()
# Between them they have every primitive, and what floats are bad at: kinks, ties, poles, edges of
# domains, differences that cancel, absorption, saturation, overflow and underflow.
FAMILY = (
    "100*(y - x^2)^2 + (1 - x)^2",
    "(1 - 1/(1 + 0.05*x^2 + (y - 10)^2) - 2/(1 + (x - 5)^2 + y^2))*(1 + 1e-4*(x^2 + y^2)^1.2)",
    "exp(sin(x)*y)/(x + y) + abs(x)*max(x, y, 1) + ifelse(x < y, x^3, log(x*x + 1))",
    "tanh(x)*erf(y) + sinh(x)*cosh(y) + tan(x*y) + asin(x)*acos(y)",
    "atan2(x, y) + atan(x) + hypot(x, y)*sqrt(x)*cbrt(y)",
    "asinh(x) + acosh(y)*atanh(x) + log1p(x)*expm1(y) + log2(x) + log10(y)",
    "gamma(x) + lgamma(y)*digamma(x) + polygamma(2, y)",
    "logcosh(x) + sigmoid(y)*softplus(x) + relu(y - x) + logaddexp(x, y)*logsumexp(x, y, x*y)",
    "erfc(y) + erf(3*x) + exp(-x^2)*erfc(x + y)",
    "x^y + x^0.5 + y^(-3) + x^7 + min(x, y, x*y) + sign(x*y - 1) + e^x + pi*y",
    "log(x^2 - y^2 + 1e-3)*exp(300*x)",
    "(exp(x) - 1)/x + (1 - cos(y))/y^2",
    "sin(1e8*x) + cos(exp(x)) + tan(y^3)",
    "log(exp(x) + exp(y)) + 1/(1 + exp(-x)) + log(cosh(y)) + sqrt(x^2 + y^2) + log(1 + x)",
    "(x + 1e4) - 1e4 + tanh(20*y) - 1 + (1 + x^2) - 1",
    "max(0, 1 - x*y)^2 + abs(x - 0.1) + abs(y - pi) + min(x, 2*x, y)",
    "ifelse(x > 0, sqrt(x), 0*x) + ifelse(y <= 1, ifelse(x >= y, x, y^2), log(y))",
    "x*log(x) + y*sqrt(y) + (x^2)^1.5 + abs(y)^3",
    "(x - y)^5/(x^2 - 2*x*y + y^2) + 1/(x - y)",
    "exp(x)*1e-300 + x*1e300*y + x^40*1e-200 + y^(-40)",
    "sqrt(1 - x^2) + sqrt((x - 1)*(y + 1)) + log(1 - tanh(x)^2)",
    "atan2(x - 1, y)*sign(y) + hypot(x - 1, y - 1) + abs(atan2(1, -1) - x)",
    "log(sum(exp(i*x - y) for i in 1:4)) + prod(i*x + y for i in 1:3) + max(i*x for i in -1:1)",
    "r[1] = x; r[i in 2:4] = r[i-1]*y + 1; r[2]^2 + r[4]",
    "x + y",
    "3*x",
    "x^2*y^2 - x^2",
)
BEYOND_FLOATS = ("x + 1e999", "polygamma(169, x) + x", "exp(x)/1e999 + x", "max(x, -1e999)")
DATA = Path(__file__).parents[1] / "data"


@cache
def delicate() -> list[tuple[str, list[float]]]:
    """The functions and the points of the files of delicate points."""
    found = []
    for name in ("delicate-points.csv", "more-delicate-points.csv"):
        with (DATA / name).open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                found.append((row["function"], [*map(float, row["point"].split())]))
    return found


def coordinates(generator: random.Random) -> Iterator[float]:
    """Numbers of all sizes, on and beside integers and the zeros of sines."""
    while True:
        sign = generator.choice([-1.0, 1.0])
        whole = float(generator.randint(-3, 3))
        yield generator.uniform(-3.0, 3.0)
        yield whole
        yield whole + sign * 2.0 ** generator.uniform(-54, -1)
        yield sign * 10.0 ** generator.uniform(-12, 5)
        yield whole * pi + generator.choice([0.0, 1e-9, 1e-15])
        yield generator.uniform(-20.0, 20.0)
        yield sign * 10.0 ** generator.uniform(-323, 308)
        yield generator.choice([0.1, 0.5, 1.0, -0.0, 1e16, 700.0, -745.0, 5e-324, 1e154, 37.0])


def points(n: int, count: int, seed: int) -> list[list[float]]:
    generator = random.Random(seed)
    numbers = coordinates(generator)
    made = []
    for _ in range(count):
        point = [next(numbers) for _ in range(n)]
        generator.shuffle(point)
        if n > 1 and generator.random() < 0.1:
            point[1] = point[0] * generator.choice([1.0, 1.0 + 2.0**-52, -1.0, 2.0])
        made.append(point)
        for _ in range(generator.randrange(8)):
            next(numbers)
    return made


def agree(function: Function, at: list[list[float]]) -> int:
    """Holds every answer that is given at once against that of its point; how many there are."""
    count = 0
    pairs: tuple[tuple[Any, Any], ...] = (
        (in_floats(function, PLAIN), answering(function, PLAIN)),
        (values_in_floats(function), evaluating(function)),
    )
    for at_once, alone in pairs:
        good, block = at_once(at)
        for point, is_good, answer in zip(at, good.tolist(), block.answers(), strict=True):
            if is_good:
                count += 1
                assert repr(answer[:]) == repr(alone(point)[:])
    return count


def test_the_family_has_every_primitive() -> None:
    met = {
        one.payload
        for text in FAMILY
        for one in instructions(Function(text).unrolled.engine.rewritten_gradient_tape.body)
    }
    assert met >= PRIMITIVES.keys()


@pytest.mark.parametrize("text", FAMILY)
def test_a_sample_of_points_has_the_answers_of_each_alone(text: str) -> None:
    function = Function(text)
    assert agree(function, points(len(function.variables), 14, 15)) > 0


@pytest.mark.parametrize("text", BEYOND_FLOATS)
def test_constants_beyond_floats_have_the_answers_of_points_alone(text: str) -> None:
    agree(Function(text), [[1.0], [-0.5], [3.7], [0.0]])


def test_delicate_points_have_the_answers_of_each_alone() -> None:
    for text, point in delicate()[::9]:
        agree(Function(text), [point])


@pytest.mark.full
@pytest.mark.parametrize("backend", ["native", "python"])
def test_100_000_points_have_the_answers_of_each_alone(backend: str) -> None:
    told = 0
    for text, point in delicate():
        function = Function(text, backend=backend)
        near = [[one + step for one in point] for step in (0.0, 1e-12, -1e-7, 1e-3)]
        told += agree(function, [*near, *points(len(point), 100, 16)])
    for text in FAMILY:
        function = Function(text, backend=backend)
        told += agree(function, points(len(function.variables), 3_200, 17))
    assert told > 80_000
