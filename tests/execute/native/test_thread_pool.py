"""Threads: the same bits whatever their number, interrupts, errors."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from ctypes import c_byte
from typing import Any, cast

import numpy as np
import pytest

from gdcli.execute.native import module, plan, program
from gdcli.execute.native import thread_pool as thread_pool_module
from gdcli.execute.native.thread_pool import ThreadPool, thread_pool
from gdcli.execute.thread_count import THREADS_VARIABLE
from tests.native_code import ROSENBROCK, gradient, of
from tests.program_writer import program as written_program
from tests.sweeps import sampled

TIMEOUT = 60.0
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
    monkeypatch.setattr(module, "ALONE_NANOSECONDS", 0)
    function = of(text, **LARGE[text])
    compiled = gradient(function)
    point = np.random.default_rng(3).uniform(-1.0, 1.0, function.layout.size)
    answers = set()
    for count in ("1", "2", "3", "7"):
        monkeypatch.setenv(THREADS_VARIABLE, count)
        for _ in range(2):
            value, slopes = compiled(point)
            answers.add((value, slopes.tobytes()))
    assert len(answers) == 1


WIDENED = (1, 2, 3, 6, 7, 8, 10, 11, 12, 14, 15, 16, 19, 20, 21, 22)  # which larger sizes suit


@pytest.mark.parametrize("seed", sampled(WIDENED, 3))
def test_generated_programs_have_the_same_bits_whatever_the_number_of_threads(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ALONE_NANOSECONDS", 0)
    for least in ("OPERATIONS_PER_CHUNK", "STRIP_OPERATIONS_PER_CHUNK"):
        monkeypatch.setattr(plan, least, 1)
    written, draw = written_program(seed, 2 + seed % 2), np.random.default_rng(seed)
    data = {
        name: draw.uniform(-1.0, 1.0, (120, 120) if isinstance(old[0], list) else 120)
        for name, old in written.data.items()
        if isinstance(old, list)
    }
    sizes = dict.fromkeys(written.sizes, 70)
    function = of(written.text, {**written.data, **data}, **sizes)
    compiled = gradient(function)
    assert compiled._module.shared
    point = draw.uniform(-1.0, 1.0, function.layout.size)
    answers = set()
    for count in ("1", "2", "3", "7"):
        monkeypatch.setenv(THREADS_VARIABLE, count)
        value, slopes = compiled(point)
        answers.add((np.float64(value).tobytes(), slopes.tobytes()))
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


def test_threads_are_not_woken_for_what_one_does_in_two_milliseconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(THREADS_VARIABLE, "2")
    woken: list[int] = []

    def waking(count: int) -> ThreadPool:
        woken.append(count)
        return thread_pool(count)

    monkeypatch.setattr(program, "thread_pool", waking)
    for n in (1_000_000, 4_000_000):
        gradient(of(ROSENBROCK, n=n))(np.full(n, 0.5))
    assert woken == [2]


def test_every_thread_works_and_errors_come_back() -> None:
    all_in = threading.Barrier(3)
    seen: set[int] = set()

    def take(number: int) -> None:
        all_in.wait(TIMEOUT)
        seen.add(number)
        if number == wrong:
            raise ZeroDivisionError

    for wrong in (-1, 0, 2):
        seen.clear()
        try:
            thread_pool(3).run(take, c_byte(0))
            assert wrong < 0
        except ZeroDivisionError:
            assert wrong >= 0
        assert seen == {0, 1, 2}


class Held:
    """Has workers stop on their way into work, where its chunks are taken without them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.on_its_way, self.go, self.passed = (threading.Event() for _ in range(3))
        shared_work = thread_pool_module._SharedWork
        enter, take = shared_work.enter, shared_work.take

        def late(shared: Any, number: int) -> None:
            self.on_its_way.set()
            assert self.go.wait(TIMEOUT)
            enter(shared, number)
            self.passed.set()

        def without(shared: Any, number: int) -> None:
            assert self.on_its_way.wait(TIMEOUT)
            take(shared, number)

        monkeypatch.setattr(shared_work, "enter", late)
        monkeypatch.setattr(shared_work, "take", without)


@pytest.mark.parametrize("text", [*LARGE][:3])
def test_nobody_waits_for_a_worker_that_sleeps_and_it_touches_nothing_when_it_wakes(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ALONE_NANOSECONDS", 0)
    monkeypatch.setenv(THREADS_VARIABLE, "1")
    function = of(text, **LARGE[text])
    compiled = gradient(function)
    point = np.random.default_rng(3).uniform(-1.0, 1.0, function.layout.size)
    value, slopes = compiled(point)
    pool = ThreadPool(2)
    monkeypatch.setattr(program, "thread_pool", lambda _: pool)
    held = Held(monkeypatch)
    again, others = compiled(point)
    assert (again, others.tobytes()) == (value, slopes.tobytes())
    point[:], others[:], compiled._frame[0] = np.nan, 7.0, 7.0  # which are the caller's again
    held.go.set()
    assert held.passed.wait(TIMEOUT)
    assert (others == 7.0).all()
    assert compiled._frame[0] == 7.0


def test_a_worker_that_slept_through_some_works_takes_its_part_in_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool, held, taken = ThreadPool(2), Held(monkeypatch), list[tuple[str, int]]()
    for name in ("first", "second"):
        pool.run(lambda number, name=name: taken.append((name, number)), c_byte(0))  # type: ignore[misc]
    held.go.set()
    both = threading.Barrier(2)
    pool.run(lambda _: both.wait(TIMEOUT), c_byte(0))
    assert taken == [("first", 0), ("second", 0)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork there")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # has threads
def test_a_child_process_has_threads_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ALONE_NANOSECONDS", 0)
    monkeypatch.setenv(THREADS_VARIABLE, "2")
    compiled = gradient(of(ROSENBROCK, n=50_000))
    point = np.full(50_000, 0.3)
    value, slopes = compiled(point)
    child = os.fork()
    if child == 0:
        signal.alarm(30)
        same = False
        try:
            again, others = compiled(point)
            same = (again, others.tobytes()) == (value, slopes.tobytes())
        finally:
            os._exit(0 if same else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_a_worker_in_the_midst_of_a_chunk_is_waited_for() -> None:
    begun, waiting = threading.Event(), threading.Event()
    done: list[int] = []

    def take(number: int) -> None:
        if number == 0:
            assert begun.wait(TIMEOUT)  # and the coordinator finds no chunk
            return
        begun.set()
        assert waiting.wait(TIMEOUT)
        done.append(number)

    ThreadPool(2).run(take, c_byte(0), waiting.set)
    assert done == [1]


class InterruptedStop:
    """A byte to stop work by; whoever first sets it to 1 is interrupted right behind."""

    def __init__(self, error: type[BaseException]) -> None:
        self._value, self._error = 0, error

    @property
    def value(self) -> int:
        return self._value

    @value.setter
    def value(self, value: int) -> None:
        self._value, before = value, self._value
        if value > before:
            raise self._error


@pytest.mark.parametrize("error", [KeyboardInterrupt, TimeoutError])
def test_interrupted_twice_the_work_has_ended_and_the_next_is_not_stopped(
    error: type[BaseException],
) -> None:
    ended: list[int] = []
    stop = cast("c_byte", InterruptedStop(error))

    def take(number: int) -> None:
        while not stop.value:
            time.sleep(0.001)
        time.sleep(0.05)
        ended.append(number)

    def interrupt() -> None:
        raise error

    with pytest.raises(error):
        ThreadPool(1).run(take, stop, interrupt)
    assert ended == [0]
    assert stop.value == 0


def test_a_byte_that_an_interrupt_has_left_stops_no_later_work() -> None:
    stop, found = c_byte(1), list[int]()
    ThreadPool(1).coordinate(lambda: found.append(stop.value), stop)
    assert found == [0]


@pytest.mark.usefixtures("interruptible")
def test_interrupts_at_any_time_leave_the_answers_of_all_threads_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ALONE_NANOSECONDS", 0)
    monkeypatch.setenv(THREADS_VARIABLE, "3")
    compiled = [gradient(of(text, n=30_000)) for text in (ROSENBROCK, list(LARGE)[2])]
    points = [
        np.random.default_rng(k).uniform(-1.0, 1.0, one.length) for k, one in enumerate(compiled)
    ]
    right = [(v, s.tobytes()) for v, s in (one(x) for one, x in zip(compiled, points, strict=True))]
    wrong: list[int] = []
    ended = threading.Event()

    def ask(number: int) -> None:
        value, slopes = compiled[number](points[number])
        if (value, slopes.tobytes()) != right[number]:
            wrong.append(number)

    def keep_asking(number: int) -> None:
        while not ended.is_set():
            ask(number)

    asking = [threading.Thread(target=keep_asking, args=(number,)) for number in (0, 1)]
    for thread in asking:
        thread.start()
    interrupts, draw = 0, random.Random(5)
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        while interrupts < 100:
            try:
                signal.setitimer(signal.ITIMER_REAL, draw.uniform(1e-4, 3e-3))
                while True:
                    ask(interrupts % 2)
            except KeyboardInterrupt:
                interrupts += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        ended.set()
    for thread in asking:
        thread.join(TIMEOUT)
    for number in (0, 1):
        ask(number)
    assert wrong == []


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
