"""The units of parameters, read off the tape of a model.

Comes in: the Tape of one row, and what its columns and its output are measured in. Goes out: the
ParameterUnits of each parameter, as exponents: y/x^2 is y: 1, x: -2.

Every value of the tape has exponents that are linear in those of the parameters, and what is
computed with it gives linear equations: what is added has equal units, exp is of what has none and
has none. A literal number has none, but what is added to others has theirs: x - 1970 is measured
as x is. Where the equations contradict each other, as in y ~ a*cos(x/12), those are given up that
say most about the text and least about the world: first that exp, cos and the like take and give
what has no units, then that literals have none. What is left open, or contradicts itself even
then, is unknown.

With the data, each unit has a size too, the range of a column, and the same equations say how
large each parameter is expected to be.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from math import log10
from typing import TYPE_CHECKING

from gdcli.autodiff.tape import BRANCH, CONSTANT, LOAD, Instruction, Region, Tape
from gdcli.language.syntax import Decimal
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import FLOAT, FLOAT_CONSTANTS, to_float

if TYPE_CHECKING:
    from gdcli.fitting.model import RegressionModel

CONTRADICTION = 1e-6  # of an exponent
NEGLIGIBLE_COEFFICIENT = 1e-9
LOG_SIZE = ""  # the key of the logarithm of a size

# A sum of exponents times unknowns: an integer from 0 is the number of an unknown, first of those
# of the parameters; a name is a unit; LOG_SIZE is log10 of how large. Equations say that such a sum
# is 0; in them an integer below 0 is the number of an equation.
LinearForm = dict["int | str", float]

ALIKE = ("+", "-", "min", "max", "hypot", "unary-minus", "abs", "relu")  # the results and operands
POWERS = {"sqrt": 0.5, "cbrt": 1.0 / 3.0}
TERMS_DIFFER = "terms of different units are added"
POWER_FITTED = "a power that is fitted has no units of its own"


class ParameterUnits(NamedTuple):
    """The exponents of a parameter's units by unit; None, and the reason, where they are not known.

    `size` is how large the parameter is expected to be.
    """

    exponents: Mapping[str, float] | None
    reason: str = ""
    size: float = 1.0

    @property
    def words(self) -> str:
        """The units as one writes them: `y/x^2`, `1/x`, `none`, `unknown: ...`."""
        if self.exponents is None:
            return f"unknown: {self.reason}"
        above = [_power(unit, times) for unit, times in self.exponents.items() if times > 0.0]
        below = [_power(unit, -times) for unit, times in self.exponents.items() if times < 0.0]
        if not below:
            return "*".join(above) or "none"
        divisor = below[0] if len(below) == 1 else f"({'*'.join(below)})"
        return f"{'*'.join(above) or '1'}/{divisor}"


def _power(unit: str, times: float) -> str:
    if times == 1.0:
        return unit if re.fullmatch(r"\w+\^\w+", unit) else _wrapped(unit)
    if times == int(times):
        return f"{_wrapped(unit)}^{int(times)}"
    from fractions import Fraction

    return f"{_wrapped(unit)}^({Fraction(times).limit_denominator(1000)})"


def _wrapped(unit: str) -> str:
    return unit if re.fullmatch(r"\w+(\([^()]*\)|\[[^\]]*\])?", unit) else f"({unit})"


class _FittedPower(NamedTuple):
    """A power whose exponent is fitted: the forms of its result and of its base.

    `exponent` is a value of the tape, and `name` that of the parameter that it is, if it is one.
    """

    result: LinearForm
    base: LinearForm
    exponent: int
    name: str


def parameter_units(
    row: Tape,
    parameters: int,
    columns: Sequence[str],
    response: str,
    sizes: Mapping[int, float] | None = None,
    response_size: float = 1.0,
) -> list[ParameterUnits]:
    """The units of the first `parameters` inputs of `row`, a Tape without loops.

    `columns` are the units of its other inputs, and `response` is that of its output; an empty name
    stands for none. `sizes`
    gives the sizes of values that do not depend on parameters, by their number on the tape.
    """
    walk = _Walk(row, parameters, columns, sizes or {})
    [output] = row.body.outputs[:1]
    measured: LinearForm = {response: 1.0} if response else {}
    walk.alike([walk.form(output), {**measured, LOG_SIZE: log10(response_size)}])
    system = _Equations()
    contradictory = [system.add_level(level) for level in walk.levels]
    _add_powers(system, walk.powers)
    for one in walk.powers:
        base = system.reduced(one.base)
        units = {str(key): times for key, times in base.items() if key != LOG_SIZE}
        if one.name and not any(type(key) is int for key in base):
            name = f"{_wrapped(ParameterUnits(units).words)}^{one.name}"
            system.add_level([_plus(one.result, {name: 1.0}, -1.0)])
    found = [system.reduced({j: 1.0}) for j in range(parameters)]
    for one in walk.powers:  # to say how large parameters may be
        system.add_level([one.result])
        system.add_level([one.base])
    sized = [system.reduced({j: 1.0}).get(LOG_SIZE, 0.0) for j in range(parameters)]
    sizes_found = [10.0 ** max(-300.0, min(300.0, size)) for size in sized]
    names = row.inputs[:parameters]
    return [
        _described(j, found, names, bool(contradictory[0]), bool(walk.powers), sizes_found[j])
        for j in range(parameters)
    ]


def units_in_model(
    model: RegressionModel, measured: bool, labels: Container[str]
) -> list[ParameterUnits]:
    """The units of the parameters of a model, in those of its columns.

    What is predicted has the units of the response where that is `measured`, none where it is the
    log-odds or the logarithm of it; so has a column of `labels`.
    """
    p = model.layout.size
    columns = ["" if name in labels else name for name in model.right.components[p:]]
    response = str(model.left.expression).strip() if measured else ""
    return parameter_units(model.right.unrolled.tape, p, columns, response)


def _described(
    j: int,
    found: Sequence[LinearForm],
    names: Sequence[str],
    contradictory: bool,
    powers: bool,
    size: float,
) -> ParameterUnits:
    form = found[j]
    open_ = {key for key in form if type(key) is int}
    if not open_:
        units = {str(unit): round(times, 9) for unit, times in form.items() if unit != LOG_SIZE}
        return ParameterUnits(units, size=size)
    others = [names[k] for k, other in enumerate(found) if k != j and not open_.isdisjoint(other)]
    if contradictory:
        reason = TERMS_DIFFER
    elif others:
        reason = f"only together with {', '.join(others)}"
    elif powers:
        reason = POWER_FITTED
    else:
        reason = "the model says nothing of them"
    return ParameterUnits(None, reason, size)


def _add_powers(system: _Equations, powers: Sequence[_FittedPower]) -> None:
    """Adds what follows from one power being equal to another, or having no units.

    Its base is then equal to the other's, or has none, and the other way round.
    """
    nothing = _FittedPower({}, {}, -1, "")
    for _ in powers:  # each time round one more may follow
        for k, one in enumerate(powers):
            for other in (nothing, *powers[:k]):
                if other is not nothing and other.exponent != one.exponent:
                    continue
                results = _plus(one.result, other.result, -1.0)
                bases = _plus(one.base, other.base, -1.0)
                for known, follows in ((results, bases), (bases, results)):
                    if system.without_units(known):
                        system.add_level([follows])


class _Walk:
    """The walk over a tape: the LinearForm of each value, and the equations, in three levels.

    Level 0 holds for all quantities; level 1 says that literals have no units, and level 2 that
    functions such as exp take and give what has none.
    """

    def __init__(
        self, row: Tape, parameters: int, columns: Sequence[str], sizes: Mapping[int, float]
    ) -> None:
        self.parameters, self.columns, self.sizes = parameters, columns, sizes
        self.inputs, self.names = row.inputs, dict[int, str]()  # of values that are loaded
        self.forms: dict[int, LinearForm] = {}
        self.constants: dict[int, float] = {}
        self.literal_sizes: dict[int | str, float] = {}  # the logarithms, by unknown
        self.levels: tuple[list[LinearForm], ...] = ([], [], [])
        self.powers: list[_FittedPower] = []
        self.unknowns = parameters
        self.region(row.body)

    def region(self, region: Region) -> None:
        for instruction in region.instructions:
            for inner in instruction.regions:
                self.region(inner)
            self.instruction(instruction)

    def instruction(self, instruction: Instruction) -> None:
        operation, payload, operands, results = instruction[:4]
        if operation == CONSTANT:
            self.constants[results[0]] = constant_value(payload)
        elif operation == BRANCH:
            self.alike([self.form(operand) for operand in operands])
            sides = zip(*(inner.outputs for inner in instruction.regions), strict=True)
            for result, outputs in zip(results, sides, strict=True):
                forms = [self.form(output) for output in outputs]
                self.alike(forms)
                self.forms[result] = forms[0]
        elif operation == LOAD:
            column = payload - self.parameters
            made: LinearForm = {payload: 1.0}
            if column >= 0:
                made = {self.columns[column]: 1.0} if self.columns[column] else {}
            self.names[results[0]] = self.inputs[payload]
            self.define(results[0], made)
        elif all(operand in self.constants for operand in operands):
            self.constants[results[0]] = _constant(payload, [self.constants[k] for k in operands])
        else:
            self.define(results[0], self.applied(payload, operands))

    def define(self, result: int, form: LinearForm) -> None:
        if result in self.sizes:  # which literals in it are a part of
            literal = sum(self.literal_sizes.get(key, 0.0) * form[key] for key in form)
            form = {**form, LOG_SIZE: log10(self.sizes[result]) - literal}
        self.forms[result] = form

    def form(self, value: int) -> LinearForm:
        """The form of an operand; a literal has another unknown in each place."""
        if value not in self.constants:
            return self.forms[value]
        unknown, size = self.unknown(), abs(self.constants[value])
        self.literal_sizes[unknown] = log10(size) if size else 0.0
        self.levels[1].append({unknown: 1.0, LOG_SIZE: -self.literal_sizes[unknown]})
        return {unknown: 1.0}

    def unknown(self) -> int:
        self.unknowns += 1
        return self.unknowns - 1

    def alike(self, forms: Sequence[LinearForm]) -> None:
        """Says that all have the units of the first."""
        self.levels[0].extend(_plus(other, forms[0], -1.0) for other in forms[1:])

    def applied(self, primitive: str, operands: Sequence[int]) -> LinearForm:
        """The form of a primitive's result."""
        if primitive.startswith("pow-"):
            return self.power(*operands)
        forms = [self.form(operand) for operand in operands]
        if primitive in ALIKE:
            self.alike(forms)
            return forms[0]
        if primitive in ("*", "/"):
            return _plus(forms[0], forms[1], 1.0 if primitive == "*" else -1.0)
        if primitive in POWERS:
            return _plus({}, forms[0], POWERS[primitive])
        if primitive == "atan2":
            self.alike(forms)
        elif primitive != "sign":
            self.levels[2].extend(forms)
        return self.without_units()

    def without_units(self) -> LinearForm:
        result: LinearForm = {self.unknown(): 1.0}
        self.levels[2].append(result)
        return result

    def power(self, base: int, exponent: int) -> LinearForm:
        if exponent in self.constants:
            times = self.constants[exponent]
            return _plus({}, self.form(base), times)
        self.levels[2].append(self.form(exponent))
        if base in self.constants:
            return self.without_units()
        result: LinearForm = {self.unknown(): 1.0}
        name = self.names.get(exponent, "")
        self.powers.append(_FittedPower(result, self.form(base), exponent, name))
        return result


def constant_value(payload: Decimal | str) -> float:
    """The number that a CONSTANT of a tape is."""
    return to_float(payload) if isinstance(payload, Decimal) else FLOAT_CONSTANTS[payload]


def _constant(primitive: str, operands: Sequence[float]) -> float:
    try:
        return float(FLOAT.operations[primitive](*operands))
    except (ArithmeticError, ValueError):
        return 1.0


def _plus(form: LinearForm, other: LinearForm, times: float) -> LinearForm:
    """The form plus `times` the other, without what vanishes."""
    found = dict(form)
    for key, coefficient in other.items():
        found[key] = found.get(key, 0.0) + times * coefficient
        if abs(found[key]) < NEGLIGIBLE_COEFFICIENT:
            del found[key]
    return found


class _Equations:
    """Linear equations in reduced echelon form: by unknown, the form that it is equal to."""

    def __init__(self, solved: Mapping[int, LinearForm] | None = None) -> None:
        self.solved = dict(solved or {})

    def reduced(self, form: LinearForm) -> LinearForm:
        """The form without the unknowns that are solved for."""
        found = dict(form)
        for key in form:
            if key in self.solved:
                found = _plus(found, {**self.solved[key], key: -1.0}, form[key])
        return found

    def without_units(self, form: LinearForm) -> bool:
        """Whether it follows that the form has no units."""
        return not any(type(key) is int or key for key in self.reduced(form))

    def add(self, equation: LinearForm) -> LinearForm | None:
        """Adds an equation; what is left of one that has no unknown left."""
        left = self.reduced(equation)
        unknown = min((key for key in left if type(key) is int and key >= 0), default=None)
        if unknown is None:
            return left
        pivot = left.pop(unknown)
        solution = _plus({}, left, -1.0 / pivot)
        for other, form in self.solved.items():
            if unknown in form:
                times = form.pop(unknown)
                self.solved[other] = _plus(form, solution, times)
        self.solved[unknown] = solution
        return None

    def add_level(self, equations: Sequence[LinearForm]) -> set[int]:
        """Adds the equations but for those that contradict others; the places of these.

        An equation that depends on others contradicts all of them where it does not agree.
        """
        trial = _Equations({key: dict(form) for key, form in self.solved.items()})
        suspects: set[int] = set()
        for place, equation in enumerate(equations):
            left = trial.add({**equation, -1 - place: 1.0})
            units = (abs(left[key]) for key in left if type(key) is str and key) if left else ()
            if left and max(units, default=0.0) > CONTRADICTION:
                suspects |= {-1 - key for key in left if type(key) is int}
        for place, equation in enumerate(equations):
            if place not in suspects:
                self.add(equation)
        return suspects
