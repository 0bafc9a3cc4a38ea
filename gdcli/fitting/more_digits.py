"""A fit in as many digits as are asked for: its parameters and their standard errors.

Comes in: Residuals and the Closing of their minimum. Goes out: a DecimalFit, whose numbers are
texts of N right digits: two precisions agree on them. Newton's method goes on from the closing. A
number of the data is read as the shortest decimal that names it: what stands in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from time import perf_counter
from typing import TYPE_CHECKING, Any

from gdcli.derivatives.exact_values import AGREEING_DIGITS, GUARD_DIGITS
from gdcli.errors import Sentence, Setting, UndefinedError, UsageError
from gdcli.execute.interpret import interpret
from gdcli.fitting.bands import NORMAL, interval_quantile
from gdcli.fitting.closing import MOST_NOISE
from gdcli.language.syntax import Decimal, read_decimal
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import EPSILON
from gdcli.numbers.linear_algebra import as_list, dot, identity, solution

if TYPE_CHECKING:
    from gdcli.fitting.closing import Closing
    from gdcli.fitting.derived_quantities import DerivedQuantity
    from gdcli.fitting.factorization import Matrix
    from gdcli.fitting.residuals import Residuals
    from gdcli.numbers.floats import NumberSystem

MOST_DOUBLINGS = 6  # of the precision, beyond which numbers are not settled
STEP_DIGITS = 5  # that each of Newton's steps adds, at least: the Hessian has those of floats


class DecimalFit(NamedTuple):
    """The numbers of a fit as texts: parameters with their errors and t, the loss, S and s.

    Of the parameters there are `low`, `high` and the `covariance` too, and `derived` has the value,
    error, low and high of each derived quantity, of these the value alone where there is no error.

    `errors` and `t` are those of Statistics; None where it has none, and "0" in them for a
    parameter on a bound. `sum_of_squares` and `s` are None where the loss is not of squares.
    """

    parameters: list[str]
    f: str
    errors: list[str] | None = None
    t: list[str] | None = None
    sum_of_squares: str | None = None
    s: str | None = None
    low: list[str] | None = None
    high: list[str] | None = None
    covariance: list[list[str]] | None = None
    derived: Sequence[Sequence[str]] = ()


class DecimalIntervals(NamedTuple):
    """What intervals are computed of: their level, the distribution, and what is derived."""

    level: float
    distribution: str
    derived: Sequence[DerivedQuantity]


class WrittenColumns(NamedTuple):
    """Columns that rows are computed of, so that they are computed again in more digits.

    `left` are those of the left side of the model, in the order of its variables, empty where the
    responses are labels. `sigma` are the standard deviations, where the weights are of those.
    """

    left: Sequence[Sequence[float]]
    sigma: Sequence[float] | None = None


def refuse_digits(problem: Residuals) -> None:
    """Raise UsageError for a fit whose minimum has no more digits than floats have."""
    if problem.is_large:
        said = f"so many rows, {problem.m}: it would take too long; choose fewer with {{}}"
        advice = Setting("where")
    elif not problem.loss.has_deviance:
        said, advice = f"the {problem.loss.name} loss; take another {{}}", Setting("loss")
    else:
        return
    message = "{}: there are no more digits than floats have for " + said
    raise UsageError(Sentence(message, Setting("digits"), advice))


def more_digits(
    problem: Residuals,
    closing: Closing,
    written: WrittenColumns,
    freedom: int | None,
    count: int,
    intervals: DecimalIntervals,
    deadline: float = inf,
) -> DecimalFit:
    """The fit to `count` digits, with errors where there are degrees of `freedom`.

    Raises UndefinedError where they cannot be had, for which `refuse_digits` is asked before, and
    TimeoutError after the deadline, of perf_counter.
    """
    from gdcli.numbers.precise import decimal_text

    loss, p = problem.loss, problem.p
    hessian = problem.hessian(closing.parameters)
    known = bool(freedom) and not closing.is_exact and not problem.penalty

    def compute(precision: int) -> list[_ScaledNumber]:
        newton = _DecimalNewton(problem, closing, written, hessian, precision, deadline)
        return newton.numbers(freedom, known, intervals)

    f, squares, *texts = (decimal_text(number, count) for number in _agreed(compute, count))
    free, k = closing.free, len(closing.free)
    fixed = [repr(x).removesuffix(".0") for x in closing.parameters]  # those on a bound
    parameters = _in_place(fixed, free, texts[:k])
    squared = None if loss.likelihood else squares
    if not known:
        return DecimalFit(
            parameters, f, sum_of_squares=squared, derived=[[one] for one in texts[k:]]
        )
    numbers, count_of_derived = texts[k:], len(intervals.derived)
    columns = [
        _in_place(["0"] * p, free, numbers[place : place + k]) for place in range(0, 4 * k, k)
    ]
    rest = numbers[4 * k :]
    derived = [rest[4 * j : 4 * j + 4] for j in range(count_of_derived)]
    rest = rest[4 * count_of_derived :]
    rows = [_in_place(["0"] * p, free, rest[1 + a * k : 1 + (a + 1) * k]) for a in range(k)]
    covariance = [["0"] * p for _ in range(p)]
    for place, row in zip(free, rows, strict=True):
        covariance[place] = row
    errors, t, low, high = columns
    s = None if loss.likelihood else rest[0]
    return DecimalFit(parameters, f, errors, t, squared, s, low, high, covariance, derived)


def _in_place(texts: Sequence[str], places: Sequence[int], others: Sequence[str]) -> list[str]:
    """The texts with others at some places."""
    found = dict(zip(places, others, strict=True))
    return [found.get(place, text) for place, text in enumerate(texts)]


class _ScaledNumber(NamedTuple):
    """A number, and the size beside which it is nothing where it is far smaller."""

    value: Any
    scale: Any


def _agreed(compute: Callable[[int], list[_ScaledNumber]], count: int) -> list[Any]:
    """Numbers that two precisions agree on to `count` digits, from `compute(precision)`.

    The precision doubles until they do. A number is 0 where it is 0 in both, or where it shrinks
    beside its scale as the precision grows. Raises UndefinedError where nothing is settled.
    """
    precision = count + GUARD_DIGITS
    before = compute(precision)
    for _ in range(MOST_DOUBLINGS):
        precision *= 2
        now = compute(precision)
        found = [
            _settled(old.value, new, count, precision) for old, new in zip(before, now, strict=True)
        ]
        if None not in found:
            return found
        before = now
    raise UndefinedError(f"{precision} digits are not enough to tell {count} right ones")


def _settled(old: Any, new: _ScaledNumber, count: int, precision: int) -> Any:
    """The number, 0 where it vanishes; None where half the digits had another one."""
    value, scale = new
    if value and abs(value - old) * 10 ** (count + AGREEING_DIGITS) <= abs(value):
        return value
    vanishes = abs(value) * 10 ** (3 * precision // 4) <= abs(scale)
    return value * 0 if vanishes and precision > 4 * count else None


class _DecimalNewton:
    """Newton's method in numbers of one precision, with the Hessian of floats.

    That makes the error smaller by a factor a step, which does as well as a Hessian computed anew.
    Where the slopes are so ill conditioned that floats do not hold it, its place is taken by the
    Gauss-Newton matrix, which is the Hessian of a linear model.
    """

    def __init__(
        self,
        problem: Residuals,
        closing: Closing,
        written: WrittenColumns,
        hessian: Matrix,
        precision: int,
        deadline: float,
    ) -> None:
        from gdcli.numbers.precise import digits

        self.problem, self.closing, self.precision = problem, closing, precision
        self.deadline = deadline
        self.system: NumberSystem = digits(precision)
        self.tape = problem.tapes.derivatives
        self.rows = self.data(written)
        self.is_held = EPSILON * closing.condition**2 < MOST_NOISE
        self.hessian = [[self.number(hessian[j][i]) for i in closing.free] for j in closing.free]
        self.penalty = [self.number(c) for c in problem.penalty]

    def number(self, number: Any) -> Any:
        """A number of the system of the shortest decimal that names a float."""
        read = read_decimal(repr(float(abs(number))))
        if read is None:
            raise UndefinedError(f"{number} has too many digits")
        found = self.system.decimal(read)
        return -found if number < 0 else found

    def data(self, written: WrittenColumns) -> list[list[Any]]:
        """The numbers of each row, in the order of the inputs behind the parameters of its tape."""
        rows, left = self.problem.rows, self.problem.model.left
        tape = left.unrolled.tape
        responses = [
            interpret(tape, self.system, [self.number(one) for one in row])[0]
            for row in zip(*map(as_list, written.left), strict=True)
        ] or [self.number(one) for one in as_list(rows.response)]
        columns = [[self.number(one) for one in as_list(column)] for column in rows.columns]
        columns.append(responses)
        if rows.weights is not None and written.sigma is not None:
            columns.append([1 / self.number(one) ** 2 for one in as_list(written.sigma)])
        elif rows.weights is not None:
            columns.append([self.number(one) for one in as_list(rows.weights)])
        return [[*row] for row in zip(*columns, strict=True)]

    def numbers(
        self, freedom: int | None, with_errors: bool, intervals: DecimalIntervals
    ) -> list[_ScaledNumber]:
        """The loss, the sum of squares, the free parameters, and their errors, t and s if asked."""
        closing, free = self.closing, self.closing.free
        here = [self.number(x) for x in closing.parameters]
        for _ in range(self.precision // STEP_DIGITS + 10):
            _, gradient, matrix = self.sums(here)
            step = solution(self.hessian if self.is_held else matrix, [gradient[j] for j in free])
            if None in step:
                raise UndefinedError("the parameters are not determined")
            for j, d in zip(free, step, strict=True):
                here[j] -= d
            small = 10 ** (self.precision - self.precision // 8)
            if all(abs(d) * small <= abs(here[j]) for j, d in zip(free, step, strict=True)):
                break
        return self.told(here, freedom, with_errors, intervals)

    def sums(self, here: Sequence[Any]) -> tuple[Any, list[Any], list[list[Any]]]:
        """Q, its gradient, and the Gauss-Newton matrix of the free parameters."""
        free, p = self.closing.free, self.problem.p
        value = sum(c * x * x / 2 for c, x in zip(self.penalty, here, strict=False))
        gradient = [c * x for c, x in zip(self.penalty, here, strict=False)] or [0] * p
        matrix = [[(self.penalty[j] if self.penalty else 0) * (i == j) for i in free] for j in free]
        settings = [self.number(one) for one in self.problem.settings]
        for row in self.rows:
            if perf_counter() > self.deadline:
                raise TimeoutError
            try:
                found = interpret(self.tape, self.system, [*here, *row, *settings])
            except (ArithmeticError, ValueError) as error:
                raise UndefinedError(f"the model has no value: {error}") from None
            term, slope, curvature, *slopes = found
            value += term
            gradient = [g + slope * one for g, one in zip(gradient, slopes, strict=True)]
            for a, j in enumerate(free):
                pull = curvature * slopes[j]
                for b, i in enumerate(free):
                    matrix[a][b] += pull * slopes[i]
        return value, gradient, matrix

    def told(
        self, here: list[Any], freedom: int | None, with_errors: bool, intervals: DecimalIntervals
    ) -> list[_ScaledNumber]:
        """The numbers at the minimum, one after the other."""
        problem, free = self.problem, self.closing.free
        value, _, matrix = self.sums(here)
        zero, one = self.number(0.0), self.number(1.0)
        half, places = one / 2, range(len(free))
        rows = value - sum(c * x * x / 2 for c, x in zip(self.penalty, here, strict=False))
        squares = sum(self.size(row) for row in self.rows)  # what a loss of nothing would be
        scales = [(squares / matrix[j][j]) ** half for j in places]
        found = [
            _ScaledNumber(problem.loss.mean_factor * value / problem.m, squares / problem.m),
            _ScaledNumber(2 * rows, squares),
            *map(_ScaledNumber, (here[j] for j in free), scales),
        ]
        derived = [self.derived(one, here) for one in intervals.derived]
        if not with_errors or freedom is None:
            return [*found, *(number for number, _ in derived)]
        s = one if problem.rows.absolute or problem.loss.likelihood else 2 * value / freedom
        units = identity(len(free), zero, one)
        covariance = [[s * entry for entry in solution(matrix, unit)] for unit in units]
        errors = [row[j] ** half for j, row in enumerate(covariance)]
        found += [_ScaledNumber(error, error) for error in errors]
        ends = [(here[j], error) for j, error in zip(free, errors, strict=True)]
        found += [_ScaledNumber(x / error if error else zero, one) for x, error in ends]
        width = self.quantile(intervals, freedom)
        signed = (-width, width)
        for sign in signed:
            found += [_ScaledNumber(x + sign * error, error) for x, error in ends]
        for number, slopes in derived:
            along = [slopes[j] for j in free]
            error = dot(along, [dot(row, along) for row in covariance]) ** half
            beside = [(error, error), *((number.value + sign * error, error) for sign in signed)]
            found += [number, *(_ScaledNumber(*pair) for pair in beside)]
        entries = [
            _ScaledNumber(covariance[i][j], errors[i] * errors[j]) for i in places for j in places
        ]
        return [*found, _ScaledNumber(s**half, one), *entries]

    def size(self, row: Sequence[Any]) -> Any:
        """The weight of a row times the square of its response, or times 1 where that is 0."""
        place = len(self.problem.rows.columns)
        y, weights = row[place], row[place + 1 :]
        return (y * y or self.number(1.0)) * (weights[0] if weights else 1)

    def quantile(self, intervals: DecimalIntervals, freedom: int) -> Any:
        """How many standard errors an interval reaches to either side."""
        whole = Decimal(_scaled_quantile(intervals, freedom, self.precision), -self.precision)
        return self.system.decimal(whole)

    def derived(self, one: DerivedQuantity, here: Sequence[Any]) -> tuple[_ScaledNumber, list[Any]]:
        """The value of a derived quantity, and its derivatives by all parameters."""
        tape = one.function.unrolled.engine.rewritten_gradient_tape
        places = [here[place] for place in one.places]
        value, *partials = interpret(tape, self.system, places)
        slopes = [self.number(0.0)] * len(here)
        for place, partial in zip(one.places, partials, strict=True):
            slopes[place] = partial
        scale = sum(abs(x * d) for x, d in zip(places, partials, strict=True))
        return _ScaledNumber(value, scale), slopes


def _scaled_quantile(intervals: DecimalIntervals, freedom: int, precision: int) -> int:
    """How many standard errors an interval reaches to either side, times 10^precision."""
    import mpmath

    start = interval_quantile(intervals.level, intervals.distribution, freedom)
    with mpmath.workdps(precision + 10):
        level, half = mpmath.mpf(repr(intervals.level)), mpmath.mpf(1) / 2
        v = mpmath.mpf(freedom)

        def excess(t: Any) -> Any:
            part = mpmath.betainc(half, v / 2, 0, t * t / (v + t * t), regularized=True)
            return part - level

        if intervals.distribution == NORMAL:
            found = mpmath.sqrt(2) * mpmath.erfinv(level)
        else:
            found = mpmath.findroot(excess, start)
        return int(mpmath.nint(found * mpmath.mpf(10) ** precision))
