"""Threads: the same bits whatever their number, interrupts, errors."""

from __future__ import annotations

import os
import signal
import threading
import time
from ctypes import c_byte

import numpy as np
import pytest

from gdcli.execute.native import program
from gdcli.execute.native.program import THREADED_OPERATIONS
from gdcli.execute.native.thread_pool import ThreadPool, thread_pool
from gdcli.execute.thread_count import THREADS_VARIABLE
from tests.native_code import ROSENBROCK, gradient, of

LARGE = {
    ROSENBROCK: {"n": 400_000},
    "f(w[5], a) = sum(sin(a*i + sum(w[j]*j for j in 1:5)) for i in 1:n)": {"n": 200_000},
    "sum((x[2*i-1] - x[2*i])^2 for i in 1:n)": {"n": 700_000},
    "max(sin(a*i)*i for i in 1:n) + sum(x[i]*x[n+1-i] for i in 1:n)": {"n": 300_000},
}


@pytest.mark.parametrize("text", LARGE)
def test_the_same_bits_whatever_the_number_of_threads(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = of(text, **LARGE[text])
    compiled = gradient(function)
    assert compiled.operations >= THREADED_OPERATIONS
    point = np.random.default_rng(3).uniform(-1.0, 1.0, function.layout.size)
    answers = set()
    for count in ("1", "2", "3", "5"):
        monkeypatch.setenv(THREADS_VARIABLE, count)
        for _ in range(2):
            value, slopes = compiled(point)
            answers.add((value, slopes.tobytes()))
    assert len(answers) == 1


@pytest.mark.parametrize("n", [500, 150_000, 500_000])
def test_a_function_that_python_threads_share_answers_each_rightly(n: int) -> None:
    compiled = gradient(of("sum(sin(x[i])*x[i+1] for i in 1:n)", n=n))
    points = [np.random.default_rng(k).uniform(-1.0, 1.0, n + 1) for k in range(3)]
    right = [(value, slopes.tobytes()) for value, slopes in map(compiled, points)]
    wrong: list[int] = []

    def ask(number: int) -> None:
        for _ in range(20):
            value, slopes = compiled(points[number])
            if (value, slopes.tobytes()) != right[number]:
                wrong.append(number)

    asking = [threading.Thread(target=ask, args=(number,)) for number in range(3)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert wrong == []


def test_threads_are_not_woken_for_what_one_does_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(THREADS_VARIABLE, "2")
    woken: list[int] = []

    def waking(count: int) -> ThreadPool:
        woken.append(count)
        return thread_pool(count)

    monkeypatch.setattr(program, "thread_pool", waking)
    for n in (100_000, 400_000):
        gradient(of(ROSENBROCK, n=n))(np.full(n, 0.5))
    assert woken == [2]


def test_every_thread_works_and_errors_come_back() -> None:
    seen: set[int] = set()
    thread_pool(3).run(seen.add, c_byte(0))
    assert seen == {0, 1, 2}
    with pytest.raises(ZeroDivisionError):
        ThreadPool(2).run(lambda number: 1 // number, c_byte(0))


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    "text",
    [
        "sum(sin(a*i)^2 for i in 1:n, j in 1:n)",
        "prod(1 + a/(i + j) for i in 1:n, j in 1:n)",
        "ifelse(a > 0, sum(max(sin(a*i*j) for j in 1:n) for i in 1:n), 1)",
    ],
)
def test_an_interrupt_is_answered_soon(text: str) -> None:
    compiled = gradient(of(text, n=1_000_000))
    asked: list[float] = []
    began = time.process_time()

    def interrupt() -> None:
        while time.process_time() < began + 0.2:  # until the threads are at work
            time.sleep(0.01)
        asked.append(time.process_time())
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        compiled([0.5])
    answered = time.process_time()  # of all threads, and not of what else the machine does
    thread.join()
    assert answered - asked[0] < 1.0
