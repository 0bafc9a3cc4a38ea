"""The values under the keys of a problem, read and checked.

Comes in: a value as TOML has it. Goes out: what a Problem holds of it; or Mistake, which has the
keys that lead to the place. Points may be those of certain sizes: a minimum with `sizes` is one for
these only, and a point that is a list of numbers has the sizes that the file states. For a function
of other sizes such points are left out, and `elsewhere` says for which sizes there are some.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import GdcliError, listed, visible
from gdcli.functions.constants import constant
from gdcli.functions.doubles import TinyDecimal, double
from gdcli.functions.problem import STATIONARY_KINDS, Minimum, Problem, Stationary
from gdcli.language.points import read_constant
from gdcli.language.suggest import closest
from gdcli.numbers.floats import MOST_LISTED_COMPONENTS

if TYPE_CHECKING:
    from gdcli.functions.layout import Layout
    from gdcli.functions.resolved import ResolvedExpression

UNSTATED_FIELDS = ("name", "family", "path", "elsewhere")
PROBLEM_KEYS = tuple(field for field in Problem._fields if field not in UNSTATED_FIELDS)
MINIMUM_KEYS, STATIONARY_KEYS = ("at", "f", "note", "sizes"), ("at", "kind", "sizes")

Reader = Callable[[Any], Any]
Sizes = Mapping[str, int]


class Mistake(Exception):
    """A fault in a value of a problem file; `keys` lead to it, the innermost last."""

    def __init__(self, message: str, *keys: str | int) -> None:
        super().__init__(message)
        self.message = message
        self.keys = keys

    @property
    def place(self) -> str:
        """The keys that lead to the value, as `minima[2].at`."""
        texts = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.keys)
        return "".join(texts).removeprefix(".")


def within(key: str | int, read: Reader, value: Any) -> Any:
    """What `read` makes of the value under `key`; a Mistake in it gets the key."""
    try:
        return read(value)
    except Mistake as mistake:
        raise Mistake(mistake.message, key, *mistake.keys) from None
    except GdcliError as error:
        raise Mistake(error.whole, key) from None


def check_keys(table: Mapping[str, Any], keys: Sequence[str], required: Sequence[str]) -> None:
    """Raise a Mistake for a key that is none of `keys`, or a required one that is missing."""
    for key in table:
        if key not in keys:
            near = closest(key, keys)
            advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(keys)}"
            raise Mistake(f"an unknown key; {advice}", key)
    for key in required:
        if key not in table:
            raise Mistake("it is missing", key)


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise Mistake(f"it is no text: write it in quotation marks, not {_shown(value)}")
    return value


def sizes(value: Any) -> dict[str, int]:
    _check_table(value, ("n = 10",))
    return {name: within(name, _size, item) for name, item in value.items()}


def data(value: Any) -> dict[str, list[Any]]:
    """The arrays of a table `{ y = [1, 2] }`, by name: lists of numbers, a matrix one of rows."""
    _check_table(value, ("y = [1, 2]",))
    return {name: within(name, _array, item) for name, item in value.items()}


def known(
    table: Mapping[str, Any], resolved: ResolvedExpression, chosen: Sizes, own: Sizes
) -> dict[str, Any]:
    """The fields of a Problem that its table gives, but for those that the file's reader knows.

    `resolved` is its expression, `chosen` are the sizes that this has, `own` those that the file
    states. Raises Mistake.
    """
    reader = _ProblemReader(resolved, chosen, own)
    readers: dict[str, Reader] = {
        **dict.fromkeys(("title", "source", "note"), text),
        "tags": lambda value: tuple(_list(value, text)),
        "start": lambda value: reader.point(value) if reader.fits({"at": value}) else (),
        "window": reader.window,
        "minima": reader.minima,
        "stationary": reader.stationary,
    }
    found = {key: within(key, readers[key], table[key]) for key in table if key in readers}
    return found | {"elsewhere": tuple(reader.elsewhere)}


def restricted(found: dict[str, Any], layout: Layout, held: Collection[str]) -> dict[str, Any]:
    """The fields of a Problem of that layout where the variables `held` have other values.

    A minimum of the whole function need be none of what is left, so none is known.
    """
    places = {layout.offsets[name] for name in held}

    def left(components: Any) -> Any:
        if not isinstance(components, tuple):
            import numpy as np

            return np.delete(components, [*places])
        return tuple(one for place, one in enumerate(components) if place not in places)

    points: dict[str, Any] = {key: left(found[key]) for key in ("start", "window") if key in found}
    return {**found, **points, "minima": (), "stationary": (), "elsewhere": ()}


class _ProblemReader:
    """Reads the points of a problem; `elsewhere` gets the sizes of those of other sizes."""

    def __init__(self, resolved: ResolvedExpression, chosen: Sizes, own: Sizes) -> None:
        self.resolved, self.chosen, self.own = resolved, chosen, own
        self.elsewhere: list[dict[str, int]] = []

    def point(self, value: Any) -> Any:
        if isinstance(value, str):
            flat = self.resolved.point(value, "it")
            return tuple(flat) if len(flat) <= MOST_LISTED_COMPONENTS else flat
        return self._complete(_list(value, _number), self.resolved.layout.components)

    def window(self, value: Any) -> tuple[tuple[float, float], ...]:
        layout = self.resolved.layout
        intervals = self._complete(_list(value, _interval), layout.variables)
        if layout.size > MOST_LISTED_COMPONENTS:
            return ()
        lengths = [prod(layout.shapes.get(name, ())) for name in layout.variables]
        pairs = zip(intervals, lengths, strict=True)
        return tuple(interval for interval, length in pairs for _ in range(length))

    def minima(self, value: Any) -> tuple[Minimum, ...]:
        readers = {"at": self.point, "f": _number, "note": text}
        return tuple(
            Minimum(**one) for one in self._stated(value, MINIMUM_KEYS, ("at", "f"), readers)
        )

    def stationary(self, value: Any) -> tuple[Stationary, ...]:
        readers: dict[str, Reader] = {"at": self.point, "kind": _kind}
        stated = self._stated(value, STATIONARY_KEYS, ("at", "kind"), readers)
        return tuple(Stationary(**one) for one in stated)

    def _stated(
        self,
        value: Any,
        keys: Sequence[str],
        required: Sequence[str],
        readers: Mapping[str, Reader],
    ) -> list[dict[str, Any]]:
        def one(item: Any) -> dict[str, Any] | None:
            _check_table(item, required)
            check_keys(item, keys, required)
            if not self.fits(item):
                return None
            return {key: within(key, readers[key], item[key]) for key in item if key != "sizes"}

        return [found for found in _list(value, one) if found is not None]

    def fits(self, item: Mapping[str, Any]) -> bool:
        """Whether a point is one of the chosen sizes; if it is not, `elsewhere` gets its own."""
        stated = within("sizes", self._of_the_text, item["sizes"]) if "sizes" in item else None
        if stated is None and isinstance(item["at"], str):
            return True
        its = {**self.own, **(stated or {})}
        if its != self.chosen and its not in self.elsewhere:
            self.elsewhere.append(its)
        return its == self.chosen

    def _of_the_text(self, value: Any) -> dict[str, int]:
        stated = sizes(value)
        for name in stated:
            if name not in self.resolved.roles.sizes:
                there = [known for known in self.resolved.roles.sizes if known.isidentifier()]
                raise Mistake(
                    f"the function has no such size; it has {listed(there) or 'none'}", name
                )
        return stated

    @staticmethod
    def _complete(values: tuple[Any, ...], names: Sequence[str]) -> tuple[Any, ...]:
        if len(values) != len(names):
            order = (
                f"{len(names)} are needed, in the order {listed(names[:MOST_LISTED_COMPONENTS])}"
            )
            raise Mistake(f"it has {len(values)} where {order}")
        return values


def _size(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Mistake(f"{_shown(value)} is no size: write a whole number from 1 up")
    return value


def _number(value: Any) -> float:
    if isinstance(value, str):
        return constant(read_constant(value, ARITIES, "it"), "it")
    if isinstance(value, bool) or not isinstance(value, int | float | TinyDecimal):
        raise Mistake(f"{_shown(value)} is no number")
    if isinstance(value, int | float) and not abs(value) <= sys.float_info.max:
        raise Mistake("it is no finite number")
    return double(value, "it")


def _array(value: Any) -> list[Any]:
    rows = isinstance(value, list) and any(isinstance(item, list) for item in value)
    items = list(_list(value, _array if rows else _number))
    if not items:
        raise Mistake("it has no numbers")
    lengths = sorted({len(item) for item in items}) if rows else []
    if len(lengths) > 1:
        raise Mistake(f"its rows have different lengths: {', '.join(map(str, lengths))}")
    return items


def _interval(value: Any) -> tuple[float, float]:
    ends = _list(value, _number)
    if len(ends) != 2 or not ends[0] < ends[1]:
        raise Mistake("it is no interval: write [low, high], low < high")
    return ends[0], ends[1]


def _kind(value: Any) -> str:
    if value not in STATIONARY_KINDS:
        raise Mistake(f"it is one of {', '.join(STATIONARY_KINDS)}, not {_shown(value)}")
    return str(value)


def _list(value: Any, read: Reader) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise Mistake(f"it is no list: write it in brackets, not {_shown(value)}")
    return tuple(within(number, read, item) for number, item in enumerate(value, 1))


def _check_table(value: Any, keys: Sequence[str]) -> None:
    if not isinstance(value, dict):
        raise Mistake(f"it is no table: write {{ {', '.join(keys)} }}, not {_shown(value)}")


def _shown(value: Any) -> str:
    shown = visible(repr(value))
    return shown if len(shown) <= 40 else shown[:37] + "..."
