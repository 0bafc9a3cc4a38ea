"""The scorecard of many variables: `lbfgs` beside SciPy's L-BFGS-B, and what steps cost.

`python -m benchmarks scalable` prints three tables. In the first, of five nonconvex problems in two
sizes, are counts, which repeat; the words *solved* and *evaluations* are those of `mgh`, and the
least value of each problem is 0. The second is an iteration of the default, over one value and
gradient; the third is a whole run of `lbfgs` on the extended Rosenbrock function, over one of
L-BFGS-B that JAX's compiled gradient drives. Both are ratios of times, taken in turn in one run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from statistics import median
from typing import Any, NamedTuple

import numpy as np

import gdcli
from benchmarks.counted import CountedFunction
from benchmarks.peers import JAX, SCIPY
from benchmarks.timing import compare, seconds
from gdcli.library import lookup

PROBLEMS = (
    "trigonometric-n",
    "broyden-tridiagonal-n",
    "rosenbrock-n",
    "dixon-price-n",
    "discrete-boundary-value-n",
)
SIZES = (1_000, 10_000)
TOLERANCE = 1e-8  # of the largest partial derivative
MOST_EVALUATIONS = 100_000  # the chained Rosenbrock function needs six for each variable
SOLVED = 1e-6  # f above the least value, 0
EVALUATIONS_RATIO = 1.1  # at most, over all runs
FEWEST_SOLVED = 8

STEPPED = {10_000: (5.0, 100), 100_000: (5.0, 80), 1_000_000: (10.0, 40)}  # ratio, iterations
VALLEY = "extended-rosenbrock-n"
RACED = {100_000: 0.7, 1_000_000: 0.4}
RACED_TOLERANCE = 1e-5
RUNS = 5


class ScalableRun(NamedTuple):
    """Where a run ended, and after how many evaluations."""

    f: float
    evaluations: int

    @property
    def solved(self) -> bool:
        return self.f <= SOLVED


def table(methods: Sequence[str] = ()) -> Iterator[str]:
    """The lines of the scorecard, as they are found."""
    for method in methods or ("lbfgs",):
        yield from counts(method)
        yield ""
    yield from iterations()
    yield ""
    yield from races()


def counts(method: str) -> Iterator[str]:
    scipy = SCIPY.installed()
    yield f"| problem | n | {method}: f | evaluations | L-BFGS-B: f | evaluations |"
    yield "|---|---:|---:|---:|---:|---:|"
    ours, theirs = [], []
    for name in PROBLEMS:
        for n in SIZES:
            ours.append(one := descended(name, n, method))
            row = f"| `{name}` | {n:,} | {one.f:.3g} | {one.evaluations:,} |"
            if scipy:
                theirs.append(other := by_scipy(name, n))
                row += f" {other.f:.3g} | {other.evaluations:,} |"
            yield row
    total = sum(one.evaluations for one in ours)
    solved = sum(one.solved for one in ours)
    yield ""
    yield f"{method} solves {solved} of {len(ours)}, which must be at least {FEWEST_SOLVED}."
    if scipy:
        peers = sum(one.evaluations for one in theirs)
        yield (
            f"L-BFGS-B solves {sum(one.solved for one in theirs)}. Evaluations of all runs: "
            f"{total:,} over {peers:,} is {total / peers:.2f}, which must be at most "
            f"{EVALUATIONS_RATIO}."
        )


def descended(name: str, n: int, method: str) -> ScalableRun:
    """A run of ours from the problem's own start."""
    function = CountedFunction(lookup.function(name, sizes={"n": n}, backend="native"))
    found = gdcli.minimize(
        function,
        method=method,
        tolerance=TOLERANCE,
        max_iterations=MOST_EVALUATIONS,
        max_evaluations=MOST_EVALUATIONS,
        keep=0,
    )
    return ScalableRun(found.f, function.calls.evaluations)


def by_scipy(name: str, n: int) -> ScalableRun:
    """A run of SciPy's L-BFGS-B on the same function."""
    from scipy.optimize import minimize

    function = CountedFunction(lookup.function(name, sizes={"n": n}, backend="native"))
    assert function.problem is not None
    limits = {"maxiter": MOST_EVALUATIONS, "maxfun": MOST_EVALUATIONS}
    found = minimize(
        function.evaluate_gradient,
        np.array(function.problem.start),
        jac=True,
        method="L-BFGS-B",
        options={"gtol": TOLERANCE, "ftol": 0.0, **limits},
    )
    return ScalableRun(float(found.fun), function.calls.evaluations)


def iterations() -> Iterator[str]:
    yield "| an iteration of the default | value and gradient, ms | ratio | must be at most |"
    yield "|---|---:|---:|---:|"
    for n, (most, count) in STEPPED.items():
        function = lookup.function(VALLEY, sizes={"m": n // 2}, backend="native")
        start = np.random.default_rng(0).uniform(-1.5, 1.5, n)
        calls = max(1, 200_000 // n)

        def evaluated(count: int, function: Any = function, start: Any = start) -> None:
            for _ in range(count):
                function.evaluate_gradient(start)

        def run(
            most: int, function: Any = function, start: Any = start, calls: int = calls
        ) -> None:
            for _ in range(calls):
                gdcli.minimize(function, start, keep=0, max_iterations=most)

        ratios, times = [], []
        for turn in range(RUNS + 1):
            one = seconds(partial(evaluated, calls * count)) / calls / count  # as long as a run
            few = seconds(partial(run, 2)) / calls
            many = seconds(partial(run, count)) / calls
            if turn:  # the first makes the machine code
                times.append(one)
                ratios.append((many - few) / (count - 2) / one)
        shown = f"{1e3 * median(times):.3g} | {median(ratios):.2g} | {most:g}"
        yield f"| extended Rosenbrock, n = {n:,} | {shown} |"


def races() -> Iterator[str]:
    if not (JAX.installed() and SCIPY.installed()):
        yield "Without JAX and SciPy nothing is raced."
        return
    import jax
    import jax.numpy as jnp
    from scipy.optimize import minimize

    jax.config.update("jax_enable_x64", True)

    def formula(x: Any) -> Any:
        odd, even = x[0::2], x[1::2]
        return jnp.sum(100.0 * (even - odd**2) ** 2 + (1.0 - odd) ** 2)

    compiled = jax.jit(jax.value_and_grad(formula))

    def differentiated(x: Any) -> tuple[float, Any]:
        value, gradient = compiled(x)
        return float(value), np.asarray(gradient)

    yield "| a run to 1e-5 | lbfgs, s | SciPy and JAX, s | ratio | must be at most |"
    yield "|---|---:|---:|---:|---:|"
    for n, most in RACED.items():
        function = lookup.function(VALLEY, sizes={"m": n // 2}, backend="native")
        start = np.tile([-1.2, 1.0], n // 2)

        def ours(function: Any = function, start: Any = start) -> None:
            found = gdcli.minimize(
                function, start, method="lbfgs", tolerance=RACED_TOLERANCE, keep=0
            )
            assert found.converged

        def theirs(start: Any = start) -> None:
            options = {"gtol": RACED_TOLERANCE, "ftol": 0.0}
            found = minimize(differentiated, start, jac=True, method="L-BFGS-B", options=options)
            assert found.success

        timed = compare(ours, theirs, RUNS)
        shown = f"{timed.ours:.3g} | {timed.theirs:.3g} | {timed.ratio:.2g} | {most:g}"
        yield f"| extended Rosenbrock, n = {n:,} | {shown} |"
