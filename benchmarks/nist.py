"""The scorecard of nonlinear regression: NIST's 27 reference datasets, each from its two starts.

`python -m benchmarks nist` fits each as a user does and compares what comes out with what NIST
certifies; then it does so from 432 other starts, those of NIST times 1 + 0.1·N(0, 1), as stored
with the data. What is printed are counts and digits, so runs repeat. The words:

- *digits*: -log₁₀ of the largest relative error of a parameter, or of a standard error, at most 11,
  which is what NIST prints;
- *claimed*: exit 0, a minimum at which all parameters are determined;
- *right*: the sum of squares is at most (1 + 1e-8) times the certified one;
- *another minimum*: claimed, not right, and a minimum by Newton's method in 40 digits on the
  model's text, with no line of the program: it leads nowhere else and to a positive definite
  Hessian;
- *evaluations*: passes over the data for residuals and slopes, the closing ones counted;
  *accelerations*: those for second derivatives along a direction.

Source: NIST/ITL Statistical Reference Datasets, nonlinear regression.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from math import isfinite, nan
from statistics import median
from typing import Any, NamedTuple

import mpmath

import gdcli
from benchmarks import start_free
from benchmarks.mgh import derivatives
from tests.nist_datasets import (
    RUNS,
    ReferenceDataset,
    dataset,
    jittered_starts,
    least_digits,
)

LIMITS = (4, 6, 8, 10)  # digits that are counted
RIGHT_SUM = 1e-8  # by which a sum of squares may be above the certified one, relative
WORKING_DIGITS = 40  # of Newton's method, which tells whether an end is a minimum
DIFFERENCE = "1e-13"  # h of its differences, which are made in twice as many digits
MOST_NEWTON_STEPS = 10
NEARNESS = 1e-6  # relative to each parameter: how far it may lead from an end


class RegressionEnd(NamedTuple):
    """How a fit of a reference dataset ended."""

    status: str
    claimed: bool
    right: bool
    digits: float
    error_digits: float
    evaluations: int
    accelerations: int
    parameters: list[float]


def table(_: Sequence[str] = ()) -> Iterator[str]:
    """The lines of the scorecard, as they are found."""
    yield "| dataset | start | status | digits | of standard errors | evaluations | accelerations |"
    yield "|---|---:|---|---:|---:|---:|---:|"
    ends = []
    for name, which in RUNS:
        posed = dataset(name)
        end = ended(posed, posed.start(which))
        ends.append(end)
        figures = f"{shown(end.digits)} | {shown(end.error_digits)} | {end.evaluations}"
        yield f"| {name} | {which + 1} | {end.status} | {figures} | {end.accelerations} |"
    yield ""
    yield from summary(ends)
    yield ""
    yield from jittered()
    yield ""
    yield from start_free.table()


def summary(ends: Sequence[RegressionEnd]) -> Iterator[str]:
    """How many of the runs have how many digits."""
    yield f"| {len(ends)} runs | {' | '.join(f'≥ {limit}' for limit in LIMITS)} |"
    yield f"|---|{'---:|' * len(LIMITS)}"
    for noun, digits in (
        ("digits of parameters", [end.digits for end in ends]),
        ("digits of standard errors", [end.error_digits for end in ends]),
    ):
        counts = [sum(found >= limit for found in digits) for limit in LIMITS]
        yield f"| {noun} | {' | '.join(map(str, counts))} |"
    false = sum(end.claimed and end.digits < LIMITS[0] for end in ends)
    counts = [end.evaluations for end in ends]
    yield ""
    yield (
        f"Claimed with fewer than {LIMITS[0]} digits: {false}. Evaluations: median"
        f" {median(counts):g}, {sum(counts):,} in all."
    )


def jittered() -> Iterator[str]:
    """What became of the stored starts."""
    yield "| starts × (1 + 0.1·N(0, 1)) | runs | right | claimed | another minimum | false |"
    yield "|---|---:|---:|---:|---:|---:|"
    found: dict[str, Counter[str]] = {}
    minima: dict[str, list[list[float]]] = defaultdict(list)
    counts, missed = [], []
    for one in jittered_starts():
        posed = dataset(one.dataset)
        end = ended(posed, dict(zip(posed.parameters, one.start, strict=True)))
        counts.append(end.evaluations)
        suspect = end.claimed and not end.right
        other = suspect and minimum_at(posed.name, end.parameters, minima[posed.name])
        false = suspect and not other
        found.setdefault(posed.name, Counter()).update(
            {"runs": 1, "right": end.right, "claimed": end.claimed, "other": other, "false": false}
        )
        if not end.right:
            said = "another minimum" if other else "false" if false else end.status
            missed.append(f"{posed.name} from start {one.which + 1}, seed {one.seed}: {said}")
    keys = ("runs", "right", "claimed", "other", "false")
    for name, counted in found.items():
        if counted["right"] < counted["runs"]:
            yield f"| {name} | {' | '.join(str(counted[key]) for key in keys)} |"
    total = sum(found.values(), Counter())
    yield f"| all | {' | '.join(str(total[key]) for key in keys)} |"
    yield ""
    yield f"Evaluations: median {median(counts):g}. Not right: {'; '.join(missed)}."


def ended(posed: ReferenceDataset, start: dict[str, float]) -> RegressionEnd:
    """The end of the fit from a start."""
    fit = gdcli.fit(posed.model, posed.columns, start=start)
    values = [fit.values[name] for name in posed.parameters]
    errors = [nan if (one := fit.parameters[name].error) is None else one for name in fit.values]
    squares = nan if fit.sum_of_squares is None else fit.sum_of_squares
    return RegressionEnd(
        fit.status if fit.classification in (None, "minimum") else f"{fit.classification}",
        fit.exit_status == 0,
        squares <= posed.sum_of_squares * (1.0 + RIGHT_SUM),
        posed.digits(values),
        least_digits(errors, posed.deviations),
        fit.evaluations,
        fit.accelerations,
        values,
    )


def shown(digits: float) -> str:
    return f"{digits:.1f}" if isfinite(digits) else "none"


def minimum_at(name: str, parameters: Sequence[float], known: list[list[float]]) -> bool:
    """Whether Newton's method in many digits finds a minimum there; those `known` are not sought.

    A minimum that is found is known from then on.
    """
    if any(is_near(parameters, one) for one in known):
        return True
    work = mpmath.mp.clone()
    work.dps = 2 * WORKING_DIGITS
    squares = sum_of_squares(dataset(name), work)
    here = [work.mpf(one) for one in parameters]
    for _ in range(MOST_NEWTON_STEPS):
        gradient, hessian = derivatives(squares, here, work.mpf(DIFFERENCE) * max(map(abs, here)))
        curvatures, axes = work.eigsy(work.matrix(hessian))
        if not min(curvatures) > 0:
            return False
        along = axes.T * work.matrix(gradient)
        move = -axes * work.matrix([g / c for g, c in zip(along, curvatures, strict=True)])
        here = [one + d for one, d in zip(here, move, strict=True)]
        if not is_near(parameters, here):
            return False
        if all(abs(d) * 10**12 <= abs(one) for one, d in zip(here, move, strict=True)):
            known.append([*map(float, here)])
            return True
    return False


def is_near(one: Sequence[Any], other: Sequence[Any]) -> bool:
    return all(abs(a - b) <= NEARNESS * abs(b) for a, b in zip(one, other, strict=True))


def sum_of_squares(posed: ReferenceDataset, work: Any) -> Callable[[list[Any]], Any]:
    """Σ r² of the parameters, by Python's own reading of the model's text in mpmath."""
    sides = [side.strip().replace("^", "**") for side in posed.model.split("~")]
    left, right = (compile(side, posed.name, "eval") for side in sides)
    known = {name: getattr(work, name) for name in ("exp", "log", "cos", "sin", "pi")}
    known["arctan"] = work.atan
    rows = [
        {name: work.mpf(repr(one)) for name, one in zip(posed.columns, row, strict=True)}
        for row in zip(*posed.columns.values(), strict=True)
    ]

    def squares(parameters: list[Any]) -> Any:
        named = dict(zip(posed.parameters, parameters, strict=True))
        scopes = ({**known, **named, **row, "__builtins__": {}} for row in rows)
        return work.fsum((eval(right, scope) - eval(left, scope)) ** 2 for scope in scopes)

    return squares
