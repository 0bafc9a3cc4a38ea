"""CasADi: its virtual machine on the work's own memory, without conversions (`Function.buffer`)."""

from __future__ import annotations

from typing import Any

import casadi
import numpy as np

from benchmarks.formulas import FORMULAS, Operations, five_well
from benchmarks.works import Answer, Array, Run, Work

OPERATIONS = Operations(
    casadi.exp,
    casadi.tanh,
    lambda z: casadi.fmax(z, 0) + casadi.log1p(casadi.exp(-casadi.fabs(z))),
    casadi.sum1,
    lambda flat, rows, columns: casadi.reshape(flat, columns, rows).T,  # by columns, unlike ours
    lambda matrix, row: (matrix.T + row).T,
)


def prepare(work: Work) -> Run:
    if work.steps:
        return descent(work)
    point = casadi.MX.sym("point", len(work.point))
    data = {name: casadi.MX.sym(name, *array.shape) for name, array in work.data.items()}
    value = FORMULAS[work.name](OPERATIONS, point, data)
    outputs = [value, casadi.gradient(value, point)]
    function = casadi.Function("work", [point, *data.values()], outputs)
    arrays = [work.point, *(np.asfortranarray(array) for array in work.data.values())]
    return buffered(function, arrays, [np.zeros(1), np.zeros_like(work.point)])


def descent(work: Work) -> Run:
    x, y, lowest = (casadi.SX.sym(name) for name in ("x", "y", "lowest"))
    value = five_well(x, y)
    dx, dy = casadi.gradient(value, x), casadi.gradient(value, y)
    after = casadi.vertcat(x - work.alpha * dx, y - work.alpha * dy, casadi.fmin(lowest, value))
    step = casadi.Function("step", [casadi.vertcat(x, y, lowest)], [after])
    state = np.zeros(3)
    run = buffered(step.fold(work.steps), [np.append(work.point, np.inf)], [state])

    def call() -> Answer:
        run()
        return min(state[2], five_well(*state[:2].tolist())), state[:2]

    return call


def buffered(function: Any, arrays: list[Array], results: list[Array]) -> Run:
    buffer, trigger = function.buffer()
    for number, array in enumerate(arrays):
        buffer.set_arg(number, array.reshape(-1, order="F").data)
    for number, array in enumerate(results):
        buffer.set_res(number, array.data)

    def call() -> Answer:
        trigger()
        return float(results[0][0]), results[-1]

    call.__dict__["holds"] = arrays, buffer
    return call
