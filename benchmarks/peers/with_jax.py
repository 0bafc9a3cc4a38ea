"""JAX: `jit` of `value_and_grad` in float64, the data on the device beforehand."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.formulas import FORMULAS, Operations, five_well
from benchmarks.works import Answer, Run, Work

jax.config.update("jax_enable_x64", True)
OPERATIONS = Operations(
    jnp.exp, jnp.tanh, jax.nn.softplus, jnp.sum, lambda flat, rows, _: flat.reshape(rows, -1)
)


def prepare(work: Work) -> Run:
    if work.steps:
        return descent(work)
    function, data = compiled(work), on_device(work)
    point = jnp.asarray(work.point)

    def call() -> Answer:
        value, gradient = jax.block_until_ready(function(point, data))
        return value, gradient

    return call


def compiled(work: Work) -> Any:
    """Not compiled before its first call; nothing is shared with an earlier one."""
    formula = FORMULAS[work.name]
    return jax.jit(jax.value_and_grad(lambda point, data: formula(OPERATIONS, point, data)))


def on_device(work: Work) -> dict[str, Any]:
    arrays = {name: jnp.asarray(array) for name, array in work.data.items()}
    jax.block_until_ready(arrays)
    return arrays


def descent(work: Work) -> Run:
    run, start = compiled_descent(work), tuple(work.point.tolist())

    def call() -> Answer:
        x, y, lowest = map(float, jax.block_until_ready(run(*start)))
        return min(lowest, five_well(x, y)), np.array([x, y])

    return call


def compiled_descent(work: Work) -> Any:
    differentiated = jax.value_and_grad(lambda x, y: five_well(x, y), argnums=(0, 1))

    def step(_: Any, state: Any) -> Any:
        x, y, lowest = state
        value, (dx, dy) = differentiated(x, y)
        return x - work.alpha * dx, y - work.alpha * dy, jnp.minimum(lowest, value)

    return jax.jit(lambda x, y: jax.lax.fori_loop(0, work.steps, step, (x, y, jnp.inf)))
