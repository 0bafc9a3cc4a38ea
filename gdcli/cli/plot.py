"""`gdcli plot`: pictures of a function and of descents on it, in the terminal or to a file."""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from gdcli.cli import values
from gdcli.cli.command import Command, Option
from gdcli.cli.common import derivative_params, descent_params, output_params
from gdcli.cli.options import as_option
from gdcli.cli.output import Output
from gdcli.cli.point_files import note_order_of, read_text
from gdcli.cli.source import needed_source, read_function, source_options, source_params
from gdcli.descent.search import SEARCHES
from gdcli.errors import UsageError, brief, formatted
from gdcli.report.pictures import ENDINGS, FileEnding, Motion, ending_of, notes, renderer
from gdcli.scenes.kinds import PICTURE_KINDS, build, default_kind, refuse_dimensions, refuse_options
from gdcli.scenes.request import PictureRequest
from gdcli.scenes.section import Section, read_slice, section
from gdcli.scenes.window import read_window

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from gdcli.cli.traces import Runs
    from gdcli.functions.function import Function
    from gdcli.scenes.scene import Scene

EXAMPLES = (
    "gdcli plot five-well",
    "gdcli plot sphere --start 0.9,0.9 --alpha 0.3 -o sphere.gif",
    'gdcli plot "x^4-x^3-6x^2" --at -0.5 --secant 0.4 -o secant.png',
)
TERMINAL = "terminal"
MOST_COLUMN_DIGITS = 9  # of COLUMNS, far beyond every picture; Python reads no number of thousands
FORMS = {TERMINAL: FileEnding("terminal", ""), **ENDINGS}
PLAYING_ENDINGS = [name for name, ending in ENDINGS.items() if ending.plays]
RUN_PARAMS = [*descent_params(), *derivative_params()]
RUN_OPTIONS = [str(option.name) for option in RUN_PARAMS if not option.is_flag]
# The options of the group `descent`, as run() calls them, in the order in which one is refused.
DESCENT_OPTIONS = tuple(dict.fromkeys(["start", "alpha", "compare_alpha", *RUN_OPTIONS, "trace"]))
MOTION_OPTIONS = ("fps", "frames")
OPTION_GROUPS = {
    **{"at": "at", "secant": "secant", "window": "window", "held": "slice"},
    **dict.fromkeys(DESCENT_OPTIONS, "descent"),
    **dict.fromkeys(MOTION_OPTIONS, "motion"),
}
OPTION_NAMES = {"held": "--slice", "trace": "--from"}  # where it is not that of the parameter


def run(
    expression: str | None,
    kind: str | None,
    as_written: bool,
    form: str | None,
    path: str | None,
    **rest: Any,
) -> int:
    # before NumPy comes: to start its threads takes 40 ms, and no picture has work for them
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    given, options = source_options(rest), {name: rest.pop(name) for name in OPTION_GROUPS}
    if path == "":
        raise UsageError("--output needs the name of a file")
    form = _form(form, path)
    draw = None if form == TERMINAL else renderer(form)
    with Output(path=path, **rest) as output:
        motion = _motion(form, options)
        if draw is not None and output.terminal:
            raise UsageError(f"a {form} is nothing for a terminal to show: write it with -o FILE")
        if expression is None and options["trace"] is not None:
            if given.settings or given.sizes or given.data or given.columns or as_written:
                raise UsageError("--from alone has no function for --set, --data or --as-written")
            scene, status = _trace_alone(kind, form, options), 0
        else:
            source = needed_source(expression, "plot", EXAMPLES[0])
            function = read_function(source, given, output.note, as_written)
            scene, status = _scene(function, kind, form, options, output)
        scene = scene._replace(notes=tuple(formatted(note, as_option) for note in scene.notes))
        if status and draw is not None:
            output.note("interrupted: the picture of the run so far is being drawn")
        if draw is None:
            output.write(in_terminal(scene, output))
        else:
            output.write_bytes(draw(scene, form, motion))
        for note in notes(scene, None if draw is None else form, motion):
            output.note(note)
        return status


def _form(form: str | None, path: str | None) -> str:
    """The form of the picture: that of --format, else the file's ending, else the terminal.

    Raises UsageError where the two disagree; a file name with another ending, or none, may hold any
    form.
    """
    if form is None:
        return TERMINAL if path is None or path.lower().endswith(".txt") else ending_of(path)
    name = PurePath(path or "")
    ending = name.suffix.lower().removeprefix(".")
    if ending in ENDINGS and ending != form:
        right = name.with_suffix(".txt" if form == TERMINAL else f".{form}")
        raise UsageError(
            f"--format {form} and -o {brief(str(name))} say two things; write"
            f" -o {brief(str(right))}, or --format {ending}"
        )
    return form


def _motion(form: str, options: Mapping[str, Any]) -> Motion:
    """The motion of a picture. Raises UsageError for --fps and --frames where nothing moves."""
    given = {name: options[name] for name in MOTION_OPTIONS if options[name] is not None}
    if given and not FORMS[form].plays:
        files = " or ".join(f"FILE.{name}" for name in PLAYING_ENDINGS)
        raise UsageError(
            f"{option_name(next(iter(given)))} belongs to pictures that move: -o {files}"
        )
    return Motion(**given)


def _scene(
    function: Function,
    kind: str | None,
    form: str,
    options: Mapping[str, Any],
    output: Output,
) -> tuple[Scene, int]:
    """The scene of a picture, and the exit status, which is not 0 after an interrupted descent."""
    given = _given_options(options)
    fixed = read_slice(options["held"], function, "--slice")
    part = section(function, fixed)
    if kind is None:
        groups = [*given.values(), *([] if FORMS[form].stills else ["descent"])]
        kind = default_kind(len(part.free), groups)
    _refuse_stills(kind, form)
    refuse_dimensions(kind, function, part.free)
    refuse_options(kind, given)
    at = None if options["at"] is None else read_text(options["at"], "--at", part.read)
    free = [name for name in function.variables if name in part.names]
    note_order_of(options["at"] or "", function, output.note, free)
    _refuse_missing(kind, at, options, part)
    window = ",".join(options["window"]) if options["window"] else None
    request = PictureRequest(
        section=part,
        window=read_window(window, function.components, part.names, "--window"),
        at=at,
        secant=options["secant"],
    )
    if PICTURE_KINDS[kind].descends:
        runs = _runs(function, options, output.note)
        request = request._replace(paths=runs.paths, rule=runs.rule)
        return build(kind, request), runs.status
    if kind != "boxes" or not output.shows_progress(streams=False):
        return _built(kind, request)
    from gdcli.cli.progress import Progress, search_words

    progress = Progress(search_words)
    try:
        return _built(kind, request._replace(watch=progress))
    finally:
        progress.clear()


def _built(kind: str, request: PictureRequest) -> tuple[Scene, int]:
    """The scene, and the exit status, which is not 0 after an interrupted proof."""
    scene = build(kind, request)
    return scene, 130 if getattr(scene, "interrupted", False) else 0


def _refuse_stills(kind: str, form: str) -> None:
    if not FORMS[form].stills and "motion" not in PICTURE_KINDS[kind].takes:
        others = ", ".join(f".{name}" for name, ending in ENDINGS.items() if ending.stills)
        stays = f"the {kind} {'are' if kind.endswith('s') else 'is'} a picture for {others}"
        raise UsageError(f"a {form} shows a descent as it moves, --kind descent; {stays}")


def _refuse_missing(
    kind: str, at: tuple[float, ...] | None, options: Mapping[str, Any], part: Section
) -> None:
    names = ", ".join(part.names)
    if kind == "steps" and at is None:
        raise UsageError(f"--kind steps needs --at POINT, the values of {names}")
    if options["secant"] is not None and at is None:
        raise UsageError(f"--secant needs --at POINT, where it begins: a value of {names}")


def _runs(function: Function, options: Mapping[str, Any], note: Callable[[str], None]) -> Runs:
    """The descents of a picture, read from a trace or made now."""
    from gdcli.cli.traces import Runs, descend, read_paths

    given = {name: options[name] for name in DESCENT_OPTIONS if _is_given(options[name])}
    if "trace" in given:
        _refuse_beside_trace(given)
        return Runs((read_paths(options["trace"], function)[1],), "", 0)
    return descend(function, note, **given)


def _refuse_beside_trace(given: Collection[str]) -> None:
    others = [name for name in DESCENT_OPTIONS if name in given and name != "trace"]
    if others:
        raise UsageError(
            f"--from draws a run that has been made: {option_name(others[0])} has no place beside"
            " it"
        )


def _trace_alone(kind: str | None, form: str, options: Mapping[str, Any]) -> Scene:
    """The history of a trace whose function is not given."""
    if kind not in (None, "history") or not FORMS[form].stills:
        raise UsageError(
            "--from alone has a history to show, no function: give that too,"
            " as in gdcli plot EXPRESSION --from FILE --kind descent"
        )
    refuse_options("history", _given_options(options))
    _refuse_beside_trace({name for name in DESCENT_OPTIONS if _is_given(options[name])})
    from gdcli.cli.traces import read_paths
    from gdcli.scenes.descents import history_of

    name, path = read_paths(options["trace"], None)
    return history_of(name, (path,))


def in_terminal(scene: Scene, output: Output) -> str:
    """The picture as text, as large as the terminal; without one COLUMNS may give the width."""
    from gdcli.report.pictures.terminal import drawn

    screen, height = output.screen, None
    if output.terminal:
        from shutil import get_terminal_size

        height = get_terminal_size().lines
    elif (columns := os.environ.get("COLUMNS", "")).isdecimal():
        screen = screen._replace(width=int(columns[:MOST_COLUMN_DIGITS]))
    return drawn(scene, screen, height)


def _given_options(options: Mapping[str, Any]) -> dict[str, str]:
    """The groups of the options that were given, by the option's name as it is written."""
    return {
        option_name(name): group
        for name, group in OPTION_GROUPS.items()
        if _is_given(options[name])
    }


def _is_given(value: object) -> bool:
    return value is not None and value != []


def option_name(name: str) -> str:
    return OPTION_NAMES.get(name, "--" + name.replace("_", "-"))


def _as_given(options: list[Option]) -> list[Option]:
    """The options without their defaults, so that an option can be refused that was given and means
    nothing for the kind of picture.
    """
    for option in options:
        if not option.is_flag:
            option.default = None
    return options


COMMAND = Command(
    "plot",
    run,
    [
        *source_params(),
        Option("--kind", metavar="K", choices=tuple(PICTURE_KINDS),
               read=values.choice(*PICTURE_KINDS),
               help=f"{', '.join(PICTURE_KINDS)} [by the number of variables]"),
        Option("--at", metavar="POINT", help="a point: its tangent, or its gradient's arrow"),
        Option("--secant", metavar="H", read=values.difference,
               help="the secant from --at to H further, of a curve"),
        Option("--window", metavar="W", multiple=True, help="what is shown: x=-25:25,y=-25:25"),
        Option("held", "--slice", metavar="S", help="variables held fixed: z=0,w=1"),
        Option("--start", metavar="POINT", multiple=True,
               help="where a descent begins; again for another beside it"),
        Option("--compare-alpha", metavar="A,B", choices=("auto", *SEARCHES),
               read=values.step_sizes, help="descents side by side, one for each step size"),
        Option("trace", "--from", metavar="FILE",
               help="a descent that minimize --format jsonl wrote"),
        *_as_given(RUN_PARAMS),
        Option("--fps", metavar="N", read=values.rate,
               help=f"frames a second, of {' and '.join(PLAYING_ENDINGS)} [{Motion().fps:g}]"),
        Option("--frames", metavar="N", read=values.frames,
               help=f"frames at most, of {' and '.join(PLAYING_ENDINGS)} [{Motion().frames}]"),
        Option("form", "--format", choices=tuple(FORMS), read=values.choice(*FORMS),
               help="what is made [by FILE's ending]"),
        *output_params(),
    ],
    help="Draw EXPRESSION: its curve or surface, and descents on it.",
    examples=EXAMPLES,
    headings={
        "EXPRESSION": "--set",
        "Picture": "--kind --at --window --slice --format --output",
        "Descents": "--start --alpha --compare-alpha",
    },
)  # fmt: skip
