"""Fusing and keeping: fewer passes over memory, and the same numbers."""

from __future__ import annotations

from math import tanh

import pytest

from gdcli.autodiff.passes.schedule import (
    NO_SIZES,
    PASSES,
    Arrangement,
    equal_values,
    fuse,
    keep,
    schedule,
)
from gdcli.autodiff.reverse import reverse
from gdcli.autodiff.tape import KEEP, LOOP, RECALL, SUM, Tape, instructions
from gdcli.execute.fallback import FallbackFunction
from gdcli.functions.function import Function

ROSENBROCK = "sum(100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2 for i in 1:n-1)"
NETWORK = "sum((y[i] - sum(v[k]*tanh(b[k]*y[i]) for k in 1:m))^2 for i in 1:n)"


def loops(tape: Tape) -> int:
    return sum(one.operation == LOOP for one in tape.body.instructions)


def test_a_sum_and_its_reverse_become_one_pass() -> None:
    gradient = reverse(Function(ROSENBROCK, sizes={"n": 5}).tape)
    assert loops(gradient) == 2
    assert loops(fuse(gradient)) == 1


def test_a_reverse_that_needs_the_sum_stays_behind_it() -> None:
    gradient = reverse(Function("sqrt(sum(x[i]^2 for i in 1:n))", sizes={"n": 5}).tape)
    assert loops(fuse(gradient)) == 2


def test_loops_that_need_each_other_in_a_circle_stay_apart() -> None:
    """a and c may be one, b and d may be one; not both, for c needs b and d needs a."""
    text = "a = sum(x[i] for i in 1:n); b = sum(x[i]^2 for i in 1:n-1);"
    text += "c = sum(b*x[i]^3 for i in 1:n); d = sum(a*x[i]^4 for i in 1:n-1); c + d"
    function = Function(text, sizes={"n": 4})
    groups = Arrangement(function.tape.body).groups
    assert sorted(len(group) for group in groups if group[0].operation == LOOP) == [1, 1, 2]
    fused = fuse(function.tape)
    x = [0.5, -1.0, 2.0, 0.25]
    a, b = sum(x), sum(c * c for c in x[:3])
    expected = sum(b * c**3 for c in x) + sum(a * c**4 for c in x[:3])
    assert FallbackFunction(fused, function.bindings)(x)[0] == pytest.approx(expected, rel=1e-14)


def test_what_an_inner_loop_has_found_is_kept() -> None:
    data = {"y": [1.0, 2.0, -1.0]}
    function = Function(NETWORK, sizes={"m": 2}, data=data)
    before = fuse(reverse(function.tape))
    after = keep(before)
    kept = [one.operation for one in instructions(after.body)]
    assert KEEP in kept
    assert RECALL in kept
    assert sum(one.payload == "tanh" for one in instructions(before.body)) == 2
    assert sum(one.payload == "tanh" for one in instructions(after.body)) == 1
    point = [0.3, -0.7, 1.5, 0.25]
    found, gradient = FallbackFunction(after, function.engine.gradient_bindings)(point)
    b, v = point[:2], point[2:]
    residuals = [y - sum(v[k] * tanh(b[k] * y) for k in (0, 1)) for y in data["y"]]
    assert found == pytest.approx(sum(r * r for r in residuals), rel=1e-14)
    by_v = [
        sum(-2 * r * tanh(b[k] * y) for r, y in zip(residuals, data["y"], strict=True))
        for k in (0, 1)
    ]
    assert gradient[2:] == pytest.approx(by_v, rel=1e-13)


def test_outermost_loops_keep_nothing() -> None:
    function = Function("log(sum(exp(x[i])*x[i] for i in 1:n))", sizes={"n": 5})
    assert keep(fuse(reverse(function.tape))) == fuse(reverse(function.tape))


def test_values_are_equal_where_they_are_made_alike() -> None:
    function = Function("sum(sin(x[i]) for i in 1:n)^2", sizes={"n": 5})
    first, second = (
        one.regions[0] for one in reverse(function.tape).body.instructions if one.operation == LOOP
    )
    same = equal_values(first, second)
    made = {one.results[0]: one.payload for one in first.instructions}
    assert "sin" not in [made[value] for value in same.values()]  # the reverse needs cos alone
    assert len(same) == 2  # the index and x[i]


def test_every_pass_is_a_function_from_tape_to_tape() -> None:
    gradient = reverse(Function(ROSENBROCK, sizes={"n": 5}).tape)
    by_hand = gradient
    for make in PASSES.values():
        by_hand = make(by_hand, NO_SIZES)
    assert schedule(gradient) == by_hand
    assert by_hand.body.instructions[-1].payload.reductions == (SUM,)
