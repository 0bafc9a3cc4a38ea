"""A trace that was written as JSON lines, back to rows.

Comes in: lines of text, an iterate each. Goes out: the variables' names and the rows as descent
made them, every number the same double. Raises UsageError with the line of what is no such row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from math import isfinite, nan
from typing import Any

from gdcli.descent.iterate import Iterate
from gdcli.errors import Sentence, Setting, UsageError, brief, listed
from gdcli.functions.doubles import TinyDecimal, double, read_float
from gdcli.named_tuples import NamedTuple

TRACE_KEYS = ("k", "x", "f", "gradient_norm", "alpha")
MOST_TRACE_ROWS = 1_000_000
MOST_SUBSCRIPTS = 16
WANTED_TRACE = Sentence("a trace is what gdcli minimize {} writes", Setting("format", "jsonl"))


class TraceFile(NamedTuple):
    """The rows of a trace, at least one, in ascending order of k, and its variables' names."""

    variables: tuple[str, ...]
    rows: list[Iterate]

    def ordered(self, variables: tuple[str, ...]) -> TraceFile:
        """The trace with its points in the order of a function's variables.

        Raises UsageError where these are not the trace's.
        """
        if variables == self.variables:
            return self
        known = {name: place for place, name in enumerate(self.variables)}
        if set(variables) != set(known):
            own, wanted = listed(self.variables), listed(variables)
            message = "{}: the trace is one of the variables {}, the function has {}"
            raise UsageError(Sentence(message, Setting("trace"), own, wanted))
        places = [known[name] for name in variables]
        rows = [row._replace(x=[row.x[place] for place in places]) for row in self.rows]
        return TraceFile(variables, rows)


def read_trace(lines: Iterable[str], noun: str) -> TraceFile:
    """The rows; the trace is `noun` in a UsageError."""
    variables: tuple[str, ...] = ()
    rows: list[Iterate] = []
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        place = f"{noun}, line {number}"
        names, row = _row(text, place)
        if rows and names != variables:
            raise UsageError(f"{place}: the variables are not those of the lines before")
        if rows and row.k <= rows[-1].k:
            raise UsageError(
                f"{place}: k = {row.k} does not come after {rows[-1].k}; one run at a time"
            )
        if len(rows) == MOST_TRACE_ROWS:
            raise UsageError(
                f"{noun} has more than {MOST_TRACE_ROWS:,} iterates; thin it out first"
            )
        variables = names
        rows.append(row)
    if not rows:
        raise UsageError(f"{noun}: there are no iterates in it")
    return TraceFile(variables, rows)


def _row(text: str, place: str) -> tuple[tuple[str, ...], Iterate]:
    try:
        found: Any = json.loads(text, parse_float=read_float, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        raise UsageError(Sentence("{} is no JSON; {}", place, WANTED_TRACE)) from None
    if not isinstance(found, dict) or not all(key in found for key in TRACE_KEYS):
        message = "{}: `{}` is no row of a trace; {}"
        raise UsageError(Sentence(message, place, brief(text.strip()), WANTED_TRACE))
    point = found["x"]
    if not isinstance(point, dict) or not point:
        raise UsageError(Sentence("{}: x names no variables; {}", place, WANTED_TRACE))
    point = dict(one for name in point for one in _components(name, point[name]))
    k = found["k"]
    if not isinstance(k, int) or isinstance(k, bool) or k < 0:
        raise UsageError(f"{place}: k is a whole number, not `{brief(json.dumps(k))}`")
    x = [_number(value, place, name) for name, value in point.items()]
    if not all(map(isfinite, x)):
        raise UsageError(f"{place}: a point is finite numbers")
    f, norm = (_number(found[key], place, key) for key in ("f", "gradient_norm"))
    alpha = None if found["alpha"] is None else _number(found["alpha"], place, "alpha")
    return tuple(point), Iterate(k, x, f, norm, alpha)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of a JSON text; raises ValueError where a key stands in it twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _components(name: str, value: Any, *subscripts: int) -> Iterator[tuple[str, Any]]:
    """The numbers of a variable by name; those of a list are `x[1]`, `x[2]`, …."""
    if isinstance(value, list) and len(subscripts) < MOST_SUBSCRIPTS:
        for number, part in enumerate(value, 1):
            yield from _components(name, part, *subscripts, number)
    else:
        yield (f"{name}[{','.join(map(str, subscripts))}]" if subscripts else name), value


def _number(value: Any, place: str, name: str) -> float:
    """A float; nan for null, which stands for what is not finite."""
    if value is None:
        return nan
    if isinstance(value, int | float | TinyDecimal) and not isinstance(value, bool):
        return double(value, f"{place}, {brief(name)}", UsageError)
    raise UsageError(f"{place}: {brief(name)} is a number, not `{brief(json.dumps(value))}`")
