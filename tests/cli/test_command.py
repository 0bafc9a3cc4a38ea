from __future__ import annotations

from typing import Any

import pytest

from gdcli.cli.command import Argument, Command, Option, is_option
from gdcli.errors import UsageError

seen: dict[str, Any] = {}


def remember(**values: Any) -> int:
    seen.clear()
    seen.update(values)
    return 7


COMMAND = Command(
    "demo",
    remember,
    [
        Argument("expression", help="text"),
        Option("--alpha", metavar="A", default="auto", help="a"),
        Option("--many", metavar="M", read=lambda text, _: text.upper(), multiple=True, help="m"),
        Option("--set", metavar="S", split=True, help="s"),
        Option("--at", metavar="P", help="a"),
        Option("path", "-o", "--output", metavar="FILE", help="o"),
        Option("-q", "--quiet", flag=True, help="q"),
    ],
    help="A demonstration.",
    examples=("gdcli demo x",),
)


def call(*words: str) -> dict[str, Any]:
    with COMMAND.make_context("demo", list(words)) as context:
        assert COMMAND.invoke(context) == 7
    return dict(seen)


def test_defaults() -> None:
    assert call() == {
        "expression": None, "alpha": "auto", "many": [], "set": [], "at": None, "path": None,
        "quiet": False,
    }  # fmt: skip


@pytest.mark.parametrize("text", ["-x^2 + x^4", "-a*x", "-x", "-h*x", "-1", "-o1", "-", "--(x)"])
def test_an_expression_may_begin_with_a_minus_sign(text: str) -> None:
    assert call(text)["expression"] == text
    assert call("--alpha", "1", text, "-q") == call("-q", "--alpha=1", "--", text)


@pytest.mark.parametrize("word", ["-h", "-o", "-q", "-V", "--word", "--at=1"])
def test_options_are_four_letters_and_words(word: str) -> None:
    assert is_option(word)


def test_values_of_options_may_begin_with_a_minus_sign() -> None:
    assert call("--alpha", "-1.2,1", "--many", "-a", "--many=-b") == {
        **call(), "alpha": "-1.2,1", "many": ["-A", "-B"]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--alhpa", "1"], "gdcli demo has no option --alhpa; did you mean --alpha?"),
        (
            ["--nothing-like-it"],
            "gdcli demo has no option --nothing-like-it; see gdcli demo --help",
        ),
        (["--alpha"], "--alpha needs a value: --alpha A"),
        (["--alpha", "--many", "x"], "--alpha needs a value: --alpha A"),
        (["--quiet=yes"], "--quiet takes no value"),
        (["-V"], "gdcli demo has no option -V; see gdcli demo --help"),
        (["--size", "n=3"], "gdcli demo has no option --size; see gdcli demo --help"),
    ],
)
def test_mistyped_options_are_answered(words: list[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        call(*words)
    assert str(caught.value) == message


def test_choices_stand_beside_their_option_or_where_they_are_long_in_its_help() -> None:
    few = Option("--kind", choices=("one", "two"), help="which")
    many = Option("form", "--kind", choices=("a" * 20, "b" * 20), default="b", help="which")
    assert (few.metavar, few.help) == ("one|two", "which")
    assert (many.metavar, many.help) == ("KIND", f"which: {'a' * 20}, {'b' * 20} [b]")


def test_an_expression_without_quotes_is_answered() -> None:
    with pytest.raises(UsageError, match=r"takes 1 argument, this is 3: x\^2 \+ y\^2\n.*quotes"):
        call("x^2", "+", "y^2")


def test_pieces_between_commas_and_of_an_option_given_twice_add_up() -> None:
    assert call("--set", "a=max(1,2), b=[1,2]", "--set=c=3")["set"] == [
        "a=max(1,2)", "b=[1,2]", "c=3"
    ]  # fmt: skip
    assert call("--many", "a,b", "--many", "c")["many"] == ["A,B", "C"]
    assert call("--alpha", "1", "--alpha", "2", "-o", "x", "--output", "y") == {
        **call(), "alpha": "2", "path": "y"
    }  # fmt: skip


def test_a_second_point_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^--at is given twice; write one point$"):
        call("--at", "1", "--at=1")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-", "--at", "-"), "standard input has one reader, not both --at - and EXPRESSION -"),
        (("--at", "-"), "--at - reads standard input: give EXPRESSION too"),
        (("--at=-", "--", "-"), "standard input has one reader, not both --at - and EXPRESSION -"),
    ],
)
def test_standard_input_has_one_reader(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        call(*words)
    assert str(caught.value) == message
    assert call("x", "--at", "-")["at"] == call("-", "--at", "1")["expression"] == "-"
