"""The tiers of running a tape: short work in Python source, long work in native code.

Comes in: a Tape, with Bindings where it has loops, and a backend: `python`, `native`, or `auto`,
which begins in Python source and goes native once the evaluations so far have taken so many
operations that compiling would have paid. Operations are counted, never timed, and a descent counts
its own alone, so that a run repeats bit for bit. Where native code is wanted and cannot be had,
Python source runs instead, and `note` says why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any

from gdcli.autodiff.tape import LOOP, Region, Tape, instructions
from gdcli.collector import collector_waits
from gdcli.execute import AUTO, CALLS_BEFORE_BUILTIN, NATIVE, PYTHON
from gdcli.execute.fallback import FallbackFunction
from gdcli.numbers.floats import MOST_LISTED_COMPONENTS

if TYPE_CHECKING:
    from gdcli.execute.bindings import Bindings
    from gdcli.execute.native.program import Program
    from gdcli.execute.work import Work

PROMOTION_OPERATIONS = 4_000_000  # some 50 ns each in Python, and compiling takes about 200 ms
NATIVE_CALL_OPERATIONS = 400  # of straight lines: in Python as long as a call of native code
FEW_INSTRUCTIONS = 30  # which are fewer operations than that whatever they are
RUN_EVALUATIONS = 100  # that a descent takes at least: what pays by then is native from the first
CALL_OPERATIONS = 1000  # that the call of a short tape counts for: it compiles in some 15 ms
CALL_OVERHEAD = 50  # operations that take as long as all of a call but the evaluation
POINTS_PER_COMPILATION = 1000  # in Python, that take as long as making lanes of straight code
MOST_NATIVE_INSTRUCTIONS = 200_000  # LLVM takes a second for 100,000
MOST_LOOP_INSTRUCTIONS = 20_000  # whose functions LLVM takes seconds for

Outputs = tuple[float, Any]


class Tiered:
    """A tape that is run at points: lists of floats, or arrays of shape (n,).

    The answer is the first output and the others, of a tape with loops the flat gradient, as a
    list for a list and as an array for an array; inf and nan where there is no number. `spent`
    counts the operations of the evaluations so far. One that is `part_of` another has its code.
    """

    def __init__(
        self,
        tape: Tape,
        bindings: Bindings | None,
        backend: str = AUTO,
        spent: int = 0,
        part_of: Tiered | None = None,
    ) -> None:
        self.tape = tape
        self.bindings = bindings
        self.backend = backend
        self.note: str | None = None
        self.program: Program | None = None
        self.spent = spent
        self._refused = backend == PYTHON
        self._part_of = part_of
        self._calls = 0  # by a user
        self._has_no_builtin = False
        self.run: Callable[[Any], Outputs] = self._first_run  # what a call does

    def for_run(self) -> Tiered:
        """The tape for one descent, with a count of operations of its own and the code of this one.

        What goes native within RUN_EVALUATIONS is native from the first, however often it ran.
        """
        at_once = RUN_EVALUATIONS * self.operations >= PROMOTION_OPERATIONS
        spent = PROMOTION_OPERATIONS if at_once else 0
        return Tiered(self.tape, self.bindings, self.backend, spent, part_of=self)

    @cached_property
    def work(self) -> Work:
        if self._part_of is not None:
            return self._part_of.work
        from gdcli.execute.bindings import Bindings
        from gdcli.execute.work import Work

        return Work(self.tape, self.bindings or Bindings({}, (), {}))

    @cached_property
    def operations(self) -> int:
        return self.work.operations

    @cached_property
    def _python_function(self) -> FallbackFunction:
        if self._part_of is not None:
            return self._part_of._python_function
        return FallbackFunction(self.tape, self.bindings)

    def __call__(self, point: Any) -> Outputs:
        """The outputs at a point; `run` gives the same, with less on the way."""
        return self.run(point)

    @cached_property
    def _is_short(self) -> bool:
        """Whether Python calls it as fast as native code: so it stays there, to the same bits."""
        code = self.tape.body.instructions  # without loops each counts for an operation at least
        few = self.bindings is None and len(self.tape.inputs) <= MOST_LISTED_COMPONENTS
        if not few or len(code) >= NATIVE_CALL_OPERATIONS:
            return False
        straight = len(code) < FEW_INSTRUCTIONS and not any(one.regions for one in code)
        return straight or self.operations < NATIVE_CALL_OPERATIONS

    def _first_run(self, point: Any) -> Outputs:
        python = self._is_short and self.backend != NATIVE
        self.run = self._python_function.__call__ if python else self._tiered  # bound: no detour
        return self.run(point)

    def _tiered(self, point: Any) -> Outputs:
        if self.program is None and not self._refused and self._is_worth_it():
            self.promote()
        if (program := self.program) is not None:
            self.run = program.builtin or self.run
            return program(point)
        if isinstance(point, list | tuple):
            return self._python_function(point)
        return _as_array(self._python_function(point.tolist()))

    def rows(self, point: list[float]) -> list[list[float]]:
        """The other outputs at the point with each of n unit directions behind it, as lists.

        For products of second derivatives with a direction these are the rows of the Hessian.
        """
        if self.program is not None and self.program.has_rows:
            return self.program.rows(point)
        n = len(point)
        doubled, found = [*point, *[0.0] * n], []
        for place in range(n, 2 * n):
            doubled[place] = 1.0
            found.append(self.run(doubled)[1])
            doubled[place] = 0.0
        return found

    def map(self, points: Any) -> tuple[Any, Any]:
        """The first output at each row of points, shape (m,), and the others, shape (m, k).

        `points` is an array of shape (m, n). All points are run in one tier, so that with loops,
        too, each has the bits of a call in that tier.
        """
        import numpy as np

        if self.for_points(len(points)):
            assert self.program is not None
            return self.program.map(points)
        length = self.bindings.length if self.bindings else 0
        first = np.empty(len(points))
        others = np.empty((len(points), length or len(self.tape.body.outputs) - 1))
        for place, point in enumerate(points):
            first[place], others[place] = self._python_function(point.tolist())
        return first, others

    def for_points(self, count: int, *, spending: bool = True) -> bool:
        """Whether so many points are run as machine code, which is made if they are worth it.

        Where they are not, what they take is counted if the caller is `spending`.
        """
        if self.program is None and not self._refused:
            work = count * (self.operations + CALL_OVERHEAD)
            lanes = 0 if self.bindings else POINTS_PER_COMPILATION * self.operations
            if self.backend == NATIVE or self.spent + work >= PROMOTION_OPERATIONS + lanes:
                self.promote(many_points=True)
            elif spending:
                self.spent += work
        return self.program is not None

    def without_fallback(self, point: Any, out: Any = None) -> Outputs | None:
        """The outputs as Python's floats give them, None where these raise.

        Native code cannot raise: where it runs, None stands for what is not finite. A short tape of
        scalars is left to Python, whatever the backend. Native code writes an array into `out`.
        """
        native = not self._is_short
        if native and self.program is None and not self._refused and self._is_worth_it():
            self.promote()
        if not native or self.program is None:
            flat = point if isinstance(point, list | tuple) else point.tolist()
            found = self._python_function.without_fallback(flat)
            return found if found is None or flat is point else _as_array(found)
        return self.program.finite_outputs(point, out)

    def finite_outputs(self, point: Any, out: Any = None) -> Outputs | None:
        """The outputs without fallback; None, too, where one is not finite.

        Those of an array may stand in `out`, which must not overlap the point.
        """
        found = self.without_fallback(point, out)
        if found is None or (self.program is not None and not self._is_short):
            return found  # native code has looked
        value, others = found
        listed = others if isinstance(others, list) else others.tolist()
        return found if isfinite(value) and all(map(isfinite, listed)) else None

    def builtin(
        self,
        owner: Any,
        answer: str,
        slow: Callable[..., Any],
        doc: str = "",
        kinks: Tiered | None = None,
        trusted: Callable[[], Tiered] | None = None,
    ) -> Any:
        """Counts a call; once that pays, the builtin that takes the place of `slow`, else None.

        It answers what `slow` answers, and leaves to it the points at which an output of this tape
        is not finite, or the first output of `kinks` is 0. Of a short tape, which `slow` runs in
        Python, `trusted` is run in its place, whose first output is not finite where Python raises.
        """
        if trusted is not None and self._is_short:
            return trusted().builtin(owner, answer, slow, doc)
        self._calls += 1
        if self._refused or self._calls < CALLS_BEFORE_BUILTIN or self._has_no_builtin:
            return None
        if self.program is None:
            self.spent += CALL_OPERATIONS if self._is_short else 0
            if self.backend == NATIVE or self.spent >= PROMOTION_OPERATIONS:
                self.promote()
        if self.program is None:
            return None
        from gdcli.execute.buffers import maker
        from gdcli.execute.native.trampoline import builtin, works

        found, near = self.program.evaluation(), None
        if kinks is not None:
            if kinks.program is None:
                kinks.promote()
            near = kinks.program.evaluation(alone=True) if kinks.program is not None else None
        if found is None or (near is None and kinks is not None) or not works():
            self._has_no_builtin = True
            return None
        sizes, make = (self.program.length, self.program.outputs), maker(self.program.outputs)
        made = builtin(owner, answer, found, sizes, slow, make, near, doc)
        self._has_no_builtin = made is None
        return made

    def for_steps(self, steps: int) -> Program | None:
        """The native program, if so many steps of fixed α are worth compiling it."""
        if not self._refused and self.program is None:
            self.spent += 0 if self.backend == NATIVE else steps * self.operations
            if self.backend == NATIVE or self.spent >= PROMOTION_OPERATIONS:
                self.promote(descent=True)
        program = self.program
        return program if program is not None and program.steps_per_burst else None

    def _is_worth_it(self) -> bool:
        if self.backend == NATIVE:
            return True
        if self.bindings is None and self.operations < NATIVE_CALL_OPERATIONS:
            return False  # Python calls it as fast
        self.spent += self.operations
        return self.spent >= PROMOTION_OPERATIONS

    @collector_waits()
    def promote(self, *, descent: bool = False, many_points: bool = False) -> None:
        """Compiles native code; where that cannot be had, `note` says why and Python stays."""
        if (other := self._part_of) is not None:
            if other.program is None and not other._refused:
                other.promote(descent=descent, many_points=many_points)
            elif other.program is not None:
                other.program.compile(descent=descent, many_points=many_points)
            self.program, self.note = other.program, other.note
            self._refused = self.program is None
            return
        from gdcli.execute.native import available, compile_native

        reason = available() or _excess(self.tape.body)
        if reason is None:
            try:
                program = compile_native(self.tape, self.bindings)
                self.program = program.compile(descent=descent, many_points=many_points)
                return
            except RuntimeError as error:
                reason = f"LLVM refuses it ({str(error).splitlines()[0]})"
        self.note = f"native code cannot be had, Python runs instead: {reason}"
        self._refused = True


def _excess(body: Region) -> str | None:
    """What a tape has too much of for machine code."""
    if _instructions_in_loops(body) > MOST_LOOP_INSTRUCTIONS:
        return f"the loops of the tape have more than {MOST_LOOP_INSTRUCTIONS:,} instructions"
    if sum(1 for _ in instructions(body)) > MOST_NATIVE_INSTRUCTIONS:
        return f"the tape has more than {MOST_NATIVE_INSTRUCTIONS:,} instructions"
    return None


def _instructions_in_loops(region: Region) -> int:
    return sum(
        sum(1 for _ in instructions(inner))
        if one.operation == LOOP
        else _instructions_in_loops(inner)
        for one in region.instructions
        for inner in one.regions
    )


def _as_array(found: tuple[float, Sequence[float]]) -> Outputs:
    import numpy as np

    return found[0], np.array(found[1], dtype=float)
