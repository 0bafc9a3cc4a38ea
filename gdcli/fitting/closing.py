"""The closing of a fit: the last digits of the parameters, and the factor that statistics need."""

from __future__ import annotations

from typing import NamedTuple


class Closing(NamedTuple):
    """The minimum of a least-squares problem, closed on.

    `factor` is R, the p rows of an upper triangle, and `scales` are the p lengths d of the columns
    of the slopes √(w·ℓ″)·∂f/∂θ, so that the slopes are Q·R·diag(d) with orthonormal Q. `value` is
    Q(θ), the objective, and `steps` how many closing steps were taken.
    """

    parameters: list[float]
    value: float
    factor: list[list[float]]
    scales: list[float]
    steps: int
