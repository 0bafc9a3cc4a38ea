"""Every error a person can see: its sentence, its place in the text, its exit status.

Comes in: a sentence, and where one exists the text and the span the sentence speaks of.
Goes out: `str(error)`, whole and ready to print, with a caret under the place.
Every message is safe to print: characters that could disguise themselves or steer a terminal
are shown by their code point. This module imports nothing of ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

# The letters of the language. What is shown is no wider: other letters can disguise themselves.
LETTERS = "A-Za-zÀ-ÖØ-öø-ıĴ-ľŁ-ňŊ-žΆΈ-ΊΌΎ-ΡΣ-ώ"
SHOWN_CHARACTER = re.compile(f"[ -~{LETTERS}₀-₉]")
CONTEXT_CHARACTERS = 32  # characters of the text shown on either side of a place
LONGEST_WORD = 80  # characters of a word repeated in a sentence
MOST_LISTED_NAMES = 12  # names listed in a sentence


class Span(NamedTuple):
    """A half-open stretch `text[start:end]`."""

    start: int
    end: int


def visible(text: str) -> str:
    """`text` with every character but printable ASCII and the language's shown by code point."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_visible_character, text))


def brief(text: str) -> str:
    """`text` made visible, its middle left out where it is long."""
    half = LONGEST_WORD // 2
    return visible(text if len(text) <= LONGEST_WORD else f"{text[:half]}...{text[-half:]}")


def listed(names: Sequence[str]) -> str:
    """The names with commas between them; of many the first, and how many there are."""
    shown = ", ".join(map(brief, names[:MOST_LISTED_NAMES]))
    return shown if len(names) <= MOST_LISTED_NAMES else f"{shown}, ... ({len(names)} in all)"


def count_of(count: int, thing: str) -> str:
    """`1 point`, `2 points`."""
    return f"{count} {thing}" + "s" * (count != 1)


def _visible_character(character: str) -> str:
    if SHOWN_CHARACTER.match(character):
        return character
    return " " if character in "\t\r\n" else f"<U+{ord(character):04X}>"


def with_carets(text: str, span: Span) -> str:
    """Two lines: the text around `span`, and carets under it."""
    start = max(0, span.start - CONTEXT_CHARACTERS)
    shown_end = min(span.end, span.start + 2 * CONTEXT_CHARACTERS)
    end = min(len(text), max(shown_end, span.start + 1) + CONTEXT_CHARACTERS)
    before = ("..." if start else "") + visible(text[start : span.start])
    inside = visible(text[span.start : shown_end])
    after = visible(text[shown_end:end]) + ("..." if end < len(text) else "")
    return f"  {before}{inside}{after}\n  {' ' * len(before)}{'^' * max(1, len(inside))}"


class GdcliError(Exception):
    """The parent of every error that a person can cause or meet.

    `message` is the sentence, `span` the place in `text` it speaks of (both None where the
    error is not about a text), `exit_status` what the command line ends with.
    """

    exit_status = 2

    def __init__(self, message: str, text: str | None = None, span: Span | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.span = span

    def __str__(self) -> str:
        if self.text is None or self.span is None:
            return self.message
        return f"{self.message}\n{with_carets(self.text, self.span)}"


class UsageError(GdcliError):
    """An option, an argument or a combination of them that means nothing."""


class ExpressionError(GdcliError):
    """The text of a function cannot be read, or means nothing."""


class UnknownProblemError(GdcliError):
    """No problem has that name."""


class PointError(GdcliError):
    """A point that has the wrong form, count or names."""


class ProblemFileError(GdcliError):
    """A problem file with a mistake; the message names its key and line."""


class UndefinedError(GdcliError, ArithmeticError):
    """A value or derivative that is not a finite number at the point asked for."""

    exit_status = 4


class FileAccessError(GdcliError):
    """An existing file or stream that cannot be read or written."""

    exit_status = 6
