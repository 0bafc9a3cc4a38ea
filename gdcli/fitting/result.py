"""The result of a fit: everything a report or a script can ask of it."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import NamedTuple

from gdcli.descent.stopping import Outcome


class FittedParameter(NamedTuple):
    """A parameter: its value, standard error, t = value/error, and the ends of its interval.

    None stands for a number that there is none of. `bound` is the pair that it stays between, if
    any, and `at_bound` whether it lies on an end. `linear` says that the model is linear in it,
    `units` its units in those of the response and the columns, None where they are not known.
    """

    name: str
    value: float
    error: float | None = None
    t: float | None = None
    low: float | None = None
    high: float | None = None
    start: float | None = None
    bound: tuple[float, float] | None = None
    at_bound: bool = False
    linear: bool = False
    units: str | None = None


class Derived(NamedTuple):
    """A quantity computed of the parameters, with what `FittedParameter` has of one."""

    name: str
    expression: str
    value: float
    error: float | None = None
    low: float | None = None
    high: float | None = None


class FitWarning(NamedTuple):
    """A sentence that a reader must know, with a word for scripts."""

    code: str
    text: str


class Starts(NamedTuple):
    """How the start was found: points tried, followed by a descent, ends that agree with the best,
    and different minima met. All 0 where the start was given."""

    tried: int = 0
    followed: int = 0
    agreeing: int = 0
    minima: int = 0


class Fit(NamedTuple):
    """How a fit went, and what it found."""

    model: str
    outcome: Outcome
    message: str
    classification: str | None
    f: float
    parameters: tuple[FittedParameter, ...]
    loss: str
    method: str
    rows: int
    iterations: int
    evaluations: int
    accelerations: int = 0
    starts: Starts = Starts()
    covariance: Sequence[Sequence[float]] | None = None
    level: float = 0.95
    sum_of_squares: float = nan
    s: float | None = None
    degrees_of_freedom: int = 0
    derived: tuple[Derived, ...] = ()
    warnings: tuple[FitWarning, ...] = ()
    seed: int = 0
    seconds: float = nan

    @property
    def values(self) -> dict[str, float]:
        """The value of each parameter by name."""
        return {one.name: one.value for one in self.parameters}
