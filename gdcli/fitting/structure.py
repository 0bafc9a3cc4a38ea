"""The structure of a model: which of its parameters it is linear in.

Comes in: the Tape of one row, whose first inputs are the parameters. Goes out: places of
parameters. What is found holds for all values, and is found from what depends on what, not from
numbers: the derivative by a linear parameter does not depend on that parameter.

Source: Golub and Pereyra, The differentiation of pseudo-inverses and nonlinear least squares
problems whose variables separate, SIAM J. Numer. Anal. 10 (1973) 413.
"""

from __future__ import annotations

from gdcli.autodiff.primitives import PRIMITIVES
from gdcli.autodiff.reverse import reverse
from gdcli.autodiff.tape import BRANCH, LOAD, Region, Tape, instructions


def linear_parameters(row: Tape, parameters: int) -> tuple[int, ...]:
    """The places of the largest set of parameters in which the model is linear, in order.

    `row` is a Tape without loops; its first `parameters` inputs are those of the model. With all
    other parameters held, the model is a constant plus a number times each parameter of the set.
    What cancels, as in b*a/b, is not seen: the set may lack a parameter then, and has no wrong one.
    """
    gradient = reverse(row)
    reached = dependencies(gradient)
    slopes = [reached[output] for output in gradient.body.outputs[1 : 1 + parameters]]
    jumping = _reaching_a_jump(row)
    conflicts = [0] * parameters
    for j, slope in enumerate(slopes):
        for k in range(parameters):
            if slope >> k & 1:  # the mixed second derivative by j and k may differ from 0
                conflicts[j] |= 1 << k
                conflicts[k] |= 1 << j
    own = [j for j in range(parameters) if not (conflicts[j] | jumping) >> j & 1]
    return tuple(_members(_largest_independent(sum(1 << j for j in own), conflicts)))


def dependencies(tape: Tape) -> list[int]:
    """The inputs that each value of a Tape without loops depends on, bit k for input k.

    The result of a branch depends on what is compared, and on both sides.
    """
    reached = [0] * tape.size

    def walk(region: Region) -> None:
        for one in region.instructions:
            mask = 1 << one.payload if one.operation == LOAD else 0
            for operand in one.operands:
                mask |= reached[operand]
            for inner in one.regions:
                walk(inner)
            for place, result in enumerate(one.results):
                reached[result] = mask
                for inner in one.regions:
                    reached[result] |= reached[inner.outputs[place]]

    walk(tape.body)
    return reached


def _reaching_a_jump(row: Tape) -> int:
    """The inputs on which a comparison depends, or a function whose slope is 0 but which jumps."""
    reached, found = dependencies(row), 0
    for one in instructions(row.body):
        if one.operation == BRANCH:
            found |= reached[one.operands[0]] | reached[one.operands[1]]
        elif one.payload in PRIMITIVES and not PRIMITIVES[one.payload].variadic:
            for operand, partial in zip(
                one.operands, PRIMITIVES[one.payload].partials, strict=True
            ):
                found |= reached[operand] if partial == "0" else 0
    return found


def _largest_independent(vertices: int, neighbours: list[int]) -> int:
    """The largest set of `vertices` no two of which are neighbours; sets are bits of integers."""
    found = 0
    while vertices:  # a component at a time, so that separate conflicts do not multiply
        component = vertices & -vertices
        while (wider := component | _around(component, neighbours) & vertices) != component:
            component = wider
        vertices &= ~component
        degrees = {v: (neighbours[v] & component).bit_count() for v in _members(component)}
        least, most = (choose(degrees, key=degrees.__getitem__) for choose in (min, max))
        if degrees[least] <= 1:  # it belongs to a largest set
            rest = component & ~(1 << least | neighbours[least])
            found |= 1 << least | _largest_independent(rest, neighbours)
            continue
        rest = component & ~(1 << most | neighbours[most])
        taken = 1 << most | _largest_independent(rest, neighbours)
        left = _largest_independent(component & ~(1 << most), neighbours)
        found |= left if left.bit_count() > taken.bit_count() else taken
    return found


def _members(vertices: int) -> list[int]:
    return [v for v in range(vertices.bit_length()) if vertices >> v & 1]


def _around(vertices: int, neighbours: list[int]) -> int:
    found = 0
    for v in _members(vertices):
        found |= neighbours[v]
    return found
