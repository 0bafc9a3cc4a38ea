"""Long vectors in machine code: one pass for a step, one for all that is measured of a move.

Comes in: contiguous arrays of n float64. Goes out: an array, or for each block of BLOCK numbers the
sums and the largest absolute values that a Measure asks for, nan where one component is. A sum goes
by eight lanes within its block, so that all bits depend on n alone: threads share whole blocks, and
`descent/long_vectors.py` has the same bits from NumPy. Every block asks whether it is to stop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ctypes import addressof, c_byte, c_double, c_int64, c_void_p
from functools import cache
from typing import Any

from gdcli.execute.buffers import empty
from gdcli.execute.native.addresses import address
from gdcli.execute.native.code import (
    FUNCTION_ATTRIBUTES,
    LANES,
    Code,
    Operand,
    integer,
    type_of,
)
from gdcli.execute.native.machine import Machine, vectors
from gdcli.execute.native.plan import MOST_CHUNKS
from gdcli.execute.native.support import support
from gdcli.execute.native.thread_pool import thread_pool
from gdcli.execute.thread_count import thread_count
from gdcli.named_tuples import NamedTuple

BLOCK = 1 << 13  # numbers: 64 kB of each array
THREADED_BLOCKS = 512  # from so many on, 4 million numbers, threads share a pass
ENDS = "i64 %rows, i64 %first, i64 %last, i64 %count, ptr %stop"

COUNT = Operand("%count", "integer")

Operands = list[Operand]


class Measure(NamedTuple):
    """The terms that a pass over `arrays` measures, each of the numbers that stand at one place.

    The first `sums` terms are added up; of the `maxima` others the largest absolute value is found.
    The first array may be a matrix, each row of which is measured with the other arrays.
    """

    arrays: tuple[str, ...]
    sums: int
    maxima: int
    terms: Callable[[Code, Operands], Operands]


def _change(code: Code, at: Operands) -> Operands:
    moved, turned = code.two("fsub", at[1], at[0]), code.two("fsub", at[3], at[2])
    pairs = ((moved, moved), (moved, turned), (turned, turned))
    return [*(code.two("fmul", *pair) for pair in pairs), moved, turned, at[1], at[3]]


MEASURES = {
    "change": Measure(("x0", "x1", "g0", "g1"), 3, 4, _change),
    "dot": Measure(("a", "b"), 1, 0, lambda code, at: [code.two("fmul", at[0], at[1])]),
    "largest": Measure(("a",), 0, 1, lambda _, at: at),
}


@cache
def blockwise() -> Blockwise:
    """The machine code, which is made once. Raises RuntimeError where LLVM refuses it."""
    return Blockwise()


class Blockwise:
    """The passes, for arrays whose kind and length the caller has checked."""

    def __init__(self) -> None:
        pieces = [_step(), _reach(), *(_measure(name, one) for name, one in MEASURES.items())]
        text = "\n\n".join(pieces)
        machine = Machine(f"{text}\n\n{support(text, set(), vectors())}\n")
        ends = (c_int64, c_int64, c_int64, c_int64, c_void_p)
        self._step = machine.function("step", *[c_void_p] * 4, *ends)
        self._reach = machine.function("reach", *[c_void_p] * 3, *ends)
        self._measures = {
            name: machine.function(name, *[c_void_p] * (len(one.arrays) + 1), *ends)
            for name, one in MEASURES.items()
        }

    def step(self, x: Any, alphas: Sequence[float], directions: Any, rows: int = 1) -> Any:
        """`x + alphas[0]*directions[0] + …`, a new array; of one row `directions` may be it."""
        made = empty(len(x))
        factors = (c_double * rows)(*alphas)
        places = address(directions), address(x), address(made), addressof(factors)
        _run(len(x), self._step, *places, rows=rows)
        return made

    def reach(self, reached: Any, x: Any) -> None:
        """Sets each component of `reached`, none below 0, to the larger of it and |x|."""
        _run(len(x), self._reach, address(x), address(reached), address(reached))

    def measured(self, name: str, *arrays: Any, rows: int = 1) -> list[list[float]]:
        """The sums and then the maxima of each block, in order; of many rows those of each."""
        n, measure = len(arrays[-1]), MEASURES[name]
        width = rows * (measure.sums + measure.maxima)
        table = (c_double * (-(-n // BLOCK) * width))()
        _run(n, self._measures[name], *map(address, arrays), addressof(table), rows=rows)
        return [table[place : place + width] for place in range(0, len(table), width)]


def _run(n: int, function: Any, *given: Any, rows: int = 1) -> None:
    """Calls a pass over all blocks, by threads where that is much: each takes some at a time."""
    stop, blocks = c_byte(0), -(-n // BLOCK)
    if blocks * rows < THREADED_BLOCKS:
        function(*given, rows, 0, blocks, n, addressof(stop))
        return
    firsts = iter(range(0, blocks, size := max(1, blocks // MOST_CHUNKS)))

    def take(_: int) -> None:
        for first in firsts:
            function(*given, rows, first, min(first + size, blocks), n, addressof(stop))

    thread_pool(thread_count()).run(take, stop)


# -- text --------------------------------------------------------------------------------------


class _Pass:
    """The text of a function that goes over blocks of its arrays, eight numbers at a time.

    The first array is a matrix: a block is done for each of its rows.
    """

    def __init__(self, arrays: tuple[str, ...]) -> None:
        self.code = Code()
        self.arrays = arrays
        self.row = Operand("%row", "integer")
        self.begin = self.whole = self.end = integer(0)  # of the block, and of its eights

    def each_block(self, write: Callable[[Operand], None]) -> None:
        """Has `write` write what is done for a block and a row; it is given their number."""
        code, count, rows = self.code, COUNT, Operand("%rows", "integer")

        def block(number: Operand, _: Operands) -> Operands:
            code.poll()
            self.begin = code.two("mul", number, integer(BLOCK))
            end = code.two("add", self.begin, integer(BLOCK))
            self.end = code.select(code.compare("slt", end, count), end, count)
            self.whole = code.two("and", self.end, integer(-LANES))
            first = code.two("mul", number, rows)

            def row(at: Operand, _: Operands) -> Operands:
                self.row = at
                write(code.two("add", first, at))
                return []

            code.cycle("row", integer(0), ("slt", rows), 1, [], row)
            return []

        first, last = Operand("%first", "integer"), Operand("%last", "integer")
        code.cycle("block", first, ("slt", last), 1, [], block)
        code.line("ret void")

    def numbers(self, place: Operand, lanes: bool) -> Operands:
        """The numbers of each array at a place, or the eight that begin there."""
        code = self.code
        starts = [Operand(f"%{name}") for name in self.arrays]
        starts[0] = code.address(starts[0], code.two("mul", self.row, COUNT))
        return [code.load(code.address(start, place), lanes) for start in starts]

    def text(self, name: str, more: str) -> str:
        given = ", ".join(f"ptr %{one}" for one in self.arrays)
        return self.code.text(f"define void @{name}({given}, {more}, {ENDS}) {FUNCTION_ATTRIBUTES}")


def _step() -> str:
    over = _Pass(("directions", "x"))
    code = over.code

    def entry(at: Operands, place: Operand) -> Operand:
        made = code.load(code.address(Operand("%made"), place), at[0].lanes)
        x = code.select(code.compare("eq", over.row, integer(0)), at[1], made)
        alpha = code.load(code.address(Operand("%alphas"), over.row))
        return code.two("fadd", x, code.two("fmul", alpha, at[0]))

    return _written("step", over, ", ptr %alphas", entry)


def _reach() -> str:
    over = _Pass(("x", "reached"))
    code = over.code

    def entry(at: Operands, _: Operand) -> Operand:
        size = _size(code, at[0])
        most = code.set(f"bitcast {at[1].typed} to {size.type}", size.kind, size.lanes)
        larger = code.select(code.compare("sgt", size, most), size, most)
        return code.set(f"bitcast {larger.typed} to {at[0].type}", lanes=at[0].lanes)

    return _written("reach", over, "", entry)


def _written(
    name: str, over: _Pass, more: str, entry: Callable[[Operands, Operand], Operand]
) -> str:
    """The text of a pass that writes the entry of the arrays' numbers at each place to `made`."""
    code = over.code

    def write(place: Operand, lanes: bool) -> Operands:
        made = entry(over.numbers(place, lanes), place)
        code.store(made, code.address(Operand("%made"), place))
        return []

    def block(_: Operand) -> None:
        whole, end = over.whole, over.end
        code.cycle("lanes", over.begin, ("slt", whole), LANES, [], lambda at, _: write(at, True))
        code.cycle("rest", whole, ("slt", end), 1, [], lambda at, _: write(at, False))

    over.each_block(block)
    return over.text(name, f"ptr %made{more}")


def _size(code: Code, one: Operand) -> Operand:
    """The bits of |x|, which as integers have the order of |x|, and those of nan above all."""
    bits = f"bitcast {one.typed} to {type_of('integer', one.lanes)}"
    return code.two("and", code.set(bits, "integer", one.lanes), integer(2**63 - 1))


def _measure(name: str, measure: Measure) -> str:
    """The text of a pass that writes what is measured of a block to its row of `table`."""
    measured = _Pass(measure.arrays)
    code, sums = measured.code, measure.sums
    width = sums + measure.maxima
    slots = [code.reserve("double", LANES, "slot") for _ in range(width)]

    def added(place: Operand, old: Operands, lanes: bool) -> Operands:
        terms = measure.terms(code, measured.numbers(place, lanes))
        new = [code.two("fadd", *pair) for pair in zip(old[:sums], terms[:sums], strict=True)]
        for most, term in zip(old[sums:], terms[sums:], strict=True):
            size = _size(code, term)
            new.append(code.select(code.compare("sgt", size, most), size, most))
        return new

    def kind(number: int) -> str:
        return "double" if number < sums else "integer"

    def rest(place: Operand, _: Operands) -> Operands:
        lane = code.two("and", place, integer(LANES - 1))
        cells = [code.address(slot, lane) for slot in slots]
        old = [code.load(cell, kind=kind(number)) for number, cell in enumerate(cells)]
        for one, cell in zip(added(place, old, False), cells, strict=True):
            code.store(one, cell)
        return []

    def block(number: Operand) -> None:
        begin, whole, end = measured.begin, measured.whole, measured.end
        nothing = [Operand("zeroinitializer", kind(one), True) for one in range(width)]
        found = code.cycle(
            "lanes", begin, ("slt", whole), LANES, nothing, lambda at, old: added(at, old, True)
        )
        for one, slot in zip(found, slots, strict=True):
            code.store(one, slot)
        code.cycle("rest", whole, ("slt", end), 1, [], rest)
        row = code.address(Operand("%table"), code.two("mul", number, integer(width)))
        for place, slot in enumerate(slots):
            lanes = code.load(slot, lanes=True, kind=kind(place))
            whole_of = "@total" if place < sums else "@llvm.vector.reduce.smax.v8i64"
            one = code.set(
                f"call {type_of(kind(place), False)} {whole_of}({lanes.typed})", kind(place)
            )
            code.store(one, code.address(row, place))

    measured.each_block(block)
    return measured.text(name, "ptr %table")
