from __future__ import annotations

import pytest

from gdcli.report.sheet import Sheet
from gdcli.report.view import Screen

HEADERS = ("k", "‖∇f‖∞")
ROWS = [("0", "1.5"), ("1", "-2.25e-10")]


def test_numbers_are_right_aligned_one_row_a_line() -> None:
    sheet = Sheet(Screen())
    sheet.numbers(HEADERS, ROWS)
    assert sheet.text() == (
        "k      ‖∇f‖∞\n"
        "────────────\n"
        "0        1.5\n"
        "1  -2.25e-10\n"
    )  # fmt: skip


def test_ascii_spells_headers_and_lines_and_keeps_columns_aligned() -> None:
    sheet = Sheet(Screen(ascii=True))
    sheet.numbers(HEADERS, ROWS, (1, "⋮ 5 rows between"))
    assert sheet.text() == (
        "k  |grad f|inf\n--------------\n0          1.5\n: 5 rows between\n1    -2.25e-10\n"
    )


@pytest.mark.parametrize("width", [None, 80, 5])
def test_numbers_are_never_cut(width: int | None) -> None:
    sheet = Sheet(Screen(width))
    sheet.numbers(HEADERS, ROWS)
    assert "-2.25e-10\n" in sheet.text()
    assert "…" not in sheet.text()


def test_sentences_are_wrapped_at_words_only_where_there_is_a_width() -> None:
    sentence = "one two three four five six seven eight nine ten"
    wide, narrow = Sheet(Screen()), Sheet(Screen(20))
    wide.line(sentence)
    narrow.line(sentence)
    assert wide.text() == sentence + "\n"
    assert narrow.text() == "one two three four\nfive six seven eight\nnine ten\n"


def test_wide_characters_take_two_columns() -> None:
    sheet = Sheet(Screen())
    sheet.texts(("name", "n"), [("谷底", "1"), ("well", "2")])
    assert sheet.text().splitlines()[2:] == ["谷底  1", "well  2"]


def test_markup_in_a_text_is_only_text() -> None:
    sheet = Sheet(Screen())
    sheet.texts(("x[1]",), [("[red]x[/red] :smile:",)])
    assert "[red]x[/red] :smile:" in sheet.text()
    assert "x[1]" in sheet.text()


def test_colour_only_where_the_screen_has_it() -> None:
    for color in (False, True):
        sheet = Sheet(Screen(color=color))
        sheet.line("converged", "green")
        assert ("\x1b[32m" in sheet.text()) is color


def test_pairs_are_aligned_at_the_equal_sign() -> None:
    sheet = Sheet(Screen())
    sheet.pairs([("f", "1"), ("‖∇f‖", "2")])
    assert sheet.text() == "   f = 1\n‖∇f‖ = 2\n"
