"""Whole arrays: an Expression with formulas of them becomes one of entries, loops and array parts.

Comes in: an Expression and the shapes that are known beside it. Goes out: an Elaboration, an equal
Expression in which each array stands with its subscripts: `norm(A*x - b)^2` is
`norm(sum(A[i1,i2]*x[i2] for i2 in 1:4) - b[i1] for i1 in 1:3)^2`. Roles, lowering and what explains
a step of a tape see only the Elaboration; what is printed and stored stays as written.

A vector is a column, and its transpose a row. The entries of a formula are written into the loop
that reads them. Where that loop would compute an entry again and again, as `B*x` in `A*(B*x)`, and
where a text has a product twice, the formula is an array part of its own, whose name, `(B*x)`, no
text can write. A chain of products multiplies in the order of fewest multiplications, of equal ones
from the left; a length that is not known yet counts as UNKNOWN_LENGTH.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping, Sequence
from typing import Any

from gdcli.errors import ExpressionError, Span
from gdcli.language.affine import Affine
from gdcli.language.lexer import PRIME
from gdcli.language.parser import parse
from gdcli.language.semantics.array_shapes import (
    REDUCED,
    SCALAR_SHAPE,
    ArrayShape,
    FormulaShapes,
    of_axes,
    symbolic,
)
from gdcli.language.semantics.roles import GivenShapes
from gdcli.language.semantics.shapes import EqualLengths
from gdcli.language.subscripts import ends
from gdcli.language.syntax import (
    APPLY_NODE,
    INDEX_NODE,
    LOOP_NODE,
    NAME,
    NEGATE,
    NUMBER,
    SUBSCRIPT,
    Decimal,
    Definition,
    Expression,
    Node,
    PartSubscript,
    takes_an_array,
)
from gdcli.named_tuples import NamedTuple

MOST_NAMED_FACTORS = 8  # in the name of a part of a chain
LONGEST_CHAIN = 100  # factors whose order is chosen; of more it is from the left, or from a vector

Writing = Generator[Any, Any, Any]  # yields other Writings, and takes what they return


class Elaboration(Expression):
    """An Expression without whole arrays that equals the one it was `written` as.

    `sources` has for each node the position of the node of `written` that it was made of, by which
    `formula` and spans speak of the text. `vectors` has for each vector of variables that is known
    by the matrix before it the formula of that matrix and the number of its columns; `equal` are
    the lengths that the formulas make equal.
    """

    __slots__ = ("equal", "sources", "vectors", "written")

    def __init__(
        self,
        written: Expression,
        nodes: tuple[Node, ...],
        definitions: tuple[Definition, ...],
        sources: tuple[int, ...],
        vectors: Mapping[str, tuple[str, Affine]],
        equal: Sequence[EqualLengths],
    ) -> None:
        super().__init__(written.text, nodes, written.header, definitions)
        self.written = written
        self.sources = sources
        self.vectors = vectors
        self.equal = equal

    def formula(self, position: int) -> str:
        """The normal form of what the node at `position` was made of."""
        return self.written.formula(self.sources[position])

    def negated(self, written: Expression) -> Elaboration:
        """The negative of what was written, which is `written` now."""
        minus = Node(APPLY_NODE, NEGATE, (len(self.nodes) - 1,), self.nodes[-1].span)
        nodes, sources = (*self.nodes, minus), (*self.sources, len(written.nodes) - 1)
        return Elaboration(written, nodes, self.definitions, sources, self.vectors, self.equal)

    @property
    def entries(self) -> Expression:
        """The Expression of these nodes, whose normal form shows the loops and parts in them."""
        return Expression(self.text, self.nodes, self.header, self.definitions)


def elaborated(
    expression: Expression, given: GivenShapes, parameters: Collection[str] = ()
) -> Elaboration:
    """The Elaboration of `expression`; `parameters` are the names that are set to a value.

    Raises ExpressionError for formulas whose shapes do not fit or are not known, with the shapes
    and what to write instead.
    """
    return _Writer(FormulaShapes(expression, given, parameters)).whole()


class OpenIndex(NamedTuple):
    """The index of a loop or part around; `high` is None where its range is not `1:high`."""

    name: str
    high: Affine | None


class Chain(NamedTuple):
    """A product of arrays and numbers: its array factors in order, and how they are multiplied.

    The factors from `first` to `last` are `splits[first, last]` and what follows it, multiplied;
    `position` is the node of the whole product.
    """

    position: int
    factors: tuple[int, ...]
    numbers: tuple[int, ...]
    divisors: tuple[int, ...]
    negative: bool
    splits: Mapping[tuple[int, int], int]


class Segment(NamedTuple):
    """The product of the factors of a Chain from `first` to `last`."""

    chain: Chain
    first: int
    last: int


class _Writer:
    """Writes the nodes of an Elaboration; the bodies of parts are written before what reads them.

    `code` are the nodes of the formula that is being written, each with its source. `open` are the
    indices of the text that have a value there, `around` the names of those and of its own that
    the value of an entry is computed again for.
    """

    def __init__(self, shapes: FormulaShapes) -> None:
        self.shapes = shapes
        self.expression, self.nodes = shapes.expression, shapes.nodes
        self.code: list[tuple[Node, int]] = []
        self.finished: list[list[tuple[Node, int]]] = []
        self.definitions: list[Definition] = []  # roots in the code of each
        self.open: list[OpenIndex] = []
        self.around: set[str] = set()
        self.unfinished: set[str] = set()  # the parts that the one being written may be filled with
        self.depth = 0  # of indices of its own
        self.tables: dict[tuple[tuple[int, ...], tuple[OpenIndex, ...]], str] = {}
        self.named: dict[str, int] = {}  # how many parts of its own have a name
        self.chains: dict[int, Chain] = {}
        self.first: list[int] = []  # of the nodes inside each node, which end with it
        self.formulas: list[int] = []  # a number for each node, the same for equal formulas
        self.whole_before = [0]  # how many nodes of whole arrays stand before each node
        numbers: dict[Any, int] = {}
        for position, node in enumerate(self.nodes):
            self.first.append(min((self.first[one] for one in node.arguments), default=position))
            key = node.kind, node.value, tuple(self.formulas[one] for one in node.arguments)
            self.formulas.append(numbers.setdefault(key, len(numbers)))
            whole = bool(self.shape(position).lengths) or (
                node.kind == APPLY_NODE
                and (takes_an_array(self.nodes, node) or str(node.value).startswith("."))
            )
            self.whole_before.append(self.whole_before[-1] + whole)
        self.uses = self._uses()
        taken = {str(node.value) for node in self.nodes} | shapes.size_names
        taken |= {*shapes.data, *shapes.declared, *shapes.parameters, *shapes.columns}
        taken |= {part.name for part in self.expression.definitions} | shapes.indices
        self.prefix = next(
            prefix for length in range(len(taken) + 1) for prefix in ["i" + "_" * length]
            if not any(name.startswith(prefix) and name[len(prefix) :].isdigit() for name in taken)
        )  # fmt: skip

    # -- what is known of the written nodes ---------------------------------------------------

    def shape(self, position: int) -> ArrayShape:
        found = self.shapes.found[position]
        return found if isinstance(found, ArrayShape) else SCALAR_SHAPE

    def is_plain(self, position: int) -> bool:
        """Whether nothing in the node is a whole array, so that it is copied as it stands."""
        return self.whole_before[position + 1] == self.whole_before[self.first[position]]

    def is_array_product(self, position: int) -> bool:
        """Whether the node multiplies two arrays as matrices."""
        node = self.nodes[position]
        return (
            node.kind == APPLY_NODE
            and node.value == "*"
            and all(self.shape(place).lengths for place in node.arguments)
        )

    def _uses(self) -> dict[int, int]:
        """How often each product of arrays stands in the text, other than in a longer product."""
        inner: set[int] = set()
        found: dict[int, int] = {}
        products = [place for place in range(len(self.nodes)) if self.is_array_product(place)]
        for position, node in enumerate(self.nodes):
            joins = node.kind == APPLY_NODE and (
                node.value in ("*", NEGATE)
                or (node.value == "/" and not self.shape(node.arguments[-1]).lengths)
            )
            if (joins and self.shape(position).lengths) or self.is_array_product(position):
                inner.update(node.arguments)
        for position in products:
            if position not in inner:
                formula = self.formulas[position]
                found[formula] = found.get(formula, 0) + 1
        for position in inner.intersection(products):
            if self.formulas[position] in found:
                found[self.formulas[position]] += 1
        return found

    def free(self, first: int, last: int) -> list[OpenIndex]:
        """The open indices in the nodes from `first` to `last`."""
        if not self.open:
            return []
        inside = self.nodes[first : last + 1]
        used = {node.value for node in inside if node.kind == NAME}
        return [index for index in self.open if index.name in used]

    # -- the whole text -----------------------------------------------------------------------

    def whole(self) -> Elaboration:
        for part in self.expression.definitions:
            self._part(part)
        root = len(self.nodes) - 1
        self._refuse(root, "the value of a function")
        _run(self.number(root))
        self.finished.append(self.code)
        nodes: list[Node] = []
        sources: list[int] = []
        definitions: list[Definition] = []
        for number, code in enumerate(self.finished):
            start = len(nodes)
            nodes += [
                node._replace(arguments=tuple(start + place for place in node.arguments))
                for node, _ in code
            ]
            sources += [source for _, source in code]
            if number < len(self.definitions):
                definitions.append(self.definitions[number]._replace(root=len(nodes) - 1))
        return Elaboration(
            self.expression,
            tuple(nodes),
            tuple(definitions),
            tuple(sources),
            self.shapes.vectors,
            self.shapes.equal,
        )

    def _refuse(self, root: int, what: str) -> None:
        """Raises the error of a formula, and where it is an array and no number."""
        found = self.shapes.found[root]
        if isinstance(found, ExpressionError):
            raise found
        if what and self.shape(root).lengths:
            raise self.shapes.no_number(root, what)

    def _part(self, part: Definition) -> None:
        """Writes a part of the text."""
        self._refuse(part.root, "an entry of an array part" if part.subscripts else "")
        if not part.subscripts and (lengths := self.shape(part.root).lengths):
            _run(self._table(part.root, part.name, lengths, ()))
            self.tables.setdefault(((self.formulas[part.root],), ()), part.name)
            return
        ranges = self.shapes.ranged[part.root].subscripts if part.subscripts else ()
        self.open = [
            OpenIndex(one.name, one.high if one.low == Affine(1) else None)
            for one in ranges
            if one.name
        ]
        parts = self.expression.definitions
        self.unfinished = {one.name for one in parts if one.subscripts and one.root >= part.root}
        _run(self.number(part.root))
        self._close(part)
        self.open, self.unfinished = [], set()

    def _close(self, part: Definition) -> None:
        """Ends the code of a part."""
        self.finished.append(self.code)
        self.definitions.append(part)
        self.code = []

    def _table(
        self,
        operand: int | Segment,
        name: str,
        lengths: Sequence[Affine],
        free: Sequence[OpenIndex],
    ) -> Writing:
        """Writes an array part of a formula's entries, for each value of the `free` indices."""
        saved = self.code, self.around, self.depth, self.open
        self.code, self.depth, self.open = [], len(lengths), [*free]
        own = self._fresh(len(lengths))
        self.around = {*own, *(index.name for index in free)}
        yield self.entry(operand, own, stored=True)
        span = self._span(operand)
        subscripts = [
            PartSubscript(index, Affine(1), high, span)
            for index, high in [*free, *zip(own, lengths, strict=True)]
        ]
        written = next((one for one in self.expression.definitions if one.name == name), None)
        place = written.span if written else span
        self._close(Definition(name, -1, place, tuple(subscripts)))
        self.code, self.around, self.depth, self.open = saved

    def _fresh(self, count: int) -> tuple[str, ...]:
        """Names for the innermost `count` indices."""
        return tuple(
            f"{self.prefix}{self.depth - count + number}" for number in range(1, count + 1)
        )

    def _span(self, operand: int | Segment) -> Span:
        if isinstance(operand, int):
            return self.nodes[operand].span
        first, last = (operand.chain.factors[place] for place in operand[1:])
        return Span(self.nodes[first].span.start, self.nodes[last].span.end)

    # -- nodes --------------------------------------------------------------------------------

    def put(self, kind: str, value: str | Decimal, arguments: Sequence[int], source: int) -> int:
        node = Node(kind, value, tuple(arguments), self.nodes[source].span)
        self.code.append((node, source))
        return len(self.code) - 1

    def copy(self, position: int) -> int:
        """Writes a node, and what it is made of, as it stands."""
        first = self.first[position]
        shift = len(self.code) - first
        for place in range(first, position + 1):
            node = self.nodes[place]
            arguments = tuple(shift + argument for argument in node.arguments)
            self.code.append((node._replace(arguments=arguments), place))
        return len(self.code) - 1

    def affine(self, number: Affine, source: int) -> int:
        """Writes a length."""
        shift = len(self.code)
        for node in parse(str(number), {}).nodes:
            self.put(node.kind, node.value, [shift + place for place in node.arguments], source)
        return len(self.code) - 1

    def number(self, position: int) -> Writing:
        """Writes a formula that is a number; returns its node."""
        if self.is_plain(position):
            return self.copy(position)
        node = self.nodes[position]
        value = str(node.value)
        if node.kind == LOOP_NODE:
            found = yield self._loop(position, node)
            return found
        if node.kind == APPLY_NODE and (value == "dot" or (
            value in REDUCED and self.shape(node.arguments[0]).lengths
        )):  # fmt: skip
            found = yield self._reduced(position, value, node.arguments)
            return found
        if self.is_array_product(position):
            around, self.around = self.around, self._names(position)
            found = yield self._product(position, ())
            self.around = around
            return found
        arguments = []
        for place in node.arguments:
            arguments.append((yield self.number(place)))
        return self.put(node.kind, value.removeprefix("."), arguments, position)

    def _names(self, position: int) -> set[str]:
        """The names of the open indices in a node."""
        return {index.name for index in self.free(self.first[position], position)}

    def _loop(self, position: int, node: Node) -> Writing:
        """Writes a loop of the text, whose indices are open in its body."""
        arguments = [self.copy(place) for place in node.arguments[:-1]]
        before = len(self.open)
        for start in range(0, len(node.arguments) - 1, 3):
            index, low, high = node.arguments[start : start + 3]
            lows, highs = ends(self.expression, low, "max"), ends(self.expression, high, "min")
            name = str(self.nodes[index].value)
            box = lows == [Affine(1)] and highs is not None and len(highs) == 1
            if box and highs and all(size not in self.shapes.indices for size, _ in highs[0].terms):
                self.open.append(OpenIndex(name, highs[0]))
            else:
                self.open.append(OpenIndex(name, None))
        arguments.append((yield self.number(node.arguments[-1])))
        del self.open[before:]
        return self.put(LOOP_NODE, str(node.value), arguments, position)

    def _reduced(self, position: int, function: str, operands: Sequence[int]) -> Writing:
        """Writes a function of all entries of an array, or of two vectors, as a loop."""
        around, self.around = self.around, self._names(position)
        lengths = [self.shape(place).lengths for place in operands]
        chosen = [symbolic(*pair) for pair in zip(lengths[0], lengths[-1], strict=True)]
        indices, arguments = self._open_ranges(chosen, position)
        entries = []
        for place in operands:
            entries.append((yield self.entry(place, indices)))
        body = entries[0]
        if function == "dot":
            body, function = self.put(APPLY_NODE, "*", entries, position), "sum"
        self.depth -= len(indices)
        self.around = around
        return self.put(LOOP_NODE, function, (*arguments, body), position)

    def _open_ranges(
        self, lengths: Sequence[Affine | None], source: int
    ) -> tuple[tuple[str, ...], list[int]]:
        """Opens an index for each length; their names, and the nodes of their ranges."""
        self.depth += len(lengths)
        indices = self._fresh(len(lengths))
        self.around |= {*indices}
        arguments = []
        for index, length in zip(indices, lengths, strict=True):
            assert length is not None
            arguments.append(self.put(INDEX_NODE, index, (), source))
            arguments.append(self.put(NUMBER, Decimal(1, 0), (), source))
            arguments.append(self.affine(length, source))
        return indices, arguments

    # -- entries of arrays --------------------------------------------------------------------

    def entry(
        self, operand: int | Segment, indices: Sequence[str], stored: bool = False
    ) -> Writing:
        """Writes the entry of a formula at the `indices`; `stored` where that is a part's body."""
        if isinstance(operand, Segment):
            if operand.first == operand.last:
                found = yield self.entry(operand.chain.factors[operand.first], indices)
            elif stored or not indices or not (yield self._is_read_from_table(operand, indices)):
                found = yield self._segment(operand, indices)
            else:
                found = len(self.code) - 1
            return found
        position, node = operand, self.nodes[operand]
        value = str(node.value)
        if not self.shape(position).lengths:
            found = yield self.number(position)
            return found
        if node.kind in (NAME, SUBSCRIPT):
            arguments = [self.copy(place) for place in node.arguments]
            arguments += [self.put(NAME, index, (), position) for index in indices]
            return self.put(SUBSCRIPT, value, arguments, position)
        if value == PRIME:
            found = yield self.entry(node.arguments[0], indices[::-1])
            return found
        if not stored and (yield self._is_read_from_table(position, indices)):
            return len(self.code) - 1
        product = value == "*" and node.kind == APPLY_NODE
        if product or value == NEGATE or (value == "/"):
            found = yield self._product(position, indices)
            return found
        arguments = []
        for place in node.arguments:
            own = self._own_indices(place, indices)
            arguments.append((yield self.entry(place, own)))
        return self.put(APPLY_NODE, value.removeprefix("."), arguments, position)

    def _own_indices(self, position: int, indices: Sequence[str]) -> Sequence[str]:
        """The indices of a formula that its operand at `position` has too."""
        shape = self.shape(position)
        if len(indices) == 2 and len(shape.lengths) == 1:
            return indices[1:] if shape.row else indices[:1]
        return indices

    def _is_read_from_table(self, operand: int | Segment, indices: Sequence[str]) -> Writing:
        """Whether an entry of the formula was written as one of a part of its own.

        That is so where the loops around would compute it again, or another place of the text has
        the same product.
        """
        if isinstance(operand, int):
            first, last = self.first[operand], operand
            factors: tuple[int, ...] = (operand,)
            lengths = self.shape(operand).lengths
            shared = self.uses.get(self.formulas[operand], 0) > 1
        else:
            factors = operand.chain.factors[operand.first : operand.last + 1]
            first, last = self.first[factors[0]], factors[-1]
            lengths, shared = self._segment_shape(operand).lengths, False
        free = self.free(first, last)
        names = {index.name for index in free}
        if not shared and not self.around - names - {*indices}:
            return False
        if any(index.high is None for index in free) or self._reads_unfinished(first, last):
            return False
        key = tuple(self.formulas[factor] for factor in factors), tuple(free)
        if key not in self.tables:
            name = self._name(factors)
            self.tables[key] = name
            yield self._table(operand, name, lengths, free)
        source = operand if isinstance(operand, int) else operand.chain.position
        arguments = [self.put(NAME, index.name, (), source) for index in free]
        arguments += [self.put(NAME, index, (), source) for index in indices]
        self.put(SUBSCRIPT, self.tables[key], arguments, source)
        return True

    def _name(self, factors: Sequence[int]) -> str:
        """A name for a part of its own, which no text can write: the formula in parentheses."""
        written = [self.expression.formula(factors[0])]
        if len(factors) > 1:
            written = [self.shapes.factor(factor) for factor in factors[:MOST_NAMED_FACTORS]]
            written += ["..."] * (len(factors) > MOST_NAMED_FACTORS)
        name = f"({'*'.join(written)})"
        self.named[name] = self.named.get(name, 0) + 1
        return name if self.named[name] == 1 else f"{name}{self.named[name]}"

    def _reads_unfinished(self, first: int, last: int) -> bool:
        """Whether the nodes read a part that has not got all of its entries yet."""
        inside = self.nodes[first : last + 1] if self.unfinished else ()
        return any(
            node.value in self.unfinished for node in inside if node.kind in (NAME, SUBSCRIPT)
        )

    # -- products -----------------------------------------------------------------------------

    def _product(self, position: int, indices: Sequence[str]) -> Writing:
        """Writes an entry of a product of arrays and numbers."""
        chain = self._chain(position)
        found = yield self.entry(Segment(chain, 0, len(chain.factors) - 1), indices, stored=True)
        for place in chain.numbers:
            number = yield self.number(place)
            found = self.put(APPLY_NODE, "*", (number, found), position)
        for place in chain.divisors:
            number = yield self.number(place)
            found = self.put(APPLY_NODE, "/", (found, number), position)
        if chain.negative:
            found = self.put(APPLY_NODE, NEGATE, (found,), position)
        return found

    def _chain(self, position: int) -> Chain:
        """The Chain that a product, a multiple or a negative is."""
        if position in self.chains:
            return self.chains[position]
        factors: list[int] = []
        numbers: list[int] = []
        divisors: list[int] = []
        negative = False
        pending = [position]
        while pending:
            place = pending.pop()
            node = self.nodes[place]
            whole = [bool(self.shape(one).lengths) for one in node.arguments]
            shared = (
                place != position
                and self.is_array_product(place)
                and self.formulas[place] in self.uses
            )
            if node.kind != APPLY_NODE or shared or not any(whole):
                factors.append(place)
            elif node.value == "*" and all(whole):
                pending += reversed(node.arguments)
            elif node.value == "*":
                numbers.append(node.arguments[whole.index(False)])
                pending.append(node.arguments[whole.index(True)])
            elif node.value == "/":
                divisors.append(node.arguments[1])
                pending.append(node.arguments[0])
            elif node.value == NEGATE:
                negative = not negative
                pending.append(node.arguments[0])
            else:
                factors.append(place)
        axes = [self.shape(place).axes for place in factors]
        lengths = [(self.shapes.length(one[0]), self.shapes.length(one[-1])) for one in axes]
        signs = tuple(numbers), tuple(divisors), negative
        made = Chain(position, tuple(factors), *signs, _splits(lengths))
        self.chains[position] = made
        return made

    def _segment_shape(self, segment: Segment) -> ArrayShape:
        factors = segment.chain.factors
        rows = self.shape(factors[segment.first]).axes[0]
        columns = self.shape(factors[segment.last]).axes[-1]
        return SCALAR_SHAPE if rows is None and columns is None else of_axes(rows, columns)

    def _segment(self, segment: Segment, indices: Sequence[str]) -> Writing:
        """Writes an entry of a product of several arrays, as a sum over what they share."""
        chain, first, last = segment
        split = chain.splits[first, last]
        left, right = Segment(chain, first, split), Segment(chain, split + 1, last)
        source = chain.position
        rows = self.shape(chain.factors[first]).axes[0] is not None
        row, column = tuple(indices[:rows]), tuple(indices[rows:])
        inner = symbolic(
            self.shape(chain.factors[split]).axes[-1], self.shape(chain.factors[split + 1]).axes[0]
        )
        around, self.around = self.around, {*self.around}
        if not indices:  # a number, which is computed in front of the loops around
            open_ones = self.free(self.first[chain.factors[first]], chain.factors[last])
            self.around = {index.name for index in open_ones}
        if inner is None:
            one = yield self.entry(left, row)
            other = yield self.entry(right, column)
            self.around = around
            return self.put(APPLY_NODE, "*", (one, other), source)
        index, arguments = self._open_ranges([inner], source)
        one = yield self.entry(left, (*row, *index))
        other = yield self.entry(right, (*index, *column))
        body = self.put(APPLY_NODE, "*", (one, other), source)
        self.depth -= 1
        self.around = around
        return self.put(LOOP_NODE, "sum", (*arguments, body), source)


def _splits(lengths: Sequence[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Behind which factor each run of factors is split, for the fewest multiplications.

    `lengths` are the rows and columns of the factors. Source: Cormen, Leiserson, Rivest, Stein,
    Introduction to Algorithms, 15.2.
    """
    count = len(lengths)
    if count > LONGEST_CHAIN and lengths[-1][1] == 1:
        return {(first, count - 1): first for first in range(count - 1)}
    if count > LONGEST_CHAIN:
        return {(0, last): last - 1 for last in range(1, count)}
    cost = {(place, place): 0 for place in range(count)}
    found: dict[tuple[int, int], int] = {}
    for width in range(1, count):
        for first in range(count - width):
            last = first + width
            outer = lengths[first][0] * lengths[last][1]
            costs = [
                (cost[first, split] + cost[split + 1, last] + outer * lengths[split][1], -split)
                for split in range(first, last)
            ]
            cost[first, last], split = min(costs)
            found[first, last] = -split
    return found


def _run(walk: Writing) -> Any:
    """What a walk returns, with a stack of its own in place of recursion."""
    stack, sent = [walk], None
    while stack:
        try:
            found = stack[-1].send(sent)
        except StopIteration as done:
            stack.pop()
            sent = done.value
            continue
        sent = None
        if isinstance(found, Generator):
            stack.append(found)
        else:
            sent = found
    return sent
