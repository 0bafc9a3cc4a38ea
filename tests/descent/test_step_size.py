from __future__ import annotations

import math

import pytest

from gdcli.descent.objective import Evaluation
from gdcli.descent.step_size import Fixed, NonMonotone, Schedule, Spectral, parse_schedule
from gdcli.descent.vectors import largest
from gdcli.errors import UsageError


def at(x: list[float], gradient: list[float], f: float = 0.0) -> Evaluation:
    return Evaluation(x, f, gradient, largest(gradient))


HERE = at([0.0, 0.0], [0.0, 0.0])


def test_fixed_is_fixed_and_a_schedule_counts_from_zero() -> None:
    assert [Fixed(0.25).at(k, HERE) for k in (0, 7)] == [0.25, 0.25]
    assert Fixed(0.25).after(HERE, HERE, 0.25) == Fixed(0.25)
    schedule = Schedule(lambda k: 1.0 / (k + 1))
    assert [schedule.after(HERE, HERE, 1.0).at(k, HERE) for k in (0, 1, 3)] == [1.0, 0.5, 0.25]


def test_an_expression_in_k_is_a_function_of_k() -> None:
    assert [parse_schedule("0.5/sqrt(k+1)")(k) for k in (0, 3)] == [0.5, 0.25]
    assert parse_schedule("1/3")(7) == 1 / 3


@pytest.mark.parametrize("text", ["0.5/(j+1)", "1/2k", ""])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="alpha"):
        parse_schedule(text)


@pytest.mark.parametrize(("norm", "alpha"), [(0.5, 1.0), (1.0, 1.0), (4.0, 0.25), (1e200, 1e-200)])
def test_the_first_spectral_step_is_at_most_one_long(norm: float, alpha: float) -> None:
    assert Spectral().at(0, at([0.0], [norm])) == alpha


def test_on_a_parabola_the_spectral_step_is_the_inverse_of_the_curvature() -> None:
    following = Spectral().after(at([1.0], [6.0]), at([0.5], [3.0]), 0.1)
    assert following.at(1, at([0.5], [3.0])) == pytest.approx(1 / 6, rel=1e-15)


@pytest.mark.parametrize(
    ("y", "alpha"),
    [
        ([1.0, 0.9], 2.0 / 1.9),  # cos²(s, y) = 0.997: s·s/s·y
        ([1.0, 0.01], 2.0 / 1.01),  # 0.51
        ([1.0, -0.01], 0.99 / 1.0001),  # 0.49: s·y/y·y
        ([1.0, -0.9], 0.1 / 1.81),  # 0.003
    ],
)
def test_the_shorter_step_is_taken_where_their_ratio_is_below_a_half(
    y: list[float], alpha: float
) -> None:
    following = Spectral().after(at([0.0, 0.0], [0.0, 0.0]), at([1.0, 1.0], y), 1.0)
    assert following.proposal == pytest.approx(alpha, rel=1e-13)


@pytest.mark.parametrize("y", [0.0, -1.0, 1e-308])
def test_without_curvature_the_step_grows_tenfold(y: float) -> None:
    following = Spectral().after(at([0.0], [0.0]), at([0.125], [y]), 0.5)
    assert following.proposal == 5.0


def test_slopes_whose_squares_overflow_still_give_a_step() -> None:
    following = Spectral().after(at([20.0], [4e175]), at([19.0], [0.0]), 1.0)
    assert following.proposal == pytest.approx(2.5e-176)


def test_a_step_never_exceeds_1e100() -> None:
    assert Spectral(1e90).at(3, at([0.0], [1e50])) == pytest.approx(1e50)
    assert Spectral(1e300).at(3, at([0.0], [1e-3])) == 1e100


def test_the_safeguard_compares_with_the_worst_of_ten() -> None:
    safeguard = NonMonotone()
    for f in [100.0, *range(9)]:
        safeguard = safeguard.after(float(f))
    assert safeguard.accepts(100.0 - 1e-4 * 2.0, linear_decrease=2.0)
    assert not safeguard.accepts(100.0, linear_decrease=2.0)
    safeguard = safeguard.after(9.0)
    assert not safeguard.accepts(50.0, linear_decrease=2.0)
    assert safeguard.accepts(8.9, linear_decrease=2.0)


def test_four_units_of_rounding_are_forgiven() -> None:
    safeguard = NonMonotone().after(1.0)
    assert safeguard.accepts(1.0 + 4 * 2.0**-52, linear_decrease=0.0)
    assert not safeguard.accepts(1.0 + 5 * 2.0**-52, linear_decrease=0.0)
    assert not safeguard.accepts(math.nan, linear_decrease=0.0)


@pytest.mark.parametrize(
    ("trial", "ratio"),
    [
        (3.0, 0.25),  # the parabola through f = 1, slope -2 and 3 has its minimum at 1/4
        (1.0, 0.5),
        (0.5, 0.5),  # the minimum, at 2/3, is cut to 1/2
        (1e9, 0.1),
        (math.inf, 0.1),
        (math.nan, 0.1),
        (-math.inf, 0.1),
    ],
)
def test_a_shorter_step_lies_between_a_tenth_and_a_half(trial: float, ratio: float) -> None:
    assert NonMonotone().shorter(2.0, 1.0, trial, linear_decrease=2.0) == pytest.approx(2.0 * ratio)
