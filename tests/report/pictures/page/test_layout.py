from __future__ import annotations

from gdcli.report.pictures import style
from gdcli.report.pictures.page.layout import axis, layout, path_color


def test_an_axis_has_an_escaped_name_and_what_is_asked_for() -> None:
    found = axis("a<b>", (0.0, 1.0), type="log")
    assert found["title"] == {"text": "a&lt;b&gt;"}
    assert found["range"] == [0.0, 1.0]
    assert found["type"] == "log"
    assert "range" not in axis("x")


def test_parts_of_a_layout_replace_what_is_usual() -> None:
    assert layout(margin={"l": 1})["margin"] == {"l": 1}
    assert layout()["uirevision"]  # or turning would be undone by every frame


def test_a_path_has_the_colour_that_it_has_in_a_still() -> None:
    count = len(style.LINES)
    assert [path_color(k) for k in range(count)] == [
        style.line_style(k)["color"] for k in range(count)
    ]
    assert path_color(count) == path_color(0)
