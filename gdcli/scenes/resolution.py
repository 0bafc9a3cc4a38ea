"""Resolution: what f does between the places of a grid, where there may be a pole or a narrow well.

Comes in: a Section, the places along each of its variables (as many arrays), and f on their grid.
The search begins at the place where f is farthest from its median and climbs in ever smaller steps:
up to a top, or without end.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from gdcli.errors import Sentence, Setting
from gdcli.named_tuples import NamedTuple
from gdcli.scenes.levels import drawable, finite_part, quantile
from gdcli.scenes.scene import Array
from gdcli.scenes.section import Section

MOST_HALVINGS = 40  # of the distance from place to place, on the way up
PROBE_OFFSETS = (-1.0, -0.5, 0.0, 0.5, 1.0)  # along each variable, in units of that distance
# Over the last halvings f grows by more than the first factor at a pole, and by less than the
# second at a top.
RECENT_HALVINGS = 10
POLE_GROWTH, TOP_GROWTH = 1.5, 1.001
FINEST_SPACING = 64.0  # units in the last place of the largest coordinate; no halving goes below
PROBE_COUNT = 512  # points between the places
PROBE_TOLERANCE = 0.1  # of the f shown: how far f at a probe may be from what the grid says
UNSTEADY_SHARE = 0.05  # of the probes may be farther
GOLDEN_RATIOS = ((0.618033988749895,), (0.754877666246693, 0.569840290998053))  # Roberts (2018)


class Summit(NamedTuple):
    """The way up to a top or a pole: `points` of shape (m, variables), and `f` at each.

    At a `pole` f grows without end.
    """

    points: Array
    f: Array
    pole: bool


def summit(section: Section, places: tuple[Array, ...], f: Array) -> Summit | None:
    """The way up from the place where f is farthest from its median.

    None where it is unclear whether it ends, or where f is infinite on the grid itself.
    """
    if np.isinf(f).any():
        return None
    middle = quantile(finite_part(f), 0.5)
    away = np.where(drawable(f), np.abs(f - middle), 0.0)
    top = np.unravel_index(int(np.argmax(away)), away.shape)[::-1]
    here = np.array([values[index] for values, index in zip(places, top, strict=True)])
    reach = np.array([values[1] - values[0] for values in places])
    finest = FINEST_SPACING * np.array([np.spacing(np.abs(values).max()) for values in places])
    mesh = np.stack(np.meshgrid(*[PROBE_OFFSETS] * len(places)), axis=-1).reshape(-1, len(places))
    points, heights = [here], [float(section.over([*here[:, None]])[0])]
    with np.errstate(all="ignore"):
        while len(points) <= MOST_HALVINGS and (reach > finest).all():
            around = here + reach * mesh
            found = section.over([*around.T])
            best = int(np.argmax(np.nan_to_num(np.abs(found - middle), nan=-1.0, posinf=np.inf)))
            here, reach = around[best], reach / 2
            points.append(here)
            heights.append(float(found[best]))
        beside = section.over([*(here + finest * mesh).T])
        climbed = np.abs(np.array([*heights]) - middle)
        growth = climbed[-1] / climbed[max(0, len(climbed) - 1 - RECENT_HALVINGS)]
        falls = climbed[-1] > POLE_GROWTH * np.fmin.reduce(np.abs(beside - middle))
    pole = bool(np.isinf(climbed[-1]) or growth > POLE_GROWTH or falls)
    if not (pole or growth < TOP_GROWTH):
        return None
    return Summit(np.array(points), np.array(heights), pole)


def resolution_notes(
    section: Section,
    places: tuple[Array, ...],
    f: Array,
    shown: tuple[float, float],
    way: Summit | None,
) -> list[str]:
    """Notes on what a picture of the grid does not show."""
    if is_unsteady(section, places, f, shown):
        faster = (
            "f changes faster than this picture can follow, which shows another shape;"
            " a smaller {} shows the true one"
        )
        return [Sentence(faster, Setting("window"))]
    if way is None or way.pole:
        return []
    top, room = float(way.f[-1]), PROBE_TOLERANCE * (shown[1] - shown[0])
    at = way.points[-1].tolist()
    inside = all(along[0] <= one <= along[-1] for one, along in zip(at, places, strict=True))
    if not inside or shown[0] - room <= top <= shown[1] + room:
        return []
    where = ", ".join(f"{name} = {one:.7g}" for name, one in zip(section.names, at, strict=True))
    return [f"f reaches {top:.5g} at {where}, too narrowly to be seen here"]


def is_unsteady(
    section: Section, places: tuple[Array, ...], f: Array, shown: tuple[float, float]
) -> bool:
    """Whether f between the places is often far from what the grid makes one expect."""
    count = np.arange(1.0, PROBE_COUNT + 1.0)
    points, cells, shares = [], [], []
    for values, part in zip(places, GOLDEN_RATIOS[len(places) - 1], strict=True):
        along = count * part % 1.0 * (values.size - 1)
        cell = np.minimum(along.astype(int), values.size - 2)
        share = along - cell
        points.append(values[cell] * (1 - share) + values[cell + 1] * share)
        cells.append(cell)
        shares.append(share)
    low, high = shown
    expected = np.zeros(PROBE_COUNT)
    for corner in product((0, 1), repeat=len(places)):
        at = tuple(cell + side for cell, side in zip(cells, corner, strict=True))
        weights = [share if side else 1 - share for share, side in zip(shares, corner, strict=True)]
        expected += np.prod(weights, axis=0) * f[at[::-1]].clip(low, high)
    found = section.over(points).clip(low, high)
    with np.errstate(invalid="ignore"):  # beside what is undefined nothing is expected
        far = np.abs(found - expected) > PROBE_TOLERANCE * (high - low)
    return bool(far.mean() > UNSTEADY_SHARE)
