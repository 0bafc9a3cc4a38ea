"""The check of long gradients: what is not finite is found wherever it stands."""

from __future__ import annotations

import numpy as np
import pytest

import gdcli
from gdcli.execute.native import module
from tests.native_code import gradient, of

N = 80_011
TWO_TERMS = "sum(c[i]*x[i]*10 + d[i]*x[i+1] for i in 2:n-2)"  # x[k] has the slope c[k]*10 + d[k-1]


@pytest.mark.parametrize("nanoseconds", [0, 1e9], ids=["by threads", "alone"])
def test_what_is_not_finite_is_found_in_every_chunk_and_between_them(
    nanoseconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ALONE_NANOSECONDS", nanoseconds)
    function = of(TWO_TERMS, n=N)
    program = gradient(function)
    check, offsets = program._writer.check, function.layout.offsets
    assert check is not None
    assert check.chunks > 2
    point = np.zeros(function.layout.size)
    assert program.finite_outputs(point) is not None
    starts = check.begin - offsets["x"] + check.size * np.arange(1, check.chunks)
    places = {*np.ravel(starts[:, None] + range(-2, 3)).tolist(), 2, 3, 9999, N - 4, N - 3}
    for place in sorted(places):
        for large in {"c": 1e308}, {"c": 1e307, "d": 1e308}:  # of both neither is too large alone
            point[[offsets[name] + place - (name == "d") for name in large]] = [*large.values()]
            found, slopes = program.arrays(point)
            assert found == 0.0
            assert np.flatnonzero(~np.isfinite(slopes)).tolist() == [offsets["x"] + place]
            assert program.finite_outputs(point) is None
            point[:] = 0.0
    for place in (3, N - 3):
        point[offsets["x"] + place] = 1e308  # and the slope of c, which is not in the window
        assert program.finite_outputs(point) is None
        point[:] = 0.0
    assert program.finite_outputs(point) is not None


@pytest.mark.parametrize(
    ("text", "checked"),
    [
        ("sum(x[i]^2 for i in 1:n)", True),
        ("sum(x[i]^2 for i in 1:n) + sum(cos(x[i]) for i in 1:n)", True),
        ("sum(x[i]^2 for i in 1:n) + x[7]^4", False),
        ("sum(x[i]^2 for i in 1:n) * sum(x[i]^3 for i in 5:n)", False),
    ],
)
def test_a_gradient_that_is_added_to_behind_the_loop_is_checked_at_the_end(
    text: str, checked: bool
) -> None:
    function = of(text, n=200_000)
    assert (gradient(function)._writer.check is not None) is checked


def test_a_slope_that_overflows_is_told_by_calls() -> None:
    function = gdcli.function(TWO_TERMS, sizes={"n": N}, backend="native", undefined="nan")
    point = np.zeros(function.layout.size)
    point[function.layout.offsets["c"] + 20_000] = 1e308
    for _ in range(40):  # by and by a builtin
        slopes = function.gradient(point)
        assert np.flatnonzero(np.isnan(slopes)).tolist() == [function.layout.offsets["x"] + 20_000]
    assert not function.gradient(np.zeros(point.size)).any()
