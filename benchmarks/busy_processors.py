"""A gradient by all threads while processors are busy, over the same alone.

`python -m benchmarks.busy_processors [--quick]` prints a line of JSON for each n: the median and
the mean of single calls alone and in each company, in turn. Busy processes do nothing but compute,
and are stopped while it is not their turn. JAX multiplies matrices by its own threads in this very
process: while the gradient is computed, or until right before.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from itertools import count
from statistics import fmean, median
from time import perf_counter, sleep
from typing import Any

from benchmarks.peers import JAX
from benchmarks.process import lines
from benchmarks.timing import seconds
from benchmarks.works import chained_rosenbrock
from gdcli.execute.thread_count import available_processors

SHARED = 10_000_000  # takes so long that threads share it
SIZES = (100_000, 1_000_000, SHARED)
ROUNDS, QUICK_ROUNDS = 9, 3
TURN, FEWEST_CALLS = 0.3, 5  # a turn lasts so many seconds
SETTLING = 0.01  # seconds, until a stopped process runs again
ALONE = "alone"
BUSY_PROCESS, BUSY_EACH = "one busy process", "one a processor"
WHILE_JAX, AFTER_JAX = "JAX's threads", "after JAX's threads"
LIMITS = {BUSY_PROCESS: 3.0, BUSY_EACH: 3.0, WHILE_JAX: 2.0, AFTER_JAX: 2.0}

Timer = Callable[[Callable[[], object]], float]


def table(quick: bool = False) -> Iterator[str]:
    found = [json.loads(line) for line in lines("busy_processors", *(["--quick"] if quick else []))]
    yield (
        "| gradient of chained Rosenbrock, all threads, beside | n | median, ms | over alone "
        "| must be at most | mean over alone |"
    )
    yield "|---|---:|---:|---:|---:|---:|"
    for figures in found:
        alone = figures["taken"][ALONE]
        for name, (middle, mean) in figures["taken"].items():
            limit = LIMITS.get(name, "–") if figures["n"] < SHARED else "–"
            ratios = [f"{middle / alone[0]:.2f}", limit, f"{mean / alone[1]:.2f}"]
            cells = [name, f"{figures['n']:,}", f"{1e3 * middle:.3g}", *ratios]
            yield f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    quick = "--quick" in sys.argv[1:]
    companies: dict[str, tuple[AbstractContextManager[Any], Timer]] = {}
    with busy_processes() as running:
        for n in SIZES[:2] if quick else SIZES:
            companies[ALONE] = nullcontext(), seconds
            companies[BUSY_PROCESS] = running(1), seconds
            companies[BUSY_EACH] = running(available_processors()), seconds
            if JAX.installed():
                start, wait = matrix_product(400 if n < SHARED else 1_000)  # which lasts longer
                companies[WHILE_JAX] = nullcontext(), partial(beside, start, wait)
                companies[AFTER_JAX] = nullcontext(), partial(after, start, wait)
            taken = raced(n, companies, QUICK_ROUNDS if quick else ROUNDS)
            both = {name: (median(times), fmean(times)) for name, times in taken.items()}
            print(json.dumps({"n": n, "taken": both}), flush=True)


def raced(
    n: int, companies: dict[str, tuple[AbstractContextManager[Any], Timer]], rounds: int
) -> dict[str, list[float]]:
    """The seconds of single calls, by company."""
    import gdcli

    work = chained_rosenbrock(n)
    function = gdcli.function(work.text, sizes=work.sizes, backend="native")
    call = partial(function.value_and_gradient, work.point)
    taken: dict[str, list[float]] = {name: [] for name in companies}
    call()
    for _ in range(rounds):
        for name, (company, timer) in companies.items():
            with company:
                taken[name] += list(turn(partial(timer, call)))
    return taken


def turn(once: Callable[[], float]) -> Iterator[float]:
    """What single calls take, for as long as a turn lasts."""
    begun = perf_counter()
    for number in count():
        if number >= FEWEST_CALLS and perf_counter() - begun > TURN:
            return
        yield once()


@contextmanager
def busy_processes() -> Iterator[Callable[[int], AbstractContextManager[None]]]:
    """What has so many processes keep processors busy within a context."""
    command = [sys.executable, "-c", "while True: pass"]
    made = [subprocess.Popen(command) for _ in range(available_processors())]

    class Running:
        """A context, entered again and again, in which so many of the processes run."""

        def __init__(self, count: int) -> None:
            self.own = made[:count]

        def __enter__(self) -> None:
            self.signal(signal.SIGCONT)
            sleep(SETTLING)

        def __exit__(self, *_: object) -> None:
            self.signal(signal.SIGSTOP)
            sleep(SETTLING)

        def signal(self, number: int) -> None:
            for process in self.own:
                os.kill(process.pid, number)

    try:
        Running(len(made)).__exit__()
        yield Running
    finally:
        for process in made:
            process.kill()
            process.wait()


def matrix_product(n: int) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    """What starts JAX's threads on a product of n × n matrices, and what waits for it."""
    import jax

    product = jax.jit(lambda a: a @ a)
    matrix = jax.numpy.ones((n, n))
    return partial(product, matrix), jax.block_until_ready


def beside(
    start: Callable[[], Any], wait: Callable[[Any], Any], call: Callable[[], object]
) -> float:
    """The seconds of a call while JAX computes."""
    begun = start()
    taken = seconds(call)
    wait(begun)
    return taken


def after(
    start: Callable[[], Any], wait: Callable[[Any], Any], call: Callable[[], object]
) -> float:
    """The seconds of a call right after JAX has computed, when its threads may still be awake."""
    wait(start())
    return seconds(call)


if __name__ == "__main__":
    main()
