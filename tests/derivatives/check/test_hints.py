from __future__ import annotations

import pytest

from gdcli.derivatives.check.claims import read_gradient, read_hessian
from gdcli.derivatives.check.hints import hint, same
from gdcli.functions.function import Function


def test_a_slip_of_no_known_kind_has_no_hint() -> None:
    function = Function("x^2 + exp(x)")
    assert hint(function, read_gradient("tan(x) + 7*x^3", function)[0]) is None


def test_where_nothing_can_be_evaluated_there_is_no_hint() -> None:
    function = Function("log(-1 - x^2)")
    assert hint(function, read_gradient("1", function)[0]) is None


def test_an_entry_of_the_hessian() -> None:
    function = Function("x^3*y")
    claims = read_hessian("6*x*y, -3x^2; 3x^2, 0", function)
    assert hint(function, claims[1]) == "the sign is the other way round"


def test_a_part_is_named() -> None:
    function = Function("r = x^2 + 1; sin(r)")
    found = hint(function, read_gradient("cos(r)", function)[0])
    assert found == "a factor is missing: the derivative of x^2"


@pytest.mark.parametrize(("other", "answer"), [(1 + 1e-12, True), (1 + 1e-6, False), (-1, False)])
def test_same(other: float, answer: bool) -> None:
    assert same([1.0, 2.0], [other, 2.0]) is answer
