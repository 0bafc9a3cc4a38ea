"""The names nearest to a mistyped one, by edit distance."""

from __future__ import annotations

from collections.abc import Iterable


def distance(first: str, second: str) -> int:
    """The edit distance: how many letters to insert, drop, change or swap with a neighbour.

    Source: Damerau (1964), in the restricted form of optimal string alignment.
    """
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, letter in enumerate(first, 1):
        before, previous, row = row, before, [i]
        for j, other in enumerate(second, 1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == second[j - 2] and first[i - 2] == other:
                cost = min(cost, previous[j - 2] + 1)
            row.append(cost)
    return row[-1]


def closest(name: str, candidates: Iterable[str], most: int = 2) -> list[str]:
    """The `candidates` within `most` edits of `name`, nearest first."""
    near = [
        (distance(name, candidate), candidate)
        for candidate in candidates
        if abs(len(name) - len(candidate)) <= most
    ]
    return [candidate for edits, candidate in sorted(near) if edits <= most]
