"""The bounded pass as a tape: where its excess is below 0, the bounded pass takes the floats."""

from __future__ import annotations

import random
from collections.abc import Iterator
from math import inf

import pytest

from gdcli.autodiff.builder import Builder
from gdcli.autodiff.primitives import PRIMITIVES
from gdcli.autodiff.tape import Tape
from gdcli.execute.fallback import FallbackFunction
from gdcli.language.syntax import Decimal
from gdcli.nonsmooth.bounded_pass import Tapes
from gdcli.nonsmooth.error_bound import BoundedTape
from gdcli.numbers.bounded import Bounded, system_of
from gdcli.numbers.error_propagation import ERROR_RULES

# Where exp, expm1, sinh, cosh, gamma, erfc and squares leave the range of floats.
EDGES = [709.782712893384, 710.4758600739439, 171.62437695630272, 26.54, 1.3407807929942596e154]
WHOLE_CONSTANTS = {"pow-integer": 1, "polygamma": 0}  # the operand that is a constant of the text


def one_primitive(name: str, constant: int = 0) -> tuple[Tape, int]:
    """The Tape of y = name(operands) and E, whose inputs are the operands and their errors."""
    row = PRIMITIVES[name]
    count = 3 if row.variadic else len(row.arguments)
    inputs = [f"{kind}{place}" for kind in "xe" for place in range(count)]
    builder = Builder(inputs)
    empty = builder.tape([builder.load(0)])
    bounded = BoundedTape(Tapes(empty, empty))
    operands = []
    for place in range(count):
        if WHOLE_CONSTANTS.get(name) == place:
            operands.append(bounded.number(Decimal(constant, 0)))
            continue
        operands.append(bounded.builder.load(place))
        bounded.know(operands[-1], bounded.builder.load(count + place))
    y = bounded.builder.apply(name, *operands)
    return bounded.builder.tape([y, bounded.or_zero(y)]), count


def numbers(name: str, seed: int) -> Iterator[tuple[list[float], list[float]]]:
    generator = random.Random(seed)
    row = PRIMITIVES[name]
    count = 3 if row.variadic else len(row.arguments)
    for _ in range(400):
        values, errors = [], []
        for place in range(count):
            low, high = row.sampled[min(place, len(row.sampled) - 1)]
            size = 10.0 ** generator.uniform(-320, 308)
            value = generator.choice(
                [
                    generator.uniform(low, high),
                    generator.uniform(-3.0, 3.0),
                    float(generator.randint(-3, 3)),
                    generator.choice([-1.0, 1.0]) * size,
                    generator.choice([1.0, -1.0, 0.0]) + 2.0 ** generator.uniform(-60, 0),
                    generator.uniform(-800.0, 800.0),
                    generator.choice([-1.0, 1.0]) * generator.choice(EDGES),
                ]
            )
            relative = 10.0 ** generator.uniform(-17, 1)
            errors.append(
                generator.choice([0.0, relative * abs(value), relative, 5e-324, 1e-300, inf])
            )
            values.append(value)
        yield values, errors


CASES = [(name, 0) for name in ERROR_RULES if name not in WHOLE_CONSTANTS]
CASES += [("pow-integer", b) for b in (2, 3, 5, -1, -2, 1, 40)]
CASES += [("polygamma", order) for order in (0, 1, 2, 7, 100)]


def test_every_primitive_has_a_bound() -> None:
    assert {name for name, _ in CASES} == PRIMITIVES.keys()


@pytest.mark.parametrize(("name", "constant"), CASES)
def test_the_bound_of_a_primitive_is_no_less_than_that_of_the_bounded_pass(
    name: str, constant: int
) -> None:
    tape, _ = one_primitive(name, constant)
    run = FallbackFunction(tape)
    operation = system_of(None).operations[name]
    compared = 0
    for values, errors in numbers(name, 15):
        operands = [Bounded(*pair) for pair in zip(values, errors, strict=True)]
        if name in WHOLE_CONSTANTS:
            operands[WHOLE_CONSTANTS[name]] = Bounded(float(constant), 0.0)
        expected = operation(*operands)
        y, [error] = run([*values, *errors])
        if name == "atan2" and values[1] <= errors[1] and abs(values[0]) <= errors[0]:
            continue  # across its cut: it is refused as a kink is
        if error == error and error < inf:
            compared += 1
            assert expected.value == y
            assert expected.error <= error
    assert compared > 40
