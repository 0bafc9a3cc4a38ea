"""The values a descent hands out: what reports and scripts read by name."""

from __future__ import annotations

from gdcli.descent.iterate import IndexedEvaluation, Iterate, Step
from gdcli.descent.objective import Evaluation


def test_a_row_holds_what_the_trace_of_the_contract_holds() -> None:
    row = Iterate(3, [1.0, 2.0], 5.0, 0.5, None)
    assert list(row._asdict()) == ["k", "x", "f", "gradient_norm", "alpha"]


def test_a_placed_point_and_a_step_come_apart_in_order() -> None:
    there = Evaluation([1.0], 2.0, [-3.0], 3.0)
    k, at = IndexedEvaluation(7, there)
    assert (k, at.f) == (7, 2.0)
    alpha, reached = Step(0.5, there)
    assert (alpha, reached.gradient_norm) == (0.5, 3.0)
