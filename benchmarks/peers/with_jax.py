"""JAX: `jit` of `value_and_grad` in float64, the data on the device beforehand.

With Enzyme, derivatives are made of XLA's program by Enzyme's compiler passes, not by JAX.
"""

from __future__ import annotations

from collections.abc import Callable
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
Wrap = Callable[[Any], Any]


def as_jax_does(function: Any) -> Any:
    return function


def prepare(work: Work) -> Run:
    return descent(work) if work.steps else evaluation(work, compiled(work))


def prepare_enzyme(work: Work) -> Run:
    from enzyme_ad.jax import enzyme_jax_ir

    if work.steps:
        return descent(work, enzyme_jax_ir())
    return evaluation(work, compiled(work, enzyme_jax_ir()))


def evaluation(work: Work, function: Any) -> Run:
    data = on_device(work)
    point = jnp.asarray(work.point)

    def call() -> Answer:
        value, gradient = jax.block_until_ready(function(point, data))
        return value, gradient

    return call


def compiled(work: Work, wrap: Wrap = as_jax_does) -> Any:
    """Not compiled before its first call; nothing is shared with an earlier one."""
    formula = FORMULAS[work.name]
    return jax.jit(jax.value_and_grad(wrap(lambda point, data: formula(OPERATIONS, point, data))))


def on_device(work: Work) -> dict[str, Any]:
    arrays = {name: jnp.asarray(array) for name, array in work.data.items()}
    jax.block_until_ready(arrays)
    return arrays


def descent(work: Work, wrap: Wrap = as_jax_does) -> Run:
    run, start = compiled_descent(work, wrap), tuple(work.point.tolist())

    def call() -> Answer:
        x, y, lowest = map(float, jax.block_until_ready(run(*start)))
        return min(lowest, five_well(x, y)), np.array([x, y])

    return call


def compiled_descent(work: Work, wrap: Wrap = as_jax_does) -> Any:
    differentiated = jax.value_and_grad(wrap(lambda x, y: five_well(x, y)), argnums=(0, 1))

    def step(_: Any, state: Any) -> Any:
        x, y, lowest = state
        value, (dx, dy) = differentiated(x, y)
        return x - work.alpha * dx, y - work.alpha * dy, jnp.minimum(lowest, value)

    return jax.jit(lambda x, y: jax.lax.fori_loop(0, work.steps, step, (x, y, jnp.inf)))
