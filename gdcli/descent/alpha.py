"""What a user says of α, and the rule of step sizes that a method takes it for.

Comes in: "auto", the name of a search, a number, a function of k, or the text of an expression in
k; and the name of a method. Goes out: an `AlphaRule`, or a UsageError where the method has no such
rule, with those that it has. Which pairs are legal says the row of DESCENT_METHODS.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gdcli.descent.methods import DESCENT_METHODS, MethodRecord
from gdcli.descent.search import SEARCHES, AlphaRule
from gdcli.descent.step_size import Fixed, Schedule, expression_in_k, parse_schedule
from gdcli.errors import Sentence, Setting, UsageError, brief
from gdcli.functions.arguments import called, number
from gdcli.functions.doubles import double
from gdcli.named_tuples import NamedTuple

WANTED_STEP_SIZE = '"auto", a positive number, a function of k, or the name of a search'

Alpha = str | float | Callable[[int], float]


class WrittenAlpha(NamedTuple):
    """An α that was written, and the label to show where it is an expression in k."""

    value: Alpha
    label: str | None = None


def written_alpha(text: str, place: str = "alpha") -> WrittenAlpha:
    """Reads `auto`, the name of a search, or an expression in k; one without k is a number.

    `place` is named in the UsageError for another text.
    """
    if text == "auto" or text in SEARCHES:
        return WrittenAlpha(text)
    if text.replace("-", "").replace("_", "").isalpha():
        from gdcli.descent.foreign import search_advice

        if advice := search_advice(text):
            raise UsageError(Sentence("{} {}: {}", place, brief(text), advice))
    expression = expression_in_k(text, place)
    of_k = parse_schedule(text, place)
    if expression.variables:
        return WrittenAlpha(of_k, expression.text)
    return WrittenAlpha(of_k(0))


def alpha_rule(alpha: Alpha, method: str) -> AlphaRule:
    """The rule of step sizes that `alpha` asks for. Raises UsageError where the method has none."""
    row = DESCENT_METHODS[method]
    if isinstance(alpha, str) and alpha == "auto":
        return AlphaRule(row.own)
    if isinstance(alpha, str) and alpha in SEARCHES:
        if alpha not in row.searches:
            raise _illegal(Setting("alpha", alpha), method, row)
        return AlphaRule(alpha)
    if callable(alpha):
        of_k = partial(_scheduled, alpha)
        number(of_k(0), "alpha", "a function of k that is positive at k = 0", lambda a: a > 0)
        rule = AlphaRule("unguarded", Schedule(of_k))
    else:
        fixed = number(alpha, "alpha", WANTED_STEP_SIZE, lambda a: a > 0)
        rule = AlphaRule("unguarded", Fixed(fixed))
    if not row.fixed:
        raise _illegal(Setting("alpha"), method, row)
    return rule


def _illegal(given: Setting, method: str, row: MethodRecord) -> UsageError:
    """The error for an α that the method does not have, with those that it has."""
    auto, named = Setting("alpha", "auto"), Setting("method", method)
    if not row.searches and not row.fixed:
        return UsageError(
            Sentence("{} has no step size: leave out {}, or write {}", named, given, auto)
        )
    rules = ["auto", *["a number", "an expression in k"] * row.fixed]
    rules += [search for search in row.searches if search in SEARCHES]
    *others, last = rules
    return UsageError(
        Sentence("{} has no {}; it takes {} or {}", named, given, ", ".join(others), last)
    )


def _scheduled(alpha: Callable[[int], float], k: int) -> float:
    """The step size at iterate k; raises UsageError where the function gives no number."""
    return double(called(alpha, "alpha", k), f"alpha at k = {k}", UsageError)
