from __future__ import annotations

import pytest

from gdcli.descent.minimize import run_descent
from gdcli.functions.function import Function
from gdcli.report.formats.iterates import iterates
from gdcli.report.text_document import TextDocument
from gdcli.report.view import Screen

NAMES = [f"x{number}" for number in range(1, 13)]
TWELVE = " + ".join(f"{k}*({name} - 1/3)^2" for k, name in enumerate(NAMES, 1))


def tables(text: str, width: int | None, digits: int | None = None) -> list[list[list[str]]]:
    """The cells of the tables; the rule below a header is left out."""
    document = TextDocument(Screen(width))
    iterates(document, run_descent(Function(text), max_iterations=8), digits)
    written = document.text()
    assert width is None or max(map(len, written.split("\n"))) <= width
    blocks = [block.strip("\n").split("\n") for block in written.split("\n\n")]
    return [[line.split() for line in block if "─" not in line] for block in blocks]


def digits_of(rows: list[list[str]]) -> int:
    """The most significant digits that a cell has."""
    mantissas = [cell.split("e")[0].lstrip("-0.").replace(".", "") for row in rows for cell in row]
    return max(map(len, mantissas))


def test_without_a_width_every_column_is_shown_with_seven_digits() -> None:
    [[header, *rows]] = tables(TWELVE, None)
    assert header == ["k", *NAMES, "f", "‖∇f‖∞", "α"]
    assert digits_of(rows) == 7


@pytest.mark.parametrize("width", [12, 20, 30, 40, 60, 80, 120, 300])
@pytest.mark.parametrize("digits", [None, 3, 7, 17])
def test_no_variable_is_ever_left_out(width: int, digits: int | None) -> None:
    if digits in (7, 17) and width < 30:
        return  # one cell is as wide
    shown = [table[0] for table in tables(TWELVE, width, digits)]
    assert all(header[0] == "k" for header in shown)
    names = [name for header in shown for name in header[1:]]
    assert names[:13] == [*NAMES, "f"]
    assert names[13:] in ([], ["…"], ["‖∇f‖∞", "…"], ["‖∇f‖∞", "α"])


def test_a_narrow_table_has_fewer_digits_before_it_has_fewer_columns() -> None:
    text = "(x - 1/3)^2 + 3*(y - 1/7)^2 + x*y/9"
    found = []
    for width in range(80, 27, -1):
        [[header, *rows]] = tables(text, width)
        assert header[:4] == ["k", "x", "y", "f"]
        found.append((header[4:], digits_of(rows)))
    tails = [["‖∇f‖∞", "α"], ["‖∇f‖∞", "…"], ["…"], []]
    places = [(tails.index(tail), -digits) for tail, digits in found]
    assert places == sorted(places)
    assert {(0, -7), (0, -3), (1, -3), (2, -3)} <= {*places}


def test_digits_that_were_asked_for_are_never_fewer() -> None:
    for width in (80, 40, 30, 20):
        rows = [row for table in tables("(x - 1/3)^4 + y^2", width, 6) for row in table[1:]]
        assert digits_of(rows) == 6
