from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.figure import Figure
from matplotlib.text import Annotation

from gdcli.report.pictures import plane, style
from gdcli.scenes.scene import Axis
from tests.example_scenes import ARROW, grid


@pytest.fixture
def axes() -> Iterator[Any]:
    with style.applied():
        yield Figure().add_subplot()


def test_contours_lie_at_the_levels_and_the_window_is_the_grid(axes: Any) -> None:
    shown = grid()
    filled: Any = plane.contours(axes, shown)
    assert filled.levels.tolist() == shown.levels.tolist()
    assert (axes.get_xlim(), axes.get_ylim()) == ((-2, 2), (-1, 1.5))
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x", "y")
    assert axes.get_aspect() == 1
    (lines,) = (one for one in axes.collections if one is not filled)
    for level, path in zip(shown.levels, lines.get_paths(), strict=True):
        x, y = path.vertices.T
        assert np.allclose(x**2 + 3 * y**2, level, atol=0.02)


def test_undefined_places_stay_blank(axes: Any) -> None:
    shown = grid(lambda x, y: np.where(x + 0 * y > 0, np.nan, x + y))
    filled: Any = plane.contours(axes, shown)
    highest = max(path.vertices[:, 0].max() for path in filled.get_paths() if len(path.vertices))
    assert highest <= 0


def test_colors_tell_what_lies_beyond_the_levels(axes: Any) -> None:
    shown = grid()
    assert plane.contours(axes, shown).extend == "neither"
    assert plane.contours(axes, shown._replace(levels=shown.levels[1:-1])).extend == "both"
    assert plane.contours(axes, shown._replace(levels=shown.levels[1:])).extend == "min"


def test_an_oblong_window_fills_its_panel(axes: Any) -> None:
    plane.window(axes, (Axis("x", 0, 1000), Axis("y", 0, 1)))
    assert axes.get_aspect() == "auto"


def test_the_scale_has_round_numbers_of_the_levels(axes: Any) -> None:
    shown = grid()._replace(levels=np.array([0.0, 0.5, 2.0, 8.0]), uneven=True)
    plane.bar(axes, plane.contours(axes, shown), shown)
    (beside,) = axes.child_axes
    assert [text.get_text() for text in beside.get_yticklabels()] == ["0", "0.5", "2", "8"]
    assert "not evenly" in beside.get_ylabel()


def test_the_arrow_leads_from_the_point_along_the_gradient(axes: Any) -> None:
    plane.arrow(axes, ARROW)
    (drawn,) = (one for one in axes.texts if isinstance(one, Annotation))
    assert drawn.xyann == (1.0, 0.5)
    assert np.allclose(drawn.xy, (1.4, 1.1))


def test_an_arrow_that_ends_outside_of_the_window_is_drawn_all_the_same(axes: Any) -> None:
    plane.window(axes, (Axis("x", 0, 1.2), Axis("y", 0, 1)))
    plane.arrow(axes, ARROW)
    (drawn,) = (one for one in axes.texts if isinstance(one, Annotation))
    axes.figure.draw_without_rendering()
    assert drawn.get_annotation_clip() is False


def test_where_the_gradient_is_zero_there_is_a_point_alone(axes: Any) -> None:
    plane.arrow(axes, ARROW._replace(gradient=(0.0, 0.0), drawn=(0.0, 0.0)))
    assert not axes.texts
    assert len(axes.lines) == 1


def test_a_field_has_an_arrow_a_place(axes: Any) -> None:
    level = ARROW._replace(at=(0.0, 0.0, 0.0), drawn=(0.0, 0.0))
    plane.arrows(axes, [ARROW, level, ARROW._replace(at=(-1.0, 0.0, 1.0))])
    (field,) = axes.collections
    assert field.get_offsets().tolist() == [[1.0, 0.5], [-1.0, 0.0]]
    assert (field.U.tolist(), field.V.tolist()) == ([0.4, 0.4], [0.6, 0.6])


def test_levels_that_differ_little_have_different_numbers_beside_the_scale(axes: Any) -> None:
    shown = grid(lambda x, y: x**2 + 3 * y**2 + 1e12)
    plane.bar(axes, plane.contours(axes, shown), shown)
    (beside,) = axes.child_axes
    texts = [text.get_text() for text in beside.get_yticklabels()]
    assert len(set(texts)) == len(texts) > 3


@pytest.mark.parametrize("name", ["y", "beta", "a_name", "beta_long_name_2", "a" * 90])
def test_the_name_of_the_vertical_axis_lies_beside_its_numbers(axes: Any, name: str) -> None:
    axes.set_position((0.2, 0.1, 0.7, 0.8))
    plane.window(axes, (Axis("x", 0, 1), Axis(name, 1e4, 1e4 + 1)))
    axes.figure.draw_without_rendering()
    named = axes.yaxis.label.get_window_extent()
    numbers = [text.get_window_extent() for text in axes.get_yticklabels()]
    assert named.x1 < min(box.x0 for box in numbers)
    assert named.height < axes.bbox.height
    assert axes.yaxis.label.get_rotation() == (0 if len(name) <= 4 else 90)
