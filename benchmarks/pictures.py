"""Pictures: a grid beside NumPy by hand, a picture in the terminal, a film."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

import gdcli
from benchmarks.five_well import WELLS
from benchmarks.timing import compare, process, seconds

RUNS, SIDE, FRAMES = 15, 1000, 200
Array = NDArray[np.float64]


def by_hand(x: Array, y: Array) -> Array:
    """The lecture's five wells as one writes them with NumPy."""
    wells = np.ones(1)
    for depth, coefficient, px, py in WELLS:
        wells = wells - depth / (1.0 + coefficient * (x - px) ** 2 + (y - py) ** 2)
    return np.asarray(wells * (1.0 + 0.0001 * (x**2 + y**2) ** 1.2))


def table() -> Iterator[str]:
    yield "| `five-well` at 1000 x 1000 | gdcli, ms | by hand, ms | ratio | must be at most |"
    yield "|---|---:|---:|---:|---:|"
    side = np.linspace(-25.0, 25.0, SIDE)
    function = gdcli.function("five-well")
    x, y = side[None, :], side[:, None]
    for name, points in (("a row and a column", (x, y)), ("`meshgrid`", np.meshgrid(side, side))):
        right = by_hand(*points)
        assert np.allclose(function.evaluate_grid(points), right, rtol=1e-13, atol=1e-13)
        found = compare(
            lambda points=points: function.evaluate_grid(points),  # type: ignore[misc]
            lambda points=points: by_hand(*points),  # type: ignore[misc]
            RUNS,
        )
        ours, theirs = (1e3 * one for one in found[:2])
        yield f"| {name} | {ours:.1f} | {theirs:.1f} | {found.ratio:.2f} | 1.2 |"
    yield ""
    yield "| whole process | s | must be at most |"
    yield "|---|---:|---:|"
    program = [sys.executable, "-m", "gdcli", "plot", "five-well"]
    yield f"| `gdcli plot five-well` | {_median(program, RUNS):.2f} | 0.4 |"
    if find_spec("matplotlib") is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        film = ["--start", "10,10", "--alpha", "12", "--max-iterations", str(FRAMES - 1)]
        command = [*program, *film, "-q", "-o", str(Path(folder) / "five-well.gif")]
        yield f"| a film of {FRAMES} frames (`-o five-well.gif`) | {_median(command, 1):.1f} | 20 |"


def _median(command: list[str], runs: int) -> float:
    work = process(command)
    work()
    return median(seconds(work) for _ in range(runs))
