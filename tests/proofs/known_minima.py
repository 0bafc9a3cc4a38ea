"""Functions whose global minimum over a window is known by their construction.

Each is a text of the language with a window, the exact infimum of its values there, and the exact
places where it is attained. Nothing here is computed by gdcli: a function is made of pieces that
fall to a known lowest point and rise behind it, of sums, maxima and minima of them in separate
variables, and of branches between them; what is not rational comes from mpmath with 60 digits.
"""

from __future__ import annotations

import itertools
import random
from ast import literal_eval
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import inf
from pathlib import Path
from typing import Any

import mpmath

from gdcli.named_tuples import NamedTuple

Ends = tuple[Any, Any]  # of an enclosure: Fractions, or floats where infinite
Box = tuple[Ends, ...]

WORKING_DIGITS = 60
TINY = Fraction(1, 10**45)  # more than 60 digits lose, less than any box of a certificate is wide
EMPTY_VALUE = (inf, -inf)  # of a function without a value


class KnownMinimum(NamedTuple):
    """A function, its window, and its global minimum there.

    `f` encloses the infimum; it is EMPTY_VALUE where the function has no value in the window, and
    -inf to -inf where it is not bounded. `minimizers` are boxes every point of which is a global
    minimizer: points, for which the enclosure of an irrational number stands, and sets. They are
    all the minimizers if `complete`, and empty if the infimum is `attained` nowhere.
    """

    name: str
    family: str
    text: str
    window: Box
    f: Ends
    minimizers: tuple[Box, ...]
    complete: bool = True
    parameters: Mapping[str, str] = {}
    sizes: Mapping[str, int] = {}
    data: Mapping[str, Any] = {}

    @property
    def attained(self) -> bool:
        return bool(self.minimizers)


def enclosure(value: Any) -> Ends:
    """Ends around a value: equal for a rational number, and for mpmath's a little apart."""
    if isinstance(value, tuple):
        return value
    if isinstance(value, Fraction | int):
        return Fraction(value), Fraction(value)
    if mpmath.isinf(value):
        return float(value), float(value)
    exact = Fraction(*_ratio(value))
    margin = max(abs(exact), Fraction(1, 10**9)) * TINY
    return exact - margin, exact + margin


def _ratio(value: Any) -> tuple[int, int]:
    sign, mantissa, exponent, _ = mpmath.mpf(value)._mpf_
    signed = -int(mantissa) if sign else int(mantissa)
    return (signed << exponent, 1) if exponent >= 0 else (signed, 1 << -exponent)


def real(number: Any) -> Any:
    """The number as mpmath has it, in the working precision."""
    if isinstance(number, Fraction):
        return mpmath.mpf(number.numerator) / number.denominator
    return mpmath.mpf(number)


def plus(left: Ends, right: Ends) -> Ends:
    return left[0] + right[0], left[1] + right[1]


def times(factor: Fraction, ends: Ends) -> Ends:
    return min(factor * end for end in ends), max(factor * end for end in ends)


def decimal(number: Fraction) -> str:
    """The number as the language has it: a decimal where it is one, else a quotient."""
    scaled, places = number, 0
    while scaled.denominator != 1 and places < 30:
        scaled, places = scaled * 10, places + 1
    if scaled.denominator != 1:
        return f"({number.numerator}/{number.denominator})"
    digits = f"{abs(scaled.numerator):0{places + 1}d}"
    text = digits if not places else f"{digits[:-places]}.{digits[-places:]}"
    return f"(-{text})" if number < 0 else text


class Piece(NamedTuple):
    """A function of one variable that falls to its lowest point and rises behind it, strictly.

    `text` has the variable as `{x}`. `lowest` is that point, `value` the values, both as
    `enclosure` takes them; it has values from `low` to `high`, those included if `closed`.
    """

    text: str
    lowest: Any
    value: Callable[[Fraction], Any]
    least: Any
    low: Any = -inf
    high: Any = inf
    closed: tuple[bool, bool] = (True, True)
    family: str = "smooth"


def smooth_pieces(c: Fraction, k: Fraction, d: Fraction) -> Iterator[Piece]:
    """Pieces without edges or kinks: lowest at c, where they are d; k > 0."""
    t, scale, level = f"({{x}} - {decimal(c)})", decimal(k), decimal(d)

    def piece(text: str, value: Callable[[Any], Any]) -> Piece:
        def at(x: Fraction) -> Any:
            inner = value(x - c)
            return k * inner + d if isinstance(inner, Fraction) else real(k) * inner + real(d)

        return Piece(f"{scale}*{text} + {level}", c, at, d)

    yield piece(f"{t}^2", lambda u: u**2)
    yield piece(f"{t}^4", lambda u: u**4)
    yield piece(f"(exp{t} - 1 - {t})", lambda u: mpmath.exp(real(u)) - 1 - real(u))
    yield piece(f"(cosh{t} - 1)", lambda u: mpmath.cosh(real(u)) - 1)
    yield piece(f"log(1 + {t}^2)", lambda u: mpmath.log(1 + real(u) ** 2))
    yield piece(f"(1 - exp(-{t}^2))", lambda u: 1 - mpmath.exp(-(real(u) ** 2)))
    yield piece(f"(1 - 1/(1 + {t}^2))", lambda u: 1 - 1 / (1 + u**2))
    yield piece(f"(sqrt(1 + {t}^2) - 1)", lambda u: mpmath.sqrt(1 + real(u) ** 2) - 1)
    yield piece(f"({t}*atan{t})", lambda u: real(u) * mpmath.atan(real(u)))
    yield piece(f"({t}*tanh{t})", lambda u: real(u) * mpmath.tanh(real(u)))
    yield piece(f"({t}*erf{t})", lambda u: real(u) * mpmath.erf(real(u)))
    yield piece(f"logcosh{t}", lambda u: mpmath.log(mpmath.cosh(real(u))))
    yield piece(f"(hypot({t}, 1) - 1)", lambda u: mpmath.sqrt(1 + real(u) ** 2) - 1)
    yield piece(
        f"(softplus{t} + softplus(-{t}) - 2*log(2))",
        lambda u: mpmath.log((1 + mpmath.exp(real(u))) * (1 + mpmath.exp(-real(u))) / 4),
    )
    yield piece(
        f"(0.25 - sigmoid{t}*sigmoid(-{t}))",
        lambda u: mpmath.mpf("0.25") - mpmath.sech(real(u) / 2) ** 2 / 4,
    )
    yield piece(f"(logaddexp({t}, -{t}) - log(2))", lambda u: mpmath.log(mpmath.cosh(real(u))))


def kinked_pieces(c: Fraction, k: Fraction, d: Fraction) -> Iterator[Piece]:
    """Pieces with a kink or a cusp at their lowest point c, where they are d; k > 0."""
    t, scale, level = f"({{x}} - {decimal(c)})", decimal(k), decimal(d)

    def piece(text: str, value: Callable[[Any], Any]) -> Piece:
        def at(x: Fraction) -> Any:
            inner = value(x - c)
            return k * inner + d if isinstance(inner, Fraction) else real(k) * inner + real(d)

        return Piece(f"{scale}*{text} + {level}", c, at, d, family="kink")

    yield piece(f"abs{t}", abs)
    yield piece(f"(abs{t} + {t}^2)", lambda u: abs(u) + u**2)
    yield piece(f"(abs{t} - {t}/2)", lambda u: abs(u) - u / 2)
    yield piece(f"(relu{t} + 2*relu(-{t}))", lambda u: max(u, -2 * u))
    yield piece(f"(relu{t} - {t}/2)", lambda u: max(u, Fraction(0)) - u / 2)
    yield piece(f"max{t[:-1]}, -3*{t})", lambda u: max(u, -3 * u))
    yield piece(f"max({t}^2, {t}, -{t}/2)", lambda u: max(u**2, u, -u / 2))
    yield piece(f"(-min({t}, -{t}))", abs)
    yield piece(f"hypot({t}, 0)", abs)
    yield piece(f"sqrt({t}^2)", abs)
    yield piece(f"sqrt(abs{t})", lambda u: mpmath.sqrt(real(abs(u))))
    yield piece(f"cbrt({t}^2)", lambda u: mpmath.cbrt(real(u) ** 2))
    yield piece(f"log1p(abs{t})", lambda u: mpmath.log(1 + real(abs(u))))
    yield piece(f"abs{t}^1.5", lambda u: real(abs(u)) ** mpmath.mpf("1.5"))
    yield piece(f"({t}*sign{t})", abs)
    yield piece(f"ifelse({t} < 0, -{t}, {t})", abs)
    yield piece(f"ifelse({t} <= 0, -{t}, 2*{t})", lambda u: max(-u, 2 * u))
    yield piece(f"ifelse({t} > 0, {t}^2, -{t})", lambda u: u**2 if u > 0 else -u)
    yield piece(f"(abs({t} + abs{t}) - {t}/4)", lambda u: abs(u + abs(u)) - u / 4)
    yield piece(f"expm1(abs{t})", lambda u: mpmath.expm1(real(abs(u))))
    yield piece(f"asinh(abs{t})", lambda u: mpmath.asinh(real(abs(u))))
    yield piece(f"(acosh(1 + abs{t}))", lambda u: mpmath.acosh(1 + real(abs(u))))


def edged_pieces(c: Fraction, k: Fraction, d: Fraction) -> Iterator[Piece]:
    """Pieces with an edge of their domain at c; k > 0."""
    t, scale, level = f"({{x}} - {decimal(c)})", decimal(k), decimal(d)
    half = mpmath.mpf("0.5")

    def piece(
        text: str,
        value: Callable[[Any], Any],
        lowest: Any = None,
        low: Any = Fraction(0),
        high: Any = inf,
        closed: tuple[bool, bool] = (True, True),
    ) -> Piece:
        """A piece of u = x - c; `lowest`, `low` and `high` are those of u."""

        def at(x: Any) -> Any:
            inner = value(real(x - c) if isinstance(x, Fraction) else real(x) - real(c))
            return real(k) * inner + real(d)

        bottom = low if lowest is None else lowest
        place = c + bottom if isinstance(bottom, Fraction) else real(c) + bottom
        least = at(place)
        return Piece(
            f"{scale}*{text} + {level}",
            place,
            at,
            least,
            c + low if low > -inf else -inf,
            c + high if high < inf else inf,
            closed,
            "edge",
        )

    one = Fraction(1)
    yield piece(f"(sqrt{t} + {t})", lambda u: mpmath.sqrt(u) + u)
    yield piece(f"sqrt{t}", mpmath.sqrt)
    yield piece(f"{t}^1.5", lambda u: u ** mpmath.mpf("1.5"))
    yield piece(f"{t}^0.5", mpmath.sqrt)
    yield piece(f"({t} + {t}^(1/3))", lambda u: u + u ** (mpmath.mpf(1) / 3))
    yield piece(f"({t} - sqrt{t})", lambda u: u - mpmath.sqrt(u), Fraction(1, 4))
    yield piece(f"acosh(1 + {t})", lambda u: mpmath.acosh(1 + u))
    yield piece(f"asin{t}", mpmath.asin, -one, -one, one)
    yield piece(f"(-acos{t})", lambda u: -mpmath.acos(u), -one, -one, one)
    yield piece(f"acos(-{t})", lambda u: mpmath.acos(-u), -one, -one, one)
    yield piece(f"(asin{t}^2)", lambda u: mpmath.asin(u) ** 2, Fraction(0), -one, one)
    yield piece(f"(-sqrt(1 - {t}^2))", lambda u: -mpmath.sqrt(1 - u**2), Fraction(0), -one, one)
    yield piece(
        f"{t}*log{t}",
        lambda u: u * mpmath.log(u) if u else mpmath.mpf(0),
        mpmath.exp(-1),
        Fraction(0),
        inf,
        (False, True),
    )
    yield piece(
        f"({t} - log{t})",
        lambda u: u - mpmath.log(u) if u else mpmath.inf,
        one,
        Fraction(0),
        inf,
        (False, True),
    )
    yield piece(
        f"log{t}^2",
        lambda u: mpmath.log(u) ** 2 if u else mpmath.inf,
        one,
        Fraction(0),
        inf,
        (False, True),
    )
    yield piece(
        f"(1/sqrt{t} + {t})",
        lambda u: 1 / mpmath.sqrt(u) + u if u else mpmath.inf,
        half ** (mpmath.mpf(2) / 3),
        Fraction(0),
        inf,
        (False, True),
    )
    yield piece(
        f"atanh{t}^2",
        lambda u: mpmath.atanh(u) ** 2 if abs(u) < 1 else mpmath.inf,
        Fraction(0),
        -one,
        one,
        (False, False),
    )
    yield piece(
        f"(-log(1 - {t}^2))",
        lambda u: -mpmath.log(1 - u**2) if abs(u) < 1 else mpmath.inf,
        Fraction(0),
        -one,
        one,
        (False, False),
    )
    yield piece(
        f"(-log1p(-{t}^2))",
        lambda u: -mpmath.log(1 - u**2) if abs(u) < 1 else mpmath.inf,
        Fraction(0),
        -one,
        one,
        (False, False),
    )
    yield piece(f"sqrt(log(1 + {t}))", lambda u: mpmath.sqrt(mpmath.log(1 + u)))
    yield piece(f"(sqrt({t}*(1 + {t}^2)) + {t}/3)", lambda u: mpmath.sqrt(u * (1 + u**2)) + u / 3)


class Lowest(NamedTuple):
    """The infimum of a piece over an interval, and where it is: None where it is not attained."""

    f: Ends
    at: Any


def lowest(
    piece: Piece, low: Any, high: Any, open_ends: tuple[bool, bool] = (False, False)
) -> Lowest:
    """The infimum over an interval, of which an end in `open_ends` is no part."""
    left, right = max(low, piece.low), min(high, piece.high)
    left_open = (low == left and open_ends[0]) or (piece.low == left and not piece.closed[0])
    right_open = (high == right and open_ends[1]) or (piece.high == right and not piece.closed[1])
    if left > right or (left == right and (left_open or right_open)):
        return Lowest(EMPTY_VALUE, None)
    place = piece.lowest
    if real(place) <= real(left):
        at, missing = left, left_open and real(place) <= real(left)
    elif real(place) >= real(right):
        at, missing = right, right_open
    else:
        at, missing = place, False
    f = enclosure(piece.least if at == place else piece.value(at))
    return Lowest(f, None if missing else at)


def separable(
    name: str, family: str, pieces: Sequence[Piece], window: Box, joined: str = "+"
) -> KnownMinimum:
    """A sum of pieces, one of each variable x1, x2, …: its minimum is the sum of theirs."""
    names = ["x", "y", "z", "w"][: len(pieces)]
    found = [lowest(piece, *ends) for piece, ends in zip(pieces, window, strict=True)]
    text = f" {joined} ".join(
        f"({piece.text.format(x=variable)})" for piece, variable in zip(pieces, names, strict=True)
    )
    header = f"f({', '.join(names)}) = "
    if any(one.f == EMPTY_VALUE for one in found):
        return KnownMinimum(name, family, header + text, window, EMPTY_VALUE, ())
    total = (Fraction(0), Fraction(0))
    for one in found:
        total = plus(total, one.f)
    places = (
        () if any(one.at is None for one in found) else (tuple(enclosure(one.at) for one in found),)
    )
    return KnownMinimum(name, family, header + text, window, total, places)


def least(branches: Sequence[tuple[Ends, Box | None]]) -> tuple[Ends, tuple[Box, ...]]:
    """The least of several infima, and the places of those that attain it.

    Values that are not rational count as equal only if their enclosures are.
    """
    branches = [branch for branch in branches if branch[0] != EMPTY_VALUE]
    if not branches:
        return EMPTY_VALUE, ()
    best = min(branches, key=lambda branch: branch[0][0])[0]
    places = [place for f, place in branches if place is not None and f == best]
    close = [f for f, _ in branches if f != best and f[0] <= best[1]]
    if close:
        raise ValueError("two values are too close to be told apart")
    return best, tuple(dict.fromkeys(places))


def shared(
    name: str,
    family: str,
    text: str,
    window: Box,
    branches: Sequence[tuple[Ends, Any]],
    **more: Any,
) -> KnownMinimum:
    """The function whose values over its regions have these infima at these places."""
    f, places = least([(value, None if at is None else _box(at)) for value, at in branches])
    return KnownMinimum(name, family, text, window, f, places, **more)


def _box(at: Any) -> Box:
    return tuple(enclosure(one) for one in at) if isinstance(at, tuple) else (enclosure(at),)


# Generated families.

DECIMALS = "0 0.3 -0.7 1/4 0.1 -0.5 1.1 1/3 -2 0.625 2/7 -0.3"
CENTRES = [Fraction(text) for text in DECIMALS.split(" ")]
FACTORS = [Fraction(text) for text in ["1", "2", "0.5", "3", "0.1", "10"]]
LEVELS = [Fraction(text) for text in ["0", "-1", "0.3", "2", "-0.1", "1/3"]]


def as_float(number: Fraction) -> Fraction:
    return Fraction(float(number))


def windows_around(c: Fraction) -> list[tuple[str, tuple[Fraction, Fraction]]]:
    """Windows in which c has a delicate place; their ends are floats, and c may be none."""
    at = as_float(c)
    return [
        ("at the centre", (as_float(c - 1), as_float(c + 1))),
        ("where it is halved twice", (as_float(c - Fraction(1, 2)), as_float(c + Fraction(3, 2)))),
        ("near the lower end", (at, as_float(c + 2))),
        ("near the upper end", (as_float(c - 2), at)),
        ("anywhere", (as_float(c - Fraction(137, 100)), as_float(c + Fraction(111, 100)))),
        ("below the window", (as_float(c + Fraction(1, 5)), as_float(c + Fraction(9, 10)))),
        ("above the window", (as_float(c - Fraction(9, 10)), as_float(c - Fraction(1, 5)))),
        ("in a wide window", (as_float(c - 100), as_float(c + 77))),
    ]


def all_pieces(c: Fraction, k: Fraction, d: Fraction) -> dict[str, list[Piece]]:
    return {
        "smooth": list(smooth_pieces(c, k, d)),
        "kink": list(kinked_pieces(c, k, d)),
        "edge": list(edged_pieces(c, k, d)),
    }


def single_pieces(random_numbers: random.Random) -> Iterator[KnownMinimum]:
    """Every piece by itself, in three windows each."""
    for family, count in ("smooth", 16), ("kink", 22), ("edge", 21):
        for number in range(count):
            windows = [0, *random_numbers.sample(range(1, 8), 3)]
            for chosen in windows:
                c, k, d = (random_numbers.choice(some) for some in (CENTRES, FACTORS, LEVELS))
                piece = all_pieces(c, k, d)[family][number]
                place, window = windows_around(c)[chosen]
                if chosen == 7 and number in (2, 3) and family == "smooth":
                    window = windows_around(c)[0][1]  # exp overflows no float there
                name = f"{family} piece {number}, {place}"
                yield separable(name, family, [piece], (window,))


def sums_of_pieces(random_numbers: random.Random, count: int) -> Iterator[KnownMinimum]:
    """Sums of two or three pieces in separate variables, one of them with a kink or an edge."""
    for number in range(count):
        n = random_numbers.choice((2, 2, 2, 3))
        family = random_numbers.choice(("kink", "edge", "smooth"))
        families = [family] + [random_numbers.choice(("smooth", family)) for _ in range(n - 1)]
        random_numbers.shuffle(families)
        pieces, window = [], []
        for one in families:
            c, k, d = (random_numbers.choice(some) for some in (CENTRES, FACTORS, LEVELS))
            pieces.append(random_numbers.choice(all_pieces(c, k, d)[one]))
            window.append(random_numbers.choice(windows_around(c)[:7])[1])
        yield separable(f"sum {number}", family, pieces, tuple(window))


def greatest_and_least(random_numbers: random.Random, count: int) -> Iterator[KnownMinimum]:
    """The max of two pieces in separate variables, flat where one is lower, and the min of two in
    one."""
    for number in range(count):
        family = random_numbers.choice(("smooth", "kink"))
        c, b = random_numbers.sample(CENTRES, 2)
        k, m = random_numbers.choice(FACTORS), random_numbers.choice(FACTORS)
        d, e = random_numbers.choice(LEVELS), random_numbers.choice(LEVELS)
        one = random_numbers.choice(all_pieces(c, k, d)[family][:2])
        other = random_numbers.choice(all_pieces(b, m, e)[family][:2])
        first, second = (random_numbers.choice(windows_around(at)[:7])[1] for at in (c, b))
        if number % 2:
            lows = lowest(one, *first), lowest(other, *second)
            f = max(low.f for low in lows)
            point = tuple(enclosure(low.at) for low in lows)
            yield KnownMinimum(
                f"max of two {number}",
                "kink",
                f"f(x, y) = max({one.text.format(x='x')}, {other.text.format(x='y')})",
                (first, second),
                f,
                (point,),
                lows[0].f == lows[1].f,
            )
        else:
            low, high = min(first[0], second[0]), max(first[1], second[1])
            branches = [lowest(piece, low, high) for piece in (one, other)]
            yield shared(
                f"min of two {number}",
                "several",
                f"f(x) = min({one.text.format(x='x')}, {other.text.format(x='x')})",
                ((low, high),),
                [(branch.f, branch.at) for branch in branches],
            )


REGIONS: dict[str, tuple[str, str]] = {  # of a comparison: where it holds, and where it does not
    "<": ("left open", "right"),
    "<=": ("left", "right open"),
    ">": ("right open", "left"),
    ">=": ("right", "left open"),
    "==": ("point", "around"),
    "!=": ("around", "point"),
}


def over_region(piece: Piece, region: str, border: Fraction, window: Ends) -> list[Lowest]:
    low, high = window
    left = low, min(high, border)
    right = max(low, border), high
    if region == "point":
        return [lowest(piece, border, border)] if low <= border <= high else []
    found = []
    if region in ("left open", "left", "around") and left[0] <= left[1]:
        is_open = region != "left" and left[1] == border
        found.append(lowest(piece, *left, open_ends=(False, is_open)))
    if region in ("right open", "right", "around") and right[0] <= right[1]:
        is_open = region != "right" and right[0] == border
        found.append(lowest(piece, *right, open_ends=(is_open, False)))
    return found


def branches_of_pieces(random_numbers: random.Random, count: int) -> Iterator[KnownMinimum]:
    """An ifelse between two pieces, alone or with a piece of a second variable added."""
    made = 0
    while made < count:
        comparison = random_numbers.choice(list(REGIONS))
        c, b = random_numbers.choice(CENTRES), random_numbers.choice(CENTRES)
        k, m = random_numbers.choice(FACTORS), random_numbers.choice(FACTORS)
        d, e = random_numbers.choice(LEVELS), random_numbers.choice(LEVELS)
        one = random_numbers.choice(all_pieces(c, k, d)[random_numbers.choice(("smooth", "kink"))])
        other = random_numbers.choice(
            all_pieces(b, m, e)[random_numbers.choice(("smooth", "kink"))]
        )
        border = random_numbers.choice((c, b, c + Fraction(1, 10), *CENTRES))
        place, window = random_numbers.choice(windows_around(border))
        if place == "in a wide window":
            continue
        holds, fails = REGIONS[comparison]
        found = over_region(one, holds, border, window) + over_region(other, fails, border, window)
        text = (
            f"ifelse(x {comparison} {decimal(border)}, {one.text.format(x='x')}, "
            f"{other.text.format(x='x')})"
        )
        branches = [(low.f, low.at) for low in found]
        windows: Box = (window,)
        if made % 3 == 2:
            a = random_numbers.choice(CENTRES)
            piece = random_numbers.choice(all_pieces(a, Fraction(1), Fraction(0))["smooth"])
            second = random_numbers.choice(windows_around(a)[:7])[1]
            low = lowest(piece, *second)
            text = f"f(x, y) = {text} + {piece.text.format(x='y')}"
            windows = window, second
            branches = [
                (plus(f, low.f), None if at is None else (at, low.at))
                for f, at in branches
                if f != EMPTY_VALUE
            ]
        try:
            yield shared(f"branch {made}, the border {place}", "jump", text, windows, branches)
        except ValueError:
            continue
        made += 1


def signs(random_numbers: random.Random, count: int) -> Iterator[KnownMinimum]:
    """A piece with a multiple of a sign added: a jump at a point that has a value of its own."""
    made = 0
    while made < count:
        c, k, d = (random_numbers.choice(some) for some in (CENTRES, FACTORS, LEVELS))
        border = random_numbers.choice((c, c + Fraction(1, 10), *CENTRES))
        height = random_numbers.choice(FACTORS) * random_numbers.choice((1, -1))
        kind = ("smooth", "kink")[made % 2]
        pieces = {sign: all_pieces(c, k, d + sign * height)[kind][made % 16] for sign in (-1, 0, 1)}
        place, window = random_numbers.choice(windows_around(border)[:7])
        found = [
            *over_region(pieces[-1], "left open", border, window),
            *over_region(pieces[0], "point", border, window),
            *over_region(pieces[1], "right open", border, window),
        ]
        text = f"{pieces[0].text.format(x='x')} + {decimal(height)}*sign(x - {decimal(border)})"
        try:
            yield shared(
                f"sign {made}, {place}", "jump", text, (window,), [(low.f, low.at) for low in found]
            )
        except ValueError:
            continue
        made += 1


def nested_branches(random_numbers: random.Random, count: int) -> Iterator[KnownMinimum]:
    """Three pieces over three intervals, by an ifelse inside an ifelse."""
    made = 0
    while made < count:
        borders = sorted(random_numbers.sample(CENTRES, 2))
        pieces = []
        for _ in range(3):
            c, k, d = (random_numbers.choice(some) for some in (CENTRES, FACTORS, LEVELS))
            pieces.append(random_numbers.choice(all_pieces(c, k, d)["smooth"]))
        window = as_float(borders[0] - Fraction(13, 10)), as_float(borders[1] + Fraction(7, 10))
        strict = [random_numbers.choice(("<", "<=")) for _ in borders]
        found = [
            lowest(pieces[0], window[0], borders[0], (False, strict[0] == "<")),
            lowest(pieces[1], borders[0], borders[1], (strict[0] == "<=", strict[1] == "<")),
            lowest(pieces[2], borders[1], window[1], (strict[1] == "<=", False)),
        ]
        one, two, three = (piece.text.format(x="x") for piece in pieces)
        text = (
            f"ifelse(x {strict[0]} {decimal(borders[0])}, {one}, "
            f"ifelse(x {strict[1]} {decimal(borders[1])}, {two}, {three}))"
        )
        try:
            yield shared(
                f"three branches {made}",
                "jump",
                text,
                (window,),
                [(low.f, low.at) for low in found],
            )
        except ValueError:
            continue
        made += 1


def half_planes(random_numbers: random.Random, count: int) -> Iterator[KnownMinimum]:
    """Two round bowls, one on each side of a line across the window."""
    made = 0
    while made < count:
        a, b = (Fraction(random_numbers.randint(-3, 3)) for _ in range(2))
        if not a or not b:
            continue
        border = random_numbers.choice(CENTRES)
        comparison = random_numbers.choice(("<", "<=", ">", ">="))
        window = tuple(
            (as_float(Fraction(random_numbers.randint(-29, -20), 10)), Fraction(5, 2))
            for _ in range(2)
        )
        branches: list[tuple[Ends, Any]] = []
        texts = []
        inside = True
        for holds in (True, False):
            p, q = random_numbers.choice(CENTRES), random_numbers.choice(CENTRES)
            k, d = random_numbers.choice(FACTORS), random_numbers.choice(LEVELS)
            texts.append(
                f"{decimal(k)}*((x - {decimal(p)})^2 + (y - {decimal(q)})^2) + {decimal(d)}"
            )
            excess = a * p + b * q - border
            satisfied = {"<": excess < 0, "<=": excess <= 0, ">": excess > 0, ">=": excess >= 0}
            if satisfied[comparison] == holds:
                x, y, attained = p, q, True
            else:
                step = excess / (a * a + b * b)
                x, y = p - step * a, q - step * b
                attained = comparison in ("<=", ">=") if holds else comparison in ("<", ">")
            inside &= all(low < at < high for at, (low, high) in zip((x, y), window, strict=True))
            f = k * ((x - p) ** 2 + (y - q) ** 2) + d
            branches.append((enclosure(f), (x, y) if attained else None))
        if not inside:
            continue
        text = (
            f"f(x, y) = ifelse({decimal(a)}*x + {decimal(b)}*y {comparison} {decimal(border)}, "
            f"{texts[0]}, {texts[1]})"
        )
        yield shared(f"half-planes {made}", "jump", text, window, branches)
        made += 1


def rotated(random_numbers: random.Random, count: int) -> Iterator[KnownMinimum]:
    """Pieces of turned coordinates, each lowest where the others are, inside the window."""
    for number in range(count):
        kind = ("smooth", "kink")[number % 2]
        while True:
            a, b, c, d = (Fraction(random_numbers.randint(-3, 3)) for _ in range(4))
            if a * d - b * c and (a * b or c * d):
                break
        x, y = random_numbers.choice(CENTRES), random_numbers.choice(CENTRES)
        u, v = a * x + b * y, c * x + d * y
        levels = [random_numbers.choice(LEVELS) for _ in range(2)]
        count_of = len(all_pieces(u, Fraction(1), Fraction(0))[kind])
        one, two = random_numbers.randrange(count_of), random_numbers.randrange(count_of)
        first = all_pieces(u, Fraction(1), levels[0])[kind][one]
        second = all_pieces(v, Fraction(1), levels[1])[kind][two]
        text = (
            f"u = {decimal(a)}*x + {decimal(b)}*y; v = {decimal(c)}*x + {decimal(d)}*y; "
            f"f(x, y) = {first.text.format(x='u')} + {second.text.format(x='v')}"
        )
        window = tuple(
            random_numbers.choice([windows_around(at)[n] for n in (0, 1, 4)])[1] for at in (x, y)
        )
        yield KnownMinimum(
            f"turned {number}", kind, text, window, enclosure(sum(levels)), (_box((x, y)),)
        )


def periodic(random_numbers: random.Random, count: int) -> Iterator[KnownMinimum]:
    """Functions with many equal minimizers, exact in real numbers and not in floats."""
    for number in range(count):
        c, d = random_numbers.choice(CENTRES), random_numbers.choice(LEVELS)
        form = number % 5
        window: Ends = as_float(c - Fraction(26, 10)), as_float(c + Fraction(33, 10))
        t = f"(x - {decimal(c)})"
        whole = range(-4, 5)
        if form == 0:
            text = f"sin(pi*{t})^2 + {decimal(d)}"
            places = [c + n for n in whole]
            f = d
        elif form == 1:
            text = f"cos(2*pi*{t}) + {decimal(d)}"
            places = [c + n + Fraction(1, 2) for n in whole]
            f = d - 1
        elif form == 2:
            text = f"abs(sin(pi*{t})) + {decimal(d)}"
            places = [c + n for n in whole]
            f = d
        elif form == 3:
            text = f"({t}^2 - 1)^2 + {decimal(d)}"
            places = [c - 1, c + 1]
            f = d
        else:
            text = f"abs(abs(abs{t} - 1) - 0.5) + {decimal(d)}"
            places = [c + s * (1 + r * Fraction(1, 2)) for s in (1, -1) for r in (1, -1)]
            f = d
        inside = [at for at in places if window[0] <= at <= window[1]]
        variables: list[list[Fraction]] = [inside]
        windows: Box = (window,)
        if number % 3 == 1:
            text = f"f(x, y) = {text} + (y^2 - 0.25)^2"
            windows = window, (Fraction(-1), Fraction(1))
            variables.append([Fraction(-1, 2), Fraction(1, 2)])
        minimizers = tuple(_box(at) for at in itertools.product(*variables))
        yield KnownMinimum(f"periodic {number}", "several", text, windows, enclosure(f), minimizers)


def nearly_equal(random_numbers: random.Random, count: int) -> Iterator[KnownMinimum]:
    """Wells whose depths differ by little, or in floats only."""
    for number in range(count):
        c, k = random_numbers.choice(CENTRES), random_numbers.choice(FACTORS)
        gap = Fraction(random_numbers.choice(("1e-9", "1e-12", "1e-13", "1e-15", "1e-17", "0")))
        t = f"(x - {decimal(c)})"
        window = as_float(c - Fraction(21, 10)), as_float(c + Fraction(19, 10))
        lower, higher = c - 1, c + 1
        if number % 3 == 0:
            bowl = f"{decimal(k)}*({t} "
            text = f"min({bowl}+ 1)^2 + 0.1 + 0.2, {bowl}- 1)^2 + 0.3 + {decimal(gap)})"
            f = Fraction("0.3")
        elif number % 3 == 1:
            text = f"({t}^2 - 1)^2 + {decimal(gap)}*({t} + 1)^2"
            f = Fraction(0)
        else:
            text = f"min(abs({t} + 1), abs({t} - 1) + {decimal(gap)}) - 1/3"
            f = Fraction(-1, 3)
        places = (_box(lower),) if gap else (_box(lower), _box(higher))
        yield KnownMinimum(
            f"nearly equal {number}", "several", text, (window,), enclosure(f), places
        )


def flat(random_numbers: random.Random, count: int) -> Iterator[KnownMinimum]:
    """Functions whose minimizers fill a set, and functions that lack a variable."""
    for number in range(count):
        c, d = random_numbers.choice(CENTRES), random_numbers.choice(LEVELS)
        low, high = as_float(c - 2), as_float(c + Fraction(7, 4))
        t = f"(x - {decimal(c)})"
        one: Ends = (low, high)
        unit: Ends = Fraction(-1), Fraction(2)
        level = decimal(d)
        forms: list[tuple[str, Box, tuple[Box, ...]]] = [
            (
                f"max(0, abs{t} - 0.5) + {level}",
                (one,),
                (((c - Fraction(1, 2), c + Fraction(1, 2)),),),
            ),
            (f"relu{t} + {level}", (one,), (((low, c),),)),
            (f"f(x, y) = {t}^2 + {level}", (one, unit), (((c, c), unit),)),
            (f"f(x, y) = 0*y + abs{t} + {level}", (one, unit), (((c, c), unit),)),
            (f"f(x, y) = {t}^2*y^2 + {level}", (one, unit), (((c, c), unit), (one, _box(0)[0]))),
            (f"f(x, y) = {level}", (one, unit), ((one, unit),)),
            (f"ifelse(x < {decimal(c)}, {level}, {level} + 1)", (one,), (((low, c - TINY),),)),
            (f"sqrt(max(0, {t}))*abs{t} + {level}", (one,), (((low, c),),)),
            (f"{t} - {t} + {level}", (one,), ((one,),)),
            (f"abs{t} + abs({t} - 1) + {level} - 1", (one,), (((c, c + 1),),)),
        ]
        text, window, places = forms[number % len(forms)]
        places = tuple(
            tuple(
                (max(ends[0], whole[0]), min(ends[1], whole[1]))
                for ends, whole in zip(place, window, strict=True)
            )
            for place in places
        )
        yield KnownMinimum(f"flat {number}", "flat", text, window, enclosure(d), places)


def scaled(random_numbers: random.Random, count: int) -> Iterator[KnownMinimum]:
    """Bowls and kinks whose values or windows are huge or tiny, or that stand on huge constants."""
    tens = [Fraction(10) ** power for power in (-300, -200, -20, 20, 150, 300)]
    for number in range(count):
        c, k = random_numbers.choice(CENTRES), random_numbers.choice(tens)
        large = f"{'1' + '0' * 16}"
        window: Ends = as_float(c - Fraction(3, 2)), as_float(c + 1)
        t = f"(x - {decimal(c)})"
        power = f"1e{len(str(k.numerator)) - 1}" if k > 1 else f"1e-{len(str(k.denominator)) - 1}"
        forms = [
            (f"{power}*{t}^2", Fraction(0)),
            (f"{power}*abs{t} + {power}", k),
            (f"{t}^2 + {large} + 1", Fraction(10**16 + 1)),
            (f"({t}^2 + {large} + 1) - {large}", Fraction(1)),
            (f"abs{t} + 1e300 - 1e300 + 0.1", Fraction("0.1")),
            (f"1e-300*1e-300*{t}^2", Fraction(0)),
            (f"1e-200*{t}^2*1e-200 + abs{t}", Fraction(0)),
            (f"1e300*{t}^2*1e300", Fraction(0)),
            (f"exp(1000*{t}^2)", Fraction(1)),
            (f"exp(-1000)*{t}^2 - 1", Fraction(-1)),
            (f"({t}*1e8)^2 + 1e16", Fraction(10**16)),
            (f"(x + 1e16 - 1e16 - {decimal(c)})^2", Fraction(0)),
        ]
        text, f = forms[number % len(forms)]
        yield KnownMinimum(f"scaled {number}", "scale", text, (window,), enclosure(f), (_box(c),))


# Single functions.

SINGLE_FUNCTIONS = Path(__file__).with_name("single_functions.txt")
WORDS_FOR_VALUES = {"unbounded": (-inf, -inf), "no value": EMPTY_VALUE}


def number(text: str) -> Any:
    """A decimal or a fraction, exact; `0.1f`, the float; or what mpmath makes of a formula."""
    try:
        return as_float(Fraction(text[:-1])) if text.endswith("f") else Fraction(text)
    except ValueError:
        return eval(text, vars(mpmath).copy())


def ends(text: str) -> Ends:
    low, separator, high = text.partition(":")
    return (number(low), number(high)) if separator else enclosure(number(low))


def single_functions() -> Iterator[KnownMinimum]:
    for line in SINGLE_FUNCTIONS.read_text().splitlines():
        if line.startswith("#"):
            continue
        text, window, f, places, *more = line.split(" | ")
        yield KnownMinimum(
            f"{text} over {window}{' '.join(['', *more])}",
            "single",
            text,
            tuple((as_float(low), as_float(high)) for low, high in map(ends, window.split(", "))),
            WORDS_FOR_VALUES.get(f) or ends(f),
            ()
            if places == "none"
            else tuple(tuple(map(ends, place.split(", "))) for place in places.split("; ")),
            **(literal_eval(more[0]) if more else {}),
        )


def known_minima(seed: int = 1) -> list[KnownMinimum]:
    """All of them: those with one thing to get wrong, and the generated families."""
    with mpmath.workdps(WORKING_DIGITS):
        random_numbers = random.Random(seed)
        return [
            *single_functions(),
            *single_pieces(random_numbers),
            *sums_of_pieces(random_numbers, 60),
            *greatest_and_least(random_numbers, 40),
            *branches_of_pieces(random_numbers, 90),
            *signs(random_numbers, 40),
            *nested_branches(random_numbers, 24),
            *half_planes(random_numbers, 24),
            *rotated(random_numbers, 30),
            *periodic(random_numbers, 30),
            *nearly_equal(random_numbers, 24),
            *flat(random_numbers, 30),
            *scaled(random_numbers, 24),
        ]
