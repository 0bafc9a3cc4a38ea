"""Which parameters the data do not determine, in words.

Comes in: a Closing with directions along which the loss does not change. Goes out: sentences such
as "only a*exp(c) is determined". What is determined is looked for among sums of multiples and
products of powers, with a factor exp of a sum. Each is tried:
parameters are moved by a quarter so that it keeps its value, from the end of the fit and from a
point beside it, and it is believed if the loss does not change. Combinations that the model makes
of its parameters before columns come in need no trial.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from math import exp, isinf, sqrt
from typing import TYPE_CHECKING

from gdcli.fitting.combinations import combinations_of
from gdcli.fitting.factorization import Matrix
from gdcli.fitting.losses import LABELS
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import EPSILON

if TYPE_CHECKING:
    from gdcli.fitting.closing import Closing
    from gdcli.fitting.residuals import Residuals

SEEN_COMPONENT = 1e-6  # of a direction in the scaled slopes, below which it is rounding
SMALL_PART = 0.1  # of a parameter in the predictions, beside the largest part
TRIED_CHANGE = 0.25  # relative to a parameter, or of its logarithm
EQUAL_LOSS = 1e-9  # relative
FAR_GROWTH = 1e3  # of a parameter, beside its start or 1
MOST_COMBINED = 6  # parameters whose combinations are looked for
LARGEST_DENOMINATOR = 12  # of a coefficient that is written as a fraction


class Undetermined(NamedTuple):
    """What the data leave open: a sentence, and a direction along which the loss does not change.

    The direction has the names of the parameters that it moves; its largest entry is 1.
    """

    sentence: str
    direction: Mapping[str, float]


def undetermined(
    problem: Residuals, closing: Closing, names: Sequence[str], start: Sequence[float]
) -> list[Undetermined]:
    """The sentences on what a fit leaves open; parameters that hang together share one.

    At the `start` it is seen whether a parameter had influence there.
    """
    scales = [d or 1.0 for d in closing.scales or [1.0] * len(names)]
    rows = [
        [float(isinf(n)) if any(map(isinf, v)) else n * d for n, d in zip(v, scales, strict=True)]
        for v in closing.null_directions
    ]
    reduced, found = _reduced(rows), list[Undetermined]()
    for members, texts in _joined(problem, closing.free, names):
        within = [row for row in reduced if members >= {j for j, entry in enumerate(row) if entry}]
        if within and len(within) == len(members) - len(texts):
            found.append(Undetermined(_only(texts), _direction(names, within[0], scales)))
            reduced = [row for row in reduced if row not in within]
    for group in _groups(reduced):
        places = sorted({j for row in group for j, entry in enumerate(row) if entry})
        null = [[row[j] / scales[j] for j in places] for row in group]
        mine, here = [names[j] for j in places], [closing.parameters[j] for j in places]
        before = [start[j] for j in places]

        def loss(values: Sequence[float], places: list[int] = places) -> float:
            point = [*closing.parameters]
            for j, value in zip(places, values, strict=True):
                point[j] = value
            return problem.normal_equations(point).value

        def are_equal(one: float, other: float) -> bool:
            rounding = EPSILON * closing.size * (sqrt(2.0 * abs(one)) + EPSILON * closing.size)
            return abs(other - one) <= EQUAL_LOSS * abs(one) + 64.0 * rounding

        parts = [abs(x) * scales[j] for j, x in zip(places, here, strict=True)]
        units = [
            max(abs(x), SMALL_PART * max(parts) / scales[j])
            for j, x in zip(places, here, strict=True)
        ]
        tried = _CombinationTrial(here, units, loss, are_equal)
        direction = _direction(mine, null[0], [1.0] * len(mine))
        sentence = (
            _uninfluential(mine, here, tried.are_equal(closing.value, tried.loss(before)))
            if len(null) == len(mine)
            else _determined(null, mine, tried)
            or f"the data do not determine {conjoined(mine)}: along the direction"
            f" ({', '.join(f'{name}: {n:.4g}' for name, n in direction.items())})"
            " the loss does not change"
        )
        found.append(Undetermined(sentence, direction))
    return found


def running_off(names: Sequence[str], here: Sequence[float], start: Sequence[float]) -> str:
    """The parameters that have grown far beside their start, with their values: `a = 6498`."""
    far = [
        f"{name} = {x:.4g}"
        for name, x, first in zip(names, here, start, strict=True)
        if abs(x) > FAR_GROWTH * max(1.0, abs(first))
    ]
    return conjoined(far) if far else ""


def conjoined(texts: Sequence[str]) -> str:
    """The texts with commas, and "and" before the last: `a, b and c`."""
    *others, last = texts
    return f"{', '.join(others)} and {last}" if others else last


def _uninfluential(names: Sequence[str], here: Sequence[float], everywhere: bool) -> str:
    verb = "has" if len(names) == 1 else "have"
    text = f"{conjoined(names)} {verb} no influence on the model"
    if everywhere:
        return text
    return f"{text} at {', '.join(f'{a} = {x:.4g}' for a, x in zip(names, here, strict=True))}"


def _determined(null: Matrix, names: Sequence[str], tried: _CombinationTrial) -> str:
    """The sentence that says which combinations are determined; empty where none is found."""
    for by_factor in _ways(tried.here):
        rows = [_in_logarithms(row, tried.here, by_factor) for row in null]
        if all(tried.keeps_loss(row, by_factor) for row in rows):
            return _only([_combination(row, names, by_factor) for row in _complement(rows)])
    return ""


def _only(texts: Sequence[str]) -> str:
    return f"only {conjoined(texts)} {'is' if len(texts) == 1 else 'are'} determined"


def _direction(
    names: Sequence[str], row: Sequence[float], scales: Sequence[float]
) -> dict[str, float]:
    """The direction by the names that it moves, its largest entry 1."""
    entries = {name: n / d for name, n, d in zip(names, row, scales, strict=True) if n}
    largest = max(entries.values(), key=abs)
    return {name: n / largest for name, n in entries.items()}


def _joined(
    problem: Residuals, free: Sequence[int], names: Sequence[str]
) -> list[tuple[set[int], list[str]]]:
    """The places of free parameters that combinations of the model join, with their texts.

    There are none where the loss has more than one prediction of a row.
    """
    if problem.loss.response == LABELS or problem.penalty:
        return []
    groups: list[tuple[set[int], list[str]]] = []
    for one in combinations_of(problem.row_tape, names):
        members, texts = {j for j in free if one.parameters >> j & 1}, [one.text]
        for group in [group for group in groups if group[0] & members]:
            members, texts = members | group[0], [*group[1], *texts]
            groups.remove(group)
        if members:
            groups.append((members, texts))
    return groups


def _ways(here: Sequence[float]) -> Iterator[set[int]]:
    """The sets of places of parameters, not 0, that are changed by a factor, the smallest first."""
    places = [j for j, x in enumerate(here) if x] if len(here) <= MOST_COMBINED else []
    for count in range(len(places) + 1):
        yield from map(set, combinations(places, count))


def _in_logarithms(row: Sequence[float], here: Sequence[float], by_factor: set[int]) -> list[float]:
    """The direction with the changes of logarithms of the parameters that change by a factor."""
    pairs = enumerate(zip(row, here, strict=True))
    return [n / x if j in by_factor else n for j, (n, x) in pairs]


class _CombinationTrial(NamedTuple):
    """A trial of whether the loss keeps its value where some parameters move along a curve.

    `units` are the sizes of the parameters, or what they have to be for a part in the predictions.
    """

    here: list[float]
    units: list[float]
    loss: Callable[[Sequence[float]], float]
    are_equal: Callable[[float, float], bool]

    def keeps_loss(self, row: Sequence[float], by_factor: set[int]) -> bool:
        """Whether the loss stays the same along the direction: here, and beside here.

        Beside here, because a - 2*b is kept along the same straight line as a/b.
        """
        units = [unit or 1.0 for unit in self.units]
        pairs = zip(self.here, units, strict=True)
        beside = [x + unit * 0.3 / (j + 2.0) for j, (x, unit) in enumerate(pairs)]
        for begin in (self.here, beside):
            expected = self.loss(begin)
            for sign in (TRIED_CHANGE, -TRIED_CHANGE):
                there = _moved(begin, units, row, by_factor, sign)
                if not self.are_equal(expected, self.loss(there)):
                    return False
        return True


def _moved(
    here: Sequence[float],
    units: Sequence[float],
    row: Sequence[float],
    by_factor: set[int],
    most: float,
) -> list[float]:
    """The parameters moved along the direction: by `most` of their units, or of their logarithm."""
    pairs = [*enumerate(zip(row, here, strict=True))]
    sizes = [abs(d) if j in by_factor else abs(d) / units[j] for j, (d, _) in pairs]
    t = most / max(sizes)
    return [x * exp(t * d) if j in by_factor else x + t * d for j, (d, x) in pairs]


def _complement(rows: Matrix) -> Matrix:
    """Directions orthogonal to the rows, each with as few entries as can be.

    Of one row those are taken that have the fewest negative entries.
    """
    if len(rows) > 1:
        reduced = _reduced(rows)
        pivots = [max(range(len(row)), key=lambda j: abs(row[j])) for row in reduced]
        return _orthogonal(reduced, pivots)
    pivots = [j for j, entry in enumerate(rows[0]) if entry]
    choices = [_orthogonal([[n / rows[0][j] for n in rows[0]]], [j]) for j in pivots]
    return min(choices, key=lambda found: sum(entry < 0.0 for row in found for entry in row))


def _orthogonal(reduced: Matrix, pivots: Sequence[int]) -> Matrix:
    """A direction for each column without a pivot, of rows that are 1 in theirs."""
    found = []
    for free in range(len(reduced[0])):
        if free not in pivots:
            one = [float(j == free) for j in range(len(reduced[0]))]
            for row, pivot in zip(reduced, pivots, strict=True):
                one[pivot] = 0.0 - row[free]
            found.append(one)
    return found


def _combination(row: Sequence[float], names: Sequence[str], by_factor: set[int]) -> str:
    """The text of a sum, or of a product of powers and of exp of a sum: `a*exp(c)`."""
    used = [(j in by_factor, names[j], entry) for j, entry in enumerate(row) if entry]
    is_product, _, first = max(used, key=lambda one: one[0])
    parts = [(factor, name, entry / first) for factor, name, entry in used]
    text = ""
    for factor, name, power in parts:
        size = _number(abs(power))
        if factor:
            power_text = size if size.isalnum() else f"({size})"
            sign = "/" if power < 0.0 else "*" if text else ""
            text += sign + (name if size == "1" else f"{name}^{power_text}")
    total = ""
    for factor, name, coefficient in parts:
        size = _number(abs(coefficient))
        if not factor:
            sign = "-" if coefficient < 0.0 else "+" if total else ""
            total += (f" {sign} " if total else sign) + (name if size == "1" else f"{size}*{name}")
    return f"{text}*exp({total})" if is_product and total else text or total


def _number(size: float) -> str:
    """A small fraction, or six digits."""
    from fractions import Fraction

    near = Fraction(size).limit_denominator(LARGEST_DENOMINATOR)
    return str(near) if near and abs(size - near) <= SEEN_COMPONENT * size else f"{size:.6g}"


def _reduced(rows: Matrix) -> Matrix:
    """The reduced echelon form, with the largest pivots, and 0 for what is rounding."""
    left, done = [[*row] for row in rows], list[list[float]]()
    while left:
        k, pivot = max(
            ((k, j) for k in range(len(left)) for j in range(len(left[k]))),
            key=lambda place: abs(left[place[0]][place[1]]),
        )
        row = left.pop(k)
        row = [entry / row[pivot] for entry in row]
        left, done = (
            [[a - other[pivot] * b for a, b in zip(other, row, strict=True)] for other in part]
            for part in (left, done)
        )
        done.append(row)
    return [[entry if abs(entry) > SEEN_COMPONENT else 0.0 for entry in row] for row in done]


def _groups(rows: Matrix) -> list[Matrix]:
    """The rows that share a column, directly or by way of others, together."""
    groups: list[tuple[set[int], Matrix]] = []
    for row in rows:
        places, mine = {j for j, entry in enumerate(row) if entry}, [row]
        apart = []
        for others, theirs in groups:
            if places & others:
                places, mine = places | others, [*theirs, *mine]
            else:
                apart.append((others, theirs))
        groups = [*apart, (places, mine)]
    return [mine for _, mine in groups]
