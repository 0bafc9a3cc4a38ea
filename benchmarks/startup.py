"""Whole processes: the main job beside a bare Typer program, a bare rich table and a script with
scipy.optimize; by the clock and by the processor time, which other processes disturb less.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter

GDCLI = Path(sys.executable).parent / "gdcli"  # the console script of this environment
PROGRAMS = Path(__file__).parent / "programs"
RUNS = 25
JOB = ["minimize", "x^2+y^2"]

# ours, the peer's program, the ratio that neither the clock nor the processor time may exceed
ROWS = (
    ([*JOB, "--format", "json"], ["bare_json.py", "minimize", "x^2+y^2"], 1.0),
    (JOB, ["bare_table.py", "minimize", "x^2+y^2"], 0.75),
    ([*JOB, "--format", "json"], ["with_scipy.py"], 0.3),
)


def table() -> Iterator[str]:
    yield (
        "| whole process | gdcli, ms | peer | peer, ms | ratio "
        "| gdcli, CPU ms | peer, CPU ms | ratio of CPU | must be at most |"
    )
    yield "|---|---:|---|---:|---:|---:|---:|---:|---:|"
    for ours, (program, *arguments), limit in ROWS:
        if program == "with_scipy.py" and find_spec("scipy") is None:
            continue
        peer = [sys.executable, str(PROGRAMS / program), *arguments]
        clock, cpu, their_clock, their_cpu = medians([str(GDCLI), *ours], peer)
        yield (
            f"| `gdcli {' '.join(ours)}` | {clock * 1e3:.0f} | {program} "
            f"| {their_clock * 1e3:.0f} | {clock / their_clock:.2f} | {cpu * 1e3:.0f} "
            f"| {their_cpu * 1e3:.0f} | {cpu / their_cpu:.2f} | {limit} |"
        )


def medians(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[float]:
    """The medians of clock and processor time of both commands, run in turn, in seconds."""
    runs = [(*seconds(ours), *seconds(theirs)) for _ in range(RUNS + 1)][1:]
    return map(median, zip(*runs, strict=True))


def seconds(command: Sequence[str]) -> tuple[float, float]:
    """The clock and the processor time of one process, its output thrown away."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}  # else ours is compiled each time
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, env=environment, check=True)
    clock, after = perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
