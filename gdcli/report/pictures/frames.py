"""The frames of a film of descents: which step of each path is the current one in each frame.

All paths share one count of k. There is a frame for each step of the longest path, or as many as
there may be, evenly spaced in k, the first and the last among them. A path that has ended stays at
its last step.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from gdcli.scenes.scene import Path


def frames(paths: Sequence[Path], most: int) -> list[tuple[int, ...]]:
    """For each frame the numbers of the current steps, one a path; at most `most` >= 2 frames."""
    counts = [[step.k for step in path.steps] for path in paths]
    shown = max(counts, key=lambda ks: ks[-1])
    if len(shown) > most:
        first, last = shown[0], shown[-1]
        shown = [first + round(place * (last - first) / (most - 1)) for place in range(most)]
    return [tuple(max(0, bisect_right(ks, k) - 1) for ks in counts) for k in shown]
