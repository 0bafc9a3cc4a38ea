"""The functions that came after 0.1, as they are typed: their values, poles and names."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli

EULER = 0.5772156649015329


@pytest.mark.parametrize(
    ("text", "at", "value", "slope"),
    [
        ("gamma(x)", "5", 24.0, 24 * (25 / 12 - EULER)),
        ("gamma(x)", "-1/2", -2 * math.sqrt(math.pi), -0.12935358979554),
        ("lgamma(x)", "1", 0.0, -EULER),
        ("digamma(x)", "1", -EULER, math.pi**2 / 6),
        ("polygamma(1, x)", "1/2", math.pi**2 / 2, -16.8287966442343),
        ("erfc(x)", "10", 2.0884875837625446e-45, -4.197656410268894e-44),
    ],
)
def test_values_and_slopes_of_textbooks(
    gdcli: Gdcli, text: str, at: str, value: float, slope: float
) -> None:
    for backend in ("python", "native"):
        answer = gdcli("grad", text, "--at", at, "--backend", backend, "--format", "json").json
        assert answer["value"] == pytest.approx(value, rel=1e-14, abs=1e-300)
        assert answer["gradient"]["x"] == pytest.approx(slope, rel=1e-12)


@pytest.mark.parametrize("function", ["gamma", "lgamma", "digamma"])
@pytest.mark.parametrize("pole", ["0", "-1", "-30"])
@pytest.mark.parametrize("text", ["{}(x)", "exp(-{}(x)^2)", "1/{}(x)"])
def test_a_pole_is_refused_by_name(gdcli: Gdcli, function: str, pole: str, text: str) -> None:
    for more in ((), ("--digits", "30"), ("--derivative", "complex-step")):
        said = gdcli("grad", text.format(function), "--at", pole, *more)
        assert said.status == 4
        assert f"{function}({pole})" in said.err


def test_fractions_refuse_them_by_name(gdcli: Gdcli) -> None:
    for text in ("gamma(x)", "lgamma(x)", "digamma(x)", "polygamma(1, x)", "erfc(x)"):
        said = gdcli("grad", text, "--at", "1", "--exact")
        assert said.status == 4
        assert f"{text} is not rational" in said.err


@pytest.mark.parametrize(
    ("text", "at", "slope"),
    [
        ("lgamma(x)", "-2.4570247382208006", 1.5156034480216576),
        ("digamma(x)", "-0.5040830082644554", 8.939798558792134),
        ("gamma(x + 1) - x*gamma(x)", "2.5", 0.0),
    ],
)
def test_lost_digits_are_computed_again(gdcli: Gdcli, text: str, at: str, slope: float) -> None:
    said = gdcli("grad", text, "--at", at)
    assert "floats lose too many here" in said.out
    assert gdcli("grad", text, "--at", at, "--format", "json").json["gradient"]["x"] == slope


def test_a_derivative_that_is_exactly_0_takes_no_thousands_of_digits(gdcli: Gdcli) -> None:
    said = gdcli("grad", "x^2*gamma(y)", "--at", "0,5/2", "--digits", "25", "--format", "plain")
    assert said.out == "0 0\n"


def test_every_way_to_differentiate_agrees(gdcli: Gdcli) -> None:
    point = ("gamma(x)*erfc(y) + digamma(x*y) + lgamma(y)", "--at", "2.5,0.7", "--format", "json")
    wanted = gdcli("grad", *point).json["gradient"]
    for way in ("tangent", "central-difference", "complex-step", "symbolic"):
        found = gdcli("grad", *point, "--derivative", way).json["gradient"]
        assert found == pytest.approx(wanted, rel=1e-9), way


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("gamma(x)", "gamma(x)*digamma(x)"),
        ("lgamma(x)", "digamma(x)"),
        ("digamma(x)", "polygamma(1, x)"),
        ("erfc(x)", "-2*exp(-x^2)/sqrt(pi)"),
        ("x*polygamma(2, 1) + x*digamma(1)", "-2*(-polygamma(2, 1)/2) - (-digamma(1))"),
    ],
)
def test_sympys_formulas_read_back(gdcli: Gdcli, text: str, formula: str) -> None:
    point = ("--at", "2.5", "--format", "json")
    answer = gdcli("grad", text, "--symbolic", *point).json
    assert answer["symbolic"]["x"] == formula
    again = gdcli("grad", f"f(x) = {formula} + 0*x", *point).json
    assert again["value"] == pytest.approx(answer["gradient"]["x"], rel=1e-14)
    by_sympy = gdcli("grad", text, "--derivative", "symbolic", *point).json
    assert by_sympy["gradient"]["x"] == pytest.approx(answer["gradient"]["x"], rel=1e-13)


def test_the_minimum_of_gamma_is_found(gdcli: Gdcli) -> None:
    for text in ("gamma(x)", "lgamma(x)", "sum(lgamma(x[i]) for i in 1:n)"):
        more = ("--size", "n=40") if "[" in text else ()
        for backend in ("python", "native"):
            said = gdcli("minimize", text, *more, "--format", "plain", "--backend", backend)
            assert said.status == 0
            assert float(said.out.split()[0]) == pytest.approx(1.4616321449683623, abs=1e-8)


# -- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "plain"),
    [
        (("gamma*x^2", "--set", "gamma=2", "--at", "3"), "12"),
        (("f(gamma) = gamma^2", "--at", "3"), "6"),
        (("2gamma", "--at", "gamma=3"), "2"),
        (("gamma = x^2; gamma + lgamma(x)", "--at", "1"), "1.4227843350984672"),
        (("sum(gamma[i]^2 for i in 1:3)", "--at", "1,2,3"), "2 4 6"),
        (("sum(x[i] for i in 1:erfc)", "--size", "erfc=2", "--at", "x=1"), "1 1"),
        (("x", "--at", "gamma(3)"), "1"),
    ],
)
def test_the_names_are_free_elsewhere(gdcli: Gdcli, words: tuple[str, ...], plain: str) -> None:
    assert gdcli("grad", *words, "--format", "plain").out.strip() == plain


def test_a_column_may_be_called_gamma_and_then_gamma_is_no_function(
    gdcli: Gdcli, tmp_path: Path
) -> None:
    table = tmp_path / "table.csv"
    table.write_text("gamma,y\n1,2\n3,4\n", encoding="utf-8")
    data = ("--data", str(table), "--at", "3")
    squares = "sum((gamma[i]*x - y[i])^2 for i in 1:n)"
    assert gdcli("grad", squares, *data, "--format", "plain").out.strip() == "32"
    said = gdcli("grad", "sum(gamma(x)*y[i] for i in 1:n)", *data)
    assert said.status == 2
    assert "gamma is an array of data here; write gamma*(x) for the product, or rename" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ("gamma(x)", "--set", "gamma=2", "--at", "3"),
        ("f(x, gamma) = gamma(x)", "--at", "3,1"),
        ("gamma(x)*gamma", "--at", "3,1"),
        ("gamma = 3; gamma(x)", "--at", "3"),
        ("gamma(x) + y[1]", "--size", "gamma=2", "--at", "3,1"),
    ],
)
def test_declared_and_called_is_refused(gdcli: Gdcli, words: tuple[str, ...]) -> None:
    said = gdcli("grad", *words)
    assert said.status == 2
    assert "here; write gamma*(x) for the product, or rename it to use the function" in said.err


def test_a_claim_may_not_call_what_the_function_declares(gdcli: Gdcli) -> None:
    said = gdcli("check", "gamma*x^2", "--set", "gamma=2", "--gradient", "2*gamma(x)")
    assert said.status == 2
    assert "gamma is set to a value here" in said.err


@pytest.mark.parametrize("text", ["polygamma(x, 1)", "polygamma(1.5, x)", "polygamma(171, x)"])
def test_an_order_is_a_constant_whole_number(gdcli: Gdcli, text: str) -> None:
    said = gdcli("grad", text, "--at", "2")
    assert said.status == 2
    assert "the order of polygamma is a whole number from 0 to 170" in said.err


def test_there_is_no_derivative_of_the_greatest_order(gdcli: Gdcli) -> None:
    said = gdcli("grad", "polygamma(170, x)", "--at", "2")
    assert said.status == 2
    assert "a derivative needs the order 171 of polygamma" in said.err
