"""`gdcli show`: every stage between the text of a function and its gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gdcli.cli import values
from gdcli.cli.command import Command, Option
from gdcli.cli.common import ANSWER_HEADING, SOURCE_HEADING, common_params
from gdcli.cli.output import Output, say
from gdcli.cli.point_files import read_one
from gdcli.cli.source import needed_source, read_function, source_options, source_params
from gdcli.derivatives.value import evaluating
from gdcli.errors import UsageError
from gdcli.report.stages import GRADIENT_PASSES, MODES
from gdcli.report.view import ListingView

if TYPE_CHECKING:
    from gdcli.functions.function import Function
    from gdcli.report.formats import Format
    from gdcli.report.listing import Listing

STAGES = ("expression", "tape", "gradient", "source", "llvm", "graph")
STAGES_WITH_POINT = ("tape", "gradient", "graph")
STAGES_OF_LINES = ("source", "llvm")  # which are laid out as they are
MOST_PASSES = 20
MOST_STEPS = {True: 5_000, False: 20_000}  # that are shown, whether in a table or not
MOST_TREE_CHARACTERS = {True: 8_000_000, False: 40_000_000}  # the same, of the stage expression
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
    given = source_options(common)
    with Output(**common) as output:
        source = needed_source(expression, "show", EXAMPLES[0])
        if stage is None:
            raise UsageError(f"show needs --stage, one of {', '.join(STAGES)}")
        _refuse_what_means_nothing(stage, at, mode, after, form)
        function = read_function(source, given, output.note, as_written, floats=False)
        form = form.of_answers("show", function.layout, output.note)
        point = None if at is None else read_one(at, "--at", function, function.point, output.note)
        if point is not None and mode == "tangent" and len(point) > MOST_PASSES:
            raise UsageError(
                f"--mode tangent with --at takes a pass and a column for each variable, at most"
                f" {MOST_PASSES}; this has {len(point)}: --mode reverse needs one pass for all"
            )
        if after is not None and not function.has_loops:
            raise UsageError("--pass is for functions with sums: without loops no pass runs")
        _refuse_long(function, stage, point, mode, form)
        listing = _stage(function, stage, point, mode, after)
        about = (function.text, function.variables, point, output.screen)
        value = None if point is None else evaluating(function)(point).f
        view = ListingView(*about, layout=function.layout, f=value)
        if "listing" in form.offers:
            output.write(form.writers().listing(listing, view))
        elif listing.graph is not None:
            output.write(form.writers().graph(listing.graph, output.screen))
        if listing.message is None:
            return 0
        say(f"undefined: {listing.message}")
        return 4


def _refuse_what_means_nothing(
    stage: str, at: str | None, mode: str | None, after: str | None, form: Format
) -> None:
    if at is not None and stage not in STAGES_WITH_POINT:
        raise UsageError(f"--at is for --stage tape, gradient and graph: {stage} has no values")
    if at is not None and (at == "-" or at.startswith("@")):
        raise UsageError("show takes one point: --at 1,2")
    if mode is not None and stage != "gradient":
        raise UsageError("--mode is for --stage gradient")
    if after is not None and (stage != "gradient" or at is not None or mode is not None):
        raise UsageError("--pass is for --stage gradient, without --at and --mode")
    if "listing" not in form.offers and stage != "graph":
        raise UsageError(f"--format {form.name} is for --stage graph")


def _refuse_long(
    function: Function, stage: str, at: list[float] | None, mode: str | None, form: Format
) -> None:
    """Raises UsageError where what is shown takes many seconds to be laid out."""
    table = form.name == "table" and stage not in STAGES_OF_LINES
    if stage == "expression":
        from gdcli.report.stages.expression import drawn_width

        steps, width = len(function.expression.nodes), drawn_width(function.expression)
        if width > MOST_TREE_CHARACTERS[table]:
            raise UsageError(
                f"the tree of so long a text takes {width:,} characters, more than"
                f" {MOST_TREE_CHARACTERS[table]:,}; --stage tape has a line for each step"
            )
    else:
        whole = at is None and mode is None and stage != "graph"
        shown = function if whole else function.unrolled
        columns = len(shown.variables) if mode == "tangent" and at is not None else 1
        steps = shown.tape.size * columns
    if steps > MOST_STEPS[table]:
        most = f"more than {MOST_STEPS[table]:,}"
        if steps > MOST_STEPS[False]:
            raise UsageError(f"{steps:,} steps are too many to be shown, {most}")
        raise UsageError(f"a table of {steps:,} steps is too long, {most}; take --format json")


def _stage(
    function: Function, stage: str, at: list[float] | None, mode: str | None, after: str | None
) -> Listing:
    from gdcli.report.stages.code import llvm_stage, source_stage
    from gdcli.report.stages.expression import expression_stage
    from gdcli.report.stages.origins import with_rewrites
    from gdcli.report.stages.tape import gradient_tape_stage, tape_stage

    if stage == "expression":
        return expression_stage(function)
    whole = at is None and mode is None
    if stage == "source":
        found = source_stage(function)
    elif stage == "llvm":
        found = llvm_stage(function)
    elif function.has_loops and whole and stage == "tape":
        found = tape_stage(function)
    elif function.has_loops and whole and stage == "gradient":
        found = gradient_tape_stage(function, after)
    else:  # every value by itself, so loops are unrolled
        found = _each_value(function.unrolled, stage, at, mode or "reverse")
    return with_rewrites(function, found)


def _each_value(function: Function, stage: str, at: list[float] | None, mode: str) -> Listing:
    from gdcli.report.stages.gradient import gradient_stage
    from gdcli.report.stages.graph import graph_stage
    from gdcli.report.stages.tape import tape_stage

    if stage == "tape":
        return tape_stage(function, at)
    if stage == "graph":
        return graph_stage(function, at)
    return gradient_stage(function, at, mode)


COMMAND = Command(
    "show",
    run,
    [
        *source_params(),
        Option("--stage", metavar="STAGE", choices=STAGES, read=values.choice(*STAGES),
               help=f"which: {', '.join(STAGES)}"),
        Option("--at", metavar="POINT", help="every value and derivative there: 1,2 or x=1,y=2"),
        Option("--mode", choices=MODES, read=values.choice(*MODES),
               help="of the gradient: adjoints or forward mode [reverse]"),
        Option("after", "--pass", choices=GRADIENT_PASSES, read=values.choice(*GRADIENT_PASSES),
               help="of a gradient with sums: as it is after that pass"),
        Option("--as-written", flag=True, help="without accuracy rewrites"),
        *common_params("listing", "graph"),
    ],
    help="The stages from EXPRESSION to its gradient: tree, tape, adjoints, graph.",
    examples=EXAMPLES,
    headings={**SOURCE_HEADING, "Stage": "--stage --at --mode --pass", **ANSWER_HEADING},
)  # fmt: skip
