"""Values that a later side of a branch uses, in one function or in another."""

from __future__ import annotations

from tests.native_code import agrees, gradient, of


def test_a_value_of_one_side_is_used_in_the_same_side_later() -> None:
    text = "ifelse(x < y, exp(x*y)^2, 1)*sin(x) + ifelse(x < y, exp(x*y), 2)"
    agrees(of(text))


def test_and_after_a_loop_that_stands_between_them() -> None:
    text = "min(prod(x[i] + a for i in 1:n), ifelse(a != b, a, b)*sum(x[i]^2 for i in 1:n))"
    agrees(of(text, n=12), 1e-11)


def test_an_index_is_a_number_too() -> None:
    value, slopes = gradient(of("sum(i*x[i]^2 for i in 1:n)/n", n=10))([1.0] * 10)
    assert value == 5.5
    assert slopes == [2.0 * (k + 1) / 10 for k in range(10)]
