"""Fusion, and the order of the passes behind differentiation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gdcli.autodiff.passes.joined_loops import Arrangement, fuse
from gdcli.autodiff.passes.schedule import GRADIENT_PASSES, schedule
from gdcli.autodiff.reverse import reverse
from gdcli.autodiff.tape import APPLY, LOOP, SUM, Tape, instructions
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


def test_a_sum_meets_its_reverse_where_that_adds_to_a_table() -> None:
    """y = B·x; Σ (A·y - b)²: the adjoint of y is summed up while the rows of A are passed over."""
    text = "y[j in 1:m] = sum(B[j,k]*x[k] for k in 1:m);"
    text += "sum((sum(A[i,j]*y[j] for j in 1:m) - b[i])^2 for i in 1:n)"
    a, b = [[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5]], [0.5, -1.0, 2.0]
    function = Function(text, data={"A": a, "B": [[1.0, 2.0], [-0.5, 0.1]], "b": b})
    gradient = reverse(function.engine.prepared_tape)
    fused = schedule(gradient, function.sizes)
    everything = [one for one in instructions(fused.body) if one.operation == LOOP]
    assert sum(one.payload.high[0].text([]) == "n" for one in everything) == 1
    bindings = function.engine.gradient_bindings
    found, wanted = (FallbackFunction(one, bindings)([0.3, -0.7]) for one in (fused, gradient))
    assert found[0] == pytest.approx(wanted[0], rel=1e-15)
    assert found[1] == pytest.approx(wanted[1], rel=1e-14)


def test_loops_hand_out_once_what_is_the_same() -> None:
    """Scores less their maximum: what the reverse runs again becomes the loops that have run."""
    score, other = (f"sum(w[{index},j]*X[i,j] for j in 1:2)" for index in "cq")
    text = f"sum(sum(exp({score} - max({other} for q in 1:3)) for c in 1:3) for i in 1:n)"
    function = Function(f"f(w) = {text}", data={"X": [[0.5, -1.0], [2.0, 0.25]]})
    fused = schedule(reverse(function.engine.prepared_tape), function.sizes)
    calls = [one.payload for one in instructions(fused.body) if one.operation == APPLY]
    assert calls.count("exp") == 1
    for one in instructions(fused.body):
        if one.operation == LOOP:
            pairs = list(zip(one.payload.reductions, one.regions[0].outputs, strict=True))
            assert len(pairs) == len(set(pairs))


def test_fusion_tries_few_loops_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of n layers needs the one before it; each of n sums goes with the first: in n tries."""
    tries: list[int] = []

    def counted(method: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*of: Any) -> Any:
            tries.append(1)
            return method(*of)

        return counting

    for name in ("join", "apart"):
        monkeypatch.setattr(Arrangement, name, counted(getattr(Arrangement, name)))
    layer = "h{0}[i in 1:n] = tanh(h{1}[i] + h{1}[1]);"
    for text, result in (
        (layer, "h{0}[n]"),
        ("s{0} = sum(x[i]^{0} for i in 1:n);", "s{0} + h0[1]"),
    ):
        counts = []
        for count in (5, 20):
            parts = "".join(text.format(k, k - 1) for k in range(1, count + 1))
            tape = Function(
                f"h0[i in 1:n] = x[i]; {parts} {result.format(count)}", sizes={"n": 4}
            ).tape
            tries.clear()
            fuse(tape)
            counts.append(len(tries))
        assert 0 < counts[1] < 5 * counts[0]
