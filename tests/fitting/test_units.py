"""The units of parameters: a model in other units of its columns has the same value, in its own."""

from __future__ import annotations

import random

import pytest

from gdcli.fitting.units import ParameterUnits, parameter_units
from gdcli.functions.function import Function

Names = tuple[str, ...]


def units_of(
    text: str, parameters: Names, columns: Names = ("x",), response: str = "y"
) -> list[ParameterUnits]:
    function = Function(f"f({', '.join((*parameters, *columns))}) = {text}")
    return parameter_units(function.unrolled.tape, len(parameters), columns, response)


HOMOGENEOUS = [
    ("a*exp(-b*x) + c", "abc", "x"),
    ("a*exp(-(x - b)^2/(2*c^2)) + d", "abcd", "x"),
    ("a*c^2/((x - b)^2 + c^2)", "abc", "x"),
    ("(a + b*x + c*x^2)/(1 + d*x + g*x^2)", "abcdg", "x"),
    ("a*x/(b + x)", "ab", "x"),
    ("a*x*z/(b*z + c*x + x*z)", "abc", "xz"),
    ("a*exp(-exp(b - c*x))", "abc", "x"),
    ("a*sin(2*pi*x/b + c)*exp(-x/d)", "abcd", "x"),
    ("a*exp(-(x/b)^c)", "abc", "x"),
    ("sqrt(a^2 + b*x)", "ab", "x"),
    ("a + b*sqrt(x) + c*cbrt(x*z)", "abc", "xz"),
    ("a*(1 - exp(-(b + c)*x))/(1 + c/b*exp(-(b + c)*x))", "abc", "x"),
    ("ifelse(x < c, a*x, a*c + b*(x - c))", "abc", "x"),
    ("max(a, b*x)", "ab", "x"),
    ("hypot(a, b*x)", "ab", "x"),
    ("a*atan2(x, b)", "ab", "x"),
    ("a*x^b/(c^b + x^b)", "abc", "x"),
    ("a*x^(3/2) + b/x", "ab", "x"),
    ("exp(-a*x)/(b + c*x)", "abc", "x"),
    ("a*exp(-b/(x + c))", "abc", "x"),
    ("a*logaddexp(b*x, c)", "abc", "x"),
]


@pytest.mark.parametrize(("text", "parameters", "columns"), HOMOGENEOUS)
def test_a_model_keeps_its_value_in_other_units(text: str, parameters: str, columns: str) -> None:
    draw = random.Random(text)
    units = units_of(text, (*parameters,), (*columns,))
    function = Function(f"f({', '.join(parameters + columns)}) = {text}")
    factors = {name: draw.uniform(0.2, 5.0) for name in (*columns, "y")}
    point = [draw.uniform(0.5, 2.0) for _ in parameters + columns]
    scaled = []
    for value, one in zip(point, units, strict=False):
        assert one.exponents is not None, one.reason
        for unit, times in one.exponents.items():
            value *= factors[unit] ** times
        scaled.append(value)
    scaled += [
        value * factors[name] for value, name in zip(point[-len(columns) :], columns, strict=True)
    ]
    assert function(*scaled) == pytest.approx(factors["y"] * function(*point), rel=1e-9)


@pytest.mark.parametrize(
    ("text", "parameters", "words"),
    [
        # literals stand for quantities: 1970 is a year, 273.15 a temperature, 12 months
        ("a*exp(-b*(x - 1970))", "ab", ["y", "1/x"]),
        ("a*exp(-b/(8.314*(x + 273.15)))", "ab", ["y", "x"]),
        ("a + b*cos(2*pi*x/12) + c*cos(2*pi*x/d)", "abcd", ["y", "y", "y", "x"]),
        ("a - b*x - atan(c/(x - d))/pi", "abcd", ["y", "y/x", "x", "x"]),
        ("1/(1 + exp(b - c*x))", "bc", ["none", "1/x"]),
        ("exp(a - b*x)", "ab", ["none", "1/x"]),
        ("a + b*log(x)", "ab", ["y", "y"]),
        ("a*x^b", "ab", ["y/x^b", "none"]),
        ("a + b*sqrt(x) + c/x^2", "abc", ["y", "y/x^(1/2)", "y*x^2"]),
    ],
)
def test_units_in_words(text: str, parameters: str, words: list[str]) -> None:
    assert [one.words for one in units_of(text, (*parameters,))] == words


@pytest.mark.parametrize(
    ("text", "parameters", "unknown"),
    [
        ("a*b*x", "ab", {"a": "with b", "b": "with a"}),
        ("a*x + b + x", "ab", {"a": "different", "b": "different"}),  # y is no x
        ("a*(x + c)^(b + 1)", "abc", {"a": "power"}),
        ("a*x^2*exp(-b/c)", "abc", {"b": "with c", "c": "with b"}),
    ],
)
def test_what_is_not_determined_is_said(
    text: str, parameters: str, unknown: dict[str, str]
) -> None:
    for name, one in zip(parameters, units_of(text, (*parameters,)), strict=True):
        assert (one.exponents is None) == (name in unknown), (name, one.words)
        assert unknown.get(name, "") in one.words


def test_a_response_that_is_a_formula_is_a_unit_of_its_own() -> None:
    found = units_of("a - b*x*exp(-c*z)", ("a", "b", "c"), ("x", "z"), "log(y)")
    assert [one.words for one in found] == ["log(y)", "log(y)/x", "1/z"]
    assert units_of("a*x*z", ("a",), ("x", "z"), "y/w")[0].words == "(y/w)/(x*z)"
