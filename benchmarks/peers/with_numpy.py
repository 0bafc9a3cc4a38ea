"""NumPy: value and gradient derived and written by hand, with few temporary arrays.

A descent in two variables uses Python's floats, which are faster there than NumPy's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from benchmarks.five_well import value_and_gradient
from benchmarks.works import Answer, Array, Run, Work

Data = Mapping[str, Array]


def prepare(work: Work) -> Run:
    if work.steps:
        return partial(descent, work)
    return partial(BY_HAND[work.name], work.point, work.data)


def descent(work: Work) -> Answer:
    (x, y), lowest = work.point.tolist(), float("inf")
    for _ in range(work.steps):
        value, dx, dy = value_and_gradient((x, y))
        lowest = min(lowest, value)
        x -= work.alpha * dx
        y -= work.alpha * dy
    return min(lowest, value_and_gradient((x, y))[0]), np.array([x, y])


def chained_rosenbrock(x: Array, _: Data) -> Answer:
    head = x[:-1]
    t = x[1:] - head * head
    u = 1.0 - head
    gradient = np.zeros_like(x)
    gradient[1:] = 200.0 * t
    gradient[:-1] -= 400.0 * (t * head) + 2.0 * u
    return float(100.0 * (t @ t) + u @ u), gradient


def exponential_fit(point: Array, data: Data) -> Answer:
    (a, b, c), t = point.tolist(), data["t"]
    decay = np.exp(-b * t)
    residual = a * decay + c - data["y"]
    da = residual @ decay
    decay *= t
    return float(residual @ residual), 2.0 * np.array([da, -a * (residual @ decay), residual.sum()])


def logistic_regression(point: Array, data: Data) -> Answer:
    x, y = data["X"], data["y"]
    z = -y * (x @ point[:-1] + point[-1])
    e = np.exp(-np.abs(z))
    adjoint = -y * np.where(z > 0.0, 1.0, e) / (1.0 + e)
    value = np.maximum(z, 0.0).sum() + np.log1p(e).sum()
    return float(value), np.append(adjoint @ x, adjoint.sum())


def network(point: Array, data: Data) -> Answer:
    x = data["X"]
    columns = x.shape[1]
    units = (len(point) - 1) // (columns + 2)
    w, b, v, c = np.split(point, [units * columns, units * (columns + 1), len(point) - 1])
    hidden = np.tanh(x @ w.reshape(units, columns).T + b)
    residual = hidden @ v + c - data["y"]
    adjoint = 2.0 * residual
    dv = adjoint @ hidden
    inner = (1.0 - hidden * hidden) * v * adjoint[:, None]
    parts = (inner.T @ x).ravel(), inner.sum(axis=0), dv, [adjoint.sum()]
    return float(residual @ residual), np.concatenate(parts)


def least_squares(x: Array, data: Data) -> Answer:
    residual = data["A"] @ x - data["b"]
    return float(residual @ residual), 2.0 * (residual @ data["A"])


BY_HAND: Mapping[str, Callable[[Array, Data], Answer]] = {
    "chained Rosenbrock": chained_rosenbrock,
    "exponential fit": exponential_fit,
    "logistic regression": logistic_regression,
    "network": network,
    "least squares": least_squares,
}
