"""The value of each work, written once for every array library that differentiates.

`Operations` is the little in which the libraries differ. `data` holds the library's own arrays
under the work's names, a column vector counting as a vector for CasADi.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from benchmarks.five_well import WELLS

Data = Mapping[str, Any]
Formula = Callable[["Operations", Any, Data], Any]


class Operations(NamedTuple):
    """Elementwise functions, the sum of all entries, the matrix of a flat vector's rows, and a
    matrix with a row added to each of its rows."""

    exp: Callable[[Any], Any]
    tanh: Callable[[Any], Any]
    softplus: Callable[[Any], Any]
    sum: Callable[[Any], Any]
    matrix: Callable[[Any, int, int], Any]
    add_row: Callable[[Any, Any], Any] = lambda matrix, row: matrix + row


def five_well(x: Any, y: Any) -> Any:
    wells = 1.0
    for depth, coefficient, p, q in WELLS:
        wells = wells - depth / (1.0 + coefficient * (x - p) ** 2 + (y - q) ** 2)
    return wells * (1.0 + 0.0001 * (x**2 + y**2) ** 1.2)


def chained_rosenbrock(library: Operations, x: Any, _: Data) -> Any:
    return library.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def exponential_fit(library: Operations, point: Any, data: Data) -> Any:
    a, b, c = point[0], point[1], point[2]
    return library.sum((a * library.exp(-b * data["t"]) + c - data["y"]) ** 2)


def logistic_regression(library: Operations, point: Any, data: Data) -> Any:
    columns = data["X"].shape[1]
    margin = data["X"] @ point[:columns] + point[columns]
    return library.sum(library.softplus(-data["y"] * margin))


def network(library: Operations, point: Any, data: Data) -> Any:
    columns = data["X"].shape[1]
    units = (point.shape[0] - 1) // (columns + 2)
    end = units * columns
    w, b, v = point[:end], point[end : end + units], point[end + units : end + 2 * units]
    inner = library.add_row(data["X"] @ library.matrix(w, units, columns).T, b)
    return library.sum((library.tanh(inner) @ v + point[-1] - data["y"]) ** 2)


def least_squares(library: Operations, x: Any, data: Data) -> Any:
    return library.sum((data["A"] @ x - data["b"]) ** 2)


FORMULAS: Mapping[str, Formula] = {
    "five-well": lambda library, point, data: five_well(point[0], point[1]),  # noqa: ARG005
    "chained Rosenbrock": chained_rosenbrock,
    "exponential fit": exponential_fit,
    "logistic regression": logistic_regression,
    "network": network,
    "least squares": least_squares,
}
