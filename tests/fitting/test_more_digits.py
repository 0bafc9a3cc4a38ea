"""Fits have the digits that are asked for, also where a number is exactly 0."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

import gdcli

CENTRED = {"x": [-2, -1, 0, 1, 2], "y": [1, 2.1, 3.3, 4.2, 5.7]}


def decimals(model: str, data: dict[str, Any], **settings: Any) -> Any:
    found = gdcli.fit(model, data, digits=20, **settings).decimals
    assert found is not None
    return found


def test_parameters_that_are_not_correlated_have_a_covariance_of_0() -> None:
    found = decimals("y ~ a + b*x", CENTRED)
    assert [*map(Decimal, found.parameters)] == [Decimal("3.26"), Decimal("1.15")]
    residuals = Decimal("0.067")  # the sum of squares of y - 3.26 - 1.15x, by hand
    assert Decimal(found.sum_of_squares) == residuals
    variance = residuals / 3
    for row, expected in zip(
        found.covariance, ((variance / 5, 0), (0, variance / 10)), strict=True
    ):
        assert [*map(Decimal, row)] == [
            pytest.approx(one, rel=Decimal("1e-19")) for one in expected
        ]


def test_a_slope_of_0_and_derived_quantities_of_0_are_0() -> None:
    found = decimals("y ~ a + b*x", {"x": [1, 2, 3, 4], "y": [1, 2, 2, 1]}, derive={"h": "0*a"})
    assert found.parameters == ["1.5", "0"]
    assert found.derived[0][:2] == ["0", "0"]


def test_rows_of_weight_0_are_no_rows_of_the_digits() -> None:
    data: dict[str, list[float]] = {"x": [1, 2, 3, 4, 5], "y": [2, 3.5, 3.1, 44, 5.6]}
    data["w"] = [1, 2, 1, 0, 1]
    kept = {name: [*column[:3], column[4]] for name, column in data.items()}
    assert decimals("y ~ a + b*x", data, weights="w") == decimals("y ~ a + b*x", kept, weights="w")
