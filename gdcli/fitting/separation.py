"""Separation: data that no finite parameters of a classification, or of counts, fit best.

Comes in: the Residuals of a model that is linear in its parameters, with a loss that is a
likelihood, and parameters at which a descent ended. Goes out: a direction along which the loss
falls for ever, if there is one, checked row by row.

Where classes can be told apart without error, or but for rows on the border, larger parameters
always fit better. Each row then says in which direction its loss does not rise: for class 1 it is
f that must not fall, for class 0 not rise, of a count of 0 not rise, of a larger count it must
stay. Rows whose slope is not yet 0 are on the border: a direction that leaves these alone, and is
right for all others, separates. Without one, slopes that sum to 0 are the proof of a minimum.

Source: Albert and Anderson, On the existence of maximum likelihood estimates in logistic
regression models, Biometrika 71 (1984) 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, inf
from typing import TYPE_CHECKING, Any

from gdcli.fitting.losses import COUNTS, LABELS, SQUARED
from gdcli.fitting.residuals import Residuals

if TYPE_CHECKING:
    from gdcli.descent.box import Box
    from gdcli.execute.grid import Array

TOLD_APART = 1e-4  # the slope by f, beside the largest there can be, of a row told apart
ALL_TOLD_APART = 1e-8  # of the rows of a model that is not linear
LARGEST_POWER = 700.0  # of e that is a float
BORDER = 1e-9  # how little a row is moved that stays, beside what it could be
UNMOVED = 1e-6  # of a parameter in a direction, beside the one that moves predictions most


def separation(
    problem: Residuals, parameters: Sequence[float], box: Box | None = None, linear: bool = True
) -> list[float]:
    """The direction of the p parameters that separates; no entries where none was found.

    It does not move parameters that a bound keeps from growing. Where the model is not `linear` in
    its parameters together, it is sought only if all rows are told apart, and proves no more than
    that the loss falls along it.
    """
    if problem.loss.response == LABELS:
        from gdcli.fitting.softmax import SoftmaxResiduals

        assert isinstance(problem, SoftmaxResiduals)
        constraints, slopes = problem.constraints(parameters)
    else:
        slopes = _slopes(problem, parameters)
        if min(slopes) > TOLD_APART:
            return []  # and NumPy is not imported
        constraints = _constraints(problem, parameters)
    import numpy as np

    if not linear and max(slopes) > ALL_TOLD_APART:
        return []
    if box is not None:
        constraints[:, [j for j in range(problem.p) if box.low[j] > -inf and box.high[j] < inf]] = 0
    found = separating_direction(constraints, np.asarray(slopes), np.array(parameters))
    if found is None:
        return []
    direction: list[float] = found.tolist()
    ends = (
        [inf] * problem.p
        if box is None
        else [
            box.high[j] if v > 0.0 else -box.low[j] if v < 0.0 else inf
            for j, v in enumerate(direction)
        ]
    )
    return direction if min(ends) == inf else []


def _slopes(problem: Residuals, parameters: Sequence[float]) -> Any:
    """How far from 0 the slope of each row's loss by f is, in a list or an array."""
    counts, y = problem.loss.response == COUNTS, problem.rows.response
    f = problem.predictions(parameters)
    if problem.is_large:
        import numpy as np

        if counts:
            return np.where(y > 0.0, 1.0, np.exp(np.minimum(f, 0.0)))
        return 1.0 / (1.0 + np.exp(np.minimum((2.0 * y - 1.0) * f, LARGEST_POWER)))
    pairs = zip(f, y, strict=True)
    if counts:
        return [1.0 if y else exp(min(f, 0.0)) for f, y in pairs]
    return [1.0 / (1.0 + exp(min((2.0 * y - 1.0) * f, LARGEST_POWER))) for f, y in pairs]


def _constraints(problem: Residuals, parameters: Sequence[float]) -> Array:
    """Row by row ±∂f/∂θ, along which the loss must not rise."""
    import numpy as np

    rows = problem.rows._replace(weights=None)
    plain = Residuals(problem.model, rows, SQUARED, problem.backend, passes=problem.passes)
    gradients = np.concatenate([slopes for _, slopes in plain.blocks(parameters)])
    signs = np.where(np.asarray(rows.response) > 0.0, 1.0, -1.0)
    return np.asarray(signs[:, None] * gradients)


def separating_direction(constraints: Array, slopes: Array, toward: Array) -> Array | None:
    """A direction v with constraints·v >= 0 everywhere and > 0 somewhere; None if none was found.

    It is sought among single parameters, and among those that leave the constraints alone whose
    slope is not almost 0, beside the direction `toward`, to which parameters grew.
    """
    import numpy as np

    scales = np.linalg.norm(constraints, axis=0)
    still = scales == 0.0
    scales[still] = 1.0
    scaled = constraints / scales
    told = slopes <= TOLD_APART
    if not told.any():
        return None
    border = scaled[~told]
    free = np.eye(len(scales))
    if len(border):
        _, sizes, vectors = np.linalg.svd(np.linalg.qr(border, mode="r"))
        rank = int((sizes > BORDER * sizes[0]).sum()) if sizes.size else 0
        free = vectors[rank:]
    if not len(free):
        return None
    moves = scaled[told] @ free.T
    pulls = np.clip(slopes[told], np.finfo(float).tiny, None)
    newton = np.linalg.lstsq(moves * np.sqrt(pulls)[:, None], np.sqrt(pulls), rcond=None)[0]
    lengths = np.linalg.norm(scaled, axis=1)
    alone = [sign * unit for unit in np.eye(len(scales)) for sign in (1.0, -1.0)]
    several = [along @ free for along in (free @ (toward * scales), newton, moves.sum(axis=0))]
    for v in (*alone, *several):
        v = np.where(still, 0.0, v)
        moved = scaled @ v
        limit = BORDER * lengths * np.linalg.norm(v)
        if (moved >= -limit).all() and (moved > 1e3 * limit).any():
            direction = np.where(abs(v) < UNMOVED * abs(v).max(), 0.0, v) / scales
            return np.asarray(direction / np.linalg.norm(direction))
    return None
