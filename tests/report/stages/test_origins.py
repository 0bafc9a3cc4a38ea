from __future__ import annotations

from gdcli.report.stages.origins import LONGEST_CELL_TEXT, short


def test_long_texts_are_shortened_and_made_visible() -> None:
    assert short("x +\n  y") == "x + y"
    assert len(short("x + " * 40)) == LONGEST_CELL_TEXT
