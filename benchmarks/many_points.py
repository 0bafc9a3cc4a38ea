"""Values and gradients at many points: in one call, beside JAX's `vmap` of the same formula, and in
a whole process from a file of points, beside `numpy.savetxt` of the answer.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import gdcli
from benchmarks.formulas import five_well
from benchmarks.peers import JAX
from benchmarks.timing import Comparison, compare, process

POINTS, RUNS = 100_000, 41
PROCESS_RUNS = 11
SAVING = "import numpy, sys; numpy.savetxt(sys.argv[2], numpy.load(sys.argv[1]), delimiter=',')"
FARTHEST = 20.0


def points() -> np.ndarray:
    """The points, uniform over a square around the wells."""
    return np.random.default_rng(0).uniform(-FARTHEST, FARTHEST, (POINTS, 2))


def table(quick: bool = False) -> Iterator[str]:
    """The lines of the table; a quick one makes fewer runs."""
    yield f"| {POINTS:,} points of `five-well` | gdcli, ms | peer | peer, ms | ratio | at most |"
    yield "|---|---:|---|---:|---:|---:|"
    if JAX.installed():
        found = beside_jax(RUNS // 4 if quick else RUNS)
        ours, theirs = 1e3 * found.ours, 1e3 * found.theirs
        figures = f"{ours:.2f} | JAX, vmap | {theirs:.2f} | {found.ratio:.2f} | 0.5 |"
        yield f"| value and gradient | {figures}"
    found = beside_savetxt(PROCESS_RUNS // 4 if quick else PROCESS_RUNS)
    ours, theirs = 1e3 * found.ours, 1e3 * found.theirs
    figures = f"{ours:.0f} | numpy.savetxt | {theirs:.0f} | {found.ratio:.2f} | 4 |"
    yield f"| `gdcli grad five-well --at @points.npy --format csv` | {figures}"


def beside_jax(runs: int) -> Comparison:
    """Our time beside that of a compiled `vmap` of `value_and_grad`, which agrees."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    function, rows = gdcli.function("five-well"), points()
    at_one = jax.value_and_grad(lambda point: five_well(*point))
    compiled, on_device = jax.jit(jax.vmap(at_one)), jnp.asarray(rows)
    for one, other in zip(function.value_and_gradient_map(rows), compiled(on_device), strict=True):
        assert np.allclose(one, other, rtol=1e-12, atol=1e-13)
    return compare(
        lambda: function.value_and_gradient_map(rows),
        lambda: jax.block_until_ready(compiled(on_device)),
        runs,
    )


def beside_savetxt(runs: int) -> Comparison:
    """The time of the whole process beside that of one that writes the same numbers."""
    with TemporaryDirectory() as folder:
        place, answer = Path(folder) / "points.npy", Path(folder) / "answer.npy"
        rows = points()
        np.save(place, rows)
        values, gradients = gdcli.function("five-well").value_and_gradient_map(rows)
        lengths = np.hypot(*gradients.T)
        np.save(answer, np.column_stack([rows, values, gradients, lengths]))
        asked = ["grad", "five-well", "--at", f"@{place}", "--format", "csv"]
        saved = ["-c", SAVING, str(answer), str(Path(folder) / "answer.csv")]
        return compare(
            process([sys.executable, "-m", "gdcli", *asked]),
            process([sys.executable, *saved]),
            runs,
        )
