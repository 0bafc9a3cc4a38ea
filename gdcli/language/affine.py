"""Affine numbers: a whole number plus whole multiples of sizes and loop indices, as 2*i + n - 1.

Subscripts, the ends of ranges and lengths are Affine, so the entries that a function will read are
known before it runs. `str(affine)` is its normal form, written tightly: `2*i+n-1`.
"""

from __future__ import annotations

from collections.abc import Mapping

from gdcli.named_tuples import NamedTuple


class Affine(NamedTuple):
    """`constant` + Σ coefficient·name; the names are sorted and no coefficient is 0."""

    constant: int
    terms: tuple[tuple[str, int], ...] = ()

    def __add__(self, other: Affine) -> Affine:  # type: ignore[override]
        if not other.terms:
            return Affine(self.constant + other.constant, self.terms)
        merged = dict(self.terms)
        for name, coefficient in other.terms:
            merged[name] = merged.get(name, 0) + coefficient
        terms = sorted((name, factor) for name, factor in merged.items() if factor)
        return Affine(self.constant + other.constant, tuple(terms))

    def __sub__(self, other: Affine) -> Affine:
        return self + other.scaled(-1)

    def scaled(self, factor: int) -> Affine:
        terms = tuple((name, factor * coefficient) for name, coefficient in self.terms if factor)
        return Affine(factor * self.constant, terms)

    def evaluate(self, values: Mapping[str, int]) -> int:
        """The whole number at these values of the names; raises KeyError where one is missing."""
        return self.constant + sum(factor * values[name] for name, factor in self.terms)

    def coefficient(self, name: str) -> int:
        """The coefficient of `name`, 0 where it does not occur."""
        return dict(self.terms).get(name, 0)

    def substituted(self, name: str, value: Affine) -> Affine:
        factor = self.coefficient(name)
        return self + Affine(0, ((name, -factor),)) + value.scaled(factor) if factor else self

    def known(self, values: Mapping[str, int]) -> Affine:
        """This number with each name in `values` replaced by its value."""
        rest = tuple(term for term in self.terms if term[0] not in values)
        given = (factor * values[name] for name, factor in self.terms if name in values)
        return Affine(self.constant + sum(given), rest)

    def __str__(self) -> str:
        pieces = []
        for name, factor in self.terms:
            times = "" if abs(factor) == 1 else f"{abs(factor)}*"
            pieces.append(f"{'-' if factor < 0 else '+'}{times}{name}")
        if self.constant or not pieces:
            pieces.append(f"{self.constant:+}")
        pieces.sort(key=lambda piece: piece[0] == "-")  # a minus sign does not come first
        return "".join(pieces).removeprefix("+")
