from __future__ import annotations

from gdcli.report.formats.mermaid import graph
from gdcli.report.view import Screen
from tests.report.test_graph import DRAWN


def test_mermaid_escapes_and_dashes() -> None:
    text = graph(DRAWN, Screen())
    assert "x if x &lt; #quot;\\#quot; else 1" in text
    assert "  v0 -.-> v1" in text.splitlines()
    assert '  v0 -->|"0.66667"| v1' in text.splitlines()
