"""Functions whose true ending under `minimize` is known by construction.

`ENDINGS` holds them by name, "saddles-12": a text, a start, and what is true of it. Nothing here
asks the program. A function is made of a template in u, v, w, p, q, of which the least value and
where it falls are plain from its formula, and of linear forms that put u, v, w, p, q for the
variables: rotated axes, a shifted centre, a scale of x. An invertible linear map moves a minimum
or a saddle and never makes one of the other; a factor c > 0 of f does not either.

What is true. A point is a *minimum* where f is nowhere lower within some distance, be it the only
such point or one of a curve, surface or space of them. The run stops where every partial derivative
is at most 1e-8, so it is at a minimum as far as the stopping test can tell where a minimizer lies
within 0.1 of the scale of x; the slopes here start more than 0.1 of it away from every minimizer.
Between the two no function is listed, for there the answer is a matter of the tolerance.

- *False success*: exit status 0 where f has no minimum there, or f above the least value by more
  than the stopping test explains.
- *False failure*: another exit status where the start is a minimizer, or where the minimum is in
  easy reach: every function that may end otherwise has the reason in `exits`.
- *Wrong ending*: any other exit status that is not one of `exits`, or a classification that is not
  one of `words`.
"""

from __future__ import annotations

import itertools
import math
import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

Point = tuple[float, ...]

FOUND, LIMIT, BEYOND, NO_MINIMUM = 0, 3, 4, 5  # exit statuses of minimize
PARTS = "uvwpq"
TOLERATED = 1e-7  # of f's scale c: c·‖x − x*‖·1e-8 bounds what a passed stopping test leaves
t = 0.04  # of the parts, from a stationary point to one where f is lower: less than 0.1 of x


class Ending(NamedTuple):
    """A function, where its descent starts, and what is true of its end.

    `exits` are the exit statuses that are right, in `reason` is why. For a minimum `least` is f
    there, `within` how far above it a run may end, `minimizer` one such point, the only one near
    where `isolated`. For others `lower` is a point near the start, or near where the run ends, at
    which f is lower than at `stationary` (else the start). `words` are the classifications that
    are right, all where it is empty; `degenerate` is None where either answer is right. The run is
    made with the `tolerance`. A text with loops has the same without them in `written_out`.
    """

    text: str
    start: Point
    exits: tuple[int, ...]
    reason: str
    least: float | None = None
    within: float = 0.0
    minimizer: Point | None = None
    isolated: bool = False
    lower: Point | None = None
    stationary: Point | None = None
    words: tuple[str, ...] = ()
    degenerate: bool | None = None
    tolerance: float = 1e-8
    written_out: str = ""

    def fault(
        self, exit_status: int, x: Sequence[float], f: float, word: str | None, degenerate: bool
    ) -> str | None:
        """What is wrong with the end of a run, in words that begin with its kind; else None."""
        if exit_status == FOUND:
            if self.least is None:
                return f"false success: exit 0 at {list(x)}, f = {f}; {self.reason}"
            if not f - self.least <= self.within:
                return f"false success: f = {f} is above the minimum {self.least}; {self.reason}"
            if self.isolated and not self._near(x):
                return f"false success: {list(x)} is not the minimizer {self.minimizer}"
        if exit_status not in self.exits:
            failed = self.exits == (FOUND,)
            kind = "false failure" if failed else "wrong ending"
            return f"{kind}: exit {exit_status}, not one of {self.exits}; {self.reason}"
        if exit_status in (FOUND, NO_MINIMUM):
            words = ("minimum",) if exit_status == FOUND else self.words
            if words and word not in words:
                return f"wrong ending: {word}, not one of {words}; {self.reason}"
        if exit_status == FOUND and self.degenerate not in (None, degenerate):
            return f"wrong ending: degenerate is {degenerate}; {self.reason}"
        return None

    def _near(self, x: Sequence[float]) -> bool:
        assert self.minimizer is not None
        scale = max(map(abs, (*self.start, *self.minimizer)))
        return all(
            abs(a - b) <= 0.1 * (scale or 1.0) for a, b in zip(x, self.minimizer, strict=True)
        )


# -- linear forms -----------------------------------------------------------------------------


class Axes(NamedTuple):
    """u, v, w, p, q as linear forms M·(x − centre)/scale of the variables; M is a rotation.

    With `bends` b the parts are not linear: to the form of each comes b times the square of the
    part before it, v = form + b·u². That map is one to one, so it too makes no minimum.
    """

    names: tuple[str, ...]
    centre: Point
    rotation: tuple[Point, ...] | None
    scale: float = 1.0
    bends: Point = ()

    def text(self, template: str, c: float = 1.0) -> str:
        """c times the template, as a text in the variables."""
        parts = [f"{part} = {self._form(i)}; " for i, part in enumerate(PARTS[: len(self.names)])]
        if self.rotation is None and not any(self.centre) and self.scale == 1.0:
            places = dict(zip(PARTS, self.names, strict=False))
            parts = []
            template = re.sub(r"\b[uvwpq]\b", lambda found: places[found[0]], template)
        return "".join(parts) + (template if c == 1.0 else f"{c!r}*({template})")

    def point(self, *values: float) -> Point:
        """Where the parts have these values, the rest 0, to rounding."""
        given = (*values, *[0.0] * (len(self.names) - len(values)))
        for i, bend in reversed([*enumerate(self.bends, 1)]):
            given = (*given[:i], given[i] - bend * given[i - 1] ** 2, *given[i + 1 :])
        turned = given
        if self.rotation is not None:
            turned = tuple(
                math.fsum(row[i] * value for row, value in zip(self.rotation, given, strict=True))
                for i in range(len(given))
            )
        return tuple(a + self.scale * b for a, b in zip(self.centre, turned, strict=True))

    def _form(self, i: int) -> str:
        moved = [
            name if not a else f"({name} {'-' if a > 0 else '+'} {abs(a)!r})"
            for name, a in zip(self.names, self.centre, strict=True)
        ]
        if self.rotation is None:
            form = moved[i].strip("()")
        else:
            terms = [
                f"{'-' if r < 0 else '+'} {abs(r)!r}*{name}"
                for r, name in zip(self.rotation[i], moved, strict=True)
            ]
            form = " ".join(terms).removeprefix("+ ").replace("- ", "-", terms[0][0] == "-")
        form = form if self.scale == 1.0 else f"({form})/{self.scale!r}"
        return f"{form} + {self.bends[i - 1]!r}*{PARTS[i - 1]}^2" if i and self.bends else form


def plain(n: int) -> Axes:
    return Axes(_names(n), (0.0,) * n, None)


def shifted(source: random.Random, n: int, scale: float = 1.0) -> Axes:
    """The axes of the variables about a centre whose coordinates are of 1 to 3 scales."""
    centre = tuple(source.choice((-1, 1)) * round(source.uniform(1, 3), 2) for _ in range(n))
    return Axes(_names(n), tuple(float(f"{a * scale:.3g}") for a in centre), None, scale)


def rotated(source: random.Random, n: int, scale: float = 1.0, centred: bool = False) -> Axes:
    """Axes turned in every plane, by angles that make no round numbers."""
    rows = [[float(i == j) for j in range(n)] for i in range(n)]
    for i in range(n):
        for j in range(i):
            angle = source.uniform(0.2, 1.3)
            c, s = math.cos(angle), math.sin(angle)
            rows[i], rows[j] = (
                [c * a - s * b for a, b in zip(rows[i], rows[j], strict=True)],
                [s * a + c * b for a, b in zip(rows[i], rows[j], strict=True)],
            )
    rotation = tuple(tuple(round(a, 16) for a in row) for row in rows) if n > 1 else None
    about = plain(n) if centred else shifted(source, n, scale)
    return about._replace(rotation=rotation, scale=scale)


def bent(source: random.Random, n: int) -> Axes:
    bends = tuple(round(source.choice((-1, 1)) * source.uniform(0.3, 0.9), 2) for _ in range(n - 1))
    return rotated(source, n)._replace(bends=bends)


def _names(n: int) -> tuple[str, ...]:
    return tuple("xyz"[:n]) if n <= 3 else tuple(f"x{i + 1}" for i in range(n))


def parts_of(template: str) -> int:
    """How many of u, v, w, p, q the template has."""
    return max(PARTS.index(part) for part in re.findall(r"\b[uvwpq]\b", template)) + 1


def powers(source: random.Random, low: int, high: int) -> float:
    """A power of ten between 1e`low` and 1e`high`."""
    return float(f"1e{source.randint(low, high)}")


def away(source: random.Random, n: int, least: float = 0.4, most: float = 1.2) -> Point:
    """Values of the parts that are each `least` to `most` in size."""
    return tuple(source.choice((-1, 1)) * source.uniform(least, most) for _ in range(n))


def at_minimum(
    axes: Axes,
    template: str,
    start: Point,
    reason: str,
    *,
    least: float = 0.0,
    c: float = 1.0,
    minimizer: Point = (),
    isolated: bool = True,
    exits: tuple[int, ...] = (FOUND,),
    degenerate: bool | None = None,
) -> Ending:
    """The ending of c times a template with that least value; points are values of the parts."""
    return Ending(
        axes.text(template, c),
        axes.point(*start),
        exits,
        reason,
        least=c * least,
        within=TOLERATED * c,
        minimizer=axes.point(*minimizer),
        isolated=isolated,
        degenerate=degenerate,
    )


def at_none(
    axes: Axes,
    template: str,
    lower: Point,
    reason: str,
    words: tuple[str, ...],
    *,
    c: float = 1.0,
    start: Point = (),
) -> Ending:
    """The ending of a start on a stationary point where c times the template has no minimum."""
    return Ending(
        axes.text(template, c),
        axes.point(*start),
        (NO_MINIMUM,),
        reason,
        lower=axes.point(*lower),
        words=words,
    )


# -- minima -----------------------------------------------------------------------------------


def weighted_squares(n: int, condition: float) -> str:
    """Σ wᵢuᵢ² whose weights go from 1 to the condition number in equal ratios."""
    weights = [condition ** (i / max(1, n - 1)) for i in range(n)]
    return " + ".join(f"{w:.6g}*{part}^2" for w, part in zip(weights, PARTS, strict=False))


def bowls(source: random.Random) -> Iterator[Ending]:
    reason = "a quadratic with positive weights in rotated axes has one minimum, at its centre"
    for count in range(24):
        n, condition = count % 5 + 1, (1.0, 10.0, 1e2, 1e3)[count % 4]
        c = (1.0, powers(source, 0, 8), powers(source, 9, 200))[count % 3]
        centred = count % 2 == 0
        axes = rotated(source, n, centred=centred)
        # About 0 the squares underflow while the slope is still c·1e-162.
        exits = (FOUND, LIMIT) if centred and c > 1e150 else (FOUND,)
        squares, start = weighted_squares(n, condition), away(source, n)
        yield at_minimum(axes, squares, start, reason, c=c, exits=exits, degenerate=False)
    for condition in (1e4, 1e5, 1e6, 1e8):
        for n in (2, 4):
            yield at_minimum(
                rotated(source, n),
                weighted_squares(n, condition),
                away(source, n),
                f"{reason}; at a condition number of {condition:g} it may take too long",
                exits=(FOUND, LIMIT) if condition > 1e4 else (FOUND,),
                degenerate=False,
            )


def bowls_from_an_axis(_: random.Random) -> Iterator[Ending]:
    """Starts with a coordinate that is 0, as the minimizer's is: it is no scale of x."""
    reason = "a positive definite quadratic about 0; the coordinate that starts at 0 comes back"
    for text, start in (
        ("x^2 + x*y + y^2", (1.0, 0.0)),
        ("3*x^2 - 2*x*y + y^2", (0.0, 1.0)),
        ("x^2 + x*y + y^2 + y*z + z^2", (1.0, 0.0, 0.0)),
        ("5*x^2 + 4*x*y + 3*y^2 + x^4", (2.0, 1e-12)),
        ("cosh(x + 2*y) + y^2 - 1", (0.5, 0.0)),
        ("log(1 + x^2 + x*y + y^2)", (0.4, 0.0)),
        ("(x - y)^2 + (y - z)^2 + z^2", (0.0, 0.0, 1.0)),
        ("exp(x^2 + y^2 + x*y/2) - 1", (0.0, 0.7)),
    ):
        centre = (0.0,) * len(start)
        yield Ending(text, start, (FOUND,), reason, 0.0, TOLERATED, centre, True, degenerate=False)


def bowls_from_their_centre(source: random.Random) -> Iterator[Ending]:
    reason = "the start is the minimum of a quadratic with positive weights"
    for count in range(24):
        n, condition = count % 5 + 1, (1.0, 1e4, 1e6, 1e8)[count % 4]
        c = powers(source, -200, 200)
        scale = 1.0 if count % 2 else powers(source, -50, 50)
        axes = rotated(source, n, scale)
        squares = weighted_squares(n, condition)
        yield at_minimum(axes, squares, (), reason, c=c, degenerate=False)


CONVEX = (  # of u, with the least value, at u = 0, and no other stationary point within 1.2
    ("u^2 + u^4", 0.0),
    ("log(cosh(u))", 0.0),
    ("sqrt(1 + u^2)", 1.0),
    ("exp(u) - u", 1.0),
    ("cosh(u)", 1.0),
    ("softplus(u) + softplus(-u)", 2 * math.log(2)),
    ("1 - cos(u)", 0.0),
    ("log(1 + u^2)", 0.0),
    ("-1/(1 + u^2)", -1.0),
    ("-exp(-u^2/4)", -1.0),
    ("u*atan(u)", 0.0),
    ("u*tanh(u)", 0.0),
    ("u*asinh(u)", 0.0),
    ("u^2/(1 + u^2)", 0.0),
    ("exp(u^2)", 1.0),
)


def convex(source: random.Random) -> Iterator[Ending]:
    reason = "a sum of functions of one form each, every one with its only minimum at 0"
    for first, least in CONVEX:
        for n in (1, source.randint(2, 4)):
            terms = [re.sub(r"\bu\b", part, first) for part in PARTS[:n]]
            axes = rotated(source, n, centred=n > 2)
            start = away(source, n, 0.3, 0.8)
            yield at_minimum(
                axes, " + ".join(terms), start, reason, least=n * least, degenerate=False
            )
    yield Ending(
        "x - log(1.5 + x)",
        (0.7,),
        (FOUND,),
        "convex, with slope 1 - 1/(1.5 + x), which is 0 at -0.5",
        least=-0.5,
        within=TOLERATED,
        minimizer=(-0.5,),
        isolated=True,
        degenerate=False,
    )


def valleys(source: random.Random) -> Iterator[Ending]:
    reason = "a sum of squares that are all 0 at one point only, with full rank"
    for weight in (1, 10, 100):
        for axes in (plain(2), rotated(source, 2), shifted(source, 2)):
            template = f"{weight}*(v - u^2)^2 + (1 - u)^2"
            start = (-1.2, 1.0) if axes.rotation is None else (source.uniform(-1, 0.5), 0.6)
            yield at_minimum(axes, template, start, reason, minimizer=(1.0, 1.0), degenerate=False)
    himmelblau = "(u^2 + v - 11)^2 + (u + v^2 - 7)^2"
    for start in ((2.5, 2.5), (-2.0, 3.0), (4.0, -1.5)):
        for axes in (plain(2), rotated(source, 2)):
            yield at_minimum(
                axes,
                himmelblau,
                start,
                "a sum of squares, 0 at (3, 2) and at three more points; all its minima are 0",
                minimizer=(3.0, 2.0),
                isolated=False,
                degenerate=False,
            )
    yield at_minimum(
        plain(3),
        "(u - 1)^2 + 10*(v - u^2)^2 + 10*(w - v^2)^2",
        (0.5, 0.6, 0.4),
        reason,
        minimizer=(1.0, 1.0, 1.0),
        degenerate=False,
    )


# -- scales -----------------------------------------------------------------------------------


def scales_of_x(source: random.Random) -> Iterator[Ending]:
    reason = "a quadratic of x/s: at every s one minimum, to which one Newton step leads"
    for exponent in (-200, -150, -100, -60, -30, -10, -3, 3, 10, 30, 60, 100, 150, 200):
        scale = float(f"1e{exponent}")
        n = source.randint(1, 3)
        axes = shifted(source, n, scale)
        # The slope at the start is c/s·u: at least 1, so that the stopping test sees it.
        c = max(1.0, scale) * powers(source, 0, 3)
        yield at_minimum(axes, weighted_squares(n, 1.0), away(source, n), reason, c=c)
        yield at_minimum(axes, weighted_squares(n, 1.0), (), reason, c=c)
    for exponent in (-120, -80, -40, -20, 20, 40, 80, 120):
        scale = float(f"1e{exponent}")
        axes = rotated(source, 2, scale)
        c = max(1.0, scale)
        yield at_minimum(axes, "cosh(u) + v^2", away(source, 2), reason, least=1.0, c=c)
    for size in (1e20, 1e75, 1e100, 1e150):
        yield Ending("x^2 + y^2", (size, -size), (FOUND,), reason, 0.0, TOLERATED, (0.0, 0.0), True)
        yield Ending(
            "(x - 1)^2 + 2*(y + 3)^2",
            (size, 0.3 * size),
            (FOUND,),
            reason,
            0.0,
            TOLERATED,
            (1.0, -3.0),
            True,
        )


def scales_of_f(source: random.Random) -> Iterator[Ending]:
    reason = "a large factor of f changes no minimum"
    for exponent in (10, 50, 100, 150, 200):
        c = float(f"1e{exponent}")
        yield at_minimum(plain(2), "u^2 + 3*v^2", (0.9, 0.8), reason, c=c, degenerate=False)
        yield at_minimum(
            rotated(source, 3),
            "u^2 + v^4 + w^2",
            (0.9, 0.8, -0.7),
            f"{reason}; the rounding of x keeps the slope above 1e-8, v may take too long",
            c=c,
            exits=(FOUND, LIMIT),
        )
        yield at_minimum(rotated(source, 2), "cosh(u) + cosh(v)", (0.9, 0.8), reason, least=2, c=c)


def mixed_scales(source: random.Random) -> Iterator[Ending]:
    reason = "every variable has its own scale and square; they do not act on each other"
    for count in range(12):
        n = count % 4 + 2
        centre = [float(f"{10.0 ** source.uniform(-6, 6):.3g}") for _ in range(n)]
        weights = [10.0 ** source.randint(1, 3) for _ in range(n)]
        text = " + ".join(
            f"{w:g}*({name} - {a!r})^2"
            for w, name, a in zip(weights, _names(n), centre, strict=True)
        )
        start = tuple(a * source.choice((0.5, 1.5, 3.0)) for a in centre)
        yield Ending(
            text, start, (FOUND,), reason, 0.0, TOLERATED, tuple(centre), True, degenerate=False
        )
    for count in range(8):
        n = count % 4 + 2
        centre = [float(f"{10.0 ** source.uniform(-6, 6):.3g}") for _ in range(n)]
        weights = [powers(source, -12, 12) for _ in range(n)]
        text = " + ".join(
            f"{w!r}*({name} - {a!r})^2"
            for w, name, a in zip(weights, _names(n), centre, strict=True)
        )
        point = tuple(centre)
        yield Ending(text, point, (FOUND,), reason, 0.0, TOLERATED, point, True, degenerate=False)


# -- degenerate minima ------------------------------------------------------------------------

DEGENERATE = (  # at 0, least value 0; positive elsewhere, as sums of even powers plainly are
    "u^4",
    "u^6",
    "u^8",
    "u^2 + v^4",
    "u^4 + v^4",
    "(u^2 + v^2)^2",
    "u^4 + v^6",
    "u^2 + v^6",
    "u^2 + v^8",
    "(v - u^2)^2 + u^4",
    "(v - u^2)^2 + v^4",
    "u^4 - u^2*v^2 + v^4",
    "u^4 + u^2*v^2 + v^2",
    "(1 - cos(u))^2 + v^2",
    "u^4*exp(u) + v^2",
    "u^2 + v^4 + w^6",
    "(u^2 + v^2 + w^2)^2",
    "u^2 + v^2 + w^4",
    "u^2 + (v - u^2)^2 + w^4",
    "(u - v^2)^2 + v^4 + w^2",
    "u^2 + v^2 + (w^2 + p^2)^2",
    "u^4 + v^4 + w^4 + p^4",
    "u^2 + v^2 + w^2 + p^4 + q^6",
    "log(1 + u^4) + v^2",
    "1 - exp(-u^4) + v^2",
)


def degenerate_minima(source: random.Random) -> Iterator[Ending]:
    reason = "positive but at its centre, where it is 0, of order 4, 6 or 8 in some direction"
    for template in DEGENERATE:
        n = parts_of(template)
        for axes in (plain(n), rotated(source, n)):
            start = away(source, n, 0.7, 1.0)
            yield at_minimum(axes, template, start, reason)


def degenerate_minima_from_their_centre(source: random.Random) -> Iterator[Ending]:
    reason = "the start is where a function is 0 that is positive elsewhere"
    more = ("(v - u^2)^2 + u^6", "(v - u^3)^2 + u^8", "cosh(u) - 1 - u^2/2 + v^2")
    for template in (*DEGENERATE, *more):
        n = parts_of(template)
        yield at_minimum(plain(n), template, (), reason, degenerate=True)
        c = powers(source, -150, 150)
        scale = source.choice((1.0, powers(source, -20, 20)))
        axes = rotated(source, n, scale)
        yield at_minimum(axes, template, (), reason, c=c, degenerate=True)


def powell(_: random.Random) -> Iterator[Ending]:
    reason = "Powell's singular function: four squares, all 0 at the origin only, of rank 2"
    text = "(x + 10*y)^2 + 5*(z - t)^2 + (y - 2*z)^4 + 10*(x - t)^4"
    for start in ((3.0, -1.0, 0.0, 1.0), (0.0, 0.0, 0.0, 0.0)):
        header = f"f(x, y, z, t) = {text}"
        yield Ending(header, start, (FOUND,), reason, 0.0, 1e-5, (0.0,) * 4, True)


# -- curves and surfaces of minima ------------------------------------------------------------

MANIFOLDS = (  # a square (or several) that is 0 on a curve or a surface; a point of it; a start
    ("(u*v - 1)^2", (1.0, 1.0), (1.4, 0.6)),
    ("(u*v - 1)^2", (2.0, 0.5), (2.1, 0.9)),
    ("(u*v*w - 1)^2", (1.0, 1.0, 1.0), (1.2, 0.7, 0.8)),
    ("(u*v*w*p - 1)^2", (1.0, 1.0, 1.0, 1.0), (1.2, 0.9, 0.8, 1.1)),
    ("(u*exp(v) - 2)^2", (2.0, 0.0), (1.0, 0.2)),
    ("(sigmoid(u)*v - 0.75)^2", (0.0, 1.5), (0.3, 0.8)),
    ("(tanh(u) + tanh(v) - 0.5)^2", (math.atanh(0.5), 0.0), (0.1, 0.0)),
    ("(u - v)^2*(1 + u^2)", (0.5, 0.5), (1.0, 0.2)),
    ("(u^2 + v^2 - 1)^2", (1.0, 0.0), (0.6, 0.3)),
    ("(u^2 + v^2 - 1)^2", (0.6, 0.8), (1.0, 1.1)),
    ("(u^2 + v^2 + w^2 - 1)^2", (0.0, 1.0, 0.0), (0.6, 0.3, 0.4)),
    ("(v - u^2)^2", (0.5, 0.25), (0.7, 1.0)),
    ("(v - sin(u))^2", (0.0, 0.0), (0.8, 0.1)),
    ("(v - u^3)^2 + w^2", (0.5, 0.125, 0.0), (0.7, 0.9, 0.3)),
    ("(u*v - 1)^2 + (v*w - 1)^2", (1.0, 1.0, 1.0), (0.8, 0.9, 1.2)),
    ("u^2*v^2", (1.0, 0.0), (1.0, 0.5)),
    ("u^2*(1 + v^2)", (0.0, 1.0), (0.5, 1.0)),
    ("u^2*exp(v)", (0.0, 0.5), (0.5, 0.5)),
    ("u^2*(v - 1)^2", (0.0, 2.0), (0.5, 1.8)),
    ("u^4*(1 + v^2)", (0.0, 1.0), (0.8, 1.0)),
    ("(log(1 + u^2) - v)^2", (0.0, 0.0), (0.7, 0.1)),
    ("(exp(u)/(exp(u) + exp(v)) - 0.25)^2", (0.0, math.log(3)), (0.2, 0.1)),
    ("(sigmoid(u + v) - 0.3)^2", (math.log(3 / 7), 0.0), (0.2, -0.1)),
    ("(u*w - 1)^2 + (u*p - 2)^2 + (v*w - 3)^2 + (v*p - 6)^2", (1, 3, 1, 2), (1, 2.5, 1.2, 2)),
    ("(u + v - 1)^2", (0.25, 0.75), (1.0, 2.0)),
    ("(u + v + w - 1)^2 + (u - v)^2", (0.25, 0.25, 0.5), (1.0, 2.0, 0.5)),
    ("(u^2 - v^2 - 1)^2", (1.0, 0.0), (1.3, 0.5)),
    ("(cos(u) - v)^2", (0.0, 1.0), (0.5, 0.4)),
    ("(u*v - 1)^2 + w^2 + p^2", (1.0, 1.0, 0.0, 0.0), (1.2, 0.6, 0.5, 0.4)),
    ("(exp(u + v) - 1)^2 + w^2", (0.5, -0.5, 0.0), (0.3, 0.4, 0.5)),
    ("1 - exp(-(u*v - 1)^2)", (1.0, 1.0), (1.2, 0.7)),
    ("sqrt(1 + (u*v - 1)^2) - 1", (1.0, 1.0), (1.3, 0.9)),
    ("(u^2*v - 1)^2", (1.0, 1.0), (1.2, 0.8)),
    ("(hypot(u, v) - 1)^2", (0.6, 0.8), (1.0, 1.1)),
    ("u^2 + (v*w - 1)^2", (0.0, 1.0, 1.0), (0.5, 1.3, 0.9)),
)


def manifolds(source: random.Random) -> Iterator[Ending]:
    reason = "a sum of squares, 0 on a curve or a surface: every point of it is a minimum"
    for template, point, start in MANIFOLDS:
        n = parts_of(template)
        for axes in (plain(n), rotated(source, n)):
            yield at_minimum(axes, template, start, reason, minimizer=point, isolated=False)


def manifolds_from_their_points(source: random.Random) -> Iterator[Ending]:
    reason = "the start is on a curve or a surface where a sum of squares is 0"
    for count, (template, point, _) in enumerate(MANIFOLDS):
        n = parts_of(template)
        c = powers(source, -100, -1) if count % 2 else powers(source, 0, 4)
        yield at_minimum(plain(n), template, point, reason, minimizer=point, isolated=False)
        yield at_minimum(
            rotated(source, n), template, point, reason, c=c, minimizer=point, isolated=False
        )


def fits(source: random.Random) -> Iterator[Ending]:
    """Fits with more parameters than the data determine, and least squares without full rank."""
    reason = "a model with a parameter too many that fits its data exactly: a curve of minima"
    times = (1, 2, 3, 4)
    data = [round(2 * math.exp(0.3 * i), 12) for i in times]
    models: tuple[tuple[list[str], str, Point, Point], ...] = (
        ([f"a*b*{i} - {2 * i}" for i in times], "a, b", (1.0, 2.0), (1.3, 1.1)),
        ([f"a*exp(b)*{i} - {2 * i}" for i in times], "a, b", (2.0, 0.0), (1.2, 0.1)),
        ([f"a*b*{i} + c - {2 * i + 1}" for i in times], "a, b, c", (1.0, 2.0, 1.0), (1.3, 1, 0.5)),
        ([f"a*b*{i}^2 - {3 * i**2}" for i in times[:3]], "a, b", (1.0, 3.0), (1.5, 1.5)),
        ([f"tanh(a + b)*{i} - {i}/2" for i in times], "a, b", (math.atanh(0.5), 0.0), (0.2, 0.1)),
        ([f"a*b/(1 + {i}) - 2/(1 + {i})" for i in times], "a, b", (1.0, 2.0), (1.4, 1.0)),
        ([f"a*(b + c*{i}) - {1 + i}" for i in times], "a, b, c", (1.0, 1.0, 1.0), (1.2, 0.8, 0.7)),
    )
    for residuals, header, point, start in models:
        text = f"f({header}) = " + " + ".join(f"({residual})^2" for residual in residuals)
        for at in (start, point):
            yield Ending(text, at, (FOUND,), reason, 0.0, TOLERATED, point)
    text = " + ".join(f"(a*exp(b + c*{i}) - {y!r})^2" for i, y in zip(times, data, strict=True))
    yield Ending(
        f"f(a, b, c) = {text}",
        (1.0, 0.5, 0.2),
        (FOUND, LIMIT),
        f"{reason}; steepest descent in an exponential fit may take too long",
        0.0,
        TOLERATED,
        (2.0, 0.0, 0.3),
    )
    reason = "linear least squares of fewer independent rows than variables: a space of minima"
    for count in range(12):
        n = count % 3 + 3
        rank = source.randint(1, n - 1)
        axes = rotated(source, n)
        letters = PARTS[:rank]
        squares, least = [], 0.0
        for part in letters:  # (u − 1)² + (u − 3)² = 2(u − 2)² + 2
            apart = source.choice((0.0, 1.0))
            squares += [f"({part} - {2 - apart:g})^2", f"({part} - {2 + apart:g})^2"]
            least += 2 * apart**2
        point = (2.0,) * rank
        start = away(source, n)
        for at in (start, point):
            yield at_minimum(
                axes,
                " + ".join(squares),
                at,
                reason,
                least=least,
                minimizer=point,
                isolated=False,
                degenerate=True,
            )


def unused(_: random.Random) -> Iterator[Ending]:
    """Functions that do not depend on some of their variables, or on none."""
    reason = "f does not depend on a variable: its minima form a line, or are every point"
    for text, start, least, point in (
        ("f(x, y) = (x - 1)^2", (3.0, 3.0), 0.0, (1.0, 3.0)),
        ("(x - 1)^2 + 0*y", (3.0, 3.0), 0.0, (1.0, 3.0)),
        ("(x - 1)^2 + y - y", (3.0, 3.0), 0.0, (1.0, 3.0)),
        ("f(x, y, z) = x^2 + cosh(x) - 1", (0.5, 1.0, 2.0), 0.0, (0.0, 1.0, 2.0)),
        ("f(x, y, z) = (x + y)^2", (1.0, 1.0, 1.0), 0.0, (1.0, -1.0, 1.0)),
        ("f(x, y) = x^4", (1.0, 1.0), 0.0, (0.0, 1.0)),
        ("0*x + 3", (0.5,), 3.0, (0.5,)),
        ("f(x) = 3", (0.5,), 3.0, (0.5,)),
        ("f(x, y) = -2", (0.5, 1e10), -2.0, (0.5, 1e10)),
        ("x - x", (0.7,), 0.0, (0.7,)),
        ("0*x*y + 1e200", (0.7, 0.3), 1e200, (0.7, 0.3)),
        ("f(x, y) = 1e-200", (0.7, 0.3), 1e-200, (0.7, 0.3)),
        ("x/x + y - y", (0.7, 0.3), 1.0, (0.7, 0.3)),
    ):
        within = TOLERATED + 1e-12 * abs(least)
        yield Ending(text, start, (FOUND,), reason, least, within, point, degenerate=True)


def hidden_constants(_: random.Random) -> Iterator[Ending]:
    """Constants that rounding makes to be rough: every point is a minimum."""
    reason = "an identity: f is constant, so no point near is lower; what varies is rounding"
    for text, start, least in (
        ("sin(x)^2 + cos(x)^2", (1.0,), 1.0),
        ("cosh(x)^2 - sinh(x)^2", (0.7,), 1.0),
        ("(x + y)^2 - x^2 - 2*x*y - y^2", (0.7, 0.3), 0.0),
        ("exp(x)*exp(-x)", (0.7,), 1.0),
        ("log(exp(x)) - x", (0.7,), 0.0),
        ("(x - 1)^2 - x^2 + 2*x", (0.7,), 1.0),
        ("tanh(x) + 2/(exp(2*x) + 1)", (0.7,), 1.0),
        ("sigmoid(x) + sigmoid(-x)", (0.7,), 1.0),
        ("sin(x + y) - sin(x)*cos(y) - cos(x)*sin(y)", (0.7, 0.3), 0.0),
    ):
        yield Ending(text, start, (FOUND,), reason, least, 1e-12, start)


# -- saddles and maxima -----------------------------------------------------------------------

SADDLES = (  # of order 2: at 0 the Hessian has eigenvalues of either sign; where f is lower
    ("u^2 - v^2", (0, t)),
    ("u*v", (t, -t)),
    ("u^2 - 1e-6*v^2", (0, t)),
    ("1e6*u^2 - v^2", (0, t)),
    ("u^2 + v^2 - w^2", (0, 0, t)),
    ("u*v + w^2", (t, -t)),
    ("u^2 - v^2 - w^2", (0, t)),
    ("u^2 + v^2 + w^2 - p^2", (0, 0, 0, t)),
    ("u*v + w*p", (t, -t)),
    ("u^2 + v^2 - w^2 + p^2 - q^2", (0, 0, t)),
    ("u*v + w*p + q^2", (t, -t)),
    ("cos(u) + cosh(v)", (t, 0)),
    ("exp(u) - u - v^2", (0, t)),
    ("log(1 + u^2) - log(1 + v^2)", (0, t)),
    ("sin(u)*sinh(v)", (t, -t)),
    ("(u*v - 1)^2", (t, t)),
    ("(u^2 - 1)^2 + v^2", (t, 0)),
    ("(u*v - 1)^2 + (u*w - 2)^2", (t, t, t)),
    ("(u^2 + v^2 - 1)^2 + w^2", (t, 0)),
    ("sqrt(1 + u^2) - sqrt(1 + v^2)", (0, t)),
    ("u^2 + 4*u*v + v^2", (t, -t)),
    ("atan(u)*v", (t, -t)),
)
DEGENERATE_SADDLES = (  # of order 3 to 6 in some direction, along which or a curve by it f falls
    ("u^3", (-t,)),
    ("u^5", (-t,)),
    ("sin(u) - u", (t,)),
    ("exp(u) - 1 - u - u^2/2", (-t,)),
    ("u^2*v", (t, -t)),
    ("u^2*v + w^2", (t, -t)),
    ("u^3 - 3*u*v^2", (-t, 0)),
    ("u*v*w", (t, t, -t)),
    ("(v - u^2)*(v - 2*u^2)", (t, 1.5 * t**2)),
    ("(v - u^2)*(v - 3*u^2)", (t, 2 * t**2)),
    ("(v - u^2)*(v - 3*u^2) + w^2", (t, 2 * t**2)),
    ("u^4 - 6*u^2*v^2 + v^4", (t, t)),
    ("u^3 + v^2", (-t, 0)),
    ("u^3 + v^2 + w^2", (-t, 0)),
    ("v^2 - u^4", (t, 0)),
    ("v^2 - u^6", (t, 0)),
    ("v^2 + u^5", (-t, 0)),
    ("u^3 + v^3", (-t, 0)),
    ("u^3 - v^4", (-t, 0)),
    ("u^3 + v^4", (-t, 0)),
    ("u*v*(u - v)", (t, 2 * t)),
    ("u^2*v - v^3", (0, t)),
    ("u^5 - 10*u^3*v^2 + 5*u*v^4", (-t, 0)),
    ("u^6 - 15*u^4*v^2 + 15*u^2*v^4 - v^6", (0, t)),
    ("v*(v - u^2)", (t, t**2 / 2)),
    ("(v - u^3)*(v - 2*u^3)", (t, 1.5 * t**3)),
    ("u^4 + v^4 - 3*u^2*v^2", (t, t)),
    ("u^3*v", (t, -t)),
    ("u^3*v + w^2", (t, -t)),
    ("u*v*w*p", (t, t, t, -t)),
    ("u*v*w + p^2", (t, t, -t)),
    ("u*v*w + p^2 + q^2", (t, t, -t)),
    ("u^2*v + w^2 + p^2 + q^2", (t, -t)),
    ("1 - cos(u) - u^2/2 + v^2", (t, 0)),
    ("(u*v*w - 1)^2", (t, t, t)),
    ("(u*v*w*p - 1)^2", (t, t, t, t)),
    ("u^2 + v*w^2", (0, -t, t)),
    ("u^2 + v^2 + w^3", (0, 0, -t)),
    ("u^4 - v^4", (0, t)),
    ("u^4 + v^3", (0, -t)),
    ("(v - u^2)^2 - u^6", (t, t**2)),
    ("(v - u^2)^2 + u^5", (-t, t**2)),
    ("u^2 + (v^2 - w^2)*v", (0, t, 2 * t)),
    ("u*exp(v) - u + w^2", (t, -t)),
    ("tanh(u)^3 + v^2", (-t, 0)),
    ("u^2*sin(v)", (t, -t)),
)
MAXIMA = (
    "-u^2",
    "-u^2 - v^2",
    "-u^2 - 1e6*v^2 - w^2",
    "-u^2 - v^2 - w^2 - p^2 - q^2",
    "-u^4",
    "-u^4 - v^4",
    "-u^2 - v^4",
    "-u^6 - v^2",
    "-(u^2 + v^2)^2",
    "cos(u)",
    "cos(u) + cos(v)",
    "exp(-u^2 - v^2)",
    "1/(1 + u^2 + v^2)",
    "(u^2 + v^2 - 1)^2",
    "-cosh(u) - v^2",
    "-log(cosh(u))",
    "-(v - u^2)^2 - u^2",
    "1 - u^4 - v^6 - w^2",
)


def of_every_scale(
    source: random.Random,
    template: str,
    lower: Point,
    reason: str,
    words: tuple[str, ...],
    scales: bool,
) -> Iterator[Ending]:
    """Starts on the centre: of the plain function, in rotated axes, and at scales of f and x."""
    n = parts_of(template)
    yield at_none(plain(n), template, lower, reason, words)
    yield at_none(rotated(source, n), template, lower, reason, words)
    if scales:
        scale = source.choice((1.0, powers(source, -60, 60)))
        axes, c = rotated(source, n, scale), powers(source, -200, 150)
        yield at_none(axes, template, lower, reason, words, c=c)


def saddles(source: random.Random) -> Iterator[Ending]:
    reason = "the start is stationary; f is lower on one line through it and higher on another"
    for template, lower in SADDLES:
        yield from of_every_scale(source, template, lower, reason, ("saddle",), True)


def degenerate_saddles(source: random.Random) -> Iterator[Ending]:
    reason = "the start is stationary with a singular Hessian; f is lower on a line or curve by it"
    for count, (template, lower) in enumerate(DEGENERATE_SADDLES):
        even = count % 2 == 0
        yield from of_every_scale(source, template, lower, reason, ("saddle",), even)


def maxima(source: random.Random) -> Iterator[Ending]:
    reason = "the start is a maximum: f is lower everywhere around it"
    for count, template in enumerate(MAXIMA):
        even = count % 2 == 0
        yield from of_every_scale(source, template, (t,), reason, ("maximum",), even)
    reason = "a maximum that forms a line: f is lower beside it and nowhere higher"
    for template, lower in (("-(u - v)^2", (t, -t)), ("-(u*v - 1)^2", (1 + t, 1 + t))):
        start = (1.0, 1.0)
        axes = plain(2)
        lower = lower if start == (1.0, 1.0) and "*" in template else (1 + t, 1 - t)
        yield at_none(axes, template, lower, reason, (), start=start)


CUSPS = (  # f < 0 only between two curves that touch: no line, and no quadratic, leads between
    ("u^2*v^2 - u^5*v", (t, t**3 / 2)),
    ("u^2*v^2 - u^7*v", (t, t**5 / 2)),
    ("u^2*v*(v - u^4) + w^2", (t, t**4 / 2, 0)),
)


def cusps(_: random.Random) -> Iterator[Ending]:
    reason = "f is lower only between two curves that touch at the start"
    for template, lower in CUSPS:
        yield at_none(plain(parts_of(template)), template, lower, reason, ())


def descents_to_saddles(source: random.Random) -> Iterator[Ending]:
    """Starts from which descent leads to a saddle and no further, but by rounding."""
    reason = "by symmetry the run stays where it leads to the saddle at 0; f has no minimum"
    for text, start, lower in (
        ("x^2 - y^2", (1.0, 0.0), (0.0, 0.09)),
        ("x^2 - y^2", (-3.0, 0.0), (0.0, 0.09)),
        ("2*x^2 + 3*z^2 - y^2", (1.0, 0.0, 1.0), (0.0, 0.09, 0.0)),
        ("x^2 - y^4", (1.0, 0.0), (0.0, 0.09)),
        ("x^4 - y^4", (1.0, 0.0), (0.0, 0.09)),
        ("x^2 - y^4*(1 + x^2)", (1.0, 0.0), (0.0, 0.09)),
        ("cosh(x) - y^2", (1.0, 0.0), (0.0, 0.09)),
        ("x^3 - 3*x*y^2", (1.0, 0.0), (-0.09, 0.0)),
        ("x^3 + y^2", (1.0, 1.0), (-0.09, 0.0)),
        ("x^3", (1.0,), (-0.09,)),
        ("x^5", (1.0,), (-0.09,)),
        ("x^3 + y^3", (1.0, 0.8), (-0.09, 0.0)),
        ("x^3*exp(x)+ y^2", (1.0, 0.5), (-0.09, 0.0)),
        ("x*y", (1.0, 1.0), (0.09, -0.09)),
        ("x*y + z^2", (1.0, 1.0, 0.5), (0.09, -0.09, 0.0)),
    ):
        # x³·eˣ has its minimum at -3, where f is -27·e⁻³: a run that gets there is right.
        least = -27 * math.exp(-3) if "exp" in text else None
        found = (BEYOND, NO_MINIMUM) if least is None else (FOUND, NO_MINIMUM)
        where = None if least is None else (-3.0, 0.0)
        yield Ending(
            text,
            start,
            found,
            reason,
            least=least,
            within=TOLERATED,
            minimizer=where,
            lower=lower,
            stationary=(0.0,) * len(start),
        )
    reason = "by symmetry the run leads to the saddle; the minima beside it are as good an end"
    for text, start, least, minimizer, saddle, lower in (
        ("(x^2 - 1)^2 + y^2", (0.0, 1.0), 0.0, (1.0, 0.0), (0.0, 0.0), (0.09, 0.0)),
        ("x^4 - 2*x^2 + cosh(y)", (0.0, 1.0), 0.0, (1.0, 0.0), (0.0, 0.0), (0.09, 0.0)),
        ("(x*y - 1)^2", (1.0, -1.0), 0.0, (1.0, 1.0), (0.0, 0.0), (0.09, 0.09)),
        ("(x^2 - y)^2 - x^2/2 + x^4", (0.0, 1.0), None, None, (0.0, 0.0), (0.09, 0.0081)),
    ):
        if least is None:  # y = x² at the least, x⁴ − x²/2 is -1/16 where x is ±1/2
            least, minimizer = -1 / 16, (0.5, 0.25)
        yield Ending(
            text,
            start,
            (FOUND, NO_MINIMUM),
            reason,
            least=least,
            within=TOLERATED,
            minimizer=minimizer,
            lower=lower,
            stationary=saddle,
        )
    reason = "in rotated axes rounding alone decides whether the run leaves the saddle"
    for template, lower, start in (
        ("u^2 - v^2", (0, t), (1.0, 0.0)),
        ("u^2 + w^2 - v^2", (0, t, 0), (1.0, 0.0, 0.7)),
        ("u*v", (t, -t), (0.8, 0.8)),
        ("cosh(u) - v^2", (0, t), (1.0, 0.0)),
        ("u^3 + v^2", (-t, 0), (1.0, 0.5)),
        ("u^2 - v^4", (0, t), (1.0, 0.0)),
    ):
        for _ in range(2):
            axes = rotated(source, parts_of(template))
            yield Ending(
                axes.text(template),
                axes.point(*start),
                (BEYOND, NO_MINIMUM),
                reason,
                lower=axes.point(*lower),
                stationary=axes.point(),
            )


def falls_without_end(_: random.Random) -> Iterator[Ending]:
    reason = "f has no stationary point on the way, and falls to minus infinity at some power"
    for text, start in (
        ("x^2 - y^2", (1.0, 0.5)),
        ("x^2 - y^2", (1.0, 1e-3)),
        ("x*y", (1.0, 0.9)),
        ("x^2*y", (1.0, -0.5)),
        ("x^3 - 3*x*y^2", (-1.0, 0.1)),
        ("x^3", (-1.0,)),
        ("x", (1.0,)),
        ("x + 2*y", (1.0, 1.0)),
        ("-cosh(x)", (0.5,)),
        ("-x^2 - y^2", (0.5, 0.1)),
        ("x^3 + y^2", (-0.5, 1.0)),
        ("-exp(x)", (0.5,)),
        ("x*y*z", (1.0, -1.0, 1.0)),
        ("x^4 - y^4", (0.1, 1.0)),
    ):
        yield Ending(text, start, (BEYOND,), reason)


# -- slopes and plateaus ----------------------------------------------------------------------


def slopes(source: random.Random) -> Iterator[Ending]:
    """Functions so small that the stopping test passes at once, away from their minimum."""
    reason = "the slope is below 1e-8 because f is small; the minimum is more than 0.1 s away"
    for count in range(24):
        n = count % 4 + 1
        c = (powers(source, -13, -11), powers(source, -40, -14), powers(source, -200, -41))[
            count % 3
        ]
        axes = rotated(source, n)
        condition = (1.0, 10.0, 100.0)[count % 3]
        yield _slope(axes, weighted_squares(n, condition), away(source, n, 1.0, 2.0), reason, c)
    for template, start, convex_there in (
        ("cosh(u) + v^2", (-1.2, 1.4), True),
        ("u^4 + v^4", (-1.2, 1.4), True),
        ("100*(v - u^2)^2 + (1 - u)^2", (-1.2, 1.4), False),
        ("log(cosh(u)) + log(cosh(v))", (-1.2, 1.4), True),
        ("sqrt(1 + u^2 + v^2)", (-1.2, 1.4), True),
        ("u^2 + v^4", (-1.2, 1.4), True),
        ("(u*v - 5)^2", (-1.2, 1.4), False),
        ("(u^2 + v^2 - 4)^2", (2.5, 2.0), False),
        ("exp(u^2/4)", (-1.2,), True),
    ):
        n = parts_of(template)
        for axes in (plain(n), rotated(source, n)):
            c = powers(source, -100, -13)
            yield _slope(axes, template, start, reason, c, ("flat",) * convex_there)
    yield Ending("1e-12*((x-1)^2 + (y-2)^2)", (3.0, 3.0), (NO_MINIMUM,), reason, lower=(2.8, 2.9))
    yield Ending("1e-10*x^2", (0.9,), (NO_MINIMUM,), reason, lower=(0.82,))
    for text, start, lower in (
        ("1e-10*x", (1.0,), (0.91,)),
        ("1e-12*x + 1e-13*y", (1.0, 2.0), (0.91, 1.9)),
        ("x^2 + 1e-10*y", (0.0, 1.0), (0.0, 0.91)),
        ("1e-20*x^3", (1.0,), (0.91,)),
        ("-1e-15*log(x)", (2.0,), (2.1,)),
        ("1e-12*atan(x)", (2.0,), (1.9,)),
    ):
        why = "f falls on along a line, less than 1e-8 a unit"
        yield Ending(text, start, (NO_MINIMUM,), why, lower=lower)


def _slope(
    axes: Axes,
    template: str,
    start: Point,
    reason: str,
    c: float,
    words: tuple[str, ...] = ("flat",),
) -> Ending:
    """c times a template that falls from `start` towards its centre."""
    return Ending(
        axes.text(template, c),
        axes.point(*start),
        (NO_MINIMUM,),
        reason,
        lower=_towards(axes.point(*start), axes.centre),
        words=words,
    )


def _towards(start: Point, centre: Point) -> Point:
    """A point from `start` towards `centre` at which no coordinate changed by 0.1 of its scale."""
    share = min(
        0.08 * (abs(a) or 1.0) / abs(b - a) for a, b in zip(start, centre, strict=True) if a != b
    )
    share = min(share, 0.03)
    return tuple(a + share * (b - a) for a, b in zip(start, centre, strict=True))


def slopes_in_part(source: random.Random) -> Iterator[Ending]:
    """Functions that are steep in some directions and all but level in others."""
    reason = "the steep part ends at its minimum, the other below the tolerance and far from it"
    for count in range(16):
        n = count % 4 + 2
        small = powers(source, -16, -11)
        weights = ["1", "3", "7", "2"][: n - 1]
        steep = [f"{w}*{part}^2" for w, part in zip(weights, PARTS[1:], strict=False)]
        template = " + ".join([*steep, f"{small!r}*u^2"])
        axes = (shifted if count % 2 else rotated)(source, n)
        start = (2.0, *away(source, n - 1))
        end = axes.point(2.0)
        yield Ending(
            axes.text(template),
            axes.point(*start),
            (NO_MINIMUM,),
            reason,
            lower=_towards(end, axes.centre),
            stationary=end,
        )
    reason = "the run comes to the floor of a curved valley, level below the tolerance, far from 1"
    for weight, small in ((1, 1e-11), (10, 1e-12), (100, 1e-12), (1, 1e-14)):
        for template, on_floor, lower in (
            (f"{weight}*(v - u^2)^2 + {small!r}*(u - 3)^2", (0, 0), (t, t**2)),
            (f"{weight}*(v - sin(u))^2 + {small!r}*(u - 3)^2", (0, 0), (t, math.sin(t))),
            (f"{weight}*(u^2 + v^2 - 1)^2 - {small!r}*u", (0, 1), (math.sin(t), math.cos(t))),
        ):
            axes = rotated(source, 2)
            yield Ending(
                axes.text(template),
                axes.point(-0.6, 1.0),
                (NO_MINIMUM,),
                reason,
                lower=axes.point(*lower),
                stationary=axes.point(*on_floor),
            )


def tails(source: random.Random) -> Iterator[Ending]:
    """Functions that fall for ever and level off; a start on the tail, or above it."""
    reason = "f falls for ever towards a limit that it does not reach; it has no minimum"
    on_the_tail = (
        ("exp(-x)", (20.0,)),
        ("exp(-x)", (60.0,)),
        ("exp(-x)", (300.0,)),
        ("exp(-x)", (700.0,)),
        ("exp(x) + y^2", (-50.0, 0.0)),
        ("exp(x) + y^2", (-200.0, 0.0)),
        ("softplus(-x)", (25.0,)),
        ("softplus(-x)", (250.0,)),
        ("sigmoid(x)", (-25.0,)),
        ("sigmoid(x)", (-300.0,)),
        ("1/(1 + x^2)", (1e6,)),
        ("1/(1 + x^2)", (-1e9,)),
        ("1/(1 + x^2 + y^2)", (1e5, 1e5)),
        ("1/x", (1e6,)),
        ("1/x^2 + y^2", (1e4, 0.0)),
        ("atan(x)", (-1e5,)),
        ("-atan(x)", (1e8,)),
        ("-log(1 + x^2)", (1e9,)),
        ("-log(x)", (1e10,)),
        ("x/(1 + x^2)", (1e5,)),
        ("tanh(x)", (-15.0,)),
        ("tanh(x)", (-100.0,)),
        ("erf(x)", (-5.0,)),
        ("exp(-x^2)", (5.0,)),
        ("exp(-x^2)", (10.0,)),
        ("exp(-x^2)", (-20.0,)),
        ("exp(-x^2 - y^2)", (6.0, 4.0)),
        ("1e100*exp(-x)", (300.0,)),
        ("1e-50*exp(-x)", (30.0,)),
        ("exp(-x/1e50)", (25e50,)),
        ("erfc(x)", (5.0,)),
        ("erfc(x)", (12.0,)),
        ("logaddexp(0, -x) + logaddexp(0, -2*x)", (30.0,)),
        ("sqrt(1 + x^2) - x", (1e5,)),
        ("hypot(x, 1) - x + y^2", (1e5, 0.0)),
        ("exp(-x) + exp(-2*y)", (40.0, 90.0)),
        ("x^-4", (1e3,)),
        ("1/cosh(x)", (40.0,)),
        ("1/cosh(x)", (300.0,)),
    )
    for text, start in on_the_tail:
        falls = 1.0 if not re.search(r"^(exp\(x|sigmoid|tanh|atan|erf\()", text) else -1.0
        if start[0] < 0 and "^2" in text.split("+ y")[0]:
            falls = -1.0
        lower = (start[0] + falls * 0.05 * abs(start[0]), *start[1:])
        yield Ending(text, start, (NO_MINIMUM,), reason, lower=lower)
    anywhere = (LIMIT, BEYOND, NO_MINIMUM)
    for text, start in (
        ("exp(-x)", (0.5,)),
        ("softplus(x)", (0.5,)),
        ("1/(1 + x^2)", (2.0,)),
        ("atan(x)", (0.0,)),
        ("tanh(x)", (0.3,)),
        ("exp(-x) + y^2", (0.5, 0.5)),
        ("sigmoid(x)", (1.0,)),
        ("erf(x)", (0.3,)),
        ("exp(-x^2)", (0.5,)),
        ("-log(1 + x^2)", (0.5,)),
        ("1/x", (1.0,)),
        ("-log(x)", (1.0,)),
        ("-sqrt(x)", (1.0,)),
        ("exp(-x*y)", (1.0, 0.8)),
        ("1/(1 + x^2 + y^2)", (0.5, 0.3)),
        ("softplus(-x) + softplus(-2*y)", (0.5, -0.5)),
    ):
        yield Ending(text, start, anywhere, f"{reason}; how far a run gets is open")
    for template in ("exp(-u) + v^2", "softplus(u) + v^2", "exp(u) + exp(v)"):
        axes = rotated(source, 2)
        why = f"{reason}; how far a run gets is open"
        yield Ending(axes.text(template), axes.point(0.5, 0.7), anywhere, why)


def plateaus(_: random.Random) -> Iterator[Ending]:
    """Functions that doubles make constant where in truth they fall."""
    reason = "f falls here, by less than a double shows: it is no minimum"
    for text, start, lower in (
        ("exp(-x^2)", (30.0,), (31.0,)),
        ("exp(-x^2)", (-40.0,), (-41.0,)),
        ("-exp(-x^2)", (30.0,), (29.0,)),
        ("-exp(-x^2) + y^2", (30.0, 0.0), (29.0, 0.0)),
        ("1 - exp(-x^2)", (10.0,), (9.5,)),
        ("exp(-x^2 - y^2)", (25.0, 25.0), (26.0, 26.0)),
        ("-exp(-x^2 - y^2)", (25.0, -25.0), (24.0, -24.0)),
        ("erf(x)", (-10.15,), (-11.0,)),
        ("erf(x)", (-7.0,), (-7.5,)),
        ("erfc(x)", (30.0,), (31.0,)),
        ("exp(-x)", (800.0,), (850.0,)),
        ("exp(x)", (-1000.0,), (-1050.0,)),
        ("exp(-x) + y^2", (800.0, 0.0), (850.0, 0.0)),
        ("tanh(x)", (-30.0,), (-32.0,)),
        ("tanh(x) + y^2", (-40.0, 0.0), (-42.0, 0.0)),
        ("1 + exp(-x)", (50.0,), (53.0,)),
        ("sigmoid(x)", (-800.0,), (-850.0,)),
        ("-sigmoid(x)", (40.0,), (43.0,)),
        ("softplus(x)", (-800.0,), (-850.0,)),
        ("-cos(x)*cos(y)*exp(-(x - pi)^2 - (y - pi)^2)", (-20.0, -20.0), (-18.75, -18.75)),
        ("-exp(-(x - 50)^2)", (0.5,), (0.54,)),
        ("-exp(-(x - 50)^2 - (y - 50)^2)", (1.0, 2.0), (1.08, 2.15)),
        ("-1/cosh(x)^2", (400.0,), (390.0,)),
        ("1/cosh(x)^2", (400.0,), (410.0,)),
        ("exp(-exp(x))", (7.0,), (7.3,)),
        ("1e10 + exp(-x)", (20.0,), (21.5,)),
        ("1e6 - exp(-x^2)", (6.0,), (5.6,)),
        ("-x^200", (1e-3,), (1.05e-3,)),
        ("1e6 - x^12", (0.0,), (0.09,)),
        ("1e12 - x^4 - y^4", (1e-3, 1e-3), (1.05e-3, 1.05e-3)),
    ):
        yield Ending(text, start, (NO_MINIMUM,), reason, lower=lower)


def plateaus_below_many_digits(_: random.Random) -> Iterator[Ending]:
    """Functions whose fall is less than 1e-60 of f: 60 digits do not show it either."""
    reason = "f falls here, by less than 60 digits show: it is no minimum"
    for text, start, lower in (
        ("erf(x)", (-15.0,), (-16.0,)),
        ("1 - exp(-x^2)", (20.0,), (19.0,)),
        ("tanh(x)", (-200.0,), (-210.0,)),
        ("1 + exp(-x)", (400.0,), (420.0,)),
    ):
        yield Ending(text, start, (NO_MINIMUM,), reason, lower=lower)


# -- edges of the decisions -------------------------------------------------------------------


def offsets(source: random.Random) -> Iterator[Ending]:
    """A large constant beside f: its rounding hides what happens near the end."""
    reason = "a constant changes no minimum; the gradient does not see it"
    for offset in (1e3, 1e6, -1e6, 1e9):
        for template, start in (
            ("u^2 + 3*v^2", (0.9, 0.8)),
            ("u^4 + v^2", (0.9, 0.8)),
            ("cosh(u) + v^2 - 1", (0.9, -0.8)),
            ("(u*v - 1)^2", (1.4, 0.7)),
        ):
            axes = rotated(source, 2)
            isolated = "u*v" not in template
            for at in (start, (0.0, 0.0) if isolated else (1.0, 1.0)):
                found = at_minimum(
                    axes,
                    f"{template} + {offset!r}",
                    at,
                    reason,
                    least=offset,
                    minimizer=(0.0, 0.0) if isolated else (1.0, 1.0),
                    isolated=isolated,
                )
                yield found._replace(within=TOLERATED + 1e-14 * abs(offset))
    reason = "a constant changes no saddle: f falls by more than its rounding within 0.1"
    for offset in (1e6, -1e6):
        for template, lower in (
            ("u^2 - v^2", (0, t)),
            ("u^2 + v^3", (0, -t)),
            ("u^2*v", (t, -t)),
            ("u^3 - 3*u*v^2", (-t, 0)),
        ):
            for axes in (plain(2), rotated(source, 2)):
                yield at_none(axes, f"{template} + {offset!r}", lower, reason, ("saddle",))
    reason = "f rises by less than its rounding within 0.1, but it rises: a minimum"
    yield Ending("1e6 + x^12", (0.0,), (FOUND,), reason, 1e6, 1e-7, (0.0,), True)
    yield Ending("1e6 + x^8 + y^2", (0.0, 0.0), (FOUND,), reason, 1e6, 1e-7, (0.0, 0.0), True)
    reason = "the fall is hidden by rounding and the slope below 1e-8; the minimum is at 1"
    yield Ending("1e6 + 1e-11*(x - 1)^2", (3.0,), (NO_MINIMUM,), reason, lower=(2.8,))
    yield Ending(
        "1e6 + 1e-11*(x - 1)^2 + 1e-11*(y + 1)^2",
        (3.0, 3.0),
        (NO_MINIMUM,),
        reason,
        lower=(2.8, 2.8),
    )


def small_curvatures(source: random.Random) -> Iterator[Ending]:
    """An eigenvalue that is all but 0 beside others: its sign decides, or f around the point."""
    for exponent in (-8, -10, -12, -16, -20):
        small = float(f"1e{exponent}")
        for axes in (plain(2), rotated(source, 2), rotated(source, 2, centred=True)):
            reason = "the start is the minimum of a quadratic; one weight is small and positive"
            yield at_minimum(axes, f"u^2 + {small!r}*v^2", (), reason)
            reason = "the start is a saddle of a quadratic; one weight is small and negative"
            yield at_none(axes, f"u^2 - {small!r}*v^2", (0, t), reason, ("saddle",))
        axes = rotated(source, 3)
        reason = "the start is a saddle; the fall is of order 3 or 4 in a direction"
        yield at_none(axes, f"u^2 + w^2 - {small!r}*v^4", (0, t), reason, ("saddle",))
        axes = rotated(source, 3)
        yield at_none(axes, f"u^2 + w^2 + {small!r}*v^3", (0, -t), reason, ("saddle",))
        reason = "the start is a minimum; the rise is of order 4 in a direction"
        axes = rotated(source, 3)
        yield at_minimum(axes, f"u^2 + w^2 + {small!r}*v^4", (), reason)


def kinks(source: random.Random) -> Iterator[Ending]:
    """Functions with corners, where the gradient jumps."""
    reason = "the start is the minimum, at a corner"
    for template, degenerate_start in (
        ("abs(u)", ()),
        ("abs(u) + v^2", ()),
        ("abs(u) + abs(v)", ()),
        ("abs(u) + abs(v) + abs(w)", ()),
        ("max(u, -2*u)", ()),
        ("max(u, v, -u - v)", ()),
        ("hypot(u, v)", ()),
        ("max(u^2 - v, v)", ()),
        ("abs(v - u^2) + u^4", ()),
        ("abs(u) + v^4", ()),
        ("abs(u)^3 + v^2", ()),
        ("abs(v - u^2) + u^2", ()),
        ("max(u^2, v^2)", ()),
        ("max((u - 1)^2, (u + 1)^2) - 1", ()),
        ("hypot(u, v) - u/2", ()),
    ):
        n = parts_of(template)
        for axes in (plain(n), shifted(source, n)):
            yield at_minimum(axes, template, degenerate_start, reason)
    reason = "the start is no minimum, though at a corner: f is lower near by"
    for template, lower in (
        ("abs(u) - abs(v)", (0, t)),
        ("max(-u^2 - v, v)", (t, -(t**2) / 2)),
        ("abs(v - u^2) - u^4", (t, t**2)),
        ("abs(v) - u^3", (t, 0)),
        ("-abs(u)", (t,)),
        ("-abs(u) - abs(v)", (t, t)),
        ("abs(u) - v^2", (0, t)),
        ("abs(u) - v^4", (0, t)),
        ("u*abs(u)", (-t,)),
        ("u*abs(u) + v^2", (-t, 0)),
        ("abs(u) + v^3", (0, -t)),
        ("min(u^2, -u^2)", (t,)),
        ("abs(u)*v", (t, -t)),
        ("-max(u^2, v^2)", (t, t)),
        ("u^2 - abs(v)", (0, t)),
    ):
        n = parts_of(template)
        for axes in (plain(n), shifted(source, n)):
            yield at_none(axes, template, lower, reason, ())
    reason = "a corner at the minimum, and a run that leads to it; it may stall at the corner"
    for text, start, least, minimizer in (
        ("abs(x) + y^2", (1.0, 1.0), 0.0, (0.0, 0.0)),
        ("abs(x - 1) + abs(y + 2)", (3.0, 3.0), 0.0, (1.0, -2.0)),
        ("abs(x) + (y - x)^2", (1.0, 2.0), 0.0, (0.0, 0.0)),
        ("max((x - 1)^2, (x + 1)^2)", (0.7,), 1.0, (0.0,)),
        ("hypot(x, y)", (1.0, 0.7), 0.0, (0.0, 0.0)),
        ("max(x, -2*x)", (1.3,), 0.0, (0.0,)),
    ):
        yield Ending(text, start, (FOUND, LIMIT), reason, least, 1e-6, minimizer, True)
    reason = "relu is 0 on a half line: every point of it is a minimum"
    for text, start in (("relu(x)", (-1.0,)), ("relu(x)^2", (1.0,)), ("relu(x)^2", (-2.0,))):
        yield Ending(text, start, (FOUND,), reason, 0.0, TOLERATED, (-1.0,))


def small_starts(_: random.Random) -> Iterator[Ending]:
    """Degenerate minima from near by: the end is within 0.02 of the start's size."""
    reason = "descent stops at 1.4e-3 of a quartic's minimum, or nearer: 0.014 of the start's size"
    for text, start in (
        ("x^4", (0.1,)),
        ("x^4", (0.3,)),
        ("x^4", (-0.15,)),
        ("x^4 + y^2", (0.2, 0.1)),
        ("x^4 + y^4", (0.15, 0.2)),
        ("(x^2 + y^2)^2", (0.2, 0.2)),
        ("1e3*x^4", (0.05,)),
        ("1e6*x^6", (0.3,)),
        ("1e9*x^8", (0.3,)),
    ):
        centre = (0.0,) * len(start)
        yield Ending(text, start, (FOUND,), reason, 0.0, TOLERATED, centre)


def open_domains(_: random.Random) -> Iterator[Ending]:
    """Minima inside a domain that has an edge, or between poles."""
    reason = "the slope is 0 at one point of the domain, where f is least"
    for text, start, least, minimizer in (
        ("x*log(x)", (1.0,), -math.exp(-1), (math.exp(-1),)),
        ("x - log(x)", (3.0,), 1.0, (1.0,)),
        ("x - sqrt(x)", (2.0,), -0.25, (0.25,)),
        ("log(x)^2", (3.0,), 0.0, (1.0,)),
        ("x^x", (1.0,), math.exp(-math.exp(-1)), (math.exp(-1),)),
        ("-log(1 - x^2 - y^2)", (0.5, 0.3), 0.0, (0.0, 0.0)),
        ("x^2 - 2*log(x) + (y - x)^2", (2.0, 0.5), 1.0, (1.0, 1.0)),
        ("asin(x)^2", (0.5,), 0.0, (0.0,)),
        ("atanh(x)^2 + y^2", (0.4, 0.3), 0.0, (0.0, 0.0)),
        ("-sqrt(1 - x^2 - y^2)", (0.5, 0.3), -1.0, (0.0, 0.0)),
        ("x*log(x) + y*log(y) - x - y", (0.4, 2.0), -2.0, (1.0, 1.0)),
    ):
        yield Ending(text, start, (FOUND,), reason, least, TOLERATED, minimizer, True)
    reason = "a minimum between poles; beyond a pole f has another such, or falls without end"
    for text, start, least, minimizer in (
        ("x^2 + 1/x^2", (2.0,), 2.0, (1.0,)),
        ("x + 1/x", (3.0,), 2.0, (1.0,)),
        ("exp(x)/x", (2.0,), math.e, (1.0,)),
        ("1/(1 - x^2)", (0.5,), 1.0, (0.0,)),
        ("tan(x)^2 + y^2", (0.7, 0.5), 0.0, (0.0, 0.0)),
        ("1/sin(x)", (1.0,), 1.0, (math.pi / 2,)),
        ("gamma(x)", (2.5,), 0.8856031944108887, (1.4616321449683623,)),
    ):
        yield Ending(text, start, (FOUND, BEYOND), reason, least, TOLERATED, minimizer)


def periodic(source: random.Random) -> Iterator[Ending]:
    reason = "all minima of the function have one value"
    for template, start, least, minimizer in (
        ("sin(u)", (1.0,), -1.0, (-math.pi / 2,)),
        ("cos(u) + cos(v)", (0.3, 0.5), -2.0, (math.pi, math.pi)),
        ("sin(u)*sin(v)", (1.0, -0.7), -1.0, (math.pi / 2, -math.pi / 2)),
        ("sin(u + v)", (1.0, 0.2), -1.0, (-math.pi / 2, 0.0)),
        ("sin(u)^2 + v^2", (1.0, 0.5), 0.0, (0.0, 0.0)),
        ("cos(u)*cosh(v/10)^-1 + v^2", (2.0, 0.5), -1.0, (math.pi, 0.0)),
        ("sin(u)^4", (1.0,), 0.0, (0.0,)),
        ("(sin(u) - 0.5)^2 + cos(v)", (0.2, 1.0), -1.0, (math.pi / 6, math.pi)),
    ):
        n = parts_of(template)
        for axes in (plain(n), rotated(source, n)):
            yield at_minimum(
                axes, template, start, reason, least=least, minimizer=minimizer, isolated=False
            )


def skewed_manifolds(_: random.Random) -> Iterator[Ending]:
    """Points of curves of minima whose coordinates are of very different size."""
    reason = "the start is on a curve or surface where a square is 0, or leads to it"
    for text, start, point in (
        ("(x*y - 1)^2", (1024.0, 2.0**-10), (1024.0, 2.0**-10)),
        ("(x*y - 1)^2", (2.0**20, 2.0**-20), (2.0**20, 2.0**-20)),
        ("(x*y - 1)^2", (100.0, 0.5), (1.0, 1.0)),
        ("(x*y - 1)^2", (30.0, 0.01), (1.0, 1.0)),
        ("(x*y*z - 1)^2", (64.0, 0.5, 2.0**-5), (64.0, 0.5, 2.0**-5)),
        ("(x*y*z - 1)^2", (20.0, 0.3, 0.3), (1.0, 1.0, 1.0)),
        ("(x*exp(y) - 2)^2", (2e6, 0.0), (2.0, 0.0)),
        ("(x*exp(y) - 2)^2", (0.01, 4.0), (2.0, 0.0)),
        ("(x/y - 3)^2", (3e5, 1e5), (3e5, 1e5)),
        ("(x^2 + 1e-6*y^2 - 1)^2", (0.0, 1000.0), (0.0, 1000.0)),
        ("(1e3*x*y - 1)^2 + z^2", (0.125, 0.008, 0.0), (0.125, 0.008, 0.0)),
        ("(relu(x)*y - 1)^2", (2.0, 0.3), (2.0, 0.5)),
        ("log(x*y)^2", (2.0, 0.5), (2.0, 0.5)),
        ("log(x*y)^2", (2.0, 1.5), (1.0, 1.0)),
        ("(sqrt(x) - y)^2", (1.0, 1.0), (1.0, 1.0)),
        ("(sqrt(x) - y)^2", (1.5, 0.4), (1.0, 1.0)),
        ("(x^y - 2)^2", (2.0, 1.0), (2.0, 1.0)),
        ("(x^y - 2)^2", (1.6, 0.9), (2.0, 1.0)),
        ("(x/(y*z) - 1)^2", (2.0, 1.0, 2.0), (2.0, 1.0, 2.0)),
        ("(x/(y*z) - 1)^2", (1.5, 1.2, 1.7), (2.0, 1.0, 2.0)),
        ("(atan2(y, x) - 0.5)^2", (1.0, 0.2), (1.0, math.tan(0.5))),
    ):
        yield Ending(text, start, (FOUND,), reason, 0.0, TOLERATED, point)


def flat_pieces(_: random.Random) -> Iterator[Ending]:
    """Functions that are exactly constant on a piece, where the run starts or ends."""
    reason = "f is constant about its minima; none near is lower"
    for text, start, least, point in (
        ("(relu(x)*y - 1)^2", (-1.0, 0.5), 1.0, (-1.0, 0.5)),
        ("relu(x - 1)^2 + relu(-x - 1)^2", (3.0,), 0.0, (0.0,)),
        ("relu(x - 1)^2 + relu(-x - 1)^2", (0.3,), 0.0, (0.3,)),
        ("max(0, x^2 + y^2 - 1)", (0.2, 0.1), 0.0, (0.2, 0.1)),
        ("ifelse(x < 0, x^2, 0)", (-2.0,), 0.0, (1.0,)),
        ("ifelse(x < 0, x^2, 0)", (3.0,), 0.0, (3.0,)),
        ("ifelse(x > 0, x^3, 0) + y^2", (1.0, 1.0), 0.0, (-1.0, 0.0)),
        ("ifelse(abs(x) < 1, x^2/2, abs(x) - 0.5)", (5.0,), 0.0, (0.0,)),
        ("min(max(x, 2), 3)", (1.0,), 2.0, (1.0,)),
    ):
        yield Ending(text, start, (FOUND,), reason, least, TOLERATED, point)
    yield Ending(
        "ifelse(x < 0, -x^2, x^2)",
        (0.0,),
        (NO_MINIMUM,),
        "the start is stationary; f falls to the left",
        lower=(-0.05,),
    )


def steep_beside_degenerate(source: random.Random) -> Iterator[Ending]:
    """Walls of steep curvature about a direction in which the order is 3 to 6."""
    for weight in (1e3, 1e6, 1e9, 1e12):
        reason = "the start is a minimum between steep walls"
        for template in (
            f"{weight:g}*u^2 + v^4",
            f"{weight:g}*(v - u^2)^2 + u^4",
            f"{weight:g}*u^2 + v^6 + w^2",
            f"{weight:g}*(v - u^2)^2",
        ):
            n = parts_of(template)
            isolated = template[-1] != "2" or "+" in template
            yield at_minimum(rotated(source, n), template, (), reason, isolated=isolated)
        reason = "the start is a saddle between steep walls: f falls on a line or a parabola"
        for template, lower in (
            (f"{weight:g}*u^2 + v^3", (0, -t)),
            (f"{weight:g}*u^2 - v^4", (0, t)),
            (f"{weight:g}*(v - u^2)^2 + u^3", (-t, t**2)),
            (f"{weight:g}*(v - u^2)^2 - u^4", (t, t**2)),
            (f"{weight:g}*(v - u^2)^2 - u^6", (t, t**2)),
        ):
            for axes in (plain(2), rotated(source, 2)):
                yield at_none(axes, template, lower, reason, ("saddle",))


def beside_saddles(source: random.Random) -> Iterator[Ending]:
    """Starts so near to a saddle or a maximum that the slope passes the stopping test."""
    reason = "the slope at the start is below 1e-8; the saddle or maximum is all but there"
    for template, lower in (*SADDLES, *DEGENERATE_SADDLES, *((text, (t,)) for text in MAXIMA)):
        if "e6" in template or template.startswith(("cos(u) + cosh", "-u^2 - 1e6")):
            continue
        n = parts_of(template)
        axes = rotated(source, n)
        start = axes.point(*(1e-10 * source.uniform(-1, 1) for _ in range(n)))
        yield Ending(axes.text(template), start, (NO_MINIMUM,), reason, lower=axes.point(*lower))


def beside_minima(source: random.Random) -> Iterator[Ending]:
    """Starts so near to a minimum that the slope passes the stopping test."""
    reason = "the slope at the start is below 1e-8; a minimum is all but there"
    for template in DEGENERATE:
        n = parts_of(template)
        axes = rotated(source, n)
        start = tuple(1e-10 * source.uniform(-1, 1) for _ in range(n))
        yield at_minimum(axes, template, start, reason)
    for template, point, _ in MANIFOLDS:
        n = parts_of(template)
        start = tuple(a + 1e-10 * source.uniform(-1, 1) for a in point)
        # Where a coordinate is all but 0 it has no scale but its own, and is not near anything.
        for axes in (plain(n) if all(point) else shifted(source, n), rotated(source, n)):
            yield at_minimum(axes, template, start, reason, minimizer=point, isolated=False)


def narrow_cones(source: random.Random) -> Iterator[Ending]:
    """Forms of order 4 that are negative in a narrow cone only."""
    reason = "the start is stationary without curvature; f is lower on one line and beside it"
    for small in (0.1, 1e-2, 1e-4, 1e-8):
        for template, lower in (
            (f"v^4 - {small!r}*u^4", (t,)),
            (f"v^4 + w^4 - {small!r}*u^4", (t,)),
            (f"u^2*(v^2 - {small!r}*u^2) + w^2", (t,)),
            (f"v^2*u^2 + v^4 - {small!r}*u^4", (t,)),
        ):
            axes = rotated(source, parts_of(template))
            yield at_none(axes, template, lower, reason, ("saddle",))


def many_variables(source: random.Random) -> Iterator[Ending]:
    """Functions of 6 to 30 variables, mirrored at a plane that lies askew."""
    for n in (6, 8, 12, 30):
        parts = [f"u{i + 1}" for i in range(n)]
        centre = [source.choice((-1, 1)) * round(source.uniform(1, 3), 2) for _ in range(n)]
        normal = [round(source.uniform(-1, 1), 3) for _ in range(n)]
        double = 2 / math.fsum(a * a for a in normal)
        moved = [f"(x{i + 1} - {a!r})" for i, a in enumerate(centre)]
        plane = " + ".join(f"{a!r}*{m}" for a, m in zip(normal, moved, strict=True))
        mirror = f"h = {double!r}*({plane}); " + "".join(
            f"{part} = {m} - {a!r}*h; " for part, m, a in zip(parts, moved, normal, strict=True)
        )

        def point(
            *values: float,
            normal: list[float] = normal,
            double: float = double,
            centre: list[float] = centre,
        ) -> Point:
            given = [*values, *[0.0] * (len(centre) - len(values))]
            h = double * math.fsum(a * b for a, b in zip(normal, given, strict=True))
            return tuple(a + b - c * h for a, b, c in zip(centre, given, normal, strict=True))

        squares = " + ".join(f"{part}^2" for part in parts)
        quartics = " + ".join(f"{part}^4" for part in parts)
        rest = " + ".join(f"{part}^2" for part in parts[3:])
        total = " + ".join(parts)
        reason = "a minimum of every order, in many variables; squares of one sum form a space"
        for template, value, isolated, minimizer in (
            (squares, 0.7, True, ()),
            (squares, 0.0, True, ()),
            (quartics, 0.7, True, ()),
            (quartics, 0.0, True, ()),
            (f"({total} - 1)^2", 0.7, False, (1.0,)),
            (f"({total} - 1)^2 + {rest}", 0.7, False, (1.0,)),
            (f"(u1*u2*u3 - 1)^2 + {rest}", 0.8, False, (1.0, 1.0, 1.0)),
            (f"u1^4 + u2^4 + u3^2 + {rest}", 0.7, True, ()),
        ):
            yield Ending(
                mirror + template,
                point(*[value] * n),
                (FOUND,),
                reason,
                0.0,
                TOLERATED * n,
                point(*minimizer),
                isolated,
            )
        reason = "the start is stationary, in many variables, and f falls on a line through it"
        for template, lower in (
            (f"{squares} - 2*u3^2", (0, 0, t)),
            (f"u1^3 + u2^2 + u3^2 + {rest}", (-t,)),
            (f"u1^2 + u2^2 - u3^4 + {rest}", (0, 0, t)),
            (f"u1*u2*u3 + {rest}", (t, t, -t)),
            (f"u1^2*u2 + u3^2 + {rest}", (t, -t)),
            (f"-({squares})", (t,)),
            (f"-({quartics})", (t,)),
            (f"{quartics} - 3*u1^4", (t,)),
            (f"u1^3 + {quartics}", (-t,)),
            (f"(u1*u2*u3 - 1)^2 + {rest}", (t, t, t)),
        ):
            yield Ending(mirror + template, point(), (NO_MINIMUM,), reason, lower=point(*lower))


def other_tolerances(source: random.Random) -> Iterator[Ending]:
    """Runs with a tolerance that is out of reach, or wide."""
    reason = "no slope passes so small a tolerance but by luck: a minimum to machine precision"
    for template, start, point in (
        ("u^2 + 3*v^2", (0.9, 0.8), (0.0, 0.0)),
        ("cosh(u) + v^2 - 1", (0.9, 0.8), (0.0, 0.0)),
        ("u^4 + v^2", (0.9, 0.8), (0.0, 0.0)),
        ("(u*v - 1)^2", (1.3, 0.6), (1.0, 1.0)),
        ("(u^2 + v^2 - 1)^2", (0.6, 0.3), (1.0, 0.0)),
        ("(v - sin(u))^2", (0.8, 0.1), (0.0, 0.0)),
        ("(v - u^2)^2 + (1 - u)^2", (0.3, 0.5), (1.0, 1.0)),
        ("(u*v*w - 1)^2", (1.2, 0.8, 0.7), (1.0, 1.0, 1.0)),
        ("u^2*(1 + v^2)", (0.5, 1.0), (0.0, 1.0)),
    ):
        n = parts_of(template)
        for tolerance in (0.0, 1e-15):
            for axes in (plain(n), rotated(source, n)):
                yield at_minimum(
                    axes,
                    template,
                    start,
                    f"{reason}; where rounding does not let it be seen, a limit",
                    minimizer=point,
                    isolated=False,
                    exits=(FOUND, LIMIT),
                )._replace(tolerance=tolerance)
    reason = "the slope is below the tolerance, a wide one, far from the minimum"
    for tolerance in (1e-4, 1e-2, 1.0):
        for template in ("u^2 + v^2", "cosh(u) + v^2", "u^4 + v^4"):
            axes = rotated(source, 2)
            yield _slope(axes, template, (-1.2, 1.4), reason, tolerance / 100)._replace(
                tolerance=tolerance
            )
    reason = "a wide tolerance stops a run near the minimum, at 1e-3 of its scale"
    for template in ("u^2 + 3*v^2", "cosh(u) + v^2 - 1", "(u*v - 1)^2"):
        point = (1.0, 1.0) if "*v -" in template else (0.0, 0.0)
        for axes in (plain(2), rotated(source, 2)):
            yield at_minimum(
                axes, template, (0.9, 0.7), reason, minimizer=point, isolated=False
            )._replace(tolerance=1e-3, within=1e-3)


def fractional_powers(source: random.Random) -> Iterator[Ending]:
    """Stationary points at which f has a slope and no curvature that is finite."""
    why = "where a factor of the chain rule is infinite there, f's slope may be undefined"
    reason = f"f is positive but at the start, where its slope is 0; {why}"
    for template, exits in (
        ("abs(u)^1.5", (FOUND,)),
        ("abs(u)^1.5 + v^2", (FOUND,)),
        ("(u^2 + v^2)^0.75", (FOUND, BEYOND)),
        ("cbrt(u)^4 + v^2", (FOUND, BEYOND)),
    ):
        n = parts_of(template)
        for axes in (plain(n), shifted(source, n)):
            yield at_minimum(axes, template, (), reason, exits=exits)
    reason = f"the slope is 0 and f falls to a side; {why}"
    for template, lower, exits in (
        ("-abs(u)^1.5", (t,), (NO_MINIMUM,)),
        ("v^2 - abs(u)^1.5", (t,), (NO_MINIMUM,)),
        ("v^2 - abs(u)^2.5", (t,), (NO_MINIMUM,)),
        ("u*abs(u)^0.5", (-t,), (NO_MINIMUM, BEYOND)),
    ):
        n = parts_of(template)
        for axes in (plain(n), shifted(source, n)):
            yield at_none(axes, template, lower, reason, ())._replace(exits=exits)


def turned_kinks(source: random.Random) -> Iterator[Ending]:
    """Corners that lie askew to the axes."""
    reason = "the start is the minimum, at a corner askew to the axes"
    for template in (
        "abs(u) + v^2",
        "abs(u) + abs(v)",
        "abs(u) + abs(v) + w^2",
        "max(u, v, -u - v)",
        "hypot(u, v)",
        "abs(u) + v^4",
        "max(u^2 - v, v)",
        "max(u^2, v^2)",
    ):
        n = parts_of(template)
        for _ in range(2):
            yield at_minimum(rotated(source, n), template, (), reason)
    reason = "the start is no minimum, at a corner askew to the axes"
    for template, lower in (
        ("abs(u) - abs(v)", (0, t)),
        ("abs(u) - v^2", (0, t)),
        ("abs(u) + v^3", (0, -t)),
        ("abs(u) - v^4", (0, t)),
        ("-abs(u) - abs(v)", (t, t)),
        ("u*abs(u) + v^2", (-t, 0)),
        ("abs(u)*v", (t, -t)),
        ("u^2 - abs(v)", (0, t)),
    ):
        n = parts_of(template)
        for _ in range(2):
            yield at_none(rotated(source, n), template, lower, reason, ())


def bent_axes(source: random.Random) -> Iterator[Ending]:
    """Minima, saddles and maxima in coordinates that are curves."""
    reason = "the start is a minimum in coordinates that are curves"
    for template in DEGENERATE:
        yield at_minimum(bent(source, parts_of(template)), template, (), reason)
    for template, point, start in MANIFOLDS:
        axes = bent(source, parts_of(template))
        yield at_minimum(axes, template, point, reason, minimizer=point, isolated=False)
        near = tuple(a + 0.1 * (b - a) for a, b in zip(point, start, strict=True))
        why = "the start is near a curve or a surface of minima, in coordinates that are curves"
        yield at_minimum(axes, template, near, why, minimizer=point, isolated=False)
    reason = "the start is stationary, and f is lower near by, in coordinates that are curves"
    for template, lower in (*SADDLES, *DEGENERATE_SADDLES):
        axes = bent(source, parts_of(template))
        yield at_none(axes, template, lower, reason, ("saddle",))
    for template in MAXIMA:
        yield at_none(bent(source, parts_of(template)), template, (t,), reason, ("maximum",))


Form = dict[str, int]  # the coefficient of each product of parts, as "uuv"


def form_of(source: random.Random, n: int, degree: int) -> Form:
    """A form of that degree in the first n parts, with whole coefficients from -5 to 5."""
    products = itertools.combinations_with_replacement(PARTS[:n], degree)
    return {"".join(product): source.randint(-5, 5) for product in products}


def text_of(form: Form) -> str:
    terms = [f"{a}*{'*'.join(product)}" for product, a in form.items()]
    return " + ".join(terms).replace("+ -", "- ")


def value_of(form: Form, values: Point) -> float:
    known = dict(zip(PARTS, values, strict=False))
    return math.fsum(a * math.prod(known[part] for part in parts) for parts, a in form.items())


def forms(source: random.Random) -> Iterator[Ending]:
    """Forms of order 3, 4 and 5 with coefficients by lot, alone or beside squares."""
    for count in range(36):
        n = count % 3 + 2
        degree = (3, 5, 4)[count // 12]
        rest = "".join(f" + {part}^2" for part in PARTS[n : n + count % 2])
        while True:
            form = form_of(source, n, degree)
            directions = [away(source, n, 0.0, t) for _ in range(200)]
            values = sorted((value_of(form, d), d) for d in directions)
            # A form of even degree counts where a tenth of all directions lead down and up.
            if values[20][0] < 0 < values[-20][0]:
                break
        reason = "a form that is lower in some directions and higher in others, at its centre"
        for axes in (rotated(source, n + count % 2), plain(n + count % 2)):
            yield at_none(axes, text_of(form) + rest, values[0][1], reason, ("saddle",))
    reason = "a sum of squares of forms is 0 at its centre, the start, and nowhere lower"
    for count in range(24):
        n = count % 3 + 2
        degree = 2 if count % 4 else 3
        rest = "".join(f" + {part}^2" for part in PARTS[n : n + count % 2])
        squares = " + ".join(
            f"({text_of(form_of(source, n, degree))})^2" for _ in range(source.randint(1, 3))
        )
        for axes in (rotated(source, n + count % 2), plain(n + count % 2)):
            yield at_minimum(axes, squares + rest, (), reason, isolated=False, degenerate=True)


def quotients(_: random.Random) -> Iterator[Ending]:
    """Functions of the ratios of their variables: every stationary point lies on a line of such."""
    reason = "a function of ratios alone: its minima form a line through 0"
    for text, start, least, point in (
        ("x/y + y/x", (1.0, 2.0), 2.0, (1.0, 1.0)),
        ("x/y + y/x", (3.0, 3.0), 2.0, (3.0, 3.0)),
        ("x*y/(x^2 + y^2)", (1.0, -0.5), -0.5, (1.0, -1.0)),
        ("(x^2 + 2*y^2 + 3*z^2)/(x^2 + y^2 + z^2)", (1.0, 0.5, 0.5), 1.0, (1.0, 0.0, 0.0)),
        ("(x^2 + 2*y^2 + 3*z^2)/(x^2 + y^2 + z^2)", (2.0, 0.0, 0.0), 1.0, (2.0, 0.0, 0.0)),
        ("(x^2 + x*y + y^2)/(x^2 + y^2)", (1.0, -0.3), 0.5, (1.0, -1.0)),
        ("(x + y + z)^2/(x^2 + y^2 + z^2)", (1.0, -0.3, 0.2), 0.0, (1.0, -1.0, 0.0)),
        ("(x - y)^2/(x^2 + y^2)", (1.0, 0.3), 0.0, (1.0, 1.0)),
        ("-x/hypot(x, y)", (1.0, 0.6), -1.0, (1.0, 0.0)),
    ):
        yield Ending(text, start, (FOUND,), reason, least, TOLERATED, point)
    reason = "a function of ratios alone, stationary at the start; f falls as the ratio changes"
    for text, start, lower in (
        ("x*y/(x^2 + y^2)", (1.0, 1.0), (1.05, 0.95)),
        ("(x^2 + 2*y^2 + 3*z^2)/(x^2 + y^2 + z^2)", (0.0, 1.0, 0.0), (0.05, 1.0, 0.0)),
        ("(x^2 + 2*y^2 + 3*z^2)/(x^2 + y^2 + z^2)", (0.0, 0.0, 1.0), (0.05, 0.0, 1.0)),
        ("(x^2 + x*y + y^2)/(x^2 + y^2)", (2.0, 2.0), (2.1, 1.9)),
        ("-(x - y)^2/(x^2 + y^2)", (1.0, 1.0), (1.05, 0.95)),
        ("x^3/hypot(x, y)^3 + z^2", (0.0, 1.0, 0.0), (-0.05, 1.0, 0.0)),
    ):
        yield Ending(text, start, (NO_MINIMUM,), reason, lower=lower)


def cancellations(source: random.Random) -> Iterator[Ending]:
    """Functions whose terms all but cancel, so that rounding hides what they do near the end."""
    reason = "the terms cancel to a function with its minimum at 0, as exact arithmetic shows"
    for template in (
        "(1e4 + u)^2 - 1e8 - 2e4*u",
        "(1e4 + u)^2 - 1e8 - 2e4*u + v^2",
        "exp(u) - 1 - u + v^2",
        "(1 + u)^4 - 1 - 4*u",
        "(u + v)^2 + (u - v)^2 - 2*v^2 + (1 + v)^2 - 1 - 2*v",
        "cosh(u) - 1 - u^2/2 + v^2",
        "cos(u) - 1 + u^2/2 + v^2",
        "(1 + u^2)^2 - 1 - 2*u^2 + v^2",
    ):
        n = parts_of(template)
        for axes in (plain(n), shifted(source, n)):
            why = f"{reason}; rounding may keep the slope above 1e-8, and the run at a limit"
            for start, exits in ((away(source, n, 0.3, 0.8), (FOUND, LIMIT)), ((), (FOUND,))):
                yield at_minimum(axes, template, start, why, exits=exits)._replace(within=1e-6)
    reason = "the terms cancel to a function that falls from 0, as exact arithmetic shows"
    for template, lower in (
        ("(1e4 + u)^2 - 1e8 - 2e4*u - v^2", (0, t)),
        ("exp(u) - 1 - u - v^2", (0, t)),
        ("(1 + u)^3 - 1 - 3*u - 3*u^2 + v^2", (-t, 0)),
        ("cosh(u) - 1 - u^2/2 - v^4", (0, t)),
        ("sinh(u) - u + v^2", (-t, 0)),
        ("(1 + u*v)^2 - 1 - 2*u*v - u^6", (t, 0)),
    ):
        for axes in (plain(2), rotated(source, 2)):
            yield at_none(axes, template, lower, reason, ())


def small_structures(_: random.Random) -> Iterator[Ending]:
    """Wells and hills that are small beside the scale of x: dates in seconds, x at 1e8 ± 1."""
    for size in (1e-3, 1e-6, 1e-8, 1e-10):
        near = 0.3 * size
        for centred in (True, False):
            axes = plain(2) if centred else plain(2)._replace(centre=(1.25, -2.5))
            here = f"f is stationary at the start and falls, if only within {size:g} of the scale"
            for template, lower, words in (
                (f"((u/{size!r})^2 - 1)^2 + (v/{size!r})^2", (near,), ("saddle",)),
                (f"((u/{size!r})^2 - 1)^2 + ((v/{size!r})^2 - 1)^2", (near, near), ("maximum",)),
                (f"cos(u/{size!r}) + (v/{size!r})^2", (near,), ("saddle",)),
                (f"(u/{size!r})^4 + (v/{size!r})^3", (0, -near), ("saddle",)),
                (f"(u/{size!r})^4 - (u*v/{size!r}^2)", (near, near), ("saddle",)),
            ):
                yield at_none(axes, template, lower, here, words)
            here = (
                f"the start is a minimum; {size:g} of the scale away is a hill, beyond it f falls"
            )
            for template in (
                f"1 - exp(-(u/{size!r})^2) + (v/{size!r})^2",
                f"1 - cos(u/{size!r}) + (v/{size!r})^2",
                f"(u/{size!r})^2/(1 + (u/{size!r})^2) + (v/{size!r})^4",
            ):
                yield at_minimum(axes, template, (), here)


def arrays(_: random.Random) -> Iterator[Ending]:
    """Functions of vectors, with sums over their entries."""
    for n in (3, 10, 40):
        entries = [f"x{i + 1}" for i in range(n)]
        ones = (1.0,) * n
        zeros = (0.0,) * n
        apart = tuple(1.0 + 0.3 * (-1) ** i for i in range(n))
        total = " + ".join(entries)
        squares = " + ".join(f"{x}^2" for x in entries)
        quartics = " + ".join(f"{x}^4" for x in entries)
        pairs = " + ".join(f"({a}*{b} - 1)^2" for a, b in itertools.pairwise(entries))
        reason = "a sum over the entries of a vector whose least value is 0"
        for text, plainly, start, point in (
            ("sum(x[i]^2 for i in 1:n)", squares, apart, zeros),
            ("sum(x[i]^2 for i in 1:n)", squares, zeros, zeros),
            ("sum(x[i]^4 for i in 1:n)", quartics, apart, zeros),
            ("sum(x[i]^4 for i in 1:n)", quartics, zeros, zeros),
            (f"(sum(x[i] for i in 1:n) - {n})^2", f"({total} - {n})^2", (*apart[:-1], 2.0), ones),
            (f"(sum(x[i] for i in 1:n) - {n})^2", f"({total} - {n})^2", ones, ones),
            ("sum((x[i]*x[i+1] - 1)^2 for i in 1:m)", pairs, apart, ones),
            ("sum((x[i]*x[i+1] - 1)^2 for i in 1:m)", pairs, ones, ones),
            ("(sum(x[i]^2 for i in 1:n) - 1)^2", f"({squares} - 1)^2", apart, (1.0, *zeros[1:])),
        ):
            looped = text.replace("1:n", f"1:{n}").replace("1:m", f"1:{n - 1}")
            yield Ending(
                looped, start, (FOUND,), reason, 0.0, n * TOLERATED, point, written_out=plainly
            )
        reason = "stationary at the start, where f falls along one entry or all"
        for text, plainly, lower in (
            ("sum(x[i]^2 for i in 1:n) - 2*x[2]^2", f"{squares} - 2*x2^2", (0, t)),
            ("sum(x[i]^2 for i in 1:n) - x[2]^2 + x[2]^3", f"{squares} - x2^2 + x2^3", (0, -t)),
            ("-sum(x[i]^2 for i in 1:n)", f"-({squares})", (t,)),
            ("-sum(x[i]^4 for i in 1:n)", f"-({quartics})", (t,)),
            ("sum(x[i]^4 for i in 1:n) - 2*x[2]^4", f"{quartics} - 2*x2^4", (0, t)),
            ("(sum(x[i]^2 for i in 1:n) - 1)^2", f"({squares} - 1)^2", (t,)),
        ):
            looped = text.replace("1:n", f"1:{n}")
            there = (*map(float, lower), *zeros[len(lower) :])
            yield Ending(looped, zeros, (NO_MINIMUM,), reason, lower=there, written_out=plainly)


FAMILIES: tuple[Callable[[random.Random], Iterator[Ending]], ...] = (
    bowls,
    bowls_from_an_axis,
    bowls_from_their_centre,
    convex,
    valleys,
    scales_of_x,
    scales_of_f,
    mixed_scales,
    degenerate_minima,
    degenerate_minima_from_their_centre,
    powell,
    manifolds,
    manifolds_from_their_points,
    fits,
    unused,
    hidden_constants,
    saddles,
    degenerate_saddles,
    maxima,
    cusps,
    descents_to_saddles,
    falls_without_end,
    slopes,
    slopes_in_part,
    tails,
    plateaus,
    plateaus_below_many_digits,
    offsets,
    small_curvatures,
    kinks,
    small_starts,
    open_domains,
    periodic,
    skewed_manifolds,
    flat_pieces,
    steep_beside_degenerate,
    beside_saddles,
    beside_minima,
    narrow_cones,
    many_variables,
    other_tolerances,
    fractional_powers,
    turned_kinks,
    bent_axes,
    forms,
    quotients,
    cancellations,
    small_structures,
    arrays,
)

SEEDS = ("", "another")  # the second adds to a family what is not the same with every seed


def _all() -> Iterator[tuple[str, Ending]]:
    seen = set()
    for family in FAMILIES:
        name, number = family.__name__, 0
        for seed in SEEDS:
            for ending in family(random.Random(name + seed)):
                run = (ending.text, ending.start, ending.tolerance)
                if run not in seen:
                    yield f"{name}-{number}", ending
                    seen.add(run)
                    number += 1


ENDINGS: dict[str, Ending] = dict(_all())
