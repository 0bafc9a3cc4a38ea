"""Comparisons that a person writes: `abs(df) < 1e-9`, or `x > 0`.

Comes in: a text in our own language, and which names have a value. Goes out: a WrittenComparison,
whose sides are Functions of the values of these names. A mistake is a UsageError that begins with
the Setting that the text was given for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from operator import eq, ge, gt, le, lt, ne

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import GdcliError, Sentence, Setting, UsageError, brief, visible
from gdcli.functions.doubles import losses
from gdcli.functions.function import Function
from gdcli.functions.layout import Layout
from gdcli.functions.resolved import ResolvedExpression
from gdcli.language.lexer import tokens
from gdcli.language.parser import parse
from gdcli.language.semantics.roles import assign
from gdcli.language.syntax import (
    CONSTANT_NAMES,
    NAME,
    SUBSCRIPT,
    Expression,
    Header,
    reads_an_array,
)
from gdcli.named_tuples import NamedTuple

COMPARISONS = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}


class Side(NamedTuple):
    """A side of a comparison: a Function of all known names, of which `names` occur in it."""

    function: Function
    names: frozenset[str]


class WrittenComparison(NamedTuple):
    """Two sides and the sign between them, in plain characters; `name` is the whole."""

    left: Side
    sign: str
    right: Side
    name: str

    @property
    def names(self) -> frozenset[str]:
        """The names that occur in it."""
        return self.left.names | self.right.names

    def holds(self, left: float, right: float) -> bool:
        """Whether it holds for these values of its sides; it does not where one is nan."""
        return left == left and right == right and COMPARISONS[self.sign](left, right)


class ComparisonReader(NamedTuple):
    """How a text is read: `setting` is what it was given for, `example` a text that is right.

    `known` answers with the names that have a value, in the order of the values, where it is told
    those that occur; it raises UsageError for one that has none.
    """

    setting: Setting
    example: str
    known: Callable[[str, frozenset[str]], Sequence[str]]

    def read(self, text: str) -> WrittenComparison:
        """The comparison that the text writes; raises UsageError."""
        left, sign, right = self._sides(text)
        parsed = [self._parsed(side, text) for side in (left, right)]
        names = [_names(one) for one in parsed]
        order = self.known(text, names[0] | names[1])
        sides = [self._side(one, order, of, text) for one, of in zip(parsed, names, strict=True)]
        return WrittenComparison(sides[0], sign, sides[1], f"{left} {sign} {right}")

    def refused(self, text: str, why: str) -> UsageError:
        """The error for the text."""
        return UsageError(Sentence("{} {}: {}", self.setting, visible(text), why))

    def _sides(self, text: str) -> tuple[str, str, str]:
        """The two sides of the comparison, and its sign in plain characters."""
        try:
            words = tokens(text)
        except GdcliError as error:
            raise UsageError(Sentence("{}: {}", self.setting, error.whole)) from None
        depth, signs = 0, []
        for word in words:
            depth += (word.kind in ("(", "[")) - (word.kind in (")", "]"))
            if depth == 0 and word.kind in (*COMPARISONS, "="):
                signs.append(word)
        if [sign.kind for sign in signs] == ["="]:
            raise self.refused(text, 'it is one comparison; write == for "is equal to"')
        start, end = signs[0].span if len(signs) == 1 else (0, 0)
        sides = text[:start].strip(), text[end:].strip()
        if not all(sides):
            raise self.refused(text, f'it is one comparison, such as "{self.example}"')
        return sides[0], signs[0].kind, sides[1]

    def _parsed(self, side: str, text: str) -> Expression:
        try:
            expression = parse(side, ARITIES)
        except GdcliError as error:
            raise UsageError(Sentence("{}: {}", self.setting, error.whole)) from None
        arrays = any(reads_an_array(expression.nodes, node) for node in expression.nodes)
        if expression.header or expression.definitions or arrays:
            raise self.refused(text, "a side of the comparison is a formula of numbers")
        for literal, what in losses(expression):
            raise self.refused(text, f"`{brief(literal)}` {what}")
        return expression

    def _side(
        self, expression: Expression, order: Sequence[str], names: frozenset[str], text: str
    ) -> Side:
        try:
            place, count = expression.nodes[-1].span, len(order)
            header = Header("rule", tuple(order), (place,) * count, (None,) * count)
            whole = Expression(expression.text, expression.nodes, header, ())
            roles, layout = assign(whole, ARITIES), Layout(order, {})
            function = Function(ResolvedExpression(whole, roles, {}, layout, ()), backend="python")
        except GdcliError as error:
            raise UsageError(Sentence("{}: {}", self.setting, error.whole)) from None
        if not names and not isfinite(function.evaluate([0.0] * count)):
            raise self.refused(text, f"`{brief(expression.text)}` is not a finite number")
        return Side(function, names)


def _names(expression: Expression) -> frozenset[str]:
    names = {str(node.value) for node in expression.nodes if node.kind in (NAME, SUBSCRIPT)}
    names -= expression.index_names
    return frozenset(name for name in names if name not in CONSTANT_NAMES)
