"""SEARCHES: the rules that accept a step along a direction or ask for a shorter one, by name.

Comes in: an evaluated point, a direction d, the α to try first. A search is a generator of requests
(`requests.py`) and returns a `Trial`, or `Stuck`. A module holds its search as SEARCH, which a
method takes for its own memory where that is wanted; loading the table loads no module.
"""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple, Protocol

from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import Iteration, Traits, Trials
from gdcli.descent.step_size import StepSize
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

    def along(
        self, here: Evaluation, direction: Vector, alpha: float, iteration: Iteration
    ) -> Trials:
        """The trial that is accepted on the way from `here` along the direction."""

    def after(self, f: float) -> Search:
        """The rule for the next step, from a point where f is so large."""


class LineSearch(NamedTuple):
    """A row of SEARCHES."""

    help: str
    module: str

    def search(self, traits: Traits) -> Search:
        """The search, from its module, for a function of such traits."""
        found: Search = import_module(self.module).make(traits)
        return found


SEARCHES = {
    "nonmonotone": LineSearch(
        "f below the worst of the last ten", "gdcli.descent.search.nonmonotone"
    ),
}


class AlphaRule(NamedTuple):
    """How step sizes are found: a rule that proposes them, if any, and the name of a search.

    A `step_size` of the user's is taken as it is; then `named` is "unguarded".
    """

    named: str
    step_size: StepSize | None = None

    def search(self, traits: Traits) -> Search:
        if self.named == "unguarded":
            from gdcli.descent.search.unguarded import Unguarded

            return Unguarded()
        return SEARCHES[self.named].search(traits)


def reduction(there: Evaluation, undefined: int) -> float:
    """The part of a step to take instead, after so many trials that were not finite."""
    if there.reach is not None:
        return there.reach
    return FAR_REDUCTION if undefined >= FIRST_FAR_TRIAL else REDUCTION
