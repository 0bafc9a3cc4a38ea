"""Where a generated program may subscript its arrays, and what it finds there.

An entry gets its value when it is first asked for. A subscript is affine in the indices around and
in sizes, 1 or more and not too large in every iteration that counts; the lengths of the arrays are
the highest subscripts in the end, or those that the header declares.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tests.programs import ELEMENT, SCALAR, WHOLE, Affine, Node, Range, Shaped

LONGEST = 14
RANKS = {"x": 1, "y": 1, "W": 2, "t": 1, "A": 2}
DATA = ("t", "A")

Names = Mapping[str, int]


class Scope(NamedTuple):
    """The loops around, innermost last, and the values of sizes and indices in each iteration."""

    ranges: tuple[Range, ...]
    space: Sequence[Names]
    sizes: Names

    @property
    def indices(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.ranges)

    def reaching(self, subscript: Affine) -> Sequence[Names]:
        """The values of its indices that count: loops that it does not depend on may be empty."""
        names = {name for name, _ in subscript.terms}
        space: list[Names] = [self.sizes]
        needed = []
        for one in reversed(self.ranges):
            if one.name in names:
                names |= {name for end in (*one.low, *one.high) for name, _ in end.terms}
                needed.append(one)
        for one in reversed(needed):
            space = [{**known, one.name: number} for known in space for number in one.over(known)]
        return space


class Written(NamedTuple):
    """A node and its value in each iteration of its scope."""

    node: Node
    values: list[float]


class Arrays:
    """The arrays and scalars of one program; `declared` says that its header gives the lengths."""

    def __init__(self, source: random.Random) -> None:
        self.random = source
        self.sizes = {"n": source.randint(3, 6), "m": source.randint(2, 4)}
        self.declared = source.random() < 0.3
        n, m = (Affine(source.randint(0, 2), ((size, 1),)) for size in ("n", "m"))
        self.lengths = {"x": (n,), "y": (n,), "W": (m, n)} if self.declared else {}
        self.elements: dict[int, tuple[Node, list[int]]] = {}  # by id: the highest subscripts
        self.reached: dict[str, list[int]] = {}  # by array: those of the program
        self.drawn: dict[tuple[Any, ...], float] = {}

    def entry(self, *key: Any) -> float:
        """The value of a scalar or of one entry of an array, drawn when first asked for."""
        if key not in self.drawn:
            value = round(self.random.uniform(-2.5, 2.5), 3)
            self.drawn[key] = 0.0 if self.random.random() < 0.04 else value
        return self.drawn[key]

    def length(self, array: str) -> list[int]:
        if array in self.lengths:
            return [length.at(self.sizes) for length in self.lengths[array]]
        return self.reached[array]

    def values(self, array: str, *before: int) -> Shaped:
        """The array as lists."""
        length = self.length(array)[len(before)]
        if len(before) + 1 == RANKS[array]:
            return [self.entry(array, *before, place) for place in range(1, length + 1)]
        return [self.values(array, *before, place) for place in range(1, length + 1)]

    def element(self, scope: Scope) -> Written | None:
        array = self.random.choice(("x", "x", "x", "y", "y", "W", "W", "t", "A"))
        subscripts = [self.subscript(scope) for _ in range(RANKS[array])]
        places = [[subscript.at(names) for subscript in subscripts] for names in scope.space]
        highest = [max(map(one.at, scope.reaching(one))) for one in subscripts]
        bounds = self.length(array) if array in self.lengths else [LONGEST, LONGEST]
        if array == "t" and self.declared:  # so that dot(x, t) may be written
            bounds = self.length("x")
        if any(high > bound for high, bound in zip(highest, bounds, strict=False)):
            return None
        node = Node(ELEMENT, (array, *subscripts))
        self.elements[id(node)] = node, highest
        return Written(node, [self.entry(array, *place) for place in places])

    def subscript(self, scope: Scope) -> Affine:
        """An affine subscript, 1 or more in every iteration."""
        terms: dict[str, int] = {}
        if scope.indices and self.random.random() < 0.95:
            index = scope.indices[-1] if self.random.random() < 0.6 else self.pick(scope.indices)
            terms[index] = self.pick((1, 1, 1, 1, 1, 2, -1))
            if self.random.random() < 0.2:
                other = self.pick(scope.indices)
                terms[other] = terms.get(other, 0) + self.pick((1, -1))
        if not scope.indices or -1 in terms.values() or self.random.random() < 0.1:
            terms[self.pick(tuple(self.sizes))] = 1
        kept = tuple((name, times) for name, times in terms.items() if times)
        varying = Affine(0, kept)
        least = min(map(varying.at, scope.reaching(varying)))
        shift = self.pick((0, 0, 0, 0, 1, -1, -2))
        return varying._replace(constant=max(shift, 1 - least))

    def pick(self, choices: Sequence[Any]) -> Any:
        return self.random.choice(choices)

    def given(self, nodes: Sequence[Node]) -> dict[str, Shaped]:
        """The variables and data that the nodes name."""
        values: dict[str, Shaped] = {}
        for node in nodes:
            if node.kind == SCALAR:
                values[node.value] = self.entry(node.value)
            elif node.kind == ELEMENT:
                highest = self.elements[id(node)][1]
                known = self.reached.get(node.value[0], highest)
                self.reached[node.value[0]] = list(map(max, known, highest))
            elif node.kind == WHOLE:
                self.reached.update({name: self.length("x") for name in node.value[1:]})
        for name in sorted({*self.reached, *self.lengths}):
            values[name] = self.values(name)
        return values

    def header(self, names: list[str]) -> str:
        if not self.declared and self.random.random() < 0.6:
            return ""
        self.random.shuffle(names)
        shapes = {name: f"[{', '.join(map(str, shape))}]" for name, shape in self.lengths.items()}
        return f"f({', '.join(name + shapes.get(name, '') for name in names)}) = "
