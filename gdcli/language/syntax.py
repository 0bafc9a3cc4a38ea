"""Expression: a function as it was written, as data.

An Expression is a flat tuple of nodes in post-order: every node stands after its arguments, which
it names by position, and the last node is the whole. So printing, comparing and lowering are
loops, whatever the depth. Nothing is evaluated here, and a number keeps its exact decimal.
`str(expression)` is its normal form and parses back to an equal Expression; spans, which point
into the text it came from, take no part in equality.
"""

from __future__ import annotations

from collections.abc import Sequence

from gdcli.errors import Span
from gdcli.language.affine import Affine
from gdcli.language.lexer import PRIME, written_as_on_paper
from gdcli.named_tuples import NamedTuple

NUMBER, NAME, APPLY_NODE, COMPARE = "number", "name", "apply", "compare"
INDEX_NODE, SUBSCRIPT, LOOP_NODE = "index", "subscript", "loop"
NEGATE, CONDITIONAL = "unary-minus", "ifelse"
LOOPS = ("sum", "prod", "max", "min", "mean", "logsumexp")  # of the values of a body, of an array
CONSTANT_NAMES = ("pi", "e")  # where a header does not declare them
VECTOR_FUNCTIONS = {"dot": 2, "norm": 1}  # functions of arrays, and how many they take
ARRAY_FUNCTIONS = (PRIME, "sum", "prod", "mean")  # which numbers have not, without `for`
TRANSPOSE = "transpose"  # `transpose(A)` is the APPLY of PRIME

# How tightly each operator binds; a name, a number or a call binds tightest.
PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, NEGATE: 3, "^": 4}
PRECEDENCE |= {f".{operator}": PRECEDENCE[operator] for operator in "+-*/^"}  # entry by entry
POWER_OPERATORS = ("^", ".^")
ATOM_PRECEDENCE = 5

MAXIMUM_DIGITS, MAXIMUM_EXPONENT = 1000, 10_000  # of a number as written


class Decimal(NamedTuple):
    """The exact decimal `coefficient` · 10^`exponent`; the coefficient has no final zeros."""

    coefficient: int
    exponent: int

    def __str__(self) -> str:
        sign = "-" if self.coefficient < 0 else ""
        digits, exponent = str(abs(self.coefficient)), self.exponent
        if 0 <= exponent <= 20 - len(digits):
            return sign + digits + "0" * exponent
        if -20 <= exponent < 0:
            digits = digits.rjust(1 - exponent, "0")
            return f"{sign}{digits[:exponent]}.{digits[exponent:]}"
        return f"{sign}{digits}e{exponent}"


def read_decimal(text: str) -> Decimal | None:
    """The Decimal that `text`, such as 1.50e-3, writes; None beyond MAXIMUM_DIGITS or _EXPONENT."""
    mantissa, _, power = text.lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    if len(mantissa) > MAXIMUM_DIGITS or len(power) > 6 or abs(int(power or 0)) > MAXIMUM_EXPONENT:
        return None
    significant = digits.rstrip("0")
    exponent = int(power or 0) - len(fraction) + len(digits) - len(significant)
    return Decimal(int(significant), exponent) if significant else Decimal(0, 0)


class Node(NamedTuple):
    """One operation, number or name.

    kind      value                                        arguments
    NUMBER    Decimal                                      none
    NAME      the name                                     none
    APPLY     a key of PRECEDENCE, PRIME or a function's   its operands
              name
    COMPARE   one of < <= > >= == !=                       left, right
    SUBSCRIPT the name of an array                         its subscripts
    LOOP      one of LOOPS; "norm" of an Elaboration       for each index the INDEX, low end and
                                                           high end; last the body
    INDEX     the name                                     none
    Only the first argument of APPLY `ifelse` is a COMPARE.
    """

    kind: str
    value: str | Decimal
    arguments: tuple[int, ...]
    span: Span


def takes_an_array(nodes: Sequence[Node], node: Node) -> bool:
    """Whether a call is of what numbers have not: `sum(x)`, `A'`, and of a name logsumexp."""
    if node.value == "logsumexp":
        return len(node.arguments) == 1 and nodes[node.arguments[0]].kind == NAME
    return node.kind == APPLY_NODE and node.value in ARRAY_FUNCTIONS


def reads_an_array(nodes: Sequence[Node], node: Node) -> bool:
    """Whether a node is an entry of an array or a function of one, which no numbers alone are."""
    if node.kind == SUBSCRIPT or takes_an_array(nodes, node):
        return True
    return node.kind == APPLY_NODE and node.value in VECTOR_FUNCTIONS


class PartSubscript(NamedTuple):
    """A subscript on the left side of an array part: an index with its range, or one entry.

    `name` is the index, empty where there is none. `h[j]` has an index and no ends, `h[j in 1:n]`
    has both, `h[1]` has no index and two equal ends. The ends are affine in sizes.
    """

    name: str
    low: Affine | None
    high: Affine | None
    span: Span

    def __str__(self) -> str:
        """The normal form: `j`, `j in 1:n` or `1`."""
        if not self.name:
            return str(self.low)
        return self.name if self.low is None else f"{self.name} in {self.low}:{self.high}"


class Definition(NamedTuple):
    """A part `name = body` of a text; `root` is the position of the body's last node.

    An array part `name[j in 1:n, 1] = body` has `subscripts`, and is one of the pieces of its
    name, whose other pieces are Definitions of the same name.
    """

    name: str
    root: int
    span: Span
    subscripts: tuple[PartSubscript, ...] = ()

    @property
    def sizes(self) -> set[str]:
        """The names of the sizes in its subscripts."""
        ends = [end for one in self.subscripts for end in (one.low, one.high) if end]
        return {name for end in ends for name, _ in end.terms}

    @property
    def left_side(self) -> str:
        """The normal form of what stands before the `=`."""
        if not self.subscripts:
            return self.name
        return f"{self.name}[{', '.join(map(str, self.subscripts))}]"


class Header(NamedTuple):
    """`name(variables) =`, with the span of each variable, and its lengths where they are written.

    `shapes` has one entry a variable: `(Affine("n"),)` for `x[n]`, None for a plain `x`.
    """

    name: str
    variables: tuple[str, ...]
    spans: tuple[Span, ...]
    shapes: tuple[tuple[Affine, ...] | None, ...]

    def __str__(self) -> str:
        """The normal form: `f(x[n], b) = `."""
        written = []
        for variable, shape in zip(self.variables, self.shapes, strict=True):
            lengths = "" if shape is None else f"[{', '.join(map(str, shape))}]"
            written.append(variable + lengths)
        return f"{self.name}({', '.join(written)}) = "


class Expression:
    """A function as written: an optional header, named parts, and a body.

    `nodes` holds the parts' bodies first and the function's own body last.
    """

    __slots__ = ("definitions", "header", "nodes", "text")

    def __init__(
        self,
        text: str,
        nodes: tuple[Node, ...],
        header: Header | None,
        definitions: tuple[Definition, ...],
    ) -> None:
        self.text = text
        self.nodes = nodes
        self.header = header
        self.definitions = definitions

    def _identity(self) -> tuple[object, ...]:
        header = self.header and (self.header.name, self.header.variables, self.header.shapes)
        definitions = tuple(
            (definition.left_side, definition.root) for definition in self.definitions
        )
        return header, definitions, tuple(node[:3] for node in self.nodes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def __repr__(self) -> str:
        return f"Expression({str(self)!r})"

    def __str__(self) -> str:
        header = str(self.header) if self.header else ""
        definitions = "".join(
            f"{definition.left_side} = {self.formula(definition.root)}; "
            for definition in self.definitions
        )
        return header + definitions + self.formula(len(self.nodes) - 1)

    @property
    def plain(self) -> str:
        """The text as it was typed; its normal form where it is written as on paper, with `²`, `√`
        or `|x|`, so that whatever reads plain operators reads it.
        """
        return str(self) if written_as_on_paper(self.text) else self.text

    @property
    def loop_indices(self) -> set[str]:
        """The names of the indices of loops."""
        return {str(node.value) for node in self.nodes if node.kind == INDEX_NODE}

    @property
    def index_names(self) -> set[str]:
        """The names of the indices of loops and of the left sides of array parts."""
        found = self.loop_indices
        left_sides = (one.subscripts for one in self.definitions if one.subscripts)
        return found.union(one.name for several in left_sides for one in several if one.name)

    def unused_parts(self) -> list[str]:
        """The names of the parts that the function's own body does not use, in order."""
        roots: dict[str, list[int]] = {}
        for definition in self.definitions:
            roots.setdefault(definition.name, []).append(definition.root)
        pending, used = [len(self.nodes) - 1], set[str]()
        while pending and len(used) < len(roots):
            node = self.nodes[pending.pop()]
            pending.extend(node.arguments)
            name = str(node.value) if node.kind in (NAME, SUBSCRIPT) else ""
            if name in roots and name not in used:
                used.add(name)
                pending.extend(roots[name])
        return [name for name in roots if name not in used]

    def source(self, position: int) -> str:
        """The text that the node at `position` was written as."""
        start, end = self.nodes[position].span
        return self.text[start:end]

    def formula(self, position: int) -> str:
        """The normal form of the node at `position`, without needless parentheses."""
        written: list[str] = []
        pending: list[int | str] = [position]
        while pending:
            item = pending.pop()
            if isinstance(item, str):
                written.append(item)
            else:
                pending.extend(reversed(self._pieces(item)))
        return "".join(written)

    def _pieces(self, item: int) -> list[int | str]:
        """What a node is written as: literal texts, and the positions of its arguments.

        `~position` in place of a position asks for no blanks around `+` and `-`: `n-1`.
        """
        tight = item < 0
        node = self.nodes[~item if tight else item]
        if node.kind in (NUMBER, NAME, INDEX_NODE):
            return [str(node.value)]
        operator = str(node.value)
        arguments = [~position for position in node.arguments] if tight else [*node.arguments]
        if node.kind == COMPARE:
            return [arguments[0], f" {operator} ", arguments[1]]
        if node.kind == SUBSCRIPT:
            return [operator, "[", *_listed([~place for place in node.arguments]), "]"]
        if node.kind == LOOP_NODE:
            body, bounds = arguments[-1], [~place for place in node.arguments[:-1]]
            return [operator, "(", body, " for ", *_ranges(bounds), ")"]
        if operator == PRIME:
            return [*self._operand(arguments[0], ATOM_PRECEDENCE), PRIME]
        if operator not in PRECEDENCE:
            return [operator, "(", *_listed(arguments), ")"]
        precedence = PRECEDENCE[operator]
        if operator == NEGATE:
            return ["-", *self._operand(arguments[0], precedence)]
        left, right = arguments
        # `^` groups to the right and takes a minus sign in its exponent; the others group left.
        before, after = (
            (ATOM_PRECEDENCE, NEGATE_PRECEDENCE)
            if operator in POWER_OPERATORS
            else (precedence, precedence + 1)
        )
        symbol = f" {operator} " if precedence == 1 and not tight else operator
        return [*self._operand(left, before), symbol, *self._operand(right, after)]

    def _operand(self, item: int, least: int) -> list[int | str]:
        node = self.nodes[~item if item < 0 else item]
        precedence = (
            PRECEDENCE.get(str(node.value), ATOM_PRECEDENCE)
            if node.kind == APPLY_NODE
            else ATOM_PRECEDENCE
        )
        return [item] if precedence >= least else ["(", item, ")"]


def _listed(items: list[int]) -> list[int | str]:
    """The items with commas between them."""
    pieces: list[int | str] = []
    for number, item in enumerate(items):
        pieces += [", ", item] if number else [item]
    return pieces


def _ranges(items: list[int]) -> list[int | str]:
    """The items index, low end, high end, index, ... written as `i in 1:n, j in 1:i`."""
    pieces: list[int | str] = []
    for start in range(0, len(items), 3):
        index, low, high = items[start : start + 3]
        pieces += [", "] * bool(start)
        pieces += [index, " in ", low, ":", high]
    return pieces


NEGATE_PRECEDENCE = PRECEDENCE[NEGATE]
