"""NumPy arrays as numbers: a whole grid of points in one call.

Operations go by elements and never raise; undefined elements are nan or inf. Both sides of a
branch are computed and each element takes what its own comparison says. This is one of the modules
that import NumPy, so it is imported only where a grid is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial, reduce
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gdcli.autodiff.passes.infinities import LARGE_NUMERATOR, check_infinities
from gdcli.autodiff.tape import COMPARATORS, Tape
from gdcli.execute.source import INFIX, Target, compile_tape
from gdcli.numbers import gamma_functions
from gdcli.numbers.floats import FLOAT_CONSTANTS, GAMMA_FUNCTIONS, NumberSystem, to_float

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array: TypeAlias = NDArray[np.float64]

ELEMENTS_PER_BLOCK = 32_768  # computed at a time, so that intermediate values stay in the cache


def _power(a: Array, b: Any) -> Any:
    return a * a if np.ndim(b) == 0 and b == 2.0 else np.power(a, b)


def _general_power(a: Array, b: Any) -> Any:
    return np.where(np.isnan(a) | np.isnan(b), np.nan, np.power(a, b))  # nan^0 is nan


def _sigmoid(a: Array) -> Any:
    small = np.exp(-np.abs(a))
    return np.where(a >= 0.0, 1.0 / (1.0 + small), small / (1.0 + small))


def _tanh_slope(a: Array) -> Any:
    small = np.exp(-2.0 * np.abs(a))
    return 4.0 * small / np.square(1.0 + small)


def _softplus(a: Array) -> Any:
    return np.maximum(a, 0.0) + np.log1p(np.exp(-np.abs(a)))


def _logcosh(a: Array) -> Any:
    size = np.abs(a)
    near = np.log1p(2.0 * np.square(np.sinh(np.minimum(size, 30.0) / 2.0)))
    return np.where(size < 30.0, near, size - np.log(2.0))


def _tie_count(y: Array, *values: Array) -> Any:
    return np.sum([np.equal(value, y) for value in np.broadcast_arrays(*values)], axis=0) + 0.0


NUMPY_FUNCTIONS = "exp expm1 log log1p log2 log10 sqrt cbrt sin cos tan sinh cosh tanh abs sign"
ARRAY_ARITHMETIC = gamma_functions.Arithmetic(
    np.log, np.exp, np.power, np.sin, np.tan, every=np.all, select=np.where
)
ARRAY_OPERATIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(np, name) for name in NUMPY_FUNCTIONS.split()},
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "unary-minus": np.negative,
    "pow-integer": _power,
    "pow-general": _general_power,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "atan2": np.arctan2,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "min": lambda *values: reduce(np.minimum, values),
    "max": lambda *values: reduce(np.maximum, values),
    "hypot": np.hypot,
    "erf": np.vectorize(math.erf, otypes=[float]),
    "erfc": np.vectorize(math.erfc, otypes=[float]),
    **{name: partial(getattr(gamma_functions, name), ARRAY_ARITHMETIC) for name in GAMMA_FUNCTIONS},
    "logcosh": _logcosh,
    "sigmoid": _sigmoid,
    "tanh-slope": _tanh_slope,
    "softplus": _softplus,
    "relu": lambda a: np.maximum(a, 0.0),
    "logaddexp": np.logaddexp,
    "logsumexp": lambda *values: reduce(np.logaddexp, values),
    "tie-count": _tie_count,
    "if-defined": lambda a, b: a + (b - b),
    "if-finite": lambda a: a - (a - a),
    "if-negligible": lambda b, a: np.where(
        np.isfinite(b) | (np.abs(a) < LARGE_NUMERATOR), b, np.nan
    ),
}


def _compared(left: Any, right: Any, comparison: str) -> tuple[Any, Any]:
    """Where the comparison holds, and where it means something; None where it always does."""
    ordered = np.equal(left, left) & np.equal(right, right)
    return COMPARATORS[comparison](left, right), None if ordered.all() else ordered


def _select(compared: tuple[Any, Any], where_it_holds: Any, elsewhere: Any) -> Array:
    holds, ordered = compared
    chosen = np.where(holds, where_it_holds, elsewhere)
    return chosen if ordered is None else np.where(ordered, chosen, np.nan)


ARRAYS = NumberSystem("floating-point", to_float, FLOAT_CONSTANTS, ARRAY_OPERATIONS)
ARRAY_TARGET = Target(INFIX, {**ARRAY_OPERATIONS, "compared": _compared, "select": _select}, "")


def over_grid(tape: Tape, arrays: Sequence[ArrayLike]) -> Array:
    """The first output of `tape` at many points: an array an input, of shapes that broadcast.

    A block of rows at a time is computed, so that the memory needed is that of the answer.
    """
    columns = [np.asarray(array, dtype=float) for array in arrays]
    shape = np.broadcast_shapes(*(column.shape for column in columns))
    evaluate = compile_tape(check_infinities(tape), ARRAY_TARGET)
    values = np.empty(shape)
    rows = max(1, ELEMENTS_PER_BLOCK * shape[0] // max(1, values.size)) if shape else 1
    with np.errstate(all="ignore"):
        for first in range(0, shape[0] if shape else 1, rows):
            place = slice(first, first + rows) if shape else ...
            values[place] = evaluate([_part(column, shape, place) for column in columns])[0]
    return values


def point_by_point(evaluate: Callable[[Any], float], arrays: Sequence[ArrayLike]) -> Array:
    """The values of `evaluate`, called once a point, for arrays of shapes that broadcast.

    This is for tapes with loops, which are too long to be unrolled.
    """
    # NumPy takes long to say of a million floats that they have no shape
    others = [number for number, array in enumerate(arrays) if not isinstance(array, float)]
    moving = [number for number in others if np.ndim(arrays[number])]
    shape = np.broadcast_shapes(*(np.shape(arrays[number]) for number in moving))
    held = list(arrays)
    for number in moving:
        held[number] = 0.0
    point = np.array(held, dtype=float)
    columns = [np.broadcast_to(np.asarray(arrays[number]), shape).ravel() for number in moving]
    values = np.empty(shape)
    for place, here in enumerate(zip(*columns, strict=True)):
        point[moving] = here
        values.flat[place] = evaluate(point)
    return values


def _part(column: Array, shape: tuple[int, ...], place: Any) -> Array:
    """The rows of `column` that belong to a place in the broadcast whole."""
    broadcast = column.ndim < len(shape) or not shape or column.shape[0] == 1
    part: Array = column if broadcast else column[place]
    return part
