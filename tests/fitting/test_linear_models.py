"""Models that are linear in all parameters are solved once, however ill conditioned they are."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import gdcli

FILES = Path(__file__).parent / "nist"
FILIP = [-1467.48961422980, -2772.17959193342, -2316.37108160893, -1127.97394098372,
         -354.478233703349, -75.1242017393757, -10.8753180355343, -1.06221498588947,
         -0.0670191154593408, -0.00246781078275479, -0.0000402962525080404]  # fmt: skip


def polynomial(degree: int) -> str:
    return "y ~ " + " + ".join(f"b{k}*x^{k}" for k in range(degree + 1))


def test_nists_polynomial_of_degree_ten_has_its_certified_parameters() -> None:
    with (FILES / "Filip.csv").open(encoding="utf-8") as file:
        rows = [*csv.DictReader(file)]
    data = {name: [float(row[name]) for row in rows] for name in ("x", "y")}
    fit = gdcli.fit(polynomial(10), data)
    assert fit.classification == "minimum"
    assert [*fit.values.values()] == pytest.approx(FILIP, rel=1e-12)
    assert fit.s == pytest.approx(0.00334801051324544, rel=1e-10)
    assert fit.parameters["b0"].error == pytest.approx(298.084530995537, rel=1e-7)
    assert fit.parameters["b10"].error == pytest.approx(0.896632837373868e-5, rel=1e-7)


@pytest.mark.parametrize(("degree", "least"), [(3, "minimum"), (5, "flat")])
def test_polynomials_of_years_end_at_their_least_sum_of_squares(degree: int, least: str) -> None:
    years = np.arange(1990.0, 2021.0)
    y = 100.0 * np.exp(0.05 * (years - 2000.0)) + np.sin(7.0 * years)
    shifted = (years - 2005.0) / 15.0  # a basis of the same polynomials that is well conditioned
    basis = np.vander(shifted, degree + 1)
    rest = y - basis @ np.linalg.lstsq(basis, y, rcond=None)[0]
    fit = gdcli.fit(polynomial(degree), {"x": years, "y": y})
    assert (fit.outcome.name, fit.classification) == ("CONVERGED", least)
    assert fit.sum_of_squares == pytest.approx(float(rest @ rest), rel=1e-5)


def test_bounds_that_do_not_hold_leave_the_solution() -> None:
    years = np.arange(1990.0, 2021.0)
    data = {"x": years, "y": np.exp(0.05 * (years - 2000.0))}
    free = gdcli.fit(polynomial(3), data)
    bounded = gdcli.fit(polynomial(3), data, bounds={"b3": (0, None)})
    assert bounded.classification == "minimum"
    assert [*bounded.values.values()] == pytest.approx([*free.values.values()], rel=1e-9)
    assert bounded.evaluations < 20


def test_a_column_that_is_small_beside_the_response_has_influence() -> None:
    k = [float(i) for i in range(10)]
    fit = gdcli.fit("y ~ a + b*k", {"k": [12.0 * one for one in k], "y": [1e17 * one for one in k]})
    assert fit.classification == "minimum"
    assert fit.values["b"] == pytest.approx(1e17 / 12.0, rel=1e-14)
    flat = gdcli.fit("y ~ a + b*(0.1*k - 0.3)", {"k": [3.0] * 4, "y": [1.0, 2.0, 3.0, 4.0]})
    assert flat.classification == "flat"
    assert flat.values["a"] == 2.5


def test_an_ill_conditioned_polynomial_has_as_many_digits_as_are_asked_for() -> None:
    x = [2000.0 + 0.75 * i for i in range(12)]
    y = [float(i % 5) for i in range(12)]
    fit = gdcli.fit(polynomial(3), {"x": x, "y": y}, digits=20)
    assert fit.decimals is not None
    assert [*map(float, fit.decimals.parameters)] == pytest.approx([*fit.values.values()], rel=1e-9)
