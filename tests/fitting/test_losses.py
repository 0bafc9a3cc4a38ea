"""Each loss: its derivatives are those of its value, at 50 digits; what it refuses."""

from collections.abc import Callable
from functools import partial
from math import log
from typing import Any

import mpmath
import numpy as np
import pytest

from gdcli.autodiff.builder import Builder
from gdcli.errors import UsageError
from gdcli.execute.source import FLOAT_TARGET, compile_tape
from gdcli.fitting.losses import LOSSES, Loss, read_loss
from gdcli.fitting.residuals import Rows
from gdcli.fitting.responses import null_deviance, rows_for

RESPONSES: dict[str, tuple[float, ...]] = {
    "two labels": (0, 1),
    "counts": (0, 1, 3, 250),
    "numbers": (-2.5, 0.0, 0.75, 40.0),
}
PREDICTIONS = (-30.0, -2.5, -0.3, 0.0, 0.6, 2.5, 5.521, 31.0)
WEIGHTS = (0.25, 1.0, 9.0)
FORMULAS = [one for one in LOSSES.values() if one.slope]
EXPRESSIONS = ("log(cosh(f - y))", "log(1 + (f - y)^2/2)", "exp(0.1*f) + (f - y)^2*y^2")


def terms(loss: Loss) -> Callable[[list[float]], Any]:
    """The value, the slope and the curvature of a loss at (f, y, w, threshold)."""
    builder = Builder(("f", "y", "w", *loss.settings))
    known = {name: builder.load(place) for place, name in enumerate(builder.inputs)}
    return compile_tape(builder.tape(loss.terms(builder, known)), FLOAT_TARGET)


def exact_value(loss: Loss, f: Any, y: Any, w: Any, threshold: Any) -> Any:
    """The value by the definition of each loss, in mpmath's numbers."""
    r, k = f - y, threshold / mpmath.sqrt(w)
    if loss.name == "squared":
        return r**2 / 2
    if loss.name == "absolute":
        return abs(r)
    if loss.name == "huber":
        return r**2 / 2 if abs(r) <= k else k * abs(r) - k**2 / 2
    if loss.name == "logistic":
        return mpmath.log(1 + mpmath.exp(f)) - y * f
    assert loss.name == "poisson"
    best = y * mpmath.log(y) - y if y else 0
    return mpmath.exp(f) - y * f + best


@pytest.mark.parametrize("loss", FORMULAS, ids=[one.name for one in FORMULAS])
def test_slope_and_curvature_are_those_of_the_value(loss: Loss) -> None:
    run = terms(loss)
    seen = 0
    with mpmath.workdps(80):
        for y in RESPONSES[loss.response]:
            for f in PREDICTIONS:
                for w in WEIGHTS:
                    point = [f, float(y), w, *[1.345] * len(loss.settings)]
                    r, scaled = f - y, mpmath.sqrt(w) * abs(f - y)
                    kinked = loss.name in ("absolute", "huber")
                    if kinked and (not r or abs(scaled - 1.345) < 1e-6):
                        continue  # a kink
                    value, rest = run(point)
                    slope, curvature = rest
                    at = partial(
                        exact_value, loss, y=mpmath.mpf(y), w=w, threshold=mpmath.mpf(1.345)
                    )
                    *wanted, third = (mpmath.diff(at, f, order) for order in range(4))
                    blurred = [abs(one) * (abs(f) + abs(y)) for one in (*wanted[1:], third)]
                    got = value, slope, curvature
                    for one, want, blur in zip(got, wanted, blurred, strict=True):
                        # what rounding f - y, or f - log(y), does to it
                        assert abs(one - want) <= 2e-15 * abs(want) + 4e-16 * blur + 1e-25
                    seen += 1
    assert seen >= 20


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_an_expression_is_differentiated_by_f(text: str) -> None:
    run = terms(read_loss(text))
    values = {
        EXPRESSIONS[0]: lambda f, y: mpmath.log(mpmath.cosh(f - y)),
        EXPRESSIONS[1]: lambda f, y: mpmath.log(1 + (f - y) ** 2 / 2),
        EXPRESSIONS[2]: lambda f, y: mpmath.exp(f / 10) + (f - y) ** 2 * y**2,
    }
    with mpmath.workdps(80):
        for f in PREDICTIONS:
            for y in RESPONSES["numbers"]:
                value, (slope, curvature) = run([f, y, 1.0])
                at = partial(values[text], y=mpmath.mpf(y))
                wanted = [mpmath.diff(at, f, order) for order in (0, 1, 2)]
                if wanted[2] < 0:
                    wanted[2] = abs(wanted[1] / (f - y))
                for got, want in zip((value, slope, curvature), wanted, strict=True):
                    assert abs(got - want) <= 1e-13 * (1 + abs(f - y)) * abs(want) + 1e-17


def test_a_loss_keeps_its_digits_and_its_range() -> None:
    logistic, poisson = (terms(read_loss(name)) for name in ("logistic", "poisson"))
    value, rest = logistic([40.0, 1.0, 1.0])
    assert value == rest[1] == -rest[0] == pytest.approx(4.248354255291589e-18, rel=1e-14, abs=0)
    assert logistic([-800.0, 1.0, 1.0]) == (800.0, [-1.0, 0.0])
    assert poisson([-800.0, 0.0, 1.0]) == (0.0, [0.0, 0.0])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("hubber", 'hubber" is no loss; did you mean huber?'),
        ("huber:0", "the number behind huber: is positive"),
        ("huber:", "the number behind huber: is positive"),
        ("huber:1e999", "the number behind huber: is positive"),
        ("abs(f - z)", "it has z"),
        ("y^2", "it has no f"),
        ("log(", "is no loss"),
        ("", "is no loss"),
    ],
)
def test_what_is_no_loss_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_loss(text)
    assert sentence in str(refused.value)


def test_the_number_of_huber_is_read() -> None:
    assert read_loss("huber").k == 1.345
    assert read_loss("huber:2").k == 2.0
    assert read_loss("log(cosh(f - y))").name == "expression"


def answered(
    loss: Loss, response: list[float], labels: Any = (), numbers: Any = None
) -> tuple[list[float], tuple[str, ...]]:
    rows, shown = rows_for(loss, Rows([], response, numbers=numbers), labels)
    return rows.response, shown


def test_standard_deviations_are_those_of_residuals() -> None:
    rows = Rows([], [1.0, 2.0], [0.25, 4.0], absolute=True)
    assert rows_for(read_loss("absolute"), rows)[0].weights == [0.5, 2.0]
    assert rows_for(read_loss("huber"), rows)[0].weights == [0.25, 4.0]
    for name in ("logistic", "poisson", "softmax", "log(cosh(f - y))"):
        with pytest.raises(UsageError, match="sigma are standard deviations of residuals"):
            rows_for(read_loss(name), rows)


def test_responses_become_what_the_loss_has_or_are_refused_by_row() -> None:
    logistic, poisson, softmax, squared = (
        read_loss(name) for name in ("logistic", "poisson", "softmax", "squared")
    )
    assert answered(logistic, [2.0, 1.0, 2.0]) == ([1.0, 0.0, 1.0], ("1", "2"))
    assert answered(logistic, [2.0, 1.0], ("no", "yes")) == ([1.0, 0.0], ("no", "yes"))
    assert answered(softmax, [7.0, 3.0, 5.5]) == ([2.0, 0.0, 1.0], ("3", "5.5", "7"))
    assert answered(poisson, [0.0, 3.0]) == ([0.0, 3.0], ())
    refused: dict[str, tuple[Any, ...]] = {
        "row 9: -1 is no count; the poisson loss has responses 0, 1, 2, ...": (
            *(poisson, [2.0, -1.0], (), [4, 9]),
        ),
        "row 1: 2.5 is no count; the poisson loss has responses 0, 1, 2, ...": (poisson, [2.5]),
        "the logistic loss has a response of two labels; here it has 3: 0, 1, 2;"
        ' for more than two: loss="softmax"': (logistic, [0.0, 1.0, 2.0]),
        "the logistic loss has a response of two labels; here it has 1: 1": (logistic, [1.0, 1.0]),
        'the response has labels (no, yes); they are predicted by loss="logistic" or'
        ' loss="softmax"': (squared, [1.0, 2.0], ("no", "yes")),
    }
    for sentence, given in refused.items():
        with pytest.raises(UsageError) as error:
            answered(*given)
        assert str(error.value) == sentence


def test_the_null_deviance_is_that_of_the_best_constant() -> None:
    """Of 3 of 10, by -2·log L of a binomial; of counts 0, 2, 4 by the formula of the deviance."""
    logistic, poisson = read_loss("logistic"), read_loss("poisson")
    with mpmath.workdps(30):
        wanted = -2 * (3 * mpmath.log("0.3") + 7 * mpmath.log("0.7"))
    ten = [1.0] * 3 + [0.0] * 7
    assert null_deviance(logistic, Rows([], ten)) == pytest.approx(float(wanted), rel=1e-15)
    weighted = Rows([], [1.0, 0.0, 1.0], [3.0, 7.0, 0.0])
    assert null_deviance(logistic, weighted) == pytest.approx(float(wanted), rel=1e-15)
    wanted = 2 * (2 + 0 + 4 * mpmath.log(2) - 2)
    counts = Rows([], [0.0, 2.0, 4.0])
    assert null_deviance(poisson, counts) == pytest.approx(float(wanted), rel=1e-15)


def test_responses_of_arrays_are_as_those_of_lists() -> None:
    labels, weights = [5.0, 2.0, 2.0, 5.0, 2.0], [1.0, 2.0, 0.5, 4.0, 3.0]
    for name in ("logistic", "softmax"):
        found = []
        for make in (list, np.array):
            rows, shown = rows_for(read_loss(name), Rows([], make(labels), make(weights)))
            found.append(([*rows.response], shown, null_deviance(read_loss(name), rows)))
        assert found[0] == found[1]
        assert found[0][:2] == ([1.0, 0.0, 0.0, 1.0, 0.0], ("2", "5"))
        chance = 5.0 / 10.5  # of the label 5, by weight
        entropy = chance * log(chance) + (1.0 - chance) * log(1.0 - chance)
        assert found[0][2] == pytest.approx(-2.0 * 10.5 * entropy, rel=1e-14)
    assert Rows([], np.array([1.0, -3.0])).largest_response == 3.0
