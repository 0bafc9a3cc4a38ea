"""Functions of any size: as the literature writes them, and with its minima."""

from __future__ import annotations

from typing import Any

import pytest

from gdcli.functions.function import Function
from gdcli.library import lookup
from tests.any_size import VALUES
from tests.more_garbow_hillstrom import SQUARES, mp
from tests.problem_list import PROBLEMS
from tests.published import agrees, check, close

EVERY = pytest.mark.parametrize("name", VALUES)
# Published minima; the last six are those of CUTEst's SIF files.
PUBLISHED: list[tuple[str, dict[str, int], str]] = [
    ("trid-n", {"n": 6}, "-50"),
    ("trid-n", {"n": 10}, "-210"),
    ("styblinski-tang-n", {"n": 10}, "-391.6617"),
    ("schwefel-n", {"n": 10}, "-4189.829"),
    ("michalewicz-n", {"n": 5}, "-4.687658"),
    ("michalewicz-n", {"n": 10}, "-9.66015"),
    ("cosine-mixture-n", {"n": 4}, "-0.4"),
    ("lennard-jones-n", {"m": 4}, "-6.000000"),
    ("lennard-jones-n", {"m": 7}, "-16.505384"),
    ("rosenbrock-nash-n", {"n": 10}, "1.0"),
    ("cosine-n", {"n": 10}, "-9"),
    ("schmvett-n", {"n": 10}, "-24.0"),
    ("arwhead-n", {"n": 10}, "0"),
    ("tridia-n", {"n": 10}, "0"),
    ("engval1-n", {"n": 2}, "0"),
]
# f where every variable has one value, computed from CUTEst's SIF files by S2MPJ.
COMPUTED: list[tuple[str, int, float, float]] = [
    ("arwhead-n", 100, 1, 297),
    ("bdqrtic-n", 100, 1, 21696),
    ("cosine-n", 10, 1, 7.898243057013355),
    ("dixon3dq-n", 10, -1, 8),
    ("edensch-n", 36, 8, 128851),
    ("engval1-n", 2, 2, 59),
    ("liarwhd-n", 36, 4, 21060),
    ("power-n", 10, 1, 3025),
    ("tridia-n", 10, 1, 54),
]


def written(name: str, point: Any, sizes: Any) -> Any:
    return VALUES[name]((0, *map(mp.mpf, point), 0), sizes)


def opened(name: str, sizes: dict[str, int] | None = None) -> Function:
    return lookup.function(name, sizes=sizes)


def test_a_name_that_ends_in_n_is_written_for_any_size() -> None:
    named = {known.name for known in PROBLEMS if known.name.endswith("-n")}
    assert named == {name for name in (*VALUES, *SQUARES) if name.endswith("-n")}
    assert all("any-size" in lookup.problem(name).tags for name in named)


@EVERY
def test_values_and_gradients_are_those_of_the_literature(name: str) -> None:
    function = opened(name)
    known = function.problem
    assert known is not None
    check(function, lambda x: written(name, x, function.sizes), known.start)


@EVERY
def test_stated_minima_are_those_of_the_literature(name: str) -> None:
    function = opened(name)
    assert function.problem is not None
    for minimum in function.problem.minima:
        value = written(name, minimum.at, function.sizes)
        assert close(minimum.f, value, 1e-14, 1e-25)


@pytest.mark.parametrize(("name", "sizes", "text"), PUBLISHED)
def test_published_minima(name: str, sizes: dict[str, int], text: str) -> None:
    known = opened(name, sizes).problem
    assert known is not None
    assert agrees(known.minima[0].f, text)


@pytest.mark.parametrize(("name", "n", "at", "f"), COMPUTED)
def test_values_are_those_of_cutest(name: str, n: int, at: float, f: float) -> None:
    assert opened(name, {"n": n}).evaluate([at] * n) == pytest.approx(f, rel=1e-14)


@pytest.mark.parametrize(
    "name", ["ackley-n", "griewank-n", "levy-n", "schwefel-2-22-n", "alpine-n"]
)
def test_a_start_that_repeats_serves_the_least_size(name: str) -> None:
    least, two = (opened(name, {"n": n}).problem for n in (1, 2))
    assert least is not None
    assert two is not None
    assert least.start == two.start[:1]
