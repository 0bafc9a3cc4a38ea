"""The command line in this process, and as a person's shell starts it."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from math import exp, sin
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gdcli.cli.app import run


class Said(NamedTuple):
    """What a command answered."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out, parse_constant=lambda name: pytest.fail(f"JSON with {name}"))


Gdcli = Callable[..., Said]

DECAY = "y ~ a*exp(-b*x) + c"
DECAY_START = "a=1,b=1,c=0"


def decay_table(rows: int = 12) -> str:
    """Rows of a decay to 1 with small deviations, which no random number makes."""
    values = (2.0 * exp(-0.3 * i) + 1.0 + 0.01 * sin(7.0 * i) for i in range(rows))
    return "x,y\n" + "".join(f"{i},{value:.6f}\n" for i, value in enumerate(values))


@pytest.fixture(scope="session")
def decay_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The JSON of the model that is fitted to the decay."""
    folder = tmp_path_factory.mktemp("decay")
    table, model = folder / "decay.csv", folder / "model.json"
    table.write_text(decay_table(), "utf-8")
    assert run(["fit", DECAY, str(table), "--start", DECAY_START, "-o", str(model)]) == 0
    return model.read_text("utf-8")


@pytest.fixture
def decay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, decay_model: str) -> Path:
    """The folder in which commands run: decay.csv, the model fitted to it, and new rows."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "decay.csv").write_text(decay_table(), "utf-8")
    (tmp_path / "new.csv").write_text("x\n0\n2.5\n", "utf-8")
    (tmp_path / "model.json").write_text(decay_model, "utf-8")
    return tmp_path


@pytest.fixture
def gdcli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Gdcli:
    """`gdcli("grad", "x^2", "--at", "1")` in this process, with `stdin` as text if given."""

    def call(*words: str, stdin: str | bytes | None = None) -> Said:
        if stdin is not None:
            data = stdin if isinstance(stdin, bytes) else stdin.encode()
            monkeypatch.setattr("gdcli.cli.source._is_piped", lambda: True)
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))
        status = run(list(words))
        said = Said(status, *capsys.readouterr())
        if status == 2:
            many_points = {word[:1] for word in words} & {"-", "@"} and "--at" in words
            assert said.out == "" or many_points
            assert said.err.startswith("gdcli: ")
        return said

    return call
