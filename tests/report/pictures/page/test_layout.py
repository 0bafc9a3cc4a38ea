from __future__ import annotations

from gdcli.report.pictures.page.layout import PATHS, axis, layout, path_color


def test_an_axis_has_an_escaped_name_and_what_is_asked_for() -> None:
    found = axis("a<b>", (0.0, 1.0), type="log")
    assert found["title"] == {"text": "a&lt;b&gt;"}
    assert found["range"] == [0.0, 1.0]
    assert found["type"] == "log"
    assert "range" not in axis("x")


def test_parts_of_a_layout_replace_what_is_usual() -> None:
    assert layout(margin={"l": 1})["margin"] == {"l": 1}
    assert layout()["uirevision"]  # or turning would be undone by every frame


def test_colours_of_paths_begin_again() -> None:
    assert len(set(PATHS)) == len(PATHS)
    assert path_color(len(PATHS)) == path_color(0)
