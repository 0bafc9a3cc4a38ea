"""Programs of arrays made by chance: layers, recurrences, gathers, products of matrices.

`array_program(seed)` is always the same: a text, its data and sizes, a point, and the same function
by whole arrays, as a caller of `Operations` computes it with numbers of any kind. So a text of
loops, ranges and subscripts is tested against formulas that have none. Functions are bounded in
slope, and none is on a kink, a jump or a tie, so that central differences are sound.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

Value = Any  # a number or an array of an Operations

ENTRYWISE = {
    "tanh({})": lambda o, x: o.tanh(x),
    "sin({})": lambda o, x: o.sin(x),
    "atan({})": lambda o, x: o.atan(x),
    "exp(-({})^2)": lambda o, x: o.exp(-x * x),
    "sqrt(1 + ({})^2)": lambda o, x: o.sqrt(1 + x * x),
    "log(2 + cos({}))": lambda o, x: o.log(2 + o.cos(x)),
    "({})/2": lambda o, x: x / 2,
    "abs({} + 0.41377)": lambda o, x: o.where(x + 0.41377 < 0, -x - 0.41377, x + 0.41377),
    "max({}, 0.21371)": lambda o, x: o.where(x > 0.21371, x, x * 0 + 0.21371),
}
SIZES = {"n": (3, 6), "m": (2, 4), "p": (2, 3)}


class Operations(NamedTuple):
    """Arrays of one kind of number: `stack` and `array` make them, `at` takes entries by number.

    `total` and `largest` reduce along an axis, all others are entry by entry.
    """

    tanh: Callable[[Value], Value]
    sin: Callable[[Value], Value]
    cos: Callable[[Value], Value]
    atan: Callable[[Value], Value]
    exp: Callable[[Value], Value]
    log: Callable[[Value], Value]
    sqrt: Callable[[Value], Value]
    stack: Callable[[Sequence[Value]], Value]
    total: Callable[[Value, int], Value]
    largest: Callable[[Value, int], Value]
    array: Callable[[Any], Value]
    where: Callable[[Value, Value, Value], Value]


class ArrayProgram(NamedTuple):
    """A text and what it is run with; `value` computes it from the variables' arrays."""

    text: str
    sizes: dict[str, int]
    data: dict[str, Any]
    point: dict[str, Any]
    value: Callable[[Operations, Mapping[str, Value]], Value]


Formula = Callable[[Operations, Mapping[str, Value]], Value]


class Term(NamedTuple):
    """An array that a program has by now: its name, the sizes of its dimensions."""

    name: str
    shape: tuple[str, ...]


class Writer:
    """Writes one program, a statement after the other; `steps` compute the same by whole arrays."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(f"arrays {seed}")
        self.sizes = {name: self.random.randint(*ends) for name, ends in SIZES.items()}
        self.statements: list[str] = []
        self.steps: list[tuple[str, Formula]] = []
        self.variables: dict[str, tuple[str, ...]] = {}
        self.data: dict[str, Any] = {}
        self.terms: list[Term] = []
        self.names = iter([f"h{k}" for k in range(1, 99)])

    # -- what there is ------------------------------------------------------------------------

    def draw(self, shape: tuple[str, ...]) -> Any:
        if not shape:
            return round(self.random.uniform(-1.5, 1.5), 3)
        return [self.draw(shape[1:]) for _ in range(self.sizes[shape[0]])]

    def variable(self, *shape: str) -> str:
        """A variable of these dimensions, a new one or an old one."""
        old = [name for name, known in self.variables.items() if known == shape]
        if old and self.random.random() < 0.4:
            return self.random.choice(old)
        letter = {0: "a", 1: "x", 2: "W"}[len(shape)]
        name = f"{letter}{len(self.variables) + 1}"
        self.variables[name] = shape
        return name

    def column(self, shape: tuple[str, ...]) -> str:
        """An array of data of these dimensions."""
        name = f"{'D' if len(shape) > 1 else 't'}{len(self.data) + 1}"
        self.data[name] = self.draw(shape)
        return name

    def numbers(self, length: str, most: str) -> str:
        """A column of whole numbers from 1 to the size `most`, each of which occurs if it can."""
        name = f"g{len(self.data) + 1}"
        count, top = self.sizes[length], self.sizes[most]
        drawn = [self.random.randint(1, top) for _ in range(count)]
        drawn[: min(top, count)] = range(1, min(top, count) + 1)
        self.random.shuffle(drawn)
        self.data[name] = drawn
        return name

    def array(self, *shape: str) -> str:
        """The name of an array of these dimensions: a part, a variable or data."""
        parts = [term.name for term in self.terms if term.shape == shape]
        if parts and self.random.random() < 0.75:
            return self.random.choice(parts[-3:])
        return self.column(shape) if self.random.random() < 0.25 else self.variable(*shape)

    def function(self) -> tuple[str, Callable[[Operations, Value], Value]]:
        text = self.random.choice(tuple(ENTRYWISE))
        return text, ENTRYWISE[text]

    def index(self, name: str, size: str) -> str:
        """An index on the left side, bare where its range can be found, or with it."""
        return name if self.random.random() < 0.5 else f"{name} in 1:{size}"

    def define(self, shape: tuple[str, ...], text: str, formula: Formula, name: str = "") -> str:
        """Adds a statement; `{}` in its text is the name of the array."""
        name = name or next(self.names)
        self.statements.append(text.replace("@", name))
        self.steps.append((name, formula))
        self.terms.append(Term(name, shape))
        return name

    # -- statements ---------------------------------------------------------------------------

    def layer(self) -> None:
        """A function of a bias and a product of matrices."""
        rows, units, inner = self.random.choice(("nmp", "npm", "nmm", "mnp"))
        weights, inputs = self.array(units, inner), self.array(rows, inner)
        bias, (text, function) = self.variable(units), self.function()
        inside = f"{bias}[j] + sum({weights}[j,k]*{inputs}[i,k] for k in 1:{inner})"
        self.define(
            (rows, units),
            f"@[{self.index('i', rows)}, {self.index('j', units)}] = {text.format(inside)}",
            lambda o, v: function(o, v[inputs] @ v[weights].T + v[bias]),
        )

    def entrywise(self) -> None:
        rows, columns = self.random.choice(("nm", "np", "mp"))
        first, second = self.array(rows, columns), self.array(rows)
        text, function = self.function()
        inside = f"{first}[i,j]*{second}[i] - {first}[i,j]/3"
        self.define(
            (rows, columns),
            f"@[{self.index('i', rows)}, {self.index('j', columns)}] = {text.format(inside)}",
            lambda o, v: function(o, v[first] * v[second][:, None] - v[first] / 3),
        )

    def branch(self) -> None:
        """Entries that are made in one of two ways, as an entry, a number or data say."""
        rows, columns = self.random.choice(("nm", "np", "mp"))
        first, second = self.array(rows, columns), self.array(rows)
        said = {
            f"{first}[i,j]": lambda v: v[first],
            f"{second}[i]": lambda v: v[second][:, None] + 0 * v[first],
            (scale := self.variable()): lambda v: v[scale] + 0 * v[first],
            f"{(column := self.column((rows,)))}[i]": lambda v: v[column][:, None] + 0 * v[first],
        }
        asked = self.random.choice(tuple(said))
        (text, function), (other_text, other) = self.function(), self.function()
        then = text.format(f"{first}[i,j]*{second}[i]")
        self.define(
            (rows, columns),
            f"@[{self.index('i', rows)}, {self.index('j', columns)}] = "
            f"ifelse({asked} < 0.11713, {then}, {other_text.format(f'{first}[i,j]')})",
            lambda o, v: o.where(
                said[asked](v) < 0.11713,
                function(o, v[first] * v[second][:, None]),
                other(o, v[first]),
            ),
        )

    def switching(self) -> None:
        """A sequence that its own last entry sends one of two ways, or the index does."""
        length = self.random.choice("nm")
        force, scale, start = self.array(length), self.variable(), self.variable()
        (text, function), (other_text, other) = self.function(), self.function()
        by_index = self.random.random() < 0.3

        def formula(o: Operations, v: Mapping[str, Value]) -> Value:
            found = [v[start] * 1]
            for t in range(1, self.sizes[length]):
                last = found[-1]
                if by_index:
                    found.append(function(o, last) if t == 1 else other(o, v[force][t] * last))
                else:
                    moved = other(o, v[force][t] * last)
                    found.append(o.where(last < 0.31371, function(o, v[scale] * last), moved))
            return o.stack(found)

        moved = other_text.format(f"{force}[t]*@[t-1]")
        asked, then = "@[t-1] < 0.31371", text.format(f"{scale}*@[t-1]")
        if by_index:
            asked, then = "t == 2", text.format("@[t-1]")
        self.define(
            (length,),
            f"@[1] = {start}; @[t in 2:{length}] = ifelse({asked}, {then}, {moved})",
            formula,
        )

    def reduction(self) -> None:
        """A vector of sums, means, maxima or logsumexps of rows or columns."""
        rows, columns = self.random.choice(("nm", "np", "mp"))
        matrix = self.array(rows, columns)
        along = self.random.random() < 0.5
        kind = self.random.choice(("sum", "mean", "max", "logsumexp"))
        length, over = (rows, columns) if along else (columns, rows)
        entry = f"{matrix}[i,k]" if along else f"{matrix}[k,i]"
        count = self.sizes[over]

        def formula(o: Operations, v: Mapping[str, Value]) -> Value:
            axis = 1 if along else 0
            if kind == "max":
                return o.largest(v[matrix], axis)
            if kind == "logsumexp":
                return o.log(o.total(o.exp(v[matrix]), axis))
            return o.total(v[matrix], axis) / (count if kind == "mean" else 1)

        self.define(
            (length,),
            f"@[{self.index('i', length)}] = {kind}({entry} for k in 1:{over})",
            formula,
        )

    def recurrence(self) -> None:
        """A sequence whose entries are made of the one before."""
        length = self.random.choice("nm")
        force, scale, start = self.array(length), self.variable(), self.variable()
        text, function = self.function()
        backwards = self.random.random() < 0.3

        def formula(o: Operations, v: Mapping[str, Value]) -> Value:
            found = [v[start] * 1]
            for t in range(1, self.sizes[length]):
                found.append(
                    function(o, v[scale] * found[-1] + v[force][t if not backwards else 0])
                )
            return o.stack(found)

        entry = f"{force}[{'1' if backwards else 't'}]"
        inside = text.format(f"{scale}*@[t-1] + {entry}")
        self.define((length,), f"@[1] = {start}; @[t in 2:{length}] = {inside}", formula)

    def coupled(self) -> None:
        """Two sequences that read each other's entries."""
        length = "n"
        force, step, start = self.array(length), self.variable(), self.variable()
        (first, f), (second, g) = self.function(), self.function()
        p, q = next(self.names), next(self.names)

        def formula(o: Operations, v: Mapping[str, Value]) -> list[Value]:
            ps, qs = [v[start] * 1], [v[step] * 1]
            for t in range(1, self.sizes[length]):
                ps.append(ps[-1] + f(o, v[step] * qs[-1]))
                qs.append(qs[-1] - g(o, v[force][t] * ps[-1]))
            return [o.stack(ps), o.stack(qs)]

        self.statements.append(
            f"{p}[1] = {start}; {q}[1] = {step}; "
            f"{p}[t in 2:{length}] = {p}[t-1] + {first.format(f'{step}*{q}[t-1]')}; "
            f"{q}[t in 2:{length}] = {q}[t-1] - {second.format(f'{force}[t]*{p}[t]')}"
        )
        self.steps += [
            (p, lambda o, v: formula(o, v)[0]),
            (q, lambda o, v: formula(o, v)[1]),
        ]
        self.terms += [Term(p, (length,)), Term(q, (length,))]

    def state_space(self) -> None:
        """A state of several numbers that a matrix moves on."""
        steps, width = self.random.choice(("nm", "np"))
        matrix, start, force = self.array(width, width), self.array(width), self.array(steps, width)
        text, function = self.function()

        def formula(o: Operations, v: Mapping[str, Value]) -> Value:
            found = [v[start] * 1]
            for t in range(1, self.sizes[steps]):
                found.append(function(o, v[matrix] @ found[-1] + v[force][t]))
            return o.stack(found)

        inside = text.format(f"sum({matrix}[j,k]*@[t-1,k] for k in 1:{width}) + {force}[t,j]")
        self.define(
            (steps, width),
            f"@[1, j in 1:{width}] = {start}[j]; @[t in 2:{steps}, j in 1:{width}] = {inside}",
            formula,
        )

    def across(self) -> None:
        """Rows each of which is a recurrence of its own."""
        rows, columns = self.random.choice(("nm", "mn", "np"))
        start, force, scale = self.array(rows), self.array(rows, columns), self.variable()
        text, function = self.function()

        def formula(o: Operations, v: Mapping[str, Value]) -> Value:
            found = [v[start] * 1]
            for t in range(1, self.sizes[columns]):
                found.append(function(o, v[scale] * found[-1] + v[force][:, t]))
            return o.stack(found).T

        inside = text.format(f"{scale}*@[i,j-1] + {force}[i,j]")
        self.define(
            (rows, columns),
            f"@[i in 1:{rows}, 1] = {start}[i]; @[i in 1:{rows}, j in 2:{columns}] = {inside}",
            formula,
        )

    def gather(self) -> None:
        """Entries that a column of whole numbers picks."""
        rows, most = self.random.choice(("nm", "np", "mp"))
        vector, group, other = self.array(most), self.numbers(rows, most), self.array(rows)
        text, function = self.function()
        inside = text.format(f"{vector}[{group}[i]]")
        self.define(
            (rows,),
            f"@[{self.index('i', rows)}] = {other}[i]*{inside}",
            lambda o, v: v[other] * function(o, v[vector][np.array(self.data[group]) - 1]),
        )

    def labels(self) -> None:
        """One entry of each row, as the loss of a classifier takes it."""
        rows, most = self.random.choice(("nm", "np"))
        matrix, label = self.array(rows, most), self.numbers(rows, most)

        def formula(o: Operations, v: Mapping[str, Value]) -> Value:
            chosen = [k - 1 for k in self.data[label]]
            own = o.stack([v[matrix][row][k] for row, k in enumerate(chosen)])
            return o.log(o.total(o.exp(v[matrix]), 1)) - own

        self.define(
            (rows,),
            f"@[{self.index('i', rows)}] = "
            f"logsumexp({matrix}[i,c] for c in 1:{most}) - {matrix}[i,{label}[i]]",
            formula,
        )

    def pieces(self) -> None:
        """Ends that differ from what lies between them, which reads its neighbours."""
        vector, value = self.array("n"), self.variable()
        order = self.random.random() < 0.5

        def formula(o: Operations, v: Mapping[str, Value]) -> Value:
            inner = [v[vector][t - 1] * v[vector][t + 1] for t in range(1, self.sizes["n"] - 1)]
            return o.stack([v[value] * 1, *inner, v[vector][-1] / 2])

        ends = [f"@[1] = {value}", f"@[i in n:n] = {vector}[i]/2"]
        middle = f"@[i in 2:n-1] = {vector}[i-1]*{vector}[i+1]"
        written = [middle, *ends] if order else [ends[0], middle, ends[1]]
        self.define(("n",), "; ".join(written), formula)

    def partial_sums(self) -> None:
        vector, other = self.array("n"), self.array("n")

        def formula(o: Operations, v: Mapping[str, Value]) -> Value:
            count = self.sizes["n"]
            products = [o.total(v[vector][: t + 1], 0) * v[other][t] for t in range(count)]
            return o.stack(products) / 4

        index = self.index("i", "n")
        text = f"@[{index}] = {other}[i]*sum({vector}[j] for j in 1:i)/4"
        self.define(("n",), text, formula)

    def whole(self) -> None:
        """A formula of whole arrays."""
        rows, inner = self.random.choice(("nm", "np", "mp"))
        matrix, vector = self.array(rows, inner), self.array(inner)
        other = self.array(rows)
        text, function = self.function()
        name = text.partition("(")[0]
        choice = self.random.randrange(5)
        if choice == 0:
            self.define((rows,), f"@ = {matrix}*{vector}/2", lambda o, v: v[matrix] @ v[vector] / 2)
        elif choice == 1:
            self.define(
                (inner,), f"@ = {matrix}'*{other}/2", lambda o, v: v[matrix].T @ v[other] / 2
            )
        elif choice == 2:
            square = self.array(inner, inner)
            self.define(
                (rows,),
                f"@ = {matrix}*{square}*{vector}/4 - {other}",
                lambda o, v: v[matrix] @ (v[square] @ v[vector]) / 4 - v[other],
            )
        elif choice == 3 and name in ("tanh", "sin", "atan"):
            self.define(
                (rows, inner),
                f"@ = {name}({matrix} .+ {vector}' .+ {other})",
                lambda o, v: function(o, v[matrix] + v[vector] + v[other][:, None]),
            )
        else:
            self.define(
                (rows, rows),
                f"@ = {matrix}*{matrix}'/2",
                lambda o, v: v[matrix] @ v[matrix].T / 2,
            )

    def scalar(self) -> tuple[str, Formula]:
        """A number made of the newest arrays."""
        term = self.random.choice(self.terms[-3:])
        name, scale = term.name, self.variable()
        indices, ranges = (
            ("i,j", "i in 1:{}, j in 1:{}") if len(term.shape) == 2 else ("i", "i in 1:{}")
        )
        entry, over = f"{name}[{indices}]", ranges.format(*term.shape)
        count = 1
        for size in term.shape:
            count *= self.sizes[size]

        def flat(v: Mapping[str, Value]) -> Value:
            return v[name].reshape(-1)

        choices: list[tuple[str, Formula]] = [
            (f"sum({entry}^2 for {over})", lambda o, v: o.total(flat(v) ** 2, 0)),
            (f"mean({entry} for {over})", lambda o, v: o.total(flat(v), 0) / count),
            (
                f"sqrt(1 + mean(({entry} - {scale})^2 for {over}))",
                lambda o, v: o.sqrt(1 + o.total((flat(v) - v[scale]) ** 2, 0) / count),
            ),
            (
                f"logsumexp({scale}*{entry} for {over})",
                lambda o, v: o.log(o.total(o.exp(v[scale] * flat(v)), 0)),
            ),
            (f"norm({name} .- {scale})^2", lambda o, v: o.total((flat(v) - v[scale]) ** 2, 0)),
            (f"sum({name} .* {name})/2", lambda o, v: o.total(flat(v) ** 2, 0) / 2),
        ]
        return self.random.choice(choices)

    def choice(self) -> tuple[str, Formula]:
        """One of two numbers, so that a part may be read on one side alone."""
        if self.random.random() < 0.7:
            return self.scalar()
        (text, formula), (other_text, other), scale = self.scalar(), self.scalar(), self.variable()
        return f"ifelse({scale} > 0.04137, {text}, {other_text})", lambda o, v: o.where(
            v[scale] > 0.04137, formula(o, v), other(o, v)
        )

    def program(self) -> ArrayProgram:
        kinds = [
            *(self.layer, self.layer, self.entrywise, self.reduction, self.recurrence),
            *(self.coupled, self.state_space, self.across, self.gather, self.labels),
            *(self.pieces, self.partial_sums, self.whole, self.whole, self.branch, self.switching),
        ]
        for _ in range(self.random.randint(1, 4)):
            self.random.choice(kinds)()
        numbers = [self.choice() for _ in range(self.random.randint(1, 2))]
        variables = dict(self.variables)
        shapes = [
            name + (f"[{','.join(shape)}]" if shape else "") for name, shape in variables.items()
        ]
        header = f"f({', '.join(shapes)}) = "
        body = " + ".join(text for text, _ in numbers)
        text = header + "".join(f"{one}; " for one in self.statements) + body
        words = set(re.findall(r"\w+", text))
        steps, data = tuple(self.steps), {k: v for k, v in self.data.items() if k in words}

        def value(o: Operations, given: Mapping[str, Value]) -> Value:
            found = {name: o.array(one) for name, one in data.items()} | dict(given)
            for name, formula in steps:
                found[name] = formula(o, found)
            total = numbers[0][1](o, found)
            for _, formula in numbers[1:]:
                total = total + formula(o, found)
            return total

        sizes = {name: size for name, size in self.sizes.items() if name in words}
        point = {name: self.draw(shape) for name, shape in variables.items()}
        return ArrayProgram(text, sizes, data, point, value)


def array_program(seed: int) -> ArrayProgram:
    """The program of that seed."""
    return Writer(seed).program()
