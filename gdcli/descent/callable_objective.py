"""A Python function with its derivatives, as an objective for descent.

Comes in: functions of an array x of shape (n,): f, or f with its gradient; the gradient; perhaps
the Hessian, or its products H·v. Goes out: an Objective, which counts every call. x is a copy, so
that a function may change it; what a function raises is passed on, and what is not finite stays as
it is. Missing second derivatives are central differences of the gradient.

Nothing is known of how f is computed, so its rounding error is measured: the higher differences of
f at points in line, so close that f itself changes by less, are noise alone. That is done where a
run first asks for it, and again where |f| has become much less.

Source: J. J. Moré, S. M. Wild, SIAM J. Sci. Comput. 33 (2011) 1292, for the noise.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import comb, inf, isfinite, nan, sqrt
from typing import TYPE_CHECKING, Any, cast

from gdcli.descent.objective import Cost, Evaluation, Evaluations
from gdcli.descent.scales import coordinate_scales
from gdcli.descent.vectors import Vector, equal, scaled, sizes, vector
from gdcli.errors import FLAG, Sentence, Setting, UsageError
from gdcli.functions.arguments import called, is_boolean, shown, wrong
from gdcli.functions.doubles import double, doubles
from gdcli.functions.layout import Layout
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import EPSILON, MOST_LISTED_COMPONENTS
from gdcli.numbers.random_numbers import RandomStream

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gdcli.descent.box import Box

HESSIAN_STEP = EPSILON ** (1.0 / 3.0)  # of a central difference of gradients, in scales
DIFFERENCE_PRECISION = 1e-11  # of such a Hessian, beside its largest entry
ASYMMETRY = 1e-5  # of a Hessian's largest entry, from which on it has a mistake
FLOOR_ULPS = 2.0  # of f: the least its rounding error is taken for
NOISE_POINTS = 7  # in line
NOISE_STEP = 1e-7  # between two of them, in scales
NOISE_ORDERS = (3, 4, 5)  # of the differences that are compared
SAME_NOISE = 4.0  # the ratio up to which two of them tell of the same noise
NOISE_BOUND = 3.0  # standard deviations
MOST_NOISE_STEPS = 3  # that are tried
SHORTER_NOISE_STEP = 0.01  # of the one before
MOST_NOISE_MEASUREMENTS = 4  # in one run
MOST_DRAWN_PARTS = 1000  # of a random direction; then they repeat
LOWER_LEVEL = 0.1  # of |f| where the noise was measured, below which it is measured again
SLOPE_STEPS = (1e-5, 3e-6, 1e-6)  # in scales: over each f must show the same slope
NEGLIGIBLE_SHARE = 1e-3  # of what a gradient is wrong by
SAME_RATE = 0.1  # of a Hessian's mistake, within which differences of the gradient agree
SINGLE_PRECISION = 4e-7  # of a gradient's largest component: its rounding, if it is in floats of 32
SMOOTH_SHARE = 0.5  # of a slope, by which those to both sides may differ where f is smooth
SLOPE_AGREEMENT = (
    0.05  # of a slope: by so much two differences agree, and a wrong gradient does not
)
WANTED_GRADIENT = Sentence(
    "give {}, a function of x that returns the n partial derivatives, or {} where the function "
    "returns f and them, or write f as a text, whose gradient is exact",
    *(Setting("gradient"), Setting("gradient", FLAG)),
)


class Known(NamedTuple):
    """A point, f there, and the gradient where it was asked for."""

    x: Vector
    f: float
    gradient: Vector | None


class CallableObjective:
    """A Python function of n variables, named x[1], x[2], …

    `gradient` is a function, or True where `fun` returns f and its gradient. In a `box`, where one
    is set, nothing outside it is evaluated.
    """

    box: Box | None = None
    hessian_mistake = ""  # the sentence about a Hessian that is no longer used
    sign = 1.0  # -1 where the run maximizes, and so is about -f

    def __init__(
        self,
        fun: Callable[[Any], Any],
        start: Vector,
        gradient: Callable[[Any], Any] | bool,
        hessian: Callable[[Any], Any] | None = None,
        hessian_product: Callable[[Any, Any], Any] | None = None,
    ) -> None:
        self.n = len(start)
        self.layout = layout = Layout(("x",), {"x": (self.n,)})
        self.variables, self.components = layout.variables, layout.components
        self._fun, self._gradient = fun, gradient
        self._sizes = sizes(start)
        self._known: deque[Known] = deque(maxlen=4 if isinstance(start, list) else 2)
        self._noise = 0.0
        self._noise_level: float | None = None  # |f| where the noise was measured
        self._noise_measurements = 0
        self.evaluations = Evaluations(0, 0)
        self._take_second(hessian, hessian_product)

    def _take_second(
        self,
        hessian: Callable[[Any], Any] | None = None,
        hessian_product: Callable[[Any, Any], Any] | None = None,
    ) -> None:
        """Take the second derivatives that are given, or else differences of the gradient."""
        self._hessian, self._hessian_product = hessian, hessian_product
        self._known_hessian: tuple[Vector, Any] | None = None
        second = hessian is not None or hessian_product is not None
        self.gives_products = second
        self.hessian_precision = EPSILON if second else DIFFERENCE_PRECISION
        self.hessian_cost = 1.0 if hessian else self.n * (1.0 if hessian_product else 2.0)
        values = 0 if second or self._gradient is not True else 2  # calls of f for a difference
        self.cost = Cost(hessian=values * self.n, product=values)

    @property
    def negated(self) -> CallableObjective:
        """This objective, from now on of -f."""
        self.sign = -1.0
        return self

    # -- what a descent asks for ----------------------------------------------------------------

    def evaluate(self, point: Vector) -> float:
        known = self._at(point) or self._called(point)
        return known.f

    def evaluate_gradient(self, point: Vector) -> tuple[float, Vector]:
        """f and its gradient, which is not called for where f is not finite: it is nan there."""
        known = self._at(point) or self._called(point)
        slopes = known.gradient
        if slopes is None:
            slopes = self._slopes(point) if isfinite(known.f) else scaled(nan, point)
            self._known.append(known._replace(gradient=slopes))
        return known.f, slopes

    def evaluate_hessian(self, point: Vector) -> list[Vector]:
        rows: list[Vector] = self._second(point).tolist()
        return rows

    def evaluate_hessian_product(self, point: Vector, direction: Vector) -> Vector:
        import numpy

        along = numpy.array(direction, float)
        if self._hessian_product is not None:
            self._count(product=1)
            given = numpy.array(point, float), along
            answer = called(self._hessian_product, "hessian_product", *given)
            return vector(self._signed(_numbers(answer, "hessian_product", self.n)))
        if self._hessian is not None:
            with numpy.errstate(all="ignore"):
                return vector(self._second(point) @ along)
        unit = abs(along / self._scales(point)).max()
        if not 0.0 < unit < inf:
            return vector(along * 0.0)
        return vector(self._gradient_change(point, along, HESSIAN_STEP / unit))

    def rounding_error(self, point: Vector) -> float:
        """A bound of f's rounding error: the noise that was measured, at least FLOOR_ULPS.

        It is measured at the first point, and again where |f| is much less.
        """
        f = self.evaluate(point)
        if not isfinite(f):
            return f
        level = self._noise_level
        lower = level is None or abs(f) < LOWER_LEVEL * level
        if lower and self._noise_measurements < MOST_NOISE_MEASUREMENTS:
            self._noise_measurements += 1
            self._noise, self._noise_level = self._measured_noise(point, f), abs(f)
        return self._floor(f)

    def _floor(self, f: float) -> float:
        return max(self._noise, FLOOR_ULPS * EPSILON * abs(f))

    def failure(self, point: Vector) -> str | None:
        f, gradient = self.evaluate_gradient(point)
        if not isfinite(f):
            return f"f is {self.sign * f}"
        slopes = zip(self.components, gradient, strict=True)
        named = ((name, self.sign * float(slope)) for name, slope in slopes if not isfinite(slope))
        return next((f"the derivative by {name} is {slope}" for name, slope in named), None)

    def kinks(self, point: Vector, distance: float) -> list[str] | None:  # noqa: ARG002
        """None: a Python function does not tell."""
        return None

    # -- whether the gradient is that of f ------------------------------------------------------

    def wrong_gradient(self, here: Evaluation, place: str) -> str | None:
        """The sentence that says where the gradient is not that of f; None where none is known.

        It is wrong where differences of f to both sides say another slope over several steps; at a
        kink the slope may lie between the two, and where f wiggles they do not agree on one. All
        components count, for each takes part in the direction by its scale, upward as the gradient
        has it.
        """
        if not here.finite:
            return None
        import numpy

        x, gradient = numpy.array(here.x, float), numpy.array(here.gradient, float)
        direction = numpy.where(gradient < 0.0, -1.0, 1.0) * self._mixed_scales(here.x, 1)
        for side in (1.0, -1.0):
            direction[self._outside(x + side * SLOPE_STEPS[0] * direction)] = 0.0
        with numpy.errstate(all="ignore"):
            said = float(gradient @ direction)
        slopes: list[float] = []
        for h in SLOPE_STEPS:
            ahead, behind = (self.evaluate(vector(x + s * h * direction)) for s in (1.0, -1.0))
            one, other = (ahead - here.f) / h, (here.f - behind) / h
            apart = max(said - max(one, other), min(one, other) - said)
            apart -= SLOPE_AGREEMENT * max(abs(one), abs(other))
            if not apart > 8.0 * self._floor(here.f) / h:
                return None  # nor where one is not finite
            noise = self.rounding_error(here.x)  # which is measured now
            if not apart > 8.0 * noise / h:
                return None
            slopes.append(0.5 * (one + other))
            hidden = min(8.0 * noise / h, NEGLIGIBLE_SHARE * apart)
            if abs(one - other) > SMOOTH_SHARE * abs(slopes[-1]) + hidden:
                return None
            if abs(slopes[0] - slopes[-1]) > SLOPE_AGREEMENT * abs(slopes[0]) + hidden:
                return None
        claim = f"the gradient is not that of f: at the {place}"
        if self.n > MOST_LISTED_COMPONENTS:
            slope, said = self.sign * slopes[-1], self.sign * said
            return f"{claim} f has the slope {slope:.6g} along a line, by the gradient {said:.6g}"
        moves = numpy.diag(SLOPE_STEPS[0] * self._scales(here.x))
        changes = [self.evaluate(vector(x + m)) - self.evaluate(vector(x - m)) for m in moves]
        seen = numpy.array(changes) / (2.0 * moves.max(axis=1))
        worst = int(numpy.argmax(abs(seen - gradient) * moves.max(axis=1)))
        return (
            f"{claim} its component {self.components[worst]} is {self.sign * gradient[worst]:.6g}, "
            f"where f has the slope {self.sign * seen[worst]:.6g}"
        )

    def examine_hessian(self, here: Evaluation) -> None:
        """Take differences of the gradient where the given Hessian is not the gradient's.

        It is wrong where its product with a direction is another than differences of the gradient
        to both sides say, which agree over several steps: at a kink, or where the gradient wiggles
        or is noise, they do not. The product has to be wrong a little to either side as well: a
        Hessian may lack its entries at a single point. `hessian_mistake` tells of it.
        """
        if not self.gives_products or not here.finite:
            return
        import numpy

        x, scales = numpy.array(here.x, float), self._scales(here.x)
        direction = self._mixed_scales(here.x, 2)
        for side in (1.0, -1.0):
            direction[self._outside(x + side * SLOPE_STEPS[0] * direction)] = 0.0
        slopes = numpy.array(here.gradient, float)
        rates: list[Any] = []
        with numpy.errstate(all="ignore"):
            said = self._product(here.x, direction)
            noise = SINGLE_PRECISION * abs(scales * slopes).max()
            for h in SLOPE_STEPS:
                for side in (h, -1.0 * h):
                    there = self.evaluate_gradient(vector(x + side * direction))[1]
                    rates.append((numpy.array(there, float) - slopes) / side)
                seen = sum(rates) / len(rates)
                rate = abs(scales * seen).max()
                spread = max(abs(scales * (one - seen)).max() for one in rates)
                apart = numpy.where(numpy.isfinite(said), abs(scales * (said - seen)), inf)
                if not apart.max() > max(SLOPE_AGREEMENT * rate, noise / h):
                    return
                if not spread <= SAME_RATE * min(apart.max(), rate):
                    return  # nor where a gradient is not finite
            for side in (1.0, -1.0):
                other = self._product(x + side * SLOPE_STEPS[0] * direction, direction)
                change = abs(scales * (other - said)).max()
                alike = change <= SAME_RATE * apart.max()
                if not (alike if numpy.isfinite(said).all() else not isfinite(other.sum())):
                    return
        i = int(numpy.argmax(apart))
        self._take_second()
        self.hessian_mistake = (
            "the Hessian is not the derivative of the gradient: along a line its component "
            f"{self.components[i]} changes by {self.sign * seen[i]:.6g}, by the Hessian "
            f"{self.sign * said[i]:.6g}; the verdict is by differences of the gradient"
        )

    def _product(self, point: Any, direction: Any) -> NDArray[np.float64]:
        """The product of the Hessian and the direction, as an array."""
        import numpy

        found = self.evaluate_hessian_product(vector(point), vector(direction))
        return numpy.array(found, float)

    # -- calls ----------------------------------------------------------------------------------

    def _at(self, point: Vector) -> Known | None:
        """The one of the last known points that is this one, if any."""
        return next((one for one in reversed(self._known) if equal(one.x, point)), None)

    def _called(self, point: Vector) -> Known:
        """The point, with the numbers that a call of `fun` returns there."""
        import numpy

        both = self._gradient is True
        self._count(value=1, gradient=int(both))
        answer = called(self._fun, "f", numpy.array(point, float))
        slopes: Vector | None = None
        if both:
            if not isinstance(answer, tuple | list) or len(answer) != 2:
                message = "with {} the function returns f and its gradient, not {}"
                setting = Setting("gradient", FLAG)
                raise UsageError(Sentence(message, setting, shown(answer)))
            answer, given = answer
            slopes = vector(self._signed(_numbers(given, "the function's gradient", self.n)))
        kept = point if isinstance(point, list) else point.copy()
        known = Known(kept, self.sign * _number(answer, "the function"), slopes)
        self._known.append(known)
        return known

    def _signed(self, numbers: Any) -> Any:
        return numbers if self.sign > 0.0 else -numbers

    def _slopes(self, point: Vector) -> Vector:
        """The gradient alone."""
        import numpy

        self._count(gradient=1)
        answer = called(cast("Any", self._gradient), "gradient", numpy.array(point, float))
        return vector(self._signed(_numbers(answer, "gradient", self.n)))

    def _second(self, point: Vector) -> Any:
        """The Hessian as an array, or for many variables as the sparse matrix that is given."""
        import numpy

        if self._known_hessian is not None and equal(self._known_hessian[0], point):
            return self._known_hessian[1]
        if self._hessian is not None:
            self._count(hessian=1)
            answer = called(self._hessian, "hessian", numpy.array(point, float))
            found = self._signed(_matrix(answer, self.n))
        else:
            units = numpy.diag(HESSIAN_STEP * self._scales(point))
            columns = (
                self.evaluate_hessian_product(point, vector(unit / unit.max()))
                if self._hessian_product is not None
                else self._gradient_change(point, unit / unit.max(), unit.max())
                for unit in units
            )
            found = numpy.array([*columns], float)
            with numpy.errstate(all="ignore"):
                found = 0.5 * found + 0.5 * found.T
        self._known_hessian = point, found
        return found

    def _gradient_change(self, point: Vector, direction: Any, h: float) -> Any:
        """The difference quotient of ∇f over a step h along the direction: H·d.

        It is central, or in the box to the side that lies within; there what points out on both
        sides is left out.
        """
        import numpy

        x = numpy.array(point, float)
        ahead, behind = (self._outside(x + side * h * direction) for side in (1.0, -1.0))
        direction = numpy.where(ahead & behind, 0.0, direction)
        sides = (1.0, -1.0)
        if (ahead & ~behind).any() != (behind & ~ahead).any():
            sides = (0.0, -1.0) if (ahead & ~behind).any() else (1.0, 0.0)
        elif (ahead & ~behind).any():  # some leave it on this side, others on that
            direction = numpy.where(ahead, 0.0, direction)
            sides = (1.0, 0.0)
        slopes = [
            numpy.array(self.evaluate_gradient(vector(x + side * h * direction))[1], float)
            for side in sides
        ]
        with numpy.errstate(all="ignore"):
            return (slopes[0] - slopes[1]) / ((sides[0] - sides[1]) * h)

    def _outside(self, x: Any) -> Any:
        """Which coordinates of a point lie outside the box."""
        if self.box is None:
            return x != x
        return (x < self.box.low) | (x > self.box.high)

    def _scales(self, point: Vector) -> Any:
        import numpy

        return numpy.array(coordinate_scales(point, self._sizes), float)

    def _mixed_scales(self, point: Vector, index: int) -> Any:
        """A direction, each coordinate a seeded part of its scale."""
        import numpy

        random = RandomStream(0, "noise of f", index)
        parts = [random.uniform(0.5, 1.0) for _ in range(min(self.n, MOST_DRAWN_PARTS))]
        return numpy.resize(parts, self.n) * self._scales(point)

    def _count(self, value: int = 0, gradient: int = 0, hessian: int = 0, product: int = 0) -> None:
        more = Evaluations(value, gradient, hessian, product)
        self.evaluations = Evaluations(*map(sum, zip(self.evaluations, more, strict=True)))

    # -- noise ----------------------------------------------------------------------------------

    def _measured_noise(self, point: Vector, f: float) -> float:
        """A bound of the noise of f around the point; 0 where differences do not tell."""
        import numpy

        x, direction = numpy.array(point, float), self._mixed_scales(point, 0)
        step, levels = NOISE_STEP, [0.0]
        for _ in range(MOST_NOISE_STEPS):
            longest = (NOISE_POINTS - 1) * step
            direction[self._outside(x + longest * direction)] *= -1.0
            direction[self._outside(x + longest * direction)] = 0.0
            places = (x + i * step * direction for i in range(1, NOISE_POINTS))
            values = [f, *(self.evaluate(vector(place)) for place in places)]
            if not all(map(isfinite, values)):
                return 0.0
            levels = noise_levels(values)
            if max(levels) <= SAME_NOISE * min(levels):
                return NOISE_BOUND * max(levels)
            step *= SHORTER_NOISE_STEP
        return NOISE_BOUND * min(levels)


def noise_levels(values: Sequence[float]) -> list[float]:
    """The standard deviation of f's noise, by its differences of each of NOISE_ORDERS.

    A difference of order k has (2k)!/k!² times the variance of the noise.
    """
    levels, differences = [], list(values)
    for k in range(1, max(NOISE_ORDERS) + 1):
        differences = [b - a for a, b in pairwise(differences)]
        if k in NOISE_ORDERS:
            mean = sum(d * d for d in differences) / len(differences)
            levels.append(sqrt(mean / comb(2 * k, k)))
    return levels


def _array(answer: Any, what: str) -> NDArray[np.float64]:
    """The answer of a function as an array of floats, whatever its shape; perhaps not a copy."""
    if answer is None:
        raise UsageError(f"{what} returned None; is a `return` missing?")
    if hasattr(answer, "toarray"):  # a sparse matrix
        answer = answer.toarray()
    if getattr(answer, "dtype", None) == "float64" and type(answer).__name__ == "ndarray":
        return cast("NDArray[np.float64]", answer)
    return doubles(answer, f"what {what} returned", UsageError, finite=False)


def _number(answer: Any, what: str) -> float:
    """The number that a function returned; an array of one entry is one."""
    if isinstance(answer, float):
        return float(answer)
    scalar = isinstance(answer, str) or not getattr(answer, "shape", hasattr(answer, "__len__"))
    if answer is not None and scalar:
        return double(answer, f"what {what} returned", UsageError)
    found = _array(answer, what)
    if found.size != 1:
        raise UsageError(f"{what} returned an array of shape {found.shape}, not a number")
    return float(found.ravel()[0])


def _numbers(answer: Any, what: str, n: int) -> NDArray[np.float64]:
    """The n numbers that a function returned; a column or a row is taken too."""
    found = _array(answer, what)
    if found.size != n or max(found.shape, default=1) != n:
        shape = f"{found.shape[0]} numbers" if found.ndim == 1 else f"the shape {found.shape}"
        raise UsageError(f"{what} returned {shape}, not {n} numbers, as many as the start has")
    return found.ravel()


def _matrix(answer: Any, n: int) -> Any:
    """The symmetric matrix that a function returned: an array, or as it is if large and sparse."""
    import numpy

    if hasattr(answer, "toarray") and n > MOST_LISTED_COMPONENTS and answer.shape == (n, n):
        return answer
    if hasattr(answer, "matmat"):  # a LinearOperator
        answer = answer @ numpy.eye(n)
    found = _array(answer, "hessian")
    if found.shape != (n, n) and not n == found.size == 1:
        raise UsageError(f"hessian returned the shape {found.shape}, not {(n, n)}")
    found = found.reshape(n, n)
    with numpy.errstate(all="ignore"):
        apart = abs(found - found.T)
        if (apart > ASYMMETRY * abs(found).max()).any():
            i, j = numpy.unravel_index(numpy.argmax(apart), apart.shape)
            raise UsageError(
                f"hessian is not symmetric: its entry [{i + 1},{j + 1}] is {found[i, j]:.6g}, "
                f"[{j + 1},{i + 1}] is {found[j, i]:.6g}"
            )
        return 0.5 * found + 0.5 * found.T


def callable_objective(
    fun: Callable[[Any], Any],
    start: Any,
    gradient: Any = None,
    hessian: Any = None,
    hessian_product: Any = None,
) -> tuple[CallableObjective, Vector]:
    """The objective of a Python function, and its start as a vector.

    Raises UsageError and PointError for what is missing or wrong.
    """
    if start is None:
        message = "a Python function has no start of its own: give {}, an array of n numbers"
        raise UsageError(Sentence(message, Setting("start")))
    if isinstance(start, str | Mapping):
        raise wrong("start", "an array of n numbers where f is a Python function", start)
    point = doubles(start, "the start")
    if point.ndim > 1:
        message = "the start has the shape {}; give {} as one flat array"
        raise UsageError(Sentence(message, str(point.shape), Setting("start")))
    if not point.size:
        raise UsageError("there is nothing to minimize: the start has no numbers")
    if gradient is not True and not callable(gradient):
        missing = gradient is None or (is_boolean(gradient) and not gradient)
        which = "missing" if missing else f"no function: {shown(gradient)}"
        message = "the gradient of a Python function is {}; {}"
        raise UsageError(Sentence(message, which, WANTED_GRADIENT))
    for name, given in (("hessian", hessian), ("hessian_product", hessian_product)):
        if given is not None and not callable(given):
            takes = "a function of x" if name == "hessian" else "a function of x and a direction"
            raise wrong(name, takes, given)
    begin = vector(point.ravel())
    return CallableObjective(fun, begin, gradient, hessian, hessian_product), begin
