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
        if isinstance(place, slice):
            return [self._name(one) for one in range(*place.indices(len(self)))]
        return self._name(range(len(self))[place])

    def __iter__(self) -> Iterator[str]:
        return map(self._name, range(len(self)))

    def _name(self, place: int) -> str:
        layout = self._layout
        name = next(n for n in reversed(layout.variables) if layout.offsets[n] <= place)
        shape = layout.shapes.get(name)
        if shape is None:
            return name
        rest, subscripts = place - layout.offsets[name], []
        for length in reversed(shape):
            rest, last = divmod(rest, length)
            subscripts.append(str(last + 1))
        return f"{name}[{','.join(reversed(subscripts))}]"


def _rows(numbers: list[Any], shape: tuple[int, ...]) -> list[Any]:
    if len(shape) == 1:
        return numbers
    step = prod(shape[1:])
    return [_rows(numbers[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])]


def _extent(shape: Sequence[int]) -> str:
    return f"an array of {' by '.join(map(str, shape))}" if shape else "a number"
