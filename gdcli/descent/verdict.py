"""What kind of point a run ended at: minimum, saddle, maximum, or flat.

Comes in: an objective, an evaluated point, how far its run has reached. Goes out: a `Curvature`,
the Hessian's eigenvalues and what they say of step sizes; and for a converged run a `Verdict`. The
signs are those of DHD with D = |hᵢᵢ|^(-1/2), so that badly scaled variables count alike. They are
taken at their word where they are positive: in all other directions, and at a kink, where the
Hessian describes no one, f itself is asked along rays (`rays.py`). All lengths are in the scales
of the coordinates.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from math import inf, isfinite, sqrt

from gdcli.descent.box import WEAK_MULTIPLIERS, Box, Face
from gdcli.descent.eigenvalues import symmetric_eigen
from gdcli.descent.objective import Evaluation, Objective
from gdcli.descent.precision import COORDINATE_ULPS
from gdcli.descent.rays import (
    FALLS,
    MOST_FLOOR_CORRECTIONS,
    RAY_LENGTH,
    Exploration,
    Ray,
    RaySearch,
    Valley,
    axis_directions,
)
from gdcli.descent.scales import coordinate_scales, scaled_hessian
from gdcli.descent.subgradient import INNER_RADIUS_RATIO, KINK_RADIUS
from gdcli.descent.turning import Height, Word, said
from gdcli.descent.vectors import Vector, dot, equal, largest, scaled, sizes, step
from gdcli.errors import Sentence, Setting, UndefinedError, UsageError
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import EPSILON, MOST_LISTED_COMPONENTS
from gdcli.numbers.linear_algebra import as_list, identity

LONGEST_NEWTON_STEP = 0.01  # in scales, at a minimum; a longer one may still be on a slope
KINK_DISTANCE = KINK_RADIUS * INNER_RADIUS_RATIO  # of a touched kink: where gradients were sampled
STEADY_DISTANCE = 1e-4  # in scales, over which a curvature that is trusted stays what it is
REMAINING_SHARE = 0.1  # of the gradient is left by a Newton step only where curvature vanishes
STEEPER = 2.0  # times the slope here is the slope beyond an inflection, at the end of a ray
NEAR_SHARE = 0.9  # of what the gradient may still gain is gained near by, at a minimum
CONFINED_SWEEPS = 4  # over the coordinates, for the gain near by
MOST_COMPARED_RAYS = 8
SMALL_CURVATURE = 1e-6  # of the largest: it may come from what is left of f on a curve of minima
CURVE_LENGTH = 0.01  # in scales: how far such a curve is followed
MOST_CURVES = 8  # that are looked for
RISES_EVERYWHERE = "f {rises} in every direction from here"
MOST_NAMED_COORDINATES = 6  # of the point that a sentence gives


class Curvature(NamedTuple):
    """The Hessian at a point: its n rows and its n eigenvalues, rising."""

    hessian: list[Vector]
    eigenvalues: Vector

    @property
    def condition_number(self) -> float | None:
        """The largest |λ| over the smallest; None where that is 0."""
        sizes = sorted(map(abs, self.eigenvalues))
        ratio = sizes[-1] / sizes[0] if sizes[0] > 0.0 else None
        return ratio if ratio is not None and isfinite(ratio) else None

    @property
    def alpha_limit(self) -> float | None:
        """2/L, the fixed α from which on steepest descent leaves the point; L = max λ > 0."""
        top = self.eigenvalues[-1]
        limit = 2.0 / top if top > 0.0 else None
        return limit if limit is not None and isfinite(limit) else None


class Verdict(NamedTuple):
    """The kind of a stationary point, whether it is a minimum, and why.

    Where it is none because f is lower at a point near by, that is the `witness`.
    """

    classification: str
    minimum: bool
    degenerate: bool
    sentence: str
    witness: Vector | None = None

    @property
    def plain(self) -> bool:
        """Whether it is a minimum that needs no word of its own in a message."""
        return self.minimum and not self.degenerate


BELOW_DOUBLES = Verdict(
    "flat",
    False,
    False,
    said("no {minimum}: f is constant in doubles only, and {falls_below_them}"),
)


def curvature(objective: Objective, x: Vector) -> Curvature | None:
    """The curvature at x; None at a kink, where it is not finite, or of too many variables."""
    if len(x) > MOST_LISTED_COMPONENTS or objective.kinks(x, KINK_DISTANCE):
        return None
    hessian = objective.evaluate_hessian(x)
    if not all(isfinite(largest(row)) for row in hessian):
        return None
    return Curvature(hessian, symmetric_eigen(hessian)[0])


class Model:
    """The quadratic model of f around a point, in scaled coordinates y = x/s.

    Its axes make the Hessian diagonal: those of DHD, where `units` are the diagonal of D. What has
    positive curvature is the valley; the other axes are `doubtful`, for up to 64·n·ε·‖DHD‖ a
    curvature cannot be told from 0. `spent` evaluations were made before. At least `distrusted`
    axes, those of least curvature, are doubtful.
    """

    def __init__(
        self,
        objective: Objective,
        here: Evaluation,
        scales: Vector,
        hessian: list[Vector],
        units: Vector,
        spent: int = 0,
        distrusted: int = 0,
        seed: int = 0,
    ) -> None:
        self.scales, self.hessian, self.units = scales, hessian, units
        rows = [
            [a * h * b for h, b in zip(row, units, strict=True)]
            for row, a in zip(hessian, units, strict=True)
        ]
        curvatures, vectors = symmetric_eigen(rows)
        precision = getattr(objective, "hessian_precision", EPSILON)
        zero = 64.0 * len(curvatures) * precision * max(map(abs, curvatures))
        axes = [[a * c for a, c in zip(units, vector, strict=True)] for vector in vectors]
        split = max(distrusted, sum(not curvature > zero for curvature in curvatures))
        self.doubtful, self.certain = axes[:split], axes[split:]
        self.curvatures = curvatures[split:]
        valley = Valley(curvatures[split:], self.certain, len(axes))
        self.gradient = [s * g for s, g in zip(scales, here.gradient, strict=True)]
        self.places = [abs(c) / s for c, s in zip(here.x, scales, strict=True)]
        ulps = scaled(COORDINATE_ULPS, self.places)
        rounding_of_x = 0.5 * dot(ulps, [dot(sizes(row), ulps) for row in hessian])
        gain = max(valley.gain(self.gradient), _gain_of_one_coordinate(self.gradient, hessian))
        self.search = RaySearch(objective, here, scales, valley, gain, rounding_of_x, spent, seed)
        self.newton = valley.newton(self.gradient)
        self.far = largest(self.newton) > LONGEST_NEWTON_STEP
        self.quadratic = valley.empty or self._holds()

    def _holds(self) -> bool:
        """Whether a Newton step leaves little of ∇f but rounding."""
        valley = self.search.valley
        there = self.search.evaluated(self.newton, with_gradient=True)
        left = [s * g for s, g in zip(self.scales, there.gradient, strict=True)]
        noise = [64.0 * EPSILON * dot(sizes(row), self.places) for row in self.hessian]
        # ½g·H⁻¹g weighs what is left in each direction by what it may still take from f.
        return valley.gain(left) <= (
            REMAINING_SHARE**2 * valley.gain(self.gradient) + valley.gain_of_noise(noise)
        )

    def is_near(self) -> bool:
        """Whether what the gradient may still take from f can be taken near by."""
        if self.quadratic:
            return not self.far or self._confined_gain() >= NEAR_SHARE * self.search.gain
        return not self.far and self.search.rises_beyond(
            scaled(1.0 / largest(self.newton), self.newton)
        )

    def steepening(self) -> Exploration | None:
        """The ray along the Newton step, where f falls on it ever faster; None where it does not.

        So it does beyond an inflection, as that of x^3, and not where f levels off, as exp(-x).
        """
        longest = largest(self.newton)
        if not 0.0 < longest < inf:
            return None
        direction = scaled(1.0 / longest, self.newton)
        end = self.search.evaluated(scaled(RAY_LENGTH, direction), with_gradient=True)
        slope, beyond = (
            dot(direction, self.gradient),
            [s * g for s, g in zip(self.scales, end.gradient, strict=True)],
        )
        if not (end.finite and dot(direction, beyond) < STEEPER * slope):
            return None
        ray = self.search.walk(direction, False)
        if ray.change != FALLS or not end.f <= ray.f:
            return None
        falling = Ray(FALLS, end.x, end.f)
        return Exploration(1, 1, falling, False, [])

    def near_ends(self) -> list[Vector]:
        """Points along the doubtful axes, at which rounding may hide that f is lower."""
        directions = islice(axis_directions(self.doubtful), MOST_COMPARED_RAYS)
        x = self.search.here.x
        return [step(x, RAY_LENGTH, _times(self.scales, one)) for one in directions]

    def _confined_gain(self) -> float:
        """The gain within LONGEST_NEWTON_STEP of every coordinate, by steps in one at a time."""
        slopes, moved = [*self.gradient], [0.0] * len(self.gradient)
        gained = 0.0
        for _ in range(CONFINED_SWEEPS):
            for i, row in enumerate(self.hessian):
                if row[i] > 0.0:
                    target = moved[i] - slopes[i] / row[i]
                    target = min(max(target, -LONGEST_NEWTON_STEP), LONGEST_NEWTON_STEP)
                    change, moved[i] = target - moved[i], target
                    gained -= change * (slopes[i] + 0.5 * change * row[i])
                    slopes = step(slopes, change, [other[i] for other in self.hessian])
        return gained

    def is_steady(self) -> bool:
        """Whether ∇f along the axis of least curvature is the model's, a little further on.

        At 1e-11 beside the saddle of x^3 the curvature is positive, and everywhere 1e-4 from there
        it is another one.
        """
        axis = self.certain[0]
        move = scaled(STEADY_DISTANCE / largest(axis), axis)
        there = self.search.evaluated(move, with_gradient=True)
        found = dot(axis, [s * g for s, g in zip(self.scales, there.gradient, strict=True)])
        model = dot(axis, self.gradient) + dot(axis, [dot(row, move) for row in self.hessian])
        noise = dot(
            sizes(axis), [EPSILON * 64.0 * dot(sizes(r), self.places) for r in self.hessian]
        )
        return abs(found - model) <= abs(model) + noise

    def count_unseen(self) -> int:
        """How many axes, from that of least curvature on, do not show in f that it rises.

        By its rounding, or because it is the same at the end of a ray.
        """
        seen = [
            0.5 * curvature * (RAY_LENGTH / largest(axis)) ** 2 > 8.0 * self.search.rounding
            for curvature, axis in zip(self.curvatures, self.certain, strict=True)
        ]
        if False in seen:
            return len(seen) - seen[::-1].index(False)
        ends = [scaled(RAY_LENGTH, direction) for direction in axis_directions(self.certain[:1])]
        values = [self.search.evaluated(end, with_gradient=False).f for end in ends]
        return int(self.search.here.f in values)

    def without(self, count: int) -> Model:
        """The model in which so many axes of least curvature are doubtful too."""
        here, spent = self.search.here, self.search.evaluations
        wary = len(self.doubtful) + count
        objective = self.search.objective
        seed = self.search.seed
        found = Model(objective, here, self.scales, self.hessian, self.units, spent, wary, seed)
        found.search.corrections = MOST_FLOOR_CORRECTIONS
        return found

    def lies_on_curve(self, unseen: int, small: int) -> bool:
        """Whether f stays level on the floor of the valley, along an axis of small curvature.

        Asked of the axes from `unseen` to `small`, where the curvature says that it rises.
        """
        search = self.without(small).search
        visible = 2.0 * (8.0 * search.rounding + 4.0 * search.gain)
        axes = zip(self.curvatures[unseen:small], self.certain[unseen:small], strict=True)
        for curvature, axis in islice(axes, MOST_CURVES):
            move = scaled(CURVE_LENGTH / largest(axis), axis)
            rise = 0.5 * curvature * (CURVE_LENGTH / largest(axis)) ** 2
            if rise > visible and search.is_level_on_floor(move):
                return True
        return False

    @property
    def newton_length(self) -> float:
        """The largest change of a coordinate by the Newton step."""
        return largest([s * c for s, c in zip(self.scales, self.newton, strict=True)])


def verdict(
    objective: Objective,
    here: Evaluation,
    reached: Vector,
    local: Curvature | None,
    seed: int = 0,
) -> Verdict | None:
    """The kind of the stationary point `here`.

    Of more than MOST_LISTED_COMPONENTS variables only a saddle is told, all else is None.
    `reached` is how large each coordinate has been in the run; `local` is the curvature here, if
    it is known; `seed` that of random directions.
    """
    scales = coordinate_scales(here.x, reached)
    if len(here.x) > MOST_LISTED_COMPONENTS:
        return _of_many_variables(objective, here, scales, seed)
    touched = local is None and objective.kinks(here.x, KINK_DISTANCE)
    rows = local.hessian if local is not None else None
    hessian = None if touched else scaled_hessian(objective, here.x, scales, rows)
    if hessian is None:
        return _by_values(objective, here, scales, seed)
    diagonal = [abs(row[i]) or largest(row) for i, row in enumerate(hessian)]
    units = [1.0 / sqrt(size) if size > 0.0 else 1.0 for size in diagonal]
    model = Model(objective, here, scales, hessian, units, seed=seed)
    if not model.quadratic and not any(model.newton):  # at a kink that the objective cannot tell
        return _by_values(objective, here, scales, seed)
    if model.is_near():
        return _verdict_near(objective, here, model)
    # D makes much of a curvature that is all but 0, as that of x^2*y^2 in x where y is 1e-10.
    spent = model.search.evaluations
    by_scales = Model(objective, here, scales, hessian, [1.0] * len(scales), spent, seed=seed)
    found = _verdict_near(objective, here, by_scales) if by_scales.is_near() else None
    if found is not None and found.minimum:
        return found
    falling = None if model.quadratic else model.steepening()
    return _slope(model) if falling is None else _no_minimum(objective, here, falling)


def judged_in_box(
    objective: Objective,
    here: Evaluation,
    reached: Vector,
    box: Box,
    tolerance: float | None,
    seed: int = 0,
    edge: str = "",
) -> tuple[Curvature | None, Verdict | None]:
    """The curvature in the variables that no bound holds, and the verdict on the point in its box.

    The verdict is None without a `tolerance`, that of the gradient's test which the point has
    passed. A bound whose multiplier is small beside it may hold a variable at a saddle: f is asked
    along rays from there into the box. At an `edge` of the domain rays tell all, as in
    `verdict_at_edge`.
    """
    active = box.active(here.x)
    limit = -1.0 if tolerance is None else WEAK_MULTIPLIERS * tolerance
    weak = [i for i in active if box.low[i] < box.high[i] and abs(here.gradient[i]) <= limit]
    places, doubtful = box.free(here.x, here.gradient), {*weak}
    free = [i for i in (range(len(here.x)) if places is None else places) if i not in doubtful]
    sentence = said("a {minimum}: {}", said(RISES_EVERYWHERE))
    local, found = None, Verdict("minimum", True, False, sentence)
    face = Face(objective, here.x, free, box)
    if free:
        part = face.seen(here)
        local = None if edge else curvature(face, part.x)
        if tolerance is None:
            return local, None
        if edge:
            judged: Verdict | None = verdict_at_edge(face, part, face.part(reached), edge, seed)
        else:
            judged = verdict(face, part, face.part(reached), local, seed)
        if judged is None:
            return local, None
        found = judged
    if tolerance is None:
        return None, None
    if found.witness is not None:
        found = found._replace(witness=face.whole(found.witness))
    if found.minimum and weak:
        rows = None if local is None else local.hessian
        tried = weak[: MOST_LISTED_COMPONENTS - len(free)]
        off = _off_weak_bounds(objective, here, reached, box, free, tried, rows, seed)
        if off.falling is not None:
            return local, _no_minimum(objective, here, off)
        found = found._replace(degenerate=found.degenerate or bool(off.level))
    if found.minimum and active:
        found = found._replace(sentence=Sentence("{} within the bounds", found.sentence))
    return local, found


def _off_weak_bounds(
    objective: Objective,
    here: Evaluation,
    reached: Vector,
    box: Box,
    free: list[int],
    weak: list[int],
    hessian: list[Vector] | None,
    seed: int,
) -> Exploration:
    """The rays off `weak` bounds into the box, straight and along the floor of the face's valley.

    `hessian` is that of the `free` variables, where it is known.
    """
    places = sorted([*free, *weak])
    face = Face(objective, here.x, places, box)
    scales = coordinate_scales(face.part(here.x), face.part(reached))
    valley, gain = Valley([], [], len(places)), 0.0
    if hessian is not None:
        inner = Face(objective, here.x, free, box)
        inner_scales = [scales[places.index(i)] for i in free]
        rows = scaled_hessian(inner, inner.part(here.x), inner_scales, hessian)
        if rows is not None:
            units = [1.0] * len(free)
            model = Model(inner, inner.seen(here), inner_scales, rows, units)
            certain = [_among(axis, free, places) for axis in model.certain]
            valley, gain = Valley(model.curvatures, certain, len(places)), model.search.gain
    search = RaySearch(face, face.seen(here), scales, valley, gain, seed=seed)
    axes = [[float(i == j) for i in places] for j in weak]
    found = search.explored(axes, [])
    if found.falling is not None:
        whole = found.falling._replace(x=face.whole(found.falling.x))
        found = found._replace(falling=whole)
    level = [face.whole(end) for end in found.level]
    return found._replace(all_fall=False, level=[end for end in level if not equal(end, here.x)])


def _among(axis: Vector, free: list[int], places: list[int]) -> Vector:
    """The vector of the variables at `places` that has the axis of those that are `free`."""
    known = dict(zip(free, axis, strict=True))
    return [known.get(i, 0.0) for i in places]


def unshown(objective: Objective, here: Evaluation, found: Verdict | None) -> Verdict | None:
    """The verdict on a point whose gradient has not passed its test, where f is lost in rounding.

    Where curvature vanishes too, only many digits, or the form of f, tell whether it is a minimum;
    a callable has neither, and data are rounded themselves.
    """
    if found is None or not (found.minimum and found.degenerate):
        return found
    in_digits = hasattr(objective, "unrolled") and not getattr(objective, "data", None)
    gap = here.f - _lower_bound(objective)
    if in_digits or gap <= objective.rounding_error(here.x):
        return found
    why = "no {minimum} is shown: curvature vanishes, and rounding hides where f is {lower}"
    return Verdict("flat", False, False, said(why))


def _times(scales: Vector, direction: Vector) -> Vector:
    return [s * d for s, d in zip(scales, direction, strict=True)]


def verdict_on_slope(here: Evaluation, tested: str) -> Verdict:
    """The verdict on a point that a run has not descended from, where it is no minimum.

    `tested` names what `gradient_norm` is the norm of.
    """
    sentence = "no {minimum} yet: a slope, the {}'s largest component is {:.3g}"
    return Verdict("flat", False, False, said(sentence, tested, here.gradient_norm))


def _verdict_near(objective: Objective, here: Evaluation, model: Model) -> Verdict:
    """The verdict where the model has no more to gain: by rays where it does not decide."""
    if model.quadratic and not model.doubtful:
        if not model.is_steady():
            return _where_unsteady(objective, here, model)
        return _where_curved(objective, here, model)
    found = model.search.explored(model.doubtful, [] if model.quadratic else model.certain)
    if found.falling is not None:
        return _no_minimum(objective, here, found)
    level = bool(found.level or model.doubtful)
    wary = model if level else model.without(1)
    ends = found.level or wary.near_ends()
    if _falls_in_digits(objective, here, wary.search, ends, by_values=level):
        return BELOW_DOUBLES
    why = said("curvature vanishes; f is not {lower} on {} from here", found.rays)
    return _minimum(objective, model.search, True, said("a degenerate {minimum}"), why)


def _where_unsteady(objective: Objective, here: Evaluation, model: Model) -> Verdict:
    """The verdict where curvature is positive here, but another one a little further on."""
    wary = model.without(1)
    found = wary.search.explored(wary.doubtful, wary.certain)
    if found.falling is not None:
        return _no_minimum(objective, here, found)
    return _where_curved(objective, here, model)


def _where_curved(objective: Objective, here: Evaluation, model: Model) -> Verdict:
    """The verdict where all curvatures are positive, and no ray falls.

    A curvature too small to be seen in f may be that of a plateau, as of (1-tanh(x))^2 at 25. One
    that is small beside the others may be made by what is left of f on a curve of minima.
    """
    unseen = model.count_unseen()
    if unseen:
        wary = model.without(unseen)
        found = wary.search.explored(wary.doubtful, [])
        if _falls_in_digits(objective, here, wary.search, found.level):
            return BELOW_DOUBLES
    small = sum(one < SMALL_CURVATURE * model.curvatures[-1] for one in model.curvatures)
    if unseen < small < len(model.curvatures) and model.lies_on_curve(unseen, small):
        why = "f stays level on a curve from here"
        return _minimum(objective, model.search, True, said("a degenerate {minimum}"), why)
    return _minimum(objective, model.search, False, *_nearness(model))


def _minimum(
    objective: Objective, search: RaySearch, degenerate: bool, called: str, why: str
) -> Verdict:
    """The verdict of a minimum, a global one where the form of f says that it is nowhere lower."""
    gap = search.here.f - _lower_bound(objective)
    mark = ":"
    if gap <= 4.0 * search.gain + search.rounding:
        gap = max(0.0, gap) + search.rounding
        mark = (
            f", global to {gap:.2g} by the form of f;"
            if gap > 0.0
            else ", global by the form of f;"
        )
    return Verdict("minimum", True, degenerate, Sentence("{}{} {}", called, mark, why))


def _lower_bound(objective: Objective) -> float:
    """What f is nowhere below by its form; -inf where that is not known."""
    try:
        function = getattr(objective, "unrolled", None)
    except UsageError:  # it is too long
        return -inf
    if function is None:
        return -inf
    from gdcli.descent.lower_bound import lower_bound

    return lower_bound(function.tape)


def _of_many_variables(
    objective: Objective, here: Evaluation, scales: Vector, seed: int
) -> Verdict | None:
    """A saddle where Lanczos' method finds a direction in which f falls; else None."""
    from gdcli.descent.lanczos import negative_direction

    direction = negative_direction(objective, here.x, scales, seed)
    if direction is None:
        return None
    search = RaySearch(objective, here, scales, Valley([], [], 0), 0.0, seed=seed)
    found = search.explored([direction], [])
    if found.falling is None:
        return None
    return _no_minimum(objective, here, found._replace(all_fall=False))


def _gain_of_one_coordinate(gradient: Vector, hessian: list[Vector]) -> float:
    """The most that a Newton step in one coordinate alone may take from f."""
    gains = [
        0.5 * g * (g / row[i])
        for i, (g, row) in enumerate(zip(gradient, hessian, strict=True))
        if 0.0 < row[i] < inf
    ]
    return max(gains, default=0.0)


def _slope(model: Model) -> Verdict:
    """The verdict where a Newton step leads away."""
    if not model.quadratic:
        where = "no {minimum}: f levels off here, a Newton step still has length {:.2g}"
        return Verdict("flat", False, False, said(where, model.newton_length))
    sentence = said(
        "no {minimum} yet: a slope, the {minimum} lies a Newton step of length {:.2g} away; "
        "a smaller {} comes closer",
        *(model.newton_length, Setting("tolerance")),
    )
    return Verdict("flat", False, False, sentence)


def _nearness(model: Model) -> tuple[str, str]:
    """What a point of positive curvature is called, at a minimum or near one, and why."""
    if not model.far:
        return said("a {minimum}"), said(RISES_EVERYWHERE)
    why = Sentence(
        "a Newton step still has length {:.2g}; curvature is positive; a smaller {} comes closer",
        *(model.newton_length, Setting("tolerance")),
    )
    return said("a {minimum} lies near"), why


def verdict_at_edge(
    objective: Objective, here: Evaluation, reached: Vector, edge: str, seed: int = 0
) -> Verdict:
    """The verdict at an edge of the domain, by rays; those on which f is undefined do not count."""
    scales = coordinate_scales(here.x, reached)
    return _by_values(objective, here, scales, seed, edge)


def _by_values(
    objective: Objective, here: Evaluation, scales: Vector, seed: int, edge: str = ""
) -> Verdict:
    """The verdict at a kink or an edge, or where there is no Hessian, by rays in all directions."""
    n = len(here.x)
    at_kink = not edge and bool(objective.kinks(here.x, KINK_DISTANCE))
    gain = _gain_of_one_coordinate(here.gradient, objective.evaluate_hessian(here.x))
    search = RaySearch(objective, here, scales, Valley([], [], n), gain, seed=seed)
    found = search.explored(identity(n), [])
    if found.falling is not None:
        place = f" {edge}" if edge else " at a kink" if at_kink else ""
        return _no_minimum(objective, here, found, place)
    if not (at_kink or edge) and _falls_in_digits(objective, here, search, found.level):
        return BELOW_DOUBLES
    place = edge or ("at a kink" if at_kink else "without a Hessian")
    why = said("f is not {lower} on {} from here", found.rays)
    return _minimum(objective, search, not edge, said("a {minimum} {}", place), why)


def _no_minimum(
    objective: Objective, here: Evaluation, found: Exploration, place: str = ""
) -> Verdict:
    """The verdict where f falls on a ray: its point is the witness."""
    assert found.falling is not None
    whole = not isinstance(objective, Face) or objective.is_whole
    word = "maximum" if found.all_fall and whole else "saddle"
    called = said("a {}", Word(word))
    if len(here.x) == 1 and word == "saddle":
        called = said("an inflection")
    there = _moved_point(objective.components, here.x, found.falling.x)
    sentence = said(
        "{}{}, no {minimum}: f {falls} to {!r} at {}, after {}",
        *(called, place, Height(found.falling.f), there, found.rays),
    )
    return Verdict(word, False, False, sentence, found.falling.x)


def _moved_point(names: Sequence[str], x: Vector, there: Vector) -> str:
    """The coordinates of `there`, as `x=1, y=0`: of many those that moved most."""
    places: Sequence[int] = range(len(x))
    if len(x) > MOST_NAMED_COORDINATES:
        most = sorted(places, key=lambda i: -abs(there[i] - x[i]))[:MOST_NAMED_COORDINATES]
        places = sorted(most)
    there = as_list(there)
    point = ", ".join(f"{names[i]}={there[i]!r}" for i in places)
    return point if len(places) == len(x) else f"{point}, the others as here or nearly so"


def _falls_in_digits(
    objective: Objective,
    here: Evaluation,
    search: RaySearch,
    ends: list[Vector],
    by_values: bool = True,
) -> bool:
    """Whether f is lower than here at an end of a ray, or on the way there, below double precision.

    Data are doubles themselves, rounded: what they make lower by less than f's rounding error says
    nothing.
    """
    try:
        function = getattr(objective, "unrolled", None) if ends else None
    except UsageError:  # it is too long
        return False
    if function is None:
        return False
    from gdcli.descent.below_doubles import DigitSearch

    least = search.rounding if getattr(objective, "data", None) else 0.0
    bounded = here.f - _lower_bound(objective) <= 4.0 * search.gain + search.rounding
    try:
        found = DigitSearch(function, search, least)
        return found.falls(ends[:MOST_COMPARED_RAYS], by_values, not bounded)
    except UndefinedError:  # a number is too large for digits
        return False
