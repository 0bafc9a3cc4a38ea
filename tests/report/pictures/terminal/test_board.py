from __future__ import annotations

import pytest

from gdcli.report.pictures.terminal.area import Scale
from gdcli.report.pictures.terminal.board import FEWEST, LEFT, Board, Entry, ink_of, letter
from gdcli.report.view import Screen

AXES = (Scale("x", 0.0, 1.0), Scale("f", 0.0, 1.0))


@pytest.mark.parametrize("height", [None, 24, 50])
@pytest.mark.parametrize("width", [None, 80, 200])
def test_a_board_fills_the_terminal_but_for_the_prompt(
    width: int | None, height: int | None
) -> None:
    board = Board(Screen(width), height, "title", [Entry("×", "a minimum")])
    area = board.area(*AXES)
    lines = board.text().split("\n")
    assert lines.pop() == ""
    assert len(lines) == (height or 24) - LEFT
    assert max(map(len, lines)) == (width or 80) == area.left + area.columns
    assert lines[0] == "title"
    assert lines[-1] == "× a minimum"


def test_long_titles_and_keys_are_folded() -> None:
    words = " ".join(["word"] * 30)
    board = Board(Screen(30), 24, words, [Entry("○ A", words), Entry("×", "end")])
    lines = board.text().rstrip("\n").split("\n")
    assert lines[1].endswith("...")
    assert [line[:6] for line in lines if "word" in line][2:5] == ["○ A wo", "    wo", "    wo"]
    assert lines[-1] == "×   end"
    assert all(len(line) <= 30 for line in lines)


def test_the_picture_has_some_rows_however_low_the_terminal() -> None:
    board = Board(Screen(80), 3, "title")
    assert board.area(*AXES).rows == FEWEST


def test_ascii_is_folded_by_its_own_width() -> None:
    board = Board(Screen(20, ascii=True), 24, "", [Entry("●", "α α α α α α α α")])
    assert all(len(line) <= 20 for line in board.text().split("\n"))
    assert "alpha" in board.text()


def test_letters_and_inks_begin_again() -> None:
    assert [letter(number) for number in (0, 1, 25, 26)] == ["A", "B", "Z", "A"]
    assert ink_of(0) == ink_of(5) != ink_of(1)
