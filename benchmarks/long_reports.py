"""Reports of long points: how long the whole process takes, and its memory over its vectors.

Memory is the most that a process over n variables holds beyond one over SMALL, over that of x and
the gradient, 2 n doubles. A command runs in a child of a process of its own, which prints what it
took: `python -m benchmarks.long_reports COMMAND ...`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from statistics import median
from time import perf_counter
from typing import NamedTuple

from benchmarks.process import lines
from benchmarks.startup import GDCLI

TEXT = "sum(100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2 for i in 1:n-1)"
EVEN, SINES = ("grad", "--at", "x=0.5"), ("grad", "--at", "x[i]=sin(i)")
DESCENT = ("minimize", "--max-iterations", "5")
SMALL, MANY, FEWER = 1_000, 10**7, 10**6
ROUNDS, LIMIT = 3, 3


class Report(NamedTuple):
    """A command and its format, with its n."""

    words: tuple[str, ...]
    form: str
    n: int


REPORTS = (
    *(Report(EVEN, form, MANY) for form in ("json", "csv", "plain")),
    Report(SINES, "json", MANY),
    *(Report(DESCENT, form, FEWER) for form in ("json", "jsonl", "csv", "plain")),
)


def table(quick: bool = False) -> Iterator[str]:
    yield "| whole process | n | seconds | memory, MB | over x and the gradient | must be at most |"
    yield "|---|---:|---:|---:|---:|---:|"
    for report in REPORTS:
        n = min(report.n, FEWER) if quick else report.n
        runs = [_taken(report, n) for _ in range(ROUNDS)]
        memory = max(held for _, held in runs)
        pairs = (memory - _taken(report, SMALL)[1]) / (2 * 8 * n)
        limit = LIMIT if report.words[0] == "grad" and n == MANY else "–"
        yield (
            f"| `gdcli {' '.join(report.words)} --format {report.form}` | {n:,} "
            f"| {median(seconds for seconds, _ in runs):.2f} | {memory / 1e6:,.0f} "
            f"| {pairs:.2f} | {limit} |"
        )


def _taken(report: Report, n: int) -> tuple[float, int]:
    """The seconds and the bytes that the command takes with n variables."""
    command, *options = report.words
    size = ("--size", f"n={n}", "--format", report.form)
    seconds, memory = json.loads(
        lines("long_reports", str(GDCLI), command, TEXT, *options, *size)[0]
    )
    return seconds, memory


def measure(command: list[str]) -> None:
    """Runs a command, its output thrown away, and prints its seconds and the bytes it held."""
    import resource  # which Windows lacks

    start, nowhere = perf_counter(), subprocess.DEVNULL
    subprocess.run(command, stdout=nowhere, stderr=nowhere, check=False)
    seconds = perf_counter() - start
    print(json.dumps([seconds, 1024 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))


if __name__ == "__main__":
    measure(sys.argv[1:])
