"""Many points in one call: each row is what a call answers at its point alone."""

from __future__ import annotations

from itertools import product
from math import inf, nan
from typing import Any

import mpmath
import numpy as np
import pytest

import gdcli
from gdcli.errors import PointError, UndefinedError, UsageError
from gdcli.execute import BACKENDS, NATIVE, PYTHON, limits, tiers
from gdcli.execute.thread_count import THREADS_VARIABLE
from gdcli.functions.function import Function
from tests.array_programs import array_program
from tests.native_code import ROSENBROCK, bits
from tests.program_writer import program
from tests.programs import entries
from tests.sweeps import sampled

SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, 1000.0, -1000.0, 1e200, -1e200, 5e-324, inf, nan)
TEXTS: dict[str, dict[str, int]] = {
    "x^2 + y": {},
    "abs(x) + y^2": {},  # a kink
    "max(x, y)*exp(x)": {},
    "ifelse(x > y, x^2, y) + ifelse(x*x*x - y*y*y > 0, 1, 2)": {},  # an edge, which may be lost
    "log(x) + y": {},  # a pole, and an edge of the domain
    "sqrt(x^2 + y^2)": {},
    "(1 - cos(x))/x^2*y": {},  # digits lost, and a pole
    "1/(1 + exp(x)) + 0.1*y + 0.2*x": {},  # where floats raise it has a value
    "exp(x*100)*1e-300 + y": {},
    "ifelse(x > 0, 1/(1 + exp(y)), log(-x))": {},
    "x^3/y + relu(x)*sigmoid(y)": {},
    "3 + 0*x": {},
    "sum(abs(x[i]) + exp(x[i]) for i in 1:n)": {"n": 3},
    "sum(log(x[i]) for i in 1:n)": {"n": 2},
    "max(x[i] for i in 1:n)": {"n": 2},
    "prod(x[i] for i in 1:n)": {"n": 4},
}


class Frame:
    """A table by columns, as pandas and polars have it."""

    def __init__(self, columns: dict[str, Any]) -> None:
        self.columns = list(columns)
        self._columns = columns

    def __getitem__(self, name: str) -> Any:
        return self._columns[name]


def points(count: int, n: int) -> np.ndarray:
    """Points by chance: some special, some with equal coordinates."""
    draw = np.random.default_rng(n)
    found = draw.normal(scale=2.0, size=(count, n))
    found[: count // 2] = draw.choice(SPECIAL, size=(count // 2, n))
    found[count // 2 : count // 2 + 2] = found[count // 2 : count // 2 + 2, :1]
    return found


def same(one: Any, other: Any, about: object) -> None:
    """The numbers agree to the bit."""
    one, other = (np.asarray(numbers, float).ravel().tolist() for numbers in (one, other))
    assert bits(one) == bits(other), about


def agrees(function: Function, rows: np.ndarray, *, curved: bool = True) -> None:
    """Every row of the answers is that of a call."""
    values = function.map(rows)
    again, gradients = function.value_and_gradient_map(rows)
    hessians = function.hessian_map(rows) if curved else None
    n = rows.shape[1]
    assert (values.shape, gradients.shape) == ((len(rows),), (len(rows), n))
    for place, row in enumerate(rows):
        about = str(function.expression), function.backend, row
        same(values[place], function(row), about)
        value, gradient = function.value_and_gradient(row)
        same([again[place], *gradients[place]], [value, *gradient], about)
        if hessians is not None:
            same(hessians[place], function.hessian(row), about)


@pytest.mark.parametrize(("text", "backend"), sampled(product(TEXTS, [NATIVE, PYTHON]), 10, seed=3))
def test_kinks_poles_and_edges_among_the_points(text: str, backend: str) -> None:
    function = Function(text, sizes=TEXTS[text], backend=backend, undefined="nan")
    agrees(function, points(16, function.layout.size))


@pytest.mark.parametrize("seed", sampled(range(60), 2))
def test_generated_programs(seed: int) -> None:
    written = program(seed, 2)
    given = written.text, None, written.sizes, written.data
    function = Function(*given, backend=NATIVE, undefined="nan")
    at = [float(x) for name in function.variables for x in entries(written.point[name])]
    rows = np.array(at) * np.linspace(1.0, 1.3, 9)[:, None]
    wanted = float(written.value(mpmath.fp))
    assert function.map(rows)[0] == pytest.approx(wanted, rel=1e-9, abs=1e-9)
    agrees(function, rows, curved=False)
    agrees(function.unrolled, rows, curved=False)


@pytest.mark.parametrize("seed", sampled(range(60), 1))
def test_generated_programs_of_arrays(seed: int) -> None:
    written = array_program(seed)
    function = Function(written.text, None, written.sizes, written.data, backend=NATIVE)
    first = function.point(written.point)
    rows = np.array(first) * np.linspace(1.0, 1.01, 9)[:, None]
    agrees(function, rows, curved=False)


def test_the_answers_are_those_of_formulas_by_hand() -> None:
    function = Function("100*(y - x^2)^2 + (1 - x)^2", backend=NATIVE)
    rows = np.random.default_rng(0).uniform(-2.0, 2.0, (1003, 2))
    x, y = rows.T
    values, gradients = function.value_and_gradient_map(rows)
    hessians = function.hessian_map(rows)
    slopes = [-400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)]
    curves = [[1200 * x * x - 400 * y + 2, -400 * x], [-400 * x, np.full_like(x, 200.0)]]
    for found, wanted in (
        (values, 100 * (y - x * x) ** 2 + (1 - x) ** 2),
        (gradients.T, slopes),
        (hessians.transpose(1, 2, 0), curves),
    ):
        np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=1e-12)


def test_every_backend_and_number_of_threads_has_the_same_bits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = np.random.default_rng(1).uniform(-20.0, 20.0, (1000, 2))
    monkeypatch.setattr("gdcli.execute.native.point_map.ALONE_NANOSECONDS", 0)
    monkeypatch.setattr("gdcli.execute.native.point_map.OPERATIONS_PER_POINT_CHUNK", 1 << 13)
    found = set()
    for threads, backend in (("1", PYTHON), *((one, NATIVE) for one in "123")):
        monkeypatch.setenv(THREADS_VARIABLE, threads)
        function = gdcli.function("five-well", backend=backend)
        values, gradients = function.value_and_gradient_map(rows)
        found.add((values.tobytes(), gradients.tobytes(), function.map(rows).tobytes()))
    assert len(found) == 1


@pytest.mark.parametrize("text", ["exp(x)*y", ROSENBROCK])
def test_few_points_are_asked_one_by_one_and_many_by_machine_code(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = Function(text, sizes={"n": 5} if "n" in text else None)
    rows = points(40, function.layout.size)[20:]
    agrees(function, rows, curved=False)
    engine = function.engine
    programs = engine.value_and_gradient, engine.trusted_value_and_gradient
    program = programs[0] if function.has_loops else programs[1]
    assert program.program is None
    monkeypatch.setattr(tiers, "PROMOTION_OPERATIONS", 10 * program.operations)
    monkeypatch.setattr(tiers, "POINTS_PER_COMPILATION", 10)
    agrees(function, rows, curved=False)
    assert program.program is not None


def test_where_machine_code_cannot_be_had_points_are_asked_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tiers, "MOST_NATIVE_INSTRUCTIONS", 1)
    agrees(Function("exp(x)*y + x", backend=NATIVE), points(20, 2)[12:])


def test_the_first_point_without_a_value_is_named() -> None:
    rows = [[1, 2], [3, 4], [-1, 2], [-2, 1]]
    for backend in BACKENDS:
        function = Function("log(x) + y", backend=backend)
        for answer in (function.map, function.value_and_gradient_map, function.hessian_map):
            with pytest.raises(UndefinedError) as caught:
                answer(rows)
            assert caught.value.message == "undefined at points[2]: log(x) at x=-1: log(-1)"
            with pytest.raises(UndefinedError) as alone:
                function(-1, 2)
            assert (caught.value.text, caught.value.span) == (alone.value.text, alone.value.span)


@pytest.mark.parametrize("backend", [NATIVE, PYTHON])
def test_points_in_every_spelling(backend: str) -> None:
    function = Function("x^2*y", backend=backend)
    wanted = [2.0, 36.0, 150.0]
    rows = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    spellings: tuple[Any, ...] = (
        rows,
        rows.tolist(),
        rows.astype("f4"),
        rows.astype(int),
        np.asfortranarray(rows),
        np.repeat(rows, 2, axis=0)[::2],
        {"y": rows[:, 1], "x": [1, 3, 5]},
        Frame({"y": rows[:, 1], "x": rows[:, 0]}),
    )
    for one in spellings:
        assert function.map(one).tolist() == wanted
    assert function.map(x=[1, 2], y=3).tolist() == [3.0, 12.0]
    assert function.map({"x": 1, "y": 3}).tolist() == [3.0]
    assert Function("sin(t)").map([0.0, 1.0]).tolist() == [0.0, np.sin(1.0)]
    whole = Function("a*sum(x[i]^2 for i in 1:3)")
    assert whole.map(x=[[1, 2, 3], [0, 0, 1]], a=2).tolist() == [28.0, 2.0]
    assert whole.map(x=[1, 2, 3], a=[1, 2]).tolist() == [14.0, 28.0]


def test_no_points_give_empty_arrays() -> None:
    for backend in (NATIVE, PYTHON):
        function = Function("x^2*y", backend=backend)
        spellings: tuple[Any, ...] = ([], np.empty((0, 2)), {"x": [], "y": []})
        for none in spellings:
            assert function.map(none).shape == (0,)
            assert [one.shape for one in function.value_and_gradient_map(none)] == [(0,), (0, 2)]
            assert function.hessian_map(none).shape == (0, 2, 2)
        constant = Function("3 + 4", backend=backend)
        assert constant.map([]).shape == constant.value_and_gradient_map([])[0].shape == (0,)
        assert constant.map(np.empty((2, 0))).tolist() == [7.0, 7.0]


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([1, 2], "points of x^2*y are the rows of an array of shape (points, 2), whose columns are "
         "x, y; the shape given is (2,)"),
        ([[1, 2, 3]], "the shape given is (1, 3)"),
        ([[[1, 2]]], "the shape given is (1, 1, 2)"),
        ([[1], [2, 3]], "the points: its rows have different lengths"),
        ([[1, "a"]], "the points: it is no array of real numbers"),
        ([[1, 2j]], "the points: it is no array of real numbers"),
        ([[1, 2**53 + 1]], "the points: entry [1, 2]"),
        ({"x": [1, 2], "y": [1, 2, 3]}, "x has 2, y has 3"),
        ({"x": [1]}, "points by name have values for each of x, y, not for x"),
        ({"x": [[1]], "y": [1]}, "the points' x is an array of shape (points,)"),
        (None, "points are given either as rows or by name"),
    ],
)  # fmt: skip
def test_what_is_no_array_of_points(points: Any, message: str) -> None:
    with pytest.raises(PointError) as caught:
        Function("x^2*y").map(points)
    assert message in caught.value.message


def test_a_variable_may_be_called_points() -> None:
    function = Function("points^2 + x")
    assert function.map(points=[1, 2], x=[1, 3]).tolist() == [2.0, 7.0]
    assert function.map(points=[[1, 1]]).tolist() == [2.0]
    assert Function("points^2").map(points=[1, 2]).tolist() == [1.0, 4.0]


def test_rows_and_names_together_are_refused() -> None:
    with pytest.raises(PointError, match="either as rows or by name"):
        Function("x^2*y").map([[1, 2]], x=[1])


def test_answers_beyond_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FEW_BYTES", 1000)
    monkeypatch.setattr(limits, "available_bytes", lambda: 2000)
    rows = np.ones((100, 2))
    with pytest.raises(UsageError, match="an array of Hessians needs about"):
        Function("x^2*y").hessian_map(rows)
    many = np.broadcast_to(1.0, (10**13,))
    with pytest.raises(UsageError, match="more memory than there is"):
        Function("x^2*y").map(x=many, y=0)
    assert Function("x^2*y", unlimited=True).hessian_map(rows).shape == (100, 2, 2)


def test_wrong_arguments_are_told() -> None:
    with pytest.raises(
        UsageError, match=r"Function.map takes at most 1 argument by position, not 2"
    ):
        Function("x").map([1.0], [2.0])  # type: ignore[call-arg]
