"""Fits without a start end at the best minimum: NIST's, and those of models that are not NIST's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gdcli.descent.stopping import Outcome
from gdcli.errors import UsageError
from gdcli.fitting.fit import fit
from gdcli.fitting.residuals import Rows
from gdcli.fitting.result import Starts
from gdcli.fitting.simultaneous_descents import SimultaneousDescents
from gdcli.fitting.start_search import evenly_chosen
from tests.fitting.other_models import MODELS
from tests.fitting.without_start import ends_right, is_certified, sum_of_squares, without_start
from tests.nist_datasets import NAMES

SEEDS = range(10)


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


@pytest.mark.parametrize("name", ["years", "lorentz", "arrhenius", "planck-si"])
def test_a_start_is_found_for_other_models(name: str) -> None:
    assert ends_right(name, seed=0)


@pytest.mark.full
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_minima_of_other_models_are_found_without_a_start(seed: int) -> None:
    wrong = [name for name in MODELS if not ends_right(name, seed, noise=seed + 2)]
    assert len(wrong) <= len(MODELS) / 20, wrong


# -- how the search goes ---------------------------------------------------------------------------

DECAY = "y ~ a*exp(-b*x) + c"


def decay(rows: int = 60) -> dict[str, Any]:
    x = np.linspace(0.0, 5.0, rows)
    noise = np.random.default_rng(1).normal(0.0, 0.05, rows)
    return {"x": x, "y": 5.0 * np.exp(-1.3 * x) + 1.0 + noise}


def test_the_same_seed_begins_at_the_same_point() -> None:
    first, again, other = (without_start("Misra1a", seed) for seed in (1, 1, 2))
    assert first.values == again.values
    assert first.starts == again.starts
    assert other.sum_of_squares == pytest.approx(first.sum_of_squares, rel=1e-12)


def test_parameters_that_are_given_a_start_are_not_searched_for() -> None:
    found = fit(DECAY, decay(), start={"b": 2.0})
    assert found.sum_of_squares == pytest.approx(fit(DECAY, decay()).sum_of_squares, rel=1e-12)
    given = fit(DECAY, decay(), start={"a": 3.0, "b": 2.0, "c": 0.0})
    assert given.starts == Starts()


def test_the_search_stays_within_bounds() -> None:
    bounds = {"a": (0.0, None), "b": (2.0, 3.0)}
    least = fit(DECAY, decay(), start={"a": 1.0, "b": 2.5, "c": 0.0}, bounds=bounds)
    found = fit(DECAY, decay(), bounds=bounds)
    assert found.values["b"] == 2.0
    assert found.sum_of_squares == pytest.approx(least.sum_of_squares, rel=1e-9)


def test_many_rows_are_searched_by_some_and_fitted_by_all() -> None:
    found = fit(DECAY, decay(2_500))
    assert found.data.rows == 2_500
    least = fit(DECAY, decay(2_500), start={"a": 5.0, "b": 1.3, "c": 1.0})
    assert found.sum_of_squares == pytest.approx(least.sum_of_squares, rel=1e-12)


def test_rows_are_chosen_evenly_by_their_first_column() -> None:
    order = np.random.default_rng(0).permutation(10_000)
    rows = Rows([order.astype(float)], order * 2.0, weights=order + 1.0)
    few = evenly_chosen(rows, 101)
    assert few.columns[0] == [round(9_999 * k / 100) for k in range(101)]
    assert few.response == [2.0 * x for x in few.columns[0]]
    assert few.weights == [x + 1.0 for x in few.columns[0]]


@pytest.mark.parametrize("loss", ["absolute", "huber", "log(cosh(f - y))"])
def test_every_loss_of_numbers_has_a_start(loss: str) -> None:
    begun = {"a": 5.0, "b": 1.3, "c": 1.0}
    found, near = fit(DECAY, decay(), loss=loss), fit(DECAY, decay(), loss=loss, start=begun)
    assert found.starts.followed
    assert found.f == pytest.approx(near.f, rel=1e-9)


def test_likelihoods_have_a_start() -> None:
    draw, x = np.random.default_rng(2), np.linspace(0.0, 5.0, 30)
    labels = (draw.uniform(size=30) < 1.0 / (1.0 + np.exp(-2.0 * (x - 2.5)))).astype(float)
    counts = draw.poisson(30.0 * np.exp(-1.5 * x) + 3.0).astype(float)
    rates = {"a": 30.0, "b": 1.5, "c": 3.0}
    for loss, text, response, truth in (
        ("logistic", "y ~ k*(x - m)", labels, {"k": 2.0, "m": 2.5}),
        ("poisson", "y ~ log(a*exp(-b*x) + c)", counts, rates),
    ):
        found, near = (
            fit(text, {"x": x, "y": response}, loss=loss, start=one) for one in (None, truth)
        )
        assert found.starts.followed
        assert found.deviance == pytest.approx(near.deviance, rel=1e-12)
        assert found.values == pytest.approx(near.values, rel=1e-6)


def test_an_interrupted_search_keeps_the_best_point(monkeypatch: pytest.MonkeyPatch) -> None:
    descend, calls = SimultaneousDescents.descend, []

    def interrupted(self: SimultaneousDescents, *rest: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return descend(self, *rest)

    monkeypatch.setattr(SimultaneousDescents, "descend", interrupted)
    found = without_start("Gauss3", seed=0)  # whose search takes more than one round
    assert found.outcome == Outcome.INTERRUPTED
    assert found.starts.tried == 512
    assert sum_of_squares(found) < 1e5  # 6 times the least


def test_a_search_out_of_time_keeps_the_best_point() -> None:
    found = fit(DECAY, decay(), max_time=1e-9)
    assert found.outcome == Outcome.MAX_ITERATIONS
    assert "1e-09 s" in found.message
    assert all(np.isfinite(value) for value in found.values.values())


def test_a_linear_model_is_solved_and_not_searched() -> None:
    x = np.linspace(-1.0, 2.0, 30)
    found = fit("y ~ a + b*x + c*x^2", {"x": x, "y": 1.0 + 2.0 * x - 0.5 * x**2})
    assert found.starts == Starts()
    assert [*found.values.values()] == pytest.approx([1.0, 2.0, -0.5], rel=1e-13)


def test_a_model_that_has_no_value_anywhere_says_so() -> None:
    found = fit("y ~ a*log(b - x^2)/sqrt(-1 - b^2)", decay())
    assert found.outcome == Outcome.UNDEFINED


def test_a_linear_model_that_is_not_determined_says_what_is() -> None:
    x = np.linspace(0.0, 1.0, 20)
    found = fit("y ~ a + b*x + c*(2*x + 1)", {"x": x, "y": 1.0 + x + 0.01 * np.sin(40 * x)})
    assert (found.outcome, found.classification) == (Outcome.CONVERGED, "flat")
    assert set(found.null_direction or {}) == {"a", "b", "c"}


@pytest.mark.parametrize("size", [1e-322, 1e-310, 1e-160, 1e155, 1e306])
@pytest.mark.parametrize("model", ["y ~ a + b*x", "y ~ a*exp(-b*x) + c"])
def test_responses_whose_squares_floats_do_not_hold_are_refused(model: str, size: float) -> None:
    ys = [102.1, 74.5, 55.3, 41.9, 33.2, 26.4, 21.8, 15.9, 12.9]
    data = {"x": [*range(7), 8, 10], "y": [size * y for y in ys]}
    for rows in (data, {name: np.array(column, dtype=float) for name, column in data.items()}):
        with pytest.raises(UsageError, match="other units"):
            fit(model, rows)


def test_columns_at_the_ends_of_the_range_of_floats_have_their_solution() -> None:
    plain = fit("y ~ a + b*x", {"x": [1.0, 2.0, 3.0, 4.0], "y": [1.0, 2.0, 2.0, 3.0]})
    for size in (1e-300, 1e-160, 1e155, 1e300):
        x = [size, 2.0 * size, 3.0 * size, 4.0 * size]
        found = fit("y ~ a + b*x", {"x": x, "y": [1.0, 2.0, 2.0, 3.0]})
        assert found.classification == "minimum"
        for name, unit in (("a", 1.0), ("b", size)):
            one, same = found.parameters[name], plain.parameters[name]
            assert one.value * unit == pytest.approx(same.value, rel=1e-12)
            assert one.error is not None
            assert same.error is not None
            assert one.error * unit == pytest.approx(same.error, rel=1e-12)


def test_a_wave_has_the_lowest_frequency_that_rows_at_equal_distances_allow() -> None:
    x = 2.0 + 0.2 * np.arange(49)
    noise = 0.05 * np.sin(17.0 * np.arange(49) ** 2)
    data = {"x": x, "y": 1.2 + 0.9 * np.exp(-0.2 * x) * np.sin(2.1 * x + 0.4) + noise}
    for seed in (0, 1):
        found = fit("y ~ c + a*exp(-k*x)*sin(w*x + p)", data, seed=seed)
        assert abs(found.values["w"]) == pytest.approx(2.1, abs=0.1)
        assert abs(found.values["p"]) < 11.0
