"""The interpreter: a tape evaluated in any number system, one instruction at a time.

Comes in: a Tape, a NumberSystem and a number for every input; for a tape with loops Bindings and a
flat point that holds its arrays too. Goes out: the outputs; of a tape that makes a gradient the
first of them and the gradient, flat. One side of a branch is run; where its comparison means
nothing because an operand is nan, its results are nan. An index is an `Index`, an integer in any
number system, until an operation takes it for a number. A subscript outside its array, which the
checks before running exclude, is an IndexError. Every other way to run a tape is tested against
this one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.builder import Builder
from gdcli.autodiff.lower import lower_formula
from gdcli.autodiff.primitives import PRIMITIVES
from gdcli.autodiff.tape import (
    CARRY,
    COMPARATORS,
    EXTREMA,
    LOGSUMEXP,
    MAX,
    SUM,
    TABLE,
    Element,
    Instruction,
    Loop,
    Region,
    Subscript,
    Tape,
    Walk,
    is_of_table,
    run,
)
from gdcli.errors import UndefinedError
from gdcli.language.syntax import Decimal, read_decimal
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import NumberSystem, inf, nan

if TYPE_CHECKING:
    from gdcli.execute.bindings import Bindings

Watch = Callable[[Instruction, list[Any], Any], None]
Failed = Callable[[Instruction, list[Any], Exception], Any]


def interpret(
    tape: Tape,
    system: NumberSystem,
    point: Sequence[Any],
    watch: Watch | None = None,
    failed: Failed | None = None,
    bindings: Bindings | None = None,
    frames: list[Frame] | None = None,
) -> list[Any]:
    """The outputs of `tape` at `point`; `watch` is shown each operation and comparison.

    `failed` is asked for the value of a step that raises, and may raise something better. With
    `bindings` the point is a flat vector that holds the arrays too, and `frames`, an empty list,
    holds the iterations that the run is in, outermost first, whenever `watch` is called.
    """
    if bindings is not None:
        return _with_loops(tape, system, point, watch, failed, bindings, frames)
    leaf, apply, branch = _steps(system, point, watch, failed)
    return run(tape, leaf, apply, branch)


def observe(tape: Tape, system: NumberSystem, point: Sequence[Any]) -> dict[int, Any]:
    """Every value that a tape of scalars computes at `point`, by number.

    What stands on the side of a branch that is not taken has none.
    """
    values: dict[int, Any] = {}
    entered: list[tuple[Instruction, int | None]] = []

    def watch(instruction: Instruction, operands: list[Any], value: Any) -> None:
        if instruction.operation == opcode.BRANCH:
            entered.append((instruction, region_taken(instruction, *map(system.order, operands))))
        else:
            values[instruction.results[0]] = value

    instructions = tape.body.instructions
    made = tuple(result for instruction in instructions for result in instruction.results)
    outermost = tape._replace(body=Region(instructions, made))
    values.update(zip(made, interpret(outermost, system, point, watch), strict=True))
    # A branch's results are numbered when it ends, so what a region hands out is there before.
    for instruction, side in sorted(entered, key=lambda one: one[0].results):
        for place, result in enumerate(instruction.results):
            handed = None if side is None else instruction.regions[side].outputs[place]
            values[result] = nan if handed is None else values[handed]
    return values


def region_taken(instruction: Instruction, left: Any, right: Any) -> int | None:
    """Which region of a branch runs, 0 where its comparison holds; None where it means nothing."""
    if left != left or right != right:
        return None
    return 0 if COMPARATORS[instruction.payload](left, right) else 1


def _steps(
    system: NumberSystem, point: Sequence[Any], watch: Watch | None, failed: Failed | None
) -> tuple[
    Callable[[Instruction], Any],
    Callable[[Instruction, list[Any]], Any],
    Callable[[Instruction, list[Any], Walk], Sequence[Any]],
]:
    """The functions that `run` asks for: the values of leaves, of operations and of branches."""

    def leaf(instruction: Instruction) -> Any:
        payload = instruction.payload
        if instruction.operation != opcode.CONSTANT:
            return point[payload]
        if isinstance(payload, Decimal):
            return system.decimal(payload)
        if payload not in system.constants:
            raise UndefinedError(f"{payload} is not one of the {system.name} numbers")
        return system.constants[payload]

    def apply(instruction: Instruction, operands: list[Any]) -> Any:
        try:
            value = operation(system, instruction.payload)(*operands)
        except (ArithmeticError, ValueError) as error:
            if failed is None:
                raise
            value = failed(instruction, operands, error)
        if watch is not None:
            watch(instruction, operands, value)
        return value

    def branch(instruction: Instruction, operands: list[Any], walk: Walk) -> Sequence[Any]:
        if watch is not None:
            watch(instruction, operands, None)
        side = region_taken(instruction, *map(system.order, operands))
        return [nan] * len(instruction.results) if side is None else walk(instruction.regions[side])

    return leaf, apply, branch


def _with_loops(
    tape: Tape,
    system: NumberSystem,
    point: Sequence[Any],
    watch: Watch | None,
    failed: Failed | None,
    bindings: Bindings,
    frames: list[Frame] | None,
) -> list[Any]:
    state = Iteration(bindings, system, point, frames)
    scalars = [point[place] for place in bindings.inputs]
    leaf, apply, branch = _steps(system, scalars, watch, failed)

    def any_leaf(instruction: Instruction) -> Any:
        own = instruction.operation in (opcode.CONSTANT, opcode.LOAD)
        return leaf(instruction) if own else state.leaf(instruction)

    def any_step(instruction: Instruction, operands: list[Any]) -> Any:
        if instruction.operation == opcode.APPLY:
            return apply(instruction, [state.number(operand) for operand in operands])
        return state.step(instruction, operands)

    def region(instruction: Instruction, operands: list[Any], walk: Walk) -> Sequence[Any]:
        if instruction.operation == opcode.BRANCH:
            return branch(instruction, [state.number(operand) for operand in operands], walk)
        if instruction.operation == opcode.ACCUMULATOR:
            return state.accumulator(instruction, walk)
        return state.loop(instruction, operands, walk)

    first, *others = [state.number(output) for output in run(tape, any_leaf, any_step, region)]
    if not bindings.length:
        return [first, *others]
    for place, derivative in zip(bindings.inputs, others, strict=False):
        state.gradient[place] = derivative
    return [first, *state.gradient]


class Index(int):
    """The index of an iteration: a whole number, in subscripts and as a value."""


class Frame(NamedTuple):
    """One iteration of a loop: its index, and what the iteration before has handed on."""

    at: Index
    carried: list[Any]
    tables: dict[int, EntryTable]  # by reduction: what complete iterations have put there


class EntryTable:
    """A table's entries by their subscripts; of one that sums up, `nothing` is what it begins with.

    Reading an entry that is not there raises IndexError, where there is no `nothing`.
    """

    def __init__(self, nothing: Any = None) -> None:
        self.entries: dict[tuple[int, ...], Any] = {}
        self.nothing = nothing

    def put(self, index: int, value: Any) -> None:
        """Files what the iteration of an index has yielded, a number or a table."""
        if isinstance(value, EntryTable):
            self.entries.update({(index, *place): one for place, one in value.entries.items()})
        else:
            self.entries[index,] = value

    def at(self, subscripts: Sequence[int]) -> Any:
        """The entry with these subscripts."""
        found = self.entries.get(tuple(subscripts), self.nothing)
        if found is None:
            raise IndexError(f"an entry {list(subscripts)} that no iteration has filled")
        return found


class Iteration:
    """The state of one run of a tape with loops."""

    def __init__(
        self,
        bindings: Bindings,
        system: NumberSystem,
        point: Sequence[Any],
        frames: list[Frame] | None = None,
    ) -> None:
        self.bindings = bindings
        self.system = system
        self.point = point
        self.gradient = [self.whole(0)] * bindings.length
        self.frames: list[Frame] = [] if frames is None else frames

    def whole(self, number: int) -> Any:
        """The integer as a number of the system."""
        coefficient, exponent = number, 0
        while coefficient and coefficient % 10 == 0:
            coefficient, exponent = coefficient // 10, exponent + 1
        return self.system.decimal(Decimal(coefficient, exponent))

    def number(self, value: Any) -> Any:
        """The value itself, or the number of the system that an index stands for."""
        return self.whole(value) if isinstance(value, Index) else value

    def leaf(self, instruction: Instruction) -> Any:
        """The value of an instruction without operands that is neither a constant nor a scalar."""
        if instruction.operation == opcode.SIZE:
            return self.whole(self.subscript(instruction.payload, ()))
        if instruction.operation == opcode.UNFINISHED:
            return EntryTable(self.whole(0))
        frame = self.frames[-1]
        if instruction.operation == opcode.INDEX:
            return frame.at
        return frame.carried[instruction.payload]

    def step(self, instruction: Instruction, operands: list[Any]) -> Any:
        """The value of an ELEMENT or EARLIER; the effect of ACCUMULATE."""
        if instruction.operation == opcode.EARLIER:
            filler, _, *indices = operands
            subscripts = [self.subscript(one, indices) for one in instruction.payload.subscripts]
            return self.unfinished(filler, instruction.payload.number).at(subscripts)
        if is_of_table(instruction):
            table, *indices = operands
            subscripts = [self.subscript(one, indices) for one in instruction.payload.subscripts]
            if instruction.operation == opcode.ELEMENT:
                return table.at(subscripts)
            added = self.number(operands[-1])
            total = self.system.operations["+"](table.at(subscripts), added)
            table.entries[tuple(subscripts)] = total
            return None
        if instruction.operation == opcode.ELEMENT:
            place = self.place(instruction.payload, operands)
            return self.point[place] if isinstance(place, int) else self.given(place)
        place, value = self.place(instruction.payload, operands), self.number(operands[-1])
        assert isinstance(place, int), "data have no derivative"
        self.gradient[place] = self.system.operations["+"](self.gradient[place], value)
        return None

    def unfinished(self, filler: Any, number: int) -> EntryTable:
        """The table that the loop of an index fills, or the accumulator that is open."""
        if isinstance(filler, EntryTable):
            return filler
        return next(frame.tables[number] for frame in self.frames if frame.at is filler)

    def accumulator(self, instruction: Instruction, walk: Walk) -> Sequence[Any]:
        """The table of what the region adds up, and UNFINISHED is its first instruction."""
        unfinished = instruction.regions[0].instructions[0].results
        return walk(instruction.regions[0]._replace(outputs=unfinished))

    def place(self, element: Element, operands: Sequence[Any]) -> int | float:
        """Where in the point the entry lies, or the number of the data that it is."""
        subscripts = [self.subscript(one, operands) for one in element.subscripts]
        return self.bindings.place(element.array, subscripts)

    def given(self, value: float) -> Any:
        """A number of the data, read as the shortest decimal that names it."""
        decimal = read_decimal(repr(abs(value)))
        assert decimal is not None
        sign = -1 if value < 0 else 1
        return self.system.decimal(decimal._replace(coefficient=sign * decimal.coefficient))

    def subscript(self, subscript: Subscript, operands: Sequence[Any]) -> int:
        """The integer; an operand is an index, or an entry of data that is a whole number."""
        sizes = [times * self.bindings.sizes[name] for name, times in subscript.sizes]
        # an ACCUMULATE has one operand more, and a carry's initial values are behind the indices
        order = self.system.order
        indices = [k * int(order(one)) for k, one in zip(subscript.coefficients, operands) if k]  # noqa: B905
        return subscript.constant + sum(sizes) + sum(indices)

    def loop(self, instruction: Instruction, operands: list[Any], walk: Walk) -> Sequence[Any]:
        """The results of a loop, its body walked once an iteration."""
        over: Loop = instruction.payload
        low = max(self.subscript(bound, operands) for bound in over.low)
        high = min(self.subscript(bound, operands) for bound in over.high)
        carries = over.reductions.count(CARRY)
        carried = [self.number(value) for value in operands[len(operands) - carries :]]
        rows: list[tuple[Index, list[Any]]] = []
        tables = {k: EntryTable() for k, kind in enumerate(over.reductions) if kind == TABLE}
        for index in map(Index, range(low, high + 1)[:: -1 if over.descending else 1]):
            self.frames.append(Frame(index, carried, tables))
            row = [self.number(value) for value in walk(instruction.regions[0])]
            self.frames.pop()
            carried = row[:carries]
            for k, table in tables.items():
                table.put(index, row[k])
            rows.append((index, row))
        results = list(carried)
        for k, reduction in enumerate(over.reductions[carries:], carries):
            values = [(index, row[k]) for index, row in rows]
            results += [tables[k]] if k in tables else self.reduced(reduction, values, low)
        return results

    def reduced(self, reduction: str, values: list[tuple[Index, Any]], low: int) -> list[Any]:
        """The results of one reduction over a range that begins at `low`."""
        if reduction == LOGSUMEXP:
            terms = [value for _, value in values]
            if not terms:
                return [-inf, self.whole(0)]
            total, minus = operation(self.system, LOGSUMEXP), self.system.operations["-"]
            y = total(*terms)
            return [y, total(*[minus(term, y) for term in terms])]
        if reduction in EXTREMA:
            return self.extremum(reduction, values) if values else self.nothing(low)
        combine = self.system.operations["+" if reduction == SUM else "*"]
        total = values[0][1] if values else self.whole(0 if reduction == SUM else 1)
        for _, value in values[1:]:
            total = combine(total, value)
        return [total]

    def nothing(self, low: int) -> list[Any]:
        """The results of an extremum over an empty range, none of which is used."""
        return [nan, self.whole(0), Index(low), Index(low - 1)]

    def extremum(self, reduction: str, values: list[tuple[Index, Any]]) -> list[Any]:
        """The extremum, how many tie, and the first and last index; nan where a value is."""
        first, best = values[0]
        last, count, order = first, 1, self.system.order
        for index, value in values[1:]:
            new, old = order(value), order(best)
            if new != new or (new > old if reduction == MAX else new < old):
                best, count, first, last = value, 1, index, index
            elif new == old:
                count, last = count + 1, index
        return [best, self.whole(count), first, last]


def operation(system: NumberSystem, primitive: str) -> Callable[..., Any]:
    """The primitive as a function of numbers, by its row's definition where the system lacks it."""
    if primitive in system.operations:
        return system.operations[primitive]
    row = PRIMITIVES[primitive]
    if not row.definition:
        raise UndefinedError(f"{primitive} does not stay among the {system.name} numbers")
    definition = formula_tape(row.arguments, row.definition)
    return lambda *operands: interpret(definition, system, operands)[0]


@cache
def formula_tape(inputs: tuple[str, ...], formula: str) -> Tape:
    """The tape of a formula of the primitives' table, whose names are `inputs`."""
    builder = Builder(inputs)
    known = {name: builder.load(number) for number, name in enumerate(inputs)}
    return builder.tape([lower_formula(builder, formula, known)])
