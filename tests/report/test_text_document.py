from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from random import Random
from typing import Literal

import pytest
from rich.box import SIMPLE_HEAD, Box
from rich.cells import cell_len as rich_cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gdcli.report.cell_widths import ONE_CELL_SIGNS, cell_len
from gdcli.report.text_document import TextDocument
from gdcli.report.transliteration import transliterated
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


def listed(width: int, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    document = TextDocument(Screen(width))
    document.texts(headers, rows)
    lines = document.text().split("\n")
    assert max(map(len, lines)) <= width
    return [" ".join(line.split()) for line in lines if "─" not in line]


def test_a_table_too_wide_is_several_that_begin_with_the_names() -> None:
    headers = ("name", "first", "second", "third")
    rows = [("a", "1111111", "2", "3"), ("b", "4", "5555555", "6")]
    assert listed(40, headers, rows)[0] == "name first second third"
    assert listed(22, headers, rows) == [
        "name first", "a 1111111", "b 4", "", "name second third", "a 2 3", "b 5555555 6", "",
    ]  # fmt: skip
    assert listed(12, headers, rows)[:3] == ["name: a", "first:", "1111111"]


def test_rows_of_one_name_have_their_second_column_in_every_table() -> None:
    headers = ("name", "what", "value", "other")
    rows = [("a", "x", "1", "3"), ("a", "y", "2", "4")]
    assert listed(18, headers, rows) == [
        "name what value", "a x 1", "a y 2", "", "name what other", "a x 3", "a y 4", "",
    ]  # fmt: skip


def test_headers_are_broken_between_words_where_that_saves_a_table() -> None:
    headers = ("k", "a long header", "another header")
    rows = [("1", "2222", "3333")]
    assert listed(40, headers, rows)[0] == "k a long header another header"
    assert listed(20, headers, rows) == ["a long another", "k header header", "1 2222 3333", ""]


def test_clauses_are_as_many_as_one_line_has_room_for() -> None:
    for width, shown in ((40, "one: two; three; four"), (17, "one: two; three"), (5, "one:\ntwo")):
        document = TextDocument(Screen(width))
        document.clauses("one: two; three; four")
        assert document.text() == f"{shown}\n"


@pytest.mark.parametrize("color", [False, True])
def test_the_environment_changes_nothing(color: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def text() -> str:
        document = TextDocument(Screen(60, color=color))
        document.line("word " * 30, "green")
        document.numbers(("k", "x"), [("1", "2.5")])
        return document.text()

    before = text()
    for name in ("COLUMNS", "LINES", "JUPYTER_COLUMNS", "JUPYTER_LINES"):
        monkeypatch.setenv(name, "33")
    for name, value in (
        ("TERM", "dumb"), ("FORCE_COLOR", "1"), ("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1"),
        ("TTY_COMPATIBLE", "1"), ("TTY_INTERACTIVE", "1"), ("COLORTERM", "truecolor"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
        assert text() == before


PIECES = (  # of generated cells
    *("x", "-2.25e-10", "0", "a b", " ", "  ", "", "[red]", ":smile:", "\\", "‖∇f‖∞", "α", "x₁²"),
    *("谷底", "ｱ", "e\u0301", "\u0301", "👍🏽", "❤\ufe0f", "é", "ß", "한글", "ก็", "−1", "…", "Ж"),
    *("a" * 70, "日" * 70, "\U0001f1e9\U0001f1ea"),
)
RARE_PIECES = (  # which rich lays out
    *("\t", "\n", "\r", "\x1b[1m", "\x00", "\x7f", "\xa0", "\xad", "　", "👩\u200d🚀", "\u202e"),
    "\ufeff",
)


def of_rich(printed: Table | Text, width: int = 1_000_000) -> str:
    """What rich prints without colour, without spaces at the ends of lines."""
    settings = {"markup": False, "emoji": False, "highlight": False, "no_color": True}
    file = StringIO()
    Console(
        file=file,
        width=1_000_000,
        _environ={},
        force_jupyter=False,
        force_terminal=False,
        color_system=None,
        legacy_windows=False,
        **settings,  # type: ignore[arg-type]
    ).print(printed, width=width)
    return "\n".join(line.rstrip(" ") for line in file.getvalue().split("\n"))


def table_of_rich(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    justify: Literal["left", "right"],
    ascii: bool,
    folding: tuple[int, ...] = (),
) -> str:
    box = Box(str(SIMPLE_HEAD).replace("─", "-"), ascii=True) if ascii else SIMPLE_HEAD
    table = Table(box=box, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for place, header in enumerate(headers):
        table.add_column(header, justify=justify, no_wrap=place not in folding, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return of_rich(table)


@pytest.mark.parametrize("count", [80, pytest.param(5000, marks=pytest.mark.full)])
def test_a_table_without_colour_and_width_has_the_bytes_that_rich_gives(count: int) -> None:
    random = Random(15)
    for _ in range(count):
        rare = RARE_PIECES if random.random() < 0.1 else ()

        def cell(rare: tuple[str, ...] = rare) -> str:
            return "".join(random.choices((*PIECES, *rare), k=random.choice((0, 1, 1, 2, 3))))

        columns = random.randint(1, 5)
        headers = [cell() for _ in range(columns)]
        rows = [[cell() for _ in range(columns)] for _ in range(random.randint(0, 5))]
        for ascii in (False, True):
            ours = TextDocument(Screen(ascii=ascii))
            shown = [[*map(transliterated, row)] if ascii else row for row in (headers, *rows)]
            ours.numbers(headers, rows)
            assert ours.text() == table_of_rich(shown[0], shown[1:], "right", ascii)
            ours = TextDocument(Screen(ascii=ascii))
            ours.texts(headers, rows, folding=(0,))
            assert ours.text() == table_of_rich(shown[0], shown[1:], "left", ascii, (0,))
        ours = TextDocument(Screen())
        ours.line(headers[0])
        assert ours.text() == of_rich(Text(headers[0], overflow="fold"))


def test_a_line_that_fits_is_the_one_that_rich_wraps() -> None:
    random = Random(16)
    for _ in range(100):
        sentence = "".join(random.choices((*PIECES, " "), k=random.randint(0, 9)))
        width = random.randint(1, 60)
        ours = TextDocument(Screen(width))
        ours.line(sentence)
        assert ours.text() == of_rich(Text(sentence, overflow="fold"), width), repr(sentence)


def test_the_signs_of_reports_fill_one_cell() -> None:
    assert {character for character in ONE_CELL_SIGNS if rich_cell_len(character) != 1} == set()
    for text in ("‖∇f‖∞", "谷底", "e\u0301", "👩\u200d🚀", "❤\ufe0f", "a\tb", ""):
        assert cell_len(text) == rich_cell_len(text)
