"""Searches that are wrong on purpose: what they find must not become a proof.

Each sabotage is a function that takes pytest's monkeypatch and spoils the lanes in which a search
computes, or the search itself. The judge has arithmetic of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from gdcli.numbers.interval import DEFINED_AND_CONTINUOUS, Interval
from gdcli.numbers.interval_lanes import INTERVAL_LANES
from gdcli.proofs import search
from gdcli.proofs.enclosed_function import EnclosedFunction
from gdcli.proofs.paving import Reason

Spoil = Callable[[Interval], Interval]


def _moved_inward(interval: Interval) -> Interval:
    """The interval with a tenth of its width taken away at each end."""
    with np.errstate(all="ignore"):
        tenth = np.nan_to_num((interval.high - interval.low) / 10, posinf=0.0, neginf=0.0)
    return Interval(interval.low + tenth, interval.high - tenth, interval.flags)


def _flagged(interval: Interval) -> Interval:
    full = np.full(np.shape(interval.low), DEFINED_AND_CONTINUOUS, np.uint8)
    return Interval(interval.low, interval.high, full)


def _middle(interval: Interval) -> Interval:
    """A point of the interval, for all of it."""
    with np.errstate(all="ignore"):
        middle = np.nan_to_num((interval.low + interval.high) / 2)
    return Interval(middle, middle, interval.flags)


def _without_undefined(interval: Interval) -> Interval:
    """The interval flagged, and never infinite."""
    low, high = (np.clip(end, -1e9, 1e9) for end in interval[:2])
    return _flagged(Interval(low, high))


def _in_every_operation(spoil: Spoil) -> Callable[[pytest.MonkeyPatch], None]:
    def sabotage(monkeypatch: pytest.MonkeyPatch) -> None:
        def spoilt(operation: Callable[..., Interval]) -> Callable[..., Interval]:
            return lambda *operands: spoil(operation(*operands))

        def branch(*arguments: Any) -> list[Interval]:
            return [spoil(one) for one in INTERVAL_LANES.branch(*arguments)]

        operations = {name: spoilt(one) for name, one in INTERVAL_LANES.numbers.operations.items()}
        numbers = INTERVAL_LANES.numbers._replace(operations=operations)
        monkeypatch.setattr(
            search, "INTERVAL_LANES", INTERVAL_LANES._replace(numbers=numbers, branch=branch)
        )

    return sabotage


def _in_derivatives(spoil: Spoil) -> Callable[[pytest.MonkeyPatch], None]:
    def sabotage(monkeypatch: pytest.MonkeyPatch) -> None:
        class Spoilt(EnclosedFunction):
            def value_and_gradient(self, box: Any) -> Any:
                value, gradient = super().value_and_gradient(box)
                return _flagged(value), [spoil(one) for one in gradient]

        monkeypatch.setattr(search, "EnclosedFunction", Spoilt)

    return sabotage


def _negated(interval: Interval) -> Interval:
    return _flagged(Interval(-interval.high, -interval.low))


def _one_sided(interval: Interval) -> Interval:
    """The greater part of an interval that straddles 0."""
    risen = np.where(interval.high > -interval.low, np.maximum(interval.low, 1e-9), interval.low)
    sunk = np.where(interval.high > -interval.low, interval.high, np.minimum(interval.high, -1e-9))
    return _flagged(Interval(risen, sunk))


def _upper_bound_too_low(monkeypatch: pytest.MonkeyPatch) -> None:
    class Spoilt(search.WindowSearch):
        def run(self) -> None:
            self.value = -1e3
            super().run()

    _search_by(monkeypatch, Spoilt)


def _reasons(spoil: Callable[[Any], None]) -> Callable[[pytest.MonkeyPatch], None]:
    """A search that ends at once, with leaves whose reasons are made up."""

    def sabotage(monkeypatch: pytest.MonkeyPatch) -> None:
        class Spoilt(search.WindowSearch):
            spoilt = False

            def run(self) -> None:
                super().run()
                if not self.spoilt:
                    spoil(self.tree)
                self.spoilt = True

        _search_by(monkeypatch, Spoilt)

    return sabotage


def _search_by(monkeypatch: pytest.MonkeyPatch, spoilt: type) -> None:
    from gdcli.proofs import window

    monkeypatch.setattr(window, "WindowSearch", spoilt)


def _made_up(reason: Reason) -> Callable[[pytest.MonkeyPatch], None]:
    def spoil(tree: Any) -> None:
        leaves = np.flatnonzero(tree.reason[: tree.count] >= Reason.CANDIDATE)
        tree.reason[leaves] = reason
        tree.axis[leaves] = 0

    return _reasons(spoil)


def _with_a_hole(tree: Any) -> None:
    """Every tenth child is half as wide as it should be."""
    boxes = np.arange(1, tree.count, 10)
    tree.high[0, boxes] = (tree.low[0, boxes] + tree.high[0, boxes]) / 2


def _without_candidates(tree: Any) -> None:
    """The candidates are cut out of the tree: they lose their parents."""
    tree.parent[: tree.count][tree.reason[: tree.count] == Reason.CANDIDATE] = -1


SABOTAGES: Mapping[str, Callable[[pytest.MonkeyPatch], None]] = {
    "ends are moved inward": _in_every_operation(_moved_inward),
    "intervals are points": _in_every_operation(_middle),
    "every flag is set": _in_every_operation(_flagged),
    "nothing is undefined": _in_every_operation(_without_undefined),
    "derivatives have the wrong sign": _in_derivatives(_negated),
    "derivatives are never 0": _in_derivatives(_one_sided),
    "derivatives are points": _in_derivatives(lambda one: _flagged(_middle(one))),
    "the upper bound is too low": _upper_bound_too_low,
    **{f"all that is left is {reason.name}": _made_up(reason) for reason in list(Reason)[:8]},
    "the tree has holes": _reasons(_with_a_hole),
    "the candidates are cut out": _reasons(_without_candidates),
}
