"""autograd: `value_and_grad` over its NumPy."""

from __future__ import annotations

import autograd
import autograd.numpy as anp

from benchmarks.formulas import FORMULAS, Operations, five_well
from benchmarks.works import Answer, Run, Work

OPERATIONS = Operations(
    anp.exp,
    anp.tanh,
    lambda z: anp.logaddexp(0.0, z),
    anp.sum,
    lambda flat, rows, columns: flat.reshape(rows, columns),
)


def prepare(work: Work) -> Run:
    if work.steps:
        return descent(work)
    formula = FORMULAS[work.name]
    function = autograd.value_and_grad(lambda point: formula(OPERATIONS, point, work.data))
    return lambda: function(work.point)


def descent(work: Work) -> Run:
    function = autograd.value_and_grad(lambda point: five_well(point[0], point[1]))

    def call() -> Answer:
        point, lowest = work.point, float("inf")
        for _ in range(work.steps):
            value, gradient = function(point)
            lowest = min(lowest, float(value))
            point = point - work.alpha * gradient
        return min(lowest, five_well(*point.tolist())), point

    return call
