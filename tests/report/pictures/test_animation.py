from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.colors import to_rgb
from PIL import Image

from gdcli.report.pictures import Motion, animation, descents, style
from gdcli.scenes.scene import DescentScene
from tests.example_scenes import descent, path, slide

ACCENT = np.array([round(255 * part) for part in to_rgb(style.ACCENT)])


def frames_of(written: bytes) -> tuple[list[np.ndarray], list[int]]:
    frames, durations = [], []
    with Image.open(BytesIO(written)) as film:
        for number in range(getattr(film, "n_frames", 1)):
            film.seek(number)
            durations.append(film.info["duration"])
            frames.append(np.asarray(film.convert("RGB")))
    return frames, durations


def test_a_frame_an_iterate_and_the_point_moves_with_them() -> None:
    scene = descent()
    frames, durations = frames_of(animation.drawn(scene, "gif", Motion(fps=20)))
    assert len(frames) == len(scene.paths[0].steps) == 12
    assert durations == [50] * 11 + [2000]
    assert frames[0].shape == (400, 600, 3)
    places = pixels(scene)
    for frame, (column, row) in zip(frames, places, strict=True):
        assert np.abs(frame[row, column].astype(int) - ACCENT).max() < 10
    column, row = places[-1]
    assert np.abs(frames[0][row, column].astype(int) - ACCENT).max() > 50


def pixels(scene: DescentScene) -> list[tuple[int, int]]:
    """Where the iterates stand in the plane of a frame: column and row."""
    with style.applied(animation.FILM_DPI):
        descent_figure = descents.film(scene)
        animation.settled(descent_figure)
        (axes,) = (one for one in descent_figure.figure.axes if one.get_aspect() == 1)
        placed = axes.transData.transform([step.point for step in scene.paths[0].steps])
        height = descent_figure.figure.bbox.height
        return [(round(x), round(height - y - 1)) for x, y in placed]


def test_of_more_iterates_an_even_choice_is_shown() -> None:
    frames, _ = frames_of(animation.drawn(descent(), "gif", Motion(frames=4)))
    assert len(frames) == 4


def test_frames_take_their_time() -> None:
    assert animation.durations(3, 10) == [100, 100, 2000]
    assert animation.durations(2, 30) == [30, 2000]
    assert animation.durations(2, 50) == [20, 2000]
    assert animation.durations(2, 0.2) == [5000, 5000]


def test_descents_of_unlike_length_stay_at_their_ends() -> None:
    scene = descent(path("α = 0.1", rows=8), path("α = 0.2", (-1.0, 0.5), 3))
    frames, _ = frames_of(animation.drawn(scene, "gif", Motion()))
    assert len(frames) == 8
    half = frames[0].shape[1] // 2
    assert (frames[3][:, half:] == frames[7][:, half:]).all()
    assert (frames[3][:, :half] != frames[7][:, :half]).any()


def test_one_variable_moves_on_its_curve() -> None:
    frames, _ = frames_of(animation.drawn(slide(), "gif", Motion()))
    assert len(frames) == 10


def test_a_run_without_steps_is_one_frame() -> None:
    frames, _ = frames_of(animation.drawn(descent(path(rows=1)), "gif", Motion()))
    assert len(frames) == 1


def test_the_same_film_has_the_same_bytes() -> None:
    first, second = (animation.drawn(slide(), "gif", Motion()) for _ in range(2))
    assert first == second
