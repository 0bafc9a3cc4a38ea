"""Bounds of variables, as a person gives them, by component of a flat point.

Comes in: a text such as `x=0:10, y=:5`; a mapping such as {"x": (0, 10), "y": (None, 5)}, in which
a pair stands for every entry of an array; a pair for each component in order; or what has `lb` and
`ub`, as SciPy's Bounds. Goes out: the lower and the upper bounds, -inf and inf where there is none.
UsageError or PointError says what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, isnan
from typing import Any

from gdcli.errors import PointError, Sentence, Setting, listed
from gdcli.functions.arguments import has_length, shown, wrong
from gdcli.functions.doubles import double
from gdcli.functions.layout import by_name
from gdcli.numbers.linear_algebra import as_list

WANTED_BOUNDS = 'bounds such as {"x": (0, 10), "y": (None, 5)}, or a (low, high) for each variable'


def bounds_of(given: Any, function: Any, noun: str = "bounds") -> tuple[list[float], list[float]]:
    """The n lower and the n upper bounds that `given` stands for; messages call a text `noun`.

    A `function` that is none of text needs `components` only.
    """
    names: Sequence[str] = function.components
    if isinstance(given, str):
        from gdcli.functions.points import read_bounds

        pairs: dict[int, Any] = read_bounds(given, function.layout, function.sizes, noun)
    elif hasattr(given, "lb") and hasattr(given, "ub"):
        pairs = dict(enumerate(zip(_ends(given.lb, names), _ends(given.ub, names), strict=True)))
    elif named := by_name(given):
        pairs = _by_name(named, function)
    else:
        pairs = dict(enumerate(_pairs(given, len(names))))
    low, high = [-inf] * len(names), [inf] * len(names)
    for i, pair in pairs.items():
        low[i], high[i] = _pair(pair, f"{noun} for {names[i]}")
    return low, high


def _ends(given: Any, names: Sequence[str]) -> list[Any]:
    """One end of the bounds of all components, of which a number stands for all."""
    ends = as_list(given) if has_length(given) else [given]
    return ends * len(names) if len(ends) == 1 else _counted(ends, len(names))


def _pairs(given: Any, count: int) -> list[Any]:
    """The pairs of a sequence, one for each component."""
    if isinstance(given, dict):  # an empty one
        return []
    if not _is_sequence(given):
        raise wrong("bounds", WANTED_BOUNDS, given)
    _refuse_two_lists(given, count)
    return _counted(as_list(given), count)


def _is_sequence(given: Any) -> bool:
    """Whether the value has entries in order, which a set and a mapping have not."""
    ordered = hasattr(type(given), "__getitem__") and not isinstance(given, Mapping)
    return ordered and has_length(given)


def _refuse_two_lists(given: Any, count: int) -> None:
    """Raise PointError for the low ends of all and the high ends of all, where pairs are wanted.

    Of two variables they look like pairs: they are refused where they stand in a tuple as lists,
    or where as pairs they would leave each variable a single value.
    """
    try:
        lows, highs = ([None if end is None else float(end) for end in ends] for ends in given)
    except (TypeError, ValueError, OverflowError):  # of another form, or of what is no number
        return
    if not len(lows) == len(highs) == count:
        return
    ends = zip(lows, highs, strict=True)
    if not all(low is None or high is None or low < high for low, high in ends):
        return
    in_tuple, of_tuples = (isinstance(one, tuple) for one in (given, given[0]))
    single = lows[0] == lows[-1] is not None and highs[0] == highs[-1] is not None
    if count != 2 or (in_tuple and not of_tuples) or (single and (in_tuple or not of_tuples)):
        message = "{}: two lists may be the low and the high ends, or pairs; write {}"
        pairs = "a (low, high) for each, such as list(zip(lows, highs))"
        raise PointError(Sentence(message, Setting("bounds"), pairs))


def _counted(given: list[Any], count: int) -> list[Any]:
    if len(given) != count:
        message = "{} has {} for {} variables; write {}"
        parts = Setting("bounds"), len(given), count, WANTED_BOUNDS
        raise PointError(Sentence(message, *parts))
    return given


def _by_name(named: Any, function: Any) -> dict[int, Any]:
    """The pairs by place of a mapping by variable, or by entry of an array as in `x[3]`."""
    layout: Any = getattr(function, "layout", None)
    offsets = {} if layout is None else layout.offsets
    found: dict[int, Any] = {}
    for name, pair in sorted(named.items(), key=lambda one: one[0].endswith("]")):
        shape = layout.shapes.get(name) if name in offsets else None
        if shape is not None:
            pairs = _of_entries(pair, [*shape], name)
            found.update(enumerate(pairs, offsets[name]))
            continue
        components = function.components
        if name not in components:
            variables = listed(function.variables)
            message = "{}: `{}` is no variable; the variables are {}"
            raise PointError(Sentence(message, Setting("bounds"), name, variables))
        found[components.index(name)] = pair
    return found


def _of_entries(given: Any, shape: list[int], name: str) -> list[Any]:
    """A pair for each entry of an array, given as one for all or as one for each, row by row."""
    if not shape:
        return [given]
    rows = as_list(given) if _is_sequence(given) else []
    nested = len(rows) > 0 and _is_sequence(rows[0])
    if nested:
        _refuse_two_lists(given, shape[0])
    if nested and len(rows) != shape[0]:
        message = "{}: {} has {} entries, not {}"
        raise PointError(Sentence(message, Setting("bounds"), name, shape[0], len(rows)))
    each = rows if nested else [given] * shape[0]
    return [pair for row in each for pair in _of_entries(row, shape[1:], name)]


def _pair(given: Any, place: str) -> tuple[float, float]:
    """The numbers low <= high of a pair, in which None is no bound."""
    pair = as_list(given) if _is_sequence(given) and not isinstance(given, str) else []
    if len(pair) != 2:
        raise PointError(f"{place}: (low, high) is wanted, None for no bound, not {shown(given)}")
    low, high = (
        rest if end is None else double(end, place)
        for end, rest in zip(pair, (-inf, inf), strict=True)
    )
    if isnan(low) or isnan(high) or low == inf or high == -inf:
        raise PointError(f"{place}: a bound is a number, not {low if low != low else high}")
    if low > high:
        raise PointError(f"{place}: the low end comes first, not {low:.17g}:{high:.17g}")
    return low, high
