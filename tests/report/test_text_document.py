from __future__ import annotations

import pytest

from gdcli.report.text_document import TextDocument
from gdcli.report.view import Screen

HEADERS = ("k", "‖∇f‖∞")
ROWS = [("0", "1.5"), ("1", "-2.25e-10")]


def test_numbers_are_right_aligned_one_row_a_line() -> None:
    document = TextDocument(Screen())
    document.numbers(HEADERS, ROWS)
    assert document.text() == (
        "k      ‖∇f‖∞\n"
        "────────────\n"
        "0        1.5\n"
        "1  -2.25e-10\n"
    )  # fmt: skip


def test_ascii_spells_headers_and_lines_and_keeps_columns_aligned() -> None:
    document = TextDocument(Screen(ascii=True))
    document.numbers(HEADERS, ROWS, (1, "⋮ 5 rows between"))
    assert document.text() == (
        "k  |grad f|inf\n--------------\n0          1.5\n: 5 rows between\n1    -2.25e-10\n"
    )


@pytest.mark.parametrize("width", [None, 80, 5])
def test_numbers_are_never_cut(width: int | None) -> None:
    document = TextDocument(Screen(width))
    document.numbers(HEADERS, ROWS)
    assert "-2.25e-10\n" in document.text()
    assert "…" not in document.text()


def test_sentences_are_wrapped_at_words_only_where_there_is_a_width() -> None:
    sentence = "one two three four five six seven eight nine ten"
    wide, narrow = TextDocument(Screen()), TextDocument(Screen(20))
    wide.line(sentence)
    narrow.line(sentence)
    assert wide.text() == sentence + "\n"
    assert narrow.text() == "one two three four\nfive six seven eight\nnine ten\n"


def test_wide_characters_take_two_columns() -> None:
    document = TextDocument(Screen())
    document.texts(("name", "n"), [("谷底", "1"), ("well", "2")])
    assert document.text().splitlines()[2:] == ["谷底  1", "well  2"]


def test_markup_in_a_text_is_only_text() -> None:
    document = TextDocument(Screen())
    document.texts(("x[1]",), [("[red]x[/red] :smile:",)])
    assert "[red]x[/red] :smile:" in document.text()
    assert "x[1]" in document.text()


def test_colour_only_where_the_screen_has_it() -> None:
    for color in (False, True):
        document = TextDocument(Screen(color=color))
        document.line("converged", "green")
        assert ("\x1b[32m" in document.text()) is color


def test_pairs_are_aligned_at_the_equal_sign() -> None:
    document = TextDocument(Screen())
    document.pairs([("f", "1"), ("‖∇f‖", "2")])
    assert document.text() == "   f = 1\n‖∇f‖ = 2\n"
