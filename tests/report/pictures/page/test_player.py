from __future__ import annotations

import pytest

from gdcli.pictures.scene import Path, Step
from gdcli.report.pictures.page.player import Move, Player, thinned
from tests import scenes


def test_columns_are_the_iterates() -> None:
    player = Player([scenes.path()], ("x", "y"), 200)
    (path,) = player.content()["paths"]
    steps = scenes.path().steps
    assert path["k"] == list(range(12))
    assert list(zip(path["0"], path["1"], strict=True)) == [step.point for step in steps]
    assert path["f"] == [step.f for step in steps]
    assert path["words"][1] == [
        *("k = 1", "x = 1.2", "y = 0.4", "f = 1.92"),
        *("∇f = (2.4, 2.4)", "‖∇f‖∞ = 2.4", "α = 0.1"),
    ]
    assert path["texts"][11].startswith("k = 11<br>x = ")
    assert "α" not in path["texts"][11]  # nothing follows the last


def test_lifted_heights() -> None:
    player = Player([scenes.path()], ("x", "y"), 200)
    player.lift(0.5)
    (path,) = player.paths
    assert path["lifted"] == [f + 0.5 for f in path["f"]]


def test_a_trail_and_a_point_follow_each_path() -> None:
    player = Player([scenes.path("A"), scenes.path("B")], ("x", "y"), 200)
    traces = player.traces(1, 5, {"x": "0"}, [({"type": "a"}, {"type": "b"})] * 2)
    assert [trace["type"] for trace in traces] == ["a", "b", "a", "b"]
    assert [len(trace["x"]) for trace in traces] == [12, 1, 12, 1]
    assert traces[1]["x"] == [scenes.path().steps[-1].point[0]]
    columns = {"x": "0", "text": "texts"}
    assert player.moves == [
        Move(1, 5, 0, True, columns),
        Move(1, 6, 0, False, columns),
        Move(1, 7, 1, True, columns),
        Move(1, 8, 1, False, columns),
    ]


def test_labels_come_first_and_are_escaped_where_they_are_markup() -> None:
    player = Player([scenes.path("a<b")], ("x", "y"), 200)
    assert player.paths[0]["words"][0][0] == "a<b"
    assert player.paths[0]["texts"][0].startswith("a&lt;b<br>k = 0")


def test_what_is_not_finite_or_not_known_is_left_out() -> None:
    step = Step(0, (1.0, float("inf")), float("nan"), None, 1.0, None)
    player = Player([Path("", (step,), 1, "undefined", "")], ("x", "y"), 200)
    player.lift(1.0)
    (path,) = player.paths
    assert (path["1"], path["f"], path["lifted"]) == ([None], [None], [None])
    assert "∇f" not in path["texts"][0].replace("‖∇f‖", "")


@pytest.mark.parametrize("most", [2, 3, 7, 12, 200])
def test_of_a_long_path_some_steps_are_kept(most: int) -> None:
    found = thinned(12, most)
    assert len(found) == min(12, most)
    assert (found[0], found[-1]) == (0, 11)
    assert found == sorted(set(found))


def test_paths_side_by_side_keep_step_with_one_another() -> None:
    paths = [scenes.path("A"), scenes.path("B", rows=6), scenes.path("C", rows=1)]
    player = Player(paths, ("x", "y"), 5)
    assert [path["k"] for path in player.paths] == [[0, 3, 6, 8, 11], [0, 3, 5], [0]]


def test_a_path_has_its_two_ends_at_least() -> None:
    assert Player([scenes.path()], ("x", "y"), 1).paths[0]["k"] == [0, 11]
