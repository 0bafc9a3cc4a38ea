"""A run that maximizes, told as what it is: f is maximized by a descent of -f, and here it turns.

Comes in: rows and sentences about -f. Goes out: the same about f. A sentence that speaks of up and
down is made by `said`; its Words have an opposite, and its Heights are values of f.
"""

from __future__ import annotations

from typing import Any

from gdcli.descent.iterate import Iterate
from gdcli.errors import Sentence

PAIRS = (
    *(("minimum", "maximum"), ("falls", "rises"), ("fell", "rose"), ("lower", "higher")),
    *(("lowers", "raises"), ("lowest", "highest"), ("down", "up"), ("minus", "plus")),
    *(("decrease", "increase"), ("the Hessian", "minus the Hessian")),
    ("falls below them", "rises by less than they show"),
)
OPPOSITES = dict(PAIRS) | {second: first for first, second in PAIRS}


class Word(str):
    """A word of OPPOSITES in a sentence; another has itself for its opposite."""


class Height(float):
    """A value of f in a sentence."""


def said(template: str, *parts: Any) -> Sentence:
    """The Sentence of a template in which a Word stands as `{falls}`, blanks in it as `_`."""
    before, *pieces = template.split("{")
    rest, filled = iter(parts), []
    for piece in pieces:
        place, _, text = piece.partition("}")
        word = place.replace("_", " ")
        is_word = word.replace(" ", "").isalnum()
        filled.append(Word(word) if is_word else next(rest))
        before += f"{{}}{text}" if is_word else f"{{{piece}"
    return Sentence(before, *filled)


def turned(text: Any) -> Any:
    """A sentence about -f as one about f; what is no Sentence as it is."""
    if isinstance(text, Sentence):
        return Sentence(text.template, *map(turned, text.parts))
    if isinstance(text, Word):
        return Word(OPPOSITES.get(text, text))
    return Height(0.0 - text) if isinstance(text, Height) else text


def turned_row(row: Iterate) -> Iterate:
    return row._replace(f=0.0 - row.f)
