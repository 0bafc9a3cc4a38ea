"""The gamma functions in every arithmetic that they are written over, against mpmath's."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

from gdcli.execute.grid import ARRAYS
from gdcli.functions.function import Function
from gdcli.nonsmooth.bounded_pass import Tapes, run_bounded_pass
from gdcli.numbers.bounded import ERROR_ULPS, FloatRounding, context_of, system_of
from gdcli.numbers.floats import FLOAT, GAMMA_FUNCTIONS, IEEE
from gdcli.numbers.gamma_functions import LOGARITHM, PSI, PSI_ROOT, PSI_ROOT_REST, RECIPROCAL
from gdcli.numbers.precise import digits
from tests.expressions import FUNCTIONS
from tests.mathematics import mp
from tests.sweeps import sampled

NAMES = ("erfc", *GAMMA_FUNCTIONS)
ORDERS = (0, 1, 2, 3, 7, 40)
CASES: list[tuple[str, tuple[int, ...]]] = [
    *((name, ()) for name in NAMES if name != "polygamma"),
    *(("polygamma", (order,)) for order in ORDERS),
]
OVER_CASES = pytest.mark.parametrize(("name", "order"), CASES, ids=str)


def arguments(name: str, seed: int) -> list[float]:
    """Of every size, beside poles and roots, and of both signs."""
    source = random.Random(f"{name} {seed}")
    found = [source.uniform(*ends) for ends in ((0, 2), (2, 12), (10, 171), (-1, 0), (-30, 0))] * 8
    found += [sign * 10.0 ** source.uniform(-300, 2) for sign in (1, 1, -1)] * 4
    near = (
        1.0,
        2.0,
        1.4616321449683622,
        -1.0,
        -2.0,
        -3.5,
        -2.4570247382208006,
        -0.5040830082644554,
    )
    found += [x + source.choice((1, -1)) * 10.0 ** source.uniform(-15, -2) for x in near]
    found += [10.0 ** source.uniform(2, 300), -(10.0 ** source.uniform(1, 3)), 1e300, 170.9, -170.5]
    return [x for x in found if name != "erfc" or abs(x) < 26]


def true(name: str, order: tuple[int, ...], x: float, precise: Any = mp) -> Any:
    with precise.workdps(250):
        return FUNCTIONS[name](precise, *order, precise.mpf(x))


@OVER_CASES
def test_floats_are_right_to_half_of_what_the_error_bounds_allow(
    name: str, order: tuple[int, ...]
) -> None:
    allowed = FloatRounding().rounding
    for x in arguments(name, 1):
        operands = [*map(float, order), x]
        value, truth = IEEE.operations[name](*operands), true(name, order, x)
        if math.isinf(value):
            assert abs(truth) > 1.797e308, x
        else:
            assert abs(value - truth) <= allowed(name, value, *operands) / 2, x


def test_the_bounds_are_a_few_units_in_the_last_place_where_nothing_cancels() -> None:
    assert max(ERROR_ULPS[name] for name in NAMES) <= 8
    for name in NAMES[:-1]:
        assert FloatRounding().rounding(name, 1.0, 3.5) < 9 * 2.0**-52


def test_the_fits_are_as_near_as_they_say() -> None:
    def value(coefficients: tuple[float, ...], t: Any) -> Any:
        return mp.polyval(list(map(mp.mpf, coefficients)), t)

    root = mp.findroot(mp.digamma, 1.46) - 1
    assert abs(root - mp.mpf(PSI_ROOT) - mp.mpf(PSI_ROOT_REST)) < 1e-32
    for k in range(1, 200):
        t = mp.mpf(k) / 200
        middle = t * (t - 1)
        assert abs(1 + middle * value(RECIPROCAL, t) - mp.rgamma(1 + t)) < 3e-17
        for (above, below), truth in (
            (LOGARITHM, mp.loggamma(1 + t) / middle),
            (PSI, mp.digamma(1 + t) / (t - root)),
        ):
            assert abs(value(above, t) / value(below, t) / truth - 1) < 3e-17


def test_what_is_simple_is_exact() -> None:
    assert [FLOAT.operations["gamma"](float(n)) for n in range(1, 11)] == [
        math.factorial(n - 1) for n in range(1, 11)
    ]
    assert FLOAT.operations["lgamma"](1.0) == FLOAT.operations["lgamma"](2.0) == 0.0
    assert FLOAT.operations["erfc"](0.0) == 1.0


@pytest.mark.parametrize("name", GAMMA_FUNCTIONS)
@pytest.mark.parametrize("pole", [0.0, -0.0, -1.0, -2.0, -7.0, -1e10, -1e300, -math.inf, math.nan])
def test_there_is_no_value_at_a_pole(name: str, pole: float) -> None:
    order = [1.0] if name == "polygamma" else []
    assert math.isnan(IEEE.operations[name](*order, pole))
    if math.isfinite(pole):
        with pytest.raises(ValueError, match=r"^$"):
            FLOAT.operations[name](*order, pole)


@pytest.mark.parametrize(
    ("name", "operands", "value"),
    [
        ("gamma", (172.0,), math.inf),
        ("gamma", (5e-324,), math.inf),
        ("gamma", (-5e-324,), -math.inf),
        ("lgamma", (1e306,), math.inf),
        ("digamma", (5e-324,), -math.inf),
        ("digamma", (-5e-324,), math.inf),
        ("polygamma", (1.0, 1e-200), math.inf),
        ("polygamma", (2.0, 1e-200), -math.inf),
    ],
)
def test_what_is_too_large_overflows(name: str, operands: tuple[float, ...], value: float) -> None:
    assert IEEE.operations[name](*operands) == value
    with pytest.raises(OverflowError):
        FLOAT.operations[name](*operands)


@OVER_CASES
def test_arrays_are_as_right_as_floats(name: str, order: tuple[int, ...]) -> None:
    points = arguments(name, 2)
    with np.errstate(all="ignore"):
        found = ARRAYS.operations[name](*map(float, order), np.array(points))
    assert found.shape == (len(points),)
    for x, value in zip(points, found.tolist(), strict=True):
        wanted = IEEE.operations[name](*map(float, order), x)
        allowed = FloatRounding().rounding(name, wanted, *map(float, order), x)
        assert value == wanted or abs(value - wanted) <= allowed, x


@OVER_CASES
@pytest.mark.parametrize(
    ("count", "every"),
    [(60, 12), (320, 80), *sampled([(20, 4), (60, 4), (320, 40)], 0)],
)
def test_many_digits_are_right_to_the_last_beside_roots_too(
    name: str, order: tuple[int, ...], count: int, every: int
) -> None:
    system, context = digits(count), context_of(count)
    precise = mp.clone()
    precise.dps = 2 * count + 150
    for x in arguments(name, 3)[::every]:
        found = system.operations[name](*order, context.mpf(x))
        truth = FUNCTIONS[name](precise, *order, precise.mpf(x))
        assert abs(precise.mpf(found) - truth) <= 10 ** (1 - precise.mpf(count)) * abs(truth), x


@pytest.mark.parametrize("x", ["1e300", "1e800", "-123456789.5", "-1e40", "1e-400", "-99999.25"])
def test_no_size_of_an_argument_takes_long(x: str) -> None:
    system, context = digits(50), context_of(50)
    for name, order in CASES:
        try:
            system.operations[name](*order, context.mpf(x))
        except (ArithmeticError, ValueError):
            assert x == "-1e40" or (name, x) in (("erfc", "1e300"), ("erfc", "1e800")), name


@pytest.mark.parametrize(
    "text",
    [
        "gamma(x)",
        "lgamma(x)",
        "digamma(x)",
        "polygamma(2, x)",
        "erfc(x)",
        "gamma(x + y)/(gamma(x)*gamma(y))",
        "lgamma(x*y) - x*digamma(y)",
        "erfc(x)*gamma(y)^2",
    ],
)
@pytest.mark.parametrize("point", [(0.3, 2.7), (4.5, 1.4), (-1.3, 3.2), (12.0, 30.5), (-2.5, 0.01)])
def test_slopes_and_hessians_are_those_of_mpmath(text: str, point: tuple[float, ...]) -> None:
    function = Function(f"f(x, y) = {text} + 0*y")
    written = text.replace("^", "**")
    known = {name: lambda *a, name=name: FUNCTIONS[name](mp, *a) for name in NAMES}

    def truth(x: Any, y: Any) -> Any:
        return eval(written, {**known, "x": x, "y": y})

    gradient = function.evaluate_gradient(list(point))[1]
    hessian = function.evaluate_hessian(list(point))
    for i in range(2):
        orders = [0, 0]
        orders[i] += 1
        slope = float(mp.diff(truth, point, tuple(orders)))
        assert gradient[i] == pytest.approx(slope, rel=1e-11, abs=1e-12 * abs(gradient[1 - i]))
        for j in range(2):
            both = orders.copy()
            both[j] += 1
            second = float(mp.diff(truth, point, tuple(both)))
            size = max(abs(entry) for row in hessian for entry in row)
            assert hessian[i][j] == pytest.approx(second, rel=1e-10, abs=1e-12 * size)


def test_errors_of_arguments_are_bounded_beside_poles_and_at_roots() -> None:
    source = random.Random(8)
    number, precise = context_of(50).mpf, digits(50)
    for name, order in CASES:
        text = f"{name}({''.join(f'{n}, ' for n in order)}x/3 + y)"
        function = Function(f"f(x, y) = {text}")
        tapes = Tapes(function.tape, function.tape)
        for root in (1.4616321449683622, -2.4570247382208006, -3.0, 5.0, -0.5040830082644554):
            y = root * (1 + 10.0 ** source.uniform(-14, -2))
            found = run_bounded_pass(system_of(None), tapes, [1e-9, y]).value
            exact = number(1e-9) / 3 + number(y)
            truth = precise.operations[name](*order, exact)
            assert not abs(number(found.value) - truth) > found.error, (text, y)
