"""Whether f can still be improved: the decrease a step could bring beside f's rounding error.

Comes in: an objective and an evaluated point. Goes out: both numbers. The decrease is that of the
quadratic model along the gradient, ½‖g‖⁴/|g·Hg|; where f has no curvature it is infinite, so a
kink or a jump never passes for machine precision. To the first-order bound of f's rounding error
comes what the model gives for a move of x by its own rounding, where f is near 0 all there is.
"""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from gdcli.descent.objective import Evaluation, Objective
from gdcli.descent.vectors import EPSILON, dot, largest, length, scaled

GRAIN = 4.0 * EPSILON  # two units in the last place of x, to either side


class Decrease(NamedTuple):
    """What a step could gain in f, and the bound of f's rounding error."""

    possible: float
    rounding: float

    @property
    def lost(self) -> bool:
        """Whether the gain would be lost in rounding; never where a bound is not finite."""
        return self.possible <= self.rounding < inf


def possible_decrease(objective: Objective, here: Evaluation) -> Decrease:
    """The decrease along the gradient beside the rounding error of f, both at `here`."""
    rounding = objective.rounding_error(here.x)
    size = length(here.gradient)
    if size == 0.0:
        return Decrease(0.0, rounding)
    unit = scaled(1.0 / size, here.gradient)
    curvature = abs(dot(unit, [dot(row, unit) for row in objective.evaluate_hessian(here.x)]))
    if not 0.0 < curvature < inf:
        return Decrease(inf, rounding)
    moved = GRAIN * largest(here.x)
    return Decrease(0.5 * size * (size / curvature), rounding + 0.5 * curvature * moved * moved)
