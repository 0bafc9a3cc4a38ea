"""What a descent goes through: a row of its trace, a step, a point with its number.

Plain values, made by the loop; everything else reads them.
"""

from __future__ import annotations

from typing import NamedTuple

from gdcli.descent.objective import Evaluation
from gdcli.descent.vectors import Vector


class Iterate(NamedTuple):
    """Row k of a trace: x(k), f and ‖∇f‖∞ there, and the α that leads to x(k+1)."""

    k: int
    x: Vector
    f: float
    gradient_norm: float
    alpha: float | None


class Step(NamedTuple):
    """A step size and the point it leads to."""

    alpha: float
    there: Evaluation


class IndexedEvaluation(NamedTuple):
    """The iterate of number k."""

    k: int
    at: Evaluation
