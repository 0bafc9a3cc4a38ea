"""The text of LLVM functions: operands, fresh names, blocks, and operations that go by lanes.

A value is either one number or eight, one for each of eight consecutive iterations of a loop
(its lanes). An operation of which one operand has lanes has lanes; the other operand is spread
over them. Equal operations of a block are one; what is read from memory is read where it says so.
Names are reproducible: a tape's value v7 is %v7, everything else is numbered.
"""

from __future__ import annotations

import operator
import re
import struct
from collections.abc import Callable

from gdcli.named_tuples import NamedTuple

LANES = 8
READ_SOON, WRITE_SOON = "i32 0, i32 2, i32 1", "i32 1, i32 3, i32 1"  # what is to be fetched
MOST_SHORT_FRACTION = 64  # 1/64 has six decimals
TRUTHS = ("true", "false")
TEMPORARY_NAME = re.compile(r"%t(\.\d+)?").fullmatch  # of an operand that is no value of the tape
FOLDED_OPERATIONS = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "and": operator.and_,
}
FOLDED_COMPARISONS = {
    "eq": operator.eq,
    "slt": operator.lt,
    "sle": operator.le,
    "sgt": operator.gt,
    "sge": operator.ge,
}
LLVM_TYPES = {"double": "double", "integer": "i64", "truth": "i1"}
FUNCTION_ATTRIBUTES = '"no-builtins" nounwind'


class Operand(NamedTuple):
    """A name or a constant of the text, with its kind of number and whether it has lanes."""

    text: str
    kind: str = "double"
    lanes: bool = False

    @property
    def type(self) -> str:
        return type_of(self.kind, self.lanes)

    @property
    def typed(self) -> str:
        return f"{type_of(self.kind, self.lanes)} {self.text}"

    @property
    def is_integer(self) -> bool:
        return self.kind == "integer" and not self.lanes and not self.text.startswith("%")

    @property
    def pointer(self) -> str:
        return f"ptr {self.text}"


def type_of(kind: str, lanes: bool) -> str:
    """The LLVM type of one number of the kind, or of eight."""
    return f"<{LANES} x {LLVM_TYPES[kind]}>" if lanes else LLVM_TYPES[kind]


def number(value: float) -> Operand:
    """A constant, in decimals where they are exact and short, else by its bits."""
    exact = abs(value) < 1e9 and value.as_integer_ratio()[1] <= MOST_SHORT_FRACTION
    if exact and (value or str(value) != "-0.0"):
        short = f"{value:.6f}".rstrip("0")
        return Operand(short + "0" * short.endswith("."))
    return Operand(f"0x{struct.unpack('>Q', struct.pack('>d', value))[0]:016X}")


def integer(value: int) -> Operand:
    return Operand(str(value), "integer")


LLVM_ZERO, LLVM_ONE = number(0.0), number(1.0)
ZEROS = Operand("zeroinitializer", "double", True)


class Code:
    """A function's lines as they are written.

    Where values are `counted`, their names are how many there are before: LLVM reads a long text
    in half the time. Else those of a tape's values are the tape's.
    """

    def __init__(self, *, counted: bool = False) -> None:
        self._count = 0 if counted else None
        self.lines: list[str] = []
        self.first: list[str] = []  # what the function's entry does before all other lines
        self.block = "entry"
        self.polls = False
        self._names = {"entry": 1, "stopped": 1}
        self._set: dict[str, Operand] = {}  # the operations of the block, by their text

    def name(self, hint: str) -> str:
        """A name that the function does not have yet: the hint, or the hint with a number."""
        count = self._names.get(hint, 0)
        self._names[hint] = count + 1
        return f"{hint}.{count}" if count else hint

    def line(self, text: str) -> None:
        self.lines.append("  " + text)

    def fetch(self, address: Operand, use: str) -> None:
        """Fetches what is at an address, which need not be memory, for a use soon."""
        self.line(f"call void @llvm.prefetch.p0({address.pointer}, {use})")

    def start(self, block: str) -> None:
        self.lines.append(f"{block}:")
        self.block = block
        self._set.clear()

    def jump(self, block: str) -> None:
        self.line(f"br label %{block}")

    def split(self, condition: Operand, where_it_holds: str, elsewhere: str) -> None:
        self.line(f"br {condition.typed}, label %{where_it_holds}, label %{elsewhere}")

    def set(self, text: str, kind: str = "double", lanes: bool = False, hint: str = "t") -> Operand:
        """Writes `%name = text` for an operation on operands alone; returns the name as an operand.

        Where the block has the same operation already, its operand is returned.
        """
        result = self._set.get(text)
        if result is None:
            result = self._set[text] = self.read(text, kind, lanes, hint)
        return result

    def read(
        self, text: str, kind: str = "double", lanes: bool = False, hint: str = "t"
    ) -> Operand:
        """Writes `%name = text` for what depends on memory or on the block left before.

        It is a new line even where the block has the same text already.
        """
        if self._count is None:
            name = f"%{self.name(hint)}"
        else:
            name = f"%{self._count}"
            self._count += 1
        self.lines.append(f"  {name} = {text}")
        return Operand(name, kind, lanes)

    def reserve(self, type_: str, count: int, hint: str) -> Operand:
        """Memory on the function's stack for `count` numbers."""
        result = Operand(f"%{self.name(hint)}")
        self.first.append(f"  {result.text} = alloca [{count} x {type_}], align 64")
        return result

    def renamed(self, operand: Operand, hint: str) -> Operand:
        """The operand under a name of that hint, where the last line has set it to a temporary."""
        old = f"  {operand.text} = "
        if not self.lines or not self.lines[-1].startswith(old) or not TEMPORARY_NAME(operand.text):
            return operand
        text = self.lines.pop().removeprefix(old)
        self._set.pop(text, None)
        return self.set(text, operand.kind, operand.lanes, hint)

    def broadcast(self, operand: Operand) -> Operand:
        """The operand with lanes, the same number in each if it had none."""
        if operand.lanes:
            return operand
        if not operand.text.startswith("%"):
            same = ", ".join([operand.typed] * LANES)
            return Operand(f"<{same}>", operand.kind, True)
        whole = type_of(operand.kind, True)
        one = self.set(f"insertelement {whole} poison, {operand.typed}, i64 0", operand.kind, True)
        order = f"<{LANES} x i32> zeroinitializer"
        return self.set(f"shufflevector {one.typed}, {whole} poison, {order}", operand.kind, True)

    def alike(self, *operands: Operand) -> list[Operand]:
        """The operands, all with lanes if one of them has lanes."""
        if any(operand.lanes for operand in operands):
            return [self.broadcast(operand) for operand in operands]
        return list(operands)

    def two(self, operation: str, left: Operand, right: Operand, hint: str = "t") -> Operand:
        """The result of an operation on two operands, of their kind.

        An operation on integer constants is computed here, so that the text is short.
        """
        first, kind, lanes = left
        if lanes or right.lanes:
            left, right = self.alike(left, right)
            return self.set(f"{operation} {left.typed}, {right.text}", kind, True, hint)
        if operation in FOLDED_OPERATIONS and left.is_integer and right.is_integer:
            return integer(FOLDED_OPERATIONS[operation](int(first), int(right.text)))
        return self.set(f"{operation} {LLVM_TYPES[kind]} {first}, {right.text}", kind, False, hint)

    def compare(self, predicate: str, left: Operand, right: Operand) -> Operand:
        """The truth of a comparison, by `fcmp` for doubles and `icmp` for integers."""
        if left.is_integer and right.is_integer:
            holds = FOLDED_COMPARISONS[predicate](int(left.text), int(right.text))
            return Operand(TRUTHS[not holds], "truth")
        left, right = self.alike(left, right)
        word = "fcmp" if left.kind == "double" else "icmp"
        return self.set(f"{word} {predicate} {left.typed}, {right.text}", "truth", left.lanes)

    def select(self, truth: Operand, yes: Operand, no: Operand, hint: str = "t") -> Operand:
        """`yes` where the truth holds, else `no`; lane by lane if the truth has lanes."""
        if truth.text in TRUTHS:
            return yes if truth.text == "true" else no
        if truth.lanes:
            yes, no = self.broadcast(yes), self.broadcast(no)
        else:
            yes, no = self.alike(yes, no)
        text = f"select {truth.typed}, {yes.typed}, {no.typed}"
        return self.set(text, yes.kind, yes.lanes, hint)

    def phi(self, cases: list[tuple[Operand, str]], hint: str = "t") -> Operand:
        """The operand of the block from which the current one was reached."""
        first = cases[0][0]
        ways = ", ".join(f"[ {operand.text}, %{block} ]" for operand, block in cases)
        return self.read(f"phi {first.type} {ways}", first.kind, first.lanes, hint)

    def address(self, base: Operand, index: Operand | int, type_: str = "double") -> Operand:
        typed = f"i64 {index}" if isinstance(index, int) else index.typed
        if typed == "i64 0":
            return base
        return self.set(f"getelementptr inbounds {type_}, ptr {base.text}, {typed}")

    def load(
        self, address: Operand, lanes: bool = False, hint: str = "t", kind: str = "double"
    ) -> Operand:
        """The number of that kind at an address, or the eight that begin there."""
        text = f"load {type_of(kind, lanes)}, ptr {address.text}, align 8"
        return self.read(text, kind, lanes, hint)

    def store(self, value: Operand, address: Operand) -> None:
        """Writes the value to memory: eight numbers if it has lanes."""
        self.line(f"store {value.typed}, ptr {address.text}, align 8")

    def clear(self, start: Operand, count: int) -> None:
        given = f"{start.pointer}, i8 0, i64 {8 * count}, i1 false"
        self.line(f"call void @llvm.memset.p0.i64({given})")

    def cycle(
        self,
        hint: str,
        start: Operand,
        stays: tuple[str, Operand],
        step: int,
        states: list[Operand],
        body: Callable[[Operand, list[Operand]], list[Operand]],
    ) -> list[Operand]:
        """Writes a loop; returns the states after it.

        Its index begins at `start` and grows by `step` while it compares as `stays` says. `body`
        writes one iteration for an index and states, and returns the new states.
        """
        name = self.name(hint)
        before = self.block
        self.jump(f"{name}.head")
        self.start(f"{name}.head")
        place = len(self.lines)
        index = Operand(f"%{name}", start.kind)
        old = [one._replace(text=f"%{name}.s{n}") for n, one in enumerate(states)]
        self.split(self.compare(stays[0], index, stays[1]), f"{name}.body", f"{name}.done")
        self.start(f"{name}.body")
        new = [
            self.broadcast(made) if one.lanes else made
            for one, made in zip(old, body(index, old), strict=True)
        ]
        after = self.two("add", index, integer(step))
        ways = zip([index, *old], [start, *states], [after, *new], strict=True)
        self.lines[place:place] = [
            f"  {one.text} = phi {one.type} "
            f"[ {first.text}, %{before} ], [ {later.text}, %{self.block} ]"
            for one, first, later in ways
        ]
        self.jump(f"{name}.head")
        self.start(f"{name}.done")
        return old

    def poll(self) -> None:
        """Leaves the function if the byte that asks to stop is set."""
        asked = self.read("load volatile i8, ptr %stop")
        truth = self.set(f"icmp ne i8 {asked.text}, 0", "truth")
        name = self.name("on")
        self.split(truth, "stopped", name)
        self.start(name)
        self.polls = True

    def text(self, head: str) -> str:
        """The whole function, `head` being its first line up to the brace."""
        stopped = ["stopped:", "  ret void"] if self.polls else []
        return "\n".join([f"{head} {{", "entry:", *self.first, *self.lines, *stopped, "}"])
