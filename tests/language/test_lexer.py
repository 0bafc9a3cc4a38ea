"""Words and characters: spans, the normal spelling of names, every refusal by code point."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from gdcli.errors import ExpressionError
from gdcli.language.lexer import END, MAXIMUM_NAME, NAME_TOKEN, NUMBER_TOKEN, normalised, tokens

PAPER = "₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹⁻·×⋅∗÷∕−≤≥≠√ᵀ"


def words(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokens(text)[:-1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2e3x", [(NUMBER_TOKEN, "2e3"), (NAME_TOKEN, "x")]),
        ("2ex", [(NUMBER_TOKEN, "2"), (NAME_TOKEN, "ex")]),
        ("2e", [(NUMBER_TOKEN, "2"), (NAME_TOKEN, "e")]),
        ("2e+x", [(NUMBER_TOKEN, "2"), (NAME_TOKEN, "e"), ("+", "+"), (NAME_TOKEN, "x")]),
        ("1e-3", [(NUMBER_TOKEN, "1e-3")]),
        ("1E5", [(NUMBER_TOKEN, "1E5")]),
        (".5", [(NUMBER_TOKEN, ".5")]),
        ("5.", [(NUMBER_TOKEN, "5.")]),
        ("1.2.3", [(NUMBER_TOKEN, "1.2"), (NUMBER_TOKEN, ".3")]),
        ("x1y", [(NAME_TOKEN, "x1y")]),
        ("x_1", [(NAME_TOKEN, "x_1")]),
        ("x**y", [(NAME_TOKEN, "x"), ("^", "^"), (NAME_TOKEN, "y")]),
        ("a<=b", [(NAME_TOKEN, "a"), ("<=", "<="), (NAME_TOKEN, "b")]),
        ("a<b", [(NAME_TOKEN, "a"), ("<", "<"), (NAME_TOKEN, "b")]),
        ("a!=b", [(NAME_TOKEN, "a"), ("!=", "!="), (NAME_TOKEN, "b")]),
        ("x₁₀ + π", [(NAME_TOKEN, "x10"), ("+", "+"), (NAME_TOKEN, "pi")]),
        ("α\tβ\r\nγ", [(NAME_TOKEN, "α"), (NAME_TOKEN, "β"), (NAME_TOKEN, "γ")]),
        ("é", [(NAME_TOKEN, "é")]),
        ("", []),
        (" \n ", []),
    ],
)
def test_words(text: str, expected: list[tuple[str, str]]) -> None:
    assert words(text) == expected


def test_spans_cut_the_text_at_the_words() -> None:
    text = "  12.5x₁ **sin( y)"
    assert [text[t.span.start : t.span.end] for t in tokens(text)] == [
        *("12.5", "x₁", "**", "sin", "(", "y", ")"),
        "",
    ]
    assert tokens(text)[-1].kind == END


@pytest.mark.parametrize(
    ("character", "advice"),
    [
        ("\u2013", "U+2013 is not a character of the language; type -"),
        ("∙", "U+2219 is not a character of the language; type *"),
        ("⁄", "U+2044 is not a character of the language; type /"),
        ("⩽", "U+2A7D is not a character of the language; type <="),
        ("∛", "U+221B is not a character of the language; type cbrt(x)"),
        ("∑", "U+2211 is not a character of the language; type sum(x[i] for i in 1:n)"),
        ("∞", "U+221E is not a character of the language; type a large number, such as 1e6"),
        ("½", "U+00BD is not a character of the language; type (1/2)"),
        ("ⁿ", "U+207F is not a character of the language; type ^n"),
        ("ᵢ", "U+1D62 is not a character of the language; type [i] for an entry, or _i in a name"),
        ("\u0663", "U+0663 is not a character of the language; type 3"),
        ("\u202e", "U+202E is not a character of the language; type a plain space, or nothing"),
        ("\uff58", "U+FF58 is not a character of the language; type x"),
        ("\uff11", "U+FF11 is not a character of the language; type 1"),
        ("\uff0b", "U+FF0B is not a character of the language; type +"),
        ("\U0001d465", "U+1D465 is not a character of the language; type x"),
        ("\u0445", "U+0445 is not a character of the language; type x"),
        ("\u0430", "U+0430 is not a character of the language; type a"),
        ("\u00a0", "U+00A0 is not a character of the language; type a plain space, or nothing"),
        ("\u200b", "U+200B is not a character of the language; type a plain space, or nothing"),
        ("{", "`{` is not a character of the language; type ("),
        (
            "\x00",
            "U+0000 is not a character of the language; type nothing: it is a control character",
        ),
        (
            "\u4e2d",
            "U+4E2D is not a character of the language; names are made of Latin and Greek letters",
        ),
    ],
)
def test_other_characters_are_refused_by_code_point(character: str, advice: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        tokens(f"x + {character}")
    shown = character if character == "{" else f"<U+{ord(character):04X}>"
    assert str(caught.value) == f"{advice}\n  x + {shown}\n      {'^' * len(shown)}"


def test_a_word_of_five_letters_that_are_not_what_they_seem() -> None:
    with pytest.raises(ExpressionError) as caught:
        tokens("ехр(1)")
    assert str(caught.value) == (
        "U+0435 is not a character of the language; type e\n"
        "  <U+0435><U+0445><U+0440>(1)\n"
        "  ^^^^^^^^"
    )


def test_no_character_of_unicode_is_echoed_unless_it_is_of_the_language() -> None:
    for code in [*range(0x3000), *range(0xD7F0, 0xE010), 0xFEFF, 0xFF21, 0x1D400, sys.maxunicode]:
        character = chr(code)
        try:
            tokens(f"a{character}")
            answer = ""
        except ExpressionError as error:
            answer = str(error)
        printable = (character.isascii() and character.isprintable()) or character in PAPER
        assert printable or code == ord("\n") or character not in answer
        if not answer and not character.isascii():
            name = unicodedata.name(character)
            assert "LATIN" in name or "GREEK" in name or character in PAPER, name


def test_names_are_normalised() -> None:
    assert normalised("x₁₂") == "x12"
    assert normalised("π") == "pi"
    assert normalised("xy") == "xy"


def test_long_names_and_texts_are_refused() -> None:
    assert words("x" * MAXIMUM_NAME) == [(NAME_TOKEN, "x" * MAXIMUM_NAME)]
    for text in ("x" * (MAXIMUM_NAME + 1), "x+" * 600_000):
        with pytest.raises(ExpressionError) as caught:
            tokens(text)
        assert len(str(caught.value)) < 500
