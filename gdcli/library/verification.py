"""Problem to Checks: is every point that a problem states what it is said to be?

Comes in: a Problem. Goes out: one Check for each stated minimum and stationary point, those stated
for other sizes of its vectors included. All distances are counted in the window's widths, so that
badly scaled problems are judged like any other: the gradient must be 0 to a millionth of what it is
a thousandth of the window away, f must be the one stated, the Hessian's signs must fit, and nothing
nearby may be lower than a minimum. At a kink, or where the formula has no gradient, the last of
these judges alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, isfinite

from gdcli.functions.function import Function
from gdcli.functions.problem import Problem
from gdcli.library.files import ProblemFile
from gdcli.named_tuples import NamedTuple

RING_RADII = (1e-3, 1e-5)  # of the rings of nearby points, in widths of the window
RANDOM_DIRECTIONS = 60
VALUE_TOLERANCE = 1e-10
GRADIENT_SHARE = 1e-6
ZERO_CURVATURE = 1e-9
LOWEST_KIND = "lowest in window"  # of the Check whether a minimum has the least value of a window


class StatedProof(NamedTuple):
    """The status of a certificate of a stated point, and a sentence on what is missing or wrong."""

    status: str
    message: str = ""


class Check(NamedTuple):
    """A stated point and what was found there; `reason` says what is wrong, empty if nothing is.

    `problem` is its name, with the sizes where they are not those of the file (`chain, n = 6`);
    `kind` is "minimum", as stated, or LOWEST_KIND, `stated` the value given (None for a stationary
    point), `gradient_norm` the largest component; None stands for what is not finite. `proof` is
    None where none was asked for.
    """

    problem: str
    kind: str
    at: tuple[float, ...]
    stated: float | None
    f: float | None
    gradient_norm: float | None
    holds: bool
    reason: str
    proof: StatedProof | None = None


def verify(problem: Problem) -> list[Check]:
    """A Check for each point that `problem` states, minima first, those of other sizes last."""
    return [check for one in with_other_sizes(problem) for check in checks_of(one)]


def with_other_sizes(problem: Problem) -> Iterator[Problem]:
    """The problem, and as problems of their own those of the other sizes for which it has points.

    The names of these say which sizes they are.
    """
    yield problem
    for sizes in problem.elsewhere:
        other = ProblemFile(problem.path).problem(problem.name, sizes)
        written = ", ".join(f"{name} = {size}" for name, size in sizes.items())
        yield other._replace(name=f"{problem.name}, {written}")


def checks_of(problem: Problem) -> list[Check]:
    """A Check for each point that `problem` states for its own sizes, minima first."""
    function = Function(problem.expression, sizes=problem.sizes, data=problem.data)
    minima = [("minimum", list(known.at), known.f) for known in problem.minima]
    others = [(known.kind, list(known.at), None) for known in problem.stationary]
    return [_check(problem, function, *stated) for stated in [*minima, *others]]


def _check(
    problem: Problem, function: Function, kind: str, at: list[float], stated: float | None
) -> Check:
    value, gradient = function.evaluate_gradient(at)
    norm = max(map(abs, gradient), default=0.0) if all(map(isfinite, gradient)) else inf
    reason = _objection(function, kind, at, stated, _widths(problem, at))
    return Check(
        problem.name,
        kind,
        tuple(at),
        stated,
        value if isfinite(value) else None,
        norm if isfinite(norm) else None,
        not reason,
        reason,
    )


def _objection(
    function: Function, kind: str, at: list[float], stated: float | None, widths: list[float]
) -> str:
    """Why the point is not what it is said to be; empty where it is."""
    value, gradient = function.evaluate_gradient(at)
    far, near = (_ring(at, widths, radius) for radius in RING_RADII)
    values = list(filter(isfinite, map(function.evaluate, [*far, *near])))
    if not isfinite(value):
        return "f has no finite value there"
    noise = next(filter(isfinite, map(function.rounding_error, [at, *near])), 0.0)
    if stated is not None:
        rise = max((abs(other - value) for other in values), default=0.0)
        if not abs(value - stated) <= VALUE_TOLERANCE * (abs(stated) + rise) + 100 * noise:
            return f"f is {value!r} there"
    if all(map(isfinite, gradient)) and not function.kinks(at, RING_RADII[1]):
        gradients = [function.evaluate_gradient(point)[1] for point in far]
        for component, others in zip(gradient, zip(*gradients, strict=True), strict=True):
            scale = max((abs(other) for other in others if isfinite(other)), default=0.0)
            if abs(component) > GRADIENT_SHARE * scale:
                return f"the gradient is not 0 there, but {component:.3g}"
        found = _curvature(function, at, widths)
        if found and found not in (kind, "flat"):
            return f"by its Hessian it is a {found}"
    elif kind != "minimum" and not _steepest(function, near) < 0.5 * _steepest(function, far):
        return "there is no gradient there"  # at a kink, it would shrink towards the point
    if kind == "minimum" and min(values, default=inf) < value - 10 * noise:
        return "f is lower nearby"
    return ""


def _steepest(function: Function, points: list[list[float]]) -> float:
    """The largest component of a gradient at the points; inf where one has none."""
    gradients = [function.evaluate_gradient(point)[1] for point in points]
    sizes = [abs(component) for gradient in gradients for component in gradient]
    return max(sizes) if all(map(isfinite, sizes)) else inf


def _widths(problem: Problem, at: list[float]) -> list[float]:
    if problem.window:
        return [high - low for low, high in problem.window]
    return [2 * max(1.0, abs(component)) for component in at]


def _ring(at: list[float], widths: list[float], radius: float) -> list[list[float]]:
    return [
        [a + radius * width * d for a, width, d in zip(at, widths, direction, strict=True)]
        for direction in _directions(len(at))
    ]


def _directions(n: int) -> Iterator[list[float]]:
    """Directions both ways along every axis, and random ones, the same in every run."""
    from random import Random

    for axis in range(n):
        for sign in (-1.0, 1.0):
            yield [sign if i == axis else 0.0 for i in range(n)]
    random = Random(n)
    for _ in range(RANDOM_DIRECTIONS):
        yield [random.uniform(-1, 1) for _ in range(n)]


def _curvature(function: Function, at: list[float], widths: list[float]) -> str:
    """The kind of the point by the Hessian's eigenvalues; empty where it is not finite."""
    import numpy as np

    hessian = np.array(function.evaluate_hessian(at)) * np.outer(widths, widths)
    if not np.isfinite(hessian).all():
        return ""
    eigenvalues = np.linalg.eigvalsh(hessian)
    zero = ZERO_CURVATURE * np.abs(eigenvalues).max()
    if eigenvalues[0] > zero:
        return "minimum"
    if eigenvalues[-1] < -zero:
        return "maximum"
    return "saddle" if eigenvalues[0] < -zero and eigenvalues[-1] > zero else "flat"
