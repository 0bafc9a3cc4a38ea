"""Long gradients as arrays: the bits of lists, of `math.hypot`, and of exact sums."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from math import hypot
from typing import Any

import numpy as np
import pytest

from gdcli.derivatives import gradient as of_lists
from gdcli.derivatives import long_gradients
from gdcli.derivatives.gradient import GradientRequest, answering
from gdcli.errors import UsageError
from gdcli.functions.function import Function

BLOCK = 64
LENGTHS = (201, 4 * BLOCK, 4 * BLOCK + 1)
LONG = "sum(100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2 for i in 1:n-1)"
STREAM = np.random.default_rng(3)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_gradients, "LENGTH_BLOCK", BLOCK)


@pytest.mark.parametrize("n", LENGTHS)
@pytest.mark.parametrize("spread", [0.0, 3.0, 150.0])
def test_a_length_is_the_root_of_the_exact_sum_of_squares(n: int, spread: float) -> None:
    vector = STREAM.normal(size=n) * 10.0 ** (spread * STREAM.normal(size=n)).clip(-300, 300)
    vector /= abs(vector).max()
    square = sum((Fraction(number) ** 2 for number in vector.tolist()), Fraction(0))
    with localcontext(prec=60):
        root = (Decimal(square.numerator) / Decimal(square.denominator)).sqrt()
    assert long_gradients.hypot(vector) == float(root) == hypot(*vector.tolist())


@pytest.mark.parametrize("n", LENGTHS)
@pytest.mark.parametrize("scale", [1.0, 1e308, 5e-324, 1e-310])
def test_arrays_have_the_lengths_and_slopes_of_lists(n: int, scale: float) -> None:
    vector: Any = scale * STREAM.integers(-1, 2, n)
    along = STREAM.normal(size=n).round()
    length, direction = of_lists.length_and_direction(vector.tolist())
    found = long_gradients.length_and_direction(vector)
    assert found[0] == length
    assert found[1] is not None
    assert found[1].tolist() == direction
    slope = of_lists.directional_derivative(vector.tolist(), along.tolist())
    assert long_gradients.directional_derivative(vector, along) == slope


def test_the_vector_0_has_no_direction() -> None:
    assert long_gradients.length_and_direction(np.zeros(300)) == (0.0, None)


def test_what_is_not_finite_counts_along_a_direction_alone() -> None:
    gradient = np.array([np.nan, 2.0, np.inf, 3.0])
    assert long_gradients.directional_derivative(gradient, np.array([0.0, 2.0, 0.0, 1.0])) == 7.0
    for place in (0, 2):
        along = np.ones(4)
        along[2 - place] = 0.0
        assert long_gradients.directional_derivative(gradient, along) is None


def test_a_long_answer_is_the_engines_with_lengths_and_slopes() -> None:
    function = Function(LONG, sizes={"n": 6_000})
    point: Any = np.sin(np.arange(6_000.0))
    along: Any = np.ones(6_000)
    answer: Any = answering(function, GradientRequest(along=along))(point)
    value, gradient = function.value_and_gradient(point)
    assert answer.value == value
    assert np.array_equal(answer.gradient, gradient)
    assert answer.length == of_lists.length_and_direction(gradient.tolist())[0]
    assert answer.derivative == float(sum(map(Fraction, gradient.tolist())))
    assert answer.slope == pytest.approx(answer.derivative / np.sqrt(6_000), rel=1e-15)
    with pytest.raises(UsageError, match="needs a direction"):
        answering(function, GradientRequest(along=0.0 * along))


def test_a_long_point_of_which_a_component_fails_says_which() -> None:
    function = Function("sum(x[i]*log(x[i]) for i in 1:n)", sizes={"n": 21_000})
    point: Any = np.ones(21_000)
    point[6] = 0.0
    answer: Any = answering(function, GradientRequest())(point)
    assert answer.status == "undefined"
    assert answer.length is answer.direction is None
    assert np.isfinite(answer.gradient).sum() == 20_999
