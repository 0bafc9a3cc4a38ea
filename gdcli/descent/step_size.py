"""How far to go: a step size proposes the α that a search tries first.

Comes in: the number k of the iterate and the evaluated point, later the step that was taken.
Goes out: α > 0. `Fixed` and `Schedule` are taken as they are, whatever f does. `Spectral` needs
the search `NonMonotone`. All are small and frozen; `after` gives the one for the next step.

Source: J. Barzilai, J. M. Borwein, IMA J. Numer. Anal. 8 (1988) 141.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, Protocol

from gdcli.descent.long_vectors import Change
from gdcli.descent.objective import Evaluation
from gdcli.descent.requests import ProductAt, Request
from gdcli.descent.vectors import change, dot, largest, scaled
from gdcli.errors import GdcliError, Sentence, UsageError, visible
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from gdcli.functions.function import Function

LONGEST_STEP = 1e100  # in ‖x‖∞ or 1: α‖g‖∞ never exceeds it, nor MOST_LENGTH
MOST_LENGTH = 1e300  # a step stays far from overflow
SMALLEST_NORMAL = 2.0**-1022

Proposals = Generator[Request, Any, float]


class StepSize(Protocol):
    """A rule that proposes the step size α."""

    def first(self, here: Evaluation, k: int) -> Proposals:
        """The α to try first at iterate k, the point `here`."""

    def after(self, here: Evaluation, there: Evaluation, alpha: float) -> StepSize:
        """The rule for the step after the one of α from `here` to `there`."""


class Fixed(NamedTuple):
    """One α for every step: x(k+1) = x(k) - α∇f(x(k)) to the last bit."""

    alpha: float

    def first(self, here: Evaluation, k: int) -> Proposals:  # noqa: ARG002
        yield from ()
        return self.alpha

    def after(self, here: Evaluation, there: Evaluation, alpha: float) -> Fixed:  # noqa: ARG002
        return self


class Schedule(NamedTuple):
    """α as a function of k = 0, 1, 2, …"""

    of: Callable[[int], float]

    def first(self, here: Evaluation, k: int) -> Proposals:  # noqa: ARG002
        yield from ()
        return self.of(k)

    def after(self, here: Evaluation, there: Evaluation, alpha: float) -> Schedule:  # noqa: ARG002
        return self


def parse_schedule(text: str, place: str = "alpha") -> Callable[[int], float]:
    """The function of k that a text such as `0.5/sqrt(k+1)` writes.

    `place` is named in the UsageError for a text that is no expression in k.
    """
    function = expression_in_k(text, place)
    values = len(function.variables)
    return lambda k: function.evaluate([float(k)] * values)


def expression_in_k(text: str, place: str) -> Function:
    """The text as a Function of k or of no variable. Raises UsageError."""
    from gdcli.functions.constants import check_literals
    from gdcli.functions.function import Function

    try:
        function = Function(text)
    except GdcliError as error:
        raise UsageError(Sentence("{}: {}", place, error.whole)) from None
    check_literals(function.expression, place, UsageError)
    strangers = [name for name in function.variables if name != "k"]
    if strangers:
        raise UsageError(
            f"{place} {visible(text)}: `{strangers[0]}` has no value there; write a number, auto,"
            ' the name of a search, or an expression in k such as "0.5/sqrt(k+1)"'
        )
    return function


class Spectral(NamedTuple):
    """The inverse of the curvature along the last step (Barzilai and Borwein, 1988)."""

    proposal: float | None = None

    def first(self, here: Evaluation, k: int) -> Proposals:  # noqa: ARG002
        """The proposal; at the start the α that minimizes the quadratic model along the gradient.

        The first step is no longer than ‖x‖∞, or 1 where that is 0. Where the model has no minimum
        α is 1/max(1, ‖g‖∞) in the unit of that length.
        """
        norm, size = here.slope, here.size or 1.0
        alpha = self.proposal
        if alpha is None:
            model = yield from cauchy_step(here)
            alpha = min(model, size / norm) if model > 0.0 else min(size * size, size / norm)
        longest = min(LONGEST_STEP * max(1.0, size), MOST_LENGTH)
        return min(alpha, longest / norm) if norm > 1.0 else min(alpha, longest)

    def after(self, here: Evaluation, there: Evaluation, alpha: float) -> Spectral:
        found = there.change
        if found is None:
            found = change(here.x, there.x, here.gradient, there.gradient)
        return Spectral(_barzilai_borwein(found, alpha))


def cauchy_step(here: Evaluation) -> Proposals:
    """gᵀg/gᵀHg, by one product; 0 where that is not positive or not finite."""
    unit = scaled(1.0 / largest(here.gradient), here.gradient)
    product = yield ProductAt(here.x, unit)
    curvature = dot(unit, product)
    alpha = dot(unit, unit) / curvature if 0.0 < curvature < inf else 0.0
    return alpha if alpha < inf else 0.0


def first_step(here: Evaluation, product: bool) -> Proposals:
    """The first α along -g: the Cauchy step where it can be had, else a tenth of ‖x‖∞ or of 1."""
    alpha = 0.0
    if product:
        alpha = yield from cauchy_step(here)
    return alpha or 0.1 * (largest(here.x) or 1.0) / largest(here.gradient)


def _barzilai_borwein(change: Change, alpha: float) -> float | None:
    """s·s/s·y, or the shorter s·y/y·y where their ratio, cos²(s, y), is below 1/2."""
    if not change.curvature >= SMALLEST_NORMAL:
        return 10.0 * alpha  # no curvature, or downwards: go further
    ss, sy, yy = change.ss, change.sy, change.yy
    shorter = sy * sy < 0.5 * ss * yy
    proposal = change.moved / change.turned * (sy / yy if shorter else ss / sy)
    return proposal if proposal >= SMALLEST_NORMAL and isfinite(proposal) else None
