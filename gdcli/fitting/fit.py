"""A model fitted to data: read both, find a start, descend, close, judge, and tell how sure it is.

Comes in: what a person would write. Goes out: a Fit, whatever happens; only a request that means
nothing raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING

from gdcli.descent.stopping import Outcome
from gdcli.errors import UsageError
from gdcli.fitting.levenberg_marquardt import levenberg_marquardt
from gdcli.fitting.model import names, parse_sides, read_model
from gdcli.fitting.observations import observations, rows_of
from gdcli.fitting.residuals import Residuals
from gdcli.fitting.result import Fit, FittedParameter
from gdcli.functions.arguments import public

if TYPE_CHECKING:
    from gdcli.functions.data import DataSources
    from gdcli.functions.resolved import Parameters


@public
def fit(
    model: str,
    data: DataSources,
    *,
    start: Mapping[str, float] | str | None = None,
    parameters: Parameters | None = None,
    sizes: Mapping[str, int] | None = None,
) -> Fit:
    """Fit a model such as "y ~ a*exp(-b*x) + c" to data, arrays by name or a table."""
    began = perf_counter()
    left, right = parse_sides(model)
    observed = observations(data, names(left) | names(right))
    read = read_model(model, observed.lengths, parameters, sizes)
    residuals = Residuals(read, rows_of(read, observed))
    if start is None:
        raise UsageError("a start is needed")
    begin = read.layout.join(start) if isinstance(start, Mapping) else []
    found = levenberg_marquardt(residuals, begin)
    outcome = Outcome.CONVERGED if found.at_rest else Outcome.MAX_ITERATIONS
    fitted = zip(read.parameters, found.parameters, begin, strict=True)
    return Fit(
        model,
        outcome,
        found.reason,
        None,
        2.0 * found.normal.value / residuals.m,
        tuple(FittedParameter(name, value, start=first) for name, value, first in fitted),
        "squared",
        "lm",
        residuals.m,
        found.iterations,
        residuals.evaluations,
        sum_of_squares=2.0 * found.normal.value,
        seconds=perf_counter() - began,
    )
