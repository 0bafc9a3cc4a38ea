"""`gdcli.minimize`: the library's side of descent, with points as NumPy arrays.

Comes in: a Function, or the text, name or path of one. Goes out: a `Result` whose start, x and
gradient are arrays of shape (n,).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gdcli.descent.minimize import minimize as descend
from gdcli.descent.result import Result
from gdcli.descent.schedule import schedule

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from gdcli.functions.function import Function


def minimize(
    f: Function | str,
    start: ArrayLike | str | None = None,
    *,
    method: str = "steepest",
    alpha: str | float | Callable[[int], float] = "auto",
    tolerance: float = 1e-8,
    **options: Any,
) -> Result:
    """Descend from `start`, shape (n,), to a point where every partial derivative is <= tolerance.

    `alpha` is "auto" (spectral steps), a fixed step size, or a function of k = 0, 1, 2, …, which
    may be written as an expression in k; `start` may be a text such as "x=1, y=pi/3". Without a
    start it is the problem's own, else 0.9, 0.8, 0.7, 0.6, 0.5 repeating. Further options:
    `max_iterations` (10 000), `max_evaluations` (50 000), `on_iterate` (called with each row of the
    trace), `keep` (rows of the trace at most, 100 000). How a run ended is in `status`, `message`
    and `classification`; it raises UsageError or PointError only for a request that means nothing.
    """
    import numpy

    from gdcli.library.lookup import function

    objective = function(f) if isinstance(f, str) else f
    point: list[float] | None = None
    if isinstance(start, str):
        point = objective.point(start, "start")
    elif start is not None:
        point = numpy.asarray(start, dtype=float).ravel().tolist()
    if isinstance(alpha, str) and alpha != "auto":
        options["label"], alpha = alpha, schedule(alpha)
    result = descend(objective, point, method=method, alpha=alpha, tolerance=tolerance, **options)
    arrays: dict[str, Any] = {
        name: numpy.array(getattr(result, name)) for name in ("start", "x", "gradient")
    }
    return result._replace(**arrays)
