"""Builtins that call machine code: what they keep and give back, and where there are none."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

import gdcli
from gdcli.errors import GdcliError
from gdcli.execute import CALLS_BEFORE_BUILTIN
from gdcli.execute.native import finite_check, machine, trampoline
from gdcli.functions.function import Function

ROSENBROCK = "sum(100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2 for i in 1:n-1)"
CALLS = CALLS_BEFORE_BUILTIN + 1
BUILTIN: Any = type(len)


def rosenbrock(n: int, calls: int = CALLS) -> Function:
    function = gdcli.function(ROSENBROCK, sizes={"n": n}, backend="native")
    for _ in range(calls):
        for ask in (function, function.gradient, function.value_and_gradient):
            ask(np.ones(n))
    return function


@pytest.fixture
def _asked_anew() -> Iterator[None]:
    trampoline.works.forget()
    yield
    trampoline.works.forget()


def test_builtins_can_be_had_here() -> None:
    assert trampoline.works()
    assert type(rosenbrock(5).gradient) is BUILTIN


@pytest.mark.usefixtures("_asked_anew")
def test_they_pass_whoever_refers_to_the_one_empty_tuple(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, original = list[object](), np.empty

    def empty(*given: Any) -> Any:
        kept.append(())
        return original(*given)

    monkeypatch.setattr(np, "empty", empty)
    assert trampoline.works()
    assert kept


@pytest.mark.usefixtures("_asked_anew")
@pytest.mark.parametrize(
    "missing",
    [
        lambda monkeypatch: monkeypatch.setattr(trampoline, "_passes", lambda: False),
        lambda monkeypatch: monkeypatch.setattr(sys.implementation, "name", "pypy"),
        lambda monkeypatch: monkeypatch.setattr(
            sys, "_is_gil_enabled", lambda: False, raising=False
        ),
        lambda monkeypatch: monkeypatch.setattr(trampoline, "_machine", _unexported),
    ],
)
def test_where_there_are_none_calls_go_the_slow_way(
    missing: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    missing(monkeypatch)
    assert not trampoline.works()
    function = rosenbrock(5)
    out = np.empty(5)
    assert type(function.value_and_gradient) is not BUILTIN
    assert function.value_and_gradient(np.ones(5))[0] == function([1.0] * 5) == 0.0
    assert function.gradient(np.zeros(5), out=out) is out
    assert out.tolist() == [-2.0, -2.0, -2.0, -2.0, 0.0]


def _unexported() -> Any:
    raise AttributeError("undefined symbol: PyObject_Vectorcall")


KEEP = "  call void @Py_IncRef(ptr %result)\n"
FAULTS = {  # of a Python whose functions do other things than we know
    "a wrong value": ("fdiv double %x, %y", "fmul double %x, %y"),
    "a wrong derivative": ("fadd double %x, %x", "fadd double %x, 0.0"),
    "a kink that is not seen": ("fsub double %x, 7.0", "fsub double %x, 8.0"),
    "gaps between numbers": ("%right = and i1 %c, %is.aligned", "%right = and i1 %a, %is.long"),
    "other formats": ("%is.d = icmp eq i8 %letter, 100", "%is.d = icmp ne i8 %letter, 0"),
    "a reference too many": (KEEP, 2 * KEEP),
}


@pytest.mark.usefixtures("_asked_anew")
@pytest.mark.parametrize("fault", FAULTS)
def test_the_test_at_first_use_finds_faults(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right, wrong = FAULTS[fault]
    assert trampoline.TRAMPOLINE_TEXT.count(right) == 1
    monkeypatch.setattr(
        trampoline, "TRAMPOLINE_TEXT", trampoline.TRAMPOLINE_TEXT.replace(right, wrong)
    )
    made = trampoline._machine.make()
    monkeypatch.setattr(trampoline, "_machine", lambda: made)
    assert not trampoline.works()


def blocks(work: Callable[[], object], turns: int) -> int:
    """How many more blocks of memory Python holds after so many turns."""
    work()
    work()
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(turns):
        work()
    gc.collect()
    return sys.getallocatedblocks() - before


@pytest.mark.parametrize("n", [3, 700])
def test_many_calls_keep_no_memory(n: int) -> None:
    function = rosenbrock(n)
    x, out, missing = np.ones(n), np.empty(n), np.full(n, np.inf)
    listed, short, twice = x.tolist(), np.ones(n + 1), np.ones(n)
    for _ in range(2000):
        function.evaluate_gradient(x)
    outputs = function.engine.value_and_gradient.run
    assert type(outputs) is BUILTIN

    def fast() -> None:
        function(x), function.gradient(x), function.value_and_gradient(x), outputs(x)
        function.gradient(x, out=out), function.value_and_gradient(x, out=out)

    def slow() -> None:
        function.gradient(listed), function.gradient(twice, out=twice)
        twice[:] = 1.0
        for given in (short, missing):
            with suppress(GdcliError):
                function.value_and_gradient(given)

    counted = [x, out, listed, missing, short, twice, function, outputs, function.gradient]
    before = [sys.getrefcount(one) for one in counted]
    assert blocks(fast, 2_000) < 1_000
    assert n > 3 or blocks(slow, 200) < 100
    after = [sys.getrefcount(one) for one in counted]
    assert [b - a for a, b in zip(before, after, strict=True)] == [0] * len(counted)


@pytest.mark.full
def test_ten_million_calls_keep_no_memory() -> None:
    function, x = rosenbrock(10), np.ones(10)
    call = function.value_and_gradient

    def memory() -> int:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])

    for _ in range(10_000):
        call(x)
    before = memory()
    for _ in range(10_000_000):
        call(x)
    assert memory() - before <= 64  # pages


FINALIZED = f"""
import gc, numpy, gdcli
from gdcli.execute.native.machine import recent_machine

class Calling:
    def __init__(self, function):
        self.function, self.me, self.call = function, self, function.value_and_gradient
    def __del__(self):
        print(self.call(numpy.ones(4))[0], self.function.evaluate_gradient([1.0] * 4)[0])

for first in (True, False):
    function = gdcli.function("{ROSENBROCK}", sizes={{"n": 4}}, backend="native")
    early = Calling(function) if first else None
    for _ in range(2100):
        function.value_and_gradient(numpy.ones(4)), function.evaluate_gradient([1.0] * 4)
    one = early or Calling(function)
    one.call = function.value_and_gradient
    vars(function)["late"] = one
    recent_machine.cache_clear()
    del function, early, one
    gc.collect()
call = gdcli.function("{ROSENBROCK}", sizes={{"n": 4}}, backend="native").value_and_gradient
for _ in range(100):
    call(numpy.ones(4))
call = call.__self__.value_and_gradient
recent_machine.cache_clear()
gc.collect()
print(call(numpy.ones(4))[0])
"""


def test_machine_code_lives_as_long_as_whatever_may_call_it() -> None:
    """A finalizer calls the function of its own cycle; a builtin outlives its function."""
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", FINALIZED], capture_output=True, text=True
    )
    assert (done.stdout, done.returncode) == ("0.0 0.0\n0.0 0.0\n0.0\n", 0), done.stderr


def test_machine_code_goes_with_its_function() -> None:
    function = rosenbrock(4)
    program = function.engine.value_and_gradient.program
    assert program is not None
    engine, call = program._machine._engine, function.value_and_gradient
    machine.recent_machine.cache_clear()
    del function, program
    gc.collect()
    assert not engine.closed
    assert call(np.ones(4))[0] == 0.0
    del call
    gc.collect()
    assert engine.closed


def test_a_builtin_holds_all_machine_code_that_it_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it went with another thread's: each of several may make the code of a Program anew."""
    monkeypatch.setattr(trampoline, "LEAST_LONG_RESULT", 4)
    code, finite = trampoline._machine.make(), finite_check.finite.make()
    monkeypatch.setattr(trampoline, "_machine", lambda code=code: code)
    monkeypatch.setattr(trampoline, "finite", lambda finite=finite: finite)
    function = rosenbrock(4)
    program, call = function.engine.value_and_gradient.program, function.value_and_gradient
    assert program is not None
    machines = code, cast(Any, finite).machine, program._machine
    engines = [one._engine for one in machines]
    monkeypatch.undo()
    machine.recent_machine.cache_clear()
    vars(program).clear()
    del code, finite, machines, function, program
    gc.collect()
    assert [one.closed for one in engines] == [False] * 3
    del call
    gc.collect()
    assert [one.closed for one in engines] == [True] * 3


def test_while_another_thread_computes_a_call_waits_and_lets_others_run() -> None:
    function = rosenbrock(4000)
    program = function.engine.value_and_gradient.program
    assert program is not None
    found: list[float] = []
    thread = threading.Thread(
        target=lambda: found.append(function.value_and_gradient(np.zeros(4000))[0])
    )
    with program._in_use:
        thread.start()
        time.sleep(0.02)  # in which this thread would stand still, did the other hold Python's lock
        assert found == []
    thread.join()
    assert found == [3999.0]
    assert not program._in_use.locked()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes do not fork here")
@pytest.mark.parametrize("n", [6, 4000])
def test_a_forked_process_goes_on(n: int) -> None:
    function = rosenbrock(n)
    program = function.engine.value_and_gradient.program
    assert program is not None
    with program._in_use:  # as by a thread that the child has not
        child = os.fork()
        if child == 0:  # pragma: no cover - another process
            signal.alarm(5)
            right = function.value_and_gradient(np.zeros(n))[0] == n - 1
            right = right and program.arrays(np.zeros(n))[0] == n - 1
            os._exit(0 if right else 1)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
def test_an_interrupt_is_heard_between_calls() -> None:
    function, x = rosenbrock(5), np.ones(5)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    end = time.monotonic() + 5

    def work() -> None:
        while time.monotonic() < end:
            for _ in range(1000):
                function.value_and_gradient(x)

    try:
        with pytest.raises(KeyboardInterrupt):
            work()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert function.value_and_gradient(x)[0] == 0.0


@pytest.mark.parametrize("count", [*range(70), 1000, 4097])
def test_what_is_not_finite_is_found_wherever_it_stands(count: int) -> None:
    numbers = np.random.default_rng(count).normal(0, 1e300, count)
    finite = finite_check.finite()
    assert finite(numbers.ctypes.data, count, 0)
    for place in range(0, count, 1 + count // 50):
        for odd in (np.inf, -np.inf, np.nan):
            one = numbers.copy()
            one[place] = odd
            assert not finite(one.ctypes.data, count, 0)
    extremes = np.array([5e-324, -5e-324, 1.7976931348623157e308, -1.7976931348623157e308, -0.0])
    assert finite(np.resize(extremes, 67).ctypes.data, 67, 0)


def test_functions_without_variables_have_none() -> None:
    function = gdcli.function("1 + 2", backend="native")
    for _ in range(CALLS):
        assert function() == 3.0
        assert function.gradient().tolist() == []
    assert type(function.gradient) is not BUILTIN


def test_data_arrays_are_handed_on_up_to_the_most() -> None:
    for count in (0, 1, 2, trampoline.MOST_DATA_ARRAYS, trampoline.MOST_DATA_ARRAYS + 1):
        names = [f"a{k}" for k in range(count)]
        text = " + ".join(
            ["sum(x[i]^2 for i in 1:3)", *(f"sum({a}[i]*x[i] for i in 1:3)" for a in names)]
        )
        data = {name: np.arange(3.0) + k for k, name in enumerate(names)}
        function = gdcli.function(text, data=data, backend="native")
        for _ in range(CALLS):
            gradient = function.gradient(np.ones(3))
        wanted = 2.0 + sum(data.values(), np.zeros(3))
        assert gradient.tolist() == function.gradient(np.ones(3)).tolist() == wanted.tolist()
        few = count <= trampoline.MOST_DATA_ARRAYS
        assert (type(function.gradient) is BUILTIN) is few
        assert function.engine.value_and_gradient._has_no_builtin is not few  # nor asked for again
        assert (type(function.gradient) is BUILTIN) is (count <= trampoline.MOST_DATA_ARRAYS)
