"""Digits beyond double precision: Newton's method in numbers of any precision.

Comes in: a Function, the Result of a descent, and how many digits are wanted. Goes out: the Result
with the minimum as texts of so many right digits, or, where Newton's method does not lead on from
where descent has ended (a singular Hessian, a kink), the Result as stalled, with the reason; an
interrupt gives it as interrupted.
Gradient and Hessian are the tapes' own, run as the function is written.
"""

from __future__ import annotations

from typing import Any

from gdcli.derivatives.exact_values import (
    agreed,
    coordinates,
    evaluate,
    hessian_rows,
    refuse_endless_digits,
)
from gdcli.descent.result import Precise, Result
from gdcli.descent.stopping import Outcome, StoppingTest, Termination, interrupted_late
from gdcli.descent.subgradient import KINK_RADIUS
from gdcli.descent.vectors import Vector
from gdcli.errors import Sentence, UndefinedError, count_of
from gdcli.functions.function import Function
from gdcli.numbers.linear_algebra import solution

LONGEST_FIRST_STEP = 1e-3  # relative to max(1, |xᵢ|): descent has ended near by
STEP_REDUCTION = 0.1  # a step is at most so much of the one before: near a proper minimum far less


def polished(function: Function, result: Result, count: int) -> Result:
    """`result` with its minimum to `count` digits, or stalled where that cannot be had."""
    as_found = Precise(
        list(map(_text, result.x)),
        _text(result.f),
        list(map(_text, result.gradient)),
        _text(result.gradient_norm),
    )
    if not result.converged:
        no_more = "{}; so there are no more than double precision's digits"
        return result._replace(message=Sentence(no_more, result.message), precise=as_found)
    held = {i for i, name in enumerate(result.variables) if name in result.multipliers}
    newton = _Newton(function, result.x, count, held)
    try:
        precise = newton.digits()
    except (UndefinedError, KeyboardInterrupt) as error:
        outcome, message, _ = _unfinished(function, result, count, error)
        return result._replace(
            outcome=outcome,
            message=message,
            classification=None,
            minimum=None,
            verdict=None,
            precise=as_found,
        )
    return result._replace(
        message=Sentence(
            "{}; then Newton's method, in {}, made the gradient 0 to {} digits",
            *(result.message, count_of(newton.steps, "step"), count),
        ),
        evaluations=result.evaluations.more(newton.evaluations),
        tests=(
            *result.tests,
            StoppingTest(f"{count} digits", float(newton.norm), 10.0**-count, True),
        ),
        precise=precise,
    )


def _unfinished(
    function: Function, result: Result, count: int, error: UndefinedError | KeyboardInterrupt
) -> Termination:
    if isinstance(error, KeyboardInterrupt):
        return interrupted_late(error, "its digits were found", result.message)
    kinks = function.kinks(result.x, KINK_RADIUS)
    where = f" at the kink {kinks[0]}" if kinks else ""
    message = "stalled{}: no {} digits, for {}; before that it {}"
    sentence = Sentence(message, where, count, error.message, result.message)
    return Termination(Outcome.STALLED, sentence)


def _text(number: float) -> str:
    return repr(number).removesuffix(".0")


class _Newton:
    """Newton's iteration x ← x - H⁻¹∇f, repeated at ever higher precision until two agree."""

    def __init__(self, function: Function, start: Vector, count: int, held: set[int]) -> None:
        from gdcli.autodiff.forward import tangent

        self.function = function
        self.tape = tangent(function.gradient_tape)
        self.start, self.count = start, count
        self.free = [i for i in range(len(start)) if i not in held]  # that no bound holds
        self.steps = self.evaluations = 0  # of the last precision; of all together
        self.norm: Any = 0

    def digits(self) -> Precise:
        """The minimum, f there and its gradient. Raises UndefinedError where steps lead away."""
        from gdcli.numbers.precise import decimal_text

        count = self.count
        n = len(self.start)
        *found, f = agreed(self.at_precision, count)
        x, gradient = found[:n], [0] * n
        for i, slope in zip((i for i in range(n) if i not in self.free), found[n:], strict=True):
            gradient[i] = slope
        if self.norm * 10**count >= 1:
            raise UndefinedError(f"the gradient stays at {float(self.norm):.3g}")
        return Precise(
            [decimal_text(number, count) for number in x],
            decimal_text(f, count),
            [decimal_text(slope, count) if slope else "0" for slope in gradient],
            "0",
        )

    def at_precision(self, precision: int) -> list[Any]:
        """The coordinates at which the steps end, and f there."""
        from gdcli.numbers.precise import digits

        runs = 1 + 2 * len(self.start)
        refuse_endless_digits(self.function, max(precision, 2 * self.count), runs)
        system = digits(precision)
        x = coordinates(self.function, system, self.start)
        scales = [max(1.0, abs(c)) for c in self.start]
        longest, self.steps, arrived = LONGEST_FIRST_STEP, 0, False
        while True:
            value, *gradient = evaluate(self.function, system, x)
            self.evaluations += 1
            slopes = [gradient[i] for i in self.free]
            self.norm = max(map(abs, slopes), default=0)
            if arrived or not any(slopes):
                held = [slope for i, slope in enumerate(gradient) if i not in self.free]
                return [*x, *held, value]
            rows = hessian_rows(self.function, self.tape, system, x, "a second derivative of ")
            steps = solution([[rows[i][j] for j in self.free] for i in self.free], slopes)
            move = [0] * len(x)
            for i, step in zip(self.free, steps, strict=True):
                move[i] = step
            if None in move:
                raise UndefinedError("the Hessian is singular there")
            length = max(abs(m) / scale for m, scale in zip(move, scales, strict=True))
            if length > longest:
                raise UndefinedError(
                    "Newton's steps do not shrink: the Hessian is all but singular"
                )
            x = [c - m for c, m in zip(x, move, strict=True)]
            self.steps += 1
            longest = STEP_REDUCTION * length
            arrived = length * 10 ** (precision // 2 + 3) < 1  # a step squares the error
