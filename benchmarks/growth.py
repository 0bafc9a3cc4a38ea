"""The chained Rosenbrock function from n = 10² to 10⁸: time a variable, and memory.

Each size is a process of its own, `python -m benchmarks.growth N`, which prints the seconds of a
value and gradient, and the most memory that was held beyond what it held before x was made, in
vectors of n doubles. Memory is read where Linux tells it (VmHWM).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.peers.ours import compiled
from benchmarks.process import lines
from benchmarks.race import Turns
from benchmarks.works import chained_rosenbrock

SIZES = tuple(10**k for k in range(2, 9))
ROUNDS, LIMIT = 7, 3
STATUS = Path("/proc/self/status")


def table(quick: bool = False) -> Iterator[str]:
    yield "| chained Rosenbrock, n | value and gradient, ms | ns a variable | vectors of memory |"
    yield "|---:|---:|---:|---:|"
    for n in SIZES[:-1] if quick else SIZES:
        figures = json.loads(lines("growth", str(n))[0])
        seconds, memory = figures["seconds"], figures["memory"]
        vectors = f"{memory:.2f}, at most {LIMIT}" if memory and n == SIZES[-1] else "–"
        yield f"| {n:,} | {1e3 * seconds:.4g} | {1e9 * seconds / n:.2f} | {vectors} |"


def measure(n: int) -> None:
    """Prints the figures of one size."""
    warm(1_000)
    before = peak()
    work = chained_rosenbrock(n)
    turns = Turns(partial(compiled(work).evaluate_gradient, work.point))
    for _ in range(ROUNDS):
        turns.take()
    memory = (peak() - before) / (8 * n)
    print(json.dumps({"seconds": median(turns.taken), "memory": memory}))


def warm(n: int) -> None:
    """Loads and compiles all that a small size needs."""
    work = chained_rosenbrock(n)
    compiled(work).evaluate_gradient(work.point)


def peak() -> int:
    """The most bytes of memory that this process has held; 0 where the system does not tell."""
    if not STATUS.exists():
        return 0
    lines = STATUS.read_text(encoding="ascii").splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    measure(int(sys.argv[1]))
