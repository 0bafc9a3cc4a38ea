"""What `certify --window` proves, what it does not, and what it says then."""

from __future__ import annotations

from fractions import Fraction
from itertools import count
from math import inf, pi
from typing import Any

import mpmath
import numpy as np
import pytest

from gdcli import certify
from gdcli.descent.minimize import run_descent
from gdcli.descent.result import Result
from gdcli.functions.function import Function
from gdcli.library.lookup import function
from gdcli.proofs.certificate import DISPROVED, INTERRUPTED, PROVED, UNRESOLVED, Ends
from gdcli.proofs.paving import Reason
from gdcli.proofs.search import SearchProgress, SearchSettings, WindowSearch
from gdcli.proofs.window import certify_window, ends_of, hulls
from tests.sweeps import sampled

SIAM_4 = Fraction("-3.3068686474752372800761137708985156571664823614762882175012930854963")
SHUBERT = (-186.730909, -186.730908)  # around the minimum


def holds(ends: Ends, value: Fraction) -> bool:
    return bool(ends[0] <= value <= ends[1])


@pytest.mark.parametrize(
    ("name", "x", "f"),
    [
        ("five-well", (4.93228927112572, -10.00051590302335), -1.15423384652360905),
        ("five-well-paper", (4.92125287580203, -9.88727598746512), -1.46163771351035346),
    ],
)
def test_each_five_well_potential_has_one_proved_global_minimizer(
    name: str, x: tuple[float, float], f: float
) -> None:
    found = certify_window(function(name), "x=-20:20, y=-20:20")
    (point,) = found.minimizers
    assert found.status == PROVED
    assert all(found.claims.values())
    assert (point.kind, point.unique, point.face) == ("minimum", True, ())
    assert [float(sum(ends)) / 2 for ends in point.x] == pytest.approx(x, abs=1e-13)
    assert float(found.f[0]) == pytest.approx(f, abs=1e-14)


@pytest.mark.parametrize(
    ("text", "window", "infimum", "proved"),
    [
        ("sqrt(x) + x", "x=-1:1", 0.0, True),
        ("x + sqrt(x - 1)", "x=-3:3", 1.0, True),
        ("abs(x - 0.1) + x^2", "x=-0.5:1", 0.01, True),
        ("max(x - y, 2*(y - x)) + abs(x + y - 0.2)", "x=-1:2, y=-2:1", 0.0, True),
        ("x^2 + y^2", "x=0:1, y=-1:0", 0.0, True),
        ("(x - 0.3)^2 + y", "x=0:1, y=2:5", 2.0, True),
        ("x^1.5 - acos(x)", "x=-2:2", -pi / 2, True),
        ("sign(x) + x^2", "x=-2:2", -1.0, False),
        ("(x + 2)^2 + 0*log(x + 1)", "x=-3:3", 1.0, False),
        ("x + 0*x^(-0.5)", "x=-1:1", 0.0, False),
        ("ifelse(log(x) < 9, x, 1)", "x=-1:1", 0.0, False),
        ("1/x", "x=-1:1", -inf, False),
        ("log(x) + x", "x=-1:1", -inf, False),
        ("(x - y)^2", "x=-1:1, y=-1:1", 0.0, False),
        ("sqrt(-1 - x^2)", "x=-1:1", inf, False),
    ],
)
def test_edges_kinks_jumps_poles_and_flat_sets_are_proved_or_told(
    text: str, window: str, infimum: float, proved: bool
) -> None:
    found = certify_window(Function(text), window, max_boxes=1000)
    low, high = found.f
    assert low <= infimum + 1e-12
    assert high >= infimum - 1e-12
    assert (found.status == PROVED) == proved
    assert bool(found.left) <= (not proved)


def test_an_infimum_at_a_jump_is_enclosed_and_not_called_a_minimum() -> None:
    found = certify_window(Function("ifelse(x < 0.3, x - 5, x)"), "x=-1:0.8")
    assert found.status == PROVED  # at x = -1
    found = certify_window(Function("ifelse(x < 0.3, -x, 1)"), "x=-1:0.8")
    assert not found.claims["value"]
    assert holds(found.f, Fraction(-3, 10))
    assert "jumps around x = 0.3" in found.message


def test_a_minimum_on_a_face_is_unique_there() -> None:
    found = certify_window(function("eggholder"), "x=-512:512, y=-512:512")
    (point,) = found.minimizers
    assert found.status == PROVED
    assert (point.unique, point.face, point.x[0]) == (True, ("x",), (512, 512))
    assert float(found.f[1]) == pytest.approx(-959.6406627208506, abs=1e-10)


@pytest.mark.parametrize("name", sampled(["himmelblau", "shubert"], 1))
def test_all_of_several_global_minimizers_are_listed(name: str) -> None:
    count, side = {"himmelblau": (4, 6), "shubert": (18, 10)}[name]
    found = certify_window(function(name), [(-side, side)] * 2)
    assert found.status == PROVED
    assert len(found.minimizers) == count
    assert all(one.unique for one in found.minimizers)
    [note] = found.notes
    lows, highs = zip(*(one.f for one in found.minimizers), strict=True)
    assert note.startswith(f"{count} candidates, whose values are equal to within ")
    assert max(highs) - min(lows) <= Fraction(note.split()[-1]) <= Fraction(1, 10**9)


def test_digits_asked_for_are_right() -> None:
    found = certify_window(function("siam-100-digit-4"), "x=-1:1, y=-1:1", digits=40)
    assert found.digits == 40
    assert holds(found.f, SIAM_4)
    assert found.f[1] - found.f[0] < Fraction(1, 10**39)


def test_a_point_is_asked_whether_it_is_the_global_minimizer() -> None:
    f, window = function("three-hump-camel"), "x=-5:5, y=-5:5"
    assert certify_window(f, window, at=[1e-7, 0.0]).status == PROVED
    found = certify_window(f, window, at=[-1.74755, 0.87378])
    assert found.status == DISPROVED
    assert found.lower is not None
    assert found.lower[1][1] < f(-1.74755, 0.87378)


def test_another_well_is_not_the_global_minimizer_however_wide_the_window() -> None:
    f, window = Function("(x^2 - 1)^2 + 0.1*x"), "x=-2e6:2e6"
    for x in (1.0, 0.98, 0.0):
        assert certify_window(f, window, at=[x]).status == DISPROVED
    found = certify_window(f, window, at=[-1.0])
    assert found.status == PROVED
    assert found.message.endswith("; the point given is 0.012 away")


def test_the_value_alone_is_proved_without_the_minimizers() -> None:
    found = certify_window(Function("(x - y)^2"), "x=-1:1, y=-1:1", claim="value")
    assert (found.status, found.left) == (PROVED, ())
    assert not found.claims["enclosure"]


def test_a_limit_is_told_and_what_is_proved_until_then() -> None:
    found = certify_window(function("shubert"), "x=-10:10, y=-10:10", max_boxes=100)
    assert found.status == UNRESOLVED
    assert found.f[0] <= SHUBERT[1]
    assert SHUBERT[0] <= found.f[1] < inf
    assert 100 <= found.boxes <= 102
    assert "boxes were made" in found.message


def test_an_interrupt_gives_what_is_known_so_far() -> None:
    def watch(progress: SearchProgress) -> None:
        if progress.boxes > 50:
            raise KeyboardInterrupt

    found = certify_window(function("shubert"), "x=-10:10, y=-10:10", watch=watch)
    assert found.status == INTERRUPTED
    assert found.f[0] <= SHUBERT[1]
    assert SHUBERT[0] <= found.f[1] < inf
    assert not any(found.claims.values())
    assert found.arithmetic
    assert found.left


def test_an_interrupt_of_a_descent_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*given: Any, **settings: Any) -> Result:
        return run_descent(*given, **{**settings, "on_iterate": raise_interrupt})

    def raise_interrupt(_row: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gdcli.proofs.search.run_descent", interrupted)
    found = certify_window(Function("x^2"), "x=-1:2")
    assert found.status == INTERRUPTED


def test_a_descent_ends_at_the_limit_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    ended, clock = [], count()

    def watched(*given: Any, **settings: Any) -> Result:
        try:
            return run_descent(*given, **settings)
        except TimeoutError:
            ended.append(given)
            raise

    monkeypatch.setattr("gdcli.proofs.search.run_descent", watched)
    monkeypatch.setattr("gdcli.proofs.search.perf_counter", lambda: next(clock))
    assert certify_window(function("rosenbrock"), "x=-5:5, y=-5:5", max_seconds=8).left
    assert len(ended) == 1


def test_no_descent_begins_that_would_end_after_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_given: Any, **_settings: Any) -> Result:
        raise AssertionError("a descent began")

    monkeypatch.setattr("gdcli.proofs.search.run_descent", never)
    monkeypatch.setattr("gdcli.proofs.search.DESCENT_SECONDS", 60)
    assert certify_window(Function("(x - 1)^2"), "x=-2:3", max_seconds=60).f[0] <= 0


def test_a_search_repeats_itself() -> None:
    def columns() -> Any:
        search = WindowSearch(function("branin"), [-5.0, 0.0], [10.0, 15.0], SearchSettings())
        search.run()
        return search.searched().paving

    for one, other in zip(columns(), columns(), strict=True):
        assert np.asarray(one).tobytes() == np.asarray(other).tobytes()


def test_the_beginning_of_a_paving_leaves_what_lacks_its_children() -> None:
    search = WindowSearch(function("branin"), [-5.0, 0.0], [10.0, 15.0], SearchSettings())
    search.run()
    whole = search.searched().paving
    part = whole.beginning(10)
    split = np.flatnonzero(part.reason < Reason.VALUE)
    assert (part.reason == Reason.LEFT).any()
    for box in split:
        children = whole.parent == box
        assert np.count_nonzero(part.parent == box) == np.count_nonzero(children)


def test_boxes_that_touch_are_joined() -> None:
    low = np.array([[0.0, 1.0, 5.0, 2.0]])
    found = hulls(low, low + 1.0)
    assert sorted((float(a[0]), float(b[0])) for a, b in found) == [(0.0, 3.0), (5.0, 6.0)]
    assert ends_of([0.5], [1]) == ((Fraction(1, 2), Fraction(1)),)


def test_an_upper_bound_is_found_where_lanes_have_no_rule_for_an_argument() -> None:
    found = certify("gamma(-0.25)^2 + x^2", window={"x": (-2, 1)})
    assert found.status == PROVED
    assert float(found.f[0]) == pytest.approx(float(mpmath.gamma(-0.25) ** 2), rel=1e-14)


def test_boxes_that_a_limit_has_left_are_told_with_the_limit() -> None:
    found = certify("himmelblau", window={"x": (-6, 6), "y": (-6, 6)}, max_boxes=3)
    assert "boxes were made" in found.message
