"""A refusal names the sub-expression that fails, not others that leave the doubles and return."""

from __future__ import annotations

from itertools import product

import pytest

from gdcli.derivatives.exact_values import digits
from gdcli.errors import UndefinedError
from gdcli.functions.function import Function
from tests.sweeps import sampled

POINT = (3.0, 2.0)  # x and y
FAILING = {  # a sub-expression, and what is said of it
    "exp(1000*y)": "exp(1000*y) at y=2: exp(2000)",
    "-exp(1000*y)": "exp(1000*y) at y=2: exp(2000)",
    "x^y^20": "x^y^20 at x=3, y=2: 3^1048576",
    "1e300*x^20": "1e300*x^20 at x=3: 1e+300*3.486784e+09",
    "1/x^-700": "1/x^-700 at x=3: 1/1.035432e-334",
    "exp(exp(exp(x^2)))": "exp(exp(x^2)) at x=3: exp(8103.084)",
    "exp(exp(exp(x^3)))": (
        "exp(exp(exp(x^3))) at x=3: exp(1e+(2.310656e+11)) takes too many digits"
    ),
    "log(x - 4)": "log(x - 4) at x=3: log(-1)",
    "sqrt(y - x)": "sqrt(y - x) at x=3, y=2: sqrt(-1)",
    "asin(x)": "asin(x) at x=3: asin(3)",
    "acosh(exp(-500*y))": "acosh(exp(-500*y)) at y=2: acosh(5.075959e-435)",
    "1/(x - 3)": "1/(x - 3) at x=3: 1/0",
    "(y - x)^0.5": "(y - x)^0.5 at x=3, y=2: (-1)^0.5",
    "gamma(-x)": "gamma(-x) at x=3: gamma(-3)",
    "atanh(exp(500*y))": "atanh(exp(500*y)) at y=2: atanh(1.970071e+434)",
    "log(exp(500*y) - exp(1500*y))": (
        "log(exp(500*y) - exp(1500*y)) at y=2: log(-7.646201e+1302)"
    ),
    "sin(exp(1000000*x))": (
        "sin(exp(1000000*x)) at x=3: sin(2.790678e+1302883) takes too many digits"
    ),
    "log(log(exp(exp(1000000*x))))": (
        "exp(exp(1000000*x)) at x=3: exp(2.790678e+1302883) takes too many digits"
    ),
}  # fmt: skip
AROUND = [
    "{}",
    "1 + {}",
    "x*y*({})",
    "y - ({})/3",
    "(x^900)^(1/900) + {}",
    "exp(500*x)/exp(500*x)*({})",
    "log(exp(900*y)) + {} + 1/(1 + exp(-900*x))",
    "cosh(2000*x)/cosh(2000*x) - ({})",
    "(exp(1000*x) + 1 - exp(1000*x)) + {}",
    "max(y, x^2) + abs({})",
    "ifelse(x > y, {}, x)",
    "r = {}; y + r",
    "sum(i*({}) for i in 1:3)",
]


@pytest.mark.parametrize("failing", sampled(FAILING, 10))
def test_the_sub_expression_that_fails_is_named(failing: str) -> None:
    for around in AROUND:
        function = Function(f"f(x, y) = {around.format(failing)}")
        found = function.answer(POINT)
        assert (found.status, found.value) == ("undefined", None), around
        assert found.message == FAILING[failing], around
        assert found.span is not None
        named = found.text[slice(*found.span)]
        assert named.strip("()") in failing, around


WRITTEN = {  # numbers of any size are no failure where digits are asked for
    **{text: said for text, said in FAILING.items() if "(-" in said or "many digits" in said},
}


@pytest.mark.parametrize("failing", sampled(WRITTEN, 4))
def test_the_same_is_named_where_digits_are_asked_for(failing: str) -> None:
    for around in AROUND:
        function = Function(f"f(x, y) = {around.format(failing)}").unrolled
        with pytest.raises(UndefinedError) as caught:
            digits(function, POINT, 15)
        said = caught.value.message.partition(": ")[2]
        assert said.startswith(WRITTEN[failing].removesuffix(" takes too many digits")), around


COMPARING = ["ifelse({} < 1, 3, x)", "ifelse(0.5 >= {}, 3, 2)"]


OUTER = ["sqrt", "log", "asin", "acosh", "log1p"]
INNER = ["tanh(x)", "erf(x)", "sinh(x)", "tanh(x) - 5", "x^3"]


@pytest.mark.parametrize(("outer", "inner", "around"), sampled(product(OUTER, INNER, COMPARING), 6))
def test_the_operand_that_a_comparison_lacks_is_named(outer: str, inner: str, around: str) -> None:
    failing = f"{outer}({inner})"
    function = Function(f"f(x) = {around.format(failing)}")
    for at in (-1e5, 700.0):
        found = function.answer([at])
        assert found.status in ("ok", "undefined")
        assert (found.message is None) == (found.status == "ok")
        if at < 0.0 and outer in ("sqrt", "log"):
            assert found.message == Function(failing).answer([at]).message
            assert str(found.message).startswith(f"{failing} at x=-100000: {outer}(-")


@pytest.mark.parametrize(
    "text", ["sqrt(ifelse(tanh(x) > -1, 1, -1))", "ifelse(tanh(x) > -1, 1, sqrt(-1 - x^2))"]
)
def test_a_side_that_is_not_surely_taken_is_not_blamed_for_sure(text: str) -> None:
    message = Function(text).answer([-1e5]).message
    assert message is not None
    assert message.endswith("takes too many digits")
