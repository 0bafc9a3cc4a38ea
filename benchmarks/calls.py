"""The public call of a value and a gradient, beside the least that a call of a peer can be.

`python -m benchmarks.calls` prints a row a line. CasADi runs its graph of scalars between buffers
that stand ready (`Function.buffer`), JAX its compiled function on an array of its own, C its loop
on memory that stands ready. The sides take turns of a fiftieth of a second.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from statistics import median
from timeit import Timer
from typing import Any

import numpy as np

from benchmarks.peers import CASADI, JAX, OURS
from benchmarks.peers.ours import compiled
from benchmarks.process import lines
from benchmarks.race import AGREEMENT, TURN
from benchmarks.works import Array, Work, chained_rosenbrock
from gdcli.execute import CALLS_BEFORE_BUILTIN

ROUNDS = 41
FEW, MANY = (2, 10, 100), 1_000_000
LIMITS = {"CasADi": (6.0, 3.0, 1.0), "JAX": (0.1, 0.1, 0.15)}  # of FEW
DROPPED, KEPT = "gdcli, results dropped", "gdcli, the last eight kept"
LONG_LIMITS = {DROPPED: 0.4, KEPT: 0.45}
LAST = 8


class Side:
    """A statement that is timed, with the names it uses."""

    def __init__(self, statement: str, **names: Any) -> None:
        self.timer = Timer(statement, globals=names)
        once = min(self.timer.timeit(1) for _ in range(2 * CALLS_BEFORE_BUILTIN))
        self.count = max(1, int(TURN / once))
        self.taken: list[float] = []

    def take(self) -> None:
        self.taken.append(self.timer.timeit(self.count) / self.count)


def table() -> Iterator[str]:
    yield "| value and gradient, public call | peer | gdcli, µs | peer, µs | ratio | at most |"
    yield "|---|---|---:|---:|---:|---:|"
    yield from lines("calls")


def rows() -> Iterator[str]:
    for place, n in enumerate(FEW):
        work = chained_rosenbrock(n)
        call = compiled(work).value_and_gradient
        sides = {OURS: Side("call(x)", call=public(work), x=work.point)}
        if CASADI.installed():
            trigger, results = with_casadi(n, work.point)
            trigger()
            check(call(work.point), results)
            sides["CasADi"] = Side("call()", call=trigger)
        if JAX.installed():
            from benchmarks.peers import with_jax

            run = with_jax.prepare(work)
            check(call(work.point), run())
            sides["JAX"] = Side("call()", call=run)
        raced(sides)
        for peer, limits in LIMITS.items():
            if peer in sides:
                yield row(f"chained Rosenbrock, n = {n}", sides, OURS, peer, limits[place])
    yield from long_rows(chained_rosenbrock(MANY))


def long_rows(work: Work) -> Iterator[str]:
    from benchmarks.peers import c

    if c.missing():
        return
    loop, call = c.prepare(work), public(work)
    check(call(work.point), loop())
    kept: deque[Any] = deque(maxlen=LAST)
    sides = {
        "C": Side("call()", call=loop),
        DROPPED: Side("call(x)", call=call, x=work.point),
        KEPT: Side("kept.append(call(x))", call=call, x=work.point, kept=kept),
    }
    raced(sides)
    for ours, limit in LONG_LIMITS.items():
        yield row(f"n = {work.point.size:,}: {ours}", sides, ours, "C", limit)


def public(work: Work) -> Any:
    """The method that a user calls, as it is once it was called often."""
    function = compiled(work)
    for _ in range(2 * CALLS_BEFORE_BUILTIN):
        function.value_and_gradient(work.point)
    return function.value_and_gradient


def with_casadi(n: int, point: Array) -> tuple[Any, tuple[Array, Array]]:
    """The call without arguments, and where its results lie."""
    import casadi

    x = casadi.SX.sym("x", n)
    value = casadi.sum1(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
    function = casadi.Function("work", [x], [value, casadi.gradient(value, x)])
    buffer, trigger = function.buffer()
    results = np.zeros(1), np.zeros(n)
    buffer.set_arg(0, point.data)
    for number, array in enumerate(results):
        buffer.set_res(number, array.data)
    trigger.__dict__["holds"] = buffer, point, results
    return trigger, results


def check(ours: Any, theirs: Any) -> None:
    for found, right in zip(map(np.asarray, ours), map(np.asarray, theirs), strict=True):
        assert np.abs(found - right).max() <= AGREEMENT * np.abs(right).max()


def raced(sides: Mapping[str, Side]) -> None:
    for _ in range(ROUNDS):
        for side in sides.values():
            side.take()


def row(title: str, sides: Mapping[str, Side], ours: str, peer: str, limit: float) -> str:
    ratio = median(a / b for a, b in zip(sides[ours].taken, sides[peer].taken, strict=True))
    times = " | ".join(f"{1e6 * median(sides[name].taken):,.3g}" for name in (ours, peer))
    return f"| {title} | {peer} | {times} | {ratio:.2f} | {limit} |"


if __name__ == "__main__":
    for one in rows():
        print(one, flush=True)
