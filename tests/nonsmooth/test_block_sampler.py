"""Many variables: what is found block by block is what is found all at once."""

from __future__ import annotations

import pytest

from gdcli.functions.function import Function
from gdcli.nonsmooth.block_sampler import PassNumbers, slopes_by_blocks
from gdcli.nonsmooth.bounded_pass import Tapes, run_bounded_pass
from gdcli.nonsmooth.bounded_samples import SampledPoint, StepBudget, settled_slopes
from gdcli.nonsmooth.sampler import GradientSampler

ACKLEY = "-20*exp(-0.2*sqrt(sum(x[i]^2 for i in 1:n)/n)) - exp(sum(cos(x[i]) for i in 1:n)/n)"


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("abs(x) + abs(y) + x*y", [0.0, 0.0]),
        ("abs(x) + 3*abs(y) - 2*y + x", [0.0, 0.0]),
        ("sqrt(x) + abs(y) + 3*y", [0.0, 0.0]),
        ("abs(x - y)/2 + sin(z)*x + abs(z)", [1.0, 1.0, 0.0]),
        ("max(x, y) + max(z, 2*z) + (x + y + z)^2", [1.0, 1.0, 0.0]),
        ("sign(x) + abs(y)", [0.0, 1.0]),
        ("sqrt(x^2 + y^2) + 2*x + relu(z)", [0.0, 0.0, 0.0]),
    ],
)
def test_blocks_say_what_the_whole_says(text: str, point: list[float]) -> None:
    function = Function(text)
    tapes = Tapes(function.tape, function.gradient_tape)
    numbers = PassNumbers(50, constants_are_floats=False)
    bounded_pass = run_bounded_pass(numbers.system, tapes, list(map(numbers.number, point)))
    unknown = {i for i, slope in enumerate(bounded_pass.gradient) if not slope.good}
    found = slopes_by_blocks(function.tape, point, set(bounded_pass.touched), unknown, numbers)
    # the other way to find them samples all sides at once
    place = SampledPoint(tapes, point, constants_are_floats=False)
    whole = settled_slopes(GradientSampler, place, function.evaluate(point), StepBudget())
    assert found.jumps == whole.jumps
    for mine, other in zip(found.gradient, whole.gradient, strict=True):
        assert mine == other or float(mine) == pytest.approx(float(other), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(
    ("text", "n", "at"),
    [
        ("sum(abs(x[i]-1) for i in 1:n)", 400, "x=1"),
        ("sqrt(sum(x[i]^2 for i in 1:n))", 100, "x=0"),
        ("sqrt(sum((x[i]-1)^2 for i in 1:n))", 50, "x=1"),
        pytest.param("f(x[n]) = norm(x)", 400, "x=0", marks=pytest.mark.full),
        ("f(x[n]) = norm(x)", 100, "x=0"),
        ("sum(abs(x[i+1]-x[i]) for i in 1:n-1)", 200, "x=1"),
        ("max(abs(x[i]) for i in 1:n)", 50, "x=0"),
        (ACKLEY, 100, "x=0"),
    ],
)
def test_a_minimum_with_kinks_in_many_variables_has_slope_0(text: str, n: int, at: str) -> None:
    function = Function(text, sizes={"n": n})
    answer = function.answer(function.point(at))
    assert (answer.status, answer.gradient) == ("ok", [0.0] * n)
    assert "kink of" in answer.notes[0]


def test_kinks_beside_smooth_terms_of_all_variables() -> None:
    # least squares with a penalty: each slope is shrunk by 3 where x is 0 (soft thresholding)
    text = "3*sum(abs(x[i]) for i in 1:n) + (sum(x[i]*i for i in 1:n) - 1)^2/2"
    function = Function(text, sizes={"n": 40})
    answer = function.answer([0.0] * 40)
    assert answer.gradient == pytest.approx([-float(max(i - 3, 0)) for i in range(1, 41)])


def test_a_cone_on_a_slope_and_a_maximum_of_many() -> None:
    function = Function("f(x[n]) = norm(x) + 3*x[1]", sizes={"n": 12})
    assert function.answer([0.0] * 12).gradient == pytest.approx([2.0] + [0.0] * 11, abs=1e-12)
    function = Function("max(x[i] for i in 1:n)", sizes={"n": 12})
    assert function.answer([1.0] * 12).gradient == pytest.approx([1 / 12] * 12)


def test_what_takes_too_many_looks_is_refused_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gdcli.nonsmooth.block_sampler.MOST_SAMPLING_STEPS", 2_000)
    function = Function("max(x[i] for i in 1:n) + sum(x[i]^2 for i in 1:n)", sizes={"n": 70})
    answer = function.answer([1.0] * 70)
    assert (answer.status, answer.gradient) == ("undefined", [None] * 70)
    assert answer.message == (
        "the derivative of max(x[i] for i in 1:n): kinks in 70 variables, too many to look at "
        "the slopes on all sides of them; take a point beside it"
    )
    assert answer.span is not None
