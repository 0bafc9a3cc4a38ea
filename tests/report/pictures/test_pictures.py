"""Which ending is whose, and what is said where a library is missing."""

from __future__ import annotations

import sys

import pytest

from gdcli.errors import UsageError
from gdcli.report.pictures import ENDINGS, Motion, ending_of, notes, renderer
from tests import example_scenes as scenes


@pytest.mark.parametrize("name", ["a.png", "a.b/c.PNG", "./.x.png"])
def test_endings(name: str) -> None:
    assert ending_of(name) == "png"


@pytest.mark.parametrize("name", ["a.jpeg", "png", ".png", "", "a."])
def test_unknown_endings_name_the_known_ones(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        ending_of(name)
    assert "png, svg, pdf, gif, html" in str(caught.value)


def test_what_is_told_is_true_of_the_way_it_is_drawn() -> None:
    every = scenes.every()
    told = {
        (name, ending): notes(scene._replace(notes=("own",)), ending)
        for name, scene in every.items()
        for ending in ("png", None)
    }
    assert all(one[0] == "own" for one in told.values())
    more = {which: one[1:] for which, one in told.items() if len(one) > 1}
    assert set(more) == {("field", "png"), ("surface", None)}
    assert "cube root" in more["field", "png"][0]
    assert "from above" in more["surface", None][0]


@pytest.mark.parametrize("ending", [name for name, row in ENDINGS.items() if row.plays])
def test_a_film_of_fewer_frames_than_iterates_says_so(ending: str) -> None:
    scene = scenes.descent()._replace(notes=())
    assert notes(scene, ending, Motion(frames=12)) == ()
    (note,) = notes(scene, ending, Motion(frames=5))
    assert note == "5 frames show 12 iterates; frames says how many"
    assert notes(scene, "png", Motion(frames=5)) == ()
    assert Motion().frames >= 201  # a run of 200 steps is shown whole


@pytest.mark.parametrize("ending", ENDINGS)
def test_without_the_extra_one_line_says_how_to_get_it(
    ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, ENDINGS[ending].library, None)
    with pytest.raises(UsageError) as caught:
        renderer(ending)
    assert str(caught.value) == (
        f"a picture as .{ending} needs {ENDINGS[ending].library}, which is not installed;"
        f" get it with: {sys.executable} -m pip install matplotlib pillow plotly"
    )
    assert caught.value.exit_status == 2
