"""The lexer: a text to its tokens.

Comes in: any text. Goes out: a list of Tokens whose spans count characters of that text, closed
by one of kind END. Names are normalised (`x₁` is `x1`, `π` is `pi`), operators are plain (`**` is
`^`, `·` is `*`, `Aᵀ` is `A'`), and a superscript such as `²` or `⁻¹` is a token of its own. A dot
directly before `* / ^ + -` belongs to the operator, also behind a number: `2.*x` is 2 `.*` x. A
character that is not of the language raises ExpressionError with its code point and what to type.
"""

from __future__ import annotations

import re
from functools import cache

from gdcli.errors import LETTERS, ExpressionError, Span
from gdcli.named_tuples import NamedTuple

NUMBER_TOKEN, NAME_TOKEN, SUPERSCRIPT, END = "number", "name", "superscript", "end"
MAXIMUM_TEXT, MAXIMUM_NAME = 1_000_000, 60  # characters

SUBSCRIPT_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
SUPERSCRIPT_SIGNS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
PAPER_SIGNS = "√ᵀ·×⋅∗÷∕−≤≥≠"
ROOT_SIGN, PRIME = "√", "'"
BLANKS = " \t\r\n"  # what may stand between tokens, and is taken off the ends of a text
PLAIN_SYMBOLS = {
    **dict.fromkeys(("·", "×", "⋅", "∗"), "*"),
    **dict.fromkeys(("÷", "∕"), "/"),
    **{"−": "-", "≤": "<=", "≥": ">=", "≠": "!=", "ᵀ": PRIME, "**": "^", ".**": ".^"},
}
NAME_LETTERS = LETTERS.replace("Σ-ώ", "Σ-ορ-ώ")  # π is never part of a longer name
# What was no text of the language before it was written as on paper, beside `|`.
PAPER_PATTERN = rf"[⁰¹²³⁴-⁹·×⋅∗÷∕−≤≥≠√]|π(?!\s*(?:for|in)\b)\s*[{LETTERS}]"


class Token(NamedTuple):
    """One word of the text.

    `kind` is NUMBER_TOKEN, NAME_TOKEN, SUPERSCRIPT, END or the plain symbol itself; `text` is in
    plain characters too: that of `⁻¹` is `-1`.
    """

    kind: str
    text: str
    span: Span


@cache
def token_pattern(ascii: bool) -> re.Pattern[str]:
    """The pattern of a token; that for texts in ASCII is compiled in less time."""
    letters = name_letters = "A-Za-z"
    minus = digits = signs = superscript = ""
    if not ascii:
        letters, name_letters = LETTERS, NAME_LETTERS
        minus, digits, signs = "−", "₀-₉", PAPER_SIGNS
        superscript = r"|(?P<superscript>⁻?[⁰¹²³⁴-⁹]+)"
    return re.compile(
        rf"(?P<blank>[{BLANKS}]+)"
        rf"|(?P<number>(?:[0-9]+(?:\.(?![-.*/^+])[0-9]*)?|\.[0-9]+)(?:[eE][-+{minus}]?[0-9]+)?)"
        rf"|(?P<name>π|[{name_letters}][{name_letters}0-9_{digits}]*)"
        rf"|(?P<symbol>\*\*|[<>=!]=|\|\||\.(?:\*\*|[-*/^+]|(?=[{letters}]))"
        rf"|[-+*/^()\[\],;:=<>|'{signs}])" + superscript
    )


def tokens(text: str) -> list[Token]:
    """The tokens of `text`; raises ExpressionError at the first character of no token."""
    if len(text) > MAXIMUM_TEXT:
        raise ExpressionError(
            f"the text has {len(text):,} characters; at most {MAXIMUM_TEXT:,} can be read"
        )
    found = []
    position = 0
    for match in token_pattern(text.isascii()).finditer(text):
        start, end = match.span()
        if start != position:  # what stands before it is of no token
            break
        position = end
        group = match.lastgroup
        if group == "blank":
            continue
        word, span = match[0], Span(start, end)
        if group == "symbol":
            symbol = PLAIN_SYMBOLS.get(word, word)
            found.append(Token(symbol, symbol, span))
        elif group == "number":
            word = word if word.isascii() else word.replace("−", "-")
            found.append(Token(NUMBER_TOKEN, word, span))
        elif group == "name":
            if len(word) > MAXIMUM_NAME:
                raise ExpressionError(f"a name has at most {MAXIMUM_NAME} letters", text, span)
            found.append(Token(NAME_TOKEN, normalised(word), span))
        else:
            found.append(Token(SUPERSCRIPT, word.translate(SUPERSCRIPT_SIGNS), span))
    if position < len(text):
        from gdcli.language.characters import unknown_character

        raise unknown_character(text, position)
    found.append(Token(END, "the end", Span(len(text), len(text))))
    return found


def normalised(name: str) -> str:
    """A name as the program keeps it: subscript digits on the line, `π` spelt `pi`."""
    return "pi" if name == "π" else name if name.isascii() else name.translate(SUBSCRIPT_DIGITS)


def written_as_on_paper(text: str) -> bool:
    """Whether the text has superscripts, `·`, `√`, bars or other signs beyond plain operators."""
    return "|" in text or (not text.isascii() and re.search(PAPER_PATTERN, text) is not None)
