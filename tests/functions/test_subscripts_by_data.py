"""Subscripts by data: `a[group[i]]` takes the entry that a column of whole numbers names."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gdcli
from gdcli.execute.interpret import interpret
from gdcli.numbers.complexes import COMPLEX
from gdcli.numbers.floats import FLOAT

GROUPS = "sum((y[i] - a[group[i]])^2 for i in 1:n)"


def group_data(rows: int = 12, groups: int = 4) -> dict[str, Any]:
    random = np.random.default_rng(7)
    group = random.integers(1, groups + 1, rows)
    group[0] = groups
    return {"y": random.normal(size=rows), "group": group}


def function(text: str, **settings: Any) -> gdcli.Function:
    return gdcli.function(text, backend="python", **settings)


def refusal(text: str, **data: Any) -> str:
    with pytest.raises(gdcli.GdcliError) as caught:
        function(text, data=data)
    return str(caught.value)


def test_a_vector_is_as_long_as_the_greatest_number_that_subscripts_it() -> None:
    f = function(GROUPS, data=group_data(groups=6))
    assert f.components == tuple(f"a[{k}]" for k in range(1, 7))


def test_value_gradient_and_hessian_are_those_of_sums_by_group() -> None:
    data = group_data()
    y, place = data["y"], data["group"] - 1
    a = np.array([0.3, -1.0, 2.0, 0.7])
    left = y - a[place]
    slope = np.array([-2.0 * left[place == k].sum() for k in range(4)])
    f = function(GROUPS, data=data)
    value, gradient = f.value_and_gradient(a)
    assert value == pytest.approx(float(left @ left), rel=1e-14)
    assert gradient == pytest.approx(slope, rel=1e-13)
    assert f.hessian(a) == pytest.approx(2.0 * np.diag(np.bincount(place)), rel=1e-14)
    assert f.unrolled.gradient(a) == pytest.approx(slope, rel=1e-13)
    bindings = f.engine.gradient_bindings
    found = interpret(f.gradient_tape, FLOAT, [*a], bindings=bindings)
    assert found == pytest.approx([value, *slope], rel=1e-13)
    among_complexes = interpret(f.tape, COMPLEX, [a[0] + 1e-30j, *a[1:]], bindings=f.bindings)
    assert among_complexes[0].imag / 1e-30 == pytest.approx(slope[0], rel=1e-13)


@pytest.mark.parametrize(
    ("text", "by_numpy"),
    [
        ("sum(z[i, label[i]+1] for i in 1:n)", lambda z, one, _: z[np.arange(5), one]),
        ("sum(z[i, 3-label[i]] for i in 1:n)", lambda z, one, _: z[np.arange(5), 2 - one]),
        ("sum(z[row[i], label[row[i]]+1] for i in 1:n)", lambda z, one, at: z[at, one[at]]),
        ("sum(z[row[i], label[i]+1] for i in 1:n)", lambda z, one, at: z[at, one]),
    ],
)
def test_a_subscript_is_affine_in_an_entry_of_data(text: str, by_numpy: Any) -> None:
    label, row = np.array([0, 2, 1, 2, 0]), np.array([5, 4, 3, 2, 1])
    data = {name: one for name, one in (("label", label), ("row", row)) if name in text}
    f = function(text, data=data)
    z = np.random.default_rng(3).normal(size=(5, 3))
    assert f(z.ravel()) == pytest.approx(by_numpy(z, label, row - 1).sum(), rel=1e-14)
    for place, slope in enumerate(f.gradient(z.ravel())):
        step = np.zeros(15)
        step[place] = 0.5
        assert f(z.ravel() + step) - f(z.ravel() - step) == pytest.approx(slope, abs=1e-14)


def test_an_array_of_data_is_read_by_entries_of_data_too() -> None:
    f = function("sum(a*mu[group[i]] for i in 1:n)", data={"mu": [2, 3, 5, 7], "group": [4, 1]})
    assert f.gradient([1.0]) == [9.0]
    assert not f.notes


def test_sizes_that_lengths_have_come_from_the_greatest_numbers() -> None:
    text = "f(U[users,2], V[items,2]) = sum(U[user[k],j]*V[item[k],j] for k in 1:n, j in 1:2)"
    data = {"user": [1, 3, 2], "item": [5, 1, 1]}
    found = function(text, data=data)
    assert (found.layout.shapes["U"], found.layout.shapes["V"]) == ((3, 2), (5, 2))
    more = function(text, data=data, sizes={"users": 10})
    assert more.layout.shapes["U"] == (10, 2)
    with pytest.raises(gdcli.GdcliError, match="user is 3 in row 2, so a subscript of"):
        function(text, data=data, sizes={"users": 2})


def test_the_size_of_a_vector_in_a_range_is_its_greatest_number_too() -> None:
    text = "sum((y[i] - a[group[i]])^2 for i in 1:n) + sum(a[k]^2 for k in 1:groups)"
    f = function(text, data=group_data())
    assert f.sizes["groups"] == 4


def test_what_is_wrong_with_an_entry_is_said_with_its_row_and_value() -> None:
    text = "sum(a[g[i]] for i in 1:n)"
    assert "row 2 of g is 2.5: it stands in a subscript" in refusal(text, g=[1, 2.5, 3])
    assert "g is 0 in row 2, so a[g[i]] reaches a[0]" in refusal(text, g=[1, 0, 3])
    assert "g is 3 in row 3" in refusal(f"f(a[2]) = {text}", g=[1, 2, 3])
    assert "but a has 2 entries" in refusal(f"f(a[2]) = {text}", g=[1, 2, 3])
    assert "the entry [2, 1] of g is 0.5" in refusal("a[g[1,2]]", g=[[1, 2], [0.5, 1]])
    assert "mu has 2 entries" in refusal("x*mu[g[1]]", g=[1, 3], mu=[1.0, 2.0])


def test_only_one_entry_of_data_stands_in_a_subscript() -> None:
    assert "`g` is no array of data" in refusal("a[g[i]]")
    assert "at most one entry of data" in refusal("sum(a[g[i]+h[i]] for i in 1:n)", g=[1], h=[1])
    assert "no range ends at `g[1]`" in refusal("sum(a[i] for i in 1:g[1])", g=[1])


# -- columns of texts ------------------------------------------------------------------------------


def test_texts_are_numbered_from_1_by_code_point() -> None:
    group = ["b", "Z", "é", "b", "a"]
    f = function("sum(a[group[i]]*i for i in 1:n)", data={"group": group})
    assert f.labels == {"group": ("Z", "a", "b", "é")}
    assert f.gradient([0, 0, 0, 0]).tolist() == [2.0, 5.0, 5.0, 3.0]


def test_columns_of_texts_in_the_same_place_of_an_array_share_their_numbers() -> None:
    data = {"home": ["b", "a"], "away": ["c", "b"], "day": ["sun", "sat"]}
    text = "sum(a[home[i]] - a[away[i]] + b[day[i]] for i in 1:n)"
    f = function(text, data=data)
    assert f.labels == {
        "home": ("a", "b", "c"), "away": ("a", "b", "c"), "day": ("sat", "sun"),
    }  # fmt: skip
    assert f.gradient([0.0] * 5).tolist() == [1.0, 0.0, -1.0, 1.0, 1.0]
    other_place = "sum(W[home[i],away[i]] for i in 1:n)"
    f = function(other_place, data={name: data[name] for name in ("home", "away")})
    assert f.labels == {"home": ("a", "b"), "away": ("b", "c")}
    assert f.gradient([0.0] * 4).tolist() == [1.0, 0.0, 0.0, 1.0]  # W[2,2] and W[1,1]
    chained = "sum(a[home[i]] + a[day[i]] + b[day[i]] + b[away[i]] for i in 1:n)"
    assert len(set(function(chained, data=data).labels.values())) == 1


def test_texts_come_from_files_arrays_and_tables(tmp_path: Path) -> None:
    table, alone, array = tmp_path / "t.csv", tmp_path / "g.csv", tmp_path / "g.npy"
    table.write_text("y,My group\n1,left\n2,right\n3,left\n", encoding="utf-8")
    alone.write_text("group\nleft\nright\nleft\n", encoding="utf-8")
    np.save(array, np.array(["left", "right", "left"]))
    text = "sum((y[i] - a[group[i]])^2 for i in 1:n)"
    y, many = [1.0, 2.0, 3.0], 3000
    sources: list[Any] = [
        {"y": y, "group": str(alone)},
        {"y": y, "group": str(array)},
        {"y": y, "group": np.array(["left", "right", "left"], object)},
        {"y": y * many, "group": ["left", "right", "left"] * many},
    ]
    for source in sources:
        f = function(text, data=source)
        assert f.labels == {"group": ("left", "right")}
        assert f.data["group"][:3].tolist() == [1.0, 2.0, 1.0]
    f = function(text, data=gdcli.functions.data.NamedColumns(str(table), {"group": "My group"}))
    assert f.gradient([0, 0]).tolist() == [-8.0, -4.0]


def test_texts_that_begin_with_a_digit_are_texts(tmp_path: Path) -> None:
    path = tmp_path / "days.csv"
    path.write_text("day,y\n2024-03-02,1\n2024-03-01,2\n3M,4\n", encoding="utf-8")
    f = function("sum(a[day[i]]*y[i] for i in 1:n)", data=str(path))
    assert f.labels == {"day": ("2024-03-01", "2024-03-02", "3M")}
    assert f.gradient([0.0] * 3).tolist() == [2.0, 1.0, 4.0]
    found = gdcli.fit("y ~ a[day]", str(path), l2={"a": 1e-6})
    assert [*found.values.values()] == pytest.approx([2.0, 1.0, 4.0], abs=1e-4)
    assert found.predict({"day": ["3M", "2024-03-01"]}) == pytest.approx([4.0, 2.0], abs=1e-4)
    codes = function("sum(a[code[i]] for i in 1:n)", data={"code": ["012", "9", "012"]})
    assert codes.labels == {"code": ("012", "9")}
    with path.open("a", encoding="utf-8") as file:
        file.write("17,5\n")
    with pytest.raises(gdcli.GdcliError, match="line 5, day: `17` is no label"):
        function("sum(a[day[i]]*y[i] for i in 1:n)", data=str(path))


def test_there_may_be_many_texts() -> None:
    names = [f"u{k % 20_000}" for k in range(20_001)]
    f = function("sum(a[name[i]]*i for i in 1:n)", data={"name": names})
    assert f.layout.size == 20_000
    assert f.labels["name"] == tuple(sorted(set(names)))


def test_what_is_wrong_with_texts_is_said() -> None:
    text = "sum(a[g[i]] for i in 1:n)"
    assert "g has 3 different texts, so a[g[i]] reaches a[3]" in refusal(
        f"f(a[2]) = {text}", g=["b", "a", "c"]
    )
    assert "row 2, g: the value is missing" in refusal(text, g=["b", "", "c"])
    assert "row 3, g: `2` is no text" in refusal(text, g=["b", "a", 2])
    both = "sum(a[g[i]] + a[h[i]] for i in 1:n)"
    assert "g has texts and h numbers" in refusal(both, g=["b", "a"], h=[1, 2])
    assert "is a column of texts, which are numbers only in subscripts" in refusal(
        "sum(g[i]*a[g[i]] for i in 1:n)", g=["b", "a"]
    )


def test_a_function_with_texts_is_equal_to_its_copy() -> None:
    f = function(GROUPS, data={"y": [1.0, 2.0, 3.0], "group": ["b", "a", "b"]})
    copy = pickle.loads(pickle.dumps(f))
    assert copy == f
    assert copy.labels == f.labels
    assert copy([1.0, 2.0]) == f([1.0, 2.0])


# -- beside the index of its row -------------------------------------------------------------------


def test_a_subscript_beside_the_index_of_its_row_is_checked_row_by_row() -> None:
    y, lag = np.array([1.0, 2.0, 4.0, 8.0, 16.0]), np.array([0, 1, 1, 3, 2])
    f = function("sum((y[i] - a*y[i-lag[i]])^2 for i in 1:n)", data={"y": y, "lag": lag})
    before = y[np.arange(5) - lag]
    assert f([0.5]) == pytest.approx(float(((y - 0.5 * before) ** 2).sum()), rel=1e-14)
    ahead = function("sum(x[i+s[i]]*i for i in 1:n)", data={"s": [5, 1, 0, -1]})
    assert ahead.gradient([0.0] * 6).tolist() == [0.0, 0.0, 2.0 + 3.0 + 4.0, 0.0, 0.0, 1.0]
    text = "sum(y[i-lag[i]]*a for i in 2:n)"
    assert "lag is 3 in row 3, so y[i-lag[i]] reaches y[0]" in refusal(
        text, y=[1.0, 2.0, 3.0], lag=[7, 1, 3]
    )
    ahead_text = "sum(y[i+s[i]]*a for i in 1:n)"
    assert "s is 2 in row 3, so y[i+s[i]] reaches y[5], but y has 4" in refusal(
        ahead_text, y=[1.0, 2.0, 3.0, 4.0], s=[2, 1, 2, -1]
    )


# -- with array parts ------------------------------------------------------------------------------


def test_parts_are_read_and_made_by_entries_of_data() -> None:
    data = {"g": [3, 1, 2, 3], "y": [1.0, -1.0, 0.5, 2.0]}
    place, y = np.array(data["g"]) - 1, np.array(data["y"])
    a = np.array([0.3, -0.7, 1.1])
    wanted = float(((y - a[place] ** 2) ** 2).sum())
    slope = np.zeros(3)
    np.add.at(slope, place, -4.0 * (y - a[place] ** 2) * a[place])
    for text in (
        "h[j in 1:3] = a[j]^2; sum((y[i] - h[g[i]])^2 for i in 1:n)",
        "h[i] = a[g[i]]^2; sum((y[i] - h[i])^2 for i in 1:n)",
        "f(a[3]) = sum((y[i] - dot(a, W[g[i]])^2)^2 for i in 1:n)",
    ):
        f = function(text, data={**data, "W": np.eye(3)} if "W" in text else data)
        assert f(a) == pytest.approx(wanted, rel=1e-13)
        assert f.gradient(a) == pytest.approx(slope, rel=1e-12)
        assert f.unrolled.gradient(a) == pytest.approx(slope, rel=1e-12)


def test_a_recurrence_reads_entries_that_data_say_are_earlier() -> None:
    text = "u[1] = x0; u[t in 2:n] = c*u[t-lag[t]] + b[g[t]]; sum(u[t]^2 for t in 1:n)"
    lag, g = [1, 1, 2, 1, 3], [1, 2, 1, 2, 2]
    f = function(text, data={"lag": lag, "g": g})
    b, c, first = (0.25, -0.5), 0.5, 2.0
    u = [first]
    for t in range(2, 6):
        u.append(c * u[t - lag[t - 1] - 1] + b[g[t - 1] - 1])
    assert f([*b, c, first]) == pytest.approx(sum(one * one for one in u), rel=1e-14)
    unread = function(text, data={"lag": [0, *lag[1:]], "g": g})  # the lag of the first row
    assert unread([*b, c, first]) == f([*b, c, first])
    assert "`u[t-lag[t]]` is not yet known where `u[t]` is computed: lag is 0 in row 3" in refusal(
        text, lag=[0, 1, 0, 1, 1], g=g
    )
