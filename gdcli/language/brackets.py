"""The open brackets of a formula that is being read: what may stand in each, and what it becomes.

Comes in, from the reader (formulas.py): the operand that ends at a comma, a comparison, `for`, `:`
or the closing bracket. Goes out: a node among the reader's operands, or ExpressionError. The words
of a bracket's own sentences stand here, those about single tokens in refusals.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from gdcli.errors import ExpressionError, Span
from gdcli.language.lexer import Token
from gdcli.language.refusals import Arities, Refusals
from gdcli.language.syntax import (
    APPLY,
    COMPARE,
    CONDITIONAL,
    INDEX,
    LOOP,
    LOOPS,
    NAME,
    SUBSCRIPT,
    VECTOR_FUNCTIONS,
    Decimal,
    Node,
)

MISPLACED_COMMA = "a comma separates the arguments of a function, and this is none"
MISPLACED_COMPARISON = "a comparison stands only in `ifelse(a < b, u, v)`, as its first argument"
MISPLACED_FOR = "`for` stands only in sum, prod, max and min: `sum(x[i]^2 for i in 1:n)`"
MISPLACED_COLON = "`:` stands between the two ends of a range: `sum(x[i]^2 for i in 1:n)`"


class NodeStack:
    """The nodes of a text, as they are made, and the positions of those not yet used."""

    def __init__(self, text: str, tokens: Sequence[Token], functions: Arities) -> None:
        self.text = text
        self.tokens = tokens
        self.functions = functions
        self.nodes: list[Node] = []
        self.operands: list[int] = []
        self.refuse = Refusals(text, tokens, functions)

    def push(self, kind: str, value: str | Decimal, arguments: tuple[int, ...], span: Span) -> None:
        """Makes a node, the newest operand."""
        self.operands.append(len(self.nodes))
        self.nodes.append(Node(kind, value, arguments, span))

    def error(self, message: str, span: Span) -> ExpressionError:
        """The error, with the caret under `span`."""
        return self.refuse.error(message, span)


class Bracket:
    """An open `(` that groups; its children are the brackets that mean more."""

    closing = ")"

    def __init__(self, opening: Token) -> None:
        self.opening = opening

    def comma(self, made: NodeStack, token: Token) -> None:
        """Files what stands before a comma."""
        raise made.error(f"{MISPLACED_COMMA}; a decimal point is `.`", token.span)

    def comparison(self, made: NodeStack, token: Token) -> None:
        """Files what stands before `<` and its like."""
        raise made.error(MISPLACED_COMPARISON, token.span)

    def repeat(self, made: NodeStack, token: Token) -> None:
        """Files what stands before `for`."""
        raise made.error(MISPLACED_FOR, token.span)

    def index(self, made: NodeStack, token: Token) -> None:
        """Files the index of the range that begins."""
        made.push(INDEX, token.text, (), token.span)

    @property
    def in_ranges(self) -> bool:
        """Whether `for` has been read, so that an index follows a comma."""
        return False

    def colon(self, made: NodeStack, token: Token) -> None:
        """Files the low end of a range."""
        raise made.error(MISPLACED_COLON, token.span)

    def close(self, made: NodeStack, token: Token) -> None:
        """Makes the node at the closing bracket."""
        inner = made.operands[-1]
        span = Span(self.opening.span.start, token.span.end)
        made.nodes[inner] = made.nodes[inner]._replace(span=span)


class CallBracket(Bracket):
    """The arguments of a function."""

    def __init__(self, opening: Token, name: Token) -> None:
        super().__init__(opening)
        self.name = name
        self.arguments: list[int] = []

    def comma(self, made: NodeStack, token: Token) -> None:  # noqa: ARG002
        """Files what stands before a comma."""
        self.file(made)

    def file(self, made: NodeStack) -> None:
        """Files the newest operand as an argument."""
        self.arguments.append(made.operands.pop())

    def close(self, made: NodeStack, token: Token) -> None:
        """Makes the node."""
        self.file(made)
        span = Span(self.name.span.start, token.span.end)
        self.check_count(made, span)
        made.push(APPLY, self.name.text, tuple(self.arguments), span)

    def check_count(self, made: NodeStack, span: Span) -> None:
        """Refuses a call of too few or too many arguments."""
        fewest, most = self.arity(made.functions)
        count = len(self.arguments)
        if count < fewest or (most is not None and count > most):
            wanted = f"{fewest}" if most == fewest else f"at least {fewest}"
            plural = "" if wanted == "1" else "s"
            name = self.name.text
            raise made.error(f"{name} takes {wanted} argument{plural}, not {count}", span)

    def arity(self, functions: Arities) -> tuple[int, int | None]:
        """The fewest and the most arguments."""
        return functions[self.name.text][:2]


class ConditionalBracket(CallBracket):
    """`ifelse(a < b, u, v)`."""

    def __init__(self, opening: Token, name: Token) -> None:
        super().__init__(opening, name)
        self.left: tuple[Token, int] | None = None

    def comparison(self, made: NodeStack, token: Token) -> None:
        """Files the left side."""
        if self.arguments:
            raise made.error(MISPLACED_COMPARISON, token.span)
        if self.left is not None:
            raise made.error("one comparison at a time: `ifelse(a < b, ..., ...)`", token.span)
        self.left = (token, made.operands.pop())

    def file(self, made: NodeStack) -> None:
        """Files the newest operand as an argument."""
        if not self.arguments:
            last = made.operands.pop()
            if self.left is None:
                raise made.error(
                    "ifelse begins with a comparison: `ifelse(x < 0, -x, x)`", made.nodes[last].span
                )
            operator, left = self.left
            span = Span(made.nodes[left].span.start, made.nodes[last].span.end)
            made.push(COMPARE, operator.kind, (left, last), span)
        super().file(made)

    def arity(self, functions: Arities) -> tuple[int, int | None]:  # noqa: ARG002
        """The fewest and the most arguments."""
        return 3, 3


class VectorBracket(CallBracket):
    """`dot(a, b)`, `norm(a)`: functions of whole vectors."""

    def file(self, made: NodeStack) -> None:
        """Files the newest operand as an argument."""
        super().file(made)
        node = made.nodes[self.arguments[-1]]
        if node.kind != NAME:
            entries = "the sum over its entries: `sqrt(sum((x[i] - y[i])^2 for i in 1:n))`"
            if self.name.text == "dot":
                entries = "the sum over their entries: `sum(x[i]*y[i+1] for i in 1:n)`"
            raise made.error(
                f"{self.name.text} takes the name of a vector; for anything else write {entries}",
                node.span,
            )

    def arity(self, functions: Arities) -> tuple[int, int | None]:  # noqa: ARG002
        """The fewest and the most arguments."""
        count = VECTOR_FUNCTIONS[self.name.text]
        return count, count


class LoopBracket(CallBracket):
    """`sum(body for i in a:b, j in c:d)`; `max` and `min` without `for` are plain calls."""

    def __init__(self, opening: Token, name: Token) -> None:
        super().__init__(opening, name)
        self.body: int | None = None
        self.ranges: list[int] = []  # index, low end, high end, index, ...

    @property
    def in_ranges(self) -> bool:
        """Whether `for` has been read."""
        return self.body is not None

    def comma(self, made: NodeStack, token: Token) -> None:
        """Files what stands before a comma."""
        if self.body is not None:
            self.end_range(made)
        elif self.name.text in made.functions:
            self.file(made)
        else:
            name = self.name.text
            raise made.error(
                f"{name} takes one formula, and then the range of each index: "
                f"`{name}(x[i]*y[j] for i in 1:n, j in 1:m)`",
                token.span,
            )

    def repeat(self, made: NodeStack, token: Token) -> None:
        """Files the body."""
        if self.body is not None:
            raise made.error("write one `for`: `for i in 1:n, j in 1:m`", token.span)
        if self.arguments:
            name = self.name.text
            raise made.error(
                f"{name} takes either formulas or one formula and `for`; "
                f"write {name}(..., {name}(... for i in 1:n))",
                token.span,
            )
        self.body = made.operands.pop()

    def index(self, made: NodeStack, token: Token) -> None:
        """Files an index."""
        super().index(made, token)
        self.ranges.append(made.operands.pop())

    def colon(self, made: NodeStack, token: Token) -> None:
        """Files the low end of a range."""
        if self.body is None:
            super().colon(made, token)
        if len(self.ranges) % 3 == 2:
            raise made.error("a range has two ends, and its steps are 1: `i in 1:n`", token.span)
        self.ranges.append(made.operands.pop())

    def end_range(self, made: NodeStack) -> None:
        """Files the high end of a range."""
        last = made.operands.pop()
        if len(self.ranges) % 3 != 2:
            span = made.nodes[last].span
            written = made.refuse.excerpt(span)
            raise made.error(f"a range has two ends: write 1:{written}", span)
        self.ranges.append(last)

    def close(self, made: NodeStack, token: Token) -> None:
        """Makes the node."""
        if self.body is None and self.name.text in made.functions:
            super().close(made, token)
            return
        span = Span(self.name.span.start, token.span.end)
        if self.body is None:
            name = self.name.text
            raise made.error(
                f"{name} needs the range of an index: `{name}(x[i]^2 for i in 1:n)`", span
            )
        self.end_range(made)
        made.push(LOOP, self.name.text, (*self.ranges, self.body), span)


class SubscriptBracket(Bracket):
    """`x[i, j]`."""

    closing = "]"

    def __init__(self, opening: Token, name: Token) -> None:
        super().__init__(opening)
        self.name = name
        self.subscripts: list[int] = []

    def comma(self, made: NodeStack, token: Token) -> None:  # noqa: ARG002
        """Files what stands before a comma."""
        self.subscripts.append(made.operands.pop())

    def colon(self, made: NodeStack, token: Token) -> None:
        """Files the low end of a range."""
        name = self.name.text
        raise made.error(
            f"a subscript is one number; sum over the entries: `sum({name}[i] for i in 1:n)`",
            token.span,
        )

    def close(self, made: NodeStack, token: Token) -> None:
        """Makes the node."""
        self.comma(made, token)
        span = Span(self.name.span.start, token.span.end)
        made.push(SUBSCRIPT, self.name.text, tuple(self.subscripts), span)


def bracket_of(name: Token, opening: Token) -> Bracket:
    """The bracket that opens behind a function's name."""
    if name.text == CONDITIONAL:
        return ConditionalBracket(opening, name)
    if name.text in VECTOR_FUNCTIONS:
        return VectorBracket(opening, name)
    return (LoopBracket if name.text in LOOPS else CallBracket)(opening, name)
