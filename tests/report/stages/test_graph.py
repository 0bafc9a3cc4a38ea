from __future__ import annotations

import pytest

from gdcli.functions.function import Function
from gdcli.report.stages.graph import graph, graph_stage


def test_an_operand_that_occurs_twice_has_two_edges() -> None:
    edges = graph(Function("x*x"), [3.0]).edges
    assert [edge.value for edge in edges] == [3.0, 3.0]


def test_constants_are_no_nodes() -> None:
    drawn = graph(Function("2*x + 3"), None)
    assert [node.label for node in drawn.nodes] == ["x", "v2 = 2*x", "f = v4 = v2 + 3"]


@pytest.mark.parametrize(("x", "taken"), [(2.0, [True, False]), (-2.0, [False, True])])
def test_only_the_side_taken_is_drawn_solid(x: float, taken: list[bool]) -> None:
    drawn = graph(Function("ifelse(x > 0, exp(x), sin(x))"), [x])
    into = [edge.runs for edge in drawn.edges if edge.target == drawn.nodes[-1].number]
    assert into == taken


def test_the_shares_of_a_source_add_up_to_its_adjoint() -> None:
    rows = graph_stage(Function("x*(x+y)"), [2.0, 3.0]).rows
    assert sum(float(row[-1] or 0) for row in rows if row[0] == "x") == 2 * 2 + 3  # d/dx x^2 + xy
