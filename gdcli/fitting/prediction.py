"""Predictions of a fitted model for new rows of data.

Comes in: a SavedModel, which is what a fit leaves behind without its rows, as a Fit has it or as
the JSON of one holds it; and new data. Goes out: a predicted response for each row, and on demand
its confidence band. The text of a saved model is read by the parser of the language, with its
limits: nothing in a file is executed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import isfinite, nan
from os import PathLike
from typing import TYPE_CHECKING, Any

from gdcli.errors import GdcliError, Sentence, Setting, UsageError, brief, listed
from gdcli.fitting.bands import STUDENT_T, Bands, bands, interval_quantile
from gdcli.fitting.losses import LABELS, read_loss
from gdcli.fitting.model import RegressionModel, names, parse_sides, read_model
from gdcli.fitting.observations import Observations, new_observations, refuse_not_positive
from gdcli.fitting.residuals import Residuals, Rows
from gdcli.fitting.settings import confidence_level
from gdcli.functions.arguments import public, wrong
from gdcli.functions.input_files import opened
from gdcli.functions.tables import NUMBER_PATTERN
from gdcli.language.semantics.roles import NO_ENTRIES
from gdcli.language.semantics.scopes import WholeNumbers
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.linear_algebra import as_list

if TYPE_CHECKING:
    from pathlib import Path

    from gdcli.functions.data import DataSources

SAVED_SCHEMAS = (1,)  # of the files that can be read
MOST_SAVED_BYTES = 20_000_000  # of a file; that of 1,000 parameters has fewer


class SavedModel(NamedTuple):
    """A fitted model without the rows that it was fitted to.

    `order` names the p `values` and the rows of the root of their covariance; `columns` are those
    of the right side, `headings` what tables call them if not so. `labels` are the texts that 1, 2,
    … stand for in a column. `sigma` or `weights` is the column that a new row has of them,
    `absolute` whether errors are not scaled by `s`, `quantiles` the distribution of intervals.
    `subscripts` has the least and the greatest number of the columns that stand in subscripts.
    `doubt` says how the fit ended where it found no identifiable minimum.
    """

    text: str
    response: str
    order: Sequence[str]
    values: Sequence[float]
    columns: Sequence[str]
    headings: Mapping[str, str] = NO_ENTRIES
    held: Mapping[str, float | str] = NO_ENTRIES
    sizes: Mapping[str, int] = NO_ENTRIES
    labels: Mapping[str, Sequence[str]] = NO_ENTRIES
    loss: str = "squared"
    level: float = 0.95
    covariance_root: Sequence[Sequence[float]] | None = None
    quantiles: str = STUDENT_T
    s: float | None = None
    degrees_of_freedom: int | None = None
    absolute: bool = False
    sigma: str | None = None
    weights: str | None = None
    subscripts: Mapping[str, Sequence[int]] = NO_ENTRIES
    doubt: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters, of a vector its own."""
        return tuple(dict.fromkeys(name.partition("[")[0] for name in self.order))

    @property
    def predicts_classes(self) -> bool:
        """Whether a prediction is one of several labels."""
        return read_loss(self.loss).response == LABELS


class NewRows(NamedTuple):
    """The m rows that are predicted: `columns` has one for each component that the model reads.

    `precision` has the standard deviations of new responses, which are positive, or their weights,
    which may be 0, where the data have these.
    """

    model: RegressionModel
    columns: Sequence[Sequence[float]]
    precision: Sequence[float] | None = None
    row_count: int = 1


@public
def predict(model: Any, data: DataSources, *, level: float | None = None) -> Any:
    """The predicted responses of a fitted model for new data, an array of shape (m,).

    `model` is a Fit, the path of the JSON file of one, or what `json` has read from it; `data` are
    as for `gdcli.fit`, and need not have the response. With a `level`, such as 0.95, the answer is
    Bands: the predictions, the ends `low` and `high` of their confidence intervals and `new_low`
    and `new_high` of those of new responses, arrays of shape (m,). A prediction that is no finite
    number is nan; that of two labels is the probability of the second, that of several the label.
    Raises UsageError for data that lack a column, or that have a label the model has
    not seen.
    """
    import numpy as np

    saved = model.saved if hasattr(model, "saved") else saved_model(model)
    rows = new_rows(saved, data, level is not None)
    if level is None:
        return np.array(predictions(saved, rows))
    found = predicted_bands(saved, rows, confidence_level(level))
    return Bands(*(one if one is None else np.array(one, dtype=float) for one in found))


def new_rows(saved: SavedModel, data: DataSources, precise: bool) -> NewRows:
    """The rows of new data, as the model reads them, with their precision where it is needed.

    Raises UsageError.
    """
    lengths = {
        name: sum(one.startswith(f"{name}[") for one in saved.headings) for name in saved.columns
    }
    model = _model(saved, {name: length or None for name, length in lengths.items()})
    entries = [
        entry
        for name in model.columns
        for entry in ([f"{name}[{k + 1}]" for k in range(lengths[name])] or [name])
    ]
    beside = (saved.sigma or saved.weights) if precise else None
    known = {one: saved.headings.get(one, one) for one in entries}
    found = new_observations(data, known, beside, saved.subscripts)
    precision = found.columns.get(beside or "")
    if beside and precision is not None:
        refuse_not_positive(precision, beside, found, zeros=saved.sigma is None)
    columns = [
        _labelled(saved, found, one)
        if one in saved.labels or one in found.labels
        else found.columns[one]
        for one in entries
    ]
    for name, column in zip(entries, columns, strict=True):
        _refuse_beyond(saved.subscripts.get(name.partition("[")[0], ()), name, column)
    count = len(columns[0]) if columns else len(found.numbers or ())
    return NewRows(model, columns, precision, count)


def _refuse_beyond(seen: Sequence[int], name: str, column: Sequence[float]) -> None:
    """Raises UsageError for a number in a subscript that is beyond those the model has seen."""
    if not seen:
        return
    low, high = seen
    for place, number in enumerate(column, 1):
        if not low <= number <= high or number != int(number):
            said = f"it has seen whole numbers from {low} to {high}"
            what = f"the model has not seen {number:.17g} as a subscript; {said}"
            raise UsageError(f"row {place}, {brief(name)}: {what}")


def _labelled(saved: SavedModel, found: Observations, name: str) -> list[float]:
    """A column of texts by the numbers that these stand for in the model."""
    known = {label: float(place) for place, label in enumerate(saved.labels.get(name, ()), 1)}
    if not known:
        raise UsageError(f"`{brief(name)}` is a column of numbers in the model, here of texts")
    if name not in found.labels:
        raise UsageError(f"`{brief(name)}` is a column of texts in the model, here of numbers")
    column = []
    for place, number in enumerate(found.columns[name]):
        label = found.labels[name][int(number) - 1]
        if label not in known:
            said = f"the model has not seen the label `{brief(label)}`"
            message = f"row {place + 1}, {brief(name)}: {said}"
            raise UsageError(f"{message}; it has seen {listed([*known])}")
        column.append(known[label])
    return column


def _model(saved: SavedModel, lengths: Mapping[str, int | None]) -> RegressionModel:
    """The model with the columns that it has now. Raises UsageError where it is another."""
    left, _ = parse_sides(saved.text)
    every = {**dict.fromkeys(names(left)), **lengths}
    numbers = {name: WholeNumbers(low, high) for name, (low, high) in saved.subscripts.items()}
    read = read_model(saved.text, every, saved.held, saved.sizes, (), numbers)
    if [*read.components] != [*saved.order]:
        had, has = listed(saved.order), listed(read.components)
        raise UsageError(f"the model has the parameters {had}, with these data {has}")
    return read


def predictions(saved: SavedModel, rows: NewRows) -> Sequence[float | str]:
    """The predicted response of each row, nan where it is no finite number; of classes a label."""
    if saved.predicts_classes:
        return most_probable(class_probabilities(saved, rows))
    found = Residuals(rows.model, _read_by_model(rows)).predictions(saved.values)
    return as_list(read_loss(saved.loss).predicted(found))


def class_probabilities(saved: SavedModel, rows: NewRows) -> dict[str, list[float]]:
    """The probability of each class in each row, by its label; nan where a score is not finite."""
    import numpy as np

    from gdcli.fitting.softmax import probabilities, score_functions

    labels, known = saved.labels[saved.response], _read_by_model(rows)
    scores = np.zeros((known.count_of_rows, len(labels)))
    for k, score in enumerate(score_functions(rows.model)):
        scores[:, k] = Residuals(rows.model._replace(right=score), known).predictions(saved.values)
    return dict(zip(labels, probabilities(scores).T.tolist(), strict=True))


def _read_by_model(rows: NewRows) -> Rows:
    """The rows with numbers in place of the responses, which no prediction reads."""
    return Rows(rows.columns, rows.columns[0] if rows.columns else [0.0] * rows.row_count)


def most_probable(probabilities: Mapping[str, Sequence[float]]) -> list[float | str]:
    """The label of the most probable class in each row, a number where all labels are numbers."""
    numeric = all(map(NUMBER_PATTERN.fullmatch, probabilities))
    labels = [float(label) if numeric else label for label in probabilities]
    rows = zip(*probabilities.values(), strict=True)
    return [labels[one.index(max(one))] if isfinite(one[0]) else nan for one in rows]


def predicted_bands(saved: SavedModel, rows: NewRows, level: float) -> Bands:
    """The predictions of the rows and the ends of their bands of that level.

    Those of a new response are None where its variance is not known, nan for one of weight 0.
    Raises UsageError where the model has no errors.
    """
    if saved.predicts_classes:
        raise UsageError(
            Sentence("a prediction of classes has no band; leave out {}", Setting("level"))
        )
    if saved.covariance_root is None:
        message = "the model has parameters without standard errors, and so no {}"
        raise UsageError(Sentence(message, Setting("level")))
    quantile = interval_quantile(level, saved.quantiles, saved.degrees_of_freedom or 0)
    columns = [[*map(float, column)] for column in rows.columns]
    about = (rows.model, saved.values, saved.covariance_root, columns, quantile)
    found = bands(*about, _variance(saved, rows))
    if not columns:
        found = Bands(*(one and [*one] * rows.row_count for one in found))
    link = read_loss(saved.loss).predicted
    return Bands(*(one if one is None else link([*one]) for one in found))


def _variance(saved: SavedModel, rows: NewRows) -> Any:
    """The variance of each new response, one for all, or None where it is not known."""
    if saved.s is None or not read_loss(saved.loss).is_squared:
        return None
    given = rows.precision
    if saved.sigma or saved.weights:
        if given is None:
            return None
        if saved.sigma:
            return [sigma**2 for sigma in given]
        return [saved.s**2 / weight if weight else nan for weight in given]
    return saved.s**2


# -- saved in a file -----------------------------------------------------------------------------


def saved_model(source: str | Path | Mapping[str, Any]) -> SavedModel:
    """The model in the JSON of a fit: a file by its path, or what was read from it.

    Raises UsageError for what is no such JSON or of another schema.
    """
    if isinstance(source, Mapping):
        return _of_object(source, "the model")
    if not isinstance(source, str | PathLike):
        raise wrong("model", "a fit, the path of its JSON, or what was read from that", source)
    shown = brief(str(source))
    with opened(source, shown) as stream:
        return read_saved(stream.read(MOST_SAVED_BYTES + 1), shown)


def read_saved(content: bytes, shown: str) -> SavedModel:
    """The model in the bytes of a file, called `shown` in messages."""
    if len(content) > MOST_SAVED_BYTES:
        raise UsageError(f"{shown} has more than {MOST_SAVED_BYTES:,} bytes: it is no saved model")
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise UsageError(f"{shown} is no JSON; save a model with the format json") from None
    return _of_object(found, shown)


def _of_object(found: Any, shown: str) -> SavedModel:
    """The model of the object that a fit has written. Raises UsageError for another."""
    if not isinstance(found, Mapping) or "schema" not in found or "parameters" not in found:
        raise UsageError(f"{shown} is no model: it is not what gdcli fit writes as JSON")
    if found["schema"] not in SAVED_SCHEMAS:
        raise UsageError(
            f"{shown}: its schema is {brief(repr(found['schema']))}, this release of gdcli reads "
            f"{listed([*map(str, SAVED_SCHEMAS)])}"
        )
    try:
        return _checked(found)
    except GdcliError:
        raise
    except (KeyError, ValueError, OverflowError) as error:
        raise UsageError(f"{shown} is no whole model: {_reason(error)}") from None


def _checked(found: Mapping[str, Any]) -> SavedModel:
    order = [_text(name) for name in _part(found, "order", list)]
    data, parameters = _part(found, "data"), _part(found, "parameters")
    text = _text(found["expression"])
    _, right = parse_sides(text)
    used = names(right)
    root, freedom = None, found["degrees_of_freedom"]
    if found["covariance_root"] is not None:
        rows = _part(found, "covariance_root", list)
        root = [[_known(entry) for entry in _part(rows, k, list)] for k in range(len(rows))]
        if len(root) != len(order) or len({*map(len, root)}) > 1:
            raise ValueError("the covariance has another size than the parameters")
        if found["quantiles"] == STUDENT_T and (freedom is None or _whole(freedom) < 1):
            raise ValueError("it has standard errors without degrees of freedom")
    return SavedModel(
        text,
        _text(found["response"]),
        order,
        [_known(_part(parameters, name)["value"]) for name in order],
        [one for one in map(_text, _part(data, "columns", list)) if one in used],
        {_text(name): _text(one) for name, one in _part(data, "headings").items()},
        {_text(name): one if isinstance(one, str) else _known(one)
         for name, one in _part(found, "held").items()},
        {_text(name): _whole(size) for name, size in _part(found, "sizes").items()},
        {_text(name): [*map(_text, _part(found["labels"], name, list))]
         for name in _part(found, "labels")},
        _text(found["loss"]),
        _known(found["level"]),
        root,
        _text(found["quantiles"]),
        None if found["s"] is None else _known(found["s"]),
        None if freedom is None else _whole(freedom),
        found["absolute"] is True,
        data["sigma"] and _text(data["sigma"]),
        data["weights"] and _text(data["weights"]),
        {_text(name): [_whole(_part(data["subscripts"], name, list)[k]) for k in range(2)]
         for name in _part(data, "subscripts")} if "subscripts" in data else {},
        "" if found["classification"] == "minimum" else _text(found["message"]),
    )  # fmt: skip


def _reason(error: Exception) -> str:
    return f"it has no {error}" if isinstance(error, KeyError) else str(error)


def _part(whole: Any, key: Any, kind: Any = Mapping) -> Any:
    """The entry of an object or a list, which is an object or a list itself."""
    if not isinstance(part := whole[key], kind):
        what = "list" if kind is list else "object"
        raise ValueError(f"{brief(repr(part))} as {brief(repr(key))} is no {what}")
    return part


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{brief(repr(value))} is no text")
    return value


def _known(value: Any) -> float:
    """The finite number; with many digits it is saved as a text."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(f"{brief(repr(value))} is no number")
    number = float(value)
    if not isfinite(number):
        raise ValueError(f"{brief(repr(value))} is no finite number")
    return number


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{brief(repr(value))} is no whole number")
    return value
