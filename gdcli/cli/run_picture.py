"""`minimize --plot FILE`: a picture of the run, drawn beside its report."""

from __future__ import annotations

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
from gdcli.scenes.section import section

PLOT_OPTION = "--plot"


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

    def check(self, function: Function) -> None:
        """Make room for the iterates. Raises UsageError where such a file cannot show the run."""
        self.trace = Trace(KEPT_ROWS, function.layout.size)
        count = len(function.components)
        if not ENDINGS[self._ending].stills and default_kind(count, ["descent"]) != "descent":
            raise UsageError(
                f"{PLOT_OPTION}: a {self._ending} shows a path over one or two variables, and the"
                f" function has {count}; a .png shows how f falls"
            )

    def draw(self, function: Function, result: Result) -> tuple[str, ...]:
        """Write the picture of the run to the file, and return the notes on it."""
        rows = self.trace.rows()
        if not any(isfinite(row.f) for row in rows):
            return ("there is no picture: the run has no finite point",)
        paths = (path(function, rows, self.trace.count, status=result.status),)
        kind = default_kind(len(function.components), ["descent"])
        try:
            scene = build(
                kind, PictureRequest(section(function, {}), paths=paths, rule=rule_of(result))
            )
        except UndefinedError as error:  # the report of the run stands all the same
            return (Sentence("there is no picture: {}", error.whole),)
        scene = scene._replace(notes=tuple(formatted(note, as_option) for note in scene.notes))
        self._file.stream.buffer.write(self._render(scene, self._ending, Motion()))
        self._drawn = True
        return scene.notes
