"""The picture of a fit is its numbers: every row, the curve, the bands, what is left over."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gdcli
from gdcli.fitting.result import Fit
from gdcli.scenes import fits
from gdcli.scenes.fits import (
    MOST_DRAWN_ROWS,
    MOST_FAR_ROWS,
    FittedRows,
    PredictedCurve,
    fit_scene,
    fitted_rows,
    parameter_phrase,
)
from gdcli.scenes.scene import Array

X = np.linspace(1.0, 9.0, 9)
OFF = np.array([1.0, -1.0, 0.5, 0.0, -2.0, 1.0, 0.0, -0.5, 1.0])


def line(x: Array) -> PredictedCurve:
    y = 2 * x + 1
    return PredictedCurve(y, (y - 1, y + 1), (y - 3, y + 3))


def fitted(**changes: Any) -> FittedRows:
    whole = FittedRows(
        "y ~ a + b*x", ("a = 1", "b = 2"), "y", 2 * X + 1 + OFF, 2 * X + 1, OFF / 2.0,
        column="x", x=X, curve=line,
    )  # fmt: skip
    return whole._replace(**changes)


def test_one_column_has_data_curve_bands_and_residuals_over_it() -> None:
    scene = fit_scene(fitted(errors=np.full(9, 0.5)))
    above, below = scene.panels
    (data,), (curve,), (wide, narrow) = above.points, above.lines, above.bands
    assert scene.title == "y ~ a + b*x"
    assert scene.parameters == ("a = 1", "b = 2")
    assert np.array_equal(data.x, X)
    assert np.array_equal(data.y, 2 * X + 1 + OFF)
    assert data.error is not None
    assert np.array_equal(data.error, np.full(9, 0.5))
    assert np.allclose(curve.y, 2 * curve.x + 1)
    assert np.allclose(wide.high - wide.low, 6)
    assert np.allclose(narrow.high - narrow.low, 2)
    assert (wide.label, narrow.label) == ("95 % prediction band", "95 % confidence band")
    assert np.array_equal(below.points[0].y, OFF / 2.0)
    assert above.across == below.across
    assert (curve.x[0], curve.x[-1]) == (above.across.low, above.across.high)
    assert above.up.low < 2.5  # error bars lie within
    assert below.up.low == -below.up.high < -1.0


def test_several_columns_have_observed_over_predicted_and_the_line_of_equality() -> None:
    above, below = fit_scene(fitted(column="", x=None, curve=None)).panels
    assert np.array_equal(above.points[0].x, 2 * X + 1)
    assert np.array_equal(above.points[0].y, 2 * X + 1 + OFF)
    (equality,) = above.lines
    assert np.array_equal(equality.x, equality.y)
    assert np.array_equal(below.points[0].x, 2 * X + 1)


def test_a_curve_with_a_pole_leaves_the_data_to_be_seen() -> None:
    def pole(x: Array) -> PredictedCurve:
        with np.errstate(divide="ignore"):
            return PredictedCurve(np.where(x > 5, 1 / (x - 5) ** 9, np.nan))

    above, _ = fit_scene(fitted(curve=pole)).panels
    rows = above.points[0].y
    assert above.up.high <= rows.max() + 1.1 * np.ptp(rows)
    assert np.isnan(above.lines[0].y).any()


@pytest.mark.parametrize(
    ("x", "logarithmic"),
    [
        (10.0 ** np.arange(-6.0, 3.0), True),  # doses
        (np.arange(1900.0, 1909.0), False),
        (np.linspace(0.01, 10.0, 9), False),  # decades, but evenly spaced
        (np.array([0.0, *10.0 ** np.arange(8.0)]), False),
        (-(10.0 ** np.arange(9.0)), False),
    ],
)
def test_columns_that_crowd_at_the_low_end_have_a_logarithmic_axis(
    x: Array, logarithmic: bool
) -> None:
    above, below = fit_scene(fitted(x=x)).panels
    assert above.logarithmic is below.logarithmic is logarithmic
    assert above.across.low < x.min() < x.max() < above.across.high
    assert above.across.low > 0 or not logarithmic


@pytest.mark.parametrize("x", [np.full(9, 3.0), np.zeros(9)])
def test_rows_at_one_place_have_an_axis(x: Array) -> None:
    above, _ = fit_scene(fitted(x=x)).panels
    assert above.across.low < x[0] < above.across.high


def test_an_exact_fit_and_constant_data_have_axes() -> None:
    zeros = np.zeros(9)
    flat = fitted(observed=zeros, predicted=zeros, residuals=zeros, x=None, curve=None)
    for panel in fit_scene(flat).panels:
        assert panel.up.low < 0 < panel.up.high


def test_of_many_rows_a_sample_is_drawn_and_the_largest_residuals() -> None:
    count = 100_000
    left = np.random.default_rng(1).normal(size=count)
    left[[17, 4_711]] = [40.0, -50.0]
    x = np.linspace(1.0, 9.0, count)
    many = fitted(observed=2 * x + 1 + left, predicted=2 * x + 1, residuals=left, x=x)
    scene = fit_scene(many)
    drawn = scene.panels[1].points[0].y
    assert MOST_DRAWN_ROWS <= len(drawn) <= MOST_DRAWN_ROWS + MOST_FAR_ROWS
    assert {40.0, -50.0} <= set(drawn)
    assert str(scene.notes[0]) == (
        f"of 100000 rows {len(drawn)} are drawn: a random sample, and the 20 of the largest"
        " residuals"
    )
    again = fit_scene(many).panels[1].points[0]
    assert np.array_equal(drawn, again.y)
    places = np.round((again.x - 1.0) / 8.0 * (count - 1)).astype(int)
    # every run of 50 rows has its row, at a place in it that is random
    assert {*range(2_000)} <= {*(places // 50).tolist()}
    assert np.bincount(places % 50, minlength=50).min() >= 20


def two_classes(m: int, **changes: Any) -> FittedRows:
    x = np.linspace(-3.0, 3.0, m)
    observed = (np.random.default_rng(2).random(m) < 1 / (1 + np.exp(-x))).astype(float)
    return fitted(
        observed=observed, predicted=x, residuals=observed - 0.5, x=x, classes=("no", "yes"),
        curve=lambda x: PredictedCurve(1 / (1 + np.exp(-x))), **changes,
    )  # fmt: skip


def test_two_classes_have_a_probability_and_a_strip_of_rows_each() -> None:
    rows = two_classes(200)
    above, below = fit_scene(rows).panels
    no, yes, groups = above.points
    assert above.up.name == "probability of yes"
    assert (no.label, yes.label) == ("no", "yes")
    assert len(no.x) == (rows.observed == 0).sum()
    assert no.y.max() < 0 < 1 < yes.y.min()
    assert np.average(groups.y) == pytest.approx(rows.observed.mean(), abs=0.02)
    assert np.abs(below.points[0].y).max() < 3.5  # standard deviations, of a true model
    assert len(fit_scene(two_classes(20)).panels) == 1  # too few rows for groups
    odds = fit_scene(rows._replace(x=None, curve=None, column="")).panels[0]
    assert odds.across.name == "log-odds of yes"
    assert np.allclose(odds.lines[0].y, 1 / (1 + np.exp(-odds.lines[0].x)))


def test_separated_classes_can_be_drawn() -> None:
    rows = two_classes(100)
    apart = rows._replace(
        observed=(rows.predicted > 0).astype(float), predicted=1e6 * rows.predicted
    )
    for panel in fit_scene(apart._replace(x=None, curve=None, column="")).panels:
        assert np.isfinite([*panel.across[1:], *panel.up[1:]]).all()


def test_three_classes_have_their_names_up_and_a_probability_each() -> None:
    x = np.linspace(0.0, 1.0, 30)
    chances = np.stack([x / 2, x / 2, 1 - x])
    rows = fitted(
        observed=np.arange(30.0) % 3, predicted=chances.T, residuals=0 * x, x=x,
        classes=("a", "b", "c"), curve=lambda x: PredictedCurve(np.stack([x / 2, x / 2, 1 - x])),
    )  # fmt: skip
    above, below = fit_scene(rows).panels
    assert above.texts == ("a", "b", "c")
    assert [np.round(points.y).tolist() for points in above.points] == [[k] * 10 for k in range(3)]
    assert [one.label for one in below.lines] == ["a", "b", "c"]
    (alone,) = fit_scene(rows._replace(x=None, curve=None, column="")).panels
    assert np.array_equal(alone.points[1].x, chances[1, 1::3])


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (2.94159, 0.0312, "b = 2.942 ± 0.031"),
        (-1234.5678, 2.0, "b = -1234.6 ± 2"),
        (1e-9, 3e-11, "b = 1e-09 ± 3e-11"),
        (0.0, 0.1, "b = 0 ± 0.1"),
        (0.02, 5.0, "b = 0.02 ± 5"),
        (2.5, None, "b = 2.5"),
        (2.5, float("inf"), "b = 2.5"),
    ],
)
def test_a_parameter_has_as_many_digits_as_its_error_allows(
    value: float, error: float | None, text: str
) -> None:
    assert parameter_phrase("b", value, error) == text


def fit_of(model: str, data: dict[str, Any], **settings: Any) -> Fit:
    found: Fit = gdcli.fit(model, data, **settings)
    return found


DATA = {"x": X.tolist(), "y": (2 * X + 1 + OFF).tolist()}
START = {"a": 0.5, "b": 1.5}


def test_the_picture_of_a_fit_has_its_rows_and_its_predictions() -> None:
    fit = fit_of("y ~ a + b*x", DATA, start=START)
    rows = fitted_rows(fit)
    slope, begin = np.polyfit(X, DATA["y"], 1)
    assert (rows.model, rows.response, rows.column) == ("y ~ a + b*x", "y", "x")
    assert np.allclose(rows.predicted, begin + slope * X)
    left = np.array(DATA["y"]) - rows.predicted
    assert np.allclose(rows.residuals, left / (fit.s or 1.0))
    assert rows.curve is not None
    assert np.allclose(rows.curve(np.array([0.0, 100.0])).value, [begin, begin + 100 * slope])
    several = fitted_rows(fit_of("y ~ a*x + b*z", DATA | {"z": (X**2).tolist()}, start=START))
    assert several.x is None
    assert several.curve is None
    assert fitted_rows(fit_of("log(y) ~ a*x + b", DATA, start=START)).response == "log(y)"


def test_standard_deviations_are_error_bars_and_the_unit_of_residuals() -> None:
    rows = fitted_rows(fit_of("y ~ a + b*x", DATA | {"e": [0.5] * 9}, sigma="e", start=START))
    assert rows.errors is not None
    assert np.allclose(rows.errors, 0.5)
    assert rows.residual == "residual/σ"
    assert np.allclose(rows.residuals, (rows.observed - rows.predicted) / 0.5)


def test_a_fit_is_drawn_by_the_library(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    pytest.importorskip("plotly")
    fit = fit_of("y ~ a + b*x", DATA, start=START)
    picture = fit.plot(tmp_path / "fit.html")
    assert b"Plotly" in (tmp_path / "fit.html").read_bytes()
    assert repr(picture).startswith("<gdcli.Picture of the FitScene")
    with pytest.raises(gdcli.GdcliError, match="`kind` has no place in the picture of a fit"):
        gdcli.plot(fit, kind="curve")
    with pytest.raises(gdcli.GdcliError, match="without its rows"):
        fit._replace(origin=None).plot()


def test_of_rows_beyond_memory_a_sample_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = fit_of("y ~ a + b*x", DATA, start=START)
    monkeypatch.setattr(fits, "MOST_READ_ROWS", 5)
    monkeypatch.setattr(fits, "MOST_DRAWN_ROWS", 2)
    monkeypatch.setattr(fits, "MOST_FAR_ROWS", 1)
    rows = fitted_rows(fit)
    assert rows.x is not None
    assert len(rows.x) == 5
    assert set(zip(rows.x, rows.observed, strict=True)) <= {*zip(X, DATA["y"], strict=True)}
    (note,) = fit_scene(rows).notes
    assert re.fullmatch(r"of 9 rows [23] are drawn: a random sample", str(note))
