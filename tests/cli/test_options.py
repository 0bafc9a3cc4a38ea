"""The table of options: each Setting that a sentence speaks of is an option that there is."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

import gdcli
from gdcli.cli.app import COMMANDS, run
from gdcli.cli.options import SETTING_OPTIONS, as_option
from gdcli.errors import Setting

READ_BY_NAME = (  # by a reader of any, or in a loop
    *("step", "points", "missing", "intervals", "where", "seed", "gap", "claim", "max_boxes"),
)
PACKAGE = Path(gdcli.__file__).parent


def options() -> set[str]:
    """The names of all options of all commands."""
    commands = [import_module(f"gdcli.cli.{name}").COMMAND for name in COMMANDS]
    return {name for command in commands for param in command.params for name in param.opts}


def named_settings() -> set[str]:
    """The names of the Settings in the source, where they stand."""
    texts = (path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    calls = [
        node
        for text in texts
        if "Setting(" in text
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Setting"
    ]
    names = [call.args[0] for call in calls]
    return {str(name.value) for name in names if isinstance(name, ast.Constant)}


@pytest.mark.parametrize("name", SETTING_OPTIONS)
def test_every_setting_is_an_option_of_a_command(name: str) -> None:
    assert as_option(Setting(name)) in options()


def test_every_setting_that_a_sentence_speaks_of_has_its_option() -> None:
    assert named_settings() | {*READ_BY_NAME} == SETTING_OPTIONS.keys()


@pytest.mark.parametrize(
    ("setting", "typed"),
    [
        (Setting("start"), "--start"),
        (Setting("alpha", "auto"), "--alpha auto"),
        (Setting("output", "FILE.png"), "-o FILE.png"),
        (Setting("parameters", "", ("a",)), "--set a"),
        (Setting("sizes", "100", ("m", "n")), "--size m=100 --size n=100"),
    ],
)
def test_a_setting_is_written_as_it_is_typed(setting: Setting, typed: str) -> None:
    assert as_option(setting) == typed


def test_the_remedy_of_an_error_can_be_typed(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["grad", "sum(i*x[i]^2 for i in 1:n)", "--at", "x=0.5"]
    assert run(command) == 2
    remedy = capsys.readouterr().err.rpartition("Give ")[2].split()
    assert run([*command, *remedy]) == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["grad", "a*x", "--set", "b=1"], "--set b: the expression has no such name"),
        (["grad", "x", "--at", "1", "--along", "0"], "--along needs a direction"),
        (["grad", "sum(x[i] for i in 1:60)", "--at", "x=1", "--hessian"],
         "the corners of 60 x 60 second derivatives: --format json has all"),
        (["minimize", "log(x)", "--start", "-1"], "log(-1); give another --start"),
        (["minimize", "log(x)", "--start", "-1", "--format", "json"],
         "log(-1); give another --start"),
        (["minimize", "log(x)", "--start", "-1", "--format", "plain"],
         "log(-1); give another --start"),
        (["minimize", "log(x)", "--alpha", "9"], "; a smaller --alpha may avoid it"),
        (["minimize", "x^2", "--alpha", "2", "--max-iterations", "9"], "; --alpha 0.5 is safe"),
        (["minimize", "x^2", "--alpha", "0.01", "--explain", "--max-iterations", "9"],
         "ask less with a larger --tolerance, or --alpha auto, which finds"),
        (["minimize", "1e-9*(x-3)^2", "--tolerance", "1e-3"],
         "; a smaller --tolerance comes closer"),
        (["minimize", "x^2", "--alpha", "sum(y[i] for i in 1:n)"],
         "--alpha: how large is n? Give --size n=100"),
        (["minimize", "1e300*exp(x^2)", "--plot", "run.html", "--start", "1"],
         "there is no picture: f is beyond 1e+200 in most of the window x=-0.15:1.15, which no "
         "picture can show; choose another --window, or divide f by a power of ten"),
        (["check", "log(-1-x^2)", "--gradient", "x"], "name points where they are: --at"),
        (["check", "log(-1-x^2)", "--gradient", "x", "--format", "json"], "where they are: --at"),
        (["check", "log(-1-x^2)", "--gradient", "x", "--format", "csv"], "where they are: --at"),
        (["check", "x", "--gradient", "x[i]"], "--gradient, by x: "),
        (["plot", "x^2+y^2", "--at", "0,0"], "the gradient at --at is 0: it has no arrow"),
        (["plot", "x^2+y^2", "--kind", "surface"], "; -o FILE.png draws it"),
        (["plot", "x+y+z", "--kind", "contour"],
         "as with --slice z=0, or take --kind history"),
        (["plot", "x^2", "--start", "4", "--window", "-1:1", "--alpha", "0.1", "--kind", "descent"],
         "iterates lie outside of the window; --window shows more"),
    ],
)  # fmt: skip
def test_every_way_out_writes_the_options(
    words: list[str],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    run(words)
    assert sentence in "".join(capsys.readouterr())


def test_a_page_and_a_narrow_terminal_write_the_options(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    assert (
        run(["plot", "x^2", "--start", "4", "--alpha", "0.3", "--window", "-1:1", "-o", str(page)])
        == 0
    )
    assert "<li>2 iterates lie outside of the window; --window shows more</li>" in (
        page.read_text(encoding="utf-8")
    )
    assert run(["plot", "x^4", "--start", "4", "--frames", "2", "-o", str(page)]) == 0
    assert "--frames says how many" in capsys.readouterr().err
