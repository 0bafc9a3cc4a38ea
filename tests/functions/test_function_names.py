"""Every function's name as a column of data, a parameter and a variable of a header."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import gdcli
from gdcli.autodiff.primitives import ARITIES, LANGUAGE_FUNCTIONS
from gdcli.errors import ExpressionError
from gdcli.language.foreign import FUNCTIONS, UNSMOOTH
from gdcli.language.parser import BRACKET_KINDS, LATER_WORDS, TAKEN_NAMES
from tests.sweeps import sampled

OF_0_1 = sorted({name for name, row in LANGUAGE_FUNCTIONS.items() if row.since == "0.1"})
LATER = sorted(LANGUAGE_FUNCTIONS.keys() - {*OF_0_1})
FREE = [
    *LATER,
    *sorted(LATER_WORDS),
    *sorted((FUNCTIONS.keys() | UNSMOOTH.keys()) - {*TAKEN_NAMES}),
]
TAKEN = sorted({*OF_0_1, *BRACKET_KINDS} - LATER_WORDS)


def table(folder: Path, name: str) -> str:
    path = folder / "table.csv"
    path.write_text(f"t,{name}\n1,3\n2,5\n", encoding="utf-8")
    return str(path)


def test_the_names_are_those_of_every_function() -> None:
    assert {*LATER, *OF_0_1} == ARITIES.keys()
    assert LATER


@pytest.mark.parametrize("name", sampled(FREE, 60))
def test_a_name_that_is_free_is_a_column_a_parameter_and_a_variable(
    name: str, tmp_path: Path
) -> None:
    column = gdcli.function(f"sum(x*{name}[i]*t[i] for i in 1:2)", data=table(tmp_path, name))
    assert column(2) == 2 * (3 + 10)
    array = gdcli.function(f"sum({name}[i]^2 for i in 1:n) + 0*x", data={name: [3.0, 4.0]})
    assert array(1) == 25
    assert gdcli.function(f"{name}*x^2 + 2{name}", parameters={name: "3"})(2) == 18
    header = gdcli.function(f"f({name}, x) = {name}*x²")
    assert header.variables == (name, "x")
    assert header(3, 2) == 12
    assert gdcli.function(f"f(x, {name}[2]) = {name}[1] + {name}[2]*x")([2, 3, 4]) == 11
    assert gdcli.function(f"{name} = x²; 2{name} + 1")(3) == 19


@pytest.mark.parametrize("name", TAKEN)
def test_a_name_of_0_1_is_refused_in_the_text_and_no_hindrance_in_the_data(
    name: str, tmp_path: Path
) -> None:
    unused = gdcli.function("sum(x*t[i] for i in 1:2)", data=table(tmp_path, name))
    assert unused(2) == 6
    with pytest.raises(ExpressionError, match="takes its argument in parentheses"):
        gdcli.function(f"sum({name}[i] for i in 1:2)", data=table(tmp_path, name))
    with pytest.raises(ExpressionError, match="takes its argument in parentheses"):
        gdcli.function(f"{name}*x^2", parameters={name: "3"})
    for text in (f"f({name}, x) = x", f"f(x, {name}[2]) = x", f"{name} = x^2; x"):
        with pytest.raises(ExpressionError, match=f"`{name}` cannot be .*: the name is taken"):
            gdcli.function(text)


@pytest.mark.parametrize("name", [*LATER, *sorted(LATER_WORDS)])
def test_a_later_function_that_is_declared_too_is_refused_with_both_readings(
    name: str, tmp_path: Path
) -> None:
    fewest = ARITIES[name].fewest if name in ARITIES else 1
    call = f"{name}(1, x)" if fewest == 2 else f"{name}(x)"
    product = f"write {name}*(x) for the product, or rename it" if fewest == 1 else "rename it"
    refused: list[tuple[str, dict[str, Any], str]] = [
        (f"{call} + 0", {"parameters": {name: "3"}}, "set to a value"),
        (f"{call} + x", {"data": table(tmp_path, name)}, "an array of data"),
        (f"f(x, {name}) = {call}", {}, "a variable"),
        (f"{name}*x + {call}", {}, "a variable"),
        (f"f(x, {name}[2]) = {call}", {}, "a variable"),
    ]
    for text, given, role in refused:
        with pytest.raises(ExpressionError) as caught:
            gdcli.function(text, **given)
        what = f"`{call}`: {name} is {role} here; {product} to use the function {name}"
        assert caught.value.message == what
