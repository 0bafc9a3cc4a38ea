"""The lecture's five-well potential and its gradient as a careful programmer writes them by hand.

Every well is 1 - d/(1 + a·(x - p)² + (y - q)²): quotients and squares are computed once and shared
between value and gradient.
"""

from __future__ import annotations

from collections.abc import Sequence

# depth, coefficient, center
WELLS = (
    (1.0, 0.05, 0.0, 10.0),
    (1.0, 0.05, 10.0, 0.0),
    (1.5, 0.03, -10.0, 0.0),
    (2.0, 0.05, 5.0, -10.0),
    (1.0, 0.1, -5.0, -10.0),
)


def value_and_gradient(point: Sequence[float]) -> tuple[float, float, float]:
    x, y = point
    x0, x1, x2, x3, y0, y3 = x - 10.0, x + 10.0, x - 5.0, x + 5.0, y - 10.0, y + 10.0
    yy, yy0, yy3 = y * y, y0 * y0, y3 * y3
    w0 = 1.0 / (1.0 + 0.05 * (x * x) + yy0)
    w1 = 1.0 / (1.0 + 0.05 * (x0 * x0) + yy)
    w2 = 1.0 / (1.0 + 0.03 * (x1 * x1) + yy)
    w3 = 1.0 / (1.0 + 0.05 * (x2 * x2) + yy3)
    w4 = 1.0 / (1.0 + 0.1 * (x3 * x3) + yy3)
    wells = 1.0 - w0 - w1 - 1.5 * w2 - 2.0 * w3 - w4
    r = x * x + yy
    p = r**0.2
    basin = 1.0 + 0.0001 * (r * p)
    s0, s1, s2, s3, s4 = w0 * w0, w1 * w1, 1.5 * (w2 * w2), 2.0 * (w3 * w3), w4 * w4
    dx = 0.1 * (s0 * x + s1 * x0 + s3 * x2) + 0.06 * (s2 * x1) + 0.2 * (s4 * x3)
    dy = 2.0 * (s0 * y0 + (s1 + s2) * y + (s3 + s4) * y3)
    slope = wells * (0.00024 * p)
    return wells * basin, dx * basin + slope * x, dy * basin + slope * y
