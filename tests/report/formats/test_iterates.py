from __future__ import annotations

from gdcli.descent.minimize import run_descent
from gdcli.functions.function import Function
from gdcli.report.formats.iterates import iterates
from gdcli.report.text_document import TextDocument
from gdcli.report.view import Screen


def table(width: int | None) -> str:
    names = [f"x{number}" for number in range(1, 13)]
    result = run_descent(Function(" + ".join(f"{k}*{name}^2" for k, name in enumerate(names, 1))))
    document = TextDocument(Screen(width))
    iterates(document, result, 7)
    return document.text()


def test_without_a_width_every_variable_is_shown() -> None:
    header = table(None).split("\n")[0].split()
    assert header == ["k", *(f"x{number}" for number in range(1, 13)), "f", "‖∇f‖∞", "α"]


def test_what_does_not_fit_is_counted() -> None:
    text = table(80)
    assert max(map(len, text.split("\n"))) <= 80
    shown = sum(name.startswith("x") for name in text.split("\n")[0].split())
    assert f"no room for {12 - shown} of 12 variables" in text
