"""What kind of point a run ended at: minimum, saddle, maximum, or flat.

Comes in: an objective and an evaluated point. Goes out: a `Curvature`, the Hessian's eigenvalues
and what they say of step sizes; and for a converged run a `Verdict`. The signs are those of DHD
with D = |hᵢᵢ|^(-1/2), so that badly scaled variables count alike. A point where curvature vanishes
is decided by values of f around it, and so is a kink, where the Hessian describes no one.
"""

from __future__ import annotations

from math import isfinite, sqrt
from typing import NamedTuple

from gdcli.descent.eigenvalues import symmetric_eigen
from gdcli.descent.objective import Evaluation, Objective
from gdcli.descent.subgradient import INNER_RADIUS_RATIO, KINK_RADIUS
from gdcli.descent.vectors import Vector, dot, largest, scaled, step
from gdcli.errors import Sentence, Setting
from gdcli.numbers.floats import EPSILON, MOST_LISTED_COMPONENTS
from gdcli.numbers.linear_algebra import identity

PROBE_DISTANCE = 0.01  # how far a flat point is probed, relative to max(1, |xᵢ|)
KINK_DISTANCE = KINK_RADIUS * INNER_RADIUS_RATIO  # of a touched kink: where gradients were sampled
REMAINING_SHARE = 0.1  # of the gradient is left by a Newton step only where curvature vanishes


class Curvature(NamedTuple):
    """The Hessian at a point: its n rows and its n eigenvalues, rising."""

    hessian: list[Vector]
    eigenvalues: Vector

    @property
    def condition_number(self) -> float | None:
        """The largest |λ| over the smallest; None where that is 0."""
        sizes = sorted(map(abs, self.eigenvalues))
        ratio = sizes[-1] / sizes[0] if sizes[0] > 0.0 else None
        return ratio if ratio is not None and isfinite(ratio) else None

    @property
    def alpha_limit(self) -> float | None:
        """2/L, the fixed α from which on steepest descent leaves the point; L = max λ > 0."""
        top = self.eigenvalues[-1]
        limit = 2.0 / top if top > 0.0 else None
        return limit if limit is not None and isfinite(limit) else None


class Verdict(NamedTuple):
    """The kind of a stationary point, whether it is a minimum, and why."""

    classification: str
    minimum: bool
    degenerate: bool
    sentence: str

    @property
    def plain(self) -> bool:
        """Whether it is a minimum that needs no word of its own in a message."""
        return self.minimum and not self.degenerate


def curvature(objective: Objective, x: Vector) -> Curvature | None:
    """The curvature at x; None at a kink, where it is not finite, or of too many variables."""
    if len(x) > MOST_LISTED_COMPONENTS or objective.kinks(x, KINK_DISTANCE):
        return None
    hessian = objective.evaluate_hessian(x)
    if not all(isfinite(largest(row)) for row in hessian):
        return None
    return Curvature(hessian, symmetric_eigen(hessian)[0])


def verdict(objective: Objective, here: Evaluation, local: Curvature | None) -> Verdict | None:
    """The kind of the stationary point `here`; None beyond MOST_LISTED_COMPONENTS variables.

    `local` is the curvature there, if it is known.
    """
    if len(here.x) > MOST_LISTED_COMPONENTS:
        return None
    if local is None:
        return _by_values(objective, here)
    scales = _scales(local.hessian)
    rows = [
        [a * h * b for h, b in zip(row, scales, strict=True)]
        for row, a in zip(local.hessian, scales, strict=True)
    ]
    values, vectors = symmetric_eigen(rows)
    zero = 64.0 * len(values) * EPSILON * max(map(abs, values))
    axes = [[a * c for a, c in zip(scales, vector, strict=True)] for vector in vectors]
    if values[-1] < -zero:
        return Verdict("maximum", False, False, "a maximum: f falls in every direction from here")
    if values[0] < -zero:
        return Verdict("saddle", False, False, "a saddle, no minimum: f falls in some directions")
    flat = [axis for value, axis in zip(values, axes, strict=True) if value <= zero]
    newton = _newton_step(here, values, axes, zero)
    if not flat and _removes_gradient(objective, here, local, newton):
        return Verdict("minimum", True, False, _nearness(here, newton))
    return _flat(objective, here, flat, newton)


def _nearness(here: Evaluation, newton: Vector) -> str:
    """The sentence for a point that is at a minimum, or near one by a Newton step."""
    if _reach(here, newton) <= PROBE_DISTANCE:
        return "a minimum: f rises in every direction from here"
    return Sentence(
        "a minimum lies near: curvature is positive, but a Newton step still has length {:.2g}; "
        "a smaller {} comes closer",
        *(largest(newton), Setting("tolerance")),
    )


def _reach(here: Evaluation, move: Vector) -> float:
    """The largest change of a coordinate, relative to max(1, |xᵢ|)."""
    return max([abs(p) / max(1.0, abs(c)) for p, c in zip(move, here.x, strict=True)], default=0.0)


def _scales(hessian: list[Vector]) -> Vector:
    """The diagonal of D: |hᵢᵢ|^(-1/2), or by the largest of the row where hᵢᵢ is 0."""
    sizes = [abs(row[i]) or largest(row) for i, row in enumerate(hessian)]
    return [1.0 / sqrt(size) if size > 0.0 else 1.0 for size in sizes]


def _newton_step(here: Evaluation, values: Vector, axes: list[Vector], zero: float) -> Vector:
    """-H⁻¹g over the directions that have curvature."""
    newton = [0.0] * len(here.x)
    for value, axis in zip(values, axes, strict=True):
        if value > zero:
            newton = step(newton, -dot(axis, here.gradient) / value, axis)
    return newton


def _removes_gradient(
    objective: Objective, here: Evaluation, local: Curvature, newton: Vector
) -> bool:
    """Whether a Newton step leaves little but rounding of ∇f: the quadratic model holds."""
    left = largest(objective.evaluate_gradient(step(here.x, 1.0, newton))[1])
    sizes = [abs(c) for c in here.x]
    noise = 64.0 * EPSILON * max(dot([abs(h) for h in row], sizes) for row in local.hessian)
    return left <= REMAINING_SHARE * here.gradient_norm + noise


def _flat(objective: Objective, here: Evaluation, flat: list[Vector], newton: Vector) -> Verdict:
    """The verdict where curvature vanishes, by values of f around and a Newton step."""
    reach = _reach(here, newton)
    if reach > PROBE_DISTANCE:
        sentence = (
            f"no minimum: f levels off here, a Newton step still has length {largest(newton):.2g}"
        )
        return Verdict("flat", False, True, sentence)
    directions = [*flat, newton] if reach > 0.0 else flat
    changes = [
        _change(objective, here, _reaching(here.x, direction, sign * PROBE_DISTANCE))
        for direction in directions
        for sign in (1.0, -1.0)
    ]
    if min(changes, default=0) >= 0:
        sentence = "a degenerate minimum: curvature vanishes, but f is not lower around it"
        return Verdict("minimum", True, True, sentence)
    word = "an inflection or a slope that flattens" if max(changes) > 0 else "flat"
    sentence = f"no minimum: {word}, f is lower near by"
    return Verdict("flat", False, True, sentence)


def _by_values(objective: Objective, here: Evaluation) -> Verdict:
    """The verdict at a kink, by values of f on either side along axes and diagonals."""
    n = len(here.x)
    axes = identity(n)
    turned = [[(-1.0) ** (i * (j + 1) // 2) for i in range(n)] for j in range(n)] if n > 1 else []
    near, far = (
        [
            _change(objective, here, _reaching(here.x, direction, sign * distance))
            for direction in axes + turned
            for sign in (1.0, -1.0)
        ]
        for distance in (1e-2 * PROBE_DISTANCE, PROBE_DISTANCE)
    )
    lower = [a <= 0 and b < 0 for a, b in zip(near, far, strict=True)]
    if not any(lower):
        return Verdict("minimum", True, True, "a minimum at a kink: f is not lower around it")
    if all(lower):
        return Verdict("maximum", False, True, "a maximum at a kink: f is lower all around it")
    return Verdict("saddle", False, True, "no minimum: f has a kink here and is lower near by")


def _reaching(x: Vector, direction: Vector, distance: float) -> Vector:
    """x moved along the direction until a coordinate has changed by distance·max(1, |xᵢ|)."""
    reach = max(abs(d) / max(1.0, abs(c)) for d, c in zip(direction, x, strict=True))
    return step(x, 1.0, scaled(distance / reach, direction))


def _change(objective: Objective, here: Evaluation, x: Vector) -> int:
    """Whether f at x is lower (-1) or higher (1) than `here`, or the same within rounding (0)."""
    f = objective.evaluate(x)
    rounding_of_f = 4.0 * (objective.rounding_error(here.x) + objective.rounding_error(x))
    rounding_of_f = rounding_of_f if isfinite(rounding_of_f) else 0.0
    return (f > here.f + rounding_of_f) - (f < here.f - rounding_of_f)
