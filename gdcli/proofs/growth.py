"""The largest box around a stationary point in which it is found to be the only one.

Comes in: an EnclosedFunction, and a box that holds the stationary point. Goes out: a box around it
over which the Hessian is regular, so that it holds no other; the reach of its sides is doubled,
quartered and bisected until that is proved of it, but not of a larger one that was tried.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import inf
from time import perf_counter

from gdcli.autodiff.tape import instructions
from gdcli.proofs.certificate import Ends
from gdcli.proofs.enclosed_function import Box, EnclosedFunction
from gdcli.proofs.krawczyk import Number, inertia_over

MOST_OPERATIONS_BY_SIDES = 25_000  # of a test of each side, up to which they are grown apart
MOST_OPERATIONS_BISECTED = 500_000  # of a test, up to which the last doubling is bisected
MOST_BOX_DOUBLINGS = 20  # of the first box, and of a side
MOST_QUARTERINGS = 30  # of the first box
FIRST_DOUBLINGS = 2  # before a box without end is tried
BISECTIONS = 2  # of the last doubling


class Growth:
    """The growth of a box around `inner`, which holds a stationary point, and no other in the end.

    A box is told by its reach beyond the inner one, a number for each of its 2n sides; all
    components are free. `scales` are those by which the Hessian's rows become of like size, `tests`
    is how many boxes were tested. It grows no more after `deadline`, a time of perf_counter.
    """

    def __init__(
        self,
        enclosed: EnclosedFunction,
        inner: Sequence[Ends],
        scales: Sequence[Fraction],
        deadline: float = inf,
    ) -> None:
        self.enclosed, self.inner, self.scales = enclosed, inner, scales
        self.tests, self.deadline = 0, deadline
        function, n = enclosed.function, len(inner)
        tape, bindings = function.gradient_tape, function.engine.gradient_bindings
        if bindings is None:
            operations = sum(1 for _ in instructions(tape.body))
        else:
            from gdcli.execute.work import Work

            operations = Work(tape, bindings).operations
        self.operations = 2 * n * operations  # of a test, about

    def box(self, reach: Sequence[Number]) -> Box:
        """The box with that reach."""
        of, n = self.enclosed.system.of, len(self.inner)
        return [
            of(-inf if below == inf else low - below, inf if above == inf else high + above)
            for (low, high), below, above in zip(self.inner, reach[:n], reach[n:], strict=True)
        ]

    def holds_one(self, reach: Sequence[Number]) -> bool:
        """Whether the box holds no other stationary point, because its Hessian is regular."""
        if perf_counter() > self.deadline:
            return False
        self.tests += 1
        found = inertia_over(self.enclosed, self.box(reach), range(len(self.inner)))
        return found is not None and found.regular

    def largest(self) -> Box:
        """The largest box that was found; empty where none passed, though the inner one may be it.

        The numbers of a box can have fewer bits than those of `inner` were proved in, so that the
        least box around `inner` is a larger one.
        """

        def by(t: Number) -> list[Number]:
            return [t * d for d in (*self.scales, *self.scales)]  # the lower sides, the upper ones

        common = self._furthest(by, Fraction(1), Fraction(0))
        reach = by(common)
        sides = len(reach)
        if 0 < common < inf and sides * self.operations <= MOST_OPERATIONS_BY_SIDES:
            for side in range(sides):

                def alone(t: Number, side: int = side) -> list[Number]:
                    return [*reach[:side], t, *reach[side + 1 :]]

                reach[side] = self._furthest(alone, 2 * reach[side], reach[side])
        return self.box(reach) if common or self.holds_one(reach) else []

    def _furthest(
        self, reach: Callable[[Number], list[Number]], first: Number, passed: Number
    ) -> Number:
        """The largest t found at which the box holds one stationary point, at least `passed`.

        `first` is doubled as long as the box holds one, and from `passed` = 0 it is quartered until
        then; the last step is bisected. It is infinite where nothing stops the box.
        """
        t, doublings = first, 0
        if self.holds_one(reach(t)):
            while doublings < MOST_BOX_DOUBLINGS:
                passed, t, doublings = t, 2 * t, doublings + 1
                if doublings == FIRST_DOUBLINGS and self.holds_one(reach(inf)):
                    return inf
                if not self.holds_one(reach(t)):
                    break
        elif not passed:
            for _ in range(MOST_QUARTERINGS):
                failed, t = t, t / 4
                if self.holds_one(reach(t)):
                    passed, t = t, failed
                    break
        costly = self.operations > MOST_OPERATIONS_BISECTED
        for _ in range(0 if costly or not passed else BISECTIONS):
            middle = (passed + t) / 2
            if self.holds_one(reach(middle)):
                passed = middle
            else:
                t = middle
        return passed
