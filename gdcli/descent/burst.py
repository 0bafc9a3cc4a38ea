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
from gdcli.descent.iterate import Iterate, Placed
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
    best: Placed
    calmest: Placed
    waited: int
    wants_rows: bool
    passed_over: int

    def row(self, alpha: float | None) -> Iterate:
        """The current point as a row."""

    def resume(self, steps: int, here: Placed, best: Placed, calmest: Placed, waited: int) -> None:
        """Goes on from where so many ordinary steps have led."""


def stretch(run: Descent) -> Iterator[Iterate]:
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
    yield from _taken(run, program, rule.alpha, min(left, program.steps_of_a_stretch))


def _taken(run: Descent, program: Any, alpha: float, steps: int) -> Iterator[Iterate]:
    from gdcli.execute.native import Place, Settings

    first, bounds = run.k, run.bounds
    settings = Settings(alpha, run.limits.tolerance, bounds.lowest, bounds.furthest)

    def place(placed: Placed) -> Place:
        at = placed.at
        return Place(placed.k - first, at.x, at.f, at.gradient, at.gradient_norm)

    def placed(found: Place) -> Placed:
        at = Evaluation(found.x, found.f, found.gradient, found.gradient_norm)
        return Placed(first + found.k, at)

    began = run.row(alpha)
    made = program.descend(
        settings,
        place(Placed(first, run.here)),
        place(run.best),
        place(run.calmest),
        run.waited,
        steps,
        run.wants_rows,
    )
    run.resume(made.steps, placed(made.here), placed(made.best), placed(made.calmest), made.waited)
    if not run.wants_rows:
        run.passed_over += made.steps
        return
    if made.steps:
        yield began
    for k, (*x, f, norm) in enumerate(made.rows[:-1], first + 1):
        yield Iterate(k, x, f, norm, alpha)
