"""What is known of a named function: plain values, read by problem_file.py, kept by a Function."""

from __future__ import annotations

from typing import NamedTuple

KINDS = ("minimum", "saddle", "maximum", "flat")


class Minimum(NamedTuple):
    """A local minimum: the point, the value there, and what there is to say."""

    at: tuple[float, ...]
    f: float
    note: str = ""


class Stationary(NamedTuple):
    """A point where the gradient is 0; `kind` is one of KINDS."""

    at: tuple[float, ...]
    kind: str


class Problem(NamedTuple):
    """A named function and what is known of it.

    `start`, and `window` with one (low, high) for each variable, are empty where none is given;
    `family` is the stem of the file's name, `path` the file.
    """

    name: str
    expression: str
    family: str
    path: str
    title: str = ""
    start: tuple[float, ...] = ()
    window: tuple[tuple[float, float], ...] = ()
    minima: tuple[Minimum, ...] = ()
    stationary: tuple[Stationary, ...] = ()
    tags: tuple[str, ...] = ()
    source: str = ""
    note: str = ""
