from __future__ import annotations

from gdcli.descent.minimize import minimize
from gdcli.functions.problem import STATIONARY_KINDS


def test_a_kind_is_what_a_verdict_can_say() -> None:
    texts = ("x^2", "-x^2 - y^2 + 0*x", "x^2 - y^2", "exp(-x)")
    said = {minimize(text, start=start).classification for text, start in zip(
        texts, ([1.0], [0.0, 0.0], [0.0, 0.0], [1.0]), strict=True
    )}  # fmt: skip
    assert said == set(STATIONARY_KINDS)
