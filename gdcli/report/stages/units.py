"""The stage `units` of a model: which parameters are linear, and what they are measured in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gdcli.errors import Sentence, Setting, UsageError, listed
from gdcli.fitting.model import RegressionModel, names, parse_sides, read_model
from gdcli.fitting.structure import linear_parameters
from gdcli.fitting.units import units_in_model
from gdcli.functions.data import arrays
from gdcli.functions.subscript_columns import numbered_texts, sharing_columns, whole_numbers
from gdcli.report.listing import Cell, Listing, bare
from gdcli.report.stages import UNITS_STAGE

if TYPE_CHECKING:
    from gdcli.functions.data import DataSources
    from gdcli.functions.resolved import Parameters
    from gdcli.report.formats import objects

USUAL_COLUMN = re.compile(r"[xXtTzZ]\d*|time")  # where there are no data that name them


def model_of_units(
    text: str,
    data: DataSources | None,
    parameters: Parameters | None = None,
    sizes: Mapping[str, Any] | None = None,
) -> tuple[RegressionModel, str | None]:
    """The model of a text, and a note on which names are columns where no data say it.

    Without data those of the left side are, and on the right those that usually are, as x and t.
    Raises ExpressionError for a text that cannot be read, UsageError where no name is a column.
    """
    left, right = parse_sides(text)
    used = names(left) | names(right)
    if data:
        texts: dict[str, list[str]] = {
            name: [] for group in sharing_columns(right, used) for name in group
        }
        found = arrays(data, used, texts)
        shapes = {name: one.shape[1] if one.ndim > 1 else None for name, one in found.items()}
        shared = numbered_texts(right, {name: texts[name] for name in texts if name in found})
        numbers = {
            name: whole_numbers(name, found[name], shared.get(name, ()))
            for name in texts
            if name in found
        }
        return read_model(text, shapes, parameters, sizes, (), numbers), None
    usual = {name for name in names(right) if USUAL_COLUMN.fullmatch(name)}
    if not usual:
        message = "which names are columns? Units follow from theirs; give {}"
        raise UsageError(Sentence(message, Setting("data", "table.csv")))
    columns = dict.fromkeys(names(left) | usual - {*(parameters or ())})
    taken = listed([f"`{name}`" for name in sorted(usual)])
    kind = "a column" if len(usual) == 1 else "columns"
    return read_model(
        text, columns, parameters, sizes
    ), f"{taken} taken for {kind}, as no data are given"


def units_stage(model: RegressionModel) -> Listing:
    """Each parameter with its units, and whether the model is linear in it."""
    units = units_in_model(model, True, ())
    linear = linear_parameters(model.right.unrolled.tape, model.layout.size)
    rows: list[tuple[Cell, ...]] = []
    content: objects.UnitsContent = {"parameters": {}}
    for place, (name, one) in enumerate(zip(model.components, units, strict=True)):
        rows.append((name, "yes" if place in linear else "no", one.words))
        known = one.exponents is not None
        content["parameters"][name] = {
            "linear": place in linear,
            "units": one.words if known else None,
            "reason": None if known else one.reason,
        }
    columns = ("parameter", "linear", "units")
    return Listing(UNITS_STAGE, columns, rows, bare(rows), content)
