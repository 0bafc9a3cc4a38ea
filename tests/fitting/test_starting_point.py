"""Fits without a start end at the best minimum: NIST's, and those of models that are not NIST's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from gdcli.fitting.fit import fit
from gdcli.fitting.result import Fit
from tests.fitting.other_models import MODELS, drawn
from tests.nist_datasets import NAMES, dataset

RIGHT = 1e-8  # more than the least sum of squares, relatively
NOTHING = 1e-20  # a sum of squares of Lanczos1, whose model passes through its data
SEEDS = range(10)


def without_start(name: str, seed: int, x_times: float = 1.0, y_times: float = 1.0) -> Fit:
    """A fit of a dataset of NIST's with its columns in other units."""
    columns: Mapping[str, Any] = {
        heading: np.array(column) * (y_times if heading == "y" else x_times)
        for heading, column in dataset(name).columns.items()
    }
    return fit(dataset(name).model, columns, seed=seed)


def sum_of_squares(found: Fit) -> float:
    assert found.sum_of_squares is not None
    return found.sum_of_squares


def is_certified(name: str, found: Fit, y_times: float = 1.0) -> bool:
    if name == "Nelson":  # whose response is a logarithm: other units shift it
        y_times = 1.0
    certified = dataset(name).sum_of_squares * y_times**2
    return sum_of_squares(found) <= certified * (1.0 + RIGHT) + NOTHING * y_times**2


@pytest.mark.parametrize("name", ["Misra1a", "MGH10", "Roszman1", "Eckerle4", "Lanczos2"])
def test_a_start_is_found_for_nists_models(name: str) -> None:
    found = without_start(name, seed=0)
    assert is_certified(name, found)
    assert found.starts.tried % 512 == 0 < found.starts.tried
    assert found.starts.followed >= found.starts.agreeing >= 1


@pytest.mark.full
@pytest.mark.parametrize("seed", SEEDS)
def test_nists_minima_are_found_without_a_start(seed: int) -> None:
    right = [name for name in NAMES if is_certified(name, without_start(name, seed))]
    assert len(right) >= 26, set(NAMES) - {*right}


@pytest.mark.full
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_nists_minima_are_found_in_other_units(seed: int) -> None:
    """But ENSO's, whose period of 12 months has no other units in the model."""
    x_times, y_times = 1e5, 1e-4
    right = [
        name
        for name in NAMES
        if is_certified(name, without_start(name, seed, x_times, y_times), y_times)
    ]
    assert len(right) >= 25, set(NAMES) - {*right}


def ends_right(name: str, seed: int, noise: int = 1) -> bool:
    """Whether the fit ends as low as from the parameters that the data were made with."""
    columns, made_with = drawn(name, noise)
    least = sum_of_squares(fit(MODELS[name].text, columns, start=made_with))
    found = sum_of_squares(fit(MODELS[name].text, columns, seed=seed))
    return found <= least * (1.0 + RIGHT)


@pytest.mark.parametrize("name", ["years", "lorentz", "arrhenius", "two-columns", "planck-si"])
def test_a_start_is_found_for_other_models(name: str) -> None:
    assert ends_right(name, seed=0)


@pytest.mark.full
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_minima_of_other_models_are_found_without_a_start(seed: int) -> None:
    wrong = [name for name in MODELS if not ends_right(name, seed, noise=seed + 2)]
    assert len(wrong) <= len(MODELS) / 20, wrong
