"""exp, cosh and tanh of eight lanes as LLVM instructions.

Comes in: an operand with lanes. Goes out: the operand of the result, right to a few units in the
last place. exp(x) = 2^k·exp(r) with |r| ≤ ln(2)/2 (Cody and Waite, Software Manual for the
Elementary Functions, 1980); exp(r) is a polynomial of degree 11, fitted at Chebyshev points with an
error of 1.3e-17. tanh is a quotient of exponentials, near 0 its continued fraction (Lambert, 1761).
"""

from __future__ import annotations

import math
from collections.abc import Callable

from gdcli.execute.native.code import (
    LANES,
    LLVM_ONE,
    LLVM_ZERO,
    ZEROS,
    Code,
    Operand,
    number,
    type_of,
)

EXP_POLYNOMIAL = (  # of (exp(r) - 1 - r)/r^2, the highest power first
    *(2.5100424157005067e-08, 2.7620138719733994e-07, 2.7557268378684192e-06),
    *(2.480152119021773e-05, 1.9841269863105968e-04, 1.3888888917281794e-03),
    *(8.333333333330051e-03, 4.166666666662399e-02, 1.6666666666666669e-01, 0.5),
)
LOG2_E = number(1.4426950408889634)
LN2_HIGH, LN2_LOW = number(0.6931471805592082), number(7.371002565167799e-13)  # 40 bits, the rest
ROUNDING_SHIFT = number(1.5 * 2.0**52)  # a number plus it has the nearest integer in its last bits
LLVM_HALF = number(0.5)
USUAL_EXPONENT = number(708.0)  # up to it exp(x) and exp(-x) are normal numbers
SCALE = "@llvm.x86.avx512.mask.scalef.pd.512"
FRACTION_LIMIT = number(0.55)  # below it tanh is its continued fraction
TANH_NUMERATOR = (1.0, 990.0, 135135.0, 4729725.0, 34459425.0)
TANH_DENOMINATOR = (45.0, 13860.0, 945945.0, 16216200.0, 34459425.0)


class Exponentials:
    """Writes exp, cosh and tanh into one function.

    `fused` allows fused multiply-adds, `scales` the instruction of AVX-512 that multiplies by 2^k.
    """

    def __init__(self, code: Code, *, fused: bool, scales: bool = False) -> None:
        self.code = code
        self.fused = fused
        self.scales = scales

    def exp(self, x: Operand) -> Operand:
        """exp(x), rounded once where it falls to 0 or grows to infinity."""
        code = self.code
        if self.scales:
            k, grown = self.reduced(self.limited("ogt", self.limited("olt", x, -1000.0), 1000.0))
            return self.scaled(grown, k)
        k, grown = self.reduced(x)
        shifted = self.add_product(x, LOG2_E, ROUNDING_SHIFT)
        usual = self.from_bits(code.two("add", self.bits(grown), self.exponent(shifted)))
        near = code.compare("ole", self.size(x), USUAL_EXPONENT)
        mask = code.set(f"bitcast {near.typed} to i8", "integer")
        rare, done, before = code.name("rare"), code.name("done"), code.block
        code.split(code.set(f"icmp eq i8 {mask.text}, -1", "truth"), done, rare)
        code.start(rare)  # 2^k is a product of two, the first of which is exact
        k = self.limited("ogt", self.limited("olt", k, -1500.0), 1500.0)
        first = self.add_product(k, LLVM_HALF, ROUNDING_SHIFT)
        rest = code.two("fsub", k, code.two("fsub", first, ROUNDING_SHIFT))
        once = code.two("fmul", grown, self.power_of_two(first))
        far = self.scaled(once, rest)
        far = code.select(code.compare("ogt", x, number(1000.0)), number(math.inf), far)
        far = code.select(code.compare("olt", x, number(-1000.0)), LLVM_ZERO, far)
        code.jump(done)
        code.start(done)
        return code.phi([(usual, before), (far, rare)])

    def cosh(self, x: Operand) -> Operand:
        """(exp(|x|) + exp(-|x|))/2, infinite from 711 on."""
        code = self.code
        k, grown = self.reduced(self.limited("ogt", self.size(x), 711.0))
        power = self.power_of_two(code.two("fadd", k, number(1.5 * 2.0**52 - 2.0)))
        half = code.two("fmul", code.two("fadd", grown, grown), power)
        return code.two("fadd", half, code.two("fdiv", number(0.25), half))

    def tanh(self, x: Operand) -> Operand:
        """(1 - exp(-2|x|))/(1 + exp(-2|x|)) with the sign of x; exp(-80) counts for nothing."""
        code, size = self.code, self.size(x)
        twice = code.two("fmul", number(-2.0), size)
        k, grown = self.reduced(self.limited("olt", twice, -80.0))
        small = self.scaled(grown, k)
        square = code.two("fmul", x, x)
        near = code.compare("olt", size, FRACTION_LIMIT)
        fraction = code.two("fmul", size, self.polynomial(square, TANH_NUMERATOR))
        above = code.select(near, fraction, code.two("fsub", LLVM_ONE, small))
        below = self.polynomial(square, TANH_DENOMINATOR)
        below = code.select(near, below, code.two("fadd", LLVM_ONE, small))
        quotient = code.two("fdiv", above, below)
        suffix = f"v{LANES}f64"
        given = f"{quotient.typed}, {x.typed}"
        return code.set(f"call {x.type} @llvm.copysign.{suffix}({given})", lanes=True)

    # -- pieces -----------------------------------------------------------------------------

    def limited(self, beyond: str, x: Operand, limit: float) -> Operand:
        """The limit where x is beyond it, else x; nan stays nan."""
        end = number(limit)
        return self.code.select(self.code.compare(beyond, x, end), end, x)

    def reduced(self, x: Operand) -> tuple[Operand, Operand]:
        """k and exp(r) with exp(x) = 2^k·exp(r)."""
        code = self.code
        k = code.two("fsub", self.add_product(x, LOG2_E, ROUNDING_SHIFT), ROUNDING_SHIFT)
        down = code.set(f"fneg {k.typed}", lanes=True)
        r = self.add_product(down, LN2_LOW, self.add_product(down, LN2_HIGH, x))
        square = code.two("fmul", r, r)
        rest = self.add_product(square, self.polynomial(r, EXP_POLYNOMIAL), r)
        return k, code.two("fadd", LLVM_ONE, rest)

    def size(self, x: Operand) -> Operand:
        """|x|."""
        return self.code.set(f"call {x.type} @llvm.fabs.v{LANES}f64({x.typed})", lanes=True)

    def add_product(self, a: Operand, b: Operand, c: Operand) -> Operand:
        code = self.code
        if not self.fused:
            return code.two("fadd", code.two("fmul", a, b), c)
        a, b, c = (code.broadcast(one) for one in (a, b, c))
        given = f"{a.typed}, {b.typed}, {c.typed}"
        return code.set(f"call {a.type} @llvm.fma.v{LANES}f64({given})", lanes=True)

    def polynomial(self, x: Operand, coefficients: tuple[float, ...]) -> Operand:
        """The polynomial at x, by pairs of terms (Estrin, 1960): few steps wait for others."""
        terms = [number(coefficient) for coefficient in reversed(coefficients)]
        while len(terms) > 1:
            odd = terms[1::2]
            paired = [self.add_product(x, b, a) for a, b in zip(terms[::2], odd, strict=False)]
            terms = [*paired, *terms[len(paired) * 2 :]]
            x = self.code.two("fmul", x, x)
        return terms[0]

    def scaled(self, x: Operand, k: Operand) -> Operand:
        """x·2^k, in one instruction for any k, else for an integer k from -1022 to 1023."""
        code = self.code
        if self.scales:
            given = f"{x.typed}, {k.typed}, {ZEROS.typed}, i8 -1, i32 4"  # all lanes; rounds as set
            return code.set(f"call {x.type} {SCALE}({given})", lanes=True)
        return code.two("fmul", x, self.power_of_two(code.two("fadd", k, ROUNDING_SHIFT)))

    def power_of_two(self, shifted: Operand) -> Operand:
        """2^k for an integer k of at most 1023 to which ROUNDING_SHIFT was added."""
        one = Operand(str(0x3FF << 52), "integer")
        return self.from_bits(self.code.two("add", self.exponent(shifted), one))

    def exponent(self, shifted: Operand) -> Operand:
        """The bits of k where an exponent stands; added to a number's they multiply it by 2^k."""
        return self.code.two("shl", self.bits(shifted), Operand("52", "integer"))

    def bits(self, x: Operand) -> Operand:
        whole = type_of("integer", True)
        return self.code.set(f"bitcast {x.typed} to {whole}", "integer", True)

    def from_bits(self, x: Operand) -> Operand:
        return self.code.set(f"bitcast {x.typed} to {type_of('double', True)}", lanes=True)


VECTOR_EXPONENTIALS: dict[str, Callable[[Exponentials, Operand], Operand]] = {
    "exp": Exponentials.exp,
    "cosh": Exponentials.cosh,
    "tanh": Exponentials.tanh,
}


def definition(name: str, head: str, *, fused: bool, scales: bool = False) -> str:
    """The text of the function of that name for eight lanes; `head` is its first line."""
    code = Code()
    writer = Exponentials(code, fused=fused, scales=scales)
    result = VECTOR_EXPONENTIALS[name](writer, Operand("%a", "double", True))
    code.line(f"ret {result.typed}")
    return code.text(head)
