"""Array parts: the ranges of their indices, and the boxes that their pieces fill.

Comes in: an Expression and the lengths of the arrays that are known without it: those of data and
of the header. Goes out, before sizes are solved: the Expression with a range for each bare index
of a left side, which is the one length that the formula shows; and, once they are solved, each
part's pieces as boxes of whole numbers, or ExpressionError for an entry that no piece or that two
pieces define.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from itertools import pairwise

from gdcli.errors import ExpressionError
from gdcli.language.affine import Affine
from gdcli.language.left_sides import with_range, written
from gdcli.language.semantics.spaces import ordinal
from gdcli.language.syntax import NAME, SUBSCRIPT, Definition, Expression, PartSubscript
from gdcli.named_tuples import NamedTuple

Lengths = Mapping[str, Sequence[Affine | None]]  # of arrays; None where it is not known


class Piece(NamedTuple):
    """A piece of an array part: where its Definition stands, and its least and greatest subscripts.

    `box` has the ends of each subscript as numbers; a piece with an empty range has no entries.
    """

    number: int
    root: int
    subscripts: tuple[PartSubscript, ...]
    box: tuple[tuple[int, int], ...]

    @property
    def is_empty(self) -> bool:
        """Whether no entry is in it."""
        return any(low > high for low, high in self.box)

    def over(self, lengths: Mapping[Affine, Affine]) -> Piece:
        """The piece with other affine numbers for ends that are the same numbers."""
        subscripts = [
            one._replace(low=lengths.get(one.low, one.low), high=lengths.get(one.high, one.high))
            for one in self.subscripts
            if one.low is not None and one.high is not None
        ]
        return self._replace(subscripts=tuple(subscripts))


class Measured(NamedTuple):
    """An Expression whose array parts have ranges, and what the ranges of bare indices rest on."""

    expression: Expression
    lengths: tuple[ShownLengths, ...]


class ShownLengths(NamedTuple):
    """The lengths that the formula of a part shows for a bare index; the first is taken."""

    definition: Definition
    subscript: PartSubscript
    lengths: tuple[SeenLength, ...]


class SeenLength(NamedTuple):
    """The length of an array in the place of a subscript, that a formula shows for an index."""

    array: str
    place: int
    length: Affine

    def text(self, sizes: Mapping[str, int]) -> str:
        """The length in words: `10 of X`, `m of the second subscript of W`."""
        which = f" of the {ordinal(self.place)} subscript" if self.place else ""
        return f"{self.length.known(sizes)}{which} of {self.array}"


def with_pieces(expression: Expression, pieces: Iterable[Piece]) -> Expression:
    """The expression with the ranges that the pieces of its array parts have."""
    definitions = list(expression.definitions)
    for piece in pieces:
        definitions[piece.number] = definitions[piece.number]._replace(subscripts=piece.subscripts)
    with_ranges = copy(expression)
    with_ranges.definitions = tuple(definitions)
    return with_ranges


def measured(expression: Expression, lengths: Lengths, sizes: Mapping[str, int]) -> Measured:
    """The expression with a range for each index of an array part; `sizes` are those known.

    Raises ExpressionError where a formula shows no length for a bare index, or two.
    """
    check_counts(expression)
    known: dict[str, Sequence[Affine | None]] = dict(lengths)
    pieces: dict[str, list[Definition]] = {}
    later: dict[str, list[Definition]] = {}
    for definition in reversed(expression.definitions):
        later.setdefault(definition.name, []).append(definition)
    more: set[str] = set()  # the parts that have got pieces since their lengths were found
    definitions: list[Definition] = []
    found: list[ShownLengths] = []
    start = 0
    for definition in expression.definitions:
        later[definition.name].pop()
        if definition.subscripts:
            if any(one.high is None for one in definition.subscripts):
                for name in more:
                    several, rank = [*pieces[name], *later[name]], len(pieces[name][0].subscripts)
                    known[name] = [_length(several, place) for place in range(rank)]
                more.clear()
                definition, shown = ranged(expression, start, definition, known, sizes)
                found += shown
            more.add(definition.name)
            pieces.setdefault(definition.name, []).append(definition)
        definitions.append(definition)
        start = definition.root + 1
    if found:
        expression = copy(expression)
        expression.definitions = tuple(definitions)
    return Measured(expression, tuple(found))


def ranged(
    expression: Expression,
    start: int,
    definition: Definition,
    known: Lengths,
    sizes: Mapping[str, int],
) -> tuple[Definition, list[ShownLengths]]:
    """An array part, whose formula begins at the node `start`, with a range for each index.

    `known` has the lengths that count, and `sizes` those that are numbers. Beside it the lengths
    that its bare indices have been shown. Raises ExpressionError where they are none, or two.
    """
    seen = _lengths_seen(expression, start, definition, known)
    subscripts, found = [], []
    for one in definition.subscripts:
        if one.high is None:
            shown = _chosen(expression, definition, one, seen.get(one.name, ()), known, sizes)
            found.append(ShownLengths(definition, one, shown))
            one = one._replace(low=Affine(1), high=shown[0].length)
        subscripts.append(one)
    return definition._replace(subscripts=tuple(subscripts)), found


def check_counts(expression: Expression) -> None:
    """Refuses a piece with more or fewer subscripts than the first piece of its array part."""
    first: dict[str, Definition] = {}
    for definition in expression.definitions:
        one = first.setdefault(definition.name, definition)
        if len(one.subscripts) != len(definition.subscripts):
            raise ExpressionError(
                f"`{definition.name}` takes {_count(one)} in its first piece, and "
                f"{_count(definition)} here",
                expression.text,
                definition.span,
            )


def _count(definition: Definition) -> str:
    number = len(definition.subscripts)
    return f"{number} subscript{'s' * (number != 1)}"


def check_lengths(measured: Measured, sizes: Mapping[str, int]) -> None:
    """Refuses a bare index whose formula shows two lengths; now all `sizes` are known."""
    for definition, subscript, shown in measured.lengths:
        if len({one.length.evaluate(sizes) for one in shown}) > 1:
            raise _two_lengths(measured.expression, definition, subscript, shown, sizes)


def _lengths_seen(
    expression: Expression, start: int, definition: Definition, known: Lengths
) -> dict[str, list[SeenLength]]:
    """By index, the known lengths of the arrays that have exactly this index as a subscript.

    A row such as `W[i]`, which has fewer subscripts than the array, shows its length too.
    """
    nodes, found = expression.nodes, dict[str, list[SeenLength]]()
    for node in nodes[start : definition.root + 1]:
        lengths = known.get(str(node.value)) if node.kind == SUBSCRIPT else None
        if lengths is None or len(lengths) < len(node.arguments):
            continue
        for place, (argument, length) in enumerate(zip(node.arguments, lengths, strict=False)):
            if nodes[argument].kind == NAME and length is not None:
                seen = found.setdefault(str(nodes[argument].value), [])
                seen.append(SeenLength(str(node.value), place, length))
    return found


def _chosen(
    expression: Expression,
    definition: Definition,
    subscript: PartSubscript,
    seen: Sequence[SeenLength],
    known: Lengths,
    sizes: Mapping[str, int],
) -> tuple[SeenLength, ...]:
    """The lengths seen, the one to take first; a number goes before one that is not yet known."""
    declared = expression.header.variables if expression.header else ()
    if not seen and (subscript.name in declared or subscript.name in known):
        what = "a variable" if subscript.name in declared else "an array"
        message = f"`{subscript.name}` is {what} here; choose another index for "
        raise ExpressionError(message + definition.name, expression.text, subscript.span)
    if not seen:
        write = _suggested(expression, definition, subscript, known)
        left = written(expression, definition)
        raise ExpressionError(
            f"how far does `{subscript.name}` run? The formula of `{left}` shows no array of known "
            f"length with the subscript {subscript.name}; write the range: "
            f"`{write.left_side} = ...`",
            expression.text,
            subscript.span,
        )
    values = {one.length.known(sizes): one for one in reversed(seen)}
    numbers = {value: one for value, one in values.items() if not value.terms}
    if len(numbers or values) > 1:
        raise _two_lengths(expression, definition, subscript, seen, sizes)
    (first,) = (numbers or values).values()
    return (first, *(one for one in values.values() if one is not first))


def _suggested(
    expression: Expression, definition: Definition, subscript: PartSubscript, known: Lengths
) -> Definition:
    """The definition with a range for a bare index: behind the entries that stand above it."""
    place = definition.subscripts.index(subscript)
    above = [
        one.subscripts[place]
        for one in expression.definitions
        if one.name == definition.name and one.root < definition.root
        and len(one.subscripts) == len(definition.subscripts)
    ]  # fmt: skip
    lengths = known.get(definition.name, ())
    length = lengths[place] if place < len(lengths) else None
    begin, end = Affine(1), Affine(0, (("n", 1),))
    if length and any(one.name for one in above):
        end = length
    elif length and not length.terms:
        begin += length
    return with_range(definition, subscript.name, begin, end)


def _two_lengths(
    expression: Expression,
    definition: Definition,
    subscript: PartSubscript,
    seen: Sequence[SeenLength],
    sizes: Mapping[str, int],
) -> ExpressionError:
    first = seen[0]
    other = next(one for one in seen if one.length.known(sizes) != first.length.known(sizes))
    write = with_range(definition, subscript.name, Affine(1), first.length.known(sizes))
    return ExpressionError(
        f"`{subscript.name}` could run to {first.text(sizes)} or to {other.text(sizes)}; write the "
        f"range: `{write.left_side} = ...`",
        expression.text,
        subscript.span,
    )


def _length(pieces: Sequence[Definition], place: int) -> Affine | None:
    """The greatest subscript of the pieces in a place: the end behind which no other begins."""
    subscripts = [piece.subscripts[place] for piece in pieces]
    lows = {one.low for one in subscripts}
    ends = {one.high for one in subscripts if one.high and one.high + Affine(1) not in lows}
    return ends.pop() if len(ends) == 1 else None


def range_ends(expression: Expression) -> dict[str, list[list[Affine]]]:
    """By array part, for each subscript the ends of its ranges; the greatest is its length."""
    found: dict[str, list[list[Affine]]] = {}
    for definition in expression.definitions:
        if definition.subscripts:
            places = found.setdefault(definition.name, [[] for _ in definition.subscripts])
            for place, subscript in zip(places, definition.subscripts, strict=False):
                if subscript.high is not None and subscript.high not in place:
                    place.append(subscript.high)
    return found


def pieces(expression: Expression, sizes: Mapping[str, int]) -> dict[str, list[Piece]]:
    """By array part, its pieces in the order written.

    Raises ExpressionError unless they fill a box, each entry once. The parts are `measured`, and
    `sizes` are all known.
    """
    found: dict[str, list[Piece]] = {}
    for number, definition in enumerate(expression.definitions):
        if not definition.subscripts:
            continue
        box = []
        for one in definition.subscripts:
            assert one.low is not None
            assert one.high is not None
            low, high = one.low.evaluate(sizes), one.high.evaluate(sizes)
            if low < 1 and low <= high:
                raise ExpressionError(
                    f"`{one}` begins at {low}, but subscripts begin at 1", expression.text, one.span
                )
            box.append((low, high))
        piece = Piece(number, definition.root, definition.subscripts, tuple(box))
        found.setdefault(definition.name, []).append(piece)
    for name, several in found.items():
        _check_filled(expression, name, several)
    return found


def _check_filled(expression: Expression, name: str, several: Sequence[Piece]) -> None:
    """Refuses an entry within the lengths of a part that no piece defines, or that two define."""
    filled = [piece for piece in several if not piece.is_empty]
    highs = [[high for _, high in piece.box] for piece in several]
    lengths = [max(0, *ends) for ends in zip(*highs, strict=True)]
    for entry, holding in _cells(filled, lengths, ()):
        if len(holding) == 1:
            continue
        place = f"{name}[{', '.join(map(str, entry))}]"
        if holding:
            first, second = sorted(holding, key=lambda piece: piece.number)[:2]
            other = expression.definitions[second.number]
            raise ExpressionError(
                f"`{place}` is defined twice, by `{_text(expression, first)}` and "
                f"`{_text(expression, second)}`; the pieces of a part share no entry"
                + _narrower(other, first, second),
                expression.text,
                other.span,
            )
        known = ", ".join(f"`{_text(expression, piece)}`" for piece in several[:3])
        known += ", ..." if len(several) > 3 else ""
        sizes = [(piece, str(one)) for piece in several for one in piece.subscripts if not one.name]
        taken = next(((piece, size) for piece, size in sizes if size.isidentifier()), None)
        index = ""
        if taken is not None:
            index = f"; in `{_text(expression, taken[0])}` {taken[1]} is a size: choose another "
            index += "index where every entry is meant"
        raise ExpressionError(
            f"`{place}` is defined by none of the pieces {known}; they fill the box up to "
            f"{name}[{', '.join(map(str, lengths))}]: write `{place} = ...;` too{index}",
            expression.text,
            expression.definitions[several[-1].number].span,
        )


def _text(expression: Expression, piece: Piece) -> str:
    return written(expression, expression.definitions[piece.number])


def _narrower(definition: Definition, first: Piece, second: Piece) -> str:
    """What to write for a piece that begins no later than the first and ends behind it."""
    for subscript, (low, high), (one_low, one_high) in zip(
        second.subscripts, second.box, first.box, strict=True
    ):
        if subscript.name and one_low <= low and one_high < high:
            named = subscript.high and "." not in str(subscript.high)
            end = subscript.high if subscript.high and named else Affine(high)
            ranged = with_range(definition, subscript.name, Affine(one_high + 1), end)
            return f"; write `{ranged.left_side} = ...`"
    return ""


def _cells(
    pieces: Sequence[Piece], lengths: Sequence[int], before: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], list[Piece]]]:
    """The first entry of each box that the ends of the pieces cut, with the pieces that hold it."""
    place = len(before)
    if place == len(lengths):
        yield before, list(pieces)
        return
    ends = [piece.box[place] for piece in pieces]
    cuts = sorted(
        {1, lengths[place] + 1, *(low for low, _ in ends), *(high + 1 for _, high in ends)}
    )
    waiting = sorted(pieces, key=lambda piece: piece.box[place], reverse=True)
    holding: list[Piece] = []
    for start, _ in pairwise(cuts):
        holding = [piece for piece in holding if piece.box[place][1] >= start]
        while waiting and waiting[-1].box[place][0] <= start:
            holding.append(waiting.pop())
        yield from _cells(holding, lengths, (*before, start))
