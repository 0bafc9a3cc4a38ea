"""The sizes of a text and the lengths of its arrays, known before anything runs.

Comes in: the Scopes of an Expression, the shapes that a header declares, that data have and that
the pieces of array parts fill, and the sizes that are given. Goes out: every size as a number, and
every array's lengths as numbers and as affine numbers of sizes, or ExpressionError for a subscript
outside them. A length is the one declared or given, else that of its partner in `dot`, else the
largest subscript reached, 0 where the loops around run over nothing; a given length solves the one
size that is not known. The cost does not depend on the sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from types import MappingProxyType

from gdcli.errors import ExpressionError, GdcliError, Sentence, Setting, Span, UsageError, listed
from gdcli.language.affine import Affine
from gdcli.language.semantics.scopes import ArrayEntry, IndexRange, Scopes
from gdcli.language.semantics.spaces import IterationSpaces, extent
from gdcli.named_tuples import NamedTuple

MOST_ENTRIES = 10**9  # of all variables
NONEMPTY_LOOPS = ("max", "min", "mean", "logsumexp")  # which have no value over nothing
MOST_CHOICES = 64  # combinations of the ends of ranges looked through for a largest subscript

Declared = Mapping[str, Sequence[Affine]]
Ends = Mapping[str, Sequence[Sequence[Affine]]]
NO_PARTS: Ends = MappingProxyType({})


class EqualLengths(NamedTuple):
    """Two lengths that a formula of whole arrays makes equal; `message` says so, and of what."""

    one: Affine
    other: Affine
    message: str
    span: Span


class Shape(NamedTuple):
    """The lengths of an array, over sizes and as numbers."""

    symbolic: tuple[Affine, ...]
    lengths: tuple[int, ...]


class Shapes(NamedTuple):
    """The sizes and the arrays of a text, by name.

    A length that is no affine number of sizes is a size itself: "x.1" for the first length of x.
    """

    sizes: dict[str, int]
    arrays: dict[str, Shape]


def solve(
    scopes: Scopes,
    declared: Declared,
    data: Mapping[str, Sequence[int]],
    sizes: Mapping[str, int],
    parts: Ends = NO_PARTS,
    equal: Sequence[EqualLengths] = (),
    check: Callable[[Mapping[str, int]], None] | None = None,
) -> Shapes:
    """The Shapes of a text; `declared` are a header's, `data` those of arrays that are given.

    `parts` have, for each subscript of an array part, the ends of its pieces: the greatest is its
    length. `equal` are lengths between which a size that is not known can be solved for. `check` is
    called with the sizes before subscripts are held against lengths.

    Raises ExpressionError with the place of a subscript that leaves its array, of arrays that do
    not fit together, of a maximum of nothing; UsageError where a size is not known.
    """
    return _Solver(scopes, declared, data, sizes, parts, equal).shapes(check)


def length_of(array: str, place: int) -> Affine:
    """The length of an array as a size of its own: `x.1` is the first of x."""
    return Affine(0, ((f"{array}.{place + 1}", 1),))


def greatest(number: Affine, ranges: Sequence[IndexRange]) -> Affine | None:
    """The largest value of `number` as an affine number of sizes; None where many may be it.

    `ranges` are those of its indices, outermost first.
    """
    found = [number]
    for over in reversed(ranges):
        chosen: list[Affine] = []
        for candidate in found:
            factor = candidate.coefficient(over.name)
            ends = over.highs if factor > 0 else over.lows
            chosen += (
                [candidate.substituted(over.name, end) for end in ends] if factor else [candidate]
            )
        found = list(dict.fromkeys(chosen))
        if len(found) > MOST_CHOICES:
            return None
    least = [one for one in found if not any(_exceeds(one, other) for other in found)]
    return least[0] if len(least) == 1 else None


def _exceeds(one: Affine, other: Affine) -> bool:
    """Whether `one` is larger than `other` by a constant, so whatever the sizes are."""
    return one.terms == other.terms and one.constant > other.constant


class _Array:
    """An array whose lengths are being solved.

    `lengths` are None until they are known; `declared` are, for each subscript, the numbers the
    largest of which is the length, by a header or by the pieces of a part; `reached` are the
    largest of its values over sizes, or None where there are too many; `by_row` has the places of
    subscripts such as `i-lag[i]`, whose values are known row by row alone.
    """

    def __init__(self, name: str, span: Span | None, rank: int) -> None:
        self.name = name
        self.span = span
        self.lengths: list[int | None] = [None] * rank
        self.declared: Sequence[Sequence[Affine]] = ()
        self.reached: list[list[Affine] | None] = [[] for _ in range(rank)]
        self.entries: list[ArrayEntry] = []
        self.by_row: set[int] = set()

    def reach(self, entry: ArrayEntry) -> None:
        """Adds an entry, and how far its subscripts reach."""
        self.entries.append(entry)
        for place, subscript in enumerate(entry.subscripts):
            if entry.index_beside_data(place):
                self.by_row.add(place)
                continue
            found, known = greatest(subscript, entry.ranges), self.reached[place]
            if found is None or known is None or len(known) > MOST_CHOICES:
                self.reached[place] = None
            elif not any(found == other or _exceeds(other, found) for other in known):
                smaller = [other for other in known if _exceeds(found, other)]
                self.reached[place] = [other for other in known if other not in smaller] + [found]

    def greatest_by_data(self, place: int) -> int:
        """The greatest subscript that is known and has an entry of data in it, 0 for none."""
        found = [
            greatest(entry.subscripts[place], entry.ranges)
            for entry in self.entries
            if entry.data_entry(place) and not entry.index_beside_data(place)
        ]
        return max((one.constant for one in found if one and not one.terms), default=0)

    def written(self, place: int) -> list[Affine]:
        """The affine numbers the largest of which is the length at `place`."""
        if self.declared:
            return [*self.declared[place]]
        return [] if place in self.by_row else self.reached[place] or []


class _Solver:
    def __init__(
        self,
        scopes: Scopes,
        declared: Declared,
        data: Mapping[str, Sequence[int]],
        sizes: Mapping[str, int],
        parts: Ends,
        equal: Sequence[EqualLengths],
    ) -> None:
        self.scopes = scopes
        self.equal = equal
        self.text = scopes.expression.text
        self.sizes = dict(sizes)
        self.wanted = set(scopes.sizes)
        spans = {part.name: part.span for part in scopes.expression.definitions} | scopes.arrays
        self.arrays = {
            name: _Array(name, spans.get(name), rank)
            for name, rank in self._ranks(declared, data, parts).items()
        }
        for entry in scopes.entries:
            self.arrays[entry.array].reach(entry)
        for name, shape in declared.items():
            self.arrays[name].declared = [[length] for length in shape]
            self.wanted.update(size for length in shape for size, _ in length.terms)
        for name, ends in parts.items():
            self.arrays[name].declared = ends
        self.data = data
        self.parts = parts
        for name, lengths in data.items():
            self.arrays[name].lengths = list(lengths)
        self.spaces = IterationSpaces(scopes.expression, self.sizes)

    def shapes(self, check: Callable[[Mapping[str, int]], None] | None) -> Shapes:
        while self._give_lengths() or self._solve_sizes() or self._take_greatest():
            pass
        if missing := sorted(self.wanted - self.sizes.keys()):
            raise self._unknown(missing)
        for one, other, message, span in self.equal:
            first, second = one.evaluate(self.sizes), other.evaluate(self.sizes)
            if first != second:
                message = f"{message}, but {one} is {first} and {other} is {second}"
                raise ExpressionError(message, self.text, span)
        if check is not None:
            check(self.sizes)
        for loop in self.scopes.loops:
            if self.scopes.expression.nodes[loop.position].value in NONEMPTY_LOOPS:
                self.spaces.check_nonempty(loop)
        self._measure()
        for entry in self.scopes.entries:
            self.spaces.check_entry(entry, self._lengths(entry.array))
        for position, names in self.scopes.vector_calls:
            self._check_partners(position, names)
        arrays = {name: self._shape(array) for name, array in self.arrays.items()}
        return Shapes(self.sizes, arrays)

    def _ranks(
        self, declared: Declared, data: Mapping[str, Sequence[int]], parts: Ends
    ) -> dict[str, int]:
        """How many subscripts each array takes, the same wherever it stands."""
        known = (*declared.items(), *data.items(), *parts.items())
        ranks = {name: len(shape) for name, shape in known}
        uses = [
            (entry.position, entry.array, len(entry.subscripts)) for entry in self.scopes.entries
        ]
        uses += [
            (position, name, 1) for position, names in self.scopes.vector_calls for name in names
        ]
        for position, name, count in uses:
            wanted = ranks.setdefault(name, count)
            if count != wanted:
                plural = "" if wanted == 1 else "s"
                span = self.scopes.expression.nodes[position].span
                raise ExpressionError(
                    f"`{name}` takes {wanted} subscript{plural}, not {count}", self.text, span
                )
        return ranks

    # -- sizes ------------------------------------------------------------------------------

    def _give_lengths(self) -> bool:
        """Sets the lengths that are numbers or those of a partner in `dot`; whether it set any."""
        given = False
        for array in self.arrays.values():
            for place, declared in enumerate(array.declared):
                ends = [end.known(self.sizes) for end in declared]
                if array.lengths[place] is None and not any(end.terms for end in ends):
                    length = max(end.constant for end in ends)
                    array.lengths[place] = self._sensible(array, length)
                    given = True
        for _, names in self.scopes.vector_calls:
            partners = [self.arrays[name] for name in names]
            for one, other in zip(partners, reversed(partners), strict=True):
                if one.lengths[0] is None and other.lengths[0] is not None:
                    one.lengths[0] = other.lengths[0]
                    given = True
        return given

    def _solve_sizes(self) -> bool:
        """Solves for the sizes that a single known length determines; whether it solved for any."""
        found: dict[str, tuple[int, str]] = {}
        for array in self.arrays.values():
            for place, length in enumerate(array.lengths):
                if length is not None:
                    self._solve(array, array.written(place), length, found)
                    self._solve(array, array.reached[place] or [], length, found)
        for one, other, *_ in self.equal:
            difference = (one - other).known(self.sizes)
            if len(difference.terms) == 1 and difference.terms[0][0] not in found:
                [(size, factor)] = difference.terms
                found[size] = max(0, -difference.constant // factor), ""
        self.sizes.update((size, value) for size, (value, _) in found.items())
        return bool(found)

    def _solve(
        self, array: _Array, largest: list[Affine], length: int, found: dict[str, tuple[int, str]]
    ) -> None:
        """Solves for the one size at which `length` is the largest of some affine numbers."""
        numbers = [number.known(self.sizes) for number in largest]
        sizes = {size for number in numbers for size, _ in number.terms}
        size = next(iter(sizes), "")
        rising = [number for number in numbers if number.coefficient(size) > 0]
        if len(sizes) != 1 or not rising:
            return
        value = min((length - number.constant) // number.coefficient(size) for number in rising)
        reason = extent(array.name, [entry or 0 for entry in array.lengths])
        if value < 0 or max(number.evaluate({size: value}) for number in numbers) != length:
            raise self._contradiction(array, f"{reason}, which no {size} fits", size)
        other, why = found.setdefault(size, (value, reason))
        if other != value:
            message = f"{size} is {other}, as {why}, and {value}, as {reason}"
            raise self._contradiction(array, message, size)

    def _take_greatest(self) -> bool:
        """Solves for the sizes that lengths have as subscripts by data ask; whether for any.

        A length is not less than the greatest subscript that an entry of data is, and no more.
        """
        found: dict[str, int] = {}
        for array in self.arrays.values():
            for place, length in enumerate(array.lengths):
                if length is not None or not (greatest := array.greatest_by_data(place)):
                    continue
                for number in array.written(place):
                    rest = number.known(self.sizes)
                    if len(rest.terms) == 1 and (factor := rest.terms[0][1]) > 0:
                        size = rest.terms[0][0]
                        least = -((rest.constant - greatest) // factor)
                        found[size] = max(found.get(size, 0), least)
        self.sizes.update(found)
        return bool(found)

    def _unknown(self, missing: list[str]) -> GdcliError:
        for name in missing:
            if name not in self.scopes.ends and name in self.scopes.sizes:
                message = Sentence(
                    "`{}` is no index here: write `for {} in 1:n` in a sum, "
                    "or give it as a size: {}",
                    *(name, name, Setting("sizes", "1", (name,))),
                )
                return ExpressionError(message, self.text, self.scopes.sizes[name])
        given = Setting("sizes", "100", tuple(missing[:3]))
        are = "is" if len(missing) == 1 else "are"
        return UsageError(Sentence("how large {} {}? Give {}", are, listed(missing), given))

    # -- lengths ----------------------------------------------------------------------------

    def _measure(self) -> None:
        """Sets each length that is still unknown to the largest subscript reached, or 0."""
        for array in self.arrays.values():
            for place, length in enumerate(array.lengths):
                found = [self.spaces.reached(entry, place) for entry in array.entries]
                ends = [reached[1] for reached in found if reached is not None]
                if length is None and found:
                    array.lengths[place] = self._sensible(array, max(ends, default=0))
        while self._give_lengths():
            pass
        for array in self.arrays.values():
            if None in array.lengths:
                declare = f"Declare it: `f({array.name}[n]) = ...`"
                raise self._error(array, f"how many entries has {array.name}? {declare}")
        room = MOST_ENTRIES
        for array in self.arrays.values():
            if array.name not in self.data and array.name not in self.parts:
                count = prod(self._lengths(array.name))
                if count > room:
                    raise self._too_large(array, count)
                room -= count

    def _sensible(self, array: _Array, length: int) -> int:
        if length > MOST_ENTRIES:
            raise self._too_large(array, length)
        if length < 0:
            raise self._error(array, f"{array.name} would have {length} entries")
        return length

    def _too_large(self, array: _Array, count: int) -> ExpressionError:
        return self._error(
            array,
            f"{array.name} would have {count:,} entries; all variables together have at most "
            f"{MOST_ENTRIES:,}",
        )

    def _lengths(self, name: str) -> list[int]:
        return [length or 0 for length in self.arrays[name].lengths]

    def _shape(self, array: _Array) -> Shape:
        """The Shape of an array; makes a size of a length that is no affine number of sizes."""
        symbolic: list[Affine] = []
        lengths = self._lengths(array.name)
        for place, length in enumerate(lengths):
            own = length_of(array.name, place)
            written = [number for number in array.written(place) if number != own]
            if array.name in self.parts:  # the sizes are known, and the pieces fill a box
                written += array.reached[place] or []
                written = [one for one in written if one.evaluate(self.sizes) == length]
                written = sorted(written, key=lambda one: "." in str(one))[:1]
            if len(written) == 1 and written[0].evaluate(self.sizes) == length:
                symbolic.append(written[0])
            else:
                self.sizes[own.terms[0][0]] = length
                symbolic.append(own)
        return Shape(tuple(symbolic), tuple(lengths))

    def _check_partners(self, position: int, names: Sequence[str]) -> None:
        first, last = names[0], names[-1]
        if self.arrays[first].lengths != self.arrays[last].lengths:
            raise ExpressionError(
                f"{extent(first, self._lengths(first))}, and {extent(last, self._lengths(last))}",
                self.text,
                self.scopes.expression.nodes[position].span,
            )

    def _contradiction(self, array: _Array, message: str, size: str) -> ExpressionError:
        given = Setting("sizes", "...", (size,))
        return self._error(array, Sentence("{}; give {}", message, given))

    def _error(self, array: _Array, message: str) -> ExpressionError:
        span = array.span
        return ExpressionError(message, self.text if span else None, span)
