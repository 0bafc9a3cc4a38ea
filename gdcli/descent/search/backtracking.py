"""Sufficient decrease: a step is made shorter until f falls by a part of what its slope promises.

Source: L. Armijo, Pacific J. Math. 16 (1966) 1.
"""

from __future__ import annotations

from gdcli.descent.requests import Traits
from gdcli.descent.search.nonmonotone import NonMonotone


def make(traits: Traits) -> NonMonotone:  # noqa: ARG001
    return NonMonotone(memory=1)  # the worst of the last one value
