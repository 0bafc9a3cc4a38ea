"""Bonmin, branch and bound over integer variables: over real ones it is one descent by Ipopt.

It is Debian's (`libbonmin-dev` of COIN-OR), which has no Couenne. Pyomo writes the file that Bonmin
reads; it starts where the problem does, else in the middle of the box. What Bonmin calls its bound
is the value that it found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from subprocess import PIPE, run
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.global_optimizers import formula

SOURCE = Path(__file__).parent.parent / "c" / "bonmin.cpp"
LIBRARY = "bonminamplinterface"  # by its name in pkg-config
FOLDER = TemporaryDirectory(prefix="benchmarks-")


@cache
def program() -> str:
    """Bonmin, compiled when it is first needed."""
    target = str(Path(FOLDER.name) / "bonmin")
    asked = ["pkg-config", "--cflags", "--libs", LIBRARY]
    options = run(asked, stdout=PIPE, text=True, check=True).stdout.split()
    run(["g++", "-O1", "-w", str(SOURCE), *options, "-o", target], check=True)
    return target


def prepare_minimum(
    function: Any, window: Sequence[tuple[float, float]]
) -> Callable[[], tuple[float, float, bool]]:
    """A call that gives Bonmin's bound and value, and whether it calls them optimal."""
    from pyomo import environ

    known = {name: getattr(environ, name) for name in ("sin", "cos", "exp", "log", "sqrt")}
    model: Any = environ.ConcreteModel()
    model.x = environ.Var(range(len(window)))
    start = function.problem.start if function.problem is not None else ()
    for number, (low, high) in enumerate(window):
        model.x[number].setlb(low)
        model.x[number].setub(high)
        model.x[number].value = start[number] if start else (low + high) / 2
    f = formula(function, {**known, "Abs": abs})
    model.f = environ.Objective(expr=f(*(model.x[number] for number in range(len(window)))))
    path = str(Path(FOLDER.name) / "function.nl")
    model.write(path)
    command = [program(), path]

    def solve() -> tuple[float, float, bool]:
        said = run(command, stdout=PIPE, text=True, check=True).stdout.splitlines()[-1].split()
        return float(said[2]), float(said[1]), said[0] == "0"

    return solve
