"""The computational graph of a function, ready to be drawn.

A node is a value that depends on an input, an edge leads from an operand to what is made of it and
carries the partial derivative. With a point, nodes hold their values and adjoints and edges the
numbers: a node's adjoint is the sum over its edges of partial times the adjoint they lead to. What
stands on a side of an `ifelse` that is not taken has no numbers.

Source: Bauer, Computational graphs and rounding error, SIAM J. Numer. Anal. 11 (1974) 87.
"""

from __future__ import annotations

from gdcli.named_tuples import NamedTuple
from gdcli.report.number_format import cell

GRAPH_DIGITS = 5  # significant digits of the numbers in a drawing
INPUT_NODE, STEP_NODE, OUTPUT_NODE = "input", "step", "output"


class GraphNode(NamedTuple):
    """A node, as `v2 = x + y`; without a point, and on a side not taken, `value` is None."""

    number: int
    kind: str
    label: str
    derivative: str  # ∂f/∂x
    value: float | None
    adjoint: float | None


class Edge(NamedTuple):
    """An edge from an operand to a result; `partial` is the rule's formula, `value` its number."""

    source: int
    target: int
    partial: str
    value: float | None
    runs: bool  # False on a side that the point does not take


class Graph(NamedTuple):
    """Nodes in the order in which they are computed, and edges; `at` says if there is a point."""

    nodes: list[GraphNode]
    edges: list[Edge]
    at: bool


def label_lines(node: GraphNode) -> list[str]:
    lines = [node.label]
    if node.value is not None:
        lines.append(f"value {cell(node.value, GRAPH_DIGITS)}")
    if node.adjoint is not None:
        lines.append(f"{node.derivative} = {cell(node.adjoint, GRAPH_DIGITS)}")
    return lines


def edge_label(edge: Edge) -> str:
    """The text at an edge: its number, or without a point its formula; "" where it does not run."""
    if not edge.runs:
        return ""
    return edge.partial if edge.value is None else cell(edge.value, GRAPH_DIGITS)
