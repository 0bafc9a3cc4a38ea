from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.figure import Figure

from gdcli.report.pictures import style, surface_plot
from gdcli.report.pictures.path_artists import (
    MOST_PATH_PIECES,
    PlanePathArtist,
    SurfacePathArtist,
    row_caption,
    row_caption_lines,
    visible_and_hidden,
)
from tests.example_scenes import grid, height, path

LOW, HIGH = np.array([-2.0, -1.0]), np.array([2.0, 1.5])
POINTS = np.array([[1.5, 1.0], [0.5, 0.5], [5.0, 0.0], [0.0, 0.0]])  # one is outside


@pytest.fixture(autouse=True)
def _styled() -> Iterator[None]:
    with style.applied():
        yield


def without_gaps(x: Any, y: Any) -> list[tuple[float, float]]:
    return [(a, b) for a, b in zip(np.asarray(x), np.asarray(y), strict=True) if np.isfinite(a)]


def test_a_flat_track_shows_the_way_up_to_a_row() -> None:
    path_artist: Any = PlanePathArtist(Figure().add_subplot(), POINTS, LOW, HIGH)
    line, dots, start, now = path_artist.artists
    path_artist.show(1)
    assert without_gaps(*line.get_data()) == [(1.5, 1.0), (0.5, 0.5)]
    assert without_gaps(*dots.get_data()) == [(1.5, 1.0), (0.5, 0.5)]
    assert without_gaps(*now.get_data()) == [(0.5, 0.5)]
    path_artist.show(2)
    assert without_gaps(*now.get_data()) == []  # outside
    assert without_gaps(*line.get_data())[-1] == pytest.approx((2.0, 1 / 3))
    path_artist.show(3)
    assert without_gaps(*now.get_data()) == [(0.0, 0.0)]
    path_artist.show(0)
    assert without_gaps(*line.get_data()) == []
    assert without_gaps(*start.get_data()) == [(1.5, 1.0)]


def test_a_long_path_has_no_dots() -> None:
    spiral = np.linspace(0, 1, 1000)[:, None] * [1, 1]
    path_artist: Any = PlanePathArtist(Figure().add_subplot(), spiral, LOW, HIGH)
    path_artist.show(999)
    line, dots, *_ = path_artist.artists
    assert len(without_gaps(*line.get_data())) == 2 * 999
    assert without_gaps(*dots.get_data()) == []


def in_space(points: np.ndarray) -> np.ndarray:
    return np.column_stack([points, height(*points.T)])


def test_a_spatial_track_goes_through_the_iterates() -> None:
    points = in_space(POINTS[[0, 1, 3]])
    axes = surface_plot.space(Figure(), (0, 0, 1, 1))
    path_artist: Any = SurfacePathArtist(axes, grid(), points)
    path_artist.show(2)
    hidden, line, _, start, now = path_artist.artists
    assert np.allclose(np.ravel(now.get_data_3d()), points[2])
    assert np.allclose(np.ravel(start.get_data_3d()), points[0])
    pieces = np.hstack([line.get_data_3d(), hidden.get_data_3d()]).T
    for point in points:
        assert np.isclose(pieces, point).all(axis=1).any()
    path_artist.show(0)
    assert line.get_data_3d()[0].size == 0


def test_pieces_are_seen_or_hidden_and_together_the_whole_path() -> None:
    # A wall between the eye and the second half of the path.
    walled = grid(lambda x, y: np.where(abs(y + 0.3 + 0 * x) < 0.15, 5.0, 0.0))
    points = np.array([[0.0, -0.9, 0.0], [0.0, 0.3, 0.0]])
    near, far, ends = visible_and_hidden(walled, points)
    assert ends.tolist() == [0, len(near)]
    seen, hidden = (one[np.isfinite(one[:, 0])] for one in (near, far))
    assert seen[0].tolist() == points[0].tolist()
    assert hidden[-1] == pytest.approx(points[1])
    lengths = [np.abs(np.diff(one.reshape(-1, 2, 3), axis=1)).sum() for one in (seen, hidden)]
    assert sum(lengths) == pytest.approx(1.2)
    assert min(lengths) > 0.2


def test_a_path_that_never_rests_is_not_cut_without_end() -> None:
    random = np.random.default_rng(1)
    points = np.column_stack([random.uniform(LOW, HIGH, (2000, 2)), random.uniform(0, 9, 2000)])
    near, _, ends = visible_and_hidden(grid(), points)
    assert len(near) <= 3 * MOST_PATH_PIECES
    assert len(ends) == 2000


def test_captions_have_the_numbers_of_the_row() -> None:
    run = path("α = 0.1")
    assert " ".join(row_caption(run.steps[0]).split()) == "k = 0 f = 5.25 ‖∇f‖∞ = 6 α = 0.1"
    assert "α" not in row_caption(run.steps[11])
    assert row_caption(run.steps[0]).index("α") == row_caption(run.steps[5]).index("α")
    assert row_caption_lines(run.label, run.steps[1]) == "α = 0.1\nk = 1   α = 0.1\nf = 1.92"
