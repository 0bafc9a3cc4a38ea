"""Lowering: an Expression becomes a Tape.

Comes in: an Expression and the roles of its names. Goes out: a Tape with one output, on which
equal sub-expressions are one value. A definition is lowered where it is first used, so that what
only one side of an `ifelse` uses is computed on that side alone. `^` becomes pow-integer where its
exponent is exactly an integer, else pow-general; a comparison of exact decimals is decided here.
`sum`, `prod`, `max` and `min` over ranges become loops, `dot` and `norm` too; sizes stay names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, reduce
from types import MappingProxyType

from gdcli.autodiff import exact
from gdcli.autodiff.builder import Builder
from gdcli.autodiff.primitives import ARITIES, LANGUAGE_FUNCTIONS, Primitive
from gdcli.autodiff.tape import (
    APPLY,
    BRANCH,
    CONSTANT,
    LOGSUMEXP,
    LOOP,
    MAX,
    MAXIMUM_NESTED_BRANCHES,
    MIN,
    PRODUCT,
    SUM,
    Element,
    Loop,
    Subscript,
    Tape,
)
from gdcli.errors import ExpressionError
from gdcli.language.affine import Affine
from gdcli.language.lexer import PRIME
from gdcli.language.parser import parse
from gdcli.language.semantics.roles import Array, Roles
from gdcli.language.syntax import (
    APPLY_NODE,
    CONDITIONAL,
    LOOP_NODE,
    NAME,
    NUMBER,
    POWERS,
    SUBSCRIPT,
    VECTOR_FUNCTIONS,
    Decimal,
    Expression,
    Node,
)

ENTER, COMPUTE, CHOOSE, OTHERWISE, CLOSE, BIND, CLOSE_LOOP = range(7)
NO_ARRAYS: Mapping[str, Array] = MappingProxyType({})
REDUCTIONS = {"sum": SUM, "prod": PRODUCT, "max": MAX, "min": MIN, "logsumexp": LOGSUMEXP}
REDUCTIONS |= {"mean": SUM, "norm": SUM}  # a mean is divided by the number of its terms

# A definition that only the sides of an `ifelse` use is lowered once a side, so a chain of such
# definitions doubles at each link: the steps of the walk are bounded.
FEWEST_STEPS, STEPS_A_NODE = 100_000, 10


def lower(expression: Expression, roles: Roles) -> Tape:
    """The Tape of `expression`, whose inputs are its variables in their order."""
    arrays = [name for name in roles.variables if name in roles.arrays]
    builder = Builder([name for name in roles.variables if name not in roles.arrays], arrays)
    known = {name: builder.load(number) for number, name in enumerate(builder.inputs)}
    for name, value in roles.parameters.items():
        known[name] = lower_into(builder, value, {}, origins=False)
    for name in roles.sizes:
        known[name] = builder.size_of(Subscript(0, ((name, 1),)))
    return builder.tape([lower_into(builder, expression, known, arrays=roles.arrays)])


def lower_into(
    builder: Builder,
    expression: Expression,
    known: Mapping[str, int],
    *,
    origins: bool = True,
    arrays: Mapping[str, Array] = NO_ARRAYS,
) -> int:
    """Lowers `expression` at the builder's place; `known` names values that are there already.

    With `origins` the instructions are marked with the nodes they come from.
    """
    if len(expression.nodes) == 1 and expression.nodes[0].value in known:
        return known[str(expression.nodes[0].value)]
    return _Lowering(builder, expression, known, origins, arrays).value()


def lower_formula(builder: Builder, formula: str, known: Mapping[str, int]) -> int:
    """Lowers a formula of the table of primitives, whose names are `known`."""
    return lower_into(builder, _parsed(formula), known, origins=False)


@cache
def _parsed(formula: str) -> Expression:
    return parse(formula, ARITIES)


class _Lowering:
    """A walk from the root down and back, with a stack of its own in place of recursion."""

    def __init__(
        self,
        builder: Builder,
        expression: Expression,
        known: Mapping[str, int],
        origins: bool,
        arrays: Mapping[str, Array],
    ) -> None:
        self.builder = builder
        self.expression = expression
        self.given = known
        self.known = dict(known)
        self.scopes: list[tuple[dict[str, int], list[str]]] = []  # of the open definitions
        self.origins = origins
        self.arrays = arrays
        self.indices: list[str] = []  # of the open loops
        self.squares: dict[int, int] = {}  # by length: the sum of squares that it is the root of
        self.definitions = {
            definition.name: definition.root for definition in expression.definitions
        }
        self.deepest = builder.depth + MAXIMUM_NESTED_BRANCHES
        self.steps_left = FEWEST_STEPS + STEPS_A_NODE * len(expression.nodes)
        self.values: list[int] = []
        self.pending = [(ENTER, len(expression.nodes) - 1)]

    def value(self) -> int:
        nodes = self.expression.nodes
        if not self.definitions and all(is_scalar(node) for node in nodes):
            for position, node in enumerate(nodes):  # each stands after its operands
                (self.compute if node.arguments else self.enter)(position)
            return self.values.pop()
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
            self.values.append(self.element(str(node.value), subscripts))
        elif node.value in VECTOR_FUNCTIONS:
            names = [str(self.expression.nodes[argument].value) for argument in node.arguments]
            self.mark(position)
            self.values.append(self.whole(str(node.value), names))
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
        if operation == PRIME:
            what = "`'` is the transpose of an array, and this is a number"
            raise ExpressionError(what, self.expression.text, node.span)
        if operation in POWERS:
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
        if self.builder.depth >= self.deepest:
            raise ExpressionError(
                f"more than {MAXIMUM_NESTED_BRANCHES} `ifelse` stand inside one another, parts"
                " included; "
                "split the cases in halves: `ifelse(x<5, ifelse(x<2, ...), ifelse(x<7, ...))`",
                self.expression.text,
                self.expression.nodes[position].span,
            )
        self.builder.branch(symbol, left, right)
        self.pending += [(CLOSE, position), (ENTER, elsewhere)]
        self.pending += [(OTHERWISE, position), (ENTER, where_it_holds)]

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
            self.known[written] = self.element(str(node.value), subscripts)
        return found

    def element(self, array: str, places: Sequence[Affine]) -> int:
        subscripts, indices = self.subscripts(places)
        return self.builder.element(Element(array, subscripts), indices)

    def subscripts(self, places: Sequence[Affine]) -> tuple[tuple[Subscript, ...], list[int]]:
        """Affine integers as Subscripts, and their operands, the values of the indices in them."""
        names = sorted({name for place in places for name, _ in place.terms})
        indices = [name for name in self.indices if name in names]
        indices += [name for name in names if name.endswith("]")]  # entries of data
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
        sizes = tuple(term for term in number.terms if term[0] not in self.indices)
        value = self.builder.size_of(Subscript(number.constant, sizes))
        constant = exact.decimal(number.constant, 0)
        if not sizes and constant is not None:
            value = self.builder.constant(constant)
        for name, factor in number.terms:
            if name in self.indices and (decimal := exact.decimal(factor, 0)):
                coefficient = self.builder.constant(decimal)
                term = self.builder.apply("*", coefficient, self.known[name])
                value = self.builder.apply("+", value, term)
        return value

    def whole(self, function: str, arrays: Sequence[str]) -> int:
        """`dot(a, b)` or `norm(a)`: the sum of the products of their elements, or its root."""
        index = "the index of " + function  # which no name can be
        self.enter_range(index, [Affine(1)], [self.arrays[arrays[0]].shape[0]])
        place = Affine(0, ((index, 1),))
        first, last = (self.element(name, [place]) for name in (arrays[0], arrays[-1]))
        if function == "norm":
            term = power(self.builder, first, self.builder.constant(exact.TWO))
        else:
            term = self.builder.apply("*", first, last)
        del self.known[self.indices.pop()]
        (result,) = self.builder.close_loop([SUM], [term])
        return self.length(result) if function == "norm" else result

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


def is_scalar(node: Node) -> bool:
    """Whether the node stands after its operands in the tape too: no loop and no branch."""
    return node.kind in (NUMBER, NAME, APPLY_NODE) and node.value not in (
        CONDITIONAL,
        *VECTOR_FUNCTIONS,
    )


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
