"""`gdcli compare`: every way to differentiate side by side, with its error and its cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from gdcli.cli.answers import finish_one
from gdcli.cli.command import Command, Option
from gdcli.cli.common import ANSWER_HEADING, SOURCE_HEADING, common_params
from gdcli.cli.output import Output
from gdcli.cli.point_files import read_one
from gdcli.cli.source import needed_source, read_function, source_options, source_params
from gdcli.derivatives.comparison import sweeps
from gdcli.derivatives.comparison.errors import NO_REFERENCE
from gdcli.derivatives.value import evaluating
from gdcli.errors import GdcliError, UndefinedError, UsageError
from gdcli.functions.function import Function
from gdcli.report import comparison
from gdcli.report.formats import Format
from gdcli.report.listing import Listing
from gdcli.report.view import STANDARD_WIDTH, ListingView

Measured = TypeVar("Measured")

EXAMPLES = (
    "gdcli compare lecture --at 0.5,-0.5",
    'gdcli compare "sin(x)" --at pi/3 --sweep-step',
    'gdcli compare "4*x*(1-x)" --sweep-depth',
)


def run(
    expression: str | None,
    at: str | None,
    sweep_step: bool,
    sweep_variables: bool,
    sweep_depth: bool,
    as_written: bool,
    form: Format,
    **common: Any,
) -> int:
    given = source_options(common)
    with Output(**common) as output:
        source = needed_source(expression, "compare", EXAMPLES[0])
        if sweep_step + sweep_variables + sweep_depth > 1:
            raise UsageError("one sweep at a time: --sweep-step, --sweep-variables, --sweep-depth")
        if sweep_depth and at is not None:
            raise UsageError("--sweep-depth counts operations, which depend on no point: omit --at")
        function = read_function(source, given, output.note, as_written)
        if not function.variables:
            raise UsageError("there is nothing to differentiate: the function has no variables")
        if function.has_loops and (sweep_variables or sweep_depth):
            raise UsageError(
                "--sweep-variables and --sweep-depth put functions of scalars together: write the"
                " sums out, x1 for x[1]"
            )
        point = None if sweep_depth else _point(function, at, output.note)
        found, error = _listing(function, point, sweep_step, sweep_variables)
        value = None if point is None else evaluating(function)(point)
        if value is not None and (error := error or value.error) is not None:
            message = error.message.removeprefix("undefined: ")
            found = found._replace(message=message, text=found.text if sweep_variables else "")
        screen = output.screen
        screen = screen._replace(width=screen.width or STANDARD_WIDTH)  # in a pipe as on a page
        about = (function.text, function.variables, point, screen, "comparison")
        f = None if value is None else value.f
        view = ListingView(
            *about, layout=function.layout, f=f, held=function.held, labels=function.labels
        )
        form = form.of_answers("compare", function, output.note, (found, view))
        output.write(form.writers().listing(found, view))
        if "listing" in form.bare:
            for kink in found.content.get("kinks", ()):
                output.note(comparison.at_kink(kink))
        return finish_one(error, (), output)


def _point(function: Function, at: str | None, note: Callable[[str], None]) -> list[float]:
    if at is None:
        names = ", ".join(function.variables)
        raise UsageError(f"compare needs --at POINT, the values of {names}")
    if at == "-" or at.startswith("@"):
        raise UsageError("compare takes one point: --at 1,2")
    point: list[float] = read_one(at, "--at", function, function.point, note)
    return point


def _listing(
    function: Function, at: list[float] | None, sweep_step: bool, sweep_variables: bool
) -> tuple[Listing, GdcliError | None]:
    """The listing, and why there is no gradient to measure by where that is so."""
    layout, function = function.layout, function.unrolled
    if at is None:
        return comparison.depths_listing(sweeps.depth_costs(function)), None
    if sweep_variables:
        return comparison.variables_listing(sweeps.variable_costs(function, at)), None
    if sweep_step:
        curves, error = _measured(sweeps.step_curves, function, at)
        found = comparison.steps_listing(curves)
    else:
        from gdcli.derivatives.comparison.table import methods_table

        table, error = _measured(methods_table, function, at)
        found = comparison.methods_listing(function, table, layout)
    return found, error


def _measured(
    measure: Callable[..., Measured], function: Function, at: list[float]
) -> tuple[Measured, UndefinedError | None]:
    """What `measure` finds at a point, without errors where there is no gradient to measure by."""
    try:
        return measure(function, at), None
    except UndefinedError as error:
        return measure(function, at, NO_REFERENCE), error


COMMAND = Command(
    "compare",
    run,
    [
        *source_params(),
        Option("--at", metavar="POINT", help="where: 1,2 or x=1,y=2"),
        Option("--sweep-step", flag=True, help="the error of differences against their step h"),
        Option("--sweep-variables", flag=True, help="the cost against the number of variables"),
        Option("--sweep-depth", flag=True, help="the size of formula and tape of f(f(...f(x)...))"),
        Option("--as-written", flag=True, help="without accuracy rewrites"),
        *common_params("listing"),
    ],
    help="Every way to differentiate EXPRESSION side by side: gradient, error, cost.",
    examples=EXAMPLES,
    headings={
        **SOURCE_HEADING,
        "Comparison": "--at --sweep-step --sweep-variables --sweep-depth",
        **ANSWER_HEADING,
    },
)
