"""The result of a fit: everything a report or a script can ask of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


class Estimate(NamedTuple):
    """How sure a number is: its standard error, itself over that, and the ends of its interval.

    None stands for a number that there is none of; the end of an interval that is open has none.
    """

    error: float | None = None
    t: float | None = None
    low: float | None = None
    high: float | None = None


class LargeResidual(NamedTuple):
    """A residual y - f of a row, and what it is over its own standard deviation, both of which are
    estimated without the row (externally studentized)."""

    row: int
    value: float
    studentized: float | None


class ResidualChecks(NamedTuple):
    """Whether the residuals are random in the order of the rows, and the ten largest ones.

    `runs_p` is the probability that so few or so many runs of one sign are chance; `durbin_watson`
    is near 2 where neighbours are not correlated.
    """

    runs_p: float | None = None
    durbin_watson: float | None = None
    largest: tuple[LargeResidual, ...] = ()


class Statistics(NamedTuple):
    """What a fit says about its parameters.

    `parameters` has an Estimate for each; its `t` is t = value/error, or z where `quantiles` is
    "normal" and not "t". `scaling` is the sentence that says whether errors are scaled by s.
    `covariance` has None in the row and the column of a parameter without an error, and
    `covariance_root` is U, p by p, with U·Uᵀ = covariance, which bands keep their digits by: 0
    where there is no error. `r2_of` is what R² is of: the column, or the formula on the left.
    `reasons` says why an entry is None, by its name: `r2`, `aic`, `error of b`.
    """

    parameters: tuple[Estimate, ...]
    level: float
    quantiles: str
    scaling: str
    degrees_of_freedom: int
    sum_of_squares: float | None = None
    s: float | None = None
    covariance: Sequence[Sequence[float | None]] | None = None
    correlation: Sequence[Sequence[float | None]] | None = None
    covariance_root: Sequence[Sequence[float]] | None = None
    r2: float | None = None
    r2_of: str = ""
    aic: float | None = None
    aicc: float | None = None
    bic: float | None = None
    chi_squared: float | None = None
    chi_squared_p: float | None = None
    deviance: float | None = None
    null_deviance: float | None = None
    pseudo_r2: float | None = None
    derived: tuple[Derived, ...] = ()
    residuals: ResidualChecks = ResidualChecks()
    warnings: tuple[FitWarning, ...] = ()
    reasons: Mapping[str, str] = {}


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
    sum_of_squares: float = nan
    statistics: Statistics | None = None
    warnings: tuple[FitWarning, ...] = ()
    seed: int = 0
    seconds: float = nan

    @property
    def values(self) -> dict[str, float]:
        """The value of each parameter by name."""
        return {one.name: one.value for one in self.parameters}
