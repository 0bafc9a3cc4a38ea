"""The lexer: a text to its tokens.

Comes in: any text. Goes out: a list of Tokens whose spans count characters of that text, closed
by one of kind END. Names are normalised (`x₁` is `x1`, `π` is `pi`), and `**` is `^`. A character
that is not of the language raises ExpressionError with its code point and what to type instead.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from gdcli.errors import LETTERS, ExpressionError, Span

NUMBER_TOKEN, NAME_TOKEN, END = "number", "name", "end"
MAXIMUM_TEXT, MAXIMUM_NAME = 1_000_000, 60  # characters

SUBSCRIPT_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
TOKEN_PATTERN = re.compile(
    r"(?P<blank>[ \t\r\n]+)"
    r"|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    rf"|(?P<name>[{LETTERS}][{LETTERS}0-9_₀-₉]*)"
    r"|(?P<symbol>\*\*|[<>=!]=|[-+*/^()\[\],;:=<>])"
)

# What people type or paste, and what to type instead.
REPLACEMENTS = {
    "²": "^2",
    "³": "^3",
    "⁻": "^-",
    "·": "*",
    "⋅": "*",
    "∙": "*",
    "×": "*",
    "∗": "*",
    "÷": "/",
    "∕": "/",
    "⁄": "/",
    "−": "-",
    "–": "-",
    "—": "-",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "√": "sqrt(...)",
    "|": "abs(...)",
    "‖": "norm",
    "{": "(",
    "}": ")",
    "∞": "a number",
    "∈": "in",
    "µ": "μ (U+03BC)",
    "ⅇ": "e",
    "∑": "sum(...)",
    "∏": "prod(...)",
    "\\": "names without a backslash, as in sin(x)",
    "$": "the formula without dollar signs",
    "!": "the product itself (there is no factorial)",
    "%": "/100",
    "'": "the derivative's own formula",
    "_": "a letter first: names begin with one",
    "@": "a name made of letters, digits and _",
    ".": "a number as in 0.5",
}
# Cyrillic letters, and the Latin ones that they look like.
LOOKALIKES = dict(zip("аАВсСеЕіјЈКМНоОрРѕЅТхХуУ", "aABcCeEijJKMHoOpPsSTxXyY", strict=True))


class Token(NamedTuple):
    """One word of the text: `kind` is NUMBER_TOKEN, NAME_TOKEN, END or the symbol itself."""

    kind: str
    text: str
    span: Span


def tokens(text: str) -> list[Token]:
    """The tokens of `text`; raises ExpressionError at the first character of no token."""
    if len(text) > MAXIMUM_TEXT:
        raise ExpressionError(
            f"the text has {len(text):,} characters; at most {MAXIMUM_TEXT:,} can be read"
        )
    found = []
    position = 0
    while position < len(text):
        match = TOKEN_PATTERN.match(text, position)
        if match is None:
            raise _unknown(text, position)
        start, position = position, match.end()
        group = match.lastgroup
        if group == "blank":
            continue
        word = match.group()
        span = Span(start, position)
        if group == "number":
            found.append(Token(NUMBER_TOKEN, word, span))
        elif group == "name":
            if len(word) > MAXIMUM_NAME:
                raise ExpressionError(f"a name has at most {MAXIMUM_NAME} letters", text, span)
            found.append(Token(NAME_TOKEN, normalised(word), span))
        else:
            symbol = "^" if word == "**" else word
            found.append(Token(symbol, symbol, span))
    found.append(Token(END, "the end", Span(len(text), len(text))))
    return found


def normalised(name: str) -> str:
    """A name as the program keeps it: subscript digits on the line, `π` spelt `pi`."""
    return "pi" if name == "π" else name if name.isascii() else name.translate(SUBSCRIPT_DIGITS)


def _unknown(text: str, position: int) -> ExpressionError:
    character = text[position]
    shown = f"`{character}`" if " " < character < "\x7f" else f"U+{ord(character):04X}"
    if text[position - 1 : position + 1] == "..":
        return ExpressionError(
            "`..` is not of the language; a range is written 1:n",
            text,
            Span(position - 1, position + 1),
        )
    instead = REPLACEMENTS.get(character) or LOOKALIKES.get(character) or _compatible(character)
    advice = f"type {instead}" if instead else "names are made of Latin and Greek letters"
    message = f"{shown} is not a character of the language; {advice}"
    return ExpressionError(message, text, Span(position, position + 1))


def _compatible(character: str) -> str | None:
    """The plain character behind a full-width, italic, superscript or similar form of it."""
    import unicodedata

    if unicodedata.category(character) in ("Zs", "Cf"):
        return "a plain space, or nothing"
    plain = unicodedata.normalize("NFKC", character)
    if plain != character and TOKEN_PATTERN.fullmatch(plain):
        superscript = "<super>" in unicodedata.decomposition(character)
        return f"^{plain}" if superscript else plain
    return None
