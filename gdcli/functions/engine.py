"""Engine: the tapes of a function and the programs they become.

Comes in: the Tape of a value, as the text says, with its Bindings where it has loops. Goes out: the
tapes of its derivatives, and programs: a point in, a list or an array of n floats, and numbers out,
inf and nan where there is no finite one. Each stage is made when it is first needed, and kept. The
tapes keep their loops, whatever the sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gdcli.autodiff.passes.rewrite import Rewritten, rewrite
from gdcli.autodiff.reverse import reverse, rounding
from gdcli.autodiff.tape import Tape, instructions
from gdcli.execute import AUTO, PYTHON
from gdcli.execute.limits import (
    FEW_BYTES,
    LISTED_NUMBER_BYTES,
    NUMBER_BYTES,
    refuse_endless_work,
    refuse_large_memory,
    refuse_large_tables,
)
from gdcli.language.semantics.roles import NO_ENTRIES

if TYPE_CHECKING:
    from gdcli.execute.bindings import Bindings
    from gdcli.execute.tiers import Tiered


class Engine:
    """The tapes and programs of a value and its derivatives; `size` is n.

    In floats the accuracy rewrites of `autodiff/passes/rewrite.py` apply, unless the function is to
    be taken `as_written`. `backend` is "auto", "python" or "native". Work and memory beyond the
    limits of `execute/limits.py` are refused with a UsageError before anything runs, unless the
    engine is `unlimited`. `operations_spent` counts the operations that programs have done before,
    in the engine that this one takes the place of. `part_of` names the array part that the node of
    an origin stands in.
    """

    def __init__(
        self,
        tape: Tape,
        bindings: Bindings | None,
        size: int,
        as_written: bool = False,
        backend: str = AUTO,
        unlimited: bool = False,
        operations_spent: Mapping[str, int] = NO_ENTRIES,
        part_of: Callable[[int], str] = lambda _: "",
    ) -> None:
        self.tape = tape
        self.bindings = bindings
        self.gradient_bindings = bindings and bindings._replace(length=size)
        self._size = size
        self._as_written = as_written
        self._backend = backend
        self._unlimited = unlimited
        self._programs: dict[str, Tiered] = {}  # those that were made
        self._operations_spent = operations_spent
        self._part_of = part_of

    @cached_property
    def gradient_tape(self) -> Tape:
        """The Tape of the value and all partial derivatives, as the text says."""
        return self._scheduled(reverse(self.tape))

    @cached_property
    def rewritten(self) -> Rewritten:
        """The value's Tape as floats run it, and the accuracy rewrites in it."""
        return Rewritten(self.tape, ()) if self._as_written else rewrite(self.tape)

    @cached_property
    def prepared_tape(self) -> Tape:
        """The value's Tape as floats run it, its loops in order; derivatives are made of it."""
        if self.bindings is None:
            return self.rewritten.tape
        from gdcli.autodiff.passes.schedule import prepare

        return prepare(self.rewritten.tape, self.bindings.sizes)

    @cached_property
    def rewritten_gradient_tape(self) -> Tape:
        """The Tape of the value and all partial derivatives, as floats run it."""
        if self.prepared_tape == self.tape:
            return self.gradient_tape
        return self._scheduled(reverse(self.prepared_tape))

    @cached_property
    def hessian_product_tape(self) -> Tape:
        """The Tape of the Hessian times a direction, as floats run it."""
        from gdcli.autodiff.forward import tangent

        if self.bindings is None:
            return tangent(self.rewritten_gradient_tape)
        return self._scheduled(tangent(reverse(self.prepared_tape)))  # never of a scheduled tape

    def machine_code(self) -> str:
        """The LLVM IR of the value and gradient, as text."""
        from gdcli.execute.native import compile_native

        return compile_native(self.rewritten_gradient_tape, self.gradient_bindings).ir

    @cached_property
    def value(self) -> Tiered:
        """The program whose first output is the value."""
        return self._program("value", self.prepared_tape, self.bindings)

    @cached_property
    def value_and_gradient(self) -> Tiered:
        """The program of the value and, as the other outputs, the n partial derivatives."""
        return self._program(
            "value_and_gradient", self.rewritten_gradient_tape, self.gradient_bindings
        )

    @cached_property
    def trusted_value(self) -> Tiered:
        """The program of the value, nan where a call may not take it; without loops."""
        return self._trusted("trusted_value", self.prepared_tape)

    @cached_property
    def trusted_value_and_gradient(self) -> Tiered:
        """The program of value and gradient, its value nan where a call may not take them."""
        return self._trusted("trusted_value_and_gradient", self.rewritten_gradient_tape)

    def _trusted(self, name: str, tape: Tape) -> Tiered:
        from gdcli.autodiff.passes.trusted_outputs import trusted_outputs

        return self._program(name, trusted_outputs(tape, self.prepared_tape), None)

    @cached_property
    def hessian_product(self) -> Tiered:
        """The program of a point and a direction; the other outputs are the Hessian times that."""
        bindings = self.gradient_bindings
        doubled = bindings and bindings.doubled(self._size)
        return self._program("hessian_product", self.hessian_product_tape, doubled)

    @cached_property
    def rounding(self) -> Tiered:
        """The program of the value's rounding error, a first-order bound in units of EPSILON."""
        return self._program("rounding", rounding(self.prepared_tape), self.bindings)

    @property
    def operations(self) -> int:
        """How many operations a value counts for."""
        return self.value.operations

    @property
    def note(self) -> str | None:
        """Why native code did not run where it was wanted; None where nothing was missed."""
        return next((program.note for program in self._programs.values() if program.note), None)

    @property
    def operations_spent(self) -> dict[str, int]:
        """How many operations each program has done on its way to native code."""
        made = {name: program.spent for name, program in self._programs.items()}
        return {**self._operations_spent, **made}

    def _scheduled(self, tape: Tape) -> Tape:
        """The tape with its loops in order, where it has any."""
        if self.bindings is None:
            return tape
        from gdcli.autodiff.passes.schedule import schedule

        return schedule(tape, self.bindings.sizes)

    def _program(self, name: str, tape: Tape, bindings: Bindings | None) -> Tiered:
        from gdcli.execute.tiers import Tiered

        program = Tiered(tape, bindings, self._backend, self._operations_spent.get(name, 0))
        if bindings is not None:
            vectors = 2 if bindings.length else 1
            number = LISTED_NUMBER_BYTES if self._backend == PYTHON else NUMBER_BYTES
            self._refuse_large_tables(program, number)
            self.refuse("one value", number * (vectors * self._size + program.work.kept))
        self._programs[name] = program
        return program

    def _refuse_large_tables(self, program: Tiered, number: int) -> None:
        """Raises UsageError where tables are too large; `number` is the bytes of an entry."""
        work = program.work
        if self._unlimited or number * work.kept <= FEW_BYTES:
            return
        parts = [
            (work.tables[table], part)
            for one in instructions(program.tape.body)
            for table in one.results
            if table in work.tables and (part := self._part_of(one.origin))
        ]
        if parts:
            numbers, part = max(parts)
            refuse_large_tables(f"the part {part}", number * numbers, number * work.kept)

    def refuse(self, noun: str, size: int, values: int = 1) -> None:
        """Raises UsageError where `noun` is too much: `values` values of f, and `size` bytes."""
        if self.bindings is not None and not self._unlimited:
            whole = noun if values > 1 else "one value"
            refuse_endless_work(whole, values * self._value_operations)
            refuse_large_memory(noun, size)

    @cached_property
    def _value_operations(self) -> int:
        from gdcli.execute.work import Work

        return Work(self.tape, self.bindings).operations if self.bindings is not None else 0


class RunEngine:
    """An engine for one descent: its programs count what the descent spends; the rest is another's.

    How soon a program goes native must not depend on what was evaluated before.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        from gdcli.execute.tiers import Tiered

        found = getattr(self._engine, name)
        if isinstance(found, Tiered):
            found = found.for_run()
            setattr(self, name, found)
        return found


class ValueEngine(Engine):
    """An engine of the value alone: its gradient has no components, and no tape of its own."""

    @cached_property
    def gradient_tape(self) -> Tape:
        """The value's Tape, as the text says."""
        return self.tape

    @cached_property
    def rewritten_gradient_tape(self) -> Tape:
        """The value's Tape, as floats run it."""
        return self.prepared_tape
