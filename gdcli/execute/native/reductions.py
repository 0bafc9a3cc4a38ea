"""Reductions: what a loop yields, how a term changes their states, how states are joined.

A state is a list of operands. A sum in an outermost loop has two, the total and what rounding has
lost of it (Neumaier's compensated sum); any other sum or product has one; a maximum or minimum has
its value, how many terms tie, and the first and last index of them; a carry has its value; the
logarithm of a sum of exponentials has the greatest term, and the others over its exponential.

Source: Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen, ZAMM 54
(1974) 39.
"""

from __future__ import annotations

import math

from gdcli.autodiff.tape import CARRY, EXTREMA, LOGSUMEXP, MAX, PRODUCT, SUM, TABLE
from gdcli.execute.native.code import LANES, LLVM_ONE, LLVM_ZERO, Code, Operand, number
from gdcli.execute.native.operations import Primitives

State = list[Operand]


class Reduction:
    """One reduction of a loop: a sum, product, maximum, minimum or carry."""

    def __init__(self, code: Code, kind: str, *, compensated: bool = False) -> None:
        self.code = code
        self.kind = kind
        self.compensated = compensated and kind == SUM
        self.width = self.width_of(kind, compensated=compensated)

    @staticmethod
    def width_of(kind: str, *, compensated: bool) -> int:
        """How many operands the state of a reduction has."""
        if kind == TABLE:
            return 0
        if kind == LOGSUMEXP:
            return 2
        return 4 if kind in EXTREMA else 1 + (compensated and kind == SUM)

    def initial(self, low: Operand) -> State:
        """The state before the first iteration; a carry's is an operand of its loop."""
        if self.kind == SUM:
            return [LLVM_ZERO] * self.width
        if self.kind == PRODUCT:
            return [LLVM_ONE]
        worst = number(-math.inf if self.kind == MAX else math.inf)
        return [worst, LLVM_ZERO, low, low]

    def step(self, state: State, term: Operand, index: Operand) -> State:
        """The state after one more term."""
        if self.compensated:
            return self.neumaier(state, term)
        if self.kind in (SUM, PRODUCT):
            return [self.code.two("fadd" if self.kind == SUM else "fmul", state[0], term)]
        if self.kind == CARRY:
            return [term]
        return self.joined(state, [term, LLVM_ONE, index, index])

    def neumaier(self, state: State, term: Operand) -> State:
        """The state of a compensated sum after one more term."""
        code, (total, lost) = self.code, state
        after = code.two("fadd", total, term)
        sizes = [code.set(f"call double @llvm.fabs.f64({one.typed})") for one in (total, term)]
        larger = code.compare("oge", *sizes)
        great, small = code.select(larger, total, term), code.select(larger, term, total)
        error = code.two("fadd", code.two("fsub", great, after), small)
        return [after, code.two("fadd", lost, error)]

    def joined(self, state: State, other: State) -> State:
        """The state of two ranges, one after the other; each lane is joined by itself."""
        code = self.code
        if self.kind == CARRY:
            return other
        if self.compensated:
            total, lost = self.neumaier(state, other[0])
            return [total, code.two("fadd", lost, other[1]) if len(other) > 1 else lost]
        if self.kind in (SUM, PRODUCT):
            return [code.two("fadd" if self.kind == SUM else "fmul", state[0], other[0])]
        value, ties, first, last = state
        term, others, first_other, last_other = other
        better = code.compare("ogt" if self.kind == MAX else "olt", term, value)
        better = code.two("or", better, code.compare("uno", term, term))
        equal = code.compare("oeq", term, value)
        both = code.two("fadd", ties, others)
        return [
            code.select(better, term, value),
            code.select(better, others, code.select(equal, both, ties)),
            code.select(better, first_other, first),
            code.select(code.two("or", better, equal), last_other, last),
        ]

    def across(self, state: State) -> State:
        """The state of all lanes together; sums and products join them in fixed pairs."""
        code = self.code
        if self.kind in (SUM, PRODUCT):
            name = "total" if self.kind == SUM else "whole"
            return [code.set(f"call double @{name}({state[0].typed})")]
        lanes = [
            [code.set(f"extractelement {one.typed}, i64 {lane}", one.kind) for one in state]
            for lane in range(LANES)
        ]
        whole = lanes[0]
        for lane in lanes[1:]:
            whole = self.in_any_order(whole, lane)
        return whole

    def in_any_order(self, state: State, other: State) -> State:
        """The state of two lanes, whose indices alternate."""
        code = self.code
        value, ties, first, last = self.joined(state, other)
        equal = code.compare("oeq", other[0], state[0])
        # A lane without a term has the first index of the loop and counts for nothing.
        least = code.select(code.compare("slt", state[2], other[2]), state[2], other[2])
        greatest = code.select(code.compare("sgt", state[3], other[3]), state[3], other[3])
        ours, theirs = (code.compare("uno", one, one) for one in (state[0], other[0]))
        later = code.two("and", ours, theirs)
        first = code.select(equal, least, code.select(later, greatest, first))
        last = code.select(equal, greatest, code.select(later, greatest, last))
        return [value, ties, first, last]

    def result(self, state: State) -> list[Operand]:
        """The loop's results for a state; a sum that is infinite stays so, whatever was lost."""
        if not self.compensated:
            return state
        code, (total, lost) = self.code, state
        size = code.set(f"call double @llvm.fabs.f64({lost.typed})")
        finite = code.compare("olt", size, number(math.inf))
        return [code.select(finite, code.two("fadd", total, lost), total)]


class LogSum(Reduction):
    """The logarithm of a sum of exponentials, none of which overflows."""

    def __init__(self, primitives: Primitives) -> None:
        super().__init__(primitives.code, LOGSUMEXP)
        self.primitives = primitives

    def initial(self, low: Operand) -> State:  # noqa: ARG002
        return [number(-math.inf), LLVM_ZERO]

    def step(self, state: State, term: Operand, index: Operand) -> State:  # noqa: ARG002
        return self.joined(state, [term, LLVM_ZERO])

    def joined(self, state: State, other: State) -> State:
        return [*self.primitives.log_sum_joined(*state, *other)]

    def in_any_order(self, state: State, other: State) -> State:
        return self.joined(state, other)

    def result(self, state: State) -> list[Operand]:
        code, (greatest, others) = self.code, state
        of_others = self.primitives.call("log1p", others)
        y = code.two("fadd", greatest, of_others)
        return [y, code.two("fadd", code.two("fsub", greatest, y), of_others)]


def flat(states: list[State]) -> State:
    """The operands of several states in order."""
    return [operand for state in states for operand in state]


def cut(reductions: list[Reduction], operands: State) -> list[State]:
    """The states whose operands `flat` has put in order."""
    states, place = [], 0
    for reduction in reductions:
        states.append(operands[place : place + reduction.width])
        place += reduction.width
    return states
