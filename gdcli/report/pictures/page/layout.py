"""What all figures of a page share: fonts, margins, colours of paths and axes."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from math import ceil, inf, log10
from typing import Any

from gdcli.report.pictures import style
from gdcli.report.pictures.text_wrapping import name

POWERS = 5  # of ten on an axis, about
STANDOFF = 12  # between an axis's numbers and its name
AXIS = {
    "gridcolor": "#dddddd",
    "zerolinecolor": "#bbbbbb",
    "linecolor": style.QUIET_INK,
    "automargin": True,
}


LEGEND = {  # below all else: plotly's own buttons stand above
    "orientation": "h",
    "x": 0,
    "y": 0,
    "yref": "container",
    "yanchor": "bottom",
    "itemsizing": "constant",
}


def layout(**parts: Any) -> dict[str, Any]:
    """plotly's layout with these parts in it."""
    return {
        "font": {"size": 14, "color": style.INK},
        "margin": {"l": 60, "r": 20, "t": 40, "b": 50},
        "paper_bgcolor": style.PAPER,
        "plot_bgcolor": style.PAPER,
        "hovermode": "closest",
        "hoverlabel": {"align": "left", "font": {"size": 14}},
        "legend": LEGEND,
        "uirevision": "kept",  # what was turned and zoomed stays so while a descent is played
        **parts,
    }


def axis(text: str, shown: tuple[float, float] | None = None, **more: Any) -> dict[str, Any]:
    """An axis of a plane with its name and, where it is given, the stretch shown."""
    stretch = {"range": list(shown)} if shown is not None else {}
    title = {"text": escape(name(text)), "standoff": STANDOFF}
    return AXIS | {"title": title} | stretch | more


def powers(values: Iterable[float]) -> dict[str, Any]:
    """What makes an axis of such values logarithmic, with powers of ten alone where it has some."""
    shown = [log10(value) for value in values if 0 < value < inf]
    decades = max(shown) - min(shown) if shown else 0.0
    every = {"dtick": ceil(decades / POWERS)} if decades >= 1 else {}
    return {"type": "log", "exponentformat": "power"} | every


def path_color(number: int) -> str:
    """The colour of a path, in all pictures the same."""
    return style.LINE_COLORS[number % len(style.LINE_COLORS)]
