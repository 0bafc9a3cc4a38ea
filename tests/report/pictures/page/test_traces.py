from __future__ import annotations

from gdcli.report.pictures import style
from gdcli.report.pictures.page.traces import minima, path_color
from tests import example_scenes as scenes


def test_minima_are_one_trace_with_a_name_that_counts_them() -> None:
    assert minima([]) == []
    assert [trace["name"] for trace in minima(scenes.MINIMA)] == ["known minimum"]
    assert [trace["name"] for trace in minima(scenes.MINIMA * 2)] == ["known minima"]


def test_a_path_has_the_colour_that_it_has_in_a_still() -> None:
    count = len(style.LINE_COLORS)
    assert [path_color(k) for k in range(count)] == [
        style.line_style(k)["color"] for k in range(count)
    ]
    assert path_color(count) == path_color(0)
