"""Responses of a model, as a Loss has them: labels by number, counts, and what is refused.

Comes in: the Rows of a model, and the labels of its response. Goes out: Rows whose responses are
those of the loss; and the deviance of the model that knows none of the columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import fsum, log, sqrt
from typing import TYPE_CHECKING, Any

from gdcli.errors import Sentence, Setting, UsageError, listed
from gdcli.fitting.losses import COUNTS, LOGISTIC, NUMBERS, SOFTMAX, TWO_LABELS, Loss

if TYPE_CHECKING:
    from gdcli.fitting.residuals import Rows


def rows_for(loss: Loss, rows: Rows, labels: Sequence[str] = ()) -> tuple[Rows, tuple[str, ...]]:
    """The rows with their responses as the loss has them, and the labels of its classes in order.

    Classes are numbered from 0. `labels` are the texts that 1, 2, ... stand for in the response.
    Raises UsageError for responses that are none for the loss, which names the row, and for
    standard deviations where the loss is not one of residuals.
    """
    if rows.absolute and not loss.residual_power:
        message = "{} are standard deviations of residuals, which this loss has not; take {}"
        raise UsageError(Sentence(message, Setting("sigma"), Setting("weights")))
    if rows.absolute and loss.residual_power == 1:
        rows = rows._replace(weights=_mapped(sqrt, rows.weights))  # of |r|/σ, not of r²/σ²
    if loss.response in (NUMBERS, COUNTS) and labels:
        message = "the response has labels ({}); they are predicted by {} or {}"
        losses = [Setting("loss", one.name) for one in (LOGISTIC, SOFTMAX)]
        raise UsageError(Sentence(message, listed(labels), *losses))
    if loss.response == COUNTS:
        for place, y in enumerate(rows.response):
            if y < 0.0 or y % 1.0:
                message = "row {}: {:.7g} is no count; the {} loss has responses 0, 1, 2, ..."
                raise UsageError(message.format(rows.number(place), float(y), loss.name))
    if loss.response in (NUMBERS, COUNTS):
        return rows, ()
    values = sorted({y for y, _ in weighted_counts(rows.response, None)})
    shown = tuple(labels[int(y) - 1] if labels else f"{y:.15g}" for y in values)
    if len(values) < 2 or (loss.response == TWO_LABELS and len(values) > 2):
        needed = "two labels" if loss.response == TWO_LABELS else "two labels or more"
        message = "the {} loss has a response of {}; here it has {}: {}"
        said = message.format(loss.name, needed, len(values), listed(shown))
        if len(values) < 2:
            raise UsageError(said)
        raise UsageError(Sentence("{}; for more than two: {}", said, Setting("loss", SOFTMAX.name)))
    place_of = {y: float(place) for place, y in enumerate(values)}
    return rows._replace(response=_mapped(place_of.__getitem__, rows.response)), shown


def _mapped(function: Callable[[float], float], column: Any) -> Any:
    """The column with the function of each number, in a list or an array as it is."""
    if isinstance(column, list):
        return [*map(function, column)]
    import numpy

    different, places = numpy.unique(column, return_inverse=True)
    return numpy.array([*map(function, different.tolist())])[places]


def null_deviance(loss: Loss, rows: Rows) -> float:
    """The deviance of the best prediction that is the same for every row, of a likelihood."""
    pairs = [(y, w) for y, w in weighted_counts(rows.response, rows.weights) if w]
    total = fsum(w for _, w in pairs)
    if loss.response == COUNTS:
        mean = fsum(w * y for y, w in pairs) / total
        return 2.0 * fsum(w * (y * log(y / mean) - (y - mean)) if y else w * mean for y, w in pairs)
    of_class: dict[float, list[float]] = {}
    for y, w in pairs:
        of_class.setdefault(y, []).append(w)
    return -2.0 * fsum(fsum(ws) * log(fsum(ws) / total) for ws in of_class.values())


def weighted_counts(counts: Any, weights: Any) -> Iterable[tuple[float, float]]:
    """Pairs of a count and a weight, of arrays one for each different count."""
    if isinstance(counts, list):
        return zip(counts, weights or [1.0] * len(counts), strict=True)
    import numpy

    different, places = numpy.unique(counts, return_inverse=True)
    totals = numpy.bincount(places, weights)
    return zip(different.tolist(), totals.tolist(), strict=True)
