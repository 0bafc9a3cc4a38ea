"""Graphs and their drawings."""

from __future__ import annotations

from gdcli.report.graph import (
    INPUT_NODE,
    OUTPUT_NODE,
    Edge,
    Graph,
    GraphNode,
    edge_label,
    label_lines,
)

NODES = [
    GraphNode(0, INPUT_NODE, "x", "∂f/∂x", 1 / 3, 2 / 3),
    GraphNode(1, OUTPUT_NODE, 'f = v1 = x if x < "\\" else 1', "∂f/∂v1", None, None),
]
EDGES = [Edge(0, 1, "2*x", 2 / 3, True), Edge(0, 1, "2*x", None, False)]
DRAWN = Graph(NODES, EDGES, True)


def test_labels_have_five_digits() -> None:
    assert label_lines(NODES[0]) == ["x", "value 0.33333", "∂f/∂x = 0.66667"]
    assert edge_label(EDGES[0]) == "0.66667"
    assert edge_label(EDGES[0]._replace(value=None)) == "2*x"
    assert edge_label(EDGES[1]) == ""
