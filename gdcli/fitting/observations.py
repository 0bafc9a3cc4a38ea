"""Observations: the rows of data that a model is fitted to.

Comes in: data as `functions.data.arrays` takes them, the names that the text of a model has, and
which rows are wanted. Goes out: Observations, the columns of these rows, as lists of floats where
there are few and as arrays where there are many; and, with a RegressionModel, the Rows that
Residuals are evaluated on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

from gdcli.errors import UsageError, brief
from gdcli.fitting.residuals import Rows
from gdcli.functions.data import arrays
from gdcli.language.semantics.roles import NO_ENTRIES

if TYPE_CHECKING:
    from gdcli.fitting.model import RegressionModel
    from gdcli.functions.data import DataSources

MISSING = ("error", "drop")


class Observations(NamedTuple):
    """Columns of m rows by name; a column of vectors of k numbers is a tuple of k columns.

    A column is a list of m floats, of many rows an array of shape (m,). `lengths` has every name,
    with k for a column of vectors and None for another. `numbers` are those of the rows in their
    file, from 1 below the names; None where they are 1 to m. Of the `dropped` rows, which had a
    missing value, `first_dropped` has at most ten numbers. `labels` has for a column of texts the
    labels that 1, 2, ... stand for. `headings` are those of all columns there are. `notes` are
    sentences on what was read as another thing than it says.
    """

    columns: Mapping[str, Any]
    lengths: Mapping[str, int | None]
    numbers: Sequence[int] | None = None
    dropped: int = 0
    first_dropped: Sequence[int] = ()
    labels: Mapping[str, Sequence[str]] = NO_ENTRIES
    headings: Sequence[str] = ()
    source: str = ""
    notes: Sequence[str] = ()


def observations(
    data: DataSources,
    names: Collection[str],
    *,
    where: Sequence[str] = (),
    missing: str = "error",
    sigma: str | None = None,
    weights: str | None = None,
) -> Observations:
    """The columns that have one of `names`, and those of `sigma` and `weights`.

    Of the rows for which every comparison of `where` holds, such as "x > 0" or 'group == "a"', and
    in which no column that is asked for is missing: such rows are an error, or, where `missing` is
    "drop", left out. Raises UsageError, which names the row and the column, for what is no number,
    and FileAccessError for a file that cannot be read.
    """
    if where or missing != MISSING[0]:
        raise UsageError("rows cannot be chosen yet")
    known = {*names, *filter(None, (sigma, weights))}
    found = arrays(data, known)
    columns = {
        name: tuple(array.T.tolist()) if array.ndim > 1 else array.tolist()
        for name, array in found.items()
    }
    lengths = {name: array.shape[1] if array.ndim > 1 else None for name, array in found.items()}
    return Observations(columns, lengths)


def rows_of(
    model: RegressionModel,
    observed: Observations,
    sigma: str | None = None,
    weights: str | None = None,
) -> Rows:
    """The Rows of a model: its columns, its response, and weights 1/σ², or weights as given.

    Raises UsageError, which names the row, for a response that is no finite number, and for a σ or
    a weight that is not positive.
    """
    flat: list[Any] = []
    for name in model.columns:
        column = observed.columns[name]
        flat += column if isinstance(column, tuple) else [column]
    read = [observed.columns[name] for name in model.left.variables]
    response = [model.left.evaluate([*row]) for row in zip(*read, strict=True)]
    for place, value in enumerate(response):
        if not isfinite(value):
            raise UsageError(f"row {place + 1}: {model.response} is no finite number")
    given = sigma or weights
    weight = None
    if given is not None:
        weight = observed.columns[given]
        for place, value in enumerate(weight):
            if not value > 0.0:
                raise UsageError(f"row {place + 1}, {brief(given)}: {value!r} is not positive")
        if sigma:
            weight = [1.0 / (value * value) for value in weight]
    return Rows(flat, response, weight, sigma is not None)
