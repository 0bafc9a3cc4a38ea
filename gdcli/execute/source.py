"""The Python source of a tape: straight-line assignments, an `if` for a branch, a `for` for a loop.

Comes in: a Tape, a Target, which says how operations are written, and Bindings where the tape has
loops. Goes out: the text of a function of a point, or the function. It returns the first output and
a list of the others, of a tape with loops the gradient as one flat list, and a call costs what the
same formulas cost when written by hand. FLOAT_TARGET calls `math` and raises where that does;
IEEE_TARGET never raises; `grid.py` has one for arrays.

A value used once is written into the expression that uses it, down to a depth that every Python can
parse. Arrays are lists whose first entry is not used, so that a subscript reads as in the
expression: x[1], W[2][3]; tables are dictionaries, which may begin at any subscript. The sums of
outermost loops are compensated: `v3` runs along with `c3`, what rounding has taken from it.

Source: Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen, ZAMM 54
(1974) 39.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from math import prod
from typing import TYPE_CHECKING, Any

from gdcli.autodiff import tape as opcode
from gdcli.autodiff.passes.infinities import CHECKING_PRIMITIVES, IF_NEGLIGIBLE, LARGE_NUMERATOR
from gdcli.autodiff.tape import (
    CARRY,
    EXTREMA,
    LOGSUMEXP,
    MAX,
    SUM,
    TABLE,
    Instruction,
    Loop,
    Region,
    Subscript,
    Tape,
    Walk,
    index_of,
    instructions,
    is_of_table,
    loop_results,
    run,
    subscript_operands,
)
from gdcli.collector import collector_waits
from gdcli.language.syntax import Decimal
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import FLOAT, FLOAT_CONSTANTS, IEEE, to_float
from gdcli.numbers.linear_algebra import as_list

if TYPE_CHECKING:
    from gdcli.execute.bindings import Bindings

MAXIMUM_PARENTHESES = 12  # in one assignment
LINES_PER_PIECE = 1_000  # which Python compiles in some 15 ms, deaf to Ctrl-C meanwhile
OPPOSITE_COMPARISON = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
RESERVED_NAMES = {"point", "nan", "inf", "range", "max", "min", "abs", "float", "evaluate"}
GENERATED_NAME = r"[a-z]\d+|g_.*|.*_|carried[_\d]*"  # what the text names itself

Compiled = Callable[[Sequence[Any]], tuple[Any, list[Any]]]


class Target(NamedTuple):
    """How operations are written: infix where `infix` says how, else as calls of `functions`.

    `unordered` is the statement for a comparison with nan, given the results; where it is empty,
    both sides of a branch are computed, and `functions["select"]` picks among them by what
    `functions["compared"]` says of the two numbers that are compared. `constant` makes
    a number of a constant's payload where that is no float.
    """

    infix: Mapping[str, str]
    functions: Mapping[str, Callable[..., Any]]
    unordered: str
    constant: Callable[[Decimal | str], Any] | None = None


INFIX = {"+": "{} + {}", "-": "{} - {}", "*": "{}*{}", "unary-minus": "-{}"}
FLOAT_TARGET = Target({**INFIX, "/": "{}/{}"}, FLOAT.operations, "raise ValueError")
IEEE_TARGET = Target(INFIX, IEEE.operations, "{} = nan")


@collector_waits()
def compile_tape(tape: Tape, target: Target, bindings: Bindings | None = None) -> Compiled:
    """The function that `tape` describes, of a list of inputs, or with Bindings of a flat point."""
    writer = Writer(tape, target, bindings)
    namespace: dict[str, Any] = {"nan": float("nan"), "inf": float("inf")}
    namespace.update({identifier(name): f for name, f in target.functions.items()})
    namespace.update(writer.names())
    opening, lines, closing = writer.written()
    if bindings is None and len(lines) > LINES_PER_PIECE:
        function = _joined(_pieces(lines, closing), namespace, len(tape.inputs))
    else:
        exec(compile(_framed(opening, lines, closing), "<tape>", "exec"), namespace)
        function = namespace["evaluate"]
    namespace.update(writer.constants)
    if bindings is None:
        return function
    return lambda point: function(as_list(point))  # whose numbers raise where an array's do not


def source(tape: Tape, target: Target, bindings: Bindings | None = None) -> str:
    """The text of the function `evaluate(point)`."""
    return _framed(*Writer(tape, target, bindings).written())


def _framed(opening: list[str], lines: list[str], closing: str) -> str:
    return "\n".join(["def evaluate(point):", *opening, *lines, closing, ""])


def identifier(primitive: str) -> str:
    spelt = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}
    return spelt.get(primitive, primitive.replace("-", "_")) + "_"


class SourcePiece:
    """Lines of a long text as a function of the variables they read, of those they make a list.

    `closing` is the statement that returns.
    """

    def __init__(self, lines: list[str], closing: str = "") -> None:
        self.closing = closing
        self._text = "\n".join(["", *lines, ""])
        made = dict.fromkeys(re.findall(r"\n +([abmv]\d+) = ", self._text))
        names = dict.fromkeys(re.findall(r"\b[abmvx]\d+\b", self._text + closing))
        self.made, self.read = list(made), [name for name in names if name not in made]

    def hand_on(self, used: set[str]) -> None:
        """Returns only what is used behind it; adds to that what this piece reads."""
        self.made = [name for name in self.made if name in used]
        used.update(self.read)

    def text(self) -> str:
        head = f"def piece({', '.join(self.read)}):"
        always = set(re.findall(r"\n    ([abmv]\d+) = ", self._text))
        if inner := [name for name in self.made if name not in always]:
            head += "\n    " + " = ".join([*inner, "None"])  # the sides that run may make none
        closing = self.closing or f"    return [{', '.join(self.made)}]"
        return f"{head}{self._text}{closing}\n"


def _pieces(lines: list[str], closing: str) -> list[SourcePiece]:
    """The lines in pieces, none of which ends within a branch."""
    pieces, begin, used = list[SourcePiece](), 0, set[str]()
    for end, line in enumerate(lines):
        if end - begin >= LINES_PER_PIECE and not line.startswith(("     ", "    el")):
            pieces.append(SourcePiece(lines[begin:end]))
            begin = end
    pieces.append(SourcePiece(lines[begin:], closing))
    for piece in reversed(pieces):
        piece.hand_on(used)
    return pieces


def _joined(pieces: Sequence[SourcePiece], namespace: dict[str, Any], inputs: int) -> Compiled:
    """The function that calls the pieces one after the other."""
    places = {f"x{number}": number for number in range(inputs)}
    calls: list[tuple[Callable[..., Any], list[int]]] = []
    for piece in pieces:
        exec(compile(piece.text(), "<tape>", "exec"), namespace)
        calls.append((namespace.pop("piece"), [places[name] for name in piece.read]))
        places |= {name: len(places) + k for k, name in enumerate(piece.made)}
    *before, (last, read) = calls

    def evaluate(point: Sequence[Any]) -> tuple[Any, list[Any]]:
        values = [*point]
        for function, taken in before:
            values += function(*[values[place] for place in taken])
        answer: tuple[Any, list[Any]] = last(*[values[place] for place in read])
        return answer

    return evaluate


class OperandText(NamedTuple):
    """An operand as text; `depth` counts the parentheses an operator puts around it."""

    text: str
    depth: int = 0
    atom: bool = True

    def operand(self) -> str:
        return self.text if self.atom else f"({self.text})"


class Writer:
    """Writes a tape as a Python function; one with loops needs Bindings."""

    def __init__(self, tape: Tape, target: Target, bindings: Bindings | None = None) -> None:
        self.tape = tape
        self.target = target
        self.bindings = bindings
        self.lines: list[str] = []
        self.indent = "    "
        self.uses = Counter(uses(tape.body, {}))
        self.indices: set[int] = set()  # the values that are integers, and where numbers are wanted
        self.numeric: set[int] = set()
        self.loops: list[str] = []  # the indices of the loops around
        self.tables: dict[tuple[int, int], str] = {}  # by INDEX of its loop, or UNFINISHED
        self.finite: set[int] = set()  # the values outside loops and branches that were checked
        self.constants: dict[str, Any] = {}  # those that cannot be written, by name
        if bindings is not None:
            self.read = arrays(tape.body, opcode.ELEMENT)
            self.accumulated = arrays(tape.body, opcode.ACCUMULATE)
            self.sizes = sizes(tape.body)
            named = dict.fromkeys((*self.sizes, *self.read, *self.accumulated))
            self.python_names = python_names(named)
            code = instructions(tape.body)
            self.indices = {one.results[0] for one in code if one.operation == opcode.INDEX}
            self.numeric = numeric(tape.body)

    # -- the frame of the text --------------------------------------------------------------

    def written(self) -> tuple[list[str], list[str], str]:
        """The lines that read the point, those of the instructions, and the last one."""
        outputs = run(self.tape, self.leaf, self.apply, self.region)
        first, *others = self.numbers(self.tape.body.outputs, outputs)
        if self.bindings is None:
            inputs = ", ".join(f"x{number}" for number in range(len(self.tape.inputs)))
            opening = [f"    [{inputs}] = point"] if inputs else []
            returned = [one.text for one in others]
        else:
            opening = self.opening(self.bindings)
            returned = self.gradient(self.bindings, others)
        return opening, self.lines, f"    return {first.text}, [{', '.join(returned)}]"

    def opening(self, bindings: Bindings) -> list[str]:
        """The lines that name the sizes and the inputs and cut the point into arrays."""
        names, arrays = self.python_names, bindings.arrays
        lines = [f"    {names[name]} = {bindings.sizes[name]}" for name in self.sizes]
        loaded = {
            one.payload for one in instructions(self.tape.body) if one.operation == opcode.LOAD
        }
        lines += [f"    x{k} = point[{bindings.inputs[k]}]" for k in sorted(loaded)]
        for name in self.read:
            if not arrays[name].is_data:
                place = ", ".join(map(str, (arrays[name].offset, *arrays[name].lengths)))
                lines.append(f"    {names[name]} = entries_(point, {place})")
        for name in self.accumulated:
            lengths = ", ".join(map(str, arrays[name].lengths))
            lines.append(f"    g_{names[name]} = zeros_({lengths})")
        return lines

    def gradient(self, bindings: Bindings, derivatives: Sequence[OperandText]) -> list[str]:
        """The pieces of the gradient, in the order of the point."""
        if not bindings.length:
            return [one.text for one in derivatives]
        pieces = {
            place: (one.text, 1) for place, one in zip(bindings.inputs, derivatives, strict=False)
        }
        for name, array in bindings.arrays.items():
            if not array.is_data and array.count and name in self.accumulated:
                pieces[array.offset] = (f"*flat_(g_{self.python_names[name]})", array.count)
        texts, filled = [], 0
        for place, (text, count) in sorted(pieces.items()):
            texts += [*_zeros_text(place - filled), text]
            filled = place + count
        return [*texts, *_zeros_text(bindings.length - filled)]

    def names(self) -> dict[str, Any]:
        """What the text takes from outside beside the target's functions."""
        if self.bindings is None:
            return {}
        data = {name: self.bindings.arrays[name] for name in self.read}
        return {
            "entries_": entries,
            "zeros_": zeros,
            "flat_": flat,
            "sums_": sums,
            "corrected_": corrected,
            **{
                self.python_names[name]: entries(as_list(array.values), 0, *array.lengths)
                for name, array in data.items()
                if array.is_data
            },
        }

    def line(self, text: str) -> None:
        self.lines.append(self.indent + text)

    # -- single instructions ----------------------------------------------------------------

    def leaf(self, instruction: Instruction) -> OperandText:
        operation, payload = instruction.operation, instruction.payload
        if operation == opcode.CONSTANT and self.target.constant is not None:
            name = f"k{instruction.results[0]}"
            self.constants[name] = self.target.constant(payload)
            return OperandText(name)
        if operation == opcode.CONSTANT:
            value = to_float(payload) if isinstance(payload, Decimal) else FLOAT_CONSTANTS[payload]
            return OperandText(repr(value), atom=value >= 0.0)
        if operation == opcode.LOAD:
            return OperandText(f"x{payload}")
        if operation == opcode.CARRIED:
            return OperandText(f"carried{len(self.loops)}_{payload}")
        result = instruction.results[0]
        if operation == opcode.INDEX:
            return OperandText(f"i{result}")
        if operation == opcode.UNFINISHED:
            return OperandText(self.tables[result, 0])
        return self.settle(result, OperandText(f"float({self.affine(payload)})"))  # SIZE

    def apply(self, instruction: Instruction, operands: list[OperandText]) -> OperandText:
        """The result of an operation or an element; an effect is a statement."""
        operation = instruction.operation
        if operation == opcode.APPLY:
            return self.primitive(instruction, self.numbers(instruction.operands, operands))
        if operation in (opcode.ELEMENT, opcode.EARLIER):
            return self.entry(instruction, operands)
        value = self.numbers(instruction.operands[-1:], operands[-1:])[0]
        if is_of_table(instruction):
            name = operands[0].text
        else:
            name = f"g_{self.python_names[instruction.payload.array]}"
        self.line(f"{name}{self.subscripts(instruction, operands)} += {value.text}")
        return value

    def entry(self, instruction: Instruction, operands: list[OperandText]) -> OperandText:
        """An entry of an array or of a table; one of open sums is read in its place."""
        result = instruction.results[0]
        if instruction.operation == opcode.EARLIER:
            array = self.tables[instruction.operands[0], instruction.payload.number]
        elif is_of_table(instruction):
            array = operands[0].text
        else:
            array = self.python_names[instruction.payload.array]
        text = f"{array}{self.subscripts(instruction, operands)}"
        if instruction.operation == opcode.EARLIER:
            self.line(f"v{result} = {text}")
            return OperandText(f"v{result}")
        return self.settle(result, OperandText(text))

    def primitive(self, instruction: Instruction, operands: list[OperandText]) -> OperandText:
        name, infix = instruction.payload, self.target.infix.get(instruction.payload)
        if name in CHECKING_PRIMITIVES and self.target.unordered:
            return self.checked(instruction, operands)
        if name == "pow-integer" and operands[1].text == "2.0":
            infix = text = f"{operands[0].operand()}*{operands[0].operand()}"
        elif name == "pow-integer":  # of every other exponent `pow` is as good
            text = f"pow_general_({operands[0].text}, {operands[1].text})"
        elif infix is not None:
            text = infix.format(*(operand.operand() for operand in operands))
        else:
            text = f"{identifier(name)}({', '.join(operand.text for operand in operands)})"
        depth = 1 + max(operand.depth for operand in operands)
        written = OperandText(text, depth, atom=infix is None and text.endswith(")"))
        return self.settle(instruction.results[0], written)

    def checked(self, instruction: Instruction, operands: list[OperandText]) -> OperandText:
        """Writes the check of an operand as an `if`, which takes less time than a call.

        Where the target raises, a divisor is refused whatever its numerator is.
        """
        place = instruction.results[0]
        value = self.named(f"a{place}", operands[0])
        test = f"{value} - {value} != 0.0"
        if "{}" not in self.target.unordered:
            if instruction.operands[0] not in self.finite:
                self.line(f"if {test}:")
                self.line(f"    {self.target.unordered}")
            if self.indent == "    ":
                self.finite.add(instruction.operands[0])
            return OperandText(value)
        if instruction.payload == IF_NEGLIGIBLE:
            numerator = self.named(f"b{place}", operands[1])
            test = f"{test} and not -{LARGE_NUMERATOR} < {numerator} < {LARGE_NUMERATOR}"
        self.line(f"v{place} = nan if {test} else {value}")
        return OperandText(f"v{place}")

    def settle(self, value: int, written: OperandText) -> OperandText:
        """The text itself where it may stand in its one use, else a variable that now holds it."""
        if self.uses[value] == 1 and written.depth < MAXIMUM_PARENTHESES:
            return written
        self.line(f"v{value} = {written.text}")
        return OperandText(f"v{value}")

    def numbers(self, values: Iterable[int], written: Iterable[OperandText]) -> list[OperandText]:
        """The operands of primitives and regions: of an index the float that it is."""
        pairs = zip(values, written, strict=True)
        return [OperandText(f"v{value}") if value in self.indices else one for value, one in pairs]

    def subscripts(self, instruction: Instruction, operands: Sequence[OperandText]) -> str:
        """The subscripts of an element, as `[i3 + 1][2]`."""
        written = dict(zip(instruction.operands, operands, strict=True))
        places = [  # what is no index is an entry of data
            written[one] if one in self.indices else OperandText(f"int({written[one].text})")
            for one in subscript_operands(instruction)
        ]
        texts = [self.affine(subscript, places) for subscript in instruction.payload.subscripts]
        return "".join(f"[{text}]" for text in texts)

    def affine(self, subscript: Subscript, operands: Sequence[OperandText] = ()) -> str:
        """A subscript or a bound, as `i3 - n + 1`."""
        sizes = tuple((self.python_names[name], times) for name, times in subscript.sizes)
        return subscript._replace(sizes=sizes).text([operand.text for operand in operands])

    # -- branches and loops -----------------------------------------------------------------

    def region(
        self, instruction: Instruction, operands: list[OperandText], walk: Walk
    ) -> Sequence[OperandText]:
        if instruction.operation == opcode.BRANCH:
            return self.branch(instruction, self.numbers(instruction.operands, operands), walk)
        if instruction.operation == opcode.ACCUMULATOR:
            return [self.accumulator(instruction, operands, walk)]
        return self.loop(instruction, operands, walk)

    def accumulator(
        self, instruction: Instruction, operands: list[OperandText], walk: Walk
    ) -> OperandText:
        """Writes the sums that begin at 0 and what adds to them; the table."""
        table = f"v{instruction.results[0]}"
        self.tables[index_of(instruction), 0] = table
        extents = [
            f"range({self.bound(one.low, operands, 'max')}, "
            f"{_plus(self.bound(one.high, operands, 'min'), 1)})"
            for one in instruction.payload.extents
        ]
        self.line(f"{table} = sums_({', '.join(extents)})")
        walk(instruction.regions[0])
        return OperandText(table)

    def branch(
        self, instruction: Instruction, operands: list[OperandText], walk: Walk
    ) -> Sequence[OperandText]:
        """Writes an `if` for each side, or a selection; the results."""
        left, right = (operand.operand() for operand in operands)
        if not self.target.unordered:
            return self.selection(instruction, f"{left}, {right}", walk)
        results = [f"v{result}" for result in instruction.results]
        comparisons = (instruction.payload, OPPOSITE_COMPARISON[instruction.payload])
        for word, comparison, region in zip(
            ("if", "elif"), comparisons, instruction.regions, strict=True
        ):
            condition = f"{left} {comparison} {right}"
            if comparison == "!=":  # which a nan would pass
                condition = f"{left} < {right} or {left} > {right}"
            self.line(f"{word} {condition}:")
            self.side(region, results, walk)
        self.line("else:")
        unordered = self.target.unordered.format(" = ".join(results)) if results else "pass"
        self.line("    " + unordered)
        return [OperandText(result) for result in results]

    def selection(self, instruction: Instruction, sides: str, walk: Walk) -> Sequence[OperandText]:
        """Computes both sides and picks among their outputs."""
        pairs = list(zip(*(walk(region) for region in instruction.regions), strict=True))
        if pairs:
            answer = f"m{instruction.results[0]}"
            self.line(f"{answer} = compared_({sides}, {instruction.payload!r})")
        for result, (where_it_holds, elsewhere) in zip(instruction.results, pairs, strict=True):
            outputs = f"{where_it_holds.text}, {elsewhere.text}"
            self.line(f"v{result} = select_({answer}, {outputs})")
        return [OperandText(f"v{result}") for result in instruction.results]

    def side(self, region: Region, results: list[str], walk: Walk) -> None:
        self.indent += "    "
        for result, output in zip(results, walk(region), strict=True):
            self.line(f"{result} = {output.text}")
        if not results:
            self.line("pass")
        self.indent = self.indent[:-4]

    def loop(
        self, instruction: Instruction, operands: list[OperandText], walk: Walk
    ) -> Sequence[OperandText]:
        """Writes a `for` with what stands before, in and behind it; its results."""
        over: Loop = instruction.payload
        body = instruction.regions[0]
        index = index_of(instruction)
        low = self.bound(over.low, operands, "max")
        high = self.bound(over.high, operands, "min")
        carries = over.reductions.count(CARRY)
        reductions = [(one.kind, one.results[0]) for one in loop_results(instruction)]
        self.before(reductions, low)
        self.tables.update({(index, k): f"v{result}" for k, (_, result) in enumerate(reductions)})
        level = len(self.loops) + 1
        first = len(operands) - carries
        initial = self.numbers(instruction.operands[first:], operands[first:])
        for k, value in enumerate(initial):
            self.line(f"carried{level}_{k} = {value.text}")
        span = f"range({low}, {_plus(high, 1)})"
        if over.descending:
            span = f"range({high}, {_plus(low, -1)}, -1)"
        self.line(f"for i{index} in {span}:")
        self.indent += "    "
        self.loops.append(f"i{index}")
        if index in self.numeric:
            self.line(f"v{index} = float(i{index})")
        outputs = self.numbers(body.outputs, walk(body))
        self.inside(reductions, outputs, f"i{index}")
        if carries:
            names = ", ".join(f"carried{level}_{k}" for k in range(carries))
            self.line(f"{names} = {', '.join(one.text for one in outputs[:carries])}")
        self.line_if_empty()
        self.loops.pop()
        self.indent = self.indent[:-4]
        return self.after(reductions)

    def line_if_empty(self) -> None:
        """Writes `pass` where a body has no statement."""
        if self.lines[-1].endswith(":"):
            self.line("pass")

    def bound(self, bounds: Sequence[Subscript], operands: Sequence[OperandText], word: str) -> str:
        """The greatest (`max`) or least (`min`) of the bounds, as text."""
        texts = [self.affine(bound, operands) for bound in bounds]
        return texts[0] if len(texts) == 1 else f"{word}({', '.join(texts)})"

    def before(self, reductions: Sequence[tuple[str, int]], low: str) -> None:
        """Sets the results to those of no iteration."""
        for kind, result in reductions:
            if kind in EXTREMA:
                self.line(f"v{result} = {'-inf' if kind == MAX else 'inf'}")
                if self.tells_which(result):
                    self.line(f"v{result + 1} = 0.0")
                    self.line(f"i{result + 2}, i{result + 3} = {low}, {_plus(low, -1)}")
            elif kind == SUM and not self.loops:
                self.line(f"v{result} = c{result} = 0.0")
            elif kind == TABLE:
                self.line(f"v{result} = {{}}")
            elif kind == LOGSUMEXP:
                self.line(f"m{result}, o{result} = -inf, 0.0")
            elif kind != CARRY:
                self.line(f"v{result} = {'0.0' if kind == SUM else '1.0'}")

    def inside(
        self, reductions: Sequence[tuple[str, int]], outputs: Sequence[OperandText], index: str
    ) -> None:
        """Takes an iteration into the results."""
        for (kind, result), output in zip(reductions, outputs, strict=True):
            if kind in EXTREMA:
                self.extremum(kind, result, output, index)
            elif kind == SUM and len(self.loops) == 1:
                self.compensated(result, output)
            elif kind == TABLE:
                self.line(f"v{result}[{index}] = {output.text}")
            elif kind == LOGSUMEXP:
                self.log_sum(result, output)
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

    def log_sum(self, result: int, output: OperandText) -> None:
        """Takes a term into its maximum `m3`, and `o3`: the others' exponentials, over its own."""
        new, greatest, others = self.named(f"t{result}", output), f"m{result}", f"o{result}"
        self.line(f"if {new} == {greatest}:")  # they may be infinite
        self.line(f"    {others} += 1.0")
        self.line(f"elif {new} > {greatest}:")
        self.line(f"    {others} = ({others} + 1.0)*exp_({greatest} - {new})")
        self.line(f"    {greatest} = {new}")
        self.line("else:")
        self.line(f"    {others} += exp_({new} - {greatest})")

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
        """Write the lines behind the loop and return the texts of its results."""
        results: list[OperandText] = []
        for number, (kind, result) in enumerate(reductions):
            results.append(OperandText(f"v{result}"))
            if kind == CARRY:
                self.line(f"v{result} = carried{len(self.loops) + 1}_{number}")
            elif kind in EXTREMA:
                results += [OperandText(f"v{result + 1}")]
                results += [OperandText(f"i{result + k}") for k in (2, 3)]
                self.indices.update((result + 2, result + 3))
                for one in {result + 2, result + 3} & self.numeric:
                    self.line(f"v{one} = float(i{one})")
            elif kind == SUM and not self.loops:
                self.line(f"v{result} = corrected_(v{result}, c{result})")
            elif kind == LOGSUMEXP:
                self.line(f"o{result} = log1p_(o{result})")
                self.line(f"v{result} = m{result} + o{result}")
                results.append(OperandText(f"v{result + 1}"))
                if self.uses[result + 1]:
                    self.line(f"v{result + 1} = m{result} - v{result} + o{result}")
        return results


def _plus(text: str, number: int) -> str:
    """The text of an integer, increased or decreased by 1."""
    found = re.fullmatch(r"(.*) ([+-]) (\d+)|(-?\d+)", text)
    if found is None:
        return f"{text} {'+' if number > 0 else '-'} 1"
    if found[4]:
        return str(int(found[4]) + number)
    constant = int(found[2] + found[3]) + number
    return f"{found[1]} {'+' if constant > 0 else '-'} {abs(constant)}" if constant else found[1]


def _zeros_text(count: int) -> list[str]:
    """The derivatives by `count` variables that nothing depends on."""
    return [f"*[0.0]*{count}"] if count > 1 else ["0.0"] * count


# -- arrays as lists that count from 1 -------------------------------------------------------------


def entries(point: Sequence[float], start: int, length: int, *lengths: int) -> list[Any]:
    """The array of these lengths that begins at `start` of the point, as lists that count from 1.

    The first entry of each list is not used.
    """
    if not lengths:
        return [None, *point[start : start + length]]
    step = prod(lengths)
    return [None, *(entries(point, start + k * step, *lengths) for k in range(length))]


def zeros(length: int, *lengths: int) -> list[Any]:
    """An array of zeros, as lists that count from 1."""
    return [None, *(zeros(*lengths) if lengths else 0.0 for _ in range(length))]


def sums(extent: range, *extents: range) -> dict[int, Any]:
    """A table of zeros over these ranges of subscripts."""
    return {k: sums(*extents) if extents else 0.0 for k in extent}


def flat(array: list[Any]) -> list[float]:
    """The entries of an array whose lists count from 1, row by row."""
    rows = array[1:]
    return (
        list(chain.from_iterable(map(flat, rows))) if rows and isinstance(rows[0], list) else rows
    )


def corrected(total: float, correction: float) -> float:
    """A sum with its correction; one that is not finite has none."""
    return total + correction if correction - correction == 0.0 else total


# -- what occurs in a tape -------------------------------------------------------------------------


def python_names(names: Iterable[str]) -> dict[str, str]:
    """Names of the language as Python can spell them, none of them twice."""
    import unicodedata
    from keyword import iskeyword

    found: dict[str, str] = {}
    taken = set(RESERVED_NAMES)
    for name in names:
        text = re.sub(r"\W", "_", unicodedata.normalize("NFKC", name))
        while text in taken or iskeyword(text) or re.fullmatch(GENERATED_NAME, text):
            text = f"a_{text}".rstrip("_")
        taken.add(text)
        found[name] = text
    return found


def arrays(body: Region, operation: str) -> list[str]:
    """The names of the arrays that are read (ELEMENT) or accumulated into (ACCUMULATE)."""
    found = (one.payload.array for one in instructions(body) if one.operation == operation)
    return [name for name in dict.fromkeys(found) if name]


def sizes(body: Region) -> list[str]:
    found: dict[str, None] = {}
    for one in instructions(body):
        payload = one.payload
        affine: tuple[Subscript, ...]
        if one.operation == opcode.SIZE:
            affine = (payload,)
        elif one.operation == opcode.LOOP:
            affine = (*payload.low, *payload.high)
        elif one.operation == opcode.ACCUMULATOR:
            affine = tuple([end for extent in payload.extents for ends in extent for end in ends])
        else:
            subscripted = (opcode.ELEMENT, opcode.ACCUMULATE, opcode.EARLIER)
            affine = payload.subscripts if one.operation in subscripted else ()
        found.update((name, None) for subscript in affine for name, _ in subscript.sizes)
    return list(found)


def uses(region: Region, made: dict[int, Region]) -> Iterable[int]:
    """Every use of a value; one from another region counts twice, so that it gets a name."""

    def of(values: Iterable[int]) -> Iterable[int]:
        for value in values:
            yield value
            if made[value] is not region:
                yield value

    for one in region.instructions:
        yield from of(one.operands)
        if one.operation == opcode.BRANCH or one.payload == "pow-integer":
            yield from one.operands  # written twice: once for each side, or a*a
        for inner in one.regions:
            yield from uses(inner, made)
        made.update(dict.fromkeys(one.results, region))
    yield from of(region.outputs)


def numeric(body: Region) -> set[int]:
    """The values that are used as numbers, not as subscripts or bounds alone."""
    found = set(body.outputs)
    for one in instructions(body):
        for inner in one.regions:
            found.update(inner.outputs)
        if one.operation in (opcode.APPLY, opcode.BRANCH):
            found.update(one.operands)
        elif one.operation == opcode.ACCUMULATE:
            found.add(one.operands[-1])
        elif one.operation == opcode.LOOP and (carries := one.payload.reductions.count(CARRY)):
            found.update(one.operands[-carries:])
    return found
