"""Fits of each loss against statsmodels', scikit-learn's and analytic figures."""

import json
from collections.abc import Mapping, Sequence
from math import exp, log
from pathlib import Path
from typing import Any

import pytest

import gdcli
from gdcli.errors import GdcliError
from gdcli.fitting.fit import fit as gdcli_fit
from gdcli.fitting.result import Fit

PEERS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "peer_losses.json").read_text(encoding="utf-8")
)
SCORES = "label ~ b[k] + sum(W[k,j]*x[j] for j in 1:m) for k in classes"
LINE = "y ~ a + b*x"


def fit(model: str, data: Mapping[str, Any], **settings: Any) -> Fit:
    return gdcli_fit(model, data, **settings)


def close(found: float | None, wanted: float, digits: int) -> bool:
    return found is not None and abs(found - wanted) <= 10.0**-digits * abs(wanted)


def check(found: Fit, figures: Mapping[str, Any], digits: int) -> None:
    """The parameters and their errors, and what else a peer gives of the fit."""
    assert (found.status, found.classification, found.exit_status) == ("converged", "minimum", 0)
    for one, value, error in zip(
        found.parameters.values(), figures["params"], figures["bse"], strict=True
    ):
        assert close(one.value, value, digits), (one, value)
        assert close(one.error, error, digits), (one, error)
    for name in ("deviance", "null_deviance", "aic", "pseudo_r2"):
        if name in figures:
            assert close(getattr(found, name), figures[name], digits), name


@pytest.mark.parametrize("name", ["logistic", "weighted logistic", "dobson", "poisson"])
def test_a_likelihood_is_statsmodels_glm_to_8_digits(name: str) -> None:
    figures = PEERS[name]
    loss = "logistic" if "logistic" in name else "poisson"
    weights = "w" if "w" in figures["columns"] else None
    found = fit(figures["model"], figures["columns"], loss=loss, weights=weights)
    if name == "dobson":  # two parameters are 0 but for rounding
        figures = {**figures, "params": figures["params"][:3], "bse": figures["bse"][:3]}
        for parameter in "dg":
            assert abs(found.values[parameter]) < 1e-12
        found = found._replace(parameters={k: found.parameters[k] for k in "abc"})
    check(found, figures, 8)
    assert found.quantiles == "normal"


@pytest.mark.parametrize("figures", PEERS["huber"]["fits"], ids=lambda one: f"k={one['k']}")
def test_huber_is_statsmodels_rlm_to_6_digits(figures: Mapping[str, Any]) -> None:
    data = PEERS["huber"]
    loss = "huber" if figures["k"] == 1.345 else f"huber:{figures['k']}"
    found = fit(data["model"], data["columns"], loss=loss)
    check(found, figures, 6)
    assert close(found.s, figures["scale"], 6)
    assert found.aic is None


def softmax_data() -> dict[str, Any]:
    import numpy as np

    return {"x": np.array(PEERS["softmax"]["X"]), "label": PEERS["softmax"]["y"]}


def test_softmax_is_statsmodels_mnlogit_to_8_digits() -> None:
    figures = PEERS["softmax"]
    found = fit(SCORES, softmax_data(), loss="softmax")
    flat = {key: [v for row in figures[key]["W"] for v in row] + figures[key]["b"]
            for key in ("params", "bse")}  # fmt: skip
    names = ["W[1,1]", "W[1,2]", "W[2,1]", "W[2,2]", "b[1]", "b[2]"]
    assert list(found.parameters) == names
    check(found, flat, 8)
    assert close(found.deviance, -2.0 * figures["llf"], 9)
    assert close(found.null_deviance, -2.0 * figures["llnull"], 9)
    assert "relative to 2, whose score is 0" in " ".join(one.text for one in found.warnings)


def test_softmax_with_a_penalty_is_scikit_learns_to_8_digits() -> None:
    figures = PEERS["softmax"]["ridge"]
    found = fit(SCORES, softmax_data(), loss="softmax", l2={"W": figures["l2"]})
    wanted = [v for row in figures["W"] for v in row] + figures["b"]
    assert found.exit_status == 0
    for one, value in zip(found.parameters.values(), wanted, strict=True):
        assert abs(one.value - value) <= 1e-8 * max(1.0, abs(value)), one
        assert one.error is None
    assert found.values["b[3]"] == 0.0


@pytest.mark.parametrize("method", ["lm", "newton"])
def test_two_classes_of_softmax_are_the_logistic_loss(method: str) -> None:
    figures = PEERS["logistic"]
    columns = {**figures["columns"], "label": [1.0 - y for y in figures["columns"]["grade"]]}
    scores = "label ~ b0[k] + b1[k]*gpa + b2[k]*tuce + b3[k]*psi for k in classes"
    found = fit(scores, columns, loss="softmax", method=method)
    check(found, {name: figures[name] for name in ("params", "bse", "deviance")}, 8)
    logistic = fit(figures["model"], figures["columns"], loss="logistic", method=method)
    check(logistic, figures, 8)


def test_labels_are_texts_or_numbers_and_the_second_is_predicted() -> None:
    figures = PEERS["logistic"]
    labels = ["pass" if y else "fail" for y in figures["columns"]["grade"]]
    found = fit(figures["model"], {**figures["columns"], "grade": labels}, loss="logistic")
    check(found, figures, 8)
    said = [one.text for one in found.warnings if one.code == "classes"]
    assert said == ["the model is the log-odds of pass, the other label is fail"]
    assert found.labels["grade"] == ("fail", "pass")


def test_predictions_are_probabilities_rates_and_labels() -> None:
    logistic = fit(PEERS["logistic"]["model"], PEERS["logistic"]["columns"], loss="logistic")
    row = {"gpa": [3.0], "tuce": [20.0], "psi": [1.0]}
    a, b, c, d = PEERS["logistic"]["params"]
    assert logistic.predict(row) == pytest.approx([1 / (1 + exp(-(a + 3 * b + 20 * c + d)))])
    poisson = fit(PEERS["poisson"]["model"], PEERS["poisson"]["columns"], loss="poisson")
    a, b, c = PEERS["poisson"]["params"]
    assert poisson.predict({"x": [0.5], "z": [-1.0]}) == pytest.approx([exp(a + 0.5 * b - c)])
    data = softmax_data()
    labels = ["abc"[number] for number in data["label"]]
    for given, known in ((data["label"], [0.0, 1.0, 2.0]), (labels, ["a", "b", "c"])):
        found = fit(SCORES, {**data, "label": given}, loss="softmax")
        predicted = found.predict({"x": data["x"]}).tolist()
        weights, offsets = PEERS["softmax"]["params"]["W"], PEERS["softmax"]["params"]["b"]
        for one, (u, v) in zip(predicted, PEERS["softmax"]["X"], strict=True):
            scores = [b + w[0] * u + w[1] * v for b, w in zip(offsets, weights, strict=True)]
            assert one == known[max(range(3), key=[*scores, 0.0].__getitem__)]
    with pytest.raises(GdcliError, match="a prediction of classes has no band"):
        gdcli.predict(found, {"x": data["x"]}, level=0.9)


def test_least_absolute_deviations_of_a_constant_are_the_median() -> None:
    for weights, median in (([1.0] * 5, 3.0), ([9.0, 1.0, 1.0, 1.0, 1.0], 1.0)):
        data = {"y": [1.0, 2.0, 3.0, 50.0, 4.0], "w": weights}
        found = fit("y ~ a", data, loss="absolute", weights="w", start={"a": 0})
        assert found.values["a"] == median
        assert found.exit_status == 0
        assert found.parameters["a"].error is None
        assert "no curvature" in found.reasons["error of a"]


def test_least_absolute_deviations_are_the_best_of_all_lines_through_two_points() -> None:
    """The minimum of a linear model is a vertex: every pair of rows is tried."""
    x = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    y = [1.1, 2.9, 5.2, 7.1, 30.0, 10.8, 13.1, 14.9, -20.0]

    def total(a: float, b: float) -> float:
        return sum(abs(a + b * u - v) for u, v in zip(x, y, strict=True))

    lines = []
    for i in range(9):
        for j in range(i):
            b = (y[i] - y[j]) / (x[i] - x[j])
            lines.append((y[i] - b * x[i], b))
    best = min(lines, key=lambda line: total(*line))
    found = fit(LINE, {"x": x, "y": y}, loss="absolute")
    assert (found.values["a"], found.values["b"]) == pytest.approx(best, rel=1e-14)
    assert found.f == pytest.approx(total(*best) / 9, rel=1e-14)
    held = fit(LINE, {"x": x, "y": y}, loss="absolute", parameters={"b": 2}, start={"a": 0})
    middle = sorted(v - 2 * u for u, v in zip(x, y, strict=True))[4]
    assert held.values["a"] == pytest.approx(middle, rel=1e-14)
    assert held.held == {"b": 2.0}


def test_least_absolute_deviations_of_a_curve_shrug_off_outliers() -> None:
    """Rows on the curve but for three: the minimum is the curve itself."""
    x = [0.1 * i for i in range(40)]
    y = [2.0 * exp(-0.8 * u) + 0.5 for u in x]
    for outlier in (3, 17, 31):
        y[outlier] += 4.0
    found = fit("y ~ a*exp(-b*x) + c", {"x": x, "y": y}, loss="absolute",
                start={"a": 1, "b": 1, "c": 0})  # fmt: skip
    assert [found.values[name] for name in "abc"] == pytest.approx([2.0, 0.8, 0.5], rel=1e-12)
    assert found.exit_status == 0


def test_least_absolute_deviations_with_a_penalty_have_a_subgradient_of_0() -> None:
    """Five rows on y = 1 + 2x, two off it. There the pull on b is 14λ - 1, which multipliers from
    -1 to 1 that sum to 0 make up for up to 6: beyond λ = 1/2 the minimum is elsewhere."""
    data = {"x": [0, 1, 2, 3, 4, 5, 6], "y": [1, 3, 5, 7, 9, 0, 30]}
    for weight, kept in ((0.4, True), (0.6, False)):
        found = fit(LINE, data, loss="absolute", l2={"b": weight}, start={"a": 0, "b": 0})
        assert found.exit_status == 0
        assert (abs(found.values["b"] - 2.0) < 1e-4) is kept


def test_huber_has_no_errors_where_most_rows_are_on_the_curve() -> None:
    data = {"x": [0, 1, 2, 3, 4, 5, 6], "y": [1, 3, 5, 7, 9, 0, 30]}
    found = fit(LINE, data, loss="huber")
    assert (found.values["a"], found.values["b"]) == pytest.approx((1.0, 2.0), rel=1e-12)
    assert found.parameters["b"].error is None
    assert found.reasons["error of b"] == "most residuals are rounding errors"


def test_a_penalty_is_added_to_the_mean_loss() -> None:
    """Of squares (2XᵀX/m + Λ)θ = 2Xᵀy/m; one row determines two penalised parameters."""
    x, y = [0.0, 1.0, 2.0, 3.0], [1.0, 2.5, 5.5, 6.0]
    found = fit(LINE, {"x": x, "y": y}, l2={"b": 0.3})
    a, b = found.values["a"], found.values["b"]
    residuals = [a + b * u - v for u, v in zip(x, y, strict=True)]
    assert sum(residuals) == pytest.approx(0.0, abs=1e-13)
    pull = 2 * sum(r * u for r, u in zip(residuals, x, strict=True)) / 4
    assert pull + 0.3 * b == pytest.approx(0.0, abs=1e-13)
    loss = sum(r * r for r in residuals) / 4 + 0.5 * 0.3 * b * b
    assert found.f == pytest.approx(loss, rel=1e-14)
    assert (found.exit_status, found.parameters["b"].error) == (0, None)
    one = fit(LINE, {"x": [2.0], "y": [3.0]}, l2={"a": 0.1, "b": 0.2})
    # 2(a + 2b - 3) + a/10 = 0 and 4(a + 2b - 3) + b/5 = 0, so b = a
    assert (one.values["a"], one.values["b"]) == pytest.approx((60 / 61, 60 / 61), rel=1e-13)


@pytest.mark.parametrize(
    ("x", "y", "loss", "sentence"),
    [
        ([1, 2, 3, 4], [0, 0, 1, 1], "logistic", "a, b grow without bound: the classes"),
        ([1, 2, 2, 3], [0, 0, 1, 1], "logistic", "a, b grow without bound: the classes"),
        ([0, 0, 0, 1, 1, 1], [0, 1, 0, 1, 1, 1], "logistic", "b grows without bound: the classes"),
        ([0, 0, 0, 1, 1, 1], [2, 3, 1, 0, 0, 0], "poisson", "b grows without bound: the rows"),
    ],
    ids=["complete", "quasi", "one label in a group", "no counts in a group"],
)
def test_separated_rows_end_with_what_grows(
    x: Sequence[float], y: Sequence[float], loss: str, sentence: str
) -> None:
    found = fit(LINE, {"x": x, "y": y}, loss=loss)
    assert found.message.startswith(sentence)
    assert (found.exit_status, found.classification) == (5, "flat")
    assert found.null_direction is not None
    assert all(one.error is None for one in found.parameters.values())
    direction = [found.null_direction["a"], found.null_direction["b"]]
    moved = [direction[0] + direction[1] * u for u in x]
    if loss == "logistic":  # the certificate: no row is moved to the wrong side
        moved = [m if v else -m for m, v in zip(moved, y, strict=True)]
        assert min(moved) > -1e-8 < 1e-3 < max(moved)
    else:
        assert all(abs(m) < 1e-8 if v else m < -0.1 for m, v in zip(moved, y, strict=True))


def test_a_parameter_of_a_curve_that_separates_is_named_alone() -> None:
    data = {"x": [1, 2, 3.5, 4], "y": [0, 0, 1, 1]}
    found = fit("y ~ a*(x - x0)", data, loss="logistic", start={"a": 1, "x0": 2})
    assert found.message == "a grows without bound: the classes are separated"
    assert found.exit_status == 5
    bounded = fit(LINE, data, loss="logistic", bounds={"b": (0, 5)})
    assert (bounded.exit_status, bounded.values["b"]) == (0, 5.0)
    penalised = fit(LINE, data, loss="logistic", l2={"b": 0.1})
    assert penalised.exit_status == 0


def test_a_class_that_is_apart_is_told_of_softmax_too() -> None:
    data = {"x": [[-2.0], [-1.9], [0.1], [1.0], [0.2], [1.1]], "label": [0, 0, 1, 2, 2, 1]}
    import numpy as np

    found = fit(SCORES, {**data, "x": np.array(data["x"])}, loss="softmax")
    assert found.exit_status == 5
    assert found.message == "W[1,1] grows without bound: the classes are separated"


def test_rows_that_overlap_are_not_separated() -> None:
    found = fit(LINE, {"x": [1, 2, 3, 4], "y": [0, 1, 0, 1]}, loss="logistic")
    assert (found.exit_status, found.classification) == (0, "minimum")


def test_an_expression_is_a_loss_with_robust_errors() -> None:
    """(f - y)^2 as an expression: least squares, with White's errors times m/(m - p)."""
    x, y = [0.0, 1.0, 2.0, 3.0, 4.0], [0.5, 2.0, 3.0, 6.5, 7.0]
    squares = fit(LINE, {"x": x, "y": y})
    found = fit(LINE, {"x": x, "y": y}, loss="(f - y)^2")
    assert [found.values[name] for name in "ab"] == pytest.approx(
        [squares.values[n] for n in "ab"], rel=1e-12
    )
    assert found.f == pytest.approx(squares.f, rel=1e-12)
    mean = sum(x) / 5
    pulls = [(found.values["a"] + found.values["b"] * u - v) ** 2 * (u - mean) ** 2
             for u, v in zip(x, y, strict=True)]  # fmt: skip
    white = sum(pulls) / sum((u - mean) ** 2 for u in x) ** 2 * 5 / 3
    assert found.parameters["b"].error == pytest.approx(white**0.5, rel=1e-12)


@pytest.mark.parametrize("method", ["lm", "newton"])
def test_a_loss_that_bends_down_finds_its_minimum(method: str) -> None:
    """Cauchy's loss of rows on a line and two outliers: at the end its own gradient is 0."""
    x = [float(i) for i in range(12)]
    y = [1.0 + 0.5 * u + 0.1 * (-1) ** i for i, u in enumerate(x)]
    y[2], y[9] = 40.0, -30.0
    found = fit(LINE, {"x": x, "y": y}, loss="log(1 + (f - y)^2)", method=method)
    residuals = [found.values["a"] + found.values["b"] * u - v for u, v in zip(x, y, strict=True)]
    pulls = [2 * r / (1 + r * r) for r in residuals]
    assert sum(pulls) == pytest.approx(0.0, abs=1e-12)
    assert sum(p * u for p, u in zip(pulls, x, strict=True)) == pytest.approx(0.0, abs=1e-11)
    assert found.values["b"] == pytest.approx(0.5, abs=0.05)
    assert found.exit_status == 0


@pytest.mark.parametrize("loss", ["f - y", "-(f - y)^2"])
def test_a_loss_without_a_minimum_is_unbounded(loss: str) -> None:
    found = fit(LINE, {"x": [0, 1, 2], "y": [1, 2, 4]}, loss=loss, start={"a": 0, "b": 0})
    assert (found.status, found.exit_status) == ("unbounded", 4)
    assert found.message.startswith("unbounded: the loss falls without bound")


@pytest.mark.parametrize("loss", ["squared", "huber", "absolute", "log(cosh(f - y))"])
def test_a_loss_of_0_and_a_constant_response_are_fitted(loss: str) -> None:
    x = [0.0, 1.0, 2.0, 3.0, 4.0]
    for y, wanted in (([2 * u + 1 for u in x], (1.0, 2.0)), ([3.0] * 5, (3.0, 0.0))):
        found = fit(LINE, {"x": x, "y": y}, loss=loss, start={"a": 0, "b": 0})
        assert (found.values["a"], found.values["b"]) == pytest.approx(wanted, abs=1e-14)
        assert found.exit_status == 0
        assert found.parameters["a"].error is None


def test_a_poisson_loss_of_0_is_fitted() -> None:
    found = fit(LINE, {"x": [0, 1, 2, 3], "y": [1, 2, 4, 8]}, loss="poisson")
    assert (found.values["a"], found.values["b"]) == pytest.approx((0.0, log(2)), abs=1e-14)
    assert found.exit_status == 0
    assert found.deviance == pytest.approx(0.0, abs=1e-25)


@pytest.mark.parametrize("loss", ["squared", "huber", "absolute", "log(cosh(f - y))"])
def test_a_row_of_weight_0_does_not_count(loss: str) -> None:
    data: dict[str, list[float]] = {
        "x": [0, 1, 2, 3, 4, 5],
        "y": [1, 3.1, 4.8, 100, 9.3, 10.9],
        "w": [1, 1, 1, 0, 1, 1],
    }
    found = fit(LINE, data, loss=loss, weights="w")
    without = fit(LINE, {n: v[:3] + v[4:] for n, v in data.items()}, loss=loss, weights="w")
    for name in "ab":
        mine, theirs = found.parameters[name], without.parameters[name]
        assert mine.value == pytest.approx(theirs.value, rel=1e-9)
        assert mine.error == (theirs.error and pytest.approx(theirs.error, rel=1e-9))
    with pytest.raises(GdcliError, match=r"row 4, w: `-1` is negative"):
        fit(LINE, {**data, "w": [1, 1, 1, -1, 1, 1]}, weights="w")
    with pytest.raises(GdcliError, match="all weights are 0"):
        fit(LINE, {**data, "w": [0] * 6}, weights="w")


@pytest.mark.parametrize("loss", ["squared", "huber", "absolute", "log(cosh(f - y))"])
def test_a_bound_that_holds_is_a_minimum_and_has_no_error(loss: str) -> None:
    data = {"x": [0, 1, 2, 3, 4], "y": [1.1, 2.9, 5.2, 6.8, 9.1]}
    found = fit(LINE, data, loss=loss, bounds={"b": (None, 1.5)})
    b = found.parameters["b"]
    assert (b.value, b.at_bound, b.error, found.exit_status) == (1.5, True, None, 0)
    held = fit(LINE, data, loss=loss, parameters={"b": 1.5}, start={"a": 1})
    assert found.values["a"] == pytest.approx(held.values["a"], rel=1e-7)


def test_tied_parameters_are_written_as_parts() -> None:
    """k2 = 1 - k1: the one parameter follows from the normal equation of y - x on 1 - x."""
    x, y = [0.0, 1.0, 2.0, 4.0], [0.3, 1.2, 1.5, 3.1]
    found = fit("k2 = 1 - k1; y ~ k1 + k2*x", {"x": x, "y": y})
    top = sum((v - u) * (1 - u) for u, v in zip(x, y, strict=True))
    assert found.values["k1"] == pytest.approx(top / sum((1 - u) ** 2 for u in x), rel=1e-14)
    assert list(found.parameters) == ["k1"]


def test_a_parameter_that_starts_at_0_is_fitted() -> None:
    x = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    y = [2.0, 2.6, 3.3, 4.1, 5.6, 6.9]
    ends = [fit("y ~ a*exp(b*x)", {"x": x, "y": y}, loss=loss, start={"a": 0, "b": 0})
            for loss in ("squared", "huber", "absolute")]  # fmt: skip
    for found in ends:
        assert found.exit_status == 0
        assert found.values["b"] == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"l2": {"c": 1}}, "`c` is no parameter"),
        ({"l2": {"b": -1}}, "a penalty is positive or 0"),
        ({"l2": 0.1}, "by the names of parameters"),
        ({"l2": {"b": 0.1}, "parameters": {"b": 2}}, "`b` is held"),
        ({"loss": "softmax"}, "a score for each class"),
        ({"loss": "logistic"}, "a response of two labels; here it has 3"),
        ({"loss": "poisson"}, "row 2: 2.5 is no count"),
        ({"loss": "poisson", "sigma": "x"}, "sigma are standard deviations of residuals"),
    ],
)
def test_settings_that_mean_nothing_are_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(GdcliError) as refused:
        fit(LINE, {"x": [1, 2, 3], "y": [1, 2.5, 4]}, **settings)
    assert sentence in str(refused.value)


def test_scores_are_refused_where_the_loss_has_none() -> None:
    with pytest.raises(GdcliError, match=r"a score `for k in classes` is one of the softmax loss"):
        fit("y ~ b[k] + c[k]*x for k in classes", {"x": [1, 2], "y": [0, 1]})
