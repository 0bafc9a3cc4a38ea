from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.colors import to_rgb

from gdcli.report.pictures import style
from gdcli.report.pictures.raster import PALETTE_COLORS, palette_of, with_palette


def test_a_path_keeps_its_color_on_any_ground() -> None:
    random = np.random.default_rng(1)
    pixels = random.integers(0, 256, (200, 300, 3)).astype(np.uint8)  # far too many colours
    accent = [round(255 * part) for part in to_rgb(style.ACCENT)]
    pixels[10, :3] = accent
    pixels[100:, :] = 255
    picture = with_palette(pixels, palette_of(pixels))
    found = np.asarray(picture.convert("RGB"))
    assert np.abs(found[10, :3].astype(int) - accent).max() <= 6
    assert (found[100:] == 255).all()
    assert len(np.unique(np.asarray(picture))) <= PALETTE_COLORS


def test_few_colors_stay_as_they_are() -> None:
    pixels = np.zeros((20, 20, 3), np.uint8)
    pixels[:, 10:] = [11, 47, 94]
    pixels[:, 15:] = [242, 239, 189]
    found = np.asarray(with_palette(pixels, palette_of(pixels)).convert("RGB"))
    assert np.abs(found.astype(int) - pixels).max() <= 6
