"""Kernels of strips give sums in their order, to the bit, whatever the tile of the processor."""

from __future__ import annotations

from ctypes import c_bool, c_int64, c_void_p
from functools import cache
from typing import Any

import numpy as np
import pytest

from gdcli.execute.native.machine import Machine
from gdcli.execute.native.support import Vectors, support
from gdcli.execute.native.tiles import KERNELS, STRIP_ROWS, TILES, kernels

COUNT, PLACE = c_int64, c_void_p
TYPES: dict[str, tuple[Any, ...]] = {
    "forward": (
        *(PLACE, COUNT, COUNT, PLACE, COUNT, PLACE, COUNT),
        *[COUNT] * 3,
        c_bool,
        PLACE,
        *[COUNT] * 3,
    ),
    "outward": (PLACE, COUNT, PLACE, COUNT, PLACE, *[COUNT] * 4),
    "pack_strip": (PLACE, COUNT, COUNT, PLACE, *[COUNT] * 3),
    "unpack_strip": (PLACE, PLACE, *[COUNT] * 4, c_bool),
    "blank_strip": (PLACE, *[COUNT] * 4),
}


@cache
def machine(width: int) -> Machine:
    text = kernels("".join(f"@{name}(" for name in KERNELS), width)
    text = text.replace("define internal void", "define void")
    return Machine(text + support(text, set(), Vectors()))


def call(width: int, name: str, *given: Any) -> None:
    places = [one.ctypes.data if isinstance(one, np.ndarray) else one for one in given]
    machine(width).function(name, *TYPES[name])(*places)


def drawn(*shape: int) -> Any:
    return np.random.default_rng(sum(shape)).standard_normal(shape)


def total(lanes: Any) -> Any:
    """The sum of eight lanes in the order of `total`."""
    fours = lanes[..., :4] + lanes[..., 4:]
    twos = fours[..., :2] + fours[..., 2:]
    return twos[..., 0] + twos[..., 1]


SHAPES = [(1, 1, 4), (2, 9, 16), (3, 3, 8), (5, 10, 4), (7, 2, 16), (4, 20, 12)]


@pytest.mark.parametrize("width", sorted(set(TILES) - {1}))
@pytest.mark.parametrize("shape", SHAPES)
def test_a_sum_over_columns_has_their_order(width: int, shape: tuple[int, int, int]) -> None:
    entries, terms, groups = shape
    w, x = drawn(entries, terms), drawn(terms, STRIP_ROWS)
    for more in (True, False):
        out = np.full((entries, STRIP_ROWS), 0.5)
        sizes = (entries, terms, groups, more, x, 1, 8, STRIP_ROWS)
        call(width, "forward", w, terms, 1, x, STRIP_ROWS, out, STRIP_ROWS, *sizes)
        wanted = np.full(out.shape, 0.5 if more else 0.0)
        for j in range(terms):
            wanted += w[:, j, None] * x[j]
        wanted[:, 8 * groups :] = 0.5  # rows that the strip does not have
        assert np.array_equal(out, wanted)


@pytest.mark.parametrize("width", sorted(set(TILES) - {1}))
@pytest.mark.parametrize("shape", SHAPES)
def test_a_sum_over_rows_goes_by_eight_lanes(width: int, shape: tuple[int, int, int]) -> None:
    rows, columns, groups = shape
    a, x, g = drawn(rows, STRIP_ROWS), drawn(columns, STRIP_ROWS), drawn(rows, columns + 3)
    lanes = np.zeros((rows, columns, 8))
    for group in range(groups):
        some = slice(8 * group, 8 * group + 8)
        lanes += a[:, None, some] * x[None, :, some]
    wanted = g.copy()
    wanted[:, :columns] += total(lanes)
    sizes = (columns + 3, rows, columns, groups)
    call(width, "outward", a, STRIP_ROWS, x, STRIP_ROWS, g, *sizes)
    assert np.array_equal(g, wanted)


@pytest.mark.parametrize("rows", [1, 7, 8, 33, 128])
@pytest.mark.parametrize("columns", [1, 3, 4, 9])
def test_rows_are_packed_and_the_last_one_is_repeated(rows: int, columns: int) -> None:
    groups = 4 * -(-rows // 32)
    inside = drawn(rows, columns)
    for transposed in (False, True):
        around = np.full(inside.size + 20, np.nan)
        around[10:-10] = (inside.T if transposed else inside).ravel()
        apart, unit = (1, rows) if transposed else (columns, 1)
        strip = np.full((columns, STRIP_ROWS), -1.0)
        call(8, "pack_strip", around[10:], apart, unit, strip, columns, rows, groups)
        assert np.array_equal(strip[:, :rows], inside.T)
        assert (strip[:, rows : 8 * groups] == inside[-1][:, None]).all()
        assert (strip[:, 8 * groups :] == -1.0).all()
        for adds in (True, False):
            target = around.copy()
            call(8, "unpack_strip", strip, target[10:], apart, unit, columns, rows, adds)
            assert np.array_equal(target, around + around * adds, equal_nan=True)
        call(8, "blank_strip", strip, STRIP_ROWS, columns, rows, groups)
        assert np.array_equal(strip[:, :rows], inside.T)
        assert not strip[:, rows : 8 * groups].any()
