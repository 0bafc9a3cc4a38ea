"""Places of elements, by hand."""

from __future__ import annotations

from gdcli.autodiff.tape import ELEMENT, instructions
from gdcli.execute.native.positions import Position
from tests.native_code import context, of


def test_rows_and_strides() -> None:
    function = of("f(W[m,n]) = sum(W[i,j]*W[i+1,j-1] for i in 1:m-1, j in 2:n)", m=4, n=5)
    here = context(function)
    elements = [one for one in instructions(here.tape.body) if one.operation == ELEMENT]
    first, second = (here.position(one) for one in elements[:2])
    i, j = first.terms[0][0], first.terms[1][0]
    assert first == Position(-6, ((i, 5), (j, 1)))  # (i - 1)*5 + j - 1
    assert second == Position(-2, ((i, 5), (j, 1)))
    assert first.coefficient(i) == 5
    assert first.without(i) == Position(-6, ((j, 1),))
    assert first.reach(here.work) == (1, 14)
    assert second.reach(here.work) == (5, 18)
