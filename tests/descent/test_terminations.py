from __future__ import annotations

import math

import pytest

from gdcli.descent import terminations
from gdcli.descent.objective import Evaluation
from gdcli.descent.precision import Decrease


def at(f: float) -> Evaluation:
    return Evaluation([1.0], f, [2.0], 2.0)


@pytest.mark.parametrize(
    ("f", "status"),
    [(-math.inf, "unbounded"), (math.inf, "diverged"), (math.nan, "undefined"), (1.0, "undefined")],
)
def test_what_is_no_number_ends_by_its_kind(f: float, status: str) -> None:
    outcome, message = terminations.non_finite_step(
        at(f), "log(x) at x=0: log(0)", "after step 3", "so"
    )
    assert outcome.status == status
    assert message.startswith(status)
    assert "after step 3" in message


def test_the_other_sentences_name_what_they_saw() -> None:
    assert terminations.undefined_at_start("log(0)").message == (
        "undefined at the start: log(0); give another start"
    )
    assert terminations.at_stationary_kink("abs(x) at x = 0").message == (
        "converged at the kink abs(x) at x = 0: the least-norm gradient there is 0"
    )
    assert (
        "at the kink abs(x) at x = 0"
        in terminations.no_descent_step(at(1.0), "abs(x) at x = 0").message
    )
    assert "kink" not in terminations.no_descent_step(at(1.0), "").message
    assert "k = 7 is nan" in terminations.no_step_size(7, math.nan).message
    assert "too small to change x" in terminations.step_too_short(at(1.0)).message
    precise = terminations.to_machine_precision(Decrease(1e-20, 1e-16)).message
    assert "1e-20" in precise
    assert "1e-16" in precise
