"""The iteration spaces of loops: how far subscripts reach, and which ranges are empty.

Comes in: the Scopes of an Expression and its sizes as numbers. Goes out: the least and greatest
value of a subscript, and ExpressionError for a subscript that leaves its array or a `max` or `min`
over nothing. Neither runs the loops: the ranges are inequalities, solved by polyhedra.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from gdcli.errors import ExpressionError
from gdcli.language.affine import Affine
from gdcli.language.semantics.polyhedra import TooManyInequalities, extremes, remaining
from gdcli.language.semantics.scopes import ArrayEntry, IndexRange, LoopScope
from gdcli.language.syntax import Expression

ORDINALS = ("first", "second", "third")
Found = TypeVar("Found")


class IterationSpaces:
    """The values that the indices of a text take together, where its `sizes` are known."""

    def __init__(self, expression: Expression, sizes: Mapping[str, int]) -> None:
        self.expression = expression
        self.sizes = sizes
        self.found: dict[tuple[Affine, tuple[IndexRange, ...]], tuple[int, int] | None] = {}

    def reached(self, entry: ArrayEntry, place: int) -> tuple[int, int] | None:
        """The least and greatest value of the subscript at `place`; None over empty ranges."""
        number = entry.subscripts[place]
        ranges = around(number, entry.ranges)
        if not ranges:
            value = number.evaluate(self.sizes)
            return value, value
        if by_row := self._row_by_row(entry, place):
            return by_row[0][0], by_row[1][0]
        key = number, tuple(ranges)
        if key not in self.found:
            system = self.inequalities(ranges)
            self.found[key] = self._extremes(entry.position, number, ranges, system)
        return self.found[key]

    def narrowed(self, entry: ArrayEntry) -> ArrayEntry:
        """The entry with ranges of the entries of data in it that go over the rows alone which are
        read."""
        ranges = list(entry.ranges)
        for place, over in enumerate(entry.ranges):
            if (rows := self.rows_read(entry, over.name)) is not None:
                values = entry.by_data[over.name].numbers.values[rows.start - 1 : rows.stop - 1]
                low, high = Affine(int(min(values))), Affine(int(max(values)))
                ranges[place] = over._replace(lows=(low,), highs=(high,))
        return entry._replace(ranges=tuple(ranges))

    def rows_read(self, entry: ArrayEntry, name: str) -> range | None:
        """From which to which row the entry of data with this name is read; None for another."""
        found = entry.by_data.get(name)
        if found is None or len(found.subscripts) != 1 or found.numbers.values is None:
            return None
        within = self.inequalities(entry.ranges)
        rows = self._extremes(entry.position, found.subscripts[0], entry.ranges, within)
        if rows is None or rows[0] < 1 or rows[1] > len(found.numbers.values):
            return None
        return range(rows[0], rows[1] + 1)

    def check_entry(self, entry: ArrayEntry, lengths: Sequence[int]) -> None:
        """Refuses an entry with a subscript beyond the `lengths` of its array."""
        for place, length in enumerate(lengths):
            found = self.reached(entry, place)
            if found is None or (found[0] >= 1 and found[1] <= length):
                continue
            below = found[0] < 1
            argument = self.expression.nodes[entry.position].arguments[place]
            reached = self._reaches(entry, place, found[0] if below else found[1], below)
            but = "subscripts begin at 1" if below else extent(entry.array, lengths)
            raise self._error(f"{reached}, but {but}", argument)

    def check_nonempty(self, loop: LoopScope) -> None:
        """Refuses a `max` or `min` over an empty range, at any values of the indices around it."""
        kind = self.expression.nodes[loop.position].value
        outside = self.inequalities(loop.around)
        outer, own = _names(loop.around), _names(loop.ranges)
        if self._eliminated(loop.position, outer, outside) is None:
            return  # never reached
        needed = self._eliminated(loop.position, own, self.inequalities(loop.ranges))
        if needed is None:
            raise self._error(f"this {kind} is over nothing: its range is empty", loop.position)
        for number in needed:
            broken = Affine(-1) - number
            where = self._witness(loop, [*outside, broken])
            if where is not None:
                raise self._error(
                    f"this {kind} is over nothing where {where}: its range is empty there",
                    loop.position,
                )

    def inequalities(self, ranges: Iterable[IndexRange]) -> list[Affine]:
        """The ranges as affine numbers of indices, none of which is negative inside them."""
        found = []
        for index, lows, highs in ranges:
            number = Affine(0, ((index, 1),))
            found += [number - low.known(self.sizes) for low in lows]
            found += [high.known(self.sizes) - number for high in highs]
        return found

    def satisfiable(
        self, position: int, ranges: Sequence[IndexRange], system: Sequence[Affine]
    ) -> bool:
        """Whether values of the indices of `ranges` make no number of `system` negative."""
        known = [number.known(self.sizes) for number in system]
        return self._eliminated(position, _names(ranges), known) is not None

    def values(
        self, position: int, ranges: Sequence[IndexRange], system: Sequence[Affine]
    ) -> dict[str, int] | None:
        """The least such values, the outermost index first; None where none are found."""
        system, found = [number.known(self.sizes) for number in system], dict[str, int]()
        for over in ranges:
            number = Affine(0, ((over.name, 1),))
            reached = self._extremes(position, number, ranges, system)
            if reached is None:
                return None
            value = Affine(reached[0])
            system = [*system, number - value, value - number]
            found[over.name] = reached[0]
        return found if found or self.satisfiable(position, ranges, system) else None

    def _reaches(self, entry: ArrayEntry, place: int, subscript: int, below: bool) -> str:
        written = self.expression.formula(entry.position)
        if entry.data_entry(place):
            return self._data_reaches(entry, place, subscript, below)
        if not entry.subscripts[place].terms:
            return f"{written} is asked for"
        if len(entry.subscripts) == 1:
            return f"{written} reaches {entry.array}[{subscript}]"
        return f"the {ordinal(place)} subscript of {written} reaches {subscript}"

    def _row_by_row(
        self, entry: ArrayEntry, place: int
    ) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """The least and the greatest value of a subscript such as `i-lag[i]`, each with its row.

        None for other subscripts, and where the range of the index depends on other indices.
        """
        index, found = entry.index_beside_data(place), entry.data_entry(place)
        if index is None or found is None or found[1].numbers.values is None:
            return None
        name, (_, subscripts, numbers) = found
        number, row = entry.subscripts[place].known(self.sizes), subscripts[0].known(self.sizes)
        over = next(one for one in reversed(entry.ranges) if one.name == index)
        lows, highs = ([end.known(self.sizes) for end in ends] for ends in (over.lows, over.highs))
        names = {one for one, _ in (*number.terms, *row.terms)} - {name, index}
        if names or any(end.terms for end in (*lows, *highs)):
            return None
        low, high = max(end.constant for end in lows), min(end.constant for end in highs)
        ends = [row.evaluate({index: end}) for end in (low, high)]
        if low > high or min(ends) < 1 or max(ends) > len(numbers.values):
            return None
        import numpy as np

        indices = np.arange(low, high + 1)
        rows = row.constant + row.coefficient(index) * indices
        values = number.constant + number.coefficient(index) * indices
        values = values + number.coefficient(name) * np.asarray(numbers.values)[rows - 1]
        least, greatest = int(values.argmin()), int(values.argmax())
        return (int(values[least]), int(rows[least])), (int(values[greatest]), int(rows[greatest]))

    def _data_reaches(self, entry: ArrayEntry, place: int, subscript: int, below: bool) -> str:
        """The sentence on a subscript that is too far because of an entry of data, which it names.

        That entry is the least or the greatest of its array, or that of the row.
        """
        found = entry.data_entry(place)
        assert found is not None
        name, (array, _, numbers) = found
        least = (entry.subscripts[place].coefficient(name) > 0) == below
        value = numbers.least if least else numbers.greatest
        at = numbers.least_at if least else numbers.greatest_at
        if by_row := self._row_by_row(entry, place):
            at = (by_row[0 if below else 1][1],)
            value = int(numbers.values[at[0] - 1])
        which = f"row {at[0]}" if len(at) == 1 else f"its entry [{','.join(map(str, at))}]"
        has = f"is {value} in {which}" if at else f"has {value} different texts"
        written = self.expression.formula(entry.position)
        reached = f"a subscript of {written} reaches {subscript}"
        if len(entry.subscripts) == 1:
            reached = f"{written} reaches {entry.array}[{subscript}]"
        return f"{array} {has}, so {reached}"

    def _witness(self, loop: LoopScope, system: list[Affine]) -> str | None:
        """Values of the indices around a loop that satisfy the inequalities, as `i=1, j=2`."""
        found = self.values(loop.position, loop.around, system)
        return ", ".join(f"{name}={value}" for name, value in found.items()) if found else None

    def _extremes(
        self, position: int, number: Affine, ranges: Sequence[IndexRange], system: Sequence[Affine]
    ) -> tuple[int, int] | None:
        known = number.known(self.sizes)
        return self._bounded(position, lambda: extremes(known, _names(ranges), system))

    def _eliminated(
        self, position: int, indices: Sequence[str], system: Sequence[Affine]
    ) -> list[Affine] | None:
        found = self._bounded(position, lambda: remaining(indices, system))
        return None if found is None else [Affine(number, terms) for terms, number in found.items()]

    def _bounded(self, position: int, work: Callable[[], Found]) -> Found:
        try:
            return work()
        except TooManyInequalities:
            message = "the ranges here depend on one another in too many ways; write them simpler"
            raise self._error(message, position) from None

    def _error(self, message: str, position: int) -> ExpressionError:
        return ExpressionError(message, self.expression.text, self.expression.nodes[position].span)


def ordinal(place: int) -> str:
    """A place, counted from 0, in words: `first`, `second`, `third`, `4th`."""
    return ORDINALS[place] if place < len(ORDINALS) else f"{place + 1}th"


def around(number: Affine, ranges: Sequence[IndexRange]) -> list[IndexRange]:
    """The ranges that `number` depends on, directly or through the ends of another's range.

    It is computed outside the others, so it is computed even where they are empty.
    """
    wanted = {name for name, _ in number.terms}
    found: list[IndexRange] = []
    for over in reversed(ranges):
        if over.name in wanted:
            found.append(over)
            wanted.update(name for end in (*over.lows, *over.highs) for name, _ in end.terms)
    return found[::-1]


def extent(name: str, lengths: Sequence[int]) -> str:
    """The lengths of an array in words: `x has 100 entries`, `W is 3 by 4`."""
    if len(lengths) == 1:
        return f"{name} has {lengths[0]} entr{'y' if lengths[0] == 1 else 'ies'}"
    return f"{name} is {' by '.join(map(str, lengths))}"


def _names(ranges: Iterable[IndexRange]) -> list[str]:
    return [over.name for over in ranges]
