"""Columns of data whose entries stand in subscripts, as `group` does in `a[group[i]]`.

Comes in: arrays of data. Goes out: the WholeNumbers of each, for the checks of subscripts. An entry
that is no whole number is a UsageError with its row and its value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdcli.autodiff.exact import INTEGER_LIMIT
from gdcli.errors import UsageError, brief
from gdcli.functions.mapped import parts
from gdcli.language.semantics.scopes import WholeNumbers

if TYPE_CHECKING:
    from gdcli.functions.data import Array


def whole_numbers(name: str, array: Array) -> WholeNumbers:
    """The least and the greatest entry of an array, and where they are.

    Raises UsageError for an entry that is no whole number.
    """
    import numpy as np

    flat = array.reshape(-1)
    least, greatest, before = (np.inf, 0), (-np.inf, 0), 0
    for part in parts([flat]):
        [column] = part
        wrong = (column != np.rint(column)) | (np.abs(column) >= INTEGER_LIMIT)
        if wrong.any():
            place = int(np.argmax(wrong))
            where = row_of(array.shape, before + place)
            message = "{} of {} is {:.17g}: it stands in a subscript, which is a whole number"
            raise UsageError(message.format(where, brief(name), column[place]))
        low, high = int(np.argmin(column)), int(np.argmax(column))
        least = min(least, (column[low], before + low))
        greatest = max(greatest, (column[high], before + high), key=lambda one: one[0])
        before += len(column)
    at = [
        tuple(int(one) + 1 for one in np.unravel_index(place, array.shape))
        for _, place in (least, greatest)
    ]
    return WholeNumbers(int(least[0]), int(greatest[0]), *at)


def row_of(shape: tuple[int, ...], place: int) -> str:
    """The row of an entry, or its subscripts where the array has several."""
    import numpy as np

    at = [int(one) + 1 for one in np.unravel_index(place, shape)]
    return f"row {at[0]}" if len(at) == 1 else f"the entry {at}"
