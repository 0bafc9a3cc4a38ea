"""Interleaved timing: A B A B …, so that a machine whose speed drifts treats both alike.

A Comparison holds the median of each and the median of the ratios taken pair by pair.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter
from typing import NamedTuple


class Comparison(NamedTuple):
    """Medians in seconds, and the median of ours/theirs."""

    ours: float
    theirs: float
    ratio: float


def compare(ours: Callable[[], object], theirs: Callable[[], object], runs: int) -> Comparison:
    """Times both in turn, `runs` times after one run that is not counted."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(runs + 1)][1:]
    return Comparison(
        median(a for a, _ in pairs), median(b for _, b in pairs), median(a / b for a, b in pairs)
    )


def seconds(work: Callable[[], object]) -> float:
    """The wall-clock time of one call."""
    start = perf_counter()
    work()
    return perf_counter() - start


def process(command: Sequence[str]) -> Callable[[], object]:
    """A whole process, its output thrown away."""
    return lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
