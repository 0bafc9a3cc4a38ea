"""Python functions as objectives: the same honesty as of texts, and clear words for mistakes."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import gdcli
from gdcli.descent.callable_objective import CallableObjective, noise_levels
from gdcli.descent.methods import DESCENT_METHODS
from gdcli.errors import GdcliError, PointError, UsageError
from gdcli.functions.function import Function
from gdcli.numbers.floats import EPSILON
from tests.problem_list import PROBLEMS
from tests.sweeps import sampled

Array = NDArray[np.float64]
TEXTS = (
    "100*(y - x^2)^2 + (1 - x)^2",
    "exp(-x - y) + x^2 + 3*y^2 + x*y",
    "x^4 + y^4 + z^2 - x*y + sin(z)",
    "log(1 + x^2 + y^2) + 0.01*x",
)
START = [-1.2, 1.0]


def rosenbrock(x: Array) -> float:
    return float(100.0 * (x[1] - x[0] ** 2) ** 2 + (1.0 - x[0]) ** 2)


def slopes(x: Array) -> Array:
    turn = x[1] - x[0] ** 2
    return np.array([-400.0 * x[0] * turn - 2.0 * (1.0 - x[0]), 200.0 * turn])


def hessian(x: Array) -> Array:
    return np.array(
        [[1200.0 * x[0] ** 2 - 400.0 * x[1] + 2.0, -400.0 * x[0]], [-400.0 * x[0], 200.0]]
    )


class Calls:
    """A function that counts its calls and keeps what it was called with."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function, self.count = function, 0
        self.points: list[Any] = []

    def __call__(self, *given: Any) -> Any:
        self.count += 1
        self.points.append(given[0])
        return self.function(*given)


@pytest.mark.parametrize("text", TEXTS)
def test_a_callable_descends_as_its_text_does(text: str) -> None:
    f = Function(text)
    n = len(f.variables)
    start = [0.7, -0.4, 0.3][:n]
    by_text = gdcli.minimize(text, start)
    for given in (
        {"gradient": f.gradient},
        {"gradient": f.gradient, "hessian": f.hessian},
        {"gradient": f.gradient, "hessian_product": lambda x, v: f.hessian(x) @ v},
    ):
        found = gdcli.minimize(lambda x: f(x), start, **given)
        assert (found.status, found.classification) == (by_text.status, by_text.classification)
        assert found.x == pytest.approx(by_text.x, abs=1e-6)
        assert found.start.tolist() == start
        assert list(found.variables) == [f"x[{i + 1}]" for i in range(n)]


def test_the_counts_are_those_of_the_calls() -> None:
    calls = [Calls(rosenbrock), Calls(slopes), Calls(hessian)]
    fun, gradient, second = calls
    found = gdcli.minimize(fun, START, gradient=gradient, hessian=second)
    counts = found.evaluations
    assert counts.value + counts.verdict == calls[0].count
    assert counts.hessian == calls[2].count
    both = Calls(lambda x: (rosenbrock(x), slopes(x)))
    found = gdcli.minimize(both, START, gradient=True)
    assert found.evaluations.value + found.evaluations.verdict == both.count
    assert both.count < 1.2 * fun.count  # the gradient that came along is not asked for again


@pytest.mark.parametrize(
    "answer",
    [
        float,
        np.float64,
        np.float32,
        lambda f: np.array(f),
        lambda f: np.array([f]),
        lambda f: [[f]],
        int,
    ],
)
def test_a_value_is_a_number_or_an_array_of_one(answer: Callable[[float], Any]) -> None:
    found = gdcli.minimize(lambda x: answer(4.0 * x[0] ** 2), [1.0], gradient=lambda x: 8.0 * x)
    assert found.converged
    assert isinstance(found.f, float)


@pytest.mark.parametrize(
    "answer", [list, tuple, np.asarray, lambda g: g[:, None], lambda g: g[None, :]]
)
def test_a_gradient_is_n_numbers_in_any_form(answer: Callable[[Array], Any]) -> None:
    found = gdcli.minimize(rosenbrock, START, gradient=lambda x: answer(slopes(x)))
    assert found.converged
    assert found.classification == "minimum"


class SparseMatrix:
    """What of a sparse matrix of SciPy's is used."""

    def __init__(self, entries: Array) -> None:
        self.entries, self.shape = entries, entries.shape

    def toarray(self) -> Array:
        return self.entries

    def __neg__(self) -> SparseMatrix:
        return SparseMatrix(-self.entries)

    def __matmul__(self, other: Array) -> Array:
        return self.entries @ other


@pytest.mark.parametrize("answer", [np.asarray, lambda h: h.tolist(), SparseMatrix])
def test_a_hessian_is_an_array_lists_or_a_sparse_matrix(answer: Callable[[Array], Any]) -> None:
    found = gdcli.minimize(
        rosenbrock, [1.0, 1.0], gradient=slopes, hessian=lambda x: answer(hessian(x))
    )
    assert found.hessian_eigenvalues == pytest.approx(np.linalg.eigvalsh(hessian(found.x)))


@pytest.mark.parametrize(
    ("function", "given", "message"),
    [
        (rosenbrock, {"gradient": None}, "gradient of a Python function is missing; give gradient"),
        (rosenbrock, {"gradient": False}, "is missing"),
        (rosenbrock, {"gradient": "2-point"}, "is no function: '2-point'; give gradient"),
        (rosenbrock, {"start": None}, "no start of its own: give start"),
        (rosenbrock, {"start": "1,2"}, "start takes an array of n numbers"),
        (rosenbrock, {"start": [[1.0, 2.0]]}, "the start has the shape (1, 2)"),
        (rosenbrock, {"hessian": True}, "hessian takes a function of x, not True"),
        (rosenbrock, {"hessian_product": 1}, "hessian_product takes a function of x and a"),
        (rosenbrock, {"sizes": {"n": 2}}, "sizes is for f as a text"),
        (rosenbrock, {"digits": 30}, "digits is for f as a text"),
        (rosenbrock, {"derivative": "tangent"}, "derivative is for f as a text"),
        (rosenbrock, {"jac": slopes}, "did you mean gradient?"),
        ("x^2 + y^2", {}, "gradient is for f as a Python function"),
        (lambda x: None, {}, "the function returned None; is a `return` missing?"),
        (lambda x: x, {}, "the function returned an array of shape (2,), not a number"),
        (lambda x: x[0] + 1j, {}, "what the function returned: `(-1.2+1j)`"),
        (lambda x: "1", {}, "what the function returned: `1` is no real number"),
        (lambda: 1.0, {}, "f takes a function that can be called with"),
        (lambda x: 1.0, {"gradient": True}, "with gradient=True the function returns f and its"),
        (lambda x: (1.0, [1.0]), {"gradient": True}, "returned 1 numbers, not 2 numbers, as"),
        (rosenbrock, {"gradient": lambda x: [1.0, 2.0, 3.0]}, "gradient returned 3 numbers, not 2"),
        (rosenbrock, {"gradient": lambda x: None}, "gradient returned None"),
        (
            rosenbrock,
            {"gradient": lambda x: [[1.0], [2.0, 3.0]]},
            "what gradient returned: its rows have different lengths",
        ),
        (
            rosenbrock,
            {"hessian": lambda x: [1.0, 2.0]},
            "hessian returned the shape (2,), not (2, 2)",
        ),
        (rosenbrock, {"hessian": lambda x: np.triu(hessian(x))}, "hessian is not symmetric"),
        (rosenbrock, {"hessian_product": lambda x, v: [1.0]}, "hessian_product returned 1 numbers"),
    ],
)
def test_what_a_function_lacks_or_returns_wrongly_is_named(
    function: Any, given: dict[str, Any], message: str
) -> None:
    settings: dict[str, Any] = {"start": START, "gradient": slopes, **given}
    with pytest.raises(UsageError) as raised:
        gdcli.minimize(function, **settings)
    assert message in str(raised.value)


def test_a_start_that_is_not_finite_is_refused() -> None:
    with pytest.raises(PointError, match="not a finite number"):
        gdcli.minimize(rosenbrock, [1.0, math.nan], gradient=slopes)


class OwnError(Exception):
    """An error of a user's."""


@pytest.mark.parametrize("error", [OwnError, TypeError, ZeroDivisionError, StopIteration])
@pytest.mark.parametrize("after", [0, 5])
@pytest.mark.parametrize("which", ["f", "gradient", "hessian"])
def test_what_a_function_raises_is_passed_on(
    error: type[Exception], after: int, which: str
) -> None:
    mistake = error("mine")
    count = 0

    def failing(function: Callable[[Array], Any]) -> Callable[[Array], Any]:
        def call(x: Array) -> Any:
            nonlocal count
            count += 1
            if count > after or which == "hessian":
                raise mistake
            return function(x)

        return call

    functions: dict[str, Any] = {"f": rosenbrock, "gradient": slopes, "hessian": hessian}
    functions[which] = failing(functions[which])
    fun = functions.pop("f")
    with pytest.raises(error) as raised:
        gdcli.minimize(fun, START, **functions)
    assert raised.value is mistake


def test_an_interrupt_gives_the_best_point() -> None:
    def interrupted(x: Array) -> float:
        if len(fun.points) > 20:
            raise KeyboardInterrupt
        return rosenbrock(x)

    fun = Calls(interrupted)
    found = gdcli.minimize(fun, START, gradient=slopes)
    assert found.status == "interrupted"
    assert found.f == min(rosenbrock(np.array(row.x)) for row in found.trace)


def test_a_function_may_change_its_argument_and_reuse_its_arrays() -> None:
    buffer = np.zeros(2)

    def spoiling(x: Array) -> float:
        value = rosenbrock(x)
        x[:] = 1e9
        return value

    def reusing(x: Array) -> Array:
        buffer[:] = slopes(x)
        x[:] = -1e9
        return buffer

    found = gdcli.minimize(spoiling, START, gradient=reusing)
    assert found == gdcli.minimize(rosenbrock, START, gradient=slopes)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_at_the_start_is_undefined(value: float) -> None:
    found = gdcli.minimize(lambda x: value, [1.0], gradient=lambda x: [1.0])
    assert found.status == "undefined"
    assert f"f is {value}" in found.message
    found = gdcli.minimize(lambda x: 1.0, [1.0, 2.0], gradient=lambda x: [1.0, value])
    assert found.status == "undefined"
    assert "derivative by x[2]" in found.message


def test_a_run_backs_off_from_where_f_is_not_defined() -> None:
    found = gdcli.minimize(
        lambda x: x[0] - math.log(x[0]) if x[0] > 0.0 else math.nan,
        [5.0],
        gradient=lambda x: 1.0 - 1.0 / x,
    )
    assert found.converged
    assert found.x == pytest.approx([1.0], abs=1e-7)


@pytest.mark.parametrize("given", [{}, {"hessian": lambda x: np.diag([2.0, 12 * x[1] ** 2 - 2])}])
def test_a_saddle_is_told_and_a_minimum_below_it_found(given: dict[str, Any]) -> None:
    fun: Callable[[Array], float] = lambda x: x[0] ** 2 - x[1] ** 2 + x[1] ** 4  # noqa: E731
    gradient: Callable[[Array], Array] = lambda x: np.array([2 * x[0], 4 * x[1] ** 3 - 2 * x[1]])  # noqa: E731
    found = gdcli.minimize(fun, [0.0, 0.0], gradient=gradient, **given)
    assert (found.classification, found.minimum) == ("saddle", False)
    assert gdcli.minimize(fun, [1.0, 0.3], gradient=gradient, **given).minimum


@pytest.mark.parametrize("relative", [1e-9, 1e-7])
@pytest.mark.parametrize("seed", range(3))
def test_noise_ends_at_machine_precision(relative: float, seed: int) -> None:
    source = random.Random(seed)

    def noise() -> float:
        return 1.0 + relative * source.uniform(-1.0, 1.0)

    found = gdcli.minimize(
        lambda x: (rosenbrock(x) + 3.0) * noise(),
        START,
        gradient=lambda x: slopes(x) + 1e3 * np.array([noise() - 1.0, noise() - 1.0]),
    )
    assert found.converged
    assert "machine precision" in found.message
    assert rosenbrock(found.x) <= 1e3 * relative


@pytest.mark.parametrize("relative", [1e-14, 1e-10, 1e-6, 1e-3])
@pytest.mark.parametrize("smooth", TEXTS)
def test_the_noise_of_f_is_measured(relative: float, smooth: str) -> None:
    f = Function(smooth)
    source = random.Random(7)
    x = [0.4, -0.3, 0.8][: len(f.variables)]
    size = relative * abs(f(x))
    objective = CallableObjective(
        lambda point: f(point) + size * source.uniform(-1.0, 1.0), x, f.gradient
    )
    assert 0.5 * size <= objective.rounding_error(x) <= 6.0 * size + 1e-15
    assert objective.evaluations.value == 7


@pytest.mark.parametrize("smooth", TEXTS)
def test_a_smooth_function_has_next_to_no_noise(smooth: str) -> None:
    f = Function(smooth)
    for x in ([0.4, -0.3, 0.8], [1e-5, 1e-5, 2e-5], [30.0, 20.0, 10.0]):
        point = x[: len(f.variables)]
        found = CallableObjective(f, point, f.gradient).rounding_error(point)
        assert found <= 40.0 * f.rounding_error(point) + 10.0 * EPSILON * abs(f(point))


def test_levels_of_noise_do_not_see_a_polynomial() -> None:
    assert max(noise_levels([float(i * i) for i in range(7)])) == 0.0


WRONG_GRADIENTS: dict[str, Callable[[Array], Array]] = {
    "sign": lambda x: -slopes(x),
    "factor": lambda x: 2.0 * slopes(x),
    "sign of one component": lambda x: slopes(x) * [1.0, -1.0],
    "one component left out": lambda x: slopes(x) * [1.0, 0.0],
    "half of one component": lambda x: slopes(x) * [1.0, 0.5],
    "transposed": lambda x: slopes(x)[::-1],
    "of another function": lambda x: 2.0 * x,
    "a term left out": lambda x: slopes(x) + np.array([2.0 * (1.0 - x[0]), 0.0]),
}


@pytest.mark.parametrize("method", DESCENT_METHODS)
@pytest.mark.parametrize("mistake", WRONG_GRADIENTS)
def test_a_wrong_gradient_is_told_with_its_component(mistake: str, method: str) -> None:
    found = gdcli.minimize(
        rosenbrock,
        START,
        gradient=WRONG_GRADIENTS[mistake],
        method=method,
        max_evaluations=2000,
    )
    assert not found.converged
    assert "the gradient is not that of f: at the " in found.message
    assert "its component x[" in found.message
    assert found.iterations or found.evaluations.value <= 24


def test_a_gradient_that_is_right_at_the_start_alone_is_no_success() -> None:
    found = gdcli.minimize(rosenbrock, [0.5, 0.3], gradient=lambda x: slopes(x) * [1.0, x[0] < 0.6])
    assert not found.converged
    assert "the gradient is not that of f: at the end" in found.message


@pytest.mark.parametrize("text", [*TEXTS, "abs(x) + y^2", "max(x, y) + x^2 + y^2", "x^4 + y^4"])
@pytest.mark.parametrize("seed", sampled(range(3), 1))
def test_a_right_gradient_is_never_called_wrong(text: str, seed: int) -> None:
    f = Function(text)
    source = random.Random(seed)
    start = [source.uniform(-2.0, 2.0) for _ in f.variables]
    for digits in (0.0, 1e-8):
        gradient = lambda x: f.gradient(x) * (1.0 + digits)  # noqa: B023, E731
        found = gdcli.minimize(lambda x: f(x), start, gradient=gradient)
        assert "not that of f" not in found.message


@pytest.mark.parametrize("name", sampled([one.name for one in PROBLEMS], 12))
def test_the_gradients_of_the_library_are_right_and_turned_ones_wrong(name: str) -> None:
    f = gdcli.function(name)
    source = random.Random(name)
    starts = [f.problem.start] if f.problem is not None else []
    for start in [*starts, [source.uniform(-3.0, 3.0) for _ in f.components]]:
        for turned in (False, True):
            sign = -1.0 if turned else 1.0
            found = gdcli.minimize(
                lambda x: f.evaluate(x.tolist()),
                start,
                gradient=lambda x: sign * np.array(f.evaluate_gradient(x.tolist())[1]),  # noqa: B023
                method="lbfgs",
                max_evaluations=100,
            )
            told = "the gradient is not that of f" in found.message
            beyond_floats = not found.gradient_norm < 1e100 or found.gradient_norm == 0.0
            assert told == turned or (turned and beyond_floats), found.message


WRONG_HESSIANS: dict[str, Callable[[Array], Array]] = {
    "sign": lambda x: -hessian(x),
    "half": lambda x: 0.5 * hessian(x),
    "not a number": lambda x: np.full((2, 2), np.nan),
    "infinite": lambda x: np.full((2, 2), np.inf),
    "of another function": lambda x: np.eye(2),
    "without the mixed derivative": lambda x: np.diag(np.diag(hessian(x))),
    "zero": lambda x: np.zeros((2, 2)),
}


@pytest.mark.parametrize("as_product", [False, True])
@pytest.mark.parametrize("mistake", WRONG_HESSIANS)
def test_a_wrong_hessian_is_told_and_no_verdict_stands_on_it(
    mistake: str, as_product: bool
) -> None:
    wrong = WRONG_HESSIANS[mistake]
    second: dict[str, Any] = {"hessian": wrong}
    if as_product:
        second = {"hessian_product": lambda x, v: wrong(x) @ v}
    found = gdcli.minimize(rosenbrock, START, gradient=slopes, method="lbfgs", **second)
    assert (found.status, found.classification, found.degenerate) == (
        "converged",
        "minimum",
        False,
    )
    assert "; the Hessian is not the derivative of the gradient: along a line" in found.message
    assert found.hessian_eigenvalues == pytest.approx(np.linalg.eigvalsh(hessian(found.x)))


def test_a_wrong_hessian_hides_no_saddle() -> None:
    found = gdcli.minimize(
        lambda x: x[0] ** 2 - x[1] ** 2,
        [1.0, 0.0],
        gradient=lambda x: np.array([2.0 * x[0], -2.0 * x[1]]),
        hessian=lambda x: 2.0 * np.eye(2),
        escape="no",
    )
    assert (found.classification, found.exit_status) == ("saddle", 5)


KINKED = ("abs(x) + y^2", "max(x, y) + x^2 + y^2", "x^4 + y^4", "x^2 + y^4 + 1e6*x*y", "3*x - y")


@pytest.mark.parametrize(
    "text", [*TEXTS, *KINKED, *sampled([one.name for one in gdcli.problems()], 12)]
)
def test_a_right_hessian_is_never_called_wrong(text: str) -> None:
    f = gdcli.function(text)
    start = None if f.problem is None else f.problem.start
    found = gdcli.minimize(
        lambda x: f.evaluate(x.tolist()),
        start or [0.7, -0.4, 1.3, 0.2][: len(f.components)],
        gradient=lambda x: f.evaluate_gradient(x.tolist())[1],
        hessian=lambda x: f.evaluate_hessian(x.tolist()),
        method="newton",
        max_evaluations=200,
    )
    assert "the Hessian is not" not in found.message


@pytest.mark.parametrize("wave", [1e3, 1e5, 1e7])
@pytest.mark.parametrize("start", [0.9, 0.31, 2.7])
def test_where_f_wiggles_no_gradient_is_called_wrong(wave: float, start: float) -> None:
    found = gdcli.minimize(
        lambda x: x[0] ** 2 + math.sin(wave * x[0]),
        [start],
        gradient=lambda x: [2.0 * x[0] + wave * math.cos(wave * x[0])],
    )
    assert "not that of f" not in found.message


@pytest.mark.parametrize("method", ["steepest", "lbfgs", "newton"])
def test_a_minimum_at_a_kink_is_judged_by_values(method: str) -> None:
    f = Function("abs(x - 1) + abs(y + 2) + 0.1*y^2")
    found = gdcli.minimize(
        lambda x: f(x),
        [3.0, 1.0],
        gradient=lambda x: f.evaluate_gradient(x.tolist())[1],
        method=method,
    )
    assert found.exit_status == 0, found.message
    assert found.x == pytest.approx([1.0, -2.0], abs=1e-5)


def test_many_variables_stay_arrays() -> None:
    n = 2000
    weights = np.linspace(1.0, 10.0, n)
    kinds = set()

    def fun(x: Array) -> float:
        kinds.add((type(x), x.shape, x.dtype))
        return float((weights * x**2).sum())

    found = gdcli.minimize(fun, np.ones(n), gradient=lambda x: 2.0 * weights * x)
    assert found.converged
    assert found.x.shape == (n,)
    assert kinds == {(np.ndarray, (n,), np.dtype(float))}
    wrong = gdcli.minimize(fun, np.ones(n), gradient=lambda x: -2.0 * weights * x)
    assert "the gradient is not that of f" in wrong.message


def test_a_sparse_hessian_of_many_variables_gives_products() -> None:
    n = 300
    weights = np.linspace(-1.0, 10.0, n)
    found = gdcli.minimize(
        lambda x: float((weights * x**2).sum()),
        np.zeros(n),
        gradient=lambda x: 2.0 * weights * x,
        hessian=lambda x: SparseMatrix(2.0 * np.diag(weights)),
    )
    assert found.classification == "saddle"


def test_a_callable_of_sympy_is_a_text() -> None:
    sympy = pytest.importorskip("sympy")
    assert gdcli.minimize(sympy.Symbol("x") ** 2).converged
    with pytest.raises(GdcliError, match="for f as a Python function"):
        gdcli.minimize(sympy.Symbol("x"), gradient=slopes)


@pytest.mark.parametrize("text", TEXTS[1:])
@pytest.mark.parametrize("second", [{}, {"hessian"}, {"hessian_product"}])
def test_a_maximum_is_found_as_that_of_a_text(text: str, second: set[str]) -> None:
    f = Function(f"-({text})")
    start = [0.7, -0.4, 0.3][: len(f.variables)]
    given: dict[str, Any] = {"hessian": f.hessian, "hessian_product": lambda x, v: f.hessian(x) @ v}
    found = gdcli.minimize(
        lambda x: f(x),
        start,
        gradient=f.gradient,
        maximize=True,
        **{name: given[name] for name in second},
    )
    by_text = gdcli.minimize(f, start, maximize=True)
    assert (found.status, found.classification) == (by_text.status, "maximum")
    assert found.f == pytest.approx(by_text.f)
    wrong = gdcli.minimize(lambda x: f(x), start, gradient=lambda x: -f.gradient(x), maximize=True)
    component = f.gradient(start)[0]
    assert "its component x[" in wrong.message
    assert component == 0.0 or not wrong.converged


@pytest.mark.parametrize("method", DESCENT_METHODS)
@pytest.mark.parametrize("second", [{}, {"hessian": hessian}])
def test_nothing_is_evaluated_outside_of_bounds(method: str, second: dict[str, Any]) -> None:
    low, high = np.array([-1.5, -0.5]), np.array([0.5, 0.9])
    calls = [Calls(rosenbrock), Calls(slopes)]
    found = gdcli.minimize(
        calls[0],
        [0.5, -0.5],
        gradient=calls[1],
        method=method,
        bounds=[(-1.5, 0.5), (-0.5, 0.9)],
        max_iterations=200,
        **second,
    )
    for one in calls:
        assert all((low <= x).all() and (x <= high).all() for x in one.points)
    if DESCENT_METHODS[method].escapes:
        assert found.converged
        assert found.x == pytest.approx([0.5, 0.25], abs=1e-6)


def test_bounds_of_a_callable_are_pairs_or_by_variable() -> None:
    found = gdcli.minimize(rosenbrock, START, gradient=slopes, bounds={"x": (-2.0, 0.5)})
    assert found.x == pytest.approx([0.5, 0.25], abs=1e-6)
    with pytest.raises(UsageError, match="bounds takes"):
        gdcli.minimize(rosenbrock, START, gradient=slopes, bounds="x=0:1")
