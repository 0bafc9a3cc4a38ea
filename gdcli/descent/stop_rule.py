"""A stopping rule of the user's: one comparison over what is known of an iterate.

Comes in: a text such as `abs(df) < 1e-9`, in our own language over QUANTITIES, or a function of a
row of the trace; then the rows of a run, one by one. Goes out: a `StoppingTest` for each, with the
numbers that were compared. f is the user's own, also where it is maximized.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import nan

from gdcli.descent.iterate import Iterate
from gdcli.descent.stopping import StoppingTest
from gdcli.descent.turning import turned_row
from gdcli.descent.vectors import difference, largest
from gdcli.errors import Setting, brief
from gdcli.functions.arguments import called, wrong
from gdcli.functions.comparisons import ComparisonReader

QUANTITIES = ("f", "df", "dx", "gradient_norm", "k", "seconds")
EXAMPLE = "f < 1e-6"
SETTING = Setting("stop_when")

# The test at a row, where `before` is the row before it, so many seconds after the run began.
StopRule = Callable[[Iterate, Iterate | None, float], StoppingTest]


class WrittenRule:
    """A rule that a text writes. Raises UsageError for a text that is no such rule."""

    def __init__(self, text: str) -> None:
        self.comparison = READER.read(text)
        self.name = self.comparison.name
        if not self.comparison.names:
            raise READER.refused(text, "it says nothing of the run")

    def __call__(self, row: Iterate, before: Iterate | None, seconds: float) -> StoppingTest:
        change = distance = nan  # at the start, where no comparison with them holds
        compared = self.comparison
        if before is not None:
            change = row.f - before.f
            if "dx" in compared.names:
                distance = largest(difference(row.x, before.x))
        known = [row.f, change, distance, row.gradient_norm, float(row.k), seconds]
        left, right = (side.function.evaluate(known) for side in (compared.left, compared.right))
        met = compared.holds(left, right)
        value, limit = (left, right) if compared.left.names else (right, left)
        return StoppingTest(self.name, value if value == value else None, limit, met)


def _known_quantities(text: str, names: frozenset[str]) -> Sequence[str]:
    for name in sorted(names - {*QUANTITIES}):
        known = f"{', '.join(QUANTITIES[:-1])} and {QUANTITIES[-1]}"
        why = f"`{brief(name)}` has no value there; a rule speaks of {known}"
        raise READER.refused(text, why)
    return QUANTITIES


READER = ComparisonReader(SETTING, EXAMPLE, _known_quantities)


def stop_rule(given: object, maximize: bool) -> StopRule | None:
    """The rule that is given, if any; where f is maximized it is shown rows about -f.

    Raises UsageError for what is no rule.
    """
    if given is None:
        return None
    if isinstance(given, str):
        rule: StopRule = WrittenRule(given)
    elif callable(given):
        rule = partial(_decided, given)
    else:
        raise wrong("stop_when", f'a comparison such as "{EXAMPLE}", or a function of a row', given)
    return partial(_turned, rule) if maximize else rule


def _decided(
    function: Callable[[Iterate], object],
    row: Iterate,
    before: Iterate | None,  # noqa: ARG001
    seconds: float,  # noqa: ARG001
) -> StoppingTest:
    """The test that a function of a row decides."""
    answer = called(function, "stop_when", row)
    try:
        met = bool(answer)
    except Exception:  # of an array, or of a class whose __bool__ fails
        raise wrong("stop_when", "a function that returns True or False", function) from None
    return StoppingTest("stop_when", float(met), 1.0, met)


def _turned(rule: StopRule, row: Iterate, before: Iterate | None, seconds: float) -> StoppingTest:
    return rule(turned_row(row), None if before is None else turned_row(before), seconds)
