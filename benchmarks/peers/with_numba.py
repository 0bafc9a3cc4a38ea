"""Numba: the one-pass loops of benchmarks/c in Python, compiled, on one thread.

Value and gradient are derived and written by hand. `prepare_fast` allows LLVM all of `fastmath`, so
that it may split sums and fuse products with them; otherwise the arithmetic is as it is written.
Nothing is compiled before the first call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import exp, inf, log1p, tanh
from typing import Any

import numba
import numpy as np

from benchmarks.five_well import value_and_gradient as five_well
from benchmarks.works import Answer, Array, Run, Work


def prepare(work: Work) -> Run:
    return compiled(work, fastmath=False)


def prepare_fast(work: Work) -> Run:
    return compiled(work, fastmath=True)


def compiled(work: Work, *, fastmath: bool) -> Run:
    compiler = numba.njit(fastmath=fastmath)
    if work.steps:
        return descent(work, compiler)
    function, arrays = compiler(BY_HAND[work.name]), tuple(work.data.values())
    gradient = np.zeros_like(work.point)
    return lambda: (function(work.point, gradient, *arrays), gradient)


def descent(work: Work, compiler: Callable[..., Any]) -> Run:
    evaluate = compiler(five_well)

    def steps(count: int, alpha: float, x: float, y: float) -> tuple[float, float, float]:
        lowest = inf
        for _ in range(count):
            value, dx, dy = evaluate((x, y))
            lowest = min(lowest, value)
            x -= alpha * dx
            y -= alpha * dy
        return min(lowest, evaluate((x, y))[0]), x, y

    run = compiler(steps)

    def call() -> Answer:
        lowest, x, y = run(work.steps, work.alpha, *work.point.tolist())
        return lowest, np.array([x, y])

    return call


def chained_rosenbrock(x: Array, gradient: Array) -> float:
    value = carried = 0.0
    for i in range(len(x) - 1):
        t, u = x[i + 1] - x[i] * x[i], 1.0 - x[i]
        value += 100.0 * (t * t) + u * u
        gradient[i] = carried - 400.0 * t * x[i] - 2.0 * u
        carried = 200.0 * t
    gradient[-1] = carried
    return value


def exponential_fit(point: Array, gradient: Array, t: Array, y: Array) -> float:
    a, b, c = point
    value = da = db = dc = 0.0
    for i in range(len(t)):
        decay = exp(-b * t[i])
        residual = a * decay + c - y[i]
        value += residual * residual
        da += residual * decay
        db += residual * decay * t[i]
        dc += residual
    gradient[0], gradient[1], gradient[2] = 2.0 * da, -2.0 * a * db, 2.0 * dc
    return value


def logistic_regression(point: Array, gradient: Array, x: Array, y: Array) -> float:
    rows, columns = x.shape
    value = 0.0
    gradient[:] = 0.0
    for i in range(rows):
        margin = point[columns]
        for j in range(columns):
            margin += x[i, j] * point[j]
        z = -y[i] * margin
        e = exp(-abs(z))
        value += max(z, 0.0) + log1p(e)
        adjoint = -y[i] * (1.0 if z > 0.0 else e) / (1.0 + e)
        for j in range(columns):
            gradient[j] += adjoint * x[i, j]
        gradient[columns] += adjoint
    return value


def network(point: Array, gradient: Array, x: Array, y: Array) -> float:
    rows, columns = x.shape
    units = (len(point) - 1) // (columns + 2)
    first, second = units * columns, units * (columns + 1)
    w, b, v = point[:first].reshape(units, columns), point[first:second], point[second:-1]
    dw = gradient[:first].reshape(units, columns)
    db, dv = gradient[first:second], gradient[second:-1]
    value, hidden = 0.0, np.empty(units)
    gradient[:] = 0.0
    for i in range(rows):
        residual = point[-1] - y[i]
        for k in range(units):
            z = b[k]
            for j in range(columns):
                z += w[k, j] * x[i, j]
            hidden[k] = tanh(z)
            residual += v[k] * hidden[k]
        value += residual * residual
        for k in range(units):
            adjoint = 2.0 * residual * v[k] * (1.0 - hidden[k] * hidden[k])
            dv[k] += 2.0 * residual * hidden[k]
            db[k] += adjoint
            for j in range(columns):
                dw[k, j] += adjoint * x[i, j]
        gradient[-1] += 2.0 * residual
    return value


def least_squares(x: Array, gradient: Array, a: Array, b: Array) -> float:
    value = 0.0
    gradient[:] = 0.0
    for i in range(len(b)):
        residual = -b[i]
        for j in range(len(x)):
            residual += a[i, j] * x[j]
        value += residual * residual
        for j in range(len(x)):
            gradient[j] += 2.0 * residual * a[i, j]
    return value


BY_HAND: Mapping[str, Callable[..., float]] = {
    "chained Rosenbrock": chained_rosenbrock,
    "exponential fit": exponential_fit,
    "logistic regression": logistic_regression,
    "network": network,
    "least squares": least_squares,
}
