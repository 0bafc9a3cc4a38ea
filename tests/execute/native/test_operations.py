"""Every row of the table has LLVM instructions; what they compute is tested in test_program."""

from __future__ import annotations

from gdcli.autodiff.passes.infinities import CHECKING_PRIMITIVES
from gdcli.autodiff.primitives import PRIMITIVES
from gdcli.execute.native.code import Code, Operand
from gdcli.execute.native.operations import (
    ARITHMETIC,
    COMPOSED_PRIMITIVES,
    LIBRARY_ARITIES,
    Primitives,
)
from gdcli.numbers.floats import GAMMA_FUNCTIONS


def test_the_entries_are_the_rows_of_the_table() -> None:
    own = {*ARITHMETIC, *COMPOSED_PRIMITIVES, *LIBRARY_ARITIES, *GAMMA_FUNCTIONS}
    # pow stands behind both powers
    assert own - {"pow", *CHECKING_PRIMITIVES} == PRIMITIVES.keys()


def test_calls_of_the_library_are_not_for_the_compiler_to_replace() -> None:
    called: set[tuple[str, bool]] = set()
    code = Code()
    Primitives(code, called).apply("sin", [Operand("%x")], "v1")
    assert code.lines == ["  %v1 = call double @sin(double %x) nobuiltin"]
    Primitives(code, called).apply("sin", [Operand("%x", lanes=True)], "v2")
    assert code.lines[-1] == "  %v2 = call <8 x double> @sin.lanes(<8 x double> %x)"
    assert called == {("sin", False), ("sin", True)}
