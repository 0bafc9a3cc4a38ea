"""The data in problems/: every entry is whole, and says what the literature says."""

from __future__ import annotations

from pathlib import Path

import pytest

from gdcli.functions.problem import Problem
from gdcli.language.suggest import distance
from gdcli.library import lookup
from gdcli.library.verification import verify
from tests.problem_list import PROBLEMS
from tests.sweeps import sampled

EVERY = pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)
TAGS = {
    *("lecture", "classic", "more-garbow-hillstrom", "cutest", "siam", "univariate"),
    *("any-size", "least-squares"),
    *("bowl", "plate", "valley", "multimodal"),
    *("nonsmooth", "degenerate", "unbounded", "badly-scaled"),
}

# Minima as published: by the formulas of Pavlyukevich and the lecture at 50 digits (five-well),
# Moré, Garbow and Hillstrom (1981), Dixon and Szegő (1978), the SIAM challenge's solution, and
# the go_benchmark_functions of SciPy. Position, value, and the digits both agree to.
PUBLISHED: list[tuple[str, tuple[float, ...], float, float]] = [
    ("five-well", (4.93228927112572, -10.00051590302335), -1.15423384652360905, 1e-14),
    ("five-well-paper", (4.92125287580203, -9.88727598746512), -1.46163771351035346, 1e-14),
    ("rosenbrock", (1, 1), 0, 0),
    ("beale", (3, 0.5), 0, 0),
    ("booth", (1, 3), 0, 0),
    ("himmelblau", (3, 2), 0, 0),
    ("himmelblau", (-2.805118, 3.131312), 0, 1e-6),
    ("himmelblau", (-3.779310, -3.283186), 0, 1e-6),
    ("himmelblau", (3.584428, -1.848126), 0, 1e-6),
    ("mccormick", (-0.5471975602214493, -1.547197559268372), -1.913222954981037, 1e-8),
    ("branin", (3.14159265358979, 2.275), 0.39788735772973816, 1e-14),
    ("goldstein-price", (0, -1), 3, 0),
    ("six-hump-camel", (0.0898420136830133, -0.7126564032704135), -1.031628, 1e-6),
    ("styblinski-tang", (-2.903534018185960, -2.903534018185960), -78.33233140754284, 1e-7),
    ("zettl", (-0.02989597760285287, 0), -0.003791237220468656, 1e-8),
    ("bird", (4.701055751981055, 3.152946019601391), -106.7645367198034, 2e-5),
    ("easom", (3.14159265358979, 3.14159265358979), -1, 1e-14),
    ("michalewicz-2", (2.20290555, 1.570796), -1.8013, 1e-5),
    ("schaffer-4", (0, 1.253115), 0.292579, 2e-5),
    ("shubert", (-7.0835, 4.8580), -186.7309, 1e-4),
    ("cross-in-tray", (1.349406685353340, 1.349406608602084), -2.062611870822739, 1e-7),
    ("holder-table", (8.055023472141116, 9.664590028909654), -19.20850256788675, 1e-8),
    ("ackley", (0, 0), 0, 0),
    ("bukin-6", (-10, 1), 0, 0),
    ("freudenstein-roth", (5, 4), 0, 0),
    ("freudenstein-roth", (11.41, -0.8968), 48.9842, 3e-3),
    ("powell-badly-scaled", (1.098e-5, 9.106), 0, 2e-4),
    ("brown-badly-scaled", (1e6, 2e-6), 0, 0),
    ("jennrich-sampson", (0.2578, 0.2578), 124.362, 1e-3),
    ("penalty-1", (0.250007, 0.250007, 0.250007, 0.250007), 2.24997e-5, 1e-6),
    ("helical-valley", (1, 0, 0), 0, 0),
    ("wood", (1, 1, 1, 1), 0, 0),
    ("hartmann-3", (0.11461292, 0.55564907, 0.85254697), -3.8627821478, 2e-6),
    ("shekel-5", (4.00004, 4.00013, 4.00004, 4.00013), -10.1532, 1e-5),
    ("gramacy-lee", (0.548563444114526,), -0.869011134989500, 1e-8),
    ("forrester", (0.757249,), -6.02074, 1e-6),
    ("univariate-2", (5.145735,), -1.899599, 1e-6),
    ("siam-100-digit-4", (-0.0244030796943752, 0.2106124271553558), -3.306868647475237, 1e-14),
]


def test_there_are_enough_and_the_lectures_among_them() -> None:
    assert len(PROBLEMS) >= 120
    named = {problem.name for problem in PROBLEMS}
    assert {"lecture", "sphere", "five-well", "five-well-paper"} <= named
    assert len(named) == len(PROBLEMS)


@EVERY
def test_every_entry_is_whole(problem: Problem) -> None:
    function = lookup.function(problem.name)
    assert function.problem == problem  # found by name, as found by reading its whole family
    assert len(problem.start) == len(problem.window) == function.layout.size
    assert "f(" in problem.expression
    assert function.layout.has_arrays == bool(problem.sizes) == ("any-size" in problem.tags)
    assert problem.name.endswith("-n") == ("any-size" in problem.tags)
    assert problem.title
    assert problem.source
    assert problem.tags
    assert set(problem.tags) <= TAGS
    assert problem.minima or problem.note


@EVERY
def test_names_are_no_near_miss_of_an_ordinary_expression(problem: Problem) -> None:
    assert len(problem.name) >= 4
    ordinary = ("x-y", "y-x", "x1-x2", "x-1", "a-b-c", "x1", "2x", "2x-y", "x2-x1", "u-v", "3-x")
    assert min(distance(problem.name, text) for text in ordinary) > 2


@EVERY
def test_the_start_is_a_point_to_descend_from(problem: Problem) -> None:
    function = lookup.function(problem.name)
    assert function.failure(problem.start) is None
    assert any(function.evaluate_gradient(problem.start)[1])


@EVERY
def test_the_lowest_minimum_is_the_first(problem: Problem) -> None:
    for sizes in (None, *problem.elsewhere):
        known = lookup.function(problem.name, sizes=sizes).problem
        assert known is not None
        values = [minimum.f for minimum in known.minima]
        assert values == sorted(values)


@pytest.mark.parametrize("name", sampled([problem.name for problem in PROBLEMS], 40))
def test_machine_code_says_what_python_says(name: str) -> None:
    """The same bits without loops; with loops, whose sums it adds in another order, within the
    rounding error.
    """
    pytest.importorskip("llvmlite")
    python, native = (lookup.function(name, backend=backend) for backend in ("python", "native"))
    point = list(lookup.problem(name).start)
    value, gradient = python.evaluate_gradient(point)
    found, slopes = native.evaluate_gradient(point)
    if not python.has_loops:
        assert (found, list(slopes)) == (value, list(gradient))
    assert abs(found - value) <= 2 * python.rounding_error(point)
    largest = max(map(abs, gradient))
    assert list(slopes) == pytest.approx(list(gradient), rel=1e-12, abs=1e-12 * largest)


@EVERY
def test_any_size_is_any_size(problem: Problem) -> None:
    """The start fits, and a minimum stated for every size is one for a larger size too."""
    if not problem.sizes:
        return
    larger = {name: 2 * size + 1 for name, size in problem.sizes.items()}
    known = lookup.function(problem.name, sizes=larger).problem
    assert known is not None
    assert len(known.start) > len(problem.start)
    assert [check for check in verify(known._replace(elsewhere=())) if not check.holds] == []


@EVERY
def test_every_stated_point_is_what_it_is_said_to_be(problem: Problem) -> None:
    assert [check for check in verify(problem) if not check.holds] == []


@pytest.mark.parametrize(("name", "at", "f", "digits"), PUBLISHED)
def test_published_minima(name: str, at: tuple[float, ...], f: float, digits: float) -> None:
    minima = lookup.problem(name).minima
    nearest = min(
        minima, key=lambda known: max(abs(a - b) for a, b in zip(known.at, at, strict=True))
    )
    assert nearest.at == pytest.approx(at, rel=digits, abs=digits)
    assert nearest.f == pytest.approx(f, rel=digits, abs=digits)


def test_the_lecture_has_no_minimum() -> None:
    problem = lookup.problem("lecture")
    assert problem.minima == ()
    assert [known.kind for known in problem.stationary] == ["maximum", "saddle", "saddle"]


def test_the_two_five_wells_name_each_other() -> None:
    lecture, paper = lookup.problem("five-well"), lookup.problem("five-well-paper")
    assert "five-well-paper" in lecture.note
    assert "five-well " in paper.note
    assert lecture.start == (10.0, 10.0)
    assert len(lecture.minima) == len(paper.minima) == 5


def test_every_family_opens_with_what_it_is() -> None:
    for path in {problem.path for problem in PROBLEMS}:
        assert Path(path).read_text("utf-8").startswith("# ")
