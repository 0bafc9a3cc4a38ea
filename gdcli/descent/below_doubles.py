"""Whether f falls where doubles show it level: compared in many digits, and by its slopes in them.

Comes in: a function written out, the rays from a stationary point and the ends of some. Goes out:
whether f is lower there. Where minima form a curve a double is on it only as nearly as a double can
be, so a fall must be larger than what the gradients, in those digits too, may still take from f.

Slopes tell more than values: exp(-x) + 1 is 1 at 200 in 60 digits, and its slope there is not 0.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from math import isfinite
from typing import Any

from gdcli.derivatives.exact_values import coordinates, evaluate
from gdcli.descent.box import Face
from gdcli.descent.rays import RAY_LENGTH, RaySearch
from gdcli.descent.step_size import SMALLEST_NORMAL
from gdcli.descent.vectors import Vector
from gdcli.errors import UndefinedError
from gdcli.functions.function import Function
from gdcli.numbers.precise import digits

COMPARED_DIGITS = 60  # in which f is compared where doubles show it level
LEAST_RELATIVE_FALL = 1e-40  # in them
FLOOR_CORRECTIONS_IN_DIGITS = 8  # Newton's, with the Hessian in doubles
CLEAR_FALL = 1e3  # times what the gradients on the floor may still take from f


class DigitSearch:
    """The comparison of f at the point of a RaySearch with f at other points, in many digits.

    A fall of at most `least` is none. Where the search is on a face of a box, the `function` is
    still that of all variables, and no point that is compared lies outside of the box.
    """

    def __init__(self, function: Function, search: RaySearch, least: float) -> None:
        self.function, self.search, self.least = function, search, least
        self.face = search.objective if isinstance(search.objective, Face) else None
        self.system = digits(COMPARED_DIGITS)

    def falls(self, ends: list[Vector], by_values: bool, by_slopes: bool) -> bool:
        """Whether f is lower at one of the ends by its values, or falls on the way by its slopes.

        Slopes that are the same at both ends are believed only where asked for: they may be those
        of a minimum of high order as well. Raises UndefinedError for numbers that are too large.
        """
        here = self.search.here
        f, _, gain = self._evaluated(self._point(here.x))
        for i, g in enumerate(here.gradient):
            if g == 0.0 and self._lasts(partial(self._lost_slope, i)):
                return True
        for end in ends:
            there, _, gain_there = self._evaluated(self._point(end))
            noise = abs(f) * LEAST_RELATIVE_FALL + self.least
            if by_values and f - there > 4.0 * (gain + gain_there) + noise:
                return True
            with suppress(UndefinedError):  # the way there leads over where f is not defined
                if by_slopes and self._lasts(partial(self._fall_to, end)):
                    return True
        return False

    def _point(self, x: Vector) -> list[Any]:
        if self.face is None:
            return coordinates(self.function, self.system, x)
        x = self.face.box.project(x)
        whole = coordinates(self.function, self.system, self.face.whole(x))
        return [whole[i] for i in self.face.free]

    def _in_box(self, x: list[Any]) -> list[Any]:
        """The nearest point of the box, where there is one."""
        if self.face is None:
            return x
        entries = zip(x, *self.face.box, strict=True)
        return [
            0 * c + low if c < low else 0 * c + high if c > high else c for c, low, high in entries
        ]

    def _evaluated(self, x: list[Any]) -> tuple[Any, list[Any], float]:
        """The value of f, its gradient and what that may still take from f in the valley."""
        if self.face is not None:
            whole = coordinates(self.function, self.system, self.face.x)
            for i, c in zip(self.face.free, x, strict=True):
                whole[i] = c
            x = whole
        value, *gradient = evaluate(self.function, self.system, x)
        if self.face is not None:
            gradient = [gradient[i] for i in self.face.free]
        return value, gradient, self.search.valley.gain(self._slopes(gradient))

    def _slopes(self, gradient: list[Any]) -> Vector:
        return [s * float(g) for s, g in zip(self.search.scales, gradient, strict=True)]

    def _floor(self, x: list[Any]) -> tuple[list[Any], list[Any], float]:
        """The point of the valley's floor beside x, its gradient and what that may still gain."""
        valley, scales = self.search.valley, self.search.scales
        _, gradient, gain = self._evaluated(x)
        for _ in range(0 if valley.empty else FLOOR_CORRECTIONS_IN_DIGITS):
            move = valley.newton(self._slopes(gradient))
            if not all(map(isfinite, move)):
                raise UndefinedError("a slope is too large for doubles")
            x = self._in_box([c + s * m for c, s, m in zip(x, scales, move, strict=True)])
            _, gradient, gain = self._evaluated(x)
        return x, gradient, gain

    def _fall_to(self, end: Vector) -> Any:
        """How far f falls on the floor to an end by the smaller slope at both; 0 if not clearly."""
        x, gradient, gain = self._floor(self._point(self.search.here.x))
        y, gradient_there, gain_there = self._floor(self._point(end))
        move = [b - a for a, b in zip(x, y, strict=True)]
        fall = min(
            -sum(g * m for g, m in zip(slopes, move, strict=True))
            for slopes in (gradient, gradient_there)
        )
        return fall if fall > CLEAR_FALL * (gain + gain_there) + self.least else 0

    def _lost_slope(self, i: int) -> Any:
        """The slope by coordinate i, where it is too small for doubles and f falls all along it."""
        x = self._point(self.search.here.x)
        g = self._evaluated(x)[1][i]
        if not 0 < abs(g) < SMALLEST_NORMAL:
            return 0
        there = x.copy()
        there[i] -= RAY_LENGTH * self.search.scales[i] * (1 if g > 0 else -1)
        there = self._in_box(there)
        return g if there[i] != x[i] and self._evaluated(there)[1][i] * g > 0 else 0

    def _lasts(self, measure: Callable[[], Any]) -> bool:
        """Whether what is measured is not 0, and the same in more digits, so no rounding."""
        found = measure()
        if not found:
            return False
        self.system = digits(2 * COMPARED_DIGITS)
        try:
            confirmed = measure()
        finally:
            self.system = digits(COMPARED_DIGITS)
        return bool(abs(confirmed) > 0.5 * abs(found))
