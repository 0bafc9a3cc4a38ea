"""Columns of data whose entries stand in subscripts, as `group` does in `a[group[i]]`.

Comes in: an Expression, arrays of data, and the texts that some of them have. Goes out: the
WholeNumbers of each, for the checks of subscripts; texts are numbered from 1 by code point, alike
in all columns that subscript the same place of an array. An entry that is no whole number is a
UsageError with its row and its value.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import inf, nan
from typing import TYPE_CHECKING

from gdcli.autodiff.exact import INTEGER_LIMIT
from gdcli.errors import ExpressionError, UsageError, brief
from gdcli.execute.mapped import parts
from gdcli.language.semantics.scopes import WholeNumbers
from gdcli.language.subscripts import entries_within
from gdcli.language.syntax import NAME, SUBSCRIPT, Expression

if TYPE_CHECKING:
    from gdcli.functions.tables import Column


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


def renumbered_column(column: Column, texts: Sequence[str], labels: Sequence[str]) -> Column:
    """The column, whose entries are places in `texts`, with the numbers from 1 that these texts
    have among `labels` instead.
    """
    number_of = {text: float(number) for number, text in enumerate(labels, 1)}
    numbers = [number_of.get(text, nan) for text in texts]
    if isinstance(column, list):
        return [numbers[int(place)] for place in column]
    import numpy as np

    found = np.array(numbers)[column.astype(np.intp)]
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
    left = {one.name for part in expression.definitions for one in part.subscripts}
    for place, node in enumerate(expression.nodes):
        if node.value in left:  # which are refused as indices
            continue
        if node.kind in (SUBSCRIPT, NAME) and node.value in labels and place not in subscripts:
            message = f"`{brief(str(node.value))}` is a column of texts, which are numbers only in "
            message += f"subscripts, as in a[{brief(expression.source(place))}]"
            raise ExpressionError(message, expression.text, node.span)


def whole_numbers(
    name: str, column: Column, labels: Sequence[str] = (), rows: Sequence[int] | None = None
) -> WholeNumbers:
    """The least and the greatest entry of a column or of an array, and where they are.

    A column of vectors is a tuple of columns. Those of a column of texts are 1 and the number of
    its `labels`. `rows` are the numbers of its rows, None where they are 1, 2, …. Raises UsageError
    for an entry that is no whole number.
    """
    if labels:
        return WholeNumbers(1, len(labels), values=column)
    several = column if isinstance(column, tuple) else (column,)
    found = [_extremes(name, one, rows) for one in several]
    least, greatest = min(one[0] for one in found), max(one[1] for one in found)
    values = column if len(least[1]) == 1 and len(several) == 1 else None
    return WholeNumbers(int(least[0]), int(greatest[0]), least[1], greatest[1], values)


def _extremes(
    name: str, column: Column, rows: Sequence[int] | None
) -> list[tuple[float, tuple[int, ...]]]:
    """The least and the greatest entry, each with its subscripts from 1."""
    shape, before = getattr(column, "shape", (len(column),)), 0
    least, greatest = (inf, 0), (-inf, 0)  # each with its place from 0
    for [part] in parts([column if isinstance(column, list) else column.reshape(-1)]):
        if isinstance(part, list):
            wrong = next((k for k, one in enumerate(part) if not _is_whole(one)), None)
            ends = [part.index(end(part)) for end in (min, max)]
        else:
            import numpy as np

            broken = (part != np.rint(part)) | (np.abs(part) >= INTEGER_LIMIT)
            wrong = int(broken.argmax()) if broken.any() else None
            ends = [int(part.argmin()), int(part.argmax())]
        if wrong is not None:
            at = _subscripts(shape, before + wrong, rows)
            where = f"row {at[0]}" if len(at) == 1 else f"the entry {[*at]}"
            message = "{} of {} is {:.17g}: it stands in a subscript, which is a whole number"
            raise UsageError(message.format(where, brief(name), part[wrong]))
        least = min(least, (part[ends[0]], before + ends[0]))
        greatest = max(greatest, (part[ends[1]], before + ends[1]), key=lambda one: one[0])
        before += len(part)
    return [(value, _subscripts(shape, place, rows)) for value, place in (least, greatest)]


def _is_whole(number: float) -> bool:
    return abs(number) < INTEGER_LIMIT and number == int(number)


def _subscripts(shape: tuple[int, ...], place: int, rows: Sequence[int] | None) -> tuple[int, ...]:
    """The subscripts, from 1, of an entry in a flat place; the number of its row, where known."""
    if rows is not None:
        return (int(rows[place]),)
    found: list[int] = []
    for length in reversed(shape):
        place, last = divmod(place, length)
        found.append(last + 1)
    return tuple(reversed(found))
