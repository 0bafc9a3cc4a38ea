"""A sum divided into separable blocks: terms that share a variable stand in one block.

Comes in: a Tape without loops, and values of it that are singled out. Goes out: the terms that
depend on none of those as one block, and the others in as many blocks as share no variable; the
blocks add up to the tape's output. Each is a Tape of its own over the inputs that it has, whose
names say nothing, so that terms that do the same are equal tapes. The cost grows with the length
of the tape, not with that times the number of blocks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from gdcli.autodiff.builder import Builder, Copy
from gdcli.autodiff.chain import active
from gdcli.autodiff.regions import free_values
from gdcli.autodiff.tape import APPLY, LOAD, Instruction, Region, Tape, instructions
from gdcli.named_tuples import NamedTuple

SCALING_OPERATIONS = ("*", "/")


class SeparableBlock(NamedTuple):
    """The sum of some terms; `inputs` are the numbers that its inputs have in the whole tape."""

    tape: Tape
    inputs: list[int]


class Term(NamedTuple):
    """A term of the sum: `root`, negated or scaled by each of `wraps`, the outermost first."""

    root: int
    wraps: tuple[tuple[str, int | None], ...]


class Separation(NamedTuple):
    """The terms that depend on no singled-out value, None where all do, and the other terms."""

    rest: SeparableBlock | None
    blocks: list[SeparableBlock]


def separate(tape: Tape, singled_out: Iterable[int]) -> Separation:
    """The blocks of a tape's output; values inside branches may be singled out too."""
    return _Sum(tape).separation(set(singled_out))


class _Sum:
    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.steps = tape.body.instructions
        self.maker: dict[int, int] = {}  # by value: the place of the outermost step that makes it
        self.used_by_step: list[list[int]] = []  # by place: the values that the step takes
        for place, step in enumerate(self.steps):
            made = [step, *(one for region in step.regions for one in instructions(region))]
            self.maker.update((value, place) for one in made for value in one.results)
            inner = (value for region in step.regions for value in free_values(region))
            self.used_by_step.append([*step.operands, *inner])
        self.moving = active(tape)

    def separation(self, singled_out: set[int]) -> Separation:
        marked = {self.maker[value] for value in singled_out}
        for place, values in enumerate(self.used_by_step):
            if any(self.maker[value] in marked for value in values):
                marked.add(place)
        blocks: list[Term] = []
        rest: list[Term] = []
        for term in self.terms():
            (blocks if self.maker[term.root] in marked else rest).append(term)
        groups = [self.block(group) for group in self.grouped(blocks)]
        return Separation(self.block(rest) if rest else None, groups)

    def terms(self) -> Iterator[Term]:
        """The terms of the output; a sum that is used elsewhere too is one term."""
        uses = Counter(value for values in self.used_by_step for value in values)
        pending = [Term(self.tape.body.outputs[0], ())]
        while pending:
            root, wraps = pending.pop()
            step = self.steps[self.maker[root]]
            operands = step.operands
            if step.operation != APPLY or uses[root] > 1:
                yield Term(root, wraps)
            elif step.payload in ("+", "-"):
                sign = wraps if step.payload == "+" else (*wraps, ("unary-minus", None))
                pending += [Term(operands[1], sign), Term(operands[0], wraps)]
            elif step.payload == "unary-minus":
                pending.append(Term(operands[0], (*wraps, ("unary-minus", None))))
            elif step.payload in SCALING_OPERATIONS and (factor := self.factor(step)) is not None:
                (scaled,) = set(operands) - {factor}
                pending.append(Term(scaled, (*wraps, (step.payload, factor))))
            else:
                yield Term(root, wraps)

    def factor(self, step: Instruction) -> int | None:
        """The operand of a product or quotient that no input moves, where the other is moved."""
        left, right = step.operands
        if (left in self.moving) == (right in self.moving):
            return None
        if left in self.moving:
            return right
        return left if step.payload == "*" else None

    def grouped(self, terms: list[Term]) -> list[list[Term]]:
        """Groups of terms: those that share a moving value stand together."""
        groups = list(range(len(terms)))  # by term, a term of the same group
        owner: dict[int, int] = {}  # by place of a step, the term that came to it first

        def group(number: int) -> int:
            while groups[number] != number:
                groups[number] = number = groups[groups[number]]
            return number

        for number, term in enumerate(terms):
            pending = [self.maker[term.root]]
            while pending:
                place = pending.pop()
                if place in owner:
                    groups[group(number)] = group(owner[place])
                    continue
                owner[place] = number
                pending += [self.maker[v] for v in self.used_by_step[place] if v in self.moving]
        found: dict[int, list[Term]] = {}
        for number, term in enumerate(terms):
            found.setdefault(group(number), []).append(term)
        return list(found.values())

    def block(self, terms: list[Term]) -> SeparableBlock:
        factors = [by for term in terms for _, by in term.wraps if by is not None]
        pending = [self.maker[value] for value in (*factors, *(term.root for term in terms))]
        needed: set[int] = set()
        while pending:
            place = pending.pop()
            if place not in needed:
                needed.add(place)
                pending += [self.maker[value] for value in self.used_by_step[place]]
        steps = [self.steps[place] for place in sorted(needed)]
        inputs = sorted(step.payload for step in steps if step.operation == LOAD)
        own = {number: place for place, number in enumerate(inputs)}
        builder = Builder([str(number) for number in range(1, len(inputs) + 1)])
        numbers = [0] * self.tape.size
        renamed = [s._replace(payload=own[s.payload]) if s.operation == LOAD else s for s in steps]
        Copy(builder, numbers).region(Region(tuple(renamed), ()))
        total: int | None = None
        for root, wraps in terms:
            value = numbers[root]
            for name, by in reversed(wraps):
                value = builder.apply(name, value, *([] if by is None else [numbers[by]]))
            total = value if total is None else builder.apply("+", total, value)
        assert total is not None, "a block has a term"
        return SeparableBlock(builder.tape([total]), inputs)
