"""A column in a subscript: `a[group]` is a parameter for each group of rows.

What is fitted is held to ordinary least squares with a column of 0 and 1 for each group, and to the
fit of each group alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gdcli

TIMES = np.tile(np.linspace(0.0, 6.0, 12), 3)
GROUP = np.repeat([1, 2, 3], 12)
HEIGHTS = np.array([4.0, 2.0, 7.0])
NOISE = 0.05 * np.random.default_rng(11).normal(size=36)
DECAYS = HEIGHTS[GROUP - 1] * np.exp(-0.5 * TIMES) + 1.0 + NOISE
LINES = HEIGHTS[GROUP - 1] + 0.3 * TIMES + NOISE


def indicators(group: Any, groups: int) -> Any:
    return (group[:, None] == np.arange(1, groups + 1)).astype(float)


@pytest.mark.parametrize("copies", [1, 200])  # lists, and arrays
def test_a_linear_model_is_ordinary_least_squares_with_a_column_for_each_group(copies: int) -> None:
    x, group, y = (np.tile(one, copies) for one in (TIMES, GROUP, LINES))
    found = gdcli.fit("y ~ a[group] + b*x", {"x": x, "group": group, "y": y})
    design = np.column_stack([indicators(group, 3), x])
    wanted, [squares], *_ = np.linalg.lstsq(design, y, rcond=None)
    errors = np.sqrt(squares / (len(y) - 4) * np.diag(np.linalg.inv(design.T @ design)))
    assert [*found.values] == ["a[1]", "a[2]", "a[3]", "b"]
    assert [*found.values.values()] == pytest.approx([*wanted], rel=1e-10)
    assert [one.error for one in found.parameters.values()] == pytest.approx([*errors], rel=1e-8)
    assert all(one.linear for one in found.parameters.values())


def test_groups_without_shared_parameters_are_fitted_as_if_alone() -> None:
    data = {"x": TIMES, "group": GROUP, "y": DECAYS}
    found = gdcli.fit("y ~ a[group]*exp(-b[group]*x) + c[group]", data).values
    for k in (1, 2, 3):
        own = k == GROUP
        alone = gdcli.fit("y ~ a*exp(-b*x) + c", {"x": TIMES[own], "y": DECAYS[own]}).values
        for name in "abc":
            assert found[f"{name}[{k}]"] == pytest.approx(alone[name], rel=1e-6)


def test_subscripts_are_affine_and_several() -> None:
    data = {"x": TIMES, "group": GROUP, "y": DECAYS, "half": (TIMES > 3.0) + 0.0}
    plain = gdcli.fit("y ~ a[group]*exp(-b*x) + c", data)
    turned = gdcli.fit("y ~ a[4-group]*exp(-b*x) + c", data)
    assert [turned.values[f"a[{k}]"] for k in (3, 2, 1)] == pytest.approx(
        [plain.values[f"a[{k}]"] for k in (1, 2, 3)], rel=1e-9
    )
    cells = gdcli.fit("y ~ W[group,half+1]", data)
    for k in (1, 2, 3):
        for half in (0, 1):
            rows = (k == GROUP) & (data["half"] == half)
            assert cells.values[f"W[{k},{half + 1}]"] == pytest.approx(DECAYS[rows].mean())


def test_many_groups_are_fitted_too() -> None:
    random = np.random.default_rng(5)
    group = np.concatenate([np.arange(1, 46), random.integers(1, 46, 105)])
    x = random.normal(size=150)
    y = np.sin(group) + 0.5 * x + 0.1 * random.normal(size=150)
    found = gdcli.fit("y ~ a[group] + b*x", {"x": x, "group": group, "y": y})
    design = np.column_stack([indicators(group, 45), x])
    assert [*found.values.values()] == pytest.approx(
        [*np.linalg.lstsq(design, y, rcond=None)[0]], rel=1e-8
    )


def test_a_group_without_rows_is_not_determined() -> None:
    found = gdcli.fit("y ~ a[group] + b*x", {"x": TIMES, "group": 2 * GROUP, "y": LINES})
    assert found.classification == "flat"
    for k in (1, 3, 5):
        assert f"a[{k}] has no influence on the model" in found.message
        assert found.parameters[f"a[{k}]"].error is None
        assert (found.parameters[f"a[{k + 1}]"].error or 0.0) > 0.0


def test_columns_of_texts_in_one_place_share_their_numbers() -> None:
    home, away = ["b", "a", "c", "a", "b", "c"], ["a", "d", "b", "c", "d", "a"]
    strength = {"a": 1.0, "b": 2.0, "c": 4.0, "d": 0.5}
    margin = [strength[one] - strength[other] for one, other in zip(home, away, strict=True)]
    data: dict[str, Any] = {"home": home, "away": away, "margin": margin}
    found = gdcli.fit("margin ~ s[home] - s[away]", data, l2={"s": 1e-9})
    assert [*map(list, found.labels.values())] == [["a", "b", "c", "d"]] * 2
    differences = [found.values[f"s[{k}]"] - found.values["s[1]"] for k in (2, 3, 4)]
    assert differences == pytest.approx([1.0, 3.0, -0.5], abs=1e-6)
    assert found.predict({"home": ["d"], "away": ["c"]}) == pytest.approx([-3.5], abs=1e-6)


@pytest.mark.parametrize(
    ("text", "group", "message"),
    [
        ("y ~ a[g]*x", [1, 2.5, 2], "row 2 of g is 2.5: it stands in a subscript"),
        ("y ~ a[g]*x", [1, 0, 2], "g is 0 in row 2, so a[g] reaches a[0]"),
        ("y ~ f(a[2]) = a[g]*x", [1, 3, 2], "g is 3 in row 2, so a[g] reaches a[3]"),
        ("y ~ a[g+x]", [1, 2, 2], "at most one entry of data"),
        (
            "y ~ a[G]*x",
            [1, 2, 2],
            "`G` in a subscript is no column of the data, no index and no size",
        ),
        ("y ~ a[G]*x", [1, 2, 2], "did you mean `g`?"),
        ("y ~ a[kind]*x", [1, 2, 2], "the columns are x, g, y"),
        ("y ~ a[g[i]]", [1, 2, 2], "`g` is a column of the data, one number a row"),
    ],
)
def test_what_cannot_be_a_subscript_is_refused(text: str, group: list[float], message: str) -> None:
    with pytest.raises(gdcli.GdcliError) as caught:
        gdcli.fit(text, {"x": [1.0, 2.0, 3.0], "g": group, "y": [1.0, 2.0, 4.0]})
    assert message in str(caught.value)


def test_a_fit_says_that_three_texts_count_as_numbers() -> None:
    g, y = ["b", "a", "b", "c"], [3.0, 1.0, 5.0, 2.0]
    said = "; they count as numbers here, a[g] has a parameter for each"
    for text, numbers in (("y ~ a*g", True), ("y ~ b*g + c", True), ("y ~ a[g]", False)):
        notes = [one.text for one in gdcli.fit(text, {"g": g, "y": y}).warnings]
        assert [said in one for one in notes if "texts of g" in one] == [numbers]


def test_a_wrong_entry_is_named_by_its_row_in_the_data() -> None:
    data = {"x": [1.0, 2.0, 3.0, 4.0], "g": [9.5, 1, 1, 2.5], "y": [1.0, 2.0, 4.0, 3.0]}
    with pytest.raises(gdcli.GdcliError, match=r"row 4 of g is 2\.5"):
        gdcli.fit("y ~ a[g]*x", data, where="x > 1")


def test_what_is_predicted_lies_within_the_numbers_of_the_fit() -> None:
    found = gdcli.fit("y ~ a[group] + b*x", {"x": TIMES, "group": GROUP, "y": LINES})
    for number in (0, 4, 1.5):
        with pytest.raises(
            gdcli.GdcliError, match=f"row 2, group: the model has not seen {number}"
        ):
            found.predict({"x": [0.0, 1.0], "group": [1, number]})


@pytest.mark.parametrize("right", ["u", "u[t]"])
def test_a_recurrence_over_the_rows_is_no_model_of_one(right: str) -> None:
    text = f"u[1] = c; u[t in 2:3] = a*u[t-1]; y ~ {right}"
    with pytest.raises(gdcli.GdcliError) as caught:
        gdcli.fit(text, {"y": [1.0, 2.0, 4.0], "k": [1, 2, 3]})
    assert "minimize a function of all rows, such as sum((y[i] - u[i])^2 for i in 1:n)" in str(
        caught.value
    )
    found = gdcli.fit(text.replace(f"~ {right}", "~ u[k]"), {"y": [1.0, 2.0, 4.0], "k": [1, 2, 3]})
    assert found.values == pytest.approx({"a": 2.0, "c": 1.0})


def test_a_vector_of_parameters_is_held_by_its_bounds() -> None:
    data = {"x": TIMES, "group": GROUP, "y": LINES}
    with pytest.raises(gdcli.GdcliError, match=r"`b` is a vector.*: bounds="):
        gdcli.fit("y ~ a[group] + b[group]*x", data, parameters={"b": 2})
    held = gdcli.fit("y ~ a[group] + b[group]*x", data, bounds={"b": (2, 2)}).values
    assert [held[f"b[{k}]"] for k in (1, 2, 3)] == [2, 2, 2]
