from __future__ import annotations

from dataclasses import dataclass
from math import pi

import pytest

from gdcli.functions.problem import Minimum, Problem, Stationary
from gdcli.library.verification import verify


@dataclass
class Case:
    expression: str
    at: tuple[float, ...]
    f: float
    window: tuple[tuple[float, float], ...] = ()

    def reason(self) -> str:
        minimum = Minimum(self.at, self.f)
        problem = Problem("case", self.expression, "", "", minima=(minimum,), window=self.window)
        (check,) = verify(problem)
        assert check.holds is not bool(check.reason)
        return check.reason


@pytest.mark.parametrize(
    "case",
    [
        Case("(x - 1/3)^2 + (y - pi)^2 + 5", (1 / 3, pi), 5),
        Case("x^4 + y^4", (0, 0), 0),
        Case("(x - 1/3)^4", (1 / 3,), 0),
        Case("abs(x - 1) + 3*abs(y) - 2", (1, 0), -2),
        Case("sqrt(x^2 + y^2)", (0, 0), 0),
        Case("max(x, -2*x)", (0,), 0),
        Case("(x*y)^2", (0, 0), 0),
        Case("x*log(x)", (0.36787944117144233,), -0.36787944117144233),
        Case("(1e8*x - 1)^2 + (y - 1e8)^2", (1e-8, 1e8), 0, ((0, 2e-8), (0, 2e8))),
    ],
)
def test_true_minima_hold(case: Case) -> None:
    assert case.reason() == ""


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (Case("x^2 + y^2 + 5", (0.0, 0.0), 5.00000001), "f is 5.0 there"),
        (Case("x^2 + y^2", (0.0, 0.0), 1e-10), "f is 0.0 there"),
        (Case("log(x)", (-1,), 0), "f has no finite value there"),
        (Case("x^2 + y^2 - 2*x", (1.000001, 0), -1), "the gradient is not 0 there"),
        (Case("(1e8*x)^2", (1e-12,), 1e-8, ((-1e-8, 1e-8),)), "the gradient is not 0 there"),
        (Case("x^2 - y^2", (0, 0), 0), "by its Hessian it is a saddle"),
        (Case("x^2 + y^2 - 3*x*y", (0, 0), 0), "by its Hessian it is a saddle"),
        (Case("-x^2 - y^2", (0, 0), 0), "by its Hessian it is a maximum"),
        (Case("x^3", (0,), 0), "f is lower nearby"),
        (Case("-x^4", (0,), 0), "f is lower nearby"),
        (Case("x^2 + y^3", (0, 0), 0), "f is lower nearby"),
        (Case("abs(x) - abs(y)", (0, 0), 0), "f is lower nearby"),
        (Case("-sqrt(x^2 + y^2)", (0, 0), 0), "f is lower nearby"),
        (Case("abs(x - 1)", (1.001,), 0.001), "the gradient is not 0 there"),
    ],
)
def test_wrong_minima_do_not(case: Case, reason: str) -> None:
    assert case.reason().startswith(reason)


@pytest.mark.parametrize(
    ("expression", "kind", "reason"),
    [
        ("x^2 - y^2", "saddle", ""),
        ("-x^2 - y^2", "maximum", ""),
        ("x^4 + y^2", "flat", ""),
        ("x^2 + y^2", "saddle", "by its Hessian it is a minimum"),
        ("x^2 + y", "saddle", "the gradient is not 0 there, but 1"),
        ("sqrt(x^2 + y^2)", "saddle", "there is no gradient there"),
    ],
)
def test_stationary_points(expression: str, kind: str, reason: str) -> None:
    (check,) = verify(Problem("p", expression, "", "", stationary=(Stationary((0, 0), kind),)))
    assert (check.kind, check.reason) == (kind, reason)


def test_a_check_tells_what_was_found() -> None:
    minima = (Minimum((2.0,), 3.0), Minimum((0.0,), 0.0))
    wrong, right = verify(Problem("p", "x^2", "", "", minima=minima))
    assert (wrong.stated, wrong.f, wrong.gradient_norm, wrong.holds) == (3.0, 4.0, 4.0, False)
    assert (right.stated, right.f, right.gradient_norm, right.holds) == (0.0, 0.0, 0.0, True)
