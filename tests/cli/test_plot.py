from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from gdcli.report.pictures import ENDINGS, Motion
from gdcli.scenes.scene import Contour, Curve, DescentScene, History, Scene

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli


pytestmark = pytest.mark.usefixtures("here")


class Drawn(NamedTuple):
    """What a renderer was given."""

    scene: Any
    ending: str
    motion: Motion


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Drawn]:
    """The pictures asked for, none of them drawn."""
    found: list[Drawn] = []

    def renderer(_: str) -> Any:
        def draw(scene: Scene, ending: str, motion: Motion) -> bytes:
            found.append(Drawn(scene, ending, motion))
            return b"picture"

        return draw

    monkeypatch.setattr("gdcli.cli.plot.renderer", renderer)
    return found


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_picture_in_the_terminal_is_text(gdcli: Gdcli) -> None:
    said = gdcli("plot", "five-well")
    assert (said.status, said.err) == (0, "")
    assert "five-well" in said.out
    assert "\x1b" not in said.out  # no colour into a pipe
    assert max(map(len, said.out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("columns", "width"), [("60", 60), ("", 80), ("0", 80), ("many", 80), ("-5", 80)]
)
def test_into_a_pipe_a_picture_is_as_wide_as_the_environment_says(
    gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch, columns: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    lines = gdcli("plot", "five-well").out.splitlines()
    assert width - 4 <= max(map(len, lines)) <= width


def test_where_there_is_no_room_nothing_is_drawn(
    gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "10")
    said = gdcli("plot", "five-well")
    assert (said.status, said.out) == (2, "")
    assert "too narrow for a picture: 10 columns" in said.err


def test_the_terminal_imports_only_what_it_needs() -> None:
    program = (
        "import os, sys; from gdcli.cli.app import run; run(['plot', 'five-well']);"
        "assert os.environ['OPENBLAS_NUM_THREADS'] == '1';"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    modules = set(done.stderr.split())
    assert "gdcli.scenes.surface" in modules
    heavy = {"matplotlib", "plotly", "PIL", "rich", "numpy.ma", "numpy.typing", "sympy", "mpmath"}
    assert not modules & (heavy | {"gdcli.cli.traces", "gdcli.descent.minimize", "fractions"})


def test_plain_ascii(gdcli: Gdcli) -> None:
    assert gdcli("plot", "sin(x)", "--at", "1", "--ascii").out.isascii()


@pytest.mark.parametrize("ending", sorted(ENDINGS))
def test_the_ending_says_what_is_made(
    gdcli: Gdcli, drawn: list[Drawn], here: Path, ending: str
) -> None:
    said = gdcli("plot", "x^2", "--alpha", "0.1", "-q", "-o", f"run.{ending.upper()}")
    assert (said.status, said.out, said.err) == (0, "", "")
    assert (here / f"run.{ending.upper()}").read_bytes() == b"picture"
    assert drawn[0][1:] == (ending, Motion())
    assert isinstance(drawn[0].scene, DescentScene)


def test_the_format_may_be_said_instead(
    gdcli: Gdcli, drawn: list[Drawn], here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert gdcli("plot", "x^2", "--format", "svg", "-o", "picture").status == 0
    assert (here / "picture").read_bytes() == b"picture"
    piped = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(sys, "stdout", piped)
    from gdcli.cli.app import run

    assert run(["plot", "x^2", "--format", "png"]) == 0
    assert piped.buffer.getvalue() == b"picture"
    assert [one.ending for one in drawn] == ["svg", "png"]
    assert gdcli("plot", "x^2", "--format", "terminal", "-o", "x.txt").status == 0
    assert "x^2" in (here / "x.txt").read_text("utf-8")


def test_a_terminal_gets_no_picture_file(gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gdcli.cli.output.Output.terminal", True)
    said = gdcli("plot", "x^2", "--format", "png")
    assert said.status == 2
    assert "write it with -o FILE" in said.err


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["x^2"], Curve),
        (["x*y"], Contour),
        (["x*y", "--at", "1,1"], Contour),
        (["x*y", "--slice", "y=1"], Curve),
        (["x*y*z", "--slice", "y=1", "--window", "x=0:1"], Contour),
        (["x^2+y^2", "--start", "1,1"], DescentScene),
        (["x^2+y^2", "--tolerance", "1e-3"], DescentScene),
        (["x^2+y^2+z^2"], History),
        (["x^2+y^2", "--kind", "history"], History),
    ],
)
def test_the_kind_follows_from_what_is_asked(
    gdcli: Gdcli, drawn: list[Drawn], words: list[str], kind: type
) -> None:
    assert gdcli("plot", *words, "-o", "it.png").status == 0
    assert isinstance(drawn[0].scene, kind)


def test_a_sum_is_drawn_over_its_components(gdcli: Gdcli, drawn: list[Drawn]) -> None:
    assert gdcli("plot", "sum((x[i]-i)^2 for i in 1:2)", "-o", "it.png").status == 0
    grid = drawn[0].scene.grid
    assert [axis.name for axis in grid.axes] == ["x[1]", "x[2]"]
    assert grid.f == pytest.approx((grid.x[None, :] - 1) ** 2 + (grid.y[:, None] - 2) ** 2)
    words = ("--slice", "x[2]=3", "--at", "0", "-o", "it.png")
    assert gdcli("plot", "sum((x[i]-i)^2 for i in 1:n)", "--size", "n=2", *words).status == 0
    assert drawn[1].scene.axis.name == "x[1]"
    assert drawn[1].scene.point.f == 2.0


def test_a_sum_over_data_is_drawn(gdcli: Gdcli, drawn: list[Drawn], here: Path) -> None:
    (here / "points.csv").write_text("a,b\n1,2\n2,4\n3,5\n")
    text = "sum((p*a[i] + q - b[i])^2 for i in 1:n)"
    assert gdcli("plot", text, "--data", "points.csv", "-o", "it.png").status == 0
    grid = drawn[0].scene.grid
    p, q = grid.x[None, :], grid.y[:, None]
    assert grid.f == pytest.approx((p + q - 2) ** 2 + (2 * p + q - 4) ** 2 + (3 * p + q - 5) ** 2)
    assert gdcli("plot", text, "--data", "points.csv", "--start", "0,0", "-o", "it.gif").status == 0
    best = drawn[1].scene.paths[0].steps[-1].point
    assert best == pytest.approx((1.5, 2 / 3), abs=1e-6)  # the line of least squares


@pytest.mark.parametrize(
    "words",
    [["--start", "x=0.5"], ["--at", "x=0.5"], ["--at", "x=[0.5, 0.5]"], ["--at", "x[i]=i/4*2/i"]],
)
def test_points_of_vectors_are_written_as_elsewhere(
    gdcli: Gdcli, drawn: list[Drawn], words: list[str]
) -> None:
    assert gdcli("plot", "sum((x[i]-i)^2 for i in 1:2)", *words, "-o", "it.png").status == 0
    scene = drawn[0].scene
    if isinstance(scene, Contour):
        assert scene.arrow is not None
        assert scene.arrow.at[:2] == (0.5, 0.5)
    else:
        assert scene.paths[0].steps[0].point == [0.5, 0.5]


def test_a_vector_is_held_fixed_as_a_whole(gdcli: Gdcli, drawn: list[Drawn]) -> None:
    words = ("--size", "n=50", "--slice", "x=1", "--at", "2,3", "-o", "it.png")
    assert gdcli("plot", "a^2 + b^2 + sum(x[i]^2 for i in 1:n)", *words).status == 0
    assert drawn[0].scene.arrow.at == (2.0, 3.0, 63.0)


def test_sums_too_long_to_be_written_out_are_drawn(
    gdcli: Gdcli, drawn: list[Drawn], here: Path
) -> None:
    rows = 10_000
    lines = "".join(f"{k / rows},{2 * k / rows + 1}\n" for k in range(rows))
    (here / "long.csv").write_text("t,y\n" + lines)
    text = "sum((p*t[i] + q - y[i])^2 for i in 1:n)"
    words = ("--data", "long.csv", "--window", "p=0:4,q=0:2", "-o", "it.png")
    assert gdcli("plot", text, *words).status == 0
    grid = drawn[0].scene.grid
    assert grid.f.min() == pytest.approx(0.0, abs=0.02)
    assert grid.f[0, 0] == pytest.approx(sum((2 * k / rows + 1) ** 2 for k in range(rows)))
    history = ("--size", "n=30000", "--kind", "history", "-o", "it.png")
    assert gdcli("plot", "sum((x[i]-1)^2 for i in 1:n)", *history).status == 0
    assert drawn[1].scene.panels[0].lines[0].y[0] == pytest.approx(
        sum((start - 1) ** 2 for start in (0.9, 0.8, 0.7, 0.6, 0.5)) * 6000
    )


def test_a_film_is_a_descent(gdcli: Gdcli, drawn: list[Drawn]) -> None:
    words = ("--fps", "25", "--frames", "40", "-o", "it.gif")
    assert gdcli("plot", "x^2+y^2", *words).status == 0
    assert isinstance(drawn[0].scene, DescentScene)
    assert drawn[0].motion == Motion(fps=25.0, frames=40)


def test_the_options_of_descent_are_those_of_minimize(gdcli: Gdcli, drawn: list[Drawn]) -> None:
    words = ("--start", "3,1", "--alpha", "0.25/(k+1)", "--max-iterations", "3", "-o", "it.svg")
    said = gdcli("plot", "x^2 + a*y^2", "--set", "a=1", *words)
    assert said.status == 0
    assert said.err == (
        "gdcli: stopped after 3 iterations, the limit, before the gradient was zero within the"
        " tolerance\n"
    )
    (path,) = drawn[0].scene.paths
    assert [step.point[0] for step in path.steps] == [3.0, 1.5, 1.125, 0.9375]
    assert drawn[0].scene.title == "x^2 + a*y^2, α = 0.25/(k+1)"
    trace = gdcli("minimize", "x^2+y^2", *words[:-2], "--format", "jsonl").out
    assert len(trace.splitlines()) == len(path.steps)


def test_several_starts_and_step_sizes_lie_side_by_side(gdcli: Gdcli, drawn: list[Drawn]) -> None:
    words = ("--start", "1,1", "--start", "-2,1", "--compare-alpha", "auto,0.1,min(0.1,0.2)")
    said = gdcli("plot", "x^2+y^2", *words, "-o", "it.png")
    assert said.status == 0
    labels = [path.label for path in drawn[0].scene.paths]
    assert labels[0] == "from (1, 1), α = auto"
    assert labels[5] == "from (-2, 1), α = 0.1"
    assert len(labels) == 6
    assert said.err == f"gdcli: converged: {'; '.join(labels)}\n"


@pytest.mark.usefixtures("drawn")
def test_the_picture_of_a_run_that_failed_is_drawn(gdcli: Gdcli) -> None:
    said = gdcli("plot", "x^2+y^2", "--start", "1,2", "--alpha", "3", "-o", "it.png")
    assert said.status == 0
    assert "diverged" in said.err


def test_what_the_picture_leaves_out_is_told(gdcli: Gdcli) -> None:
    said = gdcli("plot", "log(x)", "--window", "x=-1:1")
    assert said.status == 0
    assert "gdcli: f has no finite value in 50 % of the window: left blank\n" in said.err
    assert gdcli("plot", "log(x)", "--window", "x=-1:1", "-q").err == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "example:  gdcli plot five-well"),
        (["five-wel"], "did you mean five-well?"),
        (["x^2", "--kind", "surface"], "a surface shows 2 variables"),
        (["a+b+c+d+g", "--kind", "surface"], "--slice c=0,d=0,g=0"),
        (["x+y+z", "--kind", "descent"], "--slice z=0"),
        (["x+y", "--slice", "q=1"], "`q` is no variable"),
        (["x+y", "--window", "x=1:0"], "the low end comes first"),
        (["x^2", "--at", "1,2"], "--at has 2 values; it takes 1 value"),
        (["x^2", "--at", "7", "--window", "x=0:1"], "outside of the window"),
        (["x^2", "--secant", "1"], "--secant needs --at POINT"),
        (["x^2", "--secant", "0", "--at", "1"], "a number that is not 0"),
        (["x+y", "--secant", "1", "--at", "1,1"], "it belongs to --kind curve"),
        (["x+y", "--kind", "boxes", "--at", "1,1"], "--at has no place in --kind boxes"),
        (["x+y+z", "--kind", "boxes"], "hold the others fixed, as with --slice z=0"),
        (["x+y", "--kind", "boxes", "-o", "it.gif"], "the boxes are a picture for .png"),
        (["x^2", "--kind", "steps"], "--kind steps needs --at POINT"),
        (["x^2", "--kind", "pie"], "not `pie`"),
        (["x^2", "--alpha", "1", "--kind", "curve"], "belongs to --kind descent or history"),
        (["x^2", "--points", "3", "--kind", "curve"], "--points has no place"),
        (["x^2", "--alpha", "0"], "a positive number"),
        (["x^2", "--alpha", "1", "--compare-alpha", "1,2"], "write only one of them"),
        (["x^2", "--compare-alpha", "1,"], "--compare-alpha"),
        (["x^2", "--compare-alpha", "1,2,3,4,5,6,7"], "at most 6"),
        (["x^2", "-o", "it.jpg"], "the endings are png, svg, pdf, gif, html"),
        (["x^2", "-o", "it"], "it has no ending"),
        (["x^2", "-o", ""], "--output needs the name of a file"),
        (["x^2", "--format", "svg", "-o", "it.png"], "write -o it.svg, or --format png"),
        (["x^2", "--format", "terminal", "-o", "a/it.GIF"], "write -o a/it.txt, or --format gif"),
        (["x^2", "-o", "none/it.png"], "there is no such folder"),
        (["x^2", "--kind", "curve", "-o", "it.gif"], "the curve is a picture for .png"),
        (["x+y+z", "-o", "it.gif"], "the history is a picture for .png"),
        (["x^2", "--fps", "3", "-o", "it.png"], "--fps belongs to pictures that move"),
        (["x^2", "--frames", "3"], "--frames belongs to pictures that move"),
        (["x^2", "--fps", "0", "-o", "it.gif"], "frames a second"),
        (["x^2", "--frames", "1", "-o", "it.gif"], "a whole number from 2"),
        (["x^2", "--from", "none.jsonl"], "there is no file none.jsonl"),
        (["x*y", "--frames", "3", "-o", "it.html"], "--frames has no place in --kind contour"),
        (["--from", "none.jsonl", "--set", "a=1"], "has no function for --set"),
        (["--from", ""], "--from needs the name of a file"),
        (["--from", "none.jsonl", "--kind", "contour"], "as in gdcli plot EXPRESSION --from FILE"),
        (["--from", "none.jsonl", "-o", "it.gif"], "as in gdcli plot EXPRESSION --from FILE"),
        (["--from", "none.jsonl", "--at", "1"], "--at has no place in --kind history"),
        (["--from", "none.jsonl", "--alpha", "1"], "--alpha has no place beside it"),
        (["x^2", "--from", "none.jsonl", "--start", "1"], "--start has no place beside it"),
        (["x^2", "--from", "none.jsonl", "--kind", "curve"], "--from has no place"),
        (["x^2", "--window", "x=0:1", "--window", "x=1:2"], "`x` is given twice"),
        (["x^2", "--window", ""], "--window is empty"),
        (["-", "--from", "-"], "one reader, not both --from - and EXPRESSION -"),
        (["x^2", "--kindd", "curve"], "did you mean --kind?"),
    ],
)
def test_wrong_requests_are_refused_before_the_work(
    gdcli: Gdcli, drawn: list[Drawn], here: Path, words: list[str], message: str
) -> None:
    said = gdcli("plot", *words)
    assert said.status == 2
    assert message in said.err
    assert drawn == []
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [["log(-1-x^2)"], ["log(x)", "--at", "-1"], ["log(x)", "--start", "-1"], ["1e300*x^2"]],
)
@pytest.mark.usefixtures("drawn")
def test_what_has_no_value_is_no_picture(gdcli: Gdcli, here: Path, words: list[str]) -> None:
    said = gdcli("plot", *words, "-o", "it.png")
    assert (said.status, said.out) == (4, "")
    assert list(here.iterdir()) == []


def test_a_missing_library_is_one_line(gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gdcli.report.pictures.find_spec", {"pip": True}.get)
    for ending, library in (("png", "matplotlib"), ("gif", "matplotlib"), ("html", "plotly")):
        said = gdcli("plot", "x^2", "-o", f"it.{ending}")
        assert said.status == 2
        assert library in said.err
        assert f"{sys.executable} -m pip install matplotlib pillow plotly" in said.err
        assert said.err.count("\n") == 1
    assert gdcli("plot", "x^2").status == 0  # the terminal needs none of them


@pytest.fixture
def trace(gdcli: Gdcli) -> str:
    assert gdcli("minimize", "rosenbrock", "--format", "jsonl", "-q", "-o", "t.jsonl").status == 0
    return "t.jsonl"


def test_a_trace_is_drawn_later(gdcli: Gdcli, drawn: list[Drawn], here: Path, trace: str) -> None:
    assert gdcli("plot", "--from", trace, "-o", "it.png").status == 0
    assert gdcli("plot", "rosenbrock", "--from", trace, "-o", "it.gif").status == 0
    history, descent = (one.scene for one in drawn)
    assert isinstance(history, History)
    assert history.title == trace
    assert isinstance(descent, DescentScene)
    rows = (here / trace).read_text().splitlines()
    assert len(history.paths[0].steps) == len(descent.paths[0].steps) == len(rows)
    assert descent.paths[0].steps[-1].point == pytest.approx((1.0, 1.0), abs=1e-6)
    assert descent.paths[0].steps[0].gradient == pytest.approx((-215.6, -88.0))


def test_a_trace_comes_through_a_pipe(gdcli: Gdcli, here: Path, trace: str) -> None:
    text = (here / trace).read_text()
    for words in (["--from", "-"], ["rosenbrock", "--from", "-"]):
        said = gdcli("plot", *words, stdin=text)
        assert (said.status, said.err) == (0, "")


def test_a_trace_of_another_function_is_refused(gdcli: Gdcli, trace: str) -> None:
    said = gdcli("plot", "x^2+z^2", "--from", trace)
    assert said.status == 2
    assert "the trace is one of the variables x, y, the function has x, z" in said.err


def test_a_trace_with_other_values_of_f_is_refused(gdcli: Gdcli, trace: str) -> None:
    said = gdcli("plot", "five-well", "--from", trace)
    assert (said.status, said.out) == (2, "")
    assert "it is the trace of another function: at k = 0 it says f = 24.2" in said.err
    assert "this one is 0.4958" in said.err
    for backend in ("python", "native"):
        assert gdcli("plot", "rosenbrock", "--from", trace, "--backend", backend).status == 0


def test_a_row_of_a_trace_that_was_changed_is_refused(gdcli: Gdcli, trace: str) -> None:
    rows = Path(trace).read_text().splitlines()
    rows[6] = json.dumps(json.loads(rows[6]) | {"x": {"x": 3.0, "y": 1.0}})
    Path(trace).write_text("\n".join(rows))
    said = gdcli("plot", "rosenbrock", "--from", trace, "-o", "it.png")
    assert said.status == 2
    assert "at k = 6 it says f = " in said.err


def test_a_thinned_trace_has_its_own_count(
    gdcli: Gdcli, drawn: list[Drawn], here: Path, trace: str
) -> None:
    rows = (here / trace).read_text().splitlines()
    (here / "thin.jsonl").write_text("\n".join(rows[::2]))
    said = gdcli("plot", "rosenbrock", "--from", "thin.jsonl", "-o", "it.png")
    assert f"of {len(rows)} rows {len(rows[::2])} are drawn" in said.err
    assert drawn[0].scene.paths[0].total == len(rows)


def test_the_boxes_of_a_proof_are_drawn_with_what_is_proved(gdcli: Gdcli) -> None:
    said = gdcli("plot", "x^2 - 2x", "--kind", "boxes", "--window", "x=-3:3")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("x^2 - 2x\n")
    assert re.search(r"^min f = −1( ± \S+)?: proved, \d+ box(es)?$", said.out, re.MULTILINE)
    assert said.out.endswith("× the global minimizer\n")


def test_an_interrupted_proof_is_drawn_as_far_as_it_came(
    gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch, drawn: list[Drawn]
) -> None:
    def interrupted(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("gdcli.proofs.window.judge", interrupted)
    said = gdcli("plot", "x^2 + y^2", "--kind", "boxes", "-o", "it.png")
    assert said.status == 130
    assert said.err.startswith("gdcli: interrupted: the picture of the run so far is being drawn\n")
    assert drawn[0].scene.verdict == "not checked"


def test_an_interrupted_run_is_said_to_be_drawn(
    gdcli: Gdcli, drawn: list[Drawn], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("gdcli.descent.loop.Descent._move", interrupted)
    said = gdcli("plot", "x^2+y^2", "--start", "1,1", "-o", "it.png")
    assert said.status == 130
    assert said.err.startswith("gdcli: interrupted: the picture of the run so far is being drawn\n")
    assert len(drawn) == 1
