"""Which operands the pass checks, and that it finds them in loops and branches."""

from __future__ import annotations

from itertools import product
from math import copysign, inf, isfinite, isnan, nan

import pytest

from gdcli.autodiff.passes.infinities import CHECKING_PRIMITIVES, check_infinities
from gdcli.autodiff.tape import Tape, check
from gdcli.execute.fallback import FallbackFunction
from gdcli.execute.native import Program, available
from gdcli.functions.function import Function
from gdcli.numbers.floats import FLOAT, IEEE


def checks(tape: Tape) -> int:
    """How many checks the pass puts into the tape."""
    checked = check_infinities(tape)
    check(checked)
    return checked.size - tape.size


def of(text: str) -> Tape:
    return Function(text, sizes={"n": 3} if "for" in text else None).tape


@pytest.mark.parametrize(
    "text",
    [
        "ifelse(x^2 + y^2 < 1, x, y)",
        "ifelse(x > 0, x^2, -x)",
        "ifelse(x*y < 3, 1, 2)",
        "ifelse(x < y, 1, 2)",
        "ifelse(exp(x) + 1 < y, 1, 2)",
        "-0.5/(1 + 0.05*x^2 + (y - 10)^2)",
        "exp(-x^2)",
        "tanh(x*y)",
        "min(exp(x), y)",
        "1/(1 + exp(x))",
        "x/y",
        "sqrt(x^2 + 1)^(-2)",
        "2^(-x^2)",
        "(x^2 + 1)^2.5",
        "log(1 + x^2)",
        "max(x, y)",
        "sum(ifelse(x[i]^2 < 1, 1, 2) for i in 1:n)",
        "max(x[i]*x[i] for i in 1:n)",
    ],
)
def test_a_certain_infinity_has_no_check(text: str) -> None:
    tape = of(text)
    assert check_infinities(tape) is tape


@pytest.mark.parametrize(
    "text",
    [
        "ifelse(exp(x) < exp(2*x), x, -x)",
        "ifelse(0.5*x^2 < y, x, -x)",
        "ifelse(1/x < 5, x, -x)",
        "ifelse(x^2*y > 1, 1, 2)",
        "ifelse(log(x) < 5, 1, 2)",
        "1/(exp(x)*y)",
        "1/(1/x)",
        "0/(1 + (1/x)^2)",
        "y/(1 + x^2)",
        "exp(-x^2*y)",
        "tanh(1/x)",
        "atan(x^2*y)",
        "min(x^2*y, 5)",
        "max(-0.5*exp(x), y)",
        "sign(x^3 - y^3 + x)",
        "(x^2*y)^(-2)",
        "(x*y + 1)^(x - y)",
        "sum(ifelse(1/x[i] < 2, 1, 2) for i in 1:n)",
        "max(1/x[i] for i in 1:n)",
        "ifelse(x > 0, ifelse(1/x < 5, 1, 2), 3)",
    ],
)
def test_an_infinity_of_unknown_size_is_checked(text: str) -> None:
    assert checks(of(text)) >= 1


def test_the_checked_operand_is_shared_and_the_outputs_are_the_same() -> None:
    tape = of("ifelse(1/x < 5, ifelse(1/x < 3, 1/x, 2), 3)")
    assert checks(tape) == 1
    function, plain = FallbackFunction(tape), Function("1/x")
    for x in (0.5, 0.25, 0.125, -3.0, 1e300):
        expected = plain(x) if plain(x) < 3 else 2.0 if plain(x) < 5 else 3.0
        assert function([x])[0] == expected


def test_a_check_is_nan_for_an_infinity_and_keeps_every_other_bit() -> None:
    finite, negligible = (IEEE.operations[name] for name in CHECKING_PRIMITIVES)
    assert [finite(a) for a in (1.0, -5e-324, 1e308)] == [1.0, -5e-324, 1e308]
    assert copysign(1.0, finite(-0.0)) == -1.0
    assert all(map(isnan, (finite(inf), finite(-inf), finite(nan))))
    assert [negligible(inf, 1e38), negligible(-inf, 0.0), negligible(3.0, 1e300)] == [inf, -inf, 3]
    assert all(map(isnan, (negligible(inf, 1e39), negligible(-inf, -inf), negligible(inf, nan))))
    with pytest.raises(ValueError, match=r"^$"):
        FLOAT.operations[CHECKING_PRIMITIVES[0]](inf)


@pytest.mark.skipif(available() is not None, reason="no machine code here")
@pytest.mark.parametrize("text", ["(x*x)/(1 + y*y)", "y/(x*x - 1)", "ifelse(x*x < y*y, x, y)"])
def test_machine_code_checks_as_python_does(text: str) -> None:
    tape = Function(f"f(x, y) = {text}").gradient_tape
    python, native = FallbackFunction(tape), Program(tape)
    for point in product((0.0, -0.0, 1.0, 1e18, 1e19, 1e20, -1e200, 1e300, 1e160), repeat=2):
        assert repr(python([*point])) == repr(native([*point])), point


def test_a_maximum_over_terms_takes_no_pole_for_less_than_the_others() -> None:
    function = Function("f(x[n]) = max(-1/x[i]^2 for i in 1:n)", sizes={"n": 3})
    assert function.evaluate([1.0, 2.0, 4.0]) == -0.0625
    assert not isfinite(function.evaluate([1.0, 0.0, 4.0]))
