from __future__ import annotations

from gdcli.descent.direction import Steepest
from gdcli.descent.objective import Evaluation


def test_steepest_descent_goes_against_the_gradient_and_remembers_nothing() -> None:
    here = Evaluation([1.0, 2.0], 5.0, [2.0, -4.0], 4.0)
    assert Steepest().at(here) == [-2.0, 4.0]
    assert Steepest().after(here, here) == Steepest()
