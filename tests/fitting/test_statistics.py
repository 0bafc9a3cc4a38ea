"""What a fit says about its parameters: against NIST, statsmodels, lmfit, R, and 50 digits."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from itertools import groupby, product
from math import cos, erfc, exp, isfinite, log, pi, sin, sqrt
from pathlib import Path
from typing import Any

import mpmath
import pytest

from gdcli.errors import ExpressionError, GdcliError, UsageError
from gdcli.fitting import residual_checks
from gdcli.fitting.bands import bands, interval_quantile
from gdcli.fitting.fit import fit
from gdcli.fitting.levenberg_marquardt import FitLimits, levenberg_marquardt
from gdcli.fitting.model import read_model
from gdcli.fitting.residual_checks import runs_probability
from gdcli.fitting.result import Fit
from tests.nist_datasets import FILES, NAMES, dataset, least_digits
from tests.sweeps import sampled

PEERS = json.loads((Path(__file__).parent / "peer_statistics.json").read_text(encoding="utf-8"))
DATA: dict[str, list[float]] = PEERS["data"]
LINE = "heavy ~ a + b*x + c*z"
DECAY = "y ~ a*exp(-b*x) + c"
TIMES = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 9.0]
COUNTS = [10.1, 7.2, 5.6, 4.4, 3.7, 3.0, 2.6, 2.1]
START = {"a": 8.0, "b": 0.4, "c": 2.0}
DIGITS = mpmath.mp.clone()
DIGITS.dps = 50


def columns(*names: str) -> dict[str, list[float]]:
    return {name: DATA[name] for name in names}


def decay(**settings: Any) -> Fit:
    return fit(DECAY, {"x": TIMES, "y": COUNTS}, **{"start": START, **settings})


def errors(found: Fit) -> list[float]:
    return [one.error or 0.0 for one in found.parameters.values()]


def ends(found: Fit) -> list[list[float | None]]:
    return [[one.low, one.high] for one in found.parameters.values()]


def codes(found: Fit) -> list[str]:
    return [one.code for one in found.warnings]


def close_to(exact: Any, digits: float) -> Any:
    return pytest.approx(exact, rel=10.0**-digits, abs=0.0)


# -- standard errors -----------------------------------------------------------------------------


@pytest.mark.full
@pytest.mark.parametrize("name", NAMES)
def test_standard_errors_are_the_certified_ones_on_all_datasets(name: str) -> None:
    reference = dataset(name)
    start = dict(zip(reference.parameters, reference.certified, strict=True))
    found = fit(reference.model, reference.columns, start=start)
    assert least_digits(errors(found), reference.deviations) >= 8.0
    assert found.s == close_to(reference.residual_deviation, 9.5)
    assert found.degrees_of_freedom == reference.degrees_of_freedom


def test_longley_has_its_certified_errors_and_bands_of_ten_digits() -> None:
    """The bands against those of 50 digits; NIST prints the errors with 15."""
    with (FILES / "Longley.csv").open(encoding="utf-8") as file:
        rows = [{name: float(x) for name, x in row.items()} for row in csv.DictReader(file)]
    table = {name: [row[name] for row in rows] for name in rows[0]}
    xs = [f"x{i}" for i in range(1, 7)]
    model = "y ~ b0 + " + " + ".join(f"b{i}*x{i}" for i in range(1, 7))
    found = fit(model, table, start={f"b{i}": 0.0 for i in range(7)})
    certified = [890420.383607373, 84.9149257747669, 0.0334910077722432, 0.488399681651699]
    certified += [0.214274163161675, 0.226073200069370, 455.478499142212]
    assert errors(found) == [close_to(one, 12.5) for one in certified]
    assert found.r2 == close_to(0.995479004577296, 13.0)
    root, s = found.covariance_root, found.s
    assert root is not None
    assert s is not None
    design = DIGITS.matrix([[1, *(row[x] for x in xs)] for row in rows])
    response = DIGITS.matrix(table["y"])
    normal = design.T * design
    best = DIGITS.lu_solve(normal, design.T * response)
    variance = sum(r**2 for r in response - design * best) / 9
    inverse = normal**-1 * variance
    quantile = interval_quantile(0.95, "t", 9)
    read = read_model(model, dict.fromkeys(table))
    drawn = bands(read, [*found.values.values()], root, [table[x] for x in xs], quantile, s * s)
    for place in (0, 7, 15):
        g = design[place, :]
        middle, own = (g * best)[0], (g * inverse * g.T)[0]
        for low, high, square in (
            (drawn.low, drawn.high, own),
            (drawn.new_low, drawn.new_high, own + variance),
        ):
            assert high[place] - low[place] == close_to(
                float(2 * quantile * DIGITS.sqrt(square)), 10.0
            )
            assert 0.5 * (high[place] + low[place]) == close_to(float(middle), 12.0)


def test_bands_are_those_that_r_prints() -> None:
    cars = PEERS["cars"]
    found = fit("dist ~ a + b*speed", {"dist": cars["dist"], "speed": cars["speed"]},
                start={"a": 0, "b": 1})  # fmt: skip
    quantile = interval_quantile(0.95, found.quantiles, found.degrees_of_freedom or 0)
    read = read_model("dist ~ a + b*speed", {"dist": None, "speed": None})
    assert found.covariance_root is not None
    drawn = bands(
        read, [*found.values.values()], found.covariance_root, [[12.0, 19.0, 24.0]], quantile
    )
    rows = zip(drawn.predictions, drawn.low, drawn.high, strict=True)
    assert [[round(x, 1) for x in row] for row in rows] == cars["confidence"]
    assert drawn.new_low is None


def test_a_line_has_what_statsmodels_says() -> None:
    peer = PEERS["ols"]
    found = fit(LINE, columns("heavy", "x", "z"), start={"a": 0, "b": 0, "c": 0})
    assert errors(found) == [close_to(one, 12.0) for one in peer["bse"]]
    assert found.r2 == close_to(peer["r2"], 12.0)
    assert found.aic == close_to(peer["aic"] + 2.0, 12.0)  # statsmodels does not count s²
    assert found.residuals.durbin_watson == close_to(peer["dw"], 12.0)
    for one in found.residuals.largest:
        assert one.studentized == close_to(peer["ext"][one.row - 1], 11.0)
    sizes = [abs(one.value) for one in found.residuals.largest]
    assert len(sizes) == 10
    assert sizes == sorted(sizes, reverse=True)
    assert found.scaling.startswith("errors are scaled by s")
    quantile = interval_quantile(0.95, "t", 57)
    read = read_model(LINE, {"heavy": None, "x": None, "z": None})
    root, s = found.covariance_root, found.s
    assert root is not None
    assert s is not None
    data = [DATA["x"][:5], DATA["z"][:5]]
    drawn = bands(read, [*found.values.values()], root, data, quantile, s * s)
    rows = [[*row] for row in zip(*drawn, strict=True)]
    assert rows == [[close_to(one, 10.0) for one in row] for row in peer["pred"]]


def test_weights_have_what_statsmodels_says() -> None:
    peer = PEERS["wls"]
    found = fit(LINE, columns("heavy", "x", "z", "weight"), weights="weight",
                start={"a": 0, "b": 0, "c": 0})  # fmt: skip
    assert errors(found) == [close_to(one, 12.0) for one in peer["bse"]]
    assert found.r2 == close_to(peer["r2"], 12.0)
    assert found.aic == close_to(peer["aic"] + 2.0, 12.0)
    root = found.covariance_root
    assert root is not None
    read = read_model(LINE, {"heavy": None, "x": None, "z": None})
    data = [DATA["x"][:5], DATA["z"][:5]]
    drawn = bands(read, [*found.values.values()], root, data, interval_quantile(0.95, "t", 57))
    assert [[*row] for row in zip(drawn.low, drawn.high, strict=True)] == [
        [close_to(end, 10.0) for end in row] for row in peer["mean_ci"]
    ]
    tenfold = {**columns("heavy", "x", "z"), "weight": [10.0 * w for w in DATA["weight"]]}
    scaled = fit(LINE, tenfold, weights="weight", start={"a": 0, "b": 0, "c": 0})
    assert errors(scaled) == [close_to(one, 12.0) for one in errors(found)]
    assert scaled.aic == close_to(found.aic, 12.0)


def test_a_row_of_weight_0_is_no_row() -> None:
    weighted = {"x": [*TIMES, 100.0], "y": [*COUNTS, 50.0], "w": [1.0] * 8 + [0.0]}
    found = fit(DECAY, weighted, weights="w", start=START)
    assert errors(found) == [close_to(one, 10.0) for one in errors(decay())]
    assert (found.degrees_of_freedom, found.aic) == (5, close_to(decay().aic, 10.0))
    assert 9 not in [one.row for one in found.residuals.largest]


@pytest.mark.parametrize("loss", ["logistic", "poisson"])
def test_generalised_linear_models_have_what_statsmodels_says(loss: str) -> None:
    peer, response = PEERS[loss], {"logistic": "binary", "poisson": "count"}[loss]
    found = fit(f"{response} ~ a + b*x + c*z", columns(response, "x", "z"), loss=loss,
                start={"a": 0, "b": 0, "c": 0})  # fmt: skip
    assert [*found.values.values()] == [close_to(one, 9.0) for one in peer["params"]]
    assert errors(found) == [close_to(one, 9.0) for one in peer["bse"]]
    assert ends(found) == [[close_to(end, 9.0) for end in one] for one in peer["ci"]]
    assert found.deviance == close_to(peer["dev"], 12.0)
    assert found.null_deviance == close_to(peer["null"], 12.0)
    assert found.aic == close_to(peer["aic"], 12.0)
    assert found.pseudo_r2 == close_to(peer["pr2"], 10.0)
    assert found.r2 is None
    assert found.s == 1.0
    assert found.quantiles == "normal"


def test_the_huber_loss_has_the_errors_of_statsmodels() -> None:
    peer = PEERS["huber"]
    found = fit(LINE, columns("heavy", "x", "z"), loss="huber", start={"a": 0, "b": 0, "c": 0})
    assert found.s == close_to(peer["scale"], 8.0)
    assert errors(found) == [close_to(one, 8.0) for one in peer["bse"]]
    assert found.quantiles == "normal"
    assert found.aic is None
    assert found.reasons["aic"] == "the huber loss is no likelihood"


def test_an_expression_has_the_errors_that_hold_for_any_loss() -> None:
    """White's, as statsmodels' HC1, where the expression is the squared loss."""
    found = fit(LINE, columns("heavy", "x", "z"), loss="(f - y)^2/2",
                start={"a": 0, "b": 0, "c": 0})  # fmt: skip
    assert errors(found) == [close_to(one, 9.0) for one in PEERS["hc1"]]
    assert found.scaling.startswith("errors hold for many rows")
    assert found.aic is None


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"loss": "absolute"}, "the absolute loss has no curvature to tell them from"),
        ({"l2": {"b": 0.1}}, "a penalty shrinks the parameters"),
    ],
)
def test_why_there_are_no_standard_errors_is_told(settings: Any, reason: str) -> None:
    start = {"a": 1.0, "b": 2.0, "c": -1.0}
    found = fit(LINE, columns("heavy", "x", "z"), start=start, **settings)
    assert {one.error for one in found.parameters.values()} == {None}
    assert found.covariance is None
    assert f"there are no standard errors: {reason}" in [one.text for one in found.warnings]
    assert reason in found.reasons["error of a"]


# -- sigma ---------------------------------------------------------------------------------------


def test_sigma_makes_errors_absolute_and_gives_chi_squared() -> None:
    plain = decay()
    deviations = [0.1] * len(TIMES)
    found = fit(DECAY, {"x": TIMES, "y": COUNTS, "sd": deviations}, sigma="sd", start=START)
    scale = 0.1 / (plain.s or 0.0)
    assert errors(found) == [close_to(scale * one, 10.0) for one in errors(plain)]
    assert found.s == 1.0
    assert found.scaling.startswith("errors are absolute")
    square = (plain.sum_of_squares or 0.0) / 0.01
    assert found.chi_squared == close_to(square, 10.0)
    half = 0.5 * square  # the tail of χ² with 5 degrees of freedom, in closed form
    tail = erfc(sqrt(half)) + exp(-half) * sqrt(half / pi) * (2.0 + 4.0 / 3.0 * half)
    assert found.chi_squared_p == close_to(tail, 10.0)
    assert found.aic == close_to(square + 6.0 + 8.0 * log(2.0 * pi * 0.01), 10.0)
    width = found.parameters["b"]
    assert width.high == close_to(width.value + 1.959963984540054 * (width.error or 0.0), 12.0)


@pytest.mark.parametrize("deviation", [0.01, 1.0])
def test_a_sigma_off_by_a_scale_is_told(deviation: float) -> None:
    data = {"x": TIMES, "y": COUNTS, "sd": [deviation] * len(TIMES)}
    found = fit(DECAY, data, sigma="sd", start=START)
    [told] = [one.text for one in found.warnings if one.code == "doubtful_sigma"]
    assert "sigma do not fit: χ²/dof = " in told
    assert "weights" in told
    assert "doubtful_sigma" not in codes(decay())


# -- R², AIC -------------------------------------------------------------------------------------


def test_r2_is_told_only_of_a_model_with_a_constant() -> None:
    start = {"a": 8.0, "b": 0.4}
    found = fit("y ~ a*exp(-b*x)", {"x": TIMES, "y": COUNTS}, start=start)
    assert found.r2 is None
    assert "no constant" in found.reasons["r2"]
    assert decay().r2 == close_to(1 - (decay().sum_of_squares or 0) / variation(COUNTS), 12.0)
    hidden = fit("y ~ (a + b*x)/(1 + c*x)", {"x": TIMES, "y": COUNTS},
                 start={"a": 10, "b": 0, "c": 0.3})  # fmt: skip
    assert hidden.r2 is not None  # x·∂f/∂b + … spans 1


def variation(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return sum((one - mean) ** 2 for one in values)


def test_a_formula_on_the_left_is_named_and_aic_is_that_of_its_column() -> None:
    logs = {"x": TIMES, "y": [log(y) for y in COUNTS]}
    plain = fit("y ~ a + b*x", logs, start={"a": 2, "b": 0})
    found = fit("log(y) ~ a + b*x", {"x": TIMES, "y": COUNTS}, start={"a": 2, "b": 0})
    assert (found.r2_of, found.r2) == ("log(y)", close_to(plain.r2, 12.0))
    assert found.aic == close_to((plain.aic or 0.0) + 2.0 * sum(logs["y"]), 12.0)
    both = fit("y*x ~ a + b*x", {"x": TIMES, "y": COUNTS}, start={"a": 2, "b": 0})
    assert both.aic is None
    assert "one column" in both.reasons["aic"]


def test_aicc_needs_more_rows_than_parameters_and_two() -> None:
    k, m = 4, len(TIMES)
    found = decay()
    assert found.aicc == close_to((found.aic or 0.0) + 2 * k * (k + 1) / (m - k - 1), 12.0)
    assert found.bic == close_to((found.aic or 0.0) + k * (log(m) - 2.0), 12.0)
    short = fit(DECAY, {"x": TIMES[:5], "y": COUNTS[:5]}, start=START)
    assert short.aicc is None
    assert short.aic is not None
    assert "5 rows" in short.reasons["aicc"]


# -- what cannot be known ------------------------------------------------------------------------


def test_as_many_parameters_as_rows_leave_no_errors() -> None:
    found = fit("y ~ a + b*x", {"x": [1.0, 2.0], "y": [3.0, 5.0]}, start={"a": 0, "b": 0})
    assert found.values == {"a": close_to(1.0, 12.0), "b": close_to(2.0, 12.0)}
    assert errors(found) == [0.0, 0.0]
    assert found.covariance is None
    assert found.degrees_of_freedom == 0
    assert "no_degrees_of_freedom" in codes(found)
    assert "as many parameters as rows" in found.reasons["error of a"]
    with_sigma = fit("y ~ a + b*x", {"x": [1.0, 2.0], "y": [3.0, 5.0], "sd": [0.1, 0.1]},
                     sigma="sd", start={"a": 0, "b": 0})  # fmt: skip
    assert all(errors(with_sigma))
    assert with_sigma.chi_squared_p is None


def test_a_model_through_the_data_has_no_errors_unless_sigma_gives_them() -> None:
    data = {"x": TIMES, "y": [3.0 + 2.0 * x for x in TIMES], "sd": [0.5] * len(TIMES)}
    found = fit("y ~ a + b*x", data, start={"a": 1, "b": 1}, weights="sd")
    assert [one.error for one in found.parameters.values()] == [None, None]
    assert "exact_fit" in codes(found)
    assert found.aic is None
    given = fit("y ~ a + b*x", data, start={"a": 1, "b": 1}, sigma="sd")
    slope = 0.5 / sqrt(variation(TIMES))
    assert given.parameters["b"].error == close_to(slope, 12.0)


def test_a_parameter_on_its_bound_has_no_error_and_does_not_count() -> None:
    found = decay(bounds={"c": (2.2, None)}, start={**START, "c": 3.0})
    assert found.parameters["c"].value == 2.2
    assert found.parameters["c"].error is None
    held = fit("y ~ a*exp(-b*x) + 2.2", {"x": TIMES, "y": COUNTS}, start={"a": 8, "b": 0.4})
    assert errors(found)[:2] == [close_to(one, 8.0) for one in errors(held)]
    assert found.degrees_of_freedom == held.degrees_of_freedom == 6
    assert found.reasons["error of c"] == "it lies on its bound"
    assert found.covariance is not None
    assert found.covariance[2] == [None] * 3


def test_parameters_that_the_data_cannot_tell_apart_are_named() -> None:
    found = fit("y ~ a*exp(c - b*x) + d", {"x": TIMES, "y": COUNTS},
                start={"a": 8, "b": 0.4, "c": 0, "d": 2})  # fmt: skip
    assert found.parameters["a"].error is None
    assert found.parameters["c"].error is None
    counted = sqrt(5 / 4)  # p counts all four
    assert found.parameters["b"].error == close_to(counted * errors(decay())[1], 6.0)
    told = [one.text for one in found.warnings if one.code == "no_error"]
    assert any("of a could not be estimated: the data do not tell it apart from c" in one
               for one in told)  # fmt: skip


def test_strong_correlation_and_full_leverage_are_told() -> None:
    found = fit("y ~ a + b*x", {"x": [1000.0 + t for t in TIMES], "y": COUNTS},
                start={"a": 0, "b": 0})  # fmt: skip
    assert [one.text for one in found.warnings if one.code == "correlated"] == [
        "a and b are correlated by 0.999996: they are badly told apart"
    ]
    assert "ill_conditioned" not in codes(found)
    far = fit("y ~ a + b*x", {"x": [1e7 + t for t in TIMES], "y": COUNTS}, start={"a": 0, "b": 0})
    assert [one.text for one in far.warnings if one.code == "ill_conditioned"] == [
        "the parameters are ill conditioned: 7e+06, all scaled to one length"
    ]
    alone = fit("y ~ a + b*u", {"u": [0.0] * 5 + [1.0], "y": COUNTS[:6]}, start={"a": 0, "b": 0})
    assert [one.text for one in alone.warnings if one.code == "full_leverage"] == [
        "the curve passes through row 6, whatever the response is there"
    ]
    assert next(one for one in alone.residuals.largest if one.row == 6).studentized is None


def test_residuals_that_are_not_random_are_told() -> None:
    x = [0.1 * i for i in range(40)]
    found = fit("y ~ a + b*x", {"x": x, "y": [one**2 for one in x]}, start={"a": 0, "b": 0})
    assert "residuals_not_random" in codes(found)
    assert (found.residuals.runs_p or 1.0) < 1e-6
    assert (found.residuals.durbin_watson or 2.0) < 0.1


def test_the_probability_of_runs_is_counted() -> None:
    """Against all arrangements of seven signs."""
    signs = [one for one in product((0, 1), repeat=7) if sum(one) == 3]
    counts = [len([*groupby(one)]) for one in signs]
    for runs in set(counts):
        few = sum(count <= runs for count in counts) / len(counts)
        many = sum(count >= runs for count in counts) / len(counts)
        assert runs_probability(3, 4, runs) == close_to(min(1.0, 2.0 * min(few, many)), 14.0)
    assert runs_probability(5, 0, 1) is None


def test_the_probability_of_runs_of_many_signs_is_nearly_the_counted_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    normal = [runs_probability(160, 150, runs) for runs in (120, 130, 150, 175)]
    monkeypatch.setattr(residual_checks, "MOST_EXACT_SIGNS", 310)
    counted = [runs_probability(160, 150, runs) for runs in (120, 130, 150, 175)]
    assert normal == pytest.approx(counted, rel=0.1)


# -- derived quantities --------------------------------------------------------------------------


def test_derived_quantities_have_the_error_of_the_delta_method() -> None:
    texts = {"half": "log(2)/b", "ratio": "a/(a + c)", "mixed": "sqrt(a*b)*exp(-c/3)"}
    found = decay(derive=[f"{name} = {text}" for name, text in texts.items()])
    a, b, c = map(DIGITS.mpf, found.values.values())
    assert found.covariance is not None
    covariance = DIGITS.matrix([[*map(float, row)] for row in found.covariance])  # type: ignore[arg-type]
    root = DIGITS.sqrt(a * b) * DIGITS.exp(-c / 3)
    exact = {
        "half": (DIGITS.log(2) / b, [0, -DIGITS.log(2) / b**2, 0]),
        "ratio": (a / (a + c), [c / (a + c) ** 2, 0, -a / (a + c) ** 2]),
        "mixed": (root, [root / (2 * a), root / (2 * b), -root / 3]),
    }
    for name, (value, gradient) in exact.items():
        g = DIGITS.matrix([gradient])
        one = found.derived[name]
        assert one.value == close_to(float(value), 14.0)
        assert one.error == close_to(float(DIGITS.sqrt((g * covariance * g.T)[0])), 8.0)
        width = interval_quantile(0.95, "t", 5) * (one.error or 0.0)
        assert (one.low, one.high) == (
            close_to(one.value - width, 12.0),
            close_to(one.value + width, 12.0),
        )
    assert found["half"] == found.derived["half"].value
    assert decay(derive=texts).derived == found.derived


def test_derived_quantities_take_entries_of_vectors_sums_and_held_numbers() -> None:
    data = {"x": TIMES, "y": COUNTS}
    found = fit(
        "y ~ sum(a[i]*x^(i - 1) for i in 1:n)",
        data,
        sizes={"n": 3},
        start={"a": [1, 1, 1]},
        derive=["all = sum(a[i] for i in 1:n)", "bend = 2*a[3]"],
    )
    assert found.derived["all"].value == close_to(sum(found.values.values()), 13.0)
    covariance = found.covariance
    assert covariance is not None
    whole = sqrt(sum(entry or 0.0 for row in covariance for entry in row))
    assert found.derived["all"].error == close_to(whole, 8.0)
    assert found.derived["bend"].error == close_to(2.0 * errors(found)[2], 12.0)
    held = fit(DECAY, data, start={"a": 8, "b": 0.4}, parameters={"c": 2}, derive="top = a + c")
    assert held.derived["top"].value == held.values["a"] + 2.0
    assert held.derived["top"].error == close_to(errors(held)[0], 12.0)


def test_a_derived_quantity_of_a_parameter_without_error_has_none() -> None:
    found = decay(bounds={"c": (2.2, None)}, start={**START, "c": 3.0},
                  derive=["top = a + c", "half = log(2)/b"])  # fmt: skip
    assert found.derived["top"].error is None
    assert found.reasons["error of top"] == "c has no error: it lies on its bound"
    assert found.derived["half"].error is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("half = log(2)/k", "`k` is no parameter of the model"),
        ("half = log(2)/x", "`x` is a column"),
        ("a = b*2", "the name `a` is taken"),
        ("log(2)/b", "a name, `=` and an expression"),
        ("half = ", "a name, `=` and an expression"),
        ("2b = b", "a name, `=` and an expression"),
        ("b == 1", "a name, `=` and an expression"),
        ("two = 2", "two depends on no parameter"),
    ],
)
def test_what_is_no_derived_quantity_is_refused(text: str, message: str) -> None:
    with pytest.raises(GdcliError) as raised:
        decay(derive=[text])
    assert isinstance(raised.value, UsageError | ExpressionError)
    assert message in str(raised.value)


def test_a_derived_quantity_is_given_once_and_may_be_undefined() -> None:
    with pytest.raises(UsageError, match="`half` is derived twice"):
        decay(derive=["half = 1/b", "half = 2/b"])
    found = decay(derive=["none = log(0 - b)"])
    assert found.derived["none"].error is None
    assert "no finite value" in found.warnings[-1].text


# -- profile -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sampled(PEERS["profile"], 4))
def test_profile_intervals_are_those_of_lmfit(name: str) -> None:
    """To 4 digits of the width and better: lmfit searches for its ends less closely."""
    reference, peer = dataset(name), PEERS["profile"][name]
    start = dict(zip(reference.parameters, reference.certified, strict=True))
    found = fit(reference.model, reference.columns, start=start, intervals="profile")
    for one in found.parameters.values():
        low, high = peer[one.name]
        assert one.low == pytest.approx(low, abs=1e-4 * (high - low))
        assert one.high == pytest.approx(high, abs=1e-4 * (high - low))


def check_ends(name: str, tolerance: float) -> None:
    """Each end, held, leaves a fit of the others whose |τ| is the quantile."""
    reference = dataset(name)
    start = dict(zip(reference.parameters, reference.certified, strict=True))
    found = fit(reference.model, reference.columns, start=start, intervals="profile")
    quantile = interval_quantile(0.95, "t", reference.degrees_of_freedom)
    for one in found.parameters.values():
        others = {key: value for key, value in start.items() if key != one.name}
        for end in (one.low, one.high):
            assert end is not None
            held = fit(reference.model, reference.columns, start=others,
                       parameters={one.name: end})  # fmt: skip
            rise = (held.sum_of_squares or 0.0) - (found.sum_of_squares or 0.0)
            assert sqrt(rise) / (found.s or 0.0) == pytest.approx(quantile, abs=tolerance)


def test_the_ends_of_a_profile_are_where_the_sum_of_squares_says() -> None:
    check_ends("Nelson", 2e-6)


@pytest.mark.full
@pytest.mark.parametrize(
    ("name", "tolerance"),
    [("MGH17", 2e-6), ("Rat43", 2e-6), ("Lanczos3", 2e-6), ("Bennett5", 2e-6), ("Lanczos1", 0.1)],
)
def test_the_ends_of_profiles_are_where_the_sums_of_squares_say(
    name: str, tolerance: float
) -> None:
    """Of Lanczos1 the residuals are hardly larger than rounding errors."""
    check_ends(name, tolerance)


def test_the_profile_of_a_linear_model_is_wald() -> None:
    start = {"a": 0, "b": 0, "c": 0}
    data = columns("heavy", "x", "z")
    wald, profile = (
        fit(LINE, data, start=start, intervals=one, level=0.9) for one in ("wald", "profile")
    )
    for one, other in zip(wald.parameters.values(), profile.parameters.values(), strict=True):
        assert other.low == pytest.approx(one.low, abs=2e-6 * (one.error or 0.0))
        assert other.high == pytest.approx(one.high, abs=2e-6 * (one.error or 0.0))


def test_the_profile_of_a_likelihood_ends_where_the_deviance_says() -> None:
    data, start = columns("binary", "x", "z"), {"a": 0.0, "b": 0.0, "c": 0.0}
    model = "binary ~ a + b*x + c*z"
    found = fit(model, data, loss="logistic", start=start, intervals="profile")
    one = found.parameters["b"]
    for end in (one.low, one.high):
        assert end is not None
        others = {"a": 0.0, "c": 0.0}
        held = fit(model, data, loss="logistic", start=others, parameters={"b": end})
        rise = (held.deviance or 0.0) - (found.deviance or 0.0)
        assert sqrt(rise) == pytest.approx(1.959963984540054, abs=2e-6)


def test_a_profile_that_meets_a_bound_or_levels_off_is_open() -> None:
    found = decay(intervals="profile", bounds={"c": (1.7, None)})
    assert found.parameters["c"].low is None
    assert found.parameters["c"].high is not None
    assert "meets its bound 1.7" in found.reasons["low of c"]
    assert "open_interval" in codes(found)
    # with b large only the first row is told from the others: the sum of squares levels off
    data = {"x": [0.0, 1.0, 2.0, 3.0, 4.0], "y": [5.0, 1.3, 0.7, 1.2, 0.9]}
    found = fit(DECAY, data, start={"a": 4, "b": 3, "c": 1}, intervals="profile")
    assert found.parameters["b"].high is None
    assert found.parameters["b"].low is not None
    assert "rises too little" in found.reasons["high of b"]


def test_a_profile_that_meets_a_lower_minimum_begins_the_fit_again() -> None:
    x = [0.5 * i for i in range(24)]
    y = [3.0 * sin(1.1 * t) + 0.3 * cos(7.0 * t) for t in x]
    start = {"a": 1.0, "b": 1.5}
    stuck = fit("y ~ a*sin(b*x)", {"x": x, "y": y}, start=start)
    found = fit("y ~ a*sin(b*x)", {"x": x, "y": y}, start=start, intervals="profile")
    assert abs(stuck.values["b"] - 1.1) > 0.1
    assert found.values["b"] == pytest.approx(1.1, abs=0.01)
    assert (found.parameters["b"].low or 0.0) < 1.1 < (found.parameters["b"].high or 0.0)
    assert found.warnings[-1].code == "lower_minimum"
    assert [one.start for one in found.parameters.values()] == [1.0, 1.5]


def test_a_profile_of_a_loss_without_a_likelihood_is_refused() -> None:
    with pytest.raises(UsageError, match="a profile needs a likelihood, and the huber loss"):
        decay(loss="huber", intervals="profile")


# -- many rows -----------------------------------------------------------------------------------


def test_arrays_have_the_statistics_of_lists() -> None:
    import numpy as np

    from gdcli.fitting.closing import close
    from gdcli.fitting.residuals import Residuals, Rows
    from gdcli.fitting.statistics import StatisticsSettings, statistics

    model = read_model(LINE, {"heavy": None, "x": None, "z": None})
    columns_, weights = (DATA["x"], DATA["z"]), DATA["weight"]
    lists = Rows(columns_, DATA["heavy"], weights)
    arrays = Rows([*map(np.array, columns_)], np.array(DATA["heavy"]), np.array(weights))
    one, other = (
        statistics(problem, close(problem, [0.0, 0.0, 0.0]), StatisticsSettings())
        for problem in (Residuals(model, lists), Residuals(model, arrays))
    )
    for mine, its in zip(one.parameters, other.parameters, strict=True):
        assert its == pytest.approx(mine, rel=1e-10)
    assert (other.r2, other.aic) == (close_to(one.r2, 10.0), close_to(one.aic, 10.0))
    assert other.residuals.runs_p == one.residuals.runs_p
    assert other.residuals.durbin_watson == close_to(one.residuals.durbin_watson, 10.0)
    for large, same in zip(one.residuals.largest, other.residuals.largest, strict=True):
        assert same == pytest.approx(large, rel=1e-9)
    assert one.covariance_root is not None
    assert other.covariance_root is not None
    drawn, again = (
        bands(model, [1.0, 2.0, -1.0], root, rows.columns, 2.0, 0.25)
        for root, rows in ((one.covariance_root, lists), (other.covariance_root, arrays))
    )
    for mine, its in zip(drawn, again, strict=True):
        assert all(map(isfinite, mine))
        assert [*its] == pytest.approx(mine, rel=1e-10)


def test_arrays_of_counts_have_the_aic_of_lists() -> None:
    import numpy as np

    from gdcli.fitting.closing import close
    from gdcli.fitting.losses import POISSON
    from gdcli.fitting.residuals import Residuals, Rows
    from gdcli.fitting.statistics import StatisticsSettings, statistics

    model = read_model("count ~ a + b*x", {"count": None, "x": None})
    weights = DATA["weight"]
    lists = Rows([DATA["x"]], DATA["count"], weights)
    arrays = Rows([np.array(DATA["x"])], np.array(DATA["count"]), np.array(weights))
    found = []
    for rows in (lists, arrays):
        problem = Residuals(model, rows, POISSON)
        end = levenberg_marquardt(problem, [0.5, 0.3]).parameters
        told = statistics(problem, close(problem, end), StatisticsSettings())
        found.append([told.aic, told.deviance, told.pseudo_r2, told.residuals.durbin_watson])
    assert found[1] == pytest.approx(found[0], rel=1e-10)


@pytest.mark.parametrize(
    ("text", "start", "has_constant"),
    [
        ("y ~ (a + b*x)/(1 + c*x)", [10.0, -0.1, 0.3], True),
        ("y ~ a*exp(-b*x)", [8.0, 0.2], False),
        ("y ~ a*x", [1.0], False),
    ],
)
def test_arrays_find_the_constant_as_lists_do(
    text: str, start: list[float], has_constant: bool
) -> None:
    import numpy as np

    from gdcli.fitting.closing import close
    from gdcli.fitting.residuals import Residuals, Rows
    from gdcli.fitting.statistics import StatisticsSettings, statistics

    model = read_model(text, {"y": None, "x": None})
    weights = [1.0, 2.0, 1.0, 0.5, 1.0, 1.0, 3.0, 1.0]
    lists = Rows([TIMES], COUNTS, weights)
    arrays = Rows([np.array(TIMES)], np.array(COUNTS), np.array(weights))
    found = []
    for rows in (lists, arrays):
        problem = Residuals(model, rows)
        end = levenberg_marquardt(problem, start).parameters
        found.append(statistics(problem, close(problem, end), StatisticsSettings()).r2)
    assert (found[0] is not None) == (found[1] is not None) == has_constant
    assert found[1] == pytest.approx(found[0])


def test_a_profile_ends_at_the_limit_of_time() -> None:
    from gdcli.fitting.closing import close
    from gdcli.fitting.residuals import Residuals, Rows
    from gdcli.fitting.statistics import PROFILE, StatisticsSettings, statistics

    problem = Residuals(read_model("y ~ a + b*x", {"y": None, "x": None}), Rows([TIMES], COUNTS))
    closing = close(problem, [8.0, -1.0])
    settings = StatisticsSettings(intervals=PROFILE, limits=FitLimits(deadline=0.0))
    found = statistics(problem, closing, settings)
    assert [(one.low, one.high) for one in found.parameters] == [(None, None)] * 2
    assert found.reasons["low of a"] == "the time was up before it was found"
