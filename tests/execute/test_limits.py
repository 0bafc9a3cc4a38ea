"""Requests that are too large: refused before they begin, with the estimate, by every way in."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

import gdcli
from gdcli.derivatives.gradient import GradientRequest, answering
from gdcli.errors import UsageError
from gdcli.execute import limits
from gdcli.execute.work import Work
from gdcli.functions.function import Function
from gdcli.scenes.section import read_slice

ENTRANCES: dict[str, Callable[[Function, Any], Any]] = {
    "a call": lambda f, x: f(x),
    "gradient": lambda f, x: f.gradient(x),
    "value_and_gradient": lambda f, x: f.value_and_gradient(x),
    "hessian": lambda f, x: f.hessian(x),
    "minimize": lambda f, x: gdcli.minimize(f, x),
    "evaluate": lambda f, x: f.evaluate(x),
    "rounding_error": lambda f, x: f.rounding_error(x),
    "for_steps": lambda f, x: f.for_steps(10),
}


@pytest.mark.parametrize("entrance", ENTRANCES)
@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("sum(i*x for i in 1:n)", 10**15),
        ("sum(sin(i*j*x) for i in 1:n, j in i:n)", 10**7),
        ("prod(1 + x/i for i in 1:n)", 10**14),
        ("max(sin(i*x) for i in 1:n)", 10**13),
        ("sum(i*j*k*x for i in 1:n, j in 1:n, k in 1:n)", 10**15),
    ],
)
def test_work_beyond_the_limit_is_refused_by_every_way_in(text: str, n: int, entrance: str) -> None:
    function = gdcli.function(text, sizes={"n": n})
    with pytest.raises(UsageError, match=r"takes .* operations; unlimited=True evaluates it"):
        ENTRANCES[entrance](function, [1.0])


def test_the_limit_is_a_trillion_operations_and_no_less() -> None:
    function = gdcli.function("sum(i*x for i in 1:n)", sizes={"n": 1})
    assert function.bindings is not None
    cost = Work(function.tape, function.bindings._replace(sizes={"n": 2})).operations
    cost -= Work(function.tape, function.bindings).operations  # of one term
    most = gdcli.function("sum(i*x for i in 1:n)", sizes={"n": 10**12 // cost - 10})
    most.engine.refuse("one value", 0)
    beyond = gdcli.function("sum(i*x for i in 1:n)", sizes={"n": 10**12 // cost + 10})
    with pytest.raises(UsageError, match="1e\\+12 operations"):
        beyond.engine.refuse("one value", 0)


def test_an_unlimited_function_is_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_OPERATIONS", 10)
    monkeypatch.setattr(limits, "FEW_BYTES", 0)
    monkeypatch.setattr("gdcli.functions.engine.FEW_BYTES", 0)
    monkeypatch.setattr(limits, "available_bytes", lambda: 10)
    refused = gdcli.function("sum(i*x[i] for i in 1:n)", sizes={"n": 10})
    with pytest.raises(UsageError, match="unlimited=True"):
        refused([1.0] * 10)
    function = gdcli.function("sum(i*x[i] for i in 1:n)", sizes={"n": 10}, unlimited=True)
    assert function([1.0] * 10) == 55
    assert [*function.gradient([1.0] * 10)] == [*range(1, 11)]
    assert not function.hessian([1.0] * 10).any()


VECTORS = "sum(x[i]^2 for i in 1:n)"


def test_a_vector_that_memory_cannot_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "available_bytes", lambda: 4 * 10**9)
    function = gdcli.function(VECTORS, sizes={"n": 10**9})
    with pytest.raises(UsageError, match=r"about 212 GB of memory, and 4 GB are free"):
        gdcli.minimize(function)
    with pytest.raises(UsageError, match=r"about 24 GB of memory, and 4 GB are free"):
        function.point("x=1")
    with pytest.raises(UsageError, match=r"about 40 GB of memory, and 4 GB are free"):
        answering(function, GradientRequest())
    with pytest.raises(UsageError, match=r"about 200 GB of memory, and 4 GB are free"):
        read_slice("x=1", function)  # to numbers by name


def test_what_a_product_keeps_of_its_terms_counts_as_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "available_bytes", lambda: 4 * 10**9)
    function = gdcli.function("prod(1 + x/i for i in 1:n)", sizes={"n": 10**10})
    assert function.engine.value  # keeps nothing
    with pytest.raises(UsageError, match=r"one value needs about [0-9]+ GB of memory"):
        function.gradient(1.0)


def test_a_hessian_counts_its_rows_as_work_and_as_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "available_bytes", lambda: 4 * 10**9)
    long = gdcli.function("sum((x[i]*x[j])^2 for i in 1:n, j in 1:n)", sizes={"n": 10_000})
    with pytest.raises(UsageError, match=r"a Hessian of 10,000 rows takes about \S+ oper"):
        long.hessian([1.0] * 10_000)
    wide = gdcli.function(VECTORS, sizes={"n": 100_000})
    with pytest.raises(UsageError, match="a Hessian of 100,000 rows needs about 320 GB"):
        wide.hessian([1.0] * 100_000)


def test_no_problem_of_the_library_is_too_large_nor_is_one_of_a_million_variables() -> None:
    million = [gdcli.function("rosenbrock-n", sizes={"n": 10**6})]
    functions = [gdcli.function(problem.name) for problem in gdcli.problems()]
    assert len(functions) > 100
    for function in functions + million:
        n = function.layout.size
        function.engine.refuse("a descent", 130 * n)
        function.refuse_long_point()


NEIGHBOURS = "h[i in 1:n, k in 1:m] = x[k]*i; sum(h[i,k]*h[i-1,k] for i in 2:n, k in 1:m)"
CHAIN = "h[i in 1:n, k in 1:m] = sin(x[k]*i); sum(h[i,k]^2 for i in 1:n, k in 1:m)"


@pytest.mark.parametrize("way", [way for way in ENTRANCES if way != "hessian"])
def test_a_part_that_takes_half_of_the_memory_is_refused(
    monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(limits, "memory_bytes", lambda: 16 * 10**9)
    function = gdcli.function(NEIGHBOURS, sizes={"n": 10**6, "m": 1_100})
    with pytest.raises(
        UsageError, match=r"the part h takes about 8\.8 GB of memory.*half of the 16"
    ):
        ENTRANCES[way](function, [0.5] * 1_100)


def test_a_part_of_less_than_half_of_the_memory_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FEW_BYTES", 0)
    monkeypatch.setattr("gdcli.functions.engine.FEW_BYTES", 0)
    for memory, refused in ((64_000_000, False), (6_000_000, True)):
        monkeypatch.setattr(limits, "memory_bytes", lambda memory=memory: memory)
        function = gdcli.function(NEIGHBOURS, sizes={"n": 10**4, "m": 50}, backend="native")
        with pytest.raises(UsageError) if refused else nullcontext():
            assert function([0.5] * 50) == pytest.approx(0.25 * 50 * (10**12 / 3), rel=1e-3)


def test_a_table_that_is_contracted_takes_no_memory() -> None:
    function = gdcli.function(CHAIN, sizes={"n": 10**8, "m": 50}, backend="native")
    assert function.engine.value.work.tables == {}
    function = gdcli.function(NEIGHBOURS, sizes={"n": 100, "m": 50}, backend="native")
    assert sorted(function.engine.value_and_gradient.work.tables.values())[-1] == 5_000


def test_yes_computes_a_large_part_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FEW_BYTES", 0)
    monkeypatch.setattr("gdcli.functions.engine.FEW_BYTES", 0)
    monkeypatch.setattr(limits, "memory_bytes", lambda: 1_000)
    sizes = {"n": 100, "m": 50}
    with pytest.raises(UsageError, match="unlimited=True tries it"):
        gdcli.function(NEIGHBOURS, sizes=sizes)([0.5] * 50)
    assert gdcli.function(NEIGHBOURS, sizes=sizes, unlimited=True)([0.5] * 50) > 0


def test_where_the_system_says_nothing_of_memory_nothing_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "available_bytes", lambda: None)
    limits.refuse_large_memory("this", 10**18)


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS holds on Linux")
def test_the_limit_of_the_address_space_is_respected() -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, -1))\n"
        "from gdcli.execute.limits import available_bytes; print(available_bytes())"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 0 < int(said.stdout) <= 2_000_000_000


def test_what_is_available_is_asked_only_where_much_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "available_bytes", lambda: pytest.fail("it was asked"))
    function = gdcli.function(VECTORS, sizes={"n": 10_000})
    assert gdcli.minimize(function).converged
