"""A stretch of descent with a fixed α as one LLVM function, so that steps need no Python.

Comes in: n, the number of variables. Goes out: the text of `descend`, which takes ordinary steps
x ← x − α∇f until the next one would not be ordinary (it would not move, or not be finite, or pass
one of the given limits) and leaves that one to the caller. It remembers the point of lowest f and
the calmest, by the rules of `descent/loop.py`.

All numbers are in one array, in the order of FIELDS; the points hold x, f, ∇f, ‖∇f‖∞ and k.
"""

from __future__ import annotations

from collections.abc import Callable

from gdcli.execute.native.code import Code, Operand, integer, number

ZERO = number(0.0)
SLACK = number(2.0**-50)  # 4ε, as in the rule for progress
SETTINGS = ("alpha", "tolerance", "lowest", "furthest")
WRITTEN_OUT = 16  # variables up to which there is no inner loop

Entry = Callable[[Operand, list[Operand]], list[Operand]]


class Fields:
    """The places of the numbers that `descend` is given and hands back, for n variables."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.settings = 0
        self.waited = len(SETTINGS)
        self.here = self.waited + 1
        self.best = self.here + self.width
        self.calmest = self.best + self.width
        self.size = self.calmest + self.width

    @property
    def points(self) -> tuple[int, int, int]:
        """Where the current point, the best and the calmest begin."""
        return self.here, self.best, self.calmest

    @property
    def width(self) -> int:
        """How many numbers a point has."""
        return 2 * self.n + 3

    def f(self, point: int) -> int:
        """The place of f of a point."""
        return point + self.n

    def gradient(self, point: int) -> int:
        """The place of the first partial derivative."""
        return point + self.n + 1

    def norm(self, point: int) -> int:
        """The place of ‖∇f‖∞; after it stands k."""
        return point + 2 * self.n + 1


def descend(n: int, parameters: str, arguments: str) -> str:
    """The text of `descend(…, ptr %fields, ptr %rows, i64 %steps, ptr %taken)`.

    `rows` is where x, f and ‖∇f‖∞ of each step go, or null; `taken` is where k goes.
    """
    code = Code()
    _Stretch(code, n, arguments).write()
    head = f"define void @descend({parameters}, ptr %fields, ptr %rows, i64 %steps, ptr %taken)"
    return code.text(f'{head} "no-builtins" nounwind')


class _Stretch:
    def __init__(self, code: Code, n: int, arguments: str) -> None:
        self.code = code
        self.n = n
        self.fields = Fields(n)
        self.state = code.reserve("double", self.fields.size, "state")
        self.there = code.reserve("double", self.fields.width, "there")
        points = (self.fields.best, self.fields.calmest)
        self.flags = {point: code.reserve("i1", 1, "is_here") for point in points}
        rest = arguments.split(", ", 2)[2]
        gradient = code.address(self.there, n + 1)
        self.call = f"call void @evaluate({self.there.pointer}, {gradient.pointer}, {rest})"

    def write(self) -> None:
        code, fields = self.code, self.fields
        given = Operand("%fields")
        self.copy(given, self.state, fields.size)
        for flag in self.flags.values():
            code.line(f"store i1 false, ptr {flag.text}")
        before = code.block
        code.jump("step")
        code.start("step")
        k = Operand("%k", "integer")
        place = len(code.lines)
        code.split(code.compare("slt", k, Operand("%steps", "integer")), "try", "done")
        code.start("try")
        self.demand(self.move())
        code.line(self.call)
        self.test()
        after = code.two("add", k, integer(1))
        self.accept(after)
        self.row(k)
        ways = f"[ 0, %{before} ], [ {after.text}, %{code.block} ]"
        code.lines.insert(place, f"  %k = phi i64 {ways}")
        code.jump("step")
        code.start("done")
        for point, flag in self.flags.items():
            self.where(self.flag(flag), lambda point=point: self.keep(point))
        self.copy(self.state, given, fields.size)
        code.line("store i64 %k, ptr %taken")
        code.line("ret void")

    # -- one step ---------------------------------------------------------------------------

    def move(self) -> Operand:
        """x − α∇f, there; whether it is another point."""
        code, fields = self.code, self.fields
        alpha = self.get(fields.settings)

        def entry(i: Operand, moved: list[Operand]) -> list[Operand]:
            here = code.load(code.address(self.at(fields.here), i))
            slope = code.load(code.address(self.at(fields.gradient(fields.here)), i))
            down = code.set(f"fneg {slope.typed}")
            x = code.two("fadd", here, code.two("fmul", alpha, down))
            code.store(x, code.address(self.there, i))
            return [code.two("or", moved[0], code.compare("une", x, here))]

        return self.each(entry, [Operand("false", "truth")])[0]

    def test(self) -> None:
        """Goes on where the point there is an ordinary one."""
        code, fields = self.code, self.fields
        f = code.load(Operand("%frame"))
        code.store(f, code.address(self.there, fields.f(0)))
        norm = self.largest(code.address(self.there, fields.gradient(0)))
        code.store(norm, code.address(self.there, fields.norm(0)))
        size = code.set(f"call double @llvm.fabs.f64({f.typed})")
        infinite = number(float("inf"))
        self.demand(code.compare("olt", size, infinite))
        self.demand(code.compare("olt", norm, infinite))
        self.demand(code.compare("ogt", norm, self.get(1)))
        self.demand(code.compare("oge", f, self.get(2)))
        self.demand(code.compare("ole", self.largest(self.there), self.get(3)))

    def accept(self, k: Operand) -> None:
        """The point there becomes the current one, and is remembered if it deserves that.

        A point is copied only once it is left: mostly the next is better still.
        """
        code, fields = self.code, self.fields
        real = code.set(f"sitofp {k.typed} to double")
        code.store(real, code.address(self.there, fields.norm(0) + 1))
        f = code.load(code.address(self.there, fields.f(0)))
        norm = code.load(code.address(self.there, fields.norm(0)))
        best, calm = self.get(fields.f(fields.best)), self.get(fields.norm(fields.calmest))
        size = code.set(f"call double @llvm.fabs.f64({best.typed})")
        level = code.two("fsub", best, code.two("fmul", SLACK, size))
        calmer = code.two("or", code.compare("ult", f, level), code.compare("olt", norm, calm))
        waited = code.two("fadd", self.get(fields.waited), number(1.0))
        code.store(code.select(calmer, ZERO, waited), self.at(fields.waited))
        flatter = code.compare("olt", norm, self.get(fields.norm(fields.best)))
        level = code.two("and", flatter, code.compare("oeq", f, best))
        better = code.two("or", code.compare("ult", f, best), level)
        for point, now in ((fields.best, better), (fields.calmest, calmer)):
            flag = self.flags[point]
            past = code.select(now, Operand("false", "truth"), self.flag(flag))
            self.where(past, lambda point=point: self.keep(point))
            code.line(f"store {now.typed}, ptr {flag.text}")
            for place, new in ((fields.f(point), f), (fields.norm(point), norm)):
                code.store(code.select(now, new, self.get(place)), self.at(place))
        self.copy(self.there, self.at(fields.here), fields.width)

    def flag(self, flag: Operand) -> Operand:
        """Whether the current point is the remembered one."""
        return self.code.set(f"load i1, ptr {flag.text}", "truth")

    def keep(self, point: int) -> None:
        """Copies the current point to where it is remembered."""
        self.copy(self.at(self.fields.here), self.at(point), self.fields.width)

    def where(self, truth: Operand, write: Callable[[], None]) -> None:
        """Writes something that happens only where the truth holds."""
        code = self.code
        name = code.name("where")
        code.split(truth, name, f"{name}.not")
        code.start(name)
        write()
        code.jump(f"{name}.not")
        code.start(f"{name}.not")

    def row(self, k: Operand) -> None:
        """Writes the row of the step, where rows are asked for."""
        code, width = self.code, self.n + 2

        def write() -> None:
            start = code.address(Operand("%rows"), code.two("mul", k, integer(width)))
            self.copy(self.there, start, self.n + 1)
            norm = code.load(code.address(self.there, self.fields.norm(0)))
            code.store(norm, code.address(start, self.n + 1))

        self.where(code.set("icmp ne ptr %rows, null", "truth"), write)

    # -- pieces -----------------------------------------------------------------------------

    def at(self, place: int) -> Operand:
        """Where the number of that place is."""
        return self.code.address(self.state, place)

    def get(self, place: int) -> Operand:
        """The number of that place."""
        return self.code.load(self.at(place))

    def each(self, entry: Entry, states: list[Operand]) -> list[Operand]:
        """Something for each variable, written out for a few."""
        if self.n > WRITTEN_OUT:
            stays = ("slt", integer(self.n))
            return self.code.cycle("each", integer(0), stays, 1, states, entry)
        for number_ in range(self.n):
            states = entry(integer(number_), states)
        return states

    def copy(self, source: Operand, target: Operand, count: int) -> None:
        """Copies `count` numbers."""
        given = f"{target.pointer}, {source.pointer}, i64 {8 * count}, i1 false"
        self.code.line(f"call void @llvm.memcpy.p0.p0.i64({given})")

    def demand(self, truth: Operand) -> None:
        """Goes on where the truth holds; else the stretch is done."""
        name = self.code.name("on")
        self.code.split(truth, name, "done")
        self.code.start(name)

    def largest(self, start: Operand) -> Operand:
        """The largest absolute value of n numbers; nan where the last of them that counts is."""
        code = self.code

        def entry(i: Operand, found: list[Operand]) -> list[Operand]:
            value = code.load(code.address(start, i))
            size = code.set(f"call double @llvm.fabs.f64({value.typed})")
            larger = code.compare("ogt", size, found[0])
            undefined = code.compare("uno", value, value)
            return [code.select(code.two("or", larger, undefined), size, found[0])]

        return self.each(entry, [ZERO])[0]
