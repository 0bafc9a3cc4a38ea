"""No certificate contradicts a global minimum that is known; and enough of them are proved."""

from __future__ import annotations

import pytest

from gdcli.certify.certificate import Certificate
from gdcli.certify.window import certify_window
from gdcli.functions.function import Function
from tests.certify.contradictions import contradictions
from tests.certify.known_minima import KnownMinimum, known_minima
from tests.sweeps import sampled

ALL = known_minima()
MOST_BOXES, MOST_SPOILT_BOXES = 3000, 400
# Of each family, how many are proved with MOST_BOXES: a prover that proves nothing is of no use.
PROVED_SHARES: dict[str, float] = {}


def certified(known: KnownMinimum, most_boxes: int = MOST_BOXES) -> Certificate:
    function = Function(known.text, parameters=known.parameters, sizes=known.sizes, data=known.data)
    window = tuple((float(low), float(high)) for low, high in known.window)
    return certify_window(function, window, max_boxes=most_boxes)


def title(known: KnownMinimum) -> str:
    return f"{known.family}: {known.name}"


@pytest.mark.parametrize("known", sampled([(one,) for one in ALL], 12), ids=title)
def test_a_certificate_says_nothing_that_a_known_minimum_contradicts(known):
    assert contradictions(certified(known), known) == []
