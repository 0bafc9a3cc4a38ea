"""Function → Picture: the library's `plot`, which draws what `gdcli plot` draws.

Comes in: a function, and what its picture is to show. Goes out: a Picture, which a notebook shows
and which is saved as a file of any ending of ENDINGS. matplotlib and plotly are imported when a
picture is drawn; UsageError says what to install where they are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from math import isfinite
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex

from gdcli.descent.minimize import minimize
from gdcli.errors import (
    FileAccessError,
    Sentence,
    Setting,
    UndefinedError,
    UsageError,
    as_argument,
    brief,
)
from gdcli.fitting.result import Fit
from gdcli.functions import arguments
from gdcli.functions.arguments import choice, key_name, made_by, public, wrong
from gdcli.functions.doubles import doubles
from gdcli.functions.layout import by_name, several_points
from gdcli.library.lookup import as_function
from gdcli.report.number_format import elided, shown_indices
from gdcli.report.pictures import ENDINGS, Motion, ending_of, notes, renderer
from gdcli.scenes import paths as scene_paths
from gdcli.scenes.kinds import PICTURE_KINDS, build, default_kind, refuse_dimensions, refuse_options
from gdcli.scenes.request import PictureRequest
from gdcli.scenes.section import Section, read_slice, section
from gdcli.scenes.window import read_window

if TYPE_CHECKING:
    from gdcli.descent.result import Result
    from gdcli.functions.data import DataSources
    from gdcli.functions.function import Coordinates, Function
    from gdcli.functions.resolved import Parameters
    from gdcli.library.lookup import FunctionSource
    from gdcli.scenes.scene import Path as ScenePath
    from gdcli.scenes.scene import Scene

MOST_PICTURE_PATHS = 6  # paths in one picture
WANTED_WINDOW = 'a text such as "x=-2:2, y=0:1", or a dict such as {"x": (-2, 2)}'
WANTED_SLICE = 'a text such as "z=0, w=1", or a dict such as {"z": 0}'


@made_by("gdcli.plot")
class Picture:
    """A picture of a function: shown by a notebook, saved by `save`; `notes` belong beside it."""

    def __init__(self, scene: Scene, motion: Motion) -> None:
        self._scene = scene
        self._motion = motion
        self.notes = notes(scene, "png", motion)

    def __repr__(self) -> str:
        return f"<gdcli.Picture of the {type(self._scene).__name__}; save it with .save('a.png')>"

    @public
    def save(self, path: str | PathLike[str]) -> None:
        """Writes the picture to a file, as its ending says: png, svg, pdf, gif or html.

        Raises UsageError for another ending and FileAccessError where the file cannot be written.
        """
        name = arguments.text(fspath(path) if isinstance(path, PathLike) else path, "path")
        content = self._drawn(ending_of(name))
        try:
            Path(name).write_bytes(content)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise FileAccessError(f"cannot write {brief(name)}: {reason}") from None

    def _drawn(self, ending: str) -> bytes:
        kind = type(self._scene).__name__
        if not ENDINGS[ending].stills and kind != "DescentScene":
            others = ", ".join(f".{name}" for name, one in ENDINGS.items() if one.stills)
            message = "a {} shows a descent over one or two variables, {}; this is for {}"
            raise UsageError(Sentence(message, ending, Setting("kind", "descent"), others))
        return renderer(ending)(self._scene, ending, self._motion)

    @cached_property
    def _png(self) -> bytes:
        return self._drawn("png")

    def _repr_png_(self) -> bytes:
        return self._png

    def _repr_html_(self) -> str:
        """The picture with its notes below it."""
        from base64 import b64encode
        from html import escape

        source = f"data:image/png;base64,{b64encode(self._png).decode()}"
        below = "".join(f"<br>{escape(str(note))}" for note in self.notes)
        return f'<figure><img src="{source}"><figcaption>{below}</figcaption></figure>'


@public
def plot(
    f: Function | FunctionSource | Fit,
    path: str | PathLike[str] | None = None,
    *,
    kind: str | None = None,
    window: str | Mapping[str, Sequence[float]] | None = None,
    at: Coordinates | None = None,
    secant: float | None = None,
    slice: str | Mapping[str, float] | None = None,
    start: Coordinates | Sequence[Coordinates] | None = None,
    alpha: str | float | Callable[[int], float] | None = None,
    method: str = "steepest",
    tolerance: float = 1e-8,
    max_iterations: int = 10_000,
    max_evaluations: int = 50_000,
    fps: float = 10.0,
    frames: int = 250,
    sizes: Mapping[str, SupportsIndex] | None = None,
    data: DataSources | None = None,
    parameters: Parameters | None = None,
) -> Picture:
    """The picture of `f` that `gdcli plot` draws; with a `path` it is written to that file too.

    `kind` is "curve", "contour", "surface", "field", "descent", "boxes", "history" or "steps", by
    default as fits the number of variables and what is given. `window` is what is shown, and of
    boxes what is searched, `at` a point with its tangent or its gradient's arrow, `secant` the
    distance of a secant from it, `slice` the variables that are held fixed. `start`, one point or a
    list of several, begins a descent, with the settings of `minimize`; without one a descent begins
    where `minimize` does. `fps` and `frames` are for files that move, gif and html. A Fit is drawn
    with its data, its bands and its residuals, by no other settings. Raises UsageError where
    matplotlib is missing.
    """
    if isinstance(f, Fit):
        settings = {"kind": kind, "window": window, "at": at, "secant": secant, "slice": slice,
                    "start": start, "alpha": alpha, "sizes": sizes, "data": data,
                    "parameters": parameters}  # fmt: skip
        return _plot_fit(f, path, [name for name, one in settings.items() if one is not None])
    function = as_function(f, sizes=sizes, data=data, parameters=parameters)
    name = None
    if path is not None:
        name = arguments.text(fspath(path) if isinstance(path, PathLike) else path, "path")
        renderer(ending_of(name))  # which says what is missing before anything is computed
    else:
        renderer("png")
    frame_rate = arguments.number(fps, "fps", "a number of frames a second", lambda n: n > 0)
    motion = Motion(frame_rate, arguments.whole(frames, "frames", 2))
    groups = {"at": at, "secant": secant, "window": window, "slice": slice}
    asked = {
        as_argument(Setting(name)): name for name, value in groups.items() if value is not None
    }
    asked |= {"start": "descent"} if start is not None else {}
    asked |= {"alpha": "descent"} if alpha is not None else {}
    fixed = read_slice(_pairs(slice, "slice", WANTED_SLICE), function, "slice")
    part = section(function, fixed)
    moves = name is not None and ending_of(name) == "gif"
    chosen = default_kind(len(part.free), [*asked.values(), *["descent"] * moves])
    if kind is not None:
        chosen = choice(kind, "kind", PICTURE_KINDS)
    refuse_dimensions(chosen, function, part.free)
    refuse_options(chosen, asked)
    drawn = _pairs(window, "window", WANTED_WINDOW)
    request = PictureRequest(
        section=part,
        window=read_window(drawn, function.components, part.names, "window"),
        at=None if at is None else _drawn_point(part, at),
        secant=None if secant is None else arguments.number(secant, "secant", "a number", bool),
    )
    if (chosen == "steps" or secant is not None) and at is None:
        raise UsageError(f"the picture needs the point `at`, values of {', '.join(part.names)}")
    if PICTURE_KINDS[chosen].descends:
        settings = {"method": method, "tolerance": tolerance}
        settings |= {"max_iterations": max_iterations, "max_evaluations": max_evaluations}
        request = _with_descents(request, start, "auto" if alpha is None else alpha, settings)
    picture = Picture(build(chosen, request), motion)
    if name is not None:
        picture.save(name)
    return picture


def _plot_fit(fit: Fit, path: str | PathLike[str] | None, given: Sequence[str]) -> Picture:
    from gdcli.scenes.fits import picture_of

    if given:
        raise UsageError(f"`{given[0]}` has no place in the picture of a fit")
    renderer("png")
    picture = Picture(picture_of(fit), Motion())
    if path is not None:
        picture.save(path)
    return picture


def _with_descents(
    request: PictureRequest, start: Any, alpha: Any, settings: Mapping[str, Any]
) -> PictureRequest:
    """The request with a descent from each start."""
    function = request.section.function
    starts = [None] if start is None else several_points(start)
    if not 1 <= len(starts) <= MOST_PICTURE_PATHS:
        raise UsageError(f"a picture shows 1 to {MOST_PICTURE_PATHS} descents, not {len(starts)}")
    paths: list[ScenePath] = []
    for one in starts:
        result = minimize(function, one, alpha=alpha, **settings)
        if not any(isfinite(row.f) for row in result.trace):
            raise UndefinedError(result.message)
        label = run_label(result, len(starts) > 1, False)
        total = len(result.trace) + result.dropped
        ending = (result.status, result.message)
        paths.append(scene_paths.path(function, result.trace, total, label, *ending))
    return request._replace(paths=tuple(paths), rule=rule_of(result))


def run_label(result: Result, starts: bool, sizes: bool) -> str:
    """The start and the step size of a run, as far as they differ from run to run."""
    shown = [f"{result.start[place]:.4g}" for place in shown_indices(len(result.start))]
    point = ", ".join(elided(shown, len(result.start)))
    return ", ".join([f"from ({point})"] * starts + [rule_of(result)] * sizes)


def rule_of(result: Result) -> str:
    """The method of a run, if it is not the default, and its rule of steps, as `α = 0.03`."""
    alpha = result.alpha if isinstance(result.alpha, str) else f"{result.alpha:.6g}"
    method = [result.method] * (result.method != "steepest")
    return ", ".join([*method, *[f"α = {alpha}"] * (alpha != "auto" or not method)])


def _drawn_point(part: Section, at: Any) -> tuple[float, ...]:
    """The values of the variables drawn, in order or by name."""
    if isinstance(at, str):
        return part.read(at, "at")
    named = by_name(at)
    values: Any = [named.get(name) for name in part.names] if named else at
    found = doubles(values, "at").ravel()
    if len(found) != len(part.names) or (named and len(named) != len(part.names)):
        raise wrong("at", f"a value for each of {', '.join(part.names)}", at)
    return tuple(found.tolist())


def _pairs(given: Any, argument: str, wanted: str) -> str | None:
    """The text of a window or a slice that may be given as a dict."""
    if given is None or isinstance(given, str):
        return given
    if not isinstance(given, Mapping) or not given:
        raise wrong(argument, wanted, given)
    pieces = []
    for name, value in given.items():
        numbers = doubles(value, f"{argument} of {brief(key_name(name))}", UsageError).ravel()
        if len(numbers) != (2 if argument == "window" else 1):
            raise wrong(argument, wanted, given)
        pieces.append(f"{key_name(name)}={':'.join(map(repr, numbers.tolist()))}")
    return ",".join(pieces)
