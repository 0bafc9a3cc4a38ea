"""Certificates over the library's windows, and over windows beside them, against what is published.

No published or sampled point is lower than a certified minimum, and each published one of that
value lies in a printed box.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from math import inf

import pytest

import gdcli
from gdcli.functions.function import Function
from gdcli.functions.problem import Problem
from gdcli.proofs.certificate import ENCLOSURE_CLAIM, PROVED, VALUE_CLAIM, Certificate
from gdcli.proofs.window import certify_window
from tests.problem_list import PROBLEMS
from tests.sweeps import sampled

SHIFTS = (0.0, 0.137)  # of the window's width
MOST_BOXES, MOST_COMPONENTS, SAMPLED_POINTS = 1000, 6, 200
PUBLISHED_DIGITS = 1e-7  # relative: some minima are given with eight digits
Window = tuple[tuple[float, float], ...]


def windows() -> Iterator[tuple[str, float]]:
    for problem in PROBLEMS:
        if problem.window and len(problem.window) <= MOST_COMPONENTS:
            for shift in SHIFTS:
                yield problem.name, shift


def shifted(window: Window, shift: float) -> Window:
    return tuple((a + shift * (b - a), b + shift * (b - a)) for a, b in window)


def wrong_words(
    certificate: Certificate, function: Function, problem: Problem, window: Window
) -> Iterator[str]:
    """What the certificate says that a sampled or a published point contradicts."""
    low, high = certificate.f
    random_numbers = random.Random(1)
    points = [
        tuple(random_numbers.choice((a, b, random_numbers.uniform(a, b))) for a, b in window)
        for _ in range(SAMPLED_POINTS)
    ]
    published = [
        tuple(one.at)
        for one in problem.minima
        if all(a <= x <= b for x, (a, b) in zip(one.at, window, strict=True))
    ]
    values = [function(point) for point in published + points]
    for point, f in zip(published + points, values, strict=True):
        if f < low - PUBLISHED_DIGITS * max(1.0, abs(f)):
            yield f"f is {f!r} at {point}, below {float(low)!r}"
    least = min((f for f in values if f == f), default=inf)
    if certificate.claims[VALUE_CLAIM] and high > least + PUBLISHED_DIGITS * max(1.0, abs(least)):
        yield f"the upper bound {float(high)!r} is above f = {least!r}"
    if certificate.claims[ENCLOSURE_CLAIM]:
        for point, f in zip(published, values, strict=False):
            if f > high + 1e-9 * max(1.0, abs(f)):
                continue
            near = (
                all(
                    first - 1e-4 * (b - a) <= x <= last + 1e-4 * (b - a)
                    for (first, last), x, (a, b) in zip(box.x, point, window, strict=True)
                )
                for box in certificate.minimizers
            )
            if not any(near):
                yield f"{point} is in no box, though f is {f!r} there"
    for box in certificate.minimizers:
        for (first, last), (a, b) in zip(box.x, window, strict=True):
            if first < a or last > b:
                yield f"a box leaves the window: {box}"


@pytest.mark.parametrize(("name", "shift"), sampled(windows(), 3))
def test_no_known_point_contradicts_a_certificate_over_a_window_of_the_library(
    name: str, shift: float
) -> None:
    function = gdcli.function(name, undefined="nan")
    assert function.problem is not None
    window = shifted(function.problem.window, shift)
    certificate = certify_window(function, window, max_boxes=MOST_BOXES)
    assert list(wrong_words(certificate, function, function.problem, window)) == []
    if certificate.status == PROVED:
        assert not certificate.left
