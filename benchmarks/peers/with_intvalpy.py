"""intvalpy's optimizer `globopt`: Moore and Skelboe's algorithm on natural interval extensions.

It answers with a box and the interval of f over it, whose low end is a lower bound of the global
minimum. It ends where that interval is narrow, or after `maxiter` bisections, without a word: which
of the two it was is seen from the width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import Any

from benchmarks.global_optimizers import formula

WIDTH = 1e-8  # of the enclosure asked for
MOST_BISECTIONS = 20_000


def prepare_minimum(
    function: Any, window: Sequence[tuple[float, float]]
) -> Callable[[], tuple[float, float, bool]]:
    """A call that gives the ends of the enclosure, and whether it is narrow."""
    import intvalpy

    known = {"sin": intvalpy.sin, "cos": intvalpy.cos, "exp": intvalpy.exp, "log": intvalpy.log,
             "sqrt": intvalpy.sqrt, "Abs": abs}  # fmt: skip
    f = formula(function, known)
    box = intvalpy.Interval([list(bounds) for bounds in window])

    def solve() -> tuple[float, float, bool]:
        _, found = intvalpy.globopt(lambda x: f(*x), box, tol=WIDTH, maxiter=MOST_BISECTIONS)
        low, high = float(found.a), float(found.b)
        return low, high, high - low < WIDTH < inf

    return solve
