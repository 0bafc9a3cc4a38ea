"""A paving: the tree of boxes that a search over a window has made, and what became of each.

The tree is the proof. Box 0 is the window; a box that is not a leaf is covered by its children and
by what its own reason excludes, so that the leaves cover the window. `judge.py` checks every box of
it again in arithmetic that is proved.

A leaf excluded by derivatives says of each of its points p: f is defined and continuous on the
leaf, and the gradient that the tape has at p has a component that is not 0 along which the leaf's
box can be left without leaving the window. No such p is a global minimizer. For take the signs of
the tape's gradient at p: the leaf that holds p, and points beside p against these signs, holds the
edges from p against each of them too; it is excluded by one of these components, because its
enclosure holds the gradient at p, and along that component f falls inside the leaf. Signs that lead
out of the window count as 0: a leaf that a face of the window blocks is not excluded by that
component, but reduced to the face. Nor is f lower in such leaves than the other leaves' bounds say:
together they are compact and f is continuous on each, so it has a least value there, at a p of
which the same can be said.

What a contraction cuts off has no point where f is at most the upper bound; nor has the boundary of
what it leaves, where that is not the boundary of the parent: the child is strictly wider than what
propagation proves to be enough. So no minimizer lies on the boundary of a child where that is not
also its parent's, and it does not matter that f may be undefined in what was cut off.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DETACHED = -2  # the parent of boxes whose parents are split anew, or left


class Reason(IntEnum):
    """What became of a box; the first three have children, the others are leaves."""

    SPLIT = 0  # its children are its parts along `axis`
    REDUCED = 1  # f is monotone along `axis`, and only its child, a face of the window, is left
    CONTRACTED = 2  # f is above the upper bound, or undefined, outside of the inside of its child
    VALUE = 3  # f is above the upper bound throughout, by `form`
    UNDEFINED = 4  # f has no value at any point
    MONOTONE = 5  # the derivative along `axis` is not 0, and no face of the window blocks the way
    STATIONARY = 6  # no point is stationary: an interval Newton step leaves nothing of the box
    UNIQUE = 7  # it lies in the box of minimizer number `axis`, where f is strictly convex
    CANDIDATE = 8  # global minimizers can lie in it; its bound is near enough to the upper bound
    LEFT = 9  # a limit was reached before anything was found


class Form(IntEnum):
    """How f was enclosed where that excluded a box by its value."""

    NATURAL = 0
    MEAN_VALUE = 1
    TANGENTS = 2  # that of a minorant, in which tangents stand in place of even powers
    PROPAGATION = 3  # no enclosure: the values of its operations exclude it


class UniqueMinimizer(NamedTuple):
    """A box over which f is strictly convex in its `free` components, and where its minimizer is.

    The other components stand at an end of the window: `low[i] == high[i]`. All ends have shape
    (n,). The inner box holds exactly one point at which the derivatives by the free components are
    0; without one (`inner_low` is None) the box is known to hold at most one minimizer.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    inner_low: NDArray[np.float64] | None
    inner_high: NDArray[np.float64] | None
    free: tuple[int, ...]


class Paving(NamedTuple):
    """The boxes of a search, a column a box, in the order they were made.

    `low` and `high` have shape (n, boxes), all else shape (boxes,): `parent` (-1 for the window),
    `reason`, `axis` (-1 where none is meant), `form`, and `bound`, a lower bound of f over the box.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    parent: NDArray[np.int64]
    reason: NDArray[np.uint8]
    axis: NDArray[np.int16]
    form: NDArray[np.uint8]
    bound: NDArray[np.float64]

    def beginning(self, count: int) -> Paving:
        """The paving of the first boxes alone: those of which a child is missing are left."""
        import numpy as np

        columns: Any = (column[..., :count].copy() for column in self)
        first = Paving(*columns)
        parents = self.parent[count:]
        first.reason[parents[(parents >= 0) & (parents < count)]] = Reason.LEFT
        first.parent[np.isin(first.parent, np.flatnonzero(first.reason == Reason.LEFT))] = DETACHED
        return first


def cut_off(
    low: list[float], high: list[float], inner_low: list[float], inner_high: list[float]
) -> Iterator[tuple[list[float], list[float]]]:
    """Closed boxes, as their low and high ends, that cover a box but for the inside of another."""
    for i, (first, last) in enumerate(zip(inner_low, inner_high, strict=True)):
        if first > low[i]:
            yield low, [*high[:i], first, *high[i + 1 :]]
        if last < high[i]:
            yield [*low[:i], last, *low[i + 1 :]], high
        low, high = [*low[:i], first, *low[i + 1 :]], [*high[:i], last, *high[i + 1 :]]
