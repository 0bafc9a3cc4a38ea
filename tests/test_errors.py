"""Errors: the caret stands under the place, and nothing raw is shown."""

from __future__ import annotations

import inspect
import pickle
import sys

import pytest

from gdcli import errors
from gdcli.errors import (
    ExpressionError,
    GdcliError,
    Sentence,
    Setting,
    Span,
    UndefinedError,
    as_argument,
    brief,
    formatted,
    listed,
    missing_library,
    visible,
    with_carets,
)


@pytest.mark.parametrize(
    ("text", "span", "shown"),
    [
        ("x + y", Span(4, 5), "  x + y\n      ^"),
        ("x + y", Span(0, 5), "  x + y\n  ^^^^^"),
        ("x +", Span(3, 3), "  x +\n     ^"),
        ("", Span(0, 0), "  \n  ^"),
        ("α−√β²", Span(1, 2), "  α−√β²\n   ^"),
        ("α\u2013β", Span(1, 2), "  α<U+2013>β\n   ^^^^^^^^"),
        ("x\n+\ty", Span(4, 5), "  x + y\n      ^"),
        ("a" * 50 + "!" + "b" * 50, Span(50, 51), f"  ...{'a' * 32}!{'b' * 32}...\n{' ' * 37}^"),
    ],
)
def test_pointed(text: str, span: Span, shown: str) -> None:
    assert with_carets(text, span) == shown


def test_a_long_place_is_cut() -> None:
    for length in (100, 100_000):
        lines = with_carets("1" * length, Span(0, length)).splitlines()
        assert len(lines) == 2
        assert max(map(len, lines)) < 120


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x^2 + ~", "x^2 + ~"),
        ("αé₁", "αé₁"),
        ("\x1b[31m", "<U+001B>[31m"),
        ("a\tb\nc\r", "a b c "),
        ("\u202e\u0430\uff11\x7f\x85\xa0", "<U+202E><U+0430><U+FF11><U+007F><U+0085><U+00A0>"),
        ("\ud800", "<U+D800>"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_text_of_an_error() -> None:
    assert str(GdcliError("no")) == "no"
    assert str(ExpressionError("no", "x+", Span(1, 2))) == "no\n  x+\n   ^"
    assert ExpressionError("no", "x+", Span(1, 2)).args == ("no",)


def test_exit_statuses() -> None:
    found = {
        name: kind.exit_status
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, GdcliError)
    }
    other = {"UndefinedError": 4, "FileAccessError": 6}
    assert found == {name: other.get(name, 2) for name in found}
    assert len(found) >= 7
    assert issubclass(UndefinedError, ArithmeticError)


def test_what_is_long_is_shortened() -> None:
    assert brief("x" * 80) == "x" * 80
    assert brief("x" * 50 + "\x1b" + "y" * 50) == "x" * 40 + "..." + "y" * 40
    assert brief("\x1b") == "<U+001B>"
    assert listed(["x", "y"]) == "x, y"
    assert listed(list("abcdefghijkl")) == "a, b, c, d, e, f, g, h, i, j, k, l"
    assert listed(list("abcdefghijklm")) == "a, b, c, d, e, f, g, h, i, j, k, l, ... (13 in all)"


@pytest.mark.parametrize(
    ("setting", "written"),
    [
        (Setting("start"), "start"),
        (Setting("alpha", "auto"), 'alpha="auto"'),
        (Setting("tolerance", "1e-11"), "tolerance=1e-11"),
        (Setting("parameters", "", ("a",)), 'parameters["a"]'),
        (Setting("sizes", "100", ("m", "n")), 'sizes={"m": 100, "n": 100}'),
        (Setting("data", "FILE", ("A",)), 'data={"A": "FILE"}'),
    ],
)
def test_a_setting_reads_as_the_argument_of_the_library(setting: Setting, written: str) -> None:
    assert as_argument(setting) == written
    assert Sentence("give {}", setting) == f"give {written}"


def test_a_sentence_is_formatted_anew_with_all_that_is_in_it() -> None:
    inner = Sentence("{:.2g} is too large; try {}", 0.123, Setting("alpha", "auto"))
    error = ExpressionError(Sentence("`{}`: {}", "{x}", inner), "x + y", Span(4, 5))
    assert str(error) == '`{x}`: 0.12 is too large; try alpha="auto"\n  x + y\n      ^'
    assert formatted(error.whole, lambda setting: f"<{setting.name}>") == (
        "`{x}`: 0.12 is too large; try <alpha>\n  x + y\n      ^"
    )
    assert formatted("plain {}", str) == "plain {}"


def test_a_sentence_keeps_its_settings_when_it_is_pickled() -> None:
    sentence = Sentence("give {}", Setting("sizes", "100", ("n",)))
    again = pickle.loads(pickle.dumps(sentence))
    assert again == sentence
    assert formatted(again, lambda setting: setting.value) == "give 100"


@pytest.mark.parametrize(
    ("python", "has_pip", "command"),
    [
        ("/opt/venv/bin/python", True, "/opt/venv/bin/python -m pip install plotly"),
        ("/opt/venv/bin/python", False, "uv pip install -p /opt/venv/bin/python plotly"),
        ("/my own/python", True, '"/my own/python" -m pip install plotly'),
        ("", True, "python -m pip install plotly"),
    ],
)
def test_libraries_are_installed_for_the_interpreter_in_use(
    python: str, has_pip: bool, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", python)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: has_pip or None)
    said = f"a film needs plotly, which is not installed; get it with: {command}"
    assert str(missing_library("a film", "plotly")) == said
