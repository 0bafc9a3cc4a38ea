"""Edges of the domain: where f has its least value because it is not defined any further.

Comes in: an objective and a point that trials beyond it have left. Goes out: the edges of acos,
sqrt and the like on which the point all but lies, each at the coordinate that it sets: one that
alone decides it. A run holds that coordinate there and goes on in the others, with the objective
`Held`: at the edge slopes may be infinite.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, isfinite, nextafter
from typing import Any

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.builder import Builder
from gdcli.autodiff.tape import Instruction, Tape, instructions
from gdcli.descent.objective import Objective
from gdcli.descent.vectors import Vector
from gdcli.errors import UsageError
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import EPSILON, MOST_LISTED_COMPONENTS
from gdcli.numbers.linear_algebra import as_list

DOMAIN_EDGE_DISTANCE = 1e-12  # of an operand from its end, relative to max(1, |u|), at an edge
STUCK_EDGE_DISTANCE = 1e-6  # likewise, where no step of a run leads on
LONGEST_REACH = 1e-3  # relative to max(1, |x|), within which the edge is looked for
EDGE_ROUNDING = 4.0 * EPSILON  # of an edge, relative to max(1, |x|)
MOST_DECIMALS = 16  # of an edge that is rounded
WIDENING = 16.0  # of the distance at which it is looked for
ROUNDING_DISTANCE = 1e-4  # relative to max(1, |x|), from an edge at which f's rounding has no bound
DOMAINS = {  # of primitives: their ends, and whether these belong to it
    "sqrt": (0.0, inf),
    "pow-general": (0.0, inf),
    "log": (0.0, inf),
    "log2": (0.0, inf),
    "log10": (0.0, inf),
    "log1p": (-1.0, inf),
    "asin": (-1.0, 1.0),
    "acos": (-1.0, 1.0),
    "acosh": (1.0, inf),
    "atanh": (-1.0, 1.0),
}
OPEN_DOMAINS = frozenset(("log", "log2", "log10", "log1p", "atanh"))


class DomainEdge(NamedTuple):
    """An edge of the domain: the coordinate it sets, where, and the next number inside.

    One that is `open` lies between `place` and the next number: f may fall without bound to it.
    """

    coordinate: int
    place: float
    inside: float
    name: str
    open: bool


def edges(
    objective: Any, x: Vector, held: Sequence[int] = (), distance: float = DOMAIN_EDGE_DISTANCE
) -> list[DomainEdge]:
    """The edges on which x lies but for a `distance`; at most one of each coordinate.

    Those of coordinates that are `held` are left out. A callable, and a function whose gradient
    another method finds, are not looked into.
    """
    if getattr(objective, "engine", None) is None or len(x) > MOST_LISTED_COMPONENTS:
        return []
    if not any(
        one.payload in DOMAINS for one in instructions(objective.engine.rewritten.tape.body)
    ):
        return []
    try:
        function = objective.unrolled
    except UsageError:  # it is too long
        return []
    from gdcli.execute.interpret import observe
    from gdcli.numbers.floats import IEEE

    tape: Tape = function.engine.rewritten.tape
    values = observe(tape, IEEE, x)
    found: dict[int, DomainEdge] = {}
    for one in tape.body.instructions:
        if one.operation != opcode.APPLY or one.payload not in DOMAINS:
            continue
        operand = one.operands[0]
        u = values[operand]
        if not any(abs(u - end) <= distance * max(1.0, abs(u)) for end in DOMAINS[one.payload]):
            continue
        builder = Builder(tape.inputs)
        alone = builder.tape([builder.extend(tape)[operand]])
        places = {i.payload for i in alone.body.instructions if i.operation == opcode.LOAD}
        if len(places) == 1 and (index := places.pop()) not in {*held, *found}:
            located = _located(alone, one, x, index)
            if located is not None:
                place, inside = located
                formula = function.elaborated.formula(one.origin)
                name = f"{formula}, {objective.components[index]} = {place:.7g}"
                is_open = one.payload in OPEN_DOMAINS
                found[index] = DomainEdge(index, place, inside, name, is_open)
    return list(found.values())


def _located(operand: Tape, one: Instruction, x: Vector, index: int) -> tuple[float, float] | None:
    """The last number of a coordinate at which an operand is in its domain, and the one before."""
    from gdcli.execute.interpret import interpret
    from gdcli.numbers.floats import IEEE

    low, high = DOMAINS[one.payload]
    point = list(x)

    def is_inside(c: float) -> bool:
        point[index] = c
        (u,) = interpret(operand, IEEE, point)
        return bool(low < u < high if one.payload in OPEN_DOMAINS else low <= u <= high)

    start = float(x[index])
    if not is_inside(start):
        return None
    for outward in (inf, -inf):
        inside, outside = start, nextafter(start, outward)
        distance = abs(outside - start)
        while is_inside(outside):
            inside, distance = outside, WIDENING * distance
            if distance > LONGEST_REACH * max(1.0, abs(start)):
                break
            outside = start + distance if outward > 0.0 else start - distance
        else:
            while True:
                middle = 0.5 * inside + 0.5 * outside
                if middle in (inside, outside):
                    place = _roundest(inside, is_inside)
                    return place, nextafter(place, -outward)
                inside, outside = (middle, outside) if is_inside(middle) else (inside, middle)
    return None


def _roundest(place: float, is_inside: Callable[[float], bool]) -> float:
    """The number of fewest decimals that differs from an edge by no more than rounding."""
    for decimals in range(MOST_DECIMALS):
        found = round(place, decimals) + 0.0
        if abs(found - place) <= EDGE_ROUNDING * max(1.0, abs(place)) and is_inside(found):
            return found
    return place


class Held:
    """An objective with coordinates that are held at edges: in them it has no slope.

    Its values are those of the objective. Gradients are taken at the edges; Hessians, and products
    with them, one number inside.
    """

    def __init__(self, objective: Objective, held: Sequence[DomainEdge]) -> None:
        self.unheld = objective
        self.held = tuple(held)
        self.variables = objective.variables
        self.components = objective.components
        self.evaluate = objective.evaluate
        self.failure = objective.failure
        self.kinks = objective.kinks

    def _at(self, point: Vector, inside: bool) -> Vector:
        moved = point.copy()
        for edge in self.held:
            moved[edge.coordinate] = edge.inside if inside else edge.place
        return moved

    def evaluate_gradient(self, point: Vector) -> tuple[float, Vector]:
        value, gradient = self.unheld.evaluate_gradient(self._at(point, inside=False))
        for edge in self.held:
            gradient[edge.coordinate] = 0.0
        return value, gradient

    def evaluate_hessian(self, point: Vector) -> list[Vector]:
        """The n rows of second derivatives; those of held coordinates are the identity's."""
        rows = [as_list(row) for row in self.unheld.evaluate_hessian(self._at(point, True))]
        for edge in self.held:
            for row in rows:
                row[edge.coordinate] = 0.0
            rows[edge.coordinate] = [float(i == edge.coordinate) for i in range(len(rows))]
        return rows

    def evaluate_hessian_product(self, point: Vector, direction: Vector) -> Vector:
        along = direction.copy()
        for edge in self.held:
            along[edge.coordinate] = 0.0
        product = self.unheld.evaluate_hessian_product(self._at(point, True), along)
        for edge in self.held:
            product[edge.coordinate] = direction[edge.coordinate]
        return product

    def rounding_error(self, point: Vector) -> float:
        """A bound of the rounding error of f, where none is known one from a little inside."""
        found = self.unheld.rounding_error(point)
        if isfinite(found):
            return found
        moved = point.copy()
        for edge in self.held:
            inward = 1.0 if edge.inside > edge.place else -1.0
            moved[edge.coordinate] += inward * ROUNDING_DISTANCE * max(1.0, abs(edge.place))
        found = self.unheld.rounding_error(moved)
        return found if isfinite(found) else EPSILON * abs(self.evaluate(point))
