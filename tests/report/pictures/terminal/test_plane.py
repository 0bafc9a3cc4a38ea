from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gdcli.pictures.scene import Arrow, Contour, Descent, Field, Grid, Path
from gdcli.report.pictures.terminal import drawn as in_terminal
from gdcli.report.pictures.terminal import plane
from gdcli.report.view import Screen
from tests import scenes
from tests.cells import Cell, cells, dots, halves

BARE, COLOR = Screen(), Screen(80, color=True)


def contour(grid: Grid, arrow: Arrow | None = None) -> Contour:
    return Contour("bowl", grid, arrow, (), ())


def frame(lines: list[str]) -> tuple[int, int, int, int]:
    """Where the picture is: its first row and column, and how many there are of each."""
    bottom = next(row for row, line in enumerate(lines) if "└" in line or "++" in line)
    left = lines[1].index("┤") + 1
    return 1, left, bottom - 1, len(lines[bottom]) - left


def shown(scene: Contour | Descent) -> tuple[list[list[Cell]], tuple[int, int, int, int]]:
    found = cells(in_terminal(scene, COLOR, 24))
    return found, frame(["".join(cell.sign for cell in line) for line in found])


def middles(low: float, high: float, count: int) -> Any:
    return low + (np.arange(count) + 0.5) / count * (high - low)


def test_each_half_of_a_cell_has_the_colour_of_f_in_its_middle() -> None:
    grid = scenes.grid()
    found, (top, left, rows, columns) = shown(contour(grid))
    x = middles(scenes.ACROSS.low, scenes.ACROSS.high, columns)
    y = middles(scenes.UP.low, scenes.UP.high, 2 * rows)[::-1]
    count = len(grid.levels) + 1
    for row in range(rows):
        for column in range(columns):
            colors = halves(found[top + row][left + column])
            for half, color in enumerate(colors):
                f = scenes.height(x[column], y[2 * row + half])
                near = {
                    plane.color_of(int((grid.levels <= f + error).sum()), count)
                    for error in (-0.05, 0.05)  # the grid's own
                }
                assert color in near


def test_the_key_says_which_colour_is_which_f() -> None:
    grid = scenes.grid()._replace(levels=np.array([1.0, 4.0, 9.0]))
    found, (top, left, _, columns) = shown(contour(grid))
    key = [line[left + columns + 1 :] for line in found[top : top + 4]]
    texts = ["".join(cell.sign for cell in line).strip() for line in key]
    assert texts == ["≥ 9", "≥ 4", "≥ 1", "< 1"]
    assert [line[0].paper for line in key] == [plane.color_of(band, 4) for band in (3, 2, 1, 0)]


def test_the_key_has_no_band_that_holds_nothing() -> None:
    grid = scenes.grid()  # its lowest level is its least f, 0
    found, (_, left, _, columns) = shown(contour(grid))
    texts = ["".join(cell.sign for cell in line[left + columns :]) for line in found]
    assert any("≥ 0" in text for text in texts)
    assert not any("<" in text for text in texts)


def test_what_is_undefined_is_left_blank() -> None:
    def half(x: Any, y: Any) -> Any:
        return np.where(x < 0, np.nan, x + 0 * y)

    found, (top, left, rows, columns) = shown(contour(scenes.grid(half)))
    for row in found[top : top + rows]:
        papers = [cell.paper for cell in row[left : left + columns]]
        assert not any(papers[: columns // 2])
        assert all(papers[columns // 2 :])


def test_a_path_goes_through_its_iterates() -> None:
    found, (top, left, rows, columns) = shown(scenes.descent())
    path = scenes.path()
    for k, sign in ((0, "○"), (1, "•"), (len(path.steps) - 1, "●")):
        x, y = path.steps[k].point
        row = top + int((scenes.UP.high - y) / (scenes.UP.high - scenes.UP.low) * rows)
        column = left + int((x - scenes.ACROSS.low) / 4 * columns)
        assert found[row][column].sign in (sign, "●" if k else sign)


def test_several_paths_end_in_letters_with_colours_of_their_own() -> None:
    scene = scenes.descent(scenes.path("α = 0.1"), scenes.path("α = 0.2", (-1.0, 0.5)))
    found = cells(in_terminal(scene, COLOR, 24))
    key = [line for line in found if line[0].sign == "○"]
    assert ["".join(cell.sign for cell in line)[:12] for line in key] == [
        "○ A α = 0.1:",
        "○ B α = 0.2:",
    ]
    assert key[0][2].ink != key[1][2].ink
    heads = "".join(cell.sign for cell in found[1])
    assert [heads[heads.index(text) :][:9] for text in "AB"] == ["A α = 0.1", "B α = 0.2"]
    assert found[1][heads.index("B")].ink == key[1][2].ink


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("width", [80, 30])
def test_of_several_paths_to_one_minimum_every_end_and_the_minimum_are_seen(
    width: int, color: bool
) -> None:
    def ended(label: str, x: float) -> Path:
        one = scenes.path(label, (x, 1.0))
        last = one.steps[-1]._replace(point=(0.0, 0.0), f=0.0)
        return one._replace(steps=(*one.steps, last))

    scene = scenes.descent(ended("a", 1.5), ended("b", -1.0), ended("c", 0.5))
    lines = cells(in_terminal(scene, Screen(width, color=color), 24))
    bottom = next(row for row, line in enumerate(lines) if any(c.sign == "└" for c in line))
    above = 1 if width == 80 else 0  # the heads of the panels
    signs = [cell.sign for line in lines[1 + above : bottom] for cell in line]
    panels = 3 if width == 80 else 1
    assert signs.count("×") == panels
    assert all(letter in signs for letter in "ABC")


def test_of_more_variables_a_path_is_drawn_on_its_plane() -> None:
    def placed(number: int) -> Descent:
        steps = tuple(
            step._replace(point=(*(9.0,) * number, *step.point)) for step in scenes.path().steps
        )
        names = ("u", "v", "x", "y")[2 - number :]
        path = scenes.path()._replace(steps=steps)
        plane = (number, number + 1)
        return scenes.descent(path)._replace(plane=plane, variables=names, minima=())

    one, other = (plane.descent(placed(number), BARE, 24) for number in (0, 2))
    assert one.split("\n")[:-3] == other.split("\n")[:-3]
    assert "u = 9, v = 9, x = " in other


def test_the_gradients_arrow_points_uphill() -> None:
    grid = scenes.grid()
    for drawn, sign in (
        ((0.5, 0.0), "→"),
        ((0.0, 0.5), "↑"),
        ((-0.5, 0.0), "←"),
        ((0.0, -0.5), "↓"),
    ):
        arrow = scenes.ARROW._replace(drawn=drawn)
        text = plane.contour(contour(grid, arrow), BARE, 24)
        rows = text.split("\n")[1:-2]
        assert sum(row.count(sign) for row in rows) == 1
        assert sum(row.count("●") for row in rows) == 1
        assert "∇f = (2, 3) at (x, y) = (1, 0.5), f = 1.75" in text


def test_the_arrow_of_a_gradient_of_zero_is_a_point() -> None:
    arrow = scenes.ARROW._replace(drawn=(0.0, 0.0))
    rows = plane.contour(contour(scenes.grid(), arrow), BARE, 24).split("\n")[1:-2]
    assert "●" in "".join(rows)
    assert not set("".join(rows)) & set("→↗↑↖←↙↓↘")


@pytest.mark.parametrize(
    ("degrees", "sign"), [(0, "→"), (45, "↗"), (100, "↑"), (170, "←"), (-135, "↙"), (-50, "↘")]
)
def test_a_head_points_as_it_looks_on_the_screen(degrees: float, sign: str) -> None:
    from gdcli.report.pictures.terminal.area import Area, Scale
    from gdcli.report.pictures.terminal.canvas import Canvas

    # A cell is twice as high as wide: 40 x 20 cells are a square.
    scales = Scale("x", 0.0, 1000.0), Scale("y", 0.0, 1.0)
    area = Area(Canvas(40, 20, BARE), (0, 0), (40, 20), *scales)
    angle = np.radians(degrees)
    assert plane.head(area, (1000 * np.cos(angle), np.sin(angle))) == sign


def test_a_field_has_an_arrow_where_there_is_a_slope() -> None:
    scene = scenes.every()["field"]
    assert isinstance(scene, Field)
    rows = plane.field(scene, BARE, 24).split("\n")[1:-3]
    found = [sign for row in rows for sign in row if sign in "→↗↑↖←↙↓↘"]
    assert len(found) == sum(any(arrow.drawn) for arrow in scene.arrows)
    assert found.index("↓") < found.index("↑")  # above the minimum and below it


def test_without_colour_contours_are_lines_with_letters() -> None:
    def slope(x: Any, y: Any) -> Any:
        return x + 0 * y

    grid = scenes.grid(slope)._replace(levels=np.array([-1.0, 0.0, 1.0]))
    lines = plane.contour(contour(grid), BARE, 24).rstrip("\n").split("\n")
    top, left, rows, columns = frame(lines)
    found = {across - 2 * left for across, _ in dots(lines[top : top + rows])}
    assert found == {columns // 2 - 1, columns - 1, columns + columns // 2 - 1}  # up to its parity
    letters = {sign for line in lines[top : top + rows] for sign in line[left : left + columns]}
    assert {"a", "b", "c"} <= letters
    assert [line[left + columns :].split() for line in lines[top : top + 3]] == [
        ["c", "1"],
        ["b", "0"],
        ["a", "-1"],
    ]


def test_where_contours_would_be_many_every_other_is_drawn() -> None:
    grid = scenes.grid()._replace(levels=np.linspace(0.5, 8, 16))
    text = plane.contour(contour(grid), BARE, 24)
    assert [line.split()[-2:] for line in text.split("\n")[1:9]] == [
        [letter, f"{level:g}"]
        for letter, level in zip("hgfedcba", np.linspace(0.5, 8, 16)[14::-2], strict=True)
    ]


def test_sampling_is_bilinear() -> None:
    def bilinear(x: Any, y: Any) -> Any:
        return 2 + x - 3 * y + x * y

    x, y = np.array([-2.0, -0.33, 1.9, 2.0]), np.array([-1.0, 0.123, 1.5])
    expected = bilinear(x[None, :], y[:, None])
    assert plane.sampled(scenes.grid(bilinear), x, y) == pytest.approx(expected)


@pytest.mark.parametrize("screen", [BARE, COLOR])
def test_levels_that_differ_little_have_different_numbers(screen: Screen) -> None:
    grid = scenes.grid(lambda x, y: scenes.height(x, y) + 1e12)
    grid = grid._replace(levels=1e12 + np.array([1.0, 4.0, 9.0]))
    text = in_terminal(contour(grid), screen, 24)
    assert [text.count(f"100000000000{level}") for level in (1, 4, 9)] == [
        1 + screen.color,  # "< " too
        *(1, 1),
    ]
