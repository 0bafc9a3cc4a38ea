"""exp, cosh and tanh for eight lanes against mpmath."""

from __future__ import annotations

import math
import random

import mpmath
import pytest

from gdcli.execute.native.code import Code, Operand
from gdcli.execute.native.exponentials import VECTOR_EXPONENTIALS, Exponentials, definition
from gdcli.execute.native.machine import vectors
from tests.native_code import gradient, of

RANGES = {
    "exp": [(-1.0, 1.0), (-700.0, 709.7), (-745.0, -700.0), (709.0, 712.0)],
    "cosh": [(-1.0, 1.0), (-711.0, 711.0)],
    "tanh": [(-1.0, 1.0), (-30.0, 30.0), (0.54, 0.56), (1e-320, 1e-300)],
}


@pytest.fixture(params=[False, True], ids=["plain", "scales"])
def scales(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Machine code without and with the instruction of AVX-512 that multiplies by 2^k."""
    here = vectors()
    if request.param and not here.scales:
        pytest.skip("this processor has no AVX-512")
    some = here._replace(scales=request.param)
    monkeypatch.setattr("gdcli.execute.native.program.vectors", lambda: some)


@pytest.mark.usefixtures("scales")
@pytest.mark.parametrize("name", sorted(VECTOR_EXPONENTIALS))
def test_they_are_right_to_a_few_units_in_the_last_place(name: str) -> None:
    draw = random.Random(name)
    points = [draw.uniform(*ends) for ends in RANGES[name] for _ in range(200)]
    function = of(f"f(w) = sum(w[i]*{name}(d[i]) for i in 1:n)", {"d": points})
    found = gradient(function)([1.0] * len(points))[1]
    with mpmath.workdps(40):
        for x, got in zip(points, found, strict=True):
            exact = getattr(mpmath, name)(mpmath.mpf(x))
            if abs(exact) > 1.797e308:
                continue
            assert abs(mpmath.mpf(got) - exact) <= 5 * mpmath.mpf(math.ulp(float(exact))), x


@pytest.mark.usefixtures("scales")
def test_where_they_are_infinite_or_nothing() -> None:
    names = sorted(VECTOR_EXPONENTIALS)
    text = " + ".join(f"w[{n},i]*{name}(x[i] + s[i])" for n, name in enumerate(names, 1))
    special = [math.inf, -math.inf, math.nan, 0.0, -0.0, 1e-310, 720.0, -800.0]
    special += [1e300, -1e300, 1200.0, -1200.0, 711.0, -746.0, 1e16, -1e16]
    count = len(special)
    function = of(f"f(w, x) = sum({text} for i in 1:n)", {"s": [0.0] * count}, n=count)
    point = [1.0] * (count * len(names)) + special
    found = gradient(function)(point)[1]
    values = {name: found[count * n : count * n + count] for n, name in enumerate(names)}
    for name, wanted in (
        ("exp", [math.inf, 0.0, math.nan, 1.0, 1.0, 1.0, *[math.inf, 0.0] * 5]),
        ("cosh", [math.inf, math.inf, math.nan, 1.0, 1.0, 1.0]),
        ("tanh", [1.0, -1.0, math.nan, 0.0, 0.0, 1e-310, *[1.0, -1.0] * 5]),
    ):
        wanted = wanted + [math.inf] * (count - len(wanted))
        assert values[name] == pytest.approx(wanted, rel=0.0, abs=0.0, nan_ok=True)


def test_without_a_fused_multiply_add() -> None:
    text = definition("exp", "define <8 x double> @f(<8 x double> %a)", fused=False)
    assert "fma" not in text
    code = Code()
    Exponentials(code, fused=True).exp(Operand("%a", lanes=True))
    assert any("llvm.fma" in line for line in code.lines)


@pytest.mark.skipif(not vectors().scales, reason="this processor has no AVX-512")
@pytest.mark.parametrize("name", ["exp", "tanh"])
def test_one_instruction_that_scales_gives_the_same_bits(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(name)
    points = [draw.uniform(*ends) for ends in RANGES[name] for _ in range(400)]
    points += [math.ldexp(1.0, 60), -math.ldexp(1.0, 60), 709.782712893384, 709.7827128933841]
    points += [-708.3964185322641, -745.1332191019411, -745.1332191019412, 1e-320, 0.0, -0.0]
    answers = set()
    for scales in (True, False):
        some = vectors()._replace(scales=scales)
        monkeypatch.setattr("gdcli.execute.native.program.vectors", lambda some=some: some)
        function = of(f"f(w) = sum(w[i]*{name}(d[i]) for i in 1:n)", {"d": points})
        answers.add(tuple(map(float.hex, gradient(function)([1.0] * len(points))[1])))
    assert len(answers) == 1
