from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.figure import Figure

from gdcli.report.pictures import descents, style
from tests.example_scenes import descent, path, slide


@pytest.fixture(autouse=True)
def _styled() -> Iterator[None]:
    with style.applied():
        yield


def panels(figure: Figure) -> list[Any]:
    return [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]


def dots(axes: Any) -> Any:
    (found,) = (line for line in axes.lines if line.get_marker() == ".")
    return np.array(found.get_data_3d() if hasattr(found, "get_data_3d") else found.get_data()).T


def test_one_descent_is_on_contours_and_on_the_surface() -> None:
    scene = descent()
    left, right = panels(descents.still(scene))
    iterates = np.array([(*step.point, step.f) for step in scene.paths[0].steps])
    assert np.array_equal(dots(left), iterates[:, :2])
    assert np.array_equal(dots(right), iterates)  # all in sight
    assert (left.get_xlim(), left.get_ylim()) == ((-2, 2), (-1, 1.5))
    assert left.get_title() == "limit reached after 11 steps, f = 0.0166"


def test_several_descents_stand_side_by_side_in_one_window() -> None:
    runs = path("α = 0.1"), path("from (-1, 0.5)", (-1.0, 0.5), 3)
    figure = descents.still(descent(*runs))
    flats = [axes for axes in panels(figure) if axes.name == "rectilinear"]
    spaces = [axes for axes in panels(figure) if axes.name == "3d"]
    assert len(flats) == len(spaces) == 2
    for axes, run in zip(flats, runs, strict=True):
        assert np.array_equal(dots(axes), [step.point for step in run.steps])
        assert axes.get_title().startswith(run.label + "\nlimit reached after")
        assert axes.get_xlim() == (-2, 2)
    assert len(spaces[0].collections) == 1


def test_the_known_minimum_is_seen_on_the_end_of_a_path() -> None:
    (left, _) = panels(descents.still(descent()))
    star, end = (
        next(line for line in left.lines if line.get_label() == label)
        for label in ("known minimum", "end")
    )
    assert star.get_zorder() > end.get_zorder()


def test_many_descents_have_rows_of_contours() -> None:
    figure = descents.still(descent(*(path(str(k)) for k in range(6))))
    assert [axes.name for axes in panels(figure)] == ["rectilinear"] * 6


def test_one_variable_descends_on_its_curve() -> None:
    scene = slide()
    (axes,) = panels(descents.still(scene))
    assert np.allclose(dots(axes), [(*step.point, step.f) for step in scene.paths[0].steps])
    assert axes.get_xlim() == (-2, 2)


def test_two_of_more_variables_are_the_plane() -> None:
    flat = path()
    lifted = flat._replace(
        steps=tuple(one._replace(point=(one.point[1], 7.0, one.point[0])) for one in flat.steps)
    )
    scene = descent(lifted)._replace(variables=("y", "z", "x"), plane=(2, 0))
    left, _ = panels(descents.still(scene))
    assert np.array_equal(dots(left), [step.point for step in flat.steps])


def test_a_stage_has_the_falling_loss_and_a_caption() -> None:
    scene = descent()
    descent_figure = descents.film(scene)
    ((_, _, _, loss),) = descent_figure.path_artists
    loss.show(11)
    line: Any = loss.artists[0]
    k, f = (np.asarray(one) for one in line.get_data())
    kept = np.isfinite(k)
    assert sorted(set(k[kept])) == list(range(12))
    assert f[kept][0] == scene.paths[0].steps[0].f
    assert descent_figure.ends == [11]
    assert len(descents.film(slide()).path_artists[0]) == 3
    assert [len(one) for one in descents.film(descent(path("a"), path("b"))).path_artists] == [3, 3]


def test_the_outcome_tells_no_f_that_is_not_the_last() -> None:
    run = path()
    assert descents.outcome(run._replace(total=100)) == "limit reached after 99 steps"
    assert descents.outcome(run._replace(status="")) == "after 11 steps, f = 0.0166"
