"""A Function: evaluating vectors never raises, what a user calls raises errors of ours."""

from __future__ import annotations

import math
import random
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from gdcli.descent.minimize import minimize
from gdcli.errors import ExpressionError, GdcliError, PointError, UndefinedError, UsageError
from gdcli.functions.function import Function


def test_the_library_of_the_contract() -> None:
    f = Function("x^2 + x*y")
    assert f.text == "x^2 + x*y"
    assert f.variables == ("x", "y")
    assert f(1, 2) == f([1, 2]) == f(np.array([1, 2])) == 3.0
    assert isinstance(f(1, 2), float)
    gradient = f.gradient(1, 2)
    assert gradient.dtype == float
    assert gradient.tolist() == [4.0, 1.0]
    value, slopes = f.value_and_gradient([1, 2])
    assert (value, slopes.tolist()) == (3.0, [4.0, 1.0])
    assert f.hessian(1, 2).tolist() == [[2.0, 1.0], [1.0, 0.0]]
    assert f.split([1, 2]) == {"x": 1.0, "y": 2.0}
    assert repr(f) == "gdcli.function('x^2 + x*y')"


def test_published_values() -> None:
    lecture = Function("x^2*y + 1/(x^2+y^2+1)")
    assert lecture.gradient(0.5, -0.5).tolist() == [-0.9444444444444444, 0.6944444444444444]
    rosenbrock = Function("100*(y-x^2)^2 + (1-x)^2")
    assert rosenbrock.value_and_gradient([-1.2, 1])[0] == pytest.approx(24.2, rel=1e-15)
    assert rosenbrock.gradient(-1.2, 1) == pytest.approx([-215.6, -88.0], rel=1e-14)
    assert rosenbrock.hessian(-1.2, 1) == pytest.approx(
        np.array([[1330.0, 480.0], [480.0, 200.0]]), rel=1e-14
    )


@pytest.mark.parametrize(
    ("text", "point", "value", "gradient"),
    [
        ("log(x)", [0.0], -math.inf, [math.inf]),
        ("log(x)", [-1.0], math.nan, [-1.0]),
        ("1/x", [0.0], math.inf, [-math.inf]),
        ("exp(x)", [1e4], math.inf, [math.inf]),
        ("x + y", [math.nan, 1.0], math.nan, [1.0, 1.0]),
        ("x^2", [1e200], math.inf, [2e200]),
        ("sqrt(x)", [-1.0], math.nan, [math.nan]),
    ],
)
def test_the_engine_gives_inf_and_nan(
    text: str, point: list[float], value: float, gradient: list[float]
) -> None:
    function = Function(text)
    answer = function.evaluate_gradient(point)
    for found, wanted in zip([answer[0], *answer[1]], [value, *gradient], strict=True):
        assert found == wanted or (math.isnan(found) and math.isnan(wanted))
    assert repr(function.evaluate(point)) == repr(answer[0])


def test_after_a_second_look_the_answers_are_the_same() -> None:
    function = Function("log(x)*sqrt(y) + ifelse(x > y, x, 1/y)")
    fresh = [function.evaluate_gradient([x, 2.0]) for x in (0.5, 3.0)]
    function.evaluate_gradient([-1.0, 0.0])
    assert [function.evaluate_gradient([x, 2.0]) for x in (0.5, 3.0)] == fresh


@pytest.mark.parametrize(
    ("text", "point", "sentence"),
    [
        ("log(x - y)", (1, 1), "undefined: log(x - y) at x=1, y=1: log(0)"),
        ("1/x", (0,), "undefined: 1/x at x=0: 1/0"),
        ("x", (math.nan,), "undefined: x = nan"),
    ],
)
def test_the_user_is_told_what_is_undefined(
    text: str, point: tuple[float, ...], sentence: str
) -> None:
    function = Function(text)
    for ask in (function, function.gradient, function.value_and_gradient):
        with pytest.raises(UndefinedError) as caught:
            ask(*point)
        assert caught.value.message == sentence
        assert isinstance(caught.value, ArithmeticError)
        assert caught.value.exit_status == 4


def test_an_undefined_slope_where_the_value_is_defined() -> None:
    function = Function("sqrt(x)")
    assert function(0) == 0.0
    with pytest.raises(UndefinedError, match=r"the derivative of sqrt\(x\) at x=0"):
        function.gradient(0)
    with pytest.raises(UndefinedError):
        Function("x^1.5").hessian(0)


@pytest.mark.parametrize(
    "point", [(), (1,), (1, 2, 3), ([1, 2, 3],), ([1],), (np.ones((2, 2))[:1],)]
)
def test_a_wrong_count_names_the_variables(point: tuple[object, ...]) -> None:
    with pytest.raises(PointError) as caught:
        Function("x^2 + y")(*point)  # type: ignore[arg-type]
    assert str(caught.value).startswith("a point of x^2 + y has 2 values (x, y), not ")


def test_a_point_by_name() -> None:
    function = Function("self*sum(x[i]^2 for i in 1:2)")
    named: dict[str, Any] = {"x": np.array([1, 2]), "self": 3}
    assert function.variables == ("self", "x")
    assert function(**named) == 15.0
    assert function.gradient(**named).tolist() == [5.0, 6.0, 12.0]
    assert function.value_and_gradient(x=[1, 2], self=3)[0] == 15.0
    assert function.hessian(**named).tolist() == function.hessian(3, 1, 2).tolist()
    assert function.answer(**named).value == 15.0
    with pytest.raises(PointError, match=r"^the point by name has a value for each of self, x"):
        function(y=1)
    with pytest.raises(PointError, match=r"^a point is given in order or by name, not both$"):
        function(3, x=[1, 2])


@pytest.mark.parametrize("point", [(["a", 1],), ([[1, 2], [3, 4]],), (10**400, 1), ("1",)])
def test_what_is_no_point(point: tuple[object, ...]) -> None:
    with pytest.raises(PointError, match="point"):
        Function("x^2 + y")(*point)  # type: ignore[arg-type]


MASKED = np.ma.array([1.0, 2.0], mask=[False, True])


@pytest.mark.parametrize(
    "point",
    [
        *((MASKED,), ([1, np.ma.masked],), (np.array([1, 2]) * 1j,), ([1, 2 + 0j],)),
        *((["1", "2"],), (np.array(["1", "2"]),), ({1, 2},), ({1: 3, 2: 4},), (b"12",)),
        *((2**53 + 1, 1), (np.array([1, 2**53 + 1]),), ([1, np.uint64(2**64 - 1)],)),
        *((Fraction(1, 10**400), 1), (np.array(["2020", "2021"], "M8[D]"),), (np.ones((2, 1)),)),
        *((None, 1), (np.array([None, 1]),)),
    ],
)
def test_a_point_of_what_is_no_float_is_refused_everywhere(point: Any) -> None:
    whole = point[0] if len(point) == 1 else list(point)
    vector = Function("x[1]^2 + x[2]")
    for given in (point, (whole,)):
        with pytest.raises(PointError, match="point"):
            Function("x^2 + y")(*given)
        with pytest.raises(PointError, match="point"):
            vector.value_and_gradient(*given)
    with pytest.raises(PointError, match="point"):
        vector(x=whole)
    if getattr(whole, "ndim", 1) == 1:  # a start may be a column
        with pytest.raises(PointError, match="start"):
            minimize(vector, whole)


def test_points_of_many_entries_are_read_by_the_same_rule() -> None:
    function, n = Function("sum(x[i] for i in 1:n)", sizes={"n": 3000}), 3000
    assert function(np.ones(n, ">f4")) == function(range(1, n + 1)) / 1500.5 == n
    mask = np.arange(n) == 4
    for values in (np.ma.array(np.ones(n), mask=mask), np.ones(n) * 1j, np.ones(n, int) + 2**53):
        for call in (function, function.gradient, lambda x: function(x=x), function.split):
            with pytest.raises(PointError, match="point"):
                call(values)
        with pytest.raises(PointError, match="start"):
            minimize(function, values)


def test_numbers_of_other_types_are_rounded_as_decimals_are() -> None:
    function = Function("x + 0*y")
    numbers: list[Any] = [Decimal("0.1"), Fraction(1, 10), 0.1, np.float64(0.1)]
    for one in numbers:
        assert function(one, True) == function([one, 1]) == function(x=one, y=np.int8(1)) == 0.1
    assert Function("x^2")(np.array(3.0)) == 9.0


def test_parameters_are_numbers_of_any_type_that_stay_what_they_are() -> None:
    exact: list[tuple[Any, str]] = [
        (np.int64(3), "3"),
        (Decimal("0.1"), "0.1"),
        (2**60, str(2**60)),
    ]
    for value, text in exact:
        assert str(Function("a*x", {"a": value}).parameters["a"]) == text
    no_numbers: list[Any] = [True, np.True_, 1j, None, np.ma.masked, [1.0], 2**53 + 1]
    for value in [*no_numbers, np.int64(2**53 + 1)]:
        with pytest.raises(PointError, match=r'^parameters\["a"\]: '):
            Function("a*x", {"a": value})


def test_parameters() -> None:
    assert Function("a*x", {"a": "1/3"})(3) == 1.0
    assert Function("a*x", {"a": 3})(2) == 6.0
    assert Function("a*x", {"a": -0.5}).gradient(2).tolist() == [-0.5]
    assert Function("a*x", {"a": 1e22})(1) == 1e22
    assert Function("x^a", {"a": "4/2"})(-3) == 9.0
    assert Function("a₁*x", {"a₁": 2}).variables == ("x",)
    assert Function("x^2 + xy", {"xy": 2}).variables == ("x",)
    with pytest.raises(UsageError, match=r'parameters\["b"\]: the expression has no such name'):
        Function("x", {"b": 1})
    with pytest.raises(PointError, match=r'parameters\["a"\]: `b` is not a number'):
        Function("a*x", {"a": "b"})
    for not_finite in (math.nan, math.inf):
        with pytest.raises(GdcliError):
            Function("a*x", {"a": not_finite})


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,2", [1.0, 2.0]),
        ("pi/3 -sqrt(2)", [math.pi / 3, -math.sqrt(2)]),
        ("y=1e3,x=1/3", [1 / 3, 1000.0]),
        ("0.1,-0", [0.1, -0.0]),
    ],
)
def test_points(text: str, values: list[float]) -> None:
    assert Function("x + y").point(text) == values


@pytest.mark.parametrize(
    "text", ["1/0,1", "1e400,1", "log(0),1", "log(-1),1", "9^9^9^9,1", "1", "a,b"]
)
def test_points_that_are_none(text: str) -> None:
    with pytest.raises(PointError, match="the start"):
        Function("x + y").point(text, "the start")


def test_a_function_of_no_variables() -> None:
    function = Function("2*pi")
    assert function() == function([]) == 2 * math.pi
    assert function.gradient().shape == (0,)
    assert function.hessian().shape == (0, 0)
    assert function.split([]) == {}


def test_stages_are_made_once() -> None:
    function = Function("x^2")
    assert function.gradient_tape is function.gradient_tape
    assert function.tape is function.tape


def test_a_text_that_cannot_be_read() -> None:
    with pytest.raises(ExpressionError, match="`for` stands behind the formula"):
        Function("for")


def test_no_hostile_text_does_anything() -> None:
    for text in ("__import__('os').system('x')", "x.__class__", "(lambda: x)()", "x if x else y"):
        with pytest.raises(ExpressionError):
            Function(text)
    assert Function("9^9^9^9 + x").evaluate([1.0]) == math.inf
    assert Function("evaluate + point + raise").evaluate([1.0] * 3) == 3.0
    assert Function("f(x0, v1, sin_) = x0 - v1*sin_").evaluate([1.0, 2.0, 3.0]) == -5.0


def test_completion_offers_what_a_user_calls_and_nothing_of_the_engine() -> None:
    function = Function("x^2")
    offered = {name for name in dir(function) if not name.startswith("_")}
    assert {"gradient", "hessian", "plot", "variables", "to_sympy"} <= offered
    assert all(hasattr(function, name) for name in offered)
    assert not {"engine", "tape", "for_steps", "unrolled"} & offered


def test_a_call_looks_at_a_kink_of_a_loop_for_so_many_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    function = Function("f(a) = sum(relu(a*i) for i in 1:3) - a")
    assert function.gradient(0.0).tolist() == [0.0]  # between -1 and 5
    monkeypatch.setattr("gdcli.functions.function.MOST_CALL_STEPS", 1)
    value, gradient = function.value_and_gradient(0.0)
    assert (value, gradient.tolist()) == function.evaluate_gradient([0.0]) == (0.0, [-1.0])
    monkeypatch.setattr("gdcli.nonsmooth.block_sampler.slopes_by_blocks", None)
    assert function(0.0) == 0.0  # which has no slopes to look for


@pytest.mark.parametrize("text", ["x*0.1 + 0.7*y + exp(-exp(x))", "0.7*y + 0.3*abs(x) + 1/(1/x)"])
def test_a_call_has_the_same_bits_however_many_went_before(text: str) -> None:
    function, draw = Function(text, backend="native"), random.Random(1)
    points = [[720.0 + draw.random(), draw.gauss(0.0, 1.0)] for _ in range(30)]  # Python raises
    points += [[1e-310 * draw.random(), draw.gauss(0.0, 1.0)] for _ in range(30)]
    first = [(function(point), *function.gradient(point).tolist()) for point in points]
    for _ in range(100):
        function.gradient([0.5, 0.5])
        function([0.5, 0.5])
    assert first == [(function(point), *function.gradient(point).tolist()) for point in points]
