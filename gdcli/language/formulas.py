"""Tokens to the nodes of one formula, by precedence climbing with an explicit stack.

Comes in: tokens, and where to begin. Goes out: nodes in post-order, and where the formula ended.
Operators and open brackets wait for their operands on one stack, so nesting costs no recursion;
what each bracket means is its own affair (brackets.py). The grammar stands in parser.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from gdcli.errors import ExpressionError, Span
from gdcli.language.brackets import (
    MISPLACED_COMMA,
    MISPLACED_COMPARISON,
    MISPLACED_FOR,
    Bracket,
    NodeStack,
    SubscriptBracket,
    bracket_of,
)
from gdcli.language.lexer import END, NUMBER, Token
from gdcli.language.lexer import NAME as NAME_TOKEN
from gdcli.language.refusals import Arities
from gdcli.language.syntax import (
    APPLY,
    CONDITIONAL,
    LOOPS,
    MAXIMUM_DIGITS,
    MAXIMUM_EXPONENT,
    NAME,
    NEGATE,
    PRECEDENCE,
    VECTOR_FUNCTIONS,
    Decimal,
    read_decimal,
)
from gdcli.language.syntax import NUMBER as NUMBER_NODE

COMPARISON_OPERATORS = ("<", "<=", ">", ">=", "==", "!=")
RESERVED_WORDS = ("for", "in")
MAXIMUM_NESTING = 1000
TAKEN_NAMES = frozenset(
    (*RESERVED_WORDS, CONDITIONAL, *LOOPS, *VECTOR_FUNCTIONS)
)  # names, beside those of functions

NUMBER_TOO_LONG = (
    f"a number has at most {MAXIMUM_DIGITS} digits and an exponent of at most {MAXIMUM_EXPONENT}"
)


class FormulaParser(NodeStack):
    """Reads formulas one after another; `position` is that of the next token."""

    def __init__(self, text: str, tokens: Sequence[Token], functions: Arities) -> None:
        super().__init__(text, tokens, functions)
        self.position = 0
        self.pending: list[Token | Bracket] = []  # operators and brackets waiting for operands
        self.depth = 0

    def formula(self) -> int:
        """Reads tokens up to `;` or the end; the position of the formula's last node."""
        while True:
            self.before_operand()
            if self.after_operand():
                return self.operands.pop()

    def new_name(self, token: Token, role: str) -> None:
        """Refuses a name that is taken where one is declared."""
        if self.is_reserved(token) or token.text in TAKEN_NAMES:
            raise self.error(f"`{token.text}` cannot be {role}: the name is taken", token.span)

    # -- operands and operators -------------------------------------------------------------

    def before_operand(self) -> None:
        """Signs and opening brackets, then a number or a name."""
        while True:
            token = self.next()
            if token.kind == "-":
                self.pending.append(token._replace(kind=NEGATE))
            elif token.kind == "(":
                self.open(Bracket(token))
            elif token.kind == NUMBER:
                return self.push(NUMBER_NODE, self.decimal(token), (), token.span)
            elif token.kind == NAME_TOKEN:
                if self.is_function(token):
                    self.open(bracket_of(token, self.opening(token)))
                elif self.peek().kind == "[" and token.text not in RESERVED_WORDS:
                    self.open(SubscriptBracket(self.next(), token))
                else:
                    self.check_name(token)
                    return self.push(NAME, token.text, (), token.span)
            elif token.kind != "+":
                raise self.refuse.missing_operand(self.position - 1)

    def after_operand(self) -> bool:
        """Closing brackets, then an operator (False) or the end of the formula (True)."""
        while True:
            token = self.peek()
            if token.kind in PRECEDENCE:
                self.position += 1
                return self.operator(token)
            if token.kind in (END, ";"):
                self.reduce(0)
                if self.pending:
                    raise self.unclosed()
                return True
            if token.kind in (NUMBER, NAME_TOKEN, "(") and token.text != "for":
                return self.operator(self.multiplication(token))
            self.position += 1
            if token.kind not in (")", "]"):
                return self.between(token)
            self.close(token)

    def operator(self, token: Token) -> bool:
        """Puts an operator behind those that wait for operands."""
        precedence = PRECEDENCE[token.kind]
        self.reduce(precedence + (token.kind == "^"))  # `^` groups to the right
        self.pending.append(token)
        return False

    def reduce(self, precedence: int) -> None:
        """Applies the waiting operators, up to a bracket, that bind at least as tightly."""
        while self.pending:
            token = self.pending[-1]
            if isinstance(token, Bracket) or PRECEDENCE[token.kind] < precedence:
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

    # -- brackets ---------------------------------------------------------------------------

    def open(self, bracket: Bracket) -> None:
        """Opens a bracket inside those that are open."""
        self.depth += 1
        if self.depth > MAXIMUM_NESTING:
            raise self.error(
                f"more than {MAXIMUM_NESTING} brackets stand inside one another; "
                "name an inner part: `r = ...; ...`",
                bracket.opening.span,
            )
        self.pending.append(bracket)

    def bracket(self, token: Token, message: str) -> Bracket:
        """The innermost open bracket, with the operators inside it applied."""
        self.reduce(0)
        if not self.pending:
            raise self.error(message, token.span)
        bracket = self.pending[-1]
        assert isinstance(bracket, Bracket)
        return bracket

    def close(self, token: Token) -> None:
        """Closes the innermost bracket."""
        opening = "(" if token.kind == ")" else "["
        message = f"this `{token.kind}` closes nothing; is a `{opening}` missing?"
        bracket = self.bracket(token, message)
        if bracket.closing != token.kind:
            raise self.error(
                f"`{bracket.opening.text}` is closed by `{bracket.closing}`, not by `{token.kind}`",
                token.span,
            )
        self.pending.pop()
        self.depth -= 1
        bracket.close(self, token)

    def between(self, token: Token) -> bool:
        """A comma, a comparison, `for` or `:`, after which an operand follows (False)."""
        if token.kind == ",":
            bracket = self.bracket(token, MISPLACED_COMMA)
            bracket.comma(self, token)
            if bracket.in_ranges:
                self.index(bracket)
        elif token.kind in COMPARISON_OPERATORS:
            self.bracket(token, MISPLACED_COMPARISON).comparison(self, token)
        elif token.text == "for":
            bracket = self.bracket(token, MISPLACED_FOR)
            bracket.repeat(self, token)
            self.index(bracket)
        elif token.kind == ":" and any(isinstance(item, Bracket) for item in self.pending):
            self.bracket(token, "").colon(self, token)
        else:
            raise self.refuse.stray(token)
        return False

    def index(self, bracket: Bracket) -> None:
        """Reads `i in` of a range."""
        name, word = self.next(), self.next()
        if name.kind != NAME_TOKEN or name.text in RESERVED_WORDS:
            raise self.error("`for` is followed by an index: `for i in 1:n, j in 1:m`", name.span)
        self.new_name(name, "an index")
        if word.text != "in":
            raise self.error(f"write `{name.text} in 1:n` for a range", word.span)
        bracket.index(self, name)

    def unclosed(self) -> ExpressionError:
        """The innermost bracket is open at the end."""
        bracket = next(item for item in self.pending[::-1] if isinstance(item, Bracket))
        return self.error(
            f"this `{bracket.opening.text}` is never closed; is a `{bracket.closing}` missing?",
            bracket.opening.span,
        )

    def opening(self, name: Token) -> Token:
        """The `(` after a function's name."""
        if self.peek().kind != "(":
            raise self.refuse.no_parenthesis(name, self.peek())
        return self.next()

    # -- numbers, names, multiplication by standing side by side ----------------------------

    def decimal(self, token: Token) -> Decimal:
        """The number that a token writes."""
        number = read_decimal(token.text)
        if number is None:
            raise self.error(NUMBER_TOO_LONG, token.span)
        return number

    def is_function(self, token: Token) -> bool:
        """Whether a bracket of arguments must follow."""
        if token.text in self.functions:
            return self.is_reserved(token) or self.peek().kind == "("
        return token.text in TAKEN_NAMES and token.text not in RESERVED_WORDS

    def is_reserved(self, token: Token) -> bool:
        """Whether the name is a function's wherever it stands."""
        return token.text in self.functions and self.functions[token.text].reserved

    def check_name(self, token: Token) -> None:
        """Refuses a name that is none, before it becomes one."""
        if token.text in RESERVED_WORDS:
            raise self.refuse.reserved(token)
        if self.peek().kind == "(":
            raise self.refuse.call(token, self.position)

    def multiplication(self, token: Token) -> Token:
        """The `*` that stands, unwritten, before `token`; refused where it would mislead."""
        before = self.tokens[self.position - 1]
        if token.text in RESERVED_WORDS:
            raise self.refuse.reserved(token)
        if before.kind in (NAME_TOKEN, "]") or token.kind == NUMBER:
            raise self.refuse.side_by_side(self.position)
        for waiting in reversed(self.pending):
            if isinstance(waiting, Bracket) or waiting.kind not in (NEGATE, "/", "^"):
                break
            if waiting.kind != NEGATE:
                left, right = (self.nodes[operand].span for operand in self.operands[-2:])
                last = self.pending[-1]
                start = last.span.start if isinstance(last, Token) and last is not waiting else None
                right = Span(right.start if start is None else start, before.span.end)
                raise self.refuse.ambiguous(waiting, left, right, self.position)
        return Token("*", "*", Span(token.span.start, token.span.start))

    # -- tokens -----------------------------------------------------------------------------

    def peek(self, ahead: int = 0) -> Token:
        """The token to be read, or one `ahead` of it."""
        return self.tokens[min(self.position + ahead, len(self.tokens) - 1)]

    def next(self) -> Token:
        """Reads a token."""
        token = self.peek()
        self.position += 1
        return token
