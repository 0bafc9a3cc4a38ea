"""A compiled tape: value and derivatives at a point, and bursts of descent with a fixed α.

Comes in: a Tape and its Bindings. Goes out: `Program`. Short work is done in the calling thread;
loops of long work are shared by threads, chunk by chunk. A Program holds the memory in which its
functions work, so of several threads that call it one works and the others wait.
"""

from __future__ import annotations

import os
from _thread import allocate_lock
from collections.abc import Callable, Sequence
from ctypes import addressof, c_byte, c_double, c_int64, c_void_p
from functools import cached_property, partial
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakSet

from gdcli.autodiff.passes.infinities import check_infinities
from gdcli.autodiff.tape import BRANCH, Tape, instructions
from gdcli.execute import CALLS_BEFORE_BUILTIN, OUTPUTS
from gdcli.execute.bindings import DATA, Bindings
from gdcli.execute.buffers import empty, maker
from gdcli.execute.mapped import let_go, mapped_file
from gdcli.execute.native.addresses import address
from gdcli.execute.native.burst import Fields, Settings
from gdcli.execute.native.code import LANES
from gdcli.execute.native.duration import ALONE_NANOSECONDS
from gdcli.execute.native.finite_check import FINITE_TYPE, FiniteFunction, finite
from gdcli.execute.native.machine import Machine, recent_machine, vectors
from gdcli.execute.native.module import ModuleWriter
from gdcli.execute.native.pieces import INSTRUCTIONS_PER_PIECE
from gdcli.execute.native.plan import LoopPlan
from gdcli.execute.native.point_map import PointMap
from gdcli.execute.native.thread_pool import ThreadPool, thread_pool
from gdcli.execute.native.trampoline import UNLOCKED_OPERATIONS, BoundCode, builtin, works
from gdcli.execute.thread_count import thread_count
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import MOST_LISTED_COMPONENTS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

OPERATIONS_PER_BURST = 1 << 25  # about 50 ms
MANY_CALLS = 2000  # that take as long as making the machine code of builtins
MOST_KEPT_PIECES = 4
MOST_BRANCHES = 200  # whose code is optimized: LLVM takes seconds for 400, four times that for 800
FEW_NUMBERS = 1 << 16  # as many are set to 0 in no time


class DescentPoint(NamedTuple):
    """A point of a descent; its k counts the steps from the start of the burst."""

    k: int
    x: list[float]
    f: float
    gradient: list[float]
    gradient_norm: float


class Burst(NamedTuple):
    """What a burst of descent did; `rows` holds x, f and ‖∇f‖∞ of each step, if asked for."""

    steps: int
    here: DescentPoint
    best: DescentPoint
    best_by_gradient: DescentPoint
    stalled_count: int
    rows: Sequence[tuple[float, ...]]


class Program:
    """The machine code of a tape, and the memory it works in.

    Without `bindings` the tape is one of scalars, and its other outputs are handed back in order.
    Long straight code is cut into pieces of at most `most` instructions.
    """

    def __init__(
        self, tape: Tape, bindings: Bindings | None = None, most: int = INSTRUCTIONS_PER_PIECE
    ) -> None:
        n = len(tape.inputs)
        self.bindings = bindings or Bindings({}, tuple(range(n)), {})
        self.outputs = self.bindings.length or len(tape.body.outputs) - 1
        self.length = n + sum(a.count for a in self.bindings.arrays.values() if a.offset != DATA)
        self._descent = self.length if self.outputs == self.length <= MOST_LISTED_COMPONENTS else 0
        self._tape = check_infinities(tape)
        self._rows = self.outputs if self.length == 2 * self.outputs else 0
        self._writer = ModuleWriter(self._tape, self.bindings, vectors(), most)
        self._most = most
        self._module = self._writer.module(rows=self._rows)
        self._data = [_contiguous(self.bindings.arrays[name].values) for name in self._module.data]
        self._places = [address(array) for array in self._data]
        self._mapped = [one for one in self._data if mapped_file(one) is not None]
        self._pointers = [c_void_p] * (5 + len(self._data))
        self._frame, self._frame_place = _memory(self._module.frame)
        self._stop = c_byte(0)
        self._in_use = allocate_lock()
        _programs.add(self)
        self._calls = 0.0
        self.builtin: Callable[[Any], tuple[float, Any]] | None = None  # answers as a call does
        self._scratches = [_memory(self._module.scratch + 1)]  # by thread

    @cached_property
    def _steps(self) -> list[tuple[Any, LoopPlan | None, bool]]:
        """The functions to call one after the other, of loops their plans, and which are brief."""
        steps = self._module.steps if self._module.shared else ("evaluate",)
        return [self._step(self._machine, step) for step in steps]

    @cached_property
    def _machine(self) -> Machine:
        loops, quick = self._tape.has_loops, bool(self._module.pieces)  # what is left is short
        if loops:
            branches = sum(one.operation == BRANCH for one in instructions(self._tape.body))
            quick = branches > MOST_BRANCHES
        straight = not loops and not quick
        text, pieces = self._module.text, self._pieces
        return self._make_machine(text, straight=straight, quick=quick, pieces=pieces)

    @property
    def _make_machine(self) -> Callable[..., Machine]:
        """What makes machine code; that of many pieces is large, and not kept for another time."""
        return recent_machine if len(self._module.pieces) <= MOST_KEPT_PIECES else Machine

    @cached_property
    def _pieces(self) -> tuple[tuple[str, Machine], ...]:
        return self._made(self._module.pieces)

    def _made(self, pieces: dict[str, str]) -> tuple[tuple[str, Machine], ...]:
        """The machine code of pieces, made one by one, so that Ctrl-C is heard in between."""
        make = self._make_machine
        return tuple([(name, make(text, quick=True)) for name, text in pieces.items()])

    def compile(self, *, descent: bool = False, many_points: bool = False) -> Program:
        """Makes the machine code, which else is made at the first call; returns the Program.

        Raises RuntimeError where LLVM refuses the text.
        """
        if many_points and not self._module.shared:
            _ = self._point_map
        else:
            _ = self._descend if descent and self.steps_per_burst else self._steps
        return self

    @property
    def ir(self) -> str:
        """The text for LLVM, before optimization."""
        return "\n".join((self._module.text, *self._module.pieces.values()))

    @property
    def pieces(self) -> dict[str, str]:
        """The texts, by name, of the pieces that long straight code is cut into."""
        return self._module.pieces

    @property
    def operations(self) -> int:
        """How many operations one evaluation takes."""
        return self._module.operations

    @cached_property
    def _lists(self) -> tuple[Any, Any, list[int]]:
        """Memory for a point and a gradient that are lists, and the arguments for it."""
        x, gradient = (c_double * self.length)(), (c_double * self.outputs)()
        return x, gradient, self._arguments(addressof(x), addressof(gradient))

    def _arguments(self, point: int, gradient: int, thread: int = 0) -> list[int]:
        while len(self._scratches) <= thread:
            self._scratches.append(_memory(self._module.scratch + 1))
        stop = addressof(self._stop)
        return [point, gradient, self._frame_place, self._scratches[thread][1], stop, *self._places]

    # -- value and derivatives --------------------------------------------------------------

    def __call__(self, point: Sequence[float] | Array) -> tuple[float, Any]:
        """The first output, and the others: a list for a list, an array for an array."""
        self._calls += 1
        if self._calls >= (CALLS_BEFORE_BUILTIN if works.made else MANY_CALLS):
            self._calls = -inf  # never again
            self._make_builtin()
        if not isinstance(point, Sequence):
            return self.arrays(point)
        with self._in_use:
            x, gradient, arguments = self._lists
            x[:] = list(point)
            self._run(arguments)
            return float(self._frame[0]), gradient[:]

    def arrays(self, point: Array, out: Array | None = None) -> tuple[float, Array]:
        """The first output at an array of shape (n,), and the others as an array.

        The others are written into `out`, if it is given. Raises ValueError for another shape.
        """
        value, others, _ = self._evaluated(point, out)
        return value, others

    def _evaluated(
        self, point: Array, out: Array | None, *, checked: bool = False
    ) -> tuple[float, Array, bool]:
        """What `arrays` answers, and whether all of it was `checked` and is finite."""
        import numpy as np

        flat = np.ascontiguousarray(point, dtype=float)
        if flat.shape != (self.length,):
            raise ValueError(f"the point has {self.length} numbers, not the shape {flat.shape}")
        gradient = empty(self.outputs) if out is None else out
        with self._in_use:
            arguments = self._arguments(address(flat), address(gradient))
            self._run(arguments, flat, gradient)
            value = float(self._frame[0])
            some = checked and isfinite(value)
            fine = some and self._finite(arguments[1], self.outputs, self._frame_place) != 0
            return value, gradient, fine

    @cached_property
    def _finite(self) -> FiniteFunction:
        """What says whether the outputs that were written last are finite."""
        if not self._module.checked:
            return finite()
        function: Any = FINITE_TYPE(self._machine.address("all_finite"))
        function.machine = self._machine  # which holds the code
        return cast("FiniteFunction", function)

    def map(self, points: Array) -> tuple[Array, Array]:
        """The first output at each row of points, and the others, with the bits of one alone.

        The points have the shape (m, n), the first outputs (m,) and the others (m, outputs).
        Raises ValueError for another shape.
        """
        import numpy as np

        points = np.ascontiguousarray(points, dtype=float)
        if points.ndim != 2 or points.shape[1] != self.length:
            raise ValueError(f"a point has {self.length} numbers; the shape is {points.shape}")
        if not self._module.shared:
            with self._in_use:
                return self._point_map(points)
        first, others = np.empty(len(points)), np.empty((len(points), self.outputs))
        for place, point in enumerate(points):
            first[place], _ = self.arrays(point, others[place])
        return first, others

    @cached_property
    def _point_map(self) -> PointMap:
        step, module = 1, self._module
        if self._tape.has_loops:
            evaluate = ("evaluate", self._machine)
            machine = Machine(self._writer.map_alone(), pieces=(evaluate,))
        else:
            step = LANES
            module = ModuleWriter(
                self._tape, self.bindings, vectors(), self._most, point_lanes=True
            ).module()
            pieces = self._made(module.pieces)
            machine = Machine(module.text, straight=not pieces, pieces=pieces)

        def memory() -> tuple[int, int, Any]:
            frame, scratch = _memory(module.frame), _memory(module.scratch + 1)
            return frame[1], scratch[1], (frame, scratch)

        work = self.operations, module.nanoseconds
        return PointMap(machine, step, *work, self.outputs, memory, self._places)

    def _make_builtin(self) -> None:
        evaluation = self.evaluation()
        if evaluation is not None and works():
            sizes, make = (self.length, self.outputs), maker(self.outputs)
            self.builtin = builtin(self, OUTPUTS, evaluation, sizes, self, make)

    def finite_outputs(
        self, point: Sequence[float] | Array, out: Array | None = None
    ) -> tuple[float, Any] | None:
        """The outputs, those of an array into `out` if it is given; None where one is not finite.

        `out` must not overlap the point.
        """
        if isinstance(point, Sequence):
            found = self(point)
            return found if isfinite(found[0]) and all(map(isfinite, found[1])) else None
        value, others, fine = self._evaluated(point, out, checked=True)
        return (value, others) if fine else None

    def evaluation(self, alone: bool = False) -> BoundCode | None:
        """What a builtin calls; None where the work is shared by threads, or long.

        Where it is brief, or to be `alone`, it has memory of its own and no lock: whoever calls it
        sees to it that nobody else does meanwhile.
        """
        if self._module.shared or self._module.nanoseconds >= ALONE_NANOSECONDS or self._mapped:
            return None
        if alone or self.operations < UNLOCKED_OPERATIONS:
            lock, frame = None, _memory(self._module.frame)
            scratch = _memory(self._module.scratch + 1)
        else:
            lock, frame = self._in_use, (self._frame, self._frame_place)
            scratch = self._scratches[0]
        machine, stop = self._machine, addressof(self._stop)
        code, held = machine.address("evaluate"), (self, machine, frame, scratch)
        places, check = tuple(self._places), self._finite if self._module.checked else None
        return BoundCode(code, frame[1], scratch[1], stop, places, held, lock, check)

    @property
    def has_rows(self) -> bool:
        """Whether `rows` may be used: there is a direction, and no threads share loops."""
        return self._rows > 0 and not self._module.shared

    def rows(self, point: Sequence[float]) -> list[list[float]]:
        """The outputs along each of the n unit directions, at n numbers, in one call.

        For products of second derivatives with a direction these are the rows of the Hessian.
        """
        n = self._rows
        with self._in_use:
            x, found, arguments = self._square
            x[:n] = point
            if n * self._module.nanoseconds < ALONE_NANOSECONDS:
                self._write_rows(*arguments)
            else:
                thread_pool(1).coordinate(partial(self._write_rows, *arguments), self._stop)
            flat = found[:]
        return [flat[k : k + n] for k in range(0, n * n, n)]

    @cached_property
    def _square(self) -> tuple[Any, Any, list[int]]:
        """Memory for a point with a direction of zeros and for n rows, and the arguments for it."""
        x, found = (c_double * self.length)(), (c_double * self._rows**2)()
        return x, found, self._arguments(addressof(x), addressof(found))

    @cached_property
    def _write_rows(self) -> Any:
        return self._machine.function("rows", *self._pointers)

    def _step(self, machine: Machine, step: str | LoopPlan) -> tuple[Any, LoopPlan | None, bool]:
        if isinstance(step, str):
            brief = step in self._module.brief
            return machine.function(step, *self._pointers), None, brief
        more = [c_void_p, c_int64, c_int64]
        return machine.function(f"loop{step.number}.run", *self._pointers, *more), step, False

    def _run(self, arguments: list[int], *held: Array) -> None:
        """Runs all steps: in this thread, or where that takes long in the threads of a pool.

        These have the arrays `held` as long as they run, whatever interrupts their caller.
        """
        if not self._module.shared and self._module.nanoseconds < ALONE_NANOSECONDS:
            self._run_steps([arguments])
            return
        chunks = max((plan.chunks for _, plan, _ in self._steps if plan is not None), default=1)
        pool = thread_pool(min(thread_count(), chunks))
        threads = [
            self._arguments(arguments[0], arguments[1], number) for number in range(pool.size)
        ]
        pool.coordinate(partial(self._run_steps, threads, pool, held), self._stop, self._let_go)

    def _run_steps(
        self,
        threads: list[list[int]],
        pool: ThreadPool | None = None,
        _held: tuple[Array, ...] = (),
    ) -> None:
        """Runs all steps in this thread; of loops of chunks the threads of a pool take their part.

        `threads` has the arguments of each of the threads, which are addresses in what is `_held`.
        """
        for function, plan, brief in self._steps:
            if plan is None:
                function(*threads[0])
            else:
                for turn in range(plan.turns):
                    take = partial(_take, function, threads, c_int64(0), turn, plan.turns)
                    take(0) if pool is None or plan.chunks == 1 else pool.share(take)
            if self._let_go is not None and not brief:
                self._let_go()

    @cached_property
    def _let_go(self) -> Callable[[], object] | None:
        """What lets go the pages of mapped data that have been read; None where there are none."""
        return partial(let_go, self._mapped) if self._mapped else None

    # -- descent ----------------------------------------------------------------------------

    @cached_property
    def steps_per_burst(self) -> int:
        """How many descent steps take about 50 ms; 0 where `descend` must not be used."""
        short = not self._module.shared and self.operations < OPERATIONS_PER_BURST
        return (
            max(1, OPERATIONS_PER_BURST // (self.operations + 100))
            if self._descent and short
            else 0
        )

    def descend(
        self,
        settings: Settings,
        here: DescentPoint,
        best: DescentPoint,
        best_by_gradient: DescentPoint,
        stalled_count: int,
        steps: int,
        rows: bool = False,
    ) -> Burst:
        """Takes at most `steps` steps of fixed α from `here`, by the function of `burst.py`.

        The tape must hand out a gradient in at most MOST_LISTED_COMPONENTS variables. Every step
        that was taken is an ordinary one; where they are fewer than `steps`, the next is not.
        """
        fields = Fields(self.length)
        numbers = (c_double * fields.size)(*settings, float(stalled_count))
        for start, place in zip(fields.points, (here, best, best_by_gradient), strict=True):
            numbers[start : start + fields.width] = [*_flat(place)]
        table = (c_double * (steps * (self.length + 2)))() if rows else None
        taken = c_int64(0)
        where = addressof(table) if table is not None else None
        with self._in_use:
            self._descend(*self._lists[2], addressof(numbers), where, steps, addressof(taken))
        ends = [self._place(numbers[start : start + fields.width]) for start in fields.points]
        width = self.length + 2
        flat = table[: taken.value * width] if table is not None else []
        return Burst(
            taken.value,
            ends[0],
            ends[1],
            ends[2],
            int(numbers[fields.stalled_count]),
            [tuple(flat[n : n + width]) for n in range(0, len(flat), width)],
        )

    @cached_property
    def _descend(self) -> Any:
        more = [c_void_p, c_void_p, c_int64, c_void_p]
        text = self._writer.module(self._descent).text
        machine = Machine(text, straight=not self._tape.has_loops, pieces=self._pieces)
        return machine.function("descend", *self._pointers, *more)

    def _place(self, numbers: list[float]) -> DescentPoint:
        n = self.length
        return DescentPoint(
            int(numbers[-1]), numbers[:n], numbers[n], numbers[n + 1 : 2 * n + 1], numbers[-2]
        )


_programs: WeakSet[Program] = WeakSet()  # all that there are


def _unlock() -> None:
    """Unlocks all Programs in a child process, where no thread is left that uses them."""
    for program in _programs:
        program._in_use._at_fork_reinit()  # type: ignore[attr-defined]  # as threading.Lock has it


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock)


def _take(
    function: Any, threads: list[list[int]], counter: c_int64, first: int, step: int, thread: int
) -> None:
    """Runs chunks first, first + step, … of a loop, as the counter has them, until none is left."""
    function(*threads[thread], addressof(counter), first, step)


def _flat(place: DescentPoint) -> list[float]:
    return [*place.x, place.f, *place.gradient, place.gradient_norm, float(place.k)]


def _memory(count: int) -> tuple[Any, int]:
    """Memory for so many numbers, and its address; where they are many, they are not set to 0."""
    if count <= FEW_NUMBERS:
        small = (c_double * count)()
        return small, addressof(small)
    import numpy as np

    large = np.empty(count)
    return large, large.ctypes.data


def _contiguous(values: Sequence[float]) -> Any:
    import numpy as np

    return np.ascontiguousarray(values, dtype=float)
