"""Checks of the residuals of a fit: are they random, and which rows stand out.

Comes in: the residuals √w·(f - y) of m rows and their leverages, in lists or in arrays. Goes out:
ResidualChecks. A leverage is how far a fitted value follows its own row, from 0 to 1.

Source: Wald and Wolfowitz, On a test whether two samples are from the same population (1940);
Durbin and Watson, Testing for serial correlation in least squares regression (1950); Cook and
Weisberg, Residuals and Influence in Regression (1982), 2.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from heapq import nlargest
from itertools import pairwise
from math import comb, fsum, sqrt
from typing import TYPE_CHECKING, Any

from gdcli.fitting.factorization import inner
from gdcli.fitting.result import LargeResidual, ResidualChecks
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.distributions import normal_tail

if TYPE_CHECKING:
    from gdcli.fitting.residuals import Residuals

LISTED_RESIDUALS = 10
MOST_EXACT_SIGNS = 300  # of residuals: of more the number of runs is taken as normal
FULL_LEVERAGE = 1.0 - 1e-6  # from here on the row alone decides its fitted value


class RowChecks(NamedTuple):
    """The ResidualChecks, and the places of the rows whose leverage is 1."""

    checks: ResidualChecks
    full: list[int]


def weighted_residuals(
    residuals: Residuals, parameters: Sequence[float], root: Sequence[Sequence[float]]
) -> Iterator[tuple[Any, Any]]:
    """The residuals √w·(f - y) and the leverages of all rows: some thousand at a time in arrays, or
    all in lists.

    `root` is U, the p rows of a matrix with U·Uᵀ = (JᵀJ)⁻¹.
    """
    if not residuals.is_large:
        found, slopes = residuals.each_row(parameters)
        columns = [[*column] for column in zip(*root, strict=True)]
        yield found, [fsum(inner(row, column) ** 2 for column in columns) for row in slopes]
        return
    import numpy

    columns = [[*column] for column in zip(*root, strict=True)]
    for block, of_block in residuals.blocks(parameters):
        leverage: Any = numpy.zeros(len(block))
        for column in columns:  # slope by slope, as they stand in memory: a sixth of einsum's time
            turned = sum(u * of_block[:, j] for j, u in enumerate(column) if u)
            leverage += numpy.square(turned)
        yield block, leverage


def row_checks(
    residuals: Residuals, blocks: Iterable[tuple[Any, Any]], s: float | None, freedom: int
) -> RowChecks:
    """The checks of the residuals, which come in blocks with their leverages.

    s² is their variance; where s is None it is estimated with `freedom` degrees of freedom, for
    each studentized residual without its own row.
    """
    first, total, differences = 0, 0.0, 0.0
    before: list[float] = []  # the last residual of the block before
    positive, negative, changes, sign = 0, 0, 0, 0
    largest: list[tuple[float, int, float, float]] = []
    full: list[int] = []
    for values, leverage in blocks:
        total += sum_of_squares(values)
        differences += _squared_differences(values)
        differences += sum((float(values[0]) - last) ** 2 for last in before)
        before = [float(values[-1])]
        more = _sign_runs(values)
        if more.first:
            positive, negative = positive + more.positive, negative + more.negative
            changes += more.changes + (sign * more.first < 0)
            sign = more.last
        for place in _largest_places(values):
            value = float(values[place])
            largest.append((abs(value), -(first + place), value, float(leverage[place])))
        largest = nlargest(LISTED_RESIDUALS, largest)
        full += [first + place for place in _full_leverages(leverage)]
        first += len(values)
    found = []
    rows, weights = residuals.rows, residuals.rows.weights
    for _, minus_place, value, h in largest:
        place = -minus_place
        weight = 1.0 if weights is None else float(weights[place])
        variance = _variance_without(value, h, total, freedom) if s is None else s * s
        known = variance > 0.0 and h < FULL_LEVERAGE
        studentized = -value / sqrt(variance * (1.0 - h)) if known else None
        found.append(LargeResidual(rows.number(place), -value / sqrt(weight), studentized))
    watson = differences / total if total > 0.0 else None
    runs = runs_probability(positive, negative, changes + 1)
    return RowChecks(ResidualChecks(runs, watson, tuple(found)), full)


def _variance_without(value: float, leverage: float, total: float, freedom: int) -> float:
    """s² of a fit without the row."""
    if freedom < 2 or leverage >= FULL_LEVERAGE:
        return 0.0
    return max(0.0, total - value * value / (1.0 - leverage)) / (freedom - 1)


def runs_probability(positive: int, negative: int, runs: int) -> float | None:
    """The two-sided probability of so few or so many runs among signs in random order.

    Twice the smaller one of the probabilities of at most and of at least so many runs, at most 1;
    None where all signs are equal.
    """
    if not positive or not negative:
        return None
    n = positive + negative
    if n > MOST_EXACT_SIGNS:
        double = 2.0 * positive * negative
        mean = 1.0 + double / n
        deviation = sqrt(double * (double - n) / (n * n * (n - 1.0)))
        return min(1.0, 2.0 * normal_tail((abs(runs - mean) - 0.5) / deviation))
    ways = [_arrangements(positive, negative, count) for count in range(n + 1)]
    few, many = sum(ways[: runs + 1]), sum(ways[runs:])
    return min(1.0, 2 * min(few, many) / comb(n, positive))


def _arrangements(positive: int, negative: int, runs: int) -> int:
    """In how many ways so many signs make so many runs."""
    if runs < 2:
        return 0
    half, odd = divmod(runs, 2)
    if not odd:
        return 2 * comb(positive - 1, half - 1) * comb(negative - 1, half - 1)
    return sum(
        comb(one - 1, half) * comb(other - 1, half - 1)
        for one, other in ((positive, negative), (negative, positive))
    )


# -- of lists and of arrays ----------------------------------------------------------------------


def sum_of_squares(values: Any) -> float:
    """The sum of the squares of numbers in a list or an array."""
    return (
        fsum(r * r for r in values) if isinstance(values, list) else float((values * values).sum())
    )


def _squared_differences(values: Any) -> float:
    if isinstance(values, list):
        return fsum((b - a) ** 2 for a, b in pairwise(values))
    steps = values[1:] - values[:-1]
    return float((steps * steps).sum())


class _Signs(NamedTuple):
    """The signs of residuals that are not 0: how many, how often they change, first and last."""

    positive: int
    negative: int
    changes: int
    first: int
    last: int


def _sign_runs(values: Any) -> _Signs:
    if isinstance(values, list):
        marks: Any = [r > 0.0 for r in values if r]
        changes, positive = sum(a != b for a, b in pairwise(marks)), sum(marks)
    else:
        marks = values[values != 0.0] > 0.0
        changes, positive = int((marks[1:] != marks[:-1]).sum()), int(marks.sum())
    if not len(marks):
        return _Signs(0, 0, 0, 0, 0)
    first, last = (1 if marks[place] else -1 for place in (0, -1))
    return _Signs(positive, len(marks) - positive, changes, first, last)


def _full_leverages(leverage: Any) -> list[int]:
    """The places of the rows that alone decide their fitted values."""
    if isinstance(leverage, list):
        return [place for place, h in enumerate(leverage) if h >= FULL_LEVERAGE]
    places: list[int] = (leverage >= FULL_LEVERAGE).nonzero()[0].tolist()
    return places


def _largest_places(values: Any) -> list[int]:
    """The places of the largest residuals."""
    if isinstance(values, list) or len(values) <= LISTED_RESIDUALS:
        places = range(len(values))
        return nlargest(LISTED_RESIDUALS, places, key=lambda place: (abs(values[place]), -place))
    chosen: list[int] = abs(values).argpartition(-LISTED_RESIDUALS)[-LISTED_RESIDUALS:].tolist()
    return chosen
