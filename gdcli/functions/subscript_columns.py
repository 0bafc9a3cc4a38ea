"""Columns of data whose entries stand in subscripts, as `group` does in `a[group[i]]`.

Comes in: an Expression, arrays of data, and the texts that some of them have. Goes out: the
WholeNumbers of each, for the checks of subscripts; texts are numbered from 1 by code point, alike
in all columns that subscript the same place of an array. An entry that is no whole number is a
UsageError with its row and its value.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from gdcli.autodiff.exact import INTEGER_LIMIT
from gdcli.errors import ExpressionError, UsageError, brief
from gdcli.functions.mapped import parts
from gdcli.language.semantics.scopes import WholeNumbers
from gdcli.language.subscripts import entries_within
from gdcli.language.syntax import NAME, SUBSCRIPT, Expression

if TYPE_CHECKING:
    from gdcli.functions.data import Array


def sharing_columns(expression: Expression, names: Collection[str]) -> list[list[str]]:
    """The columns among `names` that stand in subscripts, those in the same place of one array
    together.
    """
    groups: list[set[str]] = []
    places: dict[tuple[str, int], set[str]] = {}
    for node in expression.nodes:
        for place, argument in enumerate(node.arguments if node.kind == SUBSCRIPT else ()):
            for one in _columns_within(expression, argument, names):
                places.setdefault((str(node.value), place), set()).add(one)
    for together in places.values():
        joined = [group for group in groups if not group.isdisjoint(together)]
        groups = [group for group in groups if group.isdisjoint(together)]
        groups.append(together.union(*joined))
    return [sorted(group) for group in groups]


def _columns_within(expression: Expression, position: int, names: Collection[str]) -> set[str]:
    """The names in a subscript that are columns, with the entries `group[i]` and without."""
    found, pending = set(), [position]
    while pending:
        node = expression.nodes[pending.pop()]
        if node.kind in (SUBSCRIPT, NAME) and node.value in names:
            found.add(str(node.value))
        elif node.kind != SUBSCRIPT:
            pending.extend(node.arguments)
    return found


def numbered_texts(
    expression: Expression, texts: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """The texts that 1, 2, … stand for in each column of texts; `texts` has none for others.

    Raises UsageError for a column of numbers that subscripts the same place as one of texts.
    """
    labels: dict[str, tuple[str, ...]] = {}
    for group in sharing_columns(expression, texts):
        with_texts = [name for name in group if texts[name]]
        if with_texts and len(with_texts) < len(group):
            other = next(name for name in group if name not in with_texts)
            one, two = brief(with_texts[0]), brief(other)
            raise UsageError(
                f"{one} has texts and {two} numbers, and both are subscripts in one place; give "
                "both texts, or both numbers"
            )
        together = tuple(sorted({text for name in with_texts for text in texts[name]}))
        labels.update(dict.fromkeys(with_texts, together))
    return labels


def renumbered_column(array: Array, texts: Sequence[str], labels: Sequence[str]) -> Array:
    """The column with the numbers of its texts among `labels`, from 1, in place of their places in
    `texts`, from 0."""
    import numpy as np

    number_of = {text: float(number) for number, text in enumerate(labels, 1)}
    numbers = np.array([number_of[text] for text in texts])
    found: Array = numbers[array.astype(np.intp)]
    found.flags.writeable = False
    return found


def refuse_texts_as_numbers(expression: Expression, labels: Collection[str]) -> None:
    """Raises ExpressionError for an entry of a column of texts that is no subscript."""
    subscripts = {
        place
        for node in expression.nodes
        if node.kind == SUBSCRIPT
        for argument in node.arguments
        for place in entries_within(expression, argument)
    }
    for place, node in enumerate(expression.nodes):
        if node.kind in (SUBSCRIPT, NAME) and node.value in labels and place not in subscripts:
            message = f"`{brief(str(node.value))}` is a column of texts, which are numbers only in "
            message += f"subscripts, as in a[{brief(expression.source(place))}]"
            raise ExpressionError(message, expression.text, node.span)


def whole_numbers(name: str, array: Array, labels: Sequence[str] = ()) -> WholeNumbers:
    """The least and the greatest entry of an array, and where they are.

    Those of a column of texts are 1 and the number of its `labels`. Raises UsageError for an entry
    that is no whole number.
    """
    if labels:
        return WholeNumbers(1, len(labels))
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
