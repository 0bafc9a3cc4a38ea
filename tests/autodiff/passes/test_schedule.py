"""Fusion, and the order of the passes behind differentiation."""

from __future__ import annotations

import pytest

from gdcli.autodiff.passes.joined_loops import Arrangement, fuse
from gdcli.autodiff.passes.schedule import GRADIENT_PASSES, schedule
from gdcli.autodiff.reverse import reverse
from gdcli.autodiff.tape import LOOP, SUM, Tape
from gdcli.execute.fallback import FallbackFunction
from gdcli.functions.function import Function

ROSENBROCK = "sum(100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2 for i in 1:n-1)"


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


def test_every_pass_is_a_function_from_tape_to_tape() -> None:
    function = Function(ROSENBROCK, sizes={"n": 5})
    gradient = by_hand = reverse(function.tape)
    for make in GRADIENT_PASSES.values():
        by_hand = make(by_hand, function.sizes)
    assert schedule(gradient, function.sizes) == by_hand
    assert by_hand.body.instructions[-1].payload.reductions == (SUM,)
