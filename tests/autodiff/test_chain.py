"""The chain rule's link: shortened products that change no result, and what depends on inputs."""

from __future__ import annotations

import pytest

from gdcli.autodiff.builder import Builder
from gdcli.autodiff.chain import active, negative, partials, product, total
from gdcli.functions.function import Function
from gdcli.language.syntax import NEGATE, Decimal


@pytest.fixture
def builder() -> Builder:
    return Builder(("x", "y"))


def test_zero_is_no_value(builder: Builder) -> None:
    x, zero = builder.load(0), builder.constant(Decimal(0, 0))
    assert product(builder, x, None) is product(builder, None, x) is None
    assert product(builder, x, zero) is product(builder, zero, x) is None
    assert total(builder, None, None) is None
    assert total(builder, x, None) == total(builder, None, x) == x
    assert negative(builder, None) is None


def test_ones_and_signs_cost_nothing(builder: Builder) -> None:
    x, y = builder.load(0), builder.load(1)
    one, minus = builder.constant(Decimal(1, 0)), builder.constant(Decimal(-1, 0))
    assert product(builder, x, one) == product(builder, one, x) == x
    negated = builder.apply(NEGATE, x)
    assert product(builder, x, minus) == product(builder, minus, x) == negated
    assert product(builder, negated, minus) == x
    assert negative(builder, one) == minus
    assert product(builder, negated, builder.apply(NEGATE, y)) == builder.apply("*", y, x)
    assert total(builder, x, builder.apply(NEGATE, y)) == builder.apply("-", x, y)
    assert total(builder, x, y) == builder.apply("+", x, y)


def test_a_reciprocal_becomes_a_quotient(builder: Builder) -> None:
    x, y = builder.load(0), builder.load(1)
    reciprocal = builder.apply("/", builder.constant(Decimal(1, 0)), x)
    assert product(builder, y, reciprocal) == builder.apply("/", y, x)
    assert product(builder, reciprocal, y) == builder.apply("/", y, x)


def test_partials_name_the_place(builder: Builder) -> None:
    x, y = builder.load(0), builder.load(1)
    quotient = builder.apply("/", x, y)
    slopes = dict(partials(builder, "/", [x, y], quotient, [0, 1]))
    assert list(slopes) == [0, 1]
    assert slopes[0] == builder.apply("/", builder.constant(Decimal(1, 0)), y)
    assert [place for place, _ in partials(builder, "/", [x, y], quotient, [1])] == [1]


def test_active_values_depend_on_an_input() -> None:
    tape = Function("x*(2 + pi) + ifelse(x > 0, 1, 2)").tape
    names = {v: i for i in tape.body.instructions for v in i.results}
    found = sorted(str(names[value].payload) for value in active(tape))
    assert found == ["*", "+", "0"]  # 0 is the input; the branch hands out constants
