"""The library's `plot`: the picture of the command line, shown by a notebook and saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import gdcli
from gdcli.cli.app import run
from gdcli.errors import FileAccessError, GdcliError, UsageError
from tests.sweeps import sampled

PNG = b"\x89PNG"


def test_a_notebook_shows_the_picture() -> None:
    picture = gdcli.function("x^2 + y^2").plot()
    assert picture._repr_png_().startswith(PNG)
    assert '<img src="data:image/png;base64,' in picture._repr_html_()
    assert "Contour" in repr(picture)


@pytest.mark.parametrize(
    ("settings", "words"),
    sampled([
        ({}, []),
        ({"kind": "surface", "window": {"x": (-1, 2)}},
         ["--kind", "surface", "--window", "x=-1:2"]),
        ({"at": {"y": 1, "x": 0.5}}, ["--at", "0.5,1"]),
        ({"slice": {"y": 1}, "at": 0.5, "secant": 0.25},
         ["--slice", "y=1", "--at", "0.5", "--secant", "0.25"]),
        ({"start": [1, 2], "alpha": 0.1}, ["--start", "1,2", "--alpha", "0.1"]),
        ({"start": [[1, 2], [2, 1]]}, ["--start", "1,2", "--start", "2,1"]),
        ({"start": "1,2", "kind": "history"}, ["--start", "1,2", "--kind", "history"]),
    ], 1),
)  # fmt: skip
def test_it_is_the_picture_of_the_command_line(
    settings: dict[str, Any], words: list[str], tmp_path: Path
) -> None:
    gdcli.function("x^2 + y^2").plot(tmp_path / "ours.svg", **settings)
    assert run(["plot", "x^2 + y^2", *words, "-q", "-o", str(tmp_path / "line.svg")]) == 0
    assert (tmp_path / "ours.svg").read_bytes() == (tmp_path / "line.svg").read_bytes()


def test_it_is_saved_as_its_ending_says(tmp_path: Path) -> None:
    picture = gdcli.plot("x^2")
    picture.save(str(tmp_path / "a.png"))
    assert (tmp_path / "a.png").read_bytes() == picture._repr_png_()
    with pytest.raises(UsageError, match="a gif shows a descent over one or two variables"):
        picture.save(tmp_path / "a.gif")
    with pytest.raises(UsageError, match="a gif shows a descent over one or two variables"):
        gdcli.plot("x^2 + y^2", tmp_path / "a.gif", kind="contour")
    assert not (tmp_path / "a.gif").exists()
    with pytest.raises(UsageError, match=r"`.txt` is no ending of a picture"):
        picture.save("a.txt")
    with pytest.raises(FileAccessError, match=r"cannot write .*none"):
        picture.save(tmp_path / "none" / "a.png")


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gdcli.report.pictures.find_spec", lambda name: None)
    with pytest.raises(UsageError, match="matplotlib pillow plotly"):
        gdcli.function("x^2").plot()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kind": "curve"}, 'slice="y=0"'),
        ({"kind": "contour", "start": [1, 2]}, 'start has no place in kind="contour"'),
        ({"secant": 0.1}, "secant has no place in"),
        ({"kind": "steps"}, "the picture needs the point `at`"),
        ({"start": [[1, 2]] * 7}, "a picture shows 1 to 6 descents, not 7"),
        ({"window": "x=1:0"}, "the low end comes first"),
        ({"at": [1, 2, 3]}, "at takes a value for each of x, y"),
        ({"colour": "red"}, "plot has no argument colour"),
    ],
)
def test_what_means_nothing_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(GdcliError) as caught:
        gdcli.function("x^2 + y^2").plot(**settings)
    assert message in str(caught.value)
    assert "--" not in str(caught.value)
