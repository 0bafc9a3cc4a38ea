"""Fits beside SciPy's curve_fit, lmfit and optimistix: of 10⁶ rows, and whole processes of 100.

All sides of a fit begin at the same start and go on until they say that they have converged.
curve_fit is timed with a Jacobian by hand and without; optimistix is compiled before it is timed.
*To convergence* is gdcli's search alone, as optimistix has it; a whole `gdcli.fit` reads the data,
closes on the minimum, gives errors and checks all residuals too. The first call compiles.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from benchmarks.startup import GDCLI, PROGRAMS
from benchmarks.timing import compare, process, seconds

ROWS, QUICK_ROWS = 1_000_000, 100_000
RUNS, PROCESS_RUNS = 7, 15
CURVE_FIT, BY_DIFFERENCES, OPTIMISTIX = "curve_fit, Jacobian by hand", "curve_fit", "optimistix"
LARGE_LIMITS = {CURVE_FIT: 0.1, BY_DIFFERENCES: 0.06, OPTIMISTIX: 0.1}  # of our time over theirs

Array = Any
Fit = Callable[[], object]


class FitWork(NamedTuple):
    """A model, its parameters and the start; `f` and `slopes` take a library's functions."""

    text: str
    right: Sequence[float]
    start: Sequence[float]
    ends: tuple[float, float]  # of x
    noise: float
    f: Callable[..., Array]
    slopes: Callable[..., list[Array]]
    names: Sequence[str]


def decay(np: Any, x: Array, a: float, b: float, c: float) -> Array:
    return a * np.exp(-b * x) + c


def decay_slopes(np: Any, x: Array, a: float, b: float, _: float) -> list[Array]:
    e = np.exp(-b * x)
    return [e, -a * x * e, np.ones_like(x)]


def peaks(np: Any, x: Array, *b: float) -> Array:
    first, second = (x - b[3]) / b[4], (x - b[6]) / b[7]
    two = b[2] * np.exp(-first * first) + b[5] * np.exp(-second * second)
    return b[0] * np.exp(-b[1] * x) + two


def peaks_slopes(np: Any, x: Array, *b: float) -> list[Array]:
    e, u, v = np.exp(-b[1] * x), (x - b[3]) / b[4], (x - b[6]) / b[7]
    g, h = np.exp(-u * u), np.exp(-v * v)
    first, second = 2 * b[2] * g * u / b[4], 2 * b[5] * h * v / b[7]
    return [e, -b[0] * x * e, g, first, first * u, h, second, second * v]


PEAKS = (98.8, 0.0105, 100.5, 67.5, 23.1, 72.0, 178.8, 18.4)  # near those of NIST's Gauss1
WORKS = (
    FitWork(
        "y ~ a*exp(-b*x) + c",
        *((2.5, 1.3, 0.5), (1.0, 1.0, 0.0), (0.0, 4.0), 0.1, decay, decay_slopes, "abc"),
    ),
    FitWork(
        "y ~ b1*exp(-b2*x) + b3*exp(-((x - b4)/b5)^2) + b6*exp(-((x - b7)/b8)^2)",
        *(PEAKS, [1.05 * one for one in PEAKS], (0.0, 250.0), 1.0, peaks, peaks_slopes),
        [f"b{k}" for k in range(1, 9)],
    ),
)


def table(quick: bool = False) -> Iterator[str]:
    """The lines of both tables."""
    yield from large_fits(QUICK_ROWS if quick else ROWS)
    yield ""
    yield from small_fits(5 if quick else PROCESS_RUNS)


# -- many rows ---------------------------------------------------------------------------------


def large_fits(rows: int) -> Iterator[str]:
    """Fits in one process, peers in turn with gdcli."""
    peers = {
        name: prepare
        for name, package, prepare in (
            (CURVE_FIT, "scipy", with_curve_fit),
            (BY_DIFFERENCES, "scipy", partial(with_curve_fit, by_hand=False)),
            (OPTIMISTIX, "optimistix", with_optimistix),
        )
        if find_spec(package) is not None
    }
    yield (
        f"| {rows:,} rows | to convergence, ms | peer | peer, ms | ratio | at most "
        "| whole fit, ms | ratio | first call, ms |"
    )
    yield "|---|---:|---|---:|---:|---:|---:|---:|---:|"
    for work in WORKS:
        x, y = sampled(work, rows)
        whole = with_gdcli(work, x, y)
        first, search = seconds(whole), to_convergence(work, x, y)
        for name, prepare in peers.items():
            peer = prepare(work, x, y)
            found, fitted = compare(search, peer, RUNS), compare(whole, peer, RUNS)
            yield (
                f"| {len(work.right)} parameters | {1e3 * found.ours:.1f} | {name} "
                f"| {1e3 * found.theirs:.0f} | {found.ratio:.3f} | {LARGE_LIMITS[name]} "
                f"| {1e3 * fitted.ours:.0f} | {fitted.ratio:.2f} | {1e3 * first:.0f} |"
            )


def sampled(work: FitWork, rows: int) -> tuple[Array, Array]:
    """The x and y of so many rows, with normal noise."""
    import numpy as np

    random = np.random.default_rng(0)
    x = random.uniform(*work.ends, rows)
    return x, work.f(np, x, *work.right) + work.noise * random.standard_normal(rows)


def with_gdcli(work: FitWork, x: Array, y: Array) -> Fit:
    from gdcli import fit

    start = dict(zip(work.names, work.start, strict=True))
    return lambda: checked(work, fit(work.text, {"x": x, "y": y}, start=start).values.values())


def to_convergence(work: FitWork, x: Array, y: Array) -> Fit:
    from gdcli.fitting.levenberg_marquardt import levenberg_marquardt
    from gdcli.fitting.model import read_model
    from gdcli.fitting.residuals import Residuals, Rows

    problem = Residuals(read_model(work.text, {"x": None, "y": None}), Rows([x], y))
    return lambda: checked(work, levenberg_marquardt(problem, [*work.start]).parameters)


def with_curve_fit(work: FitWork, x: Array, y: Array, by_hand: bool = True) -> Fit:
    import numpy as np
    from scipy.optimize import curve_fit

    f = partial(work.f, np)

    def slopes(x: Array, *b: float) -> Array:
        return np.column_stack(work.slopes(np, x, *b))

    jacobian = slopes if by_hand else None
    return lambda: checked(work, curve_fit(f, x, y, p0=work.start, jac=jacobian)[0])


def with_optimistix(work: FitWork, x: Array, y: Array) -> Fit:
    import jax
    import optimistix

    jax.config.update("jax_enable_x64", True)
    numpy = jax.numpy
    xs, ys = numpy.array(x), numpy.array(y)
    solver = optimistix.LevenbergMarquardt(rtol=1e-8, atol=1e-8)

    def residuals(b: Array, _: object) -> Array:
        return work.f(numpy, xs, *b) - ys

    def solved(start: Array) -> Array:
        return optimistix.least_squares(residuals, solver, start, max_steps=200).value

    run, start = jax.jit(solved), numpy.array(work.start)
    return lambda: checked(work, run(start).block_until_ready())


def checked(work: FitWork, values: Any) -> None:
    """Raises AssertionError unless the parameters are near those that made the data."""
    found = [float(one) for one in values]
    assert all(abs(a - b) < 0.05 * abs(b) for a, b in zip(found, work.right, strict=True)), (
        f"{work.text}: {found}"
    )


# -- whole processes ---------------------------------------------------------------------------

DECAY_START = (1.0, 1.0, 0.0)
SMALL = (  # the start, the peer's program, its package, the ratio that must not be exceeded
    (DECAY_START, "fit_with_curve_fit.py", "scipy", 0.35),
    (DECAY_START, "fit_with_lmfit.py", "lmfit", 0.15),
    ((), "fit_with_curve_fit.py", "scipy", 0.8),
)


def small_fits(runs: int) -> Iterator[str]:
    """Processes that read a table of 100 rows, fit and report."""
    work = WORKS[0]
    x, y = sampled(work, 100)
    yield "| whole process, 100 rows | gdcli, ms | peer | peer, ms | ratio | must be at most |"
    yield "|---|---:|---|---:|---:|---:|"
    with TemporaryDirectory() as folder:
        data = Path(folder) / "decay.csv"
        pairs = zip(x.tolist(), y.tolist(), strict=True)
        data.write_text("x,y\n" + "".join(f"{a!r},{b!r}\n" for a, b in pairs), encoding="utf-8")
        for start, program, package, limit in SMALL:
            if find_spec(package) is None:
                continue
            given = ",".join(f"{name}={one}" for name, one in zip("abc", start, strict=False))
            options = ["--start", given] if given else []
            ours = process([str(GDCLI), "fit", work.text, str(data), *options])
            script = [sys.executable, str(PROGRAMS / program), str(data), *map(str, start)]
            found = compare(ours, process(script), runs)
            shown = " ".join(["gdcli fit … decay.csv", *options])
            yield (
                f"| `{shown}` | {1e3 * found.ours:.0f} | {program} | {1e3 * found.theirs:.0f} "
                f"| {found.ratio:.2f} | {limit} |"
            )
