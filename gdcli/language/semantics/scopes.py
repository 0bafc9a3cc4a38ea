"""Loops and the names in them: what each subscript is, and over which indices it runs.

Comes in: an Expression, whose array parts have ranges (an index of a left side without one is
taken to have none). Goes out: its Scopes: every entry of an
array that is read, with the ranges around it, every loop, and every use of a name as a number. An
index has a value inside its own loop only, that of a left side in its formula; a subscript and the
end of a range are affine, or ExpressionError says what to write.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from gdcli.errors import ExpressionError, Sentence, Setting, Span
from gdcli.language.affine import Affine
from gdcli.language.left_sides import with_range, written
from gdcli.language.subscripts import affine, ends, entries_within
from gdcli.language.syntax import (
    INDEX_NODE,
    LOOP_NODE,
    NAME,
    SUBSCRIPT,
    VECTOR_FUNCTIONS,
    Definition,
    Expression,
)
from gdcli.named_tuples import NamedTuple

MAXIMUM_NESTED_LOOPS = 16  # Python allows 20 in a function
NO_NUMBERS: Mapping[str, Any] = MappingProxyType({})


class IndexRange(NamedTuple):
    """The range `name in low:high`: low is the greatest of `lows`, high the least of `highs`."""

    name: str
    lows: tuple[Affine, ...]
    highs: tuple[Affine, ...]


class WholeNumbers(NamedTuple):
    """The numbers of data that stand in subscripts: the least and the greatest, each with its row.

    `least_at` and `greatest_at` are the subscripts, from 1, of an entry that is this number; they
    are empty where the number stands for a text. `values` are all of them, where they are those of
    an array with one subscript.
    """

    least: int
    greatest: int
    least_at: tuple[int, ...] = ()
    greatest_at: tuple[int, ...] = ()
    values: Any = None


class DataEntry(NamedTuple):
    """An entry of data in a subscript: its array, its own subscripts, and all numbers there.

    The column of a row, as `group` in `a[group]`, has no subscripts.
    """

    array: str
    subscripts: tuple[Affine, ...]
    numbers: WholeNumbers


class ArrayEntry(NamedTuple):
    """An entry of an array, read at the node `position`; `ranges` around it, outermost first.

    An entry of data in a subscript, as in `a[group[i]+1]`, is an index `group[i]`, whose range,
    before those around, is from the least to the greatest of all entries of `group`; `by_data` has
    the entry, by the name of the index.
    """

    position: int
    array: str
    subscripts: tuple[Affine, ...]
    ranges: tuple[IndexRange, ...]
    by_data: Mapping[str, DataEntry] = NO_NUMBERS

    def data_entry(self, place: int) -> tuple[str, DataEntry] | None:
        """The entry of data in the subscript at `place`, by the name of its index, if any."""
        names = (name for name, _ in self.subscripts[place].terms if name in self.by_data)
        return next(((name, self.by_data[name]) for name in names), None)

    def index_beside_data(self, place: int) -> str | None:
        """The index that an entry of data depends on beside which it stands, as in `y[i-lag[i]]`.

        None for other subscripts at `place`.
        """
        if (found := self.data_entry(place)) is None:
            return None
        own = {name for subscript in found[1].subscripts for name, _ in subscript.terms}
        indices = {over.name for over in self.ranges}
        names = (name for name, _ in self.subscripts[place].terms if name in own & indices)
        return next(names, None)


class LoopScope(NamedTuple):
    """The loop at the node `position`: its own ranges, and those around it."""

    position: int
    ranges: tuple[IndexRange, ...]
    around: tuple[IndexRange, ...]


class Scopes:
    """The array entries, loops, indices, numbers and sizes of a text.

    `given` has the numbers of the data whose entries stand in subscripts; those of `columns` stand
    there by their names, as `a[group]` in the model of a row.

    `indices`, `numbers` and `sizes` map a name to the place of its first use: as the index of a
    loop or a left side, as a number, in a subscript or the end of a range. `ends` are the sizes in
    the ends of ranges; `vector_calls` are the calls of functions of whole vectors: position and
    arguments; `left_sides` have a left side that an index stands on, by the index.
    """

    def __init__(
        self,
        expression: Expression,
        given: Mapping[str, WholeNumbers] = NO_NUMBERS,
        columns: Collection[str] = (),
    ) -> None:
        self.expression = expression
        self.given = given
        self.columns = columns
        self.entries: list[ArrayEntry] = []
        self.loops: list[LoopScope] = []
        self.vector_calls: list[tuple[int, tuple[str, ...]]] = []
        self.indices: dict[str, Span] = {}
        self.numbers: dict[str, Span] = {}
        self.sizes: dict[str, Span] = {}
        self.ends: set[str] = set()
        self.left_sides: dict[str, Definition] = {}
        for node in expression.nodes:
            if node.kind == INDEX_NODE:
                self.indices.setdefault(str(node.value), node.span)
        for definition in expression.definitions:
            for subscript in definition.subscripts:
                if subscript.name:
                    self.indices.setdefault(subscript.name, subscript.span)
                    self.left_sides.setdefault(subscript.name, definition)
        for definition in expression.definitions:
            self._walk(definition.root, self._left_side(definition))
        self._walk(len(expression.nodes) - 1, ())

    @property
    def arrays(self) -> dict[str, Span]:
        """The names of arrays, each with the place of its first use."""
        nodes = self.expression.nodes
        found = {entry.array: nodes[entry.position].span for entry in reversed(self.entries)}
        for position, names in self.vector_calls:
            for name in names:
                found.setdefault(name, nodes[position].span)
        return found

    def _left_side(self, definition: Definition) -> tuple[IndexRange, ...]:
        """The ranges of the indices of a left side, its sizes filed."""
        found = []
        if len(definition.subscripts) > MAXIMUM_NESTED_LOOPS:
            message = f"an array part has at most {MAXIMUM_NESTED_LOOPS} subscripts"
            raise ExpressionError(message, self.expression.text, definition.span)
        for name, low, high, span in definition.subscripts:
            lows, highs = ((end,) if end else () for end in (low, high))
            for size in {size for end in (*lows, *highs) for size, _ in end.terms}:
                if size in self.indices:
                    raise self._outside(size, span)
                self.sizes.setdefault(size, span)
                if name:
                    self.ends.add(size)
            if name:
                found.append(IndexRange(name, lows, highs))
        return tuple(found)

    def _walk(self, root: int, around: tuple[IndexRange, ...]) -> None:
        pending = [(root, around)]
        while pending:
            position, ranges = pending.pop()
            node = self.expression.nodes[position]
            if node.kind == NAME:
                self._number(position, ranges)
            elif node.kind == SUBSCRIPT:
                self._entry(position, ranges)
            elif node.kind == LOOP_NODE:
                inside = self._loop(position, ranges)
                pending.append((node.arguments[-1], inside))
            elif node.value in VECTOR_FUNCTIONS:
                names = tuple(str(self.expression.nodes[place].value) for place in node.arguments)
                self.vector_calls.append((position, names))
            else:
                pending.extend((argument, ranges) for argument in reversed(node.arguments))

    def _number(self, position: int, ranges: Sequence[IndexRange]) -> None:
        node = self.expression.nodes[position]
        name = str(node.value)
        if name not in self.indices:
            self.numbers.setdefault(name, node.span)
        elif all(name != over.name for over in ranges):
            raise self._outside(name, node.span)

    def _outside(self, name: str, span: Span) -> ExpressionError:
        message = f"`{name}` is a loop's index; it has no value outside the loop"
        if left := self.left_sides.get(name):
            number = Affine(0, ((name, 1),))
            entry = with_range(left, name, number, number, "j" if name == "i" else "i")
            message = (
                f"`{name}` is an index of `{written(self.expression, left)}` and has no value "
                f"outside its formula; choose another index, or write `{entry.left_side}` if the "
                f"entry of the size {name} is meant"
            )
        return ExpressionError(message, self.expression.text, span)

    def _entry(self, position: int, ranges: tuple[IndexRange, ...]) -> None:
        node = self.expression.nodes[position]
        subscripts = []
        by_data: dict[str, DataEntry] = {}
        for argument in node.arguments:
            inner = entries_within(self.expression, argument)
            found = affine(self.expression, argument, entries=True)
            of_row = [] if found is None else [
                name for name, _ in found.terms if name in self.columns and name in self.given
            ]  # fmt: skip
            if found is None or len(inner) + len(of_row) > 1:
                made = "indices, sizes and whole numbers, as in x[2*i+1], x[n-i], x[1]"
                if inner or of_row:
                    made = "indices, sizes, whole numbers and at most one entry of data, as in "
                    made += "x[2*i+1], a[group[i]], z[i,label[i]+1]"
                raise self._error(
                    f"`{self._written(argument)}` is no subscript: it is made of {made}", argument
                )
            by_data.update({name: DataEntry(name, (), self.given[name]) for name in of_row})
            for place in inner:
                by_data[self.expression.formula(place)] = self._data_entry(place, ranges)
            subscripts.append(self._scoped(found, argument, ranges, by_data))
        around = (
            *(IndexRange(name, (Affine(one.numbers.least),), (Affine(one.numbers.greatest),))
              for name, one in by_data.items()),
            *ranges,
        )  # fmt: skip
        self.entries.append(
            ArrayEntry(position, str(node.value), tuple(subscripts), around, by_data)
        )

    def _data_entry(self, position: int, ranges: tuple[IndexRange, ...]) -> DataEntry:
        """An entry in a subscript, which is one of data."""
        name = str(self.expression.nodes[position].value)
        if name not in self.given:
            message = "`{}` is no array of data, whose entries alone stand in subscripts; give {}"
            data = Setting("data", "FILE", (name,))
            raise self._error(Sentence(message, name, data), position)
        self._entry(position, ranges)
        return DataEntry(name, self.entries[-1].subscripts, self.given[name])

    def _loop(self, position: int, around: tuple[IndexRange, ...]) -> tuple[IndexRange, ...]:
        node, inside = self.expression.nodes[position], around
        for start in range(0, len(node.arguments) - 1, 3):
            index, low, high = node.arguments[start : start + 3]
            name = str(self.expression.nodes[index].value)
            if any(over.name == name for over in inside):
                raise self._error(
                    f"`{name}` is already the index of this range or of one around it; "
                    "choose another name",
                    index,
                )
            lows = self._ends(low, "max", inside)
            highs = self._ends(high, "min", inside)
            inside = (*inside, IndexRange(name, lows, highs))
        if len(inside) > MAXIMUM_NESTED_LOOPS:
            raise self._error(
                f"more than {MAXIMUM_NESTED_LOOPS} loops stand inside one another", position
            )
        self.loops.append(LoopScope(position, inside[len(around) :], around))
        return inside

    def _ends(
        self, position: int, chooser: str, ranges: tuple[IndexRange, ...]
    ) -> tuple[Affine, ...]:
        found = ends(self.expression, position, chooser)
        if found is None:
            which = "begins" if chooser == "max" else "ends"
            raise self._error(
                f"no range {which} at `{self._written(position)}`: its ends are made of indices, "
                f"sizes and whole numbers, as in 1:n-1, i+1:n, max(1,i-2):min(n,i+2)",
                position,
            )
        names = {name for end in found for name, _ in end.terms}
        self.ends.update(names - self.indices.keys())
        return tuple(self._scoped(end, position, ranges) for end in found)

    def _scoped(
        self,
        number: Affine,
        position: int,
        ranges: Sequence[IndexRange],
        entries: Collection[str] = (),
    ) -> Affine:
        """Returns `number`, its sizes filed; refuses an index that has no value at `position`.

        `entries` are the names in it that are entries of data.
        """
        for name, _ in number.terms:
            if name in entries:
                continue
            if name not in self.indices:
                self.sizes.setdefault(name, self._place(position, name))
            elif all(name != over.name for over in ranges):
                raise self._outside(name, self.expression.nodes[position].span)
        return number

    def _place(self, position: int, name: str) -> Span:
        pending = [position]
        while pending:
            node = self.expression.nodes[pending.pop()]
            if node.kind == NAME and node.value == name:
                return node.span
            pending.extend(reversed(node.arguments))
        return self.expression.nodes[position].span  # pragma: no cover

    def _written(self, position: int) -> str:
        text = self.expression.formula(position)
        return text if len(text) <= 40 else "..."

    def _error(self, message: str, position: int) -> ExpressionError:
        return ExpressionError(message, self.expression.text, self.expression.nodes[position].span)
