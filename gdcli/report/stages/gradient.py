"""The stage `gradient`: the adjoint program, or the tangent program, beside the forward Tape.

Each row holds a line of the forward Tape, and beside it a line of the derivative program. That is
either the derivative that belongs to the line (`∂f/∂v2 = v0` in reverse mode, `dv2 = v6` in forward
mode) or an instruction by which the line's rule passes derivatives on. The rows are in the order of
the sweep: reverse mode starts at the output, forward mode at the inputs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from math import isnan, nan
from typing import TYPE_CHECKING, Any

from gdcli.autodiff.lifted import expanded
from gdcli.autodiff.passes.infinities import check_infinities
from gdcli.autodiff.tape import BRANCH, CONSTANT, Instruction, Region, Tape, instructions
from gdcli.autodiff.traced import Derivation, adjoints, source_value, tangents
from gdcli.execute.interpret import observe
from gdcli.functions.function import Function
from gdcli.language.syntax import Decimal
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import IEEE
from gdcli.report.listing import Cell, Listing
from gdcli.report.number_format import full
from gdcli.report.stages import program as programs
from gdcli.report.stages.instructions import InstructionObjects
from gdcli.report.stages.origins import Origins, short
from gdcli.report.stages.program import (
    INDENT,
    ProgramLine,
    ValueNames,
    answer,
    assignment,
    branch_results,
    region_header,
    value_of,
)
from gdcli.report.stages.tape import undefined

if TYPE_CHECKING:
    from gdcli.report.formats import objects


class Pass(NamedTuple):
    """One run of a derivative program at a point.

    `values` are those of the program, `derivatives` those of the forward values; where f is nan,
    all that derivatives are made of is. `variable` is the input along which a tangent program was
    run.
    """

    header: str
    variable: str | None
    values: dict[int, float]
    derivatives: dict[int, float | None]


def passes(derivation: Derivation, mode: str, at: list[float]) -> list[Pass]:
    """The runs at a point: one in reverse mode, in forward mode one along each input."""
    if mode == "reverse":
        return [_run(derivation, "adjoint", None, at)]
    names = derivation.forward.inputs
    units = [[float(name == along) for name in names] for along in names]
    return [
        _run(derivation, f"∂/∂{name}", name, [*at, *unit])
        for name, unit in zip(names, units, strict=True)
    ]


def _run(derivation: Derivation, header: str, variable: str | None, point: list[float]) -> Pass:
    raw = observe(check_infinities(derivation.whole), IEEE, point)
    values = {place: raw[one] for one, place in derivation.numbering.items() if one in raw}
    derivatives = {
        value: None if value not in values else 0.0 if one is None else raw.get(one)
        for value, one in derivation.derivatives.items()
    }
    if isnan(values[derivation.program.body.outputs[0]]):
        made = _results(derivation.program) - _results(derivation.forward)
        values |= dict.fromkeys(made & values.keys(), nan)
        derivatives = {value: None if one is None else nan for value, one in derivatives.items()}
    return Pass(header, variable, values, derivatives)


def _results(tape: Tape) -> set[int]:
    """The values that a tape computes, without its constants."""
    steps = [one for one in instructions(tape.body) if one.operation != CONSTANT]
    return {result for one in steps for result in one.results}


def gradient_stage(function: Function, at: list[float] | None, mode: str = "reverse") -> Listing:
    """The program of a mode, `reverse` or `tangent`, beside the forward Tape."""
    derivation = (adjoints if mode == "reverse" else tangents)(function.engine.rewritten.tape)
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
    undefined = bool(runs) and isnan(runs[0].values[value])
    if mode == "tangent":
        yield "df", names.text(others[0])
        for one in runs:
            yield f"∂f/∂{one.variable}", full(nan if undefined else one.values[others[0]])
        return
    for name, output in zip(derivation.forward.inputs, others, strict=True):
        text = answer(names, output, runs[0].values if runs else None)
        yield f"∂f/∂{name}", full(nan) if undefined else text


def _content(
    function: Function, derivation: Derivation, mode: str, runs: list[Pass]
) -> objects.GradientStageContent:
    """The stage as data; a value is a number, in tangent mode an object by variable."""
    program = derivation.program
    values = {place: _values(mode, runs, place) for place in range(program.size)}
    described = InstructionObjects(program, function.elaborated, values if runs else None)
    written = _DerivativeTexts(derivation, ValueNames(program))
    derivatives: list[objects.DerivativeObject] = []
    for value, raw in sorted(derivation.derivatives.items()):
        found: objects.DerivativeObject = {"of": value, "is": written(raw)}
        if runs:
            along = {str(one.variable): one.derivatives[value] for one in runs}
            found["value"] = runs[0].derivatives[value] if mode == "reverse" else along
        derivatives.append(found)
    return {
        "mode": mode,
        "instructions": described.region(program.body),
        "outputs": program.body.outputs,
        "made_by": {str(place): source for place, source in sorted(derivation.made_by.items())},
        "derivatives": derivatives,
    }


def _values(mode: str, runs: list[Pass], place: int) -> Any:
    by_variable = {one.variable: one.values.get(place) for one in runs}
    return by_variable.get(None) if mode == "reverse" else by_variable


class _DerivativeTexts:
    """The texts of derivatives: names of the program's steps, or formulas of them."""

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
        """The text of a derivative; None where it would be long."""
        return "0" if raw is None else expanded(raw, self.made, self._name)

    def _name(self, raw: int) -> str | Decimal | None:
        place = self.numbering.get(raw)
        return None if place is None else self.names(place)


class _GradientRows:
    """The rows of the stage, made by a walk over the forward Tape in the order of the sweep."""

    def __init__(
        self, function: Function, derivation: Derivation, mode: str, runs: list[Pass]
    ) -> None:
        self.derivation = derivation
        self.reverse = mode == "reverse"
        self.runs = runs
        self.expression = function.elaborated
        self.origins = Origins(function.elaborated)
        self.forward_names = ValueNames(derivation.forward)
        # In forward mode the second half of the inputs, the direction, have their own names.
        inputs = len(derivation.forward.inputs)
        self.names = ValueNames(derivation.program, variables_from=inputs)
        self.written = _DerivativeTexts(derivation, self.names)
        self.made: dict[int, list[Instruction]] = defaultdict(list)
        self._collect(derivation.program.body)

    def _collect(self, region: Region, around: int | None = None) -> None:
        """Gather the instructions that each forward line made, of a rule's branch it alone."""
        for instruction in region.instructions:
            source = self.derivation.made_by.get(next(iter(instruction.results), -1))
            if source is not None and source != around and instruction.operation != CONSTANT:
                self.made[source].append(instruction)
            for inner in instruction.regions:
                self._collect(inner, source)

    def rows(self) -> Iterator[tuple[Cell, ...]]:
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
        """The row with the derivative that belongs to a forward line."""
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
        """The rows of the instructions that a forward line's rule adds, without its branch."""
        beside = self.forward(instruction)
        for made in self.made[source_value(instruction)]:
            if not made.operation == instruction.operation == BRANCH:
                for line in programs.instruction_lines(
                    made, self.derivation.program, self.names, depth
                ):
                    yield self.row(beside, line)

    def branch(self, instruction: Instruction, depth: int) -> Iterator[tuple[Cell, ...]]:
        """The rows of a forward branch, beside the program's branch by the same comparison."""
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
        """A row whose numbers are those of the program's line."""
        return self.cells(
            forward, None, str(line), [value_of(line, one.values) for one in self.runs]
        )

    def cells(
        self, forward: ProgramLine, value: float | None, line: str, numbers: list[float | None]
    ) -> tuple[Cell, ...]:
        origin = self.origins(forward)
        text = short(self.expression.source(origin)) if origin >= 0 else ""
        known: tuple[Cell, ...] = (value,) if self.runs else ()
        return forward.text, *known, line, *numbers, text
