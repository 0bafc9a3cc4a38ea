"""Function, point → Gradient: what `gdcli grad` answers, before a format turns it into text.

Comes in: a Function and a GradientRequest: which way to differentiate, in which numbers, and what
is wanted beside the gradient. Goes out: a function of a point. In floats reverse mode answers as
`nonsmooth/` does, other ways to differentiate give what they find; fractions and numbers of many
digits come out as texts. What has no finite value is None, and `error` then says why, with the
place in the text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import fsum, hypot, isfinite
from operator import mul
from typing import TYPE_CHECKING, Any

from gdcli.derivatives.length import Length
from gdcli.errors import GdcliError, Sentence, Setting, UndefinedError, UsageError
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import MOST_LISTED_COMPONENTS, NumberSystem
from gdcli.numbers.linear_algebra import as_list, dot

if TYPE_CHECKING:
    from gdcli.derivatives.exact_values import Coordinate
    from gdcli.derivatives.many_points import FloatAnswering
    from gdcli.derivatives.steepest import UnitDirection
    from gdcli.functions.function import Function

GradientNumber = float | str  # a text holds a fraction or many digits
SecondDerivatives = Sequence[Sequence[GradientNumber | None]]

LENGTH_GUARD_DIGITS = 6  # digits more than asked for, from which lengths are computed
UNCHECKED_NOTE = "too long to look at every step: digits that cancel and kinks would not be noticed"
SIDES_NOTE = "; too long to look at the slopes on all sides: take a point beside it"
MOST_HESSIAN_ROWS = 3_000  # of a Hessian: it has as many columns


class GradientRequest(NamedTuple):
    """The quantities asked for at a point; `step` and `points` are those of differences.

    `along` is a direction V, of the point's kind; `exact` asks for fractions, `digits` for so many.
    """

    method: str = "reverse"
    step: float | None = None
    points: int | None = None
    along: list[Any] | None = None
    hessian: bool = False
    sample: bool = False  # other directions beside `along`
    exact: bool = False
    digits: int | None = None


class Gradient(NamedTuple):
    """Value and gradient at a point, with what was asked for beside them; None where there is none.

    `at`, `gradient`, `direction` and `along` have n components, `hessian` has n rows of n. Where n
    is large and the engine alone answers they are arrays, and what has no finite value is nan.
    """

    variables: Sequence[str]  # of a point's components
    at: Sequence[GradientNumber]
    value: GradientNumber | None
    gradient: Sequence[GradientNumber | None]
    length: GradientNumber | None = None  # Euclidean
    direction: Sequence[GradientNumber] | None = None  # of steepest descent, length 1; None where 0
    method: str = "reverse"
    error: GdcliError | None = None
    hessian: SecondDerivatives | None = None
    along: Sequence[GradientNumber] | None = None  # V
    slope: GradientNumber | None = None  # along V / its length
    derivative: GradientNumber | None = None  # along V as given
    evaluations: int | None = None  # of f, where a method is measured by them
    step: list[float] | None = None
    notes: tuple[str, ...] = ()
    directions: list[UnitDirection] | None = None  # a sample, where V is given

    @property
    def status(self) -> str:
        """`ok` or `undefined`."""
        return "ok" if self.error is None else "undefined"

    @property
    def message(self) -> str | None:
        """Why there is no finite value, or which number beside the gradient is not finite."""
        if self.error is not None:
            return self.error.message.removeprefix("undefined: ")
        return self.beyond or None

    @property
    def beyond(self) -> str:
        """Says which of the numbers beside a finite gradient no double holds; empty for none."""
        if self.error is not None:
            return ""
        sought = {"the length": self.length}
        if self.along is not None:
            sought |= {"the slope along V": self.slope, "the derivative along V": self.derivative}
        lost = ", ".join(name for name, value in sought.items() if value is None)
        return f"beyond the largest number there is: {lost}" if lost else ""


Answering = Callable[[Sequence[Any]], Gradient]


def answering(function: Function, request: GradientRequest) -> Answering:
    """The function of a point that answers `request`; raises UsageError for what cannot be."""
    if function.has_loops:
        return _over_arrays(function, request)
    if request.along is not None:
        request = request._replace(along=as_list(request.along))
    if request.exact or request.digits is not None:
        return lambda point: _in_other_numbers(function, request, point)
    if request.along is not None and not any(request.along):
        raise no_direction()
    if request.method == "reverse" and request.step is None and request.points is None:
        return lambda point: _nonsmooth_gradient(function, request, point)
    from gdcli.derivatives.registry import METHODS

    ready = METHODS[request.method].prepare(function, request.step, request.points)

    def measured(point: Sequence[float]) -> Gradient:
        value, gradient = ready(point)
        error = None
        if not all(map(isfinite, [value, *gradient])):
            why = function.failure(point) or f"{request.method} finds no finite number there"
            error = UndefinedError(f"undefined: {why}")
        found = _in_floats(function, request, point, _finite(value), list(map(_finite, gradient)))
        return found._replace(error=error, evaluations=ready.evaluations, step=ready.steps(point))

    return measured


def in_floats(function: Function, request: GradientRequest) -> FloatAnswering | None:
    """What answers `request` at many points at once, where floats are good enough.

    None where `answering` does not look at every step, or is asked for other numbers.
    """
    from gdcli.derivatives.many_points import FloatAnswering
    from gdcli.nonsmooth.answer import rewrite_notes

    if request._replace(along=None) != GradientRequest():
        return None
    try:
        unrolled = function.unrolled
    except UsageError:
        return None
    notes = rewrite_notes(unrolled.elaborated, unrolled.engine.rewritten.rewrites)

    def answered(point: list[float], value: float, gradient: list[float]) -> Gradient:
        found = _in_floats(unrolled, request, point, value, gradient)
        return found._replace(notes=tuple(notes))

    return FloatAnswering(unrolled, answered)


def _over_arrays(function: Function, request: GradientRequest) -> Answering:
    """Answers for a function with loops, which is unrolled unless that is long and floats do."""
    from gdcli.nonsmooth.curvature import is_long

    plainly = GradientRequest(
        "reverse", along=request.along, hessian=request.hessian, sample=request.sample
    )
    n = function.layout.size
    if request.hessian and n > MOST_HESSIAN_ROWS:
        limit = "{} is for at most {:,} variables: of {:,} it has {:.0e} entries"
        raise UsageError(Sentence(limit, Setting("hessian"), MOST_HESSIAN_ROWS, n, n * n))
    try:
        unrolled = function.unrolled
    except UsageError:
        if request != plainly:
            raise
        answer = _by_engine(function, plainly)
    else:
        if request != plainly or not (request.hessian and is_long(unrolled.gradient_tape)):
            return answering(unrolled, request)
        answer = answering(unrolled, request._replace(hessian=False))
    return _with_hessian(function, answer) if request.hessian else answer


def _by_engine(function: Function, request: GradientRequest) -> Answering:
    """Answers in floats by the engine alone: no step is examined by itself."""
    function.refuse_long_point()
    kind: Callable[[Any], Any] = as_list
    if function.layout.size > MOST_LISTED_COMPONENTS:
        from gdcli.derivatives.long_gradients import as_array as kind
    along = None if request.along is None else kind(request.along)
    if along is not None and length_and_direction(along)[1] is None:
        raise no_direction()
    request = request._replace(sample=False, along=along)

    def engine(point: Sequence[float]) -> Gradient:
        at = kind(point)
        value, partials = function.evaluate_gradient(at)
        gradient: Any = kind(partials)
        if kind is as_list:
            gradient = list(map(_finite, map(float, gradient)))
        error = None
        if _finite(value) is None or not _is_whole(gradient):
            advice = "" if _finite(value) is None else SIDES_NOTE
            error = function.undefined(at, "the value or a derivative is not finite", advice)
        found = _in_floats(function, request, at, _finite(value), gradient)
        return found._replace(error=error, notes=(UNCHECKED_NOTE,))

    return engine


def _with_hessian(function: Function, answer: Answering) -> Answering:
    """Answers as `answer` does, with the Hessian in floats."""

    def both(point: Sequence[float]) -> Gradient:
        found = answer(point)
        rows = _no_rows(point)
        if found.value is not None:
            rows = [[*map(_finite, row)] for row in function.evaluate_hessian(point)]
        error = found.error
        if error is None and any(None in row for row in rows):
            error = no_hessian()
        return found._replace(hessian=rows, error=error)

    return both


def _no_rows(point: Sequence[Any]) -> list[list[float | None]]:
    """The Hessian where f has no value."""
    return [[None] * len(point) for _ in point]


def no_direction() -> UsageError:
    return UsageError(
        Sentence("{} needs a direction: every component of it is 0", Setting("along"))
    )


def no_hessian() -> UndefinedError:
    return UndefinedError("undefined: the Hessian has no finite value there")


# -- floats ------------------------------------------------------------------------------------


def _nonsmooth_gradient(
    function: Function, request: GradientRequest, point: Sequence[float]
) -> Gradient:
    from gdcli.nonsmooth.curvature import second_derivatives

    found = function.answer(point)
    error: GdcliError | None = None if found.status == "ok" else found.error
    described = _in_floats(function, request, point, found.value, list(found.gradient))
    if request.hessian:
        rows = _no_rows(point)
        if any(number is not None for number in (found.value, *found.gradient)):
            rows = second_derivatives(function.gradient_tape, function.evaluate_hessian, point)
        if error is None and any(None in row for row in rows):
            error = no_hessian()
        described = described._replace(hessian=rows)
    return described._replace(error=error, notes=found.notes)


def _in_floats(
    function: Function,
    request: GradientRequest,
    point: Sequence[float],
    value: float | None,
    gradient: Any,
) -> Gradient:
    length = direction = slope = derivative = sample = unit = None
    if request.along is not None:
        unit = _opposite(length_and_direction(request.along)[1])
        derivative = directional_derivative(gradient, request.along)
        slope = directional_derivative(gradient, unit)
    if not request.sample:
        unit = None  # which may be long
    if _is_whole(gradient):
        length, direction = length_and_direction(gradient)
    if unit is not None and length and direction is not None:
        from gdcli.derivatives.steepest import directions

        sample = directions(gradient, length, direction, unit)
    return Gradient(
        function.components,
        as_list(point) if isinstance(gradient, list) else point,
        value,
        gradient,
        length,
        direction,
        request.method,
        along=request.along,
        slope=slope,
        derivative=derivative,
        directions=sample,
    )


def directional_derivative(gradient: Any, direction: Any) -> float | None:
    """The gradient times the direction; None where it needs a component that is None.

    A long sum of products is rounded once.
    """
    if not isinstance(gradient, list):
        from gdcli.derivatives import long_gradients

        return long_gradients.directional_derivative(gradient, direction)
    if any(a is None and b for a, b in zip(gradient, direction, strict=True)):
        return None
    known = [a or 0.0 for a in gradient]
    if len(known) <= MOST_LISTED_COMPONENTS:
        return _finite(dot(known, direction))
    try:
        return _finite(fsum(map(mul, known, direction)))
    except (OverflowError, ValueError):  # of inf - inf
        return None


def length_and_direction(vector: Any) -> tuple[float | None, Any]:
    """‖v‖ and -v/‖v‖, scaled so that neither overflows nor underflows on the way."""
    if not isinstance(vector, list):
        from gdcli.derivatives import long_gradients

        return long_gradients.length_and_direction(vector)
    scale = max(map(abs, vector), default=0.0)
    if scale == 0:
        return 0.0, None
    scaled = [component / scale for component in vector]
    length = hypot(*scaled)
    return _finite(scale * length), [(0.0 - component) / length for component in scaled]


def _opposite(vector: Any) -> Any:
    """0 - v; of an array it takes its place."""
    if isinstance(vector, list):
        return [0.0 - component for component in vector]
    vector *= -1.0
    vector += 0.0  # so that no component is -0.0
    return vector


def _is_whole(gradient: Any) -> bool:
    """Whether every component is a finite number."""
    if isinstance(gradient, list):
        return None not in gradient
    from gdcli.derivatives.long_gradients import is_finite

    return is_finite(gradient)


def _finite(number: float) -> float | None:
    return number if isfinite(number) else None


# -- fractions and many digits -----------------------------------------------------------------


def _in_other_numbers(
    function: Function, request: GradientRequest, point: Sequence[Coordinate]
) -> Gradient:
    count = request.digits
    written: Callable[[Any], str]
    if count is None:
        from gdcli.numbers.precise import FRACTIONS as system

        written = str
    else:
        from gdcli.numbers.precise import decimal_text, digits

        system = digits(count + LENGTH_GUARD_DIGITS)
        written = lambda number: decimal_text(number, count)  # noqa: E731
    from gdcli.derivatives.exact_values import coordinates, rational_results

    at = coordinates(function, system, point)
    along = None if request.along is None else coordinates(function, system, request.along)
    if along is not None and not any(along):
        raise no_direction()
    n = len(function.variables)
    empty = Gradient(function.variables, list(map(written, at)), None, [None] * n)
    if along is not None:
        empty = empty._replace(along=list(map(written, along)))
    try:
        if count is None:
            numbers = rational_results(
                function, point, partial(_hessian_entries, function, request)
            )
        else:
            numbers = _digits_of(function, request, point, count + LENGTH_GUARD_DIGITS)
    except UndefinedError as error:
        return empty._replace(error=error)
    value, gradient, second = numbers[0], numbers[1 : 1 + n], list(map(written, numbers[1 + n :]))
    length = Length(gradient, count)
    found = empty._replace(
        value=written(value), gradient=list(map(written, gradient)), length=length.text
    )
    if any(gradient):
        found = found._replace(direction=[length.dividing(-component) for component in gradient])
    if request.hessian:
        found = found._replace(hessian=[[*second[i * n : (i + 1) * n]] for i in range(n)])
    if along is None:
        return found
    derivative = sum(a * b for a, b in zip(gradient, along, strict=True))
    slope = Length(along, count).dividing(derivative)
    return found._replace(derivative=written(derivative), slope=slope)


def _digits_of(
    function: Function, request: GradientRequest, point: Sequence[Coordinate], count: int
) -> list[Any]:
    """Value, gradient and the Hessian row by row, each number with `count` right digits."""
    from gdcli.derivatives.exact_values import certified

    runs = 1 + 2 * len(point) * request.hessian
    return certified(function, point, count, partial(_hessian_entries, function, request), runs)


def _hessian_entries(
    function: Function, request: GradientRequest, system: NumberSystem, at: Sequence[Any]
) -> list[Any]:
    """The Hessian row by row in one list; empty where it is not asked for."""
    from gdcli.autodiff.forward import tangent
    from gdcli.derivatives.exact_values import hessian_rows

    if not request.hessian:
        return []
    tape = tangent(function.gradient_tape)
    rows = hessian_rows(function, tape, system, at, "the second derivative of ")
    return [entry for row in rows for entry in row]
