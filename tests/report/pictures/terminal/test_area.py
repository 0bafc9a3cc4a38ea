from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gdcli.report.pictures.terminal.area import Area, Scale, label_width, short
from gdcli.report.pictures.terminal.canvas import TEXT, Canvas
from gdcli.report.view import Screen
from tests.cells import dots

UNIT = Scale("x", 0.0, 1.0)
finite = st.floats(-1e308, 1e308)


def area(columns: int, rows: int, x: Scale = UNIT, y: Scale = UNIT) -> Area:
    return Area(Canvas(columns, rows, Screen()), (0, 0), (columns, rows), x, y)


def drawn(shown: Area) -> set[tuple[int, int]]:
    return dots(shown.canvas.text().split("\n"))


@pytest.mark.parametrize(
    ("scale", "most", "texts"),
    [
        (Scale("x", -2, 2), 4, ["-2", "-1", "0", "1", "2"]),
        (Scale("x", -20, 20), 9, ["-20", "-15", "-10", "-5", "0", "5", "10", "15", "20"]),
        (Scale("x", 0.13, 0.57), 5, ["0.2", "0.3", "0.4", "0.5"]),
        (Scale("x", 1e6, 1e6 + 4), 4, [f"100000{k}" for k in range(5)]),
        (Scale("x", 1e-16, 0.1, True), 6, ["1e-15", "1e-12", "1e-09", "1e-06", "0.001"]),
        (Scale("x", 0.5, 200, True), 6, ["1", "10", "100"]),
        (Scale("x", 2, 4, True), 3, ["2", "3", "4"]),  # no power of ten lies within
        (Scale("x", 0.08, 1.8), 3, ["0.5", "1", "1.5"]),  # 1 alone would say little
        (Scale("k", 0, 2, whole=True), 9, ["0", "1", "2"]),
        (Scale("x", -1e308, 1e308), 3, ["-1e+308", "0", "1e+308"]),
    ],
)
def test_ticks_are_round(scale: Scale, most: int, texts: list[str]) -> None:
    assert list(scale.ticks(most).values()) == texts


@given(finite, finite, st.integers(1, 30))
def test_ticks_lie_within_and_apart(one: float, other: float, most: int) -> None:
    low, high = sorted((one, other))
    assume(high - low > 1e-6 * max(abs(low), abs(high), 1e-300))
    ticks = list(Scale("x", low, high).ticks(most))
    room = 1e-9 * (high / 2 - low / 2)
    assert all(low - room <= tick <= high + room for tick in ticks)
    assert len(ticks) <= 2 * most + 1
    assert all(a < b for a, b in pairwise(ticks))


def test_shares() -> None:
    values = [-1e308, 0.0, 1e308, np.nan, np.inf]
    assert Scale("x", -1e308, 1e308).share(values)[:3].tolist() == [0, 0.5, 1]
    assert np.isnan(Scale("x", -1e308, 1e308).share(values)[3:]).all()
    logarithmic = Scale("x", 1e-4, 1.0, True).share([1e-4, 1e-2, 1.0, 0.0, -1.0])
    assert logarithmic[:3] == pytest.approx([0, 0.5, 1])
    assert np.isnan(logarithmic[3:]).all()


def test_the_ends_of_the_axes_are_the_outermost_dots() -> None:
    shown = area(3, 2)
    shown.line([0.0], [0.0], TEXT)
    shown.line([1.0], [1.0], TEXT)
    assert drawn(shown) == {(0, 7), (5, 0)}


def test_a_line_has_no_holes() -> None:
    shown = area(20, 10)
    shown.line([0.0, 1.0], [0.0, 1.0], TEXT)
    found = sorted(drawn(shown), key=lambda dot: (dot[0], -dot[1]))
    assert found[0] == (0, 39)
    assert found[-1] == (39, 0)
    assert all(max(abs(a[0] - b[0]), abs(a[1] - b[1])) <= 1 for a, b in pairwise(found))


def test_a_line_is_cut_off_at_the_edges_and_has_gaps() -> None:
    shown = area(10, 1)
    shown.line([-5.0, 5.0], [0.5, 0.5], TEXT)
    assert {across for across, _ in drawn(shown)} == set(range(20))
    shown = area(10, 1)
    shown.line([0.0, 0.25, np.nan, 0.75, 1.0], [0.5] * 5, TEXT)
    assert {across for across, _ in drawn(shown)} == {*range(6), *range(15, 20)}


def test_what_is_far_outside_leaves_no_trace() -> None:
    shown = area(10, 3)
    shown.line([-1e300, 1e300, np.inf], [2.0, 2.0, 0.5], TEXT)
    assert not drawn(shown)


coordinate = st.floats(-3, 3)


def test_cells_are_rows_and_columns_of_what_lies_within() -> None:
    shown = area(4, 2)
    assert shown.cells([0.0, 2.0, 1.0, 0.3], [0.0, 0.5, 1.0, np.nan]) == [(1, 0), (0, 3)]


def test_axes_say_where_they_are() -> None:
    canvas = Canvas(26, 7, Screen())
    scales = (Scale("x", -1.0, 1.0), Scale("f", 0.0, 4.0))
    shown = Area(canvas, (2, 0), (23, 5), *scales)
    shown.left_axis()
    shown.bottom_axis()
    assert canvas.text().split("\n") == [
        "4┤",
        "f│",
        "2┤",
        " │",
        "0┤",
        " └┬──────────┬──────────┬",
        " -1          0    x     1",
        "",
    ]
    assert label_width(scales[1], 5) == 1


@pytest.mark.parametrize("columns", range(12, 40))
@pytest.mark.parametrize("name", ["x", "beta", "a_very_long_name"])
def test_the_name_of_an_axis_takes_the_place_of_no_text(columns: int, name: str) -> None:
    texts = []
    for shown in ("", name):
        canvas = Canvas(columns, 2, Screen())
        Area(canvas, (3, 0), (columns - 3, 0), Scale(shown, -100.0, 100.0), UNIT).bottom_axis()
        texts.append(canvas.text().split("\n")[1].split())
    assert texts[0][0] == "-100"
    assert texts[0][-1] == "100"
    assert [text for text in texts[1] if text != short(name)] == texts[0]


def test_of_a_long_name_the_beginning_stands_beside_the_left_axis() -> None:
    canvas = Canvas(30, 5, Screen())
    scale = Scale("a_very_long_name", 0.0, 4.0)
    assert label_width(scale, 5) == 12  # as it is in ASCII
    Area(canvas, (11, 0), (19, 5), UNIT, scale).left_axis()
    assert "a_very_lo…│" in canvas.text()


def test_signs_are_those_that_were_written_in_it() -> None:
    shown = area(4, 2)
    shown.sign(0.0, 0.0, "a")
    shown.sign(1.0, 1.0, "b")
    shown.sign(0.0, 0.0, "●")
    assert shown.signs() == {"", "●", "b"}


def test_the_name_of_an_axis_stands_beside_the_last_text_where_there_is_room() -> None:
    canvas = Canvas(24, 2, Screen())
    Area(canvas, (1, 0), (20, 0), Scale("x", -1.0, 1.0), UNIT).bottom_axis()
    assert canvas.text().split("\n")[1] == "-1         0        1 x"
