"""Passes over long vectors: the bits of NumPy, whatever the number of threads; interrupts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import gdcli
from gdcli.descent import long_vectors
from gdcli.descent.iterate import Iterate
from gdcli.execute.native import blockwise
from gdcli.execute.native.blockwise import BLOCK
from gdcli.execute.thread_count import THREADS_VARIABLE

LENGTHS = (1, 7, 8, 201, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 13)
SPECIAL = (math.inf, -math.inf, math.nan, -0.0, 5e-324, 1e308)


def vectors(n: int, count: int = 4, special: bool = False) -> list[Any]:
    """Arrays of n numbers of very different sizes; where asked for, one in ten is no usual one."""
    source = np.random.default_rng(n)
    found = [source.standard_normal(n) * 10.0 ** source.integers(-9, 9, n) for _ in range(count)]
    if special:
        for one in found:
            places = source.integers(0, n, n // 10 + 1)
            one[places] = source.choice(SPECIAL, len(places))
    return found


def by_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_vectors, "_blockwise", lambda: None)


def answers(x0: Any, x1: Any, g0: Any, g1: Any) -> tuple[bytes, ...]:
    """The bits of everything that is computed of long vectors."""
    with np.errstate(all="ignore"):
        numbers = [long_vectors.dot(x0, g0), long_vectors.largest(x1)]
        numbers += long_vectors.change(x0, x1, g0, g1)
        rows = np.stack([x1, g0, g1])
        numbers += long_vectors.products(rows, x0)
        made = [long_vectors.step(x0, -0.3, g0), long_vectors.reach(abs(x0), x1)]
        made.append(long_vectors.combined(-0.7, x0, (1.5, -1e-3, 3.0), rows))
    plain = np.array([math.nan if number != number else number for number in numbers])
    bits = [np.where(np.isnan(one), math.nan, one) for one in made]
    return plain.tobytes(), *(one.tobytes() for one in bits)


@pytest.mark.parametrize("special", [False, True])
@pytest.mark.parametrize("n", LENGTHS)
def test_machine_code_has_the_bits_of_numpy(
    n: int, special: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = vectors(n, special=special)
    monkeypatch.setattr(long_vectors, "MOST_NUMPY", 0)
    machine = answers(*given)
    by_numpy(monkeypatch)
    assert machine == answers(*given)


def test_the_same_bits_whatever_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blockwise, "THREADED_BLOCKS", 2)
    given = vectors(7 * BLOCK + 5)
    found = set()
    for count in ("1", "2", "3", "5"):
        monkeypatch.setenv(THREADS_VARIABLE, count)
        found.add(answers(*given))
    assert len(found) == 1


def test_an_inner_product_keeps_its_digits() -> None:
    a, b = vectors(5 * BLOCK + 3, 2)
    right = math.fsum(a * b)
    assert long_vectors.dot(a, b) == pytest.approx(right, abs=1e-15 * math.fsum(abs(a * b)))


@pytest.mark.parametrize("size", [1e-170, 1e-20, 1.0, 1e170])
@pytest.mark.parametrize("steepness", [1e-170, 1e-20, 1.0, 1e160])
def test_a_change_is_found_where_its_squares_overflow_or_vanish(
    size: float, steepness: float
) -> None:
    x1, g1 = vectors(300, 2)
    with np.errstate(all="ignore"):
        found = long_vectors.change(0.0 * x1, size * x1, 0.0 * g1, steepness * g1)
    s, y = x1 / abs(x1).max(), g1 / abs(g1).max()
    assert found.moved == found.size == pytest.approx(size * abs(x1).max(), rel=1e-15)
    assert found.turned == found.slope == pytest.approx(steepness * abs(g1).max(), rel=1e-15)
    assert found.ss == pytest.approx(math.fsum(s * s), rel=1e-14)
    assert found.yy == pytest.approx(math.fsum(y * y), rel=1e-14)
    assert found.sy == pytest.approx(math.fsum(s * y), rel=1e-12)


def test_a_vector_of_another_length_is_refused() -> None:
    long, short = np.ones(2 * BLOCK), np.ones(BLOCK)
    for ask in (long_vectors.dot, lambda a, b: long_vectors.step(a, 1.0, b), long_vectors.reach):
        with pytest.raises(ValueError, match=r"vectors of \(16384,\), \(8192,\) numbers"):
            ask(long, short)


def test_numbers_that_do_not_lie_side_by_side_are_read_rightly() -> None:
    wide = np.arange(4.0 * BLOCK)
    assert long_vectors.largest(-wide[::2]) == 4.0 * BLOCK - 2.0
    assert long_vectors.dot(wide[::2], np.ones(2 * BLOCK)) == wide[::2].sum()


# -- runs ----------------------------------------------------------------------------------------

VALLEY = "sum(100*(x[2*i] - x[2*i-1]^2)^2 + (1 - x[2*i-1])^2 for i in 1:m)"


def valley(n: int) -> tuple[gdcli.Function, Any]:
    function = gdcli.function(VALLEY, sizes={"m": n // 2}, backend="native")
    return function, np.random.default_rng(3).uniform(-1.5, 1.5, n)


def test_a_run_is_the_same_by_numpy_by_machine_code_and_by_any_number_of_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    function, start = valley(2 * BLOCK + 10)

    def run() -> str:
        found = gdcli.minimize(function, start, max_iterations=25, keep=0)._replace(seconds=0.0)
        return repr([one.tolist() if isinstance(one, np.ndarray) else one for one in found])

    monkeypatch.setattr(blockwise, "THREADED_BLOCKS", 2)
    found = set()
    for count in ("1", "2", "3"):
        monkeypatch.setenv(THREADS_VARIABLE, count)
        found.add(run())
    by_numpy(monkeypatch)
    found.add(run())
    assert len(found) == 1


@pytest.mark.parametrize("n", [202, BLOCK + 2])
def test_a_row_that_is_kept_keeps_its_numbers(n: int) -> None:
    function, start = valley(n)
    given = start.copy()
    rows: list[Iterate] = []
    result = gdcli.minimize(function, start, max_iterations=40, on_iterate=rows.append, keep=10)
    assert start.tobytes() == given.tobytes()
    assert len(rows) == 41
    for row in [*rows, *result.trace]:
        assert function.evaluate(row.x) == row.f
    assert function.evaluate(result.x) == result.f
    assert list(function.evaluate_gradient(result.x)[1]) == result.gradient.tolist()
