"""The text: reproducible, named after the tape, of a length that does not depend on n."""

from __future__ import annotations

from gdcli.execute.native.module import ModuleWriter
from gdcli.execute.native.support import Vectors
from tests.native_code import ROSENBROCK, of


def text(source: str, **sizes: int) -> str:
    function = of(source, **sizes)
    bindings = function.engine.gradient_bindings
    assert bindings is not None
    tape = function.engine.rewritten_gradient_tape
    return ModuleWriter(tape, bindings, Vectors()).module().text


def test_it_is_reproducible_and_names_the_values_of_the_tape() -> None:
    made = text(ROSENBROCK, n=1000)
    assert made == text(ROSENBROCK, n=1000)
    assert "define internal void @loop0(" in made
    assert "define void @evaluate(" in made
    assert "%v12 = " in made


def test_its_length_does_not_depend_on_n() -> None:
    for sizes in ((10**5, 10**6), (10**7, 10**8)):  # for one thread, for many
        assert len({text(ROSENBROCK, n=n).count("\n") for n in sizes}) == 1


def test_loops_of_several_chunks_are_functions_that_threads_call() -> None:
    made = text(ROSENBROCK, n=10**7)
    assert "define void @loop0.run(" in made
    assert "atomicrmw add" in made
    assert "@evaluate" not in made


def test_loops_of_several_chunks_that_take_no_long_time_are_run_by_one_function() -> None:
    made = text(ROSENBROCK, n=10**6)
    assert "define internal void @loop0.run(" in made
    assert "define void @evaluate(" in made
