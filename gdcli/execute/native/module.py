"""A tape as the text of an LLVM module.

The tape's outermost loops cut it into segments. Segment 0, loop 0, join 0, segment 1, … are
functions that hand values on in the frame; of a long segment most is in pieces, with modules of
their own. `loop0.run` takes chunks from a counter, so that threads can share a loop: where that
pays, whoever runs the module calls one function after the other; else `evaluate` does. All have the
same first parameters: the point, the gradient, the frame, the scratch of the thread, the byte that
asks to stop, and the data arrays. frame[0] is the first output.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from gdcli.autodiff.regions import free_values
from gdcli.autodiff.tape import DIRECTION_PREFIX, LOOP, Instruction, Region, Tape, instructions
from gdcli.execute.bindings import DATA, Bindings
from gdcli.execute.native.burst import descend
from gdcli.execute.native.code import FUNCTION_ATTRIBUTES, LANES, Code, integer, type_of
from gdcli.execute.native.context import FRAME_ADDRESS, GRADIENT_ADDRESS, Context
from gdcli.execute.native.duration import ALONE_NANOSECONDS, nanoseconds
from gdcli.execute.native.emitter import Emitter
from gdcli.execute.native.finite_check import chunk_check
from gdcli.execute.native.loops import Chunk, join_body
from gdcli.execute.native.pieces import (
    INSTRUCTIONS_PER_PIECE,
    OUTPUT,
    PIECE,
    Pieces,
)
from gdcli.execute.native.plan import LoopPlan, plans
from gdcli.execute.native.sum_table import is_tabled
from gdcli.execute.native.support import Vectors, support
from gdcli.execute.native.tiles import kernels
from gdcli.named_tuples import NamedTuple


class Module(NamedTuple):
    """The text of a module, and what it takes to run it.

    `pieces` has, by name, the texts of the modules of the functions that it calls. `frame` and
    `scratch` are how many numbers the frame and the scratch of a thread have. `data` names the
    arrays whose addresses are given, in order. `steps` names the functions in the order in which
    they run, a loop by its plan: where `shared`, they are called one by one, else `evaluate` calls
    them. Those of `brief` have no loop to run. `nanoseconds` is about how long one thread takes.
    Where `checked`, `all_finite` says whether the gradient that was written is finite.
    """

    text: str
    pieces: dict[str, str]
    frame: int
    scratch: int
    data: tuple[str, ...]
    steps: tuple[str | LoopPlan, ...]
    operations: int
    nanoseconds: float
    shared: bool
    brief: frozenset[str]
    checked: bool


class ModuleWriter:
    """Writes the modules of one tape; straight pieces have at most `most` instructions.

    With `point_lanes` the functions of a tape without loops work on eight points together, which
    are rows one after the other, as are their gradients; frame[0:8] are their first outputs.
    """

    def __init__(
        self,
        tape: Tape,
        bindings: Bindings,
        vectors: Vectors,
        most: int = INSTRUCTIONS_PER_PIECE,
        *,
        point_lanes: bool = False,
    ) -> None:
        self.context = context = Context(tape, bindings)
        self.vectors = vectors._replace(exact=point_lanes)
        self.point_lanes = point_lanes
        self.called: set[tuple[str, bool]] = set()
        self.plans = plans(context)
        self.known = self.context.leaves.keys() | self.context.layouts.keys()
        self.tabled = any(is_tabled(context, plan.instruction) for plan in self.plans)
        self.check = chunk_check(context, self.plans)
        pieces = Pieces(most)
        self.spines = [pieces.cut(segment) for segment in self.segments()]
        self.pieces = pieces.found
        handed = sorted(self.handed_on())
        room = LANES if point_lanes else 1
        slots = count(context.frame.take(room * len(handed)), room)
        context.slots.update(zip(handed, slots, strict=False))
        self.parameters = context.arguments.replace("ptr ", "ptr noalias ")
        self.nanoseconds = nanoseconds(context, self.plans, point_lanes)
        chunked = any(plan.chunks > 1 for plan in self.plans)
        self.shared = chunked and self.nanoseconds >= ALONE_NANOSECONDS
        self.steps: list[str | LoopPlan] = []
        self.functions = "\n\n".join(self.written())
        self.piece_texts = {name: self.piece(name, code) for name, code in self.pieces.items()}

    def written(self) -> Iterator[str]:
        """The functions of the steps, and of what they call but for the pieces."""
        for number, spine in enumerate(self.spines):
            yield self.segment(number, spine)
            self.steps.append(f"segment{number}")
            if number < len(self.plans):
                plan = self.plans[number]
                yield self.chunk(plan)
                yield self.join(plan)
                if self.shared or plan.chunks > 1:
                    yield self.run(plan)
                self.steps += [plan, f"join{number}"]

    def module(self, descent: int = 0, rows: int = 0) -> Module:
        """The module; where `descent` is not 0, with a descent in so many variables.

        Where `rows` is not 0, with a function of so many rows of second derivatives. With lanes
        that are points it has the `map` of many points.
        """
        functions = [self.functions]
        if not self.shared:
            inlined = "" if rows else "alwaysinline "
            internal = descent or self.point_lanes
            functions.append(self.evaluate("internal " if internal else "", inlined))
            if self.point_lanes:
                functions.append(self.map(LANES))
            if descent:
                functions.append(descend(descent, self.parameters, self.context.arguments))
            if rows:
                functions.append(self.rows(rows))
        if self.check is not None:
            functions.append(self.check.text())
        text = "\n\n".join(functions)
        text += kernels(text, self.vectors.width)
        text += "\n\n" + support(text, set(self.called), self.vectors) + "\n"
        for name in self.pieces:
            text += f"declare void @{name}({self.parameters})\n"
        return Module(
            text,
            self.piece_texts,
            self.context.frame.size,
            self.context.scratch.size,
            self.context.data,
            tuple(self.steps),
            self.context.work.operations,
            self.nanoseconds,
            self.shared,
            self.brief(),
            self.check is not None,
        )

    def brief(self) -> frozenset[str]:
        """The functions that join chunks, and the segments without loops."""
        segments = {
            f"segment{number}"
            for number, spine in enumerate(self.spines)
            if not any(one.operation == LOOP for one in instructions(Region(spine, ())))
        }
        return frozenset(segments | {f"join{plan.number}" for plan in self.plans})

    # -- values that functions hand on ------------------------------------------------------

    def segments(self) -> Iterator[tuple[Instruction, ...]]:
        """The instructions before, between and after the outermost loops."""
        found: list[Instruction] = []
        for instruction in self.context.steps:
            if instruction.operation == LOOP:
                yield tuple(found)
                found = []
            else:
                found.append(instruction)
        yield (*found, *self.outputs())

    def outputs(self) -> Iterator[Instruction]:
        """What stores the first output in the frame, the others at their places in the gradient."""
        outputs, bindings = self.context.tape.body.outputs, self.context.bindings
        if not self.tabled:
            places = bindings.inputs if bindings.length else range(len(outputs) - 1)
            for place, value in zip((None, *places), outputs, strict=False):
                yield Instruction(OUTPUT, place, (value,), ())

    def handed_on(self) -> set[int]:
        """The numbers that one function makes and another uses."""
        handed: set[int] = set()
        for code in (*self.spines, *self.pieces.values()):
            whole = Region(code, ())
            handed |= free_values(whole)
            handed.update(
                r for one in instructions(whole) if one.operation == PIECE for r in one.results
            )
        for plan in self.plans:
            handed |= _values_used(plan.instruction)
            handed |= set(plan.instruction.results)
        if self.tabled:
            handed -= set(self.context.tape.body.outputs)
        return handed - self.known

    def emitter(self, taken: set[int], called: set[tuple[str, bool]] | None = None) -> Emitter:
        """An emitter of a new function, which begins by reading the values `taken`.

        That of a piece collects in `called` what it calls.
        """
        code, called = (Code(), self.called) if called is None else (Code(counted=True), called)
        emitter = Emitter(self.context, code, called)
        emitter.scope.vector = emitter.scope.point_lanes = self.point_lanes
        emitter.take(sorted(taken))
        return emitter

    # -- functions --------------------------------------------------------------------------

    def function(self, name: str, emitter: Emitter, more: str = "") -> str:
        emitter.code.line("ret void")
        alone = self.shared and not more
        mark, where = ("", "") if alone else ("internal ", "noinline " if more else "alwaysinline ")
        head = f"define {mark}void @{name}({self.parameters}{more}) {where}{FUNCTION_ATTRIBUTES}"
        return emitter.code.text(head)

    def segment(self, number: int, spine: tuple[Instruction, ...]) -> str:
        emitter = self.emitter(free_values(Region(spine, ())))
        if number == 0:
            self.clear(emitter)
            if self.check is not None:
                emitter.code.clear(emitter.code.address(FRAME_ADDRESS, self.check.flag), 1)
        emitter.region(Region(spine, ()))
        return self.function(f"segment{number}", emitter)

    def piece(self, name: str, code: Sequence[Instruction]) -> str:
        """The text of the module of a piece, which reads a value where it is first used."""
        called: set[tuple[str, bool]] = set()
        emitter = self.emitter(set(), called)
        known = emitter.scope.values
        for instruction in code:
            used: Iterable[int] = instruction.operands
            if instruction.regions:
                used = free_values(Region((instruction,), ()))
            for value in used:
                if value not in known:
                    emitter.take((value,))
            emitter.instruction(instruction)
        emitter.code.line("ret void")
        # LLVM's quick generator knows a call by address; any other it hands to the slow one
        functions = sorted({function for function, lanes in called if not lanes})
        emitter.code.first += [f"  %{one} = freeze ptr @{one}" for one in functions]
        text = emitter.code.text(f"define void @{name}({self.parameters}) {FUNCTION_ATTRIBUTES}")
        for one in functions:
            text = text.replace(f"call double @{one}(", f"call double %{one}(")
        searched = text if self.point_lanes else ""  # for functions that go by lanes
        return f"{text}\n\n{support(searched, called, self.vectors)}\n"

    def clear(self, emitter: Emitter) -> None:
        """Sets the derivatives that are added to to 0, except those that a window writes first."""
        windows = {w.storage: (p, w) for p in self.plans for w in p.windows if w.first}
        for name, array in self.context.bindings.arrays.items():
            if (
                array.offset == DATA
                or not self.context.bindings.length
                or name.startswith(DIRECTION_PREFIX)
            ):
                continue
            holes = [(0, array.count)]
            if name in windows:
                plan, window = windows[name]
                low, high = plan.ends or (1, 0)
                first, after = low + window.offsets[0], high + window.offsets[-1] + 1
                holes = [(0, first), (after, array.count)]
            for begin, end in holes:
                if begin < end:
                    start = emitter.code.address(GRADIENT_ADDRESS, array.offset + begin)
                    emitter.code.clear(start, end - begin)

    def chunk(self, plan: LoopPlan) -> str:
        emitter = self.emitter(_values_used(plan.instruction))
        Chunk(emitter, plan).write()
        return self.function(f"loop{plan.number}", emitter, ", i64 %chunk")

    def join(self, plan: LoopPlan) -> str:
        emitter = self.emitter(set())
        join_body(emitter, plan)
        return self.function(f"join{plan.number}", emitter)

    def run(self, plan: LoopPlan) -> str:
        """A function that runs chunks first, first + step, … from a counter until none is left."""
        code = Code()
        more = ", ptr %counter, i64 %first, i64 %step"
        name = f"loop{plan.number}"
        lines = f"""\
  br label %take
take:
  %count = atomicrmw add ptr %counter, i64 1 monotonic
  %nth = mul i64 %count, %step
  %chunk = add i64 %first, %nth
  %some = icmp slt i64 %chunk, {plan.chunks}
  br i1 %some, label %do, label %done
do:
  call void @{name}({self.context.arguments}, i64 %chunk)
{self.check.of_chunk() if self.check else "  br label %take"}
done:
  ret void"""
        code.lines += lines.splitlines()
        mark = "" if self.shared else "internal "
        head = f"define {mark}void @{name}.run({self.parameters}{more}) {FUNCTION_ATTRIBUTES}"
        return code.text(head)

    def map_alone(self) -> str:
        """A module of the `map` of many points that calls another module's `evaluate` for each."""
        return f"declare void @evaluate({self.parameters})\n{self.map(1)}"

    def map(self, step: int) -> str:
        """A function that evaluates rows of points, `step` of them with each call.

        It takes chunks of `size` points from a counter until all `count` are done.
        """
        tape, code = self.context.tape, Code()
        scalars, outputs = len(tape.inputs), len(tape.body.outputs) - 1
        arrays = [a.count for a in self.context.bindings.arrays.values() if a.offset != DATA]
        first = type_of("double", step > 1)
        _, _, rest = self.context.arguments.split(", ", 2)
        more = ", ptr noalias %first, ptr %counter, i64 %count, i64 %size"
        code.lines += f"""\
  br label %take
take:
  %chunk = atomicrmw add ptr %counter, i64 1 monotonic
  %start = mul i64 %chunk, %size
  %some = icmp slt i64 %start, %count
  br i1 %some, label %begin, label %done
begin:
  %own = add i64 %start, %size
  %end = call i64 @llvm.smin.i64(i64 %own, i64 %count)
  br label %one
one:
  %i = phi i64 [ %start, %begin ], [ %next, %go ]
  %asked = load volatile i8, ptr %stop
  %stopped = icmp ne i8 %asked, 0
  br i1 %stopped, label %done, label %go
go:
  %place = mul i64 %i, {scalars + sum(arrays)}
  %x = getelementptr double, ptr %point, i64 %place
  %offset = mul i64 %i, {self.context.bindings.length or outputs}
  %out = getelementptr double, ptr %gradient, i64 %offset
  call void @evaluate(ptr %x, ptr %out, {rest})
  %y = load {first}, ptr %frame, align 8
  %to = getelementptr double, ptr %first, i64 %i
  store {first} %y, ptr %to, align 8
  %next = add i64 %i, {step}
  %more = icmp slt i64 %next, %end
  br i1 %more, label %one, label %take
done:
  ret void""".splitlines()
        return code.text(f"define void @map({self.parameters}{more}) {FUNCTION_ATTRIBUTES}")

    def rows(self, n: int) -> str:
        """A function that evaluates along each of n unit directions, a row of n outputs each."""
        code = Code()
        _, _, rest = self.context.arguments.split(", ", 2)
        code.lines += f"""\
  br label %row
row:
  %i = phi i64 [ 0, %entry ], [ %next, %row ]
  %place = add i64 %i, {n}
  %along = getelementptr double, ptr %point, i64 %place
  store double 1.0, ptr %along
  %offset = mul i64 %i, {n}
  %out = getelementptr double, ptr %gradient, i64 %offset
  call void @evaluate(ptr %point, ptr %out, {rest})
  store double 0.0, ptr %along
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, {n}
  br i1 %more, label %row, label %done
done:
  ret void""".splitlines()
        return code.text(f"define void @rows({self.parameters}) {FUNCTION_ATTRIBUTES}")

    def evaluate(self, mark: str, inlined: str) -> str:
        """The function that runs all steps in order."""
        code, given = Code(), self.context.arguments
        for step in self.steps:
            if isinstance(step, str):
                code.line(f"call void @{step}({given})")
            elif step.chunks == 1:
                code.line(f"call void @loop{step.number}({given}, i64 0)")
            else:
                counter = code.reserve("i64", 1, "counter")
                for turn in range(step.turns):
                    code.store(integer(0), counter)
                    more = f"{counter.pointer}, i64 {turn}, i64 {step.turns}"
                    code.line(f"call void @loop{step.number}.run({given}, {more})")
        code.line("ret void")
        head = f"define {mark}void @evaluate({self.parameters}) {inlined}{FUNCTION_ATTRIBUTES}"
        return code.text(head)


def _values_used(loop: Instruction) -> set[int]:
    return set(loop.operands) | free_values(loop.regions[0])
