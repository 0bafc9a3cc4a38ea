"""Function → Stage "gradient": the adjoint program, or the tangent one, beside what it comes from.

Each row holds a line of the forward Tape, and beside it a line of the derivative program: either
the derivative that belongs to that line (`∂f/∂v2 = v0` in reverse mode, `dv2 = v6` in forward
mode) or an instruction by which its rule passes derivatives on. So the rows are in the order of
the sweep: reverse mode starts at the output, forward mode at the inputs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from gdcli.autodiff.laid_open import Derivation, adjoints, tangents
from gdcli.autodiff.tape import BRANCH, CONSTANT, Instruction, Region
from gdcli.execute.numbers import IEEE
from gdcli.execute.observe import observe
from gdcli.report.instructions import Objects
from gdcli.report.program import INDENT, Line, Names, assignment, handed, lines, opening
from gdcli.report.stages import Cell, Origins, Stage, short, undefined, value_of

if TYPE_CHECKING:
    from gdcli.scalar_function import Function

MODES = ("reverse", "tangent")


class Pass(NamedTuple):
    """One run at a point: the values of the program, and each forward value's derivative."""

    header: str
    variable: str | None
    values: dict[int, float]
    derivatives: dict[int, float | None]


def passes(derivation: Derivation, mode: str, at: list[float]) -> list[Pass]:
    """Reverse mode needs one run; forward mode one for each input, along its unit direction."""
    if mode == "reverse":
        return [_run(derivation, "adjoint", None, at)]
    names = derivation.forward.inputs
    units = [[float(name == along) for name in names] for along in names]
    return [
        _run(derivation, f"∂/∂{name}", name, [*at, *unit])
        for name, unit in zip(names, units, strict=True)
    ]


def _run(derivation: Derivation, header: str, variable: str | None, point: list[float]) -> Pass:
    raw = observe(derivation.whole, IEEE, point)
    values = {place: raw[one] for one, place in derivation.numbering.items() if one in raw}
    derivatives = {
        value: (0.0 if value in values else None) if one is None else raw.get(one)
        for value, one in derivation.derivatives.items()
    }
    return Pass(header, variable, values, derivatives)


def gradient_stage(function: Function, at: list[float] | None, mode: str = "reverse") -> Stage:
    """The program of one mode, laid beside the forward Tape."""
    derivation = (adjoints if mode == "reverse" else tangents)(function.tape)
    runs = [] if at is None else passes(derivation, mode, at)
    beside = _Beside(function, derivation, mode, runs)
    program = derivation.program
    names = Names(program)
    headers = ("value",) if runs else ()
    columns = ("forward line", *headers, f"{ADJECTIVE[mode]} program", *(one.header for one in runs))
    outputs = ", ".join(map(names.text, program.body.outputs))
    return Stage(
        "gradient",
        (*columns, "text"),
        list(beside.rows()),
        "".join(f"{line}\n" for line in lines(program)) + f"return {outputs}\n",
        _content(function, derivation, mode, runs),
        tuple(_summary(derivation, mode, names)),
        undefined(function, at),
    )


ADJECTIVE = {"reverse": "adjoint", "tangent": "tangent"}


def _summary(derivation: Derivation, mode: str, names: Names) -> Iterator[tuple[str, str]]:
    value, *others = map(names.text, derivation.program.body.outputs)
    yield "f", value
    if mode == "tangent":
        yield "df", others[0]
        return
    for name, output in zip(derivation.forward.inputs, others, strict=True):
        yield f"∂f/∂{name}", output


def _content(
    function: Function, derivation: Derivation, mode: str, runs: list[Pass]
) -> dict[str, Any]:
    """Values are numbers in reverse mode, objects by variable in tangent mode."""
    program = derivation.program
    values = {place: _values(mode, runs, place) for place in range(program.size)}
    objects = Objects(program, function.expression, values if runs else None)
    names = Names(program)
    derivatives = []
    for value, raw in sorted(derivation.derivatives.items()):
        found: dict[str, Any] = {"of": value, "is": _written(derivation, names, raw)}
        if runs:
            numbers = {one.variable: one.derivatives[value] for one in runs}
            found["value"] = numbers[None] if mode == "reverse" else numbers
        derivatives.append(found)
    return {
        "mode": mode,
        "instructions": objects.region(program.body),
        "outputs": program.body.outputs,
        "made_by": {str(place): source for place, source in sorted(derivation.made_by.items())},
        "derivatives": derivatives,
    }


def _values(mode: str, runs: list[Pass], place: int) -> Any:
    by_variable = {one.variable: one.values.get(place) for one in runs}
    return by_variable.get(None) if mode == "reverse" else by_variable


def _written(derivation: Derivation, names: Names, raw: int | None) -> str | None:
    """A derivative in terms of the program; None where the program does not need it."""
    if raw is None:
        return "0"
    place = derivation.numbering.get(raw)
    if place is not None:
        return names.text(place)
    made = Names(derivation.whole)(raw)  # a constant is known all the same
    return None if isinstance(made, str) and made.startswith("v") else str(made)


class _Beside:
    """The walk over the forward Tape, in the order of the sweep."""

    def __init__(
        self, function: Function, derivation: Derivation, mode: str, runs: list[Pass]
    ) -> None:
        self.derivation = derivation
        self.reverse = mode == "reverse"
        self.runs = runs
        self.expression = function.expression
        self.origins = Origins(function.expression)
        self.forward_names = Names(derivation.forward)
        self.names = Names(derivation.program)
        self.made: dict[int, list[Instruction]] = defaultdict(list)
        self._collect(derivation.program.body)

    def _collect(self, region: Region) -> None:
        for instruction in region.instructions:
            for inner in instruction.regions:
                self._collect(inner)
            source = self.derivation.made_by.get(next(iter(instruction.results), -1))
            if source is not None and instruction.operation != CONSTANT:
                self.made[source].append(instruction)

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """All of them."""
        yield from self.region(self.derivation.forward.body, 0)

    def region(self, region: Region, depth: int) -> Iterator[tuple[Cell, ...]]:
        order = reversed(region.instructions) if self.reverse else region.instructions
        for instruction in order:
            if not instruction.results or instruction.results[0] not in self.derivation.derivatives:
                continue  # it depends on no input
            rows = [*self.made_rows(instruction, depth)]
            own = self.own_row(instruction, depth)
            yield from ([own, *rows] if self.reverse else [*rows, own])

    def own_row(self, instruction: Instruction, depth: int) -> tuple[Cell, ...]:
        """The derivative that belongs to a forward line."""
        value = instruction.results[0]
        raw = self.derivation.derivatives[value]
        written = _written(self.derivation, self.names, raw) or "not needed"
        left = f"∂f/∂v{value}" if self.reverse else f"dv{value}"
        numbers = [one.derivatives[value] for one in self.runs]
        forward = self.forward(instruction)
        known = value_of(forward, self.runs[0].values) if self.runs else None
        return self.row(forward, known, f"{INDENT * depth}{left} = {written}", numbers)

    def made_rows(self, instruction: Instruction, depth: int) -> Iterator[tuple[Cell, ...]]:
        """The instructions that a forward line's rule adds."""
        forward = self.forward(instruction)
        for made in self.made[instruction.results[0]]:
            if made.operation == BRANCH:
                yield from self.branch(instruction, made, depth)
            else:
                line = assignment(made, self.derivation.program, self.names, depth)
                yield self.program_row(forward, line)

    def branch(
        self, instruction: Instruction, made: Instruction, depth: int
    ) -> Iterator[tuple[Cell, ...]]:
        """A branch of the program; what is inside stands beside the forward branch's inside."""
        own = instruction.operation == BRANCH
        for side in (0, 1):
            forward = Line(opening(instruction, side, self.forward_names)) if own else None
            beside = forward or self.forward(instruction)
            yield self.program_row(beside, Line(opening(made, side, self.names), depth))
            if own:
                yield from self.region(instruction.regions[side], depth + 1)
            else:
                for inner in made.regions[side].instructions:
                    line = assignment(inner, self.derivation.program, self.names, depth + 1)
                    yield self.program_row(beside, line)
            for line in handed(made, side, self.names, depth + 1):
                yield self.program_row(beside, line)

    def forward(self, instruction: Instruction) -> Line:
        """The forward line of an instruction."""
        if instruction.operation != BRANCH:
            return assignment(instruction, self.derivation.forward, self.forward_names, 0)
        condition = opening(instruction, 0, self.forward_names).removesuffix(":")
        result = instruction.results[0]
        sides = [self.forward_names.text(region.outputs[0]) for region in instruction.regions]
        text = f"v{result} = {sides[0]} {condition} else {sides[1]}"
        return Line(text, 0, instruction, result)

    def program_row(self, forward: Line, line: Line) -> tuple[Cell, ...]:
        """A row whose number is the program's line's own."""
        return self.row(forward, None, str(line), [value_of(line, one.values) for one in self.runs])

    def row(
        self, forward: Line, value: float | None, line: str, numbers: list[float | None]
    ) -> tuple[Cell, ...]:
        origin = self.origins(forward)
        text = short(self.expression.source(origin)) if origin >= 0 else ""
        known: tuple[Cell, ...] = (value,) if self.runs else ()
        return forward.text, *known, line, *numbers, text
