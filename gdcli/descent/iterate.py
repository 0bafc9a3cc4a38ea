"""The iterates of a run: a row for each, and the trace that keeps a bounded number of them.

Comes in: what the loop knows of a point, row by row. Goes out: the first and the last rows; those
in the middle of a long run are dropped and counted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from gdcli.named_tuples import NamedTuple

ITERATE_COLUMNS = ("k", "f", "gradient_norm", "alpha")
KEPT_ROWS = 100_000
KEPT_NUMBERS = 10_000_000  # of all rows together: of long points fewer rows are kept
FEWEST_KEPT_ROWS = 4  # however long the points are


class Iterate(NamedTuple):
    """Row k of a trace: x(k), f and ‖∇f‖∞ there, and the α that leads to x(k+1).

    A point of more than MOST_LISTED_COMPONENTS is a NumPy array. `radius` is that of the trust
    region in which x(k+1) was found; `event` is `escape` where x(k+1) lies beside a saddle x(k).
    """

    k: int
    x: Sequence[float]
    f: float
    gradient_norm: float
    alpha: float | None
    radius: float | None = None
    event: str | None = None


def trace_columns(components: Iterable[str]) -> Iterator[str]:
    """The names of the numbers in a row of a trace of these components.

    A component named like a column of ours has its name prefixed: `x.k`.
    """
    yield ITERATE_COLUMNS[0]
    yield from (f"x.{name}" if name in ITERATE_COLUMNS else name for name in components)
    yield from ITERATE_COLUMNS[1:]


def kept_rows(keep: int, n: int) -> int:
    """How many rows over n components are kept where `keep` are asked for."""
    return min(keep, max(FEWEST_KEPT_ROWS, KEPT_NUMBERS // max(1, n)))


class Trace:
    """The first and the last rows of a run over n components: at most `keep`, half of them each."""

    def __init__(self, keep: int, n: int) -> None:
        keep = kept_rows(keep, n)
        self.count = 0
        self._first: list[Iterate] = []
        self._room = keep // 2
        self._last: deque[Iterate] = deque(maxlen=keep - keep // 2)

    def add(self, row: Iterate) -> None:
        self.count += 1
        (self._first if self.count <= self._room else self._last).append(row)

    def rows(self) -> list[Iterate]:
        return [*self._first, *self._last]
