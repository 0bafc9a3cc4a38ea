"""Generated formulas of whole arrays: values against NumPy, slopes against central differences."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

import gdcli
from gdcli.autodiff.primitives import ARITIES
from gdcli.functions.function import Function
from gdcli.language.parser import parse
from tests.sweeps import sampled

Matrix = NDArray[np.float64]  # of shape (rows, columns); a vector has one column
Names = dict[str, Matrix]

STEP = 1e-5
SIZES = (2, 3, 4)
NUMBERS = np.random.default_rng(14)
DATA: Names = {f"A{m}{n}": NUMBERS.uniform(-1, 1, (m, n)) for m in SIZES for n in SIZES}
DATA |= {f"b{m}": NUMBERS.uniform(-1, 1, (m, 1)) for m in SIZES}
VARIABLES = {"s": (1, 1), "x": (3, 1), "y": (4, 1), "W": (3, 4), "V": (2, 3)}
HEADER = "f(s, x[3], y[4], W[3, 4], V[2, 3]) = "
SMOOTH: dict[str, Callable[[Matrix], Matrix]] = {
    **{"tanh": np.tanh, "sin": np.sin, "exp": np.exp, "atan": np.arctan},
    **{"sigmoid": lambda a: 1 / (1 + np.exp(-a)), "softplus": lambda a: np.log1p(np.exp(a))},
}


REDUCED: dict[str, Callable[[Matrix], Any]] = {
    **{"sum": np.sum, "mean": np.mean, "max": np.max, "min": np.min, "norm": np.linalg.norm},
    "logsumexp": lambda a: np.log(np.exp(a).sum()),
}


class Drawn(NamedTuple):
    """A formula and its value at the numbers of names, computed by NumPy."""

    text: str
    value: Callable[[Names], Matrix]
    product: bool = False  # whether a `*` or `/` of it stands outside of parentheses

    @property
    def factor(self) -> str:
        """The text where another factor stands before it."""
        return f"({self.text})" if self.product else self.text


def drawn(random: random.Random, rows: int, columns: int, depth: int) -> Drawn:
    """A formula of the shape, of which one of 1 by 1 is a number."""
    if rows == columns == 1:
        return number(random, depth)
    leaves = [
        name for name, shape in VARIABLES.items() if shape == (rows, columns)
    ] + [name for name, array in DATA.items() if array.shape == (rows, columns)]  # fmt: skip
    if depth == 0 and leaves:
        return leaf(random.choice(leaves))
    if depth == 0:
        return transposed(drawn(random, columns, rows, 0))
    kind = random.choice(["leaf", "transpose", "sum", "multiple", "function", "entry", "product",
                          "product", "product", "broadcast", "negative", "row"])  # fmt: skip
    if kind == "leaf" and leaves:
        return leaf(random.choice(leaves))
    if kind == "transpose" and 1 not in (rows,):
        return transposed(drawn(random, columns, rows, depth - 1))
    if kind == "sum":
        operator = random.choice("+-")
        one, other = (drawn(random, rows, columns, depth - 1) for _ in range(2))
        return both(f"({one.text} {operator} {other.text})", operator, one, other)
    if kind == "multiple":
        one, other = number(random, depth - 1), drawn(random, rows, columns, depth - 1)
        if random.random() < 0.5:
            return both(f"{one.text}*{other.factor}", "*", one, other, product=True)
        text = f"{other.factor}/(2 + ({one.text})^2)"
        return both(text, "shrunk", other, one, product=True)
    if kind == "negative":
        one = drawn(random, rows, columns, depth - 1)
        return Drawn(f"(-{one.factor})", lambda names: -one.value(names))
    if kind == "function":
        name = random.choice([*SMOOTH])
        one = drawn(random, rows, columns, depth - 1)
        return Drawn(f"{name}({one.text})", lambda names: SMOOTH[name](one.value(names)))
    if kind in ("entry", "broadcast"):
        shapes = [(rows, columns), (1, 1), (rows, 1), (1, columns)]
        shape = shapes[0] if kind == "entry" else random.choice(shapes)
        one, other = drawn(random, rows, columns, depth - 1), drawn(random, *shape, depth - 1)
        operator = random.choice("+-*")
        if random.random() < 0.5:
            one, other = other, one
        return both(f"({one.factor} .{operator} {other.factor})", operator, one, other)
    if kind == "row" and columns == 1:
        name = random.choice([name for name in DATA if name.endswith(f"{rows}") and name[0] == "A"])
        row = random.randint(1, int(name[1]))
        return Drawn(f"{name}[{row}]", lambda names: names[name][row - 1 : row].T)
    inner = random.choice([1, *SIZES])
    if inner == 1 and 1 in (rows, columns):
        inner = 3
    one, other = drawn(random, rows, inner, depth - 1), drawn(random, inner, columns, depth - 1)
    text = f"{one.text}*{other.factor}"
    return Drawn(text, lambda names: one.value(names) @ other.value(names), product=True)


def reduced(reduce: Callable[[Matrix], Any], array: Matrix) -> Matrix:
    return np.full((1, 1), reduce(array))


def leaf(name: str) -> Drawn:
    return Drawn(name, lambda names: names[name])


def transposed(one: Drawn) -> Drawn:
    return Drawn(f"({one.text})'", lambda names: one.value(names).T)


def both(text: str, operator: str, one: Drawn, other: Drawn, product: bool = False) -> Drawn:
    operations: dict[str, Callable[[Matrix, Matrix], Matrix]] = {
        "+": np.add, "-": np.subtract, "*": np.multiply,
        "shrunk": lambda a, b: a / (2 + b**2),
    }  # fmt: skip
    operation = operations[operator]
    return Drawn(text, lambda names: operation(one.value(names), other.value(names)), product)


def number(random: random.Random, depth: int) -> Drawn:
    """A formula that is a number."""
    if depth <= 0:
        place = random.randint(1, 3)
        return random.choice(
            [leaf("s"), Drawn(f"x[{place}]", lambda names: names["x"][place - 1 : place])]
        )
    rows, columns = random.choice(SIZES), random.choice([1, *SIZES])
    kind = random.choice(["reduced", "reduced", "norm", "dot", "inner", "quadratic", "sum"])
    if kind == "sum":
        one, other = number(random, depth - 1), number(random, depth - 1)
        operator = random.choice("+-*")
        return both(f"({one.factor} {operator} {other.factor})", operator, one, other)
    one = drawn(random, rows, columns, depth - 1)
    if kind == "reduced":
        name = random.choice([*REDUCED])
        return Drawn(f"{name}({one.text})", lambda names: reduced(REDUCED[name], one.value(names)))
    if kind == "norm":
        square = lambda array: (array**2).sum()  # noqa: E731
        return Drawn(f"norm({one.text})^2", lambda names: reduced(square, one.value(names)))
    if kind == "quadratic":
        size = random.choice(SIZES)
        one, middle = drawn(random, size, 1, depth - 1), drawn(random, size, size, depth - 1)
        return Drawn(
            f"({one.text})'*({middle.text})*({one.text})",
            lambda names: one.value(names).T @ middle.value(names) @ one.value(names),
            product=True,
        )
    one, other = drawn(random, rows, 1, depth - 1), drawn(random, rows, 1, depth - 1)
    text = f"dot({one.text}, {other.text})" if kind == "dot" else f"({one.text})'*({other.text})"
    value = lambda names: one.value(names).T @ other.value(names)  # noqa: E731
    return Drawn(text, value, product=kind != "dot")


def named(point: Matrix) -> Names:
    names, start = dict(DATA), 0
    for name, (rows, columns) in VARIABLES.items():
        names[name] = point[start : start + rows * columns].reshape(rows, columns)
        start += rows * columns
    return names


def checked(seed: int) -> tuple[Drawn, Function]:
    """A formula, and its Function."""
    source = random.Random(seed)
    one = number(source, 3)
    used = {
        name: array[:, 0] if name[0] == "b" else array
        for name, array in DATA.items()
        if name in one.text
    }
    return one, gdcli.function(HEADER + one.text, data=used or None)


@pytest.mark.parametrize("seed", sampled(range(400), 30))
def test_a_formula_has_the_value_of_numpy_and_the_slopes_of_differences(seed: int) -> None:
    one, f = checked(seed)
    point = np.random.default_rng(seed).uniform(-1, 1, f.layout.size)
    value, gradient = f.value_and_gradient(point)

    def right(moved: Matrix) -> float:
        return float(one.value(named(moved))[0, 0])

    assert value == pytest.approx(right(point), rel=1e-10, abs=1e-10)
    steps = STEP * np.eye(len(point))
    slopes = [(right(point + step) - right(point - step)) / (2 * STEP) for step in steps]
    assert gradient == pytest.approx(slopes, rel=1e-5, abs=1e-6)
    assert f.unrolled.evaluate([*point]) == pytest.approx(value, rel=1e-12, abs=1e-12)
    again = parse(str(f.expression), ARITIES)
    assert again == f.expression
    assert str(again) == str(f.expression)
    copied: Any = pickle.loads(pickle.dumps(f))
    assert copied == f
    assert copied(point) == f(point)


@pytest.mark.parametrize(
    "text",
    [
        *("norm(x)^2", "norm(x)*norm(x)", "norm(x)^4", "r = norm(x); r^2 + 1", "norm(2*x)^2/2"),
        *("norm(x) .^ 2", "exp(-norm(x)^2)", "norm(A33*x)^2", "r = A33*x; norm(r)^2"),
    ],
)
def test_an_even_power_of_a_length_has_no_root_and_no_kink(text: str) -> None:
    data = {"A33": DATA["A33"]} if "A33" in text else None
    f = gdcli.function(f"f(x[3]) = {text}", data=data)
    assert f.kinks([0.0, 0.0, 0.0], 1e-6) == []
    assert [*f.gradient([0.0, 0.0, 0.0])] == [0.0, 0.0, 0.0]
    assert np.isfinite(f.hessian([0.0, 0.0, 0.0])).all()
    point = np.array([0.3, -0.4, 1.2])
    matrix = DATA["A33"] if data else np.eye(3)
    length = np.linalg.norm(matrix @ point)
    right = {
        "norm(x)^4": length**4, "r = norm(x); r^2 + 1": length**2 + 1,
        "norm(2*x)^2/2": 2 * length**2, "exp(-norm(x)^2)": np.exp(-(length**2)),
    }  # fmt: skip
    assert f(point) == pytest.approx(right.get(text, length**2), rel=1e-15)


def test_a_length_squared_is_minimized_as_a_product_is() -> None:
    assert gdcli.minimize("f(x[50]) = norm(x .- 1)^2").iterations == 1


def test_lengths_to_other_powers_keep_their_kink() -> None:
    for text in ("norm(x)", "norm(x)^3", "norm(x)^2.5", "abs(norm(x))"):
        assert gdcli.function(f"f(x[3]) = {text}").kinks([0.0, 0.0, 0.0], 1e-6)


@pytest.mark.parametrize(
    ("ranges", "pairs"),
    [
        ("i in 1:4, j in 1:3", [(i, j) for i in range(1, 5) for j in range(1, 4)]),
        ("i in 1:4, j in 1:i", [(i, j) for i in range(1, 5) for j in range(1, i + 1)]),
        ("i in 2:4, j in max(1,i-2):min(3,i)",
         [(i, j) for i in range(2, 5) for j in range(max(1, i - 2), min(3, i) + 1)]),
        ("i in n-2:n, j in 0*n+1:1", [(i, 1) for i in range(2, 5)]),
    ],
)  # fmt: skip
def test_a_mean_is_over_the_number_of_its_terms(ranges: str, pairs: list[tuple[int, int]]) -> None:
    x = NUMBERS.uniform(-1, 1, 4)
    terms = np.array([x[i - 1] * x[j - 1] + i for i, j in pairs])
    sizes = {"n": 4} if "n" in ranges.replace("in", "") else None
    for name, right in (("mean", terms.mean()), ("logsumexp", np.log(np.exp(terms).sum()))):
        f = gdcli.function(f"f(x[4]) = {name}(x[i]*x[j] + i for {ranges})", sizes=sizes)
        assert f(x) == pytest.approx(right, rel=1e-14)
        assert f.unrolled.evaluate([*x]) == pytest.approx(right, rel=1e-14)
    inner = gdcli.function("f(x[4]) = sum(mean(x[j]^2 for j in i:4) for i in 1:4)")
    means = [np.mean(x[i:] ** 2) for i in range(4)]
    assert inner(x) == pytest.approx(sum(means), rel=1e-14)


@pytest.mark.parametrize("name", ["mean", "logsumexp", "max", "min"])
def test_nothing_has_no_mean_and_no_extremum(name: str) -> None:
    with pytest.raises(gdcli.GdcliError, match=f"this {name} is over nothing"):
        gdcli.function(f"{name}(x[i] for i in 2:1)")
    with pytest.raises(gdcli.GdcliError, match=f"this {name} is over nothing where i=1"):
        gdcli.function(f"sum({name}(x[j] for j in 2:i) for i in 1:3)")


def test_a_vector_that_a_matrix_shows_is_noted() -> None:
    f = gdcli.function("norm(A34*x - b3)^2", data={"A34": DATA["A34"], "b3": DATA["b3"][:, 0]})
    assert f.layout.shapes["x"] == (4,)
    assert f.notes == ("`x` is a vector of 4, as many as A34 has columns",)
    assert not gdcli.function("f(x[4]) = norm(x)^2").notes


def test_sizes_are_solved_by_the_shapes_that_formulas_make_equal() -> None:
    f = gdcli.function("f(U[m, 2], V[n, 2]) = norm(A34 - U*V')^2", data={"A34": DATA["A34"]})
    assert (f.sizes["m"], f.sizes["n"]) == (3, 4)
    with pytest.raises(gdcli.GdcliError, match="m and n are one length in U - V, but m is 3"):
        gdcli.function(
            "f(U[m, 2], V[n, 2]) = norm(U - V)^2 + sum(A34[i,j] for i in 1:m, j in 1:n)",
            data={"A34": DATA["A34"]},
        )


@pytest.mark.parametrize(
    "constant", ["sum(2)", "mean(3)", "prod(pi)", "norm(2)", "dot(1, 2)", "(2)'", "transpose(pi)"]
)
def test_what_an_array_has_is_no_constant_and_no_side_of_a_comparison(constant: str) -> None:
    with pytest.raises(gdcli.GdcliError, match="is not a number; write one such as"):
        gdcli.function("a*x", parameters={"a": constant})
    with pytest.raises(gdcli.GdcliError, match="is not a number; write one such as"):
        gdcli.function("x").point(f"x={constant}")
    with pytest.raises(gdcli.GdcliError, match="a side of the comparison is a formula of numbers"):
        gdcli.minimize("x^2", stop_when=f"f < {constant}")
