"""`gdcli minimize`: a descent from a start, its iterates, its end point and the verdict on it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from gdcli.cli import values
from gdcli.cli.command import Command, Option
from gdcli.cli.common import common_params, derivative_params, descent_params
from gdcli.cli.output import Output
from gdcli.cli.source import needed_source, read_function, source_options, source_params
from gdcli.descent.iterate import KEPT_ROWS, Iterate
from gdcli.descent.minimize import run_descent
from gdcli.errors import Sentence, Setting, UsageError, brief, count_of
from gdcli.report.formats import FORMATS, Format, IterateWriter, offering
from gdcli.report.view import MinimizeView

if TYPE_CHECKING:
    from gdcli.cli.progress import Progress
    from gdcli.cli.run_picture import RunPicture
    from gdcli.descent.alpha import WrittenAlpha
    from gdcli.descent.result import Result
    from gdcli.functions.function import Function

EXAMPLES = (
    'gdcli minimize "x^2 + y^2"',
    "gdcli minimize rosenbrock --start -1.2,1 --print x,y,f,status",
    'gdcli minimize "x^2 + a*y^2" --set a=3 --start 1,1 --alpha "0.3/sqrt(k+1)"',
)
LIMIT_TESTS = ("iterations", "evaluations", "seconds")  # which end a run before it is done
MANY_EVALUATIONS = 1000  # of a run after which --explain says what the method auto takes
TRACE_FORMATS = values.either([name for name, form in FORMATS.items() if form.holds_trace])


def run(
    expression: str | None,
    start: str | None,
    alpha: WrittenAlpha,
    tolerance: float,
    max_iterations: int,
    max_evaluations: int,
    method: str,
    rows: int | None,
    precision: int | None,
    trace: bool,
    explain: bool,
    maximize: bool,
    stop_when: str | None,
    max_time: float | None,
    escape: str | int,
    seed: int,
    derivative: str,
    step: float | None,
    points: int | None,
    digits: int | None,
    as_written: bool,
    plot: str | None,
    bounds: list[str],
    form: Format,
    **common: Any,
) -> int:
    given = source_options(common)
    with Output(**common) as output, pictured(plot, common["path"]) as picture:
        output.outlives_reader = picture is not None
        source = needed_source(expression, "minimize", EXAMPLES[0])
        if digits is not None:
            refuse_traces(form)
        function = read_function(source, given, output.note, as_written)
        form = form.of_answers("minimize", function, output.note, keep=trace)
        if picture is not None:
            picture.check(function)
        point, drawn = None, False
        if start is not None:
            from gdcli.cli.point_files import read_start
            from gdcli.language.points import draws

            point, drawn = read_start(start, function, output.note, seed), draws(start)
        what = (function.text, function.variables, function.problem)
        view = MinimizeView(
            *what, precision, trace, explain, output.screen, function.layout, function.held,
            function.labels, drawn,
        )  # fmt: skip
        writers = form.writers()
        lines = writers.iterates(view) if form.streams else None
        progress = None
        if output.shows_progress(streams=lines is not None):
            from gdcli.cli.progress import Progress

            progress = Progress()

        def tell_note(sentence: str) -> None:
            if progress is not None:
                progress.clear()
            output.note(sentence)

        rules: dict[str, Any] = {
            "tolerance": tolerance,
            "max_iterations": max_iterations,
            "max_evaluations": max_evaluations,
            "maximize": maximize,
            "stop_when": stop_when,
            "max_time": max_time,
            "seed": seed,
            "derivative": derivative,
            "step": step,
            "points": points,
            "bounds": ",".join(bounds) if bounds else None,
            "bounds_noun": "--bound",
        }
        result = run_descent(
            function,
            point,
            alpha=alpha.value,
            method=method,
            escape=escape,
            label=alpha.label,
            keep=kept_rows(form, rows, trace),
            on_iterate=Follower(lines, output, progress, picture)
            if lines or progress or picture
            else None,
            on_note=tell_note,
            digits=digits,
            **rules,
        )
        if progress is not None:
            progress.clear()
        if explain and form.shows_rows:
            result = compared_with_auto(result, function, point, rules)
        output.write(lines.end() if lines is not None else writers.minimize(result, view))
        if form.streams or "minimize" in form.bare:
            output.note(result.message)
        engine = (function.negated if maximize else function).engine
        if engine.note:
            output.note(engine.note)
        for note in picture.draw(function, result) if picture is not None else ():
            output.note(note)
        return result.exit_status


def compared_with_auto(
    result: Result, function: Function, start: list[float] | None, rules: dict[str, Any]
) -> Result:
    """The result of a long run, with the advice what the method auto takes from the same start."""
    many = result.evaluations.value > MANY_EVALUATIONS
    if not many or result.method == "auto" or result.status == "interrupted":
        return result
    auto = run_descent(function, start, method="auto", keep=0, **rules)
    value, gradient, hessian, *_ = auto.evaluations
    limits = [test.name for test in auto.tests if test.met and test.name in LIMIT_TESTS]
    limited = f" at the limit of {limits[0]}" if auto.status == "max_iterations" and limits else ""
    advice = Sentence(
        "{} takes {} of f, {} of its gradient and {} from this start; it ends {}{} with f = "
        "{:.7g}.",
        *(Setting("method", "auto"), count_of(value, "evaluation"), gradient),
        *(count_of(hessian, "Hessian"), auto.status, limited, auto.f),
    )
    return result._replace(advice=(*result.advice, advice))


def refuse_traces(form: Format) -> None:
    """Raise UsageError where `form` writes iterates, which have no more digits than floats."""
    if form.streams:
        raise UsageError(
            f"--digits has no place in --format {form.name}, whose rows are descent in floats;"
            f" use {values.either(offering('minimize'))}"
        )


def kept_rows(form: Format, rows: int | None, trace: bool) -> int:
    """How many iterates are kept for a report that shows them after the run."""
    if form.shows_rows:
        return KEPT_ROWS if rows is None else min(rows, KEPT_ROWS)
    return KEPT_ROWS if form.holds_trace and trace else 0


def pictured(plot: str | None, path: str | None) -> AbstractContextManager[RunPicture | None]:
    """The context of the run: the picture of --plot, its file open before the run; None without."""
    if plot is None:
        return nullcontext()
    if not plot:
        raise UsageError("--plot needs the name of a file")
    if plot == "-":
        raise UsageError("--plot -: standard output has the report; write --plot run.png")
    if plot == path:
        raise UsageError(f"--plot and --output are the same file, {brief(plot)}")
    from gdcli.cli.run_picture import RunPicture

    return RunPicture(plot)


class Follower:
    """The function called with each iterate, which writes its line, shows progress and keeps it for
    a picture.

    It `takes_again` an iterate that an interrupt may have kept from being written, and writes none
    twice.
    """

    takes_again = True

    def __init__(
        self,
        lines: IterateWriter | None,
        output: Output,
        progress: Progress | None,
        picture: RunPicture | None,
    ) -> None:
        self.lines, self.output = lines, output
        self.progress, self.picture = progress, picture
        self.written = -1  # the number of the last iterate that was

    def __call__(self, iterate: Iterate) -> None:
        if self.lines is not None and iterate.k > self.written:
            self.output.write(self.lines.row(iterate))
            self.written = iterate.k
        if self.progress is not None:
            self.progress(iterate)
        if self.picture is not None and iterate.k >= self.picture.trace.count:
            self.picture.trace.add(iterate)


COMMAND = Command(
    "minimize",
    run,
    [
        *source_params(),
        Option("--start", metavar="POINT", help="where to begin [the problem's own, or 0.9,0.8..]"),
        *descent_params(),
        Option(
            "bounds",
            "--bound",
            metavar="NAME=LOW:HIGH",
            split=True,
            help="keep a variable within bounds: x=0:10, x=0: or x=:5",
        ),
        Option("--maximize", flag=True, help="find a maximum instead"),
        Option("--stop-when", metavar="RULE",
               help='stop where RULE is true, such as "abs(df) < 1e-9"; it compares f, df, dx,'
               " gradient_norm, k, seconds"),
        Option("--max-time", metavar="TIME", read=values.max_time, help="10s, 2m, 1h or seconds"),
        Option("--escape", metavar="auto|no|N", choices=("auto", "no"), read=values.escape,
               default="auto",
               help="how many saddles a run may leave; auto is 5, with steps that adapt"),
        Option("--seed", metavar="N", read=values.count, default="0",
               help="of a start drawn at random, and of the directions in which a verdict looks"),
        *derivative_params(),
        Option("--digits", metavar="N", read=values.many_digits, help="the minimum to N digits"),
        Option("--rows", metavar="N|all", read=values.rows, default="20", help="rows of the table"),
        Option("--precision", metavar="N", read=values.digits, help="digits in cells [7 or less]"),
        Option("--trace", flag=True, help=f"the iterates in --format {TRACE_FORMATS} too"),
        Option("--explain", flag=True, help="what to try next"),
        Option("--plot", metavar="FILE", help="draw the run: png, svg, pdf, gif or html"),
        *common_params("minimize", "iterates"),
    ],
    help="Find a minimum of EXPRESSION by a method of descent.",
    examples=EXAMPLES,
    headings={
        "EXPRESSION": "--set",
        "Descent": "--start --alpha --method --bound --maximize",
        "Answer": "--format --output --plot --explain",
    },
)  # fmt: skip
