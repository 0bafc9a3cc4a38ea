"""The matrix of second derivatives at a point, with the digits that floats would lose.

Comes in: a gradient tape without loops and a point, taken as the exact doubles. Goes out: rows of
floats, None for an entry that has no finite value. As in `answer.py` the number of digits grows
until every entry is known, so tanh(x) at 360 has its second derivative, -1.6e-312, where floats say
0*inf. Kinks have the local rule. What is long is left to floats.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gdcli.autodiff.forward import tangent
from gdcli.autodiff.tape import Tape
from gdcli.nonsmooth.answer import (
    DIGITS_TRIED,
    SMALLEST_FLOAT_DECIMALS,
    as_float,
    digits_needed,
    most_digits,
    rounded,
    well_known,
)
from gdcli.nonsmooth.bounded_pass import Tapes, run_bounded_pass
from gdcli.numbers.bounded import Bounded, context_of, system_of
from gdcli.numbers.linear_algebra import identity

MOST_HESSIAN_INSTRUCTIONS = 20_000  # instructions of all rows beyond which floats have to do

HessianRows = list[list[float | None]]


def second_derivatives(
    gradient_tape: Tape,
    hessian_in_floats: Callable[[list[float]], list[list[float]]],
    point: Sequence[float],
) -> HessianRows:
    """The n rows of second derivatives at `point`, n finite floats.

    Where digits do not tell an entry, or would take long, it is that of `hessian_in_floats(point)`.
    """
    found: HessianRows = [[None] * len(point) for _ in point]
    if not is_long(gradient_tape):
        found = _in_digits(tangent(gradient_tape), point)
    if not any(None in row for row in found):
        return found
    return [
        [as_float(other) if entry is None else entry for entry, other in zip(*rows, strict=True)]
        for rows in zip(found, hessian_in_floats(list(point)), strict=True)
    ]


def is_long(gradient_tape: Tape) -> bool:
    """Whether second derivatives take so many instructions that they are left to floats."""
    inputs, instructions = gradient_tape.inputs, gradient_tape.body.instructions
    return len(inputs) * len(instructions) > MOST_HESSIAN_INSTRUCTIONS


def _in_digits(tape: Tape, point: Sequence[float]) -> HessianRows:
    """The rows by tangents of the gradient, with so many digits that every entry is known."""
    most = most_digits(tape, len(point))
    digits, needed = 0, DIGITS_TRIED[0]
    rows: list[list[Bounded]] = []
    while digits < needed <= most:
        digits = needed
        system, number = system_of(digits), context_of(digits).mpf
        at = [number(coordinate) for coordinate in point]
        passes = [
            run_bounded_pass(system, Tapes(tape, tape), [*at, *unit])
            for unit in identity(len(at), number(0), number(1))
        ]
        rows = [one.gradient for one in passes]  # the value is the derivative of f
        known = [[entry.good and well_known(entry) for entry in row] for row in rows]
        if all(map(all, known)):
            break
        needed = next((count for count in DIGITS_TRIED if count > digits), 0) or max(
            digits_needed(
                one, digits, SMALLEST_FLOAT_DECIMALS, [one.value, *one.gradient], [True, *told]
            )
            for one, told in zip(passes, known, strict=True)
        )
    return [[rounded(entry) for entry in row] for row in rows]
