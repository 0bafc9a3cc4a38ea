"""Every method against every problem of the library."""

from __future__ import annotations

import random
from functools import cache
from itertools import product
from typing import Any

import pytest

from gdcli.descent.methods import DESCENT_METHODS
from gdcli.descent.minimize import minimize, run_descent
from gdcli.descent.result import Result
from gdcli.descent.search import SEARCHES, AlphaRule
from gdcli.errors import UsageError
from gdcli.functions.function import Function
from gdcli.library import lookup
from tests.problem_list import PROBLEMS
from tests.sweeps import sampled

NAMES = [problem.name for problem in PROBLEMS]
NO_OTHER_MINIMUM = ("bukin-6",)  # whose valley is too narrow for points that are drawn
WITHOUT_END = ("adagrad", "rmsprop", "adam")  # their runs mostly end at the limit of iterations
LEAST_CONVERGED = {"adagrad": 20, "rmsprop": 30, "adam": 80}  # of all problems
SLOW = "steps of one size along the gradient need more than 10,000 iterations of so long a valley"
SADDLE = "it ends at a saddle, which it does not leave"
UNBOUNDED = "f falls without bound from the problem's start"
NARROW = "sqrt(abs(y - x²/100)) grows faster than any line: only the valley's floor leads on"
FAR = "it ends at a minimum 1e7 away, where doubles are too far apart for the test of it"
FALSE = "false: f is lower along the valley's floor, which the verdict's rays do not find"
KNOWN_FAILURES: dict[str, dict[str, str]] = {
    **{name: {"bukin-6": NARROW} for name in ("auto", "newton", "lbfgs", "bfgs")},
    "cg": {
        "bukin-6": NARROW,
        "holder-table": "a search steps over the window to where f falls without bound",
        "mccormick": FAR,
        **dict.fromkeys(("meyer", "powell-badly-scaled"), "directions are no longer conjugate"),
    },
    "trust-region": {
        "bukin-6": NARROW,
        "mccormick": FAR,
        "biggs-exp6": SADDLE,
        "lennard-jones-n": "the first radius leads to where f levels off",
        "cosine-n": "steps near rounding go on without end",
    },
    "steepest": {
        "schaffer-2": "it ends where f levels off",
        "bukin-6": NARROW,
        **dict.fromkeys(("meyer", "osborne-1", "biggs-exp6", "powell-badly-scaled"), SLOW),
    },
    "momentum": {
        "biggs-exp6": SADDLE,
        "bukin-6": FALSE,
        **dict.fromkeys(
            ("power-n", "meyer", "gulf", "osborne-1", "extended-powell-n", "penalty-1-n"), SLOW
        ),
        **dict.fromkeys(
            ("penalty-2-n", "powell-badly-scaled", "brown-badly-scaled", "powell-singular"), SLOW
        ),
    },
    "nesterov": {
        "bukin-6": FALSE,
        **dict.fromkeys(("meyer", "osborne-1", "powell-badly-scaled", "brown-badly-scaled"), SLOW),
    },
}


@cache
def run(method: str, problem: str) -> Result:
    return run_descent(lookup.function(problem), method=method, keep=0)


def is_minimum(problem: str, result: Result) -> bool:
    """Whether f is a listed minimum, or no lower at points drawn all around the end."""
    function = lookup.function(problem)
    assert function.problem is not None
    listed = [float(minimum.f) for minimum in function.problem.minima]
    if any(abs(result.f - f) <= 1e-6 * (1.0 + abs(f)) for f in listed):
        return True
    if problem in NO_OTHER_MINIMUM:
        return False
    drawn = random.Random(problem)
    for size in (1e-5, 1e-4, 1e-3):
        for _ in range(200):
            x = [c + size * max(1.0, abs(c)) * drawn.gauss(0.0, 1.0) for c in result.x]
            if function.evaluate(x) < result.f - 1e-9 * (1.0 + abs(result.f)):
                return False
    return True


def pairs() -> list[Any]:
    methods = [name for name in DESCENT_METHODS if name not in WITHOUT_END]
    return list(product(methods, NAMES))


def known(method: str, problem: str) -> Any:
    reason = UNBOUNDED if problem == "lecture" else KNOWN_FAILURES.get(method, {}).get(problem)
    return () if reason is None else pytest.mark.xfail(reason=reason, strict=True)


@pytest.mark.parametrize(
    ("method", "problem"),
    [
        pytest.param(
            *case.values, marks=[*case.marks, *([mark] if (mark := known(*case.values)) else [])]
        )
        for case in sampled(pairs(), 20, seed=2)
    ],
)
def test_a_method_that_adapts_its_steps_ends_at_a_minimum(method: str, problem: str) -> None:
    result = run(method, problem)
    assert result.exit_status == 0, result.message
    assert is_minimum(problem, result)


@pytest.mark.parametrize(("method", "problem"), sampled(list(product(WITHOUT_END, NAMES)), 6))
def test_a_method_that_takes_its_steps_as_they_are_claims_nothing_false(
    method: str, problem: str
) -> None:
    result = run(method, problem)
    assert result.exit_status in (0, 3, 5), result.message
    assert result.exit_status != 0 or is_minimum(problem, result)


@pytest.mark.full
@pytest.mark.parametrize("method", WITHOUT_END)
def test_such_a_method_converges_on_what_it_can(method: str) -> None:
    converged = sum(run(method, problem).exit_status == 0 for problem in NAMES)
    assert converged >= LEAST_CONVERGED[method]


def test_known_failures_are_of_methods_and_problems_that_there_are() -> None:
    assert set(KNOWN_FAILURES) == set(DESCENT_METHODS) - set(WITHOUT_END)
    assert {name for names in KNOWN_FAILURES.values() for name in names} <= set(NAMES)


@pytest.mark.parametrize("name", DESCENT_METHODS)
def test_every_method_comes_near_the_minimum_of_a_bowl(name: str) -> None:
    result = minimize(Function("(x-1)^2 + 3*y^2"), method=name)
    assert result.method == name
    near = 0.02 if name in WITHOUT_END else 1e-8
    assert list(result.x) == pytest.approx([1.0, 0.0], abs=near)


@pytest.mark.parametrize("name", DESCENT_METHODS)
def test_a_method_takes_the_step_sizes_of_its_row_and_no_others(name: str) -> None:
    row, f = DESCENT_METHODS[name], Function("(x-1)^2 + 3*y^2")
    settings: dict[str, Any] = {"start": (3, 1), "method": name, "max_iterations": 3}
    for search in SEARCHES:
        if search in row.searches:
            assert minimize(f, alpha=search, **settings).alpha == search
        else:
            with pytest.raises(UsageError):
                minimize(f, alpha=search, **settings)
    for alpha in (0.01, "0.1/(k+1)"):
        if row.fixed:
            given = [entry.alpha for entry in minimize(f, alpha=alpha, **settings).trace][:2]
            assert given == ([0.01, 0.01] if alpha == 0.01 else [0.1, 0.05])
        else:
            with pytest.raises(UsageError):
                minimize(f, alpha=alpha, **settings)
    assert row.own in (*SEARCHES, "", "1/L by backtracking", "0.01")
    assert AlphaRule(row.own).named == row.own
