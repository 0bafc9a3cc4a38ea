"""Calls in machine code from the argument to the answer, beside the slow ways to the same."""

from __future__ import annotations

import array
import copy
import functools
import gc
import inspect
import pickle
import warnings
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest

import gdcli
from gdcli.errors import PointError, UsageError
from gdcli.execute import CALLS_BEFORE_BUILTIN, tiers
from gdcli.functions.function import Function
from tests.sweeps import sampled
from tests.threads import in_threads

ROSENBROCK = "sum(100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2 for i in 1:n-1)"
WAYS = ("__call__", "gradient", "value_and_gradient")
CALLS = CALLS_BEFORE_BUILTIN + 1
BUILTIN: Any = type(len)


def quick(text: str, point: Any, **settings: Any) -> Function:
    """The function once its calls are builtins."""
    function = gdcli.function(text, backend="native", **settings)
    for _ in range(CALLS):
        for ask in (function, function.gradient, function.value_and_gradient):
            ask(point)
    assert is_quick(function)
    return function


def is_quick(function: Function) -> bool:
    kinds = {type(getattr(function, name)) for name in ("gradient", "value_and_gradient")}
    return {type(function._value_call)} | kinds == {BUILTIN}


def slowly(function: Function) -> dict[str, Callable[..., Any]]:
    return {
        "__call__": function._value_slowly,
        "gradient": function._gradient_slowly,
        "value_and_gradient": function._value_and_gradient_slowly,
    }


def told(ask: Callable[..., Any], *given: Any, **named: Any) -> Any:
    """The answer with its types and bits, or the error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = ask(*given, **named)
        except Exception as error:
            return type(error), str(error)
    parts = found if isinstance(found, tuple) else (found,)
    return [(type(one), np.asarray(one).dtype, np.asarray(one).tobytes()) for one in parts]


def test_a_call_that_is_repeated_becomes_a_builtin_with_the_same_bits() -> None:
    for n in (2, 100, 3000):
        points = np.random.default_rng(n).uniform(-2, 2, (3, n))
        function = quick(ROSENBROCK, points[0], sizes={"n": n})
        for point in points:
            for name, slow in slowly(function).items():
                assert told(getattr(function, name), point) == told(slow, point)
                assert told(getattr(function, name), [*map(float, point)]) == told(slow, point)


def arguments(n: int) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Everything a caller could think of for a function of x[n]."""
    rng = np.random.default_rng(n)
    x = rng.uniform(0.5, 2, n)
    wide = rng.uniform(0.5, 2, (n, 2))
    locked = x.copy()
    locked.setflags(write=False)
    bytes_ = np.empty(8 * n + 1, np.uint8)[1:]
    crooked = bytes_.view(np.float64)
    crooked[:] = x
    for one in (
        *(x, x[::-1], x[:-1], np.append(x, 1), wide, wide[:, 0], wide.T[1], locked, crooked),
        *(x.astype(kind) for kind in ("f4", ">f8", "f2", "g", "c16", "i8", "u1", "?", "O", "S9")),
        *(x.reshape(1, n), x.reshape(n, 1), np.array(1.5), np.float64(1.5), np.empty(0)),
        *(memoryview(x.data), array.array("d", x), array.array("f", x), bytes(x), bytearray(x)),
        *(x.tolist(), tuple(x), [*x], [1] * n, [True] * n, ["1"] * n, [None] * n, [[1.0]] * n),
        *(np.ma.masked_array(x), np.ma.masked_array(x, [True] * n), x.view(np.recarray)),
        *(x * 1e200, x * np.inf, x * np.nan, -x, 0 * x, -0.0 * x, x * 5e-324, x + 1e308),
        *({"x": x}, {"x": x.tolist()}, {"y": x}, {}, None, "x=1", "nonsense", 1.5, range(n)),
        *(iter(x.tolist()), set(x.tolist()), object(), Exception, np.datetime64("2020")),
        *(type("L", (list,), {})(x.tolist()), type("F", (float,), {})(1), [10**400] * n),
        *([type("F", (float,), {})(1)] * n, np.array([{}] * n), x.view("i8"), x.view("V8")),
        *(np.lib.stride_tricks.as_strided(x, (n,), (0,)), x.view([("a", "f8")]), x[:, None][:, 0]),
    ):
        yield (one,), {}
    yield tuple(x.tolist()), {}
    yield (), {}
    yield (x, x), {}
    yield (), {"x": x}
    yield (x,), {"x": x}
    yield (x,), {"y": 1}
    for place in range(n):
        for odd in (np.nan, np.inf, -np.inf):
            yield (np.where(np.arange(n) == place, odd, x),), {}


TEXTS = (
    *("sum(x[i]^2*i for i in 1:3)", "log(x[1]) + x[2]/x[3]", "sum(exp(x[i]) for i in 1:3)"),
    "sum(abs(x[i]) for i in 1:3) + max(x[1], x[2])",
)
SETTINGS = [*product(TEXTS, ("raise", "nan"))]


@pytest.mark.parametrize(("text", "undefined"), sampled(SETTINGS, 2))
def test_every_argument_gets_the_answer_or_the_error_of_the_slow_way(
    text: str, undefined: str
) -> None:
    function = quick(text, [1.0, 0.75, 0.5], undefined=undefined)
    for (name, slow), (given, named) in (
        (way, one) for way in slowly(function).items() for one in arguments(3)
    ):
        assert told(getattr(function, name), *given, **named) == told(slow, *given, **named)
    assert is_quick(function)


def results(n: int) -> Iterator[Any]:
    yield from (np.empty(n), np.zeros(2 * n)[:n], np.empty((2, n))[1], np.empty(n).view(np.ndarray))
    locked = np.empty(n)
    locked.setflags(write=False)
    yield from (np.empty(2 * n)[::2], np.empty(n, ">f8"), np.empty(n, "f4"), np.empty(n + 1))
    yield from (locked, np.empty((1, n)), np.ma.masked_array(np.empty(n)), [0.0] * n, 1.5, "out")
    yield from (
        np.empty(8 * n + 1, np.uint8)[1:].view(float),
        np.empty(0),
        memoryview(np.empty(n).data),
    )
    yield from (
        np.empty(n)[::-1],
        np.empty(n, object),
        np.empty(n, "i8"),
        array.array("d", [0] * n),
    )


def test_every_result_array_is_written_or_refused_as_the_slow_way_does() -> None:
    function = quick("sum(x[i]^2*i for i in 1:3)", [1.0, 2.0, 3.0])
    point = np.array([1.0, 2.0, 4.0])
    for name in WAYS[1:]:
        for one in results(3):
            wanted = told(slowly(function)[name], point, out=one)
            if isinstance(wanted, list):
                one[:] = 0.0
            found = told(getattr(function, name), point, out=one)
            assert found == wanted
            if isinstance(found, list):
                assert one.tolist() == [2.0, 8.0, 24.0]
                assert getattr(function, name)(point, out=one) is not point
            else:
                assert found[0] is UsageError
                assert "out takes a contiguous writable array of float64 of shape (3,)" in found[1]
    assert function.gradient(point, out=None).tolist() == [2.0, 8.0, 24.0]
    for other in (function, function.hessian, function.map, function.hessian_map):
        for given in ((point,), ()):
            with pytest.raises(UsageError, match="only gradient and value_and_gradient take out"):
                other(*given, out=np.empty(3))
    with pytest.raises(PointError, match="3 values"):
        function.gradient([1.0], out=np.empty(3))


@pytest.mark.parametrize("n", [4, 500, 40_000])
def test_a_result_may_overlap_the_point(n: int) -> None:
    memory = np.random.default_rng(1).uniform(-2, 2, 2 * n)
    function = (
        quick(ROSENBROCK, memory[:n], sizes={"n": n})
        if n < 40_000
        else gdcli.function(ROSENBROCK, sizes={"n": n}, backend="native")
    )
    for begin in (0, 1, n // 2, n):
        there = memory.copy()
        wanted = function.gradient(there[:n].copy())
        out = there[begin : begin + n]
        assert function.gradient(there[:n], out=out) is out
        assert (out == wanted).all()


def test_a_variable_may_be_called_out() -> None:
    function = gdcli.function("out^2 + 3*x")
    gradient = np.empty(2)
    for _ in range(CALLS + 2):
        assert function.value_and_gradient(out=2, x=1)[0] == 7.0
        assert function.gradient(out=2, x=1).tolist() == [4.0, 3.0]
        assert function.gradient([2, 1], out=gradient) is gradient
        assert gradient.tolist() == [4.0, 3.0]


def test_on_a_kink_the_slope_is_the_least_norm_one() -> None:
    for text, on, beside in (
        ("abs(x) + y^2", [0.0, 1.0], [1e-300, 1.0]),
        ("max(x, y) + ifelse(x < y, x, y)^2", [1.0, 1.0], [1.0, 1.0 + 2**-52]),
        ("sum(abs(z[i] - 1) for i in 1:2)", [1.0, 2.0], [0.5, 2.0]),
    ):
        function = quick(text, beside)
        for point in (on, beside, on):
            for name, slow in slowly(function).items():
                assert told(getattr(function, name), np.array(point)) == told(slow, point)
    assert gdcli.function("abs(x)").gradient(0).tolist() == [0.0]
    assert quick("abs(x)", [1.0]).gradient(np.array([0.0])).tolist() == [0.0]


def test_the_builtin_looks_like_the_method() -> None:
    function = gdcli.function("x^2 + y^2", backend="native")
    names = dir(function)
    for _ in range(CALLS):
        function.value_and_gradient([1.0, 2.0])
        function.gradient([1.0, 2.0])
    for name in ("gradient", "value_and_gradient"):
        found: Any = getattr(function, name)
        method: Any = getattr(Function, name).__get__(function)
        assert type(found) is BUILTIN
        assert found.__name__ == name
        assert inspect.getdoc(found) == inspect.getdoc(method)
        assert [*inspect.signature(found).parameters] == [*inspect.signature(method).parameters]
        assert method([1.0, 2.0])[-1] is not None
        assert functools.partial(found, [1.0, 2.0])()[-1] is not None
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            again = pickle.loads(pickle.dumps(found, protocol))
            assert told(again, [1.0, 2.0]) == told(found, [1.0, 2.0])
        assert told(copy.deepcopy(found), [1.0, 2.0]) == told(found, [1.0, 2.0])
    assert dir(function) == names
    assert pickle.loads(pickle.dumps(function)) == function == copy.copy(function)
    copied: Any = copy.copy(function)
    assert copied.gradient.__self__ is copied
    for name in ("gradient", "value_and_gradient"):
        with pytest.raises(UsageError, match="keeps its"):
            setattr(function, name, None)


def test_a_subclass_keeps_its_own_methods() -> None:
    class Counted(Function):
        calls = 0

        def gradient(self, /, *point: Any, **named: Any) -> Any:
            type(self).calls += 1
            return super().gradient(*point, **named)

    function = Counted("x^2 + y", backend="native")
    for _ in range(2 * CALLS):
        assert function.gradient([1.5, 2.0]).tolist() == [3.0, 1.0]
        assert function.value_and_gradient([1.5, 2.0])[0] == 4.25
    assert Counted.calls == 2 * CALLS
    assert type(function.value_and_gradient) is BUILTIN


def test_short_functions_go_native_once_that_pays_with_the_same_bits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tiers, "PROMOTION_OPERATIONS", 20_000)
    function, points = gdcli.function("five-well"), np.random.default_rng(2).normal(0, 5, (400, 2))
    python = gdcli.function("five-well", backend="python")
    for point in points:
        assert told(function.value_and_gradient, point) == told(python.value_and_gradient, point)
    assert type(function.value_and_gradient) is BUILTIN
    assert type(python.value_and_gradient) is not BUILTIN


@pytest.mark.parametrize("n", [6, 4000])
def test_threads_share_a_function(n: int) -> None:
    """Brief work under Python's lock, long work with the lock of the program or the slow way."""
    points = np.random.default_rng(n).uniform(-2, 2, (8, n))
    function = quick(ROSENBROCK, points[0], sizes={"n": n})
    wanted = [told(function.value_and_gradient, point) for point in points]
    wrong: list[int] = []

    def work(place: int) -> None:
        for turn in range(60):
            k = (place + turn) % 8
            given = points[k] if turn % 3 else points[k].tolist()
            if told(function.value_and_gradient, given) != wanted[k]:
                wrong.append(k)

    in_threads(work)
    assert wrong == []


def test_a_finalizer_that_calls_the_function_does_no_harm() -> None:
    function = quick(ROSENBROCK, np.ones(6), sizes={"n": 6})
    points = np.random.default_rng(5).uniform(-2, 2, (2, 6))
    wanted = [function.evaluate_gradient(point) for point in points.tolist()]
    for _ in range(2000):
        function.evaluate_gradient([1.0] * 6)  # until it is a builtin

    class Calling:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            function.evaluate_gradient([9.0] * 6)
            function.value_and_gradient(np.full(6, 9.0))

    before = gc.get_threshold()
    gc.set_threshold(1)
    for _ in range(50):
        Calling()
        assert function.evaluate_gradient(points[0].tolist()) == wanted[0]
        value, gradient = function.value_and_gradient(points[1])
        assert (value, gradient.tolist()) == wanted[1]
    gc.set_threshold(*before)
