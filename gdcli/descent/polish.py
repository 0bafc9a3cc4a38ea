"""Digits beyond double precision: Newton's method in numbers of any precision.

Comes in: a Function, the Result of a descent, and how many digits are wanted. Goes out: the Result
with the minimum as texts of so many right digits, or, where Newton's method does not lead on from
where descent has ended (a singular Hessian, a kink), the Result as stalled, with the reason.
Gradient and Hessian are the tapes' own, run as the function is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gdcli.autodiff import exact
from gdcli.derivatives.exact_values import agreed, coordinates, evaluate, run_at
from gdcli.descent.objective import Evaluations
from gdcli.descent.result import Precise, Result
from gdcli.descent.stopping import Outcome, StoppingTest
from gdcli.descent.subgradient import KINK_RADIUS
from gdcli.errors import Sentence, UndefinedError

if TYPE_CHECKING:
    from gdcli.descent.vectors import Vector
    from gdcli.functions.function import Function
    from gdcli.numbers.floats import NumberSystem

LONGEST_FIRST_STEP = (
    1e-3  # the longest first step, relative to max(1, |xᵢ|): descent has ended near by
)
STEP_REDUCTION = 0.1  # a step is at most so much of the one before: near a proper minimum far less


def polished(function: Function, result: Result, count: int) -> Result:
    """`result` with `count` digits."""
    as_found = Precise(
        list(map(_text, result.x)),
        _text(result.f),
        list(map(_text, result.gradient)),
        _text(result.gradient_norm),
    )
    if not result.converged:
        no_more = "{}; so there are no more than double precision's digits"
        message = Sentence(no_more, result.message)
        return result._replace(message=message, precise=as_found)
    newton = _Newton(function, result.x)
    try:
        precise = newton.digits(count)
    except UndefinedError as error:
        kinks = function.kinks(result.x, KINK_RADIUS)
        where = f" at the kink {kinks[0]}" if kinks else ""
        return result._replace(
            outcome=Outcome.STALLED,
            message=Sentence(
                "stalled{}: no {} digits, for {}; before that it {}",
                *(where, count, error.message, result.message),
            ),
            classification=None,
            minimum=None,
            verdict=None,
            precise=as_found,
        )
    value, gradient = result.evaluations
    steps = newton.steps
    return result._replace(
        message=Sentence(
            "{}; then Newton's method, in {} step{}, made the gradient 0 to {} digits",
            *(result.message, steps, "s" * (steps != 1), count),
        ),
        evaluations=Evaluations(value + newton.evaluations, gradient + newton.evaluations),
        tests=(
            *result.tests,
            StoppingTest(f"{count} digits", float(newton.norm), 10.0**-count, True),
        ),
        precise=precise,
    )


def _text(number: float) -> str:
    return repr(number).removesuffix(".0")


class _Newton:
    """x ← x - H⁻¹∇f from `start`, at ever higher precision, until two agree."""

    def __init__(self, function: Function, start: Vector) -> None:
        from gdcli.autodiff.forward import tangent

        self.function = function
        self.hessian_tape = tangent(function.gradient_tape)
        self.start = start
        self.steps = self.evaluations = 0  # of the last precision; of all together
        self.norm: Any = 0

    def digits(self, count: int) -> Precise:
        """The minimum, f there and the gradient. Raises UndefinedError where steps lead away."""
        from gdcli.numbers.precise import decimal_text

        *x, f = agreed(self.at_precision, count)
        if self.norm * 10**count >= 1:
            raise UndefinedError(f"the gradient stays at {float(self.norm):.3g}")
        return Precise(
            [decimal_text(number, count) for number in x],
            decimal_text(f, count),
            ["0"] * len(x),
            "0",
        )

    def at_precision(self, precision: int) -> list[Any]:
        """The point where the steps end, and f there."""
        from gdcli.numbers.precise import digits

        system = digits(precision)
        x = coordinates(self.function, system, self.start)
        scales = [max(1.0, abs(c)) for c in self.start]
        longest, self.steps, arrived = LONGEST_FIRST_STEP, 0, False
        while True:
            value, *gradient = evaluate(self.function, system, x)
            self.evaluations += 1
            self.norm = max(map(abs, gradient), default=0)
            if arrived or not any(gradient):
                return [*x, value]
            move = solved(self.hessian(system, x), gradient)
            if move is None:
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

    def hessian(self, system: NumberSystem, x: list[Any]) -> list[list[Any]]:
        """The n rows of second derivatives, by one forward sweep a row."""
        zero, one = system.decimal(exact.ZERO), system.decimal(exact.ONE)
        rows = []
        for row in range(len(x)):
            unit = [one if column == row else zero for column in range(len(x))]
            tape = self.hessian_tape
            rows.append(run_at(self.function, tape, system, [*x, *unit], "a second derivative of "))
        return [row[1:] for row in rows]  # the first is the derivative of f itself


def solved(matrix: list[list[Any]], right: list[Any]) -> list[Any] | None:
    """The solution of a linear system, by elimination with partial pivoting; None if singular."""
    rows = [[*row, entry] for row, entry in zip(matrix, right, strict=True)]
    n = len(rows)
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(rows[i][k]))
        rows[k], rows[pivot] = rows[pivot], rows[k]
        if not rows[k][k]:
            return None
        for i in range(k + 1, n):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    solution: list[Any] = [None] * n
    for k in reversed(range(n)):
        known = sum(rows[k][j] * solution[j] for j in range(k + 1, n))
        solution[k] = (rows[k][n] - known) / rows[k][k]
    return solution
