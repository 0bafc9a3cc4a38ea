"""Pictures of at most 256 colours: files a third as large that look the same.

Comes in: pixels, shape (height, width, 3). The palette holds the colours of lines and marks
exactly, so that a path has its colour on any ground, and of the others those most pixels have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gdcli.report.pictures import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray
    from PIL.Image import Image

    Pixels = NDArray[np.uint8]

PALETTE_COLORS = 255  # one is left for what does not change between the frames of a film
EXACT_COLORS = (*style.LINE_COLORS, style.INK, style.QUIET_INK, style.PAPER)
NEAR_DISTANCE = 6  # of 255: a colour as near to an exact one counts as that one
BLEND_SHARES = (0.25, 0.5, 0.75)  # of a line's colour where it is faint, or at its edges


def palette_of(pixels: Pixels) -> Image:
    from PIL import Image

    exact = kept_colors()
    room = PALETTE_COLORS - len(exact)
    counted = Image.fromarray(pixels).quantize(room, Image.Quantize.MEDIANCUT)
    others = np.array(counted.getpalette(), np.uint8).reshape(-1, 3)[:room]
    distance = np.abs(others[:, None].astype(int) - exact[None].astype(int)).max(axis=2)
    found = Image.new("P", (1, 1))
    found.putpalette(
        [*exact.reshape(-1), *others[distance.min(axis=1) > NEAR_DISTANCE].reshape(-1)]
    )
    return found


def kept_colors() -> Pixels:
    """The colours of lines and marks, and of paths blended with each height, shape (colours, 3)."""
    from matplotlib.colors import to_rgb

    exact = np.array([*map(to_rgb, EXACT_COLORS)])
    under = np.array([*map(to_rgb, (style.PAPER, *style.HEIGHT_COLORS))])
    blends = [
        share * np.array(to_rgb(style.ACCENT)) + (1 - share) * under for share in BLEND_SHARES
    ]
    found: Pixels = (255 * np.concatenate([exact, *blends])).round().astype(np.uint8)
    return found


def with_palette(pixels: Pixels, palette: Image) -> Image:
    """The picture in the nearest colours of a palette; white paper stays white."""
    from PIL import Image

    quantized = Image.fromarray(pixels).quantize(palette=palette, dither=Image.Dither.NONE)
    nearest = np.asarray(quantized)
    paper = (pixels[..., 0] & pixels[..., 1] & pixels[..., 2]) == 255
    places = np.where(paper, np.uint8(EXACT_COLORS.index(style.PAPER)), nearest)
    found = Image.fromarray(places)
    found.putpalette(palette.getpalette() or [])
    return found


def painted(figure: Figure) -> Pixels:
    """The pixels of a figure, shape (height, width, 3)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    return pixels_of(canvas)


def pixels_of(canvas: Any) -> Pixels:
    """A copy of the pixels of a canvas of matplotlib's, shape (height, width, 3)."""
    found: Pixels = np.asarray(canvas.buffer_rgba())[..., :3].copy()
    return found
