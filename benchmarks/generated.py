"""Gradients and Hessian-vector products of generated programs with sums, against JAX.

The programs are those of the tests (`tests/program_writer.py`): nested loops, shifted subscripts,
captured scalars, products, extrema, branches and data. JAX differentiates the tree that a text was
printed from, unrolled and without `jit`; gdcli reads the text and runs it natively.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import add, mul
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

import gdcli
from benchmarks.peers import HYPOTHESIS, JAX
from benchmarks.works import Array

if TYPE_CHECKING:
    from tests.programs import Program

PROGRAMS, QUICK_PROGRAMS, AGREEMENT = 200, 20, 1e-9


class Context:
    """JAX in the place of mpmath: the functions that `Program.value` asks for."""

    NAMES: ClassVar = {"atan2": "arctan2", "asin": "arcsin", "acos": "arccos", "atan": "arctan"}

    def __getattr__(self, name: str) -> Any:
        import jax.numpy as jnp
        from jax.scipy.special import erf

        return erf if name == "erf" else getattr(jnp, self.NAMES.get(name, name))

    @staticmethod
    def mpf(value: Any) -> Any:
        return float(value) if isinstance(value, str | int) else value

    @staticmethod
    def fsum(values: Sequence[Any], start: float = 0.0) -> Any:
        return reduce(add, values, start)

    @staticmethod
    def fprod(values: Sequence[Any]) -> Any:
        return reduce(mul, values, 1.0)


def table(quick: bool = False) -> Iterator[str]:
    if not (JAX.installed() and HYPOTHESIS.installed()):
        return
    from tests.program_writer import program

    count = QUICK_PROGRAMS if quick else PROGRAMS
    found = [differences(program(seed)) for seed in range(count)]
    yield "| generated programs with sums, native, against JAX | agree | largest difference |"
    yield "|---|---:|---:|"
    names = ("value", "gradient", "Hessian-vector product")
    for name, column in zip(names, zip(*found, strict=True), strict=True):
        agreed = sum(difference <= AGREEMENT for difference in column)
        yield f"| {name} | {agreed} of {count} | {max(column):.1g} |"


def differences(example: Program) -> list[float]:
    """How far value, gradient and Hessian times ones are from JAX's.

    Each is in units of its largest component, and of 1 where that is less.
    """
    data = {name: np.array(value) for name, value in example.data.items()}
    function = gdcli.function(example.text, sizes=example.sizes, data=data, backend="native")
    point = flat(example.point, function.variables)
    value, gradient = function.evaluate_gradient(point)
    product = function.evaluate_hessian_product(point, np.ones_like(point))
    return [
        float(np.abs(ours - theirs).max() / max(1.0, np.abs(theirs).max()))
        for ours, theirs in zip(
            (value, gradient, product), with_jax(example, function.variables), strict=True
        )
    ]


def with_jax(example: Program, variables: Sequence[str]) -> tuple[Array, ...]:
    """The value, the gradient and the Hessian times ones, flat in the order of the variables."""
    import jax

    jax.config.update("jax_enable_x64", True)

    def function(point: Any) -> Any:
        return example.value(Context(), point)

    point = dict(example.point)
    ones = jax.tree.map(lambda _: 1.0, point)
    gradient, product = jax.jvp(jax.grad(function), (point,), (ones,))
    return np.array(function(point)), flat(gradient, variables), flat(product, variables)


def flat(values: Mapping[str, Any], variables: Sequence[str]) -> Array:
    """All components in one vector, arrays row by row."""
    return np.concatenate([np.ravel(values[name]) for name in variables])
