"""A tape with loops as the text of a Python function: `for` over ranges, arrays as lists.

Comes in: a Tape and its Bindings. Goes out: the same kind of function as of a tape of scalars,
whose point and gradient are flat lists. Arrays are lists whose first entry is not used, so that a
subscript reads as in the expression: x[1], W[2][3]. The sums of outermost loops are compensated:
`v3` runs along with `c3`, what rounding has taken from it.

Source: Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen, ZAMM 54
(1974) 39.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from gdcli.autodiff.tape import (
    ACCUMULATE,
    APPLY,
    BRANCH,
    CARRY,
    ELEMENT,
    EXTREMA,
    INDEX,
    KEEP,
    LOAD,
    MAX,
    RECALL,
    SIZE,
    SUM,
    Element,
    Instruction,
    Loop,
    Subscript,
    Tape,
    Walk,
    instructions,
    loop_results,
    run,
)
from gdcli.execute.bindings import DATA, Bindings
from gdcli.execute.lists import corrected, entries, flat, listed, zeros
from gdcli.execute.occurrences import arrays, numeric, python_names, sizes, uses
from gdcli.execute.writer import OperandText, Target, Writer


class LoopWriter(Writer):
    """Writes a tape with loops."""

    def __init__(self, tape: Tape, target: Target, bindings: Bindings) -> None:
        super().__init__(tape, target)
        self.bindings = bindings
        self.read = arrays(tape.body, ELEMENT)
        self.accumulated = arrays(tape.body, ACCUMULATE)
        self.sizes = sizes(tape.body)
        self.python_names = python_names(
            dict.fromkeys((*self.sizes, *self.read, *self.accumulated))
        )
        self.uses = Counter(uses(tape.body, {}))
        self.indices = {one.results[0] for one in instructions(tape.body) if one.operation == INDEX}
        self.numeric = numeric(tape.body)
        self.index_of: list[str] = []  # of the loops around

    # -- the frame of the text --------------------------------------------------------------

    def text(self) -> str:
        """The whole text."""
        bound, lines = self.bindings, ["def evaluate(point):"]
        lines += [f"    {self.python_names[name]} = {bound.sizes[name]}" for name in self.sizes]
        loaded = {one.payload for one in self.tape.body.instructions if one.operation == LOAD}
        lines += [f"    x{k} = point[{bound.inputs[k]}]" for k in sorted(loaded)]
        for name in self.read:
            array = bound.arrays[name]
            if array.offset != DATA:
                place = ", ".join(map(str, (array.offset, *array.lengths)))
                lines.append(f"    {self.python_names[name]} = entries_(point, {place})")
        for name in self.accumulated:
            lengths = ", ".join(map(str, bound.arrays[name].lengths))
            lines.append(f"    g_{self.python_names[name]} = zeros_({lengths})")
        outputs = self.numbers(self.tape.body.outputs, self.walked())
        returned = f"    return {outputs[0].text}, [{', '.join(self.gradient(outputs[1:]))}]"
        return "\n".join([*lines, *self.lines, returned, ""])

    def walked(self) -> list[OperandText]:
        """Writes the body; its outputs."""
        return run(self.tape, self.leaf, self.apply, self.region)

    def gradient(self, derivatives: Sequence[OperandText]) -> list[str]:
        """The gradient's pieces in the order of the point."""
        if not self.bindings.length:
            return []
        pieces = {
            place: (one.text, 1)
            for place, one in zip(self.bindings.inputs, derivatives, strict=False)
        }
        for name, array in self.bindings.arrays.items():
            if array.offset != DATA and array.count and name in self.accumulated:
                pieces[array.offset] = (f"*flat_(g_{self.python_names[name]})", array.count)
        texts, filled = [], 0
        for place, (text, count) in sorted(pieces.items()):
            texts += [*_nothing(place - filled), text]
            filled = place + count
        return [*texts, *_nothing(self.bindings.length - filled)]

    def names(self) -> dict[str, Any]:
        """The functions that the text calls, and the data."""
        found: dict[str, Any] = {
            "entries_": entries,
            "zeros_": zeros,
            "flat_": flat,
            "corrected_": corrected,
        }
        for name in self.read:
            array = self.bindings.arrays[name]
            if array.offset == DATA:
                found[self.python_names[name]] = entries(listed(array.values), 0, *array.lengths)
        return found

    # -- single instructions ----------------------------------------------------------------

    def leaf(self, instruction: Instruction) -> OperandText:
        """A value without operands."""
        operation, payload = instruction.operation, instruction.payload
        if operation == SIZE:
            return self.settle(
                instruction.results[0], OperandText(f"float({self.affine(payload)})")
            )
        if operation == INDEX:
            return OperandText(f"i{instruction.results[0]}")
        if operation == RECALL:
            self.line(f"v{instruction.results[0]} = kept{payload}[{self.index_of[-1]}]")
            return OperandText(f"v{instruction.results[0]}")
        if operation == "carried":
            return OperandText(f"carried{len(self.index_of)}_{payload}")
        return super().leaf(instruction)

    def apply(self, instruction: Instruction, operands: list[OperandText]) -> OperandText:
        """An operation, an element, or an effect."""
        operation = instruction.operation
        if operation == APPLY:
            return super().apply(instruction, self.numbers(instruction.operands, operands))
        if operation == ELEMENT:
            array = self.python_names[instruction.payload.array]
            text = f"{array}{self.subscripts(instruction, operands)}"
            return self.settle(instruction.results[0], OperandText(text))
        value = self.numbers(instruction.operands[-1:], operands[-1:])[0]
        if operation == KEEP:
            self.line(f"kept{instruction.payload}[{self.index_of[-1]}] = {value.text}")
        elif operation == ACCUMULATE:
            name = f"g_{self.python_names[instruction.payload.array]}"
            self.line(f"{name}{self.subscripts(instruction, operands)} += {value.text}")
        return value

    def numbers(self, values: Iterable[int], written: Iterable[OperandText]) -> list[OperandText]:
        """The values as floats, where they are indices."""
        pairs = zip(values, written, strict=True)
        return [OperandText(f"v{value}") if value in self.indices else one for value, one in pairs]

    def subscripts(self, instruction: Instruction, operands: Sequence[OperandText]) -> str:
        """The subscripts of an element, as `[i3 + 1][2]`."""
        element: Element = instruction.payload
        texts = [self.affine(subscript, operands) for subscript in element.subscripts]
        return "".join(f"[{text}]" for text in texts)

    def affine(self, subscript: Subscript, operands: Sequence[OperandText] = ()) -> str:
        """A subscript or a bound, as `i3 - n + 1`."""
        sizes = tuple((self.python_names[name], times) for name, times in subscript.sizes)
        return subscript._replace(sizes=sizes).text([operand.text for operand in operands])

    # -- branches and loops -----------------------------------------------------------------

    def region(
        self, instruction: Instruction, operands: list[OperandText], walk: Walk
    ) -> Sequence[OperandText]:
        """A branch or a loop."""
        if instruction.operation == BRANCH:
            return self.branch(instruction, self.numbers(instruction.operands, operands), walk)
        return self.loop(instruction, operands, walk)

    def loop(
        self, instruction: Instruction, operands: list[OperandText], walk: Walk
    ) -> Sequence[OperandText]:
        """A `for` with what stands before, in and behind it."""
        over: Loop = instruction.payload
        body = instruction.regions[0]
        index = body.instructions[0].results[0]
        low = self.bound(over.low, operands, "max")
        high = self.bound(over.high, operands, "min")
        carries = over.reductions.count(CARRY)
        reductions = [(one.kind, one.results[0]) for one in loop_results(instruction)]
        self.before(reductions, low)
        for one in body.instructions:
            if one.operation == KEEP:
                self.line(f"kept{one.payload} = {{}}")
        level = len(self.index_of) + 1
        first = len(operands) - carries
        initial = self.numbers(instruction.operands[first:], operands[first:])
        for k, value in enumerate(initial):
            self.line(f"carried{level}_{k} = {value.text}")
        span = f"range({low}, {_plus(high, 1)})"
        if over.descending:
            span = f"range({high}, {_plus(low, -1)}, -1)"
        self.line(f"for i{index} in {span}:")
        self.indent += "    "
        self.index_of.append(f"i{index}")
        if index in self.numeric:
            self.line(f"v{index} = float(i{index})")
        outputs = self.numbers(body.outputs, walk(body))
        self.inside(reductions, outputs, f"i{index}")
        if carries:
            names = ", ".join(f"carried{level}_{k}" for k in range(carries))
            self.line(f"{names} = {', '.join(one.text for one in outputs[:carries])}")
        self.line_if_empty()
        self.index_of.pop()
        self.indent = self.indent[:-4]
        return self.after(reductions)

    def line_if_empty(self) -> None:
        """Python wants a statement in every body."""
        if self.lines[-1].endswith(":"):
            self.line("pass")

    def bound(self, bounds: Sequence[Subscript], operands: Sequence[OperandText], word: str) -> str:
        """The greatest or least of affine integers."""
        texts = [self.affine(bound, operands) for bound in bounds]
        return texts[0] if len(texts) == 1 else f"{word}({', '.join(texts)})"

    def before(self, reductions: Sequence[tuple[str, int]], low: str) -> None:
        """What the results are before the first iteration."""
        for kind, result in reductions:
            if kind in EXTREMA:
                self.line(f"v{result} = {'-inf' if kind == MAX else 'inf'}")
                if self.tells_which(result):
                    self.line(f"v{result + 1} = 0.0")
                    self.line(f"i{result + 2}, i{result + 3} = {low}, {_plus(low, -1)}")
            elif kind == SUM and not self.index_of:
                self.line(f"v{result} = c{result} = 0.0")
            elif kind != CARRY:
                self.line(f"v{result} = {'0.0' if kind == SUM else '1.0'}")

    def inside(
        self, reductions: Sequence[tuple[str, int]], outputs: Sequence[OperandText], index: str
    ) -> None:
        """What an iteration does to the results."""
        for (kind, result), output in zip(reductions, outputs, strict=True):
            if kind in EXTREMA:
                self.extremum(kind, result, output, index)
            elif kind == SUM and len(self.index_of) == 1:
                self.compensated(result, output)
            elif kind != CARRY:
                self.line(f"v{result} {'+' if kind == SUM else '*'}= {output.text}")

    def extremum(self, kind: str, result: int, output: OperandText, index: str) -> None:
        """Sets the value, the count of ties and the first and last index; nan wins."""
        new = self.named(f"t{result}", output)
        self.line(f"if {new} {'>' if kind == MAX else '<'} v{result} or {new} != {new}:")
        self.line(f"    v{result} = {new}")
        if not self.tells_which(result):
            return
        self.line(f"    v{result + 1} = 1.0")
        self.line(f"    i{result + 2} = i{result + 3} = {index}")
        self.line(f"elif {new} == v{result}:")
        self.line(f"    v{result + 1} += 1.0")
        self.line(f"    i{result + 3} = {index}")

    def tells_which(self, result: int) -> bool:
        """Whether more of an extremum is wanted than its value."""
        return any(self.uses[result + k] for k in (1, 2, 3))

    def named(self, name: str, written: OperandText) -> str:
        """The value's own name, or `name`, which now holds it."""
        if written.text.isidentifier():
            return written.text
        self.line(f"{name} = {written.text}")
        return name

    def compensated(self, result: int, output: OperandText) -> None:
        """Adds what rounding takes from the sum to its correction."""
        total, new = f"v{result}", f"s{result}"
        term = self.named(f"t{result}", output)
        self.line(f"{new} = {total} + {term}")
        larger, smaller = f"({total} - {new}) + {term}", f"({term} - {new}) + {total}"
        self.line(f"c{result} += {larger} if abs({total}) >= abs({term}) else {smaller}")
        self.line(f"{total} = {new}")

    def after(self, reductions: Sequence[tuple[str, int]]) -> Sequence[OperandText]:
        """The loop's results."""
        results: list[OperandText] = []
        for number, (kind, result) in enumerate(reductions):
            results.append(OperandText(f"v{result}"))
            if kind == CARRY:
                self.line(f"v{result} = carried{len(self.index_of) + 1}_{number}")
            elif kind in EXTREMA:
                results += [OperandText(f"v{result + 1}")]
                results += [OperandText(f"i{result + k}") for k in (2, 3)]
                self.indices.update((result + 2, result + 3))
                for one in {result + 2, result + 3} & self.numeric:
                    self.line(f"v{one} = float(i{one})")
            elif kind == SUM and not self.index_of:
                self.line(f"v{result} = corrected_(v{result}, c{result})")
        return results


def _plus(text: str, number: int) -> str:
    """An integer's text, one more or one less."""
    found = re.fullmatch(r"(.*) ([+-]) (\d+)|(-?\d+)", text)
    if found is None:
        return f"{text} {'+' if number > 0 else '-'} 1"
    if found[4]:
        return str(int(found[4]) + number)
    constant = int(found[2] + found[3]) + number
    return f"{found[1]} {'+' if constant > 0 else '-'} {abs(constant)}" if constant else found[1]


def _nothing(count: int) -> list[str]:
    """Zeros for variables that nothing depends on."""
    return [f"*[0.0]*{count}"] if count > 1 else ["0.0"] * count
