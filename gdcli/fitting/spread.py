"""Spread: how large the residuals of a model are, and the scale that is told from their median."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING, Any

from gdcli.numbers.floats import EPSILON

if TYPE_CHECKING:
    from gdcli.fitting.residuals import Residuals

NORMAL_QUARTILE = 0.6744897501960817  # of the normal distribution: its median |r| in σ


class Spread:
    """The residuals √w·r of a problem, and how far they spread."""

    def __init__(self, problem: Residuals) -> None:
        self.problem, self.rows = problem, problem.rows
        self.rounding = 8.0 * EPSILON * self.rows.largest_response

    def sizes(self, parameters: Sequence[float]) -> Any:
        """|√w·r| of all rows, the smallest first, in a list or an array as the data are."""
        predictions, rows = self.problem.predictions(parameters), self.rows
        if self.problem.is_large:
            import numpy

            roots = 1.0 if rows.weights is None else numpy.sqrt(rows.weights)
            return numpy.sort(abs(roots * (predictions - rows.response)))
        residuals = [abs(f - y) for f, y in zip(predictions, rows.response, strict=True)]
        if rows.weights is not None:
            residuals = [sqrt(w) * r for w, r in zip(rows.weights, residuals, strict=True)]
        return sorted(residuals)

    def scale(self, parameters: Sequence[float]) -> float:
        """The s of the Huber loss; not 0 even where most residuals are."""
        if self.rows.absolute:
            return 1.0
        sizes = self.sizes(parameters)
        middle = len(sizes) // 2
        median = 0.5 * float(sizes[middle] + sizes[-middle - 1])
        return max(median / NORMAL_QUARTILE, self.rounding) or 1.0
