"""A burst: steps of descent with a fixed α as one LLVM function, so that they need no Python.

Comes in: n, the number of variables. Goes out: the text of `descend`, which takes ordinary steps
x ← x − α∇f until the next one would not be ordinary: it would not move, or not be finite, or pass
one of the given limits. That step is left to the caller. The function remembers the best point and
the best by gradient, by the rules of `descent/loop.py`; a point is copied only once it is left,
because the next one is mostly better still.

All numbers are in one array, in the order of Fields; a point holds x, f, ∇f, ‖∇f‖∞ and k.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial

from gdcli.execute.native.code import (
    FUNCTION_ATTRIBUTES,
    LLVM_ZERO,
    Code,
    Operand,
    integer,
    number,
    type_of,
)
from gdcli.execute.native.context import FRAME_ADDRESS
from gdcli.named_tuples import NamedTuple

PROGRESS_SLACK = number(2.0**-50)  # 4ε, as in the rule for progress
LARGEST_FLOAT = number(sys.float_info.max)
MOST_UNROLLED_VARIABLES = 16  # up to so many, what is done for each is written without a loop

EntryWriter = Callable[[Operand, list[Operand]], list[Operand]]


class Settings(NamedTuple):
    """α, and the limits of ‖∇f‖∞, f and ‖x‖∞ within which a step is ordinary."""

    alpha: float
    tolerance: float
    lowest: float
    furthest: float


class Fields:
    """The places of the numbers that `descend` is given and hands back, for n variables."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.settings = 0
        self.stalled_count = len(Settings._fields)
        self.here = self.stalled_count + 1
        self.best = self.here + self.width
        self.best_by_gradient = self.best + self.width
        self.size = self.best_by_gradient + self.width

    @property
    def points(self) -> tuple[int, int, int]:
        """Where the current point, the best and the best by gradient begin."""
        return self.here, self.best, self.best_by_gradient

    @property
    def width(self) -> int:
        """How many numbers a point has."""
        return 2 * self.n + 3

    def f(self, point: int) -> int:
        return point + self.n

    def gradient(self, point: int) -> int:
        return point + self.n + 1

    def norm(self, point: int) -> int:
        """The place of a point's ‖∇f‖∞; after it stands k."""
        return point + 2 * self.n + 1


def descend(n: int, parameters: str, arguments: str) -> str:
    """The text of `descend(…, ptr %fields, ptr %rows, i64 %steps, ptr %taken)`.

    `rows` is where x, f and ‖∇f‖∞ of each step go, or null; `taken` is where k goes.
    """
    code = Code()
    _BurstWriter(code, n, arguments).write()
    more = "ptr noalias %fields, ptr noalias %rows, i64 %steps, ptr noalias %taken"
    return code.text(f"define void @descend({parameters}, {more}) {FUNCTION_ATTRIBUTES}")


class _BurstWriter:
    def __init__(self, code: Code, n: int, arguments: str) -> None:
        self.code = code
        self.n = n
        self.fields = Fields(n)
        self.here = code.reserve("double", self.fields.width, "here")
        self.there = code.reserve("double", self.fields.width, "there")
        names = ("best_f", "best_norm", "least_norm")
        self.slots = {name: code.reserve("double", 1, name) for name in names}
        self.stalled_count = code.reserve("i64", 1, "stalled_count")
        points = (("best", self.fields.best), ("best_by_gradient", self.fields.best_by_gradient))
        self.flags = {point: code.reserve("i1", 1, f"is_{name}") for name, point in points}
        rest = arguments.split(", ", 2)[2]
        gradient = code.address(self.there, n + 1)
        self.call = f"call void @evaluate({self.there.pointer}, {gradient.pointer}, {rest})"

    def write(self) -> None:
        code, fields = self.code, self.fields
        self.copy(self.given(fields.here), self.here, fields.width)
        self.begin()
        before = code.block
        code.jump("step")
        code.start("step")
        k = Operand("%k", "integer")
        place = len(code.lines)
        code.split(code.compare("slt", k, Operand("%steps", "integer")), "try", "done")
        code.start("try")
        self.demand(self.move())
        code.line(self.call)
        norm = self.test()
        self.accept(k, norm)
        after = code.two("add", k, integer(1))
        ways = f"[ 0, %{before} ], [ {after.text}, %{code.block} ]"
        code.lines.insert(place, f"  %k = phi i64 {ways}")
        code.jump("step")
        code.start("done")
        self.leave(k, {point: self.load(flag, "truth") for point, flag in self.flags.items()})
        self.keep(fields.here, k)
        stalled_count = self.load(self.stalled_count, "integer")
        code.store(
            code.set(f"sitofp {stalled_count.typed} to double"), self.given(fields.stalled_count)
        )
        code.line("store i64 %k, ptr %taken")
        code.line("ret void")

    def begin(self) -> None:
        """Copies the numbers that comparisons need into variables of the function."""
        fields = self.fields
        for name, place in (
            ("best_f", fields.f(fields.best)),
            ("best_norm", fields.norm(fields.best)),
            ("least_norm", fields.norm(fields.best_by_gradient)),
        ):
            self.put(name, self.code.load(self.given(place)))
        stalled_count = self.code.load(self.given(fields.stalled_count))
        self.code.store(
            self.code.set(f"fptosi {stalled_count.typed} to i64", "integer"), self.stalled_count
        )
        for flag in self.flags.values():
            self.code.store(Operand("false", "truth"), flag)
        settings = [self.code.load(self.given(place)) for place in range(len(Settings._fields))]
        self.alpha, self.tolerance, lowest, self.furthest = settings
        least = number(-sys.float_info.max)
        self.lowest = self.code.select(self.code.compare("ogt", lowest, least), lowest, least)

    # -- one step ---------------------------------------------------------------------------

    def move(self) -> Operand:
        """Writes x − α∇f to `there`; returns whether it is another point."""
        code, fields = self.code, self.fields

        def entry(i: Operand, moved: list[Operand]) -> list[Operand]:
            here = code.load(code.address(self.here, i))
            slope = code.load(code.address(code.address(self.here, fields.gradient(0)), i))
            down = code.set(f"fneg {slope.typed}")
            x = code.two("fadd", here, code.two("fmul", self.alpha, down))
            code.store(x, code.address(self.there, i))
            return [code.two("or", moved[0], code.compare("une", x, here))]

        return self.each(entry, [Operand("false", "truth")])[0]

    def test(self) -> Operand:
        """Ends the burst unless the point `there` is ordinary; returns its ‖∇f‖∞."""
        code, fields = self.code, self.fields
        f = code.load(FRAME_ADDRESS)
        code.store(f, code.address(self.there, fields.f(0)))
        self.demand(code.compare("oge", f, self.lowest))
        self.demand(code.compare("ole", f, LARGEST_FLOAT))
        norm = self.largest(code.address(self.there, fields.gradient(0)), LARGEST_FLOAT)
        code.store(norm, code.address(self.there, fields.norm(0)))
        self.demand(code.compare("ogt", norm, self.tolerance))
        self.largest(self.there, self.furthest)
        return norm

    def accept(self, k: Operand, norm: Operand) -> None:
        """Makes the point `there` the current one, and marks it where it is the best so far."""
        code, fields = self.code, self.fields
        f = code.load(code.address(self.there, fields.f(0)))
        best = self.get("best_f")
        size = code.set(f"call double @llvm.fabs.f64({best.typed})")
        level = code.two("fsub", best, code.two("fmul", PROGRESS_SLACK, size))
        better_by_gradient = code.two(
            "or", code.compare("ult", f, level), code.compare("olt", norm, self.get("least_norm"))
        )
        lower_norm = code.compare("olt", norm, self.get("best_norm"))
        tie = code.two("and", lower_norm, code.compare("oeq", f, best))
        better = code.two("or", code.compare("ult", f, best), tie)
        past = {
            point: code.set(f"xor {now.typed}, true", "truth")
            for point, now in ((fields.best, better), (fields.best_by_gradient, better_by_gradient))
        }
        left = {
            point: code.two("and", gone, self.load(self.flags[point], "truth"))
            for point, gone in past.items()
        }
        either = code.two("or", left[fields.best], left[fields.best_by_gradient])
        self.where(either, partial(self.leave, k, left))
        code.store(better, self.flags[fields.best])
        code.store(better_by_gradient, self.flags[fields.best_by_gradient])
        self.put("best_f", code.select(better, f, best))
        self.put("best_norm", code.select(better, norm, self.get("best_norm")))
        self.put("least_norm", code.select(better_by_gradient, norm, self.get("least_norm")))
        stalled_count = code.two("add", self.load(self.stalled_count, "integer"), integer(1))
        code.store(code.select(better_by_gradient, integer(0), stalled_count), self.stalled_count)
        self.copy(self.there, self.here, fields.width - 1)
        self.where(code.set("icmp ne ptr %rows, null", "truth"), partial(self.row, k, norm))

    def leave(self, k: Operand, left: Mapping[int, Operand]) -> None:
        """Copies the current point, where `left` says so, to where it is remembered."""
        for point, truth in left.items():
            self.where(truth, partial(self.keep, point, k))

    def keep(self, point: int, k: Operand) -> None:
        """Copies the current point, the k-th, to where it is remembered."""
        code = self.code
        self.copy(self.here, self.given(point), self.fields.width - 1)
        real = code.set(f"sitofp {k.typed} to double")
        code.store(real, self.given(self.fields.norm(point) + 1))

    def row(self, k: Operand, norm: Operand) -> None:
        """Writes x, f and ‖∇f‖∞ of the step to its row."""
        code = self.code
        start = code.address(Operand("%rows"), code.two("mul", k, integer(self.n + 2)))
        self.copy(self.there, start, self.n + 1)
        code.store(norm, code.address(start, self.n + 1))

    # -- pieces -----------------------------------------------------------------------------

    def given(self, place: int) -> Operand:
        """The address of the number at that place in the caller's array."""
        return self.code.address(Operand("%fields"), place)

    def get(self, name: str) -> Operand:
        return self.code.load(self.slots[name])

    def put(self, name: str, value: Operand) -> None:
        self.code.store(value, self.slots[name])

    def load(self, slot: Operand, kind: str) -> Operand:
        return self.code.read(f"load {type_of(kind, False)}, ptr {slot.text}", kind)

    def where(self, truth: Operand, write: Callable[[], None]) -> None:
        """Has `write` write lines that run only where the truth holds."""
        code = self.code
        name = code.name("where")
        code.split(truth, name, f"{name}.not")
        code.start(name)
        write()
        code.jump(f"{name}.not")
        code.start(f"{name}.not")

    def demand(self, truth: Operand) -> None:
        """Ends the burst unless the truth holds."""
        name = self.code.name("on")
        self.code.split(truth, name, "done")
        self.code.start(name)

    def each(self, entry: EntryWriter, states: list[Operand]) -> list[Operand]:
        """Writes `entry` for each variable, as a loop where they are many."""
        if self.n > MOST_UNROLLED_VARIABLES:
            stays = ("slt", integer(self.n))
            return self.code.cycle("each", integer(0), stays, 1, states, entry)
        for place in range(self.n):
            states = entry(integer(place), states)
        return states

    def copy(self, source: Operand, target: Operand, count: int) -> None:
        given = f"{target.pointer}, {source.pointer}, i64 {8 * count}, i1 false"
        self.code.line(f"call void @llvm.memcpy.p0.p0.i64({given})")

    def largest(self, start: Operand, limit: Operand) -> Operand:
        """The largest absolute value of n numbers; ends the burst where one passes the limit."""
        code = self.code

        def entry(i: Operand, found: list[Operand]) -> list[Operand]:
            value = code.load(code.address(start, i))
            size = code.set(f"call double @llvm.fabs.f64({value.typed})")
            inside = code.two("and", found[1], code.compare("ole", size, limit))
            return [code.select(code.compare("ogt", size, found[0]), size, found[0]), inside]

        found, inside = self.each(entry, [LLVM_ZERO, Operand("true", "truth")])
        self.demand(inside)
        return found
