from __future__ import annotations

from gdcli.report.pictures.terminal.area import Area, Scale
from gdcli.report.pictures.terminal.canvas import TEXT, Canvas
from gdcli.report.pictures.terminal.paths import (
    draw_path,
    draw_paths,
    end_of,
    minima_entry,
    path_entries,
    path_heads,
)
from gdcli.report.view import Screen
from gdcli.scenes.scene import Mark
from tests import example_scenes as scenes

UNIT = Scale("x", 0.0, 1.0)


def drawn(x: list[float], y: list[float]) -> str:
    area = Area(Canvas(21, 1, Screen()), (0, 0), (21, 1), UNIT, UNIT)
    draw_path(area, (x, y), TEXT)
    return area.canvas.text().rstrip("\n")


def test_iterates_are_marked_while_they_are_few() -> None:
    assert drawn([0, 0.5, 1], [0.1] * 3) == "○" + "⣀" * 9 + "•" + "⣀" * 9 + "•"
    many = [number / 100 for number in range(101)]
    assert drawn(many, [0.1] * 101) == "○" + "⣀" * 20


def test_what_leaves_the_window_is_cut_off() -> None:
    assert drawn([0.5, 5.0], [0.1, 0.1]) == " " * 10 + "○" + "⣀" * 10
    assert drawn([5.0, 9.0], [0.1, 0.1]) == ""


def together(*paths: tuple[list[float], list[float]], color: bool = False) -> str:
    """Paths on one area, with a known minimum at its right end."""
    area = Area(Canvas(21, 1, Screen(color=color)), (0, 0), (21, 1), UNIT, UNIT)
    draw_paths([area], paths, [Mark("", 1.0, 0.1, 0.0)])
    return area.canvas.text().rstrip("\n")


def test_a_path_of_one_point_is_its_end() -> None:
    assert together(([0.0], [0.1])) == "●" + " " * 19 + "×"
    assert together(([0.0, 1.0], [0.1, 0.1])) == "○" + "⣀" * 19 + "●"


def test_ends_at_one_place_stand_beside_each_other_and_beside_the_minimum() -> None:
    text = together(([0.0, 1.0], [0.1] * 2), ([0.5, 1.0], [0.1] * 2), ([0.7, 1.0], [0.1] * 2))
    assert text.endswith("CBA×")


def test_without_colour_letters_tell_paths_on_one_area_apart() -> None:
    text = together(([0.0, 0.2, 0.4], [0.1] * 3), ([0.6, 0.75, 0.9], [0.1] * 3))
    assert text.count("A") == text.count("B") == 2  # in the middle and at the end
    many = [number / 100 for number in range(90)]
    assert together((many, [0.1] * 90), ([1.0], [0.1])).count("A") == 4
    assert together((many, [0.1] * 90), ([1.0], [0.1]), color=True).count("A") == 1


def test_each_of_several_areas_has_its_path() -> None:
    canvas = Canvas(21, 1, Screen())
    areas = [Area(canvas, (left, 0), (10, 1), UNIT, UNIT) for left in (0, 11)]
    draw_paths(areas, [([0.0, 0.5], [0.1] * 2), ([0.0, 0.8], [0.1] * 2)], [Mark("", 1, 0.1, 0)])
    assert canvas.text().rstrip("\n") == "○⣀⣀⣀⣀A   × ○⣀⣀⣀⣀⣀⣀⣀B×"


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


def test_heads_have_the_letter_and_ink_of_the_path() -> None:
    paths = [scenes.path("α = 0.1"), scenes.path("α = 0.2")]
    heads, entries = path_heads(paths, 1), path_entries(paths, ("x", "y"), 1)
    assert [(head.sign, head.text) for head in heads] == [("A", "α = 0.1"), ("B", "α = 0.2")]
    assert [head.ink for head in heads] == [entry.ink for entry in entries]


def test_minima_have_one_entry_or_none() -> None:
    assert minima_entry(()) == []
    assert minima_entry(scenes.MINIMA)[0].text == "known minimum"
    assert minima_entry(scenes.MINIMA * 2)[0].text == "known minima"
