"""Graphs and their drawings."""

from __future__ import annotations

import pytest

from gdcli.report.dot import dot
from gdcli.report.graph import INPUT, OUTPUT, Edge, Graph, Node, edge_label, label_lines
from gdcli.report.mermaid import mermaid
from gdcli.report.stages_graph import graph
from gdcli.scalar_function import Function

NODES = [
    Node(0, INPUT, "x", "∂f/∂x", 1 / 3, 2 / 3),
    Node(1, OUTPUT, 'f = v1 = x if x < "\\" else 1', "∂f/∂v1", None, None),
]
EDGES = [Edge(0, 1, "2*x", 2 / 3, True), Edge(0, 1, "2*x", None, False)]
DRAWN = Graph(NODES, EDGES, True)


def test_labels_have_five_digits() -> None:
    assert label_lines(NODES[0]) == ["x", "value 0.33333", "∂f/∂x = 0.66667"]
    assert edge_label(EDGES[0]) == "0.66667"
    assert edge_label(EDGES[0]._replace(value=None)) == "2*x"
    assert edge_label(EDGES[1]) == ""


def test_dot_escapes_and_dashes() -> None:
    text = dot(DRAWN)
    assert r"x if x < \"\\\" else 1" in text
    assert 'v0 -> v1 [label="  ", style=dashed];' in text
    assert "{ rank=source; v0; }" in text
    assert "{ rank=sink; v1; }" in text


def test_mermaid_escapes_and_dashes() -> None:
    text = mermaid(DRAWN)
    assert "x if x &lt; #quot;\\#quot; else 1" in text
    assert "  v0 -.-> v1" in text.splitlines()
    assert '  v0 -->|"0.66667"| v1' in text.splitlines()


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
