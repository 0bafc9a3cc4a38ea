from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Gdcli


def test_a_right_derivation(gdcli: Gdcli) -> None:
    said = gdcli("check", "x^2*y", "--gradient", "2*x*y, x^2")
    assert (said.status, said.err) == (0, "")
    assert said.out.endswith("\nright: compared at 96 points\n")
    assert (
        gdcli("check", "x^2*y", "--gradient", "y=x^2, x=2*x*y", "--format", "plain").out == "96\n"
    )


def test_a_wrong_derivation(gdcli: Gdcli) -> None:
    words = ("check", "x^2*y", "--gradient", "2*x*y, x")
    said = gdcli(*words)
    assert (said.status, said.err) == (1, "")
    lines = said.out.splitlines()
    assert lines[2].split() == ["∂f/∂x", "2*x*y", "yes", "96", "0"]
    assert lines[3].split() == ["∂f/∂y", "x", "no", "1", "0"]
    assert lines[-1].startswith("wrong in y at x=")
    plain = gdcli(*words, "--format", "plain")
    x, _, yours, derivative = map(float, plain.out.split())
    assert [yours, derivative] == pytest.approx([x, x * x])
    assert plain.err == f"gdcli: {lines[-1]}\n"
    assert gdcli(*words, "--format", "plain", "-q") == (1, plain.out, "")


def test_json(gdcli: Gdcli) -> None:
    said = gdcli("check", "x^2*y", "--gradient", "2*x*y, x", "--format", "json")
    assert list(said.json) == [
        "gdcli", "schema", "expression", "variables", "held", "status", "message", "points",
        "counterexample", "findings",
    ]  # fmt: skip
    assert (said.json["status"], said.json["points"]) == ("wrong", 1)
    right, wrong = said.json["findings"]
    assert list(wrong) == [
        "by", "formula", "right", "compared", "skipped", "undefined_in_yours", "counterexample",
        "hint",
    ]  # fmt: skip
    assert (right["by"], right["right"], right["counterexample"]) == (["x"], True, None)
    assert wrong["counterexample"] == said.json["counterexample"]
    assert list(wrong["counterexample"]) == ["at", "yours", "derivative"]
    assert (wrong["right"], wrong["hint"]) == (False, "a factor is missing: x")


def test_a_row_a_formula(gdcli: Gdcli) -> None:
    words = ("check", "x^2*y", "--hessian", "2y, 2x; 2x, 0")
    said = gdcli(*words, "--format", "csv")
    assert said.out.splitlines()[2] == "∂²f/∂x∂y,2x,yes,96,0"
    assert gdcli(*words, "--format", "jsonl").out.count('"right": "yes"') == 4


def test_none_left_to_compare_is_status_4_with_the_reason(gdcli: Gdcli) -> None:
    said = gdcli("check", "log(-1-x^2)", "--gradient", "1")
    assert said.status == 4
    assert "nothing to compare in ∂f/∂x" in said.out
    assert said.err.startswith("gdcli: undefined: log(-1 - x^2) at x=")
    assert said.err.endswith("  ^^^^^^^^^^^\n")
    assert gdcli("check", "x", "--gradient", "1/0", "--format", "plain")[:2] == (4, "")


def test_at_compares_where_it_is_told(gdcli: Gdcli, tmp_path: Path) -> None:
    words = ("check", "x^2", "--gradient", "4", "--format", "plain")
    assert gdcli(*words, "--at", "2")[:2] == (0, "1\n")
    assert gdcli(*words, "--at", "3")[:2] == (1, "3 4 6\n")
    points = tmp_path / "points.csv"
    points.write_text("x\n2\n4/2\n5\n")
    assert gdcli(*words, "--at", f"@{points}")[:2] == (1, "5 4 10\n")
    assert gdcli(*words, "--at", "-", stdin="2\n2\n")[:2] == (0, "2\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("x^2",), "check needs your derivation"),
        (("x^2", "--gradient", "2x, 3"), "takes 1 formula, in the order x, not 2"),
        (("x^2*y", "--gradient", "2x"), "takes 2 formulas, in the order x, y, not 1"),
        (("x^2*y", "--gradient", "2xy, x^2"), "did you mean x*y?\n  2xy\n   ^^"),
        (("x^2", "--hessian", "2, 2"), "row 1 has 2 formulas"),
        (("--gradient", "2x", "--at", "-"), "give EXPRESSION too"),
        (("five-wel", "--gradient", "1"), "did you mean five-well?"),
        (("x^2", "--gradient", "2x", "--at", "1,2"), "--at"),
    ],
)
def test_what_cannot_be_checked_is_refused(
    gdcli: Gdcli, words: tuple[str, ...], message: str
) -> None:
    said = gdcli("check", *words)
    assert said.status == 2
    assert message in said.err


def test_without_an_expression_there_is_an_example(
    gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gdcli.cli.source._is_piped", lambda: False)
    assert "which function?" in gdcli("check", "--gradient", "2x").err
    assert gdcli("check", "--gradient", "2x", stdin="x^2")[0] == 0
