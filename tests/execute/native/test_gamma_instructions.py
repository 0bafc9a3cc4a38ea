"""The gamma functions in machine code: the bits of Python alone, and close to them with lanes."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from gdcli.execute.fallback import FallbackFunction
from gdcli.execute.native import Program
from tests.native_code import bits, of

TEXTS = ("erfc(x)", "gamma(x)", "lgamma(x)", "digamma(x)", "polygamma(1, x)", "polygamma(5, x)")
SPECIAL = (0.0, -0.0, 1.0, -3.0, 5e-324, -1e-310, 171.7, -170.5, -1e300, math.inf, -math.inf)


@pytest.mark.parametrize("text", TEXTS)
def test_value_and_slope_have_the_bits_of_python(text: str) -> None:
    source, function = random.Random(text), of(text)
    points = [source.uniform(*ends) for ends in ((-30, 30), (-200, 200), (0, 3)) for _ in range(60)]
    points += [s * 10.0 ** source.uniform(-300, 300) for s in (1, -1) for _ in range(20)]
    for tape in (function.tape, function.gradient_tape):
        native, python = Program(tape), FallbackFunction(tape)
        for x in [*points, *SPECIAL, math.nan]:
            found, wanted = native([x]), python([x])
            assert bits([found[0], *found[1]]) == bits([wanted[0], *wanted[1]]), x


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("ends", [(0.01, 20.0), (-9.9, 0.0)])
def test_lanes_agree_to_some_units_in_the_last_place(text: str, ends: tuple[float, float]) -> None:
    draw, n = np.random.default_rng(5), 83
    x = draw.uniform(*ends, n)
    written = f"f(a[n], x[n]) = sum(a[i]*{text.replace('x)', 'x[i])')} for i in 1:n)"
    point = np.concatenate([np.ones(n), x])
    engine = of(written, n=n).engine
    program = Program(engine.rewritten_gradient_tape, engine.gradient_bindings)
    assert f"@{text.partition('(')[0]}" in program.ir
    assert ".lanes" in program.ir
    value, slopes = program(point)
    python = FallbackFunction(of(text).tape)
    wanted = [python([one])[0] for one in x.tolist()]  # the derivatives by the weights a
    scale = [abs(one) + 10.0 * (ends[0] < 0.0) for one in wanted]  # terms that cancel between poles
    error = max(abs(found - one) / s for found, one, s in zip(slopes, wanted, scale, strict=False))
    assert error < 10 * 2.0**-52
    assert value == pytest.approx(math.fsum(wanted), rel=1e-13)


def test_an_order_is_a_function_of_its_own_and_is_written_once() -> None:
    text = of("polygamma(1, x)*polygamma(1, y) + polygamma(2, x) + lgamma(x)").engine.machine_code()
    for name in ("polygamma.1.0", "polygamma.2.0", "polygamma.3.0", "digamma"):
        assert text.count(f"define internal double @{name}(") == 1, name
