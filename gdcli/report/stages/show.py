"""Function, stage → Listing: the library's `show`, which `gdcli show` prints.

Comes in: a Function and the name of a stage between its text and its gradient. Goes out: the
Listing of that stage. UsageError says what means nothing, and what would take many seconds to be
laid out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, SupportsIndex

from gdcli.errors import Sentence, Setting, UsageError
from gdcli.functions.arguments import choice, public, text
from gdcli.library.lookup import as_function
from gdcli.numbers.linear_algebra import as_list
from gdcli.report.stages import MODES, PASS_NAMES, REVERSE, STAGE_PASSES, STAGES, UNITS_STAGE

if TYPE_CHECKING:
    from gdcli.functions.data import DataSources
    from gdcli.functions.function import Coordinates, Function
    from gdcli.functions.resolved import Parameters
    from gdcli.library.lookup import FunctionSource
    from gdcli.report.listing import Listing

STAGES_WITH_POINT = ("tape", "gradient", "graph")
STAGES_OF_LINES = ("source", "llvm")  # which are laid out as they are
MOST_PASSES = 20
MOST_STEPS = {True: 5_000, False: 20_000}  # that are shown, whether in a table or not
MOST_TREE_CHARACTERS = {True: 8_000_000, False: 40_000_000}  # the same, of the stage expression


@public
def show(
    f: Function | FunctionSource,
    stage: str = "tape",
    *,
    at: Coordinates | None = None,
    mode: str | None = None,
    after: str | None = None,
    sizes: Mapping[str, SupportsIndex] | None = None,
    data: DataSources | None = None,
    parameters: Parameters | None = None,
) -> Listing:
    """A stage between the text of `f` and its gradient, as `gdcli show` prints it.

    `stage` is "expression", "tape", "gradient", "source", "llvm" or "graph"; with `at` the tape,
    the gradient and the graph have every value there. The stage "units" is that of a model such as
    "y ~ a*exp(-b*x)", whose columns are named by `data`. `mode` of the gradient is "reverse" or
    "tangent"; `after` names a pass, of the tape or the gradient of a function with sums. The
    Listing has `columns`, `rows`, `text` and `content`. Raises UsageError for what means nothing or
    is too long to be shown.
    """
    if choice(stage, "stage", (*STAGES, UNITS_STAGE)) == UNITS_STAGE:
        refuse_meaningless(stage, at is not None, mode, after)
        from gdcli.report.stages.units import model_of_units, units_stage

        written = text(f, "f", 'a model as a text, such as "y ~ a*exp(-b*x)"')
        return units_stage(model_of_units(written, data, parameters, sizes)[0])
    function = as_function(f, sizes=sizes, data=data, parameters=parameters)
    for value, argument, allowed in ((mode, "mode", MODES), (after, "after", PASS_NAMES)):
        if value is not None:
            choice(value, argument, allowed)
    refuse_meaningless(stage, at is not None, mode, after)
    point = None if at is None else as_list(function.point(at))
    return stage_listing(function, stage, point, mode, after, table=False)


def refuse_meaningless(stage: str, pointed: bool, mode: str | None, after: str | None) -> None:
    """Raises UsageError for a setting that the stage does not have."""
    gradient = Setting("stage", "gradient")
    if pointed and stage not in STAGES_WITH_POINT:
        message = "{} is for {}, gradient and graph: {} has no values"
        raise UsageError(Sentence(message, Setting("at"), Setting("stage", "tape"), stage))
    if mode is not None and stage != "gradient":
        raise UsageError(Sentence("{} is for {}", Setting("mode"), gradient))
    if after is None:
        return
    passes = STAGE_PASSES.get(stage, ())
    if not passes or pointed or mode is not None:
        message = "{} is for {} and {}, without {} and {}"
        settings = Setting("stage", "tape"), gradient, Setting("at"), Setting("mode")
        raise UsageError(Sentence(message, Setting("after"), *settings))
    if after not in passes:
        message = "{} has the passes {}; {} is one of {}"
        other = Setting("stage", "gradient" if stage == "tape" else "tape")
        raise UsageError(
            Sentence(message, Setting("stage", stage), ", ".join(passes), after, other)
        )


def stage_listing(
    function: Function,
    stage: str,
    at: list[float] | None,
    mode: str | None,
    after: str | None,
    table: bool,
) -> Listing:
    """The Listing of a stage, to be laid out in a `table` or not."""
    if at is not None and mode == "tangent" and len(at) > MOST_PASSES:
        message = (
            "{} with {} takes a pass and a column for each variable, at most {};"
            " this has {}: {} needs one pass for all"
        )
        modes = Setting("mode", "tangent"), Setting("at"), MOST_PASSES, len(at)
        raise UsageError(Sentence(message, *modes, Setting("mode", REVERSE)))
    if after is not None and not function.has_loops:
        message = "{} is for functions with sums: without loops no pass runs"
        raise UsageError(Sentence(message, Setting("after")))
    _refuse_long(function, stage, at, mode, table and stage not in STAGES_OF_LINES)
    return _stage(function, stage, at, mode, after)


def _refuse_long(
    function: Function, stage: str, at: list[float] | None, mode: str | None, table: bool
) -> None:
    """Raises UsageError where what is shown takes many seconds to be laid out."""
    if stage == "expression":
        from gdcli.report.stages.expression import drawn_width

        steps, width = len(function.expression.nodes), drawn_width(function.expression)
        if width > MOST_TREE_CHARACTERS[table]:
            message = (
                "the tree of so long a text takes {:,} characters, more than {:,};"
                " {} has a line for each step"
            )
            most = MOST_TREE_CHARACTERS[table]
            raise UsageError(Sentence(message, width, most, Setting("stage", "tape")))
    else:
        whole = at is None and mode is None and stage != "graph"
        shown = function if whole else function.unrolled
        columns = len(shown.variables) if mode == "tangent" and at is not None else 1
        steps = shown.tape.size * columns
    if steps > MOST_STEPS[table]:
        most_steps = f"more than {MOST_STEPS[table]:,}"
        if steps > MOST_STEPS[False]:
            raise UsageError(f"{steps:,} steps are too many to be shown, {most_steps}")
        message = "a table of {:,} steps is too long, {}; take {}"
        raise UsageError(Sentence(message, steps, most_steps, Setting("format", "json")))


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
        found = tape_stage(function, after=after)
    elif function.has_loops and whole and stage == "gradient":
        found = gradient_tape_stage(function, after)
    else:  # every value by itself, so loops are unrolled
        found = _each_value(function.unrolled, stage, at, mode or REVERSE)
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
