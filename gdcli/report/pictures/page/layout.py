"""What all figures of a page share: fonts, margins, colours of paths and axes."""

from __future__ import annotations

from html import escape
from typing import Any

from gdcli.report.pictures import style

AXIS = {
    "gridcolor": "#dddddd",
    "zerolinecolor": "#bbbbbb",
    "linecolor": style.QUIET,
    "automargin": True,
}


def layout(**parts: Any) -> dict[str, Any]:
    """plotly's layout with these parts in it."""
    return {
        "font": {"size": 14, "color": style.INK},
        "margin": {"l": 60, "r": 20, "t": 64, "b": 50},
        "paper_bgcolor": style.PAPER,
        "plot_bgcolor": style.PAPER,
        "hovermode": "closest",
        "hoverlabel": {"align": "left", "font": {"size": 14}},
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
        "uirevision": "kept",  # what was turned and zoomed stays so while a descent is played
        **parts,
    }


def axis(name: str, shown: tuple[float, float] | None = None, **more: Any) -> dict[str, Any]:
    """An axis of a plane with its name and, where it is given, the stretch shown."""
    stretch = {"range": list(shown)} if shown is not None else {}
    return AXIS | {"title": {"text": escape(name)}} | stretch | more


def path_color(number: int) -> str:
    """The colour of a path, in all pictures the same."""
    return style.LINES[number % len(style.LINES)]
