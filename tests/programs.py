"""Functions with vectors and loops as trees, and what they are worth.

A Program is a text of the language with its sizes, data and a point, and the tree that the text was
printed from. The tree is evaluated here by plain recursion in any context of mpmath, and its
derivatives are central differences at 40 digits: nothing is shared with what is tested.
`tests/program_writer.py` makes such programs by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import add
from typing import Any, NamedTuple

import mpmath

from tests.expressions import FUNCTIONS, HOLDS

STEP, DIGITS = "1e-10", 40  # the differences' own error is about 1e-20

NUMBER, SCALAR, ELEMENT, AFFINE, CALL = "number", "scalar", "element", "affine", "call"
CHOICE, LOOP, WHOLE, PART = "choice", "loop", "whole", "part"

Shaped = Any  # a number, or a list of numbers, or a list of such lists
Point = Mapping[str, Shaped]


class Affine(NamedTuple):
    """A constant and multiples of indices and sizes."""

    constant: int
    terms: tuple[tuple[str, int], ...] = ()

    def at(self, names: Mapping[str, Any]) -> int:
        return self.constant + sum(times * int(names[name]) for name, times in self.terms)

    def __str__(self) -> str:
        pieces = [
            f"{'-' if times < 0 else '+'}{_multiple(times, name)}" for name, times in self.terms
        ]
        if self.constant or not pieces:
            pieces.append(f"{self.constant:+d}")
        return "".join(pieces).removeprefix("+")


def _multiple(times: int, name: str) -> str:
    return name if abs(times) == 1 else f"{abs(times)}*{name}"


class Range(NamedTuple):
    """`name in max(low...):min(high...)`."""

    name: str
    low: tuple[Affine, ...]
    high: tuple[Affine, ...]

    def over(self, names: Mapping[str, Any]) -> range:
        first = max(low.at(names) for low in self.low)
        return range(first, min(high.at(names) for high in self.high) + 1)

    def __str__(self) -> str:
        low, high = (
            f"{name}({', '.join(map(str, bounds))})" if len(bounds) > 1 else str(bounds[0])
            for name, bounds in (("max", self.low), ("min", self.high))
        )
        return f"{self.name} in {low}:{high}"


class Node(NamedTuple):
    """One operation, by its kind.

    kind     value                         arguments
    NUMBER   the text of a number          none
    SCALAR   the name                      none
    PART     the name                      none
    AFFINE   an Affine, as a number        none
    ELEMENT  the array, then Affines       none
    WHOLE    "dot" or "norm", then arrays  none
    CALL     a key of FUNCTIONS            the operands
    CHOICE   a comparison                  left, right, where it holds, elsewhere
    LOOP     the reduction, then Ranges    the body
    """

    kind: str
    value: Any
    arguments: tuple[Node, ...] = ()

    def __str__(self) -> str:
        return _text(self)


def _text(node: Node) -> str:
    kind, value, arguments = node
    if kind in (NUMBER, SCALAR, PART):
        return str(value)
    if kind == AFFINE:
        return f"({value})"
    if kind == ELEMENT:
        return f"{value[0]}[{', '.join(map(str, value[1:]))}]"
    if kind == WHOLE:
        return f"{value[0]}({', '.join(value[1:])})"
    texts = [str(argument) for argument in arguments]
    if kind == CHOICE:
        left, right, *sides = texts
        return f"ifelse({left} {value} {right}, {', '.join(sides)})"
    if kind == LOOP:
        return f"{value[0]}({texts[0]} for {', '.join(map(str, value[1:]))})"
    if value in "+-*/^":
        return f"({f' {value} '.join(texts)})"
    return f"(-{texts[0]})" if value == "negate" else f"{value}({', '.join(texts)})"


class Program(NamedTuple):
    """`text` with all that it needs; `parts` and `root` are what it was printed from.

    `data` and `point` hold a number for a scalar, a list for a vector, a list of rows for a
    matrix.
    """

    text: str
    sizes: Mapping[str, int]
    data: Point
    point: Point
    parts: Mapping[str, Node]
    root: Node

    def value(self, context: Any, point: Point | None = None) -> Any:
        """The value in an mpmath context, at the program's own point unless told."""
        names: dict[str, Any] = {**self.sizes}
        for given in (self.data, self.point if point is None else point):
            names.update({name: shaped(context.mpf, value) for name, value in given.items()})
        for name, part in self.parts.items():
            names[name] = worth(part, context, names)
        return worth(self.root, context, names)

    def slope(self, along: Point) -> Any:
        """The derivative at the point along a direction."""
        with mpmath.workdps(DIGITS):
            step = mpmath.mpf(STEP)
            ahead, behind = (self.value(mpmath.mp, self.moved(t, along)) for t in (step, -step))
            return (ahead - behind) / (2 * step)

    def curvature(self, first: Point, second: Point) -> Any:
        """The second derivative at the point along two directions."""
        with mpmath.workdps(DIGITS):
            step = mpmath.mpf(STEP)
            corners = [
                s * t * self.value(mpmath.mp, self.moved(s * step, first, t * step, second))
                for s in (1, -1)
                for t in (1, -1)
            ]
            return sum(corners) / (4 * step * step)

    def moved(self, *steps: Any) -> Point:
        """The point, moved by pairs of a length and a direction."""
        point = {name: shaped(mpmath.mpf, value) for name, value in self.point.items()}
        for length, direction in zip(steps[::2], steps[1::2], strict=True):
            for name, value in point.items():
                away = shaped(length.__mul__, direction[name])
                point[name] = joined(add, value, away)
        return point


def every(node: Node) -> Iterator[Node]:
    """The node and all in it."""
    yield node
    for argument in node.arguments:
        yield from every(argument)


def affine(node: Node) -> Iterator[Affine]:
    """The affine numbers that stand in a node itself."""
    if node.kind == AFFINE:
        yield node.value
    elif node.kind == ELEMENT:
        yield from node.value[1:]
    elif node.kind == LOOP:
        for one in node.value[1:]:
            yield from (*one.low, *one.high)


def shaped(convert: Callable[[Any], Any], value: Shaped) -> Shaped:
    """Every number of `value` converted."""
    return [shaped(convert, one) for one in value] if isinstance(value, list) else convert(value)


def joined(join: Callable[[Any, Any], Any], first: Shaped, second: Shaped) -> Shaped:
    """Numbers at the same place joined."""
    if not isinstance(first, list):
        return join(first, second)
    return [joined(join, one, other) for one, other in zip(first, second, strict=True)]


def entries(value: Shaped) -> Iterator[Any]:
    """The numbers, row by row."""
    if not isinstance(value, list):
        yield value
        return
    for one in value:
        yield from entries(one)


def worth(node: Node, m: Any, names: Mapping[str, Any]) -> Any:
    """The value of `node`; the names of arrays stand for lists, of indices for integers."""
    kind, value, arguments = node
    if kind == NUMBER:
        return m.mpf(value)
    if kind in (SCALAR, PART):
        return names[value]
    if kind == AFFINE:
        return m.mpf(value.at(names))
    if kind == ELEMENT:
        found = names[value[0]]
        for subscript in value[1:]:
            place = subscript.at(names)
            assert place >= 1, node
            found = found[place - 1]
        return found
    if kind == WHOLE:
        products = [a * b for a, b in zip(names[value[1]], names[value[-1]], strict=True)]
        total = sum(products, m.mpf(0))
        return m.sqrt(total) if value[0] == "norm" else total
    if kind == CHOICE:
        left, right = (worth(argument, m, names) for argument in arguments[:2])
        return worth(arguments[2 if HOLDS[value](left, right) else 3], m, names)
    if kind == LOOP:
        bodies = [worth(arguments[0], m, inside) for inside in around(value[1:], names)]
        return reduced(value[0], bodies, m)
    return FUNCTIONS[value](m, *(worth(argument, m, names) for argument in arguments))


def around(ranges: tuple[Range, ...], names: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The names inside a loop, once an iteration."""
    if not ranges:
        yield names
        return
    for number in ranges[0].over(names):
        yield from around(ranges[1:], {**names, ranges[0].name: number})


def reduced(reduction: str, bodies: list[Any], m: Any) -> Any:
    """The loop's value; an empty maximum is a ValueError."""
    if reduction == "sum":
        return m.fsum(bodies)
    return m.fprod(bodies) if reduction == "prod" else {"max": max, "min": min}[reduction](bodies)
