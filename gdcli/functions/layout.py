"""Layout: which component of a flat point is which variable, or which entry of an array.

A point is one flat vector: the variables in their order, arrays row by row. Comes in: the names of
the variables, and the lengths of those that are arrays. Goes out: where each begins, the names of
the components (`x[1]`, `W[2,3]`), and a point taken apart by variable or put together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any, overload

from gdcli.errors import PointError, listed
from gdcli.functions.arguments import key_name
from gdcli.functions.doubles import double, doubles
from gdcli.language.semantics.roles import NO_ENTRIES

MOST_NAMED_COMPONENTS = 1000  # whose names are kept; of more each is made when it is asked for


class Layout:
    """Where the entries of each variable lie in a flat point.

    `shapes` has the lengths of the variables that are arrays, other names are ignored; `offsets`
    has the place of each variable's first entry, `size` is n, the number of components.
    """

    __slots__ = ("components", "offsets", "shapes", "size", "variables")

    def __init__(self, variables: Sequence[str], shapes: Mapping[str, tuple[int, ...]]) -> None:
        self.variables = tuple(variables)
        self.shapes = shapes
        self.offsets: dict[str, int] = {}
        self.size = 0
        for name in self.variables:
            self.offsets[name] = self.size
            self.size += prod(shapes.get(name, ()))
        self.components: Sequence[str] = self.variables
        if any(name in shapes for name in self.variables):
            lazily = Components(self)
            self.components = tuple(lazily) if self.size <= MOST_NAMED_COMPONENTS else lazily

    @property
    def has_arrays(self) -> bool:
        return self.components is not self.variables

    def split(self, point: Sequence[Any]) -> dict[str, Any]:
        """The point by variable: a number, or a list of numbers; a matrix is a list of rows."""
        if not self.has_arrays:
            return dict(zip(self.variables, point, strict=True))
        parts: dict[str, Any] = {}
        for name, offset in self.offsets.items():
            shape = self.shapes.get(name)
            if shape is None:
                parts[name] = point[offset]
            else:
                part = point[offset : offset + prod(shape)]
                parts[name] = _rows(part.tolist() if hasattr(part, "tolist") else [*part], shape)
        return parts

    def views(self, point: Any) -> dict[str, Any]:
        """The point, an array of NumPy, by variable: a float, or a view of the array's shape."""
        parts: dict[str, Any] = {}
        for name, offset in self.offsets.items():
            shape = self.shapes.get(name)
            part = point[offset : offset + prod(shape or ())]
            parts[name] = float(part[0]) if shape is None else part.reshape(shape)
        return parts

    def join(self, parts: Mapping[str, Any], noun: str = "the point") -> list[float]:
        """The flat point of a value for each variable, as `split` gives them.

        Raises PointError, which calls it `noun`.
        """
        if set(parts) != set(self.variables):
            names, given = listed(self.variables) or "none", listed([*parts])
            raise PointError(f"{noun} by name has a value for each of {names}, not for {given}")
        point: list[float] = []
        for name in self.variables:
            shape = self.shapes.get(name, ())
            if not shape and not hasattr(parts[name], "__len__"):
                point.append(double(parts[name], f"{noun}'s {name}"))
                continue
            part = doubles(parts[name], f"{noun}'s {name}", finite=False)
            if part.shape != shape and not part.size == prod(shape) == 0:
                raise PointError(f"{noun}'s {name} is {_extent(shape)}, not {_extent(part.shape)}")
            point += part.ravel().tolist()
        return point


def by_name(point: Any) -> Mapping[Any, Any]:
    """The numbers of a dict, or of a pandas Series whose labels are names; else no entries."""
    if isinstance(point, Mapping):
        return {key_name(name): value for name, value in point.items()}
    labels: Any = getattr(point, "index", None)
    series = getattr(point, "ndim", 0) == 1 and hasattr(labels, "__iter__")
    if series and any(isinstance(label, str) for label in labels):
        return by_name(dict(zip(labels, point, strict=True)))
    return NO_ENTRIES


def several_points(given: Any) -> Sequence[Any]:
    """The points that are given: one, or those of a list of points or of an array of two axes."""
    spelled = (list, tuple, Mapping, str)
    listed_points = isinstance(given, list | tuple) and given and isinstance(given[0], spelled)
    if listed_points or getattr(given, "ndim", 1) == 2:
        return list(given)
    return [given]


class Components(Sequence[str]):
    """The names of the components of a point in order, each made when it is asked for."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def __len__(self) -> int:
        return self._layout.size

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        places = range(len(self))[place]
        if isinstance(places, int):
            return self._names(places, places + 1)[0]
        if places.step == 1:
            return self._names(places.start, places.stop)
        return [self[one] for one in places]

    def __iter__(self) -> Iterator[str]:
        for first in range(0, len(self), MOST_NAMED_COMPONENTS):
            yield from self[first : first + MOST_NAMED_COMPONENTS]

    def _names(self, first: int, last: int) -> list[str]:
        """The names of the components from `first` to the one before `last`."""
        layout, found = self._layout, []
        for name, offset in layout.offsets.items():
            *rows, length = layout.shapes.get(name, (1,))
            start, stop = max(first - offset, 0), min(last - offset, prod(rows) * length)
            if start < stop and name not in layout.shapes:
                found.append(name)
                continue
            while start < stop:
                rest, row = divmod(start, length)
                end = min(stop, start - row + length)
                subscripts = []
                for count in reversed(rows):
                    rest, subscript = divmod(rest, count)
                    subscripts.append(f"{subscript + 1},")
                begun = f"{name}[{''.join(reversed(subscripts))}"
                found += [f"{begun}{k}]" for k in range(row + 1, row + 1 + end - start)]
                start = end
        return found


def _rows(numbers: list[Any], shape: tuple[int, ...]) -> list[Any]:
    if len(shape) == 1:
        return numbers
    step = prod(shape[1:])
    return [_rows(numbers[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])]


def _extent(shape: Sequence[int]) -> str:
    return f"an array of {' by '.join(map(str, shape))}" if shape else "a number"
