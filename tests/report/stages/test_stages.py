"""Stages before a format writes them."""

from __future__ import annotations

import pytest

from gdcli.functions.function import Function
from gdcli.functions.problem import Problem
from gdcli.library import lookup
from gdcli.report.stages.code import source_stage
from gdcli.report.stages.expression import expression_stage
from gdcli.report.stages.gradient import gradient_stage
from gdcli.report.stages.graph import graph_stage
from gdcli.report.stages.tape import tape_stage
from tests.problem_list import PROBLEMS


def test_a_tree_of_parts_and_body() -> None:
    rows = expression_stage(Function("r = x^2; r + 1")).rows
    assert [row[0] for row in rows] == ["r =", "^", "├── x", "└── 2", "f =", "+", "├── r", "└── 1"]


SCALAR = [one for one in PROBLEMS if not one.sizes and " for " not in one.expression]


@pytest.mark.parametrize("problem", SCALAR, ids=lambda problem: problem.name)
def test_every_stage_of_every_problem(problem: Problem) -> None:
    function = lookup.function(problem.name)
    start = [0.3 + 0.1 * i for i in range(len(function.variables))]
    _, gradient = function.evaluate_gradient(start)
    source_stage(function)
    expression_stage(function)
    tape_stage(function, start)
    for mode in ("reverse", "tangent"):
        derivatives = gradient_stage(function, start, mode).content["derivatives"]
        if mode == "reverse":
            found = [one["value"] for one in derivatives[: len(gradient)]]
        else:
            output = function.engine.rewritten.tape.body.outputs[0]
            [last] = [one["value"] for one in derivatives if one["of"] == output]
            found = [last[name] for name in function.variables]
        assert found == pytest.approx(gradient, rel=1e-11, abs=1e-11)
    nodes = graph_stage(function, start).content["nodes"]
    assert [one["adjoint"] for one in nodes if one["kind"] == "input"] == gradient
