from __future__ import annotations

import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gdcli as package
from gdcli.cli import app
from gdcli.cli.help import ENVIRONMENT

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli

PACKAGE = Path(package.__file__).parent
DOCUMENTS = PACKAGE.parent / "docs"


@pytest.mark.parametrize("words", [(), ("-h",), ("--help",)])
def test_help_names_every_command(gdcli: Gdcli, words: tuple[str, ...]) -> None:
    said = gdcli(*words)
    assert (said.status, said.err) == (0, "")
    for name in app.COMMANDS:
        assert f"\n  {name} " in said.out
    assert said.out.count("\n  gdcli ") == 3


def test_gdcli_alone_is_the_help_of_one_screen(gdcli: Gdcli) -> None:
    assert gdcli() == gdcli("-h")


@pytest.mark.parametrize("word", ["-V", "--version"])
def test_version(gdcli: Gdcli, word: str) -> None:
    assert gdcli(word) == (0, f"gdcli {package.__version__}\n", "")


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("minimise", "no command `minimise`; did you mean minimize?"),
        ("foo", "no command `foo`; the commands are minimize,"),
        ("export", "gdcli export is not built yet"),
        ("--alpha", "gdcli has no option --alpha; it stands behind gdcli minimize"),
        ("--help=yes", "gdcli has no option --help=yes"),
        ("-x", "gdcli has no option -x; see gdcli --help"),
    ],
)
def test_what_is_no_command_is_answered(gdcli: Gdcli, word: str, message: str) -> None:
    assert message in gdcli(word).err


@pytest.mark.parametrize(
    "words", [("--version", "-q"), ("--version", "-o", "x"), ("--help", "-o", "x"), ("-V", "-x")]
)
def test_options_of_commands_are_no_options_before_one(
    gdcli: Gdcli, words: tuple[str, str]
) -> None:
    said = gdcli(*words)
    assert said.status == 2
    hint = "see gdcli --help" if words[1] == "-x" else "it stands behind gdcli minimize"
    assert f"gdcli has no option {words[1]}; {hint}" in said.err


WORDS = ("-q", "-o", "-h", "-V", "--help", "--version", "--", "-", "--at", "--at=1", "--format",
         "json", "-x", "--quiet=1", "grad", "completion", "functions", "x^2", "", "=", "--=",
         "--set", "--h", "-qh", "bash", "1", "-1")  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=6))
def test_no_words_lead_to_a_fault(words: list[str]) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("gdcli.cli.source._is_piped", lambda: False)
        patch.setattr(sys, "stdin", None)
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as err:
            status = app.run(words)
    assert status in (0, 2), err.getvalue()


@pytest.mark.parametrize("command", ["", *app.COMMANDS])
@pytest.mark.parametrize("columns", [30, 40, 50, 80])
def test_help_is_no_wider_than_the_terminal(
    gdcli: Gdcli, command: str, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for option in ("-h", "--help"):
        page = gdcli(*command.split(), option).out.partition("Examples:")[0]
        wide = [line for line in page.split("\n") if len(line) > columns]
        wide = [line for line in wide if line.strip() != str(DOCUMENTS)]
        assert all(line.startswith("  -") and len(line.split()) <= 3 for line in wide)
        assert columns < 50 or not wide


def listed_options(page: str) -> set[str]:
    """The options whose rows stand on a help page."""
    found = re.findall(r"^  (-\w|--[\w-]+)(?:, (--[\w-]+))?", page, re.MULTILINE)
    return {name for names in found for name in names if name}


@pytest.mark.parametrize("command", ["", *app.COMMANDS])
def test_h_is_a_screen_of_24_lines_whose_options_are_in_help(
    gdcli: Gdcli, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    screen, whole = (gdcli(*command.split(), option).out for option in ("-h", "--help"))
    lines = screen.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert lines[-4] == "Examples:"
    above = [line for line in lines[:-4] if line]
    assert above[-1].startswith(f"gdcli {command} --help: ".replace("  ", " "))
    assert listed_options(screen) < listed_options(whole)
    if command:
        params = import_module(f"gdcli.cli.{command}").COMMAND.params
        options = [name for param in params for name in param.opts if name.startswith("-")]
        assert listed_options(whole) == set(options)
        assert listed_options(screen)


def test_a_wide_terminal_does_not_make_help_wider(
    gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    page = gdcli("minimize", "--help")
    monkeypatch.setenv("COLUMNS", "200")
    assert gdcli("minimize", "--help") == page


@pytest.mark.parametrize("command", ["", *app.COMMANDS])
def test_help_names_exit_statuses_environment_and_documents(gdcli: Gdcli, command: str) -> None:
    page = gdcli(*command.split(), "--help").out
    for heading in ("Exit statuses:", "Environment:", "Documents:", "Examples:"):
        assert f"\n\n{heading}\n  " in page
    assert f"\n  {DOCUMENTS}\n" in page
    assert (DOCUMENTS / "language.md").is_file()


def test_every_environment_variable_that_is_read_is_in_the_help() -> None:
    """WT_SESSION tells a terminal of Windows, OPENBLAS_NUM_THREADS is set for NumPy."""
    text = "".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py"))
    ways = r'environ(?:\.get\(|\.setdefault\(|\[)"(\w+)"|"(\w+)" in os\.environ|_VARIABLE = "(\w+)"'
    read = {name for names in re.findall(ways, text) for name in names if name}
    assert "getenv" not in text
    assert {"NO_COLOR", "TERM", "COLUMNS"} <= read
    listed = {name.partition("=")[0] for name, _ in ENVIRONMENT}
    assert read - {"WT_SESSION", "OPENBLAS_NUM_THREADS"} <= listed


@pytest.mark.parametrize("command", app.COMMANDS)
@pytest.mark.usefixtures("decay")  # whose files fit and predict read
def test_the_help_of_each_command_ends_in_three_examples_that_work(
    gdcli: Gdcli, command: str
) -> None:
    import shlex

    pages = [gdcli(command, option).out.splitlines() for option in ("-h", "--help")]
    examples = pages[0][-3:]
    assert pages[1][-4:] == ["Examples:", *examples]
    for example in examples:
        words = shlex.split(example)
        if ">" in words:
            words = words[: words.index(">")]
        assert words[:2] == ["gdcli", command]
        assert gdcli(*words[1:]).status == 0


def test_a_fault_of_ours_is_one_line_and_status_70(
    gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("deep\ninside")

    monkeypatch.setattr("gdcli.cli.grad.answering", broken)
    said = gdcli("grad", "x", "--at", "1")
    assert (said.status, said.out, said.err.count("\n")) == (70, "", 1)
    assert "ZeroDivisionError: deep inside" in said.err
    assert "--debug" in said.err
    assert "Traceback" in gdcli("grad", "x", "--at", "1", "--debug").err


LONG = "x" * 100_000


@pytest.mark.parametrize(
    "words",
    [
        (LONG,),
        (f"--{LONG}",),
        ("grad", LONG),
        ("grad", f"{LONG}.toml"),
        ("grad", "x", f"--{LONG}"),
        ("grad", "x", LONG),
        ("grad", "x", "--at", LONG),
        ("grad", "x", "--at", f"{LONG}=1"),
        ("grad", "x", "--at", f"x=1,{LONG}"),
        ("grad", "x", "--format", LONG),
        ("grad", "x", "--set", LONG),
        ("grad", "x", "--at", "1", "--set", f"{LONG}=1"),
        ("grad", "x", "--set", f"x={LONG}"),
        ("grad", "+".join(f"x{i}" for i in range(5000))),
        ("grad", "+".join(f"x{i}" for i in range(5000)), "--at", "1"),
        ("minimize", "x", "--alpha", LONG),
        ("minimize", "x", "--start", LONG),
        ("minimize", "x", "--tolerance", LONG),
        ("problems", LONG),
        ("problems", "show", LONG),
        ("problems", "list", LONG),
        ("problems", "list", "--tag", LONG),
        ("completion", LONG),
        ("functions", "-o", LONG),
        ("functions", "-o", f"{LONG}/x"),
    ],
    ids=lambda _: "",
)
def test_a_long_word_is_not_repeated_whole(gdcli: Gdcli, words: tuple[str, ...]) -> None:
    said = gdcli(*words)
    assert said.status in (2, 6)
    assert len(said.err) < 600


def test_ctrl_c_is_status_130(gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gdcli.cli.grad.answering", interrupted)
    assert gdcli("grad", "x", "--at", "1") == (130, "", "gdcli: interrupted\n")
