"""Bursts of native code take the very steps that the loop takes."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from gdcli.descent.iterate import Iterate
from gdcli.descent.minimize import run_descent
from gdcli.descent.result import Result
from gdcli.descent.stopping import Bounds, Limits
from gdcli.execute.native.burst import Settings
from gdcli.functions.function import Function
from gdcli.library import lookup
from tests.sweeps import sampled

pytest.importorskip("llvmlite")

RUNS = [
    ("five-well", [4.0, 9.0], 0.5),
    ("five-well", [10.0, 10.0], 12.0),  # chaotic: one bit more or less would show
    ("five-well", [-3.0, 2.0], 1.0),
    ("rosenbrock", [-1.2, 1.0], 1e-3),
    ("rosenbrock", [0.5, 0.5], 2e-3),
]


def test_a_burst_knows_every_stopping_test() -> None:
    # By the number of steps that a burst may take, and between two bursts by the loop.
    counted = {"max_iterations", "max_evaluations", "max_time"}
    tested = {*Limits._fields, *Bounds._fields} - counted
    assert tested == {*Settings._fields} - {"alpha"}, (
        "execute/native/burst.py must test it too, or Descent._burst leave runs with it to the loop"
    )


def run(name: str, backend: str, start: list[float], alpha: float, **more: Any) -> Result:
    return run_descent(lookup.function(name, backend=backend), start, alpha=alpha, **more)


def same(one: Result, other: Result) -> None:
    """All but the time they took, to the bit."""
    left, right = (repr([*found._replace(seconds=0.0)]) for found in (one, other))
    assert left == right


@pytest.mark.parametrize(("run_of", "keep"), sampled(product(RUNS, [0, 7, 100_000]), 6))
def test_the_bits_of_the_loop(run_of: tuple[str, list[float], float], keep: int) -> None:
    name, start, alpha = run_of
    found = [
        run(name, backend, start, alpha, max_iterations=3000, keep=keep)
        for backend in ("native", "python")
    ]
    same(*found)
    assert found[0].iterations > 0


def test_every_row_is_sent_once_and_in_order() -> None:
    rows: dict[str, list[Iterate]] = {"native": [], "python": []}
    for backend, own in rows.items():
        run(
            "rosenbrock",
            backend,
            [-1.2, 1.0],
            1e-3,
            max_iterations=2000,
            on_iterate=own.append,
            keep=0,
        )
    assert rows["native"] == rows["python"]
    assert [row.k for row in rows["native"]] == list(range(2001))


def test_without_rows_they_are_counted() -> None:
    found = run("rosenbrock", "native", [-1.2, 1.0], 1e-3, max_iterations=2000, keep=0)
    assert found.trace == []
    assert found.dropped == 2001


@pytest.mark.parametrize(
    ("text", "start", "alpha", "status"),
    [
        ("x^2 + y^2", [3.0, -4.0], 0.1, "converged"),
        ("x^2 + y^2", [3.0, -4.0], 1.5, "diverged"),
        ("x - y", [0.0, 0.0], 1e18, "unbounded"),
        ("x^4 - y", [3.0, 1.0], 1.0, "diverged"),
        ("log(x) + y^2", [1.0, 1.0], 0.9, "undefined"),
        ("sqrt(x) + y^2", [1.0, 1.0], 0.3, "undefined"),
        ("abs(x) + abs(y)", [1.0, 0.5], 0.3, "max_iterations"),
        ("1e-30*x + y^2", [1.0, 1.0], 0.1, "converged"),
        ("1e-5*x + y^2", [1e15, 1.0], 0.5, "stalled"),
    ],
)
def test_runs_end_where_the_loop_ends_them(
    text: str, start: list[float], alpha: float, status: str
) -> None:
    found = [
        run_descent(Function(text, backend=backend), start, alpha=alpha, max_iterations=500)
        for backend in ("native", "python")
    ]
    same(*found)
    assert found[0].status == status


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_limits_are_met_exactly(limit: int) -> None:
    by_iterations = run("rosenbrock", "native", [-1.2, 1.0], 1e-3, max_iterations=limit)
    assert (by_iterations.status, by_iterations.iterations) == ("max_iterations", limit)
    for backend in ("native", "python"):
        found = run("rosenbrock", backend, [-1.2, 1.0], 1e-3, max_evaluations=limit)
        assert (found.iterations, found.evaluations[:2]) == (limit - 1, (limit, limit))


def test_arrays_of_few_components_too() -> None:
    text = "sum(i*(x[i] - 1)^2 for i in 1:n)"
    found = run_descent(Function(text, sizes={"n": 9}, backend="native"), [-1.0] * 9, alpha=0.05)
    assert found.converged
    assert found.x == pytest.approx([1.0] * 9, abs=1e-8)
    assert found.iterations == pytest.approx(200, abs=20)  # 2·2·0.9^k <= 1e-8


def test_an_interrupt_between_stretches_keeps_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    function = lookup.function("five-well", backend="native")
    program = function.for_steps(10**6)
    assert program is not None
    monkeypatch.setattr(program, "steps_per_burst", 100)
    taken, descend = [0], program.descend

    def interrupted(*words: Any) -> Any:
        taken[0] += 1
        if taken[0] == 4:
            raise KeyboardInterrupt
        return descend(*words)

    monkeypatch.setattr(program, "descend", interrupted)
    found = run_descent(function, [4.0, 9.0], alpha=1e-4)
    assert (found.status, found.exit_status) == ("interrupted", 130)
    assert [row.k for row in found.trace] == list(range(found.iterations + 1))
    whole = run("five-well", "python", [4.0, 9.0], 1e-4, max_iterations=found.iterations)
    assert found.trace == whole.trace


def test_an_interrupt_while_the_rows_of_a_burst_are_sent_leaves_none_out() -> None:
    function = lookup.function("five-well", backend="native")
    sent: list[Iterate] = []

    def interrupting(row: Iterate) -> None:
        sent.append(row)
        if row.k == 50:
            raise KeyboardInterrupt

    found = run_descent(function, [4.0, 9.0], alpha=1e-4, on_iterate=interrupting)
    assert found.status == "interrupted"
    assert found.iterations > 100
    assert [row.k for row in sent] == list(range(found.iterations + 1))
    assert [row.k for row in found.trace] == list(range(found.iterations + 1))


@pytest.mark.parametrize("alpha", ["auto", lambda k: 1e-3 / (k + 1)])
def test_only_a_fixed_step_size_runs_in_bursts(alpha: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    function = lookup.function("rosenbrock", backend="native")
    program = function.for_steps(10**6)
    assert program is not None
    monkeypatch.setattr(program, "descend", lambda *_: pytest.fail("a burst"))
    run_descent(function, [-1.2, 1.0], alpha=alpha, max_iterations=20)
