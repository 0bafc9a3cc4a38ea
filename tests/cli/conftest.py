"""The command line in this process, and as a person's shell starts it."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
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
