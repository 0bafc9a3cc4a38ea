"""`minimize` judged by functions whose true ending is known by construction.

The default run takes some of every family; the whole set is run by `pytest -m full`. What the
families say is itself tested, in many digits, by an evaluator that shares nothing with the program.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import mpmath
import pytest

from gdcli.cli.app import run
from gdcli.descent.minimize import run_descent
from gdcli.descent.verdict import verdict
from gdcli.functions.function import Function
from tests.endings import ENDINGS, FAMILIES, FOUND, Ending, Point
from tests.expressions import Reference

OF_A_FAMILY = 2  # of its endings are taken by the default run

# What the rules do not settle, each with its reason: strict expected failures.
REMAINDER_BY_FAMILY = {  # the reason, and the numbers
    "bowls": ("stalls where what is left to gain is 1.3 times the bound of f's rounding", "19"),
    "cusps": ("f is lower between two curves that touch here, first on no straight ray", "0 1 2"),
    "slopes_in_part": (
        "the floor of the curved valley falls by less than four times what is left to gain",
        "19 25 46 50 53",
    ),
    "plateaus_below_many_digits": ("60 digits do not show the fall", "2"),
    "kinks": (
        "f is lower along the curve of its kink alone; rays are straight there",
        "32 33 34 35 85 86",
    ),
    "steep_beside_degenerate": ("rounding beside walls of 1e12 hides the fall", "91"),
    "beside_saddles": (
        "the slope and curvature of this point show no saddle within 1e-4 of the scale",
        "31 44 46 126 127",
    ),
    "narrow_cones": ("no ray meets so narrow a cone", "10 13 22 29"),
    "other_tolerances": (
        "a saddle's witness is found at the wide tolerance where a slope is expected",
        "32",
    ),
    "turned_kinks": (
        "f is lower along one line askew, first on no ray that doubles can follow",
        "20 21 22 23 50 51 52 53 54 55",
    ),
    "cancellations": ("the terms cancel all digits of the fall: it is below their rounding", "72"),
    "small_structures": (
        "all happens within 1e-6 of the scale, where rays begin",
        "20 25 32 33 36 40 41 44 48 49 52 56 57 60",
    ),
}
KNOWN_REMAINDER = {
    f"{family}-{number}": reason
    for family, (reason, numbers) in REMAINDER_BY_FAMILY.items()
    for number in numbers.split()
}

MOST_VERDICT_EVALUATIONS = 2000  # of f, for one verdict
TYPICAL_VERDICT_EVALUATIONS = 20  # of f, for the median of the family

mp = mpmath.mp.clone()


def family(name: str) -> str:
    return name.rsplit("-", 1)[0]


def of_every_family(names: list[str], remainder: Mapping[str, str] = {}) -> list[Any]:
    """The names as parameters: some of every family, always the same, the others marked `full`."""
    source = random.Random("endings")
    families: dict[str, list[str]] = {}
    for name in names:
        families.setdefault(family(name), []).append(name)
    params = []
    for members in families.values():
        chosen = source.sample(members, min(OF_A_FAMILY, len(members)))
        for name in members:
            marks: list[Any] = [] if name in chosen else [pytest.mark.full]
            if name in remainder:
                marks.append(pytest.mark.xfail(reason=remainder[name], strict=True))
            params.append(pytest.param(name, marks=marks))
    return params


class Counting:
    """An objective that counts the evaluations of f and of its gradient."""

    def __init__(self, objective: Any) -> None:
        self.objective, self.evaluations = objective, 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.objective, name)
        if name not in ("evaluate", "evaluate_gradient"):
            return found

        def counted(*given: Any) -> Any:
            self.evaluations += 1
            return found(*given)

        return counted


class Judged(NamedTuple):
    """What is wrong with the end of a run, and the evaluations that its verdict took."""

    fault: str | None
    evaluations: int


def judged(ending: Ending, monkeypatch: pytest.MonkeyPatch) -> Judged:
    """A run of the program from the ending's start."""
    counting = Counting(Function(ending.text))

    def counted(objective: Any, *given: Any, **named: Any) -> Any:
        counting.objective = objective
        return verdict(counting, *given, **named)

    with monkeypatch.context() as patch:
        patch.setattr("gdcli.descent.loop.verdict", counted)
        result = run_descent(counting.objective, list(ending.start), tolerance=ending.tolerance)
    found = ending.fault(
        result.exit_status, result.x, result.f, result.classification, result.degenerate
    )
    where = f"{ending.text}\nfrom {list(ending.start)}: {result.message}"
    return Judged(found and f"{found}\n{where}", counting.evaluations)


@pytest.mark.parametrize("name", of_every_family(list(ENDINGS), KNOWN_REMAINDER))
def test_a_run_ends_as_it_should(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = judged(ENDINGS[name], monkeypatch)
    assert found.fault is None, found.fault
    assert found.evaluations <= MOST_VERDICT_EVALUATIONS


def test_a_verdict_typically_takes_few_evaluations(monkeypatch: pytest.MonkeyPatch) -> None:
    names = random.Random("cost").sample(sorted(ENDINGS), 50)
    costs = sorted(judged(ENDINGS[name], monkeypatch).evaluations for name in names)
    assert costs[len(costs) // 2] <= TYPICAL_VERDICT_EVALUATIONS


@pytest.mark.parametrize(
    "name", sorted(set(random.Random("shell").sample(list(ENDINGS), 16)) - set(KNOWN_REMAINDER))
)
def test_the_command_line_ends_as_it_should(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    ending = ENDINGS[name]._replace(degenerate=None)
    start = ",".join(map(repr, ending.start))
    words = ["--start", start, "--tolerance", repr(ending.tolerance), "--format", "json"]
    status = run(["minimize", ending.text, *words])
    said = json.loads(capsys.readouterr().out)
    x = [
        entry
        for value in said["x"].values()
        for entry in (value if isinstance(value, list) else [value])
    ]
    found = ending.fault(status, x, said["f"], said["classification"], False)
    assert found is None, found


# -- what the families say --------------------------------------------------------------------


def value(ending: Ending, point: Point, digits: int = 60) -> Any:
    """f at a point of doubles, in many digits."""
    mp.dps = digits
    body = re.sub(r"^f\(.*?\) = ", "", ending.written_out or ending.text)
    names = [re.sub(r"[\[\]]", "", name) for name in Function(ending.text).components]
    return Reference(body).evaluate(mp, dict(zip(names, map(mp.mpf, point), strict=True)))


def around(point: Point, source: random.Random, distance: float = 0.05) -> Iterator[Point]:
    """Points about one, each coordinate moved by up to a share of its own size, or of 1."""
    for share in (1.0, 1.0, 1.0, 0.1, 0.1, 0.01):
        yield tuple(a + (abs(a) or 1.0) * share * distance * source.uniform(-1, 1) for a in point)


MINIMA = [name for name, ending in ENDINGS.items() if ending.minimizer is not None]
OTHERS = [name for name, ending in ENDINGS.items() if ending.lower is not None]


def test_there_are_many_endings_of_every_family() -> None:
    assert len(ENDINGS) >= 400
    assert {family(name) for name in ENDINGS} == {maker.__name__ for maker in FAMILIES}
    assert all((ending.least is not None) == (FOUND in ending.exits) for ending in ENDINGS.values())
    assert set(MINIMA) >= {name for name, ending in ENDINGS.items() if ending.least is not None}


@pytest.mark.parametrize("name", of_every_family(MINIMA))
def test_f_is_least_at_the_minimizers(name: str) -> None:
    ending = ENDINGS[name]
    assert ending.minimizer is not None
    assert ending.least is not None
    least, rounding = mp.mpf(ending.least), mp.mpf("1e-50") + 1e-15 * abs(ending.least)
    assert value(ending, ending.minimizer) <= least + 1e-6 * ending.within + rounding
    for point in around(ending.minimizer, random.Random(name)):
        assert value(ending, point) >= least - rounding


@pytest.mark.parametrize("name", of_every_family(OTHERS))
def test_f_is_lower_near_points_that_are_no_minimum(name: str) -> None:
    ending = ENDINGS[name]
    at, lower = ending.stationary or ending.start, ending.lower
    assert lower is not None
    moved = 0.0
    for a, b, c in zip(at, lower, ending.start, strict=True):
        scale = max(abs(a), abs(c)) or 1.0
        assert abs(a - b) <= 0.1 * scale
        moved = max(moved, abs(a - b) / scale)
    here = value(ending, at, 420)
    assert value(ending, lower, 420) < here
    if "maximum" in ending.words:
        near = around(at, random.Random(name), min(moved, 0.05))
        assert all(value(ending, point) < here for point in near)
