"""Loops unrolled: the same value, exact numbers, and a limit."""

from __future__ import annotations

from fractions import Fraction

import pytest

from gdcli.autodiff.tape import BRANCH, instructions
from gdcli.errors import UsageError
from gdcli.execute.interpret import interpret
from gdcli.functions.function import Function
from gdcli.numbers.precise import FRACTIONS


def test_a_sum_is_a_chain_of_additions_over_named_components() -> None:
    function = Function("sum(x[i]*x[i+1] for i in 1:n-1)", sizes={"n": 3})
    tape = function.unrolled.tape
    assert tape.inputs == ("x[1]", "x[2]", "x[3]")
    assert str(tape).splitlines()[-2:] == ["v5 = apply + v2, v4", "return v5"]


def test_data_and_indices_stay_exact() -> None:
    text, data = "f(a) = sum(i*a*y[i] for i in 1:n)/n", {"y": [0.1, -0.2, 3]}
    function = Function(text, data=data)
    (value,) = interpret(function.unrolled.tape, FRACTIONS, [Fraction(1, 3)])
    assert value == (Fraction(1, 10) - 2 * Fraction(2, 10) + 9) / 9


def test_products_and_extrema_are_their_primitives() -> None:
    product = Function("prod(x[i] - 2 for i in 1:3)").unrolled
    assert product([3.0, 4.0, 5.0]) == 6.0
    greatest = Function("max(x[i]*j for i in 1:2, j in 1:2)").unrolled
    assert greatest([-1.0, -3.0]) == -1.0
    assert greatest([1.0, 3.0]) == 6.0


def test_an_empty_sum_is_0_and_an_empty_product_1() -> None:
    function = Function("sum(x[i] for i in 3:2) + prod(x[i] for i in 3:2) + x[1]", sizes={})
    assert function.unrolled([0.5]) == 1.5


def test_subscripts_follow_the_indices_and_the_sizes() -> None:
    function = Function("sum(W[2*i-1, n+1-j] for i in 1:2, j in i:n)", sizes={"n": 3})
    assert function.components[:4] == ("W[1,1]", "W[1,2]", "W[1,3]", "W[2,1]")
    rows = [[1.0, 2.0, 4.0], [0.0] * 3, [8.0, 16.0, 32.0]]
    point = [entry for row in rows for entry in row]
    assert function.unrolled(point) == 1 + 2 + 4 + 8 + 16


def test_ifelse_over_an_array_is_a_branch_for_each_element() -> None:
    term = "ifelse(x[i] < 0, x[i]^2, 3*x[i])"
    text = f"sum({term} for i in 1:n)"
    function = Function(text, sizes={"n": 3})
    steps = instructions(function.unrolled.tape.body)
    assert sum(one.operation == BRANCH for one in steps) == 3
    assert function.unrolled.evaluate_gradient([-2.0, 1.0, 0.0]) == (7.0, [-4.0, 3.0, 3.0])
    body = function.unrolled.tape.body.instructions
    source = function.expression.source
    assert {source(one.origin) for one in body if one.operation == BRANCH} == {term}
    assert source(body[-1].origin) == text


def test_ifelse_over_indices_and_data_is_decided_and_an_index_is_an_integer_exponent() -> None:
    text = "sum(ifelse(i < n, ifelse(w[i] > 0, log(x[i]), 2*x[i]), x[i]^i) for i in 1:n)"
    function = Function(text, data={"w": [1.5, -0.5, 1.0]})
    applied = [one.payload for one in function.unrolled.tape.body.instructions if one.operands]
    assert sorted(applied) == ["*", "+", "+", "log", "pow-integer"]
    assert function.unrolled([1.0, 5.0, -2.0]) == 0.0 + 10.0 - 8.0


@pytest.mark.parametrize("n", [9_000, 30_000])
def test_what_is_too_long_is_refused(n: int) -> None:
    function = Function("sum(sin(x[i])^2 for i in 1:n)", sizes={"n": n})
    with pytest.raises(UsageError, match="more than 20,000 operations"):
        _ = function.unrolled
