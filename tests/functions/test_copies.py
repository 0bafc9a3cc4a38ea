"""Copies of a Function: pickled, copied, in another process; equal functions; short texts."""

from __future__ import annotations

import copy
import operator
import pickle
import subprocess
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gdcli
from gdcli.errors import UsageError
from gdcli.functions.function import Function
from tests.sweeps import sampled

WAYS: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda one: pickle.loads(pickle.dumps(one)),
    "pickle of an old protocol": lambda one: pickle.loads(pickle.dumps(one, 2)),
}
MATRIX = np.arange(6.0).reshape(2, 3) / 7
RESIDUALS = "sum((sum(A[i,j]*x[j] for j in 1:n) - b[i])^2 for i in 1:m)"
FUNCTIONS: dict[str, Callable[[], Function]] = {
    "a text": lambda: gdcli.function("x^2 + x*y"),
    "a header and parts": lambda: gdcli.function("g(y, x) = r = x^2 + y^2; exp(-r) + y"),
    "parameters": lambda: gdcli.function("a*x^2 + b", parameters={"a": "1/3", "b": 0.1}),
    "a problem": lambda: gdcli.function("five-well"),
    "a problem with sizes": lambda: gdcli.function("rastrigin-n", sizes={"n": 4}),
    "sizes": lambda: gdcli.function("sum(sin(i*x[i])^2 for i in 1:n)", sizes={"n": 5}),
    "long points": lambda: gdcli.function("sum(x[i]^4 for i in 1:300)"),
    "data": lambda: gdcli.function(RESIDUALS, data={"A": MATRIX, "b": [0.3, 1]}),
    "python": lambda: gdcli.function("x^2", backend="python", as_written=True),
    "native": lambda: gdcli.function(RESIDUALS, data={"A": MATRIX, "b": [1, 2]}, backend="native"),
    "nan": lambda: gdcli.function("log(x)", undefined="nan"),
    "unlimited": lambda: gdcli.function("x^2", unlimited=True),
    "components": lambda: gdcli.function("sum(x[i]^2 for i in 1:3)").unrolled,
}


@pytest.mark.parametrize(("name", "way"), sampled(product(FUNCTIONS, WAYS), 24))
def test_a_copy_answers_as_the_function_does(name: str, way: str) -> None:
    function = FUNCTIONS[name]()
    point = np.linspace(0.3, 1.7, function.layout.size)
    before = WAYS[way](function)
    value, gradient = function.value_and_gradient(point)
    for one in (before, WAYS[way](function)):
        assert one == function
        assert hash(one) == hash(function)
        assert one(point) == value
        assert one.gradient(point).tobytes() == gradient.tobytes()
        assert np.array_equal(one.hessian(point), function.hessian(point))
        for attribute in ("text", "variables", "sizes", "backend", "undefined_answer"):
            assert getattr(one, attribute) == getattr(function, attribute)
        assert (one.as_written, one.unlimited) == (function.as_written, function.unlimited)
        assert one.parameters == function.parameters
        assert [*one.components] == [*function.components]
        assert repr(one.problem) == repr(function.problem)
        assert one.data.keys() == function.data.keys()


def test_a_copy_turns_to_native_code_when_the_function_does() -> None:
    """With loops the two differ in the last bits, so a copy goes on where the function is."""
    text = "sum(sin(i*x[i])*exp(cos(x[i]*i)) for i in 1:n)"
    function = gdcli.function(text, sizes={"n": 2_000})
    points = np.random.default_rng(3).uniform(-2, 2, (120, 2_000))
    found = [function(point) for point in points[:60]]
    copied = pickle.loads(pickle.dumps(function))
    native = [one.engine.value.program is not None for one in (function, copied)]
    rest = [(function(point), copied(point)) for point in points[60:]]
    assert all(one == other for one, other in rest)
    assert len(found) == 60
    assert native == [function.engine.value.program is not None, False]
    assert copied.engine.value.program is not None


def test_a_function_goes_to_a_new_process(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import multiprocessing as m, gdcli\n"
        "if __name__ == '__main__':\n"
        "    f = gdcli.function('sum(A[i]*x[i]^2 for i in 1:n)', data={'A': [1, 2]})\n"
        "    with m.get_context('spawn').Pool(1) as pool:\n"
        "        print(pool.map(f, [[1, 2], [3, 4]]), pool.map(f.gradient, [[1, 2]])[0].tolist())\n"
    )
    ran = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=60)
    assert ran.stdout == "[9.0, 41.0] [2.0, 8.0]\n", ran.stderr


@pytest.mark.parametrize("way", WAYS)
def test_results_and_problems_are_copied_whole(way: str) -> None:
    result = gdcli.minimize("x^2 + y^2", start=[1, 2])
    again = WAYS[way](result)
    assert again == result
    assert again != result._replace(f=1.0)
    assert repr(again) == repr(result)
    assert again.message == result.message
    assert again.x.tobytes() == result.x.tobytes()
    for problem in gdcli.problems():
        assert WAYS[way](problem) == problem
        assert hash(WAYS[way](problem)) == hash(problem)
    long = gdcli.function("rosenbrock-n", sizes={"n": 1000}).problem
    assert (WAYS[way](long) != long) is False


@pytest.mark.parametrize(
    "call",
    [
        lambda: gdcli.minimize("x^2 + y^2", start=[1, 2]),
        lambda: gdcli.minimize("log(x)", start=[-1]),  # whose numbers are nan
        lambda: gdcli.minimize("sum(x[i]^2 for i in 1:2000)", max_iterations=3),
        lambda: gdcli.eval("x/3", "x=1/3", exact=True),
        lambda: gdcli.eval("log(x)", -1),
        lambda: gdcli.check("x^2*y", "2x*y, x"),
        lambda: gdcli.check("log(x)", "1/x", at=-1),
        lambda: gdcli.show("x*(x + y)", "gradient"),
        lambda: gdcli.function("log(x)").answer(-1),
        lambda: gdcli.problem("five-well"),
        lambda: gdcli.function("rosenbrock-n", sizes={"n": 300}).problem,
    ],
)
def test_a_call_twice_gives_equal_answers(call: Callable[[], Any]) -> None:
    one, other = call(), call()
    assert one == other
    assert (one != other) is False


def test_unequal_answers_differ() -> None:
    result = gdcli.minimize("x^2 + y^2", start=[1, 2])
    assert result != gdcli.minimize("x^2 + y^2", start=[1, 2 + 1e-15])
    assert result != result[:]
    assert gdcli.eval("log(x)", -1) != gdcli.eval("log(2*x)", -1)
    assert gdcli.problem("five-well") != gdcli.problem("five-well-paper")


def test_results_and_problems_can_be_members_of_sets() -> None:
    results = [gdcli.minimize("x^2 + y^2", start=[1, 2]) for _ in range(2)]
    assert len({*results}) == 1
    assert len({*results, results[0]._replace(f=1.0)}) == 2
    problems = gdcli.problems()
    assert len({*problems, *gdcli.problems()}) == len(problems)


@pytest.mark.parametrize("compared", [operator.lt, operator.le, operator.gt, operator.ge])
def test_results_have_no_order(compared: Callable[[Any, Any], Any]) -> None:
    result = gdcli.minimize("x^2 + y^2", start=[1, 2])
    for other in (result._replace(f=1.0), result[:], 3):
        with pytest.raises(UsageError, match=r"compare a number of each, such as result\.f"):
            compared(result, other)


EQUAL = [
    ("x^2 + x*y", "f(x, y) = x^2+x * y"),
    ("ln(x)", "log(x)"),
    ("sphere", "sphere"),
    ("x₁ + 2", "x1 + 2.0"),
]
DIFFERENT: list[tuple[Any, Any]] = [
    ("x + y", "y + x"),
    ("f(x, y) = x + y", "f(y, x) = x + y"),
    ("x^2", gdcli.function("x^2", undefined="nan")),
    ("x^2", gdcli.function("x^2", as_written=True)),
    ("x^2", gdcli.function("x^2", backend="python")),
    ("f(x, y) = x", "x"),
    (gdcli.function("a*x", parameters={"a": 1}), gdcli.function("a*x", parameters={"a": 2})),
    (gdcli.function("a*x", parameters={"a": 1}), "a*x"),
    (
        gdcli.function("sum(x[i] for i in 1:n)", sizes={"n": 2}),
        gdcli.function("sum(x[i] for i in 1:n)", sizes={"n": 3}),
    ),
    (
        gdcli.function("sum(A[i]*x for i in 1:n)", data={"A": [0.0, 1]}),
        gdcli.function("sum(A[i]*x for i in 1:n)", data={"A": [-0.0, 1]}),
    ),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_the_same_formula_is_the_same_function(one: str, other: str) -> None:
    assert gdcli.function(one) == gdcli.function(other)
    assert len({gdcli.function(one), gdcli.function(other)}) == 1


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_computes_something_else_is_another_function(one: Any, other: Any) -> None:
    first, second = (gdcli.function(it) if isinstance(it, str) else it for it in (one, other))
    assert first != second


def test_data_are_compared_by_their_entries() -> None:
    one, other = (gdcli.function("sum(A[i]*x for i in 1:n)", data={"A": [1, 2]}) for _ in "ab")
    assert one == other
    assert one != "sum(A[i]*x for i in 1:n)"
    assert one != gdcli.function("sum(A[i]*x for i in 1:n)", data={"A": [1, 3]})
    assert one != one.unrolled


@pytest.mark.parametrize("name", sampled(FUNCTIONS, 4))
def test_a_repr_is_one_short_line(name: str) -> None:
    text = repr(FUNCTIONS[name]())
    assert text.startswith("gdcli.function('")
    assert len(text) < 300
    assert "\n" not in text


def test_the_repr_of_a_plain_function_makes_it_again() -> None:
    for made in (
        gdcli.function("x^2 + x*y"),
        gdcli.function("sum(a*x[i] for i in 1:n)", sizes={"n": 3}, parameters={"a": "1/3"}),
    ):
        assert eval(repr(made)) == made


def test_where_nan_is_asked_for_nothing_is_raised() -> None:
    f = gdcli.function("sqrt(x) + log(y)", undefined="nan")
    assert np.isnan(f(-1, 1))
    assert np.isnan(f(1, 0))
    assert f(4, 1) == 2.0
    value, gradient = f.value_and_gradient(0, 1)
    assert value == 0.0
    assert np.isnan(gradient[0])
    assert gradient[1] == 1.0
    assert np.isnan(f.value_and_gradient(-1, -1)[0])
    assert np.isnan(f.gradient(-1, -1)).all()
    assert np.isnan(f.hessian(-1, 1)).all()
    assert np.isnan(f(float("nan"), 1))
    long = gdcli.function("sum(log(x[i]) for i in 1:n)", sizes={"n": 200_000}, undefined="nan")
    point = np.ones(200_000)
    point[7] = -1
    assert np.isnan(long(point))
    assert np.isnan(long.gradient(point)).all()
    large = gdcli.function("exp(x) + y", undefined="nan").value_and_gradient(1000, 1)
    assert np.isnan(large[0])
    assert np.isnan(large[1][0])
    assert large[1][1] == 1.0


@pytest.mark.parametrize("name", [name for name in dir(FUNCTIONS["data"]()) if name[0] != "_"])
def test_what_a_function_has_is_not_changed(name: str) -> None:
    for made in (FUNCTIONS["data"](), pickle.loads(pickle.dumps(FUNCTIONS["data"]()))):
        with pytest.raises(UsageError, match=f"keeps its {name}; make another"):
            setattr(made, name, None)
        with pytest.raises(UsageError, match=f"keeps its {name}; make another"):
            delattr(made, name)
        assert made == FUNCTIONS["data"]()


def test_the_data_of_a_function_are_not_changed() -> None:
    mine = np.ones(2)
    function: Any = gdcli.function("sum(A[i]*x for i in 1:n)", data={"A": mine})
    mine[0] = 7
    assert function(1) == 2
    with pytest.raises(ValueError, match="read-only"):
        function.data["A"][0] = 7
    function.remark = "mine"  # what it has not is the user's own
    function.remark = "still mine"
    assert function.remark == "still mine"
