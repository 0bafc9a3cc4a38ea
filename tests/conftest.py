"""What holds for every test: examples that Hypothesis makes repeat, no clock judges them, and every
JSON that gdcli writes is what its schema says.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.schemas import hold_answers, in_new_processes

hold_answers()
settings.register_profile(
    "repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("repeatable")
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each process of a test compiles all of gdcli


@pytest.fixture
def held_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """New processes hold what they write as JSON against its schema too."""
    monkeypatch.setenv("PYTHONPATH", in_new_processes()["PYTHONPATH"])


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C is heard here and in new processes, even where the tests run in the background, which
    ignores it.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
