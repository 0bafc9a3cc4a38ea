"""10⁴ command lines that a generator writes: each ends in a result or in an error that is declared.

The options and the values that they name are read from the commands themselves, so that a new one
is tried too. A line is made of a seed alone.
"""

from __future__ import annotations

import io
import random
import shlex
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from gdcli.cli.app import COMMANDS, run
from gdcli.cli.command import Argument, Option
from gdcli.cli.foreign import FOREIGN_COMMANDS, FOREIGN_OPTIONS, LATER_COMMANDS, LATER_OPTIONS
from tests.sweeps import sampled

LINES, CHUNKS = 100, 100  # in a test, and tests
STATUSES = {0, 1, 2, 3, 4, 5, 6}
USUAL_OPTIONS = {
    **{"grad": ("--at",), "eval": ("--at",), "compare": ("--at",)},
    **{"show": ("--stage",), "check": ("--gradient",)},
}
COMMAND_WEIGHTS = {"minimize": 6, "grad": 6, "check": 3, "plot": 2, "show": 2, "compare": 0.1}

RUN = '{"k": 0, "x": {"x": 1.0}, "f": 1.0, "gradient_norm": 2.0, "alpha": 0.5}\n'
FILES: dict[str, bytes] = {
    "points.csv": b"x,y\n1,2\n3,4\n",
    "broken.csv": b"1,2\n3,oops\n",
    "table.csv": b"Time (s),p1,p2,y\n1,1,2,4\n2,4,5,7\n",
    "wide.csv": "t,y\n1,2\n".encode("utf-16"),
    "empty.csv": b"",
    "mine.toml": b'expression = "f(x, y) = x^2 + y^2"\nstart = [1, 2]\n',
    "two.toml": b'[one]\nexpression = "x"\n[two]\nexpression = "x^2"\nstart = [1, 2]\n',
    "run.jsonl": RUN.encode(),
}
STDIN = (None, b"", b"x^2 + y^2\n", "x·y".encode("utf-16"), b"\xff\xfe\xfd", b"1,2\n3,4\n", b"1\n",
         FILES["table.csv"], RUN.encode(), b"1,2\noops\n", b"\0\0\0")  # fmt: skip
EXPRESSIONS = (
    "x^2", "x^2 + y^2", "x^2 + x*y", "f(x, y) = x^2 + (y-1)^2", "f(x, a) = a*x^2", "a*x^2 + b", "3",
    "abs(x) + y^2", "log(x)", "1/x", "-x^2", "-x^2 + x^4", "exp(-x)", "max(x, y)", "x^2 - y^2",
    "sum(x[i]^2 for i in 1:n)", "sum((a*t[i] - y[i])^2 for i in 1:n)", "f(x[2]) = x[1]*x[2]",
    "sum(y[i] for i in 1:2)*x", "r = x^2; exp(-r) + r", "rosenbrock", "five-well", "sphere",
    "mine.toml", "two.toml:two", "two.toml", "none.toml", "five-wel", "foo", "x^", "(x", "xy + x",
    "", " ", "-", "x y", "2^", "sin x", "x^2 + ∑", "--x", "pow(x,2)", "y ~ a*x", "0/0", "gamma(x)",
)  # fmt: skip
POINTS = ("1", "1,2", "x=1", "x=1,y=2", "1 2", "y=2", "pi/3,-1/2", "0", "0,0", "(1,2)", "x=[1,2]",
          "x=0.5", "nan", "1,", "", "@points.csv", "@points.npy", "@broken.csv", "@none", "-", "@",
          "1;2", "x=1,x=2", "1e400", "@run.jsonl", "a=1,b=2")  # fmt: skip
NUMBERS = (
    "3",
    "0",
    "1",
    "1e-3",
    "0.1",
    "-1",
    "1/2",
    "20",
    "2.5",
    "nan",
    "inf",
    "1_0",
    "x",
    "",
    "1e9",
)
TEXTS: dict[str, tuple[str, ...]] = {
    "--at": POINTS,
    "--start": POINTS,
    "--along": POINTS,
    "--set": ("a=3", "a=1/2,b=max(1,2)", "y=1", "x=1", "a", "=1", "a=x", "n=2", "t=1", "a=1/0",
              "e=2"),
    "--size": ("n=2", "n=3,m=2", "n", "n=x", "n=0", "n=1e6", "q=2"),
    "--data": ("table.csv", "-", "x=points.npy", "t=-", "none.csv", "y=table.csv", "wide.csv",
               "empty.csv", "", "table.txt", "points.npy"),
    "--column": ("t=Time (s)", "x=p1:p2", "t=Time", "q=y", "t", "t=p2:p1", "y=y", "a=p1"),
    "--alpha": ("auto", "0.1", "0.5/sqrt(k+1)", "-1", "x", "1/0", ""),
    "--compare-alpha": ("0.1,0.2", "auto", "0.1,,", "1/(k+1),max(1,2)"),
    "--window": ("x=-1:1", "-1:1", "x=-1:1,y=0:2", "x=1:1", "q=1:2", ""),
    "--slice": ("y=0", "x=1", "q=1", ""),
    "--from": ("run.jsonl", "-", "none", "points.csv"),
    "--output": ("o.json", "o.jsonl", "o.csv", "o.txt", "o.png", "o.dot", "o.mmd", "o.c", "o",
                 "-", "./-", "none/o.json", "", ".", "o.JSON"),
    "--plot": ("o.svg", "-", "o.txt", "", "none/o.svg"),
    "--gradient": ("2x", "2x, 2y", "x=2x", "2x,", "", "q"),
    "--rows": ("3", "all", "0", "x"),
    "--tag": ("lecture", "none"),
    "--print": ("x", "f,status", "none", ""),
}  # fmt: skip
WORDS = (
    "sphere",
    "rosenbrock",
    "bash",
    "show",
    "list",
    "verify",
    "fish",
    "all",
    "mine.toml",
    "-",
    "x^2",
    "",
)
# What a line takes long for: pictures that move, and the method that compares all others.
SLOW = ("gif", "html", "pdf", "png")


class CommandLine(NamedTuple):
    """Words, and what standard input holds; None where there is no pipe."""

    words: list[str]
    stdin: bytes | None


def command_line(seed: int) -> CommandLine:
    draw = random.Random(seed)
    weights = [COMMAND_WEIGHTS.get(name, 1) for name in COMMANDS]
    [command] = draw.choices(list(COMMANDS), weights)
    words = list(arguments(command, draw))
    if draw.random() < 0.03:
        foreign = (*FOREIGN_COMMANDS, *LATER_COMMANDS, *EXPRESSIONS, "maximize")
        command = draw.choice(foreign)
    lead = [draw.choice(("-q", "--help", "-V", "-x", "--"))] if draw.random() < 0.02 else []
    return CommandLine(
        [*lead, command, *words], draw.choice(STDIN) if draw.random() < 0.6 else None
    )


def arguments(command: str, draw: random.Random) -> Iterator[str]:
    """The words after a command, options and arguments in any order."""
    params = import_module(f"gdcli.cli.{command}").COMMAND.params
    pieces: list[list[str]] = []
    for param in params:
        if isinstance(param, Argument) and draw.random() < 0.9:
            pool = EXPRESSIONS if param.name == "expression" else (*param.choices, *WORDS)
            pieces.append([drawn(pool, draw)])
    options = [param for param in params if isinstance(param, Option)]
    for param in options:
        if param.opts[0] in USUAL_OPTIONS.get(command, ()) and draw.random() < 0.8:
            pieces.append(given(param, draw))
    for param in draw.choices(options, k=draw.choice((0, 0, 0, 1, 1, 2, 3))):
        pieces += [given(param, draw) for _ in range(1 + (draw.random() < 0.15))]
    if draw.random() < 0.04:
        pieces.append([draw.choice((*FOREIGN_OPTIONS, *LATER_OPTIONS)), draw.choice(NUMBERS)])
    if draw.random() < 0.04:
        pieces.append([draw.choice(("extra", "--nothing", "--alhpa", "--", "-z", "--=", "-o"))])
    draw.shuffle(pieces)
    for piece in pieces:
        yield from piece


def drawn(pool: Sequence[str], draw: random.Random) -> str:
    """A text of the pool, in which those that are right stand first."""
    return draw.choice(pool[: -(-len(pool) // 2)] if draw.random() < 0.75 else pool)


def given(param: Option, draw: random.Random) -> list[str]:
    """An option with a value, right or wrong, one in thirty without; a flag, seldom with one."""
    name = draw.choice(param.opts)
    if param.is_flag:
        return [f"{name}=1" if draw.random() < 0.05 else name]
    choices = [one for one in param.choices if one not in SLOW or draw.random() < 0.05]
    pool = TEXTS.get(param.opts[-1]) or (*choices, "none", "") if choices else None
    text = drawn(pool or TEXTS.get(param.opts[-1], NUMBERS), draw)
    if draw.random() < 0.03:
        return [name]
    return [f"{name}={text}"] if draw.random() < 0.4 and name.startswith("--") else [name, text]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, content in FILES.items():
        Path(name).write_bytes(content)
    np.save("points.npy", [[1.0, 2.0], [3.0, 4.0]])
    return tmp_path


def ran(line: CommandLine, patch: pytest.MonkeyPatch) -> tuple[int, str, str]:
    """The status of the line in this process, and what it wrote to both streams."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    data = io.BytesIO(line.stdin or b"")
    with patch.context() as inner:
        inner.setattr("gdcli.cli.source._is_piped", lambda: line.stdin is not None)
        inner.setattr(sys, "stdin", io.TextIOWrapper(data, encoding="utf-8"))
        inner.setattr(sys, "stdout", out)
        inner.setattr(sys, "stderr", err)
        status = run(line.words)
        out.flush()
        err.flush()
    said, told = (stream.buffer.getvalue().decode(errors="replace") for stream in (out, err))
    return status, said, told


def objection(line: CommandLine, status: int, out: str, err: str, left: set[str]) -> str:
    """What is wrong with the answer; empty where nothing is."""
    many = any(word.endswith(("-", "@", ".csv", ".npy", ".jsonl")) for word in line.words)
    if status not in STATUSES or "a fault of gdcli" in err:
        return "it is no declared status"
    if "Traceback" in err or "Traceback" in out:
        return "a traceback is shown"
    if status == 2 and out and not many:  # of many points the answers stand before a wrong line
        return "a refused line has an answer"
    if status == 2 and (not err.startswith("gdcli: ") or left):
        return f"a refused line leaves {sorted(left) or 'no sentence'}"
    if status in (4, 6) and not (out or err or left):
        return "nothing is said"
    return ""


@pytest.mark.parametrize("chunk", sampled(range(CHUNKS), 3))
def test_every_command_line_ends_in_a_result_or_a_declared_error(
    here: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    known = {path.name for path in here.iterdir()}
    wrong, ends = [], set()
    for seed in range(chunk * LINES, (chunk + 1) * LINES):
        line = command_line(seed)
        status, out, err = ran(line, monkeypatch)
        ends.add(status)
        left = {path.name for path in here.iterdir()} - known
        if why := objection(line, status, out, err, left):
            wrong.append(f"{seed}: {why} ({status}): gdcli {shlex.join(line.words)}\n{err}")
        for name in left:
            (here / name).unlink()
    assert not wrong, "\n".join(wrong)
    assert {0, 2} <= ends
