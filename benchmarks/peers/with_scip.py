"""SCIP, a spatial branch and bound program, by PySCIPOpt: a minimum to tolerances, not a proof.

Its relaxations are made in floating point and hold to 1e-6 in the constraint y = f(x), which is how
f is minimized.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.global_optimizers import MOST_SECONDS, formula


def prepare_minimum(
    function: Any, window: Sequence[tuple[float, float]]
) -> Callable[[], tuple[float, float, bool]]:
    """A call that gives SCIP's dual and primal bound, and whether it calls them optimal."""
    import pyscipopt

    known = {name: getattr(pyscipopt, name) for name in ("sin", "cos", "exp", "log", "sqrt")}
    model = pyscipopt.Model()
    model.hideOutput()
    model.setParam("limits/time", MOST_SECONDS)
    model.setParam("parallel/maxnthreads", 1)
    x = [model.addVar(lb=low, ub=high) for low, high in window]
    y = model.addVar(lb=None, ub=None)
    model.addCons(y >= formula(function, {**known, "Abs": abs})(*x))
    model.setObjective(y)

    def solve() -> tuple[float, float, bool]:
        model.optimize()
        done = model.getStatus() == "optimal"
        high = model.getObjVal() if model.getNSols() else float("inf")
        return model.getDualbound(), high, done

    return solve
