"""Array parts and recurrences have the values and derivatives of the same text without arrays."""

from __future__ import annotations

import copy
import pickle
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import gdcli
from gdcli.derivatives.exact_values import exact
from gdcli.errors import ExpressionError, UsageError
from gdcli.functions.function import Function
from tests.recurrence_writer import recurrences
from tests.sweeps import sampled
from tests.written_out import scalar_text

X = "x_1, x_2, x_3"
PARTS = {  # a name: the text, its sizes, its variables, those of the text of scalars
    "a layer": (
        "h[j in 1:3] = tanh(sum(W[j,k]*x[k] for k in 1:2)); sum(v[j]*h[j]^2 for j in 1:3)",
        {},
        "W[3,2], x[2], v[3]",
        "W_1_1, W_1_2, W_2_1, W_2_2, W_3_1, W_3_2, x_1, x_2, v_1, v_2, v_3",
    ),
    "a table of a table": (
        "g[i in 1:n] = x[i]^2; h[i in 1:n, j in 1:n] = g[i]*x[j]; k[i in 1:n] = sum(h[i,j]*g[j] "
        "for j in 1:n); k[1]*k[n] + h[2,3]",
        {"n": 3},
        "x[n]",
        X,
    ),
    "a recurrence": ("u[1] = a; u[t in 2:6] = sin(u[t-1])*b + t; u[6] + u[3]", {}, "a, b", "a, b"),
    "the second entry before": (
        "u[1] = a; u[2] = b; u[t in 3:n] = a*u[t-1] - u[t-2]/t; sum(u[t]^2 for t in 1:n)",
        {"n": 7},
        "a, b",
        "a, b",
    ),
    "an oscillator": (
        "p[1] = a; q[1] = b; p[t in 2:n] = p[t-1] + s*q[t-1]; q[t in 2:n] = q[t-1] - s*p[t]; "
        "sum((p[t] - t/9)^2 + q[t]^2 for t in 1:n)",
        {"n": 8},
        "a, b, s",
        "a, b, s",
    ),
    "the other order in each step": (
        "p[1] = a; q[1] = p[1]*b; q[t in 2:n] = q[t-1] - p[t-1]/3; p[t in 2:n] = p[t-1]*q[t]; "
        "p[n] + q[n]",
        {"n": 5},
        "a, b",
        "a, b",
    ),
    "a part below that needs nothing": (
        "x[1] = a; v[1] = b; x[t in 2:n] = x[t-1]*v[t-1]; v[t in 2:n] = sin(v[t-1]); x[n]",
        {"n": 5},
        "a, b",
        "a, b",
    ),
    "rows of a grid": (
        "u[1, i in 1:m] = x[i]; u[t in 2:n, 1] = a; u[t in 2:n, i in 2:m-1] = u[t-1,i] + "
        "(u[t-1,i-1] - 2*u[t-1,i] + u[t-1,i+1])/4; u[t in 2:n, m] = a^2; "
        "sum(u[n,i]^2 for i in 1:m)",
        {"n": 4, "m": 4},
        "x[4], a",
        "x_1, x_2, x_3, x_4, a",
    ),
    "within a row": (
        "u[i in 1:n, 1] = x[i]; u[1, j in 2:n] = x[j]; u[i in 2:n, j in 2:n] = "
        "cos(u[i-1,j])*u[i,j-1] + u[i-1,j-1]; u[n,n]",
        {"n": 3},
        "x[3]",
        X,
    ),
    "staggered grids": (
        "E[1, i in 1:m+1] = x[1]*i; H[1, i in 1:m] = x[2]; E[t in 2:n, 1] = 0; "
        "E[t in 2:n, i in 2:m] = E[t-1,i] + x[3]*(H[t-1,i] - H[t-1,i-1]); E[t in 2:n, m+1] = 0; "
        "H[t in 2:n, i in 1:m] = H[t-1,i] + sin(E[t,i+1] - E[t,i]); sum(H[n,i]^2 for i in 1:m)",
        {"n": 4, "m": 3},
        "x[3]",
        X,
    ),
    "two rows that need each other": (
        "p[1, i in 1:m] = x[i]; q[1, i in 1:m] = x[i]^2; p[t in 2:n, 1] = a; q[t in 2:n, 1] = 1; "
        "p[t in 2:n, i in 2:m] = p[t-1,i] + q[t,i-1]/2; "
        "q[t in 2:n, i in 2:m] = sin(p[t,i])*q[t-1,i] + p[t,i-1]; "
        "p[n,m] + q[n,m]",
        {"n": 3, "m": 3},
        "x[3], a",
        X + ", a",
    ),
    "all entries before": (
        "u[t in 1:n] = a + sum(u[s]*sin(b*(t-s)) for s in 1:t-1); u[n]",
        {"n": 6},
        "a, b",
        "a, b",
    ),
    "rows before and this row": (
        "u[t in 1:n, i in 1:3] = x[i]/(t + i) + sum(u[s, 1] for s in 1:t-1)*a + "
        "sum(u[t, k]^2 for k in 1:i-1); u[n,3]",
        {"n": 3},
        "x[3], a",
        X + ", a",
    ),
    "this row or one before": (
        "u[t in 1:n, 1] = a*t; u[t in 1:n, i in 2:3] = b + sum(u[s, i-1]/s for s in 1:t); u[n,3]",
        {"n": 3},
        "a, b",
        "a, b",
    ),
    "one entry of a size": (
        "u[1] = a; u[n] = b; u[i in 2:n-1] = x[i-1]*x[i]; sum(u[i]*i for i in 1:n)",
        {"n": 4},
        "a, b, x[3]",
        "a, b, " + X,
    ),
}
ROWS = np.array([[0.5, -1.0], [1.5, 0.25], [-0.75, 2.0], [0.1, 0.9]])


def both(name: str) -> tuple[str, str, dict[str, int]]:
    text, sizes, header, variables = PARTS[name]
    return f"f({header}) = {text}", scalar_text(text, sizes, variables), sizes


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize("name", PARTS)
def test_values_and_gradients_are_those_of_the_text_of_scalars(name: str, backend: str) -> None:
    text, scalars, sizes = both(name)
    function = Function(text, sizes=sizes, backend=backend)
    wanted = Function(scalars, backend="python")
    draw = random.Random(name)
    for _ in range(3):
        point = [draw.uniform(-1.5, 1.5) for _ in wanted.variables]
        value, gradient = function.value_and_gradient(point)
        value_there, gradient_there = wanted.value_and_gradient(point)
        assert value == pytest.approx(value_there, rel=1e-12, abs=1e-12)
        assert list(gradient) == pytest.approx(list(gradient_there), rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("name", PARTS)
def test_hessians_are_those_of_the_text_of_scalars(name: str) -> None:
    text, scalars, sizes = both(name)
    function, wanted = Function(text, sizes=sizes), Function(scalars)
    draw = random.Random(name)
    point = [draw.uniform(-1.5, 1.5) for _ in wanted.variables]
    hessian = np.array(function.hessian(point))
    assert hessian == pytest.approx(np.array(wanted.hessian(point)), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("block", sampled(range(100), 1))
def test_recurrences_made_by_chance_are_those_of_the_text_of_scalars(block: int) -> None:
    for seed in range(4 * block, 4 * block + 4):
        text, sizes = recurrences(seed)
        function = Function(f"f(a, b, x[2]) = {text}", sizes=sizes, backend="python")
        wanted = Function(scalar_text(text, sizes, "a, b, x_1, x_2"), backend="python")
        draw = random.Random(seed)
        point = [draw.uniform(-1.0, 1.0) for _ in range(4)]
        value, gradient = function.value_and_gradient(point)
        value_there, gradient_there = wanted.value_and_gradient(point)
        assert value == pytest.approx(value_there, rel=1e-12, abs=1e-12), text
        assert list(gradient) == pytest.approx(list(gradient_there), rel=1e-9, abs=1e-11), text
        hessian, wanted_hessian = np.array(function.hessian(point)), wanted.hessian(point)
        assert hessian == pytest.approx(np.array(wanted_hessian), rel=1e-8, abs=1e-9), text
        assert Function(str(function.expression), sizes=sizes, backend="python") == function


@pytest.mark.parametrize("name", PARTS)
def test_texts_with_array_parts_read_back(name: str) -> None:
    text, _, sizes = both(name)
    function = Function(text, sizes=sizes)
    again = Function(str(function.expression), sizes=sizes)
    assert again == function
    assert hash(again) == hash(function)
    assert again.expression == function.expression
    assert pickle.loads(pickle.dumps(function)) == function
    assert copy.deepcopy(function) == function


def test_functions_with_other_ranges_are_not_equal() -> None:
    one, other = (
        Function(f"f(a) = u[1] = a; u[t in 2:{n}] = u[t-1]^2; u[2]", backend="python")
        for n in (3, 4)
    )
    assert one != other
    assert one([0.5]) == other([0.5])


def test_a_layer_of_data_with_ranges_and_without() -> None:
    network = "sum((sum(v[j]*h[i,j] for j in 1:3) - y[i])^2 for i in 1:n)"
    layer = "tanh(b[j] + sum(W[j,k]*X[i,k] for k in 1:m))"
    nested = network.replace("h[i,j]", layer)
    given: dict[str, Any] = {"X": ROWS, "y": [1.0, 0.0, -1.0, 0.5]}
    texts = [
        f"f(W[3,m], b[3], v[3]) = h[i in 1:n, j in 1:3] = {layer}; {network}",
        f"f(W[3,m], b[3], v[3]) = h[i, j] = {layer}; {network}",
        f"h[i in 1:n, j in 1:3] = {layer}; f(W[3,m], b[3], v[3]) = {network}",
    ]
    point = [0.1 * k - 0.5 for k in range(12)]
    wanted = Function(f"f(W[3,m], b[3], v[3]) = {nested}", data=given).value_and_gradient(point)
    for text in texts:
        function = Function(text, data=given)
        value, gradient = function.value_and_gradient(point)
        assert value == pytest.approx(wanted[0], rel=1e-14)
        assert gradient == pytest.approx(wanted[1], rel=1e-12)


def test_a_figure_of_jax() -> None:
    """Oscillator of 40 steps; value and gradient by jax.grad in double precision, JAX 0.10.2."""
    text = (
        "p[1] = p0; q[1] = q0; p[t in 2:n] = p[t-1] + dt*q[t-1]; "
        "q[t in 2:n] = q[t-1] - dt*w^2*p[t]; sum((p[t] - y[t])^2 for t in 1:n)"
    )
    y = [((7 * t) % 11) / 11 for t in range(1, 41)]
    function = gdcli.function(text, data={"y": y}, parameters={"dt": 0.1})
    assert function.variables == ("p0", "q0", "w")
    value, gradient = function.value_and_gradient([0.8, 0.1, 1.9])
    assert value == pytest.approx(21.056820390385734, rel=1e-13)
    assert gradient == pytest.approx([28.78569181139793, 2.5682522025875003, -7.946340728055395])


def test_a_step_of_a_recurrence_may_be_called_dt() -> None:
    text = "u[1] = x; u[t in 2:4] = u[t-1] + dt*u[t-1]; u[4]"
    assert gdcli.function(text).variables == ("dt", "x")
    with pytest.raises(gdcli.GdcliError, match="`dt` is one name"):
        gdcli.function("u[1] = x; u[t in 2:4] = u[t-1] + dt*d; u[4]")


def test_an_entry_that_is_not_used_hands_nothing_on() -> None:
    function = gdcli.function("f(x[2]) = h[i in 1:2] = sqrt(x[i]); h[2]")
    for backend in ("python", "native"):
        function = Function("f(x[2]) = h[i in 1:2] = sqrt(x[i]); h[2]", backend=backend)
        assert list(function.gradient([0.0, 4.0])) == [0.0, 0.25]


def test_an_undefined_entry_makes_the_function_undefined_and_is_named() -> None:
    function = gdcli.function("f(x[3]) = h[i] = log(x[i]); h[1]")
    with pytest.raises(gdcli.GdcliError, match=r"log\(x\[i\]\) at i=3, in h\[3\]: log\(0\)"):
        function([1.0, 2.0, 0.0])
    text = "f(a) = u[1, j in 1:2] = a; u[t in 2:3, j in 1:2] = log(u[t-1,j]); u[3,2]"
    grid = gdcli.function(text)
    with pytest.raises(gdcli.GdcliError, match=r"at t=3, j=1, in u\[3, 1\]: log\(0\)"):
        grid([1.0])


def test_a_part_is_undefined_on_its_own_side_only() -> None:
    text = "h[i in 1:2] = log(x*i); ifelse(x < 0, x^2, h[1] + h[2])"
    function = gdcli.function(text)
    assert function([-3.0]) == 9.0
    assert function([1.0]) == pytest.approx(np.log(2.0))
    masked = gdcli.function("h[i in 1:3] = x[i]^3; sum(ifelse(x[i] > 0, h[i], 0) for i in 1:3)")
    assert masked([-1.0, 2.0, 1.0]) == 9.0
    inside = gdcli.function("h[i in 1:3] = log(x[i]); sum(ifelse(a > 0, h[i], x[i]) for i in 1:3)")
    assert inside([-1.0, -1.0, -2.0, -3.0]) == -6.0


def test_a_part_that_is_not_used_is_no_part_of_the_function() -> None:
    function = gdcli.function("h[i in 1:3] = log(x*i); x^2")
    assert function([-3.0]) == 9.0
    assert function.expression.unused_parts() == ["h"]
    used = gdcli.function("g[i in 1:3] = x*i; h[i in 1:3] = g[i]; u[1] = x; u[2] = 3; norm(h)*u[1]")
    assert used.expression.unused_parts() == []


def test_dot_and_norm_take_array_parts() -> None:
    function = gdcli.function("h[i in 1:2] = x*i; g[i in 1:2] = x^i; dot(h, g) + norm(h)")
    assert function([2.0]) == pytest.approx(2 * 2 + 4 * 4 + np.sqrt(20.0))


def test_a_recurrence_of_one_step_has_its_first_entry_alone() -> None:
    text = "u[1] = x; u[t in 2:n] = 1/(u[t-1] - x); u[1]^2"
    assert gdcli.function(text, sizes={"n": 1})([3.0]) == 9.0


def test_exact_values_of_a_recurrence() -> None:
    function = Function("u[1] = x; u[t in 2:5] = u[t-1]^2/2; u[5]")
    found = exact(function.unrolled, [1.5])
    assert (found.value, *found.gradient) == (Fraction(3**16, 2**31), Fraction(3**15, 2**26))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("u[1] = a; u[t in 2:6] = sum(u); u[6]", "`u[3]` is not yet known where `u[2]` is"),
        ("u[1] = a; u[t in 2:6] = max(2*u); u[6]", "`u[3]` is not yet known where `u[2]` is"),
        ("u[t in 1:6] = a + norm(u); u[6]", "`u[2]` is not yet known where `u[1]` is"),
        ("u[1] = a; u[2] = sum(u); u[1]", "`u[2]` is defined by itself"),
        ("u[1, 1] = a; u[1, j in 2:3] = sum(u[1]); sum(u)", "`u[1, 3]` is not yet known where"),
        ("u[1] = a; v = sum(u); u[t in 2:6] = 3; v + u[6]", "`u[2]` is used before it is defined"),
        ("u[1] = a; v = 2*u; u[t in 2:6] = 3; sum(v)", "`u[2]` is used before it is defined"),
        ("u[1] = a; v[t] = 2*u[t]; u[t in 2:6] = 3; sum(v)", "`u[2]` is used before it is defined"),
        ("v = sum(u); u[t in 1:6] = 3; v + u[6]", "`u[1]` is used before it is defined"),
        ("f(a, x[3]) = h[i] = x[i]/sum(h); h[1]", "the part `h` is used before it is defined"),
        ("f(x[3]) = u[i] = x[i]; u[1, i] = sum(u); u[1]", "`u` takes 1 subscript in its first"),
    ],
)
def test_a_whole_part_has_the_entries_of_its_pieces_below_too(text: str, message: str) -> None:
    """Else its sum inside its recurrence is silently its first entry."""
    with pytest.raises(ExpressionError) as caught:
        gdcli.function(text)
    assert message in str(caught.value.message)


def test_a_row_of_a_part_may_stand_alone_in_each_function_of_arrays() -> None:
    """A logsumexp takes numbers too, so that its name alone does not tell of an array."""
    layer = "f(W[3]) = z[i in 1:2, c] = W[c]*i; "
    for function in ("logsumexp", "sum", "max", "mean"):
        row = gdcli.function(f"{layer}mean({function}(z[i]) for i in 1:2)")
        entries = gdcli.function(f"{layer}mean({function}(z[i, c] for c in 1:3) for i in 1:2)")
        assert row([1.0, 2.0, 4.0]) == entries([1.0, 2.0, 4.0])


@pytest.mark.parametrize(
    ("text", "data", "message"),
    [
        ("f(a[3]) = h[a] = 1; sum(h)", {}, "`a` is a variable here; choose another index for h"),
        ("h[w] = c[w]; sum(h)", {"w": [1.0]}, "`w` is an array here; choose another index for h"),
        ("h[g] = c[g]; h[g[1]]", {"g": ["b", "a"]}, "`g` is an array here; choose another index"),
        ("y[i] = c; mean(y)", {"y": [1.0]}, 'data["y"]: `y` is an array part'),
        ("f(x[3]) = x^T*x", {}, "`^T` is a power, write x' for a transpose; the shape of `T`"),
        ("norm(Ax - b)^2", {"A": [[1.0]]}, "(its names: Ax, b); `Ax` is one name: write A*x"),
        ("mean(x[i] for i in 1:2)", {"t": [1.0]}, "no such name (its names: x)"),
    ],
)
def test_a_name_with_two_meanings_is_refused_for_that(
    text: str, data: dict[str, Any], message: str
) -> None:
    with pytest.raises(gdcli.GdcliError) as caught:
        gdcli.function(text, data=data)
    assert message in str(caught.value)


def test_a_part_is_not_set() -> None:
    with pytest.raises(gdcli.GdcliError, match="the expression defines `h` itself"):
        gdcli.function("h[i in 1:3] = c*i; sum(h)", parameters={"h": 1})


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize(
    ("text", "sizes", "value", "gradient"),
    [
        ("f(a) = h[i in 1:0] = a; a + sum(h)", {}, 2.0, [1.0]),
        ("f(a) = h[i in 1:n] = a*i; a^2 + sum(h[i]^2 for i in 1:n)", {"n": 0}, 4.0, [4.0]),
        ("f(a) = h[i in 1:n] = a; h[j in n+1:n] = 2*a; a + sum(h)", {"n": 0}, 2.0, [1.0]),
        (
            "f(u[n]) = v[t in 1:n-1] = u[t+1]*u[t]; u[1] + sum(v[t] for t in 1:n-1)",
            {"n": 1},
            2.0,
            [1.0],
        ),
        ("f(a) = p[t in 1:n] = ifelse(t < 2, a, 2)*a; a - norm(p)^2", {"n": 0}, 2.0, [1.0]),
    ],
)
def test_a_part_may_have_no_entries(
    text: str, sizes: dict[str, int], value: float, gradient: list[float], backend: str
) -> None:
    function = Function(text, sizes=sizes, backend=backend)
    assert function.evaluate([2.0]) == value
    assert function.evaluate_gradient([2.0]) == (value, gradient)
    assert function.evaluate_hessian_product([2.0], [0.0]) == [0.0]


def test_more_recurrences_than_can_be_open_at_once_are_refused() -> None:
    def function(count: int) -> Function:
        parts = "".join(f"u{k}[1] = x; u{k}[t in 2:3] = u{k}[t-1]*x + {k}; " for k in range(count))
        return Function(parts + " + ".join(f"u{k}[3]" for k in range(count)))

    assert function(100).evaluate_gradient([2.0]) == (15650.0, [6150.0])
    assert function(100).evaluate_hessian_product([2.0], [1.0]) == [1200.0]
    with pytest.raises(UsageError, match="more than 100 array parts are read only when all"):
        function(101).evaluate_gradient([2.0])
