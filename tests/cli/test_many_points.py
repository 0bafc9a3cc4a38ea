"""Many points: whether they are answered at once or one by one, the bytes are the same."""

from __future__ import annotations

import io
import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gdcli.derivatives import many_points
from gdcli.derivatives.gradient import GradientRequest, in_floats
from gdcli.derivatives.many_points import FloatAnswering
from gdcli.functions.function import Function

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli, Said

# Poles, kinks, edges, digits that cancel, gradients of length 0, lengths beyond the largest float.
FUNCTION = "sqrt(x)*abs(y - 1) + (exp(x) - 1)/x + max(0, y)^2*1e157 + log(1 + x*x)"
WORDS = [
    *(["grad", "--format", form] for form in ("csv", "jsonl", "json", "plain", "table")),
    *(["eval", "--format", form] for form in ("csv", "jsonl", "json", "plain", "table")),
    *(["grad", "--along", "1,2", "--format", form] for form in ("csv", "jsonl", "table")),
    ["grad", "--print", "line,x,df/dy,length,status,direction"],
    ["grad", "--ascii", "--format", "table"],
    ["grad", "--as-written", "--format", "jsonl"],
    ["eval", "--print", "point,f,expression"],
]
FEW_WORDS = [*WORDS[1:5], WORDS[6], WORDS[12]]


def table(count: int) -> str:
    generator = random.Random(15)
    lines = ["# points", "", "0,1", "4,1", "1/3,sqrt(2)", "y=2, x=1", "5 6"]
    for _ in range(count):
        x, y = generator.uniform(0.01, 4.0), generator.choice([-3.0, -1e-3, 2.0, 1e75, 1.0])
        lines.append(f"{x!r},{y!r}")
    return "\n".join(lines)


def hold_bytes(gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch, words: list[str], text: str) -> None:
    """Holds what is said of points at once against what is said of them one by one."""
    command, *options = words

    def answers(at_once: bool) -> Said:
        monkeypatch.setattr(FloatAnswering, "pays", lambda *_: at_once)
        return gdcli(command, FUNCTION, "--at", "-", *options, stdin=text)

    alone = answers(False)
    assert alone.status == 4
    assert answers(True) == alone


@pytest.mark.parametrize("words", FEW_WORDS, ids=" ".join)
def test_formats_have_the_bytes_of_points_one_by_one(
    gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    hold_bytes(gdcli, monkeypatch, words, table(4))


@pytest.mark.full
@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_all_formats_have_the_bytes_of_points_one_by_one(
    gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    hold_bytes(gdcli, monkeypatch, words, table(300))


@pytest.mark.parametrize(
    "request_",
    [
        GradientRequest(hessian=True),
        GradientRequest(exact=True),
        GradientRequest(digits=20),
        GradientRequest("tangent"),
        GradientRequest(step=1e-3),
    ],
)
def test_other_requests_are_answered_one_by_one(request_: GradientRequest) -> None:
    assert in_floats(Function("x^2*y"), request_) is None


def test_arrays_have_the_bytes_of_their_text(
    gdcli: Gdcli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many_points, "FEWEST_OPERATIONS_AT_ONCE", 0)
    points = np.random.default_rng(15).uniform(-3.0, 3.0, (1_100, 2))
    points[::50] = np.round(points[::50])
    np.save(tmp_path / "points.npy", points)
    text = "".join(f"{x!r},{y!r}\n" for x, y in points.tolist())
    (tmp_path / "points.csv").write_text(text, "utf-8")
    words = ("grad", "1/x + abs(y)*x^3", "--format", "csv", "--at")
    from_array = gdcli(*words, f"@{tmp_path / 'points.npy'}")
    assert from_array == gdcli(*words, f"@{tmp_path / 'points.csv'}")
    assert from_array.out.count("\n") == 1_101
    assert from_array.status == 4


def test_a_handful_of_points_is_answered_one_by_one() -> None:
    at_once = FloatAnswering(Function("x^2*y + sin(x)"), lambda *answer: answer)
    assert not at_once.pays(many_points.FEWEST_POINTS_AT_ONCE - 1)
    assert not at_once.pays(1)
    assert at_once.pays(many_points.FEWEST_OPERATIONS_AT_ONCE)
    assert at_once.pays(1)


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes and signals")
def test_a_pipe_is_answered_as_it_comes_and_an_interrupted_run_keeps_its_answers() -> None:
    command = "import gdcli.derivatives.many_points as m; from gdcli.__main__ import main\n"
    command += "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    command += "m.FEWEST_OPERATIONS_AT_ONCE = 0; main()"
    words = [sys.executable, "-c", command, "grad", "x*y", "--at", "-", "--format", "json"]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert isinstance(process.stdin, io.TextIOBase)
        assert isinstance(process.stdout, io.TextIOBase)
        process.stdin.write("".join(f"{x},7\n" for x in range(1, 200)))
        process.stdin.flush()
        lines = [process.stdout.readline()]
        while '"line": 198,' not in lines[-1]:  # the last one's end is not known yet
            lines.append(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        lines.append(process.stdout.read())
        assert process.wait() == 130
    whole = json.loads("".join(lines))
    assert whole["message"] == "interrupted"
    assert [point["line"] for point in whole["points"]] == [*range(1, 200)]
