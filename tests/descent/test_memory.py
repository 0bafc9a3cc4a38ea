"""The memory that a descent is said to take beforehand is what it takes."""

from __future__ import annotations

import tracemalloc
from itertools import product
from typing import Any

import numpy as np
import pytest

import gdcli
from gdcli.descent.methods import DESCENT_METHODS
from gdcli.execute import limits
from tests.sweeps import sampled

pytest.importorskip("llvmlite")

N = 60_000
DENSE = ("newton", "bfgs")  # they refuse so many variables
TEXT = "sum(100*(x[2*i] - x[2*i-1]^2)^2 + (1 - x[2*i-1])^2 for i in 1:m)"


@pytest.mark.parametrize(
    ("method", "keep"),
    sampled(product([one for one in DESCENT_METHODS if one not in DENSE], [0, 10]), 8),
)
def test_a_run_takes_what_is_refused_where_it_is_not_there(
    method: str, keep: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[int] = []

    def noted(noun: str, size: int) -> None:
        if noun.startswith("a descent"):
            said.append(size)

    monkeypatch.setattr("gdcli.functions.engine.refuse_large_memory", noted)
    function = gdcli.function(TEXT, sizes={"m": N // 2}, backend="native")
    start = np.tile([-1.2, 1.0], N // 2)

    def run(iterations: int) -> Any:
        return gdcli.minimize(function, start, method=method, keep=keep, max_iterations=iterations)

    run(2)  # makes the machine code
    monkeypatch.setattr("gdcli.execute.buffers._pool", {})  # memory used again is not seen
    tracemalloc.start()
    try:
        run(12)
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 0.5 * said[-1] < taken <= said[-1]


def test_a_run_is_refused_where_its_method_lacks_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    function = gdcli.function(TEXT, sizes={"m": 1_000_000})
    monkeypatch.setattr(limits, "available_bytes", lambda: 700_000_000)
    gdcli.minimize(function, max_iterations=0, keep=0)
    with pytest.raises(gdcli.GdcliError, match="a descent over 2,000,000 numbers needs about"):
        gdcli.minimize(function, max_iterations=0, keep=0, method="lbfgs")
