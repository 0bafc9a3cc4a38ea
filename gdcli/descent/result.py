"""The result of a run: everything a report or a script can ask of it.

Comes in: what the run and the verdict found. Goes out: a `Result`, plain numbers and lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gdcli.descent.iterate import Iterate
from gdcli.descent.objective import Evaluations
from gdcli.descent.stopping import Outcome, StoppingTest
from gdcli.descent.vectors import Vector


class Precise(NamedTuple):
    """A point, f, the gradient and its largest component, as texts of many digits."""

    x: list[str]
    f: str
    gradient: list[str]
    gradient_norm: str


class Result(NamedTuple):
    """How a run went, and where it ended.

    `variables` names the components of a point. `x`, `f`, `gradient` and `gradient_norm` (‖∇f‖∞)
    belong to iterate number `iterate`: the one that passed the test, else the one of lowest f;
    they are nan where the start is not finite. `last` is the last finite iterate, None without
    one. `trace` lacks `dropped` rows from its middle. `alpha_limit` is 2/L, L the largest
    eigenvalue of the Hessian at x, and `safe_alpha` 1/L where the run's fixed α lies above it.
    `derivative` names the method that found gradients, and `precise` holds more digits where they
    were asked for. What is unknown is None.
    """

    variables: Sequence[str]
    method: str
    alpha: str | float
    start: Vector
    default_start: bool
    outcome: Outcome
    message: str
    iterations: int
    evaluations: Evaluations
    x: Vector
    f: float
    gradient: Vector
    gradient_norm: float
    iterate: int
    last: Iterate | None
    tests: tuple[StoppingTest, ...]
    classification: str | None
    degenerate: bool
    minimum: bool | None
    verdict: str | None
    hessian_eigenvalues: Vector | None
    condition_number: float | None
    alpha_limit: float | None
    safe_alpha: float | None
    advice: tuple[str, ...]
    trace: list[Iterate]
    dropped: int
    seconds: float
    derivative: str = "reverse"
    precise: Precise | None = None

    @property
    def status(self) -> str:
        """The outcome's word, as in `max_iterations`."""
        return self.outcome.status

    @property
    def converged(self) -> bool:
        return self.outcome is Outcome.CONVERGED

    @property
    def exit_status(self) -> int:
        """The exit status of the command line, 5 for a converged run that found no minimum."""
        return 5 if self.minimum is False else self.outcome.exit_status
