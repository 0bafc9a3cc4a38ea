"""Races: what is measured of each method, and which requests mean nothing."""

from __future__ import annotations

from typing import Any

import pytest

import gdcli
from gdcli.descent.iterate import Iterate
from gdcli.descent.minimize import run_descent
from gdcli.descent.race import TARGETS, Course, family_members, varied_values
from gdcli.errors import GdcliError


def course(norms: list[float], values: list[float] | None = None) -> Course:
    """A course with these gradient norms, an iterate every two evaluations."""
    found = Course()
    for k, norm in enumerate(norms):
        f = norm if values is None else values[k]
        found.add(Iterate(k, [0.0], f, norm, None), 2 * k + 3)
    return found


@pytest.mark.parametrize("order", [1.0, 1.5, 2.0, 3.0])
def test_the_order_is_that_of_the_norms(order: float) -> None:
    norms, norm = [], 0.4
    while norm > 1e-13:
        norms.append(norm)
        norm = 0.3 * norm**order
    if len(norms) < 4:
        norms = [0.4 ** (order**k) for k in range(4)]
    assert course(norms).order() == pytest.approx(order, abs=0.15)


@pytest.mark.parametrize(
    "norms",
    [
        [1.0, 0.1],
        [1.0, 0.5, 0.7, 0.2],  # not falling
        [1.0, 0.5, 0.4, 1e-6],  # of no order
        [1.0, 0.1, 0.01, 1e-16, 3e-17],  # rounding
    ],
)
def test_no_order_is_told_where_none_is_seen(norms: list[float]) -> None:
    assert course(norms).order() is None


def test_targets_are_measured_from_the_best_f() -> None:
    found = course([1.0] * 4, [10.0, 1.0 + 1e-3, 1.0 + 1e-5, 1.0])
    assert [cost.evaluations for cost in found.costs(1.0)] == [3, 5, 7]
    assert [cost.evaluations for cost in found.costs(0.99)] == [3, None, None]
    assert [cost.target for cost in found.costs(1.0)] == [*TARGETS]


def test_evaluations_to_a_target_are_those_of_a_run_that_is_stopped_there() -> None:
    [run] = gdcli.race("rosenbrock", "lbfgs").runs
    for cost in run.targets:
        most = run.best_f + cost.target * (1.0 + abs(run.best_f))
        stopped = gdcli.minimize("rosenbrock", method="lbfgs", stop_when=f"f <= {most!r}")
        assert stopped.status in ("stopped", "converged")
        first = next(row for row in run_rows("rosenbrock") if row.f <= most)
        assert stopped.trace[first.k].f == first.f
        assert cost.evaluations is not None
        assert cost.evaluations <= stopped.evaluations.value


def run_rows(name: str) -> list[Iterate]:
    return gdcli.minimize(name, method="lbfgs").trace


def test_fixed_steps_take_an_evaluation_each() -> None:
    [run] = gdcli.race("x^2 + 3*y^2", "steepest", [1.0, 1.0], alpha=0.1).runs
    rows = gdcli.minimize("x^2 + 3*y^2", [1.0, 1.0], alpha=0.1).trace
    for cost in run.targets:
        most = run.best_f + cost.target * (1.0 + abs(run.best_f))
        assert cost.evaluations == 1 + next(row.k for row in rows if row.f <= most)
    assert run.order == pytest.approx(1.0)


def test_each_run_is_that_of_minimize() -> None:
    methods = ["steepest", "lbfgs", "newton"]
    race = gdcli.race("beale", methods)
    for method, run in zip(methods, race.runs, strict=True):
        alone = gdcli.minimize("beale", method=method)
        assert run.result._replace(trace=[], dropped=0) == alone._replace(trace=[], dropped=0)
    assert race.exit_status == max(run.result.exit_status for run in race.runs)
    assert repr(race).splitlines()[0].split()[0] == "method"
    assert "<table" in race._repr_html_()


def test_a_family_has_a_run_for_each_value_and_a_best_f_for_each_function() -> None:
    race = gdcli.race("(x - 1)^2 + a*y^2 + a", start=[2, 1], vary={"a": "1:2:0.5"})
    assert [run.varied for run in race.runs] == [{"a": 1.0}, {"a": 1.5}, {"a": 2.0}]
    assert {run.result.method for run in race.runs} == {"steepest"}
    assert [run.best_f for run in race.runs] == pytest.approx([1.0, 1.5, 2.0])
    assert all(run.targets[-1].evaluations for run in race.runs)


@pytest.mark.parametrize(
    ("given", "values"),
    [
        ("1,2,3", ["1", "2", "3"]),
        ("pi/3", ["pi/3"]),
        ("max(1,2),3", ["max(1,2)", "3"]),
        ("0:1:0.1", [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]),
        ("1:-1:-1", [1.0, 0.0, -1.0]),
        ("2:2:1", [2.0]),
        ("5,0:1:0.5", ["5", 0.0, 0.5, 1.0]),
        ("1e-3:2e-3:5e-4", [0.001, 0.0015, 0.002]),
        ([1, "pi"], [1, "pi"]),
    ],
)
def test_values_are_listed_or_a_range_with_both_ends(given: Any, values: list[Any]) -> None:
    assert varied_values("a", given) == values


def test_names_that_vary_are_combined() -> None:
    found = list(family_members({"a": [1, 2], "b": [3]}, 1))
    assert found == [{"a": 1, "b": 3}, {"a": 2, "b": 3}]
    assert list(family_members({}, 4)) == [{}]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"methods": ["sgd"]}, 'methods="sgd": write steepest'),
        ({"methods": ["foo"]}, 'methods takes "auto"'),
        ({"methods": [1]}, 'methods takes "auto"'),
        ({"methods": []}, "methods takes a list of names, not"),
        ({"methods": 5}, "methods takes a list of names, not 5"),
        ({"methods": ["newton", "newton"]}, "methods names newton twice"),
        ({"vary": "a=1,2"}, "vary takes a dict of names and their values"),
        ({"vary": ["a"]}, "vary takes a dict of names and their values"),
        ({"vary": {"a": ["nan"]}}, r'vary\["a"\]: `nan` is not a number'),
        ({"vary": {"a": "0:1"}}, "low:high:step"),
        ({"vary": {"a": "0:1:0"}}, "the step does not lead"),
        ({"vary": {"a": "0:1:-0.1"}}, "the step does not lead"),
        ({"vary": {"a": "0:1:0.3"}}, "the step does not lead"),
        ({"vary": {"a": "0:1:1e-9"}}, "more than 1,000, the most runs of a race"),
        ({"vary": {"a": "0:1:1e-320"}}, "more than 1,000, the most runs of a race"),
        ({"vary": {"a": []}}, "vary takes for a numbers"),
        ({"vary": {"a": 3}}, "vary takes for a numbers"),
        ({"vary": {"a": [*range(1001)]}}, "these are 1,001 runs"),
        ({"vary": {"q": [1]}}, r'vary\["q"\]: the expression has no such name'),
        ({"start": [1, 2, 3]}, "has 2 values"),
    ],
)
def test_a_request_that_means_nothing_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(GdcliError, match=message):
        gdcli.race("x^2 + a*y^2", **{"parameters": {"a": 1}, **arguments})


def test_a_function_does_not_vary() -> None:
    with pytest.raises(GdcliError, match="vary is for f as a text"):
        gdcli.race(gdcli.function("x^2"), vary={"a": [1]})


def test_a_method_that_cannot_run_is_refused_before_any_runs() -> None:
    with pytest.raises(GdcliError, match="at most 200 variables"):
        gdcli.race("sum(x[i]^2 for i in 1:n)", ["lbfgs", "newton"], sizes={"n": 300})


def test_every_method_steps_before_the_clock_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    timed: list[tuple[str, bool]] = []

    def descent(*given: Any, **settings: Any) -> Any:
        timed.append((settings["method"], "on_evaluations" in settings))
        return run_descent(*given, **settings)

    monkeypatch.setattr("gdcli.descent.race.run_descent", descent)
    gdcli.race("x^2 + a*y^2", ["newton", "lbfgs"], vary={"a": [1, 2]}, max_iterations=0)
    methods = ["newton", "lbfgs"]
    warm, runs = [(name, False) for name in methods], [(name, True) for name in methods]
    assert timed == [*warm, *runs, *runs]
