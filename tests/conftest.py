"""What holds for every test: examples that Hypothesis makes repeat, no clock judges them, and every
JSON that gdcli writes is what its schema says.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from gdcli.execute import limited_process
from tests import sweeps
from tests.schemas import hold_answers, in_new_processes
from tests.sympy_server import SOCKET, share_sympy, started

interpreter_for_a_job = limited_process._from_child
hold_answers()
share_sympy()
settings.register_profile(
    "whole", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("sample", settings.get_profile("whole"), max_examples=30)
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each process of a test compiles all of gdcli


def pytest_configure(config: pytest.Config) -> None:
    sweeps.whole = config.option.markexpr != "not full"
    settings.load_profile("whole" if sweeps.whole else "sample")


@pytest.fixture
def held_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """New processes hold what they write as JSON against its schema, and share SymPy too."""
    monkeypatch.setenv("PYTHONPATH", in_new_processes()["PYTHONPATH"])
    if hasattr(os, "fork"):
        monkeypatch.setenv(SOCKET, started())


@pytest.fixture
def in_new_interpreters(monkeypatch: pytest.MonkeyPatch) -> None:
    """SymPy works as it does for users: each job in a new interpreter."""
    monkeypatch.setattr(limited_process, "_from_child", interpreter_for_a_job)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C is heard here and in new processes, even where the tests run in the background, which
    ignores it.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
