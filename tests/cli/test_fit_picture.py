"""`gdcli fit --plot`: the picture of a fit, in a file or below its report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.sweeps import sampled

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli

MODEL = ("fit", "y ~ a*exp(-b*x)", "t.csv", "--start", "a=3,b=0.4")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rows = [(0, 4.05), (1, 2.9), (2, 2.2), (3, 1.66), (4, 1.2), (6, 0.68), (8, 0.34)]
    text = "x,y\n" + "".join(f"{x},{y}\n" for x, y in rows)
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "words", sampled([[], ["--format", "json"], ["--print", "parameters.b.value"]], 1)
)
def test_the_report_is_the_same_with_a_picture_beside_it(
    gdcli: Gdcli, here: Path, words: list[str]
) -> None:
    alone, beside = (gdcli(*MODEL, *words, *more) for more in ((), ("--plot", "fit.html")))
    assert alone.status == beside.status == 0
    assert alone.out.partition('"seconds"')[0] == beside.out.partition('"seconds"')[0]
    assert alone.err == beside.err
    assert b"Plotly" in (here / "fit.html").read_bytes()


def test_the_picture_may_stand_below_the_report(gdcli: Gdcli) -> None:
    alone, below = gdcli(*MODEL).out, gdcli(*MODEL, "--plot", "-").out
    assert below.startswith(alone + "\ny ~ a*exp(-b*x)\n")
    picture = below.removeprefix(alone).splitlines()
    assert sum(line.count("•") for line in picture) == 14  # each row, and its residual
    assert any("residual" in line for line in picture)
    assert max(map(len, picture)) <= 80
    assert gdcli(*MODEL, "--plot", "-", "--ascii").out.isascii()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--plot", "-", "--format", "json"], "--plot -: the picture stands below the table alone"),
        (["--plot", "-", "-o", "m.json"], "--plot -: the picture stands below the table alone"),
        (["--plot", "fit.gif"], "--plot: a gif shows a descent; a fit is drawn as a .png"),
        (["--plot", "fit.bmp"], "`.bmp` is no ending of a picture"),
        (["--plot", ""], "--plot needs the name of a file"),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_the_fit(
    gdcli: Gdcli, here: Path, words: list[str], message: str
) -> None:
    said = gdcli(*MODEL, *words)
    assert (said.status, said.out) == (2, "")
    assert message in said.err
    assert [path.name for path in here.iterdir()] == ["t.csv"]


def test_a_fit_that_is_refused_leaves_no_file(gdcli: Gdcli, here: Path) -> None:
    assert gdcli("fit", "y ~ a + b*z", "t.csv", "--plot", "fit.svg", "--start", "q=1").status == 2
    assert not (here / "fit.svg").exists()


EXAM = "hours,result\n" + "".join(
    f"{k / 4},{'pass' if k in (5, 7, 9) or k > 10 else 'fail'}\n" for k in range(16)
)


ENDINGS = [
    (["y ~ a", "t.csv"], 0),
    (["y ~ a + b*x", "t.csv", "--set", "a=1,b=1"], 0),
    (["log(y) ~ a + b*x", "t.csv", "--loss", "huber"], 0),
    (["y ~ a + b*x", "t.csv", "--loss", "absolute"], 0),
    (["y ~ a*exp(b*x + c)", "t.csv"], 5),
    (["y ~ a + b*log(x)", "t.csv", "--start", "a=1,b=1"], 4),
    (["y ~ a*exp(-b*x)", "t.csv", "--start", "a=1,b=2", "--max-iterations", "1"], 3),
    (["result ~ a + b*hours", "exam.csv", "--loss", "logistic"], 0),
    (["result ~ b[k]*hours for k in classes", "exam.csv", "--loss", "softmax"], 0),
    (["y ~ a + b*x", "-"], 0),
]  # with their exit status


@pytest.mark.parametrize(("words", "status"), sampled(ENDINGS, 4))
def test_every_fit_has_a_picture(gdcli: Gdcli, here: Path, words: list[str], status: int) -> None:
    (here / "exam.csv").write_text(EXAM, encoding="utf-8")
    table = "x,y\n1,2\n2,4.1\n3,5.9\n" if "-" in words else None
    said = gdcli("fit", *words, "--plot", "-", stdin=table)
    assert said.status == status
    title = said.out.index(f"\n\n{words[0]}\n")
    assert len(said.out[title:].splitlines()) >= 22


def test_a_screen_too_narrow_for_a_picture_has_the_report(
    gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "12")
    said = gdcli(*MODEL, "--plot", "-")
    assert said.status == 0
    assert "there is no picture: too narrow for a picture: 12 columns" in said.err


def test_a_model_with_open_parameters_has_no_bands(gdcli: Gdcli) -> None:
    both = [
        gdcli("fit", f"y ~ a*exp({more}-b*x)", "t.csv", "--plot", "-").out for more in ("", "c")
    ]
    assert ["95 % confidence band" in out for out in both] == [True, False]
