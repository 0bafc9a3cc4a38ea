"""What the processor and the C library offer, and what runs without it."""

from __future__ import annotations

import pytest

from gdcli.execute.native import machine
from gdcli.execute.native.support import Vectors
from tests.native_code import agrees, of


def test_there_is_native_code_here() -> None:
    assert machine.available() is None


def test_why_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ImportError

    monkeypatch.setattr(machine, "_target", missing)
    machine.available.cache_clear()
    assert machine.available() == "llvmlite is not installed"
    monkeypatch.undo()
    machine.available.cache_clear()


@pytest.mark.parametrize("fused", [False, True])
def test_without_libmvec(fused: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gdcli.execute.native.program.vectors", lambda: Vectors(fused=fused))
    agrees(of("sum(sin(x[i])*exp(x[i]/a)^b*atan2(x[i], i) for i in 1:n)", n=30), 1e-12)


def test_text_that_is_wrong_is_refused() -> None:
    with pytest.raises(RuntimeError):
        machine.Machine("define void @f() { ret double 1.0 }")
