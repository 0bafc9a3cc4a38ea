"""Signs as on paper wherever a formula or a number is typed, and their plain form in JSON."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Gdcli

TEXT, PLAIN = "3x²·|y| − √2", "3*x^2*abs(y) - sqrt(2)"


@pytest.mark.parametrize(
    "words",
    [
        ["grad", TEXT, "--at", "1,2"],
        ["minimize", TEXT, "--max-iterations", "1"],
        ["compare", TEXT, "--at", "1,2"],
        ["check", TEXT, "--gradient", "6x·|y|, 3x²·y÷|y|"],
        ["show", TEXT, "--stage", "expression"],
        ["show", TEXT, "--stage", "tape", "--at", "1,2"],
        ["show", TEXT, "--stage", "graph"],
    ],
)
def test_the_expression_in_json_is_the_plain_form(gdcli: Gdcli, words: list[str]) -> None:
    answer = gdcli(*words, "--format", "json")
    assert answer.status in (0, 3, 5)
    assert answer.json["expression"] == PLAIN


def test_the_expression_in_json_is_what_was_typed_where_it_has_no_signs(gdcli: Gdcli) -> None:
    text = " 2.*x**2 + π*x₁ -  y "
    answer = gdcli("grad", text, "--at", "1,2,3", "--format", "json").json
    assert answer["expression"] == text.strip()


@pytest.mark.parametrize(
    ("words", "output"),
    [
        (["grad", "x²", "--at", "x=√2"], "2.8284271247461903\n"),
        (["grad", "x²+y²", "--at", "−1,√4"], "-2 4\n"),
        (["grad", "x²+y²", "--at", "y=|−3|,x=2²"], "8 6\n"),
        (["grad", "x²+y²", "--at", "−1 √4"], "-2 4\n"),
        (["grad", "sum(x[i]² for i in 1:3)", "--at", "x=[−1,√4,3²]"], "-2 4 18\n"),
        (["grad", "sum(x[i]² for i in 1:3)", "--at", "x[i]=−i²"], "-2 -8 -18\n"),
        (["grad", "a·x²", "--set", "a=√4", "--at", "3"], "12\n"),
        (["grad", "a·x²", "--set", "a=−2", "--at", "3"], "-12\n"),
        (["grad", "x²", "--at", "1", "--along", "−1", "--derivative", "central-difference",
          "--step", "1e−3"], None),
        (["minimize", "x²", "--start", "−3", "--alpha", "2⁻¹"], "0\n"),
        (["minimize", "x²", "--start", "−3", "--alpha", "½"], None),
        (["minimize", "−x²+x⁴", "--alpha", "0.5÷√(k+1)", "--max-iterations", "0"], "0.9\n"),
        (["minimize", "x²", "--tolerance", "1e−3", "--start", "√0"], "0\n"),
    ],
)  # fmt: skip
def test_signs_are_read_wherever_a_number_is(
    gdcli: Gdcli, words: list[str], output: str | None
) -> None:
    answer = gdcli(*words, "--format", "plain")
    if output is None:
        assert answer.status == (2 if "½" in words else 0)
    else:
        assert answer.out == output


def test_a_step_size_in_k_has_its_plain_form_in_json(gdcli: Gdcli) -> None:
    words = ("--alpha", "0.1÷√(k+1)", "--format", "json")
    assert gdcli("minimize", "x⁴−x²", *words).json["alpha"] == "0.1/sqrt(k + 1)"


def test_a_problem_file_is_written_with_signs(gdcli: Gdcli, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('expression = "(x−√4)² + |y|·2"\nstart = "√4, −1"\n', encoding="utf-8")
    shown = gdcli("problems", "show", str(path), "--format", "json").json
    assert shown["expression"] == "(x - sqrt(4))^2 + abs(y)*2"
    answer = gdcli("grad", str(path), "--at", "√4,3", "--format", "json").json
    assert answer["gradient"] == {"x": 0.0, "y": 2.0}


def test_a_window_and_a_slice_are_read(gdcli: Gdcli) -> None:
    answer = gdcli("plot", "x²·|y|", "--slice", "y=√4", "--window", "x=−2:2²", "--ascii")
    assert answer.status == 0


def test_what_fails_is_shown_as_it_was_typed(gdcli: Gdcli) -> None:
    answer = gdcli("grad", "log(x²−2)", "--at", "1")
    assert answer.err == (
        "gdcli: undefined: log(x^2 - 2) at x=1: log(-1)\n  log(x²−2)\n  ^^^^^^^^^\n"
    )


def test_a_minus_sign_of_paper_begins_no_option(gdcli: Gdcli) -> None:
    assert gdcli("grad", "−x²", "--at", "−1", "--format", "plain").out == "2\n"
