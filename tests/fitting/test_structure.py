"""Which parameters a model is linear in, against second derivatives that SymPy takes."""

from __future__ import annotations

import random
import re
from itertools import combinations

import pytest
import sympy

from gdcli.fitting.structure import linear_parameters
from gdcli.functions.function import Function

# What a term of a generated model is made of; `a` to `d` are parameters and `x` is a column.
FACTORS = [
    *("{p}", "{p}", "({p} + {q}*x)", "x", "x^2", "exp(-{p}*x)", "sin({p}*x + {q})", "x^{p}"),
    *("log(x + exp({p}))", "1/(1 + {p}*x)", "sqrt(x^2 + {p}^2)", "atan(x - {p})", "{p}^2", "3"),
]
NAMES = "abcd"


def linear(text: str, names: str = NAMES) -> set[str]:
    function = Function(f"f({', '.join(names)}, x) = {text}")
    return {names[place] for place in linear_parameters(function.unrolled.tape, len(names))}


def generated(draw: random.Random) -> str:
    def factor() -> str:
        p, q = draw.sample(NAMES, 2)
        return draw.choice(FACTORS).format(p=p, q=q)

    terms = ("*".join(factor() for _ in range(draw.randint(1, 3))) for _ in range(3))
    return " + ".join(terms)


def largest_by_sympy(text: str) -> set[frozenset[str]]:
    """The largest sets of parameters whose second derivatives all vanish."""
    symbols = {name: sympy.Symbol(name, positive=True) for name in (*NAMES, "x")}
    f = sympy.sympify(text.replace("^", "**"), locals=symbols)
    zero = {
        frozenset((p, q)): sympy.diff(f, symbols[p], symbols[q]) == 0 for p in NAMES for q in NAMES
    }
    for size in range(len(NAMES), -1, -1):
        found = {
            frozenset(chosen)
            for chosen in combinations(NAMES, size)
            if all(zero[frozenset((p, q))] for p in chosen for q in chosen)
        }
        if found:
            return found
    raise AssertionError


def check_generated(seeds: range) -> None:
    for seed in seeds:
        text = generated(random.Random(seed))
        sets = largest_by_sympy(text)
        found = linear(text)
        assert frozenset(found) in sets, text


def test_the_largest_linear_set_is_that_of_the_second_derivatives() -> None:
    check_generated(range(10))


@pytest.mark.full
def test_the_largest_linear_set_is_that_of_the_second_derivatives_of_many_models() -> None:
    check_generated(range(10, 500))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a*exp(-b*x) + c", "ac"),
        ("(a + b*x)*(c + d*x)", "ab"),
        ("a*b*c*d*x", "a"),
        ("ifelse(x < c, a, b) + d", "abd"),  # the side that runs depends on c
        ("a*sign(x - c) + d*x", "ad"),  # whose slope by c is 0, where it has one
        ("max(a, b)*x + c", "c"),
        ("a/(1 + exp(-b*(x - c))) + d", "ad"),
        ("x/a + b", "b"),
    ],
)
def test_what_jumps_or_switches_is_not_linear(text: str, expected: str) -> None:
    names = "".join(sorted({*re.findall(r"\b[abcd]\b", text)}))
    assert linear(text, names) == {*expected}
