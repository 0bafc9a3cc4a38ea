"""Sums over rows against 50 digits, and every way to compute them against the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from math import isfinite, nan
from typing import Any, NamedTuple

import mpmath
import numpy as np
import pytest

from gdcli.autodiff.primitives import PRIMITIVES
from gdcli.execute import NATIVE, PYTHON
from gdcli.execute.decimals import DECIMAL_FUNCTIONS, in_decimals
from gdcli.execute.interpret import interpret, operation
from gdcli.execute.thread_count import THREADS_VARIABLE
from gdcli.fitting.losses import read_loss
from gdcli.fitting.model import read_model
from gdcli.fitting.residuals import NormalEquations, Residuals, Rows
from gdcli.language.syntax import Decimal as Literal
from gdcli.numbers.floats import IEEE
from gdcli.numbers.precise import digits


class Case(NamedTuple):
    """A model, what it computes in mpmath's numbers, and parameters at which it is looked at."""

    text: str
    f: Callable[..., Any]  # of the parameters, as a list, and of the columns
    parameters: Sequence[float]
    loss: str = "squared"


def gauss(x: Any, a: Any, b: Any, c: Any) -> Any:
    return a * mpmath.exp(-(((x - b) / c) ** 2))


CASES = (
    Case("y ~ a + b*x", lambda p, x, _: p[0] + p[1] * x, (0.5, -1.25)),
    Case(
        "y ~ a*exp(-b*x) + c", lambda p, x, _: p[0] * mpmath.exp(-p[1] * x) + p[2], (2.4, 1.2, 0.4)
    ),
    Case(
        "y ~ a*x^n/(k^n + x^n)",
        lambda p, x, _: p[0] * x ** p[2] / (p[1] ** p[2] + x ** p[2]),
        (3.0, 1.7, 2.5),
    ),
    Case(
        "u = (x - b)/c; y ~ a*exp(-u^2) + d*x*z",
        lambda p, x, z: gauss(x, p[0], p[1], p[2]) + p[3] * x * z,
        (2.0, 1.1, 0.8, 0.3),
    ),
    Case(
        "y ~ a*sin(v*x + q)*exp(-z*d)",
        lambda p, x, z: p[0] * mpmath.sin(p[3] * x + p[2]) * mpmath.exp(-z * p[1]),
        (1.5, 0.2, 0.4, 2.0),
    ),
    Case(
        "y ~ ifelse(x < 1.5, a + b*x, a + 1.5*b + c*(x - 1.5)^2)",
        lambda p, x, _: p[0] + p[1] * min(x, mpmath.mpf("1.5")) + p[2] * max(x - 1.5, 0) ** 2,
        (0.7, 1.3, -0.4),
    ),
    Case(
        "y ~ b[1] + b[2]*x + b[3]*x^2/(1 + b[2]*z)",
        lambda p, x, z: p[0] + p[1] * x + p[2] * x**2 / (1 + p[1] * z),
        (0.2, 0.6, -0.1),
    ),
    Case("y ~ a*exp(b*x)", lambda p, x, _: p[0] * mpmath.exp(p[1] * x), (0.6, 0.3), "poisson"),
    Case(
        "y ~ a*x + b*z^2",
        lambda p, x, z: p[0] * x + p[1] * z**2,
        (0.6, 0.3),
        "log(cosh(f - y))",
    ),
)
IDS = [f"{case.text} {case.loss}" for case in CASES]
LOSS_VALUES: dict[str, Callable[[Any, Any], Any]] = {
    "squared": lambda f, y: (f - y) ** 2 / 2,
    "poisson": lambda f, y: mpmath.exp(f) - y * f + (y * mpmath.log(y) - y if y else 0),
    "log(cosh(f - y))": lambda f, y: mpmath.log(mpmath.cosh(f - y)),
}


def columns(m: int) -> dict[str, list[float]]:
    """Two columns, counts for a response and weights, of m rows: quarters, so that all is exact."""
    return {
        "x": [0.25 + (7 * i % 13) / 4.0 for i in range(m)],
        "z": [(5 * i % 11) / 8.0 - 0.5 for i in range(m)],
        "y": [float(3 * i % 5) for i in range(m)],
        "w": [0.5 + (3 * i % 7) / 4.0 for i in range(m)],
    }


def residuals(case: Case, m: int, weighted: bool, backend: str, arrays: bool = False) -> Residuals:
    made: dict[str, Any] = dict(columns(m))
    if arrays:
        made = {name: np.array(column) for name, column in made.items()}
    model = read_model(case.text, dict.fromkeys("xzyw"))
    rows = Rows([made[name] for name in model.columns], made["y"], made["w"] if weighted else None)
    return Residuals(model, rows, read_loss(case.loss), backend)


def flat(found: Residuals, at: Sequence[float], along: Sequence[float]) -> list[float]:
    """Everything that is a sum over the rows, in a list."""
    normal = found.normal_equations(at)
    rows = [*normal.matrix, found.accelerated(at, along)]
    return [normal.value, *normal.gradient, *(entry for row in rows for entry in row)]


def along(case: Case) -> list[float]:
    return [0.5 - 0.25 * k for k in range(len(case.parameters))]


class Exact(NamedTuple):
    """The sums in mpmath's numbers, by its own numerical differentiation at 60 digits."""

    value: Any
    gradient: list[Any]
    matrix: list[list[Any]]
    acceleration: list[Any]
    hessian: list[list[Any]]


def exact(case: Case, m: int, weighted: bool) -> Exact:
    data, p = columns(m), len(case.parameters)
    value, gradient, acceleration = mpmath.mpf(0), [mpmath.mpf(0)] * p, [mpmath.mpf(0)] * p
    matrix = [[mpmath.mpf(0)] * p for _ in range(p)]
    hessian = [[mpmath.mpf(0)] * p for _ in range(p)]
    for x, z, y, weight in zip(*(data[name] for name in "xzyw"), strict=True):
        of = derivatives_of_row(case, mpmath.mpf(x), mpmath.mpf(z), y)
        w = weight if weighted else 1.0
        value += w * of.loss
        for j, slope in enumerate(of.slopes):
            gradient[j] += w * of.slope * slope
            acceleration[j] += w * of.curvature * of.along * slope
            for k, other in enumerate(of.slopes):
                matrix[j][k] += w * of.curvature * slope * other
                hessian[j][k] += w * (of.curvature * slope * other + of.slope * of.seconds[j][k])
    return Exact(value, gradient, matrix, acceleration, hessian)


class ExactRow(NamedTuple):
    """The loss and its derivatives by f, and those of f by the parameters."""

    loss: Any
    slope: Any
    curvature: Any
    slopes: list[Any]
    seconds: list[list[Any]]
    along: Any  # the second derivative along the direction


def derivatives_of_row(case: Case, x: Any, z: Any, y: float) -> ExactRow:
    at, direction = [mpmath.mpf(value) for value in case.parameters], along(case)
    ways, loss = range(len(at)), LOSS_VALUES[case.loss]

    def f(*moves: tuple[int, Any]) -> Any:
        moved = at
        for place, by in moves:
            moved = _moved(moved, place, by)
        return case.f(moved, x, z)

    def on_the_way(t: Any) -> Any:
        return case.f([a + t * d for a, d in zip(at, direction, strict=True)], x, z)

    def moved(j: int, k: int) -> Callable[[Any, Any], Any]:
        return lambda s, t: f((j, s), (k, t))

    slopes = [_derivative(partial(moved(j, j), mpmath.mpf(0)), 1) for j in ways]
    seconds = [[_mixed(moved(j, k)) for k in ways] for j in ways]
    terms = [_derivative(lambda t: loss(f() + t, y), order) for order in range(3)]
    return ExactRow(terms[0], terms[1], terms[2], slopes, seconds, _derivative(on_the_way, 2))


def _moved(at: Sequence[Any], place: int, by: Any) -> list[Any]:
    return [value + by if k == place else value for k, value in enumerate(at)]


STEP = Fraction(1, 10**12)


def _derivative(function: Callable[[Any], Any], order: int) -> Any:
    """A derivative at 0, by differences of fourth order in a step of 1e-12 at 80 digits."""
    h = mpmath.mpf(STEP.numerator) / STEP.denominator
    if order == 0:
        return function(mpmath.mpf(0))
    near, far = (function(h), function(-h)), (function(2 * h), function(-2 * h))
    if order == 1:
        return (8 * (near[0] - near[1]) - (far[0] - far[1])) / (12 * h)
    return (16 * sum(near) - sum(far) - 30 * function(mpmath.mpf(0))) / (12 * h * h)


def _mixed(function: Callable[[Any, Any], Any]) -> Any:
    return _derivative(lambda s: _derivative(lambda t: function(s, t), 1), 1)


def assert_near(found: Iterable[Any], wanted: Iterable[Any], bound: float) -> None:
    wanted = [*wanted]
    size = max(abs(one) for one in wanted)
    for one, other in zip(found, wanted, strict=True):
        assert abs(one - other) <= bound * max(abs(other), size * 1e-3)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_sums_over_rows_are_right(case: Case) -> None:
    at, weighted = case.parameters, len(case.parameters) > 2
    with mpmath.workdps(80):
        wanted = exact(case, 5, weighted)
        found = residuals(case, 5, weighted, PYTHON)
        normal = found.normal_equations(at)
        assert_near([normal.value], [wanted.value], 1e-14)
        assert_near(normal.gradient, wanted.gradient, 1e-12)
        for row, mine in zip(normal.matrix, wanted.matrix, strict=True):
            assert_near(row, mine, 1e-13)
        assert_near(found.accelerated(at, along(case)), wanted.acceleration, 1e-12)
        for row, mine in zip(found.hessian(at), wanted.hessian, strict=True):
            assert_near(row, mine, 1e-12)
        precise = found.precise_gradient([Decimal(value) for value in at])
        assert precise is not None
        closely = [mpmath.mpf(str(one)) for one in (precise[0], *precise[1])]
        assert_near(closely, [wanted.value, *wanted.gradient], 1e-30)
        assert (found.passes.evaluations, found.passes.accelerations) == (2, 2)


@pytest.mark.parametrize("case", CASES[2::3], ids=IDS[2::3])
@pytest.mark.parametrize("m", [*(pytest.param(m, marks=pytest.mark.full) for m in (1, 9)), 517])
def test_every_way_to_pass_over_the_rows_agrees(case: Case, m: int) -> None:
    at, direction = case.parameters, along(case)
    plain = residuals(case, m, True, PYTHON)
    wanted = flat(plain, at, direction)
    native = residuals(case, m, True, NATIVE, arrays=True)
    assert_near(flat(native, at, direction), wanted, 1e-12)
    blocks = residuals(case, m, True, "auto", arrays=True)
    assert blocks._in_blocks
    assert_near(flat(blocks, at, direction), wanted, 1e-12)
    [bindings], point = plain._bindings(len(at)), [*at]
    normal = interpret(plain.tapes.normal_equations, IEEE, point, bindings=bindings)
    [both] = plain._bindings(2 * len(at))
    bent = interpret(plain.tapes.acceleration, IEEE, [*at, *direction], bindings=both)
    p = len(at)
    full = [[0.0] * p for _ in at]
    entries = iter(normal[1 + p :])
    for j in range(p):
        for k in range(j, p):
            full[j][k] = full[k][j] = next(entries)
    found = [*normal[: 1 + p], *(entry for row in full for entry in row), *bent]
    assert_near(found, wanted, 1e-12)
    for row, mine in zip(blocks.hessian(at), plain.hessian(at), strict=True):
        assert_near(row, mine, 1e-11)
    by_products = plain._objectives[0].hessian_product.rows([*at])
    for row, mine, other in zip(native.hessian(at), plain.hessian(at), by_products, strict=True):
        assert_near(row, mine, 1e-11)
        assert_near(other, mine, 1e-11)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_rows_make_the_sums(case: Case) -> None:
    for weighted in (False, True):
        found = residuals(case, 40, weighted, PYTHON)
        normal = found.normal_equations(case.parameters)
        r, slopes = (np.array(one) for one in found.each_row(case.parameters))
        assert_near(slopes.T @ r, normal.gradient, 1e-12)
        assert_near((slopes.T @ slopes).ravel(), np.ravel(normal.matrix), 1e-12)
        large = residuals(case, 40, weighted, "auto", arrays=True)
        large._row_blocks.block = 16
        blocks = [*large.blocks(case.parameters)]
        assert [block[1].shape for block in blocks] == [
            (k, len(case.parameters)) for k in (16, 16, 8)
        ]
        np.testing.assert_allclose(np.concatenate([one for one, _ in blocks]), r, rtol=1e-12)
        np.testing.assert_allclose(np.concatenate([one for _, one in blocks]), slopes, rtol=1e-12)
        with mpmath.workdps(30):
            data = columns(40)
            rows = zip(data["x"], data["z"], strict=True)
            wanted = [case.f(case.parameters, mpmath.mpf(x), mpmath.mpf(z)) for x, z in rows]
        assert_near(found.predictions(case.parameters), wanted, 1e-13)
        assert_near(large.predictions(case.parameters), wanted, 1e-13)


def test_native_passes_have_the_same_bits_whatever_the_number_of_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case, answers = CASES[3], set()
    found = residuals(case, 200_003, True, NATIVE, arrays=True)
    for count in ("1", "2", "5"):
        monkeypatch.setenv(THREADS_VARIABLE, count)
        answers.add(tuple(flat(found, case.parameters, along(case))))
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("p", "m", "backend"), [(12, 60, "python"), (12, 20_003, NATIVE), (50, 60, "auto")]
)
def test_many_parameters_have_their_sums(p: int, m: int, backend: str) -> None:
    text = "y ~ " + " + ".join(f"b{k}*x^{k}" for k in range(p))
    x, y = (2.0 * np.arange(m) - m) / m, np.arange(m) % 3.0
    rows = Rows([x], y) if backend == NATIVE else Rows([x.tolist()], y.tolist())
    found = Residuals(read_model(text, {"x": None, "y": None}), rows, backend=backend)
    slopes, at = np.array([x**k for k in range(p)]), [0.5 / (1 + k) for k in range(p)]
    r = at @ slopes - y
    normal = found.normal_equations(at)
    assert_near([normal.value], [0.5 * r @ r], 1e-12)
    assert_near(normal.gradient, slopes @ r, 1e-12)
    assert_near(np.ravel(normal.matrix), (slopes @ slopes.T).ravel(), 1e-12)
    assert found.accelerated(at, at) == [0.0] * p
    assert_near(np.ravel(found.hessian(at)), (slopes @ slopes.T).ravel(), 1e-12)


UNDEFINED = {
    "y ~ b*log(x - a)": ("log(x - a) at a=3, x=2.5: log(-0.5)", "log(x - a)", (3.0, 1.0)),
    "u = x - a; y ~ b/u": ("1/u", "b/u", (2.5, 1.0)),
    "y ~ b*sqrt(x - a)": ("the derivative of sqrt(x - a)", "sqrt(x - a)", (2.5, 1.0)),
    "y ~ exp(a*x)*b": ("exp(a*x) at a=300, x=2.5: exp(750)", "exp(a*x)", (300.0, 1.0)),
}


@pytest.mark.parametrize("arrays", [False, True])
@pytest.mark.parametrize("text", UNDEFINED)
def test_an_undefined_row_is_told_by_number_values_and_sub_expression(
    text: str, arrays: bool
) -> None:
    sentence, part, at = UNDEFINED[text]
    x = [1e-3 if "exp" in text else 30.0] * 20
    x[11] = 2.5
    response = [1.0] * 20
    data = (np.array(x), np.array(response)) if arrays else (x, response)
    rows = Rows([data[0]], data[1], numbers=[*range(101, 121)])
    found = Residuals(read_model(text, {"x": None, "y": None}), rows)
    assert not found.normal_equations(at).is_finite
    row = found.undefined_row(at)
    assert row is not None
    assert row.number == 112
    assert row.span is not None
    assert text[slice(*row.span)] == part
    assert str(row).startswith("row 112: ")
    if "u =" not in text:
        assert sentence in row.message
    assert Residuals(found.model, rows).undefined_row((0.5, 1.0)) is None


def test_a_loss_that_is_too_large_is_told() -> None:
    rows = Rows([[1.0, 2.0]], [1.0, 1e200])
    row = Residuals(read_model("y ~ a*x", {"x": None, "y": None}), rows).undefined_row((1.0,))
    assert str(row) == "row 2: the squared loss of f=2, y=1e+200 is not finite"


def test_no_parameters_give_an_error_whatever_they_are() -> None:
    for case in CASES[2:4]:
        p = len(case.parameters)
        for backend, arrays in ((PYTHON, False), (NATIVE, True), ("auto", True)):
            if backend == NATIVE and case is not CASES[2]:
                continue  # which compiles; the others are alike
            found = residuals(case, 9, True, backend, arrays)
            for at in ([1e200] * p, [nan] * p, [0.0] * p):
                normal = found.normal_equations(at)
                assert len(normal.gradient) == len(found.accelerated(at, [1.0] * p)) == p
                assert normal.is_finite <= isfinite(at[0])
                rows = [row for _, block in found.blocks(at) for row in block.tolist()]
                assert [[*map(len, found.each_row(at)[1])], len(rows)] == [[p] * 9, 9]
                assert len(found.predictions(at)) == 9
                found.precise_gradient(at) if isfinite(at[0]) else None


@pytest.mark.parametrize("name", [name for name in PRIMITIVES if name.isidentifier()])
def test_a_primitive_in_decimals_has_its_digits(name: str) -> None:
    system, row = digits(60), PRIMITIVES[name]
    for k in (1, 5):
        operands = [low + (high - low) * k / 7.0 for low, high in row.sampled]
        if row.greatest_order:
            operands[0] = 2.0
        with in_decimals():
            found = DECIMAL_FUNCTIONS[name](*map(Decimal, operands))
        wanted = operation(system, name)(*(_number(system, Decimal(one)) for one in operands))
        assert abs(_number(system, found) - wanted) <= abs(wanted) * 1e-38


def _number(system: Any, value: Decimal) -> Any:
    """A decimal, digit by digit, as a number of the system."""
    sign, figures, exponent = value.as_tuple()
    coefficient = int("".join(map(str, figures)))
    return system.decimal(Literal(-coefficient if sign else coefficient, int(exponent)))


def test_a_penalty_leaves_the_normal_equations_as_they_were() -> None:
    normal = NormalEquations(1.0, [1.0], [[2.0]])
    assert normal.penalised([0.5], [1.0]) == NormalEquations(1.25, [1.5], [[2.5]])
    assert normal == NormalEquations(1.0, [1.0], [[2.0]])
