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

from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from gdcli.errors import ExpressionError, Sentence, Setting, Span, brief
from gdcli.language.affine import Affine
from gdcli.language.lexer import PRIME
from gdcli.language.semantics.array_parts import ranged
from gdcli.language.semantics.roles import GivenShapes, natural_order
from gdcli.language.semantics.shapes import EqualLengths
from gdcli.language.subscripts import ends
from gdcli.language.syntax import (
    APPLY_NODE,
    CONDITIONAL,
    CONSTANT_NAMES,
    INDEX_NODE,
    LOOP_NODE,
    LOOPS,
    NAME,
    NEGATE,
    NUMBER,
    PRECEDENCE,
    SUBSCRIPT,
    VECTOR_FUNCTIONS,
    Decimal,
    Definition,
    Expression,
    Node,
    PartSubscript,
    takes_an_array,
)

UNKNOWN_LENGTH = 1000  # what a length counts as before sizes are known
LONGEST_CHAIN = 100  # factors whose order is chosen; of more it is from the left, or from a vector
LONGEST_NAME = 40  # characters of a formula in a sentence
REDUCED = (*LOOPS, "norm")  # functions whose argument is one array

Walk = Generator[Any, Any, Any]  # yields other Walks, and takes what they return


class ArrayShape(NamedTuple):
    """The lengths of an array, none of a number; `row` where it is the transpose of a vector."""

    lengths: tuple[Affine, ...] = ()
    row: bool = False

    @property
    def axes(self) -> tuple[Affine | None, ...]:
        """The lengths of its rows and columns, None for the axis that a vector has not."""
        if len(self.lengths) != 1:
            return self.lengths
        return (None, self.lengths[0]) if self.row else (self.lengths[0], None)

    def __str__(self) -> str:
        """The shape in words: `a number`, `a vector of 3`, `1 by 3`, `3 by 4`."""
        if not self.lengths:
            return "a number"
        if len(self.lengths) == 1 and not self.row:
            return f"a vector of {self.lengths[0]}"
        return " by ".join(map(str, (1, *self.lengths) if self.row else self.lengths))


SCALAR_SHAPE = ArrayShape()


class UnknownName(NamedTuple):
    """A name of which nothing says whether it is a number, and the place where it stands."""

    name: str
    position: int


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
        """The same nodes, whose normal form shows the loops and parts that they are."""
        return Expression(self.text, self.nodes, self.header, self.definitions)


def elaborated(
    expression: Expression, given: GivenShapes, parameters: Collection[str] = ()
) -> Elaboration:
    """The Elaboration of `expression`; `parameters` are the names that are set to a value.

    Raises ExpressionError for formulas whose shapes do not fit or are not known, with the shapes
    and what to write instead.
    """
    return _Writer(_Shapes(expression, given, parameters)).whole()


class _Shapes:
    """The shape of every node of a text, in one pass from the front for each vector it finds.

    `found` has for a node its ArrayShape, the UnknownName that leaves it open, or the
    ExpressionError that whoever needs it raises. `sizes` are those that the shapes determine.
    """

    def __init__(
        self, expression: Expression, given: GivenShapes, parameters: Collection[str]
    ) -> None:
        self.expression = expression
        self.nodes = expression.nodes
        self.parameters = parameters
        self.columns = {*given.columns} - given.data.keys()
        self.sizes = dict(given.sizes)
        self.data = {name: shape_of(map(Affine, shape)) for name, shape in given.data.items()}
        self.vectors: dict[str, tuple[str, Affine]] = {}
        header = expression.header
        declared = zip(header.variables, header.shapes, strict=True) if header else ()
        self.declared = {
            name: None if shape is None else shape_of(shape) for name, shape in declared
        }
        self.indices = {str(node.value) for node in self.nodes if node.kind == INDEX_NODE}
        self.indices |= {
            one.name for part in expression.definitions for one in part.subscripts if one.name
        }
        self.subscripted = {str(node.value) for node in self.nodes if node.kind == SUBSCRIPT}
        self.inside = self._inside_subscripts()
        self.size_names = {
            *given.sizes,
            *(size for shape in self.declared.values() if shape for length in shape.lengths
              for size, _ in length.terms),
            *(str(self.nodes[place].value) for place in self.inside
              if self.nodes[place].kind == NAME),
        } - self.indices  # fmt: skip
        self.found: list[ArrayShape | UnknownName | ExpressionError] = []
        self.parts: dict[str, ArrayShape] = {}
        self.equal: list[EqualLengths] = []
        while self._pass():
            pass

    def _inside_subscripts(self) -> set[int]:
        """The nodes inside subscripts and the ends of ranges, which are no formulas."""
        inside: set[int] = set()
        for position in reversed(range(len(self.nodes))):
            node = self.nodes[position]
            if position in inside or node.kind == SUBSCRIPT:
                inside.update(node.arguments)
            elif node.kind == LOOP_NODE:
                inside.update(node.arguments[:-1])
        return inside

    def _pass(self) -> bool:
        """Finds the shape of every node; whether a vector was found, so that another is needed."""
        self.found, self.parts, self.equal = [], {}, []
        known, start = len(self.vectors), 0
        roots = {part.root: part for part in self.expression.definitions}
        for position, node in enumerate(self.nodes):
            try:
                found = self._shape(position, node)
            except ExpressionError as error:
                found = error
            self.found.append(found)
            if position in roots:
                self._define(roots[position], found, start)
                start = position + 1
        return len(self.vectors) > known

    def _define(
        self, part: Definition, found: ArrayShape | UnknownName | ExpressionError, start: int
    ) -> None:
        if not part.subscripts:
            if isinstance(found, ArrayShape):
                self.parts[part.name] = found
            return
        before = self.parts.get(part.name)
        arrays = {**self.declared, **self.data, **self.parts}
        known = {name: shape.lengths for name, shape in arrays.items() if shape}
        part, _ = ranged(self.expression, start, part, known, self.sizes)
        lengths = [one.high for one in part.subscripts if one.high is not None]
        if before and len(before.lengths) == len(lengths):
            pairs = zip(before.lengths, lengths, strict=True)
            lengths = [self._greater(one, other) for one, other in pairs]
        self.parts[part.name] = ArrayShape(tuple(lengths))

    def _greater(self, one: Affine, other: Affine) -> Affine:
        difference = (other - one).known(self.sizes)
        return one if not difference.terms and difference.constant < 0 else other

    # -- shapes of nodes ----------------------------------------------------------------------

    def _shape(self, position: int, node: Node) -> ArrayShape | UnknownName | ExpressionError:
        if position in self.inside or node.kind in (NUMBER, INDEX_NODE):
            return SCALAR_SHAPE
        if node.kind == NAME:
            return self._name(str(node.value), position)
        if node.kind == SUBSCRIPT:
            array = self.known(str(node.value))
            rest = array.lengths[len(node.arguments) :] if array else ()
            return ArrayShape(rest)
        operands = [self.found[place] for place in node.arguments]
        if node.kind == LOOP_NODE:
            operands = operands[-1:]
        if node.kind == APPLY_NODE and node.value == "*":
            operands[1] = self._behind_a_matrix(node)
        for operand in operands:
            if isinstance(operand, ExpressionError):
                return operand
        shapes = [one for one in operands if isinstance(one, ArrayShape)]
        unknown = [one for one in operands if isinstance(one, UnknownName)]
        if not any(one.lengths for one in shapes):
            return self._of_numbers(position, node, unknown)
        if node.kind != APPLY_NODE:
            raise self._no_number(node)
        return self._of_arrays(position, node, str(node.value), shapes, unknown)

    def known(self, name: str) -> ArrayShape | None:
        """The shape of an array of this name, None where none is known."""
        if name in self.indices and name not in self.data:
            return None
        if name in self.vectors:
            return ArrayShape((self.vectors[name][1],))
        return self.data.get(name) or self.parts.get(name) or self.declared.get(name)

    def _name(self, name: str, position: int) -> ArrayShape | UnknownName:
        if found := self.known(name):
            return found
        numbers = (self.indices, self.columns, self.parameters, self.size_names)
        if any(name in names for names in numbers):
            return SCALAR_SHAPE
        if name in self.subscripted:
            return UnknownName(name, position)
        if name in self.declared or name in CONSTANT_NAMES:
            return SCALAR_SHAPE
        part = next((one for one in self.expression.definitions if one.name == name), None)
        if part is not None:
            root = self.found[part.root] if part.root < position else SCALAR_SHAPE
            return root if isinstance(root, UnknownName) else SCALAR_SHAPE
        return UnknownName(name, position)

    def _behind_a_matrix(self, node: Node) -> ArrayShape | UnknownName | ExpressionError:
        """The right operand of a product; a name alone behind a matrix is a vector."""
        left, right = node.arguments
        name = str(self.nodes[right].value)
        open_name = self.nodes[right].kind == NAME and (
            isinstance(self.found[right], UnknownName)
            or (name in self.declared and self.known(name) is None
                and name not in (*self.parameters, *self.size_names, *self.indices))
        )  # fmt: skip
        if not open_name:
            return self.found[right]
        while self.nodes[left].value in ("*", NEGATE) and self.nodes[left].kind == APPLY_NODE:
            last = self.nodes[left].arguments[-1]
            number = self.found[last] == SCALAR_SHAPE and len(self.nodes[left].arguments) == 2
            left = self.nodes[left].arguments[0] if number else last
        matrix = self.found[left]
        if isinstance(matrix, ArrayShape) and (len(matrix.lengths) == 2 or matrix.row):
            columns = matrix.lengths[-1]
            self.vectors[name] = self.expression.formula(left), columns
            self.found[right] = ArrayShape((columns,))
        return self.found[right]

    def _of_numbers(
        self, position: int, node: Node, unknown: list[UnknownName]
    ) -> ArrayShape | UnknownName:
        """The shape where no operand is an array: that of a number, or left open."""
        value = str(node.value)
        if node.kind == APPLY_NODE:
            names_alone = all(self.nodes[place].kind == NAME for place in node.arguments)
            arrays_only = takes_an_array(self.nodes, node) or (
                value in VECTOR_FUNCTIONS and not names_alone
            )
            if arrays_only and unknown:
                raise self._unknown(unknown[0], why="`'` is a transpose; " * (value == PRIME))
            if arrays_only:
                raise self._no_array(position, node)
            if unknown and value not in VECTOR_FUNCTIONS:
                return unknown[0]
        return SCALAR_SHAPE

    def _of_arrays(
        self,
        position: int,
        node: Node,
        function: str,
        shapes: list[ArrayShape],
        unknown: list[UnknownName],
    ) -> ArrayShape:
        """The shape of a function of arrays; raises where they do not fit."""
        if unknown:
            other = next(one for one in shapes if one.lengths)
            raise self._unknown(unknown[0], other)
        if len(node.arguments) == 1:
            [shape] = shapes
            if function in REDUCED:
                return SCALAR_SHAPE
            if function != PRIME:
                return shape
            if len(shape.lengths) > 2:
                raise self._mismatch(position, "only vectors and matrices have a transpose")
            if len(shape.lengths) == 1:
                return shape._replace(row=not shape.row)
            return ArrayShape(shape.lengths[::-1])
        left, right = shapes[0], shapes[-1]
        if function == "dot":
            if all(one.lengths and one.lengths == one.axes[:1] for one in shapes):
                pass
            return self._dot(position, left, right)
        if function not in PRECEDENCE or len(node.arguments) != 2:
            raise self._entry_by_entry(position, node)
        if function == "*":
            return self._product(position, left, right)
        if function.startswith("."):
            return self._broadcast(position, left, right)
        if function == "/" and not right.lengths:
            return left
        if function in ("+", "-") and left.lengths and right.lengths:
            found = None if left.row != right.row else self._same(position, left, right)
            if found is not None:
                return found
            if not self._fit_by_entry(left, right):
                raise self._mismatch(position, "the two must have one shape", left, right)
        raise self._misused(position, function, left, right)

    def _product(self, position: int, left: ArrayShape, right: ArrayShape) -> ArrayShape:
        if not left.lengths or not right.lengths:
            return left if left.lengths else right
        if len(left.lengths) > 2 or len(right.lengths) > 2:
            raise self._mismatch(position, "only vectors and matrices are multiplied", left, right)
        if len(left.axes) == len(right.axes) == 2:
            (rows, inner), (other, columns) = left.axes, right.axes
            if (inner is None) != (other is None) or (
                inner is not None and other is not None and not self._equal(position, inner, other)
            ):
                raise self._no_product(position, left, right)
            if rows is None and columns is None:
                return SCALAR_SHAPE
            return _of_axes(rows, columns)
        raise self._no_product(position, left, right)

    def _dot(self, position: int, left: ArrayShape, right: ArrayShape) -> ArrayShape:
        if len(left.lengths) == len(right.lengths) == 1 and self._same(position, left, right):
            return SCALAR_SHAPE
        advice = "dot takes two vectors of one length"
        if len(left.lengths) == len(right.lengths) == 2:
            one, other = self._operands(position)
            advice = f"dot takes two vectors; of matrices write sum({one} .* {other})"
        raise self._mismatch(position, advice, left, right)

    def _broadcast(self, position: int, left: ArrayShape, right: ArrayShape) -> ArrayShape:
        if not left.lengths or not right.lengths:
            return left if left.lengths else right
        if len(left.lengths) > 2 or len(right.lengths) > 2:
            if (found := self._same(position, left, right)) is not None:
                return found
        else:
            axes: list[Affine | None] = []
            for one, other in zip(left.axes, right.axes, strict=True):
                if one is not None and other is not None and not self._equal(position, one, other):
                    raise self._mismatch(position, "entry by entry they do not fit", left, right)
                axes.append(_symbolic(one, other))
            return _of_axes(axes[0], axes[1])
        raise self._mismatch(position, "entry by entry they do not fit", left, right)

    def _fit_by_entry(self, left: ArrayShape, right: ArrayShape) -> bool:
        """Whether one of two arrays is added to every row or column of the other by `.+`."""
        pairs = zip(left.axes, right.axes, strict=False)
        return len(left.axes) == len(right.axes) and all(
            one is None or other is None or not (one - other).known(self.sizes).constant
            for one, other in pairs
        )

    def _same(self, position: int, left: ArrayShape, right: ArrayShape) -> ArrayShape | None:
        """The shape that both are, None where they are not the same."""
        pairs = [*zip(left.lengths, right.lengths, strict=False)]
        if len(left.lengths) != len(right.lengths) or not all(
            self._equal(position, one, other) for one, other in pairs
        ):
            return None
        lengths = [_symbolic(one, other) or one for one, other in pairs]
        return left._replace(lengths=tuple(lengths))

    def _equal(self, position: int, one: Affine, other: Affine) -> bool:
        """Whether two lengths may be equal; a single size that is not known yet is solved for."""
        if one == other:
            return True
        difference = (one - other).known(self.sizes)
        if not difference.terms:
            return difference.constant == 0
        if len(difference.terms) == 1:
            [(size, factor)] = difference.terms
            value, rest = divmod(-difference.constant, factor)
            if rest or value < 0:
                return False
            self.sizes[size] = value
        message = f"{one} and {other} are one length in {self.written(position)}"
        self.equal.append(EqualLengths(one, other, message, self.nodes[position].span))
        return True

    def length(self, length: Affine | None) -> int:
        """A length as a number, by which multiplications are counted."""
        if length is None:
            return 1
        known = length.known(self.sizes)
        return UNKNOWN_LENGTH if known.terms else known.constant

    # -- refusals -----------------------------------------------------------------------------

    def written(self, position: int) -> str:
        """The formula at `position` as a sentence shows it."""
        text = self.expression.formula(position)
        return text if len(text) <= LONGEST_NAME else f"{text[:20]}...{text[-15:]}"

    def described(self, position: int, shape: ArrayShape | None = None) -> str:
        """A formula and its shape: `A*x is a vector of 3`."""
        found = shape or self.found[position]
        if isinstance(found, ArrayShape):
            known = found._replace(lengths=tuple(one.known(self.sizes) for one in found.lengths))
            return f"{self.written(position)} is {known}"
        return f"{self.written(position)} is a number"

    def _operands(self, position: int) -> list[str]:
        """The operands of a node, each in parentheses where an operator may stand beside it."""
        places = self.nodes[position].arguments
        return [self.factor(place) for place in places]

    def factor(self, position: int) -> str:
        node = self.nodes[position]
        text = self.written(position)
        operation = node.kind == APPLY_NODE and node.value in PRECEDENCE
        return f"({text})" if operation else text

    def error(self, message: str, position: int) -> ExpressionError:
        return ExpressionError(message, self.expression.text, self.nodes[position].span)

    def _shapes_of(self, position: int, *shapes: ArrayShape) -> str:
        """The shapes of the operands in words."""
        places = self.nodes[position].arguments
        places = places[self.nodes[position].value == CONDITIONAL :]
        given = shapes or (None,) * len(places)
        return ", and ".join(
            self.described(place, shape) for place, shape in zip(places, given, strict=False)
        )

    def _mismatch(self, position: int, advice: str, *shapes: ArrayShape) -> ExpressionError:
        return self.error(f"{self._shapes_of(position, *shapes)}: {advice}", position)

    def _no_product(self, position: int, left: ArrayShape, right: ArrayShape) -> ExpressionError:
        one, other = self._operands(position)
        vectors = len(left.lengths) == len(right.lengths) == 1 and left.row == right.row
        if vectors and left.lengths != right.lengths:
            advice = f"two columns or two rows; for all products of entries write {one}*{other}'"
            if left.row:
                advice = f"two rows; for all products of entries write {one}'*{other}"
        elif vectors:
            signs = self._between(position)
            advice = f"write dot({one}, {other}) or {one}'*{other}, or {one} .* {other} by entry"
            if "×" in signs:
                advice = "a cross product is written by its components, as a[2]*b[3] - a[3]*b[2]"
                advice += f"; a dot product is dot({one}, {other})"
            if left.row:
                advice = f"write {one} .* {other}"
        elif left.axes[1:] == (None,) and len(right.lengths) == 2:
            advice = f"a vector is a column; write {_transposed(one)}*{other}"
        else:
            columns = left.lengths[-1] if left.axes[-1] is not None else Affine(1)
            rows = right.lengths[0] if right.axes[0] is not None else Affine(1)
            columns, rows = (one.known(self.sizes) for one in (columns, rows))
            advice = f"the {columns} columns on the left are not the {rows} rows on the right"
            if self._fits(left.axes[::-1], right.axes):
                advice += f"; did you mean {_transposed(one)}*{other}?"
            elif self._fits(left.axes, right.axes[::-1]):
                advice += f"; did you mean {one}*{_transposed(other)}?"
        return self._mismatch(position, advice, left, right)

    def _fits(self, left: Sequence[Affine | None], right: Sequence[Affine | None]) -> bool:
        inner, other = left[-1], right[0]
        if inner is None or other is None:
            return inner is other
        return (inner - other).known(self.sizes) == Affine(0)

    def _between(self, position: int) -> str:
        """The text between the two operands of a node."""
        left, right = (self.nodes[place].span for place in self.nodes[position].arguments)
        return self.expression.text[left.end : right.start]

    def _misused(
        self, position: int, operator: str, left: ArrayShape, right: ArrayShape
    ) -> ExpressionError:
        """The refusal of an operator that has no meaning between these shapes."""
        one, other = self._operands(position)
        if operator in "+-":  # which bind less tightly than a product
            one = self.written(self.nodes[position].arguments[0])
            other = (
                other[1:-1] if self.nodes[self.nodes[position].arguments[1]].value == "*" else other
            )
        advice = f"write {one} .{operator} {other} for each entry"
        if operator == "/" and left.lengths and len(right.lengths) == 2:
            advice += f"; the solution of {other}*x = {one} is where norm({other}*x - {one}) is 0"
        if operator == "^" and left.lengths:
            square = f"{one}*{one}" if left.axes[0] == left.axes[-1] else f"{one}'*{one}"
            exponent = self.nodes[self.nodes[position].arguments[1]]
            if exponent.kind == NUMBER and str(exponent.value) == "2":
                advice = f"write {square} or {one}.^2"
            elif exponent.value == NEGATE:
                advice += "; arrays have no inverse here"
        if operator in "+-" and len(left.lengths) == len(right.lengths) == 1:
            advice = f"one is a row, the other a column; {advice} of a matrix"
        return self._mismatch(position, advice, left, right)

    def _entry_by_entry(self, position: int, node: Node) -> ExpressionError:
        """The refusal of a function of several arguments with an array among them."""
        shape = next(
            one for one in (self.found[place] for place in node.arguments)
            if isinstance(one, ArrayShape) and one.lengths
        )  # fmt: skip
        used = {str(node.value) for node in self.nodes}
        names = [letter for letter in "ijklmnpq" if letter not in used][: len(shape.lengths)]
        places = [self.found[place] for place in node.arguments]
        arguments = []
        for place, found in zip(node.arguments, places, strict=True):
            array = isinstance(found, ArrayShape) and found.lengths
            if node.kind == APPLY_NODE and node.value == CONDITIONAL and place == node.arguments[0]:
                arguments.append("a < b")
            else:
                inner = self.nodes[place].kind == NAME
                written = self.written(place) if inner else "A"
                arguments.append(f"{written}[{','.join(names)}]" if array else self.written(place))
        call = f"{node.value}({', '.join(arguments)})"
        advice = f"{node.value} takes numbers; write h[{','.join(names)}] = {call}; as a part"
        return self._mismatch(position, advice)

    def _no_number(self, node: Node) -> ExpressionError:
        """The refusal of an array where a number must stand: in a loop or a comparison."""
        place = next(
            one for one in node.arguments
            if isinstance(found := self.found[one], ArrayShape) and found.lengths
        )  # fmt: skip
        what = f"the body of {node.value}" if node.kind == LOOP_NODE else "a side of a comparison"
        return self.no_number(place, what)

    def no_number(self, position: int, what: str) -> ExpressionError:
        """The refusal of an array where `what` must be a number."""
        node = self.nodes[position]
        described = self.described(position)
        advice = "write sum(...), norm(...) or dot(..., ...) of it"
        if node.kind == NAME:
            index = next(iter(sorted(self.indices)), "1")
            shape = self.found[position]
            assert isinstance(shape, ArrayShape)
            entry = ",".join([index, *"1" * (len(shape.lengths) - 1)])
            advice = f"write one of its entries, such as {node.value}[{entry}]"
        return self.error(f"{described}, and {what} is one number; {advice}", position)

    def _no_array(self, position: int, node: Node) -> ExpressionError:
        """The refusal of a number where a function or `'` takes an array."""
        place = node.arguments[0]
        if node.value == PRIME:
            message = f"`'` is the transpose of an array, and {self.described(place)}; "
            return self.error(f"{message}a derivative is written as its own formula", position)
        if node.value in VECTOR_FUNCTIONS:
            entries = "sqrt(sum(x[i]^2 for i in 1:n))"
            if node.value == "dot":
                entries = "sum(x[i]*y[i] for i in 1:n)"
            message = f"{node.value} takes arrays, and {self.described(place)}"
            return self.error(f"{message}; of entries write {entries}", position)
        message = f"{node.value} needs the range of an index: `{node.value}(x[i]^2 for i in 1:n)`"
        return self.error(f"{message}, or an array, and {self.described(place)}", position)

    def _unknown(
        self, unknown: UnknownName, other: ArrayShape | None = None, why: str = ""
    ) -> ExpressionError:
        """The refusal of a name of unknown shape, with the header that declares it."""
        name = unknown.name
        lengths = ", ".join(str(one.known(self.sizes)) for one in other.lengths) if other else "n"
        advice = f"`{self.header(name, f'{name}[{lengths}]')}` for an array"
        if name not in self.subscripted and other is not None:
            advice += f", `{self.header(name, name)}` for a number"
        values = Setting("data", "FILE", (name,))
        message = "{}the shape of `{}` is not known here; declare it: {}; or give its values: {}"
        return self.error(Sentence(message, why, brief(name), advice, values), unknown.position)

    def header(self, name: str, declared: str) -> str:
        """The header that lists the variables of the text, the one of that name as `declared`."""
        names = {str(node.value) for node in self.nodes if node.kind in (NAME, SUBSCRIPT)}
        names -= {*self.indices, *self.data, *self.columns, *self.parameters, *self.size_names}
        names -= {*CONSTANT_NAMES, *(part.name for part in self.expression.definitions)}
        ordered = [*self.declared, *sorted(names - {*self.declared}, key=natural_order)]
        known = {vector: f"{vector}[{length}]" for vector, (_, length) in self.vectors.items()}
        for variable, shape in self.declared.items():
            if shape:
                known[variable] = f"{variable}[{', '.join(map(str, shape.lengths))}]"
        given = self.expression.header
        known[name] = declared
        written = [known.get(variable, variable) for variable in ordered]
        return f"{given.name if given else 'f'}({', '.join(map(brief, written))}) = ..."


def _transposed(formula: str) -> str:
    return formula.removesuffix(PRIME) if formula.endswith(PRIME) else formula + PRIME


def shape_of(lengths: Iterable[Affine]) -> ArrayShape:
    return ArrayShape(tuple(lengths))


def _of_axes(rows: Affine | None, columns: Affine | None) -> ArrayShape:
    if rows is not None and columns is not None:
        return ArrayShape((rows, columns))
    length = columns if rows is None else rows
    assert length is not None
    return ArrayShape((length,), row=rows is None)


def _symbolic(one: Affine | None, other: Affine | None) -> Affine | None:
    """Of two equal lengths the one with names, which a solver can solve for."""
    if one is None or (other is not None and other.terms and not one.terms):
        return other
    return one


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

    def __init__(self, shapes: _Shapes) -> None:
        self.shapes = shapes
        self.expression, self.nodes = shapes.expression, shapes.nodes
        self.code: list[tuple[Node, int]] = []
        self.finished: list[list[tuple[Node, int]]] = []
        self.definitions: list[Definition] = []  # roots in the code of each
        self.open: list[OpenIndex] = []
        self.around: set[str] = set()
        self.depth = 0  # of indices of its own
        self.tables: dict[tuple[str, tuple[OpenIndex, ...]], str] = {}
        self.chains: dict[int, Chain] = {}
        self.first = self._first_nodes()
        self.whole_before = self._whole_before()
        self.uses = self._uses()
        taken = {str(node.value) for node in self.nodes} | shapes.size_names
        taken |= {*shapes.data, *shapes.declared, *shapes.parameters, *shapes.columns}
        taken |= {part.name for part in self.expression.definitions} | shapes.indices
        self.prefix = next(
            prefix for length in range(len(taken) + 1) for prefix in ["i" + "_" * length]
            if not any(name.startswith(prefix) and name[len(prefix) :].isdigit() for name in taken)
        )  # fmt: skip

    # -- what is known of the written nodes ---------------------------------------------------

    def _first_nodes(self) -> list[int]:
        """The first of the nodes that are inside each node; they are all between the two."""
        first: list[int] = []
        for position, node in enumerate(self.nodes):
            first.append(min((first[place] for place in node.arguments), default=position))
        return first

    def _whole_before(self) -> list[int]:
        """How many nodes of whole arrays stand before each node."""
        counts = [0]
        for position, node in enumerate(self.nodes):
            reduces = node.kind == APPLY_NODE and (
                takes_an_array(self.nodes, node) or str(node.value).startswith(".")
            )
            counts.append(counts[-1] + (reduces or bool(self.shape(position).lengths)))
        return counts

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

    def _uses(self) -> dict[str, int]:
        """How often each product of arrays stands in the text, other than in a longer product."""
        inner: set[int] = set()
        found: dict[str, int] = {}
        for position in reversed(range(len(self.nodes))):
            node = self.nodes[position]
            joins = node.kind == APPLY_NODE and (
                node.value in ("*", NEGATE)
                or (node.value == "/" and not self.shape(node.arguments[-1]).lengths)
            )
            if (joins and self.shape(position).lengths) or self.is_array_product(position):
                inner.update(node.arguments)
            if self.is_array_product(position) and position not in inner:
                formula = self.expression.formula(position)
                found[formula] = found.get(formula, 0) + 1
        for position in inner:
            if self.is_array_product(position):
                formula = self.expression.formula(position)
                if formula in found:
                    found[formula] += 1
        return found

    def free(self, first: int, last: int) -> list[OpenIndex]:
        """The open indices in the nodes from `first` to `last`."""
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
            return
        self.open = [
            OpenIndex(one.name, one.high if one.low == Affine(1) else None)
            for one in part.subscripts
            if one.name
        ]
        _run(self.number(part.root))
        self._close(part)
        self.open = []

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
    ) -> Walk:
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
        found: int | None = None
        for name, factor in number.terms:
            term = self.put(NAME, name, (), source)
            if factor != 1:
                value = self.put(NUMBER, Decimal(abs(factor), 0), (), source)
                term = self.put(APPLY_NODE, "*", (value, term), source)
                if factor < 0:
                    term = self.put(APPLY_NODE, NEGATE, (term,), source)
            found = term if found is None else self.put(APPLY_NODE, "+", (found, term), source)
        if found is None or number.constant:
            value = self.put(NUMBER, _decimal(abs(number.constant)), (), source)
            if found is None:
                return value
            sign = "+" if number.constant > 0 else "-"
            found = self.put(APPLY_NODE, sign, (found, value), source)
        return found

    def number(self, position: int) -> Walk:
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

    def _loop(self, position: int, node: Node) -> Walk:
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

    def _reduced(self, position: int, function: str, operands: Sequence[int]) -> Walk:
        """Writes a function of all entries of an array, or of two vectors, as a loop."""
        around, self.around = self.around, self._names(position)
        lengths = [self.shape(place).lengths for place in operands]
        chosen = [_symbolic(*pair) for pair in zip(lengths[0], lengths[-1], strict=True)]
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

    def entry(self, operand: int | Segment, indices: Sequence[str], stored: bool = False) -> Walk:
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
        """Those of the indices of a formula that its operand at `position` has."""
        shape = self.shape(position)
        if len(indices) == 2 and len(shape.lengths) == 1:
            return indices[1:] if shape.row else indices[:1]
        return indices

    def _is_read_from_table(self, operand: int | Segment, indices: Sequence[str]) -> Walk:
        """Whether an entry of the formula was written as one of a part of its own.

        That is so where the loops around would compute it again, or another place of the text has
        the same product.
        """
        if isinstance(operand, int):
            first, last = self.first[operand], operand
            formula = self.expression.formula(operand)
            lengths = self.shape(operand).lengths
            shared = self.uses.get(formula, 0) > 1 and self.is_array_product(operand)
        else:
            factors = operand.chain.factors[operand.first : operand.last + 1]
            first, last = self.first[factors[0]], factors[-1]
            formula = "*".join(map(self.shapes.factor, factors))
            lengths = self._segment_shape(operand).lengths
            shared = False
        free = self.free(first, last)
        names = {index.name for index in free}
        if not shared and not self.around - names - {*indices}:
            return False
        if any(index.high is None for index in free):
            return False
        key = formula, tuple(free)
        if key not in self.tables:
            taken = [*self.tables.values()]
            name = f"({formula})" + "'" * sum(one.rstrip("'") == f"({formula})" for one in taken)
            self.tables[key] = name
            yield self._table(operand, name, lengths, free)
        source = last
        arguments = [self.put(NAME, index.name, (), source) for index in free]
        arguments += [self.put(NAME, index, (), source) for index in indices]
        self.put(SUBSCRIPT, self.tables[key], arguments, source)
        return True

    # -- products -----------------------------------------------------------------------------

    def _product(self, position: int, indices: Sequence[str]) -> Walk:
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
                and self.expression.formula(place) in self.uses
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
        return SCALAR_SHAPE if rows is None and columns is None else _of_axes(rows, columns)

    def _segment(self, segment: Segment, indices: Sequence[str]) -> Walk:
        """Writes an entry of a product of several arrays, as a sum over what they share."""
        chain, first, last = segment
        split = chain.splits[first, last]
        left, right = Segment(chain, first, split), Segment(chain, split + 1, last)
        source = chain.position
        rows = self._segment_shape(segment).axes[:1] != (None,) and bool(
            self._segment_shape(segment).lengths
        )
        row, column = tuple(indices[:rows]), tuple(indices[rows:])
        inner = _symbolic(
            self.shape(chain.factors[split]).axes[-1], self.shape(chain.factors[split + 1]).axes[0]
        )
        around = self.around
        if not indices:
            self.around = {
                index.name
                for index in self.free(self.first[chain.factors[first]], chain.factors[last])
            }
        self.around = {*self.around}
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


def _decimal(number: int) -> Decimal:
    """A whole number as a Decimal, whose coefficient has no final zeros."""
    text = str(number)
    digits = text.rstrip("0")
    return Decimal(int(digits), len(text) - len(digits)) if digits else Decimal(0, 0)


def _run(walk: Walk) -> Any:
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
