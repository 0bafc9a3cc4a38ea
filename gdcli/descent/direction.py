"""The direction of a step, made from a gradient and from what a method remembers.

Comes in: an evaluated point of finite gradient. Goes out: a vector d; the next point is
x + α·d. Each method is one small frozen class; `after` gives the one that remembers a step taken.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol, Self

from gdcli.descent.objective import Evaluation
from gdcli.descent.vectors import Vector, scaled


class Direction(Protocol):
    """A rule for directions."""

    def at(self, here: Evaluation) -> Vector:
        """The direction of the step that leaves `here`."""

    def after(self, here: Evaluation, there: Evaluation) -> Self:
        """The rule once the step from `here` to `there` was taken."""


class Steepest(NamedTuple):
    """Steepest descent, d = -∇f(x). (A.-L. Cauchy, 1847.)

    With `scales` s it is that by y = x/s, which is d = -s²∇f(x).
    """

    scales: Vector | None = None

    def at(self, here: Evaluation) -> Vector:
        if self.scales is None:
            return scaled(-1.0, here.gradient)
        return [-s * (s * g) for s, g in zip(self.scales, here.gradient, strict=True)]

    def after(self, here: Evaluation, there: Evaluation) -> Self:  # noqa: ARG002
        """Steepest descent remembers nothing."""
        return self


METHOD = Steepest()
