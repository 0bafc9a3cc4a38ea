"""Combinations of parameters: what a model makes of its parameters before columns come in.

Comes in: the Tape of one row. Goes out: texts such as `a*(b + c)`, with the parameters of each. The
model is a function of their values and the columns alone, so that other parameters with the same
values of these give the same predictions. Sums and products are gathered by what columns they have:
`a*b*x + c*x` has a*b + c, `exp(b*x + c)` has exp(c) and b.
"""

from __future__ import annotations

from collections.abc import Sequence

from gdcli.autodiff.tape import APPLY, CONSTANT, LOAD, Instruction, Tape
from gdcli.fitting.structure import dependencies
from gdcli.named_tuples import NamedTuple

INJECTIVE = ("sqrt", "exp", "log", "tanh", "sinh", "atan", "asinh")
SUM_LEVEL, PRODUCT_LEVEL, WHOLE_LEVEL = range(3)  # how tightly a text hangs together


class Combination(NamedTuple):
    """The text of an expression of parameters and numbers, and the parameters, bit k for place k.

    `inner` is that of an expression which determines it, and which it determines.
    """

    text: str
    parameters: int
    level: int = WHOLE_LEVEL
    inner: str = ""

    def within(self, level: int) -> str:
        """The text, in brackets where it hangs together less tightly than `level`."""
        return self.text if self.level >= level else f"({self.text})"


NO_COMBINATION = Combination("1", 0)
Parts = dict[str, Combination]  # a sum over texts of columns of those, each times its combination


def combinations_of(row: Tape, names: Sequence[str]) -> list[Combination]:
    """The combinations of the parameters `names`, the first inputs of the row."""
    return _Reader(row, names).combinations()


class _Reader:
    """The reading of a Tape, value by value; `inside` are the combinations within functions."""

    def __init__(self, row: Tape, names: Sequence[str]) -> None:
        self.row, self.names, self.reached = row, names, dependencies(row)
        self.inside: dict[str, Combination] = {}
        self.known: dict[int, Parts] = {}

    def combinations(self) -> list[Combination]:
        """All combinations, those within functions first."""
        for one in self.row.body.instructions:
            for place, result in enumerate(one.results):
                self.known[result] = self.parts(one) if not place else self.opaque(one)
        self.keep(self.known[self.row.body.outputs[0]])
        return [*self.inside.values()]

    def keep(self, parts: Parts) -> None:
        """Adds the combinations of the parts to those found."""
        for one in parts.values():
            if one.parameters:
                text = one.inner or (one.text.removeprefix("-") if one.level else one.text)
                self.inside[text] = Combination(text, one.parameters)

    def parts(self, one: Instruction) -> Parts:
        """The parts of the value that an instruction gives."""
        if one.operation == LOAD:
            k = one.payload
            if k < len(self.names):
                return {"": Combination(self.names[k], 1 << k)}
            return {self.row.inputs[k]: NO_COMBINATION}
        if one.operation == CONSTANT and not getattr(one.payload, "coefficient", 1):
            return {}  # 0 times what may be
        if one.operation == CONSTANT:
            return {"": Combination(str(one.payload), 0)}
        if one.operation != APPLY or not 1 <= len(one.operands) <= 2:
            return self.opaque(one)
        found = [self.known[operand] for operand in one.operands]
        if one.payload in ("+", "-"):
            return _sum(found[0], found[1], one.payload)
        if one.payload == "unary-minus":
            return _sum({}, found[0], "-")
        if one.payload in ("*", "/"):
            product = _product(found[0], found[1], one.payload)
            return {self.atom(one.payload, found): NO_COMBINATION} if product is None else product
        if all([*parts] == [""] for parts in found):
            return {"": _applied(one.payload, [parts[""] for parts in found])}
        if one.payload == "exp" and found[0].get("", NO_COMBINATION).parameters:
            rest = {key: part for key, part in found[0].items() if key}
            return {self.atom("exp", [rest]): _applied("exp", [found[0][""]])}
        return {self.atom(one.payload, found): NO_COMBINATION}

    def atom(self, name: str, operands: Sequence[Parts]) -> str:
        """The text of a function of parts that have columns."""
        for parts in operands:
            self.keep(parts)
        inner = (" + ".join(f"({c.text})*{key}" for key, c in one.items()) for one in operands)
        return f"{name}({'; '.join(inner)})"

    def opaque(self, one: Instruction) -> Parts:
        """The parts of a value of which no more is known than what it depends on."""
        reached = self.reached[one.results[0]]
        for k, name in enumerate(self.names):
            if reached >> k & 1:
                self.inside[name] = Combination(name, 1 << k)
        return {f"value {one.results[0]}": NO_COMBINATION}


def _applied(name: str, operands: Sequence[Combination]) -> Combination:
    """A function of combinations."""
    parameters = 0
    for one in operands:
        parameters |= one.parameters
    if name.startswith("pow"):
        return Combination(
            "^".join(one.within(WHOLE_LEVEL) for one in operands), parameters, PRODUCT_LEVEL
        )
    inner = operands[0].text if name in INJECTIVE else ""
    text = f"{name}({', '.join(one.text for one in operands)})"
    return Combination(text, parameters, inner=inner)


def _sum(first: Parts, second: Parts, sign: str) -> Parts:
    """The sum or the difference of parts."""
    found = dict(first)
    for key, one in second.items():
        before = found.get(key)
        text = one.within(PRODUCT_LEVEL) if sign == "-" else one.text
        if before is None:
            negative = Combination(f"-{text}", one.parameters, PRODUCT_LEVEL, one.text)
            found[key] = negative if sign == "-" else one
        elif key or (before.parameters and one.parameters):
            joined = f"{before.text} {sign} {text}".replace("+ -", "- ")
            found[key] = Combination(joined, before.parameters | one.parameters, SUM_LEVEL)
        elif one.parameters:  # a number that is added says nothing
            found[key] = Combination(f"-{text}" if sign == "-" else text, one.parameters, SUM_LEVEL)
    return found


def _product(first: Parts, second: Parts, sign: str) -> Parts | None:
    """The product or the quotient; None where both are sums, or the divisor is one."""
    if len(second) != 1 and (sign == "/" or len(first) != 1):
        return None
    return {
        _of_columns(key, column, sign): _times(one, factor, sign)
        for key, one in first.items()
        for column, factor in second.items()
    }


def _of_columns(first: str, second: str, sign: str) -> str:
    if not second:
        return first
    if sign == "/":
        return f"{first or '1'}/({second})"
    return "*".join(sorted([first, second])) if first else second


def _times(one: Combination, factor: Combination, sign: str) -> Combination:
    if factor is NO_COMBINATION or (one is NO_COMBINATION and sign == "*"):
        return one if factor is NO_COMBINATION else factor
    parameters = one.parameters | factor.parameters
    behind = factor.within(PRODUCT_LEVEL if sign == "*" else WHOLE_LEVEL)
    return Combination(f"{one.within(PRODUCT_LEVEL)}{sign}{behind}", parameters, PRODUCT_LEVEL)
