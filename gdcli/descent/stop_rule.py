"""A stopping rule of the user's: one comparison over what is known of an iterate.

Comes in: a text such as `abs(df) < 1e-9`, in our own language over QUANTITIES, or a function of a
row of the trace; then the rows of a run, one by one. Goes out: a `StoppingTest` for each, with the
numbers that were compared. f is the user's own, also where it is maximized.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import isfinite, nan
from operator import eq, ge, gt, le, lt, ne
from typing import NamedTuple

from gdcli.autodiff.primitives import ARITIES
from gdcli.descent.iterate import Iterate
from gdcli.descent.stopping import StoppingTest
from gdcli.descent.turning import turned_row
from gdcli.descent.vectors import difference, largest
from gdcli.errors import GdcliError, Sentence, Setting, UsageError, brief, visible
from gdcli.functions.arguments import called, wrong
from gdcli.functions.doubles import losses
from gdcli.functions.function import Function
from gdcli.functions.layout import Layout
from gdcli.functions.resolved import ResolvedExpression
from gdcli.language.lexer import tokens
from gdcli.language.parser import parse
from gdcli.language.semantics.roles import assign
from gdcli.language.syntax import CONSTANT_NAMES, INDEX_NODE, NAME, SUBSCRIPT, Expression, Header

QUANTITIES = ("f", "df", "dx", "gradient_norm", "k", "seconds")
COMPARISONS = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}
EXAMPLE = "f < 1e-6"
SETTING = Setting("stop_when")

# The test at a row, where `before` is the row before it, so many seconds after the run began.
StopRule = Callable[[Iterate, Iterate | None, float], StoppingTest]


class Side(NamedTuple):
    """A side of a comparison, as a function of QUANTITIES; those that occur in it are `names`."""

    value: Callable[[list[float]], float]
    names: frozenset[str]


class WrittenRule:
    """A rule that a text writes. Raises UsageError for a text that is no such rule."""

    def __init__(self, text: str) -> None:
        left, sign, right = _sides(text)
        self.name = f"{left} {sign} {right}"
        self.sign = sign
        self.left, self.right = _side(left, text), _side(right, text)
        self.names = self.left.names | self.right.names
        if not self.names:
            raise _refused(text, "it says nothing of the run")

    def __call__(self, row: Iterate, before: Iterate | None, seconds: float) -> StoppingTest:
        change = distance = nan  # at the start, where no comparison with them holds
        if before is not None:
            change = row.f - before.f
            if "dx" in self.names:
                distance = largest(difference(row.x, before.x))
        known = [row.f, change, distance, row.gradient_norm, float(row.k), seconds]
        left, right = self.left.value(known), self.right.value(known)
        met = left == left and right == right and COMPARISONS[self.sign](left, right)
        value, limit = (left, right) if self.left.names else (right, left)
        return StoppingTest(self.name, value if value == value else None, limit, met)


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


def _sides(text: str) -> tuple[str, str, str]:
    """The two sides of the comparison, and its sign in plain characters."""
    try:
        words = tokens(text)
    except GdcliError as error:
        raise UsageError(Sentence("{}: {}", SETTING, error.whole)) from None
    depth, signs = 0, []
    for word in words:
        depth += (word.kind in ("(", "[")) - (word.kind in (")", "]"))
        if depth == 0 and word.kind in (*COMPARISONS, "="):
            signs.append(word)
    if [sign.kind for sign in signs] == ["="]:
        raise _refused(text, 'it is one comparison; write == for "is equal to"')
    start, end = signs[0].span if len(signs) == 1 else (0, 0)
    sides = text[:start].strip(), text[end:].strip()
    if not all(sides):
        raise _refused(text, f'it is one comparison, such as "{EXAMPLE}"')
    return sides[0], signs[0].kind, sides[1]


def _side(text: str, rule: str) -> Side:
    try:
        expression = parse(text, ARITIES)
        nodes = expression.nodes
        indices = {node.value for node in nodes if node.kind == INDEX_NODE}
        names = {str(node.value) for node in nodes if node.kind in (NAME, SUBSCRIPT)} - indices
        names = {name for name in names if name not in CONSTANT_NAMES}
        for name in sorted(names - {*QUANTITIES}):
            known = f"{', '.join(QUANTITIES[:-1])} and {QUANTITIES[-1]}"
            raise _refused(rule, f"`{brief(name)}` has no value there; a rule speaks of {known}")
        if expression.header or expression.definitions or SUBSCRIPT in {n.kind for n in nodes}:
            raise _refused(rule, "a side of the comparison is a formula of numbers")
        for literal, what in losses(expression):
            raise _refused(rule, f"`{brief(literal)}` {what}")
        count = len(QUANTITIES)
        header = Header("rule", QUANTITIES, (nodes[-1].span,) * count, (None,) * count)
        expression = Expression(text, nodes, header, ())
        roles, layout = assign(expression, ARITIES), Layout(QUANTITIES, {})
        function = Function(ResolvedExpression(expression, roles, {}, layout, ()), backend="python")
    except UsageError:
        raise
    except GdcliError as error:
        raise UsageError(Sentence("{}: {}", SETTING, error.whole)) from None
    if not names and not isfinite(function.evaluate([0.0] * count)):
        raise _refused(rule, f"`{brief(text)}` is not a finite number")
    return Side(function.evaluate, frozenset(names))


def _refused(text: str, why: str) -> UsageError:
    return UsageError(Sentence("{} {}: {}", SETTING, visible(text), why))
