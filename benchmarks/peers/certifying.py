"""gdcli's own proof over a window, as `gdcli certify --window` makes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.global_optimizers import MOST_SECONDS


def prepare_minimum(
    function: Any, window: Sequence[tuple[float, float]]
) -> Callable[[], tuple[float, float, bool]]:
    """A call that gives the ends of the proved enclosure, and whether all is proved."""
    from gdcli.proofs.window import certify_window

    def solve() -> tuple[float, float, bool]:
        found = certify_window(function, window, max_seconds=MOST_SECONDS)
        return float(found.f[0]), float(found.f[1]), found.status == "proved"

    return solve
