"""The least and greatest values of affine numbers over ranges of indices.

Comes in: affine numbers of indices, each of which must not be negative, and one whose values are
asked for. Goes out: its least and greatest value, by eliminating one index after another, the
innermost first (Fourier–Motzkin), with constants tightened to whole numbers. For loops whose index
has factors of 1 in one of each pair of inequalities this is exact; else the interval may be wider,
never narrower. The cost does not depend on how far the indices run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import gcd

from gdcli.language.affine import Affine

MOST_INEQUALITIES = 2_000  # inequalities at any time
TARGET_NAME = ""  # the name of the number asked for: no index is called so

Terms = tuple[tuple[str, int], ...]
System = dict[Terms, int]  # Σ terms + constant >= 0, the tightest constant of each


class TooManyInequalities(Exception):
    """More inequalities arise than can be eliminated."""


def extremes(
    number: Affine, indices: Sequence[str], inequalities: Iterable[Affine]
) -> tuple[int, int] | None:
    """The least and greatest value of `number`; None where no values satisfy the inequalities.

    `indices` are the names in it and in the inequalities, outermost first, each bounded on both
    sides. Raises TooManyInequalities.
    """
    target = Affine(0, ((TARGET_NAME, 1),))
    system = remaining(indices, [*inequalities, target - number, number - target])
    if system is None:
        return None
    low, high = 0, 0
    for terms, constant in system.items():
        factor = terms[0][1]  # tightened: 1 or -1
        low, high = (-constant, high) if factor > 0 else (low, constant)
    return None if low > high else (low, high)


def remaining(indices: Sequence[str], inequalities: Iterable[Affine]) -> System | None:
    """The inequalities left when the indices are eliminated; None where no values satisfy them."""
    system = _tightened(inequalities)
    for index in reversed(indices):
        if system is None:
            return None
        system = _eliminated(system, index)
    return system


def _tightened(inequalities: Iterable[Affine]) -> System | None:
    system: System = {}
    for constant, terms in inequalities:
        if not terms:
            if constant < 0:
                return None
            continue
        divisor = gcd(*(factor for _, factor in terms))
        if divisor > 1:
            terms = tuple((name, factor // divisor) for name, factor in terms)
            constant //= divisor
        system[terms] = min(constant, system.get(terms, constant))
    if len(system) > MOST_INEQUALITIES:
        raise TooManyInequalities
    return system


def _eliminated(system: System, index: str) -> System | None:
    rest: list[Affine] = []
    below: list[tuple[int, Affine]] = []  # factor·index + number >= 0
    above: list[tuple[int, Affine]] = []  # -factor·index + number >= 0
    for terms, constant in system.items():
        factor = dict(terms).get(index, 0)
        others = Affine(constant, tuple(term for term in terms if term[0] != index))
        if factor == 0:
            rest.append(others)
        else:
            (below if factor > 0 else above).append((abs(factor), others))
    if len(below) * len(above) + len(rest) > MOST_INEQUALITIES * 10:
        raise TooManyInequalities
    for factor, low in below:
        rest.extend(low.scaled(other) + high.scaled(factor) for other, high in above)
    return _tightened(rest)
