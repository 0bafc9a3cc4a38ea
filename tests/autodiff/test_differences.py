"""The formulas against published tables, exact polynomials and the errors they are said to have."""

from __future__ import annotations

from fractions import Fraction as F
from math import exp, log10, sin

import pytest

from gdcli.autodiff.differences import (
    CENTRAL,
    FORWARD,
    formula,
    gradient,
    recommended_step,
    weights,
)
from gdcli.errors import UsageError

# Fornberg (1988), tables 1 (centred, on x = -m ... m) and 3 (one-sided, on x = 0 ... n): for each
# number of points the weights of the first derivative as printed.
CENTRED = [
    "-1/2 0 1/2",
    "1/12 -2/3 0 2/3 -1/12",
    "-1/60 3/20 -3/4 0 3/4 -3/20 1/60",
    "1/280 -4/105 1/5 -4/5 0 4/5 -1/5 4/105 -1/280",
]
ONE_SIDED = [
    "-1 1",
    "-3/2 2 -1/2",
    "-11/6 3 -3/2 1/3",
    "-25/12 4 -3 4/3 -1/4",
    "-137/60 5 -5 10/3 -5/4 1/5",
    "-49/20 6 -15/2 20/3 -15/4 6/5 -1/6",
]


@pytest.mark.parametrize("row", CENTRED)
def test_centred_weights_are_fornbergs(row: str) -> None:
    m = len(row.split()) // 2
    assert weights(range(-m, m + 1)) == [F(word) for word in row.split()]


@pytest.mark.parametrize("row", ONE_SIDED)
def test_one_sided_weights_are_fornbergs(row: str) -> None:
    assert weights(range(len(row.split()))) == [F(word) for word in row.split()]


@pytest.mark.parametrize(
    ("kind", "points"),
    [(FORWARD, n) for n in range(2, 32)] + [(CENTRAL, n) for n in range(3, 32, 2)],
)
def test_a_formula_is_exact_up_to_its_order_and_no_further(kind: str, points: int) -> None:
    rule = formula(kind, points)
    assert rule.order == points - 1

    def difference(k: int) -> F:
        """The formula's derivative of (x + 1/3)^k at 0, h = 1/7."""
        h, shift = F(1, 7), F(1, 3)
        pairs = zip(rule.offsets, rule.weights, strict=True)
        return sum(((shift + s * h) ** k * w / h for s, w in pairs), start=F(0))

    for k in range(rule.order + 1):
        assert difference(k) == (k * F(1, 3) ** (k - 1) if k else 0)
    k = rule.order + 1
    slope = k * F(1, 3) ** (k - 1)
    leading = rule.truncation * F(1, 7) ** rule.order
    for i in range(1, k + 1):  # the derivative of that order of (x + 1/3)^k is k!
        leading *= i
    assert abs(difference(k) - slope) == leading
    assert rule.rounding == sum(abs(weight) for weight in rule.weights)


def test_the_lectures_figure_to_the_last_bit() -> None:
    found = gradient(lambda p: p[0] * p[0], [2.0], formula(FORWARD), [1e-8], 4.0)
    assert found == [3.999999975690116]
    h, x = 1e-5, 0.7
    found = gradient(lambda p: sin(p[0]), [x], formula(CENTRAL), [h], sin(x))
    assert found == [(sin(x + h) - sin(x - h)) / (2 * h)]


def test_the_steps_everyone_knows_come_out() -> None:
    assert recommended_step(formula(FORWARD), 0.3) == 2.0**-26  # √ε of the machine
    assert recommended_step(formula(CENTRAL), -0.3) == 2.0**-18  # ∛ε, nearly
    assert recommended_step(formula(FORWARD), -1000.0) == 2.0**-16


@pytest.mark.parametrize(
    ("kind", "points"), [(FORWARD, 2), (FORWARD, 3), (CENTRAL, 3), (CENTRAL, 5), (CENTRAL, 9)]
)
def test_the_recommended_step_is_near_the_best(kind: str, points: int) -> None:
    """Its error is within a factor 100 of the least over all steps 2^-1 ... 2^-50, taken as the
    median over nine points, for a function whose derivatives are all alike."""
    rule = formula(kind, points)
    xs = [0.31 + 0.1 * i for i in range(9)]

    def error(h: float | None) -> float:
        found = [
            abs(
                gradient(
                    lambda p: exp(p[0]),
                    [x],
                    rule,
                    [recommended_step(rule, x) if h is None else h],
                    exp(x),
                )[0]
                / exp(x)
                - 1
            )
            for x in xs
        ]
        return sorted(found)[4]

    best = min(max(error(2.0**-k), 1e-16) for k in range(1, 51))
    assert log10(error(None)) <= log10(best) + 2


def test_the_error_falls_with_the_order() -> None:
    for kind, points in ((FORWARD, 2), (FORWARD, 4), (CENTRAL, 3), (CENTRAL, 7)):
        rule = formula(kind, points)
        wide, narrow = (
            abs(gradient(lambda p: exp(p[0]), [0.0], rule, [h], 1.0)[0] - 1) for h in (0.2, 0.1)
        )
        assert wide / narrow == pytest.approx(2**rule.order, rel=0.35)


@pytest.mark.parametrize(
    ("kind", "points"), [(FORWARD, 1), (FORWARD, 32), (CENTRAL, 2), (CENTRAL, 4), (CENTRAL, 33)]
)
def test_other_numbers_of_points_are_refused(kind: str, points: int) -> None:
    with pytest.raises(UsageError, match=f"{kind} takes .* not {points}"):
        formula(kind, points)
