"""All 35 problems of Moré, Garbow and Hillstrom (1981): functions, starts and minima."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gdcli.functions.function import Function
from gdcli.library import lookup
from tests.more_garbow_hillstrom import SQUARES, mp
from tests.published import agrees, check, close, gradient

# The starts and minima of the paper by problem number, with the sizes they are for; several values
# are several minima. What is cut off there may differ by one in the last digit. Not the paper's are
# 4.77271e-3 of problem 35, which is CUTEst's, and 3.05728 of problem 31, found by descents here.
POWELL = (3, -1, 0, 1)
PAPER: list[tuple[int, dict[str, int], tuple[float, ...], tuple[str, ...]]] = [
    (1, {}, (-1.2, 1), ("0",)),
    (2, {}, (0.5, -2), ("0", "48.9842")),
    (3, {}, (0, 1), ("0",)),
    (4, {}, (1, 1), ("0",)),
    (5, {}, (1, 1), ("0",)),
    (6, {}, (0.3, 0.4), ("124.362",)),
    (7, {}, (-1, 0, 0), ("0",)),
    (8, {}, (1, 1, 1), ("8.21487e-3",)),
    (9, {}, (0.4, 1, 0), ("1.12793e-8",)),
    (10, {}, (0.02, 4000, 250), ("87.9458",)),
    (11, {}, (5, 2.5, 0.15), ("0",)),
    (12, {}, (0, 10, 20), ("0", "0")),
    (13, {}, POWELL, ("0",)),
    (14, {}, (-3, -1, -3, -1), ("0",)),
    (15, {}, (0.25, 0.39, 0.415, 0.39), ("3.07505e-4",)),
    (16, {}, (25, 5, -5, -1), ("85822.2",)),
    (17, {}, (0.5, 1.5, -1, 0.01, 0.02), ("5.46489e-5",)),
    (18, {}, (1, 2, 1, 1, 1, 1), ("0", "0")),
    (19, {}, (1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5), ("4.01377e-2",)),
    (20, {"n": 6}, (0,) * 6, ("2.28767e-3",)),
    (20, {"n": 9}, (0,) * 9, ("1.39976e-6",)),
    (20, {"n": 12}, (0,) * 12, ("4.72238e-10",)),
    (21, {"m": 5}, (-1.2, 1) * 5, ("0",)),
    (22, {"m": 3}, POWELL * 3, ("0",)),
    (23, {"n": 4}, (1, 2, 3, 4), ("2.24997e-5",)),
    (23, {"n": 10}, tuple(range(1, 11)), ("7.08765e-5",)),
    (24, {"n": 4}, (0.5,) * 4, ("9.37629e-6",)),
    (24, {"n": 10}, (0.5,) * 10, ("2.93660e-4",)),
    (25, {"n": 10}, tuple(1 - j / 10 for j in range(1, 11)), ("0",)),
    (26, {"n": 10}, (0.1,) * 10, ("0", "2.79506e-5")),
    (27, {"n": 10}, (0.5,) * 10, ("0", "0")),
    (28, {"n": 10}, tuple(i / 11 * (i / 11 - 1) for i in range(1, 11)), ("0",)),
    (29, {"n": 10}, tuple(i / 11 * (i / 11 - 1) for i in range(1, 11)), ("0",)),
    (30, {"n": 10}, (-1,) * 10, ("0",)),
    (31, {"n": 10}, (-1,) * 10, ("0", "3.05728")),
    (32, {"n": 10, "m": 20}, (1,) * 10, ("10",)),
    (33, {"n": 10, "m": 20}, (1,) * 10, ("4.634146",)),
    (34, {"n": 10, "m": 20}, (1,) * 10, ("6.135135",)),
    (35, {"n": 8}, tuple(j / 9 for j in range(1, 9)), ("3.51687e-3",)),
    (35, {"n": 9}, tuple(j / 10 for j in range(1, 10)), ("0",)),
    (35, {"n": 10}, tuple(j / 11 for j in range(1, 11)), ("4.77271e-3", "6.50395e-3")),
]
NAMES = {number: name for name, (number, _) in SQUARES.items()}
CASES = [(NAMES[number], *rest) for number, *rest in PAPER]

# f and its gradient, mostly at the start, as printed in the tests of Gonum
# (package optimize/functions).
PRINTED: list[tuple[int, dict[str, int], tuple[float, ...], float, str]] = [
    (3, {}, (0, 1), 1.13526171734838, "-2.00007355588823e+04 -2.70596990584991e-01"),
    (4, {}, (1, 1), 999998000003, "-2e6 -4e-6"),
    (5, {}, (1, 4), 4624.453125, "8813.25 6585"),
    (7, {}, (-1, 0, 0), 2500, "0 -1.59154943091895e+03 -1e+03"),
    (9, {}, (0.4, 1, 0), 3.88810699116688e-06, "7.41428466839991e-03 -7.44126392165149e-04 0"),
    (
        11,
        {},
        (5, 2.5, 0.15),
        12.11070582556949,
        "2.08797835742898 0.0345792619697154 -39.67668010293864",
    ),
    (
        12,
        {},
        (0, 10, 20),
        1031.1538106093985,
        "98.2234314984922 -2.11937420675874 112.3881736222035",
    ),
    (14, {}, (-3, -1, -3, -1), 19192, "-12008 -2080 -10808 -1880"),
    (
        16,
        {},
        (25, 5, -5, -1),
        7926693.33699744,
        "1149322.836365895 1779291.674339785 -254579.585463521 -173400.429253115",
    ),
    (
        18,
        {},
        (1, 2, 1, 1, 1, 1),
        0.77907007565597,
        "-0.149371887533426 -0.183163468182936 -1.483958013575642 1.428277503849742"
        " -0.149371887533426 -1.483958013575642",
    ),
    (
        20,
        {"n": 6},
        (0,) * 6,
        30,
        "0 -60 -60 -61.034482758620697 -62.068965517241381 -63.114928861371936",
    ),
    (22, {"m": 2}, (3, -1, 0, 3) * 2, 190, "-14 -144 -22 30 -14 -144 -22 30"),
    (23, {"n": 4}, (1, 2, 3, 4), 885.06264, "119 238.00002 357.00004 476.00006"),
    (
        24,
        {"n": 4},
        (0.5,) * 4,
        2.34000880546302,
        "12.59999952896435 8.99999885134508 5.99999776830493 2.99999875380719",
    ),
    (25, {"n": 4}, (0.75, 0.5, 0.25, 0), 3222.1875, "-1703 -3406 -5109 -6812"),
    (
        26,
        {"n": 5},
        (0.2,) * 5,
        0.0116573789904718,
        "0.04568602319608119 -0.00896259022885634 -0.04777056509084983"
        " -0.07073790138989976 -0.07786459912600564",
    ),
]


def written(name: str, point: Any, sizes: dict[str, int]) -> Any:
    """f by the residuals of the paper, at 50 digits."""
    return sum(
        mp.mpf(residual) ** 2 for residual in SQUARES[name][1]((0, *map(mp.mpf, point), 0), sizes)
    )


def opened(name: str, sizes: dict[str, int]) -> Function:
    return lookup.function(name, sizes=sizes or None)


def test_all_35_are_there() -> None:
    assert sorted(NAMES) == list(range(1, 36)) == sorted({case[0] for case in PAPER})
    for number, name in NAMES.items():
        known = lookup.problem(name)
        assert "more-garbow-hillstrom" in known.tags
        assert f"problem {number}" in known.source


@pytest.mark.parametrize(("name", "sizes", "start", "minima"), CASES)
def test_starts_and_minima_are_those_of_the_paper(
    name: str, sizes: dict[str, int], start: tuple[float, ...], minima: tuple[str, ...]
) -> None:
    known = opened(name, sizes).problem
    assert known is not None
    assert known.start == pytest.approx(start, rel=1e-15, abs=1e-15)
    assert len(known.minima) == len(minima)
    for minimum, value in zip(known.minima, minima, strict=True):
        assert agrees(minimum.f, value)
        assert close(minimum.f, written(name, minimum.at, sizes), 1e-13, 1e-24)


def test_what_the_paper_calls_a_minimum_of_biggs_is_a_saddle() -> None:
    (point,) = lookup.problem("biggs-exp6").stationary
    assert agrees(float(written("biggs-exp6", point.at, {})), "5.65565e-3")
    assert max(map(abs, gradient(lambda x: written("biggs-exp6", x, {}), point.at))) < 1e-14


@pytest.mark.parametrize(("name", "sizes", "start"), [case[:3] for case in CASES])
def test_values_and_gradients_are_those_of_the_paper(
    name: str, sizes: dict[str, int], start: tuple[float, ...]
) -> None:
    check(opened(name, sizes), lambda x: written(name, x, sizes), start)


@pytest.mark.parametrize(("number", "sizes", "at", "f", "slopes"), PRINTED)
def test_values_and_gradients_are_those_printed(
    number: int, sizes: dict[str, int], at: tuple[float, ...], f: float, slopes: str
) -> None:
    value, found = opened(NAMES[number], sizes).evaluate_gradient(list(map(float, at)))
    assert value == pytest.approx(f, rel=1e-13)
    assert list(found) == pytest.approx([*map(float, slopes.split())], rel=1e-12, abs=1e-14)


def test_the_documents_list_them() -> None:
    page = Path(__file__).parent.parent / "docs" / "problems.md"
    listed = re.findall(r"\| (\d+) `([a-z0-9-]+)`(?= )", page.read_text(encoding="utf-8"))
    assert {int(number): name for number, name in listed} == NAMES
