"""Section: a function with one or two of its variables free to be drawn, the others held fixed.

Comes in: a Function and the text of a slice, as `z=0,w=1/2`, or `x=0` for a whole vector. Goes out:
a Section; every builder sees the function through it, so that two of five variables are drawn as
two of two are. The entries of a vector are variables like others: `x[1]`, `x[2]`.
"""

from __future__ import annotations

from math import isfinite, nan
from typing import TYPE_CHECKING

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import PointError, UndefinedError, brief, listed
from gdcli.functions.constants import constant
from gdcli.functions.layout import Layout
from gdcli.language.lexer import BLANKS, normalised
from gdcli.language.points import read_constant, read_point, split_outside_brackets
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from gdcli.functions.function import Function
    from gdcli.functions.problem import Problem
    from gdcli.scenes.scene import Array

NAMED_NUMBER_BYTES = 200  # a component takes with its name in a mapping
MOST_PICTURE_OPERATIONS = 4e9  # for all values of f in a picture: a few seconds
FEWEST_PLACES = 41  # along a variable, however long f takes
MOST_TITLE_VARIABLES = 4  # held fixed and named in a title


class Section(NamedTuple):
    """A function of which some variables are drawn and the others have fixed values.

    `free` are the numbers of the variables that are drawn, in the function's order; `point` has the
    values of all the others, and 0 for the free ones. `bounds` are the low and high ends, by the
    number of a free variable, outside of which f is not evaluated.
    """

    function: Function
    free: tuple[int, ...]
    point: tuple[float, ...]
    bounds: Mapping[int, tuple[float, float]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.function.components[number] for number in self.free)

    @property
    def whole(self) -> bool:
        """Whether no variable is held fixed."""
        return len(self.free) == len(self.function.components)

    @property
    def problem(self) -> Problem | None:
        """The record of the named problem whose function this is; None for another function."""
        return self.function.problem

    @property
    def title(self) -> str:
        """The problem's name or the function's text, then the variables that are held fixed."""
        problem = self.problem
        words = problem.name if problem is not None else " ".join(self.function.text.split())
        held = set(range(len(self.point))).difference(self.free)
        if len(held) > MOST_TITLE_VARIABLES:
            return f"{brief(words)}, {len(held)} variables held fixed"
        names = self.function.components
        fixed = [f"{names[number]} = {self.point[number]:.6g}" for number in sorted(held)]
        return ", ".join([brief(words), *fixed])

    def read(self, text: str, noun: str = "the point") -> tuple[float, ...]:
        """The free variables' values in `text`. Raises PointError, which calls them `noun`."""
        layout = self.function.layout
        names = [name for name in layout.variables if layout.offsets[name] in self.free]
        drawn = Layout(
            names, {name: layout.shapes[name] for name in names if name in layout.shapes}
        )
        if drawn.has_arrays and drawn.size == len(self.free):  # no vector is held fixed in part
            from gdcli.functions.points import read_floats

            return tuple(read_floats(text, drawn, self.function.sizes, noun))
        expressions = read_point(text, self.names, ARITIES, noun)
        return tuple(constant(expression, noun) for expression in expressions)

    def place(self, values: Sequence[float]) -> list[float]:
        """The whole point where the free variables have `values`."""
        whole = list(self.point)
        for number, value in zip(self.free, values, strict=True):
            whole[number] = value
        return whole

    def places(self, most: int) -> int:
        """At how many places along each drawn variable f is evaluated: an odd number.

        They are about `most`, or fewer where f takes long. Raises UsageError where even the fewest
        take too long.
        """
        self.function.engine.refuse("this picture", 0, values=FEWEST_PLACES ** len(self.free))
        affordable = (MOST_PICTURE_OPERATIONS / max(1, self.function.engine.operations)) ** (
            1 / len(self.free)
        )
        return int(max(FEWEST_PLACES, min(most, affordable))) // 2 * 2 + 1

    def over(self, arrays: Sequence[Array]) -> Array:
        """f at many points in one batch; `arrays`, one a free variable, have shapes that broadcast.

        Where f has no finite value the element is nan or an infinity, outside of the bounds nan.
        """
        columns: list[float | Array] = list(self.point)
        outside: bool | NDArray[np.bool_] = False
        for number, array in zip(self.free, arrays, strict=True):
            columns[number] = array
            if number in self.bounds:
                columns[number] = inside = array.clip(*self.bounds[number])
                outside = outside | (inside != array)
        found = self.function.evaluate_grid(columns)
        if self.bounds:
            import numpy as np

            found[np.broadcast_to(outside, found.shape)] = nan
        return found

    def slopes(self, values: Sequence[float]) -> tuple[float, tuple[float, ...]]:
        """f and its derivatives by the free variables, inf or nan where they are not finite."""
        value, gradient = self.function.evaluate_gradient(self.place(values))
        return value, tuple(gradient[number] for number in self.free)

    def nonsmooth_slopes(self, values: Sequence[float]) -> tuple[float, tuple[float, ...]]:
        """f and its derivatives by the free variables, right at kinks and where digits cancel.

        Raises UndefinedError where they are not finite.
        """
        value, gradient = self.function.value_and_gradient(self.place(values))
        return value, tuple(float(gradient[number]) for number in self.free)

    def kinks(self, values: Sequence[float]) -> list[str]:
        """A note on the slopes for each kink that f has at a point."""
        return [
            f"kink of {kink}: the slope shown is the one of least norm among those around it"
            for kink in self.function.kinks(self.place(values), 0.0) or []
        ]

    def value(self, values: Sequence[float]) -> float:
        """f at a point. Raises UndefinedError where it has no finite value."""
        found = self.function(self.place(values))
        if not isfinite(found):  # an answer with more digits may overflow as a float
            raise UndefinedError(f"f has no finite value at {listed([*map(repr, values)])}")
        return found


def read_slice(text: str | None, function: Function, noun: str = "the slice") -> dict[str, float]:
    """What a slice holds fixed, by variable. Raises PointError, which calls it `noun`."""
    function.refuse_long_point(NAMED_NUMBER_BYTES)
    fixed: dict[str, float] = {}
    wholes: dict[str, list[str]] = {}  # by vector, the pieces that write all of it
    shapes = function.layout.shapes
    for piece in split_outside_brackets(text, ",") if text is not None else ():
        name, equals, value = piece.partition("=")
        name = normalised(name.strip(BLANKS))
        vector = name.partition("[")[0].strip(BLANKS)
        if not equals:
            raise PointError(f"{noun} takes variables and values, as z=0, not `{brief(piece)}`")
        if vector in wholes or (vector in shapes and name not in function.components):
            wholes.setdefault(vector, []).append(piece)
        elif name not in function.components:
            variables = listed(function.components)
            raise PointError(
                f"{noun}: `{brief(name)}` is no variable; the variables are {variables}"
            )
        elif name in fixed:
            raise PointError(f"{noun}: `{name}` is given twice")
        else:
            place = f"{noun} for {name}"
            fixed[name] = constant(read_constant(value.strip(BLANKS), ARITIES, place), place)
    for vector, pieces in wholes.items():
        fixed |= _whole(vector, ",".join(pieces), function, noun)
    return fixed


def _whole(vector: str, text: str, function: Function, noun: str) -> dict[str, float]:
    """The entries of a vector, by their names."""
    from gdcli.functions.points import read_floats

    alone = Layout((vector,), {vector: function.layout.shapes[vector]})
    values = read_floats(text, alone, function.sizes, noun)
    return dict(zip(alone.components, map(float, values), strict=True))


def section(function: Function, fixed: Mapping[str, float]) -> Section:
    """The Section in which the variables named in `fixed` have the values given there."""
    function.refuse_long_point(NAMED_NUMBER_BYTES)
    free = [number for number, name in enumerate(function.components) if name not in fixed]
    point = [fixed.get(name, 0.0) for name in function.components]
    return Section(function, tuple(free), tuple(point))
