"""Every error a person can see: its sentence, its place in the text, its exit status.

Comes in: a sentence, and where one exists the text and the span the sentence speaks of.
Goes out: `str(error)`, whole and ready to print, with a caret under the place.
Every message is safe to print: characters that could disguise themselves or steer a terminal
are shown by their code point. Where a sentence says what to set, it holds a Setting, which the
command line writes as its option. This module imports nothing from gdcli.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from gdcli.named_tuples import NamedTuple

# The letters of the language. Messages show no others, because some look just like these.
LETTERS = "A-Za-zÀ-ÖØ-öø-ıĴ-ľŁ-ňŊ-žΆΈ-ΊΌΎ-ΡΣ-ώ"
PAPER_CHARACTERS = "⁰¹²³⁴-⁹⁻₀-₉·×⋅∗÷∕−≤≥≠√ᵀ"  # the language's other characters beyond ASCII
CONTEXT_CHARACTERS = 32  # characters of the text shown on either side of a place
LONGEST_WORD = 80  # characters of a word repeated in a sentence
MOST_LISTED_NAMES = 12  # names listed in a sentence
FLAG = "True"  # the value of a Setting that is given or not, as a flag on the command line


class Span(NamedTuple):
    """A half-open range of a text, `text[start:end]`."""

    start: int
    end: int


def visible(text: str) -> str:
    """`text` with characters outside printable ASCII and the language shown by code point."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_visible_character, text))


def brief(text: str) -> str:
    """`text` made visible, its middle left out where it is long."""
    half = LONGEST_WORD // 2
    return visible(text if len(text) <= LONGEST_WORD else f"{text[:half]}...{text[-half:]}")


def listed(names: Sequence[str]) -> str:
    """The names with commas between them; of many, the first ones and how many there are."""
    shown = ", ".join(map(brief, names[:MOST_LISTED_NAMES]))
    return shown if len(names) <= MOST_LISTED_NAMES else f"{shown}, ... ({len(names)} in all)"


def count_of(count: int, thing: str) -> str:
    """`1 point`, `2 points`, `2 boxes`."""
    return f"{count} {thing}" + ("es" if thing.endswith("x") else "s") * (count != 1)


def out_of_memory(error: MemoryError) -> str:
    """`memory runs out`, and how much was asked for where NumPy says so."""
    found = re.match(r"Unable to allocate (\S+?)\.? (\w+)", str(error))
    return f"memory runs out: {found[1]} {found[2]} more are needed" if found else "memory runs out"


def _visible_character(character: str) -> str:
    if " " <= character <= "~" or re.match(f"[{LETTERS}{PAPER_CHARACTERS}]", character):
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


class Setting(NamedTuple):
    """An argument of the library, and the value that a sentence advises to give it, if any.

    `entries` are the names to which an argument such as `sizes` gives the value.
    """

    name: str
    value: str = ""
    entries: tuple[str, ...] = ()


SettingFormatter = Callable[[Setting], str]


def as_argument(setting: Setting) -> str:
    """The setting as Python has it: `start`, `alpha="auto"`, `sizes={"n": 100}`, `data["A"]`."""
    name, value, entries = setting
    value = f'"{value}"' if value[:1].isalpha() and value != FLAG else value
    if not entries:
        return f"{name}={value}" if value else name
    if not value:
        return f'{name}["{entries[0]}"]'
    return name + "={" + ", ".join(f'"{entry}": {value}' for entry in entries) + "}"


class Sentence(str):
    """A template whose `{}` are filled with the parts, Settings in the library's words.

    In an f-string it is a plain text; make it a part of another Sentence instead. The template is
    a literal, for the text of a user may have braces.
    """

    template: str
    parts: tuple[Any, ...]

    def __new__(cls, template: str, *parts: Any) -> Sentence:
        texts = (as_argument(part) if isinstance(part, Setting) else part for part in parts)
        made = super().__new__(cls, template.format(*texts))
        made.template, made.parts = template, parts
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Sentence, (self.template, *self.parts)


def formatted(text: str, format_setting: SettingFormatter) -> str:
    """The text with the Settings in it, if it is a Sentence, as `format_setting` writes them."""
    if not isinstance(text, Sentence):
        return text
    parts = (
        format_setting(one) if isinstance(one, Setting) else formatted(one, format_setting)
        for one in text.parts
    )
    return text.template.format(*parts)


def interruption(interrupt: KeyboardInterrupt) -> str:
    """`interrupted`, and `interrupted by SIGTERM` where it was a signal other than Ctrl-C's."""
    return f"interrupted by {interrupt}" if str(interrupt) else "interrupted"


class GdcliError(ValueError):
    """The parent of every error that a person can cause or meet; two that say the same are equal.

    `message` is the sentence, a Sentence where it holds settings, `span` the place in `text` it
    speaks of (both None where the error is not about a text), `exit_status` what the command line
    ends with.
    """

    exit_status = 2

    def __init__(self, message: str, text: str | None = None, span: Span | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.span = span

    def _identity(self) -> tuple[Any, ...]:
        return type(self), self.message, self.text, self.span

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GdcliError) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    @property
    def whole(self) -> str:
        """The message, and where it speaks of a text the place under it."""
        if self.text is None or self.span is None:
            return self.message
        return Sentence("{}\n{}", self.message, with_carets(self.text, self.span))

    def __str__(self) -> str:
        return str(self.whole)


class UsageError(GdcliError):
    """An argument or a combination of them that means nothing."""


class ExpressionError(GdcliError):
    """The text of a function cannot be read, or means nothing."""


def missing_library(what: str, library: str, libraries: Sequence[str] = ()) -> UsageError:
    """The error for a library that is not installed: what needs it, and what installs it here.

    `libraries` are all that are to be installed, by default the one; they are installed for the
    interpreter in use, by uv where that has no pip.
    """
    import sys
    from importlib.util import find_spec

    python = sys.executable or "python"
    if " " in python:
        python = f'"{python}"'
    pip = f"{python} -m pip install" if find_spec("pip") else f"uv pip install -p {python}"
    command = " ".join([visible(pip), *(libraries or (library,))])
    return UsageError(f"{what} needs {library}, which is not installed; get it with: {command}")


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
