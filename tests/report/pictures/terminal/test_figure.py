from __future__ import annotations

import pytest

from gdcli.report.pictures.terminal.area import Scale
from gdcli.report.pictures.terminal.figure import (
    FEWEST_ROWS,
    SMALLEST_PANEL,
    LegendEntry,
    TerminalFigure,
    ink_of,
    letter,
)
from gdcli.report.view import Screen

AXES = (Scale("x", 0.0, 1.0), Scale("f", 0.0, 1.0))


@pytest.mark.parametrize("height", [None, 24, 50])
@pytest.mark.parametrize("width", [None, 80, 200])
def test_a_board_fills_the_terminal_but_for_the_prompt(
    width: int | None, height: int | None
) -> None:
    figure = TerminalFigure(Screen(width), height, "title", [LegendEntry("×", "a minimum")])
    area = figure.area(*AXES)
    lines = figure.text().split("\n")
    assert lines.pop() == ""
    assert len(lines) == (height or 24) - 2  # the prompt, and a note
    assert max(map(len, lines)) == (width or 80) == area.left + area.columns
    assert lines[0] == "title"
    assert lines[-1] == "× a minimum"


def test_long_titles_and_keys_are_folded() -> None:
    words = " ".join(["word"] * 30)
    figure = TerminalFigure(
        Screen(30), 24, words, [LegendEntry("○ A", words), LegendEntry("×", "end")]
    )
    lines = figure.text().rstrip("\n").split("\n")
    assert lines[1].endswith("...")
    assert [line[:6] for line in lines if "word" in line][2:5] == ["○ A wo", "    wo", "    wo"]
    assert lines[-1] == "×   end"
    assert all(len(line) <= 30 for line in lines)


def test_the_picture_has_some_rows_however_low_the_terminal() -> None:
    figure = TerminalFigure(Screen(80), 3, "title")
    assert figure.area(*AXES).rows == FEWEST_ROWS


def test_ascii_is_folded_by_its_own_width() -> None:
    figure = TerminalFigure(Screen(20, ascii=True), 24, "", [LegendEntry("●", "α α α α α α α α")])
    assert all(len(line) <= 20 for line in figure.text().split("\n"))
    assert "alpha" in figure.text()


def test_numbers_that_would_leave_no_room_are_left_out() -> None:
    long = Scale("f", 1e12, 1e12 + 10)
    narrow, wide = (TerminalFigure(Screen(width), 24, "title") for width in (24, 40))
    assert narrow.area(AXES[0], long).columns == 23
    assert wide.area(AXES[0], long).columns == 26
    assert "1000000000" in wide.text()
    assert "1000000000" not in narrow.text()


def test_rows_below_the_picture_are_left_for_its_key() -> None:
    figure = TerminalFigure(Screen(80), 24, "title", [LegendEntry("×", "end")], (), 2)
    assert (
        figure.rows == TerminalFigure(Screen(80), 24, "title", [LegendEntry("×", "end")]).rows - 2
    )
    lines = figure.text().split("\n")
    assert lines[figure.top + figure.rows :] == ["", "", "× end", ""]


def test_notes_have_the_lines_left_that_they_take_when_wrapped_at_words() -> None:
    words = "x" * 60 + " " + "y" * 60 + " " + "z" * 60
    figure = TerminalFigure(Screen(80), 24, "title", (), [words])
    assert figure.text().count("\n") + 1 + 3 == 24


def test_notes_have_their_lines_left() -> None:
    notes = ("x " * 36 + "x", "x" * 74, "short")  # with `gdcli: ` 80, 81 and 12 columns
    figure = TerminalFigure(Screen(80), 24, "title", (), notes)
    assert figure.text().count("\n") + 1 + 2 + 1 == 24 - 1


def test_panels_stand_side_by_side_each_with_its_head_and_axes() -> None:
    heads = [LegendEntry("A", "one"), LegendEntry("B", "two"), LegendEntry("C", "three")]
    figure = TerminalFigure(Screen(80), 24, "title")
    areas = figure.areas(heads, *AXES)
    assert len(areas) == 3
    assert len({(area.top, area.rows, area.columns) for area in areas}) == 1
    lines = figure.text().split("\n")
    for area, head in zip(areas, heads, strict=True):
        assert lines[1][area.left :].startswith(f"{head.sign} {head.text}")
        assert all(lines[row][area.left - 1] in "│┤" for row in range(2, 2 + area.rows))
    assert [line.count("└") for line in lines if "└" in line] == [3]
    ends = [area.left + area.columns for area in areas]
    assert all(end < area.left - 1 for end, area in zip(ends, areas[1:], strict=False))
    assert ends[-1] <= 80


def test_panels_stand_in_rows_where_that_is_larger() -> None:
    heads = [LegendEntry(letter(number), "") for number in range(4)]
    areas = TerminalFigure(Screen(60), 50, "title").areas(heads, *AXES)
    assert len({area.top for area in areas}) == len({area.left for area in areas}) == 2


@pytest.mark.parametrize(("width", "height"), [(30, 24), (60, 10)])
def test_where_panels_would_be_too_small_there_is_one_area(width: int, height: int) -> None:
    heads = [LegendEntry(letter(number), "") for number in range(6)]
    (area,) = TerminalFigure(Screen(width), height, "title", [LegendEntry("×", "")]).areas(
        heads, *AXES
    )
    assert area.columns > SMALLEST_PANEL[0]
    assert area.rows > SMALLEST_PANEL[1]


def test_letters_and_inks_begin_again() -> None:
    assert [letter(number) for number in (0, 1, 25, 26)] == ["A", "B", "Z", "A"]
    assert ink_of(0) == ink_of(5) != ink_of(1)
