"""Answers at many points as arrays, where floats are good enough: what `grad` and `eval` take.

Comes in: a function without loops, and how one answer is made of numbers. Goes out: for an array of
points the value and the gradient at each, and at which of them these are the answer of `nonsmooth/`
to the bit. Of the other points nothing is said: they are answered one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import count
from math import hypot
from typing import TYPE_CHECKING, Any

from gdcli.autodiff.tape import instructions
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gdcli.execute.tiers import Tiered
    from gdcli.functions.function import Function

    Array = NDArray[np.float64]

FEWEST_POINTS_AT_ONCE = 100  # from which on it pays to make the tape of errors
FEWEST_OPERATIONS_AT_ONCE = (
    50_000  # one by one they take a tenth of a second, as NumPy and that tape do
)

MARKED_FIELDS = ("at", "value", "f", "gradient", "length", "direction")
Answered = Callable[[list[float], float, list[float]], Any]


class AnswerBlock(NamedTuple):
    """Answers at m points: `at` and `gradient` are of shape (m, n), `value` of (m,).

    The lengths of the gradients are `scale` times `norm`. `answered` makes the answer at one point.
    """

    at: Array
    value: Array
    gradient: Array
    scale: Array
    norm: Array
    answered: Answered

    def rows(self, first: int, last: int) -> AnswerBlock:
        """The answers from the point with the number `first` to that before `last`."""
        cut = slice(first, last)
        at, value, gradient, scale, norm = (array[cut] for array in self[:-1])
        return AnswerBlock(at, value, gradient, scale, norm, self.answered)

    def answers(self) -> Iterator[Any]:
        """The answer at each point."""
        lists = (array.tolist() for array in self[:3])
        return map(self.answered, *lists)

    def marked(self, mark: Callable[[int], str]) -> Any:
        """The first answer with the marks 1, 2, ... in the place of the numbers in `columns`."""
        first = self.answered(*(array[0].tolist() for array in self[:3]))
        places = count(1)
        marks: dict[str, Any] = {}
        for field in MARKED_FIELDS:
            number = getattr(first, field, None)
            if isinstance(number, list):
                marks[field] = [mark(next(places)) for _ in number]
            elif number is not None:
                marks[field] = mark(next(places))
        return first._replace(**marks)

    def columns(self) -> list[Array]:
        """The numbers of the answers, in the order of MARKED_FIELDS, each of shape (m,)."""
        direction = (0.0 - self.gradient / self.scale[:, None]) / self.norm[:, None]
        length = self.scale * self.norm
        return [*self.at.T, self.value, *self.gradient.T, length, *direction.T]

    @property
    def is_regular(self) -> bool:
        """Whether all answers have the same numbers: no gradient is 0, none has a slope."""
        first = self.answered(*(array[0].tolist() for array in self[:3]))
        slopes = getattr(first, "slope", None) is not None
        return not slopes and bool((self.scale > 0.0).all() or not self.gradient.size)


class FloatAnswering:
    """Answers at arrays of points in floats, and where they are the answers."""

    def __init__(self, function: Function, answered: Answered) -> None:
        self._function = function
        self.answered = answered
        self._points = 0

    def pays(self, points: int) -> bool:
        """Whether so many points more are worth making the program, which is kept."""
        self._points += points
        return (
            self._points >= FEWEST_POINTS_AT_ONCE
            and self._points * self._operations >= FEWEST_OPERATIONS_AT_ONCE
        )

    @cached_property
    def _operations(self) -> int:
        return sum(1 for _ in instructions(self._function.engine.rewritten_gradient_tape.body))

    @cached_property
    def _program(self) -> Tiered:
        from gdcli.execute.tiers import Tiered
        from gdcli.nonsmooth.bounded_pass import Tapes
        from gdcli.nonsmooth.error_bound import error_bound

        engine = self._function.engine
        tapes = Tapes(engine.rewritten.tape, engine.rewritten_gradient_tape)
        return Tiered(error_bound(tapes), None, self._function.backend)

    def __call__(self, points: Any) -> tuple[NDArray[np.bool_], AnswerBlock]:
        """At which points floats are good enough, shape (m,), and the answers of all m points."""
        import numpy as np

        n = self._function.layout.size
        at: Array = np.array(points, dtype=float).reshape(len(points), n)
        value, others = self._program.map(at)
        value, gradient = value + 0.0, others[:, :-1] + 0.0  # no -0
        with np.errstate(all="ignore"):
            scale = np.abs(gradient).max(axis=1, initial=0.0)
            scaled = (gradient / np.where(scale > 0.0, scale, 1.0)[:, None]).T.tolist()
            norm = np.array([*map(hypot, *scaled)] if scaled else scale)  # NumPy's is another
            good = (others[:, -1] < 0.0) & np.isfinite(scale * norm)
        return good, AnswerBlock(at, value, gradient, scale, norm, self.answered)
