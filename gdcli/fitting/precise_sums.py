"""The sum of losses and its gradient in decimals of 40 digits: the closing steps of a fit need it.

Where residuals are small beside the response, floats leave few digits of a gradient whose terms
nearly cancel at the minimum.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from gdcli.execute.decimals import in_decimals, shortest_decimal
from gdcli.execute.source import Compiled
from gdcli.numbers.linear_algebra import as_list


def precise_sums(
    row: Compiled,
    data: Sequence[Any],
    parameters: Sequence[float | Decimal],
    settings: Sequence[float] = (),
) -> tuple[Decimal, list[Decimal]] | None:
    """The sum of w·ℓ over the rows, and the sums of w·ℓ′·∂f/∂θ; None where there is no number.

    `row` computes the terms of RowTapes.derivatives, `data` has the columns, the response and the
    weights, `settings` those of the loss.
    """
    behind = [*map(shortest_decimal, settings)]
    point = [one if isinstance(one, Decimal) else shortest_decimal(one) for one in parameters]
    total, gradient = Decimal(0), [Decimal(0)] * len(point)
    with in_decimals():
        try:
            for row_numbers in zip(*map(as_list, data), strict=True):
                numbers = [*map(shortest_decimal, row_numbers), *behind]
                value, (slope, _, *slopes) = row([*point, *numbers])
                total += value
                gradient = [g + slope * one for g, one in zip(gradient, slopes, strict=True)]
        except (ArithmeticError, ValueError):
            return None
    return total, gradient
