"""Maxima with ties and nan, products, and results of no iteration."""

from __future__ import annotations

import math

from gdcli.execute.native.code import Code
from gdcli.execute.native.reductions import Reduction, cut, flat
from tests.native_code import agrees, gradient, of


def test_ties_share_whatever_lanes_they_are_in() -> None:
    compiled = gradient(of("max(x[i] for i in 1:n)", n=37))
    point = [0.0] * 37
    for place in (2, 3, 19, 36):
        point[place] = 5.0
    value, slopes = compiled(point)
    assert value == 5.0
    assert slopes == [0.25 if x == 5.0 else 0.0 for x in point]


def test_nan_is_the_greatest_and_the_least() -> None:
    for name in ("max", "min"):
        compiled = gradient(of(f"{name}(x[i] for i in 1:n)", n=20))
        for place in (0, 7, 19):
            point = [float(k) for k in range(20)]
            point[place] = math.nan
            assert math.isnan(compiled(point)[0])


def test_all_terms_infinite() -> None:
    compiled = gradient(of("max(x[i] for i in 1:n)", n=20))
    assert compiled([-math.inf] * 20)[0] == -math.inf


def test_empty_sums_and_products() -> None:
    agrees(of("sum(sum(x[i]*j for j in i+1:n) + prod(x[j] for j in i+1:n) for i in 1:n)", n=12))


def test_states_are_cut_as_they_were_joined() -> None:
    kinds = ("sum", "product", "max", "carry")
    reductions = [Reduction(Code(), kind, compensated=True) for kind in kinds]
    widths = [reduction.width for reduction in reductions]
    assert widths == [2, 1, 4, 1]
    states = [[Code().set("x")] * width for width in widths]
    assert cut(reductions, flat(states)) == states
