"""The search for start values: points spread evenly, and descents from the best of them.

Comes in: the Residuals of a model over data, bounds, and the parameters whose start is given. Goes
out: where the best descent ended, and how many ended there.

A parameter in which the model is not linear is drawn around the size that its units say, over four
powers of ten and of both signs; one that is added to what columns give, or has the units of a
column, half of the time within its range, and a frequency up to half a wave between neighbours. The
linear ones follow from the others by linear least squares. Where few descents agree on the best
end, or leave much of a wave, more points are tried.

Source: Golub and Pereyra (1973), of the linear parameters; Sobol (1967), of the points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice
from math import inf, pi
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from gdcli.autodiff.tape import APPLY, BRANCH, CONSTANT, LOAD, Instruction, Tape, instructions
from gdcli.execute.grid import ARRAY_OPERATIONS
from gdcli.execute.mapped import mapped_file, thinned
from gdcli.fitting.levenberg_marquardt import FitLimits, Solution
from gdcli.fitting.residuals import Residuals, Rows
from gdcli.fitting.result import FoundStart, Starts
from gdcli.fitting.simultaneous_descents import SimultaneousDescents
from gdcli.fitting.structure import dependencies
from gdcli.fitting.units import ALIKE, constant_value, parameter_units
from gdcli.fitting.variable_projection import least_squares
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.random_numbers import RandomStream
from gdcli.numbers.sobol import sobol_points

if TYPE_CHECKING:
    from gdcli.descent.box import Box
    from gdcli.execute.grid import Array

ROUND_POINTS = 512  # tried in a round
ROUND_DESCENTS = 64  # from the best of them
DESCENT_STEPS = 40
MOST_SEARCH_ROUNDS, ENOUGH_AGREEING = 6, 5  # descents with the best end
MOST_FINISHED_ENDS, FINISHED_RATIO = 8, 2.0  # ends, and their sums of squares by the lowest
MOST_SEARCH_ROWS, MOST_SORTED_ROWS = 2_000, 1 << 16
GOLDEN_RATIO = 0.5 * (5.0**0.5 - 1.0)
SEARCH_NUMBERS = 1 << 16  # of an array in which points are tried
DESCENT_NUMBERS = 1 << 22  # of the slopes of all descents
EQUAL_SUM = 1e-9  # relative difference of the ends of one minimum, or of minima that are symmetric
SAME_SUM, SAME_VALUE = 1e-4, 1e-6  # relative differences of ends, unfinished and finished
ZERO_SUM = 1e-20  # of the sum of squares of the response: there is nothing to choose below it
LOWEST_POWER, HIGHEST_POWER = -2.0, 2.0  # of ten, times the size that units say
FITTING_SHARE = 0.1  # of the spread of the response that a wave of the right frequency leaves
NEGATIVE_SHARE, PLACE_SHARE = 0.35, 0.5  # of the draws of a parameter

Range = tuple[float, float]


def search_start(
    residuals: Residuals,
    linear: Sequence[int],
    given: Mapping[int, float],
    box: Box | None,
    seed: int,
    limits: FitLimits,
) -> FoundStart:
    """The start at which the best of all descents ended, all from points that the seed determines.

    The residuals are those of squares, and the model is linear in the parameters `linear` together.
    `given` has the start of some parameters by place; only the others are searched for. The limits
    are those of the iterations and passes that finish the best ends, and of the time of all.
    """
    p, rows, deadline = residuals.p, residuals.rows, limits.deadline
    few = evenly_chosen(rows, MOST_SEARCH_ROWS)
    following = [
        j
        for j in linear
        if j not in given and (box is None or (box.low[j], box.high[j]) == (-inf, inf))
    ]
    drawn = [j for j in range(p) if j not in following and j not in given]
    columns = [np.asarray(column, dtype=float) for column in few.columns]
    response = np.asarray(few.response, dtype=float)
    roots = 1.0 if few.weights is None else np.sqrt(np.asarray(few.weights, dtype=float))
    tape = residuals.model.right.unrolled.tape
    descents = SimultaneousDescents(
        residuals.row_tape, columns, response, roots, drawn, following, given
    )
    with np.errstate(all="ignore"):
        every = parameter_draws(tape, p, columns, response)
        mean = np.mean(response)
        little = FITTING_SHARE * _square(roots * (response - mean))
        groups = _Groups(ZERO_SUM * _square(roots * response))
    draws = [every[j] for j in drawn]
    stream = RandomStream(seed, "starts of a fit")
    points = sobol_points(2 * len(drawn), stream)
    if not any(one.oscillates for one in draws):
        little = inf
    most = DESCENT_NUMBERS // (len(few.response) * (len(drawn) + len(following) + 2))
    tried, followed, ended = 0, 0, ""
    try:
        for _ in range(MOST_SEARCH_ROUNDS):
            numbers = np.array([*islice(points, ROUND_POINTS)])
            numbers = numbers.reshape(ROUND_POINTS, len(drawn), 2)
            with np.errstate(all="ignore"):
                best = _best(descents, drawn_points(numbers, draws, drawn, box))
                best = best[: max(MOST_FINISHED_ENDS, most)]
                ends, found = descents.descend(best, DESCENT_STEPS, deadline, box)
            tried, followed = tried + len(numbers), followed + len(ends)
            for point, total, others in zip(ends, found.sums, found.linear, strict=True):
                groups.add(float(total), [*point.tolist(), *others.tolist()], len(point))
            if groups.enough(little) or not drawn or perf_counter() > deadline:
                break
    except KeyboardInterrupt:
        ended = "interrupted"
    starts = []
    for end in groups.ends:
        start = [given.get(j, 0.0) for j in range(p)]
        for j, value in zip((*drawn, *following), end.point, strict=True):
            start[j] = value
        starts.append(end._replace(point=start))
    counts = Starts(tried, followed)
    if not starts:
        middle = [given.get(j, 1.0) for j in range(p)]
        return FoundStart(middle if box is None else [*box.project(middle)], counts, ended)
    if ended:
        return FoundStart(starts[0].point, counts._replace(agreeing=starts[0].hits), ended)
    finish = partial(least_squares, linear=linear, box=box)
    return _finished(residuals, few, starts, groups.zero, finish, counts, limits)


def _square(vector: Array) -> float:
    return float(vector @ vector)


class _End(NamedTuple):
    """Where descents ended: the sum of squares and the parameters there, and how many they are.

    `extent` is the sum of the sizes of the drawn parameters, to six digits, and how many of all
    are negative.
    """

    total: float
    point: list[float]
    hits: int
    extent: tuple[float, int]


class _Groups:
    """The ends of descents, those with the same sum of squares together, the lowest first."""

    def __init__(self, zero: float) -> None:
        self.zero = zero
        self.ends: list[_End] = []

    def add(self, total: float, point: list[float], drawn: int) -> None:
        """Adds an end; of those alike the lowest is kept, of equal ones that of the least extent.

        So a wave has the lowest of the frequencies that rows at equal distances do not tell apart.
        """
        if not total < inf:
            return
        size = float(f"{sum(map(abs, point[:drawn])):.6g}")
        new = _End(total, point, 1, (size, sum(one < 0.0 for one in point)))
        for place, end in enumerate(self.ends):
            if abs(end.total - total) <= SAME_SUM * total + self.zero:
                equal = abs(end.total - total) <= EQUAL_SUM * total + self.zero
                best = min(end, new, key=lambda one: one.extent if equal else (one.total, 0))
                self.ends[place] = best._replace(hits=end.hits + 1)
                break
        else:
            self.ends.append(new)
        self.ends.sort(key=lambda one: one.total)

    def enough(self, most: float) -> bool:
        """Whether enough descents agree on the lowest end, and its sum of squares is at most so."""
        best = self.ends[0] if self.ends else None
        return best is not None and best.hits >= ENOUGH_AGREEING and best.total <= most


def _best(descents: SimultaneousDescents, tried: Array) -> Array:
    """The points of the lowest sums of squares."""
    block = max(1, SEARCH_NUMBERS // len(descents.response))
    sums = np.concatenate(
        [descents.project(tried[k : k + block]).sums for k in range(0, len(tried), block)]
    )
    order = np.argsort(sums, kind="stable")[:ROUND_DESCENTS]
    best: Array = tried[order[np.isfinite(sums[order])]]
    return best


def _finished(
    residuals: Residuals,
    few: Rows,
    starts: Sequence[_End],
    zero: float,
    finish: Callable[..., Solution],
    counts: Starts,
    limits: FitLimits,
) -> FoundStart:
    """The lowest of the best ends, each finished by the method of Levenberg and Marquardt.

    One pass over the data is left for the descent that begins there.
    """
    rows = residuals.rows
    searched = residuals
    if few is not rows:
        share = few.count_of_rows / rows.count_of_rows
        searched = Residuals(
            *(residuals.model, few, residuals.loss, residuals.backend),
            penalty=[one * share for one in residuals.penalty],
        )
    solutions: list[tuple[Solution, _End]] = []
    ended = ""
    for start in starts[:MOST_FINISHED_ENDS]:
        if start.total > FINISHED_RATIO * starts[0].total + zero or ended:
            break
        passes = residuals.passes.most - residuals.passes.evaluations - 1
        if passes < 1 or limits.iterations < 1:
            break
        limits = limits._replace(evaluations=int(min(passes, limits.evaluations)))
        found = finish(searched, start.point, limits=limits)
        if few is not rows:
            found = finish(residuals, found.parameters, limits=limits)
        limits = limits.after(found.iterations)
        solutions.append((found, start))
        ended = found.reason if found.reason in ("time", "interrupted") else ""
    if not solutions:
        return FoundStart(starts[0].point, counts._replace(agreeing=starts[0].hits))
    solutions.sort(key=lambda one: one[0].normal.value if one[0].normal.is_finite else inf)
    (best, origin), last = solutions[0], -inf
    agreeing, minima = 0, 0
    for found, start in solutions:
        value = found.normal.value
        if value - best.normal.value <= SAME_VALUE * value + zero:
            agreeing += start.hits
        if found.at_rest and value - last > SAME_VALUE * value + zero:
            minima, last = minima + 1, value
    counts = counts._replace(agreeing=agreeing, minima=minima)
    return FoundStart(best.parameters, counts, ended, origin.point)


# -- where parameters are looked for ---------------------------------------------------------------


class ParameterDraw(NamedTuple):
    """How a parameter is drawn: around which size, and within which range, if any.

    It `oscillates` where it is a frequency or a period; of a period 1 over it is in the range.
    """

    size: float
    place: Range | None
    oscillates: bool = False
    is_period: bool = False


def parameter_draws(
    tape: Tape, parameters: int, columns: Sequence[Array], response: Array
) -> list[ParameterDraw]:
    """How each parameter is drawn, from the Tape of one row and the data."""
    values = _column_values(tape, parameters, columns)
    ranges = {value: _range(entries) for value, entries in values.items()}
    known = {value: one for value, one in ranges.items() if one is not None}
    places = _places(tape, parameters, known)
    names = [f"column {k}" for k in range(len(columns))]
    sizes = {value: _size(*one) for value, one in known.items()}
    deviation = float(np.std(response)) or float(np.max(np.abs(response))) or 1.0
    units = parameter_units(tape, parameters, names, "response", sizes, deviation)
    waves = _inside_waves(tape)
    draws = []
    for j, one in enumerate(units):
        [*measured] = (one.exponents or {}).items()
        name, power = measured[0] if len(measured) == 1 else ("", 0.0)
        column = columns[names.index(name)] if name in names and abs(power) == 1.0 else None
        place = places.get(j)
        if place is None and column is not None and waves >> j & 1:
            most = pi * len(np.unique(column))  # half a wave between neighbours
            draws.append(_frequency_draw(one.size, most, is_period=power > 0.0))
            continue
        if place is None and column is not None and power > 0.0:
            place = _range(column)
        draws.append(ParameterDraw(one.size, place))
    return draws


def _frequency_draw(size: float, most: float, is_period: bool) -> ParameterDraw:
    """How a frequency, or a period, is drawn: up to `most` radians over the range of its column.

    At its size it makes one radian of that range.
    """
    highest = most / size if is_period else most * size
    return ParameterDraw(size, (0.0, highest), True, is_period)


def _inside_waves(tape: Tape) -> int:
    """The inputs on which the argument of a sin or a cos depends, bit k for input k."""
    reached, found = dependencies(tape), 0
    for one in instructions(tape.body):
        if one.operation == APPLY and one.payload in ("sin", "cos"):
            found |= reached[one.operands[0]]
    return found


def _column_values(tape: Tape, parameters: int, columns: Sequence[Array]) -> dict[int, Array]:
    """What columns and literals alone give, by value of the tape, of no parameter."""
    reached = dependencies(tape)
    found: dict[int, Any] = {}
    with np.errstate(all="ignore"):
        for one in instructions(tape.body):
            if one.operation == CONSTANT:
                found[one.results[0]] = constant_value(one.payload)
            elif one.operation == LOAD and one.payload >= parameters:
                found[one.results[0]] = columns[one.payload - parameters]
            elif one.operation == APPLY and all(operand in found for operand in one.operands):
                operands = [found[operand] for operand in one.operands]
                found[one.results[0]] = ARRAY_OPERATIONS[one.payload](*operands)
    return {value: entries for value, entries in found.items() if reached[value]}


def _range(entries: Array) -> Range | None:
    finite = entries[np.isfinite(entries)]
    return (float(finite.min()), float(finite.max())) if len(finite) else None


def _size(low: float, high: float) -> float:
    return high - low or abs(high) or 1.0


def _places(tape: Tape, parameters: int, ranges: Mapping[int, Range]) -> dict[int, Range]:
    """The range of what each parameter is added to or compared with, of columns alone."""
    loads = {
        one.results[0]: one.payload
        for one in instructions(tape.body)
        if one.operation == LOAD and one.payload < parameters
    }
    found: dict[int, Range] = {}

    def see(one: Instruction) -> None:
        for mine, other in (one.operands, one.operands[::-1]):
            if mine in loads and other in ranges:
                low, high = ranges[other]
                found.setdefault(loads[mine], (-high, -low) if one.payload == "+" else (low, high))

    for one in instructions(tape.body):
        if len(one.operands) == 2 and (one.operation == BRANCH or one.payload in ALIKE):
            see(one)
    return {j: one for j, one in found.items() if one[0] < one[1]}


def drawn_points(
    numbers: Array, draws: Sequence[ParameterDraw], drawn: Sequence[int], box: Box | None
) -> Array:
    """Points of shape (k, drawn), of numbers from 0 to 1 of shape (k, drawn, 2)."""
    found = np.empty(numbers.shape[:2])
    for k, draw in enumerate(draws):
        u, v = numbers[:, k, 0], numbers[:, k, 1]
        power = LOWEST_POWER + (HIGHEST_POWER - LOWEST_POWER) * u
        entries = np.where(v < NEGATIVE_SHARE, -1.0, 1.0) * draw.size * 10.0**power
        low, high = (-inf, inf) if box is None else (box.low[drawn[k]], box.high[drawn[k]])
        place = (low, high) if -inf < low and high < inf else draw.place
        if place is not None:
            inside = place[0] + (place[1] - place[0]) * u
            inside = 1.0 / inside if draw.is_period and place is draw.place else inside
            entries = np.where(v >= PLACE_SHARE, inside, entries)
        if low > -inf:
            entries = np.where(entries < low, low + np.abs(entries), entries)
        elif high < inf:
            entries = np.where(entries > high, high - np.abs(entries), entries)
        found[:, k] = np.clip(entries, low, high)
    return found


# -- the rows of the search ------------------------------------------------------------------------


def evenly_chosen(rows: Rows, most: int) -> Rows:
    """At most this many of the rows, evenly chosen after sorting them by their first column.

    Of more than MOST_SORTED_ROWS so many are sorted.
    """
    m = rows.count_of_rows
    if m <= most:
        return rows
    if m > MOST_SORTED_ROWS and mapped_file(rows.response) is not None:
        # few pages at a time, not all of them at random
        return evenly_chosen(rows.each(lambda one: thinned([one], MOST_SORTED_ROWS)[0]), most)
    order = np.arange(m)
    if m > MOST_SORTED_ROWS:  # multiples of the golden ratio are spread evenly, and in no rhythm
        order = (np.arange(MOST_SORTED_ROWS) * GOLDEN_RATIO % 1.0 * m).astype(int)
    if rows.columns:
        order = order[np.argsort(np.asarray(rows.columns[0])[order], kind="stable")]
    places = order[np.linspace(0, len(order) - 1, most).round().astype(int)]
    return rows.each(lambda column: np.asarray(column, dtype=float)[places].tolist())
