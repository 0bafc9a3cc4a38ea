"""The theorem behind steepest descent, shown: unit directions and the slope of f along each.

Comes in: a gradient and a direction V. Goes out: a sample of unit directions with their slopes,
-∇f/‖∇f‖ and V among them. By Cauchy and Schwarz |∇f·d| ≤ ‖∇f‖ for every unit d, with equality
along ±∇f alone: no direction falls faster than -∇f.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import atan2, cos, degrees, radians, sin

from gdcli.named_tuples import NamedTuple

DEGREES_APART = 30  # between directions in the plane
SPACE_DIRECTIONS = 12  # random directions in space
DIRECTION_SEED = 1847  # the year of Cauchy's Méthode générale pour la résolution des systèmes


class UnitDirection(NamedTuple):
    """A unit direction; `angle` in degrees where there are two variables; `note` names it."""

    direction: list[float]
    slope: float
    angle: float | None = None
    note: str = ""


def directions(
    gradient: Sequence[float], length: float, steepest: Sequence[float], along: Sequence[float]
) -> list[UnitDirection]:
    """Unit directions around a point: by angle in the plane, else by slope, the steepest first.

    `length` is ‖∇f‖, not 0, `steepest` is -∇f/‖∇f‖ and `along` is V/‖V‖.
    """
    n = len(gradient)
    uphill = [0.0 - component for component in steepest]
    found = [
        UnitDirection(list(steepest), -length, _angle(steepest), "steepest descent"),
        UnitDirection(uphill, length, _angle(uphill), "steepest ascent"),
    ]
    others = [UnitDirection(list(along), _slope(gradient, along), _angle(along), "V")]
    if n == 2:
        others += [_at_angle(gradient, angle) for angle in range(0, 360, DEGREES_APART)]
    elif n > 2:
        others += [UnitDirection(one, _slope(gradient, one)) for one in _random_directions(n)]
    for other in others:
        same = next((i for i, one in enumerate(found) if _close(one, other)), None)
        if same is None:
            found.append(other)
        elif other.note:
            found[same] = found[same]._replace(note=f"{found[same].note}, {other.note}")
    return sorted(found, key=lambda one: one.slope if one.angle is None else one.angle)


def _at_angle(gradient: Sequence[float], angle: int) -> UnitDirection:
    """The direction at `angle` degrees; components that are 0 or ±1/2 are so exactly."""
    direction = [round(cos(radians(angle)), 15) + 0.0, round(sin(radians(angle)), 15) + 0.0]
    return UnitDirection(direction, _slope(gradient, direction), float(angle))


def _random_directions(n: int) -> list[list[float]]:
    """Random points of the unit sphere: vectors of normal deviates, scaled (Muller 1959)."""
    from math import hypot
    from random import Random

    random = Random(DIRECTION_SEED)
    drawn = [[random.gauss(0, 1) for _ in range(n)] for _ in range(SPACE_DIRECTIONS)]
    return [[component / hypot(*one) for component in one] for one in drawn]


def _close(one: UnitDirection, other: UnitDirection) -> bool:
    pairs = zip(one.direction, other.direction, strict=True)
    return all(abs(a - b) < 1e-12 for a, b in pairs)


def _slope(gradient: Sequence[float], direction: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(gradient, direction, strict=True))


def _angle(direction: Sequence[float]) -> float | None:
    if len(direction) != 2:
        return None
    return degrees(atan2(direction[1], direction[0])) % 360
