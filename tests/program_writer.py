"""Programs made by chance: nested loops over vectors, matrices and data, well inside their domains.

`program(seed, depth)` is always the same; `programs` is a hypothesis strategy of them. The writer
knows each sub-expression's value in every iteration, so that no function is near the edge of its
domain, no two values that are compared or that a maximum picks from are close, and every subscript
lies within its array.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import pairwise

import mpmath
from hypothesis import strategies as st

from tests.expressions import DOMAIN, FUNCTIONS, HOLDS, ORDERED
from tests.program_arrays import DATA, Arrays, Scope, Written
from tests.programs import (
    AFFINE,
    CALL,
    CHOICE,
    LOOP,
    NUMBER,
    PART,
    SCALAR,
    WHOLE,
    Affine,
    Node,
    Program,
    Range,
    affine,
    every,
    reduced,
)

LARGEST, APART = 300.0, 2e-3  # of any value; and between what is compared
ITERATIONS = 150
INDICES = "ijkl"
TWO = ("atan2", "hypot", "logaddexp", "logsumexp", "min", "max", "/", "^")
ONE = [name for name in FUNCTIONS if name.isalnum() and name not in (*TWO, "sign")]
LESS_OFTEN = ("+", "-", "*")

Bounds = tuple[tuple[Affine, ...], tuple[Affine, ...]]


def program(seed: int, depth: int = 3) -> Program:
    """The program of that seed; `depth` bounds its nesting."""
    attempt = 0
    while True:
        writer = Writer(random.Random(f"{seed} {depth} {attempt}"))
        if written := writer.program(depth):
            return written
        attempt += 1


programs = st.builds(program, st.integers(0, 2**31), st.integers(1, 4))


class Writer(Arrays):
    """Writes one program."""

    def __init__(self, source: random.Random) -> None:
        super().__init__(source)
        self.parts: dict[str, Written] = {}
        self.ranging: dict[int, Bounds] = {}  # by depth: the bounds last chosen

    def program(self, depth: int) -> Program | None:
        """The program; None where chance led nowhere."""
        top = Scope((), [self.sizes], self.sizes)
        for name in ("r", "s")[: self.random.choice((0, 0, 1, 1, 2))]:
            if (part := self.loop(top, depth - 1)) is None:
                return None
            self.parts[name] = part
        root = self.loop(top, depth)
        if root is None:
            return None
        for _ in range(self.pick((0, 1, 1, 2))):
            other = self.loop(top, depth) if self.random.random() < 0.5 else None
            other = other or self.expression(top, max(depth - 1, 1))
            added = self.attempt(self.pick("+-*"), [root, other])
            root = added if added and self.random.random() < 0.6 else self.joined([root, other])
        nodes = [one for tree in (*self.parts.values(), root) for one in every(tree.node)]
        values = self.given(nodes)
        point = {name: value for name, value in values.items() if name not in DATA}
        if not point:
            return None
        definitions = [f"{name} = {part.node}; " for name, part in self.parts.items()]
        header = self.header(list(point))
        named = [
            (node.kind, name) for node in nodes for one in affine(node) for name, _ in one.terms
        ]
        sizes = {name for kind, name in named if kind != AFFINE}
        sizes |= {name for name in self.sizes if name in header.rpartition("]")[0]}
        if any(name in self.sizes and name not in sizes for _, name in named):
            return None  # it would be a variable
        data = {name: value for name, value in values.items() if name in DATA}
        parts = {name: part.node for name, part in self.parts.items()}
        return Program(
            header + "".join(definitions) + str(root.node),
            {name: size for name, size in self.sizes.items() if name in sizes},
            data,
            point,
            parts,
            root.node,
        )

    def expression(self, scope: Scope, depth: int) -> Written:
        if depth <= 0:
            return self.leaf(scope)
        chance = self.random.random()
        if chance < 0.3 and len(scope.indices) < 3 and (loop := self.loop(scope, depth - 1)):
            return loop
        if chance > 0.93 and scope.indices and (guarded := self.guarded(scope, depth - 1)):
            return guarded
        count = self.pick((1, 1, 2, 2, 2, 4))
        return self.joined([self.expression(scope, depth - 1) for _ in range(count)])

    def leaf(self, scope: Scope) -> Written:
        chance = self.random.random()
        if chance < 0.7 and scope.indices and (element := self.element(scope)):
            return element
        if chance < 0.1 and self.declared:
            return self.whole(scope)
        if chance < 0.45 and self.parts:
            name = self.pick(tuple(self.parts))
            return Written(Node(PART, name), self.parts[name].values * len(scope.space))
        if chance < 0.9:
            name = self.pick("abc")
            return Written(Node(SCALAR, name), [self.entry(name)] * len(scope.space))
        if chance < 0.95:
            number = self.pick(("2", "0.5", "1.7", "3", ".3"))
            return Written(Node(NUMBER, number), [float(number)] * len(scope.space))
        name = self.pick((*scope.indices, *self.sizes))
        affine = Affine(self.pick((0, 0, 1)), ((name, 1),))
        return Written(Node(AFFINE, affine), [float(affine.at(names)) for names in scope.space])

    def whole(self, scope: Scope) -> Written:
        """dot(x, y), norm(x) and the like."""
        first, second = self.pick("xy"), self.pick("xyt")
        name = self.pick(("dot", "norm"))
        arrays = (first,) if name == "norm" else (first, second)
        places = range(1, self.length("x")[0] + 1)
        numbers = [[self.entry(array, place) for place in places] for array in arrays]
        value = sum(a * b for a, b in zip(numbers[0], numbers[-1], strict=True))
        value = math.sqrt(value) if name == "norm" else value
        return Written(Node(WHOLE, (name, *arrays)), [value] * len(scope.space))

    def guarded(self, scope: Scope, depth: int) -> Written | None:
        """A branch by an index, whose untaken side has no value in that iteration."""
        index = scope.indices[-1]
        where = self.pick(scope.space)[index]
        distance = Node(AFFINE, Affine(-where, ((index, 1),)))
        inner = self.expression(scope, depth)
        poison = self.pick(("/", "log"))
        if poison == "/":
            other = Node(CALL, "/", (inner.node, distance))
        else:
            other = Node(CALL, "log", (Node(CALL, "*", (distance, distance)),))
        sides = (Node(AFFINE, Affine(0, ((index, 1),))), Node(AFFINE, Affine(where)))
        values = []
        for value, names in zip(inner.values, scope.space, strict=True):
            away = names[index] - where
            elsewhere = value / (away or 1) if poison == "/" else math.log(away * away or 1)
            values.append(elsewhere if away else value)
        node = Node(CHOICE, "==", (*sides, inner.node, other))
        return self.sound(Written(node, values))

    def loop(self, scope: Scope, depth: int) -> Written | None:
        """A reduction of a body over one or two new indices."""
        for _ in range(8):
            reduction = self.pick(("sum", "sum", "sum", "sum", "prod", "prod", "max", "min"))
            ranges, inside = self.ranges(scope, self.pick((1, 1, 2)))
            if (
                not ranges
                or not inside.space
                or (reduction in ("max", "min") and hollow(ranges, inside))
            ):
                continue
            parents = [names["parent"] for names in inside.space]
            body = self.expression(inside, depth)
            groups: list[list[float]] = [[] for _ in scope.space]
            for parent, value in zip(parents, body.values, strict=True):
                groups[parent].append(value)
            if reduction in ("max", "min") and any(not apart(group, reduction) for group in groups):
                continue
            smooth = reduction == "prod" and self.random.random() < 0.2
            if smooth and not hollow(ranges, inside):
                if found := self.smooth_maximum(ranges, body, groups):
                    return found
                continue
            values = [float(reduced(reduction, group, mpmath.fp)) for group in groups]
            node = Node(LOOP, (reduction, *ranges), (body.node,))
            if found := self.sound(Written(node, values)):
                return found
        return None

    def smooth_maximum(
        self, ranges: Sequence[Range], body: Written, groups: Sequence[Sequence[float]]
    ) -> Written | None:
        """log(sum(exp(...))), which has a rewrite of its own."""
        if not all(DOMAIN["exp"](value) for group in groups for value in group):
            return None
        terms = Node(LOOP, ("sum", *ranges), (Node(CALL, "exp", (body.node,)),))
        values = [math.log(math.fsum(map(math.exp, group))) for group in groups]
        return self.sound(Written(Node(CALL, "log", (terms,)), values))

    def ranges(self, scope: Scope, count: int) -> tuple[list[Range], Scope]:
        """New ranges, and the scope inside them; "parent" is the iteration around each."""
        ranges = []
        indices = scope.indices
        space = [{**names, "parent": number} for number, names in enumerate(scope.space)]
        for _ in range(count):
            index = next(name for name in INDICES if name not in indices)
            one = Range(index, *self.bounds(indices))
            wider = [{**names, index: number} for names in space for number in one.over(names)]
            if len(wider) > ITERATIONS or len(indices) > 3:
                break
            ranges.append(one)
            indices, space = (*indices, index), wider
        return ranges, Scope((*scope.ranges, *ranges), space, scope.sizes)

    def bounds(self, indices: Sequence[str]) -> Bounds:
        """Those of an earlier loop as deep, so that loops may be fused, or new ones."""
        if len(indices) not in self.ranging or self.random.random() < 0.5:
            self.ranging[len(indices)] = self.new_bounds(indices)
        return self.ranging[len(indices)]

    def new_bounds(self, indices: Sequence[str]) -> Bounds:
        size = ((self.pick(("n", "n", "m")), 1),)
        one, whole = Affine(1), Affine(0, size)
        if indices and self.random.random() < 0.4:
            index = ((self.pick(indices), 1),)
            ways = (
                ((Affine(0, index),), (whole,)),
                ((Affine(1, index),), (whole,)),
                ((one,), (Affine(0, index),)),
                ((one,), (Affine(-1, index),)),
                ((one, Affine(-1, index)), (whole, Affine(1, index))),
                ((Affine(0, index),), (Affine(2, index),)),
            )
            return self.pick(ways)  # type: ignore[no-any-return]
        low = Affine(self.pick((1, 1, 1, 1, 2, 0)))
        return (low,), (self.pick((whole, whole, Affine(-1, size), Affine(3))),)

    def joined(self, operands: Sequence[Written]) -> Written:
        """Some operation on the operands that has a value in every iteration."""
        if len(operands) == 1 and self.random.random() < 0.1:
            return self.rewritten(operands[0])
        ways = {1: ONE, 2: [*TWO, *LESS_OFTEN * 3], 4: [CHOICE]}[len(operands)]
        for _ in range(6):
            name = self.pick(ways)
            if written := self.attempt(name, operands):
                return written
        return operands[0]

    def rewritten(self, operand: Written) -> Written:
        """log(1 + exp(a)) or 1/(1 + exp(-a)), which have rewrites."""
        one = Written(Node(NUMBER, "1"), [1.0] * len(operand.values))
        steps: Sequence[tuple[str, bool]] = self.pick(
            (
                (("exp", False), ("+", True), ("log", False)),
                (("negate", False), ("exp", False), ("+", True), ("/", True)),
            )
        )
        found: Written | None = operand
        for name, with_one in steps:
            if found is not None:
                found = self.attempt(name, [one, found] if with_one else [found])
        return found or operand

    def attempt(self, name: str, operands: Sequence[Written]) -> Written | None:
        nodes = tuple(operand.node for operand in operands)
        rows = list(zip(*(operand.values for operand in operands), strict=True))
        if name == CHOICE:
            if any(abs(row[0] - row[1]) < APART for row in rows):
                return None
            comparison = self.pick(tuple(HOLDS))
            chosen = [row[2 if HOLDS[comparison](row[0], row[1]) else 3] for row in rows]
            return self.sound(Written(Node(CHOICE, comparison, nodes), chosen))
        if name == "^":
            exponent = self.pick(("2", "2", "3", "-1", "4", "0.5", "1.5"))
            smooth = exponent in "234" or all(row[0] > 0.05 for row in rows)
            if not smooth:
                return None
            number = Node(NUMBER, exponent.removeprefix("-"))
            number = number if number.value == exponent else Node(CALL, "negate", (number,))
            power = Node(CALL, "^", (nodes[0], number))
            return self.sound(Written(power, [row[0] ** float(exponent) for row in rows]))
        if name in ORDERED:
            nodes, rows = (Node(NUMBER, "1"), *nodes), [(1.0, *row) for row in rows]
        if not all(DOMAIN[name](*row) for row in rows if name in DOMAIN):
            return None
        values = [float(FUNCTIONS[name](mpmath.fp, *row)) for row in rows]
        return self.sound(Written(Node(CALL, name, nodes), values))

    def sound(self, written: Written) -> Written | None:
        """What has a moderate value in every iteration."""
        fits = all(math.isfinite(value) and abs(value) < LARGEST for value in written.values)
        return written if fits else None


def hollow(ranges: Sequence[Range], inside: Scope) -> bool:
    """Whether one of the ranges may be empty."""
    for one in ranges:
        terms = tuple(term for end in (*one.low, *one.high) for term in end.terms)
        if not all(one.over(names) for names in inside.reaching(Affine(0, terms))):
            return True
    return False


def apart(group: Sequence[float], reduction: str) -> bool:
    """Whether one of the values is clearly the extreme one."""
    ordered = sorted(group, reverse=reduction == "max")
    return all(abs(one - other) > APART for one, other in list(pairwise(ordered))[:1])
