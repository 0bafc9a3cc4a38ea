from __future__ import annotations

import cmath
from collections.abc import Callable

import mpmath
import pytest

from gdcli.autodiff.primitives import PRIMITIVES, Primitive
from gdcli.execute.interpret import operation
from gdcli.numbers.complexes import COMPLEX, IMAGINARY_STEP
from tests.mathematics import DIFFERENTIATED, FUNCTIONS, mp, points, slope, varied

CONDITION = {
    **{"erf": 12, "erfc": 12, "log2": 4, "log10": 4, "logcosh": 4},
    **{"logaddexp": 20, "logsumexp": 20, "gamma": 20, "lgamma": 20, "digamma": 60, "polygamma": 20},
}


@pytest.mark.parametrize("row", DIFFERENTIATED, ids=lambda row: row.name)
def test_the_imaginary_part_is_the_derivative(row: Primitive) -> None:
    """To two or three units in the last place, or to what exp(-x²), exp(a - b) and Γ lose."""
    function = operation(COMPLEX, row.name)
    for point in points(row, 60):
        for i in varied(row):
            moved: list[complex] = [*point]
            moved[i] = complex(point[i], IMAGINARY_STEP)
            found = complex(function(*moved))
            true = slope(FUNCTIONS[row.name], point, i)
            allowed = CONDITION.get(row.name, 3) * 2.3e-16
            assert abs(found.imag / IMAGINARY_STEP - true) <= allowed * abs(true), point
            value = FUNCTIONS[row.name](*map(mp.mpf, point))
            assert abs(found.real - value) <= 1e-15 * max(1, abs(value)), point


CONTINUED: dict[str, Callable[..., complex]] = {
    name: getattr(cmath, name) for name in ("exp", "log", "sin", "tanh", "acosh", "asin")
}
CONTINUED |= {
    "expm1": lambda a: cmath.exp(a) - 1,
    "log1p": lambda a: cmath.log(1 + a),
    "cbrt": lambda a: cmath.exp(cmath.log(a) / 3),
    "erf": lambda a: complex(mpmath.erf(a)),
    "sigmoid": lambda a: 1 / (1 + cmath.exp(-a)),
    "softplus": lambda a: cmath.log(1 + cmath.exp(a)),
    "hypot": lambda a, b: cmath.sqrt(a * a + b * b),
    "atan2": lambda a, b: -1j * cmath.log((b + 1j * a) / cmath.sqrt(a * a + b * b)),
    "logaddexp": lambda a, b: cmath.log(cmath.exp(a) + cmath.exp(b)),
    "pow-general": lambda a, b: cmath.exp(b * cmath.log(a)),
    "pow-integer": lambda a, b: a**b,
}


@pytest.mark.parametrize("name", CONTINUED)
def test_it_is_the_analytic_function_beyond_a_tiny_step(name: str) -> None:
    """At a step of 0.1 the real and the imaginary part are those of the continued function."""
    row = PRIMITIVES[name]
    for number, point in enumerate(points(row, 20, seed=2)):
        if row.name == "softplus" and abs(point[0]) > 12:
            continue
        moved: list[complex] = [*point]
        moved[0] = complex(point[0], 0.1)
        if row.name == "pow-integer":
            moved[0] *= (-1) ** number
        found, true = complex(operation(COMPLEX, row.name)(*moved)), CONTINUED[row.name](*moved)
        assert abs(found - true) <= 1e-13 * max(1, abs(true)), point


@pytest.mark.parametrize(
    ("name", "operands"),
    [
        ("log", (complex(-1, IMAGINARY_STEP),)),
        ("log", (complex(0, IMAGINARY_STEP),)),
        ("sqrt", (complex(0, IMAGINARY_STEP),)),
        ("sqrt", (complex(-2, IMAGINARY_STEP),)),
        ("sqrt", (-2.0,)),
        ("asin", (complex(1, IMAGINARY_STEP),)),
        ("acosh", (complex(0.5, IMAGINARY_STEP),)),
        ("log1p", (complex(-1, IMAGINARY_STEP),)),
        ("cbrt", (complex(0, IMAGINARY_STEP),)),
        ("/", (1.0, complex(0, IMAGINARY_STEP))),
        ("/", (1.0, 0.0)),
        ("pow-general", (complex(-2, IMAGINARY_STEP), 0.5)),
        ("pow-general", (-2.0, complex(3, IMAGINARY_STEP))),
        ("pow-general", (complex(0, IMAGINARY_STEP), 0.5)),
        ("pow-integer", (complex(0, IMAGINARY_STEP), -1.0)),
    ],
)
def test_no_branch_of_the_complex_plane_passes_for_real(
    name: str, operands: tuple[complex, ...]
) -> None:
    with pytest.raises((ValueError, ZeroDivisionError)):
        operation(COMPLEX, name)(*operands)


def test_order_and_sign_go_by_the_real_part() -> None:
    low, high, level = complex(1, 5), complex(2, -7), complex(1, 9)
    assert operation(COMPLEX, "max")(low, high) == high
    assert operation(COMPLEX, "min")(low, high, level) == complex(1, 7)  # equal shares of a tie
    assert operation(COMPLEX, "abs")(complex(-3, 4)) == complex(3, -4)
    assert operation(COMPLEX, "sign")(complex(-3, 4)) == -1
    assert operation(COMPLEX, "relu")(complex(-3, 4)) == 0
    assert COMPLEX.order(complex(1, 5)) == 1
    assert operation(COMPLEX, "sqrt")(0.0) == 0
    assert (
        operation(COMPLEX, "pow-integer")(complex(-2, IMAGINARY_STEP), 3.0).imag
        == 12 * IMAGINARY_STEP
    )
