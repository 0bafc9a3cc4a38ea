"""The tables of docs/scripting.md: quoting in each shell, and conventions with their tests."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

import pytest

from gdcli.descent.stopping import OUTCOME_EXIT_STATUS
from gdcli.errors import GdcliError

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "scripting.md").read_text("utf-8")
HELD_BY = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows(heading: str) -> list[list[str]]:
    """The cells of the rows of the table below a comment that begins with `heading`."""
    found = re.search(rf"^<!-- {heading}.*-->\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert found is not None
    lines = found[1].splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


COMMANDS = {row[0]: row[-1].strip("`") for row in rows("quoting")}
SHELLS = {"bash": ["bash", "-c"], "zsh": ["zsh", "-fc"], "fish": ["fish", "--no-config", "-c"]}


def process(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    path = sysconfig.get_path("scripts") + os.pathsep + os.environ["PATH"]
    return subprocess.run(
        words,
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def needed(program: str) -> None:
    if os.name == "nt" or not shutil.which(program):
        pytest.skip(f"{program} is not on this machine")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_command_is_read_alike_by_each_shell(shell: str, tmp_path: Path) -> None:
    needed(shell)
    done = process([*SHELLS[shell], COMMANDS[shell]], tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "4 1\n", "")


def test_the_command_is_read_alike_by_make(tmp_path: Path) -> None:
    needed("make")
    (tmp_path / "Makefile").write_text(f"all:\n\t{COMMANDS['make']}\n")
    assert process(["make", "--silent"], tmp_path).stdout == "4 1\n"


def test_the_command_is_read_alike_by_python(tmp_path: Path) -> None:
    done = process([sys.executable, "-c", f"import subprocess\n{COMMANDS['Python']}"], tmp_path)
    assert (done.returncode, done.stdout) == (0, "4 1\n")


def test_every_row_gives_the_same_words() -> None:
    """Those of cmd and PowerShell, which are not run, differ in quotes alone."""
    words = re.findall(r"[^\s'\"]+", COMMANDS["bash"])
    for command in COMMANDS.values():
        bare = re.sub(r"^subprocess\.run\(\[|\]\)$", "", command).replace('", "', '" "')
        assert re.findall(r"[^\s'\"]+", bare) == words
    assert list(COMMANDS) == ["bash", "zsh", "fish", "cmd", "PowerShell", "make", "Python"]


@pytest.mark.parametrize(
    ("shell", "command", "said"),
    [
        ("bash", "gdcli grad 2*(x+1) --at 1", "syntax error near unexpected token"),
        ("zsh", "gdcli grad x^2*y --at 1,2", "no matches found: x^2*y"),
        ("zsh", "gdcli grad 'x[1]' --at x=[1]", "no matches found: x=[1]"),
        ("zsh", "setopt extendedglob; gdcli grad x^2 --at 1", "no matches found: x^2"),
        ("fish", "gdcli grad 2(x+1) --at 1", "command substitution"),
    ],
)
def test_what_stands_without_quotes_is_read_by_the_shell(
    shell: str, command: str, said: str, tmp_path: Path
) -> None:
    needed(shell)
    done = process([*SHELLS[shell], command], tmp_path)
    assert done.returncode != 0
    assert said in done.stderr


def test_how_fish_reads_numbers_and_files(tmp_path: Path) -> None:
    needed("fish")
    lines = (
        "gdcli minimize 'x^2 + (y-1)^2' --format plain --quiet | read x y; echo $y",
        "gdcli grad 'x^2' --at @(echo 3 | psub) --format plain",
        "gdcli minimize '-x^2' --start 0 --quiet --format plain; echo $status",
    )
    done = process([*SHELLS["fish"], "; ".join(lines)], tmp_path)
    assert done.stdout == "1\n6\n0\n5\n"


def test_history_leaves_an_unequal_sign_alone(tmp_path: Path) -> None:
    needed("bash")
    prompt = 'set -H\necho "x != 0"\necho "x!y"\n'
    done = subprocess.run(
        ["bash", "--norc", "-i"], input=prompt, cwd=tmp_path, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.stdout == "x != 0\n"
    assert "!y" in done.stderr


def exits(text: str) -> list[str]:
    table = re.search(r"^\| exit \| meaning \|\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert table is not None
    cells = [row.split("|")[1] for row in table[1].splitlines()]
    return [status for cell in cells for status in re.findall(r"\d+", cell)]


def test_exit_statuses_are_those_of_errors_and_endings() -> None:
    kinds = [GdcliError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    told = {*OUTCOME_EXIT_STATUS.values(), *(kind.exit_status for kind in kinds)}
    assert set(exits(PAGE)) >= {str(status) for status in told}
    assert exits((ROOT / "README.md").read_text("utf-8")) == exits(PAGE)


def test_the_environment_is_that_of_help(tmp_path: Path) -> None:
    shown = process(["gdcli", "--help"], tmp_path).stdout
    section = shown.partition("\nEnvironment:\n")[2].partition("\n\n")[0]
    names = re.findall(r"^  ([A-Z]\S+)", section, re.MULTILINE)
    assert sorted(names) == sorted(row[0].strip("`") for row in rows("environment"))


CONVENTIONS = rows("conventions")


@cache
def functions_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_there_are_thirty_conventions() -> None:
    assert [row[0] for row in CONVENTIONS] == [str(number) for number in range(1, 31)]
    assert len({row[1] for row in CONVENTIONS}) == 30


@pytest.mark.parametrize("row", CONVENTIONS, ids=lambda row: f"convention {row[0]}")
def test_a_convention_is_held_by_a_test_or_is_a_no(row: list[str]) -> None:
    held = HELD_BY.findall(row[3])
    assert bool(held) != (row[3] == "*no*")
    for path, name in held:
        assert name in functions_of(path), f"{path} has no {name}"
