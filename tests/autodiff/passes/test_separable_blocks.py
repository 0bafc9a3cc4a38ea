from __future__ import annotations

import pytest

from gdcli.autodiff.passes.separable_blocks import SeparableBlock, separate
from gdcli.autodiff.tape import APPLY, instructions
from gdcli.execute.interpret import interpret
from gdcli.functions.function import Function
from gdcli.numbers.floats import FLOAT


def kinks(function: Function) -> list[int]:
    names = ("abs", "sqrt", "max")
    steps = instructions(function.tape.body)
    return [s.results[0] for s in steps if s.operation == APPLY and s.payload in names]


def value(block: SeparableBlock, point: list[float]) -> float:
    found: float = interpret(block.tape, FLOAT, [point[number] for number in block.inputs])[0]
    return found


@pytest.mark.parametrize(
    ("text", "rest", "blocks"),
    [
        ("abs(x) + abs(y)", None, [[0], [1]]),
        ("abs(x) - 2*abs(y)/3", None, [[0], [1]]),
        ("-(abs(x) - abs(y)) + x*y", [0, 1], [[0], [1]]),
        ("abs(x) + abs(x + y) + z^2", [2], [[0, 1]]),
        ("f(x, y, z) = r = x^2; abs(y) + r + sqrt(r)", [0], [[1], [0]]),
        ("f(x, y, z) = r = abs(x) + abs(y); r + r*z", None, [[0, 1, 2]]),
        ("ifelse(x > 0, abs(x), x) + abs(y)", None, [[0], [1]]),
        ("exp(abs(x) + abs(y)) + abs(z)", None, [[0, 1], [2]]),
        ("3 + abs(x)", [], [[0]]),
        ("x*y", [0, 1], []),
    ],
)
def test_parts_share_no_variable_and_add_up(
    text: str, rest: list[int] | None, blocks: list[list[int]]
) -> None:
    function = Function(text)
    separation = separate(function.tape, kinks(function))
    assert (None if separation.rest is None else separation.rest.inputs) == rest
    assert sorted(block.inputs for block in separation.blocks) == sorted(blocks)
    point = [0.75, -1.5, 3.0][: len(function.variables)]
    pieces = [*separation.blocks, *([] if separation.rest is None else [separation.rest])]
    total = sum(value(block, point) for block in pieces)
    assert total == pytest.approx(function.evaluate(point), rel=1e-14)


def test_equal_terms_are_equal_tapes() -> None:
    function = Function("sum(abs(x[i]) for i in 1:n)", sizes={"n": 50}).unrolled
    separation = separate(function.tape, kinks(function))
    assert len(separation.blocks) == 50
    assert len({block.tape for block in separation.blocks}) == 1


def test_what_is_doubled_again_and_again_is_one_term() -> None:
    doubled = "".join(f"a{i} = a{i - 1} + a{i - 1}; " for i in range(2, 60))
    function = Function(f"f(x) = a1 = abs(x); {doubled}a59 + a59")
    assert len(separate(function.tape, kinks(function)).blocks) == 1
