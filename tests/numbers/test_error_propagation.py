from __future__ import annotations

import math

import pytest

from gdcli.numbers.error_propagation import ERROR_RULES


@pytest.mark.parametrize(
    ("name", "operands", "least"),
    [
        # the true change at the worst end of the interval, from the function itself
        ("exp", (1.0, 0.5), math.exp(1.5) - math.exp(1.0)),
        ("log", (1.0, 0.5), math.log(1.0) - math.log(0.5)),
        ("sqrt", (1.0, 0.75), 1.0 - math.sqrt(0.25)),
        ("sqrt", (1e-20, 1.0), 1.0 - 1e-10),
        ("tan", (1.0, 0.5), math.tan(1.5) - math.tan(1.0)),
        ("asin", (0.9, 0.1), math.asin(1.0) - math.asin(0.9)),
        ("acosh", (1.5, 0.5), math.acosh(1.5)),
        ("atanh", (0.5, 0.4), math.atanh(0.9) - math.atanh(0.5)),
        ("tanh", (1.0, 0.5), math.tanh(1.0) - math.tanh(0.5)),
        ("/", (1.0, 0.0, 1.0, 0.5), 1.0),
        ("pow-integer", (2.0, 1.0, 3.0, 0.0), 19.0),
        ("pow-general", (2.0, 0.0, 3.0, 1.0), 8.0),
        ("atan2", (1e-3, 1e-2, -1.0, 0.0), 2 * math.pi - 0.02),
        ("hypot", (3.0, 3.0, 4.0, 4.0), 5.0),
    ],
)
def test_the_worst_end_of_the_interval_is_inside(
    name: str, operands: tuple[float, ...], least: float
) -> None:
    y = {
        "/": lambda a, b: a / b,
        "pow-integer": math.pow,
        "pow-general": math.pow,
    }.get(name) or getattr(math, name)
    bound = ERROR_RULES[name](math, y(*operands[::2]), *operands)
    assert least <= bound * (1 + 1e-12) < math.inf


@pytest.mark.parametrize(
    ("name", "operands"),
    [
        ("log", (1.0, 1.0)),
        ("log1p", (-0.5, 0.5)),
        ("/", (1.0, 0.0, 1.0, 1.0)),
        ("tan", (0.9, 0.8)),
        ("atanh", (0.5, 0.5)),
        ("pow-integer", (1.0, 1.0, -1.0, 0.0)),
        ("pow-general", (1.0, 1.0, -0.5, 0.0)),
    ],
)
def test_where_a_pole_is_within_reach_nothing_is_known(
    name: str, operands: tuple[float, ...]
) -> None:
    assert ERROR_RULES[name](math, 1.0, *operands) == math.inf
