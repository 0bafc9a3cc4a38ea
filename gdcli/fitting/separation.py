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
from typing import TYPE_CHECKING, Any

import numpy as np

from gdcli.fitting.losses import COUNTS, POISSON, SQUARED
from gdcli.fitting.residuals import Residuals
from gdcli.fitting.softmax import SoftmaxResiduals

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[np.float64]]

SATURATED = 1e-4  # the slope by f, beside the largest there can be, of a row told apart
BORDER = 1e-9  # how little a row is moved that stays, beside what it could be
UNMOVED = 1e-6  # of a parameter in a direction, beside the one that moves predictions most


def separation(problem: Residuals, parameters: Sequence[float]) -> list[float]:
    """The direction of the p parameters that separates; no entries where none was found."""
    if not problem.loss.likelihood:
        return []
    if isinstance(problem, SoftmaxResiduals):
        constraints, slopes = problem.constraints(parameters)
    else:
        constraints, slopes = _constraints(problem, parameters)
    found = separating_direction(constraints, slopes, np.array(parameters))
    return [] if found is None else found.tolist()


def _constraints(problem: Residuals, parameters: Sequence[float]) -> tuple[Array, Array]:
    """Row by row ±∂f/∂θ, along which the loss must not rise, and how far from 0 its slope is."""
    rows = problem.rows._replace(weights=None)
    plain = Residuals(problem.model, rows, SQUARED, problem.backend)
    problem.evaluations += 1
    residuals, gradients = (np.array(one) for one in plain.each_row(parameters))
    y = np.array(rows.response, dtype=float)
    f = residuals + y
    if problem.loss.response == COUNTS:
        with np.errstate(over="ignore"):
            slopes = np.where(y > 0.0, 1.0, np.exp(f))
        signs = np.where(y > 0.0, 1.0, -1.0)
    else:
        signs = 2.0 * y - 1.0
        with np.errstate(over="ignore"):
            slopes = 1.0 / (1.0 + np.exp(signs * f))
    if problem.rows.weights is not None:
        kept = np.array(problem.rows.weights) > 0.0
        signs, gradients, slopes = signs[kept], gradients[kept], slopes[kept]
    return signs[:, None] * gradients, slopes


def separating_direction(constraints: Array, slopes: Array, toward: Array) -> Array | None:
    """A direction v with constraints·v >= 0 everywhere and > 0 somewhere; None if none was found.

    It is sought among those that leave the constraints alone whose slope is not almost 0, beside
    the direction `toward`, to which parameters grew.
    """
    scales = np.linalg.norm(constraints, axis=0)
    scales[scales == 0.0] = 1.0
    scaled = constraints / scales
    told = slopes <= SATURATED
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
    for along in (free @ (toward * scales), newton, moves.sum(axis=0)):
        v = along @ free
        moved = scaled @ v
        limit = BORDER * lengths * np.linalg.norm(v)
        if (moved >= -limit).all() and (moved > 1e3 * limit).any():
            v[abs(v) < UNMOVED * abs(v).max()] = 0.0
            v = v / scales
            return np.asarray(v / np.linalg.norm(v))
    return None


def separation_message(names: Sequence[str], direction: Sequence[float], loss: str) -> str:
    """`b grows without bound: the classes are separated`."""
    from gdcli.errors import listed

    moving = [name for name, one in zip(names, direction, strict=True) if one]
    grows = "grow" if len(moving) > 1 else "grows"
    why = "the classes are separated"
    if loss == POISSON.name:
        why = "the rows that tell of it have the count 0"
    return f"{listed(moving)} {grows} without bound: {why}"
