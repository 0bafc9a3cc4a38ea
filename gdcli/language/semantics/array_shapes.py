"""The shapes of formulas: which are numbers, vectors, matrices, and which do not fit together.

Comes in: an Expression and the shapes that are known beside it. Goes out: the shape of every node,
or the ExpressionError that says which shapes do not fit, with what to write instead. A vector is a
column, and its transpose a row. A name alone behind a known matrix is a vector of its columns; any
other name of which nothing is known may not stand beside an array.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import reduce

from gdcli.errors import ExpressionError, Sentence, Setting, brief
from gdcli.language.affine import Affine
from gdcli.language.lexer import PRIME
from gdcli.language.semantics.array_parts import check_counts, range_ends, ranged
from gdcli.language.semantics.roles import GivenShapes, natural_order
from gdcli.language.semantics.shapes import EqualLengths
from gdcli.language.syntax import (
    APPLY_NODE,
    COMPARE,
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
    Definition,
    Expression,
    Node,
    takes_an_array,
)
from gdcli.named_tuples import NamedTuple

UNKNOWN_LENGTH = 1000  # what a length counts as before sizes are known
LONGEST_FORMULA = 40  # characters of a formula in a sentence
REDUCED = (*LOOPS, "norm")  # functions whose argument is one array


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


class FormulaShapes:
    """The shape of every node of a text, in one pass from the front for each vector it finds.

    `found` has for a node its ArrayShape, the UnknownName that leaves it open, or the
    ExpressionError that whoever needs it raises. `sizes` are those that the shapes determine.
    """

    def __init__(
        self, expression: Expression, given: GivenShapes, parameters: Collection[str]
    ) -> None:
        check_counts(expression)
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
        self.roots = {part.name: part.root for part in expression.definitions}
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
        self.ends: dict[str, list[list[Affine]]] = {}  # of the ranges of array parts
        self.begun: set[str] = set()  # the array parts with a piece above
        self.parts: dict[str, ArrayShape] = {}
        self.ranged: dict[int, Definition] = {}  # array parts by root, with the ranges of indices
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
        self.found, self.equal = [], []
        self.ends, self.begun = range_ends(self.expression), set()
        self.parts = {name: self._box(name) for name, places in self.ends.items() if all(places)}
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
        arrays = {**self.declared, **self.data, **self.parts}
        below = self.ends.keys() - self.begun
        known = {name: one.lengths for name, one in arrays.items() if one and name not in below}
        self.ranged[part.root], shown = ranged(self.expression, start, part, known, self.sizes)
        self.begun.add(part.name)
        for _, subscript, lengths in shown:
            self.ends[part.name][part.subscripts.index(subscript)].append(lengths[0].length)
        if shown:
            self.parts[part.name] = self._box(part.name)

    def _box(self, part: str) -> ArrayShape:
        """The shape of an array part by the ends of all its pieces, those below too."""
        return ArrayShape(tuple(reduce(self._greater, place) for place in self.ends[part]))

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

    def _name(self, name: str, position: int) -> ArrayShape | UnknownName | ExpressionError:
        if known := self.known(name):
            return known
        numbers = (self.indices, self.columns, self.parameters, self.size_names)
        if any(name in names for names in numbers):
            return SCALAR_SHAPE
        if name in self.ends:
            return self.error(f"the part `{name}` is used before it is defined", position)
        if name in self.subscripted:
            return UnknownName(name, position)
        if name in self.declared or name in CONSTANT_NAMES:
            return SCALAR_SHAPE
        if name in self.roots:
            root = self.roots[name]
            found = self.found[root] if root < position else SCALAR_SHAPE
            return found if isinstance(found, UnknownName) else SCALAR_SHAPE
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
            return of_axes(rows, columns)
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
                axes.append(symbolic(one, other))
            return of_axes(axes[0], axes[1])
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
        lengths = [symbolic(one, other) or one for one, other in pairs]
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
        return text if len(text) <= LONGEST_FORMULA else f"{text[:20]}...{text[-15:]}"

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
        for place in self.nodes[position].arguments:
            node = self.nodes[place]
            name = str(node.value)
            if node.kind == SUBSCRIPT and len(node.arguments) == 1 and self.known(name) is None:
                header = self.header(name, f"{name}[m, n]")
                advice += f"; {self.written(place)} is a row where that is declared: `{header}`"
        return self.error(f"{self._shapes_of(position, *shapes)}: {advice}", position)

    def _no_product(self, position: int, left: ArrayShape, right: ArrayShape) -> ExpressionError:
        one, other = self._operands(position)
        vectors = len(left.lengths) == len(right.lengths) == 1 and left.row == right.row
        if vectors and left.lengths != right.lengths:
            outer = f"{_transposed(one)}*{other}" if left.row else f"{one}*{_transposed(other)}"
            advice = f"two {'rows' if left.row else 'columns'}; for all products write {outer}"
        elif vectors:
            before, behind = (self.nodes[place].span for place in self.nodes[position].arguments)
            advice = f"write dot({one}, {other}) or {one}'*{other}, or {one} .* {other} by entry"
            if "×" in self.expression.text[before.end : behind.start]:
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

    def _misused(
        self, position: int, operator: str, left: ArrayShape, right: ArrayShape
    ) -> ExpressionError:
        """The refusal of an operator that has no meaning between these shapes."""
        one, other = self._operands(position)
        if operator in "+-":  # which bind less tightly than a product
            before, behind = self.nodes[position].arguments
            one = self.written(before)
            other = self.written(behind) if self.nodes[behind].value == "*" else other
        advice = f"write {one} .{operator} {other} for each entry"
        if operator == "/" and not left.lengths and len(right.lengths) == 2:
            advice = f"arrays have no inverse here; {one} ./ {other} is one number by each entry"
        elif operator == "/" and len(right.lengths) == 2:
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
        arguments = []
        for place in node.arguments:
            found, written = self.found[place], self.written(place)
            if self.nodes[place].kind == COMPARE:
                written = "a < b"
            elif isinstance(found, ArrayShape) and found.lengths:
                array = written if self.nodes[place].kind == NAME else "A"
                written = f"{array}[{','.join(names)}]"
            arguments.append(written)
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
            shape = self.found[position]
            assert isinstance(shape, ArrayShape)
            open_indices = [*self._indices_around(position), *"1" * len(shape.lengths)]
            entry = ",".join([open_indices[0], *"1" * (len(shape.lengths) - 1)])
            advice = f"write one of its entries, such as {node.value}[{entry}]"
        return self.error(f"{described}, and {what} is one number; {advice}", position)

    def _indices_around(self, position: int) -> list[str]:
        """The indices that have a value at a node: of loops around it and of its part."""
        where = self.nodes[position].span
        found = [
            str(self.nodes[place].value)
            for node in self.nodes
            if node.kind == LOOP_NODE and node.span.start <= where.start < node.span.end
            for place in node.arguments[:-1:3]
        ]
        part = next((one for one in self.expression.definitions if one.root >= position), None)
        return found + [one.name for one in (part.subscripts if part else ()) if one.name]

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
        own = {*self.declared, *self.data, *self.parts}
        if re.fullmatch("[A-Za-z]{2,3}", name) and own.issuperset(name):
            why = f"`{name}` is one name, write {'*'.join(name)} for a product; "
        if name == "T" and any(
            node.value == "^" and unknown.position in node.arguments[1:] for node in self.nodes
        ):
            why = "`^T` is a power, write x' for a transpose; "
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


def of_axes(rows: Affine | None, columns: Affine | None) -> ArrayShape:
    if rows is not None and columns is not None:
        return ArrayShape((rows, columns))
    length = columns if rows is None else rows
    assert length is not None
    return ArrayShape((length,), row=rows is None)


def symbolic(one: Affine | None, other: Affine | None) -> Affine | None:
    """Of two equal lengths the one with names, which a solver can solve for."""
    if one is None or (other is not None and other.terms and not one.terms):
        return other
    return one
