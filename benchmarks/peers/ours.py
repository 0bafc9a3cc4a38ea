"""gdcli's native backend: the engine's side of a Function, as descent calls it."""

from __future__ import annotations

from functools import partial

import gdcli
from benchmarks.works import Answer, Run, Work
from gdcli.functions.function import Function


def prepare(work: Work) -> Run:
    function = compiled(work)
    if work.steps:
        return partial(descent, function, work)
    return partial(function.evaluate_gradient, work.point)


def compiled(work: Work) -> Function:
    """Nothing is compiled before the first evaluation."""
    return gdcli.function(
        work.text, sizes=work.sizes or None, data=work.data or None, backend="native"
    )


def descent(function: Function, work: Work) -> Answer:
    result = gdcli.minimize(
        function,
        work.point,
        alpha=work.alpha,
        tolerance=0.0,
        max_iterations=work.steps,
        max_evaluations=2 * work.steps,
        keep=0,
    )
    assert result.last is not None
    return result.f, result.last.x
