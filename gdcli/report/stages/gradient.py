"""Function → Listing: the adjoint program, or the tangent one, beside what it comes from.

Each row holds a line of the forward Tape, and beside it a line of the derivative program: either
the derivative that belongs to that line (`∂f/∂v2 = v0` in reverse mode, `dv2 = v6` in forward
mode) or an instruction by which its rule passes derivatives on. So the rows are in the order of
the sweep: reverse mode starts at the output, forward mode at the inputs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from gdcli.autodiff.lifted import expanded
from gdcli.autodiff.tape import BRANCH, CONSTANT, Instruction, Region
from gdcli.autodiff.traced import Derivation, adjoints, source_value, tangents
from gdcli.execute.interpret import observe
from gdcli.language.syntax import Decimal
from gdcli.numbers.floats import IEEE
from gdcli.report.listing import Cell, Listing
from gdcli.report.number_format import full
from gdcli.report.stages import program as programs
from gdcli.report.stages.instructions import InstructionObjects
from gdcli.report.stages.program import (
    INDENT,
    ProgramLine,
    ValueNames,
    assignment,
    branch_results,
    region_header,
)
from gdcli.report.stages.value import Origins, answer, short, undefined, value_of

if TYPE_CHECKING:
    from gdcli.functions.function import Function


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
        value: None if value not in values else 0.0 if one is None else raw.get(one)
        for value, one in derivation.derivatives.items()
    }
    return Pass(header, variable, values, derivatives)


def gradient_stage(function: Function, at: list[float] | None, mode: str = "reverse") -> Listing:
    """The program of one mode, laid beside the forward Tape."""
    derivation = (adjoints if mode == "reverse" else tangents)(function.rewritten.tape)
    runs = [] if at is None else passes(derivation, mode, at)
    beside = _GradientRows(function, derivation, mode, runs)
    program = derivation.program
    names = ValueNames(program)
    value = ("value",) if runs else ()
    title = "adjoint program" if mode == "reverse" else "tangent program"
    columns = ("forward line", *value, title, *(one.header for one in runs))
    outputs = ", ".join(map(names.text, program.body.outputs))
    return Listing(
        "gradient",
        (*columns, "text"),
        list(beside.rows()),
        "".join(f"{line}\n" for line in programs.lines(program)) + f"return {outputs}\n",
        _content(function, derivation, mode, runs),
        tuple(_summary(derivation, mode, names, runs)),
        message=undefined(function, at),
    )


def _summary(
    derivation: Derivation, mode: str, names: ValueNames, runs: list[Pass]
) -> Iterator[tuple[str, str]]:
    value, *others = derivation.program.body.outputs
    yield "f", answer(names, value, runs[0].values if runs else None)
    if mode == "tangent":
        yield "df", names.text(others[0])
        for one in runs:
            yield f"∂f/∂{one.variable}", full(one.values[others[0]])
        return
    for name, output in zip(derivation.forward.inputs, others, strict=True):
        yield f"∂f/∂{name}", answer(names, output, runs[0].values if runs else None)


def _content(
    function: Function, derivation: Derivation, mode: str, runs: list[Pass]
) -> dict[str, Any]:
    """Values are numbers in reverse mode, objects by variable in tangent mode."""
    program = derivation.program
    values = {place: _values(mode, runs, place) for place in range(program.size)}
    objects = InstructionObjects(program, function.expression, values if runs else None)
    written = _DerivativeTexts(derivation, ValueNames(program))
    derivatives = []
    for value, raw in sorted(derivation.derivatives.items()):
        found: dict[str, Any] = {"of": value, "is": written(raw)}
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


class _DerivativeTexts:
    """Derivatives in terms of the program; one that is no step of it is written out."""

    def __init__(self, derivation: Derivation, names: ValueNames) -> None:
        self.numbering = derivation.numbering
        self.names = names
        self.made: dict[int, Instruction] = {}
        self._collect(derivation.whole.body)

    def _collect(self, region: Region) -> None:
        for instruction in region.instructions:
            self.made.update(dict.fromkeys(instruction.results, instruction))
            for inner in instruction.regions:
                self._collect(inner)

    def __call__(self, raw: int | None) -> str | None:
        """None where it would be long."""
        return "0" if raw is None else expanded(raw, self.made, self._name)

    def _name(self, raw: int) -> str | Decimal | None:
        place = self.numbering.get(raw)
        return None if place is None else self.names(place)


class _GradientRows:
    """The walk over the forward Tape, in the order of the sweep."""

    def __init__(
        self, function: Function, derivation: Derivation, mode: str, runs: list[Pass]
    ) -> None:
        self.derivation = derivation
        self.reverse = mode == "reverse"
        self.runs = runs
        self.expression = function.expression
        self.origins = Origins(function.expression)
        self.forward_names = ValueNames(derivation.forward)
        # In forward mode the second inputs, the direction, are known by their names.
        inputs = len(derivation.forward.inputs)
        self.names = ValueNames(derivation.program, variables_from=inputs)
        self.written = _DerivativeTexts(derivation, self.names)
        self.made: dict[int, list[Instruction]] = defaultdict(list)
        self._collect(derivation.program.body)

    def _collect(self, region: Region, around: int | None = None) -> None:
        """What each forward line made; what is inside a rule's own branch goes with the branch."""
        for instruction in region.instructions:
            source = self.derivation.made_by.get(next(iter(instruction.results), -1))
            if source is not None and source != around and instruction.operation != CONSTANT:
                self.made[source].append(instruction)
            for inner in instruction.regions:
                self._collect(inner, source)

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """All of them."""
        yield from self.region(self.derivation.forward.body, 0)

    def region(self, region: Region, depth: int) -> Iterator[tuple[Cell, ...]]:
        order = reversed(region.instructions) if self.reverse else region.instructions
        for instruction in order:
            inner = instruction.operation == BRANCH
            moving = [one for one in instruction.results if one in self.derivation.derivatives]
            own = [self.own_row(instruction, depth)] if moving else []
            rows = [*self.branch(instruction, depth)] if inner else []
            rows += self.made_rows(instruction, depth)
            yield from ([*own, *rows] if self.reverse else [*rows, *own])

    def own_row(self, instruction: Instruction, depth: int) -> tuple[Cell, ...]:
        """The derivative that belongs to a forward line."""
        value = instruction.results[0]
        raw = self.derivation.derivatives[value]
        written = self.written(raw)
        left = f"∂f/∂v{value}" if self.reverse else f"dv{value}"
        line = f"{left} (no step of its own)" if written is None else f"{left} = {written}"
        numbers = [one.derivatives[value] for one in self.runs]
        forward = self.forward(instruction)
        known = value_of(forward, self.runs[0].values) if self.runs else None
        return self.cells(forward, known, INDENT * depth + line, numbers)

    def made_rows(self, instruction: Instruction, depth: int) -> Iterator[tuple[Cell, ...]]:
        """The instructions that a forward line's rule adds, after its branch if it is one."""
        beside = self.forward(instruction)
        for made in self.made[source_value(instruction)]:
            if not made.operation == instruction.operation == BRANCH:
                for line in programs.instruction_lines(
                    made, self.derivation.program, self.names, depth
                ):
                    yield self.row(beside, line)

    def branch(self, instruction: Instruction, depth: int) -> Iterator[tuple[Cell, ...]]:
        """A forward branch, and the program's with the same comparison of the same values."""
        made = [one for one in self.made[source_value(instruction)] if one.operation == BRANCH]
        for side, region in enumerate(instruction.regions):
            beside = ProgramLine(region_header(instruction, side, self.forward_names))
            inside = [*self.region(region, depth + 1)]
            for one in made:
                lines = branch_results(one, side, self.names, depth + 1)
                inside += [self.row(beside, line) for line in lines]
            if inside:
                yield self.row(beside, beside._replace(depth=depth))
                yield from inside

    def forward(self, instruction: Instruction) -> ProgramLine:
        """The forward line of an instruction."""
        if instruction.operation != BRANCH:
            return assignment(instruction, self.derivation.forward, self.forward_names, 0)
        condition = region_header(instruction, 0, self.forward_names).removesuffix(":")
        if not instruction.results:
            return ProgramLine(condition)
        result = instruction.results[0]
        sides = [self.forward_names.text(region.outputs[0]) for region in instruction.regions]
        text = f"v{result} = {sides[0]} {condition} else {sides[1]}"
        return ProgramLine(text, 0, instruction, result)

    def row(self, forward: ProgramLine, line: ProgramLine) -> tuple[Cell, ...]:
        """A row whose numbers are the program's line's own."""
        return self.cells(
            forward, None, str(line), [value_of(line, one.values) for one in self.runs]
        )

    def cells(
        self, forward: ProgramLine, value: float | None, line: str, numbers: list[float | None]
    ) -> tuple[Cell, ...]:
        """All columns."""
        origin = self.origins(forward)
        text = short(self.expression.source(origin)) if origin >= 0 else ""
        known: tuple[Cell, ...] = (value,) if self.runs else ()
        return forward.text, *known, line, *numbers, text
