"""Fits without a start: NIST's datasets, in their own units and others, and other models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gdcli.fitting.fit import fit
from gdcli.fitting.result import Fit
from tests.fitting.other_models import MODELS, drawn
from tests.nist_datasets import dataset

RIGHT = 1e-8  # more than the least sum of squares, relatively
NOTHING = 1e-20  # a sum of squares of Lanczos1, whose model passes through its data


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


def ends_right(name: str, seed: int, noise: int = 1) -> bool:
    """Whether the fit ends as low as from the parameters that the data were made with."""
    columns, made_with = drawn(name, noise)
    least = sum_of_squares(fit(MODELS[name].text, columns, start=made_with))
    found = sum_of_squares(fit(MODELS[name].text, columns, seed=seed))
    return found <= least * (1.0 + RIGHT)
