"""Bands around the curve of a fit: how sure a prediction is, and where a new response will lie.

Comes in: a RegressionModel, the parameters, and the root of their covariance; rows of columns,
which may be others than those of the fit. Goes out: Bands, f ± t·√(gᵀCg) with g = ∂f/∂θ. A new
response adds the variance of its own. Where the loss has a link, all are on its scale: the
log-odds, the log of the rate.

Source: Bates and Watts, Nonlinear Regression Analysis and Its Applications (1988), 2.3.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, isfinite, nan, sqrt
from typing import TYPE_CHECKING, Any

from gdcli.named_tuples import NamedTuple
from gdcli.numbers.distributions import normal_quantile, student_t_quantile

if TYPE_CHECKING:
    from gdcli.fitting.model import RegressionModel

NORMAL, STUDENT_T = "normal", "t"  # the distributions of intervals


def interval_quantile(level: float, distribution: str, freedom: int) -> float:
    """How many standard errors an interval of that level reaches to either side."""
    tail = 0.5 * (1.0 - level)
    return normal_quantile(tail) if distribution == NORMAL else student_t_quantile(tail, freedom)


class Bands(NamedTuple):
    """The predictions for m rows with the ends of their bands, in lists, or arrays as the rows are.

    `low` and `high` are the ends of the confidence band of the curve, `new_low` and `new_high` of
    the prediction band of a new response; None where its variance is not known.
    """

    predictions: Any
    low: Any
    high: Any
    new_low: Any = None
    new_high: Any = None


def bands(
    model: RegressionModel,
    parameters: Sequence[float],
    root: Sequence[Sequence[float]],
    columns: Sequence[Any],
    quantile: float,
    variance: Any | None = None,
) -> Bands:
    """The Bands at rows whose `columns` are those of the model, each a list or an array of m.

    `root` is U, the p rows of a matrix with U·Uᵀ = C. `variance` is that of a new response, a
    number, or m of them.
    """
    if columns and not isinstance(columns[0], list):
        return _bands_of_arrays(model, parameters, root, columns, quantile, variance)
    evaluate = model.right.unrolled.evaluate_gradient
    sides = [[*side] for side in zip(*root, strict=True)]
    values, squares = [], []
    for row in zip(*columns, strict=True) if columns else [()]:
        value, slopes = evaluate([*parameters, *row])
        values.append(value)
        squares.append(_squared_length(slopes, sides))
    found = []
    own = [variance] * len(values) if isinstance(variance, float) else variance
    for added in ([0.0] * len(values), own):
        if added is None:
            break
        widths = [quantile * sqrt(a + b) for a, b in zip(squares, added, strict=True)]
        found.append([value - width for value, width in zip(values, widths, strict=True)])
        found.append([value + width for value, width in zip(values, widths, strict=True)])
    return Bands(values, *found)


def _squared_length(slopes: Sequence[float], sides: Sequence[Sequence[float]]) -> float:
    """gᵀCg, as ‖Uᵀg‖², whose digits do not cancel; nan where g is not finite."""
    if not all(map(isfinite, slopes)):
        return nan
    parts = [fsum(g * u for g, u in zip(slopes, side, strict=False)) for side in sides]
    return fsum(part * part for part in parts)


def _bands_of_arrays(
    model: RegressionModel,
    parameters: Sequence[float],
    root: Sequence[Sequence[float]],
    columns: Sequence[Any],
    quantile: float,
    variance: Any | None,
) -> Bands:
    import numpy

    from gdcli.fitting.residuals import Residuals, Rows

    rows = Rows(columns, numpy.zeros(len(columns[0])))
    matrix, values, squares = numpy.array(root), [], []
    for block, slopes in Residuals(model, rows).blocks(parameters):
        values.append(block)
        squares.append(numpy.square(slopes @ matrix).sum(axis=1))
    prediction, square = numpy.concatenate(values), numpy.concatenate(squares)
    found = []
    for added in (0.0, variance):
        if added is None:
            break
        width = quantile * numpy.sqrt(square + added)
        found += [prediction - width, prediction + width]
    return Bands(prediction, *found)
