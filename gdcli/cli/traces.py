"""The descents of a picture: one or several made now, or one read from a trace."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from math import isfinite
from typing import IO, Any

from gdcli.cli.point_files import read_start
from gdcli.descent.alpha import WrittenAlpha
from gdcli.descent.iterate import Iterate
from gdcli.descent.minimize import run_descent
from gdcli.errors import UndefinedError, UsageError, visible
from gdcli.functions.function import Function
from gdcli.functions.input_files import opened, text_lines
from gdcli.named_tuples import NamedTuple
from gdcli.report.pictures.plot import MOST_PICTURE_PATHS, rule_of, run_label
from gdcli.scenes.paths import path
from gdcli.scenes.scene import Path
from gdcli.scenes.trace_file import read_trace

INTERRUPTED_STATUS = 130
LONGEST_TRACE_LINE = 50_000_000  # characters: a point of two million numbers
CHECKED_ROWS = 100  # rows of a trace, about, at which f is evaluated again
SAME_FUNCTION_TOLERANCE = 1e-6  # of f: the same function differs by less from backend to backend


class Runs(NamedTuple):
    """The paths of a picture."""

    paths: tuple[Path, ...]
    rule: str  # by which the only path chose its steps, as `α = 0.03`; of several ""
    status: int  # 130 where a run was interrupted, else 0


def descend(
    function: Function,
    note: Callable[[str], None],
    start: list[str] | None = None,
    alpha: WrittenAlpha | None = None,
    compare_alpha: list[WrittenAlpha] | None = None,
    **options: Any,
) -> Runs:
    """Descend from each start with each step size; `note` is told how the starts were read.

    Raises UndefinedError where a run has no finite point.
    """
    if alpha is not None and compare_alpha is not None:
        raise UsageError(
            "--alpha is one step size, --compare-alpha several: write only one of them"
        )
    starts: list[list[float] | None] = [read_start(text, function, note) for text in start or ()]
    starts = starts or [None]
    sizes = compare_alpha or [alpha or WrittenAlpha("auto")]
    if len(starts) * len(sizes) > MOST_PICTURE_PATHS:
        raise UsageError(
            f"{len(starts) * len(sizes)} descents are too many for one picture: at most"
            f" {MOST_PICTURE_PATHS}"
        )
    paths: list[Path] = []
    for point in starts:
        for size in sizes:
            result = run_descent(function, point, alpha=size.value, label=size.label, **options)
            label = run_label(result, len(starts) > 1, len(sizes) > 1)
            if not any(isfinite(row.f) for row in result.trace):
                raise UndefinedError(result.message)
            total = len(result.trace) + result.dropped
            termination = (result.status, result.message)
            paths.append(path(function, result.trace, total, label, *termination))
            if paths[-1].status == "interrupted":
                return Runs(tuple(paths), "", INTERRUPTED_STATUS)
    rule = rule_of(result) if len(sizes) == 1 else ""
    return Runs(tuple(paths), rule, 0)


def read_paths(name: str, function: Function | None) -> tuple[str, Path]:
    """The name of a trace as it is shown, and its path; the name `-` is standard input.

    Raises UsageError where the file holds no trace, or plainly one of another function.
    """
    if not name:
        raise UsageError("--from needs the name of a file")
    if name == "-":
        if sys.stdin is None:
            raise UsageError("--from -: standard input is closed")
        shown = "standard input"
        source: AbstractContextManager[IO[bytes]] = nullcontext(sys.stdin.buffer)
    else:
        shown = visible(name)
        source = opened(name, shown, "--from", streams=True)
    with source as stream:
        lines = text_lines(stream, f"--from {shown}", LONGEST_TRACE_LINE)
        trace = read_trace((line for _, line in lines), f"--from {shown}")
    if function is not None:
        trace = trace.ordered(tuple(function.components))
        for row in [*trace.rows[:: -(-len(trace.rows) // CHECKED_ROWS)], trace.rows[-1]]:
            _refuse_of_another(function, row, shown)
    return shown, path(function, trace.rows, trace.rows[-1].k + 1)


def _refuse_of_another(function: Function, row: Iterate, name: str) -> None:
    """Raise a UsageError where the row of a trace is plainly not one of the function's."""
    f = function.evaluate(row.x)
    size = max(abs(f), abs(row.f), function.rounding_error(row.x) / SAME_FUNCTION_TOLERANCE)
    if isfinite(size) and abs(f - row.f) > SAME_FUNCTION_TOLERANCE * size:
        raise UsageError(
            f"--from {name}: it is the trace of another function: at k = {row.k} it says"
            f" f = {row.f:.7g}, where this one is {f:.7g}"
        )
