"""A fit: its data, the curve that was found with its bands, and the residuals.

Comes in: a Fit, whose rows are read off as FittedRows, plain numbers. Goes out: a FitScene, whose
panels share the axis across. That is the one column of the model; where there are several it is
what the model predicts: so the line through the data is that of equality, or of a probability over
its log-odds. Of many rows a sample is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gdcli.errors import Sentence, UsageError
from gdcli.fitting.losses import COUNTS, LABELS, LOGISTIC, NUMBERS, read_loss
from gdcli.fitting.prediction import NewRows, class_probabilities, predicted_bands, predictions
from gdcli.fitting.residuals import Residuals, Rows
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.random_numbers import RandomStream
from gdcli.scenes.levels import drawable
from gdcli.scenes.scene import Array, Axis, Band, FitPanel, FitScene, Polyline, Scatter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gdcli.fitting.model import RegressionModel
    from gdcli.fitting.result import Fit

MOST_DRAWN_ROWS, MOST_FAR_ROWS = 2_000, 20  # drawn of the rows, and those of the largest residuals
MOST_READ_ROWS = 1_000_000  # of a fit: of more a sample is read
FIT_CURVE_POINTS = 601  # of the curve
SIDE_MARGIN = 0.03  # of an axis, beyond the data
MOST_ROOM = 1.0  # of the range of the data: what is drawn of curve and bands beyond them
DECADES_RATIO = 100.0  # of the largest x to the least: from it on an axis may be logarithmic
CROWDED_PART = 0.1  # of an even axis: where it holds more than half of the rows, it is logarithmic
DATA_SHARE, RESIDUAL_SHARE, CLASSES_SHARE = 0.72, 0.28, 0.4  # of the picture's height
GROUP_ROWS, MOST_GROUPS = 20, 12  # rows of a group whose share is drawn, at least; groups
STRIP_HEIGHT = 0.07  # of the points of a class beside the probabilities 0 and 1
DRAWN_ROWS_SEED = 0
FAR_LOG_ODDS = 30.0  # beyond it a probability is 0 or 1 in a picture


class PredictedCurve(NamedTuple):
    """What a model predicts at places along its column: `value` has their shape (m,), of classes
    (classes, m), and so have the low and the high end of a band.

    `confidence` is the band of the curve, `prediction` that of a new row.
    """

    value: Array
    confidence: tuple[Array, Array] | None = None
    prediction: tuple[Array, Array] | None = None


class FittedRows(NamedTuple):
    """The m rows of a fit: the response, what is predicted of it, and what a picture says of them.

    `observed` and `predicted` have shape (m,). With `classes`, their names, `observed` has the
    number of each row's class, and `predicted` the log-odds of the second, or the probability of
    each, shape (m, classes). `errors` are the standard deviations that were given with the data,
    `residuals` observed less predicted, as `residual` says. `x` are the values of the only `column`
    of the model, along which `curve` predicts; with several columns they are None. `left_out`
    counts rows that are not among these.
    """

    model: str
    parameters: tuple[str, ...]
    response: str
    observed: Array
    predicted: Array
    residuals: Array
    residual: str = "residual/s"
    errors: Array | None = None
    column: str = ""
    x: Array | None = None
    curve: Callable[[Array], PredictedCurve] | None = None
    classes: tuple[str, ...] = ()
    level: float = 0.95
    left_out: int = 0


def picture_of(fit: Fit) -> FitScene:
    """The picture of a fit. Raises UsageError where it has no rows, as one that was read back."""
    return fit_scene(fitted_rows(fit))


def fitted_rows(fit: Fit) -> FittedRows:
    """The rows of a fit with what it predicts of them."""
    if fit.origin is None:
        raise UsageError("a fit without its rows has no picture")
    (model, every), loss = fit.origin, read_loss(fit.loss)
    rows, values = _few_enough(every), [*fit.values.values()]
    classes = () if loss.response in (NUMBERS, COUNTS) else tuple(fit.labels[fit.response])
    observed = np.asarray(rows.response, dtype=float)
    if loss.response == LABELS:
        chances = class_probabilities(fit.saved, NewRows(model, rows.columns))
        predicted = np.array([*chances.values()]).T
    else:
        predicted = np.asarray(Residuals(model, rows, loss).predictions(values), dtype=float)
    weights = 1.0 if rows.weights is None else np.asarray(rows.weights, dtype=float)
    with np.errstate(all="ignore"):
        scale: Any = fit.s or 1.0
        said = "residual/s" if fit.s else "residual"
        if loss.response == COUNTS:
            predicted = loss.predicted(predicted)
            scale, said = np.sqrt(predicted), "residual/√f"
        elif rows.absolute:
            scale, said = 1.0, "residual/σ"
        left = np.zeros_like(observed) if loss.response == LABELS else observed - predicted
        residuals = left * np.sqrt(weights) / scale
        errors = np.ones_like(observed) / np.sqrt(weights) if rows.absolute else None
    one = len(rows.columns) == 1
    parameters = fit.parameters.values()
    return FittedRows(
        model=fit.model,
        parameters=tuple(parameter_phrase(one.name, one.value, one.error) for one in parameters),
        response=str(model.left.expression).strip(),
        observed=observed,
        predicted=predicted,
        residuals=residuals,
        residual=said,
        errors=errors,
        column=model.columns[0] if one else "",
        x=np.asarray(rows.columns[0], dtype=float) if one else None,
        curve=partial(_curve, fit, model) if one else None,
        classes=classes,
        level=fit.level,
        left_out=every.count_of_rows - rows.count_of_rows,
    )


def _curve(fit: Fit, model: RegressionModel, x: Array) -> PredictedCurve:
    """What the fit predicts at places along its only column."""
    rows = NewRows(model, [x.tolist()])
    if read_loss(fit.loss).response == LABELS:
        return PredictedCurve(np.array([*class_probabilities(fit.saved, rows).values()]))
    if fit.covariance_root is None:
        return PredictedCurve(np.array(predictions(fit.saved, rows), dtype=float))
    found = predicted_bands(fit.saved, rows, fit.level)
    known = [np.array(one, dtype=float) for one in found if one is not None]
    new = (known[3], known[4]) if len(known) == len(found) else None
    return PredictedCurve(known[0], (known[1], known[2]), new)


def _few_enough(rows: Rows) -> Rows:
    """The rows, or a random sample of so many that they fit in memory however many there are."""
    count = rows.count_of_rows
    if count <= MOST_READ_ROWS:
        return rows
    chosen = _sample(count, MOST_READ_ROWS)
    return rows.each(lambda column: np.asarray(column)[chosen])


def _sample(count: int, most: int) -> NDArray[np.intp]:
    """The places of so many rows, one at random of each of as many parts."""
    ends = np.arange(most + 1) * count // most
    within = np.resize(_random_numbers(min(most, MOST_DRAWN_ROWS)), most)
    return np.asarray(ends[:-1] + (within * np.diff(ends)).astype(int))


def _random_numbers(count: int) -> Array:
    """So many numbers from 0 to below 1, the same in every release of NumPy."""
    stream = RandomStream(DRAWN_ROWS_SEED, "rows of a picture")
    return np.array([stream.uniform() for _ in range(count)])


def fit_scene(fitted: FittedRows) -> FitScene:
    """The scene of the rows of a fit."""
    if fitted.predicted.ndim > 1:
        panels, notes = _classes(fitted)
    elif fitted.classes:
        panels, notes = _two_classes(fitted)
    else:
        panels, notes = _response(fitted)
    return FitScene(fitted.model, fitted.parameters, panels, notes)


def _response(fitted: FittedRows) -> tuple[tuple[FitPanel, ...], tuple[str, ...]]:
    """The data with the curve, or with the line of equality, and below them the residuals."""
    along = fitted.predicted if fitted.x is None else fitted.x
    across, logarithmic = _axis(fitted.column or "prediction", along, evenly=fitted.x is None)
    drawn, notes = _drawn(fitted)
    error = None if fitted.errors is None else fitted.errors[drawn]
    data = Scatter("data", along[drawn], fitted.observed[drawn], error)
    grid = _places(across, logarithmic)
    if fitted.x is None or fitted.curve is None:
        bands: tuple[Band, ...] = ()
        line = Polyline("observed = predicted", grid, grid)
    else:
        found = fitted.curve(grid)
        bands = _bands(grid, found, fitted.level)
        line = Polyline("fit", grid, _shown(found.value))
    up = _up(fitted.response, [data], [line.y, *(end for band in bands for end in band[2:])])
    left = Scatter("", along[drawn], fitted.residuals[drawn])
    reach = float(np.max(np.abs(left.y), initial=0.0, where=drawable(left.y))) or 1.0
    below = Axis(fitted.residual, -1.15 * reach, 1.15 * reach)
    zero = Polyline("", np.array(across[1:3]), np.zeros(2))
    return (
        FitPanel(across, up, (data,), (line,), bands, DATA_SHARE, logarithmic),
        FitPanel(across, below, (left,), (zero,), (), RESIDUAL_SHARE, logarithmic),
    ), notes


def _two_classes(fitted: FittedRows) -> tuple[tuple[FitPanel, ...], tuple[str, ...]]:
    """The probability of the second class over the column or the log-odds, the rows of each class
    beside it, and the share of the class in groups of neighbouring rows."""
    second = fitted.classes[1]
    odds = fitted.predicted.clip(-FAR_LOG_ODDS, FAR_LOG_ODDS)
    along = odds if fitted.x is None else fitted.x
    name = fitted.column or f"log-odds of {second}"
    across, logarithmic = _axis(name, along, evenly=fitted.x is None)
    drawn, notes = _drawn(fitted)
    grid = _places(across, logarithmic)
    bands: tuple[Band, ...] = ()
    if fitted.x is None or fitted.curve is None:
        line = Polyline("fit", grid, LOGISTIC.predicted(grid))
    else:
        found = fitted.curve(grid)
        bands = _bands(grid, found, fitted.level)
        line = Polyline("fit", grid, found.value)
    strips = STRIP_HEIGHT * _random_numbers(len(drawn))
    rows = []
    for number, name in enumerate(fitted.classes):
        mine = fitted.observed[drawn] == number
        heights = 1.04 + strips[mine] if number else -0.04 - strips[mine]
        rows.append(Scatter(name, along[drawn][mine], heights))
    up = Axis(f"probability of {second}", -0.15, 1.15)
    middles, shares, expected, spreads = _groups(along, fitted.observed, LOGISTIC.predicted(odds))
    if len(middles):
        rows.append(Scatter(f"share of {second} in groups of rows", middles, shares))
    panels = [FitPanel(across, up, tuple(rows), (line,), bands, DATA_SHARE, logarithmic)]
    if len(middles):
        left = Scatter("", middles, (shares - expected) / spreads)
        reach = max(3.0, float(np.max(np.abs(left.y))))
        below = Axis("residual/σ", -1.15 * reach, 1.15 * reach)
        zero = Polyline("", np.array(across[1:3]), np.zeros(2))
        panels.append(FitPanel(across, below, (left,), (zero,), (), RESIDUAL_SHARE, logarithmic))
    return tuple(panels), notes


def _groups(along: Array, observed: Array, probability: Array) -> tuple[Array, ...]:
    """Groups of rows that are neighbours: the middle of each, the share of the second class in it,
    the share expected, and the standard deviation of that. None of few rows."""
    count = min(len(along) // GROUP_ROWS, MOST_GROUPS)
    order = np.argsort(along, kind="stable")
    parts = np.array_split(order, count) if count > 1 else []
    found = [
        (along[part].mean(), observed[part].mean(), p.mean(), np.sqrt((p * (1 - p)).sum()) / p.size)
        for part in parts
        for p in [probability[part]]
    ]
    kept = [row for row in found if row[-1] > 0.0]
    return tuple(np.array(kept).reshape(-1, 4).T)


def _classes(fitted: FittedRows) -> tuple[tuple[FitPanel, ...], tuple[str, ...]]:
    """The rows of each class, and the probability of each over the column; with several columns the
    rows lie over the probability that the model gives to their own class."""
    drawn, notes = _drawn(fitted)
    observed = fitted.observed[drawn].astype(int)
    if fitted.x is None or fitted.curve is None:
        along = fitted.predicted[drawn, observed]
        across, logarithmic = Axis("probability of its class", -SIDE_MARGIN, 1 + SIDE_MARGIN), False
    else:
        along = fitted.x[drawn]
        across, logarithmic = _axis(fitted.column, fitted.x)
    heights = observed - 0.35 + 0.7 * _random_numbers(len(drawn))
    up = Axis("observed", -0.6, len(fitted.classes) - 0.4)
    points = tuple(
        Scatter("", along[observed == number], heights[observed == number])
        for number in range(len(fitted.classes))
    )
    if fitted.x is None or fitted.curve is None:
        return (FitPanel(across, up, points, (), (), 1.0, texts=fitted.classes),), notes
    grid = _places(across, logarithmic)
    lines = tuple(
        Polyline(name, grid, values)
        for name, values in zip(fitted.classes, fitted.curve(grid).value, strict=True)
    )
    probability = Axis("probability", -0.05, 1.05)
    return (
        FitPanel(across, up, points, (), (), CLASSES_SHARE, logarithmic, fitted.classes),
        FitPanel(across, probability, (), lines, (), 1 - CLASSES_SHARE, logarithmic),
    ), notes


def _drawn(fitted: FittedRows) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """The numbers of the rows that are drawn, and a note where some are not."""
    count = len(fitted.observed)
    if count <= MOST_DRAWN_ROWS:
        return np.arange(count), ()
    sizes = np.nan_to_num(np.abs(fitted.residuals), nan=np.inf)
    far = np.argpartition(sizes, -MOST_FAR_ROWS)[-MOST_FAR_ROWS:]
    rows = np.union1d(_sample(count, MOST_DRAWN_ROWS), far)
    if fitted.left_out:
        message = "of {} rows {} are drawn: a random sample"
        return rows, (Sentence(message, count + fitted.left_out, len(rows)),)
    message = "of {} rows {} are drawn: a random sample, and the {} of the largest residuals"
    return rows, (Sentence(message, count, len(rows), MOST_FAR_ROWS),)


def _axis(name: str, values: Array, evenly: bool = False) -> tuple[Axis, bool]:
    """The axis that holds the values, and whether it is logarithmic: where they lie close together
    at its low end, unless `evenly`."""
    seen = values[drawable(values)]
    low, high = (float(seen.min()), float(seen.max())) if seen.size else (0.0, 1.0)
    if low > 0.0 and high / low > DECADES_RATIO and not evenly:
        crowded = (seen - low < CROWDED_PART * (high - low)).mean() > 0.5
        if crowded:
            ratio = (high / low) ** SIDE_MARGIN
            return Axis(name, low / ratio, high * ratio), True
    room = SIDE_MARGIN * (high - low) or 0.5 * abs(low) or 1.0
    return Axis(name, low - room, high + room), False


def _places(across: Axis, logarithmic: bool) -> Array:
    """The places of a curve along an axis, evenly spaced to the eye."""
    if logarithmic:
        return np.geomspace(across.low, across.high, FIT_CURVE_POINTS)
    return np.linspace(across.low, across.high, FIT_CURVE_POINTS)


def _bands(grid: Array, found: PredictedCurve, level: float) -> tuple[Band, ...]:
    named = {"prediction band": found.prediction, "confidence band": found.confidence}
    return tuple(
        Band(f"{level * 100:g} % {name}", grid, *map(_shown, ends))
        for name, ends in named.items()
        if ends is not None
    )


def _up(name: str, points: Sequence[Scatter], lines: Sequence[Array]) -> Axis:
    """The axis up that holds all points, and as much of the lines as leaves these to be seen."""
    ends = [point.y + sign * bar for point in points for sign in (-1, 1)
            for bar in (0.0 if point.error is None else point.error,)]  # fmt: skip
    data = np.concatenate(ends)
    data = data[drawable(data)]
    low, high = (float(data.min()), float(data.max())) if data.size else (0.0, 1.0)
    room = MOST_ROOM * (high - low)
    drawn = np.concatenate(lines)
    drawn = drawn[np.isfinite(drawn)].clip(low - room, high + room)
    low = float(np.min(drawn, initial=low))
    high = float(np.max(drawn, initial=high))
    margin = SIDE_MARGIN * (high - low) or 0.5 * abs(low) or 1.0
    return Axis(name, low - margin, high + margin)


def _shown(values: Array) -> Array:
    """The values, nan where a picture cannot show them."""
    return np.where(drawable(values), values, np.nan)


def parameter_phrase(name: str, value: float, error: float | None) -> str:
    """A parameter with its standard error, the value to one digit more than the error shows."""
    if error is None or not error > 0.0 or not np.isfinite(error):
        return f"{name} = {value:.5g}"
    places = max(0, int(np.floor(np.log10(abs(value) / error))) + 3 if value else 2)
    return f"{name} = {value:.{min(max(places, 2), 15)}g} ± {error:.2g}"
