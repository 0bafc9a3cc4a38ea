"""The PictureRequest: what is asked of a picture, read and checked, as every builder takes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from gdcli.proofs.search import Watch
    from gdcli.scenes.scene import Path
    from gdcli.scenes.section import Section
    from gdcli.scenes.window import AxisBounds


class PictureRequest(NamedTuple):
    """The parts that a picture is asked for.

    `window` has the bounds asked for, by variable, `at` the free variables' values at a point,
    `secant` the h of a secant. `paths` are the descents to be drawn; `rule` says how the only one
    chose its steps, as `α = 0.03`, where that is known. `watch` is told several times a second how
    far a search over the window is.
    """

    section: Section
    window: Mapping[str, AxisBounds] = {}
    at: tuple[float, ...] | None = None
    secant: float | None = None
    paths: tuple[Path, ...] = ()
    rule: str = ""
    watch: Watch | None = None
