"""No certificate contradicts a global minimum that is known; and enough of them are proved."""

from __future__ import annotations

import random

import pytest

from gdcli.functions.function import Function
from gdcli.proofs.certificate import PROVED, Certificate
from gdcli.proofs.window import certify_window
from tests.proofs.contradictions import contradictions
from tests.proofs.known_minima import KnownMinimum, known_minima
from tests.proofs.sabotage import SABOTAGES
from tests.sweeps import sampled

ALL = known_minima()
MOST_BOXES, MOST_SPOILT_BOXES = 1000, 300
# How many of each family are proved with so few boxes: a prover that proves nothing is of no use.
# None of the flat ones can be: their minimizers fill sets.
LEAST_PROVED = {
    "single": 110,
    "smooth": 85,
    "kink": 75,
    "edge": 55,
    "several": 65,
    "jump": 85,
    "flat": 0,
    "scale": 8,
}
FUNCTIONS_SPOILT = 20  # by each sabotage


def certified(known: KnownMinimum, most_boxes: int = MOST_BOXES) -> Certificate:
    function = Function(known.text, parameters=known.parameters, sizes=known.sizes, data=known.data)
    window = tuple((float(low), float(high)) for low, high in known.window)
    return certify_window(function, window, max_boxes=most_boxes)


def title(known: KnownMinimum) -> str:
    return f"{known.family}: {known.name}"


def test_there_are_enough_functions_of_each_kind() -> None:
    texts = [known.text for known in ALL]
    assert len({*texts}) >= 500
    assert sum(known.family == "jump" for known in ALL) >= 100
    assert sum(known.family == "edge" for known in ALL) >= 100
    assert sum(known.family == "kink" for known in ALL) >= 100


@pytest.mark.parametrize("known", random.Random(1).sample(ALL, 8), ids=title)
def test_a_certificate_says_nothing_that_a_known_minimum_contradicts(known: KnownMinimum) -> None:
    assert contradictions(certified(known), known) == []


@pytest.mark.full
@pytest.mark.parametrize("family", LEAST_PROVED)
def test_nothing_is_proved_wrongly_in_a_family_and_enough_is_proved(family: str) -> None:
    proved, wrong = 0, []
    for known in (one for one in ALL if one.family == family):
        certificate = certified(known)
        proved += certificate.status == PROVED
        wrong += [(title(known), known.text, one) for one in contradictions(certificate, known)]
    assert wrong == []
    assert proved >= LEAST_PROVED[family]


@pytest.mark.parametrize(
    ("name", "known"),
    sampled(
        [
            (name, known)
            for k, name in enumerate(SABOTAGES)
            for known in random.Random(k).sample(ALL, FUNCTIONS_SPOILT)
        ],
        4,
    ),
    ids=lambda one: one if isinstance(one, str) else title(one),
)
def test_a_search_that_is_spoilt_on_purpose_leads_to_no_wrong_proof(
    name: str, known: KnownMinimum, monkeypatch: pytest.MonkeyPatch
) -> None:
    SABOTAGES[name](monkeypatch)
    assert contradictions(certified(known, MOST_SPOILT_BOXES), known) == []


@pytest.mark.parametrize("text", ["x^2", "(x - 0.5)^2", "exp(x) - x", "(x - 0.3)^2 + x*0"])
def test_many_digits_of_a_minimizer_that_is_a_float_or_none_are_found(text: str) -> None:
    certificate = certify_window(Function(text), ((-1.0, 1.0),), digits=40)
    assert certificate.status == PROVED
    assert certificate.digits == 40
