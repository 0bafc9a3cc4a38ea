"""`gdcli show`: every stage between the text of a function and its gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gdcli.cli import values
from gdcli.cli.command import Command, Option
from gdcli.cli.common import ANSWER_HEADING, SOURCE_HEADING, common_params
from gdcli.cli.output import Output, say
from gdcli.cli.point_files import read_one
from gdcli.cli.source import (
    SourceOptions,
    given_data,
    needed_source,
    read_function,
    source_options,
    source_params,
)
from gdcli.derivatives.value import evaluating
from gdcli.errors import UsageError
from gdcli.report.stages import MODES, PASS_NAMES, STAGES, UNITS_STAGE
from gdcli.report.view import ListingView

if TYPE_CHECKING:
    from gdcli.report.formats import Format
    from gdcli.report.listing import Listing

ALL_STAGES = (*STAGES, UNITS_STAGE)
EXAMPLES = (
    'gdcli show "sin(x)*y + sin(x)" --stage tape',
    'gdcli show "x*(x+y)" --stage gradient --at 2,3',
    'gdcli show "x*(x+y)" --stage graph --at 2,3 --format dot',
)


def run(
    expression: str | None,
    stage: str | None,
    at: str | None,
    mode: str | None,
    after: str | None,
    as_written: bool,
    form: Format,
    **common: Any,
) -> int:
    from gdcli.report.stages.show import stage_listing

    given = source_options(common)
    with Output(**common) as output:
        source = needed_source(expression, "show", EXAMPLES[0])
        if stage is None:
            raise UsageError(f"show needs --stage, one of {', '.join(ALL_STAGES)}")
        _refuse_what_means_nothing(stage, at, mode, after, form)
        if stage == UNITS_STAGE:
            listing, view = _units(source, given, output)
            form = form.of_answers("show", None, output.note, (listing, view))
            output.write(form.writers().listing(listing, view))
            return 0
        function = read_function(source, given, output.note, as_written, floats=False)
        point = None if at is None else read_one(at, "--at", function, function.point, output.note)
        table = form.name == "table"
        listing = stage_listing(function, stage, point, mode, after, table)
        about = (function.text, function.variables, point, output.screen)
        value = None if point is None else evaluating(function)(point)
        if value is not None and listing.message is None:
            listing = listing._replace(message=value.message)
        f = None if value is None else value.f
        view = ListingView(
            *about, layout=function.layout, f=f, held=function.held, labels=function.labels
        )
        if "listing" in form.offers:
            form = form.of_answers("show", function, output.note, (listing, view), at=at)
            output.write(form.writers().listing(listing, view))
        elif listing.graph is not None:
            output.write(form.writers().graph(listing.graph, output.screen))
        if listing.message is None:
            return 0
        say(f"undefined: {listing.message}")
        return 4


def _units(source: str, given: SourceOptions, output: Output) -> tuple[Listing, ListingView]:
    """The listing of the units of a model, and the view of it."""
    from gdcli.report.stages.units import model_of_units, units_stage

    held, sizes = values.once(given.settings, "--set"), values.once(given.sizes, "--size")
    model, note = model_of_units(source, given_data(given), held, sizes)
    if note is not None:
        output.note(note)
    view = ListingView(model.text, model.variables, screen=output.screen, held=model.right.held)
    return units_stage(model), view


def _refuse_what_means_nothing(
    stage: str, at: str | None, mode: str | None, after: str | None, form: Format
) -> None:
    from gdcli.report.stages.show import refuse_meaningless

    refuse_meaningless(stage, at is not None, mode, after)
    if at is not None and (at == "-" or at.startswith("@")):
        raise UsageError("show takes one point: --at 1,2")
    if "listing" not in form.offers and stage != "graph":
        raise UsageError(f"--format {form.name} is for --stage graph")


COMMAND = Command(
    "show",
    run,
    [
        *source_params(),
        Option("--stage", metavar="STAGE", choices=ALL_STAGES,
               read=values.choice(*ALL_STAGES), help=f"which: {', '.join(ALL_STAGES)}"),
        Option("--at", metavar="POINT", help="every value and derivative there: 1,2 or x=1,y=2"),
        Option("--mode", choices=MODES, read=values.choice(*MODES),
               help="of the gradient: adjoints or forward mode [reverse]"),
        Option("after", "--pass", choices=PASS_NAMES, read=values.choice(*PASS_NAMES),
               help="as after"),
        Option("--as-written", flag=True, help="without accuracy rewrites"),
        *common_params("listing", "graph"),
    ],
    help="The stages from EXPRESSION to its gradient: tree, tape, adjoints, graph.",
    examples=EXAMPLES,
    headings={**SOURCE_HEADING, "Stage": "--stage --at --mode --pass", **ANSWER_HEADING},
)  # fmt: skip
