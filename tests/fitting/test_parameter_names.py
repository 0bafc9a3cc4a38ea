"""Names of several letters in a model: parameters, unless they look like a product of names."""

from __future__ import annotations

import pytest

import gdcli
from gdcli.fitting.model import read_model

COLUMNS = dict.fromkeys(["t", "x", "xy", "y", "hours"])


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("y ~ A*exp(-t/tau)", ("A", "tau")),
        ("y ~ mu + tau*hours", ("mu", "tau")),
        ("y ~ top + bot*t", ("bot", "top")),
        ("y ~ a*x + b*xy", ("a", "b")),  # a column may be called as a product would be
        ("y ~ f(a, ab) = a + ab*x", ("a", "ab")),
    ],
)
def test_a_name_of_several_letters_is_a_parameter(text: str, parameters: tuple[str, ...]) -> None:
    assert read_model(text, COLUMNS).variables == parameters


@pytest.mark.parametrize(
    ("text", "product"),
    [("y ~ a + b*x + xb", "x*b"), ("y ~ a*t + b*x + xt", "x*t"), ("y ~ a*b + ab*x", "a*b")],
)
def test_a_product_of_names_is_refused(text: str, product: str) -> None:
    with pytest.raises(gdcli.GdcliError, match="is one name; write") as raised:
        read_model(text, COLUMNS)
    assert f"`{product}`" in str(raised.value)


def test_a_name_that_a_fit_lacks_is_refused_with_those_it_has() -> None:
    found = gdcli.fit("y ~ a + b*x", {"x": [0, 1, 2], "y": [1, 2, 3]}, derive="half = a/2")
    assert found["half"] == found.derived["half"].value
    for lookup in (found.parameters, found):
        with pytest.raises(gdcli.GdcliError, match=r"`q`.* are a, b"):
            lookup["q"]
