from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdcli.derivatives.gradient import Gradient
from gdcli.descent.iterate import Iterate
from gdcli.descent.minimize import run_descent
from gdcli.functions.function import Function
from gdcli.report.formats.json import grad, iterate_object, line, plainly
from gdcli.report.formats.json import minimize as written
from gdcli.report.formats.jsonl import Iterates
from gdcli.report.view import GradView, MinimizeView


def answer(text: str, keep: int = 0, **view: Any) -> Any:
    function = Function(text)
    result = run_descent(function, keep=keep)
    return loaded("".join(written(result, MinimizeView(text, function.variables, **view))))


def loaded(text: str) -> Any:
    assert text.endswith("}\n")
    return json.loads(text, parse_constant=pytest.fail)


def test_no_number_that_is_not_finite() -> None:
    found = answer("exp(1000*x)")
    assert (found["status"], found["f"], found["last"]) == ("undefined", None, None)
    assert found["gradient"] == {"x": None}
    assert line({"x": [math.nan, (math.inf, 1.5)]}) == '{"x": [null, [null, 1.5]]}\n'


@pytest.mark.parametrize("start", ["1e145", "1e154", "-3", "0"])
@pytest.mark.parametrize("text", ["1e300*x^2", "x^2", "acos(exp(x))", "exp(x)", "1/x", "-x^4"])
def test_runs_at_the_end_of_the_numbers(text: str, start: str) -> None:
    result = run_descent(Function(text), [float(start)])
    assert loaded("".join(written(result, MinimizeView(text, ("x",), trace=True))))


numbers = st.floats() | st.sampled_from([math.inf, -math.inf, math.nan])
rows = st.builds(Iterate, st.integers(), st.lists(numbers, min_size=2, max_size=2), numbers,
                 numbers, numbers)  # fmt: skip


@given(st.data())
def test_any_number_may_be_not_finite(data: st.DataObject) -> None:
    function = Function("x^2 + y^2")
    result = run_descent(function, keep=5)
    fields: dict[str, Any] = {}
    for name, value in result._asdict().items():
        if isinstance(value, float):
            fields[name] = data.draw(numbers)
        elif isinstance(value, list) and value and isinstance(value[0], float):
            fields[name] = data.draw(st.lists(numbers, min_size=2, max_size=2))
    fields |= {"alpha": data.draw(numbers), "safe_alpha": data.draw(numbers)}
    fields |= {"last": data.draw(rows), "trace": data.draw(st.lists(rows))}
    fields["tests"] = tuple(
        test._replace(value=data.draw(numbers), limit=data.draw(numbers)) for test in result.tests
    )
    changed = result._replace(**fields)
    assert {"x", "f", "condition_number", "alpha_limit", "seconds"} <= fields.keys()
    found = loaded("".join(written(changed, MinimizeView("", function.variables, trace=True))))
    for name in ("f", "alpha", "alpha_limit", "condition_number", "seconds"):
        assert found[name] == (fields[name] if math.isfinite(fields[name]) else None)
    limits = [test.limit for test in fields["tests"]]
    shown = [limit if math.isfinite(limit) else None for limit in limits]
    assert [test["limit"] for test in found["tests"]] == shown


@given(st.lists(numbers, min_size=11, max_size=11))
def test_any_number_of_a_gradient_may_be_not_finite(drawn: list[float]) -> None:
    at, gradient, direction, along = drawn[:2], drawn[2:4], drawn[4:6], drawn[6:8]
    rows = [gradient, direction]
    answer = Gradient(
        ("x", "y"),
        at,
        drawn[8],
        gradient,
        drawn[9],
        direction,
        hessian=[[*row] for row in rows],
        along=along,
        slope=drawn[10],
        derivative=drawn[8],
    )
    found = loaded("".join(grad(answer, GradView("", ("x", "y"), along=True, hessian=True))))
    assert found["slope"] == (drawn[10] if math.isfinite(drawn[10]) else None)


def test_a_long_trace_says_how_much_it_lacks() -> None:
    found = answer("x^2 + 100*y^2", keep=4, trace=True)
    assert len(found["trace"]) == 4
    assert found["trace_dropped"] == found["iterations"] + 1 - 4
    assert "trace_dropped" not in answer("x^2", keep=1000, trace=True)
    assert "trace" not in answer("x^2", keep=1000)


def test_the_lines_of_jsonl_are_the_rows_of_the_trace() -> None:
    result = run_descent(Function("x^2 + 3*y^2"))
    writer = Iterates(MinimizeView("", ("x", "y")))
    rows = [json.loads(writer.row(row)) for row in result.trace]
    assert rows == [iterate_object(("x", "y"), row) for row in result.trace]


def test_named_tuples_become_objects() -> None:
    view = MinimizeView("x", ("x",))
    assert plainly((view, math.inf))[0]["screen"]["ascii"] is False
    assert plainly((view, math.inf))[1] is None
