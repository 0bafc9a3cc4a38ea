from __future__ import annotations

import math
from typing import Any

import pytest

from gdcli.descent.objective import Counted, Evaluation, Spent


def test_a_combined_call_counts_in_both_and_others_in_one(parabola: Any) -> None:
    counted = Counted(parabola, limit=10)
    assert counted.both([3.0]) == Evaluation([3.0], 9.0, [6.0], 6.0)
    assert counted.value_only([2.0]).f == 4.0
    assert counted.gradient([2.0], 4.0).gradient == [4.0]
    assert counted.evaluations[:2] == (2, 2)


def test_the_limit_is_reached_and_never_passed(parabola: Any) -> None:
    counted = Counted(parabola, limit=2)
    counted.both([1.0])
    counted.value([1.0])
    for call in (counted.both, counted.value):
        with pytest.raises(Spent):
            call([1.0])
    assert counted.evaluations[:2] == (2, 1)


def test_only_numbers_are_finite() -> None:
    assert Evaluation([0.0], 1.0, [1.0], 1.0).finite
    assert not Evaluation([0.0], math.inf, [1.0], 1.0).finite
    assert not Evaluation([0.0], 1.0, [math.nan], math.nan).finite
