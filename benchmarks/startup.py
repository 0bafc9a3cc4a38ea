"""Whole processes: the main job beside a bare Typer program and a script with scipy.optimize."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from benchmarks.timing import compare, process

GDCLI = Path(sys.executable).parent / "gdcli"  # the console script of this environment
PROGRAMS = Path(__file__).parent / "programs"
RUNS = 25
JOB = ["minimize", "x^2+y^2"]

# ours, the peer's program, the ratio that must not be exceeded
ROWS = (
    ([*JOB, "--format", "json"], ["bare_json.py", "minimize", "x^2+y^2"], 1.35),
    (JOB, ["bare_table.py", "minimize", "x^2+y^2"], 1.35),
    ([*JOB, "--format", "json"], ["with_scipy.py"], 0.3),
)


def table() -> Iterator[str]:
    yield "| whole process | gdcli, ms | peer | peer, ms | ratio | must be at most |"
    yield "|---|---:|---|---:|---:|---:|"
    for ours, (program, *arguments), limit in ROWS:
        if program == "with_scipy.py" and find_spec("scipy") is None:
            continue
        peer = process([sys.executable, str(PROGRAMS / program), *arguments])
        found = compare(process([str(GDCLI), *ours]), peer, RUNS)
        yield (
            f"| `gdcli {' '.join(ours)}` | {found.ours * 1e3:.0f} | {program} "
            f"| {found.theirs * 1e3:.0f} | {found.ratio:.2f} | {limit} |"
        )
