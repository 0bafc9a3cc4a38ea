"""The few rewrites that keep digits and the range of floats: Tape to Tape, before differentiation.

Comes in: the tape of a value as the text says. Goes out: a tape of the same function whose steps
neither overflow nor cancel where the function itself does not, and what was rewritten, by name and
place. For floats only: exact, precise, complex, symbolic and difference methods take the tape as
it is written. No other rewrite may change a result.
"""

from __future__ import annotations

from collections.abc import Callable

from gdcli.autodiff import exact
from gdcli.autodiff.builder import Builder, Copy
from gdcli.autodiff.chain import negative
from gdcli.autodiff.lower import exact_value
from gdcli.autodiff.tables import resolved
from gdcli.autodiff.tape import (
    APPLY,
    CONSTANT,
    ELEMENT,
    LOGSUMEXP,
    LOOP,
    MAX,
    SUM,
    Instruction,
    Region,
    Tape,
    index_of,
    is_of_table,
    subscript_operands,
)
from gdcli.language.syntax import Decimal
from gdcli.named_tuples import NamedTuple

HALF = Decimal(5, -1)
SQUARE_OPERATIONS = ("pow-integer", "*")
# Where each rule's primitive has a sum, and what makes a term of it.
SUM_PATTERNS: dict[str, tuple[int, tuple[str, ...]]] = {
    **{"sqrt": (0, SQUARE_OPERATIONS), "/": (1, ("exp",)), "log": (0, ("exp", "+"))},
    "-": (0, ()),
}


class Rewrite(NamedTuple):
    """A rewrite that was made: a name, `log(cosh(a)) -> logcosh(a)`, and the node replaced."""

    name: str
    origin: int


class Rewritten(NamedTuple):
    """A tape with the rewrites that made it."""

    tape: Tape
    rewrites: tuple[Rewrite, ...]


def rewrite(tape: Tape) -> Rewritten:
    if not _may_apply(tape):
        return Rewritten(tape, ())
    builder = Builder(tape.inputs, tape.arrays)
    made: list[Rewrite] = []

    def apply(primitive: str, operands: list[int]) -> int:
        origin = builder.origin
        for name, rule in RULES.get(primitive, ()):
            found = rule(builder, operands)
            if found is not None:
                made.append(Rewrite(name, origin))
                return found
        return builder.apply(primitive, *operands)

    numbers = builder.extend(tape, apply)
    if not made:
        return Rewritten(tape, ())
    return Rewritten(builder.tape([numbers[output] for output in tape.body.outputs]), tuple(made))


def _may_apply(tape: Tape) -> bool:
    """Whether a rule may apply, by a quick look: most tapes hold none of the rules' patterns."""
    made: dict[int, Instruction] = {}

    def walk(region: Region) -> bool:
        for instruction in region.instructions:
            if any(walk(inner) for inner in instruction.regions) or fits(instruction):
                return True
            for result in instruction.results:
                made[result] = instruction
        return False

    def fits(instruction: Instruction) -> bool:
        if instruction.payload == "pow-general":  # an exponent that is no decimal may be 1/2
            exponent = made[instruction.operands[1]]
            return exponent.operation != CONSTANT or exponent.payload == HALF
        if instruction.payload not in SUM_PATTERNS:
            return False
        place, payloads = SUM_PATTERNS[instruction.payload]
        inner = made[instruction.operands[place]]
        if inner.operation == LOOP:
            kinds = inner.payload.reductions
            return bool(instruction.payload == "log" or LOGSUMEXP in kinds)
        if instruction.payload == "-":
            return bool(inner.payload == LOGSUMEXP)
        terms = inner.operands if inner.payload == "+" else ()
        return inner.payload == "cosh" or any(made[term].payload in payloads for term in terms)

    return walk(tape.body)


def _applied(builder: Builder, value: int, primitive: str) -> tuple[int, ...] | None:
    """The operands of `value`, where it is that primitive's."""
    made = builder.defined[value]
    return made.operands if made.operation == APPLY and made.payload == primitive else None


def _is(builder: Builder, value: int, number: Decimal) -> bool:
    return bool(builder.defined[value].payload == number)


def _root_of_square(builder: Builder, value: int) -> int | None:
    """a, where `value` is a^2 or a*a."""
    power = _applied(builder, value, "pow-integer")
    if power is not None:
        return power[0] if _is(builder, power[1], exact.TWO) else None
    product = _applied(builder, value, "*")
    return product[0] if product is not None and product[0] == product[1] else None


def _hypot(builder: Builder, operands: list[int]) -> int | None:
    if len(operands) == 2 and exact_value(builder, operands[1]) != HALF:
        return None
    roots = [_root_of_square(builder, term) for term in _applied(builder, operands[0], "+") or ()]
    if not roots or None in roots:
        return None
    return builder.apply("hypot", *(root for root in roots if root is not None))


def _exponents(builder: Builder, value: int) -> list[int] | None:
    """a, b, ... where `value` is exp(a) + exp(b) + ...; None for every other sum."""
    found: list[int] = []
    pending = [value]
    while pending:
        term = pending.pop()
        exponent = _applied(builder, term, "exp")
        if exponent is not None:
            found.append(exponent[0])
            continue
        terms = _applied(builder, term, "+")
        if terms is None:
            return None
        pending += reversed(terms)
    return found


def _logaddexp(builder: Builder, operands: list[int]) -> int | None:
    if _applied(builder, operands[0], "+") is None:
        return None
    exponents = _exponents(builder, operands[0])
    if exponents is None:
        return None
    first, *others = exponents
    for other in others:
        first = builder.apply("logaddexp", first, other)
    return first


def _log_sum_exp(builder: Builder, operands: list[int]) -> int | None:
    """m + log(Σ exp(a - m)) with m the greatest a, where the sum is a loop of exp(a)."""
    loop = builder.defined[operands[0]]
    if loop.operation != LOOP or loop.payload.reductions != (SUM,):
        return None
    exponent = _applied(builder, loop.regions[0].outputs[0], "exp")
    if exponent is None:
        return None

    (a,) = exponent
    greatest = _reduced(builder, loop, MAX, a, lambda a: a)
    total = _reduced(
        builder, loop, SUM, a, lambda a: builder.apply("exp", builder.apply("-", a, greatest))
    )
    return builder.apply("+", greatest, builder.apply("log", total))


def _reduced(
    builder: Builder, loop: Instruction, kind: str, value: int, term: Callable[[int], int]
) -> int:
    """A loop over the same range, which reduces `term` of a value of the body."""
    numbers = list(range(builder.size))
    copy = Copy(builder, numbers)
    copy.open(loop.regions[0], loop.payload, loop.operands)
    copy.region(loop.regions[0])
    return builder.close_loop([kind], [term(numbers[value])])[0]


def _log_share(builder: Builder, operands: list[int]) -> int | None:
    """logsumexp(a - b) for logsumexp(a) - b, where b is one of the a."""
    whole, one = operands
    terms = _applied(builder, whole, LOGSUMEXP)
    if terms is not None and one in terms:
        zero = builder.constant(exact.ZERO)
        differences = [zero if term == one else builder.apply("-", term, one) for term in terms]
        return builder.apply(LOGSUMEXP, *differences)
    loop = builder.defined[whole]
    if loop.operation != LOOP or loop.payload.reductions != (LOGSUMEXP,):
        return None
    (term,) = loop.regions[0].outputs
    if not _is_term(builder, one, term, index_of(loop)):
        return None
    origin = builder.origin

    def apart(a: int) -> int:
        builder.origin = origin
        return builder.apply("-", a, one)

    return _reduced(builder, loop, LOGSUMEXP, term, apart)


def _is_term(builder: Builder, value: int, term: int, index: int) -> bool:
    """Whether a value is a term of a loop for some value of its index."""
    if value == term or term == index:
        return True
    made, pattern = builder.defined[value], builder.defined[term]
    if made.operation != pattern.operation or pattern.operation not in (APPLY, ELEMENT):
        return False
    if pattern.operation == APPLY:
        pairs = zip(made.operands, pattern.operands, strict=False)
        same = made.payload == pattern.payload and len(made.operands) == len(pattern.operands)
        return same and all(_is_term(builder, one, other, index) for one, other in pairs)
    if made.payload.array != pattern.payload.array:
        return False
    if is_of_table(pattern) and made.operands[0] != pattern.operands[0]:
        return False
    indices, places = subscript_operands(made), subscript_operands(pattern)
    return all(
        resolved(one, indices) == resolved(other, places)
        or any(k and v == index for v, k in zip(places, other.coefficients, strict=False))
        for one, other in zip(made.payload.subscripts, pattern.payload.subscripts, strict=True)
    )


def _one_plus_exp(builder: Builder, value: int) -> int | None:
    """a, where `value` is 1 + exp(a) in either order."""
    terms = _applied(builder, value, "+") or ()
    for one, other in (terms, terms[::-1]) if terms else ():
        exponent = _applied(builder, other, "exp")
        if exponent is not None and _is(builder, one, exact.ONE):
            return exponent[0]
    return None


def _softplus(builder: Builder, operands: list[int]) -> int | None:
    exponent = _one_plus_exp(builder, operands[0])
    return None if exponent is None else builder.apply("softplus", exponent)


def _sigmoid(builder: Builder, operands: list[int]) -> int | None:
    exponent = _one_plus_exp(builder, operands[1])
    if exponent is None or not _is(builder, operands[0], exact.ONE):
        return None
    argument = _opposite(builder, exponent)
    return builder.apply("sigmoid", argument)


def _opposite(builder: Builder, value: int) -> int:
    """-value, without a second minus sign where `value` is a product that begins with one."""
    product = _applied(builder, value, "*")
    if product is not None and _applied(builder, product[0], "unary-minus") is not None:
        return builder.apply("*", builder.defined[product[0]].operands[0], product[1])
    opposite = negative(builder, value)
    assert opposite is not None
    return opposite


def _logcosh(builder: Builder, operands: list[int]) -> int | None:
    argument = _applied(builder, operands[0], "cosh")
    return None if argument is None else builder.apply("logcosh", argument[0])


Rule = Callable[[Builder, list[int]], "int | None"]
RULES: dict[str, tuple[tuple[str, Rule], ...]] = {
    "sqrt": (("sqrt(a^2 + b^2) -> hypot(a, b)", _hypot),),
    "pow-general": (("(a^2 + b^2)^0.5 -> hypot(a, b)", _hypot),),
    "/": (("1/(1 + exp(-a)) -> sigmoid(a)", _sigmoid),),
    "-": (("logsumexp(a) - b -> logsumexp(a - b), b one of the a", _log_share),),
    "log": (
        ("log(1 + exp(a)) -> softplus(a)", _softplus),
        ("log(exp(a) + exp(b)) -> logaddexp(a, b)", _logaddexp),
        ("log(sum(exp(a))) -> m + log(sum(exp(a - m))), m the greatest a", _log_sum_exp),
        ("log(cosh(a)) -> logcosh(a)", _logcosh),
    ),
}
