"""The entries of one variable, one way and another."""

from __future__ import annotations

import numpy as np
import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import PointError
from gdcli.functions.point_values import MOST_SINGLE_ENTRIES, VariableEntries, with_numbers
from gdcli.language.parser import parse
from gdcli.language.syntax import Decimal, Expression


def written(*texts: str) -> list[Expression]:
    return [parse(text, ARITIES) for text in texts]


def computed(text: str, *shape: int) -> VariableEntries:
    values = VariableEntries(shape, "start for W")
    values.indices = ("i", "j")[: len(shape)]
    values.formula = parse(text, ARITIES)
    return values


def test_a_pattern_is_repeated() -> None:
    values = VariableEntries((5,), "start for x")
    values.pattern = written("1/2", "-3")
    values.single[3] = parse("pi", ARITIES)
    assert values.floats() == [0.5, -3, 0.5, np.pi, 0.5]
    assert values.array().tolist() == values.floats()
    assert list(map(str, values.expressions())) == ["1/2", "-3", "1/2", "pi", "1/2"]


def test_a_formula_is_computed_row_by_row() -> None:
    values = computed("i + 10*j", 2, 3)
    assert values.floats() == [11, 21, 31, 12, 22, 32]
    assert values.array().tolist() == values.floats()
    assert str(values.expressions()[5]) == "2 + 10*3"


def test_many_entries_are_computed_at_once_and_are_the_same() -> None:
    wide = computed("sin(i)/j + exp(-i/j)", 2, MOST_SINGLE_ENTRIES)
    tall = computed("sin(i)/j + exp(-i/j)", 2, 100)
    np.testing.assert_allclose(
        wide.array().reshape(2, -1)[:, :100].ravel(), tall.array(), rtol=1e-15
    )


def test_an_array_is_taken_as_it_is() -> None:
    values = VariableEntries((3,), "start for x")
    values.loaded = np.array([0.1, -2.0, 3e300])
    values.single[0] = parse("7", ARITIES)
    assert values.floats() == values.array().tolist() == [7, -2, 3e300]
    assert values.loaded[0] == 0.1
    assert [str(value) for value in values.expressions()] == ["7", "-2", "3e300"]


@pytest.mark.parametrize("length", [3, MOST_SINGLE_ENTRIES + 1])
def test_a_number_that_is_not_finite_is_named(length: int) -> None:
    values = computed("log(i - 2)", length)
    with pytest.raises(PointError) as caught:
        values.array()
    assert str(caught.value) == "start for W: log(i - 2) is not a finite number where i=1"


def test_a_decimal_beyond_all_floats_is_not_finite() -> None:
    values = VariableEntries((), "start for x")
    values.pattern = written("1e400")
    with pytest.raises(PointError, match=r"^start for x: 1e400 is not a finite number$"):
        values.floats()


def test_names_become_numbers() -> None:
    expression = parse("n*i + n^m", ARITIES)
    assert str(with_numbers(expression, {"n": 1200, "m": 0})) == "1200*i + 1200^0"
    assert with_numbers(expression, {"n": 1200}).nodes[0].value == Decimal(12, 2)
    assert with_numbers(expression, {"k": 1}) is expression
