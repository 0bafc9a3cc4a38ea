"""Every way to differentiate one function at one point: its gradient, its error and its cost.

Comes in: a Function and a point of floats. Goes out: a MethodRow each, in the order of METHODS. The
seconds are those of one gradient with everything prepared, the median of several batches; what
preparing takes (compiling, symbolic differentiation) is not in them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import nan
from time import perf_counter
from typing import NamedTuple

from gdcli.autodiff.differences import CENTRAL, FORWARD
from gdcli.derivatives.comparison.errors import Reference, reference, relative_error
from gdcli.derivatives.registry import METHODS, Prepared, SympyFormulas
from gdcli.errors import UndefinedError, UsageError
from gdcli.functions.function import Function

BATCHES, BATCH_SECONDS = 5, 0.002
MOST_METHOD_WORK = 2_000_000  # steps of f for one method: two seconds with all that is shown of it
# About what a variable costs, in evaluations of f; of reverse mode it costs nothing.
COSTS = {"tangent": 3, FORWARD: 1, CENTRAL: 2, "complex-step": 5, "symbolic": 40}


class MethodRow(NamedTuple):
    """The gradient that one method found, its error and what it took.

    `error` is the largest relative error of a component. `formula` and `simplified` are how many
    operations the symbolic gradient has before and after simplification, None elsewhere.
    `message` says why a method has no answer at all; all numbers are then None or nan.
    """

    method: str
    gradient: list[float]
    error: float | None
    evaluations: int | None
    operations: int | None
    seconds: float | None
    step: list[float] | None
    formula: int | None
    simplified: int | None
    message: str | None = None


class Table(NamedTuple):
    """The rows, the gradient they are measured by, and the kinks that the point lies on."""

    exact: Reference
    rows: list[MethodRow]
    kinks: list[str]


def compare(function: Function, point: Sequence[float]) -> Table:
    """The rows of all methods at `point`; raises UndefinedError where there is no gradient."""
    exact = reference(function, point)
    rows = [_row(name, function, point, exact) for name in METHODS]
    return Table(exact, rows, function.kinks(point, 0.0) or [])


def too_much(name: str, function: Function) -> str:
    """Why a method is left out; empty where it is not."""
    n, steps = len(function.variables), function.tape.size
    if n * steps * COSTS.get(name, 0) <= MOST_METHOD_WORK:
        return ""
    return f"left out: its work grows as {n:,} variables times {steps:,} steps; give smaller sizes"


def _row(name: str, function: Function, point: Sequence[float], exact: Reference) -> MethodRow:
    missing = too_much(name, function)
    try:
        ready = None if missing else METHODS[name].prepare(function)
    except (UndefinedError, UsageError) as error:  # SymPy cannot, or takes too long
        ready, missing = None, error.message
    if ready is None:
        none = [nan] * len(point)
        return MethodRow(name, none, None, None, None, None, None, None, None, missing)
    _, gradient = ready(point)
    return MethodRow(
        name,
        gradient,
        relative_error(gradient, exact),
        ready.evaluations,
        ready.operations(point),
        median_seconds(lambda: ready(point)),
        ready.steps(point),
        *_sizes(ready),
    )


def _sizes(ready: Prepared) -> tuple[int | None, int | None]:
    if not isinstance(ready, SympyFormulas):
        return None, None
    return ready.symbolic.size, ready.symbolic.simplified_size


def median_seconds(work: Callable[[], object]) -> float:
    """How long a call takes: the median over batches that are long enough for the clock."""
    times = 1
    while (seconds_taken := _seconds(work, times)) < BATCH_SECONDS:
        times *= 2
    seconds_taken /= times
    return sorted([seconds_taken, *(_seconds(work, times) / times for _ in range(BATCHES - 1))])[
        BATCHES // 2
    ]


def _seconds(work: Callable[[], object], times: int) -> float:
    start = perf_counter()
    for _ in range(times):
        work()
    return perf_counter() - start
