"""Stretches of fixed-α descent in native code: many steps without a return to Python.

Comes in: a Descent of fixed α without a safeguard, whose objective offers a program that takes
steps. Goes out: the rows of the points that were left, and the Descent further on, to the bit where
it would be step by step. Only ordinary steps are taken: the one that ends the run is the loop's.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Any, Protocol

from gdcli.descent.direction import Direction, Steepest
from gdcli.descent.iterate import IndexedEvaluation, Iterate
from gdcli.descent.objective import Counted, Evaluation
from gdcli.descent.step_size import Fixed, NonMonotone, StepSize
from gdcli.descent.stopping import Bounds, Limits


class Descent(Protocol):
    """The run, of `loop.py`, as a stretch sees it."""

    objective: Counted
    direction: Direction
    step_size: StepSize
    safeguard: NonMonotone | None
    limits: Limits
    bounds: Bounds
    k: int
    here: Evaluation
    best: IndexedEvaluation
    best_by_gradient: IndexedEvaluation
    stalled_count: int
    wants_rows: bool
    skipped_rows: int

    def row(self, alpha: float | None) -> Iterate:
        """The current point as a row."""

    def resume(
        self,
        steps: int,
        here: IndexedEvaluation,
        best: IndexedEvaluation,
        best_by_gradient: IndexedEvaluation,
        stalled_count: int,
    ) -> None:
        """Goes on from where so many ordinary steps have led."""


def burst(run: Descent) -> Iterator[Iterate]:
    """Takes a stretch, if one is offered, of some 50 ms: between two of them Ctrl-C is heard."""
    rule, limits = run.step_size, run.limits
    left = min(
        limits.max_iterations - run.k, limits.max_evaluations - run.objective.evaluations.value
    )
    offers = getattr(run.objective.objective, "for_steps", None)
    if not (offers and left > 0 and run.safeguard is None and isinstance(rule, Fixed)):
        return
    program: Any = offers(left) if isinstance(run.direction, Steepest) else None
    if program is None or not 0.0 < rule.alpha < inf:
        return
    yield from _run_burst(run, program, rule.alpha, min(left, program.steps_per_burst))


def _run_burst(run: Descent, program: Any, alpha: float, steps: int) -> Iterator[Iterate]:
    from gdcli.execute.native import DescentPoint, Settings

    first, bounds = run.k, run.bounds
    settings = Settings(alpha, run.limits.tolerance, bounds.lowest, bounds.furthest)

    def place(indexed: IndexedEvaluation) -> DescentPoint:
        at = indexed.at
        return DescentPoint(indexed.k - first, at.x, at.f, at.gradient, at.gradient_norm)

    def indexed(found: DescentPoint) -> IndexedEvaluation:
        at = Evaluation(found.x, found.f, found.gradient, found.gradient_norm)
        return IndexedEvaluation(first + found.k, at)

    began = run.row(alpha)
    made = program.descend(
        settings,
        place(IndexedEvaluation(first, run.here)),
        place(run.best),
        place(run.best_by_gradient),
        run.stalled_count,
        steps,
        run.wants_rows,
    )
    run.resume(
        made.steps,
        indexed(made.here),
        indexed(made.best),
        indexed(made.best_by_gradient),
        made.stalled_count,
    )
    if not run.wants_rows:
        run.skipped_rows += made.steps
        return
    if made.steps:
        yield began
    for k, (*x, f, norm) in enumerate(made.rows[:-1], first + 1):
        yield Iterate(k, x, f, norm, alpha)
