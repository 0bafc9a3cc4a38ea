"""Whether an infimum is attained: whether f has a least value in a box in which it is not smooth.

A function that is continuous where it is defined, on a closed set, has a least value in a box. Its
domain is closed where the domain of every operation is that a box leaves: that of sqrt, asin, acos,
acosh, and of powers with positive exponents. At a pole, and at the edge of a logarithm, it may come
as near as it likes to a value that it does not have.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gdcli.numbers.interval import CONTINUOUS, DEFINED, Interval, IntervalSystem

CLOSED_DOMAINS = ("sqrt", "asin", "acos", "acosh")


def system_of_closed_domains(system: IntervalSystem) -> IntervalSystem:
    """The intervals whose CONTINUOUS says too that no operation leaves a domain that is not closed.

    What has that flag has a least value over its box, or no value at all there.
    """
    operations = system.numbers.operations
    closed = {name: _closed(name, rule) for name, rule in operations.items()}

    def branch(comparison: str, left: Interval, right: Interval, *sides: Any) -> list[Interval]:
        known = left.flags & right.flags
        made = system.branch(comparison, left, right, *sides)
        return [Interval(one.low, one.high, one.flags & known) for one in made]

    numbers = system.numbers._replace(operations=closed)
    return system._replace(numbers=numbers, branch=branch)


def _closed(name: str, rule: Callable[..., Interval]) -> Callable[..., Interval]:
    if name in CLOSED_DOMAINS:
        return rule

    def call(*operands: Interval) -> Interval:
        made = rule(*operands)
        if made.flags & DEFINED or (name.startswith("pow") and operands[1].low > 0):
            return made
        alone = rule(*[Interval(a.low, a.high) for a in operands])
        if alone.flags & DEFINED:
            return made
        return Interval(made.low, made.high, made.flags & ~CONTINUOUS)

    return call
