"""`gdcli minimize`: descend from a start, report the iterates, the end and what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gdcli.cli import values
from gdcli.cli.command import Command, Option
from gdcli.cli.common import common_params, derivative_params, descent_params
from gdcli.cli.output import Output
from gdcli.cli.source import missing, read_function, read_source, source_options, source_params
from gdcli.descent.minimize import KEPT_ROWS, minimize
from gdcli.errors import UsageError, brief
from gdcli.report import writer
from gdcli.report.view import MinimizeView

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from gdcli.cli.run_picture import RunPicture
    from gdcli.cli.values import StepSizeOption
    from gdcli.descent.iterate import Iterate

EXAMPLES = (
    'gdcli minimize "x^2 + y^2"',
    "gdcli minimize rosenbrock --start -1.2,1 --format json",
    'gdcli minimize "x^2 + a*y^2" --set a=3 --start 1,1 --alpha "0.3/sqrt(k+1)"',
)
OUTCOME_NOTE_FORMATS = ("jsonl", "csv", "plain")  # formats that do not hold the outcome
TRACE_FORMATS = ("jsonl", "csv")


def run(
    expression: str | None,
    start: str | None,
    alpha: StepSizeOption,
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
    plot: str | None,
    **common: Any,
) -> int:
    """Do it and return the exit status."""
    given = source_options(common)
    with Output(**common) as output, pictured(plot, common["path"]) as picture:
        source = read_source(expression)
        if source is None:
            raise missing("minimize", EXAMPLES[0])
        if digits is not None:
            refuse_traces(output.form)
        function = read_function(source, given, as_written)
        if picture is not None:
            picture.check(function)
        point = None if start is None else function.point(start, "--start")
        what = (function.text, function.variables, function.problem)
        view = MinimizeView(*what, precision, trace, explain, output.screen, function.layout)
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
            on_iterate=follower(report.row, output, picture),
            derivative=derivative,
            step=step,
            points=points,
            digits=digits,
        )
        output.write(report.end(result))
        if output.form in OUTCOME_NOTE_FORMATS:
            output.note(result.message)
        if function.engine.note:
            output.note(function.engine.note)
        for note in picture.draw(function, result) if picture is not None else ():
            output.note(note)
        return result.exit_status


def refuse_traces(form: str) -> None:
    """Raise where `form` writes iterates alone, which have no more digits than floats."""
    if form in TRACE_FORMATS:
        raise UsageError(
            f"--digits has no place in --format {form}, whose rows are descent in floats;"
            " use table, json or plain"
        )


def kept_rows(form: str, rows: int | None, trace: bool) -> int:
    """How many iterates the report will look back on."""
    if form == "table":
        return KEPT_ROWS if rows is None else min(rows, KEPT_ROWS)
    return KEPT_ROWS if form == "json" and trace else 0


def pictured(plot: str | None, path: str | None) -> AbstractContextManager[RunPicture | None]:
    """The file of --plot, opened before the run; without it nothing."""
    from contextlib import nullcontext

    if plot is None:
        return nullcontext()
    if not plot:
        raise UsageError("--plot needs the name of a file")
    if plot == path:
        raise UsageError(f"--plot and --output are the same file, {brief(plot)}")
    from gdcli.cli.run_picture import RunPicture

    return RunPicture(plot)


def follower(
    row: Callable[[Iterate], str] | None, output: Output, picture: RunPicture | None
) -> Callable[[Iterate], None] | None:
    """What is done with each iterate: its line written, progress shown; None for nothing."""
    each: list[Callable[[Iterate], None]] = []
    if row is not None:
        each.append(lambda iterate: output.write(row(iterate)))
    if output.shows_progress:
        from gdcli.cli.progress import Progress

        each.append(Progress())
    if picture is not None:
        each.append(picture.trace.add)
    if len(each) < 2:
        return each[0] if each else None

    def follow(iterate: Iterate) -> None:
        for action in each:
            action(iterate)

    return follow


COMMAND = Command(
    "minimize",
    run,
    [
        *source_params(),
        Option("--start", metavar="POINT", help="where to begin [the problem's own, or 0.9,0.8..]"),
        *descent_params(),
        *derivative_params(),
        Option("--digits", metavar="N", read=values.many_digits, help="the minimum to N digits"),
        Option("--rows", metavar="N|all", read=values.rows, default="20", help="rows of the table"),
        Option("--precision", metavar="N", read=values.digits, default="7", help="digits in cells"),
        Option("--trace", flag=True, help="the iterates in --format json too"),
        Option("--explain", flag=True, help="what to try next"),
        Option("--plot", metavar="FILE", help="draw the run: png, svg, pdf, gif or html"),
        *common_params("minimize"),
    ],
    help="Find a minimum of EXPRESSION by steepest descent.",
    examples=EXAMPLES,
)
