"""Loops in Python source: the text, compensated sums, names, ties, and what is not finite."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from keyword import iskeyword
from typing import Any

import numpy as np
import pytest

from gdcli.autodiff.builder import Builder
from gdcli.autodiff.reverse import reverse
from gdcli.autodiff.tape import ACCUMULATE, ELEMENT, INDEX, Element, Loop, Subscript, instructions
from gdcli.execute.bindings import ArrayBinding, Bindings
from gdcli.execute.interpret import interpret
from gdcli.execute.source import (
    FLOAT_TARGET,
    IEEE_TARGET,
    Compiled,
    arrays,
    compile_tape,
    corrected,
    entries,
    flat,
    numeric,
    python_names,
    sizes,
    source,
    uses,
    zeros,
)
from gdcli.functions.function import Function
from gdcli.language.syntax import Decimal
from gdcli.numbers.floats import IEEE
from gdcli.numbers.precise import FRACTIONS


def compiled(function: Function, *, first: bool = True) -> Compiled:
    assert function.bindings is not None
    bound = function.bindings._replace(length=function.layout.size)
    return compile_tape(function.gradient_tape, FLOAT_TARGET if first else IEEE_TARGET, bound)


def vector(*components: float) -> Any:
    return np.array(components, dtype=float)


def test_the_text_of_a_loop() -> None:
    function = Function("sum((x[i+1] - c*x[i]^2)^2 for i in 1:n-1)", sizes={"n": 4})
    assert function.bindings is not None
    text = source(function.tape, FLOAT_TARGET, function.bindings)
    assert text.splitlines() == [
        "def evaluate(point):",
        "    n = 4",
        "    x0 = point[0]",
        "    x = entries_(point, 1, 4)",
        "    v9 = c9 = 0.0",
        "    for i2 in range(1, n):",
        "        v4 = x[i2]",
        "        v7 = x[i2 + 1] - (x0*(v4*v4))",
        "        t9 = v7*v7",
        "        s9 = v9 + t9",
        "        c9 += (v9 - s9) + t9 if abs(v9) >= abs(t9) else (t9 - s9) + v9",
        "        v9 = s9",
        "    v9 = corrected_(v9, c9)",
        "    return v9, []",
    ]


def test_outermost_sums_are_compensated() -> None:
    terms = [0.1] * 100_000
    f = Function("sum(x[i] for i in 1:n)", sizes={"n": len(terms)})
    assert f.evaluate(terms) == math.fsum(terms)
    assert f.evaluate([1e16, 1.0, -1e16] + [1.0] * (len(terms) - 3)) == len(terms) - 2


def test_the_gradient_lies_as_the_point_does() -> None:
    f = Function("f(a, x, b, W[2,3], u) = sum(a*x[i]*i for i in 1:2) + b^2 + W[2,3]*u + 0*W[1,1]")
    point = [float(number) for number in range(1, 12)]
    value, gradient = compiled(f)(point)
    a, x, b, w, u = point[0], point[1:3], point[3], point[4:10], point[10]
    assert value == a * (x[0] + 2 * x[1]) + b * b + w[5] * u
    assert gradient == [x[0] + 2 * x[1], a, 2 * a, 2 * b, 0, 0, 0, 0, 0, u, w[5]]


def test_variables_without_effect_have_derivatives_of_0() -> None:
    f = Function("f(x[3], a, y[2], b) = b^2")
    assert compiled(f)([1.0] * 7) == (1.0, [0.0] * 6 + [2.0])


def test_an_empty_array_takes_no_place_in_the_gradient() -> None:
    f = Function("f(x[n], y) = y^2 + sum((x[i] - i)^2 for i in 1:n)", sizes={"n": 0})
    assert compiled(f)([3.0]) == (9.0, [6.0])


def test_a_point_may_be_an_array() -> None:
    f = Function("sum(x[i]*t[i]/a for i in 1:n)", data={"t": np.array([1.0, 2.0])})
    value, gradient = compiled(f)(vector(2, 3, 5))
    assert (value, gradient) == (6.5, [-3.25, 0.5, 1.0])
    with pytest.raises(ZeroDivisionError):
        compiled(f)(vector(0, 3, 5))


def test_names_of_all_kinds() -> None:
    f = Function(
        "f(lambda, x0, v1, point, i2) = sum(lambda[i]*x0*v1[i]*point[i] for i in 1:2) + i2"
    )
    value, gradient = compiled(f)([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    assert value == 3 * (1 * 4 * 6 + 2 * 5 * 7) + 8
    assert gradient == [3 * 4 * 6, 3 * 5 * 7, 4 * 6 + 2 * 5 * 7, 18, 3 * 2 * 7, 12, 3 * 2 * 5, 1]


def test_an_extremum_tells_who_ties() -> None:
    f = Function("max(x[i] for i in 1:n)", sizes={"n": 5})
    for point, share in (
        ([1.0, 4.0, 2.0, 4.0, 0.0], [0, 0.5, 0, 0.5, 0]),
        ([-math.inf] * 5, [0.2] * 5),
        ([0.0, -0.0, -1.0, 0.0, -2.0], [1 / 3, 1 / 3, 0, 1 / 3, 0]),
    ):
        value, gradient = compiled(f)(point)
        assert value == max(point)
        assert gradient == share


def test_nan_is_an_extremum() -> None:
    f = Function("max(x[i] for i in 1:n) + min(x[i] for i in 1:n)", sizes={"n": 3})
    assert math.isnan(f.evaluate([1.0, math.nan, 2.0]))
    assert math.isnan(f.evaluate([math.nan, 1.0, 2.0]))
    assert math.isnan(f.evaluate_gradient([1.0, 2.0, math.nan])[0])


def test_ieee_numbers_never_raise() -> None:
    f = Function("sum(log(x[i])/x[i] + ifelse(x[i] < y, 1, x[i]) for i in 1:n)", sizes={"n": 2})
    for bad in (0.0, -1.0, math.inf, math.nan):
        for point in ([bad, 1.0, 2.0], [1.0, 2.0, bad]):
            value, gradient = compiled(f, first=False)(point)
            assert f.bindings is not None
            bound = f.bindings._replace(length=3)
            wanted = interpret(f.gradient_tape, IEEE, point, bindings=bound)
            assert [str(n) for n in (value, *gradient)] == [str(n) for n in wanted]
    with pytest.raises(ValueError, match=r"math domain|expected a positive"):
        compiled(f)([-1.0, 1.0, 2.0])


def test_an_infinite_sum_is_infinite() -> None:
    f = Function("sum(exp(x[i]) for i in 1:n)", sizes={"n": 3})
    assert f.evaluate([1.0, 800.0, 1.0]) == math.inf
    assert (
        Function("sum(x[i] for i in 1:n)", sizes={"n": 3}).evaluate([1e308, 1e308, 1.0]) == math.inf
    )


def test_what_is_carried_tabled_and_taken_downwards() -> None:
    builder = Builder(("a",), ("x",))
    over = Loop((Subscript(1), Subscript(-3)), (Subscript(0, (("n", 1),)), Subscript(9)))
    index = builder.loop(over, ())
    here = Element("x", (Subscript(0, (), (1,)),))
    so_far = builder.carried(0)
    first = builder.apply("*", index, so_far)
    after = builder.apply("*", so_far, builder.element(here, [index]))
    whole, table = builder.close_loop(["carry", "table"], [after, first], [builder.load(0)])
    back = builder.loop(over._replace(descending=True), ())
    seen, read = builder.carried(0), builder.entry(table, here.subscripts, [back])
    builder.accumulate(here, [back], builder.apply("-", read, seen))
    (last,) = builder.close_loop(["carry"], [read], [builder.constant(Decimal(1, 0))])
    tape = builder.tape([whole, last])
    bindings = Bindings({"n": 3}, (3,), {"x": ArrayBinding((3,), 0)}, 4)
    wanted = (30.0, [1.0 - 4.0, 4.0 - 18.0, 18.0 - 1.0, 1.0])
    assert compile_tape(tape, FLOAT_TARGET, bindings)([2.0, 3.0, 5.0, 1.0]) == wanted


def test_sixteen_loops_in_one_another() -> None:
    text = "x[1]*y"
    for level in range(16):
        text = f"sum({text} for i{level} in 1:n)"
    f = Function(f"f(x, y) = {text}", sizes={"n": 2})
    assert compiled(f)([3.0, 0.5]) == (1.5 * 2**16, [0.5 * 2**16, 3.0 * 2**16])


def test_a_network_agrees_with_exact_arithmetic() -> None:
    text = "sum((sum(W[i,j]*t[j] for j in 1:3) - b[i])^2 for i in 1:2)"
    f = Function(text, data={"t": [0.5, 0.25, 2.0]})
    point = [1.0, 2.0, -1.0, 0.5, 3.0, 1.5, -2.0, 0.125]
    value, gradient = compiled(f)(point)
    tape = reverse(f.tape)
    assert f.bindings is not None
    bound = f.bindings._replace(length=8)
    exact = interpret(tape, FRACTIONS, list(map(Fraction, point)), bindings=bound)
    assert [value, *gradient] == [float(number) for number in exact]


# -- arrays as lists that count from 1 --------------------------------------------------


@pytest.mark.parametrize("lengths", [(4,), (2, 3), (3, 2, 2), (0,), (0, 3), (2, 0)])
def test_cut_and_put_together(lengths: tuple[int, ...]) -> None:
    count = math.prod(lengths)
    point = [float(number) for number in range(20)]
    assert flat(entries(point, 5, *lengths)) == point[5 : 5 + count]
    assert flat(zeros(*lengths)) == [0.0] * count


def test_subscripts_begin_at_1() -> None:
    matrix = entries([10.0, 11.0, 12.0, 13.0, 14.0, 15.0], 0, 2, 3)
    assert matrix[1][1:] == [10.0, 11.0, 12.0]
    assert matrix[2][3] == 15.0


def test_rows_are_not_shared() -> None:
    matrix = zeros(2, 2)
    matrix[1][1] = 1.0
    assert flat(matrix) == [1.0, 0.0, 0.0, 0.0]


def test_only_finite_sums_are_corrected() -> None:
    assert corrected(1.0, 2.0**-60) == 1.0 + 2.0**-60
    assert corrected(math.inf, math.nan) == math.inf
    assert corrected(math.inf, -math.inf) == math.inf
    assert math.isnan(corrected(math.nan, math.nan))


# -- what occurs in a tape --------------------------------------------------


NET = Function(
    "sum((sum(W[i,j]*t[j] for j in 1:m) - i*x[i+k])^2 for i in 1:n)",
    sizes={"n": 2, "k": 1},
    data={"t": [1, 2]},
)


def test_arrays_and_sizes() -> None:
    body = NET.gradient_tape.body
    assert sorted(arrays(body, ELEMENT)) == ["W", "t", "x"]
    assert sorted(arrays(body, ACCUMULATE)) == ["W", "x"]
    assert sorted(sizes(body)) == ["k", "m", "n"]


def test_an_index_that_is_a_number() -> None:
    body = NET.tape.body
    indices = {one.results[0] for one in instructions(body) if one.operation == INDEX}
    assert len(indices) == 2
    assert len(indices & numeric(body)) == 1


def test_a_use_inside_a_loop_counts_twice() -> None:
    tape = Function("sum(a*x[i] for i in 1:3) + a").tape
    counts = Counter(uses(tape.body, {}))
    (loaded,) = [one.results[0] for one in tape.body.instructions if one.operation == "load"]
    (element,) = [one.results[0] for one in instructions(tape.body) if one.operation == ELEMENT]
    assert counts[loaded] == 3
    assert counts[element] == 1


def test_names_that_python_cannot_have() -> None:
    names = (
        "x",
        "lambda",
        "v1",
        "x0",
        "point",
        "g_x",
        "exp_",
        "a_x0",
        "x.1",
        "carried",
        "ϵ",
        "ε",
        "n",
    )
    found = python_names(names)
    assert list(found) == list(names)
    assert found["x"] == "x"
    assert found["n"] == "n"
    assert len(set(found.values())) == len(names)
    assert all(text.isidentifier() and not iskeyword(text) for text in found.values())
    assert {"v1", "x0", "point", "g_x", "exp_", "carried"}.isdisjoint(found.values())
