from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gdcli.report.pictures.terminal import drawn as in_terminal
from gdcli.report.pictures.terminal import heights, plane
from gdcli.report.pictures.terminal.canvas import luminance
from gdcli.report.view import Screen
from gdcli.scenes.scene import Contour, Grid
from tests import example_scenes as scenes
from tests.cells import Cell, cells, dots, frame, halves

BARE, COLOR = Screen(), Screen(80, color=True)


def contour(grid: Grid) -> Contour:
    return Contour("bowl", grid, None, (), ())


def shown(scene: Contour) -> tuple[list[list[Cell]], tuple[int, int, int, int]]:
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
                    heights.color_of(int((grid.levels <= f + error).sum()), count)
                    for error in (-0.05, 0.05)  # the grid's own
                }
                assert color in near


def test_the_key_says_which_colour_is_which_f() -> None:
    grid = scenes.grid()._replace(levels=np.array([1.0, 4.0, 9.0]))
    found, (top, left, _, columns) = shown(contour(grid))
    key = [line[left + columns + 1 :] for line in found[top : top + 4]]
    texts = ["".join(cell.sign for cell in line).strip() for line in key]
    assert texts == ["≥ 9", "≥ 4", "≥ 1", "< 1"]
    assert [line[0].paper for line in key] == [heights.color_of(band, 4) for band in (3, 2, 1, 0)]


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
    assert heights.sampled(scenes.grid(bilinear), x, y) == pytest.approx(expected)


@pytest.mark.parametrize("screen", [BARE, COLOR])
def test_levels_that_differ_little_have_different_numbers(screen: Screen) -> None:
    grid = scenes.grid(lambda x, y: scenes.height(x, y) + 1e12)
    grid = grid._replace(levels=1e12 + np.array([1.0, 4.0, 9.0]))
    text = in_terminal(contour(grid), screen, 24)
    assert [text.count(f"100000000000{level}") for level in (1, 4, 9)] == [
        1 + screen.color,  # "< " too
        *(1, 1),
    ]


def test_colours_grow_evenly_lighter() -> None:
    lightness = [116 * np.cbrt(luminance(color)) - 16 for color in heights.RAMP]  # CIE L*
    steps = np.diff(lightness[1:]) / np.diff(lightness[1:]).mean()
    assert lightness[0] < lightness[1] < 20  # below, CIE L* is no cube root
    assert steps.min() > 0.55
    assert steps.max() < 1.45


def test_no_two_neighbours_have_one_colour() -> None:
    for count in (2, 15, 16, 17, 18):
        grid = scenes.grid()._replace(levels=np.linspace(1, 10, count))
        colors = [color for color, _ in heights.key(heights.thinned(grid, True, 1), True)]
        assert len(set(colors)) == len(colors) > count // 2


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("width", [16, 20, 30, 40, 47])
def test_where_there_are_few_columns_the_key_is_below(width: int, color: bool, ascii: bool) -> None:
    grid = scenes.grid()._replace(levels=np.array([1.0, 4.0, 9.0]))
    text = in_terminal(contour(grid), Screen(width, ascii, color), 24)
    lines = ["".join(cell.sign for cell in line) for line in cells(text)]
    bottom = next(row for row, line in enumerate(lines) if "└" in line or "++" in line)
    below = " ".join(lines[bottom + 2 :])
    assert max(map(len, lines)) <= width
    if color:
        at_least = ">=" if ascii else "≥"
        assert f"{at_least} 9" in below
        assert width < 40 or below.split() == [
            "<",
            "1",
            at_least,
            "1",
            at_least,
            "4",
            at_least,
            "9",
        ]
    else:
        assert below.split()[:2] == ["a", "1"]
    papers = {cell.paper for line in cells(text)[bottom + 2 :] for cell in line} - {None}
    assert papers == ({*()} if not color else papers & set(heights.RAMP))
    assert len(papers) == (len(below.split()) // 2 if color else 0)


def test_the_key_is_below_where_its_numbers_are_long() -> None:
    grid = scenes.grid(lambda x, y: scenes.height(x, y) + 1e12)
    grid = grid._replace(levels=1e12 + np.array([1.0, 4.0, 9.0]))
    lines = in_terminal(contour(grid), Screen(50), 24).split("\n")
    assert lines[-2] == "a 1000000000001  b 1000000000004  c 1000000000009"


def test_the_key_names_no_letter_that_is_not_seen() -> None:
    grid = scenes.grid()  # its lowest level is its least f: no contour
    text = plane.contour(contour(grid._replace(levels=grid.levels[::2])), BARE, 24)
    key = [line.split()[-2:] for line in text.split("\n")[1:5]]
    assert key[:3] == [["d", "8.06"], ["c", "5.38"], ["b", "2.69"]]
    assert key[3][0] != "a"


def test_a_letter_under_a_path_is_not_seen() -> None:
    small = np.array([0.001, 4.0])  # a contour around the minimum, where the path ends
    scene = scenes.descent(scenes.path(rows=40))
    assert scene.grid is not None
    text = in_terminal(scene._replace(grid=scene.grid._replace(levels=small)), BARE, 24)
    first, second, *_ = text.split("\n")[1:]
    assert first.endswith("b  4")
    assert not second.endswith("a  0.001")
