"""The end of a fit: what is printed belongs to one place, and says how the fit came there."""

from decimal import Decimal
from math import exp, fsum
from typing import Any

import pytest

import gdcli
from gdcli.errors import UsageError

T_QUANTILE = Decimal("2.2281388519862747483954906632018")  # by integration of its density
MODEL = "y ~ a*exp(-b*x) + c"
X = [0.5 * i for i in range(12)]
FALLING = [2.0 - 0.7 * x + 0.05 * (-1) ** i for i, x in enumerate(X)]


def _sum_of_squares(values: dict[str, float], power: int) -> float:
    a, slope = values["a"], pow(values["b"], power)
    return fsum((a + slope * x - y) ** 2 for x, y in zip(X, FALLING, strict=True))


@pytest.mark.parametrize("limits", [{}, {"max_iterations": 1}, {"l2": {"a": 5.0}},
                                    {"l2": {"a": 5.0}, "max_iterations": 1},
                                    {"bounds": {"b": (0.0, None)}}])  # fmt: skip
def test_the_sum_of_squares_is_that_of_the_printed_parameters(limits: dict[str, Any]) -> None:
    found = gdcli.fit("y ~ a + b^2*x", {"x": X, "y": FALLING}, start={"a": 1, "b": 1}, **limits)
    squares = _sum_of_squares(found.values, 2)
    penalty = 2.5 * found.values["a"] ** 2 if "l2" in limits else 0.0
    assert found.sum_of_squares == pytest.approx(squares, rel=1e-12)
    assert found.f == pytest.approx(squares / len(X) + penalty, rel=1e-12)


def test_digits_of_a_sum_of_squares_are_without_the_penalty() -> None:
    found = gdcli.fit("y ~ a + b*x", {"x": X, "y": FALLING}, l2={"a": 0.1}, digits=20)
    squares = float(getattr(found.decimals, "sum_of_squares", "nan"))
    assert squares == pytest.approx(_sum_of_squares(found.values, 1))


def test_a_linear_model_is_evaluated_where_no_iteration_is_left() -> None:
    data, start = {"x": X, "y": FALLING}, {"a": 1, "b": 1}
    found = gdcli.fit("y ~ a + b*x", data, start=start, max_iterations=0)
    assert (found.iterations, found.exit_status, found.values) == (0, 3, {"a": 1.0, "b": 1.0})


def test_passes_for_second_derivatives_are_counted() -> None:
    data = {"x": X, "y": FALLING}
    start = {"a": 1, "b": 1}
    newton = gdcli.fit("y ~ a + b^2*x", data, start=start, method="newton", max_iterations=3)
    assert newton.accelerations >= newton.iterations


@pytest.mark.parametrize("loss", ["squared", "absolute", "huber:1.345"])
@pytest.mark.parametrize("start", [{"a": 1, "b": 1, "c": 0}, {"a": 1, "b": 1}])
def test_limits_are_kept_to_the_pass_and_the_iteration(loss: str, start: dict[str, float]) -> None:
    data = {"x": X, "y": [5.0 * exp(-0.7 * x) + 0.05 * (-1) ** i for i, x in enumerate(X)]}
    for most in (1, 3, 9):
        found = gdcli.fit(MODEL, data, loss=loss, start=start, max_evaluations=most)
        assert found.evaluations <= most
        assert found.status == "max_iterations"
        assert f"after {most} pass{'es' * (most > 1)} over the data" in str(found.message)
    for most in (0, 2):
        found = gdcli.fit(MODEL, data, loss=loss, start=start, max_iterations=most)
        assert found.iterations <= most


@pytest.mark.parametrize(("model", "start", "advice"), [
    ("y ~ a + b*log(x)", None, "undefined in row 1, whatever the parameters are: log(x) at x=0:"),
    ("y ~ a/x + b", None, "leave it out with where"),
    ("y ~ a + b*log(x - c)", {"a": 1, "b": 1, "c": 5}, "give another start"),
    ("y ~ a + b*x^c", {"a": 1, "b": 1, "c": -1}, "give another start"),
])  # fmt: skip
def test_a_row_that_no_parameters_mend_is_to_be_left_out(
    model: str, start: dict[str, float] | None, advice: str
) -> None:
    found = gdcli.fit(model, {"x": X, "y": FALLING}, start=start)
    assert found.status == "undefined"
    assert advice in str(found.message)
    assert found.sum_of_squares is None


def test_the_start_of_a_parameter_is_that_which_was_given() -> None:
    data = {"x": X, "y": [5.0 * exp(-0.7 * x) + 0.05 * (-1) ** i for i, x in enumerate(X)]}
    found = gdcli.fit(MODEL, data, start={"a": 1, "b": 1})
    assert [one.start for one in found.parameters.values()][:2] == [1.0, 1.0]


def test_a_model_whose_parameters_are_held_is_evaluated() -> None:
    found = gdcli.fit("y ~ a + b*x", {"x": X, "y": FALLING}, parameters={"a": 2, "b": -0.7})
    assert (found.exit_status, found.iterations) == (0, 0)
    assert found.message == "evaluated: all parameters are held"


@pytest.mark.parametrize(("settings", "said"), [
    ({"digits": 20, "loss": "absolute"}, "for the absolute loss; take another loss"),
    ({"digits": 20, "data": {"x": X * 500, "y": FALLING * 500}}, "so many rows, 6000"),
    ({"intervals": "profile", "l2": {"b": 0.1}}, "the squared loss with a penalty is none"),
])  # fmt: skip
def test_what_a_fit_cannot_give_is_refused_before_it(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        gdcli.fit("y ~ a + b*x", **{"data": {"x": X, "y": FALLING}, **settings})


@pytest.mark.parametrize(("model", "data"), [
    ("y ~ a", {"y": [1.0, 2.0, 3.0, 10.0]}),
    ("y ~ a + b*x", {"x": [0.0, 0.0, 1.0, 1.0], "y": [0.0, 1.0, 0.0, 1.0]}),
])  # fmt: skip
def test_least_absolute_deviations_that_are_not_unique_are_no_identifiable_minimum(
    model: str, data: dict[str, list[float]]
) -> None:
    found = gdcli.fit(model, data, loss="absolute")
    assert (found.exit_status, found.classification) == (5, "flat")
    assert "other parameters are as good" in str(found.message)
    along = found.null_direction or {}
    moved = {name: value + 0.1 * along.get(name, 0.0) for name, value in found.values.items()}
    there = gdcli.fit(model, data, loss="absolute", start=moved, max_iterations=0)
    assert there.f == pytest.approx(found.f)
    unique = {name: column[:3] for name, column in data.items()}
    if model == "y ~ a":
        assert gdcli.fit(model, unique, loss="absolute").exit_status == 0


def test_huber_says_that_too_few_rows_lie_within_its_threshold() -> None:
    found = gdcli.fit("y ~ a + b*x", {"x": X, "y": FALLING}, loss="huber:1e-9")
    assert (found.exit_status, found.classification) == (5, "flat")
    assert "of 12 rows lie within k·s" in str(found.message)
    assert "influence" not in str(found.message)


@pytest.mark.parametrize(("model", "kink"), [
    ("y ~ abs(a)*x + b", "abs(a) at a = 0"), ("y ~ sqrt(a)*x + b", "sqrt(a) at a = 0"),
    ("y ~ abs(x) + abs(a)*x + b", "abs(a) at a = 0"),
])  # fmt: skip
def test_a_fit_that_stalls_at_a_kink_names_it(model: str, kink: str) -> None:
    found = gdcli.fit(model, {"x": X, "y": FALLING}, start={"a": 1, "b": 0})
    assert found.status == "stalled"
    assert f"stalled at the kink {kink}" in str(found.message)


def test_digits_of_a_fit_on_a_bound_are_found_and_end_at_the_time() -> None:
    data, bounds = {"x": X, "y": FALLING}, {"b": (-0.5, 0)}
    found = gdcli.fit("y ~ a + b*x", data, bounds=bounds, digits=20)
    a = sum(y + 0.5 * x for x, y in zip(X, FALLING, strict=True)) / len(X)
    texts = getattr(found.decimals, "parameters", [])
    assert float(texts[0]) == pytest.approx(a, rel=1e-15)
    assert texts[1] == "-0.5"
    late = gdcli.fit("y ~ a + b*exp(x)", data, start={"a": 1, "b": 0}, digits=9000, max_time=0.15)
    assert (late.exit_status, late.decimals) == (3, None)
    assert "stopped after 0.15 s" in str(late.message)


def test_digits_reach_intervals_covariance_and_what_is_derived() -> None:
    data = {"x": X, "y": FALLING}
    plain = gdcli.fit("y ~ a + b*x", data, derive={"ratio": "a/b"})
    found = gdcli.fit("y ~ a + b*x", data, derive={"ratio": "a/b"}, digits=25)
    decimals: Any = found.decimals
    for texts, key in ((decimals.low, "low"), (decimals.high, "high")):
        wanted = [getattr(one, key) for one in plain.parameters.values()]
        assert [float(text) for text in texts] == pytest.approx(wanted, rel=1e-12)
    ratio = plain.derived["ratio"]
    assert [float(text) for text in decimals.derived[0]] == pytest.approx(
        [ratio.value, ratio.error, ratio.low, ratio.high], rel=1e-12
    )
    assert plain.covariance is not None
    for row, wanted_row in zip(decimals.covariance, plain.covariance, strict=True):
        assert [float(text) for text in row] == pytest.approx(wanted_row, rel=1e-12)
    # the quantile of t with 10 degrees of freedom to 25 digits, which the ends are computed with
    a, error, high = (
        Decimal(one[0]) for one in (decimals.parameters, decimals.errors, decimals.high)
    )
    assert abs((high - a) / error - T_QUANTILE) < Decimal("1e-22")
