"""Where the descent of a fit begins: given, solved for, or found.

Comes in: the Residuals of a model over data, and the start of some or all parameters. Goes out:
that of all. A model that is linear in all its parameters is solved once; for others the points of
`start_search.py` are tried. Both make squares small, whatever the loss: between the prediction and
the response, or where the response is a label or a count its log-odds or its logarithm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from time import perf_counter
from typing import TYPE_CHECKING

from gdcli.fitting.levenberg_marquardt import FitLimits
from gdcli.fitting.losses import COUNTS, LABELS, SQUARED, TWO_LABELS
from gdcli.fitting.residuals import MOST_LOOP_PARAMETERS, Residuals
from gdcli.fitting.result import FoundStart, Starts
from gdcli.numbers.linear_algebra import as_list, solution

if TYPE_CHECKING:
    from gdcli.descent.box import Box

CERTAIN_CHANCE = 7 / 8  # that a label is taken for, so that its log-odds are finite
ADDED_COUNT = 0.5  # so that the logarithm of a count of 0 is finite
SEARCH_SECONDS = 60.0
NEGLIGIBLE_PIVOT = 1e-13  # of the largest: the parameter is not determined


def starting_point(
    residuals: Residuals,
    linear: Sequence[int],
    given: Mapping[int, float],
    box: Box | None,
    seed: int,
    limits: FitLimits,
) -> FoundStart:
    """The start of all parameters; those `given` by place stay where they are.

    The model is linear in the parameters `linear` together. The seed sets the points that are
    tried; the search ends at the limits, or after SEARCH_SECONDS, with the best so far.
    """
    p = residuals.p
    if len(given) == p:
        return FoundStart([given[j] for j in range(p)], Starts())
    if residuals.loss.response == LABELS:  # whose scores are not of one response
        return FoundStart([given.get(j, 0.0) for j in range(p)], Starts())
    squares = _of_squares(residuals)
    if len(linear) == p and not given:
        found = solved_once(squares)
        return FoundStart(found if box is None else [*box.project(found)], Starts())
    from gdcli.fitting.start_search import search_start

    deadline = min(limits.deadline, perf_counter() + SEARCH_SECONDS)
    return search_start(squares, linear, given, box, seed, limits._replace(deadline=deadline))


def solved_once(residuals: Residuals) -> list[float]:
    """The parameters that make the sum of squares of a linear model least.

    What the data do not determine is small or 0.
    """
    normal = residuals.normal_equations([0.0] * residuals.p)
    if not normal.is_finite:
        return [0.0] * residuals.p
    scales = [max(row[j], 0.0) ** 0.5 or 1.0 for j, row in enumerate(normal.matrix)]
    matrix = [
        [entry / (scales[j] * scales[k]) for k, entry in enumerate(row)]
        for j, row in enumerate(normal.matrix)
    ]
    right = [-g / scale for g, scale in zip(normal.gradient, scales, strict=True)]
    if residuals.p > MOST_LOOP_PARAMETERS:
        import numpy

        found = numpy.linalg.lstsq(matrix, right, NEGLIGIBLE_PIVOT)[0].tolist()
    else:
        found = solution(matrix, right, NEGLIGIBLE_PIVOT)
    return [(x or 0.0) / scale for x, scale in zip(found, scales, strict=True)]


def _of_squares(residuals: Residuals) -> Residuals:
    """The Residuals of squares beside the same predictions; itself where it is that."""
    loss, rows = residuals.loss, residuals.rows
    if loss.is_squared:
        return residuals
    if loss.response == TWO_LABELS:
        odds = log(CERTAIN_CHANCE / (1.0 - CERTAIN_CHANCE))
        response = [odds * (2.0 * y - 1.0) for y in as_list(rows.response)]
    elif loss.response == COUNTS:
        response = [log(y + ADDED_COUNT) for y in as_list(rows.response)]
    else:
        response = rows.response
    rows = rows._replace(response=response)
    return Residuals(
        residuals.model, rows, SQUARED, residuals.backend, residuals.penalty, residuals.passes
    )
