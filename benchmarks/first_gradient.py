"""From a text to its first native gradient, beside JAX: trace, compile, first call.

Both sides begin with nothing but their imports and the data: gdcli with the text, JAX with the
formula and emptied caches.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from benchmarks.peers import JAX
from benchmarks.timing import compare
from benchmarks.works import WORKS, Work

RUNS, QUICK_RUNS, LIMIT = 9, 3, 0.5


def table(quick: bool = False) -> Iterator[str]:
    if not JAX.installed():
        return
    yield "| text to first native gradient | gdcli, ms | JAX, ms | ratio | must be at most |"
    yield "|---|---:|---:|---:|---:|"
    for make in WORKS:
        work = make()
        title = "`five-well`" if work.steps else work.title
        theirs = partial(first_of_jax, work)
        found = compare(partial(first_of_ours, work), theirs, QUICK_RUNS if quick else RUNS)
        figures = f"{1e3 * found.ours:.0f} | {1e3 * found.theirs:.0f} | {found.ratio:.2f}"
        yield f"| {title} | {figures} | {LIMIT} |"


def first_of_ours(work: Work) -> None:
    from benchmarks.peers import ours

    ours.compiled(work).evaluate_gradient(work.point)


def first_of_jax(work: Work) -> None:
    import jax

    from benchmarks.peers import with_jax

    jax.clear_caches()
    jax.block_until_ready(with_jax.compiled(work)(work.point, dict(work.data)))
