"""How loops are cut, and how chunks share the derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from gdcli.execute.native.plan import LoopPlan, plans
from gdcli.execute.native.tiles import STRIP_ROWS
from tests.native_code import ROSENBROCK, context, of

N = 1_000_000


def plan(text: str, data: Any = None, **sizes: int) -> LoopPlan:
    [found] = plans(context(of(text, data, **sizes)))
    return found


def test_short_loops_are_one_chunk() -> None:
    assert plan(ROSENBROCK, n=1000).chunks == 1


def test_neighbours_are_a_window() -> None:
    found = plan(ROSENBROCK, n=N)
    [window] = found.windows
    assert (window.offsets, window.first, window.spread) == ((-1, 0), True, 1)
    assert found.chunks > 8
    assert found.size % 8 == 0
    assert not found.private
    assert not found.by_turns


def test_small_arrays_have_a_copy_for_each_chunk() -> None:
    found = plan("f(w[8]) = sum(sum(w[j]*i for j in 1:8)^2 for i in 1:n)", n=N)
    assert list(found.private) == ["w"]
    assert found.chunks > 8


def test_strides_go_by_turns() -> None:
    found = plan("sum((x[2*i-1] - x[2*i])^2 for i in 1:n)", n=N)
    assert found.by_turns
    assert not found.windows


def test_what_is_added_everywhere_is_one_chunk() -> None:
    text = "sum(x[i]*x[n+1-i] for i in 1:n)"
    assert plan(text, n=N).chunks == 1


def test_a_wide_array_has_copies_where_they_cost_little() -> None:
    text = f"f(w[9000]) = sum(sum(w[j]*i for j in 1:9000)^2 for i in 1:{N})"
    found = plan(text)
    assert list(found.private) == ["w"]
    assert found.chunks > 8
    few = plan(text.replace(str(N), "50"))
    assert (few.chunks, few.private) == (1, {})


def test_rows_of_a_strip_are_never_cut() -> None:
    text = "f(w[9000, 64]) = sum(sum(tanh(sum(w[j,k]*x[i,k] for k in 1:64)) for j in 1:9000)^2 "
    found = plan(f"{text}for i in 1:n)", {"x": np.ones((20_000, 64))})
    assert found.strips is not None
    assert list(found.private) == ["w"]
    assert found.chunks > 8
    assert found.size % STRIP_ROWS == 0
