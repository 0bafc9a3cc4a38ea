"""Points that a problem states are proved to be what it says, or to be something else."""

from __future__ import annotations

from math import pi

import pytest

from gdcli.functions.problem import Minimum, Problem, Stationary
from gdcli.library.verification import LOWEST_KIND, Check, checks_of
from gdcli.proofs.certificate import DISPROVED, PROVED, UNRESOLVED
from gdcli.proofs.stated_points import proved_checks


def proofs(expression: str, *minima: Minimum, window: tuple[float, float] | None = None,
           stationary: tuple[Stationary, ...] = ()) -> list[Check]:  # fmt: skip
    n = len((minima or stationary)[0].at)
    problem = Problem("case", expression, "", "", minima=minima, stationary=stationary,
                      window=(window,) * n if window else ())  # fmt: skip
    return [*proved_checks(problem, checks_of(problem))]


@pytest.mark.parametrize(
    ("expression", "minimum", "status", "reason"),
    [
        ("(x-1/3)^2 + 5", Minimum([1 / 3], 5), PROVED, ""),
        ("(x-pi)^2 + y^2", Minimum([pi, 0], 0), PROVED, ""),
        ("(x-1.25)^2", Minimum([1.2500000001], 0), DISPROVED, "x is 1.25 there"),
        ("(x-1)^2 + 1", Minimum([1], 1.0000000001), DISPROVED, "f is 1 there"),
        ("x^2 - y^2", Minimum([0, 0], 0), DISPROVED, "it is a saddle"),
        ("x^2 + 3x", Minimum([7], 70), DISPROVED, "is not stationary"),
        ("abs(x)", Minimum([0], 0), UNRESOLVED, "kink"),
        ("x^4", Minimum([0], 0), UNRESOLVED, "singular"),
        ("log(x)", Minimum([-1], 0), UNRESOLVED, "log(-1)"),
    ],
)
def test_a_stated_minimum_is_proved_or_not(
    expression: str, minimum: Minimum, status: str, reason: str
) -> None:
    [check] = proofs(expression, minimum)
    assert check.proof is not None
    assert check.proof.status == status
    assert reason in check.proof.message
    assert bool(check.proof.message) == bool(reason)


def test_the_kind_of_a_stationary_point_is_proved() -> None:
    right, wrong = proofs(
        "x^2 - y^2", stationary=(Stationary([0, 0], "saddle"), Stationary([0, 0], "maximum"))
    )
    assert (right.proof, wrong.proof) == ((PROVED, ""), (DISPROVED, "it is a saddle"))


def test_the_lowest_minimum_of_a_window_is_proved_or_a_lower_value_is_told() -> None:
    low, high = Minimum([-1.3008395659415772], -3.513905038934788), Minimum([1.1309], -1.07)
    *_, check = proofs("x^4 - 3x^2 + x", low, high, window=(-2, 2))
    assert (check.kind, check.at, check.holds, check.proof) == (
        *(LOWEST_KIND, tuple(low.at), True, (PROVED, "")),
    )
    *_, check = proofs("x^4 - 3x^2 + x", high, window=(-2, 2))
    assert check.proof is not None
    assert check.proof.status == DISPROVED
    assert check.proof.message.startswith("the least value there is -3.5139050389")


def test_a_stated_minimum_outside_of_the_window_is_not_compared_with_it() -> None:
    checks = proofs("(x-9)^2", Minimum([9], 0), window=(-2, 2))
    assert [check.kind for check in checks] == ["minimum"]
