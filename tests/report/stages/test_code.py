from __future__ import annotations

from typing import Any

import pytest

from gdcli.errors import UsageError
from gdcli.functions.function import Function
from gdcli.report.stages.code import llvm_stage

ROSENBROCK = "sum(100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2 for i in 1:n-1)"


def test_machine_code_or_why_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gdcli.execute.native.available", lambda: "no such processor")
    with pytest.raises(UsageError, match="there is no machine code here: no such processor"):
        llvm_stage(Function("x^2"))


@pytest.mark.parametrize("text", ["x^2", ROSENBROCK])
def test_machine_code_is_text_for_llvm(text: str) -> None:
    binding: Any = pytest.importorskip("llvmlite.binding")
    binding.initialize_native_target()
    sizes = {"n": 20} if "for" in text else {}
    found = llvm_stage(Function(text, sizes=sizes))
    assert found.rows[0][0] == found.text.splitlines()[0]
    module = binding.parse_assembly(found.text)
    module.verify()
    assert "evaluate" in [function.name for function in module.functions]
