"""A table of 100 MB read by gdcli and by numpy.loadtxt: time, and memory.

Time is that of the two in turn, in one process. Memory is the most that a process of its own has
held, `python -m benchmarks.tables FILE`, the program itself and the numbers included; it is read
where Linux tells it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from math import exp
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.growth import peak
from benchmarks.process import lines
from benchmarks.timing import compare
from gdcli.functions.data import read_table

ROWS, FEWER_ROWS = 2_500_000, 250_000
RUNS = 5
TIME_LIMIT, MEMORY_LIMIT = 2, 100
NAMES = ("t", "x", "y")


def table(quick: bool = False) -> Iterator[str]:
    rows = FEWER_ROWS if quick else ROWS
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        write(path, rows)
        megabytes = path.stat().st_size / 1e6
        theirs = partial(np.loadtxt, path, delimiter=",", skiprows=1)
        found = compare(partial(read_table, path, NAMES), theirs, RUNS)
        memory = float(lines("tables", str(path))[0])
    yield "| a table | gdcli, s | numpy.loadtxt, s | ratio | must be at most | MB held | at most |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    yield (
        f"| {megabytes:.0f} MB, {rows:,} rows of 3 | {found.ours:.2f} | {found.theirs:.2f} "
        f"| {found.ratio:.2f} | {TIME_LIMIT} | {memory:.0f} | {MEMORY_LIMIT} |"
    )


def write(path: Path, rows: int) -> None:
    """A table of an exponential decay with noise, in ten digits."""
    source = Random(13)
    with path.open("w", encoding="ascii") as stream:
        stream.write(",".join(NAMES) + "\n")
        for _ in range(rows):
            t, x = source.uniform(0, 10), source.gauss(0, 1)
            stream.write(f"{t:.10g},{x:.10g},{3 * exp(-0.7 * t) + 0.1 * x:.10g}\n")


if __name__ == "__main__":
    read_table(sys.argv[1], NAMES)
    print(peak() / 1e6)
