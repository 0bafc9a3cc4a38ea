"""The stages `source` and `llvm`: the code that computes the value and the gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdcli.autodiff.passes.infinities import check_infinities
from gdcli.errors import UsageError
from gdcli.execute.source import FLOAT_TARGET, source
from gdcli.functions.function import Function
from gdcli.report.listing import Cell, Listing
from gdcli.report.stages.origins import rewrite_notes

if TYPE_CHECKING:
    from gdcli.report.formats import objects


def source_stage(function: Function) -> Listing:
    """The Python source of the value, and of the value with the gradient."""
    texts: objects.SourceContent = {
        "value": source(
            check_infinities(function.engine.prepared_tape), FLOAT_TARGET, function.bindings
        ),
        "gradient": source(
            check_infinities(function.engine.rewritten_gradient_tape),
            FLOAT_TARGET,
            function.engine.gradient_bindings,
        ),
    }
    text = "".join(f"# {note}\n" for note in rewrite_notes(function))
    text += "# the value\n{value}\n# the value and the gradient\n{gradient}".format(**texts)
    rows: list[tuple[Cell, ...]] = [(line,) for line in text.splitlines()]
    return Listing("source", ("source",), rows, text, texts, verbatim=True)


def llvm_stage(function: Function) -> Listing:
    """The LLVM IR of the value with the gradient; raises UsageError where there is none."""
    from gdcli.execute import native

    reason = native.available()
    if reason is not None:
        raise UsageError(f"there is no machine code here: {reason}")
    text = function.engine.machine_code()
    rows: list[tuple[Cell, ...]] = [(line,) for line in text.splitlines()]
    content: objects.LlvmContent = {"llvm": text}
    return Listing("llvm", ("llvm",), rows, text, content, verbatim=True)
