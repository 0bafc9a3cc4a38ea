"""Generated programs of arrays against the same formulas without loops: 40 digits, and JAX.

The slopes and curvatures along random directions are central differences of the formulas' values
in 40 digits. Where JAX is installed, its gradients and products with second derivatives are held
to as well.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import mpmath
import numpy as np
import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.autodiff.reverse import reverse
from gdcli.execute.interpret import interpret
from gdcli.functions.function import Function
from gdcli.language.parser import parse
from gdcli.numbers.floats import IEEE
from tests.array_programs import ArrayProgram, Operations, array_program
from tests.sweeps import sampled

A_BLOCK, BLOCKS = 10, sampled(range(40), 2)  # 400 programs in all
TOLERANCE, SMALL_STEP = 1e-9, mpmath.mpf("1e-10")


def of_each(function: Any) -> Any:
    return np.vectorize(function, otypes=[object])


DECIMALS = Operations(
    of_each(mpmath.tanh),
    of_each(mpmath.sin),
    of_each(mpmath.cos),
    of_each(mpmath.atan),
    of_each(mpmath.exp),
    of_each(mpmath.log),
    of_each(mpmath.sqrt),
    stack=lambda rows: np.array([np.asarray(row) for row in rows], dtype=object),
    total=lambda x, axis: np.sum(x, axis=axis),
    largest=lambda x, axis: np.max(x, axis=axis),
    array=lambda x: of_each(mpmath.mpf)(np.array(x)),
    where=lambda holds, x, y: np.where(np.asarray(holds, dtype=bool), x, y),
)


class Case(NamedTuple):
    """A program, its function, and its point and two directions as flat lists."""

    program: ArrayProgram
    function: Function
    point: list[float]
    along: list[float]
    across: list[float]

    def shaped(self, flat: Any) -> dict[str, Any]:
        """The variables' arrays of a flat point."""
        arrays, start = {}, 0
        for name, given in self.program.point.items():
            like = np.array(given)
            arrays[name] = flat[start : start + like.size].reshape(like.shape)
            start += like.size
        return arrays

    def value(self, *moves: tuple[Any, list[float]]) -> Any:
        """The value of the formulas in 40 digits, moved along directions by a step each."""
        with mpmath.workdps(40):
            flat = of_each(mpmath.mpf)(np.array(self.point))
            for step, direction in moves:
                flat = flat + step * of_each(mpmath.mpf)(np.array(direction))
            return mpmath.mpf(np.asarray(self.program.value(DECIMALS, self.shaped(flat))).item())

    def slope(self) -> Any:
        h = SMALL_STEP
        with mpmath.workdps(40):
            return (self.value((h, self.along)) - self.value((-h, self.along))) / (2 * h)

    def curvature(self) -> Any:
        h = SMALL_STEP
        with mpmath.workdps(40):
            corners = [
                a * b * self.value((a * h, self.along), (b * h, self.across))
                for a in (1, -1)
                for b in (1, -1)
            ]
            return sum(corners) / (4 * h * h)


@cache
def case(seed: int) -> Case:
    program = array_program(seed)
    function = Function(program.text, sizes=program.sizes, data=program.data, backend="python")
    point = np.concatenate([np.ravel(one) for one in program.point.values()]).tolist()
    draw = random.Random(seed)
    along, across = ([draw.uniform(-1, 1) for _ in point] for _ in range(2))
    return Case(program, function, point, along, across)


def holds(one: Case, got: float, wanted: Any, terms: Any = ()) -> None:
    scale = 1.0 + abs(wanted) + sum(map(abs, terms))
    assert abs(got - wanted) <= TOLERANCE * scale, (one.program.text, got, wanted)


def dot(one: Case, gradient: Any, direction: list[float], wanted: Any) -> None:
    terms = [a * b for a, b in zip(gradient, direction, strict=True)]
    holds(one, sum(terms), wanted, terms)


def every_way(one: Case) -> Mapping[str, Function]:
    text, sizes, data = one.program[:3]
    return {
        "python": one.function,
        "native": Function(text, sizes=sizes, data=data, backend="native"),
        "unrolled": one.function.unrolled,
    }


def cases(block: int) -> list[Case]:
    return [case(seed) for seed in range(block * A_BLOCK, (block + 1) * A_BLOCK)]


@pytest.mark.parametrize("block", BLOCKS)
def test_values_are_those_of_whole_arrays(block: int) -> None:
    for one in cases(block):
        wanted = one.value()
        for function in every_way(one).values():
            holds(one, function.evaluate(one.point), wanted)
        bindings = one.function.bindings
        assert bindings is not None
        holds(one, interpret(one.function.tape, IEEE, one.point, bindings=bindings)[0], wanted)


@pytest.mark.parametrize("block", BLOCKS)
def test_gradients_are_central_differences(block: int) -> None:
    for one in cases(block):
        wanted = one.slope()
        for function in every_way(one).values():
            dot(one, function.evaluate_gradient(one.point)[1], one.along, wanted)
        tape, bindings = reverse(one.function.tape), one.function.bindings
        assert bindings is not None
        bindings = bindings._replace(length=len(one.point))
        _, *gradient = interpret(tape, IEEE, one.point, bindings=bindings)
        dot(one, gradient, one.along, wanted)


@pytest.mark.parametrize("block", BLOCKS)
def test_products_with_second_derivatives_are_central_differences(block: int) -> None:
    for one in cases(block):
        wanted = one.curvature()
        for function in every_way(one).values():
            product = function.evaluate_hessian_product(one.point, one.along)
            dot(one, product, one.across, wanted)


@pytest.mark.parametrize("block", BLOCKS)
def test_texts_read_back(block: int) -> None:
    for one in cases(block):
        expression = one.function.expression
        assert parse(str(expression), ARITIES) == expression


@pytest.mark.full
@pytest.mark.parametrize("block", range(40))
def test_jax_has_the_same_derivatives(block: int) -> None:
    jax = pytest.importorskip("jax")
    jnp = jax.numpy
    jax.config.update("jax_enable_x64", True)
    arrays = Operations(
        jnp.tanh,
        jnp.sin,
        jnp.cos,
        jnp.arctan,
        jnp.exp,
        jnp.log,
        jnp.sqrt,
        stack=jnp.stack,
        total=lambda x, axis: jnp.sum(x, axis=axis),
        largest=lambda x, axis: jnp.max(x, axis=axis),
        array=jnp.array,
        where=jnp.where,
    )
    for one in cases(block):

        def value(flat: Any, one: Case = one) -> Any:
            return jnp.asarray(one.program.value(arrays, one.shaped(flat))).reshape(())

        gradient = jax.grad(value)
        point, along = jnp.array(one.point), jnp.array(one.along)
        wanted, product = jax.jvp(gradient, (point,), (along,))
        for function in every_way(one).values():
            for got, right in zip(
                function.evaluate_gradient(one.point)[1], wanted.tolist(), strict=True
            ):
                holds(one, got, right, wanted.tolist())
            for got, right in zip(
                function.evaluate_hessian_product(one.point, one.along),
                product.tolist(),
                strict=True,
            ):
                holds(one, got, right, product.tolist())
