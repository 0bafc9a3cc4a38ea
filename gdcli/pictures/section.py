"""Section: a function with one or two of its variables free to be drawn, the others held fixed.

Comes in: a Function and the text of `--slice`, as `z=0,w=1/2`. Goes out: a Section; every builder
sees the function through it, so that two of five variables are drawn as two of two are.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

from gdcli.autodiff.primitives import ARITIES
from gdcli.engine import constant
from gdcli.errors import PointError, UndefinedError, brief, listed
from gdcli.language.lexer import normalised
from gdcli.language.points import read_constant, read_point, split_outside_brackets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gdcli.pictures.scene import Array
    from gdcli.problem_data import Problem
    from gdcli.scalar_function import Function


class Section(NamedTuple):
    """`free` are the numbers of the variables that are drawn, in the function's order; `point` has
    the values of all the others, and 0 for the free ones.
    """

    function: Function
    free: tuple[int, ...]
    point: tuple[float, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The variables that are drawn."""
        return tuple(self.function.components[number] for number in self.free)

    @property
    def whole(self) -> bool:
        """Whether no variable is held fixed."""
        return len(self.free) == len(self.function.components)

    @property
    def problem(self) -> Problem | None:
        """What is known of the function, by its name."""
        return self.function.problem

    @property
    def title(self) -> str:
        """The problem's name, or the text; then what is held fixed."""
        problem = self.problem
        words = problem.name if problem is not None else " ".join(self.function.text.split())
        fixed = [
            f"{name} = {value:.6g}"
            for number, (name, value) in enumerate(
                zip(self.function.components, self.point, strict=True)
            )
            if number not in self.free
        ]
        return ", ".join([brief(words), *fixed])

    def read(self, text: str, option: str) -> tuple[float, ...]:
        """The free variables' values that an option writes. Raises PointError."""
        expressions = read_point(text, self.names, ARITIES, option)
        return tuple(constant(expression, option) for expression in expressions)

    def place(self, values: Sequence[float]) -> list[float]:
        """The whole point where the free variables have `values`."""
        whole = list(self.point)
        for number, value in zip(self.free, values, strict=True):
            whole[number] = value
        return whole

    def over(self, arrays: Sequence[Array]) -> Array:
        """f at many points in one batch: an array a free variable, of shapes that broadcast.

        Where f has no finite value the element is nan or an infinity.
        """
        columns: list[float | Array] = list(self.point)
        for number, array in zip(self.free, arrays, strict=True):
            columns[number] = array
        return self.function.evaluate_grid(columns)

    def slopes(self, values: Sequence[float]) -> tuple[float, tuple[float, ...]]:
        """f and its derivatives by the free variables, inf or nan where there is no number."""
        value, gradient = self.function.evaluate_gradient(self.place(values))
        return value, tuple(gradient[number] for number in self.free)

    def careful_slopes(self, values: Sequence[float]) -> tuple[float, tuple[float, ...]]:
        """The same as `grad` answers it. Raises UndefinedError where there is no such number."""
        value, gradient = self.function.value_and_gradient(self.place(values))
        return value, tuple(float(gradient[number]) for number in self.free)

    def value(self, values: Sequence[float]) -> float:
        """f. Raises UndefinedError where it has no finite value."""
        found = self.function(self.place(values))
        if not isfinite(found):  # the careful answer may overflow
            raise UndefinedError(f"f has no finite value at {listed([*map(repr, values)])}")
        return found


def read_slice(text: str | None, variables: Sequence[str]) -> dict[str, float]:
    """What `--slice` holds fixed, by variable. Raises PointError."""
    fixed: dict[str, float] = {}
    for piece in split_outside_brackets(text, ",") if text is not None else ():
        name, equals, value = piece.partition("=")
        name = normalised(name.strip())
        if not equals:
            raise PointError(f"--slice takes variables and values, as z=0, not `{brief(piece)}`")
        if name not in variables:
            raise PointError(
                f"--slice: `{brief(name)}` is no variable; the variables are {listed(variables)}"
            )
        if name in fixed:
            raise PointError(f"--slice: `{name}` is given twice")
        place = f"--slice for {name}"
        fixed[name] = constant(read_constant(value.strip(), ARITIES, place), place)
    return fixed


def section(function: Function, fixed: Mapping[str, float]) -> Section:
    """The Section where the variables named in `fixed` have those values."""
    free = [number for number, name in enumerate(function.components) if name not in fixed]
    point = [fixed.get(name, 0.0) for name in function.components]
    return Section(function, tuple(free), tuple(point))
