"""The works of the native benchmark: what is computed, at which point, on which data.

Every function here makes a Work of a given size. `name` is the key under which the peers keep
their version of it, `text` is gdcli's; the point is one flat vector, arrays row by row, in the
order of the text's header. A work with `steps` is that many steps of descent with a fixed α from
the point, its answer the lowest value on the way, ends included, and the last point; all others
are one value and gradient. `limits` holds the largest ratio of gdcli's time to a peer's that is
accepted. The data are made from a fixed seed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Answer = tuple[float, ArrayLike]
Run = Callable[[], Answer]


class Work(NamedTuple):
    """A function at a point; all arrays are float64, matrices row by row."""

    name: str
    title: str
    text: str
    point: Array
    sizes: Mapping[str, int] = {}
    data: Mapping[str, Array] = {}
    limits: Mapping[str, float] = {}
    steps: int = 0
    alpha: float = 0.0


def five_well(steps: int = 1_000_000) -> Work:
    """Small steps far from any minimum, so that no step of the run is the last."""
    limits = {"C": 1.2, "JAX": 1.0}
    title = f"`five-well`, fixed-α descent, {steps:,} steps"
    point = np.array([9.0, 9.0])
    return Work("five-well", title, "five-well", point, limits=limits, steps=steps, alpha=1e-4)


def chained_rosenbrock(n: int = 1_000_000) -> Work:
    return Work(
        "chained Rosenbrock",
        f"chained Rosenbrock, n = {n:,}",
        "sum(100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2 for i in 1:n-1)",
        seeded().uniform(-1.5, 1.5, n),
        sizes={"n": n},
        limits={"C": 1.0, "JAX": 0.5, "NumPy": 0.1},
    )


def exponential_fit(rows: int = 1_000_000) -> Work:
    random = seeded()
    t = random.uniform(0.0, 4.0, rows)
    y = 2.5 * np.exp(-1.3 * t) + 0.5 + 0.1 * random.standard_normal(rows)
    return Work(
        "exponential fit",
        f"exponential fit, {rows:,} rows",
        "f(a, b, c) = sum((a*exp(-b*t[i]) + c - y[i])^2 for i in 1:n)",
        np.array([2.0, 1.0, 0.3]),
        data={"t": t, "y": y},
        limits={"JAX": 0.5, "C with libmvec": 1.05},
    )


def logistic_regression(rows: int = 100_000, columns: int = 20) -> Work:
    random = seeded()
    x = random.standard_normal((rows, columns))
    likely = x @ random.standard_normal(columns) + random.standard_normal(rows)
    return Work(
        "logistic regression",
        f"logistic regression, {rows:,} × {columns}",
        "f(w, b) = sum(softplus(-y[i]*(b + sum(X[i,j]*w[j] for j in 1:k))) for i in 1:n)",
        0.3 * random.standard_normal(columns + 1),
        data={"X": x, "y": np.where(likely > 0.0, 1.0, -1.0)},
        limits={"JAX": 1.0},
    )


def network(rows: int = 10_000, columns: int = 8, units: int = 32) -> Work:
    random = seeded()
    x = random.standard_normal((rows, columns))
    return Work(
        "network",
        f"tanh network, {units} units, {rows:,} × {columns}",
        "f(W, b, v, c) = sum((c + sum(v[k]*tanh(b[k] + sum(W[k,j]*X[i,j] for j in 1:d))"
        f" for k in 1:{units}) - y[i])^2 for i in 1:n)",
        0.3 * random.standard_normal(units * (columns + 2) + 1),
        data={"X": x, "y": np.sin(x.sum(axis=1))},
        limits={"JAX": 1.5},
    )


def least_squares(rows: int = 2_000, columns: int = 500) -> Work:
    random = seeded()
    return Work(
        "least squares",
        f"least squares, A {rows:,} × {columns}",
        "sum((sum(A[i,j]*x[j] for j in 1:n) - b[i])^2 for i in 1:m)",
        random.standard_normal(columns),
        data={"A": random.standard_normal((rows, columns)), "b": random.standard_normal(rows)},
        limits={"NumPy": 3.0},
    )


WORKS: tuple[Callable[..., Work], ...] = (
    five_well,
    chained_rosenbrock,
    exponential_fit,
    logistic_regression,
    network,
    least_squares,
)


def seeded() -> np.random.Generator:
    return np.random.default_rng(20240229)
