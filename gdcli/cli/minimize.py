"""`gdcli minimize`: descend from a start, report the iterates, the end and what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gdcli.cli import values
from gdcli.cli.command import Command, Option
from gdcli.cli.common import common_params, derivative_params
from gdcli.cli.output import Output
from gdcli.cli.source import missing, read_function, read_source, source_params, taken
from gdcli.descent.minimize import KEPT_ROWS, minimize
from gdcli.errors import UsageError
from gdcli.report import writer
from gdcli.report.view import MinimizeView

if TYPE_CHECKING:
    from collections.abc import Callable

    from gdcli.cli.values import StepSize
    from gdcli.descent.iterate import Iterate

EXAMPLES = (
    'gdcli minimize "x^2 + y^2"',
    "gdcli minimize rosenbrock --start -1.2,1 --format json",
    'gdcli minimize "x^2 + a*y^2" --set a=3 --start 1,1 --alpha "0.3/sqrt(k+1)"',
)
TOLD = ("jsonl", "csv", "plain")  # formats that do not hold the outcome
TRACES = ("jsonl", "csv")


def run(
    expression: str | None,
    start: str | None,
    alpha: StepSize,
    tolerance: float,
    max_iterations: int,
    max_evaluations: int,
    method: str,
    rows: int | None,
    precision: int,
    trace: bool,
    explain: bool,
    derivative: str,
    step: float | None,
    points: int | None,
    digits: int | None,
    as_written: bool,
    **common: Any,
) -> int:
    """Do it and return the exit status."""
    given = taken(common)
    with Output(**common) as output:
        source = read_source(expression)
        if source is None:
            raise missing("minimize", EXAMPLES[0])
        if digits is not None:
            refuse_traces(output.form)
        function = read_function(source, given, as_written)
        point = None if start is None else function.point(start, "--start")
        view = MinimizeView(
            expression=function.text,
            variables=function.variables,
            layout=function.layout,
            problem=function.problem,
            digits=precision,
            trace=trace,
            explain=explain,
            screen=output.screen,
        )
        report = writer(output.form, "Minimize")(view)
        result = minimize(
            function,
            point,
            alpha=alpha.value,
            method=method,
            tolerance=tolerance,
            max_iterations=max_iterations,
            max_evaluations=max_evaluations,
            label=alpha.label,
            keep=kept_rows(output.form, rows, trace),
            on_iterate=follower(report.row, output),
            derivative=derivative,
            step=step,
            points=points,
            digits=digits,
        )
        output.write(report.end(result))
        if output.form in TOLD:
            output.note(result.message)
        return result.exit_status


def refuse_traces(form: str) -> None:
    """Raise where `form` writes iterates alone, which have no more digits than floats."""
    if form in TRACES:
        raise UsageError(
            f"--digits has no place in --format {form}, whose rows are descent in floats;"
            " use table, json or plain"
        )


def kept_rows(form: str, rows: int | None, trace: bool) -> int:
    """How many iterates the report will look back on."""
    if form == "table":
        return KEPT_ROWS if rows is None else min(rows, KEPT_ROWS)
    return KEPT_ROWS if form == "json" and trace else 0


def follower(
    row: Callable[[Iterate], str] | None, output: Output
) -> Callable[[Iterate], None] | None:
    """What is done with each iterate: its line written, progress shown; None for nothing."""
    progress = None
    if output.shows_progress:
        from gdcli.cli.progress import Progress

        progress = Progress()
    if row is None:
        return progress

    def follow(iterate: Iterate) -> None:
        text = row(iterate)
        if text:
            output.write(text)
        if progress is not None:
            progress(iterate)

    return follow


COMMAND = Command(
    "minimize",
    run,
    [
        *source_params(),
        Option("--start", metavar="POINT", help="where to begin [the problem's own, or 0.9,0.8..]"),
        Option(
            "--alpha",
            metavar="A",
            read=values.step_size,
            default="auto",
            help="step size: auto, a number, or an expression in k",
        ),
        Option(
            "--tolerance",
            metavar="T",
            read=values.tolerance,
            default="1e-8",
            help="converged where no component of the gradient is larger",
        ),
        Option("--max-iterations", metavar="N", read=values.count, default="10000", help="at most"),
        Option(
            "--max-evaluations",
            metavar="N",
            read=values.count,
            default="50000",
            help="at most, of f",
        ),
        Option(
            "--method",
            choices=("steepest",),
            read=values.choice("steepest", later=("momentum", "nesterov")),
            default="steepest",
            help="direction of a step",
        ),
        *derivative_params(),
        Option("--digits", metavar="N", read=values.many_digits, help="the minimum to N digits"),
        Option("--rows", metavar="N|all", read=values.rows, default="20", help="rows of the table"),
        Option("--precision", metavar="N", read=values.digits, default="7", help="digits in cells"),
        Option("--trace", flag=True, help="the iterates in --format json too"),
        Option("--explain", flag=True, help="what to try next"),
        *common_params("minimize"),
    ],
    help="Find a minimum of EXPRESSION by steepest descent.",
    examples=EXAMPLES,
)
