"""Whether f can still be improved: the decrease a step could bring beside f's rounding error.

Comes in: an objective and an evaluated point. Goes out: both numbers. The decrease is that of the
quadratic model along the gradient, ½‖g‖⁴/|g·Hg|, or of a Newton step, ½g·H⁻¹g, where that is more:
what creeps along a valley has not converged. Where f has no curvature it is infinite, so a kink or
a jump never passes for machine precision. To the first-order bound of f's rounding error comes
what the model gives for a move of x by its own rounding, where f is near 0 all there is.
"""

from __future__ import annotations

from math import inf, isfinite

from gdcli.descent.box import Box, Face
from gdcli.descent.eigenvalues import symmetric_eigen
from gdcli.descent.objective import Evaluation, Objective
from gdcli.descent.scales import coordinate_scales, scaled_hessian
from gdcli.descent.vectors import Vector, difference, dot, largest, length, scaled, sizes, step
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import EPSILON, MOST_LISTED_COMPONENTS

MOST_CONJUGATE_PRODUCTS = 30  # of the Hessian with a direction, where it is too large
COORDINATE_ULPS = 4.0 * EPSILON  # two units in the last place of x, to either side
NEGLIGIBLE_DECREASE = 1e-10  # of |f|: a smaller prediction is compared with f's rounding error


class Decrease(NamedTuple):
    """What a step is predicted to gain in f, and the bound of f's rounding error."""

    predicted: float
    rounding: float

    @property
    def lost(self) -> bool:
        """Whether rounding hides the gain; never where the bound is not finite."""
        return self.predicted <= self.rounding < inf


def predicted_decrease(objective: Objective, here: Evaluation, reached: Vector) -> Decrease:
    """The decrease that a step from `here` could bring, beside the rounding error of f.

    Where the Hessian overflows, steps are in the scales of a run that has `reached` so far.
    """
    rounding = objective.rounding_error(here.x)
    size = length(here.gradient)
    if size == 0.0:
        return Decrease(0.0, rounding)
    if len(here.x) > MOST_LISTED_COMPONENTS:
        return _along_products(objective, here, rounding, size, scaled(1.0 / size, here.gradient))
    hessian: list[Vector] | None = objective.evaluate_hessian(here.x)
    gradient, x = here.gradient, here.x
    if hessian is not None and any(inf in sizes(row) for row in hessian):
        scales = coordinate_scales(here.x, reached)
        hessian = scaled_hessian(objective, here.x, scales, None)
        gradient = [s * g for s, g in zip(scales, gradient, strict=True)]
        x = [c / s for c, s in zip(here.x, scales, strict=True)]
        size = length(gradient)
    if hessian is None:
        return Decrease(inf, rounding)
    unit = scaled(1.0 / size, gradient)
    curvature = abs(dot(unit, [dot(row, unit) for row in hessian]))
    if not 0.0 < curvature < inf:
        return Decrease(inf, rounding)
    ulps = [COORDINATE_ULPS * abs(c) for c in x]
    rounding_of_x = 0.5 * dot(ulps, [dot([abs(h) for h in row], ulps) for row in hessian])
    predicted = max(0.5 * size * (size / curvature), _newton_decrease(hessian, gradient))
    return Decrease(predicted, rounding + rounding_of_x)


def predicted_in_box(objective: Objective, here: Evaluation, reached: Vector, box: Box) -> Decrease:
    """The decrease that a step from `here` within the box could bring, beside f's rounding error.

    Variables that a bound holds bring what they change f by on their way to it.
    """
    free = box.free(here.x, here.gradient)
    if free is None:
        return predicted_decrease(objective, here, reached)
    moves = difference(here.x, box.project(difference(here.x, here.gradient)))
    held = set(range(len(here.x))).difference(map(int, free))
    to_bounds = sum(abs(moves[i] * here.gradient[i]) for i in held)
    if not len(free):
        return Decrease(to_bounds, objective.rounding_error(here.x))
    face = Face(objective, here.x, free, box)
    found = predicted_decrease(face, face.seen(here), face.part(reached))
    return found._replace(predicted=found.predicted + to_bounds)


def _along_products(
    objective: Objective, here: Evaluation, rounding: float, size: float, unit: Vector
) -> Decrease:
    """The decrease by conjugate gradients, where the Hessian is too large to be formed.

    They begin with a step along the gradient, and end where what they gain is not lost in rounding.
    It is infinite where they meet a direction without curvature.
    """
    ulps = scaled(COORDINATE_ULPS, sizes(here.x))
    rounding += 0.5 * abs(dot(ulps, objective.evaluate_hessian_product(here.x, ulps)))
    residual = direction = unit  # of length 1, or squares of small slopes would be lost
    left, gained = 1.0, 0.0
    for _ in range(MOST_CONJUGATE_PRODUCTS):
        product = objective.evaluate_hessian_product(here.x, direction)
        curvature = dot(direction, product)
        if not 0.0 < curvature < inf:
            return Decrease(inf, rounding)
        alpha = left / curvature
        gained += 0.5 * size * (size * (alpha * left))
        residual, before = step(residual, -alpha, product), left
        left = dot(residual, residual)
        if not gained <= rounding or left <= EPSILON * EPSILON:
            break
        direction = step(residual, left / before, direction)
    return Decrease(gained, rounding)


def _newton_decrease(hessian: list[Vector], gradient: Vector) -> float:
    """½g·H⁻¹g over the directions whose curvature is not negative beyond H's rounding."""
    if not all(isfinite(largest(row)) for row in hessian):
        return 0.0
    values, vectors = symmetric_eigen(hessian)
    unseen = 64.0 * len(values) * EPSILON * max(map(abs, values))
    steps = [
        (max(v, unseen), axis) for v, axis in zip(values, vectors, strict=True) if v >= -unseen
    ]
    along = [(dot(axis, gradient), value) for value, axis in steps]
    half: float = 0.5 * sum(
        g * (g / value) for g, value in along
    )  # g**2 would raise where it overflows
    return half
