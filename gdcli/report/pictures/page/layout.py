"""The layout that all figures of a page share: fonts, margins, the legend, axes."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from math import ceil, inf, log10
from typing import Any

from gdcli.report.pictures import style
from gdcli.report.pictures.text_wrapping import name

MOST_POWERS = 5  # of ten with a number on an axis, about
NAME_DISTANCE = 12  # between an axis's numbers and its name, in pixels
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
    """plotly's layout, with `parts` added or replaced."""
    return {
        "font": {"size": 14, "color": style.INK},
        "margin": {"l": 60, "r": 20, "t": 40, "b": 50},
        "paper_bgcolor": style.PAPER,
        "plot_bgcolor": style.PAPER,
        "hovermode": "closest",
        "hoverlabel": {"align": "left", "font": {"size": 14}},
        "legend": LEGEND,
        "uirevision": "kept",  # turning and zooming last while a descent is played
        **parts,
    }


def axis(text: str, shown: tuple[float, float] | None = None, **more: Any) -> dict[str, Any]:
    """An axis of a plane with its name and, where `shown` is given, the interval shown."""
    interval = {"range": list(shown)} if shown is not None else {}
    title = {"text": escape(name(text)), "standoff": NAME_DISTANCE}
    return AXIS | {"title": title} | interval | more


def powers(values: Iterable[float]) -> dict[str, Any]:
    """Settings of a logarithmic axis for such values; it has numbers at powers of ten alone."""
    shown = [log10(value) for value in values if 0 < value < inf]
    decades = max(shown) - min(shown) if shown else 0.0
    every = {"dtick": ceil(decades / MOST_POWERS)} if decades >= 1 else {}
    return {"type": "log", "exponentformat": "power"} | every
