from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import gdcli as package
from gdcli.cli import app

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli


@pytest.mark.parametrize("words", [(), ("-h",), ("--help",)])
def test_help_names_every_command(gdcli: Gdcli, words: tuple[str, ...]) -> None:
    said = gdcli(*words)
    assert (said.status, said.err) == (0, "")
    for name in app.COMMANDS:
        assert f"\n  {name} " in said.out
    assert said.out.count("\n  gdcli ") == 3


@pytest.mark.parametrize("word", ["-V", "--version"])
def test_version(gdcli: Gdcli, word: str) -> None:
    assert gdcli(word) == (0, f"gdcli {package.__version__}\n", "")


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("minimise", "no command `minimise`; did you mean minimize?"),
        ("x^2", "no command `x^2`; the commands are minimize,"),
        ("plot", "gdcli plot is not built yet"),
        ("--alpha", "gdcli has no option --alpha; see gdcli --help"),
        ("--help=yes", "gdcli has no option --help=yes"),
        ("-x", "gdcli has no option -x; see gdcli --help"),
    ],
)
def test_what_is_no_command_is_answered(gdcli: Gdcli, word: str, message: str) -> None:
    assert message in gdcli(word).err


@pytest.mark.parametrize("command", app.COMMANDS)
def test_the_help_of_each_command_ends_in_three_examples_that_work(
    gdcli: Gdcli, command: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shlex

    monkeypatch.chdir(str(tmp_path))
    said = gdcli(command, "-h")
    assert said == gdcli(command, "--help")
    examples = said.out.rstrip().split("\n")[-3:]
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


def test_ctrl_c_is_status_130(gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gdcli.cli.grad.answering", interrupted)
    assert gdcli("grad", "x", "--at", "1") == (130, "", "gdcli: interrupted\n")
