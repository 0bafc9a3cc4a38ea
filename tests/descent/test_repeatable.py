"""The same call gives the same counts and bits, whatever its process has computed before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gdcli
from gdcli.descent.methods import DESCENT_METHODS
from gdcli.execute import tiers
from tests.sweeps import sampled

pytest.importorskip("llvmlite")

LOOPS = {  # each with a size
    "sum(100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2 for i in 1:n-1)": 23,
    "sum(exp(x[i]*i/n) + exp(-x[i]) + 0.1*sin(x[i]*x[i+1]) for i in 1:n-1)": 12,
    "sum((n + i - sum(cos(x[j]) + i*sin(x[j])/n for j in 1:n))^2 for i in 1:n)/n": 9,
    "log(1 + sum((x[i] - 0.1*i)^2*i for i in 1:n)) + prod(1 + x[i]^2/n for i in 1:n)": 30,
    "sum(abs(x[i] - 1/i) for i in 1:n) + sum(x[i]*x[i+1] for i in 1:n-1)^2": 11,
    "max((x[i] - 1/i)^2*i for i in 1:n) + 0.01*sum(x[i]^4 for i in 1:n)": 8,
    "sum((x[i] - 1.3)^4/i + sin(3*x[i])^2 for i in 1:n)": 300,
}
STRAIGHT = ("abs(x) + y^2", "max(x^2 + y, y^2 - x, 0.1)", "exp(x*y) + (x - 1)^2*y^2 + log(x^2 + 1)")


def run(function: gdcli.Function, **settings: Any) -> str:
    """All that a run says, but for the time it took."""
    found = gdcli.minimize(function, max_iterations=60, **settings)._replace(seconds=0.0)
    return repr([one.tolist() if isinstance(one, np.ndarray) else one for one in found])


def repeated(function: gdcli.Function, **settings: Any) -> list[str]:
    """The runs of a new function, of the same again, and of it after many other evaluations."""
    found = [run(function, **settings), run(function, **settings)]
    for _ in range(30):
        point = 0.9 * np.ones(len(function.components))
        function.evaluate(point.tolist())
        function.evaluate_gradient(point.tolist())
        function.evaluate_hessian_product(point.tolist(), point.tolist())
    return [*found, run(function, **settings)]


@pytest.mark.parametrize(
    ("text", "alpha"), sampled([(text, alpha) for text in LOOPS for alpha in ("auto", 1e-4)], 4)
)
def test_a_run_that_turns_to_machine_code_on_its_way_repeats(
    text: str, alpha: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def function(backend: str = "auto") -> gdcli.Function:
        return gdcli.function(text, sizes={"n": LOOPS[text]}, backend=backend)

    one = function()
    monkeypatch.setattr(tiers, "RUN_EVALUATIONS", 1)
    monkeypatch.setattr(
        tiers, "PROMOTION_OPERATIONS", 20 * one.engine.value_and_gradient.operations
    )
    runs = repeated(one, alpha=alpha)
    assert one.engine.value_and_gradient.program is not None
    assert len({*runs, run(function(), alpha=alpha)}) == 1
    if alpha == "auto":  # else there would be nothing to see
        assert run(function("python")) != run(function("native"))


@pytest.mark.parametrize("method", sampled(DESCENT_METHODS, 3))
def test_every_method_repeats(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "PROMOTION_OPERATIONS", 20_000)
    monkeypatch.setattr(tiers, "RUN_EVALUATIONS", 1)
    text = next(iter(LOOPS))
    function = gdcli.function(text, sizes={"n": LOOPS[text]})
    assert len({*repeated(function, method=method)}) == 1


@pytest.mark.parametrize("text", STRAIGHT)
@pytest.mark.parametrize("start", [[1e200, 1e200], [0.7, -0.4]])
def test_a_run_without_loops_repeats_at_kinks_and_after_an_overflow(
    text: str, start: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiers, "PROMOTION_OPERATIONS", 200)
    monkeypatch.setattr(tiers, "NATIVE_CALL_OPERATIONS", 1)
    monkeypatch.setattr(tiers, "FEW_INSTRUCTIONS", 1)
    function = gdcli.function(text)
    runs = repeated(function, start=start)
    assert function.engine.value_and_gradient.program is not None
    assert len({*runs, run(gdcli.function(text), start=start)}) == 1


def test_what_pays_within_a_run_is_machine_code_from_its_first_evaluation() -> None:
    function = gdcli.function(next(iter(LOOPS)), sizes={"n": 5000})
    program = function.for_run().engine.value_and_gradient
    assert program.operations < tiers.PROMOTION_OPERATIONS
    program.run(np.ones(5000))
    assert program.program is not None
    assert program.program is function.engine.value_and_gradient.program
