"""The primitives of the table as LLVM instructions and calls of the C library.

Comes in: operands, with lanes or without. Goes out: the operand of the result. Formulas are those
of `numbers/floats.py`, operation by operation, so that without lanes the bits are the same. A test
says that there is one entry for each row of the table.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from gdcli.autodiff.passes.infinities import LARGE_NUMERATOR
from gdcli.execute.native.code import LLVM_ONE, LLVM_ZERO, Code, Operand, number
from gdcli.numbers.floats import GAMMA_FUNCTIONS

OVERFLOW_SCALE = 2.0**512 / LARGE_NUMERATOR * 2.0**512  # times a large numerator it is infinite
LLVM_TWO, NAN = number(2.0), number(math.nan)

# How many arguments each function of the C library takes.
LIBRARY_ARITIES = {
    **dict.fromkeys(("exp", "expm1", "log", "log1p", "log2", "log10", "cbrt", "sin", "cos"), 1),
    **dict.fromkeys(("tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh"), 1),
    **dict.fromkeys(("acosh", "atanh", "erf", "erfc"), 1),
    **dict.fromkeys(("pow", "atan2", "hypot"), 2),
}


class Primitives:
    """Writes primitives into one function's code; `called` collects the functions it calls."""

    def __init__(self, code: Code, called: set[tuple[str, bool]]) -> None:
        self.code = code
        self.called = called

    def apply(self, name: str, operands: list[Operand], hint: str) -> Operand:
        """The result of a primitive that is no ARITHMETIC."""
        if name in LIBRARY_ARITIES:
            return self.call(name, *operands, hint=hint)
        if name in GAMMA_FUNCTIONS:
            *orders, a = operands  # an order is a constant, and has a function of its own
            return self.call(".".join([name, *(order.text for order in orders)]), a, hint=hint)
        made = COMPOSED_PRIMITIVES[name](self, *operands)
        return self.code.renamed(made, hint)

    def call(self, name: str, *operands: Operand, hint: str = "t") -> Operand:
        """The result of a function that the text defines or the C library has."""
        first, *_ = alike = self.code.alike(*operands)
        self.called.add((name, first.lanes))
        given = ", ".join([operand.typed for operand in alike])
        function, mark = (f"{name}.lanes", "") if first.lanes else (name, " nobuiltin")
        text = f"call {first.type} @{function}({given}){mark}"
        return self.code.set(text, "double", first.lanes, hint)

    def one(self, intrinsic: str, a: Operand) -> Operand:
        """The result of an intrinsic for which the processor has an exact instruction."""
        suffix = "v8f64" if a.lanes else "f64"
        return self.code.set(f"call {a.type} @llvm.{intrinsic}.{suffix}({a.typed})", lanes=a.lanes)

    def negative(self, a: Operand) -> Operand:
        """-a: only the sign bit changes."""
        return self.code.set(f"fneg {a.typed}", lanes=a.lanes)

    def absolute(self, a: Operand) -> Operand:
        return self.one("fabs", a)

    def square_root(self, a: Operand) -> Operand:
        """√a, correctly rounded."""
        return self.one("sqrt", a)

    def power(self, a: Operand, b: Operand) -> Operand:
        """a^b: a·a for the exponent 2, else the library's power."""
        if b.text == LLVM_TWO.text:
            return self.code.two("fmul", a, a)
        return self.call("pow", a, b)

    def general_power(self, a: Operand, b: Operand) -> Operand:
        """a^b by the library, but nan at nan^0 and 1^nan."""
        power = self.call("pow", a, b)
        return self.code.select(self.code.compare("uno", a, b), NAN, power)

    def if_defined(self, a: Operand, b: Operand) -> Operand:
        """a, but nan where b is infinite or nan."""
        difference = self.code.two("fsub", b, b)
        return self.code.select(self.code.compare("uno", difference, difference), NAN, a)

    def if_finite(self, a: Operand) -> Operand:
        """a, but nan where it is infinite."""
        return self.code.two("fsub", a, self.code.two("fsub", a, a))

    def sign(self, a: Operand) -> Operand:
        """The sign of a, -1 or 1; a itself where it is 0 or nan."""
        code = self.code
        suffix = "v8f64" if a.lanes else "f64"
        unit = code.broadcast(LLVM_ONE) if a.lanes else LLVM_ONE
        text = f"call {a.type} @llvm.copysign.{suffix}({unit.typed}, {a.typed})"
        return code.select(code.compare("one", a, LLVM_ZERO), code.set(text, lanes=a.lanes), a)

    def least(self, *values: Operand) -> Operand:
        """The least value, nan where one is nan."""
        return self.extremum("olt", values)

    def greatest(self, *values: Operand) -> Operand:
        """The greatest value, nan where one is nan."""
        return self.extremum("ogt", values)

    def extremum(self, better: str, values: tuple[Operand, ...]) -> Operand:
        """The first of the values that none is better than."""
        code, best = self.code, values[0]
        for value in values[1:]:
            best = code.select(code.compare(better, value, best), value, best)
        for value in values:
            best = code.select(code.compare("uno", value, value), NAN, best)
        return best

    def tie_count(self, y: Operand, *values: Operand) -> Operand:
        code, count = self.code, LLVM_ZERO
        for value in values:
            count = code.two(
                "fadd", count, code.select(code.compare("oeq", value, y), LLVM_ONE, LLVM_ZERO)
            )
        return count

    def small(self, a: Operand) -> Operand:
        """exp(-|a|), which never overflows."""
        return self.call("exp", self.negative(self.absolute(a)))

    def if_negligible(self, b: Operand, a: Operand) -> Operand:
        """b, but nan where it is infinite and the numerator a is large: scaled it is infinite."""
        code = self.code
        scaled = code.two("fmul", self.absolute(a), number(OVERFLOW_SCALE))
        difference = code.two("fsub", self.absolute(b), scaled)
        return code.select(code.compare("uno", difference, difference), NAN, b)

    def sigmoid(self, a: Operand) -> Operand:
        """1/(1 + exp(-a))."""
        code, small = self.code, self.small(a)
        numerator = code.select(code.compare("oge", a, LLVM_ZERO), LLVM_ONE, small)
        return code.two("fdiv", numerator, code.two("fadd", LLVM_ONE, small))

    def tanh_slope(self, a: Operand) -> Operand:
        """1/cosh(a)^2."""
        code, small = self.code, self.small(self.code.two("fadd", a, a))
        below = code.two("fadd", LLVM_ONE, small)
        above = code.two("fmul", number(4.0), small)
        return code.two("fdiv", above, code.two("fmul", below, below))

    def softplus(self, a: Operand) -> Operand:
        """log(1 + exp(a))."""
        code = self.code
        positive = code.select(code.compare("ogt", a, LLVM_ZERO), a, LLVM_ZERO)
        return code.two("fadd", positive, self.call("log1p", self.small(a)))

    def log_cosh(self, a: Operand) -> Operand:
        """log(cosh(a)): log1p(2·sinh(|a|/2)²) near 0, |a| - log(2) elsewhere."""
        code, size = self.code, self.absolute(a)
        near = code.compare("olt", size, number(30.0))
        half = code.two("fdiv", code.select(near, size, LLVM_ZERO), LLVM_TWO)
        square = self.call("pow", self.call("sinh", half), LLVM_TWO)
        small = self.call("log1p", code.two("fmul", LLVM_TWO, square))
        return code.select(near, small, code.two("fsub", size, number(math.log(2.0))))

    def rectified(self, a: Operand) -> Operand:
        """max(a, 0)."""
        return self.code.select(self.code.compare("ole", a, LLVM_ZERO), LLVM_ZERO, a)

    def log_add_exp(self, a: Operand, b: Operand) -> Operand:
        """log(exp(a) + exp(b))."""
        code = self.code
        greater = code.select(code.compare("ogt", b, a), b, a)
        small = self.call("log1p", self.small(code.two("fsub", a, b)))
        apart = code.two("fadd", greater, small)
        equal = code.two("fadd", a, number(math.log(2.0)))
        return code.select(code.compare("oeq", a, b), equal, apart)

    def log_sum_exp(self, *values: Operand) -> Operand:
        """log Σ exp of the values."""
        greatest, others = values[0], LLVM_ZERO
        for value in values[1:]:
            greatest, others = self.log_sum_joined(greatest, others, value, LLVM_ZERO)
        return self.code.two("fadd", greatest, self.call("log1p", others))

    def log_sum_joined(
        self, greatest: Operand, others: Operand, term: Operand, of_term: Operand
    ) -> tuple[Operand, Operand]:
        """The greatest term of two sums, and what is beside it; equal ones may be infinite."""
        code = self.code
        better = code.compare("ogt", term, greatest)
        high, low = code.select(better, term, greatest), code.select(better, greatest, term)
        large, small = code.select(better, of_term, others), code.select(better, others, of_term)
        scale = self.call("exp", code.two("fsub", low, high))
        scale = code.select(code.compare("oeq", low, high), LLVM_ONE, scale)
        scaled = code.two("fmul", code.two("fadd", small, LLVM_ONE), scale)
        return high, code.two("fadd", large, scaled)


ARITHMETIC = {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv"}
COMPOSED_PRIMITIVES: dict[str, Callable[..., Operand]] = {
    "unary-minus": Primitives.negative,
    "pow-integer": Primitives.power,
    "pow-general": Primitives.general_power,
    "sqrt": Primitives.square_root,
    "abs": Primitives.absolute,
    "sign": Primitives.sign,
    "min": Primitives.least,
    "max": Primitives.greatest,
    "logcosh": Primitives.log_cosh,
    "sigmoid": Primitives.sigmoid,
    "tanh-slope": Primitives.tanh_slope,
    "softplus": Primitives.softplus,
    "relu": Primitives.rectified,
    "logaddexp": Primitives.log_add_exp,
    "logsumexp": Primitives.log_sum_exp,
    "tie-count": Primitives.tie_count,
    "if-defined": Primitives.if_defined,
    "if-finite": Primitives.if_finite,
    "if-negligible": Primitives.if_negligible,
}
