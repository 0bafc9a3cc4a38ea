"""Trust regions: to the minimum of the quadratic model among the steps of at most a radius.

The radius grows where the model foretells f, and shrinks where it does not. Up to
MOST_LISTED_COMPONENTS variables the model is solved exactly by the eigenvectors of M = DHD, and a
step p is measured as ‖D⁻¹p‖, in which badly scaled variables count alike; above by conjugate
gradients, which need products of H alone. In a box variables that the step would carry beyond a
bound are set on it, and the others are solved for again.

Sources: J. J. Moré, D. C. Sorensen, SIAM J. Sci. Stat. Comput. 4 (1983) 553; T. Steihaug, SIAM J.
Numer. Anal. 20 (1983) 626; A. R. Conn, N. I. M. Gould, P. L. Toint, Trust-Region Methods (2000).
"""

from __future__ import annotations

from collections.abc import Generator
from math import copysign, inf, sqrt
from sys import float_info
from typing import Any

from gdcli.descent.objective import Evaluation
from gdcli.descent.precision import NEGLIGIBLE_DECREASE
from gdcli.descent.requests import (
    Demands,
    GradientAt,
    HessianAt,
    ProductAt,
    Request,
    RoundingAt,
    Step,
    Steps,
    Stuck,
    Traits,
)
from gdcli.descent.search import AlphaRule
from gdcli.descent.search.trials import MOST_TRIALS, MOST_UNDEFINED_TRIALS, reduction
from gdcli.descent.spectrum import LEAST_CURVATURE, Spectrum, spectrum
from gdcli.descent.vectors import Vector, difference, dot, equal, length, scaled, step
from gdcli.errors import Sentence, Setting, UsageError
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import MOST_LISTED_COMPONENTS
from gdcli.numbers.linear_algebra import identity

GOOD_RATIO, POOR_RATIO, LEAST_RATIO = 0.75, 0.25, 1e-4  # of what f fell by to what was foretold
GROWTH, SHRINKING = 3.0, 0.25  # of the radius
MOST_NEAR_TRIALS = 5  # of one step, after which the radius shrinks twice as fast
BOUNDARY_SHARE = 0.8  # of the radius: a step as long has used it
RADIUS_TOLERANCE = 0.05  # relative, of a step on the boundary
MOST_ROOT_STEPS = 60
ROUNDING_ERRORS = 10.0  # of f: what is foretold below so many is judged by the gradient
FIRST_LEAST_CURVATURE = 1e-8  # of the largest, for the first radius
FIRST_REACH = 10.0  # of the distance from 0: the first radius is not larger
MOST_CONJUGATE_STEPS = 250  # by conjugate gradients, a product each, for one solution
LOOSEST_RESIDUAL = 0.1  # of the gradient, that conjugate gradients leave


class Foretold(NamedTuple):
    """A step of the model: its length in the region's norm, and what f is to fall by."""

    move: Vector
    size: float
    decrease: float


class TrustRegionState(NamedTuple):
    """The radius, None before the first step.

    A `patient` step is made even below rounding, and measures steps by their length: a variable
    whose own second derivative is next to 0 beside the others of its row has no scale in it.
    """

    radius: float | None = None
    patient: bool = False


class TrustRegion(NamedTuple):
    """Trust regions; with `exact` solutions of the model, or by conjugate gradients."""

    exact: bool = True

    @property
    def adaptive(self) -> bool:
        return True

    def begin(self, here: Evaluation) -> TrustRegionState:  # noqa: ARG002
        return TrustRegionState()

    def restart(self, state: TrustRegionState, here: Evaluation) -> TrustRegionState | None:  # noqa: ARG002
        return None if state.patient else TrustRegionState(patient=True)

    def step(self, state: TrustRegionState, here: Evaluation, demands: Demands) -> Steps:
        if self.exact:
            hessian = yield HessianAt(here.x)
            model: ExactModel | ProductModel = ExactModel(
                here, hessian, demands, plain=state.patient
            )
        else:
            model = ProductModel(here, demands)
        radius = state.radius
        if radius is None:
            radius = yield from model.first_radius()
        there, trials, undefined, rounding = here, 0, 0, -1.0
        while trials < MOST_TRIALS and undefined < MOST_UNDEFINED_TRIALS and radius > 0.0:
            move, size, decrease = yield from model.solved(radius)
            x = step(here.x, 1.0, move)
            if equal(x, here.x):
                break
            if not decrease > 0.0:
                trials, radius = trials + 1, model.shrunk(SHRINKING, radius, size)
                continue
            if rounding < 0.0 and decrease <= NEGLIGIBLE_DECREASE * abs(here.f):
                rounding = yield RoundingAt(here.x)
            there = yield GradientAt(x)
            if not there.finite:
                undefined += 1
                radius = model.shrunk(reduction(there, undefined), radius, size)
                continue
            trials += 1
            fall = here.f - there.f
            if decrease <= ROUNDING_ERRORS * rounding and abs(fall) <= ROUNDING_ERRORS * rounding:
                if there.gradient_norm < here.gradient_norm:
                    return Step(there, None, TrustRegionState(radius), radius, near_rounding=True)
                if decrease <= rounding and not state.patient:
                    break
            ratio = fall / decrease
            if ratio >= LEAST_RATIO:
                return Step(
                    there, None, TrustRegionState(_next_radius(radius, size, ratio)), radius
                )
            radius = model.shrunk(SHRINKING, radius, size)
            if trials > MOST_NEAR_TRIALS:
                radius *= SHRINKING
        return Stuck(None if there.finite else there)


def _next_radius(radius: float, size: float, ratio: float) -> float:
    if ratio < POOR_RATIO:
        return SHRINKING * (min(size, radius) or radius)
    if ratio > GOOD_RATIO and size >= BOUNDARY_SHARE * radius:
        return GROWTH * radius
    return radius


class BoundedModel:
    """A quadratic model; of their way to a bound variables go the part `kept`."""

    kept = 1.0

    def shrunk(self, part: float, radius: float, size: float) -> float:
        """The radius after a trial of length `size` that failed; moves to bounds shrink with it."""
        self.kept *= part
        return part * (min(size, radius) or radius)


class ExactModel(BoundedModel):
    """The quadratic model by the n rows of H, without H where they are not finite."""

    def __init__(
        self, here: Evaluation, hessian: list[Vector], demands: Demands, *, plain: bool = False
    ) -> None:
        self.here, self.box = here, demands.box
        self.free = list(range(len(here.x)) if demands.free is None else demands.free)
        self.plain = plain
        known = spectrum(hessian, plain=plain)
        self.rows = hessian if known else [[0.0] * len(hessian) for _ in hessian]
        self.whole = self._spectrum(self.free) if known is None or self.box else known

    def _spectrum(self, free: list[int]) -> Spectrum:
        found = spectrum([[self.rows[i][j] for j in free] for i in free], plain=self.plain)
        return found or Spectrum([1.0] * len(free), [0.0] * len(free), identity(len(free)))

    def first_radius(self) -> Generator[Request, Any, float]:
        """The length of the Newton step with each curvature by its size."""
        yield from ()
        if not self.free:
            return 1.0
        model, gradient = self.whole, self.here.gradient
        slopes = model.slopes([gradient[i] for i in self.free])
        least = FIRST_LEAST_CURVATURE * model.largest_curvature or 1.0
        newton = [c / max(abs(v), least) for c, v in zip(slopes, model.curvatures, strict=True)]
        far = [self.here.x[i] / u for i, u in zip(self.free, model.units, strict=True)]
        return min(length(newton), FIRST_REACH * length(far) or inf) or 1.0

    def solved(self, radius: float) -> Generator[Request, Any, Foretold]:
        """The step of the model's least value in the region."""
        yield from ()
        x, gradient, free, model = self.here.x, self.here.gradient, self.free, self.whole
        move = [0.0] * len(x)
        if self.box is not None:
            to = self.box.project(step(x, -1.0, gradient))
            for i in set(range(len(x))).difference(free):
                move[i] = self.kept * (to[i] - x[i])
        size = 0.0
        while free:
            slopes = [gradient[i] + dot(self.rows[i], move) for i in free]
            coordinates = constrained_minimizer(model.curvatures, model.slopes(slopes), radius)
            size = max(size, length(coordinates))
            for i, component in zip(free, model.step(coordinates), strict=True):
                move[i] = component
            if self.box is None:
                break
            to = self.box.project(step(x, 1.0, move))
            beyond = [i for i in free if to[i] != x[i] + move[i]]
            if not beyond:
                break
            for i in beyond:
                move[i] = self.kept * (to[i] - x[i])
            free = [i for i in free if i not in beyond]
            for i in free:
                move[i] = 0.0
            model = self._spectrum(free)
        curving = dot(move, [dot(row, move) for row in self.rows])
        return Foretold(move, size, -dot(gradient, move) - 0.5 * curving)


def constrained_minimizer(curvatures: Vector, slopes: Vector, radius: float) -> Vector:
    """The z of length at most `radius` for which Σ cᵢzᵢ + ½λᵢzᵢ² is least; the λ rise.

    It is z = -c/(λ + μ) for the least μ >= 0 with λ + μ >= 0; where that is too short, the hard
    case, a multiple of the first axis is added to it.
    """
    first = curvatures[0]
    zero = LEAST_CURVATURE * max(abs(first), abs(curvatures[-1])) or LEAST_CURVATURE
    low = max(0.0, -first)
    if first < zero:
        low += zero

    def minimizer(mu: float) -> Vector:
        return [-c / (v + mu) for c, v in zip(slopes, curvatures, strict=True)]

    z = minimizer(low)
    size = length(z)
    if size <= radius:
        if first < -zero:
            rest = length(z[1:])
            along = sqrt(max(0.0, radius - rest)) * sqrt(radius + rest)
            z[0] = copysign(along, z[0])
        return z
    high = min(low + length(slopes) / radius, float_info.max)
    mu = low
    for _ in range(MOST_ROOT_STEPS):
        if abs(size - radius) <= RADIUS_TOLERANCE * radius or size == 0.0:
            break
        if size > radius:
            low = max(low, mu)
        else:
            high = min(high, mu)
        # Newton's step for 1/size = 1/radius, which is almost linear in μ
        unit = scaled(1.0 / size, z)
        steep = sum(u * u / (v + mu) for u, v in zip(unit, curvatures, strict=True))
        proposal = mu + (size / radius - 1.0) / steep
        mu = proposal if low < proposal < high else 0.5 * low + 0.5 * high
        z = minimizer(mu)
        size = length(z)
    # where doubles have no μ that is large enough
    return z if size <= 2.0 * radius else scaled(radius / size, z)


class ProductModel(BoundedModel):
    """The quadratic model by products of H, which conjugate gradients solve to the boundary."""

    def __init__(self, here: Evaluation, demands: Demands) -> None:
        self.here, self.box, self.free = here, demands.box, demands.free

    def _on_free(self, a: Vector) -> Vector:
        """The vector, 0 in the variables that are held."""
        if self.free is None:
            return a
        found = 0.0 * a if not isinstance(a, list) else [0.0] * len(a)
        for i in self.free:
            found[i] = a[i]
        return found

    def first_radius(self) -> Generator[Request, Any, float]:
        """The length of the step to the minimum of the model along the gradient, if it has one."""
        along = scaled(-1.0, self._on_free(self.here.gradient))
        steepness = length(along)
        if steepness == 0.0:
            return 1.0
        along = scaled(1.0 / steepness, along)
        product = yield ProductAt(self.here.x, along)
        curvature = dot(along, product)
        cauchy = steepness / curvature if 0.0 < curvature < inf else inf
        far = length(self.here.x) or 1.0
        return cauchy if cauchy < inf else far

    def solved(self, radius: float) -> Generator[Request, Any, Foretold]:
        """A step at least as good as the gradient's best, on the boundary or inside of it."""
        gradient = self._on_free(self.here.gradient)
        move = scaled(0.0, gradient)
        residual = scaled(-1.0, gradient)
        direction, square = residual, dot(residual, residual)
        enough = min(LOOSEST_RESIDUAL, sqrt(sqrt(square))) ** 2 * square
        fall = 0.0
        for _ in range(MOST_CONJUGATE_STEPS):
            if square <= enough or square == 0.0:
                break
            product = self._on_free((yield ProductAt(self.here.x, direction)))
            curvature = dot(direction, product)
            alpha = square / curvature if curvature > 0.0 else inf
            there = step(move, alpha, direction) if alpha < inf else move
            if not alpha < inf or length(there) >= radius:
                alpha = _to_boundary(move, direction, radius)
                move = step(move, alpha, direction)
                fall += alpha * (square - 0.5 * alpha * curvature)
                break
            move, fall = there, fall + 0.5 * alpha * square
            residual = step(residual, -alpha, product)
            before, square = square, dot(residual, residual)
            direction = step(residual, square / before, direction)
        if self.box is None:
            return Foretold(move, length(move), fall)
        held = difference(gradient, self.here.gradient)  # -∇f in the variables that are held
        x, size = self.here.x, length(move)
        to_bounds = scaled(self.kept, difference(self.box.project(step(x, 1.0, held)), x))
        move = difference(self.box.project(step(x, 1.0, step(move, 1.0, to_bounds))), x)
        curving = dot(move, (yield ProductAt(x, move)))
        return Foretold(move, size, -dot(self.here.gradient, move) - 0.5 * curving)


def _to_boundary(move: Vector, direction: Vector, radius: float) -> float:
    """The α >= 0 with ‖move + α·direction‖ = radius."""
    along = length(direction)
    unit = scaled(1.0 / along, direction)
    inward, size = -dot(move, unit), length(move)
    root = sqrt(max(0.0, inward * inward + (radius - size) * (radius + size)))
    # of two forms the one without a difference of like numbers
    whole = inward + root if inward >= 0.0 else (radius - size) * (radius + size) / (root - inward)
    return whole / along


def make(rule: AlphaRule, traits: Traits) -> TrustRegion:  # noqa: ARG001
    """Raises UsageError where there are no second derivatives."""
    if traits.n <= MOST_LISTED_COMPONENTS:
        if traits.hessian:
            return TrustRegion()
        missing = "second derivatives"
    elif traits.product:
        return TrustRegion(exact=False)
    else:
        missing = "products of second derivatives with a direction"
    message = "the method trust-region needs {}, which are not given; write {}"
    raise UsageError(Sentence(message, missing, Setting("method", "lbfgs")))
