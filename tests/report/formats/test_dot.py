from __future__ import annotations

from gdcli.report.formats.dot import graph
from gdcli.report.view import Screen
from tests.report.test_graph import DRAWN


def test_dot_escapes_and_dashes() -> None:
    text = graph(DRAWN, Screen())
    assert r"x if x < \"\\\" else 1" in text
    assert 'v0 -> v1 [label="  ", style=dashed];' in text
    assert "{ rank=source; v0; }" in text
    assert "{ rank=sink; v1; }" in text
