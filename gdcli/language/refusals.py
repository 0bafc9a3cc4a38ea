"""What the parser says when it refuses: what is wrong, where, and what to write instead.

Comes in: the tokens, and a place among them. Goes out: an ExpressionError to be raised. Nothing
here decides whether a text is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gdcli.errors import ExpressionError, Span, visible
from gdcli.language.lexer import END, NAME, NUMBER, Token
from gdcli.language.syntax import LOOPS


class Arity(NamedTuple):
    """How many arguments a function takes; without `reserved` its name is one only before `(`."""

    fewest: int
    most: int | None
    reserved: bool = True


Arities = Mapping[str, Arity]  # by function

LONGEST_EXCERPT = 24  # characters of a text repeated in a sentence


class Refusals:
    """The sentences about one text."""

    def __init__(self, text: str, tokens: Sequence[Token], functions: Arities) -> None:
        self.text = text
        self.tokens = tokens
        self.functions = functions

    def error(self, message: str, span: Span | None = None) -> ExpressionError:
        """The error, with the caret under `span`."""
        return ExpressionError(message, None if span is None else self.text, span)

    def missing_operand(self, position: int) -> ExpressionError:
        """A number, a name or `(` should stand where the token at `position` stands."""
        token, before = self.tokens[position], self.tokens[position - 1] if position else None
        if token.kind == END and position == 0:
            return self.error("the expression is empty; write one, such as x^2 + y^2")
        if before is None or before.kind in (";", "="):
            what = "an expression begins with a number, a name or `(`"
        elif before.kind == "(" and token.kind == ")":
            what = "nothing stands between the parentheses"
        elif before.kind == "[" and token.kind == "]":
            what = "a subscript stands between the brackets: x[i], x[1]"
        elif token.kind == "[":
            what = "a list of numbers stands only in a point; write a vector's name: x[i]"
        elif token.kind == "=" and before.kind in ("=", "<", ">"):
            what = f"write `{before.kind}=` without a space"
        else:
            what = f"a number, a name or `(` is missing after `{before.text}`"
        return self.error(what, token.span)

    def stray(self, token: Token) -> ExpressionError:
        """A symbol where an operator should stand."""
        if token.kind == "=":
            what = (
                "`=` names a part (`r = x^2; exp(-r)`) or declares variables "
                "(`f(x, y) = ...`); an equation is written as left - right"
            )
        elif token.kind == "[":
            what = "a subscript follows the name of a vector: x[i], or W[i, j] of a table"
        elif token.kind == ":":
            what = "`:` stands between the two ends of a range: `sum(x[i]^2 for i in 1:n)`"
        else:
            what = f"`{token.text}` has no meaning here"
        return self.error(what, token.span)

    def no_parenthesis(self, name: Token, following: Token) -> ExpressionError:
        """A function's name without `(`."""
        if following.kind == "^":
            advice = f"{name.text}(x)^2 for a power of it"
        elif name.text in LOOPS and name.text not in self.functions:
            advice = f"{name.text}(x[i] for i in 1:n)"
        elif following.kind in (NUMBER, NAME):
            advice = f"{name.text}({self.shortened(following.text)})"
        else:
            advice = f"{name.text}(...)"
        return self.error(
            f"`{name.text}` is a function and takes its argument in parentheses; write {advice}",
            Span(name.span.start, following.span.end),
        )

    def call(self, name: Token, position: int) -> ExpressionError:
        """A name that is no function before the `(` at `position`."""
        from gdcli.language.suggest import closest

        product = f"write {name.text}*{self.group(position)}"
        if name.text == "e":
            advice = f"{product}, or exp(...)"
        elif name.text == "range":
            advice = "a range is written with its two ends: `for i in 1:n`"
        elif meant := closest(name.text, self.functions, min(2, len(name.text) // 2)):
            advice = f"did you mean {meant[0]}?"
        else:
            advice = product
        return self.error(f"`{name.text}` is not a function; {advice}", name.span)

    def reserved(self, token: Token) -> ExpressionError:
        """`for` or `in` where an operand stands."""
        if token.text == "for":
            where = "`for` stands behind the formula: `sum(x[i]^2 for i in 1:n)`"
            return self.error(where, token.span)
        return self.error(f"`{token.text}` is a reserved word", token.span)

    def side_by_side(self, position: int) -> ExpressionError:
        """Two operands with no operator between them: the second begins at `position`."""
        token, before = self.tokens[position], self.tokens[position - 1]
        start = self.beginning(position - 1)
        left = self.excerpt(Span(self.tokens[start].span.start, before.span.end))
        right = self.shortened(token.text)
        if token.text == "if":
            return self.error(
                "there is no `if` in the language; write ifelse(a < b, u, v)", token.span
            )
        return self.error(
            f"an operator is missing between `{left}` and `{right}`; "
            f"write {left}*{self.operand(position)}",
            Span(self.tokens[start].span.start, token.span.end),
        )

    def ambiguous(self, operator: Token, left: Span, right: Span, position: int) -> ExpressionError:
        """`left/right` or `left^right` with something written directly behind it."""
        symbol, following = operator.kind, self.operand(position)
        numerator, denominator = self.excerpt(left), self.excerpt(right)
        quotient = f"{numerator}{symbol}{denominator}"
        first = f"({quotient})*{following}" if symbol == "/" else f"{quotient}*{following}"
        return self.error(
            f"`{quotient}{following}` can be read in two ways; "
            f"write {first} or {numerator}{symbol}({denominator}*{following})",
            Span(operator.span.start, self.tokens[position].span.end),
        )

    def operand(self, position: int) -> str:
        """The operand that begins at the token at `position`, shortened where it is long."""
        token = self.tokens[position]
        if token.kind == "(":
            return self.group(position)
        if token.kind == NAME and self.tokens[position + 1].kind in ("(", "["):
            return token.text + self.group(position + 1)
        return self.shortened(token.text)

    def group(self, position: int) -> str:
        """The bracket that opens at the token at `position`, shortened where it is long."""
        depth = 0
        for token in self.tokens[position : position + LONGEST_EXCERPT]:
            depth += (token.kind in "([") - (token.kind in ")]")
            if depth == 0:
                return self.excerpt(Span(self.tokens[position].span.start, token.span.end))
        return "(...)" if self.tokens[position].kind == "(" else "[...]"

    def beginning(self, position: int) -> int:
        """Where the operand that ends at `position` begins: `x` of `x[i]`."""
        if self.tokens[position].kind != "]":
            return position
        depth, place = 0, position
        while place > 0:
            depth += (self.tokens[place].kind == "]") - (self.tokens[place].kind == "[")
            place -= 1
            if depth == 0:
                break
        return place

    def excerpt(self, span: Span) -> str:
        """The text at `span`, shortened where it is long."""
        return self.shortened(visible(self.text[span.start : span.end]))

    def shortened(self, text: str) -> str:
        """`text`, with its middle left out where it is long."""
        return text if len(text) <= LONGEST_EXCERPT else f"{text[:10]}...{text[-10:]}"
