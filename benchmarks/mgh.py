"""The scorecard of smooth problems: the 35 of Moré, Garbow and Hillstrom (1981), beside SciPy.

`python -m benchmarks mgh` runs every method of descent that is made for smooth problems, and with
`--methods lbfgs,newton` only those, each with the settings that a user gets. What is printed are
counts, so runs repeat and the machine does not matter. The words:

- *solved*: |f - f*| <= 1e-6(1 + |f*|) for a listed minimum, whatever the status;
- *converged*: solved, and exit 0 too;
- *false*: exit 0, not solved, and no minimum by a Hessian in 30 digits: Newton's method in as many
  digits, on the residuals as the paper writes them, leads away or to a Hessian that is not positive
  definite;
- *evaluations*: points at which f, or f and its gradient, were computed, whoever asked.

Source: J. J. Moré, B. S. Garbow, K. E. Hillstrom, ACM Trans. Math. Software 7 (1981) 17.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from math import exp, isfinite, log
from random import Random
from statistics import median
from typing import Any, NamedTuple

import mpmath

from benchmarks.counted import Calls, CountedFunction, PosedObjective, Posing
from gdcli.descent.callable_objective import CallableObjective
from gdcli.descent.methods import DESCENT_METHODS
from gdcli.descent.minimize import run_descent
from gdcli.library import lookup
from tests.more_garbow_hillstrom import SQUARES

METHODS = ("newton", "lbfgs", "auto", "bfgs", "cg", "trust-region", "steepest")
TOLERANCE = 1e-8  # of the largest partial derivative, of every side
MOST_ITERATIONS = 20_000  # of steepest descent; the others need a few hundred
MOST_EVALUATIONS = 50_000
DIGITS = 30  # of the Hessian that decides whether an end is false
DIFFERENCE = 1e-20  # h of its differences, which are made in three times as many digits
MOST_NEWTON_STEPS = 30
NEARNESS = 0.01  # relative to |x| or 1: how far Newton's method may lead from an end
VARIED = 1  # the seed of scales and places


class End(NamedTuple):
    """Where a run ended, by the function's own variables, and what it took."""

    solved: bool
    ok: bool  # exit status 0, or a peer's word of success
    false: bool
    calls: Calls
    of_verdict: int  # of the evaluations, those after the descent
    status: str


class Variant(NamedTuple):
    """The same problems asked otherwise: from other starts, or in other variables."""

    name: str
    start: Callable[[Sequence[float]], list[float]] = list
    posing: Callable[[int], Posing | None] = lambda n: None  # noqa: ARG005

    def tolerance(self, posing: Posing | None) -> float:
        """The tolerance: where f is small, as much smaller."""
        return TOLERANCE * (1.0 if posing is None else min(1.0, posing.factor))


def farther(factor: float) -> Callable[[Sequence[float]], list[float]]:
    """The paper's other starts: `factor` times as far, and where that is 0, at `factor`."""
    return lambda start: [factor * c if any(start) else c + factor for c in start]


def scaled(n: int) -> Posing:
    drawn = Random(VARIED)
    return Posing.of(n)._replace(scales=[10.0 ** drawn.uniform(-3.0, 3.0) for _ in range(n)])


def permuted(n: int) -> Posing:
    return Posing.of(n)._replace(places=Random(VARIED).sample(range(n), n))


def shifted(n: int) -> Posing:
    drawn = Random(VARIED)
    return Posing.of(n)._replace(shifts=[drawn.uniform(-1.0, 1.0) for _ in range(n)])


PLAIN = Variant("as published")
VARIANTS = (
    PLAIN,
    Variant("starts × 10", farther(10.0)),
    Variant("starts × 100", farther(100.0)),
    Variant("variables × 10^U(-3, 3)", posing=scaled),
    Variant("f × 10^20", posing=lambda n: Posing.of(n)._replace(factor=1e20)),
    Variant("f × 10^-20", posing=lambda n: Posing.of(n)._replace(factor=1e-20)),
    Variant("variables permuted", posing=permuted),
    Variant("variables shifted", posing=shifted),
)
NOISY = Variant("noise of 1e-10·|f|", posing=lambda n: Posing.of(n)._replace(noise=1e-10))


class Peer(NamedTuple):
    """A method of SciPy, and what it is given beside f and its gradient.

    trust-exact is run on the problems as published alone: on others its factorizations do not end.
    """

    method: str
    options: dict[str, float]
    hessian: bool = False


LIMITS = {"gtol": TOLERANCE, "maxiter": MOST_ITERATIONS}
PEERS = (
    Peer("L-BFGS-B", {**LIMITS, "ftol": 0.0, "maxfun": MOST_EVALUATIONS}),
    Peer("BFGS", {**LIMITS}),
    Peer("trust-exact", {**LIMITS}, hessian=True),
)
COMPARED = {"lbfgs": ("L-BFGS-B", "BFGS"), "newton": ("trust-exact",), "auto": ("trust-exact",)}


def table(methods: Sequence[str] = ()) -> Iterator[str]:
    """The lines of the scorecard, as they are found."""
    names = [name for name in methods or METHODS if name in DESCENT_METHODS]
    counts = "evaluations | of them for the verdict | Hessians | products"
    yield f"| method | 35 problems | solved | converged | false | {counts} |"
    yield "|---|---|---:|---:|---:|---:|---:|---:|---:|"
    published: dict[str, list[End]] = {}
    for name in names:
        for variant in (*VARIANTS, NOISY):
            ends = [ours(problem, name, variant) for problem in SQUARES]
            if variant is PLAIN:
                published[name] = ends
            yield row(name, variant, ends)
    for peer in PEERS:
        for variant in (PLAIN,) if peer.hessian else (*VARIANTS, NOISY):
            ends = [theirs(problem, peer, variant) for problem in SQUARES]
            if variant is PLAIN:
                published[peer.method] = ends
            yield row(f"SciPy's {peer.method}", variant, ends)
    yield ""
    yield from ratios(published)
    yield ""
    yield from repeated(names, published)
    unsolved = {
        name: [problem for problem, end in zip(SQUARES, ends, strict=True) if not end.solved]
        for name, ends in published.items()
    }
    yield ""
    yield "Not solved: " + "; ".join(
        f"{name}: {', '.join(missed)}" for name, missed in unsolved.items() if missed
    )


def row(name: str, variant: Variant, ends: list[End]) -> str:
    solved = sum(end.solved for end in ends)
    converged = sum(end.solved and end.ok for end in ends)
    false = sum(end.false for end in ends)
    evaluations, *others = map(sum, zip(*(end.calls for end in ends), strict=True))
    counts = [evaluations, sum(end.of_verdict for end in ends), *others]
    figures = " | ".join(f"{count:,}" for count in counts)
    return f"| {name} | {variant.name} | {solved} | {converged} | {false} | {figures} |"


def ratios(published: dict[str, list[End]]) -> Iterator[str]:
    yield "| evaluations, problem by problem | over | both solve | median | geometric mean |"
    yield "|---|---|---:|---:|---:|"

    def shares(name: str, peer: str, verdicts: bool) -> list[float]:
        return [
            (one.calls.evaluations - (0 if verdicts else one.of_verdict)) / other.calls.evaluations
            for one, other in zip(published[name], published[peer], strict=True)
            if one.solved and other.solved
        ]

    for name, peers in COMPARED.items():
        for peer in peers:
            if name not in published:
                continue
            for kind, verdicts in (("", True), (", its descent alone", False)):
                both = shares(name, peer, verdicts)
                mean = exp(sum(map(log, both)) / len(both))
                figures = f"{len(both)} | {median(both):.2f} | {mean:.2f}"
                yield f"| {name}{kind} | SciPy's {peer} | {figures} |"


def repeated(names: list[str], published: dict[str, list[End]]) -> Iterator[str]:
    """Whether it matters in which order, and from which origin, variables are counted."""
    yield "| method | variables | same status | evaluations within 10 % | sum over sum |"
    yield "|---|---|---:|---:|---:|"
    for name in names:
        for variant in VARIANTS[-2:]:
            ends = [ours(problem, name, variant) for problem in SQUARES]
            pairs = list(zip(published[name], ends, strict=True))
            same = sum((a.status, a.ok) == (b.status, b.ok) for a, b in pairs)
            counts = [(a.calls.evaluations, b.calls.evaluations) for a, b in pairs]
            near = sum(abs(a - b) <= 0.1 * a for a, b in counts)
            share = sum(b for _, b in counts) / sum(a for a, _ in counts)
            yield f"| {name} | {variant.name[10:]} | {same} | {near} | {share:.2f} |"


@cache
def ours(problem: str, method: str, variant: Variant) -> End:
    """One run of ours."""
    function = CountedFunction(lookup.function(problem))
    known = function.problem
    assert known is not None
    posing = variant.posing(len(known.start))
    objective: Any = function if posing is None else PosedObjective(function, posing)
    x = variant.start(known.start)
    if variant is NOISY:
        objective = outside(objective, list(known.start))
    result = run_descent(
        objective,
        x if posing is None else posing.y(x),
        method=method,
        tolerance=variant.tolerance(posing),
        max_iterations=MOST_ITERATIONS,
        max_evaluations=MOST_EVALUATIONS,
        keep=0,
    )
    end = result.x if posing is None else posing.x(result.x)
    verdict = max(0, function.calls.evaluations - result.evaluations.value)
    return judged(problem, function, end, result.exit_status == 0, f"{result.status}", verdict)


def outside(posed: PosedObjective, start: list[float]) -> CallableObjective:
    """The objective as a user's own functions, of whose rounding errors nothing is known."""
    return CallableObjective(
        lambda y: posed.evaluate_gradient(y.tolist()),
        start,
        gradient=True,
        hessian=lambda y: posed.evaluate_hessian(y.tolist()),
    )


def theirs(problem: str, peer: Peer, variant: Variant) -> End:
    """One run of SciPy's."""
    import numpy as np
    from scipy.optimize import minimize

    function = CountedFunction(lookup.function(problem))
    known = function.problem
    assert known is not None
    posing = variant.posing(len(known.start))
    objective: Any = function if posing is None else PosedObjective(function, posing)
    x = variant.start(known.start)
    options = {**peer.options, "gtol": variant.tolerance(posing)}
    with np.errstate(all="ignore"):
        try:
            found = minimize(
                lambda y: objective.evaluate_gradient(y.tolist()),
                x if posing is None else posing.y(x),
                jac=True,
                method=peer.method,
                options=options,
                hess=(lambda y: np.array(objective.evaluate_hessian(y.tolist())))
                if peer.hessian
                else None,
            )
        except (ArithmeticError, ValueError, np.linalg.LinAlgError) as error:
            return End(False, False, False, function.calls, 0, str(error))
    end = found.x.tolist() if posing is None else posing.x(found.x.tolist())
    return judged(problem, function, end, bool(found.success), str(found.message))


def judged(
    problem: str,
    function: CountedFunction,
    x: list[float],
    ok: bool,
    status: str,
    of_verdict: int = 0,
) -> End:
    """How far the end of a run is a success."""
    calls, known = function.calls, function.problem
    assert known is not None
    f = function.evaluate(x)
    listed = [float(minimum.f) for minimum in known.minima]
    solved = isfinite(f) and any(abs(f - f0) <= 1e-6 * (1.0 + abs(f0)) for f0 in listed)
    false = ok and not solved and not minimum_near(problem, x, dict(function.sizes))
    return End(solved, ok, false, calls, of_verdict, status)


def minimum_near(problem: str, x: list[float], sizes: dict[str, int]) -> bool:
    """Whether Newton's method in many digits finds a minimum where a run has ended."""
    residuals = SQUARES[problem][1]
    work = mpmath.mp.clone()  # the context of the residuals is their own
    from tests.more_garbow_hillstrom import mp

    digits, mp.dps = mp.dps, 3 * DIGITS
    try:
        here = [mp.mpf(c) for c in x]

        def f(point: list[Any]) -> Any:
            return sum(mp.mpf(r) ** 2 for r in residuals((0, *point, 0), sizes))

        work.dps = 3 * DIGITS
        for _ in range(MOST_NEWTON_STEPS):
            gradient, hessian = derivatives(f, here, mp.mpf(DIFFERENCE))
            curvatures, axes = work.eigsy(work.matrix(hessian))
            if not min(curvatures) > 0:
                return False
            along = axes.T * work.matrix(gradient)
            move = -axes * work.matrix([g / c for g, c in zip(along, curvatures, strict=True)])
            here = [c + d for c, d in zip(here, move, strict=True)]
            away = max(abs(c - d) / max(1, abs(d)) for c, d in zip(here, x, strict=True))
            if away > NEARNESS:
                return False
            if max(map(abs, move)) <= mp.mpf(10) ** -DIGITS * max(map(abs, [1, *here])):
                return True
        return False
    finally:
        mp.dps = digits


def derivatives(f: Callable[[list[Any]], Any], x: list[Any], h: Any) -> tuple[list[Any], list[Any]]:
    """Gradient and Hessian by central differences."""
    n = len(x)

    def at(*moves: tuple[int, int]) -> Any:
        point = list(x)
        for i, sign in moves:
            point[i] += sign * h
        return f(point)

    centre = at()
    ahead, behind = [at((i, 1)) for i in range(n)], [at((i, -1)) for i in range(n)]
    gradient = [(a - b) / (2 * h) for a, b in zip(ahead, behind, strict=True)]
    hessian = [[f(x)] * n for _ in range(n)]
    for i in range(n):
        hessian[i][i] = (ahead[i] - 2 * centre + behind[i]) / h**2
        for j in range(i):
            both = at((i, 1), (j, 1)) + at((i, -1), (j, -1)) - ahead[i] - behind[i]
            hessian[i][j] = hessian[j][i] = (both - ahead[j] - behind[j] + 2 * centre) / (2 * h**2)
    return gradient, hessian
