"""The scorecard of bounds: eight published problems and 200 random box quadratics, beside SciPy.

`python -m benchmarks bounds` counts the evaluations of methods whose steps adapt, each with the
settings that a user gets, and of SciPy's L-BFGS-B with ftol 0. *Solved* is what ends with status 0
and |f - f*| <= 1e-6(1 + |f*|).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gdcli.descent.minimize import run_descent
from gdcli.library import lookup
from tests.bounded import PROBLEMS, BoxQuadratic

METHODS = ("newton", "trust-region", "lbfgs", "bfgs", "cg", "auto", "steepest")
QUADRATICS = [(n, seed) for n in (5, 20) for seed in range(100)]


def table(methods: list[str]) -> Iterator[str]:
    """A line for each method, and one for L-BFGS-B where SciPy is installed."""
    posed = list(_posed())
    yield "| method | solved | evaluations, published | evaluations, quadratics |"
    yield "|---|--:|--:|--:|"
    for method in (*(methods or METHODS), "L-BFGS-B"):
        solved, counts = 0, [0, 0]
        for number, (objective, start, bounds, best) in enumerate(posed):
            try:
                f, count, ended = _run(method, objective, start, bounds)
            except ImportError:
                break
            solved += ended and min(abs(f - one) for one in best) <= 1e-6 * (1.0 + abs(f))
            counts[number >= len(PROBLEMS)] += count
        else:
            yield f"| {method} | {solved} of {len(posed)} | {counts[0]:,} | {counts[1]:,} |"


def _posed() -> Iterator[Any]:
    """Each problem: an objective, its start, its bounds, and f at its minima."""
    for problem in PROBLEMS:
        function = lookup.function(problem.expression)
        best = [function.evaluate(x) for x in problem.minimizers]
        yield function, problem.start, problem.bounds, best
    for n, seed in QUADRATICS:
        quadratic = BoxQuadratic(n, seed)
        x, _ = quadratic.solution()
        yield quadratic, [0.5] * n, [(0.0, 1.0)] * n, [quadratic.evaluate(x)]


def _run(method: str, objective: Any, start: Any, bounds: Any) -> tuple[float, int, bool]:
    """f at the end, the evaluations, and whether the run says that it succeeded."""
    if method != "L-BFGS-B":
        result = run_descent(objective, start, method=method, bounds=bounds)
        return result.f, result.evaluations.value, result.exit_status == 0
    import numpy
    from scipy.optimize import minimize

    def both(x: Any) -> Any:
        f, gradient = objective.evaluate_gradient(x.tolist())
        return f, numpy.array(gradient)

    options = {"ftol": 0.0, "gtol": 1e-8, "maxiter": 15_000, "maxfun": 50_000}
    found = minimize(both, start, jac=True, bounds=bounds, method="L-BFGS-B", options=options)
    return float(found.fun), int(found.nfev), bool(found.success or found.status == 2)
