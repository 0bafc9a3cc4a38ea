"""The progress of a long run: a line on standard error, which is cleared when the run ends."""

from __future__ import annotations

import sys
from collections.abc import Callable
from shutil import get_terminal_size
from time import monotonic
from typing import Any

from gdcli.cli.output import speaks_unicode
from gdcli.descent.iterate import Iterate
from gdcli.descent.objective import NORM_LABEL
from gdcli.report.number_format import cell, counted
from gdcli.report.transliteration import transliterated

PROGRESS_DELAY = 0.5  # seconds before the first line
PROGRESS_PERIOD = 0.1  # seconds between lines


def iterate_words(iterate: Iterate) -> str:
    """The words for how far a descent is."""
    norm = cell(iterate.gradient_norm, 3)
    return f"k = {iterate.k}, f = {cell(iterate.f, 5)}, {NORM_LABEL} = {norm}"


def search_words(state: Any) -> str:
    """The words for how far a search over a window is."""
    bounds = f"{cell(state.lower, 5)} ≤ min f ≤ {cell(state.upper, 5)}"
    done = f"{state.open} open" if state.checked is None else f"{state.checked} checked"
    return f"{counted(state.boxes, 'box')}, {done}, {bounds}"


class Progress:
    """A function of iterates that shows one now and then, until the line is cleared.

    It may be called with what else the `words` given to it tell.
    """

    def __init__(self, words: Callable[[Any], str] | None = None) -> None:
        self._words = words or iterate_words
        self._next = monotonic() + PROGRESS_DELAY
        self._shown = 0

    def __call__(self, state: Any) -> None:
        if monotonic() >= self._next:
            self._replace(self._words(state))
            self._next = monotonic() + PROGRESS_PERIOD

    def clear(self) -> None:
        """Clear the line, if there is one."""
        self._replace("")

    def _replace(self, text: str) -> None:
        """Write over the shown line, without terminal codes, so that it works everywhere."""
        if not (text or self._shown):
            return
        text = text if speaks_unicode(sys.stderr) else transliterated(text)
        text = text[: get_terminal_size().columns - 1]
        ending = "" if text else "\r"
        blanks = " " * (self._shown - len(text))
        self._shown = max(self._shown, len(text))  # Ctrl-C may come while the line is written
        sys.stderr.write(f"\r{text}{blanks}{ending}")
        sys.stderr.flush()
        self._shown = len(text)
