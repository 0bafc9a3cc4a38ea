"""`--plot FILE` of minimize, race and fit: a picture of the run, drawn beside its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite

from gdcli.cli.options import as_option
from gdcli.cli.whole_file import WholeFile
from gdcli.descent.iterate import KEPT_ROWS, Trace
from gdcli.descent.result import Result
from gdcli.errors import Sentence, UndefinedError, UsageError, formatted
from gdcli.functions.function import Function
from gdcli.report.pictures import ENDINGS, Motion, ending_of, renderer
from gdcli.report.pictures.plot import rule_of
from gdcli.scenes.kinds import build, default_kind
from gdcli.scenes.paths import path
from gdcli.scenes.request import PictureRequest
from gdcli.scenes.scene import Path, Scene
from gdcli.scenes.section import section
from gdcli.scenes.window import AxisBounds

PLOT_OPTION = "--plot"
NO_BOUNDS: Mapping[int, AxisBounds] = {}


class RunPicture:
    """A file that becomes the picture of a run; it is opened, or refused, before the run.

    `trace` takes the run's iterates as they happen.
    """

    def __init__(self, name: str) -> None:
        self._ending = ending_of(name)
        self._render = renderer(self._ending)
        self._name = name
        self._drawn = False
        self.trace = Trace(0, 0)

    def __enter__(self) -> RunPicture:
        self._file = WholeFile(self._name, PLOT_OPTION)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        """Keep the file if the picture was drawn, else remove it."""
        self._file.finish(keep=kind is None and self._drawn)

    def check(self, function: Function, kind: str | None = None) -> None:
        """Make room for the iterates. Raises UsageError where such a file cannot show the run."""
        self.trace = Trace(KEPT_ROWS, function.layout.size)
        count = len(function.components)
        kind = kind or default_kind(count, ["descent"])
        if not ENDINGS[self._ending].stills and kind != "descent":
            raise UsageError(
                f"{PLOT_OPTION}: a {self._ending} shows paths over one or two variables of one"
                " function; a .png shows how f falls"
            )

    def draw(self, function: Function, result: Result) -> tuple[str, ...]:
        """Write the picture of the run to the file, and return the notes on it."""
        rows = self.trace.rows()
        total, status, up = self.trace.count, result.status, result.maximize
        paths = (path(function, rows, total, status=status, maximize=up),) if rows else ()
        box, bounds = result.bounds, {}
        if box is not None:  # a variable with one value has no axis within its bounds
            ends = enumerate(zip(box.low, box.high, strict=True))
            bounds = {number: (low, high) for number, (low, high) in ends if low < high}
        return self.draw_paths(function, paths, rule_of(result), bounds=bounds)

    def draw_paths(
        self,
        function: Function,
        paths: Sequence[Path],
        rule: str = "",
        kind: str | None = None,
        bounds: Mapping[int, AxisBounds] = NO_BOUNDS,
    ) -> tuple[str, ...]:
        """Write the picture of the paths to the file, and return the notes on it."""
        drawn = tuple(one for one in paths if any(isfinite(step.f) for step in one.steps))
        if not drawn:
            return ("there is no picture: the run has no finite point",)
        kind = kind or default_kind(len(function.components), ["descent"])
        try:
            seen = section(function, {})._replace(bounds=bounds)
            scene = build(kind, PictureRequest(seen, paths=drawn, rule=rule))
        except UndefinedError as error:  # the report of the run stands all the same
            return (Sentence("there is no picture: {}", error.whole),)
        return self.draw_scene(scene)

    def draw_scene(self, scene: Scene) -> tuple[str, ...]:
        """Write the picture to the file, and return the notes on it."""
        scene = scene._replace(notes=tuple(formatted(note, as_option) for note in scene.notes))
        self._file.stream.buffer.write(self._render(scene, self._ending, Motion()))
        self._drawn = True
        return scene.notes
