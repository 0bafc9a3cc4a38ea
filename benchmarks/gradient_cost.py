"""What a gradient costs in evaluations of its function, at two sizes of each work, on one thread.

`python -m benchmarks.gradient_cost` measures in a process of its own and prints rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from benchmarks.five_well import WELLS
from benchmarks.peers.ours import compiled
from benchmarks.process import lines
from benchmarks.race import ROUNDS, Turns
from benchmarks.works import (
    Work,
    chained_rosenbrock,
    exponential_fit,
    least_squares,
    logistic_regression,
    network,
    seeded,
)

LIMIT = 4


def table() -> Iterator[str]:
    yield "| native | function, ms | value and gradient, ms | ratio | must be at most |"
    yield "|---|---:|---:|---:|---:|"
    yield from lines("gradient_cost", one_thread=True)


def rows() -> Iterator[str]:
    for work in sizes():
        function = compiled(work)
        value = Turns(partial(function.evaluate, work.point))
        both = Turns(partial(function.evaluate_gradient, work.point))
        for _ in range(ROUNDS):
            value.take()
            both.take()
        ratio = np.median(np.divide(both.taken, value.taken))
        times = " | ".join(f"{1e3 * np.median(side.taken):.3g}" for side in (value, both))
        yield f"| {work.title} | {times} | {ratio:.2f} | {LIMIT} |"


def sizes() -> Iterator[Work]:
    """Each work small and large."""
    yield from map(five_wells, (1_000, 100_000))
    yield from map(chained_rosenbrock, (10_000, 1_000_000))
    yield from map(exponential_fit, (10_000, 1_000_000))
    yield from map(logistic_regression, (1_000, 100_000))
    yield from map(network, (100, 10_000))
    yield from (least_squares(200, 50), least_squares())


def five_wells(n: int) -> Work:
    """The five-well potential summed over n points, since one alone is too short to be timed."""
    wells = " - ".join(f"{d}/(1 + {a}*(x[i] - ({p}))^2 + (y[i] - ({q}))^2)" for d, a, p, q in WELLS)
    text = f"sum((1 - {wells})*(1 + 0.0001*(x[i]^2 + y[i]^2)^1.2) for i in 1:n)"
    point = seeded().uniform(-15.0, 15.0, 2 * n)
    return Work("five wells", f"five wells at {n:,} points", text, point, sizes={"n": n})


if __name__ == "__main__":
    for row in rows():
        print(row, flush=True)
