"""The order of the passes that a tape with loops goes through before and behind differentiation.

Comes in: the Tape of a value, and a gradient or tangent Tape made of what went out. Goes out: a
Tape of the same outputs and effects. None of them changes a value, but for the order in which sums
are added. Each is a function of a Tape and the numbers that sizes stand for.
"""

from __future__ import annotations

from collections.abc import Callable

from gdcli.autodiff.passes import GRADIENT_PASS_NAMES, VALUE_PASS_NAMES
from gdcli.autodiff.passes.interchange import interchange
from gdcli.autodiff.passes.joined_loops import contract, fuse
from gdcli.autodiff.passes.tabulate import store, tabulate
from gdcli.autodiff.passes.trip_counts import Sizes
from gdcli.autodiff.tape import Tape

Pass = Callable[[Tape, Sizes], Tape]
VALUE_PASSES: dict[str, Pass] = dict(
    zip(VALUE_PASS_NAMES, (interchange, tabulate, contract, fuse), strict=True)
)
GRADIENT_PASSES: dict[str, Pass] = dict(zip(GRADIENT_PASS_NAMES, (fuse, store), strict=True))


def prepare(tape: Tape, sizes: Sizes) -> Tape:
    """The Tape of a value with every pass run over it that stands before differentiation."""
    for make in VALUE_PASSES.values():
        tape = make(tape, sizes)
    return tape


def schedule(tape: Tape, sizes: Sizes) -> Tape:
    """A gradient or tangent Tape with every pass run over it that stands behind differentiation."""
    for make in GRADIENT_PASSES.values():
        tape = make(tape, sizes)
    return tape
