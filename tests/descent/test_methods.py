from __future__ import annotations

import pytest

from gdcli.descent.methods import DESCENT_METHODS
from gdcli.descent.minimize import minimize
from gdcli.functions.function import Function


@pytest.mark.parametrize("name", DESCENT_METHODS)
def test_every_method_finds_the_minimum_of_a_bowl(name: str) -> None:
    result = minimize(Function("(x-1)^2 + 3*y^2"), method=name)
    assert (result.method, result.classification) == (name, "minimum")
    assert result.x == pytest.approx([1.0, 0.0], abs=1e-8)
