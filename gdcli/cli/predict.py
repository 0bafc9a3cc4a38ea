"""`gdcli predict`: what a fitted model predicts for new rows of data."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from gdcli.cli import values
from gdcli.cli.answers import MOST_TOLD_POINTS
from gdcli.cli.command import Argument, Command, Option
from gdcli.cli.common import ANSWER_HEADING, common_params
from gdcli.cli.output import Output, say
from gdcli.cli.source import STANDARD_INPUT, read_table
from gdcli.errors import UsageError, brief, listed
from gdcli.fitting.prediction import (
    MOST_SAVED_BYTES,
    SavedModel,
    class_probabilities,
    most_probable,
    new_rows,
    predicted_bands,
    predictions,
    read_saved,
    saved_model,
)
from gdcli.functions.data import table_texts
from gdcli.report.predictions import PredictedRow, is_defined
from gdcli.report.view import PredictionView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gdcli.report.formats import Format

EXAMPLES = (
    "gdcli predict model.json new.csv",
    "gdcli predict model.json new.csv --print x,y_predicted",
    "gdcli predict model.json new.csv --format plain",
)
PREDICTED_ENDINGS = ("_predicted", "_low", "_high", "_new_low", "_new_high")  # of columns added
ENVELOPE = ("gdcli", "schema", "expression")  # fields of each row beside its columns


def run(
    model: str | None, new: str | None, level: float | None, form: Format, **common: Any
) -> int:
    with Output(**common) as output:
        saved, table = model_and_rows(model, new)
        rows = new_rows(saved, table, level is not None)
        if saved.doubt:
            output.note(
                f"the fit of the model found no minimum that the data determine: {saved.doubt}"
            )
        headings, cells = table_texts(table)
        columns: list[Sequence[Any]]
        endings: tuple[str, ...] = PREDICTED_ENDINGS
        if level is not None:
            columns = [one for one in predicted_bands(saved, rows, level) if one is not None]
        elif saved.predicts_classes:
            chances = class_probabilities(saved, rows)
            columns = [most_probable(chances), *chances.values()]
            endings = (*endings[:1], *(f"_probability[{label}]" for label in chances))
        else:
            columns = [predictions(saved, rows)]
        added = tuple(saved.response + ending for ending in endings[: len(columns)])
        if both := [name for name in added if name in headings]:
            raise UsageError(f"the new data have a column {brief(both[0])} already")
        view = PredictionView(
            *(saved.text, saved.names, tuple(headings), added, output.screen, saved.held)
        )
        report = with_fields(form, view).writers().predictions(view)
        undefined = 0
        found = zip(cells, zip(*columns, strict=True), strict=True)
        for number, (row, predicted) in enumerate(found, 1):
            output.write(report.row(number, PredictedRow(row, predicted)))
            if not is_defined(predicted):
                undefined += 1
                if undefined <= MOST_TOLD_POINTS:
                    output.flush()
                    say(f"row {number}: the prediction is no finite number")
        output.write(report.end())
        if undefined > MOST_TOLD_POINTS:
            say(f"{undefined - MOST_TOLD_POINTS} more predictions are no finite number")
        return 4 if undefined else 0


def model_and_rows(model: str | None, new: str | None) -> tuple[SavedModel, Any]:
    """The saved model, and the new data: a path, or the table on standard input.

    Raises UsageError where one is missing, or where both are on standard input.
    """
    if model == STANDARD_INPUT and new in (None, STANDARD_INPUT):
        raise UsageError("standard input has one reader, not both MODEL - and NEW -")
    table = None if model is None else read_table(new, "NEW")
    if model is None or table is None:
        usage = "gdcli predict MODEL.json NEW.csv [OPTIONS]"
        which = "model" if model is None else "new data"
        raise UsageError(f"which {which}?\n  usage:    {usage}\n  example:  {EXAMPLES[0]}")
    if model != STANDARD_INPUT:
        return saved_model(model), table
    if sys.stdin is None:
        raise UsageError("MODEL -: standard input is closed")
    return read_saved(sys.stdin.buffer.read(MOST_SAVED_BYTES + 1), "standard input"), table


def with_fields(form: Format, view: PredictionView) -> Format:
    """The format with the fields that are asked for. Raises UsageError for one that no row has."""
    known = (*view.headings, *view.added, *ENVELOPE)
    for name in form.fields:
        if name not in known:
            raise UsageError(f"there is no field `{brief(name)}`\nthe fields are {listed(known)}")
    return form._replace(fields=tuple((name,) for name in form.fields))


COMMAND = Command(
    "predict",
    run,
    [
        Argument("model", file=True, help="the JSON of gdcli fit -o model.json, or - for stdin"),
        Argument("new", file=True, help="a table with the columns of the model, or - for stdin"),
        Option("--level", metavar="P", read=values.level,
               help="add the ends of confidence intervals of the curve and of new rows"),
        *common_params("predictions", default="csv"),
    ],
    help="What a fitted MODEL predicts for the rows of NEW, which are written with it.",
    examples=EXAMPLES,
    headings={"MODEL": "", "NEW": "--level", **ANSWER_HEADING},
)  # fmt: skip
