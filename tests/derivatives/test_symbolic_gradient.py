"""SymPy's answers from its own process: the same as in this one, and a sentence past the limits."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from gdcli.autodiff.tape import Tape
from gdcli.derivatives.formulas import formulas
from gdcli.derivatives.symbolic import Symbolic
from gdcli.derivatives.symbolic_gradient import SymbolicGradient, formula_sizes, formula_texts
from gdcli.errors import UndefinedError, UsageError
from gdcli.functions.function import Function
from tests.sweeps import sampled

SWELLING = "; ".join(
    ["a0 = x*y + x", *(f"a{i} = sin(a{i - 1})*cos(a{i - 1})" for i in range(1, 25)), "a24"]
)
LONG_TO_SIMPLIFY = "(sin(x) + cos(y) + x*y)^50*exp(x/y)/(1 + x^2)"
RUNAWAYS = {
    "a formula that doubles with each part": SWELLING,
    "a power of a billion digits": "2^(10^9)*x",
    "a product of two thousand factors": "*".join(f"(x + {i}*sin(y*{i}))" for i in range(2000)),
}


@pytest.fixture
def _one_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gdcli.execute.limited_process.CPU_SECONDS", 1)


@pytest.mark.usefixtures("in_new_interpreters")
@pytest.mark.parametrize(
    ("text", "style"),
    sampled(
        [
            ("f(x, y) = x^2*sin(y) + y/3", "latex"),
            ("(x^2 + 2*x + 1)/(x + 1)", "unicode"),
            ("ifelse(x > 1, log(x - 1), x^2) + gamma(x + 1)*erfc(x) + digamma(1)*x", "text"),
            ("abs(x - 2) + cbrt(x)", "ascii"),
        ],
        1,
    ),
)
def test_the_answers_are_those_of_sympy_in_this_process(text: str, style: str) -> None:
    tape = Function(text).tape
    here, there = Symbolic(tape), SymbolicGradient(tape)
    assert (there.size, there.simplified_size) == (here.size, here.simplified_size)
    point = [1.75] * len(tape.inputs)
    slopes = Function(text).gradient(point)
    assert there.evaluate(point) == pytest.approx([*slopes], rel=1e-12)
    assert formula_texts(tape, style) == (formulas(here, style), "")


@pytest.mark.usefixtures("_one_second", "in_new_interpreters")
@pytest.mark.parametrize(
    ("name", "asked"),
    sampled(product(RUNAWAYS, [SymbolicGradient, lambda tape: formula_texts(tape, "text")]), 1),
)
def test_what_takes_too_long_is_refused(name: str, asked: Callable[[Tape], object]) -> None:
    with pytest.raises(UsageError, match=r"SymPy takes more than .* reverse mode needs none"):
        asked(Function(RUNAWAYS[name]).tape)


@pytest.mark.usefixtures("_one_second")
def test_formulas_that_cannot_be_simplified_in_time_are_given_as_they_are() -> None:
    tape = Function(LONG_TO_SIMPLIFY).tape
    texts, note = formula_texts(tape, "text")
    assert "not simplified: that takes SymPy more than" in note
    header = "f(x, y) = "
    point = [0.3, 0.7]
    found = [Function(header + text)(point) for text in texts]
    assert found == pytest.approx([*Function(header + LONG_TO_SIMPLIFY).gradient(point)])


@pytest.mark.full
@pytest.mark.usefixtures("_one_second")
def test_the_size_of_what_cannot_be_simplified_in_time_is_that_before() -> None:
    symbolic = SymbolicGradient(Function(LONG_TO_SIMPLIFY).tape)
    assert symbolic.size > 0
    assert symbolic.simplified_size is None


@pytest.mark.usefixtures("_one_second")
def test_sizes_are_given_up_to_the_first_that_takes_too_long() -> None:
    tapes = [Function(text).tape for text in ("x^2", "x^3*sin(x)", SWELLING, "x^2")]
    assert formula_sizes(tapes) == [1, Symbolic(tapes[1]).size, None, None]
    assert formula_sizes([]) == []


def test_what_sympy_cannot_do_is_said_as_before() -> None:
    deep = Function("sin(" * 600 + "x" + ")" * 600).tape
    with pytest.raises(UndefinedError, match="SymPy cannot differentiate this formula"):
        SymbolicGradient(deep)
