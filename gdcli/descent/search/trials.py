"""The trials of a search along a direction: what a search is, and how many it may make.

Comes in: an evaluated point, a direction d, the α to try first. A search is a generator of requests
(`requests.py`) and returns a `Trial`, or `Stuck`.
"""

from __future__ import annotations

from typing import Protocol

from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import Demands, Trials
from gdcli.descent.vectors import Vector

MOST_TRIALS = 40  # of one search
MOST_UNDEFINED_TRIALS = 60  # of one search
REDUCTION = 0.1  # of a step to a point that is not finite
FAR_REDUCTION = 1e-10  # of one that was reduced FIRST_FAR_TRIAL times: it may be far too long
FIRST_FAR_TRIAL = 5


class Search(Protocol):
    """A rule that accepts a step; small and frozen."""

    @property
    def adaptive(self) -> bool:
        """Whether a step is shortened where it would not lower f."""

    def along(self, here: Evaluation, direction: Vector, alpha: float, demands: Demands) -> Trials:
        """The trial that is accepted on the way from `here` along the direction."""

    def after(self, f: float) -> Search:
        """The rule for the next step, from a point where f is so large."""


def reduction(there: Evaluation, undefined: int) -> float:
    """The part of a step to take instead, after so many trials that were not finite."""
    if there.reach is not None:
        return there.reach
    return FAR_REDUCTION if undefined >= FIRST_FAR_TRIAL else REDUCTION
