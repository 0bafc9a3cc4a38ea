from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.figure import Figure
from mpl_toolkits.mplot3d import proj3d
from mpl_toolkits.mplot3d.axes3d import Axes3D

from gdcli.report.pictures import style, surface_plot
from tests.example_scenes import ARROW, MINIMA, PLACES, grid, height


def drawn_surface() -> Axes3D:
    with style.applied():
        axes = surface_plot.space(Figure(), (0, 0, 1, 1))
        surface_plot.surface(axes, grid())
    return axes


def test_the_surface_goes_through_the_points_of_the_grid() -> None:
    corners, colors = surface_plot.patches(grid())
    assert len(corners) == len(colors) == (PLACES[0] - 1) * (PLACES[1] - 1)
    x, y, f = np.moveaxis(corners, -1, 0)
    assert np.allclose(f, height(x, y))
    axes = drawn_surface()
    assert (axes.get_xlim(), axes.get_ylim(), axes.get_zlim()) == ((-2, 2), (-1, 1.5), (0, 10.75))


def test_the_surface_is_cut_off_at_its_limits_and_open_where_undefined() -> None:
    f = surface_plot.patches(grid()._replace(limits=(1.0, 4.0)))[0][..., 2]
    assert 1 <= f.min() < f.max() <= 4
    half = grid(lambda x, y: np.where(x + 0 * y > 0, np.nan, x + y))
    assert surface_plot.patches(half)[0][..., 0].max() <= 0


def test_a_patch_is_cut_at_a_limit_but_leads_across_no_pole() -> None:
    corners = np.array(
        [
            [0.0, 1.0, 2.0, 3.0],
            [9.0, 9.0, 11.0, 99.0],  # rises above 10: cut there
            [9.0, 9.0, np.inf, 9.0],
            [9.0, 9.0, -99.0, -99.0],  # from one end to the other
            [11.0, 12.0, 13.0, 14.0],
        ]
    )
    assert surface_plot.shown(corners, (0.0, 10.0)).tolist() == [True, True, False, False, False]
    # 1/x has patches on both sides of its pole, none between them.
    pole = grid(lambda x, y: 1 / (x - 0.05) + 0 * y)._replace(limits=(-4.0, 4.0))
    drawn = surface_plot.patches(pole)[0]
    below = drawn[..., 0].max(axis=1) < 0.05
    assert (drawn[below][..., 2] < 0).all()
    assert (drawn[~below][..., 2] > 0).all()
    assert drawn[..., 2].max() == 4


def test_high_is_lighter_than_low() -> None:
    _, colors = surface_plot.patches(grid(lambda x, y: x + 0 * y))
    first_row = colors[: PLACES[0] - 1, :3].sum(axis=1)
    assert (np.diff(first_row) > 0).all()


def test_a_fine_grid_is_thinned_evenly() -> None:
    assert surface_plot.thinned(201).tolist() == list(range(0, 201, 2))
    assert surface_plot.thinned(101).tolist() == list(range(101))
    assert surface_plot.thinned(203)[-1] == 202


def test_heights_are_interpolated() -> None:
    sloped = grid(lambda x, y: 1 + 2 * x - 3 * y)
    x, y = np.array([-1.99, 0.123, 2.0, 2.1]), np.array([0.4, -0.99, 1.5, 0.0])
    found = surface_plot.heights_at(sloped, x, y)
    assert np.allclose(found[:3], (1 + 2 * x - 3 * y)[:3])
    assert np.isnan(found[3])


def test_the_eye_is_where_matplotlib_looks_from() -> None:
    axes = drawn_surface()
    # Along the line of sight two points fall on the same place of the picture.
    lengths = np.array([4.0, 2.5, 10.75])
    near = np.array([0.3, 0.2, 2.0])
    far = near + surface_plot.sight() / np.array(surface_plot.BOX_SIDES) * lengths * 0.3
    first, second = (proj3d.proj_transform(*point, axes.get_proj()) for point in (near, far))
    assert np.allclose(first[:2], second[:2])
    assert abs(first[2] - second[2]) > 0.01


def test_a_wall_hides_what_is_behind_it() -> None:
    # The eye is in front of low y: a wall along x at y = 0 hides what lies beyond it.
    walled = grid(lambda x, y: np.where(abs(y + 0 * x) < 0.15, 5.0, 0.0))
    points = np.array([[0.0, -0.6, 0.0], [0.0, 0.4, 0.0], [0.0, 0.4, 4.9], [0.0, 0.0, 5.0]])
    assert surface_plot.in_sight(walled, points).tolist() == [True, False, True, True]


def test_a_bowl_hides_its_outside() -> None:
    bowl = grid(lambda x, y: x**2 + y**2)
    above, below = np.array([[0.5, 0.5, 0.5]]), np.array([[0.5, 0.5, 0.3]])
    assert surface_plot.in_sight(bowl, above).all()
    assert not surface_plot.in_sight(bowl, below).any()
    assert surface_plot.in_sight(bowl, np.empty((0, 3))).shape == (0,)


def test_slopes_towards_the_light_are_brighter() -> None:
    towards, away = (grid(lambda x, y, s=s: s * x + 0 * y) for s in (-1.0, 1.0))
    lit, dark = (surface_plot.brightness(one, one.f) for one in (towards, away))
    assert lit.shape == (PLACES[1] - 1, PLACES[0] - 1)
    assert lit.min() > dark.max()


def test_the_arrow_is_tangent_to_the_surface() -> None:
    axes = drawn_surface()
    legend = surface_plot.arrow(axes, grid(), ARROW)
    shadow, tangent = axes.texts[-2:]  # the first is the name of the axis
    at, rise = np.array(ARROW.at), 0.4 * 2.0 + 0.6 * 3.0
    tip = at + np.array([0.4, 0.6, rise])
    for drawn, ends in ((tangent, (at, tip)), (shadow, ([1.0, 0.5, 0.0], [1.4, 1.1, 0.0]))):
        start, end = (proj3d.proj_transform(*one, axes.get_proj())[:2] for one in ends)
        assert np.allclose(drawn.xyann, start)
        assert np.allclose(drawn.xy, end)
    assert [one.get_label() for one in legend] == ["up the slope, along ∇f", "∇f on the floor"]
    assert [one.get_color() for one in legend] == [
        drawn.arrowprops["color"] for drawn in (tangent, shadow)
    ]


@pytest.mark.parametrize("at", [(1.0, 0.5, 99.0), (1.0, 0.5, np.nan)])
def test_an_arrow_beyond_the_picture_is_left_out(at: tuple[float, float, float]) -> None:
    axes = drawn_surface()
    before = len(axes.texts)
    assert surface_plot.arrow(axes, grid(), ARROW._replace(at=at)) == []
    assert len(axes.texts) == before


def test_known_minima_are_stars_on_the_surface() -> None:
    axes = drawn_surface()
    surface_plot.stars(axes, grid(), (*MINIMA, MINIMA[0]._replace(x=9.0)))
    near, hidden = axes.lines
    assert [part.tolist() for part in near.get_data_3d()] == [[0.0], [0.0], [0.0]]
    assert hidden.get_data_3d()[0].size == 0


@pytest.mark.parametrize(
    ("at", "alpha"), [((-1.0, 1.0), 2 * surface_plot.HIDDEN_ALPHA), ((1.8, -0.9), 1.0)]
)
def test_the_shadow_of_an_arrow_is_faint_where_the_surface_hides_it(
    at: tuple[float, float], alpha: float
) -> None:
    flat = grid(lambda x, y: 0.2 * x + 0 * y)._replace(limits=(-10.0, 10.0))
    with style.applied():
        axes: Any = surface_plot.space(Figure(), (0, 0, 1, 1))
        surface_plot.surface(axes, flat)
        arrow = ARROW._replace(at=(*at, 0.2 * at[0]), gradient=(0.2, 0.0), drawn=(0.1, 0.0))
        surface_plot.arrow(axes, flat, arrow)
    heads = [one.arrow_patch for one in axes.texts if getattr(one, "arrow_patch", None)]
    assert [head.get_alpha() for head in heads] == [alpha, 1.0]


def test_what_lies_below_the_surface_is_seen_from_beside() -> None:
    high = grid(lambda x, y: np.where(x + y > -9, 10.0, 0.0) + 0 * x * y)
    high = high._replace(limits=(0.0, 10.75))
    edge, inside = (2.0, -1.0, 0.0), (-2.0, 1.5, 0.0)
    assert surface_plot.in_sight(high, np.array([edge])).tolist() == [True]
    assert surface_plot.in_sight(high, np.array([inside])).tolist() == [False]


def test_long_numbers_of_f_stand_beside_the_axis() -> None:
    assert surface_plot._pad((0.0, 50.0)) == 5
    assert surface_plot._pad((1e12, 1e12 + 50)) > 30


def test_ticks_of_f_differ_however_large_it_is() -> None:
    assert style.in_full(1e12 + 10, 0) == "1000000000010"
