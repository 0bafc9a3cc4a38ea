"""Values, gradients and Hessians at many points: what `f.map` and its kin answer.

Comes in: a Function, and points as the rows of an array, or an array for each variable. Goes out:
arrays with a row for each point, to the bit what the function answers at that point alone. Machine
code computes all points at once, and says which of them it may not answer: one on a kink, or where
floats raise or are not finite. Those are asked one by one, as all are where machine code would not
pay or cannot be had.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import TYPE_CHECKING, Any

from gdcli.errors import PointError, UndefinedError, listed
from gdcli.execute.limits import NUMBER_BYTES, refuse_large_memory
from gdcli.functions.doubles import doubles
from gdcli.functions.layout import Layout, by_name
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gdcli.execute.tiers import Tiered
    from gdcli.functions.engine import Engine
    from gdcli.language.syntax import Expression

    Array = NDArray[np.float64]

MOST_DOUBLED_NUMBERS = 1 << 15  # of points with a direction behind, that fit into the cache


class ManyPoints(NamedTuple):
    """Points as rows, and the function that is asked for: its programs, and calls at one point.

    `kink_distance` is the program of the distance from the nearest kink, where one is known.
    """

    rows: Array
    engine: Engine
    kink_distance: Tiered | None
    value: Callable[[Any], float]
    value_and_gradient: Callable[[Any], tuple[float, Array]]
    hessian: Callable[[Any], Array]
    unlimited: bool

    @property
    def has_loops(self) -> bool:
        return self.engine.bindings is not None

    def values(self) -> Array:
        """The values, of shape (m,)."""
        engine = self.engine
        values, _ = self._answers(engine.value if self.has_loops else engine.trusted_value, 0)

        def ask(place: int, point: Array) -> None:
            values[place] = self.value(point)

        self._one_by_one(values, ask)
        return values

    def values_and_gradients(self) -> tuple[Array, Array]:
        """The values, of shape (m,), and the gradients, of shape (m, n)."""
        engine = self.engine
        values, gradients = self._answers(
            engine.value_and_gradient if self.has_loops else engine.trusted_value_and_gradient,
            self.rows.shape[1],
        )

        def ask(place: int, point: Array) -> None:
            values[place], gradients[place] = self.value_and_gradient(point)

        self._one_by_one(values, ask)
        return values, gradients

    def _answers(self, program: Tiered, width: int) -> tuple[Array, Array]:
        """The values and the other outputs; the value is nan where the point is to be asked."""
        import numpy as np

        count = len(self.rows)
        self._refuse_large("an array of answers", count * (1 + width))
        if not self._pays(program, count):
            return np.full(count, np.nan), np.empty((count, width))
        values, others = program.map(self.rows)
        if self.has_loops:
            values -= _rest(values[:, None]) + _rest(others)
            if self.kink_distance is not None:
                values[self.kink_distance.map(self.rows)[0] == 0.0] = np.nan
        return values, others

    def hessians(self) -> Array:
        """The matrices of second derivatives, of shape (m, n, n)."""
        import numpy as np

        count, n = self.rows.shape
        self._refuse_large("an array of Hessians", count * n * n)
        hessians, values = np.empty((count, n, n)), np.full(count, np.nan)
        engine, products = self.engine, self.engine.hessian_product
        program = engine.value if self.has_loops else engine.trusted_value
        if self._pays(products, count * n) and self._pays(program, count * n):
            values = program.map(self.rows)[0]
            values -= _rest(values[:, None]) + self._write_hessians(hessians)

        def ask(place: int, point: Array) -> None:
            hessians[place] = self.hessian(point)

        self._one_by_one(values, ask)
        return hessians

    def _write_hessians(self, hessians: Array) -> Array:
        """Writes the matrices, row by row as products with unit directions; returns their rest."""
        import numpy as np

        count, n = self.rows.shape
        some = max(1, MOST_DOUBLED_NUMBERS // max(1, 2 * n))
        doubled, sums = np.zeros((min(some, count), 2 * n)), np.zeros(count)
        for first in range(0, count, some):
            part = slice(first, first + some)
            points = doubled[: len(self.rows[part])]
            points[:, :n] = self.rows[part]
            for row in range(n):
                points[:, n + row] = 1.0
                products = self.engine.hessian_product.map(points)[1]
                points[:, n + row] = 0.0
                hessians[part, row] = products
                sums[part] += _rest(products)
        return sums

    def _pays(self, program: Tiered, count: int) -> bool:
        """Whether so many points are run as machine code; calls with loops count what they take."""
        return program.for_points(count, spending=not self.has_loops)

    def _one_by_one(self, values: Array, ask: Callable[[int, Array], None]) -> None:
        """Asks the function at each point whose value is nan."""
        import numpy as np

        for place in np.flatnonzero(np.isnan(values)).tolist():
            try:
                ask(place, self.rows[place])
            except UndefinedError as error:
                where = f"undefined at points[{place}]:"
                message = error.message.replace("undefined:", where, 1)
                raise UndefinedError(message, error.text, error.span) from None

    def _refuse_large(self, noun: str, numbers: int) -> None:
        if not self.unlimited:
            refuse_large_memory(noun, NUMBER_BYTES * numbers)


def _rest(rows: Array) -> Array:
    """The sum of x - x over the numbers of each row: 0 where all are finite, else nan."""
    import numpy as np

    with np.errstate(invalid="ignore"):
        found: Array = (rows - rows) @ np.ones(rows.shape[1])
    return found


def point_rows(
    expression: Expression, layout: Layout, points: Any, named: Mapping[str, Any]
) -> Array:
    """The points as rows, C-contiguous; the caller's own array where it is such a one.

    Raises PointError for what is no array of points.
    """
    import numpy as np

    if named and points is not None and "points" in layout.variables:
        points, named = None, {**named, "points": points}
    if (points is None) is (not named):
        raise PointError("points are given either as rows or by name")
    parts = named or _columns(points)
    if parts is not None:
        return _joined(layout, parts)
    if type(points) is np.ndarray and points.dtype == np.float64:
        rows = points
    else:
        rows = doubles(points, "the points", finite=False)
    if rows.ndim == 1 and (layout.size == 1 or not rows.size):
        rows = rows.reshape(len(rows), layout.size)
    if rows.ndim != 2 or rows.shape[1] != layout.size:
        raise PointError(
            f"points of {expression} are the rows of an array of shape (points, {layout.size}), "
            f"whose columns are {listed(layout.components)}; the shape given is {rows.shape}"
        )
    return np.ascontiguousarray(rows)


def _columns(points: Any) -> Mapping[Any, Any] | None:
    """The arrays by name of a dict or of a DataFrame; None for what has no names."""
    if hasattr(points, "columns") and not isinstance(points, Mapping):
        points = {name: points[name] for name in points.columns}
    return by_name(points) if isinstance(points, Mapping) else None


def _joined(layout: Layout, parts: Mapping[Any, Any]) -> Array:
    """The points as rows, of an array for each variable; one without rows counts for all."""
    import numpy as np

    if set(parts) != set(layout.variables):
        names, given = listed(layout.variables) or "none", listed([*parts])
        raise PointError(f"points by name have values for each of {names}, not for {given}")
    arrays = {
        name: doubles(parts[name], f"the points' {name}", finite=False) for name in layout.variables
    }
    counts = {}
    for name, array in arrays.items():
        shape = layout.shapes.get(name, ())
        if array.ndim == 1 + len(shape) and array.shape[1:] == shape:
            counts[name] = len(array)
        elif array.shape != shape:
            wanted = "".join(f", {length}" for length in shape)
            raise PointError(
                f"the points' {name} is an array of shape (points{wanted or ','}), "
                f"not of shape {array.shape}"
            )
    if len({*counts.values()}) > 1:
        told = listed([f"{name} has {count}" for name, count in counts.items()])
        raise PointError(f"each variable has as many rows as there are points: {told}")
    count = max(counts.values(), default=1)
    rows = np.empty((count, layout.size))
    for name, offset in layout.offsets.items():
        width = prod(layout.shapes.get(name, ()))
        flat = arrays[name].reshape(counts.get(name, 1), width)
        rows[:, offset : offset + width] = flat
    return rows
