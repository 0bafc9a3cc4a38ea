"""What is read as another thing than it says is noted, or refused where that is a mistake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gdcli.errors import ExpressionError
from gdcli.functions.function import Function
from gdcli.functions.reading_notes import reading_notes

LINE = "sum((y[i]-a*x[i])^2 for i in 1:n)"


def notes(text: str, **given: Any) -> list[str]:
    return list(Function(text, **given).notes)


def test_literals_that_floats_round_or_do_not_hold() -> None:
    found = notes("(x - 9007199254740993)^2 + a*x + 1e-400", parameters={"a": "1e-999"})
    assert found == [
        "`9007199254740993` is a whole number between two floats; the nearest is"
        " 9007199254740992; digits keeps it",
        "`1e-400` is not 0, but too small for a float; digits keeps it",
        "`1e-999` is not 0, but too small for a float; digits keeps it",
    ]
    function = Function("x - 9007199254740993")
    assert list(reading_notes(function.resolved, floats=False)) == []
    assert str(function.expression) == "x - 9007199254740993"


@pytest.mark.parametrize("text", ["0.1*x + pi + e", "x - 9007199254740992", "1e23*x + 2^70", LINE])
def test_what_is_read_as_it_says_has_no_note(text: str) -> None:
    data = {"x": [1, 2], "y": [2, 3]} if text is LINE else None
    assert notes(text, data=data) == []


def test_a_parameter_with_the_name_of_a_constant() -> None:
    assert notes("e*x", parameters={"e": 3}) == [
        'parameters={"e": 3}: `e` is no longer the constant'
    ]
    assert notes("a*x + e", parameters={"a": 3}) == []


@pytest.mark.parametrize(
    ("text", "sizes", "found"),
    [
        (LINE, {"n": 2}, ["x has 4 entries, of which the first 2 are read",
                          "y has 4 entries, of which the first 2 are read"]),
        ("sum((y[i]-a*x[i])^2 for i in 1:3)", {}, [
            "x has 4 entries, of which the first 3 are read",
            "y has 4 entries, of which the first 3 are read"]),
        ("sum((y[i+1]-a*x[i+1])^2 for i in 1:n-1)", {}, []),
        ("sum((y[2*i]-a*x[2*i])^2 for i in 1:n)", {}, []),
        ("dot(x, y)*a + x[1]", {}, []),
        (LINE, {}, []),
    ],
)  # fmt: skip
def test_data_of_which_the_last_entries_are_not_read(
    text: str, sizes: dict[str, int], found: list[str]
) -> None:
    assert sorted(notes(text, sizes=sizes, data={"x": [1, 2, 3, 4], "y": [2, 3, 4, 5]})) == found


def test_a_matrix_of_which_the_last_columns_are_not_read() -> None:
    data = {"A": [[1, 2, 3], [4, 5, 6]]}
    assert notes("sum(A[i,j]*x for i in 1:2, j in 1:2)", data=data) == [
        "A is 2 by 3, of which the first 2 are read by its subscript 2"
    ]


@pytest.fixture
def table(tmp_path: Path) -> str:
    path = tmp_path / "points.csv"
    path.write_text("x,y,Temp,p1\n1,2,3,4\n2,3,4,5\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("vector", "column"),
    [("X", "x"), ("temp", "Temp"), ("TEMP", "Temp"), ("tmp", "Temp"), ("Tempo", "Temp"),
     ("Tmep", "Temp"), ("P1", "p1"), ("q1", "p1"), ("p11", "p1")],
)  # fmt: skip
def test_a_vector_with_nearly_the_name_of_a_column_is_refused(
    table: str, vector: str, column: str
) -> None:
    text = f"sum((y[i]-a*{vector}[i])^2 for i in 1:n)"
    with pytest.raises(ExpressionError) as caught:
        Function(text, data=table)
    message = f"`{vector}` is a vector of variables, and the data have a column `{column}` that is"
    assert caught.value.message.startswith(f"{message} not used; name both alike")
    assert caught.value.span == (text.index(vector), text.index(vector) + len(vector))
    declared = Function(f"f(a, {vector}) = {text}", data=table)
    assert declared.layout.size == 3


@pytest.mark.parametrize("heading", ["t (s)", "T [s]", "t/s", "t in s", '"t, in s"', "T"])
def test_a_column_with_units_in_its_heading(tmp_path: Path, heading: str) -> None:
    path = tmp_path / "points.csv"
    path.write_text(f"y,{heading}\n1,2\n2,3\n", encoding="utf-8")
    with pytest.raises(ExpressionError, match=r"have a column `(t|T).*` that is not used"):
        Function("sum((y[i]-a*t[i])^2 for i in 1:n)", data=path)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("sum((y[i]-a*p2[i])^2 for i in 1:n)", ["p1"]),
        ("sum((y[i]-a*z[i])^2 for i in 1:n)", ["x"]),
        ("sum((y[i]-a*p[i])^2 for i in 1:n)", ["x", "p1"]),
        ("sum((y[i]-a*height[i])^2 for i in 1:n)", []),
        ("sum((x[i]-X[i])^2 + (y[i]-a*X[i])^2 for i in 1:n)", []),  # the column is used itself
        ("sum((y[i]-X)^2 for i in 1:n)", []),  # a number is no column
        ("sum((y[i]-X[i,1])^2 for i in 1:n)", []),  # nor is a matrix
        ("f(z, a) = sum((y[i]-a*z[i])^2 for i in 1:n)", []),  # a header says what is meant
    ],
)
def test_other_variables_beside_a_table_are_taken(
    table: str, text: str, columns: list[str]
) -> None:
    function = Function(text, data=table)
    [vector] = [name for name in function.variables if name in function.layout.shapes] or [""]
    assert list(function.notes) == [
        f"`{vector}` is a vector of variables, and the data have a column `{column}` that is not"
        " used"
        for column in columns
    ]


def test_data_that_only_array_parts_read() -> None:
    data = {"y": [1.0, 2.0, 3.0]}
    assert notes("h[i] = x*y[i]; sum(h[i] for i in 1:3)", data=data) == []
    assert notes("u[1] = x; u[t in 2:3] = u[t-1] + y[t-1]; norm(u)", data=data) == [
        "y has 3 entries, of which the first 2 are read"
    ]


def test_pieces_of_an_array_part_that_is_not_used_are_one_note() -> None:
    assert notes("u[1] = x; u[2] = 3; v[1] = u[1]; x^2") == [
        "part `u` is not used",
        "part `v` is not used",
    ]
