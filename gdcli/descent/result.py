"""The result of a run: everything a report or a script can ask of it.

Comes in: what the run and the verdict found. Goes out: a `Result`, plain numbers and lists, or
arrays where `minimize` has made it; its short text, a table in HTML, and a DataFrame of its trace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn

from gdcli.descent.box import Box
from gdcli.descent.iterate import Iterate, trace_columns
from gdcli.descent.objective import NORM_LABEL, RESIDUAL_LABEL, Evaluations
from gdcli.descent.stopping import Outcome, StoppingTest
from gdcli.descent.turning import Height, Word
from gdcli.descent.vectors import Vector
from gdcli.errors import Sentence, UsageError, missing_library
from gdcli.functions.arguments import made_by, public
from gdcli.functions.doubles import same_numbers
from gdcli.functions.short_texts import MOST_SHOWN_COMPONENTS, point_text, table_html
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import pandas
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]


NO_MULTIPLIERS: Mapping[str, float] = MappingProxyType({})


class Escape(NamedTuple):
    """A stationary point that a run has left, where it was no minimum: its k, the point, and f.

    `kind` is its classification, mostly `saddle`.
    """

    k: int
    x: Vector
    f: float
    kind: str


def left_points(names: Sequence[str], escapes: Sequence[Escape]) -> Sentence:
    """The words for the points that a run has left, at least one: `left a saddle at k = 3, …`."""
    k, x, f, kind = escapes[-1]
    many = f"{len(escapes)} stationary points, the last " if len(escapes) > 1 else ""
    message = "left {}a {} at k = {}, {}, where f is {:.6g}"
    return Sentence(message, many, Word(kind), k, point_text(names, x), Height(f))


class Precise(NamedTuple):
    """A point, f, the gradient and its largest component, as texts of many digits."""

    x: list[str]
    f: str
    gradient: list[str]
    gradient_norm: str


@made_by("gdcli.minimize")
class Result(NamedTuple):
    """How a run went, and where it ended; two are equal where everything but `seconds` is.

    `variables` names the components of a point. `x`, `f`, `gradient` and `gradient_norm` (‖∇f‖∞)
    belong to iterate number `iterate`: the one that passed the test, else the one of lowest f;
    they are nan where the start is not finite. `last` is the last finite iterate, None without
    one. `trace` lacks `dropped` rows from its middle. `alpha_limit` is 2/L, L the largest
    eigenvalue of the Hessian at x, and `safe_alpha` 1/L where the run's fixed α lies above it.
    `derivative` names the method that found gradients, and `precise` holds more digits where they
    were asked for. `manner` follows the word `converged` where it was not by the tolerance, as in
    ` to machine precision`. `minimum` says whether x is a minimum, or a maximum where the run was
    to `maximize`; all numbers are those of f. `method_used` is the method that "auto" took, else
    `method`, and `method_change` says when and why it took another; `escapes` are the saddles that
    the run has left. `bounds` is the box of a run in one, where `gradient_norm` is
    ‖x - P(x - ∇f)‖∞ and all that is said of the Hessian is of the variables that no bound holds;
    `multipliers` has λ of each component on a bound: ∂f/∂x on a lower, -∂f/∂x on an upper one, so
    that L = f - λ·(x - low) or f - λ·(high - x) is stationary.
    What is unknown is None. `fun`, `jac`, `nit`, `nfev`, `njev` and `success` are SciPy's names of
    f, gradient, iterations, evaluations and `converged`.
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
    hessian_eigenvalues: list[float] | None
    condition_number: float | None
    alpha_limit: float | None
    safe_alpha: float | None
    advice: tuple[str, ...]
    trace: list[Iterate]
    dropped: int
    seconds: float
    derivative: str = "reverse"
    precise: Precise | None = None
    manner: str = ""
    bounds: Box | None = None
    multipliers: Mapping[str, float] = NO_MULTIPLIERS
    maximize: bool = False
    seed: int = 0
    method_used: str = "steepest"
    method_change: str = ""
    escapes: tuple[Escape, ...] = ()

    @property
    def norm_label(self) -> str:
        """What `gradient_norm` is, as it is written for people."""
        if self.bounds is None:
            return NORM_LABEL
        return RESIDUAL_LABEL.replace("− ∇f", "+ ∇f") if self.maximize else RESIDUAL_LABEL

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
        return 5 if self.converged and self.minimum is False else self.outcome.exit_status

    @property
    def fun(self) -> float:
        return self.f

    @property
    def jac(self) -> FloatArray:
        gradient: FloatArray = self.gradient
        return gradient

    @property
    def nit(self) -> int:
        return self.iterations

    @property
    def nfev(self) -> int:
        return self.evaluations.value

    @property
    def njev(self) -> int:
        return self.evaluations.gradient

    @property
    def success(self) -> bool:
        return self.converged

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Result):
            return False
        return same_numbers(self._replace(seconds=0.0)[:], other._replace(seconds=0.0)[:])

    def __ne__(self, other: object) -> bool:  # a tuple has its own, as of hash and order
        return not self == other

    def __hash__(self) -> int:
        return hash((self.message, self.iterations))

    def __repr__(self) -> str:
        lines = [f"{name}: {text}" for name, text in self._facts()]
        return f"gdcli.Result({self.status})\n" + "\n".join(f"  {line}" for line in lines)

    def _repr_html_(self) -> str:
        """The table of the trace, and below it the end point, f, counts and verdict, in HTML."""
        from html import escape

        facts = [f"<b>{escape(name)}</b>: {escape(text)}" for name, text in self._facts()]
        columns = [*trace_columns(self.variables[:MOST_SHOWN_COMPONENTS])]
        rows = [(row.k, *row.x[:MOST_SHOWN_COMPONENTS], *row[2:5]) for row in self.trace]
        return f"{table_html(columns, rows)}<p>{'<br>'.join(facts)}</p>"

    def _facts(self) -> list[tuple[str, str]]:
        """The first things to tell of a run, each with its name."""
        counts = f"{self.iterations}; evaluations: {self.nfev} of f, {self.njev} of its gradient"
        return [
            ("x", point_text(self.variables, self.x)),
            ("f", f"{self.f!r}"),
            ("gradient_norm", f"{self.gradient_norm:.3g}"),
            ("iterations", counts),
            *([("classification", self.classification)] if self.classification else []),
            ("message", str(self.message)),
        ]

    @public
    def to_frame(self) -> pandas.DataFrame:
        """The trace as a DataFrame of pandas: k, the components of x, f, gradient_norm, alpha.

        A component named like one of the other columns is prefixed, `x.k`. Raises UsageError where
        pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise missing_library("a DataFrame", "pandas") from None
        rows = [
            (row.k, *row.x, row.f, row.gradient_norm, nan if row.alpha is None else row.alpha)
            for row in self.trace
        ]
        return pandas.DataFrame(rows, columns=[*trace_columns(self.variables)])


def _unordered(one: Result, other: object) -> NoReturn:  # noqa: ARG001
    raise UsageError("results have no order; compare a number of each, such as result.f")


for _comparison in ("__lt__", "__le__", "__gt__", "__ge__"):  # which a tuple has
    setattr(Result, _comparison, _unordered)


if TYPE_CHECKING:

    class ArrayResult(Result):
        """What type checkers know of the Result of the library's `minimize`: it holds arrays."""

        @property
        def start(self) -> FloatArray: ...

        @property
        def x(self) -> FloatArray: ...

        @property
        def gradient(self) -> FloatArray: ...
