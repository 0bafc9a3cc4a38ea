from __future__ import annotations

import math
from typing import Any

import pytest

from gdcli.descent.minimize import run_descent
from gdcli.descent.objective import Evaluation
from gdcli.descent.step_size import Fixed, Schedule, Spectral, StepSize, parse_schedule
from gdcli.descent.vectors import Vector, largest
from gdcli.errors import UsageError
from gdcli.functions.function import Function


def at(x: list[float], gradient: list[float], f: float = 0.0) -> Evaluation:
    return Evaluation(x, f, gradient, largest(gradient))


def first(rule: StepSize, k: int, here: Evaluation, objective: Any) -> float:
    """The α that the rule proposes, once the objective has given the products that it asks for."""
    proposals = rule.first(here, k)
    product = None
    while True:
        try:
            request: Any = proposals.send(product)
        except StopIteration as end:
            return float(end.value)
        product = objective.evaluate_hessian_product(*request)


HERE = at([0.0, 0.0], [0.0, 0.0])


def test_fixed_is_fixed_and_a_schedule_counts_from_zero(line: Any) -> None:
    assert [first(Fixed(0.25), k, HERE, line) for k in (0, 7)] == [0.25, 0.25]
    assert Fixed(0.25).after(HERE, HERE, 0.25) == Fixed(0.25)
    schedule = Schedule(lambda k: 1.0 / (k + 1))
    following = schedule.after(HERE, HERE, 1.0)
    assert [first(following, k, HERE, line) for k in (0, 1, 3)] == [1.0, 0.5, 0.25]


def test_an_expression_in_k_is_a_function_of_k() -> None:
    assert [parse_schedule("0.5/sqrt(k+1)")(k) for k in (0, 3)] == [0.5, 0.25]
    assert parse_schedule("1/3")(7) == 1 / 3


@pytest.mark.parametrize("text", ["0.5/(j+1)", "1/2k", ""])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="alpha"):
        parse_schedule(text)


@pytest.mark.parametrize(("norm", "alpha"), [(0.5, 1.0), (1.0, 1.0), (4.0, 0.25), (1e200, 1e-200)])
def test_without_curvature_the_first_step_is_at_most_as_long_as_x_or_1(
    line: Any, norm: float, alpha: float
) -> None:
    assert first(Spectral(), 0, at([0.0], [norm]), line) == alpha
    for size in (3e-7, 1e70):  # f(x) = F(x/size), so slopes are 1/size times as large
        proposed = first(Spectral(), 0, at([-size], [norm / size]), line)
        assert proposed == pytest.approx(size * size * alpha)


def test_the_first_step_leads_to_the_minimum_of_the_quadratic_model(by_hand: Any) -> None:
    def bowl(*weights: float) -> Any:
        rows = [[w * (i == j) for j in range(2)] for i, w in enumerate(weights)]
        return by_hand(lambda _: 0.0, lambda _: [0.0], lambda _: rows, variables=("x", "y"))

    here = at([3.0, 1.0], [4.0, 2.0])
    assert first(Spectral(), 0, here, bowl(2.0, 2.0)) == 0.5
    assert first(Spectral(), 0, here, bowl(1e30, 1e30)) == pytest.approx(1e-30)
    assert first(Spectral(), 0, here, bowl(2.0, 12.0)) == pytest.approx(20 / (2 * 16 + 12 * 4))
    assert first(Spectral(), 0, here, bowl(1e-9, 1e-9)) == 0.75  # no longer than x is large
    assert first(Spectral(), 0, here, bowl(-1.0, -1.0)) == 0.75
    assert first(Spectral(), 0, here, bowl(math.nan, 1.0)) == 0.75
    assert first(Spectral(), 0, at([0.1, 0.0], [4.0, 2.0]), bowl(-1.0, -1.0)) == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("x^2 + y^2", [1e150, -1e150], [0.0, 0.0]),
        ("1e200*(x^2 + 3*y^2)", [0.9, 0.8], [0.0, 0.0]),
        ("(x/1e-200 - 1)^2", [3e-200], [1e-200]),
        ("(x/1e-200 - 1)^2 + (y/2e-200 + 1)^2", [3e-200, 5e-200], [1e-200, -2e-200]),
        ("cosh(x/1e120 - 1)*1e120", [3e120], [1e120]),
        ("(x/1e-100 - 1)^4 + (x/1e-100 - 1)^2", [3e-100], [1e-100]),
    ],
)
def test_a_run_ends_at_the_minimum_at_every_scale(text: str, start: Vector, end: Vector) -> None:
    result = run_descent(Function(text), start)
    scale = max(map(abs, start))
    assert result.exit_status == 0
    assert [c / scale for c in result.x] == pytest.approx([c / scale for c in end], abs=1e-6)


def test_on_a_parabola_the_spectral_step_is_the_inverse_of_the_curvature(line: Any) -> None:
    following = Spectral().after(at([1.0], [6.0]), at([0.5], [3.0]), 0.1)
    assert first(following, 1, at([0.5], [3.0]), line) == pytest.approx(1 / 6, rel=1e-15)


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


def test_a_step_never_exceeds_1e100_times_the_size_of_x(line: Any) -> None:
    assert first(Spectral(1e90), 3, at([0.0], [1e50]), line) == pytest.approx(1e50)
    assert first(Spectral(1e300), 3, at([0.0], [1e-3]), line) == 1e100
    assert first(Spectral(1e300), 3, at([1e150], [1e-3]), line) == 1e250
    assert first(Spectral(1e305), 3, at([1e250], [1e-3]), line) == 1e300
