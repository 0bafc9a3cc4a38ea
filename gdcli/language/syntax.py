"""Expression: what was written, as data.

An Expression is a flat tuple of nodes in post-order: every node stands after its arguments, which
it names by position, and the last node is the whole. So printing, comparing and lowering are
loops, whatever the depth. Nothing is evaluated here, and a number keeps its exact decimal.
`str(expression)` is its normal form and parses back to an equal Expression; spans, which point
into the text it came from, take no part in equality.
"""

from __future__ import annotations

from typing import NamedTuple

from gdcli.errors import Span

NUMBER, NAME, APPLY, COMPARE = "number", "name", "apply", "compare"
NEGATE, CONDITIONAL = "unary-minus", "ifelse"

# How tightly each operator binds; a name, a number or a call binds tightest.
BINDING = {"+": 1, "-": 1, "*": 2, "/": 2, NEGATE: 3, "^": 4}
ATOM = 5

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
    """The Decimal that `text`, such as 1.50e-3, writes; None where it is beyond all bounds."""
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
    APPLY     an operator of BINDING or a function's name  its operands
    COMPARE   one of < <= > >= == !=                       left, right
    Only the first argument of APPLY `ifelse` is a COMPARE.
    """

    kind: str
    value: str | Decimal
    arguments: tuple[int, ...]
    span: Span


class Part(NamedTuple):
    """`name = body`; `root` is the position of the body's last node."""

    name: str
    root: int
    span: Span


class Header(NamedTuple):
    """`name(variables) =`, with the span of each variable."""

    name: str
    variables: tuple[str, ...]
    spans: tuple[Span, ...]


class Expression:
    """A function as written: an optional header, named parts, and a body.

    `nodes` holds the parts' bodies first and the function's own body last.
    """

    __slots__ = ("header", "nodes", "parts", "text")

    def __init__(
        self, text: str, nodes: tuple[Node, ...], header: Header | None, parts: tuple[Part, ...]
    ) -> None:
        self.text = text
        self.nodes = nodes
        self.header = header
        self.parts = parts

    def _identity(self) -> tuple[object, ...]:
        header = self.header and (self.header.name, self.header.variables)
        parts = tuple((part.name, part.root) for part in self.parts)
        return header, parts, tuple(node[:3] for node in self.nodes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def __repr__(self) -> str:
        return f"Expression({str(self)!r})"

    def __str__(self) -> str:
        header = f"{self.header.name}({', '.join(self.header.variables)}) = " if self.header else ""
        parts = "".join(f"{part.name} = {self.formula(part.root)}; " for part in self.parts)
        return header + parts + self.formula(len(self.nodes) - 1)

    def source(self, position: int) -> str:
        """The text that the node at `position` was written as."""
        start, end = self.nodes[position].span
        return self.text[start:end]

    def formula(self, position: int) -> str:
        """The normal form of the node at `position`, with no parenthesis too many."""
        written: list[str] = []
        pending: list[int | str] = [position]
        while pending:
            item = pending.pop()
            if isinstance(item, str):
                written.append(item)
            else:
                pending.extend(reversed(self._pieces(self.nodes[item])))
        return "".join(written)

    def _pieces(self, node: Node) -> list[int | str]:
        """A node as literal texts and positions of the nodes between them."""
        if node.kind in (NUMBER, NAME):
            return [str(node.value)]
        operator = str(node.value)
        if node.kind == COMPARE:
            return [node.arguments[0], f" {operator} ", node.arguments[1]]
        if operator not in BINDING:
            pieces: list[int | str] = [operator, "("]
            for number, argument in enumerate(node.arguments):
                pieces += [", ", argument] if number else [argument]
            return [*pieces, ")"]
        binding = BINDING[operator]
        if operator == NEGATE:
            return ["-", *self._operand(node.arguments[0], binding)]
        left, right = node.arguments
        # `^` groups to the right and takes a minus sign in its exponent; the others group left.
        before, after = (ATOM, NEGATE_BINDING) if operator == "^" else (binding, binding + 1)
        symbol = f" {operator} " if binding == 1 else operator
        return [*self._operand(left, before), symbol, *self._operand(right, after)]

    def _operand(self, position: int, least: int) -> list[int | str]:
        node = self.nodes[position]
        binding = BINDING.get(str(node.value), ATOM) if node.kind == APPLY else ATOM
        return [position] if binding >= least else ["(", position, ")"]


NEGATE_BINDING = BINDING[NEGATE]
