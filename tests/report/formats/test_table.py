from __future__ import annotations

import pytest

from gdcli.derivatives.gradient import GradientRequest, answering
from gdcli.descent.minimize import run_descent
from gdcli.functions.function import Function
from gdcli.functions.problem import Problem
from gdcli.library import lookup
from gdcli.report.formats.table import grad, problems_in_full, spectrum
from gdcli.report.formats.table import minimize as written
from gdcli.report.view import GradView, MinimizeView, Screen
from tests.problem_list import PROBLEMS
from tests.sweeps import sampled

NAMES = "abcdghijlmno"
TWELVE = " + ".join(f"{i}*({name} - 1/3)^2" for i, name in enumerate(NAMES, 1))


def report(text: str, screen: Screen, keep: int = 20) -> str:
    function = Function(text)
    result = run_descent(function, keep=keep)
    return written(result, MinimizeView(text, function.variables, screen=screen))


MOST_LINES = 8  # below the table, beside the coordinates
ENDS_OF_A_LONG_POINT = 6  # lines, one of them for all between
GENERATED = (
    "x^2 + y^2", "x^4 + y^2", "abs(x) + abs(y - 1)", "exp(x) - x", "(1 - x)^2 + 100*(y - x^2)^2",
    "1e8 + (x - 1)^2 + y^4", "max(x^2, (x - 2)^2) + abs(y)", "sqrt(1 + x^2)", "x^2*y^2 + (x - 1)^2",
    "cos(x) + cos(y) + x^2/100", "(x - 1e6)^2 + 1e-6*y^2", "abs(x^3 - 2) + abs(y)^1.5", TWELVE,
)  # fmt: skip


@pytest.mark.parametrize("text", [
    *sampled([problem.name for problem in PROBLEMS], 6), *sampled(GENERATED, 8)
])  # fmt: skip
def test_a_minimum_is_reported_in_eight_lines(text: str) -> None:
    function = lookup.function(text)
    for given in ({}, {"alpha": 0.05}):
        result = run_descent(function, keep=20, max_evaluations=4000, **given)  # type: ignore[arg-type]
        if result.exit_status:
            continue
        for width in (None, 80):
            view = MinimizeView(text, function.variables, function.problem, screen=Screen(width))
            lines = written(result, view).splitlines()
            last = str(result.trace[-1].k)
            last_row = max(i for i, line in enumerate(lines) if line.split()[:1] == [last])
            coordinates = len(result.x) if len(result.x) <= 12 else ENDS_OF_A_LONG_POINT
            assert len(lines) - last_row - 1 <= MOST_LINES + coordinates
            assert sum("minim" in line for line in lines) <= 1 + ("lower" in "".join(lines))
            assert "stopping test" not in "".join(lines)


def test_rows_are_never_cut_or_folded() -> None:
    for width in (10, 40, 80):
        rows = report("(x - 1/3)^4 + y^2", Screen(width)).split("\n\n")[0].split("\n")[2:22]
        assert [row.split()[0] for row in rows[:10]] == list(map(str, range(10)))


@pytest.mark.parametrize("width", [20, 23, 40])
def test_a_number_below_the_table_is_never_split(width: int) -> None:
    text = report("(x + 1/7e5)^4 + 1e-8*x", Screen(width))
    end = [line for line in text.split("\n") if line.strip().startswith("x =")]
    assert len(end) == 1
    number = end[0].partition("=")[2].strip() or text.partition(end[0])[2].split()[0]
    assert number == repr(run_descent(Function("(x + 1/7e5)^4 + 1e-8*x")).x[0])


@pytest.mark.parametrize(("keep", "gap"), [(1, "before"), (2, "between"), (5, "between")])
def test_a_short_table_ends_in_the_last_row(keep: int, gap: str) -> None:
    table = report("x^2 + 100*y^2", Screen(), keep).split("\n\n")[0].split("\n")[2:]
    last = run_descent(Function("x^2 + 100*y^2")).iterations
    assert [row.split()[0] for row in table].count("⋮") == 1
    assert table[keep // 2] == f"⋮ {last + 1 - keep} rows {gap}"
    assert table[-1].split()[0] == str(last)


@pytest.mark.parametrize("width", [None, 80, 40, 20])
def test_a_hessian_that_does_not_fit_is_listed(width: int | None) -> None:
    function = Function(TWELVE)
    answer = answering(function, GradientRequest(hessian=True))([1.0] * 12)
    text = grad(answer, GradView(TWELVE, function.variables, hessian=True, screen=Screen(width)))
    assert ("∂²f: a\na: 2\nb: 0\n" in text) is (width in (20, 40))
    assert width is None or max(map(len, text.split("∂²f")[-1].split("\n"))) <= width


def test_a_constant_has_no_table() -> None:
    answer = answering(Function("5"), GradientRequest(hessian=True))([])
    text = grad(answer, GradView("5", (), hessian=True, screen=Screen()))
    assert text == "   f = 5\n‖∇f‖ = 0\n  ∇f = ()\na constant: it has no variables\n"


def test_what_a_problem_does_not_state_is_not_denied() -> None:
    text = problems_in_full([Problem("mine", "x^2", "mine", "mine.toml")], Screen())
    assert text == "mine\n\nx^2\n\nstart = none stated\n\nminimum: none stated\n"


def test_a_problem_of_any_size() -> None:
    one = Problem(
        *("mine", "f(x, a) = ...", "mine", "mine.toml"),
        sizes={"n": 6, "m": 2},
        data={"y": [1.0, 2.0], "A": [[1.0], [2.0], [3.0]]},
        start=(1.0,) * 7,
        window=((-1.0, 1.0),) * 6 + ((0.0, 2.5),),
        elsewhere=({"n": 3, "m": 2}, {"n": 4, "m": 2}),
    )
    text = problems_in_full([one], Screen())
    for line in (
        " sizes = n = 6, m = 2",
        "  data = y of 2 numbers, A of 3 x 1 numbers",
        "window = [-1, 1]^6 x [0, 2.5]",
        "more is stated for n = 3, m = 2 and for n = 4, m = 2",
    ):
        assert f"\n{line}\n" in text


def test_many_eigenvalues_are_told_by_their_ends() -> None:
    assert spectrum([2.0]) == "eigenvalue 2"
    assert spectrum([1.0, 2.0]) == "eigenvalues 1, 2"
    assert spectrum([float(i) for i in range(100)]) == "100 eigenvalues from 0 to 99"


def test_2_over_L_is_told_of_steepest_descent_alone() -> None:
    function = Function("x^4 + y^2")
    for method in ("steepest", "newton"):
        result = run_descent(function, method=method, max_iterations=1)
        said = written(result, MinimizeView(function.text, function.variables, explain=True))
        assert ("2/L" in said) is (method == "steepest")
