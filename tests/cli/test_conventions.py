"""What is expected of every command line, whatever it does; docs/scripting.md lists the rest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import gdcli as package
from gdcli.cli.app import COMMANDS

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli

# Runs a command and prints every file it opens and all it asks of the network and of programs.
AUDITED = """
import os, sys
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        print("open", os.fsdecode(arguments[0]), file=sys.stderr)
    elif event.partition(".")[0] in ("socket", "subprocess", "urllib", "webbrowser"):
        print(event, file=sys.stderr)
from gdcli.cli.app import run
sys.addaudithook(hook)
sys.exit(run(sys.argv[1:]))
"""
JOB = ("minimize", "himmelblau", "--format", "csv")


def process(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        check=False,
    )


def test_options_stand_in_any_order_and_take_an_equal_sign(gdcli: Gdcli) -> None:
    said = gdcli("grad", "x^2*y", "--at", "1,2", "--format", "plain")
    assert said == (0, "4 1\n", "")
    assert gdcli("grad", "--format=plain", "--at=1,2", "x^2*y") == said
    assert gdcli("grad", "--at", "1,2", "x^2*y", "--format=plain") == said
    assert gdcli("grad", "--format", "plain", "--at", "1,2", "--", "x^2*y") == said


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_is_abbreviated(gdcli: Gdcli, command: str) -> None:
    """Else a later command could take the meaning of a script's."""
    said = gdcli(command[:-1])
    assert said.status == 2
    assert f"no command `{command[:-1]}`" in said.err


def test_no_option_is_abbreviated(gdcli: Gdcli) -> None:
    for option in ("--a=1", "--form=plain", "--quie", "--hess"):
        said = gdcli("grad", "x", "--at=1", option)
        assert said.status == 2
        assert f"gdcli grad has no option {option.partition('=')[0]}; " in said.err


@pytest.mark.parametrize("command", [("grad", "x^2", "--at", "1"), ("minimize", "x^2")])
def test_standard_input_is_left_to_others(command: tuple[str, ...], tmp_path: Path) -> None:
    """A loop `while read` would lose its lines."""
    lines = tmp_path / "lines"
    lines.write_text("1\n2\n")
    with lines.open() as stream:
        words = [sys.executable, "-m", "gdcli", *command]
        done = subprocess.run(words, stdin=stream, capture_output=True, check=False)
        assert done.returncode == 0
        assert os.lseek(stream.fileno(), 0, os.SEEK_CUR) == 0


def test_no_configuration_is_read_and_no_network_used(tmp_path: Path) -> None:
    for name in ("gdclirc", ".gdclirc", ".gdcli", "gdcli.toml", "pyproject.toml", ".env"):
        (tmp_path / name).write_text('[gdcli]\nformat = "json"\n')
    home = str(tmp_path)
    done = process("-c", AUDITED, *JOB, HOME=home, XDG_CONFIG_HOME=home, GDCLI_FORMAT="json")
    ours = (sys.prefix, sys.base_prefix, str(Path(package.__file__).parent.parent))
    system = ("/proc/", "/sys/")  # how many processors there are
    others = [
        line
        for line in done.stderr.splitlines()
        if not line.startswith((*(f"open {path}" for path in (*ours, *system)), "gdcli: "))
    ]
    assert others == []
    assert done.stdout.startswith("k,x,y,f,gradient_norm,alpha\n")
    assert f"open {ours[2]}" in done.stderr or f"open {sys.prefix}" in done.stderr  # it was heard


def test_the_same_request_has_the_same_bytes_everywhere() -> None:
    words = ("-m", "gdcli", *JOB)
    first = process(*words, PYTHONHASHSEED="1", LC_ALL="C.UTF-8", TZ="UTC", GDCLI_THREADS="1")
    other = process(
        *words, PYTHONHASHSEED="2", LC_ALL="de_DE.UTF-8", TZ="Asia/Tokyo", LANGUAGE="de",
        GDCLI_THREADS="2", COLUMNS="30", PAGER="false", EDITOR="false", HOME="/nowhere",
    )  # fmt: skip
    assert (first.returncode, other.returncode) == (0, 0)
    assert first.stdout == other.stdout
    assert first.stderr == other.stderr


def test_a_short_option_is_one_of_four() -> None:
    from importlib import import_module

    for command in COMMANDS:
        for option in import_module(f"gdcli.cli.{command}").COMMAND.params:
            short = {name for name in option.opts if name.startswith("-") and len(name) == 2}
            assert short <= {"-h", "-o", "-q", "-V"}
            assert short <= {"-h"} or any(name.startswith("--") for name in option.opts)
