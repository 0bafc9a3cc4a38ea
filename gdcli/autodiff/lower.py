"""Lowering: an Expression becomes a Tape.

Comes in: an Expression and the roles of its names. Goes out: a Tape with one output, on which
equal sub-expressions are one value. A definition is lowered where it is first used, so that what
only one side of an `ifelse` uses is computed on that side alone. `^` becomes pow-integer where its
exponent is exactly an integer, else pow-general; a comparison of exact decimals is decided here.
`sum`, `prod`, `max` and `min` over ranges become loops, `dot` and `norm` too; sizes stay names. An
array part becomes a nest of loops that yields a table, in front of the loops that use it; where it
has several pieces, the body chooses by the indices. What a recurrence reads of itself is EARLIER.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, reduce
from math import prod
from typing import TYPE_CHECKING, Any

from gdcli.autodiff import exact
from gdcli.autodiff.builder import Builder
from gdcli.autodiff.primitives import ARITIES, LANGUAGE_FUNCTIONS, Primitive
from gdcli.autodiff.tape import (
    APPLY,
    BRANCH,
    CONSTANT,
    ELEMENT,
    LOAD,
    LOGSUMEXP,
    LOOP,
    MAX,
    MAXIMUM_NESTED_BRANCHES,
    MIN,
    PRODUCT,
    SUM,
    TABLE,
    Element,
    Loop,
    Subscript,
    Tape,
)
from gdcli.collector import collector_waits
from gdcli.errors import ExpressionError
from gdcli.language.affine import Affine
from gdcli.language.parser import parse
from gdcli.language.semantics.roles import Array, ArrayPart, Roles
from gdcli.language.syntax import (
    APPLY_NODE,
    ARRAY_FUNCTIONS,
    CONDITIONAL,
    LOOP_NODE,
    NAME,
    NUMBER,
    POWER_OPERATORS,
    SUBSCRIPT,
    VECTOR_FUNCTIONS,
    Decimal,
    Expression,
    Node,
)
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from gdcli.language.semantics.array_parts import Piece
    from gdcli.language.semantics.recurrences import PartLoop, Reached, Recurrence

ENTER, COMPUTE, CHOOSE, OTHERWISE, CLOSE, BIND, CLOSE_LOOP = range(7)
NO_ROLES = Roles((), {})
ARRAY_OR_BRANCH = frozenset((CONDITIONAL, *VECTOR_FUNCTIONS))
PLAIN_OPERATIONS = ("+", "-", "/")  # which are lowered as they are written
Box = Sequence[tuple[int, int]]  # the least and greatest of each subscript
REDUCTIONS = {"sum": SUM, "prod": PRODUCT, "max": MAX, "min": MIN, "logsumexp": LOGSUMEXP}
REDUCTIONS |= {"mean": SUM, "norm": SUM}  # a mean is divided by the number of its terms

# A definition that only the sides of an `ifelse` use is lowered once a side, so a chain of such
# definitions doubles at each link: the steps of the walk are bounded.
FEWEST_STEPS, STEPS_A_NODE = 100_000, 10


@collector_waits()
def lower(expression: Expression, roles: Roles) -> Tape:
    """The Tape of `expression`, whose inputs are its variables in their order."""
    arrays = [name for name in roles.variables if name in roles.arrays]
    builder = Builder([name for name in roles.variables if name not in roles.arrays], arrays)
    known = {name: builder.load(number) for number, name in enumerate(builder.inputs)}
    for name, value in roles.parameters.items():
        known[name] = lower_into(builder, value, {}, origins=False)
    for name in roles.sizes:
        known[name] = builder.size_of(Subscript(0, ((name, 1),)))
    return builder.tape([_Lowering(builder, expression, known, True, roles).value()])


def lower_into(
    builder: Builder,
    expression: Expression,
    known: Mapping[str, int],
    *,
    origins: bool = True,
) -> int:
    """Lowers `expression` at the builder's place; `known` names values that are there already.

    With `origins` the instructions are marked with the nodes they come from.
    """
    if len(expression.nodes) == 1 and expression.nodes[0].value in known:
        return known[str(expression.nodes[0].value)]
    return _Lowering(builder, expression, known, origins, NO_ROLES).value()


def lower_formula(builder: Builder, formula: str, known: Mapping[str, int]) -> int:
    """Lowers a formula of the table of primitives, whose names are `known`."""
    return lower_of(builder, formula, tuple(known), tuple(known.values()))


def lower_of(builder: Builder, formula: str, names: tuple[str, ...], known: tuple[int, ...]) -> int:
    """Lowers a formula of the table of primitives of `names`, whose values are `known`."""
    steps = _steps(formula, names)
    if steps is None:
        named = dict(zip(names, known, strict=True))
        return lower_into(builder, _parsed(formula), named, origins=False)
    if not steps.made:  # one of the names, as b is the slope of a*b by a
        return known[steps.result]
    values = list(known)
    for value, arguments in steps.made:
        operands = [values[argument] for argument in arguments]
        if not operands:
            values.append(builder.constant(value))
        elif value == "^":
            values.append(power(builder, *operands))
        else:
            values.append(builder.apply(value, *operands))
    return values[steps.result]


@cache
def _parsed(formula: str) -> Expression:
    return parse(formula, ARITIES)


class FormulaSteps(NamedTuple):
    """How a formula is computed of the values of its names.

    `made` has a constant, or a primitive and the places of its operands, for each value that comes
    behind those; `result` is the place of the last.
    """

    made: tuple[tuple[Any, tuple[int, ...]], ...]
    result: int


@cache
def _steps(formula: str, names: tuple[str, ...]) -> FormulaSteps | None:
    """The steps of a formula of `names`, where each node can be lowered by itself in order."""
    nodes = _parsed(formula).nodes
    rows = [LANGUAGE_FUNCTIONS.get(str(node.value)) for node in nodes]
    if not all(map(is_scalar, nodes)) or any(row and row.greatest_order for row in rows):
        return None
    made: list[tuple[Any, tuple[int, ...]]] = []
    places: list[int] = []  # of each node's value
    for node, row in zip(nodes, rows, strict=True):
        if node.value in names:
            places.append(names.index(str(node.value)))
            continue
        places.append(len(names) + len(made))
        operands = tuple([places[argument] for argument in node.arguments])
        made.append((row.name if row else node.value, operands))
    return FormulaSteps(tuple(made), places[-1])


class FillingLoop(NamedTuple):
    """A loop that is open and fills a table of each of the parts `names`; `filler` is its index."""

    filler: int
    names: tuple[str, ...]


class Filling:
    """A recurrence that is being lowered.

    `loops` are those open, outermost first, and `complete` has for each of them what its iteration
    has computed of the parts so far: a number, or the table of the subscripts that are left.
    `computed` are the subscripts of the entry that is computed, and `around` counts the regions
    around the first loop.
    """

    def __init__(self, recurrence: Recurrence, around: int) -> None:
        self.recurrence = recurrence
        self.around = around
        self.loops: list[FillingLoop] = []
        self.complete: list[dict[str, int]] = []
        self.computed: Sequence[Affine] = ()


class _Lowering:
    """A walk from the root down and back, with a stack of its own in place of recursion."""

    def __init__(
        self,
        builder: Builder,
        expression: Expression,
        known: Mapping[str, int],
        origins: bool,
        roles: Roles,
    ) -> None:
        self.builder = builder
        self.expression = expression
        self.given = known
        self.known = dict(known)
        self.scopes: list[tuple[dict[str, int], list[str]]] = []  # of the open definitions
        self.origins = origins
        self.arrays: Mapping[str, Array | ArrayPart] = {**roles.arrays, **roles.parts}
        self.parts = roles.parts
        self.filling: Filling | None = None
        self.indices: list[str] = []  # of the open loops
        self.squares: dict[int, int] = {}  # by length: the sum of squares that it is the root of
        self.definitions = {
            definition.name: definition.root
            for definition in expression.definitions
            if not definition.subscripts
        }
        self.roots_of = {name: [root] for name, root in self.definitions.items()}
        for part in roles.parts.values():
            self.roots_of[part.name] = [piece.root for piece in part.pieces]
        self.index_names = expression.index_names if roles.parts else set()
        self.deepest = builder.depth + MAXIMUM_NESTED_BRANCHES
        self.steps_left = FEWEST_STEPS + STEPS_A_NODE * len(expression.nodes)
        self.values: list[int] = []
        self.pending: list[tuple[int, int]] = []

    def value(self) -> int:
        """The value of the whole expression."""
        nodes = self.expression.nodes
        if not self.definitions and all(is_scalar(node) for node in nodes):
            for position, node in enumerate(nodes):  # each stands after its operands
                (self.compute if node.arguments else self.enter)(position)
            return self.values.pop()
        return self.formula(len(nodes) - 1)

    def formula(self, root: int) -> int:
        """The value of the node at `root` and all below it."""
        around, self.pending = self.pending, [(ENTER, root)]
        steps = (
            self.enter,
            self.compute,
            self.choose,
            self.otherwise,
            self.close,
            self.bind,
            self.close_loop,
        )
        while self.pending:
            step, position = self.pending.pop()
            steps[step](position)
            self.steps_left -= 1
            if self.steps_left < 0:
                raise self.too_long()
        self.pending = around
        return self.values.pop()

    def enter(self, position: int) -> None:
        node = self.expression.nodes[position]
        if node.kind == NUMBER:
            assert isinstance(node.value, Decimal)
            self.mark(position)
            self.values.append(self.builder.constant(node.value))
        elif node.kind == NAME:
            self.name(str(node.value), position)
        elif node.kind == LOOP_NODE:
            self.open_loop(position)
        elif node.kind == SUBSCRIPT:
            subscripts = [self.affine(argument) for argument in node.arguments]
            self.mark(position)
            self.values.append(self.element(str(node.value), subscripts, position))
        elif node.value in VECTOR_FUNCTIONS:
            names = [str(self.expression.nodes[argument].value) for argument in node.arguments]
            self.mark(position)
            self.values.append(self.whole(str(node.value), names, position))
        elif node.value == CONDITIONAL:
            comparison = self.expression.nodes[node.arguments[0]]
            self.pending.append((CHOOSE, position))
            self.pending.extend((ENTER, side) for side in reversed(comparison.arguments))
        else:
            self.pending.append((COMPUTE, position))
            self.pending.extend((ENTER, argument) for argument in reversed(node.arguments))

    def name(self, name: str, position: int) -> None:
        value = self.known.get(name)
        if value is None and name in self.definitions:
            value = self.builder.known(("definition", name))
            if value is None:
                self.pending += [(BIND, position), (ENTER, self.definitions[name])]
                self.scopes.append((self.known, self.indices))
                self.known, self.indices = dict(self.given), []  # it sees no index around
                return
        self.mark(position)
        self.values.append(self.builder.constant(name) if value is None else value)

    def mark(self, position: int) -> None:
        """Says that what is built from here on comes from the node at `position`."""
        if self.origins:
            self.builder.origin = position

    def bind(self, position: int) -> None:
        self.known, self.indices = self.scopes.pop()
        name = self.expression.nodes[position].value
        self.builder.know(("definition", name), self.values[-1])

    def compute(self, position: int) -> None:
        node = self.expression.nodes[position]
        operands = self.values[-len(node.arguments) :]
        del self.values[-len(node.arguments) :]
        self.mark(position)
        operation = str(node.value)
        if operation in PLAIN_OPERATIONS:  # as most are
            self.values.append(self.builder.apply(operation, *operands))
            return
        if operation in ARRAY_FUNCTIONS:
            what = f"`{operation}` is of an array, and this is a number"
            raise ExpressionError(what, self.expression.text, node.span)
        if operation in POWER_OPERATORS:
            self.values.append(self.power(operands[0], operands[1]))
        elif operation == "*" and operands[0] == operands[1] and operands[0] in self.squares:
            self.values.append(self.squares[operands[0]])
        else:
            operation = operation.removeprefix(".")  # of numbers `.*` is `*`
            row = LANGUAGE_FUNCTIONS.get(operation)
            if row and row.greatest_order:
                operands[0] = self.order(row, operands[0], position)
            name = row.name if row else operation
            self.values.append(self.builder.apply(name, *operands))

    def power(self, base: int, exponent: int) -> int:
        """`base ^ exponent`; of a length to an even number without the root, which has a kink."""
        decimal = exact_value(self.builder, exponent) if base in self.squares else None
        number = None if decimal is None else exact.integer(decimal)
        if number and number % 2 == 0 and (half := exact.decimal(number // 2, 0)):
            return power(self.builder, self.squares[base], self.builder.constant(half))
        return power(self.builder, base, exponent)

    def length(self, squares: int) -> int:
        """The root of a sum of squares."""
        found = self.builder.apply("sqrt", squares)
        self.squares[found] = squares
        return found

    def order(self, row: Primitive, value: int, position: int) -> int:
        """The constant whole number that the first argument of a function such as polygamma is."""
        decimal = exact_value(self.builder, value)
        number = None if decimal is None else exact.integer(decimal)
        if decimal is None or number is None or not 0 <= number <= row.greatest_order:
            nodes, wanted = self.expression.nodes, f"a whole number from 0 to {row.greatest_order}"
            raise ExpressionError(
                f"the order of {row.name} is {wanted}, as in {row.name}(1, x)"
                if self.origins
                else f"a derivative needs the order {number} of {row.name}, which is {wanted}",
                self.expression.text if self.origins else None,
                nodes[nodes[position].arguments[0]].span,
            )
        return self.builder.constant(decimal)

    def choose(self, position: int) -> None:
        """Opens a branch, once both sides of its comparison are lowered, or decides it for good."""
        comparison, where_it_holds, elsewhere = self.expression.nodes[position].arguments
        symbol = str(self.expression.nodes[comparison].value)
        right, left = self.values.pop(), self.values.pop()
        holds = decided(self.builder, symbol, left, right)
        if holds is not None:
            self.pending.append((ENTER, where_it_holds if holds else elsewhere))
            return
        self.mark(position)
        self.check_depth(position)
        self.builder.branch(symbol, left, right)
        self.pending += [(CLOSE, position), (ENTER, elsewhere)]
        self.pending += [(OTHERWISE, position), (ENTER, where_it_holds)]

    def check_depth(self, position: int) -> None:
        """Refuses another branch inside too many."""
        if self.builder.depth >= self.deepest:
            raise ExpressionError(
                f"more than {MAXIMUM_NESTED_BRANCHES} `ifelse` stand inside one another, parts"
                " included; "
                "split the cases in halves: `ifelse(x<5, ifelse(x<2, ...), ifelse(x<7, ...))`",
                self.expression.text,
                self.expression.nodes[position].span,
            )

    # -- arrays and loops -------------------------------------------------------------------

    def affine(self, position: int) -> Affine:
        """A subscript, which the roles have found to be affine.

        An entry of data in it is computed, and known by its text as an index is by its name.
        """
        from gdcli.language.subscripts import affine, entries_within

        found = affine(self.expression, position, entries=True)
        assert found is not None
        for place in entries_within(self.expression, position):
            node = self.expression.nodes[place]
            subscripts = [self.affine(argument) for argument in node.arguments]
            self.mark(place)
            written = self.expression.formula(place)
            self.known[written] = self.element(str(node.value), subscripts, place)
        return found

    def element(self, array: str, places: Sequence[Affine], position: int) -> int:
        if array in self.parts:
            return self.part_entry(array, places, position)
        subscripts, indices = self.subscripts(places)
        return self.builder.element(Element(array, subscripts), indices)

    def subscripts(self, places: Sequence[Affine]) -> tuple[tuple[Subscript, ...], list[int]]:
        """Affine integers as Subscripts, and their operands: the values of the indices in them, of
        entries of data, and of the column of a row; all other names are sizes.
        """
        names = sorted({name for place in places for name, _ in place.terms})
        indices = [name for name in self.indices if name in names]
        defined = self.builder.defined
        indices += [
            name
            for name in names
            if name in self.known and defined[self.known[name]].operation in (ELEMENT, LOAD)
        ]
        found = []
        for place in places:
            terms = dict(place.terms)
            coefficients = tuple(terms.pop(index, 0) for index in indices)
            found.append(Subscript(place.constant, tuple(terms.items()), coefficients))
        return tuple(found), [self.known[index] for index in indices]

    def open_loop(self, position: int) -> None:
        """Opens a loop for each index; the body comes next."""
        from gdcli.language.semantics.scopes import MAXIMUM_NESTED_LOOPS
        from gdcli.language.subscripts import ends

        arguments = self.expression.nodes[position].arguments
        around = sum(len(indices) for _, indices in self.scopes) + len(self.indices)
        if around + len(arguments) // 3 > MAXIMUM_NESTED_LOOPS:
            raise ExpressionError(
                f"more than {MAXIMUM_NESTED_LOOPS} loops stand inside one another",
                self.expression.text,
                self.expression.nodes[position].span,
            )
        self.mark(position)
        for start in range(0, len(arguments) - 1, 3):
            index, low, high = arguments[start : start + 3]
            lows, highs = ends(self.expression, low, "max"), ends(self.expression, high, "min")
            assert lows is not None
            assert highs is not None
            self.enter_range(str(self.expression.nodes[index].value), lows, highs)
        self.pending += [(CLOSE_LOOP, position), (ENTER, arguments[-1])]

    def enter_range(self, index: str, low: Sequence[Affine], high: Sequence[Affine]) -> None:
        ends, indices = self.subscripts([*low, *high])
        over = Loop(ends[: len(low)], ends[len(low) :])
        self.known[index] = self.builder.loop(over, indices)
        self.indices.append(index)

    def close_loop(self, position: int) -> None:
        """Closes the loops of a node, whose body is there."""
        node = self.expression.nodes[position]
        self.mark(position)
        result = self.values.pop()
        if node.value == "norm":
            result = power(self.builder, result, self.builder.constant(exact.TWO))
        for _ in range(len(node.arguments) // 3):
            del self.known[self.indices.pop()]
            result = self.builder.close_loop([REDUCTIONS[str(node.value)]], [result])[0]
        if node.value == "norm":
            result = self.length(result)
        elif node.value == "mean":
            result = self.builder.apply("/", result, self.count(position))
        self.values.append(result)

    def count(self, position: int) -> int:
        """How many iterations the loops of a node have, in which no index is open."""
        from gdcli.language.subscripts import ends

        arguments = self.expression.nodes[position].arguments[:-1]
        ranges = []
        for index, low, high in zip(*(arguments[start::3] for start in range(3)), strict=True):
            lows, highs = ends(self.expression, low, "max"), ends(self.expression, high, "min")
            assert lows is not None
            assert highs is not None
            ranges.append((str(self.expression.nodes[index].value), lows, highs))
        own = {index for index, _, _ in ranges}
        numbers = [
            highs[0] - lows[0] + Affine(1)
            for _, lows, highs in ranges
            if len(lows) == len(highs) == 1
            and own.isdisjoint(name for end in (lows[0], highs[0]) for name, _ in end.terms)
        ]
        one = self.builder.constant(exact.ONE)
        if len(numbers) == len(ranges):
            found = [self.number(number) for number in numbers]
            return reduce(lambda left, right: self.builder.apply("*", left, right), found)
        for index, lows, highs in ranges:
            self.enter_range(index, lows, highs)
        for _ in ranges:
            del self.known[self.indices.pop()]
            (one,) = self.builder.close_loop([SUM], [one])
        return one

    def number(self, number: Affine) -> int:
        """The value of a number that is affine in sizes and open indices."""
        terms = dict(number.terms)
        indices = [name for name in self.indices if name in terms]
        found = [self.times(self.known[name], terms.pop(name)) for name in indices]
        if terms:
            found.append(self.builder.size_of(Subscript(number.constant, tuple(terms.items()))))
        elif number.constant or not found:
            found.append(self.whole_number(number.constant))
        return reduce(lambda left, right: self.builder.apply("+", left, right), found)

    def times(self, value: int, factor: int) -> int:
        if factor == 1:
            return value
        return self.builder.apply("*", self.whole_number(factor), value)

    def whole_number(self, number: int) -> int:
        decimal = exact.decimal(number, 0)
        assert decimal is not None
        return self.builder.constant(decimal)

    def whole(self, function: str, arrays: Sequence[str], position: int) -> int:
        """`dot(a, b)` or `norm(a)`: the sum of the products of their elements, or its root."""
        for name in arrays:
            if name in self.parts:
                self.table(name)
        index = "the index of " + function  # which no name can be
        self.enter_range(index, [Affine(1)], [self.arrays[arrays[0]].shape[0]])
        place = Affine(0, ((index, 1),))
        first, last = (self.element(name, [place], position) for name in (arrays[0], arrays[-1]))
        if function == "norm":
            term = power(self.builder, first, self.builder.constant(exact.TWO))
        else:
            term = self.builder.apply("*", first, last)
        del self.known[self.indices.pop()]
        (result,) = self.builder.close_loop([SUM], [term])
        return self.length(result) if function == "norm" else result

    # -- array parts --------------------------------------------------------------------------

    def part_entry(self, name: str, places: Sequence[Affine], position: int) -> int:
        """An entry of an array part: of its table, or one its recurrence has computed so far."""
        reached = self.filling.recurrence.reads.get(position) if self.filling else None
        if self.filling and reached:
            return self.computed_entry(self.filling, name, places, reached)
        table = self.table(name)
        self.mark(position)
        return self.entry(table, places)

    def entry(self, array: int, places: Sequence[Affine]) -> int:
        """An entry of a table, or the number itself where no subscript is left."""
        if not places:
            return array
        subscripts, indices = self.subscripts(places)
        return self.builder.entry(array, subscripts, indices)

    def computed_entry(
        self, filling: Filling, name: str, places: Sequence[Affine], reached: Sequence[Reached]
    ) -> int:
        """An entry that the recurrence which is being computed reads of itself.

        Where it may be found in several places, its first subscripts decide.
        """
        (depth, complete), *others = reached
        if others:
            place, here = self.number(places[depth]), self.number(filling.computed[depth])
            self.builder.branch("<", place, here)
        if complete:
            found = self.entry(filling.complete[depth - 1][name], places[depth:])
        else:
            loop = filling.loops[depth]
            subscripts, indices = self.subscripts(places[depth:])
            which = loop.names.index(name)
            found = self.builder.earlier(loop.filler, which, subscripts, indices, loop.filler)
        if not others:
            return found
        self.builder.otherwise()
        elsewhere = self.computed_entry(filling, name, places, others)
        return self.builder.close([found], [elsewhere])[0]

    def table(self, name: str) -> int:
        """The table of an array part, which is lowered in front of the loops around."""
        value = self.builder.known(("definition", name))
        if value is None:
            with self.builder.outside(self.builder.outermost()):
                for needed in self.needed(name):
                    if self.builder.known(("definition", needed)) is None:
                        self.lower_part(needed)
                value = self.builder.known(("definition", name))
                assert value is not None
        return value

    def needed(self, name: str) -> list[str]:
        """An array part and those it uses that are not lowered yet, each behind those it uses.

        What it uses only under a condition that no index decides is not among them.
        """
        from gdcli.language.semantics.recurrences import components

        uses: dict[str, set[str]] = {}
        pending = [name]
        while pending:
            part = pending.pop()
            if part not in uses and self.builder.known(("definition", part)) is None:
                uses[part] = self.used_by(part)
                pending += uses[part]
        names = sorted(uses, key=lambda part: self.parts[part].pieces[0].number)
        uses = {part: used & uses.keys() for part, used in uses.items()}
        return [part for group in components(names, uses) for part in group]

    def used_by(self, name: str) -> set[str]:
        """The array parts that the formulas of one use, directly or by parts that are numbers."""
        parts: set[str] = set()
        pending, followed = [*self.roots_of[name]], {name}
        while pending:
            node = self.expression.nodes[pending.pop()]
            used = str(node.value) if node.kind in (NAME, SUBSCRIPT) else ""
            if used in self.parts:
                parts.add(used)
            elif used in self.roots_of and used not in followed:
                followed.add(used)
                pending += self.roots_of[used]
            pending += node.arguments[: None if self.varies(node) else 1]
        return parts

    def varies(self, node: Node) -> bool:
        """Whether the node is no `ifelse`, or one whose comparison depends on an index."""
        if node.kind != APPLY_NODE or node.value != CONDITIONAL:
            return True
        pending = [node.arguments[0]]
        while pending:
            one = self.expression.nodes[pending.pop()]
            if one.kind == NAME and one.value in self.index_names:
                return True
            pending += one.arguments
        return False

    def lower_part(self, name: str) -> None:
        """Lowers an array part and those of its recurrence."""
        around = self.known, self.indices, self.filling, self.scopes
        recurrence = self.parts[name].recurrence
        self.filling, self.scopes = Filling(recurrence, self.builder.depth), []
        tables = self.nest(self.filling, recurrence.loop, [])
        for one, table in zip(recurrence.loop.names, tables, strict=True):
            self.builder.know(("definition", one), table)
        self.known, self.indices, self.filling, self.scopes = around

    def nest(self, filling: Filling, loop: PartLoop, indices: list[int]) -> Sequence[int]:
        """The tables of the parts of a loop, whose outer loops have these indices."""
        from gdcli.language.semantics.recurrences import PartLoop

        depth = len(indices)
        self.known, self.indices = dict(self.given), []
        first = self.parts[loop.names[0]]
        (high,), _ = self.subscripts([first.shape[depth]])
        self.mark(first.pieces[0].root)
        index = self.builder.loop(Loop((Subscript(1),), (high,)), [])
        filling.loops.append(FillingLoop(index, loop.names))
        filling.complete.append({})
        complete = filling.complete[-1]
        inside = [*indices, index]
        for unit in loop.units:
            if isinstance(unit, PartLoop):
                complete.update(zip(unit.names, self.nest(filling, unit, inside), strict=True))
            else:
                several = [(piece, name) for name in unit for piece in self.parts[name].pieces]
                several.sort(key=lambda one: one[0].number)
                pieces = [one for one in several if not one[0].is_empty]
                if not pieces:  # the loop runs over nothing
                    pieces = [(self.parts[name].pieces[0], name) for name in unit]
                box = [(1, length) for length in self.parts[unit[0]].lengths]
                complete.update(
                    zip(unit, self.chosen(filling, unit, pieces, box, inside), strict=True)
                )
        self.mark(first.pieces[0].root)
        results = self.builder.close_loop(
            [TABLE] * len(loop.names), [complete[name] for name in loop.names]
        )
        filling.loops.pop()
        filling.complete.pop()
        return results

    def chosen(
        self,
        filling: Filling,
        names: Sequence[str],
        pieces: Sequence[tuple[Piece, str]],
        box: Box,
        indices: Sequence[int],
    ) -> Sequence[int]:
        """The values of the entries at `indices`, each by the piece that has it."""
        if len(pieces) == len(names):
            complete = filling.complete[-1]
            for piece, name in pieces:
                complete[name] = self.piece(filling, piece, indices)
            return [complete[name] for name in names]
        place, last, end = cut(pieces, box)
        self.known, self.indices = dict(self.given), []
        root = pieces[0][0].root
        self.check_depth(root)
        self.mark(root)
        self.builder.branch("<=", indices[place], self.number(end), filling.around)
        low, high = box[place]
        sides = []
        for ends in ((low, last), (last + 1, high)):
            part = [*box[:place], ends, *box[place + 1 :]]
            inside = [(piece, name) for piece, name in pieces if overlap(piece.box, part)]
            sides.append(self.chosen(filling, names, inside, part, indices))
            if len(sides) == 1:
                self.builder.otherwise()
        self.mark(root)
        return self.builder.close(*sides)

    def piece(self, filling: Filling, piece: Piece, indices: Sequence[int]) -> int:
        """The value of the formula of a piece, for the entry at `indices`."""
        from gdcli.language.semantics.recurrences import computed

        named = [
            (subscript.name, index)
            for subscript, index in zip(piece.subscripts, indices, strict=True)
            if subscript.name
        ]
        self.known, self.indices = {**self.given, **dict(named)}, [name for name, _ in named]
        filling.computed = [computed(subscript) for subscript in piece.subscripts]
        return self.formula(piece.root)

    def too_long(self) -> ExpressionError:
        last = self.expression.definitions[-1] if self.expression.definitions else None
        return ExpressionError(
            "the parts are too much work: each is computed anew on every side of every `ifelse` "
            "that uses it; use an inner part before the `ifelse`",
            self.expression.text if last else None,
            last and last.span,
        )

    def otherwise(self, _: int) -> None:
        self.builder.otherwise()

    def close(self, position: int) -> None:
        self.mark(position)
        elsewhere, where_it_holds = self.values.pop(), self.values.pop()
        self.values.extend(self.builder.close([where_it_holds], [elsewhere]))


def cut(pieces: Sequence[tuple[Piece, str]], box: Box) -> tuple[int, int, Affine]:
    """Where to cut a box between its pieces: a subscript, the last number below, and the same.

    Few pieces are on both sides, and of such cuts it is the one that halves the box best.
    """
    from bisect import bisect_right

    best: tuple[tuple[int, int], tuple[int, int, Affine]] | None = None
    for place, (low, high) in enumerate(box):
        ends = [(piece.box[place], piece.subscripts[place]) for piece, _ in pieces]
        lows, highs = sorted(one for (one, _), _ in ends), sorted(one for (_, one), _ in ends)
        size = prod(end - start + 1 for start, end in box) // (high - low + 1)
        for (first, last), subscript in ends:
            assert subscript.low is not None
            assert subscript.high is not None
            for end, number in ((first - 1, subscript.low - Affine(1)), (last, subscript.high)):
                if low <= end < high:
                    divided = bisect_right(lows, end) - bisect_right(highs, end)
                    uneven = abs((end - low + 1) - (high - end)) * size
                    if best is None or (divided, uneven) < best[0]:
                        best = (divided, uneven), (place, end, number)
    assert best is not None
    return best[1]


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes have an entry in common."""
    return all(
        first[0] <= last[1] and last[0] <= first[1] for first, last in zip(one, other, strict=True)
    )


def is_scalar(node: Node) -> bool:
    """Whether the node stands after its operands in the tape too: no loop and no branch."""
    return node.kind in (NUMBER, NAME, APPLY_NODE) and node.value not in ARRAY_OR_BRANCH


def power(builder: Builder, base: int, exponent: int) -> int:
    """`base ^ exponent`, by the rule that fits the exponent."""
    decimal = exact_value(builder, exponent)
    number = None if decimal is None else exact.integer(decimal)
    if number is None:
        return builder.apply("pow-general", base, exponent)
    if number == 0:
        return _one_where_defined(builder, base)
    if number == 1:
        return base
    assert decimal is not None
    return builder.apply("pow-integer", base, builder.constant(decimal))


def _one_where_defined(builder: Builder, base: int) -> int:
    """`base ^ 0`: 1, and nothing where `base` has no value."""
    one = builder.constant(exact.ONE)
    if builder.defined[base].operation not in (APPLY, BRANCH, LOOP):
        return one
    return builder.apply("+", builder.apply("*", base, builder.constant(exact.ZERO)), one)


def decided(builder: Builder, comparison: str, left: int, right: int) -> bool | None:
    """The answer of a comparison whose sides are exact decimals, else None."""
    first, second = exact_value(builder, left), exact_value(builder, right)
    if first is None or second is None:
        return None
    return exact.compare(comparison, first, second)


def exact_value(builder: Builder, value: int) -> Decimal | None:
    """The exact decimal that `value` is, None where it depends on an input or is no decimal."""
    known = builder.exact  # of every value asked for before, so that a chain is walked once
    pending = [] if value in known else [value]
    while pending:
        current = pending[-1]
        instruction = builder.defined[current]
        if instruction.operation == CONSTANT:
            payload = instruction.payload
            known[current] = payload if isinstance(payload, Decimal) else None
        elif instruction.operation != APPLY or instruction.payload not in exact.DECIMAL_OPERATIONS:
            known[current] = None
        elif missing := [operand for operand in instruction.operands if operand not in known]:
            pending.append(missing[0])
            continue
        else:
            operands = [known[operand] for operand in instruction.operands]
            exacts = [operand for operand in operands if operand is not None]
            whole = len(exacts) == len(operands)
            known[current] = exact.combine(instruction.payload, exacts) if whole else None
        pending.pop()
        if known[current] is None and current != value:
            return None
    return known[value]
