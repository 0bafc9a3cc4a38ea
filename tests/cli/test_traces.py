from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from gdcli.cli.traces import descend, read_paths
from gdcli.descent.alpha import WrittenAlpha
from gdcli.descent.minimize import run_descent
from gdcli.errors import FileAccessError, UndefinedError, UsageError
from gdcli.functions.function import Function
from gdcli.report.pictures.plot import rule_of

BOWL = Function("x^2 + y^2")


def test_one_run_says_how_it_chose_its_steps() -> None:
    runs = descend(BOWL, print, ["3,1"], WrittenAlpha(0.25))
    assert (runs.rule, runs.status) == ("α = 0.25", 0)
    assert runs.paths[0].label == ""
    assert runs.paths[0].steps[1].point == [1.5, 0.5]
    assert runs.paths[0].total == len(runs.paths[0].steps)


def test_runs_are_told_apart_by_what_differs() -> None:
    labels = [path.label for path in descend(BOWL, print, ["3,1", "1,1/3"]).paths]
    assert labels == ["from (3, 1)", "from (1, 0.3333)"]
    both = descend(
        BOWL, print, compare_alpha=[WrittenAlpha("auto"), WrittenAlpha(1e-3)], max_iterations=2
    )
    assert [path.label for path in both.paths] == ["α = auto", "α = 0.001"]
    assert both.rule == ""


def test_a_schedule_is_named_by_its_text() -> None:
    assert rule_of(run_descent(BOWL, alpha=lambda k: 0.1, label="0.1 + 0*k")) == "α = 0.1 + 0*k"


def test_a_method_that_is_not_the_default_is_named() -> None:
    assert rule_of(run_descent(BOWL)) == "α = auto"
    assert rule_of(run_descent(BOWL, method="newton")) == "newton"
    assert rule_of(run_descent(BOWL, method="momentum", alpha=0.1)) == "momentum, α = 0.1"


def test_an_interrupted_run_is_the_last() -> None:
    class Interrupted(Function):
        def evaluate_gradient(self, point: Sequence[float]) -> tuple[float, list[float]]:
            if point[0] < 2.0:
                raise KeyboardInterrupt
            return super().evaluate_gradient(point)

    runs = descend(Interrupted("x^2"), print, ["3", "4"], WrittenAlpha(0.1))
    assert runs.status == 130
    assert len(runs.paths) == 1
    assert runs.paths[0].status == "interrupted"


def test_a_run_without_a_point_is_undefined() -> None:
    with pytest.raises(UndefinedError, match="undefined at the start"):
        descend(Function("log(x)"), print, ["-1"])


def test_files_that_hold_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"--from: .* is a folder"):
        read_paths(str(tmp_path), None)
    (tmp_path / "latin").write_bytes(b'{"k": "\xe9"}\n')
    with pytest.raises(UsageError, match="is not UTF-8"):
        read_paths(str(tmp_path / "latin"), None)
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UsageError, match="standard input is closed"):
        read_paths("-", None)

    def forbidden(*_: object) -> None:
        raise PermissionError(13, "permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    with pytest.raises(FileAccessError, match="--from: cannot read"):
        read_paths(str(tmp_path / "latin"), None)
