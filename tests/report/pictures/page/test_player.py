from __future__ import annotations

from gdcli.report.pictures.page.player import MOST_LABEL_VARIABLES, Move, Player
from gdcli.scenes.scene import Path, PathRow
from tests import example_scenes as scenes


def test_columns_are_the_iterates() -> None:
    player = Player([scenes.path()], ("x", "y"), (0, 1), 200)
    (path,) = player.content()["paths"]
    steps = scenes.path().steps
    assert path["k"] == list(range(12))
    assert list(zip(path["0"], path["1"], strict=True)) == [step.point for step in steps]
    assert path["height"] == [step.f for step in steps]
    assert path["words"][1] == [
        *("k = 1", "x = 1.2", "y = 0.4", "f = 1.92"),
        *("∇f = (2.4, 2.4)", "‖∇f‖∞ = 2.4", "α = 0.1"),
    ]
    assert path["texts"][11].startswith("k = 11<br>x = ")
    assert "α" not in path["texts"][11]  # nothing follows the last


def test_lifted_heights() -> None:
    player = Player([scenes.path()], ("x", "y"), (0, 1), 200)
    player.lift(0.5)
    (path,) = player.paths
    assert path["lifted"] == [step.f + 0.5 for step in scenes.path().steps]
    first, *others = scenes.path().steps
    shadow = Path("", (first._replace(shadow=7.0), *others), 12, "", "")
    player = Player([shadow], ("x", "y"), (0, 1), 200)
    player.lift(0.5)
    assert player.paths[0]["lifted"][:2] == [7.5, others[0].f + 0.5]
    assert f"f = {first.f:g}" in player.paths[0]["texts"][0]


def test_a_trail_and_a_point_follow_each_path() -> None:
    player = Player([scenes.path("A"), scenes.path("B")], ("x", "y"), (0, 1), 200)
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
    player = Player([scenes.path("a<b")], ("x", "y"), (0, 1), 200)
    assert player.paths[0]["words"][0][0] == "a<b"
    assert player.paths[0]["texts"][0].startswith("a&lt;b<br>k = 0")


def test_what_is_not_finite_or_not_known_is_left_out() -> None:
    step = PathRow(0, (1.0, float("inf")), float("nan"), None, 1.0, None)
    player = Player([Path("", (step,), 1, "undefined", "")], ("x", "y"), (0, 1), 200)
    player.lift(1.0)
    (path,) = player.paths
    assert (path["1"], path["height"], path["lifted"]) == ([None], [None], [None])
    assert "∇f" not in path["texts"][0].replace("‖∇f‖", "")


def test_all_steps_stand_on_the_page_however_few_are_played() -> None:
    paths = [scenes.path("A"), scenes.path("B", rows=6), scenes.path("C", rows=1)]
    content = Player(paths, ("x", "y"), (0, 1), 5).content()
    assert [path["k"] for path in content["paths"]] == [[*range(12)], [*range(6)], [0]]
    assert content["frames"] == [(0, 0, 0), (3, 3, 0), (6, 5, 0), (8, 5, 0), (11, 5, 0)]


def test_a_path_has_its_two_ends_at_least() -> None:
    player = Player([scenes.path()], ("x", "y"), (0, 1), 1)
    assert player.content()["frames"] == [(0,), (11,)]


def test_of_many_variables_those_that_are_drawn_are_named() -> None:
    names = [f"x{number}" for number in range(MOST_LABEL_VARIABLES + 1)]
    step = PathRow(0, tuple(map(float, range(MOST_LABEL_VARIABLES + 1))), 1.0, None, 1.0, None)
    (path,) = Player([Path("", (step,), 1, "", "")], names, (2, 5), 200).paths
    assert path["words"][0][:4] == ["k = 0", "x2 = 2", "x5 = 5", "f = 1"]
    assert (path["2"], path["5"]) == ([2.0], [5.0])
    assert "3" not in path
