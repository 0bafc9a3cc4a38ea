from __future__ import annotations

import pytest

from gdcli.descent.iterate import Iterate, Trace


def row(k: int) -> Iterate:
    return Iterate(k, [float(k)], 0.0, 0.0, None)


@pytest.mark.parametrize(
    ("keep", "count", "kept"),
    [
        (4, 3, [0, 1, 2]),
        (4, 4, [0, 1, 2, 3]),
        (4, 5, [0, 1, 3, 4]),
        (4, 100, [0, 1, 98, 99]),
        (5, 100, [0, 1, 97, 98, 99]),
        (1, 9, [8]),
        (0, 9, []),
    ],
)
def test_a_trace_keeps_its_first_and_last_half(keep: int, count: int, kept: list[int]) -> None:
    trace = Trace(keep, 1)
    for k in range(count):
        trace.add(row(k))
    assert [iterate.k for iterate in trace.rows()] == kept
    assert trace.count == count
