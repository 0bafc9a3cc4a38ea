"""Arrays of a descent: a step, inner products, and all that is measured of a move in one pass.

Comes in: arrays of n floats. Goes out: the same bits from machine code, for more than MOST_NUMPY
numbers and where it can be had, and from NumPy. A sum is made by eight lanes within each block of
`blockwise.BLOCK` numbers, then block by block, so that its bits depend on n alone; those of NumPy's
`dot` depend on how many threads there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from math import nan
from typing import TYPE_CHECKING, Any

from gdcli.execute.buffers import empty
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from gdcli.execute.native.blockwise import Blockwise

MOST_NUMPY = 1 << 13  # numbers for which machine code is not worth making
FEW_NUMBERS_COMPARED = 64  # at first: two vectors mostly differ in one of them

SAFE = 1e-140  # of a component: from here to 1/SAFE squares of an array neither vanish nor overflow

Array = Any  # of float64, of shape (n,)


class Change(NamedTuple):
    """What a move changed: s = x₁ - x₀ and y = ∇f₁ - ∇f₀, and how large x₁ and ∇f₁ are.

    `moved` and `turned` are ‖s‖∞ and ‖y‖∞; the products ss, sy, yy are of s/moved and y/turned,
    which do not overflow, and `curvature` is s·y itself.
    """

    moved: float
    turned: float
    curvature: float
    ss: float
    sy: float
    yy: float
    size: float = nan
    slope: float = nan


def step(x: Array, alpha: float, direction: Array) -> Array:
    machine = _machine(x)
    if machine is None:
        return x + alpha * direction
    from_, along = _alike(x, direction)
    return machine.step(from_, (alpha,), along)


def difference(a: Array, b: Array) -> Array:
    import numpy as np

    return np.subtract(a, b, out=empty(len(a)))


def scaled(factor: float, a: Array) -> Array:
    import numpy as np

    return np.multiply(factor, a, out=empty(len(a)))


def combined(factor: float, x: Array, factors: Sequence[float], rows: Array) -> Array:
    """`factor*x` plus each row of a matrix times its factor."""
    import numpy as np

    if len(x) <= MOST_NUMPY:
        return np.einsum("i,ij->j", factors, rows) + factor * x
    made, machine = scaled(factor, x), _machine(x)
    if machine is not None:
        return machine.step(made, factors, _alike(rows)[0], len(rows))
    for one, row in zip(factors, rows, strict=True):
        made += one * row
    return made


def products(rows: Array, a: Array) -> list[float]:
    """The inner product of each row of a matrix and a."""
    import numpy as np

    if len(a) <= MOST_NUMPY:
        found: list[float] = np.einsum("ij,j->i", rows, a).tolist()
        return found
    machine = _machine(a)
    if machine is None:
        return [dot(row, a) for row in rows]
    blocks = machine.measured("dot", *(_alike(one)[0] for one in (rows, a)), rows=len(rows))
    return [_total(column) for column in zip(*blocks, strict=True)]


def reach(reached: Array, x: Array) -> Array:
    """`reached`, in which each component is raised to |x| where that is larger."""
    import numpy as np

    machine = _machine(reached)
    if machine is None:
        return np.maximum(reached, abs(x), out=reached)
    machine.reach(*_alike(reached, x))
    return reached


def dot(a: Array, b: Array) -> float:
    machine = _machine(a)
    if machine is not None:
        return _total(block[0] for block in machine.measured("dot", *_alike(a, b)))
    return _total(_lanes(a[part] * b[part]) for part in _blocks(len(a)))


def equal(a: Array, b: Array) -> bool:
    few = slice(FEW_NUMBERS_COMPARED)
    return bool((a[few] == b[few]).all() and (a == b).all())


def largest(a: Array) -> float:
    """The largest absolute value; nan as soon as one component is."""
    machine = _machine(a)
    if machine is not None:
        return _most(block[0] for block in machine.measured("largest", *_alike(a)))
    return float(abs(a).max())


def change(x0: Array, x1: Array, g0: Array, g1: Array) -> Change:
    """What the move from x₀ to x₁ changed, with the gradients there."""
    machine = _machine(x0)
    if machine is not None:
        blocks = machine.measured("change", *_alike(x0, x1, g0, g1))
    else:
        parts = ([one[part] for one in (x0, x1, g0, g1)] for part in _blocks(len(x0)))
        blocks = [_change_of_block(*part) for part in parts]
    columns = list(zip(*blocks, strict=True))
    ss, curvature, yy = map(_total, columns[:3])
    moved, turned, size, slope = map(_most, columns[3:])
    if not (SAFE < moved < 1.0 / SAFE and SAFE < turned < 1.0 / SAFE):
        s, y = (x1 - x0) / (moved or 1.0), (g1 - g0) / (turned or 1.0)
        products = dot(s, s), dot(s, y), dot(y, y)
    else:
        products = ss / moved**2, curvature / moved / turned, yy / turned**2
    return Change(moved, turned, curvature, *products, size, slope)


def _change_of_block(x0: Array, x1: Array, g0: Array, g1: Array) -> list[float]:
    s, y = x1 - x0, g1 - g0
    sums = [_lanes(s * s), _lanes(s * y), _lanes(y * y)]
    return sums + [float(abs(one).max()) for one in (s, y, x1, g1)]


def _blocks(n: int) -> Iterator[slice]:
    from gdcli.execute.native.blockwise import BLOCK

    return (slice(first, first + BLOCK) for first in range(0, n, BLOCK))


def _lanes(terms: Array) -> float:
    """The sum of a block's terms by lanes, and of those in halves."""
    from gdcli.execute.native.code import LANES

    whole = len(terms) // LANES * LANES
    lanes = terms[:whole].reshape(-1, LANES).sum(axis=0)
    rest = terms[whole:]
    lanes[: len(rest)] += rest
    while len(lanes) > 1:
        half = len(lanes) // 2
        lanes = lanes[:half] + lanes[half:]
    return float(lanes[0])


def _total(sums: Iterable[float]) -> float:
    total = 0.0
    for one in sums:
        total += one
    return total


def _most(sizes: Iterable[float]) -> float:
    most = 0.0
    for one in sizes:
        if one > most or one != one:
            most = one
    return most


def _machine(x: Array) -> Blockwise | None:
    return _blockwise() if len(x) > MOST_NUMPY else None


@cache
def _blockwise() -> Blockwise | None:
    """The passes in machine code; None where it cannot be had."""
    from gdcli.execute.native import available

    if available() is not None:
        return None
    from gdcli.execute.native.blockwise import blockwise

    try:
        return blockwise()
    except RuntimeError:  # LLVM refuses it
        return None


def _alike(*arrays: Array) -> list[Array]:
    """The arrays as machine code reads them. Raises ValueError where their lengths differ."""
    import numpy as np

    found = [np.ascontiguousarray(one, dtype=float) for one in arrays]
    if any(one.shape != found[0].shape for one in found):
        raise ValueError(f"vectors of {', '.join(str(one.shape) for one in found)} numbers")
    return found
