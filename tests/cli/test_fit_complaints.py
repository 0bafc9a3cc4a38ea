"""What users of other programs for curve fitting complain of, and what gdcli answers instead.

Each test names the complaint in its first line; the data are small and their answers known.
"""

from __future__ import annotations

from math import exp, log, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli

X = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0]
NOISE = [0.05, -0.04, 0.02, -0.06, 0.03, 0.04, -0.05, 0.01]
DECAY = [4 * exp(-0.5 * x) + 1 + off for x, off in zip(X, NOISE, strict=True)]


def table(path: Path, **columns: list[Any]) -> str:
    """The path of a table with these columns."""
    rows = [
        ",".join(columns),
        *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True)),
    ]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return str(path)


@pytest.fixture
def decay(tmp_path: Path) -> str:
    return table(tmp_path / "decay.csv", x=X, y=DECAY)


def answer(gdcli: Gdcli, *words: str) -> Any:
    return gdcli("fit", *words, "--format", "json").json


def moving(found: Any) -> set[str]:
    """The parameters that change along the null direction."""
    return {name for name, part in found["null_direction"].items() if abs(part) > 1e-6}


# -- lmfit: "Warning: uncertainties could not be estimated" ------------------------------------


def test_where_there_is_no_error_the_parameter_and_the_reason_are_named(
    gdcli: Gdcli, decay: str
) -> None:
    said = gdcli("fit", "y ~ a*exp(-b*x + c) + d", decay, "--start", "a=3,b=0.4,c=0,d=0.5")
    assert said.status == 5
    for name, other in ("ac", "ca"):
        reason = f"the uncertainty of {name} could not be estimated: the data do not tell it apart"
        assert f"{reason} from {other}" in said.out
    found = answer(gdcli, "y ~ a*exp(-b*x + c) + d", decay, "--start", "a=3,b=0.4,c=0,d=0.5")
    errors = {name: one["error"] for name, one in found["parameters"].items()}
    assert errors["a"] is None
    assert errors["c"] is None
    assert errors["b"] > 0.0  # what is determined keeps its error
    assert errors["d"] > 0.0
    assert moving(found) == {"a", "c"}


def test_a_parameter_that_the_data_do_not_reach_is_named(gdcli: Gdcli, decay: str) -> None:
    said = gdcli("fit", "y ~ a + b*max(x - 100, 0)", decay, "--start", "a=1,b=1")
    assert said.status == 5
    assert "`b`" in said.out or " b " in said.out


def test_as_many_parameters_as_rows_have_no_errors_and_the_reason_is_said(
    gdcli: Gdcli, tmp_path: Path
) -> None:
    few = table(tmp_path / "few.csv", x=[1, 2], y=[3.0, 5.5])
    said = gdcli("fit", "y ~ a + b*x", few, "--format", "json")
    found = said.json
    assert said.status == 0
    assert found["parameters"]["b"]["value"] == pytest.approx(2.5)
    assert found["parameters"]["b"]["error"] is None
    assert any("as many parameters as rows" in one["text"] for one in found["warnings"])
    too_few = gdcli("fit", "y ~ a + b*x + c*x^2", few)
    assert too_few.status == 2
    assert "2 rows" in too_few.err


# -- curve_fit, Origin: "the error bars are off by a factor" ------------------------------------


def test_errors_of_standard_deviations_are_absolute_and_those_of_weights_are_scaled(
    gdcli: Gdcli, tmp_path: Path
) -> None:
    x = [1.0, 2.0, 3.0, 4.0, 5.0]
    y = [2.1, 3.9, 6.2, 7.8, 10.1]
    middle, spread = sum(x) / 5, sum((one - 3.0) ** 2 for one in x)
    slope = sum((one - middle) * value for one, value in zip(x, y, strict=True)) / spread
    start = sum(y) / 5 - slope * middle
    left = sum((v - start - slope * one) ** 2 for one, v in zip(x, y, strict=True))
    scaled = sqrt(left / 3 / spread)
    for factor in (1.0, 10.0):
        path = table(tmp_path / "t.csv", x=x, y=y, sd=[0.2 * factor] * 5, w=[25.0 / factor**2] * 5)
        absolute = answer(gdcli, "y ~ a + b*x", path, "--sigma", "sd")["parameters"]["b"]
        relative = answer(gdcli, "y ~ a + b*x", path, "--weights", "w")["parameters"]["b"]
        plain = answer(gdcli, "y ~ a + b*x", path)["parameters"]["b"]
        assert absolute["value"] == pytest.approx(slope, rel=1e-12)
        assert absolute["error"] == pytest.approx(0.2 * factor / sqrt(spread), rel=1e-10)
        assert relative["error"] == pytest.approx(scaled, rel=1e-10)
        assert plain["error"] == pytest.approx(scaled, rel=1e-10)
    assert "errors are absolute" in gdcli("fit", "y ~ a + b*x", path, "--sigma", "sd").out
    assert "errors are scaled by s" in gdcli("fit", "y ~ a + b*x", path, "--weights", "w").out


# -- "all parameters are 0 and chi-squared is about 0" ------------------------------------------


@pytest.mark.parametrize("size", [1e-20, 1e20])
def test_small_numbers_are_fitted_as_well_as_large_ones(
    gdcli: Gdcli, decay: str, tmp_path: Path, size: float
) -> None:
    begin = "a=3,b=0.4,c=0.5"
    plain = answer(gdcli, "y ~ a*exp(-b*x) + c", decay, "--start", begin)["parameters"]
    path = table(tmp_path / "s.csv", x=X, y=[size * y for y in DECAY])
    begin = f"a={3 * size},b=0.4,c={0.5 * size}"
    found = answer(gdcli, "y ~ a*exp(-b*x) + c", path, "--start", begin)["parameters"]
    for name, unit in (("a", size), ("b", 1.0), ("c", size)):
        assert found[name]["value"] == pytest.approx(unit * plain[name]["value"], rel=1e-9)
        assert found[name]["error"] == pytest.approx(unit * plain[name]["error"], rel=1e-6)


def test_a_model_that_passes_through_the_data_says_so_and_invents_no_errors(
    gdcli: Gdcli, tmp_path: Path
) -> None:
    path = table(tmp_path / "exact.csv", x=X, y=[3 * x for x in X], sd=[0.1] * len(X))
    said = gdcli("fit", "y ~ a + b*x", path)
    found = answer(gdcli, "y ~ a + b*x", path)["parameters"]
    assert said.status == 0
    assert "passes through the data" in said.out
    assert found["a"]["value"] == pytest.approx(0.0, abs=1e-14)
    assert found["b"]["value"] == pytest.approx(3.0, rel=1e-14)
    assert found["a"]["error"] is found["b"]["error"] is None
    known = answer(gdcli, "y ~ a + b*x", path, "--sigma", "sd")["parameters"]
    assert known["b"]["error"] > 0.0  # the standard deviations are known, so this is no invention


def test_all_parameters_held_is_an_evaluation(gdcli: Gdcli, decay: str) -> None:
    held = ("--set", "a=4,b=0.5,c=1")
    found = answer(gdcli, "y ~ a*exp(-b*x) + c", decay, *held)
    assert found["f"] == pytest.approx(sum(off * off for off in NOISE) / len(NOISE), rel=1e-9)
    assert found["parameters"] == {}
    assert gdcli("fit", "y ~ a*exp(-b*x) + c", decay, *held).status == 0


# -- curve_fit: "Optimal parameters not found: Number of calls to function has reached maxfev" ---


def test_at_a_limit_the_best_so_far_is_printed(gdcli: Gdcli, decay: str) -> None:
    words = ("y ~ a*exp(-b*x) + c", decay, "--start", "a=1,b=3,c=0", "--max-evaluations", "5")
    said = gdcli("fit", *words)
    assert said.status == 3
    assert "the limit" in said.out
    found = answer(gdcli, *words)
    assert found["status"] == "max_iterations"
    assert found["converged"] is False
    begin = sum((exp(-3 * x) - y) ** 2 for x, y in zip(X, DECAY, strict=True)) / len(X)
    assert found["f"] < begin
    assert all(isinstance(one["value"], float) for one in found["parameters"].values())


# -- "the guess was returned as success", where a start lies on a bound --------------------------


def test_a_start_on_a_bound_is_left(gdcli: Gdcli, decay: str) -> None:
    words = ("y ~ a*exp(-b*x) + c", decay, "--start", "a=1,b=0,c=0", "--bound", "b=0:10,a=1:")
    said = gdcli("fit", *words, "--format", "json")
    assert said.status == 0
    assert said.json["parameters"]["b"]["value"] == pytest.approx(0.5, abs=0.1)
    assert said.json["parameters"]["a"]["value"] == pytest.approx(4.0, abs=0.3)
    assert not said.json["parameters"]["b"]["at_bound"]


def test_a_minimum_on_a_bound_is_said_to_be_on_it(gdcli: Gdcli, decay: str) -> None:
    words = ("y ~ a*exp(-b*x) + c", decay, "--start", "a=3,b=0.4,c=0.5", "--bound", "c=:0.8")
    said = gdcli("fit", *words)
    assert said.status == 0
    assert "bound" in said.out
    found = answer(gdcli, *words)["parameters"]
    assert found["c"]["value"] == 0.8
    assert found["c"]["at_bound"] is True
    assert found["c"]["error"] is None
    assert found["b"]["error"] > 0.0


# -- "ValueError: array must not contain infs or NaNs", "The input contains nan values" ----------


@pytest.mark.parametrize("missing", ["", "NaN", "NA", "?"])
def test_a_missing_number_is_named_by_row_and_column(
    gdcli: Gdcli, tmp_path: Path, missing: str
) -> None:
    path = table(tmp_path / "m.csv", x=[1, 2, 3, 4], y=[1.0, missing, 3.1, 3.9])
    said = gdcli("fit", "y ~ a + b*x", path)
    assert said.status == 2
    assert "line 3 (row 2), y: the value is missing" in said.err  # line 1 has the names
    found = answer(gdcli, "y ~ a + b*x", path, "--missing", "drop")
    assert found["data"]["rows"] == 3
    assert found["data"]["dropped"] == 1


def test_where_the_model_is_undefined_the_row_and_the_operation_are_named(
    gdcli: Gdcli, decay: str
) -> None:
    said = gdcli("fit", "y ~ a + b*log(x)", decay, "--start", "a=1,b=1")
    assert said.status == 4
    assert "row 1" in said.out + said.err
    assert "log(x)" in said.out + said.err
    assert "log(0)" in said.out + said.err


# -- gnuplot, R: "singular matrix", "singular gradient" ------------------------------------------


def test_columns_that_say_the_same_are_named_in_words(gdcli: Gdcli, tmp_path: Path) -> None:
    path = table(tmp_path / "two.csv", x=X, z=[2 * x for x in X], y=DECAY)
    said = gdcli("fit", "y ~ a + b*x + c*z", path)
    assert said.status == 5
    assert "b" in said.out
    assert "c" in said.out
    found = answer(gdcli, "y ~ a + b*x + c*z", path)
    assert moving(found) == {"b", "c"}
    assert found["parameters"]["a"]["error"] > 0.0
    assert found["parameters"]["b"]["error"] is None
    slope = found["parameters"]["b"]["value"] + 2 * found["parameters"]["c"]["value"]
    alone = answer(gdcli, "y ~ a + b*x", path)["parameters"]["b"]["value"]
    assert slope == pytest.approx(alone, rel=1e-6)


def test_a_matrix_that_is_singular_at_the_start_alone_does_no_harm(
    gdcli: Gdcli, decay: str
) -> None:
    words = ("y ~ a*exp(-b*x) + c", decay, "--start", "a=0,b=1,c=0")  # no slope along b
    said = gdcli("fit", *words, "--format", "json")
    assert said.status == 0
    assert said.json["parameters"]["b"]["value"] == pytest.approx(0.5, abs=0.1)


# -- gnuplot: a parameter that starts at 0 -------------------------------------------------------


@pytest.mark.parametrize("start", ["a=0,b=0,c=0", "a=4,b=0,c=1", "a=0,b=0.5,c=0"])
def test_parameters_may_start_at_zero(gdcli: Gdcli, decay: str, start: str) -> None:
    said = gdcli("fit", "y ~ a*exp(-b*x) + c", decay, "--start", start, "--format", "json")
    values = {name: one["value"] for name, one in said.json["parameters"].items()}
    assert said.status == 0
    assert values["a"] == pytest.approx(4.0, abs=0.2)
    assert values["b"] == pytest.approx(0.5, abs=0.1)
    assert values["c"] == pytest.approx(1.0, abs=0.2)


def test_a_parameter_whose_true_value_is_zero_converges(gdcli: Gdcli, tmp_path: Path) -> None:
    path = table(
        tmp_path / "z.csv", x=X, y=[2 * exp(-0.3 * x) + o for x, o in zip(X, NOISE, strict=True)]
    )
    found = answer(gdcli, "y ~ a*exp(-b*x) + c", path, "--start", "a=1,b=1,c=1")
    assert found["converged"]
    c = found["parameters"]["c"]
    assert abs(c["value"]) < 4 * c["error"]


# -- "How do I fit several data sets that share parameters?" -------------------------------------


def test_data_sets_share_parameters(gdcli: Gdcli, tmp_path: Path) -> None:
    path = table(
        tmp_path / "g.csv", x=X + X, group=["left"] * 8 + ["right"] * 8,
        y=[*DECAY, *(2 * exp(-0.5 * x) + 1 for x in X)],
    )  # fmt: skip
    found = answer(gdcli, "y ~ a[group]*exp(-b*x) + c", path)
    values = {name: one["value"] for name, one in found["parameters"].items()}
    assert values["b"] == pytest.approx(0.5, abs=0.1)
    assert [values["a[1]"], values["a[2]"]] == pytest.approx([4.0, 2.0], abs=0.2)
    assert found["labels"] == {"group": ["left", "right"]}


# -- Excel, polyfit: "the trendline is wrong": the line of log(y) is not the curve of y -----------


def test_a_line_through_logarithms_says_what_it_was_fitted_to(gdcli: Gdcli, decay: str) -> None:
    found = answer(gdcli, "log(y) ~ a + b*x", decay)
    ys = [log(y) for y in DECAY]
    middle, spread = sum(X) / 8, sum((x - sum(X) / 8) ** 2 for x in X)
    slope = sum((x - middle) * y for x, y in zip(X, ys, strict=True)) / spread
    assert found["parameters"]["b"]["value"] == pytest.approx(slope, rel=1e-10)
    assert "log(y)" in gdcli("fit", "log(y) ~ a + b*x", decay).out
