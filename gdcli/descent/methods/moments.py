"""Running means of gradients and of their squares, by which AdaGrad, RMSProp and Adam step.

Of squares the root r is kept, so that slopes of 1e200 do not overflow. A mean is 0, and a step is
-α∇f, in variables that a bound holds.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from math import hypot, inf, sqrt
from typing import Any

from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import Demands, GradientAt, Request, Stuck
from gdcli.descent.step_size import Fixed, StepSize
from gdcli.descent.vectors import Vector, equal, restricted, scaled, step
from gdcli.named_tuples import NamedTuple

OWN_ALPHA = 0.01
SMALLEST_ROOT = 1e-8  # ε, added to r


class Moved(NamedTuple):
    """A finite point to which a step of α has led."""

    there: Evaluation
    alpha: float


Moves = Generator[Request, Any, Moved | Stuck]


def own_step_size(given: StepSize | None) -> StepSize:
    """The rule that is given, else α = 0.01 at every step."""
    return given or Fixed(OWN_ALPHA)


def root_sum(weight: float, root: Vector, own: float, gradient: Vector) -> Vector:
    """√(weight·r² + own·g²) in each variable."""
    a, b = sqrt(weight), sqrt(own)
    if isinstance(root, list):
        return [hypot(a * r, b * g) for r, g in zip(root, gradient, strict=True)]
    import numpy

    return numpy.hypot(a * root, b * gradient)


def mean(weight: float, old: Vector, gradient: Vector, free: Sequence[int] | None) -> Vector:
    """weight·old + (1 - weight)·g in each variable that is free, else 0."""
    return restricted(step(scaled(weight, old), 1.0 - weight, gradient), free)


def move(
    step_size: StepSize, here: Evaluation, demands: Demands, slopes: Vector, root: Vector
) -> Moves:
    """The step -α·slopes/(r + ε) as it is, whatever f does there."""
    alpha = yield from step_size.first(here, demands.k)
    if not 0.0 < alpha < inf:
        return Stuck(alpha=alpha)
    if isinstance(slopes, list):
        direction = [-m / (r + SMALLEST_ROOT) for m, r in zip(slopes, root, strict=True)]
    else:
        direction = -slopes / (root + SMALLEST_ROOT)
    if demands.free is not None:
        kept = set(demands.free)
        for i in range(len(direction)):
            if i not in kept:
                direction[i] = -here.gradient[i]
    x = step(here.x, alpha, direction)
    if equal(x, here.x):
        return Stuck()
    there = yield GradientAt(x)
    return Moved(there, alpha) if there.finite else Stuck(there)
