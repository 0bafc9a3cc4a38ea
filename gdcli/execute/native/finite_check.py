"""Whether the numbers of a result are finite, in machine code.

Comes in: where they lie, and how many they are. A long gradient that one loop writes chunk by chunk
is checked chunk by chunk, while its numbers are near: read again when all are written, they take as
long as an evaluation.
"""

from __future__ import annotations

from collections.abc import Callable
from ctypes import CFUNCTYPE, c_int64, c_void_p
from typing import Any

from gdcli.autodiff.tape import ACCUMULATE, DIRECTION_PREFIX, Region, instructions
from gdcli.execute.bindings import DATA
from gdcli.execute.native.context import Context
from gdcli.execute.native.machine import Machine
from gdcli.execute.native.made_once import MadeOnce
from gdcli.execute.native.plan import LoopPlan
from gdcli.named_tuples import NamedTuple

LEAST_CHUNKED = 1 << 16  # numbers, 512 kB: fewer stay in the cache anyway
FINITE_TYPE = CFUNCTYPE(c_int64, c_void_p, c_int64, c_void_p)
FiniteFunction = Callable[[int, int, int], int]


def _each(line: str, count: int = 4) -> str:
    return "".join(line.replace("#", str(k)).replace("@8", str(8 * k)) for k in range(count))


_BEGIN = _each("  %s# = phi <8 x double> [ zeroinitializer, %entry ], [ %t#, %block ]\n")
_ADD = _each("""\
  %i# = add i64 %i, @8
  %p# = getelementptr double, ptr %numbers, i64 %i#
  %v# = load <8 x double>, ptr %p#, align 8
  %z# = fsub <8 x double> %v#, %v#
  %t# = fadd <8 x double> %s#, %z#
""")
# Whether so many numbers are finite: for others x - x is nan, and so is a sum with it. What was
# written last, the end, is read first, while it is near. Other such functions read the frame.
FINITE_TEXT = f"""
define i64 @finite(ptr %numbers, i64 %count, ptr %frame) {{
entry:
  %whole = and i64 %count, -32
  %some = icmp sgt i64 %whole, 0
  br i1 %some, label %block, label %rest
block:
  %end = phi i64 [ %whole, %entry ], [ %i, %block ]
{_BEGIN}\
  %i = sub i64 %end, 32
{_ADD}\
  %more = icmp sgt i64 %i, 0
  br i1 %more, label %block, label %joined
joined:
  %u0 = fadd <8 x double> %t0, %t1
  %u1 = fadd <8 x double> %t2, %t3
  %u = fadd <8 x double> %u0, %u1
  %lanes = fcmp ord <8 x double> %u, %u
  %mask = bitcast <8 x i1> %lanes to i8
  %fine = icmp eq i8 %mask, -1
  br i1 %fine, label %rest, label %no
rest:
  %begin = phi i64 [ 0, %entry ], [ %whole, %joined ]
  br label %next
next:
  %j = phi i64 [ %begin, %rest ], [ %j.next, %one ]
  %left = icmp slt i64 %j, %count
  br i1 %left, label %one, label %yes
one:
  %p = getelementptr double, ptr %numbers, i64 %j
  %v = load double, ptr %p
  %z = fsub double %v, %v
  %ok = fcmp ord double %z, %z
  %j.next = add i64 %j, 1
  br i1 %ok, label %next, label %no
yes:
  ret i64 1
no:
  ret i64 0
}}
"""


class ChunkCheck(NamedTuple):
    """The check of the part of a gradient that a loop writes through a window, chunk by chunk.

    The part is from `begin` to before `end`, `size` entries for each chunk but the last; what a
    chunk puts aside is added later to the `spread` entries that the next begins with. frame[`flag`]
    is 0 as long as all were finite.
    """

    begin: int
    end: int
    chunks: int
    size: int
    spread: int
    flag: int

    def of_chunk(self) -> str:
        """The lines that check the entries of %chunk and go on to %take."""
        return f"""\
  %from = mul i64 %chunk, {self.size}
  %whole = add i64 %from, {self.size}
  %is.last = icmp eq i64 %chunk, {self.chunks - 1}
  %to = select i1 %is.last, i64 {self.end - self.begin}, i64 %whole
  %entries = sub i64 %to, %from
  %place = add i64 %from, {self.begin}
  %numbers = getelementptr double, ptr %gradient, i64 %place
  %are = call i64 @finite(ptr %numbers, i64 %entries, ptr %frame)
  %fine = icmp ne i64 %are, 0
  br i1 %fine, label %take, label %mark
mark:
  %flag = getelementptr double, ptr %frame, i64 {self.flag}
  store double 1.0, ptr %flag
  br label %take"""

    def text(self) -> str:
        """The functions `finite` and `all_finite`, which takes the same of the whole gradient."""
        return f"""{FINITE_TEXT}
define i64 @all_finite(ptr %gradient, i64 %count, ptr %frame) {{
entry:
  %flag = getelementptr double, ptr %frame, i64 {self.flag}
  %mark = load double, ptr %flag
  %clear = fcmp oeq double %mark, 0.0
  br i1 %clear, label %before, label %no
before:
  %first = call i64 @finite(ptr %gradient, i64 {self.begin}, ptr %frame)
  %after = getelementptr double, ptr %gradient, i64 {self.end}
  %left = sub i64 %count, {self.end}
  %last = call i64 @finite(ptr %after, i64 %left, ptr %frame)
  br label %next
next:
  %chunk = phi i64 [ 1, %before ], [ %chunk.next, %joined ]
  %all = phi i64 [ %last, %before ], [ %and, %joined ]
  %some = icmp slt i64 %chunk, {self.chunks}
  br i1 %some, label %joined, label %done
joined:
  %from = mul i64 %chunk, {self.size}
  %place = add i64 %from, {self.begin}
  %numbers = getelementptr double, ptr %gradient, i64 %place
  %are = call i64 @finite(ptr %numbers, i64 {self.spread}, ptr %frame)
  %and = and i64 %all, %are
  %chunk.next = add i64 %chunk, 1
  br label %next
done:
  %fine = and i64 %all, %first
  ret i64 %fine
no:
  ret i64 0
}}
"""


def chunk_check(context: Context, plans: list[LoopPlan]) -> ChunkCheck | None:
    """The check of the gradient's longest window, if nothing is added to that behind its loop.

    None where that is short.
    """
    arrays = context.bindings.arrays
    if len(plans) != 1 or any(name.startswith(DIRECTION_PREFIX) for name in arrays):
        return None
    plan, sizes = plans[0], {name: one.count for name, one in arrays.items() if one.offset != DATA}
    windows = [w for w in plan.windows if w.first and sizes.get(str(w.storage), 0) >= LEAST_CHUNKED]
    behind = context.steps[context.steps.index(plan.instruction) + 1 :]
    adds = any(one.operation == ACCUMULATE for one in instructions(Region(tuple(behind), ())))
    if not windows or plan.chunks == 1 or plan.ends is None or adds:
        return None
    window = max(windows, key=lambda one: sizes[str(one.storage)])
    offset, (low, high) = arrays[str(window.storage)].offset, plan.ends
    begin, end = offset + low + window.offsets[0], offset + high + window.offsets[-1] + 1
    flag = context.frame.take(1)
    return ChunkCheck(begin, end, plan.chunks, plan.size, window.spread, flag)


@MadeOnce
def finite() -> FiniteFunction:
    """The function of an address and a count that says whether so many numbers are finite.

    It is compiled by itself with more effort, for long results.
    """
    machine = Machine(FINITE_TEXT)
    function: Any = FINITE_TYPE(machine.address("finite"))
    function.machine = machine  # which holds the code
    checked: FiniteFunction = function
    return checked
