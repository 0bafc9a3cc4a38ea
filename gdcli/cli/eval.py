"""`gdcli eval`: the value at a point or at many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gdcli.cli import values
from gdcli.cli.answers import answer_many, finish_one, needs_point, point_reader
from gdcli.cli.command import Command, Option
from gdcli.cli.common import ANSWER_HEADING, SOURCE_HEADING, common_params
from gdcli.cli.output import Output
from gdcli.cli.point_files import is_many, read_one
from gdcli.cli.source import needed_source, read_function, source_options, source_params
from gdcli.derivatives.value import evaluating, values_in_floats
from gdcli.errors import UsageError
from gdcli.report.view import GradView

if TYPE_CHECKING:
    from gdcli.report.formats import Format

EXAMPLES = (
    'gdcli eval "x^2 + x*y" --at 1,2',
    'gdcli eval "x^2*y + 1/(x^2+y^2+1)" --at 1/2,-1/2 --exact --format plain',
    "gdcli eval five-well --at 4.93,-10 --digits 30",
)


def run(
    expression: str | None,
    at: str | None,
    exact: bool,
    digits: int | None,
    as_written: bool,
    form: Format,
    **common: Any,
) -> int:
    given = source_options(common)
    with Output(**common) as output:
        if exact and digits is not None:
            raise UsageError("--exact excludes --digits: fractions have no number of digits")
        source = needed_source(expression, "eval", EXAMPLES[0])
        in_floats = not exact and digits is None
        function = read_function(source, given, output.note, as_written, in_floats)
        form = form.of_answers("eval", function, output.note)
        if at is None and function.variables:
            raise needs_point(function, "eval")
        at = at or ""
        read = point_reader(function, exact, digits)
        answer = evaluating(function, exact, digits)
        view = GradView(
            function.text,
            function.variables,
            screen=output.screen,
            layout=function.layout,
            held=function.held,
            labels=function.labels,
        )
        if is_many(at):
            report = form.writers().values(view)
            at_once = values_in_floats(function) if in_floats else None
            status = answer_many(function, at, read, answer, at_once, report, output)
        else:
            found = answer(read_one(at, "--at", function, read, output.note))
            output.write(form.writers().value(found, view))
            notes = found.notes if "value" in form.bare else ()
            status = finish_one(found.error, notes, output)
        if function.engine.note:
            output.note(function.engine.note)
        return status


COMMAND = Command(
    "eval",
    run,
    [
        *source_params(),
        Option("--at", metavar="POINT", help="where: 1,2 or x=1,y=2, @points.csv, @points.npy, -"),
        Option("--exact", flag=True, help="as a fraction"),
        Option("--digits", metavar="N", read=values.many_digits, help="as a number of N digits"),
        Option("--as-written", flag=True, help="without accuracy rewrites"),
        *common_params("value"),
    ],
    help="The value of EXPRESSION, at a point or at many.",
    examples=EXAMPLES,
    headings={**SOURCE_HEADING, "Value": "--at --exact --digits", **ANSWER_HEADING},
)
