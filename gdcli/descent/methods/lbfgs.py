"""Limited-memory BFGS: of the last steps s the changes y of the gradient are remembered.

H is (s·y/y·y)I of the newest pair, updated by BFGS's formula with each pair from the oldest on. Of
up to MOST_WRITTEN_VARIABLES variables -Hg is computed by Nocedal's two loops, else from inner
products: one pass over the block of all s and y gives theirs with g, a second one -Hg.

Sources: J. Nocedal, Math. Comput. 35 (1980) 773; D. C. Liu, J. Nocedal, Math. Program. 45 (1989)
503; R. H. Byrd, J. Nocedal, R. B. Schnabel, Math. Program. 63 (1994) 129.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from gdcli.descent import long_vectors
from gdcli.descent.methods.quasi_newton import InverseHessian, QuasiNewton, quasi_newton
from gdcli.descent.requests import Traits
from gdcli.descent.search import AlphaRule
from gdcli.descent.vectors import Vector, dot, same_places
from gdcli.named_tuples import NamedTuple

MOST_PAIRS = 20
MANY_VARIABLES = 1_000  # of which rows of 20 pairs take long, and no fewer evaluations
PAIRS_OF_MANY_VARIABLES = 10
PAIRS_PER_VARIABLE = 3  # older pairs of few variables have no more say
MOST_WRITTEN_VARIABLES = 12


def no_pairs(n: int) -> InverseHessian:
    """The memory of a run of n variables before its first step."""
    if n <= MOST_WRITTEN_VARIABLES:
        return FewPairs((), min(MOST_PAIRS, PAIRS_PER_VARIABLE * n))
    return PairBlock(n)


class FewPairs(NamedTuple):
    """Pairs of few variables, each a tuple of the entries of s, of those of y, and s·y."""

    pairs: tuple[tuple[float, ...], ...]
    most: int

    @property
    def known(self) -> int:
        return len(self.pairs)

    def direction(self, gradient: Vector, free: Sequence[int] | None) -> Vector | None:
        pairs = self.pairs
        if free is None:
            return unrolled_two_loops(len(gradient))(pairs, gradient) if pairs else None
        n, kept = len(gradient), []
        for pair in pairs:
            s, y = [pair[i] for i in free], [pair[n + i] for i in free]
            if (sy := dot(s, y)) > 0.0:
                kept.append((*s, *y, sy))
        if not kept:
            return None
        found = [-g for g in gradient]
        cut = unrolled_two_loops(len(free))(kept, [gradient[i] for i in free])
        for i, d in zip(free, cut, strict=True):
            found[i] = d
        return found

    def after(self, s: Vector, y: Vector, free: Sequence[int] | None) -> FewPairs:  # noqa: ARG002
        return FewPairs((*self.pairs, (*s, *y, dot(s, y)))[-self.most :], self.most)


@lru_cache
def unrolled_two_loops(n: int) -> Callable[[Sequence[tuple[float, ...]], Vector], Vector]:
    """The two loops, n variables written out; on lists they take several times as long."""

    def each(form: str, between: str = "; ") -> str:
        return between.join(form.format(i) for i in range(n))

    pair = f"{each('s{0}, ', '')}{each('y{0}, ', '')}sy"
    lines = [
        "def two_loops(pairs, gradient):",
        f"    {each('q{0}, ', '')} = gradient",
        "    weights = []",
        f"    for {pair} in reversed(pairs):",
        f"        a = ({each('s{0}*q{0}', ' + ')}) / sy",
        f"        {each('q{0} -= a*y{0}')}",
        "        weights.append(a)",
        f"    {pair} = pairs[-1]",
        f"    yy = {each('y{0}*y{0}', ' + ')}",
        "    gamma = -sy / yy if yy else 0.0",
        f"    {each('q{0} *= gamma')}",
        f"    for {pair} in pairs:",
        f"        b = weights.pop() + ({each('y{0}*q{0}', ' + ')}) / sy",
        f"        {each('q{0} -= b*s{0}')}",
        f"    return [{each('q{0}', ', ')}]",
    ]
    names: dict[str, Any] = {}
    exec("\n".join(lines), names)
    found: Callable[[Sequence[tuple[float, ...]], Vector], Vector] = names["two_loops"]
    return found


class PairBlock:
    """Pairs of many variables, as rows of one block: s of the pair i in row 2i, y in 2i + 1.

    `sy` and `yy` keep the inner products s_i·y_j, of i no newer than j, and y_i·y_j. Those with the
    y of the newest pair are the differences of products with its two gradients, which are known.
    """

    def __init__(self, n: int) -> None:
        import numpy

        self.most = MOST_PAIRS if n < MANY_VARIABLES else PAIRS_OF_MANY_VARIABLES
        self.rows = numpy.empty((2 * self.most, n))
        self.order: list[int] = []  # the pairs from the oldest on
        self.sy = [[0.0] * MOST_PAIRS for _ in range(MOST_PAIRS)]
        self.yy = [[0.0] * MOST_PAIRS for _ in range(MOST_PAIRS)]
        self.free: Sequence[int] | None = None  # of which the products are
        self.products: list[float] = []  # of each row and the gradient that the newest pair left
        self.complete = True  # whether the products with the newest y are known

    @property
    def known(self) -> int:
        return len(self.order)

    def after(self, s: Vector, y: Vector, free: Sequence[int] | None) -> PairBlock:  # noqa: ARG002
        new = self.order.pop(0) if len(self.order) == self.most else len(self.order)
        self.order.append(new)
        self.rows[2 * new], self.rows[2 * new + 1] = s, y
        self.complete = False
        return self

    def direction(self, gradient: Vector, free: Sequence[int] | None) -> Vector | None:
        if not self.order:
            return None
        import numpy

        whole = numpy.asarray(gradient)
        part = whole
        if free is not None:
            part = numpy.zeros(len(whole))
            part[free] = whole[free]
        rows = self.rows[: 2 * len(self.order)]
        products = long_vectors.products(rows, part)
        if not same_places(free, self.free):
            self._multiply(free)
        elif not self.complete:
            self._multiply_newest(products)
        self.free, self.products, self.complete = free, products, True
        used = [i for i in self.order if self.sy[i][i] > 0.0]
        if not used:
            return None
        gamma, weights = self._weights(used, products)
        found = long_vectors.combined(-gamma, part, weights, rows)
        if free is not None:
            cut, found = found, -whole
            found[free] = cut[free]
        return found.tolist() if isinstance(gradient, list) else found

    def _weights(self, used: list[int], products: list[float]) -> tuple[float, list[float]]:
        """γ, and the factor of each row in -Hg + γg: the two loops, on inner products alone."""
        sy, yy, newest = self.sy, self.yy, used[-1]
        gamma = sy[newest][newest] / yy[newest][newest] if yy[newest][newest] else 0.0
        weights = [0.0] * 2 * len(self.order)
        first: list[tuple[int, float]] = []
        for i in reversed(used):
            along = products[2 * i]
            for j, a in first:
                along -= a * sy[i][j]
            first.append((i, along / sy[i][i]))
        second: list[tuple[int, float]] = []
        for i, a in reversed(first):
            along = products[2 * i + 1]
            for j, other in first:
                along -= other * yy[i][j]
            along *= gamma
            for j, b in second:
                along += b * sy[j][i]
            second.append((i, a - along / sy[i][i]))
            weights[2 * i], weights[2 * i + 1] = -second[-1][1], gamma * a
        return gamma, weights

    def _multiply_newest(self, products: list[float]) -> None:
        new, before = self.order[-1], self.products
        newest = self.rows[2 * new : 2 * new + 2]
        if self.free is not None:
            newest = newest[:, self.free]
        for i in self.order[:-1]:
            self.sy[i][new] = products[2 * i] - before[2 * i]
            self.yy[i][new] = self.yy[new][i] = products[2 * i + 1] - before[2 * i + 1]
        self.sy[new][new], self.yy[new][new] = long_vectors.products(newest, newest[1])

    def _multiply(self, free: Sequence[int] | None) -> None:
        """All inner products anew, over the free variables."""
        import numpy

        cut = self.rows[: 2 * len(self.order)]
        cut = cut if free is None else cut[:, free]
        all_products = numpy.einsum("ik,jk->ij", cut, cut[1::2]).tolist()
        for i in self.order:
            for j in self.order:
                self.sy[i][j] = all_products[2 * i][j]
                self.yy[i][j] = all_products[2 * i + 1][j]


def make(rule: AlphaRule, traits: Traits) -> QuasiNewton:
    return quasi_newton(no_pairs, rule, traits)
