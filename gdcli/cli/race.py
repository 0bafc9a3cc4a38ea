"""`gdcli race`: methods of descent side by side, on one function or on a family."""

from __future__ import annotations

from typing import Any

from gdcli.cli import values
from gdcli.cli.command import Command, Option, pieces_between_commas
from gdcli.cli.common import ANSWER_HEADING, common_params, descent_params
from gdcli.cli.minimize import pictured
from gdcli.cli.output import Output
from gdcli.cli.point_files import read_start
from gdcli.cli.source import needed_source, read_function, source_options, source_params
from gdcli.descent.alpha import WrittenAlpha
from gdcli.descent.iterate import KEPT_ROWS
from gdcli.descent.methods import DESCENT_METHODS
from gdcli.descent.race import (
    FAMILY_METHODS,
    RACED_METHODS,
    Race,
    RaceRun,
    family_members,
    of_a_race,
    raced,
    raced_methods,
    varied_values,
)
from gdcli.errors import UsageError, brief
from gdcli.functions.function import Function
from gdcli.report.formats import Format
from gdcli.report.pictures.plot import MOST_PICTURE_PATHS
from gdcli.report.view import STANDARD_WIDTH, ListingView
from gdcli.scenes.paths import path
from gdcli.scenes.scene import Path

EXAMPLES = (
    "gdcli race rosenbrock",
    'gdcli race "x^4 + y^2 - x*y" --methods newton,lbfgs --format csv',
    'gdcli race "x^2 + a*y^2" --vary a=1,10,100 --start 1,1',
)


def run(
    expression: str | None,
    start: str | None,
    methods: list[str] | None,
    vary: list[list[tuple[str, str]]],
    alpha: WrittenAlpha,
    plot: str | None,
    as_written: bool,
    form: Format,
    **common: Any,
) -> int:
    given = source_options(common)
    limits = ("tolerance", "max_iterations", "max_evaluations")
    rules = {name: common.pop(name) for name in limits}
    rules |= {"alpha": alpha.value, "label": alpha.label}
    with Output(**common) as output, pictured(plot, common["path"]) as picture:
        output.outlives_reader = picture is not None
        source = needed_source(expression, "race", EXAMPLES[0])
        texts = values.once([one for pieces in vary for one in pieces], "--vary")
        varied = {name: varied_values(name, text) for name, text in texts.items()}
        if both := [name for name, _ in given.settings if name in varied]:
            raise UsageError(f"--set and --vary both give `{brief(both[0])}`")
        names = raced_methods(methods, bool(varied))
        family: list[tuple[dict[str, float | str], Function]] = []
        for member in family_members(varied, len(names)):
            settings = [*given.settings, *((name, str(value)) for name, value in member.items())]
            note: Any = str if family else output.note  # every member is read alike
            with of_a_race(varied):
                function = read_function(
                    source, given._replace(settings=settings), note, as_written
                )
            family.append((member, function))
        function = family[0][1]
        kind = "history" if varied else None  # the members of a family have each their contours
        if picture is not None:
            if len(family) * len(names) > MOST_PICTURE_PATHS:
                raise UsageError(f"--plot draws at most {MOST_PICTURE_PATHS} runs")
            picture.check(function, kind)
        point = None if start is None else read_start(start, function, output.note)
        keep = 0 if picture is None else KEPT_ROWS
        race = Race(raced(family, names, point, keep=keep, **rules))
        from gdcli.report.race import race_listing

        screen = output.screen
        screen = screen._replace(width=screen.width or STANDARD_WIDTH)  # in a pipe as on a page
        found = race_listing(race, screen)
        about = (function.text, function.variables, None, screen, "race")
        held = {name: one for name, one in function.held.items() if name not in varied}
        view = ListingView(*about, layout=function.layout, held=held, labels=function.labels)
        form = form.of_answers("race", function, output.note, (found, view))
        output.write(form.writers().listing(found, view))
        if picture is not None:
            paths = [path_of(one, len(names) > 1) for one in race.runs if one.result.trace]
            for sentence in picture.draw_paths(function, paths, kind=kind):
                output.note(sentence)
        return race.exit_status


def path_of(run: RaceRun, methods: bool) -> Path:
    """The path of a run, labelled by the parameters that vary, and by one of several methods."""
    result = run.result
    label = [
        f"{name}={value:.4g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in run.varied.items()
    ]
    label += [result.method] * (methods or not label)
    total = len(result.trace) + result.dropped
    ending = (result.status, result.message)
    return path(run.function, result.trace, total, ", ".join(label), *ending)


def read_methods(text: str, option: str) -> list[str]:
    """Read names of methods with commas between them."""
    return [values.method(name.strip(), option) for name in text.split(",")]


def read_varied(text: str, option: str) -> list[tuple[str, str]]:
    """Read `a=1,2,3` or `a=0:1:0.1,b=1,2` as names and texts of values."""
    found: list[tuple[str, str]] = []
    try:
        for piece in pieces_between_commas([text]):
            if "=" in piece or not found:
                found.append(values.setting(piece, option))
            else:
                found[-1] = (found[-1][0], f"{found[-1][1]},{piece}")
    except UsageError:
        wanted = "a name and its values, such as a=1,2,3 or a=0:1:0.1"
        raise values.wrong(option, wanted, text) from None
    return found


COMMAND = Command(
    "race",
    run,
    [
        *source_params(),
        Option("--methods", metavar="M,M", choices=tuple(DESCENT_METHODS), read=read_methods,
               help=f"[{','.join(RACED_METHODS)}; with --vary {','.join(FAMILY_METHODS)}]"),
        Option("--vary", metavar="NAME=VALUES", read=read_varied, multiple=True,
               help="a run for each value: a=1,2,3 or a=low:high:step"),
        Option("--start", metavar="POINT", help="where to begin [the problem's own, or 0.9,0.8..]"),
        *(one for one in descent_params() if "--method" not in one.opts),
        Option("--as-written", flag=True, help="without accuracy rewrites"),
        Option("--plot", metavar="FILE", help="draw the runs together: png, svg, pdf, gif or html"),
        *common_params("listing"),
    ],
    help="Methods of descent side by side: evaluations and time to come near, order, verdict.",
    examples=EXAMPLES,
    headings={
        "EXPRESSION": "--set",
        "Race": "--methods --vary --start --alpha --plot",
        **ANSWER_HEADING,
    },
)  # fmt: skip
