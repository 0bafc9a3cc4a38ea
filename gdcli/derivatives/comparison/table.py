"""Every way to differentiate one function at one point: its gradient, its error and its cost.

Comes in: a Function and a point of floats. Goes out: a MethodRow each, in the order of METHODS. The
seconds are those of one gradient with everything prepared, the median of several batches; what
preparing takes (compiling, symbolic differentiation) is not in them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import nan
from time import perf_counter
from typing import TYPE_CHECKING, SupportsIndex, overload

from gdcli.autodiff.differences import CENTRAL, FORWARD
from gdcli.derivatives.comparison.errors import Reference, reference, relative_error
from gdcli.derivatives.registry import METHODS, Prepared, SympyFormulas
from gdcli.errors import UndefinedError, UsageError, listed
from gdcli.functions.arguments import choice, public
from gdcli.functions.function import Function
from gdcli.functions.short_texts import table_html, table_text
from gdcli.library.lookup import as_function
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.linear_algebra import as_list

if TYPE_CHECKING:
    from gdcli.derivatives.comparison.sweeps import Depth, ErrorCurve, Size
    from gdcli.functions.data import DataSources
    from gdcli.functions.function import Coordinates
    from gdcli.functions.resolved import Parameters
    from gdcli.library.lookup import FunctionSource

SWEEPS = ("step", "variables", "depth")

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

    def __repr__(self) -> str:
        columns = ("method", "relative error", "evaluations", "operations", "seconds")
        rows = [(r.method, r.error, r.evaluations, r.operations, r.seconds) for r in self.rows]
        return table_text(columns, rows)

    def _repr_html_(self) -> str:
        """The rows with their gradients as a table in HTML, for a notebook."""
        columns = ("method", "gradient", *MethodRow._fields[2:6])
        return table_html(columns, [(r.method, str(r.gradient), *r[2:6]) for r in self.rows])


@overload
def compare(
    f: Function | FunctionSource,
    at: Coordinates | None = ...,
    *,
    sweep: None = ...,
    sizes: Mapping[str, SupportsIndex] | None = ...,
    data: DataSources | None = ...,
    parameters: Parameters | None = ...,
) -> Table: ...


@overload
def compare(
    f: Function | FunctionSource,
    at: Coordinates | None = ...,
    *,
    sweep: str,
    sizes: Mapping[str, SupportsIndex] | None = ...,
    data: DataSources | None = ...,
    parameters: Parameters | None = ...,
) -> list[ErrorCurve] | list[Size] | list[Depth]: ...


@public
def compare(
    f: Function | FunctionSource,
    at: Coordinates | None = None,
    *,
    sweep: str | None = None,
    sizes: Mapping[str, SupportsIndex] | None = None,
    data: DataSources | None = None,
    parameters: Parameters | None = None,
) -> Table | list[ErrorCurve] | list[Size] | list[Depth]:
    """Every way to differentiate `f` at a point side by side: a row each, as `gdcli compare` shows.

    `sweep` asks for a curve instead: "step", the error of differences against their step h, an
    ErrorCurve a formula; "variables", the costs against the number of variables, a Size each;
    "depth", the sizes of formulas and tapes of f(f(...)), a Depth each, at no point. Seconds are
    those of one gradient with everything prepared. Raises UndefinedError where there is no
    gradient, UsageError for what would take too long.
    """
    function = as_function(f, sizes=sizes, data=data, parameters=parameters)
    if sweep is not None:
        choice(sweep, "sweep", SWEEPS)
    if not function.variables:
        raise UsageError("there is nothing to differentiate: the function has no variables")
    if function.has_loops and sweep in ("variables", "depth"):
        raise UsageError(f"a sweep of the {sweep} needs scalars: write the sums out, x1 for x[1]")
    if (at is None) != (sweep == "depth"):
        missing = f"compare needs the point: values of {listed(function.variables)}"
        raise UsageError(missing if at is None else "a sweep of the depth depends on no point")
    point = [] if at is None else as_list(function.point(at))
    if sweep is not None:
        from gdcli.derivatives.comparison import sweeps

        if sweep == "depth":
            return sweeps.depth_costs(function)
        if sweep == "step":
            return sweeps.step_curves(function.unrolled, point)
        return sweeps.variable_costs(function, point)
    return methods_table(function.unrolled, point)


def methods_table(
    function: Function, point: Sequence[float], exact: Reference | None = None
) -> Table:
    """The Table of a function without loops; `exact` is the gradient to measure by, where it is
    known already. Raises UndefinedError where there is none.
    """
    exact = exact or reference(function, point)
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
        relative_error(gradient, exact) if exact.gradient else None,
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
