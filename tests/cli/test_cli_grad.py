from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("x^2 + x*y", "--at", "1,2"), "4 1\n"),
        (("x^2*y + 1/(x^2+y^2+1)", "--at", "0.5,-0.5"), "-0.9444444444444444 0.6944444444444444\n"),
        (("-x^2 + x^4", "--at", "-1"), "-2\n"),
        (("a*x^2", "--set", "a=1/4", "--at", "2"), "1\n"),
        (("x*y", "--at", "y=3,x=2"), "3 2\n"),
    ],
)
def test_plain_is_the_bare_gradient(gdcli: Gdcli, words: tuple[str, ...], answer: str) -> None:
    assert gdcli("grad", *words, "--format", "plain") == (0, answer, "")


@pytest.mark.parametrize(
    "stdin",
    ["x^2 + x*y\n", b"\xef\xbb\xbfx^2 +\r\n x*y\r\n", "f(x, y) = x^2 + x*y"],
)
def test_the_expression_may_come_through_a_pipe(gdcli: Gdcli, stdin: str | bytes) -> None:
    for words in ((), ("-",)):
        said = gdcli("grad", *words, "--at", "1,2", "--format", "plain", stdin=stdin)
        assert said == (0, "4 1\n", "")


@pytest.mark.parametrize("stdin", ["", " \r\n", b"\xef\xbb\xbf"])
def test_an_empty_pipe_is_an_error(gdcli: Gdcli, stdin: str | bytes) -> None:
    said = gdcli("grad", "--at", "1,2", stdin=stdin)
    assert said.status == 2
    assert "standard input is empty" in said.err


def test_a_pipe_is_not_read_when_there_is_an_expression(gdcli: Gdcli) -> None:
    said = gdcli("grad", "x", "--at", "1", "--format", "plain", stdin="nonsense ((")
    assert said == (0, "1\n", "")


def test_a_pipe_that_is_too_long_is_refused_and_never_cut(gdcli: Gdcli) -> None:
    for stdin, message in (
        (f"x{' ' * 999_998} + y", "has 1,000,003 characters; at most 1,000,000"),
        (f"1+{'é' * 1_000_000}", "has 1,000,002 characters; at most 1,000,000"),
        (f"x{' ' * 4_000_000} + y", "standard input has more than 4,000,000 bytes"),
    ):
        said = gdcli("grad", "--at", "1,2", stdin=stdin)
        assert said.status == 2
        assert message in said.err


def test_bytes_that_are_no_text_are_refused(gdcli: Gdcli) -> None:
    assert "not UTF-8 (byte 2)" in gdcli("grad", "--at", "1", stdin=b"x\xff").err


@pytest.mark.parametrize("words", [(), ("-q",)])
def test_alone_it_takes_the_example_of_the_lecture(
    gdcli: Gdcli, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gdcli.cli.source._is_piped", lambda: False)
    said = gdcli("grad", "--at", "1,2", "--format", "plain", *words)
    assert said[:2] == (0, "4 1\n")
    assert ("x^2 + x*y" in said.err) is (not words)


def test_a_constant_has_an_empty_gradient(gdcli: Gdcli) -> None:
    assert gdcli("grad", "5", "--format", "plain") == (0, "\n", "")
    assert gdcli("grad", "5", "--at", "", "--format", "plain") == (0, "\n", "")
    answer = gdcli("grad", "5", "--format", "json", "--hessian").json
    assert (answer["value"], answer["gradient"], answer["length"]) == (5, {}, 0)
    assert (answer["direction"], answer["hessian"], answer["status"]) == (None, [], "ok")
    assert "it has no variables" in gdcli("grad", "5", "--hessian").out
    assert "--at takes none" in gdcli("grad", "5", "--at", "1").err


def test_a_length_beyond_the_numbers_is_named(gdcli: Gdcli) -> None:
    words = ("grad", "1.7e308*x + 1.7e308*y", "--at", "0,0")
    said = gdcli(*words, "--format", "json")
    assert (said.status, said.json["status"], said.json["length"]) == (0, "ok", None)
    assert "the length" in said.json["message"]
    assert said.err == f"gdcli: {said.json['message']}\n"
    assert gdcli(*words, "--format", "plain")[:2] == (0, "1.7e+308 1.7e+308\n")


def test_json(gdcli: Gdcli) -> None:
    said = gdcli(
        "grad", "x^2 + x*y", "--at", "1,2", "--format", "json", "--along", "0,2", "--hessian"
    )
    assert list(said.json) == [
        "gdcli", "expression", "variables", "at", "gradient", "value", "length", "direction",
        "derivative_method", "status", "message", "hessian", "along", "slope", "derivative",
    ]  # fmt: skip
    assert said.json["variables"] == ["x", "y"]
    assert said.json["at"] == {"x": 1.0, "y": 2.0}
    assert said.json["gradient"] == {"x": 4.0, "y": 1.0}
    assert said.json["hessian"] == [[2.0, 1.0], [1.0, 0.0]]
    assert (said.json["slope"], said.json["derivative"]) == (1.0, 2.0)
    assert (said.json["status"], said.json["message"]) == ("ok", None)


def test_a_component_without_a_value_is_null_and_exit_4(gdcli: Gdcli) -> None:
    words = ("grad", "log(x-y) + z", "--at", "1,1,5")
    said = gdcli(*words, "--format", "json")
    assert said.status == 4
    assert said.json["status"] == "undefined"
    assert said.json["gradient"] == {"x": None, "y": None, "z": 1.0}
    assert "log(x - y)" in said.json["message"]
    assert said.json["message"] in said.err
    assert gdcli(*words, "--format", "plain") == (4, "", said.err)
    assert "undefined" in gdcli(*words).out


def test_the_table(gdcli: Gdcli) -> None:
    assert gdcli("grad", "x^2 + x*y", "--at", "1,2", "--hessian").out == (
        "variable  at  ∂f  steepest descent\n"
        "──────────────────────────────────\n"
        "x         1   4   -0.9701425\n"
        "y         2   1   -0.2425356\n"
        "\n"
        "   f = 3\n"
        "‖∇f‖ = 4.123105625617661\n"
        "  ∇f = (4, 1)\n"
        "\n"
        "∂²f  x  y\n"
        "─────────\n"
        "  x  2  1\n"
        "  y  1  0\n"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("x*y",), "for example --at 1,2"),
        (("x*y", "--at", "1"), "x, y"),
        (("x*y", "--at", "1,nan"), "nan"),
        (("x*y", "--at", "@points.csv"), "not built yet"),
        (("x*y", "--at", "1,2", "--along", "0,0"), "--along"),
        (("x*y", "--at", "1,2", "--along", "1"), "--along"),
        (("x*y", "--at", "1,2", "--derivative", "complex-step"), "not built yet"),
        (("x*y", "--at", "1,2", "--derivative", "magic"), "--derivative takes reverse"),
        (("x*y", "--at", "1,2", "--backend", "native"), "not built yet"),
        (("x*y", "--at", "1,2", "--format", "csv"), "--format takes table, json or plain"),
        (("x*y", "--at", "1,2", "--exact"), "--exact is not built yet"),
        (("five-wel", "--at", "1,2"), "did you mean five-well?"),
        (("x^2 + xy", "--at", "1,2"), "x*y"),
        (("", "--at", "1,2"), "no expression"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_to_write(
    gdcli: Gdcli, words: tuple[str, ...], message: str
) -> None:
    said = gdcli("grad", *words)
    assert said.status == 2
    assert message in said.err
