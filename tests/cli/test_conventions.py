"""What is expected of every command line, whatever it does; docs/scripting.md lists the rest."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from itertools import combinations
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


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("minimize", "x^2"), 0),
        (("check", "x^2", "--gradient", "2x"), 0),
        (("check", "x^2", "--gradient", "x"), 1),
        (("grad", "x +", "--at", "1"), 2),
        (("minimize", "x^2", "--max-iterations", "0"), 3),
        (("grad", "log(x)", "--at", "0"), 4),
        (("minimize", "x^2 - y^2", "--start", "0,0"), 5),
    ],
)
def test_each_kind_of_answer_has_its_exit_status(
    gdcli: Gdcli, words: tuple[str, ...], status: int
) -> None:
    for form in ("table", "json", "plain"):
        assert gdcli(*words, "--format", form).status == status


@pytest.mark.parametrize(
    "words",
    [
        *(("minimize", "x^2"), ("eval", "x", "--at", "1"), ("grad", "x", "--at", "1")),
        *(("check", "x", "--gradient", "1"), ("show", "x", "--stage", "tape"), ("functions",)),
        *(("problems",), ("compare", "x^2", "--at", "1", "--sweep-step")),
    ],
)
def test_a_person_is_shown_tables(gdcli: Gdcli, words: tuple[str, ...]) -> None:
    assert gdcli(*words) == gdcli(*words, "--format", "table")
    assert "───" in gdcli(*words).out or words[0] == "eval"


def test_numbers_read_back_to_the_same_double(gdcli: Gdcli) -> None:
    numbers = [1 / 3, 0.1 + 0.2, 5e-324, 1.7976931348623157e308, -123456789.987654321, 2.0**53]
    words = ("eval", "x", "--at", "-", "--format")
    texts = {form: gdcli(*words, form, stdin="\n".join(map(repr, numbers))).out
             for form in ("plain", "csv", "json", "jsonl")}  # fmt: skip
    rows = [json.loads(line) for line in texts["jsonl"].splitlines()]
    assert [float(line) for line in texts["plain"].splitlines()] == numbers
    assert [float(row["f"]) for row in csv.DictReader(texts["csv"].splitlines())] == numbers
    assert [point["f"] for point in json.loads(texts["json"])["points"]] == numbers
    assert [row["f"] for row in rows] == [row["at"]["x"] for row in rows] == numbers


READERS = {  # of standard input: the words, what comes in, what goes out
    "EXPRESSION -": (("-",), "(x-3)^2", "3\n"),
    "--data -": (
        ("sum((x-y[i])^2 for i in 1:n)", "--data", "-", "--start", "3"),
        "y\n2\n4\n",
        "3\n",
    ),
    "--start -": (("(x-3)^2", "--start", "-", "--max-iterations", "0"), "x\n9\n3\n", "3\n"),
}


@pytest.mark.parametrize("reader", READERS)
def test_a_hyphen_is_standard_input(gdcli: Gdcli, reader: str) -> None:
    words, text, answer = READERS[reader]
    assert gdcli("minimize", *words, "--format", "plain", stdin=text).out == answer


PAIRS = [{*pair} for pair in combinations([*READERS, "--at -"], 2)]


@pytest.mark.parametrize(
    "both",
    [pair for pair in PAIRS if pair != {"--at -", "--start -"}],
    ids=lambda both: " and ".join(sorted(both)),
)
def test_two_readers_of_standard_input_are_refused(gdcli: Gdcli, both: set[str]) -> None:
    words = ["-" if "EXPRESSION -" in both else "x"]
    words += [word for name in both - {"EXPRESSION -"} for word in name.split()]
    said = gdcli("eval" if "--at -" in both else "minimize", *words, stdin="1\n")
    assert (said.status, said.out) == (2, "")
    assert "standard input has one reader, not both " in said.err
    assert {*re.findall(r"(?:EXPRESSION|--\w+) -", said.err)} == both


@pytest.mark.parametrize("words", [("minimize", "x^2"), ("grad", "x^2", "--at", "1")])
def test_a_file_that_cannot_be_written_is_refused_before_the_work(
    gdcli: Gdcli, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gdcli.cli.minimize.run_descent", pytest.fail)
    monkeypatch.setattr("gdcli.cli.grad.answering", pytest.fail)
    said = gdcli(*words, "-o", str(tmp_path / "none" / "run.txt"))
    assert said.status == 2
    assert "there is no such folder" in said.err


def test_standard_input_is_left_to_others(tmp_path: Path) -> None:
    """A loop `while read` would lose its lines."""
    lines = tmp_path / "lines"
    lines.write_text("1\n2\n")
    commands = [
        *(["minimize", "x^2"], ["eval", "x^2", "--at", "1"], ["grad", "x^2", "--at", "1"]),
        *(["check", "x", "--gradient", "1"], ["show", "x", "--stage", "tape"], ["functions"]),
        *(["problems"], ["plot", "x^2"], ["completion", "bash"], ["--help"], ["--version"]),
    ]
    program = f"from gdcli.cli.app import run\nprint([run(words) for words in {commands}])"
    with lines.open() as stream:
        done = subprocess.run(
            [sys.executable, "-c", program], stdin=stream, capture_output=True, check=True
        )
        assert done.stdout.endswith(b"%r\n" % ([0] * len(commands)))
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


@pytest.mark.parametrize(
    ("job", "timings"),
    [
        (JOB, 0),
        (("minimize", "himmelblau", "--format", "json"), 1),
        pytest.param(
            *(("compare", "x^2", "--at", "3", "--format", "json"), 6), marks=pytest.mark.full
        ),
    ],
)
def test_the_same_request_has_the_same_bytes_everywhere(job: tuple[str, ...], timings: int) -> None:
    """All but `seconds`, where there are any."""
    first = process("-m", "gdcli", *job, PYTHONHASHSEED="1", LC_ALL="C.UTF-8", TZ="UTC",
                    GDCLI_THREADS="1")  # fmt: skip
    other = process(
        "-m", "gdcli", *job, PYTHONHASHSEED="2", LC_ALL="de_DE.UTF-8", TZ="Asia/Tokyo",
        LANGUAGE="de", GDCLI_THREADS="2", COLUMNS="30", PAGER="false", EDITOR="false",
        HOME="/nowhere",
    )  # fmt: skip
    assert (first.returncode, other.returncode) == (0, 0)
    cut = [re.subn(r'"seconds": [^,}]+', "", done.stdout) for done in (first, other)]
    assert cut[0] == cut[1]
    assert cut[0][1] == timings
    assert first.stderr == other.stderr


def test_a_short_option_is_one_of_four() -> None:
    from importlib import import_module

    for command in COMMANDS:
        for option in import_module(f"gdcli.cli.{command}").COMMAND.params:
            short = {name for name in option.opts if name.startswith("-") and len(name) == 2}
            assert short <= {"-h", "-o", "-q", "-V"}
            assert short <= {"-h"} or any(name.startswith("--") for name in option.opts)
