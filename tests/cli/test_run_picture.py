from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.sweeps import sampled

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli


pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_run_just_made_is_drawn_beside_its_report(gdcli: Gdcli, here: Path) -> None:
    alone = gdcli("minimize", "x^2+y^2", "--format", "plain")
    said = gdcli("minimize", "x^2+y^2", "--format", "plain", "--plot", "run.svg")
    assert said == alone
    assert (here / "run.svg").read_bytes().startswith(b"<?xml")
    assert [path.name for path in here.iterdir()] == ["run.svg"]


def test_the_picture_of_a_run_within_bounds_ends_at_them(gdcli: Gdcli) -> None:
    said = gdcli("minimize", "(x-2)^2", "--bound", "x=0:1", "--plot", "run.html")
    assert "the picture ends at the bounds of x" in said.err
    one_value = gdcli("minimize", "x^2", "--bound", "x=2:2", "--plot", "one.html")
    assert (one_value.status, one_value.err) == (0, "")


@pytest.mark.parametrize(
    "words",
    sampled([["--format", "jsonl"], ["--rows", "4"], ["--format", "json"], ["--format", "csv"]], 1),
)
def test_the_report_is_the_same_with_a_picture(gdcli: Gdcli, words: list[str]) -> None:
    both = [gdcli("minimize", "x^2+3y^2", *words, *more) for more in ((), ("--plot", "it.svg"))]
    texts = [said.out.partition('"seconds"')[0] for said in both]
    assert texts[0] == texts[1]


def test_more_than_two_variables_have_their_history(gdcli: Gdcli, here: Path) -> None:
    assert gdcli("minimize", "x^2+y^2+z^2", "--plot", "run.svg", "-q").status == 0
    assert (here / "run.svg").exists()


def test_a_fit_to_many_rows_is_drawn(gdcli: Gdcli, here: Path) -> None:
    (here / "long.csv").write_text("t,y\n" + "".join(f"{k},{2 * k + 1}\n" for k in range(9_000)))
    text = "sum((p*t[i]/9000 + q - y[i])^2 for i in 1:n)/n"
    said = gdcli("minimize", text, "--data", "long.csv", "--plot", "it.svg", "-q")
    assert said.status == 0
    assert "<svg" in (here / "it.svg").read_text("utf-8")


def test_the_exit_status_is_that_of_the_run(gdcli: Gdcli, here: Path) -> None:
    said = gdcli("minimize", "x^2", "--alpha", "2", "--start", "1", "-q", "--plot", "it.png")
    assert said.status == 4
    assert (here / "it.png").read_bytes().startswith(b"\x89PNG")


def test_without_a_point_there_is_no_picture(gdcli: Gdcli, here: Path) -> None:
    said = gdcli("minimize", "log(x)", "--start", "-1", "--plot", "it.png")
    assert said.status == 4
    assert "there is no picture: the run has no finite point" in said.err
    assert list(here.iterdir()) == []


def test_where_f_is_too_large_to_be_drawn_the_report_stands(gdcli: Gdcli, here: Path) -> None:
    words = ("--start", "1", "--alpha", "1e-301", "--plot", "it.png")
    said = gdcli("minimize", "1e300*x^2", *words)
    assert said.status == gdcli("minimize", "1e300*x^2", *words[:-2]).status
    assert "there is no picture: f is beyond 1e+200" in said.err
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["x^2", "--plot", "it.jpg"], "the endings are png, svg, pdf, gif, html"),
        (["x^2", "--plot", "none/it.png"], "--plot none/it.png: there is no such folder"),
        (["x^2", "--plot", ""], "--plot needs the name of a file"),
        (
            ["x^2", "--plot", "it.png", "-o", "it.png", "--format", "json"],
            "are the same file, it.png",
        ),
        (["x+y+z", "--plot", "it.gif"], "--plot: a gif shows paths over one or two variables"),
        (["x^2 +", "--plot", "it.png"], "is missing after `+`"),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_the_run(
    gdcli: Gdcli, here: Path, words: list[str], message: str
) -> None:
    said = gdcli("minimize", *words)
    assert said.status == 2
    assert message in said.err
    assert list(here.iterdir()) == []


def test_a_missing_library_is_refused_before_the_run(
    gdcli: Gdcli, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gdcli.report.pictures.find_spec", {"pip": True}.get)
    said = gdcli("minimize", "x^2", "--plot", "it.png")
    assert said.status == 2
    assert f"{sys.executable} -m pip install matplotlib pillow plotly" in said.err
    assert list(here.iterdir()) == []
