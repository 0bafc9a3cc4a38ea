"""The picture of a proof: what is drawn covers the window, and says no more than was proved."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gdcli.library.lookup import function
from gdcli.proofs.certificate import Certificate, CertifiedPoint
from gdcli.proofs.paving import Paving, Reason
from gdcli.scenes import boxes as drawn_boxes
from gdcli.scenes.boxes import boxes
from gdcli.scenes.request import PictureRequest
from gdcli.scenes.scene import Boxes
from gdcli.scenes.section import read_slice, section


def drawn(source: str, held: str | None = None, **options: Any) -> Boxes:
    f = function(source)
    return boxes(PictureRequest(section(f, read_slice(held, f)), **options))


def paving(*rows: tuple[int, Reason, tuple[float, ...], tuple[float, ...], float]) -> Paving:
    """A paving of rows: parent, reason, low and high corner, bound."""
    parent, reason, low, high, bound = zip(*rows, strict=True)
    none = np.zeros(len(rows))
    return Paving(
        np.array(low).T, np.array(high).T, np.array(parent), np.array(reason, np.uint8),
        none.astype(np.int16), none.astype(np.uint8), np.array(bound),
    )  # fmt: skip


def certified(status: str = "proved", **parts: Any) -> Certificate:
    held = status == "proved"
    claims = dict.fromkeys(("value", "enclosure", "unique"), held)
    made: dict[str, Any] = {
        "status": status,
        "message": "",
        "f": (0.0, 0.0),
        "minimizers": (),
        "claims": claims,
    }
    rest = {"asked": ("value", "enclosure"), "boxes": 9, "left": (), "digits": 0}
    return Certificate(**(made | rest | parts))


CUT = paving(  # every reason, with a box cut on three sides and one that is reduced to a face
    (-1, Reason.SPLIT, (0.0, 0.0), (4.0, 4.0), -1.0),
    (0, Reason.CONTRACTED, (0.0, 0.0), (2.0, 4.0), -1.0),
    (0, Reason.SPLIT, (2.0, 0.0), (4.0, 4.0), -1.0),
    (1, Reason.SPLIT, (0.0, 1.0), (1.5, 3.0), -1.0),
    (2, Reason.REDUCED, (2.0, 0.0), (4.0, 2.0), -1.0),
    (2, Reason.VALUE, (2.0, 2.0), (4.0, 4.0), 7.0),
    (3, Reason.UNIQUE, (0.0, 1.0), (1.5, 2.0), 0.0),
    (3, Reason.MONOTONE, (0.0, 2.0), (1.5, 3.0), 1.0),
    (4, Reason.CANDIDATE, (2.0, 0.0), (4.0, 0.0), 0.0),
)


def test_what_is_drawn_covers_the_window_and_no_two_boxes_overlap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(drawn_boxes, "certify_window", lambda *_, **__: certified(paving=CUT))
    scene = drawn("x^2 + y^2", window={"x": (0.0, 4.0), "y": (0.0, 4.0)})
    low = np.concatenate([group.low for group in scene.groups])
    high = np.concatenate([group.high for group in scene.groups])
    places = 4.0 * np.random.default_rng(16).random((2000, 2))
    inside = (low <= places[:, None]) & (places[:, None] <= high)
    assert (inside.all(axis=2).sum(axis=1) == 1).all()
    labels = {group.reason.name: group.label for group in scene.groups}
    assert labels["CONTRACTED"] == "cut-off parts, f too high (3)"
    assert labels["MONOTONE"] == "f monotone (2)"  # one of them is left as a face alone
    assert labels["VALUE"] == "f above the best value (1)"
    assert [group.reason for group in scene.groups][-1] is Reason.CANDIDATE  # drawn last


def test_the_page_on_proofs_says_what_each_entry_of_the_legend_means() -> None:
    page = (Path(__file__).parents[2] / "docs" / "certify.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| ([^|]+) \| (?:[a-z].*) \|$", page, re.MULTILINE)
    assert set(drawn_boxes.ENDINGS_OF_BOXES.values()) <= set(explained)


def test_boxes_over_a_curve_reach_from_their_bound_to_its_top(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tree = paving(
        (-1, Reason.SPLIT, (-1.0,), (2.0,), -9.0),
        (0, Reason.UNIQUE, (-1.0,), (0.5,), -0.25),
        (0, Reason.VALUE, (0.5,), (2.0,), 0.1),
    )
    monkeypatch.setattr(drawn_boxes, "certify_window", lambda *_, **__: certified(paving=tree))
    scene = drawn("x^2", window={"x": (-1.0, 2.0)})
    value, unique = scene.groups
    assert value.low.tolist() == [[0.5, 0.1]]
    assert value.high.tolist() == [[2.0, 4.0]]
    assert unique.low.tolist() == [[-1.0, -0.25]]
    assert unique.high.tolist() == [[0.5, 1.0]]
    assert scene.limits == (-0.25, 4.0)
    assert scene.curve is not None


def test_parts_that_are_cut_off_begin_at_the_best_value() -> None:
    scene = drawn("sqrt(x) + x", window={"x": (-1.0, 1.0)})
    (cut,) = [group for group in scene.groups if group.reason is Reason.CONTRACTED]
    assert cut.low[:, 1] == pytest.approx(0.0, abs=1e-9)
    assert cut.high[:, 0].max() == 1.0
    assert cut.low[:, 0].min() == -1.0


def test_where_f_is_undefined_a_box_has_the_whole_height(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = paving(
        (-1, Reason.SPLIT, (-1.0,), (1.0,), -np.inf),
        (0, Reason.UNDEFINED, (-1.0,), (-0.5,), np.inf),
        (0, Reason.LEFT, (-0.5,), (1.0,), -np.inf),
    )
    unproved = certified(
        "unresolved", f=(float("-inf"), 0.0), message="not proved: why", paving=tree
    )
    monkeypatch.setattr(drawn_boxes, "certify_window", lambda *_, **__: unproved)
    scene = drawn("sqrt(x)", window={"x": (-1.0, 1.0)})
    undefined, left = scene.groups
    assert (undefined.low[0, 1], undefined.high[0, 1]) == scene.limits
    assert left.low[0, 1] == scene.limits[0]  # no bound is known
    assert np.isfinite(scene.limits).all()
    assert scene.notes[-1] == "not proved: why"
    assert scene.verdict == "not proved"


def test_marks_are_called_minimizers_only_where_that_is_proved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points = tuple(
        CertifiedPoint(((x, x + 1e-9), (0.0, 0.0)), (0.0, 1e-9), "minimum", True)
        for x in (1.0, 3.0)
    )
    for status, count, label in (
        ("proved", 1, "the global minimizer"),
        ("proved", 2, "all global minimizers are here (2)"),
        ("unresolved", 2, "may be a minimizer"),
    ):
        answer = certified(status, minimizers=points[:count], paving=CUT)
        monkeypatch.setattr(drawn_boxes, "certify_window", lambda *_, a=answer, **__: a)
        scene = drawn("x^2 + y^2", window={"x": (0.0, 4.0), "y": (0.0, 4.0)})
        assert scene.minimizers_label == label
        assert [mark[1:3] for mark in scene.minimizers] == [(1 + 5e-10, 0), (3 + 5e-10, 0)][:count]


def test_a_search_ends_where_no_picture_would_show_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn_boxes, "MOST_DRAWN_BOXES", 40)
    scene = drawn("siam-100-digit-4")
    assert scene.notes[-1] == "the search stopped at 40 boxes, the most that are drawn"
    assert (scene.verdict, scene.interrupted) == ("not proved", False)
    assert Reason.LEFT in {group.reason for group in scene.groups}


def test_the_wells_of_the_paper_are_searched_and_the_right_one_is_marked() -> None:
    scene = drawn("five-well-paper")
    assert scene.verdict == "proved"
    assert [mark[1:3] for mark in scene.minimizers] == [
        pytest.approx((4.92125287580203, -9.88727598746512), abs=1e-9)
    ]
    assert scene.minimizers_label == "the global minimizer"
    assert [*map(float, scene.least)] == pytest.approx([-1.46163771351035346] * 2, abs=1e-14)
    area = sum(float((group.high - group.low).prod(axis=1).sum()) for group in scene.groups)
    assert area == pytest.approx(1600.0)  # the window, 40 by 40


def test_variables_may_be_held_fixed() -> None:
    scene = drawn("(x - z)^2 + y^2 + z", "z=0.5", window={"x": (-1.0, 1.0), "y": (-1.0, 1.0)})
    assert scene.title == "(x - z)^2 + y^2 + z, z = 0.5"
    assert [mark[1:] for mark in scene.minimizers] == [pytest.approx((0.5, 0.0, 0.5), abs=1e-9)]
    curve = drawn("(x - z)^2 + y^2 + z", "z=0.5, y=1", window={"x": (-1.0, 1.0)})
    assert [mark[1:] for mark in curve.minimizers] == [pytest.approx((0.5, 1.5, 1.5), abs=1e-9)]


def test_no_box_lies_above_the_curve() -> None:
    scene = drawn("x^4 - x^3 - 6x^2 + sin(5x)", window={"x": (-3.0, 4.0)})
    assert scene.curve is not None
    for group in scene.groups:
        for (left, bottom), (right, top) in zip(group.low, group.high, strict=True):
            within = (scene.curve.x >= left) & (scene.curve.x <= right)
            f = scene.curve.y[within].clip(*scene.limits)
            assert (f >= bottom - 1e-12).all()
            if group.reason in (Reason.VALUE, Reason.CONTRACTED):
                assert bottom >= float(scene.least[1])
            assert top >= bottom
