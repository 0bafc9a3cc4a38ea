"""Loops in any number system: exact sums, data as they are typed, ties, empty ranges."""

from __future__ import annotations

from fractions import Fraction

import pytest

from gdcli.autodiff.builder import Builder
from gdcli.autodiff.tape import Element, Loop, Subscript
from gdcli.execute.bindings import ArrayBinding, Bindings
from gdcli.execute.interpret import interpret
from gdcli.functions.function import Function
from gdcli.language.syntax import Decimal
from gdcli.numbers.floats import FLOAT, NumberSystem
from gdcli.numbers.precise import FRACTIONS


def exactly(text: str, point: list[Fraction], **given: object) -> list[Fraction]:
    function = Function(text, **given)  # type: ignore[arg-type]
    bindings = function.bindings
    assert bindings is not None
    bound = bindings._replace(length=len(point))
    return interpret(function.gradient_tape, FRACTIONS, point, bindings=bound)


def test_sums_and_products_are_exact() -> None:
    x = [Fraction(1, 3), Fraction(2, 7), Fraction(-1, 5)]
    value, *gradient = exactly(
        "sum(x[i]/i for i in 1:n) + prod(x[i] for i in 1:n)", x, sizes={"n": 3}
    )
    assert value == x[0] + x[1] / 2 + x[2] / 3 + x[0] * x[1] * x[2]
    assert gradient == [1 + x[1] * x[2], Fraction(1, 2) + x[0] * x[2], Fraction(1, 3) + x[0] * x[1]]


def test_data_are_the_decimals_that_were_typed() -> None:
    value, slope = exactly(
        "sum(t[i]*a for i in 1:n)", [Fraction(3)], data={"t": [0.1, -0.2, 1e-7, 2000]}
    )
    assert slope == Fraction(1, 10) - Fraction(2, 10) + Fraction(1, 10**7) + 2000
    assert value == 3 * slope


def test_an_extremum_is_shared_by_all_that_tie() -> None:
    x = [Fraction(1), Fraction(3), Fraction(2), Fraction(3)]
    half = Fraction(1, 2)
    assert exactly("max(x[i] for i in 1:n)", x, sizes={"n": 4}) == [3, 0, half, 0, half]
    assert exactly("min(x[i] for i in 1:n)", x, sizes={"n": 4}) == [1, 1, 0, 0, 0]


def test_empty_sums_and_products() -> None:
    text = "sum(x[i] for i in 3:n) + prod(x[i] for i in 3:n)*x[1]"
    function = Function("f(x[n]) = " + text, sizes={"n": 2})
    assert exactly(function.text, [Fraction(5), Fraction(1)], sizes={"n": 2}) == [5, 1, 0]


def test_sizes_and_indices_are_numbers_of_the_system() -> None:
    written = NumberSystem("written", str, {}, {"+": "{}+{}".format, "*": "{}*{}".format})
    function = Function("sum(n*i*x[i] for i in 1:n)", sizes={"n": 3})
    assert function.bindings is not None
    found = interpret(function.tape, written, ["p", "q", "r"], bindings=function.bindings)
    assert found == ["3*1*p+3*2*q+3*3*r"]
    assert interpret(
        Function("sum(i for i in 1:n)", sizes={"n": 20}).tape,
        FRACTIONS,
        [],
        bindings=Bindings({"n": 20}, (), {}),
    ) == [210]


def test_what_is_carried_and_tabled() -> None:
    """A running product forwards, read backwards."""
    builder = Builder((), ("x",))
    over = Loop((Subscript(1),), (Subscript(0, (("n", 1),)),))
    index = builder.loop(over, ())
    here = Element("x", (Subscript(0, (), (1,)),))
    so_far = builder.carried(0)
    after = builder.apply("*", so_far, builder.element(here, [index]))
    one = builder.constant(Decimal(1, 0))
    whole, table = builder.close_loop(["carry", "table"], [after, so_far], [one])
    back = builder.loop(over._replace(descending=True), ())
    builder.accumulate(here, [back], builder.entry(table, here.subscripts, [back]))
    builder.close_loop()
    tape = builder.tape([whole])
    bindings = Bindings({"n": 3}, (), {"x": ArrayBinding((3,), 0)}, 3)
    assert interpret(tape, FLOAT, [2.0, 3.0, 5.0], bindings=bindings) == [30.0, 1.0, 2.0, 6.0]


def test_a_subscript_outside_its_array_is_never_read() -> None:
    function = Function("sum(x[i] for i in 1:n)", sizes={"n": 3})
    assert function.bindings is not None
    shorter = function.bindings._replace(sizes={"n": 4})
    with pytest.raises(IndexError, match=r"x\[4\]"):
        interpret(function.tape, FLOAT, [1.0, 2.0, 3.0], bindings=shorter)
