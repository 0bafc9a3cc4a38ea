"""PyTorch: `autograd` in float64, of formulas as they are and as `torch.compile` makes them.

What is compiled is made to C++ anew at the first call, forwards and backwards.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from benchmarks.formulas import FORMULAS, Operations, five_well
from benchmarks.works import Answer, Run, Work

OPERATIONS = Operations(
    torch.exp,
    torch.tanh,
    lambda z: torch.nn.functional.softplus(z, threshold=40.0),  # by default it is linear from 20
    torch.sum,
    lambda flat, rows, columns: flat.reshape(rows, columns),
)


def prepare(work: Work) -> Run:
    return descent(work, five_well) if work.steps else evaluation(work, FORMULAS[work.name])


def prepare_compiled(work: Work) -> Run:
    torch.compiler.reset()  # sizes are those of this work, and stay so
    if work.steps:
        return descent(work, torch.compile(five_well))
    return evaluation(work, torch.compile(FORMULAS[work.name], dynamic=False))


def evaluation(work: Work, formula: Callable[..., Any]) -> Run:
    data = {name: torch.from_numpy(array) for name, array in work.data.items()}
    point = torch.from_numpy(work.point).requires_grad_()

    def call() -> Answer:
        value = formula(OPERATIONS, point, data)
        (gradient,) = torch.autograd.grad(value, point)
        return value.item(), gradient.numpy()

    return call


def descent(work: Work, formula: Callable[..., Any]) -> Run:
    def call() -> Answer:
        point, lowest = torch.from_numpy(work.point.copy()).requires_grad_(), float("inf")
        for _ in range(work.steps):
            value = formula(point[0], point[1])
            (gradient,) = torch.autograd.grad(value, point)
            lowest = min(lowest, value.item())
            with torch.no_grad():
                point -= work.alpha * gradient
        last = point.detach().numpy()
        return min(lowest, five_well(*last.tolist())), last

    return call
