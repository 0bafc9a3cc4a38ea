"""What a method asks of the loop while it makes a step, and what a step is.

A step is a generator: it yields requests, is sent their answers, and returns a `Step`, or `Stuck`
where it found none. The loop answers: it alone evaluates f, and so it alone counts, keeps to the
bounds and to the limits. A method never sees the objective.

- `ValueAt(x)` and `GradientAt(x)` are answered by an `Evaluation`, the first without gradient. Its
  x is the one asked for, or the nearest in the box; f is inf where a pole lies on the way there.
- `HessianAt(x)` is answered by n rows, `ProductAt(x, v)` by H·v, `RoundingAt(x)` by a bound of the
  rounding error of f.

All may be not finite.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from gdcli.descent.objective import Evaluation
from gdcli.descent.vectors import Vector
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from gdcli.descent.box import Box


class ValueAt(NamedTuple):
    """A request for f at x."""

    x: Vector


class GradientAt(NamedTuple):
    """A request for f and its gradient at x, or for the gradient where f is known."""

    x: Vector
    f: float | None = None


class HessianAt(NamedTuple):
    """A request for the n rows of second derivatives at x."""

    x: Vector


class ProductAt(NamedTuple):
    """A request for the matrix of second derivatives at x times a direction."""

    x: Vector
    direction: Vector


class RoundingAt(NamedTuple):
    """A request for a bound of the rounding error of f at x."""

    x: Vector


Request = ValueAt | GradientAt | HessianAt | ProductAt | RoundingAt
State = Any  # what a method remembers: a tuple of numbers and vectors


class Demands(NamedTuple):
    """What the loop demands of the step that leaves iterate number k.

    `free` are the indices of the variables that are not held at a bound, None where all are free.
    A `monotone` step may not let f rise.
    """

    k: int
    box: Box | None = None
    free: Sequence[int] | None = None
    monotone: bool = False


class Step(NamedTuple):
    """A point to go on from, and what the method remembers there.

    `alpha` is None where a method has no step size; `radius` is that of a trust region. A step
    `near_rounding` was accepted by its slope, because f no longer tells.
    """

    there: Evaluation
    alpha: float | None
    state: State
    radius: float | None = None
    near_rounding: bool = False


class Stuck(NamedTuple):
    """The end of a step that found no point to go on from.

    `there` is the last trial, where it was not finite; `alpha` a step size that is no positive
    number.
    """

    there: Evaluation | None = None
    alpha: float | None = None


class Trial(NamedTuple):
    """A point that a search has accepted, and its step size."""

    alpha: float
    there: Evaluation
    near_rounding: bool = False


Steps = Generator[Request, Any, Step | Stuck]
Trials = Generator[Request, Any, Trial | Stuck]


class DescentMethod(Protocol):
    """A method of descent: a small frozen object; what changes from step to step is its State."""

    @property
    def adaptive(self) -> bool:
        """Whether steps are shortened where they would not lower f."""

    def begin(self, here: Evaluation) -> State:
        """Return the state at a start, or at a point to which the loop has moved a run."""

    def step(self, state: State, here: Evaluation, demands: Demands) -> Steps:
        """Return the generator of the step that leaves `here`."""

    def restart(self, state: State, here: Evaluation) -> State | None:
        """Return the state without its memory, or None where there is none to forget."""


class Traits(NamedTuple):
    """What a method may know of the function before a run.

    `kinks` says whether its formula has any, `hessian` whether second derivatives can be had, and
    `hessian_cost` how many evaluations of the gradient a Hessian takes. A callable has no products.
    """

    n: int
    kinks: bool = False
    hessian: bool = True
    product: bool = True
    hessian_cost: float = 1.0
    box: Box | None = None
    tolerance: float = 1e-8
