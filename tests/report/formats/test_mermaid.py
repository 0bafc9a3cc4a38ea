from __future__ import annotations

from gdcli.report.formats.mermaid import mermaid
from tests.report.test_graph import DRAWN


def test_mermaid_escapes_and_dashes() -> None:
    text = mermaid(DRAWN)
    assert "x if x &lt; #quot;\\#quot; else 1" in text
    assert "  v0 -.-> v1" in text.splitlines()
    assert '  v0 -->|"0.66667"| v1' in text.splitlines()
