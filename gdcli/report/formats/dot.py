"""The format dot: a computational graph for Graphviz, as `dot -Tsvg` draws it."""

from __future__ import annotations

from gdcli.report.formats import Writers
from gdcli.report.graph import (
    INPUT_NODE,
    OUTPUT_NODE,
    STEP_NODE,
    Graph,
    GraphNode,
    edge_label,
    label_lines,
)
from gdcli.report.transliteration import transliterated
from gdcli.report.view import Screen

NODE_STYLES = {
    INPUT_NODE: ', fillcolor="#d9ecff"',
    STEP_NODE: "",
    OUTPUT_NODE: ', fillcolor="#ffe3c2", penwidth=2',
}


def graph(drawn: Graph, screen: Screen) -> str:
    lines = [
        "digraph f {",
        "  rankdir=LR; ranksep=0.7; nodesep=0.35;",
        '  node [shape=box, style="rounded,filled", fillcolor=white, fontname="Helvetica"];',
        '  edge [fontname="Helvetica", fontsize=12, color="#555555", fontcolor="#9c2f00"];',
    ]
    for node in drawn.nodes:
        label = "\\n".join(_escaped(line) for line in label_lines(node))
        lines.append(
            f'  v{node.number} [label="{label}"{NODE_STYLES[node.kind]}{_dim(drawn, node)}];'
        )
    for edge in drawn.edges:
        dashed = "" if edge.runs else ", style=dashed"
        label = _escaped(edge_label(edge))
        lines.append(f'  v{edge.source} -> v{edge.target} [label=" {label} "{dashed}];')
    ends = (("source", INPUT_NODE), ("sink", OUTPUT_NODE))
    for rank, kind in ends:
        names = "".join(f" v{node.number};" for node in drawn.nodes if node.kind == kind)
        if names:
            lines.append(f"  {{ rank={rank};{names} }}")
    text = "\n".join([*lines, "}", ""])
    return transliterated(text) if screen.ascii else text


def _dim(drawn: Graph, node: GraphNode) -> str:
    return ', style="rounded,dashed"' if drawn.at and node.value is None else ""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


WRITERS = Writers(graph=graph)
