"""CasADi on the work's own memory, without conversions (`Function.buffer`).

Its virtual machine runs a Function, or gcc compiles the C code that CasADi writes of it.
"""

from __future__ import annotations

from collections.abc import Callable
from subprocess import run
from tempfile import mkdtemp
from typing import Any

import casadi
import numpy as np

from benchmarks.formulas import FORMULAS, Operations, five_well
from benchmarks.peers.c import COMPILER, FOLDER
from benchmarks.works import Answer, Array, Run, Work

FLAGS = ("-O3", "-march=native", "-fPIC", "-shared")

OPERATIONS = Operations(
    casadi.exp,
    casadi.tanh,
    lambda z: casadi.fmax(z, 0) + casadi.log1p(casadi.exp(-casadi.fabs(z))),
    casadi.sum1,
    lambda flat, rows, columns: casadi.reshape(flat, columns, rows).T,  # by columns, unlike ours
    lambda matrix, row: (matrix.T + row).T,
)


def prepare(work: Work) -> Run:
    return prepared(work, lambda function: function)


def prepare_compiled(work: Work) -> Run:
    return prepared(work, compiled)


def compiled(function: Any) -> Any:
    """The Function whose C code gcc has compiled."""
    folder = mkdtemp(dir=FOLDER.name)
    generator = casadi.CodeGenerator("work.c")
    generator.add(function)
    source, library = generator.generate(f"{folder}/"), f"{folder}/work.so"
    run([COMPILER, *FLAGS, source, "-o", library, "-lm"], check=True)
    return casadi.external(function.name(), library)


def prepared(work: Work, make: Callable[[Any], Any]) -> Run:
    if work.steps:
        return descent(work, make)
    point = casadi.MX.sym("point", len(work.point))
    data = {name: casadi.MX.sym(name, *array.shape) for name, array in work.data.items()}
    value = FORMULAS[work.name](OPERATIONS, point, data)
    outputs = [value, casadi.gradient(value, point)]
    function = casadi.Function("work", [point, *data.values()], outputs)
    arrays = [work.point, *(np.asfortranarray(array) for array in work.data.values())]
    return buffered(make(function), arrays, [np.zeros(1), np.zeros_like(work.point)])


def descent(work: Work, make: Callable[[Any], Any]) -> Run:
    x, y, lowest = (casadi.SX.sym(name) for name in ("x", "y", "lowest"))
    value = five_well(x, y)
    dx, dy = casadi.gradient(value, x), casadi.gradient(value, y)
    after = casadi.vertcat(x - work.alpha * dx, y - work.alpha * dy, casadi.fmin(lowest, value))
    step = casadi.Function("step", [casadi.vertcat(x, y, lowest)], [after])
    state = np.zeros(3)
    steps = buffered(make(step.fold(work.steps)), [np.append(work.point, np.inf)], [state])

    def call() -> Answer:
        steps()
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
