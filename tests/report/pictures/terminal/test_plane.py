from __future__ import annotations

import numpy as np
import pytest

from gdcli.report.pictures.terminal import drawn as in_terminal
from gdcli.report.pictures.terminal import plane
from gdcli.report.view import Screen
from gdcli.scenes.scene import Arrow, Contour, DescentScene, Field, Grid, Path
from tests import example_scenes as scenes
from tests.cells import Cell, cells, frame

BARE, COLOR = Screen(), Screen(80, color=True)


def contour(grid: Grid, arrow: Arrow | None = None) -> Contour:
    return Contour("bowl", grid, arrow, (), ())


def shown(scene: Contour | DescentScene) -> tuple[list[list[Cell]], tuple[int, int, int, int]]:
    found = cells(in_terminal(scene, COLOR, 24))
    return found, frame(["".join(cell.sign for cell in line) for line in found])


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
    def placed(number: int) -> DescentScene:
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
