"""The Euclidean length of a vector whose numbers are exact, or have many digits, as text.

Comes in: fractions, or mpmath's numbers. Goes out: texts in the language; of fractions the length
is a root in lowest terms, `sqrt(13)/6`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

DIVISOR_LIMIT = 100  # divisors whose squares are taken out of a root


class Length:
    """The Euclidean length of a vector of fractions (`count` None) or of many digits, as text."""

    def __init__(self, vector: Sequence[Any], count: int | None) -> None:
        self.count = count
        self.square = sum(component * component for component in vector)

    @property
    def text(self) -> str:
        """The length as text; of fractions a root in lowest terms, such as `sqrt(13)/6`."""
        if not self.square:  # which is no number of many digits where there are no components
            return "0"
        if self.count is not None:
            return self._decimal(self._root())
        top, bottom = self._reduced()
        return fraction_text(top, bottom)

    def dividing(self, number: Any) -> str:
        """`number` divided by the length, which is not 0, as text."""
        if self.count is not None:
            return self._decimal(number / self._root() if number else number)
        from fractions import Fraction

        factor, radicand = self._reduced()
        return fraction_text(Fraction(number) / factor / radicand, radicand)

    def _reduced(self) -> tuple[Any, int]:
        """A factor and a whole number under a root, whose product is the length."""
        from fractions import Fraction
        from math import isqrt

        square = Fraction(self.square)
        under = square.numerator * square.denominator
        whole = isqrt(under)
        if whole * whole == under:
            return Fraction(whole, square.denominator), 1
        root_factor = 1
        for divisor in range(2, DIVISOR_LIMIT):
            while under % divisor**2 == 0:
                under //= divisor**2
                root_factor *= divisor
        return Fraction(root_factor, square.denominator), under

    def _root(self) -> Any:
        return self.square.context.sqrt(self.square)

    def _decimal(self, number: Any) -> str:
        from gdcli.numbers.precise import decimal_text

        assert self.count is not None
        return decimal_text(number, self.count)


def fraction_text(factor: Any, radicand: int) -> str:
    """factor·√radicand in the language: `17/18`, `sqrt(13)/6`, `-2*sqrt(5)`."""
    if radicand == 1 or not factor:
        return str(factor)
    top, bottom = factor.numerator, factor.denominator
    times = "" if top == 1 else "-" if top == -1 else f"{top}*"
    return f"{times}sqrt({radicand})" + ("" if bottom == 1 else f"/{bottom}")
