"""Value and gradient in Python source, beside the same formulas written by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import gdcli
from benchmarks.five_well import value_and_gradient
from benchmarks.timing import compare

CALLS, RUNS = 20_000, 15
POINT = [3.0, -4.0]


def repeated(function: Callable[[list[float]], object]) -> Callable[[], None]:
    def work() -> None:
        for _ in range(CALLS):
            function(POINT)

    return work


def table() -> Iterator[str]:
    yield "| value and gradient | gdcli, µs | by hand, µs | ratio | must be at most |"
    yield "|---|---:|---:|---:|---:|"
    function = gdcli.function("five-well")
    value, gradient = function.evaluate_gradient(POINT)
    by_hand = value_and_gradient(POINT)
    assert all(abs(a - b) <= 1e-14 for a, b in zip((value, *gradient), by_hand, strict=True))
    found = compare(repeated(function.evaluate_gradient), repeated(value_and_gradient), RUNS)
    ours, theirs = (1e6 * seconds / CALLS for seconds in found[:2])
    yield f"| `five-well` | {ours:.2f} | {theirs:.2f} | {found.ratio:.2f} | 1.5 |"
