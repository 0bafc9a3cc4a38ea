"""Long arrays as text: in blocks the bytes of the numbers one by one, and never all at once."""

from __future__ import annotations

import json
from math import inf, nan
from typing import Any

import numpy as np
import pytest

from gdcli.derivatives.gradient import Gradient
from gdcli.derivatives.value import FunctionValue
from gdcli.descent.minimize import run_descent
from gdcli.descent.result import Result
from gdcli.errors import UndefinedError
from gdcli.functions.function import Function
from gdcli.functions.layout import Layout
from gdcli.report.formats import FORMATS, PRINTED, Writers
from gdcli.report.long_numbers import json_list
from gdcli.report.number_format import number_row
from gdcli.report.view import GradView, MinimizeView

BLOCK = 8
SPECIAL = (0.0, -0.0, 5e-324, 1e16, 123456.0, -1.7976931348623157e308, 1 / 3, nan, inf, -inf)
FIELDS = (("at",), ("gradient",), ("direction",), ("at", "W[2,3]"), ("gradient", "x[1]"), ("f",))
WRITTEN = {
    **{name: FORMATS[name].writers() for name in ("json", "jsonl", "csv", "plain", "table")},
    "print": PRINTED._replace(fields=FIELDS).writers(),
}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("long_numbers", "formats.csv"):
        monkeypatch.setattr(f"gdcli.report.{module}.TEXT_BLOCK", BLOCK)


def numbers(n: int, seed: int, special: bool) -> list[float]:
    """Some numbers more than once, and ends of the range."""
    stream = np.random.default_rng(seed)
    found = np.where(stream.random(n) < 0.5, np.round(stream.normal(size=n)), stream.normal(size=n))
    if special:
        found = np.where(stream.random(n) < 0.3, stream.choice(SPECIAL, n), found)
    return [float(number) for number in found]


def arrayed(listed: Any) -> Any:
    """The answer with arrays in the place of lists, as the engine gives it."""
    return listed._replace(
        **{
            name: np.array([nan if one is None else one for one in value], dtype=float)
            for name, value in listed._asdict().items()
            if isinstance(value, list)
        }
    )


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("form", WRITTEN)
def test_answers_of_arrays_have_the_bytes_of_those_of_lists(form: str, undefined: bool) -> None:
    for length, rows in ((1, 2), (BLOCK - 1, 2), (BLOCK, 3), (BLOCK + 1, 5), (2 * BLOCK, 5)):
        layout = Layout(("a", "x", "W"), {"x": (length,), "W": (rows, 3)})
        n = layout.size
        gradient = number_row(numbers(n, length, undefined))
        at, direction = numbers(n, rows, False), None if undefined else numbers(n, 5, False)
        error = UndefinedError("undefined: it") if undefined else None
        answer = Gradient(
            layout.components, at, 0.5, gradient, 2.0, direction, error=error, notes=("so",),
            along=numbers(n, 6, False), slope=1.0, derivative=-3.0,
        )  # fmt: skip
        view = GradView("it", layout.variables, along=True, layout=layout)
        one, other = (WRITTEN[form].grad(it, view) for it in (answer, arrayed(answer)))
        assert "".join(one) == "".join(other)
        value = FunctionValue(layout.components, at, 1 / 3)
        one, other = (WRITTEN[form].value(it, view) for it in (value, arrayed(value)))
        assert "".join(one) == "".join(other)


def runs(bound: Any = None) -> tuple[Function, Result]:
    text = "a^2 + sum((x[i]-i)^2 for i in 1:9) + sum((W[i,j]-i/j)^2 for i in 1:m, j in 1:3)"
    function = Function(f"f(a, x, W[m,3]) = {text}", sizes={"m": 4})
    return function, run_descent(function, keep=9, bounds=bound)


def with_arrays(result: Any) -> Any:
    trace = [row._replace(x=np.array(row.x)) for row in result.trace]
    bounds = result.bounds and type(result.bounds)(*map(np.array, result.bounds))
    found = arrayed(result._replace(trace=[], last=None))
    last = result.last._replace(x=np.array(result.last.x))
    return found._replace(trace=trace, last=last, bounds=bounds, tests=result.tests)


@pytest.mark.parametrize("bound", [None, {"x": (None, 3), "W": (0, None)}])
@pytest.mark.parametrize("form", ["json", "csv", "jsonl", "plain", "table", "print"])
def test_runs_of_arrays_have_the_bytes_of_those_of_lists(form: str, bound: Any) -> None:
    function, listed = runs(bound)
    view = MinimizeView("it", function.variables, trace=True, layout=function.layout)
    fields = (("x",), ("gradient",), ("last", "x", "W[2,3]"), ("trace", "1", "x"), ("bounds",))
    writers = PRINTED._replace(fields=fields).writers() if form == "print" else WRITTEN[form]
    assert text_of(writers, with_arrays(listed), view) == text_of(writers, listed, view)


def text_of(writers: Writers, result: Result, view: MinimizeView) -> str:
    if writers.iterates is not Writers().iterates:
        lines = writers.iterates(view)
        return "".join(map(lines.row, result.trace)) + lines.end()
    return "".join(writers.minimize(result, view))


@pytest.mark.parametrize("shape", [(0,), (3, 0), (2, 0, 3), (2, 3, 2), (3, 2 * BLOCK + 1), (1, 1)])
def test_lists_within_lists_are_those_of_json(shape: tuple[int, ...]) -> None:
    array = np.arange(float(np.prod(shape))).reshape(shape)
    assert "".join(json_list(array)) == json.dumps(array.tolist())


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "plain", "print"])
def test_no_piece_of_a_text_has_more_than_a_block(form: str) -> None:
    layout = Layout(("x", "W"), {"x": (999,), "W": (2, 300)})
    array: Any = np.arange(layout.size) / 7
    answer = Gradient(layout.components, array, 0.5, array, 1.0, array)
    pieces = [*WRITTEN[form].grad(answer, GradView("it", layout.variables, layout=layout))]
    assert sum(map(len, pieces)) > 15 * layout.size
    assert max(map(len, pieces)) < 25 * BLOCK
