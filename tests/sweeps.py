"""Samples of sweeps: a few cases in the default run, and the rest with `pytest -m full`."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import settings

whole = True  # whether the cases are made that the run leaves out, as it is told by conftest.py


def sampled(cases: Iterable[Any], count: int, seed: int = 1) -> list[Any]:
    """The cases as parameters, of which all but `count`, drawn with the seed, are marked full; the
    default run does not make those.

    A case is one argument, or a tuple of several. The more a case has to do, the fewer are drawn:
    what they take together is what the default run can afford.
    """
    listed = list(cases)
    drawn = {*random.Random(seed).sample(range(len(listed)), count)}
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else (case,)),
            marks=() if number in drawn else pytest.mark.full,
        )
        for number, case in enumerate(listed)
        if whole or number in drawn
    ]


def examples(count: int) -> settings:
    """The settings of a test of so many examples; a third of them in the default run."""
    return settings(max_examples=count if whole else count // 3)
