"""Losses: how far a prediction f is from a response y, row by row.

A Loss is data: its value, its slope by f and its curvature by f, as formulas of the language in
f, y and what the loss is set with. A fit minimises the sum of weight times value over the rows.
"""

from __future__ import annotations

from typing import NamedTuple


class Loss(NamedTuple):
    """A loss of one row: formulas of its value, its slope ∂/∂f and its curvature ∂²/∂f².

    `curvature` is "1" where it is constant. `mean_factor` times the value is what a report calls
    the loss: the squared loss has the value r²/2, and its mean is reported as that of r².
    """

    name: str
    value: str
    slope: str
    curvature: str
    mean_factor: float = 1.0


SQUARED = Loss("squared", "(f - y)*(f - y)/2", "f - y", "1", 2.0)
LOSSES = {one.name: one for one in (SQUARED,)}
