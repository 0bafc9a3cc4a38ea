"""BFGS: the whole matrix H is kept, and updated with each step s and change y of the gradient.

H ← (I - ρsyᵀ)H(I - ρysᵀ) + ρssᵀ, ρ = 1/s·y, from (s·y/y·y)I of the first step on. In a box a step
is cut to the free variables.

Source: J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., section 6.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gdcli.descent.methods.quasi_newton import QuasiNewton, quasi_newton
from gdcli.descent.requests import Traits
from gdcli.descent.search import AlphaRule
from gdcli.descent.vectors import Vector, dot, restricted, scaled
from gdcli.errors import UsageError
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.linear_algebra import identity

MOST_LISTED_ROWS = 12  # of H; above it is an array
MOST_DENSE_VARIABLES = 1_000


class DenseInverse(NamedTuple):
    """The matrix H as rows, a list of lists or an array; None before the first step."""

    rows: Any = None
    known: int = 0

    def direction(self, gradient: Vector, free: Sequence[int] | None) -> Vector | None:
        if self.rows is None:
            return None
        found = scaled(-1.0, self._times(restricted(gradient, free)))
        if free is not None:
            held = set(range(len(gradient))).difference(free)
            for i in held:
                found[i] = -gradient[i]
        return found

    def after(self, s: Vector, y: Vector, free: Sequence[int] | None) -> DenseInverse:
        s, y = restricted(s, free), restricted(y, free)
        sy = dot(s, y)
        if not sy > 0.0:
            return self
        begun = self if self.rows is not None else DenseInverse(_unit(len(s), sy / dot(y, y)))
        hy = begun._times(y)
        factor = (1.0 + dot(y, hy) / sy) / sy
        if isinstance(begun.rows, list):
            rows = [
                [
                    h - (hy_i * s_j + s_i * hy_j) / sy + factor * (s_i * s_j)
                    for h, s_j, hy_j in zip(row, s, hy, strict=True)
                ]
                for row, s_i, hy_i in zip(begun.rows, s, hy, strict=True)
            ]
            return DenseInverse(rows, self.known + 1)
        import numpy

        outer = numpy.outer(hy, s)
        rows = begun.rows - (outer + outer.T) / sy + factor * numpy.outer(s, s)
        return DenseInverse(rows, self.known + 1)

    def _times(self, vector: Vector) -> Vector:
        if isinstance(self.rows, list):
            return [dot(row, vector) for row in self.rows]
        import numpy

        found = numpy.einsum("ij,j->i", self.rows, numpy.asarray(vector))
        return found.tolist() if isinstance(vector, list) else found


def _unit(n: int, scale: float) -> Any:
    """The unit matrix times a number, as rows."""
    if n <= MOST_LISTED_ROWS:
        return identity(n, 0.0, scale)
    import numpy

    return scale * numpy.eye(n)


def make(rule: AlphaRule, traits: Traits) -> QuasiNewton:
    """BFGS with such a rule. Raises UsageError for too many variables."""
    if traits.n > MOST_DENSE_VARIABLES:
        raise UsageError(
            f"bfgs keeps n² numbers and is for at most {MOST_DENSE_VARIABLES:,} variables, "
            f"here are {traits.n:,}; write lbfgs"
        )
    return quasi_newton(lambda n: DenseInverse(), rule, traits)  # noqa: ARG005
