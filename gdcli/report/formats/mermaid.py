"""The format mermaid: a computational graph for Mermaid, which Markdown pages draw."""

from __future__ import annotations

from gdcli.report.formats import Writers
from gdcli.report.graph import INPUT_NODE, OUTPUT_NODE, STEP_NODE, Graph, edge_label, label_lines
from gdcli.report.transliteration import transliterated
from gdcli.report.view import Screen

SHAPES = {INPUT_NODE: ("([", "])"), STEP_NODE: ("[", "]"), OUTPUT_NODE: ("[[", "]]")}


def graph(drawn: Graph, screen: Screen) -> str:
    lines = ["flowchart LR"]
    for node in drawn.nodes:
        label = "<br/>".join(_entities(line) for line in label_lines(node))
        left, right = SHAPES[node.kind]
        lines.append(f'  v{node.number}{left}"{label}"{right}')
    for edge in drawn.edges:
        arrow = "-->" if edge.runs else "-.->"
        label = f'|"{text}"|' if (text := _entities(edge_label(edge))) else ""
        lines.append(f"  v{edge.source} {arrow}{label} v{edge.target}")
    text = "\n".join([*lines, ""])
    return transliterated(text) if screen.ascii else text


def _entities(text: str) -> str:
    return text.translate({38: "&amp;", 60: "&lt;", 62: "&gt;", 34: "#quot;"})


WRITERS = Writers(graph=graph)
