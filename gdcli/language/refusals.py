"""The parser's refusals of a misplaced token: what is wrong, where, and what to write instead.

Comes in: a text, its tokens and the position of the token. Goes out: an ExpressionError to be
raised. Nothing here decides whether a text is right.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gdcli.errors import ExpressionError, Span, visible
from gdcli.language.lexer import END, NAME_TOKEN, NUMBER_TOKEN, Token
from gdcli.language.syntax import LOOPS

LONGEST_EXCERPT = 24  # characters of a text repeated in a sentence


def missing_operand(text: str, tokens: Sequence[Token], position: int) -> ExpressionError:
    """The refusal of a token that stands where a number, a name or `(` should."""
    token, before = tokens[position], tokens[position - 1] if position else None
    if token.kind == END and position == 0:
        return ExpressionError("the expression is empty; write one, such as x^2 + y^2")
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
    return ExpressionError(what, text, token.span)


def stray_symbol(text: str, token: Token) -> ExpressionError:
    """The refusal of a symbol where an operator should stand."""
    if token.kind == "=":
        what = (
            "`=` names a part (`r = x^2; exp(-r)`) or declares variables "
            "(`f(x, y) = ...`); an equation is written as left - right"
        )
    elif token.kind == "[":
        what = "a subscript follows the name of a vector: x[i], or W[i, j] of a table"
    else:
        what = f"`{token.text}` has no meaning here"
    return ExpressionError(what, text, token.span)


def missing_parenthesis(
    text: str, name: Token, following: Token, functions: Collection[str]
) -> ExpressionError:
    """The refusal of a function's name without `(` behind it."""
    if following.kind == "^":
        advice = f"{name.text}(x)^2 for a power of it"
    elif name.text in LOOPS and name.text not in functions:
        advice = f"{name.text}(x[i] for i in 1:n)"
    elif following.kind in (NUMBER_TOKEN, NAME_TOKEN):
        advice = f"{name.text}({_shortened(following.text)})"
    else:
        advice = f"{name.text}(...)"
    return ExpressionError(
        f"`{name.text}` is a function and takes its argument in parentheses; write {advice}",
        text,
        Span(name.span.start, following.span.end),
    )


def unknown_function(
    text: str, tokens: Sequence[Token], position: int, functions: Collection[str]
) -> ExpressionError:
    """The refusal of a name that is no function before the `(` at `position`."""
    from gdcli.language.suggest import closest

    name = tokens[position - 1]
    product = f"write {name.text}*{_group(text, tokens, position)}"
    if name.text == "e":
        advice = f"{product}, or exp(...)"
    elif name.text == "range":
        advice = "a range is written with its two ends: `for i in 1:n`"
    elif meant := closest(name.text, functions, min(2, len(name.text) // 2)):
        advice = f"did you mean {meant[0]}?"
    else:
        advice = product
    return ExpressionError(f"`{name.text}` is not a function; {advice}", text, name.span)


def reserved_word(text: str, token: Token) -> ExpressionError:
    """The refusal of `for` or `in` where an operand stands."""
    if token.text == "for":
        what = "`for` stands behind the formula: `sum(x[i]^2 for i in 1:n)`"
    else:
        what = f"`{token.text}` is a reserved word"
    return ExpressionError(what, text, token.span)


def missing_operator(text: str, tokens: Sequence[Token], position: int) -> ExpressionError:
    """The refusal of two operands side by side, the second of which begins at `position`."""
    token, before = tokens[position], tokens[position - 1]
    if token.text == "if":
        return ExpressionError(
            "there is no `if` in the language; write ifelse(a < b, u, v)", text, token.span
        )
    start = tokens[_start(tokens, position - 1)].span.start
    left, right = excerpt(text, Span(start, before.span.end)), _shortened(token.text)
    return ExpressionError(
        f"an operator is missing between `{left}` and `{right}`; "
        f"write {left}*{_operand(text, tokens, position)}",
        text,
        Span(start, token.span.end),
    )


def ambiguous_product(
    text: str, tokens: Sequence[Token], position: int, operator: Token, left: Span, right: Span
) -> ExpressionError:
    """The refusal of `left/right` or `left^right` with an operand directly behind it."""
    symbol, following = operator.kind, _operand(text, tokens, position)
    numerator, denominator = excerpt(text, left), excerpt(text, right)
    quotient = f"{numerator}{symbol}{denominator}"
    first = f"({quotient})*{following}" if symbol == "/" else f"{quotient}*{following}"
    return ExpressionError(
        f"`{quotient}{following}` can be read in two ways; "
        f"write {first} or {numerator}{symbol}({denominator}*{following})",
        text,
        Span(operator.span.start, tokens[position].span.end),
    )


def excerpt(text: str, span: Span) -> str:
    """The text at `span`, its middle left out where it is long."""
    return _shortened(visible(text[span.start : span.end]))


def _operand(text: str, tokens: Sequence[Token], position: int) -> str:
    """The operand that begins at the token at `position`, shortened where it is long."""
    token = tokens[position]
    if token.kind == "(":
        return _group(text, tokens, position)
    if token.kind == NAME_TOKEN and tokens[position + 1].kind in ("(", "["):
        return token.text + _group(text, tokens, position + 1)
    return _shortened(token.text)


def _group(text: str, tokens: Sequence[Token], position: int) -> str:
    """The bracket that opens at the token at `position`, shortened where it is long."""
    depth = 0
    for token in tokens[position : position + LONGEST_EXCERPT]:
        depth += (token.kind in "([") - (token.kind in ")]")
        if depth == 0:
            return excerpt(text, Span(tokens[position].span.start, token.span.end))
    return "(...)" if tokens[position].kind == "(" else "[...]"


def _start(tokens: Sequence[Token], position: int) -> int:
    """The position at which the operand that ends at `position` begins: that of `x` in `x[i]`."""
    if tokens[position].kind != "]":
        return position
    depth, place = 0, position
    while place > 0:
        depth += (tokens[place].kind == "]") - (tokens[place].kind == "[")
        place -= 1
        if depth == 0:
            break
    return place


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_EXCERPT else f"{text[:10]}...{text[-10:]}"
