"""The judge accepts what a search has proved, and refuses what is made of it that is no proof."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from math import inf, nextafter
from typing import Any

import numpy as np
import pytest

from gdcli.functions.function import Function
from gdcli.proofs.judge import PavingVerdict, judge
from gdcli.proofs.paving import Form, Paving, Reason, UniqueMinimizer
from gdcli.proofs.search import Searched, SearchSettings, WindowSearch
from gdcli.proofs.window import judged

Box = Sequence[tuple[float, float]]
EXCLUDED = (Reason.VALUE, Reason.UNDEFINED, Reason.MONOTONE, Reason.STATIONARY)
# A function, its window, the point where it is least, and the value there.
KNOWN: dict[str, tuple[Box, tuple[float, ...], Fraction]] = {
    "x^2 + (y - 0.25)^2": (((-1, 2), (-1, 1)), (0, 0.25), Fraction(0)),
    "x + (y - 0.25)^2": (((0, 1), (-1, 1)), (0, 0.25), Fraction(0)),
    "(x^2 - 1)^2 + 0.5*x^2*(x + 1)^2 + y^2": (((-2, 2.5), (-1, 2)), (-1, 0), Fraction(0)),
    "abs(x - 0.25) + y^2": (((-1, 1), (-1, 2)), (0.25, 0), Fraction(0)),
    "sqrt(x) + x + y^2": (((-1, 1), (-1, 2)), (0, 0), Fraction(0)),
    "max(x, -2*x) + exp(y)": (((-1, 1), (0, 2)), (0, 0), Fraction(1)),
}
TEXTS = list(KNOWN)


@cache
def function(text: str) -> Function:
    return Function(text)


@cache
def searched(text: str) -> Searched:
    window, _, _ = KNOWN[text]
    low, high = zip(*window, strict=True)
    search = WindowSearch(function(text), low, high, SearchSettings())
    search.run()
    judged(search)  # which splits what it refuses
    return search.searched()


def verdict(
    text: str, found: Searched, window: Box | None = None, **arithmetic: Any
) -> PavingVerdict:
    low, high = zip(*(window or KNOWN[text][0]), strict=True)
    given = found.paving, found.point, found.minimizers, (low, high)
    return judge(function(text), *given, **arithmetic)


def check_bounds(text: str, found: PavingVerdict) -> None:
    """The bounds of the minimum hold, whatever was made of the paving."""
    assert found.lower <= KNOWN[text][2] <= found.upper


def changed(found: Searched, box: int, **columns: Any) -> Searched:
    """The search's finding with other entries of a box; `low` and `high` have shape (n,)."""
    copies = {name: getattr(found.paving, name).copy() for name in columns}
    for name, value in columns.items():
        copies[name][..., box] = value
    return found._replace(paving=found.paving._replace(**copies))


def of_reason(text: str, *reasons: Reason) -> list[int]:
    """The first boxes of such reasons."""
    return list(map(int, np.flatnonzero(np.isin(searched(text).paving.reason, reasons))[:3]))


def children(text: str, box: int) -> list[int]:
    return np.flatnonzero(searched(text).paving.parent == box).tolist()


@pytest.mark.parametrize("library", ["arb", "mpmath"])
@pytest.mark.parametrize("text", TEXTS)
def test_a_proof_is_accepted_in_each_arithmetic(text: str, library: str) -> None:
    found = verdict(text, searched(text), library=library)
    assert not found.failed
    assert None not in found.minima
    assert library in found.arithmetic
    check_bounds(text, found)
    assert found.upper - found.lower < 1e-8


@pytest.mark.parametrize("text", TEXTS)
def test_the_leaf_of_the_minimizer_is_excluded_by_nothing(text: str) -> None:
    point, paving = KNOWN[text][1], searched(text).paving
    at = np.array(point)[:, None]
    holds = (paving.low <= at) & (at <= paving.high)
    leaves = np.flatnonzero(holds.all(axis=0) & (paving.reason >= Reason.UNIQUE)).tolist()
    assert leaves
    for leaf in leaves[:3]:
        for reason in EXCLUDED:
            for form in Form:
                for axis in range(len(point)):
                    spoilt = changed(searched(text), leaf, reason=reason, form=form, axis=axis)
                    found = verdict(text, spoilt)
                    if leaf in found.failed:
                        check_bounds(text, found)
                        continue
                    # f is above its minimum there, but for a point that another leaf holds too
                    assert len(leaves) > 1, (reason, form, axis)


@pytest.mark.parametrize("text", TEXTS)
def test_a_hole_in_the_cover_is_found(text: str) -> None:
    for box in of_reason(text, Reason.SPLIT):
        axis = int(searched(text).paving.axis[box])
        for child in children(text, box):
            low, high = searched(text).paving.low[:, child], searched(text).paving.high[:, child]
            for i in range(len(low)):
                smaller = low.copy(), high.copy()
                smaller[0][i] = nextafter(low[i], inf)
                smaller[1][i] = nextafter(high[i], -inf)
                for ends in ({"low": smaller[0]}, {"high": smaller[1]}):
                    if low[i] < high[i]:
                        spoilt = verdict(text, changed(searched(text), child, **ends))
                        assert box in spoilt.failed
                        check_bounds(text, spoilt)
            without = verdict(text, changed(searched(text), child, parent=-1))
            assert box in without.failed
            check_bounds(text, without)
        for other in (-1, (axis + 1) % 2, 2):
            assert box in verdict(text, changed(searched(text), box, axis=other)).failed


@pytest.mark.parametrize("text", TEXTS)
def test_a_paving_of_another_window_is_refused(text: str) -> None:
    window, _, _ = KNOWN[text]
    for i, (low, high) in enumerate(window):
        for ends in ((nextafter(low, -inf), high), (low, nextafter(high, inf))):
            other = [*window[:i], ends, *window[i + 1 :]]
            found = verdict(text, searched(text), other)
            assert found.failed == (0,)
            assert found.lower == -inf or found.lower <= KNOWN[text][2]


@pytest.mark.parametrize("text", TEXTS)
def test_a_point_outside_of_the_window_is_no_upper_bound(text: str) -> None:
    window, point, least = KNOWN[text]
    outside = np.array(point) + np.array([high - low for low, high in window]) + 1
    found = verdict(text, searched(text)._replace(point=outside))
    assert found.upper == inf
    assert found.lower <= least
    by_value = np.isin(searched(text).paving.reason, (Reason.VALUE, Reason.CONTRACTED))
    assert not by_value.any() or found.failed
    assert verdict(text, searched(text)._replace(point=None)).upper == inf


def minimizers(text: str) -> Iterator[tuple[int, UniqueMinimizer]]:
    yield from enumerate(searched(text).minimizers)


@pytest.mark.parametrize(
    "text", [text for text in TEXTS if "abs" not in text and "sqrt" not in text]
)
def test_a_minimizers_box_that_is_too_large_or_empty_is_refused(text: str) -> None:
    window = KNOWN[text][0]
    low, high = (np.array(ends, float) for ends in zip(*window, strict=True))
    for number, one in minimizers(text):
        assert one.inner_low is not None
        assert one.inner_high is not None
        beside = one.inner_high + (one.high - one.inner_high) / 2
        spoilt = [
            one._replace(inner_low=None, inner_high=None),
            one._replace(low=one.inner_high, high=one.inner_low),
            one._replace(high=high + 1),
            one._replace(inner_low=np.where(one.low < one.high, beside, one.low)),
            one._replace(inner_low=one.low - 1),
        ]
        if one.free:
            spoilt.append(one._replace(free=one.free[1:]))
        if text.startswith("(x^2"):
            spoilt.append(one._replace(low=low, high=high))  # f is not convex there
        for other in spoilt:
            if all(np.array_equal(a, b) for a, b in zip(one, other, strict=True)):  # type: ignore[arg-type]
                continue
            given = (*searched(text).minimizers[:number], other)
            found = verdict(text, searched(text)._replace(minimizers=given))
            assert found.minima[number] is None
            for leaf in of_reason(text, Reason.UNIQUE):
                assert leaf in found.failed or searched(text).paving.axis[leaf] != number
            check_bounds(text, found)


@pytest.mark.parametrize("text", TEXTS)
def test_a_leaf_of_no_minimizer_is_not_unique(text: str) -> None:
    for leaf in of_reason(text, Reason.VALUE, Reason.MONOTONE):
        for number in range(-1, len(searched(text).minimizers) + 1):
            found = verdict(text, changed(searched(text), leaf, reason=Reason.UNIQUE, axis=number))
            inside = number in dict(minimizers(text)) and not found.failed
            assert leaf in found.failed or inside


def paving(*rows: tuple[Box, int, Reason, int, Form]) -> Paving:
    """A paving by hand: of each box its ends, parent, reason, axis and form."""
    boxes, parents, reasons, axes, forms = zip(*rows, strict=True)
    ends = np.array(boxes, float).transpose(2, 1, 0)
    return Paving(
        ends[0],
        ends[1],
        np.array(parents),
        np.array(reasons, np.uint8),
        np.array(axes, np.int16),
        np.array(forms, np.uint8),
        np.full(len(rows), -inf),
    )


def by_hand(text: str, point: Sequence[float], *rows: Any) -> PavingVerdict:
    """The verdict on a paving by hand of the window that its first box is."""
    full = [(*row, *(0, -1, -1, Reason.LEFT, -1, Form.NATURAL)[len(row) + 1 :]) for row in rows]
    made = paving(*[(row[0], row[1], row[2], row[3], Form.NATURAL) for row in full])
    low, high = zip(*full[0][0], strict=True)
    return judge(Function(text), made, point, (), (low, high))


LEFT, SPLIT, REDUCED, CONTRACTED = Reason.LEFT, Reason.SPLIT, Reason.REDUCED, Reason.CONTRACTED
MONOTONE, VALUE, STATIONARY = Reason.MONOTONE, Reason.VALUE, Reason.STATIONARY


@pytest.mark.parametrize(("text", "box"), [
    ("x", (0, 1)),  # f falls towards the window's low face
    ("-x", (0, 1)),
    ("abs(x)", (-1, 1)),
    ("sign(x) + x^2", (-1, 0)),
    ("ifelse(x < 0, -x, 1)", (-1, 0)),
    ("sqrt(x) + x", (-1, 1)),
    ("1/x", (-1, 1)),
    ("max(x, -2*x)", (0, 0)),
    ("x", (0, 0)),
])  # fmt: skip
def test_no_box_is_monotone_where_derivatives_say_nothing(
    text: str, box: tuple[float, float]
) -> None:
    """The box is a part of [-1, 1] whose inner ends are no faces, or the window itself."""
    low, high = box
    rows: list[Any] = [([(-1, 1)], -1, SPLIT, 0)]
    if low == high:
        rows += [([(-1, low)], 0, LEFT, -1), ([box], 0, MONOTONE, 0), ([(high, 1)], 0, LEFT, -1)]
    elif box == (-1, 0):
        rows += [([box], 0, MONOTONE, 0), ([(0, 1)], 0, LEFT, -1)]
    else:
        rows = [([box], -1, MONOTONE, 0)]
    failed = by_hand(text, [high], *rows).failed
    assert failed == ((2,) if low == high else (1,) if len(rows) > 1 else (0,))


def test_a_box_is_monotone_where_it_can_be_left() -> None:
    rows = ([(0, 1)], -1, SPLIT, 0), ([(0, 0.5)], 0, LEFT, -1), ([(0.5, 1)], 0, MONOTONE, 0)
    found = by_hand("x", [0], *rows)
    assert not found.failed
    assert found.lower == found.upper == 0


def test_a_component_that_a_face_has_fixed_excludes_nothing() -> None:
    window = [(0, 1), (-1, 1)]
    face = [(0, 0), (-1, 1)]
    found = by_hand("x + y^2", [0, 0], (window, -1, REDUCED, 0), (face, 0, MONOTONE, 0))
    assert found.failed == (1,)
    assert found.lower <= 0
    assert not by_hand("x + y^2", [0, 0], (window, -1, REDUCED, 0), (face, 0, LEFT, -1)).failed


@pytest.mark.parametrize("face", [[(1, 1), (-1, 1)], [(0.5, 0.5), (-1, 1)], [(0, 0), (0, 1)],
                                  [(0, 0.5), (-1, 1)]])  # fmt: skip
def test_a_box_is_reduced_to_the_face_where_f_is_least(face: Box) -> None:
    window = [(0, 1), (-1, 1)]
    found = by_hand("x + y^2", [0, 0], (window, -1, REDUCED, 0), (face, 0, LEFT, -1))
    assert found.failed == (0,)
    assert found.lower <= 0


@pytest.mark.parametrize(
    "text", ["x^2 + y^2", "sign(x) + x + y^2", "sqrt(x) + y^2", "abs(x) + y^2"]
)
def test_a_box_is_reduced_only_where_f_rises_throughout(text: str) -> None:
    window, face = [(0, 1), (-1, 1)], [(0, 0), (-1, 1)]
    assert by_hand(text, [0, 0], (window, -1, REDUCED, 0), (face, 0, LEFT, -1)).failed == (0,)


@pytest.mark.parametrize(("end", "failed"), [(2.0, (0,)), (1.9, (0,)), (2.1, ())])
def test_the_boundary_of_what_a_contraction_leaves_is_above_the_upper_bound(
    end: float, failed: tuple[int, ...]
) -> None:
    rows = ([(-3, 3)], -1, CONTRACTED, -1), ([(-end, end)], 0, LEFT, -1)
    assert by_hand("x^2", [2], *rows).failed == failed


def test_a_contraction_to_less_than_the_minimizers_is_refused() -> None:
    for child in ([(0.1, 3)], [(-3, -0.1)], [(0, 0)], [(-4, 3)], [(1, -1)]):
        rows = ([(-3, 3)], -1, CONTRACTED, -1), (child, 0, LEFT, -1)
        found = by_hand("max(x, -2*x)", [0], *rows)
        assert found.failed == (0,)
        assert found.lower <= 0


def test_a_box_at_a_face_holds_minimizers_that_are_not_stationary() -> None:
    window = [(0, 1), (-1, 1)]
    assert by_hand("x + y^2", [0, 0], (window, -1, STATIONARY, -1)).failed == (0,)
    inner = [(0.25, 0.75), (-0.5, 0.5)]
    rows = (window, -1, CONTRACTED, -1), (inner, 0, STATIONARY, -1)
    assert by_hand("x + y^2", [0, 0], *rows).failed == (0,)


def around(window: Box, inner: Box, reason: Reason) -> list[Any]:
    """The rows of a paving that cuts a window down to an inner box, the last one."""
    rows: list[Any] = [(list(window), -1, SPLIT, 0)]
    box = list(window)
    for axis, (low, high) in enumerate(inner):
        for cut, rest in ((low, (low, box[axis][1])), (high, (low, high))):
            off = (box[axis][0], cut) if cut == low else (cut, box[axis][1])
            parent = len(rows) - 1
            rows[parent] = (*rows[parent][:2], SPLIT, axis)
            rows.append(([*box[:axis], off, *box[axis + 1 :]], parent, LEFT, -1))
            box[axis] = rest
            rows.append((list(box), parent, reason, -1))
    return rows


@pytest.mark.parametrize(("text", "stationary"), [
    ("(x - y)^2 + (x + y - 1.5)^2/4", False),
    ("(x - y)^2 + (x + y - 0.7)^2/4", True),
    ("abs(x - 0.375) + (y - 0.375)^2", True),  # a kink
    ("(x - 0.375)*abs(x - 0.375) + (y - 0.375)^2", True),
    ("sign(x - 0.375) + (x - y)^2 + (x + y - 1.5)^2/4", True),
])  # fmt: skip
def test_a_box_is_stationary_nowhere_where_a_newton_step_leaves_it(
    text: str, stationary: bool
) -> None:
    rows = around([(-4, 4), (-4, 4)], [(0.25, 0.5), (0.25, 0.5)], STATIONARY)
    failed = by_hand(text, [0, 0], *rows).failed
    assert failed == ((len(rows) - 1,) if stationary else ())


def test_a_tree_that_bites_its_tail_covers_nothing() -> None:
    rows = ([(0, 1)], -1, SPLIT, 0), ([(0, 1)], 1, VALUE, -1), ([(0, 1)], 2, VALUE, -1)
    assert by_hand("x", [0], *rows).failed == (0,)


def test_an_infimum_that_is_not_attained_bounds_the_minimum() -> None:
    rows = ([(-1, 1)], -1, SPLIT, 0), ([(-1, 0)], 0, LEFT, -1), ([(0, 1)], 0, LEFT, -1)
    found = by_hand("sign(x) + x^2", [0], *rows)
    assert found.lower <= -1 <= 0 <= found.upper


def test_a_pole_has_no_lower_bound() -> None:
    rows = ([(-1, 1)], -1, LEFT, -1)
    found = by_hand("1/x", [1], rows)
    assert found.lower == -inf
    assert found.upper == 1


def test_a_value_must_be_above_the_upper_bound_itself() -> None:
    rows = ([(0, 1)], -1, SPLIT, 0), ([(0, 0.5)], 0, LEFT, -1), ([(0.5, 1)], 0, VALUE, -1)
    assert by_hand("ifelse(x < 0.75, 1, x)", [0], *rows).failed == (2,)
    assert by_hand("1 + max(x - 0.5, 0)", [0], *rows).failed == (2,)
    assert by_hand("x", [0.5], *rows).failed in ((), (2,))
    assert math.isfinite(by_hand("x", [0.5], *rows).lower)


def test_a_spoilt_leaf_fails_and_the_judge_tells_how_many_boxes_it_has_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gdcli.proofs.judge.WATCHED_BOXES", 1)
    text = "(x^2 - 1)^2 + 0.5*x^2*(x + 1)^2 + y^2"
    leaf, counts = of_reason(text, Reason.VALUE)[-1], list[int]()
    spoilt = changed(searched(text), leaf, reason=Reason.UNIQUE, axis=-1)
    assert verdict(text, spoilt, watch=counts.append).failed == (leaf,)
    assert counts == sorted(counts)
    assert counts[-1] > 4


def test_a_minimizer_held_off_the_faces_is_none() -> None:
    def least(x: float) -> Any:
        low, high, inner_low, inner_high = (np.array([x, y]) for y in (-0.5, 0.5, -0.1, 0.1))
        box = UniqueMinimizer(low, high, inner_low, inner_high, (1,))
        made = paving(([(0, 1), (-1, 1)], -1, LEFT, -1, Form.NATURAL))
        return judge(Function("x + y^2"), made, [0, 0], (box,), ([0, -1], [1, 1])).minima[0]

    assert least(0.5) is None
    assert least(0.0) <= 0


def test_boxes_outside_of_a_smaller_window_bound_nothing() -> None:
    made = paving(([(0.5, 1)], -1, LEFT, -1, Form.NATURAL))
    found = judge(Function("x"), made, [1], (), ([0], [1]))
    assert found.failed == (0,)
    assert found.lower == 0


def test_slow_boxes_are_watched_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    text, watched = TEXTS[2], []
    for seconds in (inf, 0.0):
        monkeypatch.setattr("gdcli.proofs.judge.WATCHED_SECONDS", seconds)
        counts: list[int] = []
        verdict(text, searched(text), watch=counts.append)
        watched.append(counts)
    few, all_ = watched
    assert all_ == [*range(len(all_))]
    assert len(all_) > len(few)
