"""Error against h: how far each difference formula is from the gradient at a point.

Comes in: a Request with a point. Goes out: a Steps, its numbers those of a sweep over steps. Raises
UndefinedError where the function has no gradient there.
"""

from __future__ import annotations

from math import isfinite, nan

import numpy as np

from gdcli.derivatives.comparison.errors import reference
from gdcli.derivatives.comparison.sweeps import CANDIDATE_STEPS, step_curves
from gdcli.scenes.request import PictureRequest
from gdcli.scenes.scene import Mark, Polyline, Steps

FLOOR = 1e-17  # an error of 0 has no place on a logarithmic axis


def steps(request: PictureRequest) -> Steps:
    """The errors of each formula, with the h where its error is least with its neighbours."""
    assert request.at is not None
    section = request.section
    function, point = section.function.unrolled, section.place(request.at)
    exact = [float(component) for component in reference(function, point).gradient]
    curves = step_curves(function, point)
    h = np.array(CANDIDATE_STEPS)
    lines = tuple(Polyline(curve.name, h, np.array([*map(_shown, curve.fine)])) for curve in curves)
    best = tuple(
        Mark(f"{curve.name}: h = {curve.best:.2g}", curve.best, error, error)
        for curve in curves
        if isfinite(error := _shown(curve.best_error))
    )
    where = ", ".join(
        f"{name} = {value:.6g}" for name, value in zip(function.components, point, strict=True)
    )
    exactly = tuple(zip(function.components, exact, strict=True))
    notes = []
    if any(error == 0.0 for curve in curves for error in curve.fine):
        notes.append(f"errors of 0 are drawn at {FLOOR:g}")
    if any(not isfinite(error) for curve in curves for error in curve.fine):
        notes.append("where a formula gives no finite number nothing is drawn")
    if any(min(curve.fine) < curve.best_error for curve in curves):
        notes.append(
            "marked is the h whose error is least together with its neighbours': a single"
            " lower one is luck"
        )
    measure = "relative error" if any(exact) else "absolute error"
    title = f"{section.title} at {where}"
    return Steps(title, measure, lines, best, exactly, FLOOR, tuple(notes))


def _shown(error: float) -> float:
    return max(error, FLOOR) if isfinite(error) else nan
