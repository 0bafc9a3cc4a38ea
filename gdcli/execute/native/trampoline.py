"""From a call in Python to machine code and back without Python: builtin functions in LLVM's text.

Comes in: a Program, the slow way to the same answer, and which answer is asked for. Goes out: a
builtin function, or None where there cannot be one. It answers what it is sure of: one contiguous
array of float64, or a list of floats, of the right length, at a point on no kink, where all numbers
that come out are finite. Everything else it hands to the slow way with the same arguments, also
while another thread uses the memory of the Program. Long work lets other threads run meanwhile.

The text calls nothing but functions that CPython exports, and is compiled once for a process. What
belongs to one function is the builtin's `__self__`, a BoundCall: a tuple, which the garbage
collector never empties before the builtin itself goes.
"""

from __future__ import annotations

import ctypes
import struct
import sys
from collections.abc import Callable
from ctypes import PYFUNCTYPE, addressof, c_double, c_void_p, cast, py_object
from itertools import product
from operator import is_not
from typing import Any

from gdcli.execute import CALL_ANSWERS, GRADIENT, OUTPUTS, VALUE
from gdcli.execute.native.finite_check import FINITE_TEXT, FiniteFunction, finite
from gdcli.execute.native.machine import Machine, add_symbols
from gdcli.execute.native.made_once import MadeOnce
from gdcli.named_tuples import NamedTuple

UNLOCKED_OPERATIONS = 10_000  # some microseconds: from so many on other threads run meanwhile
MOST_DATA_ARRAYS = 24
LEAST_LONG_RESULT = 1 << 11  # numbers, for which machine code of more effort pays
METH_FASTCALL, METH_KEYWORDS = 0x80, 0x02
PYBUF_WRITABLE, PYBUF_RECORDS_RO = 0x01, 0x1C  # the second: with format, shape and strides

# What the text knows of one function, each 8 bytes: numbers, addresses of memory, and Python's
# objects, which the BoundCall holds.
FIELDS = (
    *("evaluate", "n", "m", "x", "g", "frame", "scratch", "stop"),
    *("finite", "kinks", "kinks_frame", "kinks_scratch"),
    *("ndarray", "list", "float", "true", "false", "out", "make", "count", "slow"),
    *("acquire", "release", "data_count", *(f"data{k}" for k in range(MOST_DATA_ARRAYS))),
)
EXPORTED_FUNCTIONS = """\
declare void @PyBuffer_Release(ptr)
declare ptr @PyBytes_AsString(ptr)
declare void @PyErr_Clear()
declare void @PyEval_RestoreThread(ptr)
declare ptr @PyEval_SaveThread()
declare double @PyFloat_AsDouble(ptr)
declare ptr @PyFloat_FromDouble(double)
declare ptr @PyList_GetItem(ptr, i64)
declare ptr @PyList_New(i64)
declare i32 @PyList_SetItem(ptr, i64, ptr)
declare i64 @PyList_Size(ptr)
declare i32 @PyObject_GetBuffer(ptr, ptr, i32)
declare ptr @PyObject_Type(ptr)
declare ptr @PyObject_Vectorcall(ptr, ptr, i64, ptr)
declare ptr @PyTuple_GetItem(ptr, i64)
declare ptr @PyTuple_New(i64)
declare i32 @PyTuple_SetItem(ptr, i64, ptr)
declare i64 @PyTuple_Size(ptr)
declare void @Py_DecRef(ptr)
declare void @Py_IncRef(ptr)
"""


def _field(value: str, field: str, kind: str = "ptr") -> str:
    """The lines that read a field of the record into a value."""
    return f"""\
  %{value}.at = getelementptr i64, ptr %record, i64 {FIELDS.index(field)}
  %{value} = load {kind}, ptr %{value}.at
"""


# The arguments of machine code: those of every Program, then its data arrays.
_GIVEN = "ptr %point, ptr %gradient, ptr %frame, ptr %scratch, ptr %stop"


def _with_data(count: int) -> str:
    more = "".join(f", ptr %data{count}.{k}" for k in range(count))
    reads = "".join(_field(f"data{count}.{k}", f"data{k}") for k in range(count))
    return f"data{count}:\n{reads}  call void %evaluate({_GIVEN}{more})\n  ret void\n"


EVALUATE = f"""
define internal void @evaluate(ptr %record, ptr %point, ptr %gradient) {{
{_field("evaluate", "evaluate")}\
{_field("frame", "frame")}\
{_field("scratch", "scratch")}\
{_field("stop", "stop")}\
{_field("data_count", "data_count", "i64")}\
  switch i64 %data_count, label %data0 [{
    " ".join(f"i64 {k}, label %data{k}" for k in range(MOST_DATA_ARRAYS + 1))
}]
{"".join(map(_with_data, range(MOST_DATA_ARRAYS + 1)))}}}

; Whether the outputs at a point are found; where they are checked, finite and on no kink.
define internal i64 @found(ptr %record, ptr %point, ptr %gradient, i1 %checked) {{
  call void @evaluate(ptr %record, ptr %point, ptr %gradient)
  br i1 %checked, label %check, label %yes
check:
{_field("frame", "frame")}\
  %value = load double, ptr %frame
  %zero = fsub double %value, %value
  %some = fcmp ord double %zero, %zero
  br i1 %some, label %others, label %no
others:
{_field("m", "m", "i64")}\
{_field("finite", "finite")}\
  %are = call i64 %finite(ptr %gradient, i64 %m, ptr %frame)
  %all = icmp ne i64 %are, 0
  br i1 %all, label %kinks, label %no
kinks:
{_field("kink", "kinks")}\
  %smooth = icmp eq ptr %kink, null
  br i1 %smooth, label %yes, label %distance
distance:
{_field("near", "kinks_frame")}\
{_field("scratch", "kinks_scratch")}\
{_field("stop", "stop")}\
  call void %kink(ptr %point, ptr %near, ptr %near, ptr %scratch, ptr %stop)
  %far = load double, ptr %near
  %off = fcmp une double %far, 0.0
  br i1 %off, label %yes, label %no
yes:
  ret i64 1
no:
  ret i64 0
}}

; The same, with the value. Long work has to have the lock, and runs without Python's own.
define internal i64 @run(ptr %record, ptr %point, ptr %gradient, i1 %checked, ptr %value) {{
{_field("frame", "frame")}\
{_field("acquire", "acquire")}\
  %brief = icmp eq ptr %acquire, null
  br i1 %brief, label %at.once, label %try
at.once:
  %done = call i64 @found(ptr %record, ptr %point, ptr %gradient, i1 %checked)
  %first = load double, ptr %frame
  store double %first, ptr %value
  ret i64 %done
try:
{_field("true", "true")}\
{_field("false", "false")}\
{_field("release", "release")}\
  %blocking = alloca ptr
  store ptr %false, ptr %blocking
  %got = call ptr @PyObject_Vectorcall(ptr %acquire, ptr %blocking, i64 1, ptr null)
  %acquired = icmp eq ptr %got, %true
  call void @Py_DecRef(ptr %got)
  br i1 %acquired, label %locked, label %busy
busy:
  call void @PyErr_Clear()
  ret i64 0
locked:
  %state = call ptr @PyEval_SaveThread()
  %ended = call i64 @found(ptr %record, ptr %point, ptr %gradient, i1 %checked)
  %last = load double, ptr %frame
  store double %last, ptr %value
  call void @PyEval_RestoreThread(ptr %state)
  %none = call ptr @PyObject_Vectorcall(ptr %release, ptr null, i64 0, ptr null)
  call void @Py_DecRef(ptr %none)
  ret i64 %ended
}}
"""

ARGUMENTS = f"""
; Whether the object is of the very type.
define internal i1 @is(ptr %object, ptr %type) {{
  %its = call ptr @PyObject_Type(ptr %object)
  %same = icmp eq ptr %its, %type
  call void @Py_DecRef(ptr %its)
  ret i1 %same
}}

; Where the numbers of an array lie, which the view holds; null where it is not what is wanted.
define internal ptr @memory(ptr %record, ptr %array, i64 %count, i32 %flags, ptr %view) {{
{_field("type", "ndarray")}\
  %known = call i1 @is(ptr %array, ptr %type)
  br i1 %known, label %ask, label %no
ask:
  %refused = call i32 @PyObject_GetBuffer(ptr %array, ptr %view, i32 %flags)
  %given = icmp eq i32 %refused, 0
  br i1 %given, label %given.it, label %refused.it
refused.it:
  call void @PyErr_Clear()
  %holder = getelementptr i8, ptr %view, i64 8
  store ptr null, ptr %holder
  br label %no
given.it:
  %dimensions.at = getelementptr i8, ptr %view, i64 36
  %dimensions = load i32, ptr %dimensions.at
  %flat = icmp eq i32 %dimensions, 1
  br i1 %flat, label %look, label %no
look:
  %format.at = getelementptr i8, ptr %view, i64 40
  %format = load ptr, ptr %format.at
  %letter = load i8, ptr %format
  %end.at = getelementptr i8, ptr %format, i64 1
  %end = load i8, ptr %end.at
  %shape.at = getelementptr i8, ptr %view, i64 48
  %shape = load ptr, ptr %shape.at
  %length = load i64, ptr %shape
  %strides.at = getelementptr i8, ptr %view, i64 56
  %strides = load ptr, ptr %strides.at
  %stride = load i64, ptr %strides
  %numbers = load ptr, ptr %view
  %place = ptrtoint ptr %numbers to i64
  %beside = and i64 %place, 7
  %is.d = icmp eq i8 %letter, 100
  %is.last = icmp eq i8 %end, 0
  %is.long = icmp eq i64 %length, %count
  %is.dense = icmp eq i64 %stride, 8
  %is.aligned = icmp eq i64 %beside, 0
  %a = and i1 %is.d, %is.last
  %b = and i1 %is.long, %is.dense
  %c = and i1 %a, %b
  %right = and i1 %c, %is.aligned
  br i1 %right, label %yes, label %no
yes:
  ret ptr %numbers
no:
  ret ptr null
}}

; Where the numbers of a list of floats were copied to; null where it is not what is wanted.
define internal ptr @listed(ptr %record, ptr %list) {{
{_field("n", "n", "i64")}\
{_field("x", "x")}\
{_field("float", "float")}\
  %length = call i64 @PyList_Size(ptr %list)
  %right = icmp eq i64 %length, %n
  br i1 %right, label %next, label %no
next:
  %i = phi i64 [ 0, %0 ], [ %i.next, %copy ]
  %left = icmp slt i64 %i, %n
  br i1 %left, label %one, label %yes
one:
  %item = call ptr @PyList_GetItem(ptr %list, i64 %i)
  %known = call i1 @is(ptr %item, ptr %float)
  br i1 %known, label %copy, label %no
copy:
  %number = call double @PyFloat_AsDouble(ptr %item)
  %to = getelementptr double, ptr %x, i64 %i
  store double %number, ptr %to
  %i.next = add i64 %i, 1
  br label %next
yes:
  ret ptr %x
no:
  ret ptr null
}}
"""

# Nothing that may run Python's code happens between the first use of the record's memory and the
# last: what is handed back is made before.
CALL = f"""
define internal ptr @call(ptr %self, ptr %given, i64 %count, ptr %names, i64 %answer) {{
entry:
  %x.view = alloca [80 x i8], align 8
  %g.view = alloca [80 x i8], align 8
  %value.at = alloca double
  %number.given = alloca ptr
  %x.holder = getelementptr i8, ptr %x.view, i64 8
  %g.holder = getelementptr i8, ptr %g.view, i64 8
  store ptr null, ptr %x.holder
  store ptr null, ptr %g.holder
  %bytes = call ptr @PyTuple_GetItem(ptr %self, i64 0)
  %record = call ptr @PyBytes_AsString(ptr %bytes)
{_field("n", "n", "i64")}\
{_field("m", "m", "i64")}\
{_field("list", "list")}\
{_field("acquire", "acquire")}\
  %is.value = icmp eq i64 %answer, {CALL_ANSWERS.index(VALUE)}
  %is.gradient = icmp eq i64 %answer, {CALL_ANSWERS.index(GRADIENT)}
  %is.outputs = icmp eq i64 %answer, {CALL_ANSWERS.index(OUTPUTS)}
  %checked = xor i1 %is.outputs, true
  %one = icmp eq i64 %count, 1
  br i1 %one, label %keywords, label %slow
keywords:
  %point = load ptr, ptr %given
  %is.list = call i1 @is(ptr %point, ptr %list)
  %in.list = and i1 %is.list, %is.outputs
  %is.plain = icmp eq ptr %names, null
  br i1 %is.plain, label %plain, label %named
named:
  %alone = call i64 @PyTuple_Size(ptr %names)
  %is.alone = icmp eq i64 %alone, 1
  %has.none = or i1 %is.value, %is.outputs
  %may.have = xor i1 %has.none, true
  %may = and i1 %is.alone, %may.have
  br i1 %may, label %name, label %slow
name:
{_field("out", "out")}\
  %its.name = call ptr @PyTuple_GetItem(ptr %names, i64 0)
  %is.out = icmp eq ptr %its.name, %out
  br i1 %is.out, label %into, label %slow
into:
  %target.at = getelementptr ptr, ptr %given, i64 1
  %target = load ptr, ptr %target.at
  %writable = call ptr @memory(ptr %record, ptr %target, i64 %m, i32 {
    PYBUF_RECORDS_RO | PYBUF_WRITABLE
}, ptr %g.view)
  %is.writable = icmp ne ptr %writable, null
  br i1 %is.writable, label %ready, label %slow
plain:
  br i1 %is.value, label %own, label %other
own:
{_field("g", "g")}\
  br label %ready
other:
  br i1 %in.list, label %new.list, label %new.array
new.list:
{_field("listed.g", "g")}\
  %new = call ptr @PyList_New(i64 %m)
  %is.new = icmp ne ptr %new, null
  br i1 %is.new, label %ready, label %fail
new.array:
{_field("make", "make")}\
{_field("number", "count")}\
  store ptr %number, ptr %number.given
  %array = call ptr @PyObject_Vectorcall(ptr %make, ptr %number.given, i64 1, ptr null)
  %is.array = icmp ne ptr %array, null
  br i1 %is.array, label %its.memory, label %fail
its.memory:
  %made.g = call ptr @memory(ptr %record, ptr %array, i64 %m, i32 {PYBUF_RECORDS_RO}, ptr %g.view)
  %is.made = icmp ne ptr %made.g, null
  br i1 %is.made, label %ready, label %drop
ready:
  %made = phi ptr [ null, %into ], [ null, %own ], [ %new, %new.list ], [ %array, %its.memory ]
  %result = phi ptr [ %target, %into ], [ null, %own ], [ %new, %new.list ], [ %array, %its.memory ]
  %gradient = phi ptr [ %writable, %into ], [ %g, %own ], [ %listed.g, %new.list ], \
[ %made.g, %its.memory ]
  br i1 %is.list, label %from.list, label %from.array
from.list:
  %is.brief = icmp eq ptr %acquire, null
  br i1 %is.brief, label %copied, label %drop
copied:
  %copied.x = call ptr @listed(ptr %record, ptr %point)
  br label %located
from.array:
  %its.x = call ptr @memory(ptr %record, ptr %point, i64 %n, i32 {PYBUF_RECORDS_RO}, ptr %x.view)
  br label %located
located:
  %x = phi ptr [ %copied.x, %copied ], [ %its.x, %from.array ]
  %is.located = icmp ne ptr %x, null
  br i1 %is.located, label %apart, label %drop
apart:
  %x.end = getelementptr double, ptr %x, i64 %n
  %g.end = getelementptr double, ptr %gradient, i64 %m
  %before = icmp ule ptr %x.end, %gradient
  %after = icmp ule ptr %g.end, %x
  %is.apart = or i1 %before, %after
  br i1 %is.apart, label %run, label %drop
run:
  %done = call i64 @run(ptr %record, ptr %x, ptr %gradient, i1 %checked, ptr %value.at)
  %is.done = icmp ne i64 %done, 0
  br i1 %is.done, label %fill, label %drop
fill:
  call void @PyBuffer_Release(ptr %x.view)
  call void @PyBuffer_Release(ptr %g.view)
  %value = load double, ptr %value.at
  br i1 %in.list, label %next, label %own.result
next:
  %i = phi i64 [ 0, %fill ], [ %i.next, %put ]
  %left = icmp slt i64 %i, %m
  br i1 %left, label %entry.number, label %answers
entry.number:
  %at = getelementptr double, ptr %gradient, i64 %i
  %slope = load double, ptr %at
  %entry.object = call ptr @PyFloat_FromDouble(double %slope)
  %is.entry = icmp ne ptr %entry.object, null
  br i1 %is.entry, label %put, label %lost
put:
  %put.it = call i32 @PyList_SetItem(ptr %result, i64 %i, ptr %entry.object)
  %i.next = add i64 %i, 1
  br label %next
own.result:
  %is.given = icmp ne ptr %made, %result
  br i1 %is.given, label %keep, label %answers
keep:
  call void @Py_IncRef(ptr %result)
  br label %answers
answers:
  br i1 %is.gradient, label %alone.result, label %first
alone.result:
  ret ptr %result
first:
  %first.object = call ptr @PyFloat_FromDouble(double %value)
  br i1 %is.value, label %alone.value, label %both
alone.value:
  ret ptr %first.object
both:
  %is.first = icmp ne ptr %first.object, null
  br i1 %is.first, label %pair, label %lost
pair:
  %tuple = call ptr @PyTuple_New(i64 2)
  %is.tuple = icmp ne ptr %tuple, null
  br i1 %is.tuple, label %set, label %lost.both
set:
  %set.first = call i32 @PyTuple_SetItem(ptr %tuple, i64 0, ptr %first.object)
  %set.second = call i32 @PyTuple_SetItem(ptr %tuple, i64 1, ptr %result)
  ret ptr %tuple
lost.both:
  call void @Py_DecRef(ptr %first.object)
  br label %lost
lost:
  call void @Py_DecRef(ptr %result)
  ret ptr null
fail:
  ret ptr null
drop:
  %dropped = phi ptr [ %array, %its.memory ], [ %made, %from.list ], [ %made, %located ], \
[ %made, %apart ], [ %made, %run ]
  call void @Py_DecRef(ptr %dropped)
  br label %slow
slow:
  call void @PyBuffer_Release(ptr %x.view)
  call void @PyBuffer_Release(ptr %g.view)
{_field("slow.way", "slow")}\
  %its.answer = call ptr @PyObject_Vectorcall(ptr %slow.way, ptr %given, i64 %count, ptr %names)
  ret ptr %its.answer
}}
"""
ENTRIES = "".join(
    f"""
define ptr @{answer}(ptr %self, ptr %given, i64 %count, ptr %names) {{
  %answer = call ptr @call(ptr %self, ptr %given, i64 %count, ptr %names, i64 {number})
  ret ptr %answer
}}
"""
    for number, answer in enumerate(CALL_ANSWERS)
)
# A Program in two variables for the test at first use: x/y, with the derivatives 2x and y, and a
# kink where x is 7.
EXAMPLE_TEXT = f"""
define void @example({_GIVEN}) {{
  %x = load double, ptr %point
  %y.at = getelementptr double, ptr %point, i64 1
  %y = load double, ptr %y.at
  %value = fdiv double %x, %y
  store double %value, ptr %frame
  %twice = fadd double %x, %x
  store double %twice, ptr %gradient
  %second.at = getelementptr double, ptr %gradient, i64 1
  store double %y, ptr %second.at
  ret void
}}
define void @example.kink({_GIVEN}) {{
  %x = load double, ptr %point
  %far = fsub double %x, 7.0
  store double %far, ptr %frame
  ret void
}}
"""
TRAMPOLINE_TEXT = (
    EXPORTED_FUNCTIONS + FINITE_TEXT + EVALUATE + ARGUMENTS + CALL + ENTRIES + EXAMPLE_TEXT
)


class BoundCall(tuple[Any, ...]):
    """What a builtin keeps: the record for the machine code first, then what it refers to.

    The second is the object whose method the builtin is.
    """

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as that object: so is a method of it as its method."""
        return _itself, (self[1],)


def _itself(one: Any) -> Any:
    return one


class BoundCode(NamedTuple):
    """Machine code with the addresses of all its arguments but the first two, and what holds them.

    `lock`, if there is one, is that of whoever uses the same memory. `finite`, if there is one,
    says whether what the code has written last is finite.
    """

    function: int
    frame: int
    scratch: int
    stop: int
    data: tuple[int, ...]
    held: tuple[Any, ...]
    lock: Any = None
    finite: FiniteFunction | None = None


@MadeOnce
def works() -> bool:
    """Whether such builtins can be had here: with a global lock, if they pass a test."""
    standard = sys.implementation.name == "cpython" and struct.calcsize("P") == 8
    if not standard or not getattr(sys, "_is_gil_enabled", lambda: True)():
        return False
    try:
        return _passes()
    except (AttributeError, RuntimeError):  # a function that this Python does not export
        return False


def _place(function: Any) -> int:
    """Where the code of a function of ctypes begins."""
    return cast(function, c_void_p).value or 0


@MadeOnce
def _machine() -> Machine:
    """The machine code of the text, for the whole process."""
    names = [line.partition("@")[2].partition("(")[0] for line in EXPORTED_FUNCTIONS.splitlines()]
    add_symbols({name: _place(getattr(ctypes.pythonapi, name)) for name in names})
    return Machine(TRAMPOLINE_TEXT, quick=True)


def builtin(
    owner: Any,
    answer: str,
    evaluation: BoundCode,
    sizes: tuple[int, int],
    slow: Callable[..., Any],
    make: Callable[[int], Any],
    kinks: BoundCode | None = None,
    doc: str = "",
) -> Any:
    """The builtin function that answers as `slow` does, where it `works`; None for odd arguments.

    `sizes` are the lengths of a point and of the other outputs. `make` makes an array of so many
    numbers.
    """
    import numpy as np

    n, m = sizes
    if n == 0 or len(evaluation.data) > MOST_DATA_ARRAYS:
        return None
    objects: dict[str, Any] = {"ndarray": np.ndarray, "list": list, "float": float}
    objects.update(true=True, false=False, out=sys.intern("out"), make=make, count=m, slow=slow)
    if evaluation.lock is not None:
        objects.update(acquire=evaluation.lock.acquire, release=evaluation.lock.release)
    listed = evaluation.lock is None  # else lists go the slow way
    x, g = (c_double * (n * listed))(), (c_double * (m * listed))()
    numbers = {name: id(one) for name, one in objects.items()}
    numbers.update(evaluate=evaluation.function, n=n, m=m, x=addressof(x), g=addressof(g))
    numbers.update(frame=evaluation.frame, scratch=evaluation.scratch, stop=evaluation.stop)
    numbers["data_count"] = len(evaluation.data)
    machine, checked = _machine(), evaluation.finite
    if checked is None and m >= LEAST_LONG_RESULT:
        checked = finite()
    numbers["finite"] = _place(checked) if checked else machine.address("finite")
    numbers.update((f"data{k}", place) for k, place in enumerate(evaluation.data))
    if kinks is not None:
        numbers.update(kinks=kinks.function, kinks_frame=kinks.frame, kinks_scratch=kinks.scratch)
    record = struct.pack(f"{len(FIELDS)}q", *(numbers.get(name, 0) for name in FIELDS))
    texts = answer.encode(), doc.encode()
    name, text = map(_bytes_place, texts)
    flags = METH_FASTCALL | METH_KEYWORDS
    definition = struct.pack("PPiP", name, machine.address(answer), flags, text)
    held = definition, texts, x, g, objects, evaluation, kinks, machine, checked
    bound = BoundCall((record, owner, *held))
    return _new_builtin()(_bytes_place(definition), bound, owner.__class__.__module__)


@MadeOnce
def _new_builtin() -> Callable[[int, BoundCall, str], Any]:
    kind = PYFUNCTYPE(py_object, c_void_p, py_object, py_object)
    made: Callable[[int, BoundCall, str], Any] = kind(("PyCFunction_NewEx", ctypes.pythonapi))
    return made


def _bytes_place(text: bytes) -> int:
    """Where bytes lie, as long as they do."""
    function = PYFUNCTYPE(c_void_p, py_object)(("PyBytes_AsString", ctypes.pythonapi))
    place: int = function(text)
    return place


def _passes() -> bool:
    """Whether the builtins of the example answer as they must, and count references right."""
    import numpy as np

    machine, memory = _machine(), (c_double * 3)()
    places = [addressof(memory) + 8 * k for k in range(3)]
    evaluation, kinks = (
        BoundCode(machine.address(name), place, places[2], places[2], (), (memory,))
        for name, place in (("example", places[0]), ("example.kink", places[1]))
    )
    made = [
        builtin(None, answer, evaluation, (2, 2), _slowly, np.empty, kinks)
        for answer in CALL_ANSWERS
    ]
    out, array, listed = np.empty(2), np.array([3.0, 2.0]), [3.0, 2.0]
    arrays = np.ones(3), np.ones((1, 2)), np.ones(2, np.int64), np.ones(2, ">f8")
    odd: list[tuple[Any, ...]] = [(1.0, 2.0), ([1.0],), ([1.0, 2],), ((1.0, 2.0),), (None,)]
    odd += [(one,) for one in (*arrays, np.ones(4)[::2], [7.0, 1.0], [1.0, 0.0])]
    counted = [array, listed, out, *arrays, *made, *odd]  # which nobody else refers to
    odd.append(())  # the one empty tuple, to which many refer
    before = [sys.getrefcount(one) for one in counted]
    for _ in range(3):
        for point in (array, listed):
            value, gradient, both, outputs = (one(point) for one in made)
            exact = (value, gradient.tolist(), both[0], both[1].tolist(), *outputs[:1])
            right = exact == (1.5, [6.0, 2.0], 1.5, [6.0, 2.0], 1.5) and [*outputs[1]] == [6.0, 2.0]
            out[:] = 0.0
            written = made[1](point, out=out) is out is made[2](point, out=out)[1]
            if not right or not written or out.tolist() != [6.0, 2.0]:
                return False
            if type(outputs[1]) is not type(point):
                return False
        for one, given in product(made[:3], odd):
            left = one(*given)
            if type(left) is not _LeftCall or any(map(is_not, left.given, given)):
                return False
        left = made[2](array, out=array)
        if type(left) is not _LeftCall or left.named != {"out": array}:
            return False
    del value, gradient, both, outputs, left, point, one, given
    return before == [sys.getrefcount(one) for one in counted]


class _LeftCall(NamedTuple):
    """A call that was left to the slow way."""

    given: tuple[Any, ...]
    named: dict[str, Any]


def _slowly(*given: Any, **named: Any) -> _LeftCall:
    return _LeftCall(given, named)
