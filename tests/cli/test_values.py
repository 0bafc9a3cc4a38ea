from __future__ import annotations

from collections.abc import Callable

import pytest

from gdcli.cli import values
from gdcli.errors import UsageError


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1_0", "１０", "1e999", "", "x", "0x10"])
@pytest.mark.parametrize(
    "read", [values.tolerance, values.count, values.digits, values.rows], ids=lambda f: f.__name__
)
def test_what_is_no_plain_number_is_refused(read: Callable[[str, str], object], text: str) -> None:
    with pytest.raises(UsageError, match="--option takes"):
        read(text, "--option")


def test_numbers() -> None:
    assert values.tolerance("1e-6", "-") == 1e-6
    assert values.tolerance("0", "-") == 0.0
    assert values.count("1e6", "-") == 1_000_000
    assert values.rows("all", "-") is None
    assert values.rows("7", "-") == 7
    assert values.digits("12", "-") == 12


@pytest.mark.parametrize(
    ("read", "text"),
    [(values.tolerance, "-1"), (values.count, "1.5"), (values.count, "-1"), (values.digits, "0")],
)
def test_numbers_out_of_range_are_refused(read: Callable[[str, str], object], text: str) -> None:
    with pytest.raises(UsageError, match=f"not `{text}`"):
        read(text, "--option")


def test_choices() -> None:
    read = values.choice("a", "b")
    assert read("a", "--way") == "a"
    with pytest.raises(UsageError, match=r"^--way takes a or b, not `d`$"):
        read("d", "--way")


def test_settings() -> None:
    assert values.setting("a = 1/3", "--set") == ("a", "1/3")
    for text in ("a", "a=", "=3"):
        with pytest.raises(UsageError, match="a=3"):
            values.setting(text, "--set")
    with pytest.raises(UsageError, match=r"^--set gives `a` twice$"):
        values.once([("a", "1"), ("b", "1"), ("a", "2")], "--set")


def test_sizes() -> None:
    assert values.size("n = 1000", "--size") == ("n", 1000)
    assert values.size("n₁=1e6", "--size") == ("n1", 1_000_000)
    for text in ("n", "n=", "=3", "n=-1", "n=1.5", "n=nan", "n=1_0", "n=x"):
        with pytest.raises(
            UsageError, match=r"^--size takes a name and a whole number of at least 0"
        ):
            values.size(text, "--size")


def test_data() -> None:
    assert values.data("A=a.npy", "--data") == {"A": "a.npy"}
    assert values.data("A=b=c.npy", "--data") == {"A": "b=c.npy"}
    assert values.data("points.csv", "--data") == "points.csv"
    assert values.data("./a=b.csv", "--data") == "./a=b.csv"
    for text in ("", " ", "A="):
        with pytest.raises(UsageError, match=r"^--data takes NAME=FILE or a table, such as A=a"):
            values.data(text, "--data")


def test_a_step_size_is_auto_a_number_or_an_expression_in_k() -> None:
    assert values.step_size("auto", "--alpha") == ("auto", None)
    assert values.step_size("0.03", "--alpha") == (0.03, None)
    assert values.step_size("1/8", "--alpha") == (0.125, None)
    of_k, shown = values.step_size("0.5/sqrt(k+1)", "--alpha")
    assert shown == "0.5/sqrt(k+1)"
    assert callable(of_k)
    assert [of_k(0), of_k(3)] == [0.5, 0.25]


@pytest.mark.parametrize("text", ["0", "-1", "1/0", "n", "k+n", "0.1*", "", "nan", "1e999"])
def test_other_step_sizes_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--alpha"):
        values.step_size(text, "--alpha")


def test_several_step_sizes_are_split_outside_of_brackets() -> None:
    found = values.step_sizes("auto, 0.1,min(1/4, 1/2)", "--compare-alpha")
    assert [size.value for size in found] == ["auto", 0.1, 0.25]
    with pytest.raises(UsageError, match="--compare-alpha"):
        values.step_sizes("0.1,", "--compare-alpha")


def test_the_numbers_of_pictures() -> None:
    assert values.difference("-0.5", "--secant") == -0.5
    assert values.rate("12.5", "--fps") == 12.5
    assert values.frames("1e2", "--frames") == 100
    for reader, wrong in (
        (values.difference, ("0", "nan", "x", "1_0")),
        (values.rate, ("0", "-1", "51", "inf")),
        (values.frames, ("1", "2.5", "2001", "-3")),
    ):
        for text in wrong:
            with pytest.raises(UsageError, match=r"^--it takes a "):
                reader(text, "--it")


@pytest.mark.parametrize("text", ["1e-999", "9007199254740993", "-1e-400", "1e999", "1_0", "nan"])
def test_a_number_that_no_float_stands_for_is_none(text: str) -> None:
    assert values.decimal(text) is None
    for read in (values.tolerance, values.count, values.difference):
        with pytest.raises(UsageError, match="--it takes"):
            read(text, "--it")
    with pytest.raises(UsageError, match=r"--it takes a (name and a )?whole number"):
        values.size(f"n={text}", "--it")


def test_numbers_at_the_edges_of_floats() -> None:
    for text in (
        "0",
        "-0.0",
        "0e-999",
        "5e-324",
        "9007199254740992",
        "1e23",
        "1.7976931348623157e308",
    ):
        assert values.decimal(text) == float(text)
