"""The order in which the entries of array parts are computed: one loop for each recurrence.

Comes in: the Scopes of an Expression and the pieces of its array parts as boxes. Goes out: for each
part the loop that computes it, alone or together with the parts that it and they need of each
other, and for each entry read on the way whether an iteration before has computed it, or the same
one; or ExpressionError with an entry that is not known where it is read. An entry is known if the
pieces that define it stand above, or if the loop has come past it: its subscripts are smaller than
those of the entry that is computed, the first that differ deciding.

The loops are found level by level, as in Allen, Kennedy: Optimizing Compilers for Modern
Architectures, 2001, section 2.4: parts that need each other's entries of one iteration share the
next inner loop too, others stand one behind the other.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence

from gdcli.errors import ExpressionError, Span, listed
from gdcli.language.affine import Affine
from gdcli.language.left_sides import written
from gdcli.language.semantics.array_parts import Piece
from gdcli.language.semantics.scopes import ArrayEntry, Scopes
from gdcli.language.semantics.spaces import IterationSpaces
from gdcli.language.syntax import NAME, SUBSCRIPT, PartSubscript
from gdcli.named_tuples import NamedTuple


class Reached(NamedTuple):
    """Where an entry is found that a recurrence reads of itself.

    It agrees with the entry that is computed in the first `depth` subscripts. `complete` says that
    all entries which do are known; else those that are smaller in the next subscript are.
    """

    depth: int
    complete: bool


class PartLoop(NamedTuple):
    """A loop over one subscript of the parts `names`; its iterations run `units` in their order.

    A unit is a loop over the next subscript, or the names of parts that have no more subscripts.
    """

    names: tuple[str, ...]
    units: tuple[PartLoop | tuple[str, ...], ...]


class Recurrence(NamedTuple):
    """The loop of one array part, or of several; `reads` are the entries it reads of itself.

    `reads` has, by the node of such an entry, where it may be found.
    """

    loop: PartLoop
    reads: Mapping[int, tuple[Reached, ...]]


class _Read(NamedTuple):
    """An entry that a piece of `reader` reads; `agreed` says that subscripts are the same."""

    entry: ArrayEntry
    reader: str
    piece: Piece
    agreed: tuple[Affine, ...] = ()

    def difference(self, place: int) -> Affine:
        """The subscript that is read less the one that is computed."""
        return self.entry.subscripts[place] - computed(self.piece.subscripts[place])


def computed(subscript: PartSubscript) -> Affine:
    """A subscript on a left side as an affine number: its index or its number."""
    if subscript.name:
        return Affine(0, ((subscript.name, 1),))
    assert subscript.low is not None
    return subscript.low


def recurrences(
    scopes: Scopes, parts: Mapping[str, Sequence[Piece]], sizes: Mapping[str, int]
) -> dict[str, Recurrence]:
    """The Recurrence of each array part, by name; raises ExpressionError."""
    return _Order(scopes, parts, sizes).recurrences()


class _Order:
    def __init__(
        self, scopes: Scopes, parts: Mapping[str, Sequence[Piece]], sizes: Mapping[str, int]
    ) -> None:
        self.scopes = scopes
        self.expression = scopes.expression
        self.parts = parts
        self.spaces = IterationSpaces(scopes.expression, sizes)
        self.entries = [self.spaces.narrowed(entry) for entry in scopes.entries]
        self.roots = [definition.root for definition in self.expression.definitions]
        self.pieces = {piece.number: piece for several in parts.values() for piece in several}
        self.lengths = {
            name: [
                max(ends)
                for ends in zip(*([high for _, high in p.box] for p in several), strict=True)
            ]
            for name, several in parts.items()
        }
        self.reads: dict[int, tuple[Reached, ...]] = {}

    def recurrences(self) -> dict[str, Recurrence]:
        late = [entry for entry in self.entries if self._is_late(entry)]
        groups = self._groups() if late else {}
        for entry in late:
            self._check_known(entry, groups)
        found: dict[str, Recurrence] = {}
        for name in self.parts:
            if name in found:
                continue
            names = groups.get(name, (name,))
            self.reads = {}
            loop = self._loop(names, 0, self._reads_between(names) if name in groups else [])
            found.update(dict.fromkeys(names, Recurrence(loop, self.reads)))
        return found

    # -- which entries are known --------------------------------------------------------------

    def _number(self, position: int) -> int:
        """The number of the definition that has a node; that of the body is their count."""
        return bisect_left(self.roots, position)

    def _is_late(self, entry: ArrayEntry) -> bool:
        """Whether a piece of the part that is read stands no earlier than the reading formula."""
        pieces = self.parts.get(entry.array, ())
        return any(piece.number >= self._number(entry.position) for piece in pieces[-1:])

    def _check_known(self, entry: ArrayEntry, groups: Mapping[str, tuple[str, ...]]) -> None:
        """Refuses an entry of a piece below, unless both belong to one recurrence.

        A piece may read a smaller first subscript of another part, as in `x[t in 2:n] = x[t-1] +
        v[t-1]; v[t in 2:n] = ...`: if v needs nothing of x, it is computed before.
        """
        number = self._number(entry.position)
        reader = self.expression.definitions[number].name
        if reader in groups and entry.array in groups[reader]:
            return
        reading = self.pieces.get(number)
        for piece in self.parts[entry.array]:
            if piece.number < number or piece.is_empty:
                continue
            system = [*self.spaces.inequalities(entry.ranges), *inside(entry, piece)]
            if reading is not None:
                system.append(entry.subscripts[0] - computed(reading.subscripts[0]))
            where = self.spaces.values(entry.position, entry.ranges, system)
            if where is not None:
                named = self._named(entry.array, entry.subscripts, where)
                left = self._left_side(piece)
                raise self._error(
                    f"`{named}` is used before it is defined: `{left} = ...` stands below",
                    entry.position,
                )

    def _groups(self) -> dict[str, tuple[str, ...]]:
        """The parts that need each other or themselves, by each of their names, in text order."""
        needs: dict[str, set[str]] = {}
        definitions = {definition.name for definition in self.expression.definitions}
        start = 0
        for definition in self.expression.definitions:
            needed = needs.setdefault(definition.name, set())
            for node in self.expression.nodes[start : definition.root + 1]:
                if node.kind in (NAME, SUBSCRIPT) and node.value in definitions:
                    needed.add(str(node.value))
            start = definition.root + 1
        groups: dict[str, tuple[str, ...]] = {}
        for names in components(list(needs), needs):
            if len(names) == 1 and names[0] not in needs[names[0]]:
                continue
            for name in names:
                if name not in self.parts:
                    self._refuse_number(name, names)
            groups.update(dict.fromkeys(names, names))
        self._check_vector_calls(groups)
        return groups

    def _refuse_number(self, name: str, names: Sequence[str]) -> None:
        others = listed([f"`{other}`" for other in names if other != name])
        span = next(one.span for one in self.expression.definitions if one.name == name)
        raise ExpressionError(
            f"`{name}` and {others} need each other; only array parts may: write the formula of "
            f"`{name}` in place of its name",
            self.expression.text,
            span,
        )

    def _check_vector_calls(self, groups: Mapping[str, tuple[str, ...]]) -> None:
        """Refuses `dot` and `norm` of a part that is not yet complete."""
        for position, arrays in self.scopes.vector_calls:
            number = self._number(position)
            if number == len(self.roots):
                continue
            reader = self.expression.definitions[number].name
            for array in arrays:
                if array in groups.get(reader, ()):
                    raise self._error(
                        f"`{array}` is not complete where `{reader}` is computed, which it needs; "
                        "sum over the entries that are known",
                        position,
                    )

    def _reads_between(self, names: Sequence[str]) -> list[_Read]:
        found = []
        for entry in self.entries:
            piece = self.pieces.get(self._number(entry.position))
            if piece and entry.array in names and not piece.is_empty:
                reader = self.expression.definitions[piece.number].name
                if reader in names:
                    found.append(_Read(entry, reader, piece))
        return found

    # -- loops --------------------------------------------------------------------------------

    def _loop(self, names: tuple[str, ...], depth: int, reads: Sequence[_Read]) -> PartLoop:
        """The loop over the subscript number `depth` of the parts, which agree in those before."""
        self._check_lengths(names, depth)
        same: list[_Read] = []
        for read in reads:
            difference = read.difference(depth)
            system = [*self.spaces.inequalities(read.entry.ranges), *read.agreed]
            if self._happens(read, [*system, difference - Affine(1)]):
                raise self._unknown(read, [*system, difference - Affine(1)])
            if self._happens(read, [*system, Affine(-1) - difference]):
                self._reach(read, Reached(depth, False))
            if self._happens(read, [*system, difference, difference.scaled(-1)]):
                agreed = (*read.agreed, difference, difference.scaled(-1))
                same.append(read._replace(agreed=agreed))
        needs: dict[str, set[str]] = {name: set() for name in names}
        for read in same:
            needs[read.reader].add(read.entry.array)
        units: list[PartLoop | tuple[str, ...]] = []
        for unit in components(names, needs):
            numbers = [name for name in unit if len(self.lengths[name]) == depth + 1]
            between = [read for read in same if {read.reader, read.entry.array} <= {*unit}]
            if not numbers:
                units.append(self._loop(unit, depth + 1, between))
            elif len(numbers) < len(unit):
                raise self._error(
                    f"{listed([f'`{name}`' for name in unit])} need each other's entries of one "
                    "step; write the formula of one in place of its name",
                    between[0].entry.position,
                )
            elif units and not isinstance(units[-1], PartLoop):
                units[-1] = (*units[-1], *unit)
            else:
                units.append(unit)
        loops = [{*unit.names} for unit in units if isinstance(unit, PartLoop)]
        for read in same:
            if not any({read.reader, read.entry.array} <= names for names in loops):
                self._check_above(read, same)
                self._reach(read, Reached(depth + 1, True))
        return PartLoop(names, tuple(units))

    def _check_lengths(self, names: Sequence[str], depth: int) -> None:
        first = self.lengths[names[0]][depth]
        for name in names[1:]:
            if self.lengths[name][depth] != first:
                definitions = self.expression.definitions
                span = next(one.span for one in definitions if one.name == name)
                raise ExpressionError(
                    f"`{names[0]}` and `{name}` need each other, so one loop computes both; but "
                    f"{names[0]} runs to {first} there and {name} to {self.lengths[name][depth]}",
                    self.expression.text,
                    span,
                )

    def _reach(self, read: _Read, reached: Reached) -> None:
        position = read.entry.position
        self.reads[position] = (*self.reads.get(position, ()), reached)

    def _happens(self, read: _Read, system: Sequence[Affine]) -> bool:
        """Whether indices inside their ranges satisfy the inequalities."""
        return self.spaces.satisfiable(read.entry.position, read.entry.ranges, system)

    def _check_above(self, read: _Read, same: Sequence[_Read]) -> None:
        """Refuses an entry of the same step whose piece stands no higher than the reading one.

        `same` are all entries of the same step that are read.
        """
        for piece in self.parts[read.entry.array]:
            if piece.number < read.piece.number or piece.is_empty:
                continue
            system = [*self.spaces.inequalities(read.entry.ranges), *read.agreed]
            system += inside(read.entry, piece)
            if self._happens(read, system):
                circular = any(
                    other.piece == piece
                    and other.entry.array == read.reader
                    and self._happens(other, [*other.agreed, *inside(other.entry, read.piece)])
                    for other in same
                )
                raise self._unknown(read, system, piece, circular)

    def _unknown(
        self,
        read: _Read,
        system: Sequence[Affine],
        below: Piece | None = None,
        circular: bool = False,
    ) -> ExpressionError:
        """The refusal of an entry that is not known where it is read."""
        entry = read.entry
        where = self.spaces.values(entry.position, entry.ranges, system)
        wanted = self.expression.formula(entry.position)
        at = self._left_side(read.piece)
        if where is not None:
            wanted = self._named(entry.array, entry.subscripts, where)
            at = self._named(read.reader, [computed(one) for one in read.piece.subscripts], where)
        if where is not None and (data := self._data_reached(entry, where)):
            wanted = self.expression.formula(entry.position)
            numbers = ", ".join(str(computed(one)) for one in read.piece.subscripts)
            at = f"{read.reader}[{numbers}]"
            message = f"`{wanted}` is not yet known where `{at}` is computed: {data}"
        elif wanted == at:
            message = f"`{wanted}` is defined by itself"
        elif below is not None:
            left = self._left_side(below)
            message = f"`{wanted}` is not yet known where `{at}` is computed: "
            message += f"write `{left} = ...` above"
            if circular:
                message = (
                    f"`{wanted}` and `{at}` need each other: solve their two equations for them"
                )
        else:
            message = (
                f"`{wanted}` is not yet known where `{at}` is computed: a recurrence reads entries "
                "of smaller subscripts, as in `u[t in 2:n] = u[t-1] + ...`"
            )
        return self._error(message, entry.position)

    def _data_reached(self, entry: ArrayEntry, where: Mapping[str, int]) -> str | None:
        """What an entry of data in the subscripts is, as `lag is 0 in row 4`; None without one."""
        for name, (array, _, numbers) in entry.by_data.items():
            if name in where:
                rows = self.spaces.rows_read(entry, name) or ()
                row = next((row for row in rows if numbers.values[row - 1] == where[name]), None)
                return f"{array} is {where[name]}" + (f" in row {row}" if row else "")
        return None

    def _named(self, name: str, subscripts: Iterable[Affine], where: Mapping[str, int]) -> str:
        values = {**self.spaces.sizes, **where}
        return f"{name}[{', '.join(str(one.evaluate(values)) for one in subscripts)}]"

    def _left_side(self, piece: Piece) -> str:
        return written(self.expression, self.expression.definitions[piece.number])

    def _error(self, message: str, position: int) -> ExpressionError:
        span: Span = self.expression.nodes[position].span
        return ExpressionError(message, self.expression.text, span)


def inside(entry: ArrayEntry, piece: Piece) -> list[Affine]:
    """That an entry lies in a piece, as numbers that are not negative."""
    found = []
    for subscript, (low, high) in zip(entry.subscripts, piece.box, strict=True):
        found += [subscript - Affine(low), Affine(high) - subscript]
    return found


def components(names: Sequence[str], needs: Mapping[str, set[str]]) -> list[tuple[str, ...]]:
    """The names that need each other, together; what is needed stands first, else the order given.

    Source: Tarjan, Depth-first search and linear graph algorithms, SIAM J. Computing 1 (1972) 146.
    """
    order = {name: number for number, name in enumerate(names)}
    found: list[tuple[str, ...]] = []
    visited: dict[str, int] = {}  # by name, when
    lowest: dict[str, int] = {}  # by name, the first visit of what is open and can be reached
    stack: list[str] = []
    finished: set[str] = set()
    for name in names:
        pending: list[tuple[str, Iterator[str]]] = []
        following: str | None = name if name not in visited else None
        while pending or following is not None:
            if following is not None:
                visited[following] = lowest[following] = len(visited)
                stack.append(following)
                pending.append((following, iter(sorted(needs[following], key=order.__getitem__))))
            current, others = pending[-1]
            following = None
            for other in others:
                if other not in visited:
                    following = other
                    break
                if other not in finished:
                    lowest[current] = min(lowest[current], visited[other])
            if following is not None:
                continue
            pending.pop()
            if pending:
                parent = pending[-1][0]
                lowest[parent] = min(lowest[parent], lowest[current])
            if lowest[current] == visited[current]:
                start = stack.index(current)
                unit = stack[start:]
                del stack[start:]
                finished.update(unit)
                found.append(tuple(sorted(unit, key=order.__getitem__)))
    return found
