"""The bounded pass in floats as a tape: a filter that says at which points floats are good enough.

Comes in: a tape of scalars and its gradient tape. Goes out: `error_bound(tapes)`, a Tape of the
value and the derivatives, by the same instructions, and last of their `excess`: where it is below
0, the bounded pass (`bounded_pass.py`) in floats is certain, touches no kink and finds every number
right to 10 digits, so that `answer` answers with these very floats and no note but of rewrites.
Where it is not below 0, or is nan, nothing is said.

The tape computes beside each value a bound E on its error that is at least B, that of the bounded
pass, by induction over the instructions. B = S·(r + p): p is what the operands' errors can do,
r what the instruction rounds, S = 1 + 2^-20. Here E = S²·(r' + p'). p' is one of the formulas
below, at least that of `error_propagation.py` as real numbers at all errors, and not decreasing in
them, so p'(E) >= p(B). r' >= r: where the bounded pass computes the rounding of a sum, a product or
a quotient exactly, half a unit in the last place is taken. The second S covers what the two
formulas round, some tens of units of 2^-53. For underflow both add some units of the smallest
float, neither where operands are exact or a factor is 0, as on the lines of a grid. What is
infinite or nan has the error inf or nan, and so has all that is made of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial, isfinite

from gdcli.autodiff import exact
from gdcli.autodiff.builder import Builder
from gdcli.autodiff.chain import active
from gdcli.autodiff.lower import lower_formula
from gdcli.autodiff.primitives import PRIMITIVES
from gdcli.autodiff.tape import BRANCH, CONSTANT, LOAD, Instruction, Region, Tape
from gdcli.language.syntax import Decimal, read_decimal
from gdcli.nonsmooth.answer import FLOAT_TOLERANCE, LEAST_ERROR
from gdcli.nonsmooth.bounded_pass import Tapes
from gdcli.numbers.bounded import (
    ERROR_ULPS,
    EXACT_AT_ZERO,
    EXACT_PRIMITIVES,
    SAFETY_FACTOR,
    SMALLEST_SUBNORMAL,
    FloatRounding,
)
from gdcli.numbers.floats import EPSILON

# What the errors u of a and v of b do to y, as far as it is below inf. relu(t) as a divisor makes
# it inf where t is not above 0. The inequalities by which they are bounds, with 0 <= t < 1:
# e^t - 1 <= t/(1 - t), tan(t) <= t/(1 - t), -log(1 - t) <= t/(1 - t), log(1 + t) <= t,
# cosh(a + t) <= (|sinh(a)| + 1)*e^t, 1/cosh(a)^2 <= 4*exp(-2|a|), hypot(a, b) <= |a| + |b|.
NEAREST = "relu(abs(a) - u)"  # the least that |a| may be
NO_OVERFLOW = f"0*{NEAREST}^2"  # nan where the square is infinite: the bounded pass gives up there
NOT_LARGE = "0*(1e9*y)"  # nan where y is among the largest floats: it gives up there too
ERROR_FORMULAS = {
    "+": "u + v",
    "-": "u + v",
    "*": "abs(a)*v + abs(b)*u + u*v",
    "/": "(u + abs(y)*v)/relu(abs(b) - v)",
    "unary-minus": "u",
    "expm1": "abs(y + 1)*u/relu(1 - u)",
    "log": "u/relu(a - u)",
    "log1p": "u/relu(1 + a - u)",
    "log2": "u/relu(a - u)*1.5",  # 1/log(2) < 1.45
    "log10": "u/relu(a - u)*0.5",  # 1/log(10) < 0.44
    "sqrt": "2*u/y",  # sqrt(a + u) <= 2u/sqrt(a) where u >= a, and less than half of it elsewhere
    "cbrt": "abs(y)*(u/relu(abs(a) - 2*u))",
    "sin": "u",
    "cos": "u",
    "tan": "u*(1 + y^2)/relu(1 - u)/relu(1 - abs(y)*(u/relu(1 - u)))",
    "asin": "u/sqrt(relu(1 - abs(a) - u))",
    "acos": "u/sqrt(relu(1 - abs(a) - u))",
    "atan": f"u/(1 + {NEAREST}^2) + {NO_OVERFLOW}",
    "atan2": "1.6*(u + v)/relu(hypot(a, b) - (u + v))",
    "sinh": f"(abs(y) + 1)*u/relu(1 - u) + {NOT_LARGE}",
    "cosh": f"y*u/relu(1 - u) + {NOT_LARGE}",
    "tanh": f"4*u*exp(-1.9999*{NEAREST})",
    "asinh": f"u/max(1, {NEAREST})",
    "acosh": "u/sqrt(relu(a - 1 - u)*(relu(a - 1 - u) + 2))",
    "atanh": "u/relu(1 - abs(a) - u)",
    "abs": "u",
    "sign": "ifelse(abs(a) > u, 0, 1/0)",
    "hypot": "u + v",
    "erf": f"1.13*u*exp(-0.9999*{NEAREST}^2) + {NO_OVERFLOW}",
    "erfc": f"1.13*u*exp(-0.9999*{NEAREST}^2) + {NO_OVERFLOW}",
    "lgamma": "u*(1/relu(a - u) + 0.58 + log1p(abs(a) + u))",  # only right of the poles
    "digamma": "u*(1/relu(a - u)^2 + 1/relu(a - u))",
    "polygamma": "v*gamma(a + 2)*(relu(b - v)^(-a - 2) + relu(b - v)^(-a - 1)/(a + 1))",
    "sigmoid": f"u*exp(-min({NEAREST}, 700))",
    "tanh-slope": f"8*u*exp(-1.9999*{NEAREST})",
    "softplus": "u*exp(min(a + u, 0))",
    "logcosh": "u*min(1, abs(a) + u)",
    "relu": "ifelse(a + u > 0, u, 0)",
    "logaddexp": "max(u, v)",
    "if-defined": "u + 0*v",  # inf where nothing is known of b
}
# Of the others y moves by its t-th part at most, or rather by t/(1 - t) of it.
SMALLEST = repr(SMALLEST_SUBNORMAL)
RELATIVE_ERROR_FORMULAS = {
    "exp": "u",
    "gamma": "u*(1/relu(a - u) + 0.58 + log1p(abs(a) + u))",
    "pow-integer": f"abs(b)*u/max(abs(a) - u, {SMALLEST})",
    "pow-general": "abs(b)*(u/relu(a - u)) + v*(abs(log(a)) + u/relu(a - u))",
}
OF_RELATIVE_ERROR = "abs(y)*t/relu(1 - t)"
SQUARE_FORMULA = "2*u*(2*abs(a) + u)"
EXACT_EXPONENT_FORMULA = "abs(b)*(u/relu(abs(a) - u))"  # of pow-general where v is 0
# The size of what is rounded, where terms inside may cancel; |y| of the others.
ROUNDED_SIZE_FORMULAS = {
    "logaddexp": "max(abs(a), abs(b)) + 1",
    "lgamma": "abs(y) + ifelse(a < 0, 2*(abs(a)*log1p(abs(a)) + 1), 0)",
    "digamma": "abs(y) + ifelse(a < 0, 2*(log1p(abs(a)) + 1), 0)",
}
SAFETY = SAFETY_FACTOR * SAFETY_FACTOR
# How many of the first operands make the rounding 0 where they are 0, beside EXACT_AT_ZERO.
EXACT_AT_ZERO_OPERANDS = {"*": 2, "/": 1, "pow-integer": 1}
ROUNDED_HALVES = ("+", "-", "*", "/")  # the primitives that round to half a unit


def error_bound(tapes: Tapes) -> Tape:
    """The Tape of the value, the derivatives, and last their excess."""
    return BoundedTape(tapes).tape()


class BoundedTape:
    """A copy of a gradient tape with a bound on the error of each value beside it."""

    def __init__(self, tapes: Tapes) -> None:
        self.copied = tapes.gradient
        self.values = tapes.value.size  # how many of the first are the value's own
        self.moving = active(tapes.value)  # what the point does not move has no kink
        self.numbers = [0] * tapes.gradient.size
        self.builder = Builder(tapes.gradient.inputs)
        self.number = self.builder.constant
        self.rounding = FloatRounding()

    def tape(self) -> Tape:
        excesses = self.region(self.copied.body)
        outputs = [self.numbers[output] for output in self.copied.body.outputs]
        for output in dict.fromkeys(outputs):
            if (error := self.error(output)) is not None:
                least = f"max({FLOAT_TOLERANCE!r}*abs(y), {LEAST_ERROR!r})"
                excesses.append(self.formula(f"u - {least}", y=output, u=error))
        return self.builder.tape([*outputs, self.worst(excesses)])

    def worst(self, excesses: Sequence[int]) -> int:
        """The greatest of the numbers, -1 where there are none."""
        different = [*dict.fromkeys(excesses)]
        if len(different) > 1:
            return self.builder.apply("max", *different)
        return different[0] if different else self.number(exact.MINUS_ONE)

    def formula(self, text: str, **known: int) -> int:
        return lower_formula(self.builder, text, known)

    # -- instructions -------------------------------------------------------------------------

    def region(self, region: Region) -> list[int]:
        """The numbers that are below 0 where the values of a region, which it copies, are taken."""
        excesses: list[int] = []
        for instruction in region.instructions:
            operands = [self.numbers[operand] for operand in instruction.operands]
            if instruction.operation == BRANCH:
                excesses += self.branch(instruction, operands)
                continue
            if instruction.operation == CONSTANT:
                made = self.number(instruction.payload)
            elif instruction.operation == LOAD:
                made = self.builder.load(instruction.payload)
            else:
                made = self.builder.apply(instruction.payload, *operands)
                excesses += self.kinks(instruction, operands, made)
            self.numbers[instruction.results[0]] = made
            self.error(made)  # at once, for else it takes a call in a call for each operand
        return excesses

    def branch(self, instruction: Instruction, operands: list[int]) -> list[int]:
        """Copies a branch, which hands out the errors and the excess of the side taken too."""
        builder = self.builder
        found = self.side_is_known(instruction, operands)
        builder.branch(instruction.payload, *operands)
        first = self.side(instruction.regions[0])
        builder.otherwise()
        second = self.side(instruction.regions[1])
        count, zero = len(instruction.results), self.number(exact.ZERO)
        exactly = [one is other is None for one, other in zip(first, second, strict=True)]
        handed = [[zero if one is None else one for one in side] for side in (first, second)]
        made = builder.close(*handed)
        for place, result in enumerate(instruction.results):
            self.numbers[result] = made[place]
            self.know(made[place], None if exactly[count + place] else made[count + place])
        return [*found, made[-1]]

    def side(self, region: Region) -> list[int | None]:
        """The values that a region hands out, their errors, and its excess."""
        excess = self.worst(self.region(region))
        values = [self.numbers[output] for output in region.outputs]
        return [*values, *map(self.error, values), excess]

    # -- kinks --------------------------------------------------------------------------------

    def side_is_known(self, instruction: Instruction, operands: list[int]) -> list[int]:
        """The numbers that are below 0 where it is sure which side of a branch is taken."""
        if self.meets(instruction):
            return [self.reaching(self.builder.apply("-", *operands))]
        errors = [error for error in map(self.error, operands) if error is not None]
        return [self.formula("0*u - 1", u=error) for error in errors]  # nan where nothing is known

    def meets(self, instruction: Instruction) -> bool:
        """Whether an instruction is the value's own, and moves with the point."""
        first = (instruction.results or (self.values,))[0]
        return first < self.values and not self.moving.isdisjoint(instruction.operands)

    def reaching(self, distance: int) -> int:
        """How far the error of a distance reaches beyond 0."""
        error, size = self.error(distance), self.builder.apply("abs", distance)
        if error is None:
            return self.builder.apply("unary-minus", size)
        return self.builder.apply("-", error, size)

    def kinks(self, instruction: Instruction, operands: list[int], y: int) -> list[int]:
        """The numbers that are below 0 where an instruction has no kink within the errors."""
        name = instruction.payload
        if name == "atan2":  # whose value jumps: by its error alone that would not be seen
            across = self.formula("ifelse(b > v, -1, u - abs(a))", **self.known(operands, y))
            return [self.reaching(self.builder.apply("hypot", *operands)), across]
        if not self.meets(instruction):
            return []
        if name in ("max", "min"):
            return self.ties([*dict.fromkeys(operands)], y)
        row = PRIMITIVES[name]
        if not row.kink:
            return []
        known = dict(zip((*row.arguments, "y"), (*operands, y), strict=True))
        return [self.reaching(self.formula(row.kink, **known))]

    def ties(self, operands: list[int], y: int) -> list[int]:
        """The numbers that are below 0 where one operand alone may be the extremum y."""
        if len(operands) == 1:
            return []
        if len(operands) == 2:
            return [self.reaching(self.builder.apply("-", *operands))]
        own, errors = self.error_of_extremum(operands, y)
        count = self.builder.apply("tie-count", y, *operands)
        found = [self.formula("t - 1.5", t=count)]
        for operand, error in zip(operands, errors, strict=True):
            distance = self.builder.apply("abs", self.builder.apply("-", operand, y))
            reach = self.formula("(u + v + r*d)*s - d", u=error, v=own, d=distance, **self.units)
            found.append(self.formula("ifelse(a == y, -1, r)", a=operand, y=y, r=reach))
        return found

    # -- errors -------------------------------------------------------------------------------

    def error(self, value: int) -> int | None:
        """The bound on the error of a value of the builder, None where that is 0."""
        found = self.builder.known(("error", value))
        if found is None:
            return self.know(value, self.made(self.builder.defined[value], value))
        return None if found < 0 else found

    def know(self, value: int, error: int | None) -> int | None:
        self.builder.know(("error", value), -1 if error is None else error)
        return error

    def made(self, instruction: Instruction, y: int) -> int | None:
        if instruction.operation == LOAD:
            return None
        if instruction.operation == CONSTANT:
            return self.of_constant(instruction.payload)
        name, operands = instruction.payload, list(instruction.operands)
        errors = [error for error in map(self.error, operands) if error is not None]
        terms = []
        if errors:
            terms += [self.moved(name, operands, y)]
            terms += [self.unless_zero(self.rounding.underflow, [self.worst(errors)])]
        if name not in EXACT_PRIMITIVES:
            terms += [self.rounded(name, operands, y)]
        if name not in ("+", "-", *EXACT_PRIMITIVES):
            factors = operands[: EXACT_AT_ZERO_OPERANDS.get(name, name in EXACT_AT_ZERO)]
            terms += [self.unless_zero(4.0 * SMALLEST_SUBNORMAL, factors)]
        if not terms:
            return None
        total = terms[0]
        for term in terms[1:]:
            total = self.builder.apply("+", total, term)
        return self.builder.apply("*", total, self.float(SAFETY))

    def unless_zero(self, smallest: float, numbers: Sequence[int]) -> int:
        """Some units of the smallest float, 0 where one of the numbers is 0."""
        found = self.float(smallest)
        for number in numbers:
            found = self.formula("ifelse(a == 0, 0, s)", a=number, s=found)
        return found

    def of_constant(self, payload: Decimal | str) -> int | None:
        system = self.rounding.system
        if isinstance(payload, Decimal):
            error = self.rounding.decimal(system.decimal(payload), payload)
        else:
            error = self.rounding.constant(system.constants[payload])
        return self.float(error) if error else None

    def moved(self, name: str, operands: list[int], y: int) -> int:
        """What the errors of the operands do to y."""
        errors = list(map(self.error, operands))
        if name == "logsumexp":
            return self.worst([error for error in errors if error is not None])
        if name == "tie-count":  # whether values tie is a question of kinks
            return self.worst([self.formula("0*u", u=u) for u in errors if u is not None])
        if name in ("max", "min"):
            own, each = self.error_of_extremum(operands, y)
            near = "ifelse(abs(a - y) <= 2*(u + v), u, 0)"
            pairs = zip(operands, each, strict=True)
            return self.worst([self.formula(near, a=a, y=y, u=error, v=own) for a, error in pairs])
        known = self.known(operands, y)
        if name in ("+", "-") and None in errors:
            return known["v" if errors[0] is None else "u"]
        if name == "*" and None in errors:
            return self.formula("abs(a)*v" if errors[0] is None else "abs(b)*u", **known)
        if name == "/" and errors[1] is None:
            return self.formula("u/abs(b)", **known)
        if name == "pow-integer" and self.builder.defined[operands[1]].payload == exact.TWO:
            return self.formula(SQUARE_FORMULA, **known)
        if name not in RELATIVE_ERROR_FORMULAS:
            return self.formula(ERROR_FORMULAS[name], **known)
        relative = RELATIVE_ERROR_FORMULAS[name]
        if name == "pow-general" and errors[1] is None:
            relative = EXACT_EXPONENT_FORMULA
        known["t"] = self.formula(relative, **known)
        return self.formula(OF_RELATIVE_ERROR, **known)

    def known(self, operands: list[int], y: int) -> dict[str, int]:
        """The names of the formulas: operands a and b with their errors u and v, and y."""
        names = dict(zip("ab", operands, strict=False))
        errors = dict(zip("uv", map(self.or_zero, operands), strict=False))
        return {**names, **errors, "y": y}

    def or_zero(self, value: int) -> int:
        """The bound on the error of a value, the constant 0 where it is exact."""
        error = self.error(value)
        return self.number(exact.ZERO) if error is None else error

    def error_of_extremum(self, operands: list[int], y: int) -> tuple[int, list[int]]:
        """The error of the operands that equal y, and that of each operand."""
        errors = list(map(self.or_zero, operands))
        own = [
            self.formula("ifelse(a == y, u, 0)", a=operand, y=y, u=error)
            for operand, error in zip(operands, errors, strict=True)
        ]
        return self.worst(own), errors

    def rounded(self, name: str, operands: list[int], y: int) -> int:
        """What an instruction rounds, but for some units of the smallest float."""
        known = self.known(operands, y)
        ulps = 0.5 if name in ROUNDED_HALVES else ERROR_ULPS.get(name, 4.0)
        size = "abs(y)"
        if name == "logsumexp":
            sizes = [self.builder.apply("abs", operand) for operand in operands]
            known["g"], known["n"] = self.worst(sizes), self.float(2.0 + len(operands))
            size = "g + n"
        elif name == "polygamma":
            order = int(exact.integer(self.builder.defined[operands[0]].payload) or 0)
            known["g"] = self.float(float(factorial(order)) * 2.0 ** (order + 4.0))
            known["n"] = self.float(1.0 + order / 4.0)
            size = "n*(abs(y) + ifelse(b < 0, g, 0))"
        elif name in ROUNDED_SIZE_FORMULAS:
            size = ROUNDED_SIZE_FORMULAS[name]
        return self.builder.apply("*", self.float(ulps * EPSILON), self.formula(size, **known))

    @property
    def units(self) -> dict[str, int]:
        """The rounding of a sum, over its size, and the factor of safety."""
        return {"r": self.float(EPSILON / 2.0), "s": self.float(SAFETY)}

    def float(self, number: float) -> int:
        """The constant that is this float, which is not negative."""
        decimal = read_decimal(repr(number)) if isfinite(number) else None
        return self.formula("1/0") if decimal is None else self.number(decimal)
