"""Tokens to Expression, by precedence climbing with an explicit stack.

Comes in: a text and `{function: (fewest, most)}` arguments; the parser knows no function itself.
Goes out: an Expression, or ExpressionError with a place and what to write instead.

    function    = [header] {name "=" sum ";"} [header] sum [";"]        one header at most
    header      = name "(" name {"," name} ")" "="
    sum         = product {("+" | "-") product}
    product     = sign {("*" | "/" | nothing) sign}
    sign        = ("-" | "+") sign | power
    power       = atom ["^" sign]
    atom        = number | name | function "(" sum {"," sum} ")" | "(" sum ")"
                | "ifelse" "(" sum comparison sum "," sum "," sum ")"

"Nothing" multiplies only after a number or `)` and before a name, a function or `(`; directly
after `/` or in an exponent it could be read in two ways and is refused.
"""

from __future__ import annotations

from gdcli.errors import ExpressionError, Span
from gdcli.language.lexer import END, NUMBER, Token, tokens
from gdcli.language.lexer import NAME as NAME_TOKEN
from gdcli.language.refusals import Arities, Refusals
from gdcli.language.syntax import (
    APPLY,
    BINDING,
    COMPARE,
    CONDITIONAL,
    MAXIMUM_DIGITS,
    MAXIMUM_EXPONENT,
    NAME,
    NEGATE,
    Decimal,
    Expression,
    Header,
    Node,
    Part,
    read_decimal,
)
from gdcli.language.syntax import NUMBER as NUMBER_NODE

COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
RESERVED = ("for", "in")
LOOPS = ("sum", "prod", "dot", "norm")  # a later stage of the language; their names are kept free
MAXIMUM_NESTING = 1000

UNCLOSED = "this `(` is never closed; is a `)` missing?"
TOO_LONG = (
    f"a number has at most {MAXIMUM_DIGITS} digits and an exponent of at most {MAXIMUM_EXPONENT}"
)


def parse(text: str, functions: Arities) -> Expression:
    """The Expression that `text` writes."""
    return _Parser(text, functions).function()


class _Bracket:
    """An open parenthesis: of a call where `function` is set, else of a group."""

    __slots__ = ("arguments", "comparison", "function", "span")

    def __init__(self, token: Token, function: Token | None = None) -> None:
        self.span = token.span
        self.function = function
        self.arguments: list[int] = []
        self.comparison: tuple[Token, int] | None = None


class _Parser:
    def __init__(self, text: str, functions: Arities) -> None:
        self.text = text
        self.functions = functions
        self.tokens = tokens(text)
        self.position = 0
        self.nodes: list[Node] = []
        self.operands: list[int] = []  # positions of finished nodes
        self.pending: list[Token | _Bracket] = []  # operators and brackets waiting for operands
        self.depth = 0
        self.refuse = Refusals(text, self.tokens, functions)

    # -- statements -------------------------------------------------------------------------

    def function(self) -> Expression:
        parts: dict[str, Part] = {}
        header = self.header()
        while self.peek().kind == NAME_TOKEN and self.peek(1).kind == "=":
            part = self.part(parts)
            parts[part.name] = part
        if second := self.header():
            if header:
                raise self.error("a function has one header", second.spans[0])
            header = second
        for name in header.variables if header else ():
            if name in parts:
                raise self.error(f"`{name}` is both a part and a variable", parts[name].span)
        self.sum()
        if self.peek().kind == ";":
            self.position += 1
        if (rest := self.peek()).kind != END:
            raise self.error(
                "the function ends before this; name a part as in `r = x^2; exp(-r) + r`", rest.span
            )
        return Expression(self.text, tuple(self.nodes), header, tuple(parts.values()))

    def header(self) -> Header | None:
        if not (self.peek().kind == NAME_TOKEN and self.peek(1).kind == "("):
            return None
        end = self.position + 2
        while self.tokens[end].kind not in (")", END):
            end += 1
        if self.tokens[min(end + 1, len(self.tokens) - 1)].kind != "=":
            return None
        name, inside = self.peek(), self.tokens[self.position + 2 : end]
        self.position = end + 2
        self.new_name(name, "a function of your own")
        for index, token in enumerate(inside):
            if token.kind in ("[", "]"):
                raise self.error("vectors are not built yet; use x1, x2, x3", token.span)
            if token.kind != (NAME_TOKEN if index % 2 == 0 else ","):
                raise self.error("a header lists names: `f(x, y) = ...`", token.span)
        if len(inside) % 2 == 0:
            raise self.error("a header lists at least one name: `f(x, y) = ...`", name.span)
        variables = inside[::2]
        seen: set[str] = set()
        for token in variables:
            self.new_name(token, "a variable")
            if token.text in seen:
                raise self.error(f"`{token.text}` is declared twice", token.span)
            seen.add(token.text)
        names = tuple(token.text for token in variables)
        return Header(name.text, names, tuple(token.span for token in variables))

    def part(self, earlier: dict[str, Part]) -> Part:
        name = self.peek()
        self.position += 2
        self.new_name(name, "a part")
        if name.text in earlier:
            raise self.error(f"the part `{name.text}` is named twice", name.span)
        root = self.sum()
        if (separator := self.peek()).kind != ";":
            raise self.error(
                f"`{name.text} = ...` names a part; write `;` and then the function, "
                "as in `r = x^2; exp(-r)`",
                separator.span,
            )
        self.position += 1
        return Part(name.text, root, name.span)

    def new_name(self, token: Token, role: str) -> None:
        if token.text in self.functions or token.text in (*RESERVED, CONDITIONAL, *LOOPS):
            raise self.error(f"`{token.text}` cannot be {role}: the name is taken", token.span)

    # -- one expression ---------------------------------------------------------------------

    def sum(self) -> int:
        """Reads tokens up to `;` or the end; the position of the expression's last node."""
        while True:
            self.before_operand()
            if self.after_operand():
                return self.operands.pop()

    def before_operand(self) -> None:
        """Signs and opening brackets, then a number or a name."""
        while True:
            token = self.next()
            if token.kind == "-":
                self.pending.append(token._replace(kind=NEGATE))
            elif token.kind == "(":
                self.open(_Bracket(token))
            elif token.kind == NUMBER:
                return self.push(NUMBER_NODE, self.decimal(token), (), token.span)
            elif token.kind == NAME_TOKEN:
                if token.text in self.functions or token.text == CONDITIONAL:
                    self.open(_Bracket(self.opening(token), token))
                    continue
                self.check_name(token)
                return self.push(NAME, token.text, (), token.span)
            elif token.kind != "+":
                raise self.refuse.missing_operand(self.position - 1)

    def after_operand(self) -> bool:
        """Closing brackets, then an operator (False) or the end of the expression (True)."""
        while True:
            token = self.peek()
            if token.kind in BINDING:
                self.position += 1
                return self.operator(token)
            if token.kind in (END, ";"):
                self.reduce(0)
                if self.pending:
                    bracket = next(
                        item for item in self.pending[::-1] if isinstance(item, _Bracket)
                    )
                    raise self.error(UNCLOSED, bracket.span)
                return True
            if token.kind in (NUMBER, NAME_TOKEN, "("):
                return self.operator(self.multiplication(token))
            self.position += 1
            if token.kind == ")":
                self.close(token)
            elif token.kind == ",":
                self.comma(token)
                return False
            elif token.kind in COMPARISONS:
                self.comparison(token)
                return False
            else:
                raise self.refuse.stray(token)

    def operator(self, token: Token) -> bool:
        binding = BINDING[token.kind]
        self.reduce(binding + (token.kind == "^"))  # `^` groups to the right
        self.pending.append(token)
        return False

    def reduce(self, binding: int) -> None:
        """Applies the waiting operators, up to a bracket, that bind at least as tightly."""
        while self.pending:
            token = self.pending[-1]
            if isinstance(token, _Bracket) or BINDING[token.kind] < binding:
                return
            self.pending.pop()
            right = self.operands.pop()
            end = self.nodes[right].span.end
            if token.kind == NEGATE:
                self.push(APPLY, NEGATE, (right,), Span(token.span.start, end))
            else:
                left = self.operands.pop()
                span = Span(self.nodes[left].span.start, end)
                self.push(APPLY, token.kind, (left, right), span)

    def push(self, kind: str, value: str | Decimal, arguments: tuple[int, ...], span: Span) -> None:
        self.operands.append(len(self.nodes))
        self.nodes.append(Node(kind, value, arguments, span))

    # -- brackets and calls -----------------------------------------------------------------

    def open(self, bracket: _Bracket) -> None:
        self.depth += 1
        if self.depth > MAXIMUM_NESTING:
            raise self.error(
                f"more than {MAXIMUM_NESTING} brackets stand inside one another; "
                "name an inner part: `r = ...; ...`",
                bracket.span,
            )
        self.pending.append(bracket)

    def bracket(self, token: Token, message: str) -> _Bracket:
        """The innermost open bracket, with the operators inside it applied."""
        self.reduce(0)
        if not self.pending:
            raise self.error(message, token.span)
        bracket = self.pending[-1]
        assert isinstance(bracket, _Bracket)
        return bracket

    def close(self, token: Token) -> None:
        bracket = self.bracket(token, "this `)` closes nothing; is a `(` missing?")
        self.pending.pop()
        self.depth -= 1
        start = bracket.span.start
        if bracket.function is None:
            inner = self.operands[-1]
            span = Span(start, token.span.end)
            self.nodes[inner] = self.nodes[inner]._replace(span=span)
            return
        self.argument(bracket)
        name = bracket.function
        span = Span(name.span.start, token.span.end)
        self.check_count(name, bracket, span)
        self.push(APPLY, name.text, tuple(bracket.arguments), span)

    def comma(self, token: Token) -> None:
        where = "a comma separates the arguments of a function, and this is none"
        bracket = self.bracket(token, where)
        if bracket.function is None:
            raise self.error(f"{where}; a decimal point is `.`", token.span)
        self.argument(bracket)

    def argument(self, bracket: _Bracket) -> None:
        """Files the finished operand as an argument of the call that `bracket` opened."""
        assert bracket.function is not None
        last = self.operands.pop()
        if bracket.function.text == CONDITIONAL and not bracket.arguments:
            if bracket.comparison is None:
                raise self.error(
                    "ifelse begins with a comparison: `ifelse(x < 0, -x, x)`", self.nodes[last].span
                )
            operator, left = bracket.comparison
            span = Span(self.nodes[left].span.start, self.nodes[last].span.end)
            self.push(COMPARE, operator.kind, (left, last), span)
            last = self.operands.pop()
        bracket.arguments.append(last)

    def comparison(self, token: Token) -> None:
        where = "a comparison stands only in `ifelse(a < b, u, v)`, as its first argument"
        bracket = self.bracket(token, where)
        in_conditional = bracket.function is not None and bracket.function.text == CONDITIONAL
        if not in_conditional or bracket.arguments:
            raise self.error(where, token.span)
        if bracket.comparison is not None:
            raise self.error("one comparison at a time: `ifelse(a < b, ..., ...)`", token.span)
        bracket.comparison = (token, self.operands.pop())

    def opening(self, name: Token) -> Token:
        """The `(` after a function's name."""
        if self.peek().kind != "(":
            raise self.refuse.no_parenthesis(name, self.peek())
        return self.next()

    def check_count(self, name: Token, bracket: _Bracket, span: Span) -> None:
        fewest, most = self.functions.get(name.text, (3, 3))
        count = len(bracket.arguments)
        if count < fewest or (most is not None and count > most):
            wanted = f"{fewest}" if most == fewest else f"at least {fewest}"
            plural = "" if wanted == "1" else "s"
            raise self.error(f"{name.text} takes {wanted} argument{plural}, not {count}", span)

    # -- numbers, names, multiplication by standing side by side ----------------------------

    def decimal(self, token: Token) -> Decimal:
        number = read_decimal(token.text)
        if number is None:
            raise self.refuse.error(TOO_LONG, token.span)
        return number

    def check_name(self, token: Token) -> None:
        """Refuses a name that is none, before it becomes one."""
        following = self.peek()
        if token.text in RESERVED:
            raise self.error(f"`{token.text}` is a reserved word", token.span)
        if following.kind == "[":
            raise self.error("vectors are not built yet; use x1, x2, x3", following.span)
        if token.text in LOOPS:
            raise self.error(f"`{token.text}` is not built yet; write the terms out", token.span)
        if following.kind == "(":
            raise self.refuse.call(token, self.position)

    def multiplication(self, token: Token) -> Token:
        """The `*` that stands, unwritten, before `token`; refused where it would mislead."""
        before = self.tokens[self.position - 1]
        if token.text in RESERVED:
            raise self.error(f"`{token.text}` is a reserved word", token.span)
        if before.kind == NAME_TOKEN or token.kind == NUMBER:
            raise self.refuse.side_by_side(before, self.position)
        for waiting in reversed(self.pending):
            if isinstance(waiting, _Bracket) or waiting.kind not in (NEGATE, "/", "^"):
                break
            if waiting.kind != NEGATE:
                left, right = (self.nodes[operand].span for operand in self.operands[-2:])
                start = self.pending[-1].span.start if self.pending[-1] is not waiting else None
                right = Span(right.start if start is None else start, before.span.end)
                raise self.refuse.ambiguous(waiting, left, right, self.position)
        return Token("*", "*", Span(token.span.start, token.span.start))

    # -- small things -----------------------------------------------------------------------

    def error(self, message: str, span: Span) -> ExpressionError:
        return self.refuse.error(message, span)

    def peek(self, ahead: int = 0) -> Token:
        return self.tokens[min(self.position + ahead, len(self.tokens) - 1)]

    def next(self) -> Token:
        token = self.peek()
        self.position += 1
        return token
