"""A film of descents: gif, a frame for each iterate, by matplotlib and Pillow.

What does not move is drawn once; a frame is that picture with the rest drawn over it: the paths,
their moving points, f over k and the numbers of the row. All frames share one palette, and the film
stays on the last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from gdcli.report.pictures import descents, style
from gdcli.report.pictures.frames import frames
from gdcli.report.pictures.raster import palette_of, pixels_of, with_palette

if TYPE_CHECKING:
    from PIL.Image import Image

    from gdcli.report.pictures import Motion
    from gdcli.report.pictures.descents import DescentFigure
    from gdcli.report.pictures.raster import Pixels
    from gdcli.scenes.scene import DescentScene

FILM_DPI = 62.5  # a film of one descent has 600 × 400 pixels
SHORTEST_FRAME = 20  # milliseconds; browsers take less for a mistake and play more slowly
LAST_FRAME_TIME = 2_000  # milliseconds


def drawn(scene: DescentScene, ending: str, motion: Motion) -> bytes:
    with style.applied(FILM_DPI):
        descent_figure = descents.film(scene)
        rows = frames(scene.paths, motion.frames)
        first, *others = pictures(descent_figure, rows)
        buffer = BytesIO()
        first.save(
            buffer,
            format=ending,
            save_all=True,
            append_images=others,
            duration=durations(len(rows), motion.fps),
            loop=0,
            disposal=1,
            optimize=True,  # what did not change since the frame before is left out
        )
        return buffer.getvalue()


def durations(frames: int, fps: float) -> list[int]:
    """The milliseconds of each frame, in whole hundredths of a second, as a gif counts them."""
    each = max(SHORTEST_FRAME, 10 * round(100 / fps))
    return [each] * (frames - 1) + [max(each, LAST_FRAME_TIME)]


def pictures(descent_figure: DescentFigure, rows: Sequence[Sequence[int]]) -> Iterator[Image]:
    """The pictures of all frames, with one palette; `rows` has, for each, the row of every path."""
    canvas, still = settled(descent_figure)
    palette = None
    for frame in [rows[-1], *rows]:  # the last frame has all colours
        pixels = painted(canvas, still, descent_figure, frame)
        if palette is None:
            palette = palette_of(pixels)
            continue
        yield with_palette(pixels, palette)


def settled(descent_figure: DescentFigure) -> tuple[Any, Any]:
    """The canvas with all that does not move drawn on it, and a copy of that picture."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas: Any = FigureCanvasAgg(descent_figure.figure)
    for path_artists in descent_figure.path_artists:
        for path_artist in path_artists:
            for artist in path_artist.artists:
                artist.set_animated(True)
    canvas.draw()
    return canvas, canvas.copy_from_bbox(descent_figure.figure.bbox)


def painted(canvas: Any, still: Any, descent_figure: DescentFigure, rows: Sequence[int]) -> Pixels:
    """The pixels of a frame, shape (height, width, 3); `rows` has the row of every path."""
    canvas.restore_region(still)
    renderer = canvas.get_renderer()
    for path_artists, row in zip(descent_figure.path_artists, rows, strict=True):
        for path_artist in path_artists:
            path_artist.show(row)
            for artist in path_artist.artists:
                artist.draw(renderer)
    return pixels_of(canvas)
