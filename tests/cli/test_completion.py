from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gdcli.cli.app import COMMANDS
from gdcli.cli.completion import SHELLS, commands

BASH = shutil.which("bash")

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli


@pytest.mark.parametrize("shell", SHELLS)
def test_every_script_knows_every_command_option_and_choice(gdcli: Gdcli, shell: str) -> None:
    script = gdcli("completion", shell).out
    words = set(re.findall(r"[\w-]+", script))
    for name, entry in commands().items():
        assert name in words
        for option in entry.options:
            assert {option, option.lstrip("-")} & words
        for choices in entry.values.values():
            assert set(choices or ()) <= words


def test_the_words_are_those_of_the_help(gdcli: Gdcli) -> None:
    for name, entry in commands().items():
        options = gdcli(name, "--help").out.split("\nOptions:\n")[1].split("\n\n")[0]
        listed = re.findall(r"^  (-\w|--[\w-]+)(?:, (--[\w-]+))?", options, re.MULTILINE)
        assert sorted(filter(None, sum(listed, ()))) == sorted(entry.options)


@pytest.mark.parametrize("words", [(), ("tcsh",)])
def test_other_shells_are_refused(gdcli: Gdcli, words: tuple[str, ...]) -> None:
    said = gdcli("completion", *words)
    assert said.status == 2
    assert "bash, zsh, fish, powershell" in said.err


@pytest.mark.skipif(BASH is None, reason="needs bash")
@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (["gdcli", "mini"], ["minimize"]),
        (["gdcli", ""], [*COMMANDS, "--help", "--version"]),
        (["gdcli", "minimize", "--max"], ["--max-iterations", "--max-evaluations"]),
        (["gdcli", "minimize", "--format", "js"], ["json", "jsonl"]),
        (["gdcli", "minimize", "--format", "=", "pl"], ["plain"]),
        (["gdcli", "minimize", "fiv"], ["five-well"]),
        (["gdcli", "problems", "sh"], ["show"]),
        (["gdcli", "problems", "show", "fiv"], ["five-well"]),
        (["gdcli", "minimize", "--start", ""], []),
        (["gdcli", "completion", "z"], ["zsh"]),
        (["gdcli", "minimize", "-o", "no"], ["notes.txt"]),
    ],
)
def test_bash_completes(gdcli: Gdcli, tmp_path: Path, line: list[str], answer: list[str]) -> None:
    (tmp_path / "notes.txt").write_text("")
    words = " ".join(f"'{word}'" for word in line)
    script = (
        gdcli("completion", "bash").out
        + "gdcli() { [ \"$*\" = 'problems list --format plain' ] && echo five-well sphere; }\n"
        + f'COMP_WORDS=({words}); COMP_CWORD={len(line) - 1}; _gdcli; echo "${{COMPREPLY[@]}}"\n'
    )
    done = subprocess.run(
        [BASH or "", "--norc"],
        input=script,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    assert (done.stdout.split(), done.stderr) == (answer, "")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_can_read_theirs(gdcli: Gdcli, shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"needs {shell}")
    script = gdcli("completion", shell).out
    subprocess.run([program, "-n"], input=script, text=True, check=True)
