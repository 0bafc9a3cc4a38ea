"""Texts written as on paper: superscripts, signs, roots and bars, against a tree made first."""

from __future__ import annotations

import math
import random
from typing import NamedTuple

import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.functions.function import Function
from gdcli.language.lexer import written_as_on_paper
from gdcli.language.parser import parse
from tests.sweeps import sampled

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
POINT = {"x": 0.7, "y": -1.3, "r": 2.1, "α": 0.4, "x1": 1.9}
SPELLINGS = {"x1": "x₁"}


class Drawn(NamedTuple):
    """A formula as it is written, and its value; what may stand beside it follows from the rest.

    `level` is 1 for a sum, 2 for a product, 3 for a negative, 4 for a power, 5 for an atom. `tail`
    tells what it ends with, `head` what it begins with.
    """

    text: str
    value: float
    level: int
    head: str  # number, name, root, bar, open, minus
    tail: str  # number, name, raised, close, bar; root where a root without parentheses ends it


class PaperWriter:
    """Makes formulas from the inside out: first the value, then how it is written."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def formula(self, depth: int) -> Drawn:
        """A formula of `depth` operations inside one another."""
        if depth == 0:
            return self.leaf()
        makers = (self.sum, self.product, self.product, self.quotient, self.raised, self.raised,
                  self.root, self.bars, self.call, self.negative, self.power)  # fmt: skip
        while True:
            made = self.random.choice(makers)(depth - 1)
            if made is not None and math.isfinite(made.value) and 1e-9 < abs(made.value) < 1e9:
                return made

    def some(self, depth: int) -> Drawn:
        return self.formula(self.random.randint(0, depth))

    def leaf(self) -> Drawn:
        if self.random.random() < 0.4:
            text = self.random.choice(("2", "3", "0.5", "1.5", "10", "4.", ".25", "1e−1", "2e1"))
            return Drawn(text, float(text.replace("−", "-")), 5, "number", "number")
        if self.random.random() < 0.2:
            return Drawn("π", math.pi, 5, "name", "number")
        name = self.random.choice(tuple(POINT))
        return Drawn(SPELLINGS.get(name, name), POINT[name], 5, "name", "name")

    def blank(self) -> str:
        return self.random.choice(("", "", " "))

    def group(self, inner: Drawn) -> Drawn:
        return Drawn(f"({inner.text})", inner.value, 5, "open", "close")

    def at_least(self, level: int, inner: Drawn) -> Drawn:
        return inner if inner.level >= level else self.group(inner)

    def sum(self, depth: int) -> Drawn:
        left, right = self.some(depth), self.at_least(2, self.some(depth))
        sign = self.random.choice("+-−")
        value = left.value + right.value if sign == "+" else left.value - right.value
        text = f"{left.text}{self.blank()}{sign}{self.blank()}{right.text}"
        return Drawn(text, value, 1, left.head, right.tail)

    def product(self, depth: int) -> Drawn:
        left, right = self.at_least(2, self.some(depth)), self.at_least(3, self.some(depth))
        value = left.value * right.value
        beside = left.tail in ("number", "close", "raised") and right.head in (
            ("name", "open", "root", "bar") if left.tail == "number" else ("name", "open", "root")
        )
        if beside and "÷" not in left.text and "/" not in left.text and "∕" not in left.text:
            third = left.tail == "raised" and right.head == "root"  # ³√ is a cube root
            text = f"{left.text}{' ' if third else self.blank()}{right.text}"
            return Drawn(text, value, 2, left.head, right.tail)
        sign = self.random.choice(("*", "·", "×", "⋅", "∗"))
        text = f"{left.text}{self.blank()}{sign}{self.blank()}{right.text}"
        return Drawn(text, value, 2, left.head, right.tail)

    def quotient(self, depth: int) -> Drawn:
        left, right = self.at_least(2, self.some(depth)), self.at_least(4, self.some(depth))
        sign = self.random.choice("/÷∕")
        # What stands behind a divisor is never written beside it.
        return Drawn(f"{left.text}{sign}{right.text}", left.value / right.value, 2, left.head, "")

    def raised(self, depth: int) -> Drawn | None:
        base = self.at_least(5, self.some(depth))
        exponent = self.random.choice((2, 2, 2, 3, 1, -1, -2, 0, 10))
        if base.text.endswith("."):
            return None
        text = f"{base.text}{str(exponent).translate(RAISED)}"
        return Drawn(text, base.value**exponent, 4, base.head, "raised")

    def root(self, depth: int) -> Drawn | None:
        inner = self.at_least(5, self.some(depth))
        if inner.value < 0:
            return None
        return Drawn(f"√{self.blank()}{inner.text}", math.sqrt(inner.value), 4, "root", "root")

    def bars(self, depth: int) -> Drawn | None:
        inner = self.some(depth)
        if inner.text.endswith("|") or inner.text.startswith("|"):
            return None
        if "|" in inner.text:  # a number before it would close the outer bar
            inner = self.group(inner)
        return Drawn(f"|{inner.text}|", abs(inner.value), 5, "bar", "bar")

    def call(self, depth: int) -> Drawn:
        inner = self.some(depth)
        name, function = self.random.choice(
            (("sin", math.sin), ("cos", math.cos), ("tanh", math.tanh), ("atan", math.atan))
        )
        if self.random.random() < 0.5:
            text = f"{name}²{self.blank()}({inner.text})"
            return Drawn(text, function(inner.value) ** 2, 4, "name", "")
        return Drawn(f"{name}({inner.text})", function(inner.value), 5, "name", "close")

    def negative(self, depth: int) -> Drawn:
        inner = self.at_least(4, self.some(depth))
        return Drawn(
            f"{self.random.choice('-−')}{inner.text}", -inner.value, 3, "minus", inner.tail
        )

    def power(self, depth: int) -> Drawn | None:
        """A power with `^`, whose exponent has no superscript and no root that go on."""
        base = self.at_least(5, self.some(depth))
        exponent = self.group(self.some(depth))
        if not 0.05 < base.value < 50 or abs(exponent.value) > 5:
            return None
        return Drawn(f"{base.text}^{exponent.text}", base.value**exponent.value, 4, base.head, "")


def value_of(text: str) -> float:
    function = Function(text, parameters=None)
    return (
        function([POINT[name] for name in function.variables])
        if function.variables
        else function([])
    )


@pytest.mark.parametrize("seed", sampled(range(100), 3))
def test_a_formula_as_on_paper_has_the_value_it_was_made_with(seed: int) -> None:
    writer = PaperWriter(seed)
    for _ in range(1000):
        drawn = writer.formula(writer.random.randint(1, 4))
        expression = parse(drawn.text, ARITIES)
        plain = str(expression)
        assert parse(plain, ARITIES) == expression, drawn.text
        assert not written_as_on_paper(plain), drawn.text
        for text in (drawn.text, plain):
            assert value_of(text) == pytest.approx(drawn.value, rel=1e-9), drawn.text
