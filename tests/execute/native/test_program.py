"""Machine code against Python source: to the bit without loops, within the bound with them."""

from __future__ import annotations

import random
from itertools import product
from time import process_time

import numpy as np
import pytest

import gdcli
from gdcli.autodiff.builder import Builder
from gdcli.autodiff.primitives import PRIMITIVES
from gdcli.autodiff.reverse import reverse
from gdcli.errors import GdcliError
from gdcli.execute.fallback import FallbackFunction
from gdcli.execute.native import DescentPoint, Program, Settings
from gdcli.library.lookup import function as named
from tests.expressions import WellPosed
from tests.native_code import ROSENBROCK, agrees, bits, gradient, of
from tests.problem_list import PROBLEMS
from tests.program_writer import program
from tests.programs import Shaped
from tests.sweeps import sampled

SPECIAL = (0.0, -0.0, 1.0, -1.0, 2.5, 1e-310, 1e200, 800.0, np.inf, -np.inf, np.nan)
CALLS = {
    "+": "x + y",
    "-": "x - y",
    "*": "x*y",
    "/": "x/y",
    "unary-minus": "-x",
    "pow-integer": "x^2 + x^3 + x^(-1)",
    "pow-general": "x^y",
    "polygamma": "polygamma(1, x) + polygamma(2, x) + polygamma(7, x)",
    "tie-count": "max(x, y, x) + min(y, x)",
}


@pytest.mark.parametrize("name", sorted(PRIMITIVES))
def test_every_primitive_has_the_bits_of_python(name: str) -> None:
    row = PRIMITIVES[name]
    arguments = ("x", "y", "1.5") if row.variadic else ("x", "y")[: len(row.arguments)]
    if name in ("if-defined", "tanh-slope"):  # which no text without loops has
        builder = Builder(arguments)
        tape = builder.tape([builder.apply(name, *map(builder.load, range(len(arguments))))])
    else:
        tape = of(CALLS.get(name) or f"{name}({', '.join(arguments)})").tape
    draw = random.Random(name)
    n = len(tape.inputs)
    inside = [[draw.uniform(*row.sampled[k % len(row.sampled)]) for k in range(n)] for _ in "1234"]
    for one in (tape, reverse(tape)):
        native, python = Program(one), FallbackFunction(one)
        for point in [*product(SPECIAL, repeat=n), *inside]:
            found, wanted = native(list(point)), python(list(point))
            assert bits([found[0], *found[1]]) == bits([wanted[0], *wanted[1]]), (name, point)


@pytest.mark.parametrize("block", sampled(range(3), 1))
def test_generated_expressions_have_the_bits_of_python(block: int) -> None:
    writer = WellPosed(block)
    for number in range(5):
        text, _ = writer.guarded() if number % 4 == 0 else writer.problem(3)
        agrees(of(text))


LOOPS = (
    ROSENBROCK,
    "sum(x[i] for i in 1:n)^2 + x[1]*x[n]",
    "prod(x[i] + a for i in 1:n)*b",
    "max(abs(x[i] - a) for i in 1:n) + min(x[i]*i for i in 1:n)",
    "f(a, x[n], y[n]) = sum(exp(-a*i) for i in 1:n) + norm(x) + dot(x, y)",
    "sum(sum(W[i,j]*x[j] for j in 1:m)^2 for i in 1:n)",
    "sum(sum(W[j,i]*x[j] for j in 1:m)^2*a for i in 1:n)",
    "sum(ifelse(x[i] > a, sin(x[i]), x[i]^2) for i in 1:n)",
    "sum(x[i]*x[j]*cos(i - j) for i in 1:n, j in 1:i)",
    "sum(x[i+j]*y[j] for i in 1:n, j in 1:n-i)",
    "sum((x[2*i-1] - x[2*i])^2*i for i in 1:n)",
    "sum(max(x[j]*x[i] for j in max(1, i-2):min(n, i+2)) for i in 1:n)",
    "sum(prod(x[j] + i for j in i:i+3)/n for i in 1:n)",
    "sum(x[n+1-i]*x[i]^3 for i in 1:n)",
    "sum(x[i]*x[i+3]*x[i+9] for i in 1:n) + sum(x[i]^2 for i in 1:n+9)",
    "ifelse(a > 0, sum(x[i]^2 for i in 1:n), sum(x[i]^3 for i in 1:n))*b",
    "log(sum(exp(x[i]) for i in 1:n)) + a",
)


@pytest.mark.parametrize(("text", "n"), sampled(product(LOOPS, (3, 8, 37)), 20))
def test_loops_of_every_kind_agree_with_python(text: str, n: int) -> None:
    agrees(of(text, n=n, **({"m": 11} if "1:m" in text else {})), 1e-11)


@pytest.mark.parametrize("seed", sampled(range(16), 3))
def test_generated_programs_agree_with_python(seed: int) -> None:
    written = program(seed, 2 + seed % 2)
    agrees(of(written.text, written.data, **written.sizes), 1e-9)
    draw = random.Random(seed)

    def data(old: Shaped) -> Shaped:
        if not isinstance(old, list):
            return old
        rows = 60 if isinstance(old[0], list) else 1
        made = np.array([[draw.uniform(-1, 1) for _ in range(60)] for _ in range(rows)])
        return made if rows > 1 else made[0]

    sizes = {name: draw.randint(9, 13) for name in written.sizes}
    try:
        larger = of(written.text, {name: data(v) for name, v in written.data.items()}, **sizes)
    except GdcliError:
        return  # a subscript that only the smaller sizes keep inside its array
    agrees(larger, 1e-9)


@pytest.mark.parametrize("block", sampled(range(12), 2))
def test_problems_agree_with_python(block: int) -> None:
    for problem in PROBLEMS[block::12]:
        agrees(named(problem.name, backend="python"), 1e-10, only="gradient")


def test_a_point_is_a_list_or_an_array() -> None:
    compiled = gradient(of(ROSENBROCK, n=20))
    value, listed = compiled([0.3] * 20)
    out = np.empty(20)
    again, array = compiled.arrays(np.full(20, 0.3), out)
    assert value == again
    assert array is out
    assert list(array) == listed
    with pytest.raises(ValueError, match="20 numbers"):
        compiled(np.zeros(3))


def test_a_long_sum_keeps_its_digits() -> None:
    compiled = gradient(of("sum(a for i in 1:n)", n=3_000_000))
    value, slope = compiled([0.1])
    assert value == pytest.approx(300_000.0, rel=1e-15)
    assert slope == [3_000_000.0]


def stepped(text: str, start: list[float], alpha: float, steps: int) -> list[list[float]]:
    """The same steps in Python."""
    function, x, found = of(text), start, []
    for _ in range(steps):
        slope = function.evaluate_gradient(x)[1]
        x = [here + alpha * -part for here, part in zip(x, slope, strict=True)]
        found.append(x)
    return found


def test_a_burst_of_descent_takes_the_steps_of_python() -> None:
    text = "sin(3*x) + x^2*y^2 + (y - 1)^2/7"
    function, start = of(text), [1.5, -1.0]
    compiled = gradient(function)
    value, slope = compiled(start)
    here = DescentPoint(0, start, value, slope, max(map(abs, slope)))
    settings = Settings(0.4, 0.0, -1e20, 1e20)
    made = compiled.descend(settings, here, here, here, 0, 200, rows=True)
    wanted = stepped(text, start, 0.4, 200)
    assert made.steps == 200
    assert [bits(row[:2]) for row in made.rows] == [bits(x) for x in wanted]
    values = [value, *(function.evaluate(x) for x in wanted)]
    assert made.best.f == min(values)
    assert made.best.k == values.index(min(values))
    assert made.best.x == ([start, *wanted])[made.best.k]
    assert made.here.f == values[-1]


def test_a_burst_ends_before_a_step_that_is_not_ordinary() -> None:
    compiled = gradient(of("x^2"))
    here = DescentPoint(0, [1.0], 1.0, [2.0], 2.0)
    calm = compiled.descend(Settings(0.25, 1e-3, -1e20, 1e20), here, here, here, 0, 1000)
    assert calm.here.gradient_norm > 1e-3 >= calm.here.gradient_norm / 2
    far = compiled.descend(Settings(2.0, 0.0, -1e20, 100.0), here, here, here, 0, 1000)
    assert abs(far.here.x[0]) <= 100.0 < 3.0 * abs(far.here.x[0])
    assert far.best.k == 0
    still = compiled.descend(Settings(1e-30, 0.0, -1e20, 1e20), here, here, here, 0, 1000)
    assert still.steps == 0
    assert still.here == here


def test_a_part_of_many_pieces_is_compiled_without_optimization() -> None:
    n = 130
    pieces = "".join(f"u[{k}] = sin(x[{k}]) + u[{k - 1}]; " for k in range(2, n + 1))
    text = f"f(x[{n}]) = u[1] = x[1]; {pieces}u[{n}]^2 + sum(u[i]^2 for i in 1:{n})"
    point = [0.1 + 0.01 * k for k in range(n)]
    begun = process_time()
    found = gdcli.function(text, backend="native").evaluate_gradient(point)
    assert process_time() - begun < 1  # 1.5 s with it, and four times that for twice the pieces
    u = np.cumsum([point[0], *np.sin(point[1:])])
    slopes = np.cumsum([*2 * u[:-1], 4 * u[-1]][::-1])[::-1] * [1, *np.cos(point[1:])]
    assert found[0] == pytest.approx(u[-1] ** 2 + u @ u, rel=1e-13)
    np.testing.assert_allclose(found[1], slopes, rtol=1e-12)
