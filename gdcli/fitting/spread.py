"""Spread: how large the residuals of a model are, and the scale that is told from their median."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING

from gdcli.numbers.floats import EPSILON

if TYPE_CHECKING:
    from gdcli.fitting.residuals import Residuals

NORMAL_QUARTILE = 0.6744897501960817  # of the normal distribution: its median |r| in σ


class Spread:
    """The residuals √w·r of a problem, and how far they spread."""

    def __init__(self, problem: Residuals) -> None:
        self.problem, self.rows = problem, problem.rows
        self.rounding = (
            8.0 * EPSILON * max((abs(float(y)) for y in self.rows.response), default=0.0)
        )

    def sizes(self, parameters: Sequence[float]) -> list[float]:
        """|√w·r| of the rows whose weight is not 0, the smallest first."""
        pairs = zip(self.problem.predictions(parameters), self.rows.response, strict=True)
        residuals = [abs(float(f - y)) for f, y in pairs]
        if self.rows.weights is not None:
            weighted = zip(self.rows.weights, residuals, strict=True)
            residuals = [sqrt(w) * r for w, r in weighted if w]
        return sorted(residuals)

    def scale(self, parameters: Sequence[float]) -> float:
        """The s of the Huber loss; not 0 even where most residuals are."""
        if self.rows.absolute:
            return 1.0
        sizes = self.sizes(parameters)
        middle = len(sizes) // 2
        median = 0.5 * (sizes[middle] + sizes[-middle - 1])
        return max(median / NORMAL_QUARTILE, self.rounding) or 1.0
