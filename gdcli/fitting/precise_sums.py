"""The sum of losses, its gradient and its Gauss-Newton matrix in decimals of 40 digits.

The closing of a fit needs them: where residuals are small beside the response, floats leave few
digits of a gradient whose terms nearly cancel at the minimum; and the matrix has the square of the
condition of the slopes, which takes 10 digits from statistics where that is 1e5.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from gdcli.execute.decimals import in_decimals, shortest_decimal
from gdcli.execute.source import Compiled


def precise_sums(
    row: Compiled,
    rows: Sequence[Sequence[Decimal]],
    parameters: Sequence[float | Decimal],
    settings: Sequence[float],
) -> tuple[Decimal, list[Decimal], list[list[Decimal]]] | None:
    """The sum of w·ℓ over the rows, the sums of w·ℓ′·∂f/∂θ, and the rows up to their diagonal of
    the sums of w·ℓ″·∂f/∂θⱼ·∂f/∂θₖ; None where there is no number.

    `row` computes the terms of RowTapes.derivatives; each of the `rows` has the columns, the
    response and the weight; `settings` are those of the loss.
    """
    behind = [*map(shortest_decimal, settings)]
    point = [one if isinstance(one, Decimal) else shortest_decimal(one) for one in parameters]
    total, gradient = Decimal(0), [Decimal(0)] * len(point)
    matrix = [[Decimal(0)] * (j + 1) for j in range(len(point))]
    with in_decimals():
        try:
            for numbers in rows:
                value, (slope, curvature, *slopes) = row([*point, *numbers, *behind])
                total += value
                gradient = [g + slope * one for g, one in zip(gradient, slopes, strict=True)]
                for entries, one in zip(matrix, slopes, strict=True):
                    pull = curvature * one
                    entries[:] = [a + pull * b for a, b in zip(entries, slopes, strict=False)]
        except (ArithmeticError, ValueError):
            return None
    return total, gradient, matrix
