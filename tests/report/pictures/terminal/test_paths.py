from __future__ import annotations

from gdcli.report.pictures.terminal.area import Area, Scale
from gdcli.report.pictures.terminal.canvas import TEXT, Canvas
from gdcli.report.pictures.terminal.paths import draw_path, end_of, minima_entry, path_entries
from gdcli.report.view import Screen
from tests import scenes

UNIT = Scale("x", 0.0, 1.0)


def drawn(x: list[float], y: list[float]) -> str:
    area = Area(Canvas(21, 1, Screen()), (0, 0), (21, 1), UNIT, UNIT)
    draw_path(area, (x, y), TEXT, "A")
    return area.canvas.text().rstrip("\n")


def test_iterates_are_marked_while_they_are_few() -> None:
    assert drawn([0, 0.5, 1], [0.1] * 3) == "○" + "⣀" * 9 + "•" + "⣀" * 9 + "A"
    many = [number / 100 for number in range(101)]
    assert drawn(many, [0.1] * 101) == "○" + "⣀" * 19 + "A"


def test_what_leaves_the_window_is_cut_off() -> None:
    assert drawn([0.5, 5.0], [0.1, 0.1]) == " " * 10 + "○" + "⣀" * 10
    assert drawn([5.0, 9.0], [0.1, 0.1]) == ""


def test_a_path_of_one_point_is_its_end() -> None:
    assert drawn([0.0], [0.1]) == "A"


def test_ends() -> None:
    assert end_of(0, 1) == "●"
    assert [end_of(number, 3) for number in range(3)] == ["A", "B", "C"]


def test_entries_say_where_each_came_to() -> None:
    one = path_entries([scenes.path()], ("x", "y"))
    assert one[0].text == "k = 11, f = 0.0166, x = 0.1288, y = 4.194e-05"
    two = path_entries([scenes.path("α = 0.1"), scenes.path("α = 0.2", rows=1)], ("x", "y"), 1)
    assert [entry.sign for entry in two] == ["○ A", "○ B"]
    assert two[1].text == "α = 0.2: k = 0, f = 5.25, x = 1.5, y = 1"
    assert len({entry.ink for entry in (*one, *two)}) == 3


def test_minima_have_one_entry_or_none() -> None:
    assert minima_entry(()) == []
    assert minima_entry(scenes.MINIMA)[0].text == "known minimum"
    assert minima_entry(scenes.MINIMA * 2)[0].text == "known minima"
