"""Work in a process with limits: what it yields arrives, and whatever it does this one goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from gdcli.errors import ExpressionError
from gdcli.execute.limited_process import MEMORY_BYTES, LimitedAnswers, limited_answers

resource = pytest.importorskip("resource", reason="without it there is only a timer")
JOBS = "tests.execute.jobs"
pytestmark = pytest.mark.usefixtures("in_new_interpreters")


def test_what_is_yielded_arrives_in_order() -> None:
    assert limited_answers(f"{JOBS}:squares", 4) == LimitedAnswers([0, 1, 4, 9], complete=True)
    assert limited_answers(f"{JOBS}:squares", 0) == LimitedAnswers([], complete=True)


def test_it_runs_in_a_process_of_its_own_that_imports_no_more_than_the_function_does() -> None:
    [(pid, has_sympy)] = limited_answers(f"{JOBS}:process", None).answers
    assert pid != os.getpid()
    assert not has_sympy


@pytest.mark.parametrize("job", ["endless", "one_step", "vast"])
def test_time_and_memory_are_limited_and_what_came_before_is_kept(
    monkeypatch: pytest.MonkeyPatch, job: str
) -> None:
    def used() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return float(usage.ru_utime + usage.ru_stime)

    monkeypatch.setattr("gdcli.execute.limited_process.CPU_SECONDS", 1)
    before = used()
    large = "x" * 1_000_000  # more than a pipe holds
    assert limited_answers(f"{JOBS}:{job}", large) == LimitedAnswers([large], complete=False)
    assert used() - before < 1.5
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 < 2 * MEMORY_BYTES


def test_a_process_that_dies_has_answered_what_it_has() -> None:
    assert limited_answers(f"{JOBS}:killed", None) == LimitedAnswers([1], complete=False)


def test_errors_arrive_whole() -> None:
    with pytest.raises(ExpressionError, match="no such thing") as caught:
        limited_answers(f"{JOBS}:refused", None)
    assert str(caught.value).endswith("x + ?\n      ^")
    with pytest.raises(RuntimeError, match="KeyError: 'k'"):
        limited_answers(f"{JOBS}:broken", None)


def test_where_no_process_can_be_had_the_work_is_done_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, executable in (("frozen", sys.executable), ("", ""), ("", "/no/such/python")):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "executable", executable)
            if name:
                patch.setattr(sys, name, True, raising=False)
            [(pid, _)] = limited_answers(f"{JOBS}:process", None).answers
            assert pid == os.getpid()


def test_a_python_that_cannot_import_gdcli_is_no_process_to_be_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gdcli.execute.limited_process.CHILD_CODE", "raise ImportError")
    [(pid, _)] = limited_answers(f"{JOBS}:process", None).answers
    assert pid == os.getpid()


def test_without_limits_of_the_system_a_timer_ends_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)  # cannot be imported, as on Windows
    monkeypatch.setattr("gdcli.execute.limited_process.CPU_SECONDS", 2)
    began = time.monotonic()
    assert not limited_answers(f"{JOBS}:asleep", 1).complete
    assert time.monotonic() - began < 30


INTERRUPTED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from gdcli.execute.limited_process import limited_answers
print("begun", flush=True)
try:
    limited_answers("tests.execute.jobs:endless", 1)
except KeyboardInterrupt:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        print("no child", flush=True)
"""


def test_ctrl_c_answers_at_once_and_leaves_no_process() -> None:
    command = [sys.executable, "-c", INTERRUPTED]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
        time.sleep(0.7)
        child.send_signal(signal.SIGINT)
        began = time.perf_counter()
        assert child.stdout.readline() == "no child\n"
        assert time.perf_counter() - began < 5  # of a machine that is busy; 20 ms alone
    assert child.returncode == 0
