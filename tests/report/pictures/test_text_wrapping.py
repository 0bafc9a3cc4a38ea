from __future__ import annotations

import pytest

pytest.importorskip("matplotlib")

from gdcli.report.pictures.text_wrapping import LONGEST_NAME, name, width, wrapped

SIZE = 12


def test_a_width_is_that_of_the_letters() -> None:
    assert width("", SIZE) == 0
    assert width("iiii", SIZE) < width("mmmm", SIZE)
    assert width("m", 2 * SIZE) == pytest.approx(2 * width("m", SIZE), rel=0.02)


def test_phrases_stay_on_a_line_where_they_can() -> None:
    phrases = ["alpha = 1,", "beta = 2:", "f = 3"]
    assert wrapped(phrases, 9, SIZE, 3) == ["alpha = 1, beta = 2: f = 3"]
    assert wrapped(phrases, 1.5, SIZE, 3) == ["alpha = 1,", "beta = 2: f = 3"]
    assert wrapped(phrases, 0.95, SIZE, 3) == phrases
    assert wrapped([], 1, SIZE, 3) == []


@pytest.mark.parametrize("text", ["m" * 100, "x^2+" * 40, "word " * 40])
def test_no_line_is_wider_than_there_is_room(text: str) -> None:
    lines = wrapped(text.split(), 3, SIZE, 20)
    assert max(width(line, SIZE) for line in lines) <= 3
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    few = wrapped(text.split(), 3, SIZE, 2)
    assert len(few) == 2
    assert few[1].endswith(" ...")
    assert max(width(line, SIZE) for line in few) <= 3


def test_a_line_has_a_letter_at_least() -> None:
    assert wrapped(["mm"], 0, SIZE, 9) == ["m", "m"]


def test_of_a_long_name_the_beginning_is_shown() -> None:
    assert name("x" * LONGEST_NAME) == "x" * LONGEST_NAME
    assert name("alpha" * 20) == ("alpha" * 20)[: LONGEST_NAME - 1] + "…"
