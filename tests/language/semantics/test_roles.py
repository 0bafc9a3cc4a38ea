"""The roles of names, and the rule that keeps `xy` from being another function."""

from __future__ import annotations

import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import GdcliError
from gdcli.language.parser import parse
from gdcli.language.semantics.roles import GivenShapes, Roles, assign, natural_order


def variables(text: str, **parameters: str) -> tuple[str, ...]:
    given = {name: parse(value, ARITIES) for name, value in parameters.items()}
    return assign(parse(text, ARITIES), ARITIES, given).variables


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("y + x", ("x", "y")),
        ("x10 + x2 + x1", ("x1", "x2", "x10")),
        ("x₂ + x₁", ("x1", "x2")),
        ("b2 + a10 + a9 + b", ("a9", "a10", "b", "b2")),
        ("pi*e + x", ("x",)),
        ("π*x", ("x",)),
        ("2", ()),
        ("f(y, x) = x", ("y", "x")),
        ("f(e, pi) = e*pi", ("e", "pi")),
        ("f(x, y, z) = y", ("x", "y", "z")),
        ("r = x^2 + y; exp(r)", ("x", "y")),
        ("r = x; 2", ("x",)),
        ("r = 2; s = r; f(y, x) = s*x", ("y", "x")),
        ("alpha + beta", ("alpha", "beta")),
        ("rate*time + offset", ("offset", "rate", "time")),
        ("ab + cd", ("ab", "cd")),
        ("xy + 2", ("xy",)),
        ("f(x, xy) = x^2 + xy", ("x", "xy")),
        ("xy = x*y; x^2 + xy", ("x", "y")),
        ("αβ + α", ("α", "αβ")),
        ("x1y + x", ("x", "x1y")),
        ("xyzw + x", ("x", "xyzw")),
    ],
)
def test_variables(text: str, names: tuple[str, ...]) -> None:
    assert variables(text) == names


def test_set_takes_a_name_from_the_variables() -> None:
    assert variables("a*x", a="3") == ("x",)
    assert variables("x^2 + xy", xy="2") == ("x",)
    assert variables("f(x) = a*x", a="1/3") == ("x",)
    assert variables("e*x", e="2") == ("x",)


def refusal(text: str, **parameters: str) -> str:
    with pytest.raises(GdcliError) as caught:
        variables(text, **parameters)
    assert caught.value.exit_status == 2
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (
            "x^2 + xy",
            "`xy` is one name; write `x*y`, or declare it: `f(x, xy) = ...`\n"
            "  x^2 + xy\n        ^^",
        ),
        (
            "ab + bc",
            "`ab` is one name; write `a*b`, or declare it: `f(ab, bc) = ...`\n  ab + bc\n  ^^",
        ),
        (
            "xyz*z",
            "`xyz` is one name; write `x*y*z`, or declare it: `f(xyz, z) = ...`\n  xyz*z\n  ^^^",
        ),
        (
            "f(x) = x + y",
            "`y` is not among the variables of the header; declare it: `f(x, y) = ...`, "
            'or give its value: parameters={"y": ...}\n  f(x) = x + y\n             ^',
        ),
        (
            "f(alpha) = alhpa",
            "`alhpa` is not among the variables of the header; did you mean `alpha`?\n"
            "  f(alpha) = alhpa\n             ^^^^^",
        ),
        (
            "r = s; s = 1; r + s",
            "the part `s` is used before it is defined\n  r = s; s = 1; r + s\n      ^",
        ),
        ("r = r; 1", "the part `r` is used before it is defined\n  r = r; 1\n      ^"),
        ("e = 2; e*x", "`e` is a constant; choose another name\n  e = 2; e*x\n  ^"),
    ],
)
def test_whole_refusals(text: str, whole: str) -> None:
    assert refusal(text) == whole


@pytest.mark.parametrize(
    "text",
    [
        "2xy + x",
        "sin(xy)*y",
        "xy*yz",
        "r = x; xr + r",
        "x = 2; xy + x",
        "xy + x1 + x",
        "ex + e",
        "XY + Y",
        "xpi + x",
    ],
)
def test_letters_written_side_by_side_are_refused(text: str) -> None:
    assert "is one name; write" in refusal(text)


@pytest.mark.parametrize(
    ("text", "parameters", "sentence"),
    [
        ("x", {"a": "1"}, 'parameters["a"]: the expression has no such name (its names: x)'),
        ("r = x; r", {"r": "1"}, 'parameters["r"]: the expression defines `r` itself'),
        ("2", {"x": "1"}, 'parameters["x"]: the expression has no such name (its names: none)'),
        (
            "x",
            {"\x1b": "1"},
            'parameters["<U+001B>"]: the expression has no such name (its names: x)',
        ),
    ],
)
def test_what_set_refuses(text: str, parameters: dict[str, str], sentence: str) -> None:
    assert refusal(text, **parameters) == sentence


@pytest.mark.parametrize(
    ("text", "parameters", "variables"),
    [
        ("f(x, y) = x*y", {"x": "1"}, ("y",)),
        ("f(x, y) = y", {"x": "1"}, ("y",)),
        ("f(x) = x", {"x": "1"}, ()),
        ("f(y, z, x) = x*y*z", {"z": "1/2"}, ("y", "x")),
        ("f(x[n], b) = b*sum(x[i] for i in 1:n)", {"b": "2", "n": "3"}, ("x",)),
        ("f(e, x) = e*x", {"e": "2"}, ("x",)),
    ],
)
def test_a_variable_that_the_header_declares_can_be_held(
    text: str, parameters: dict[str, str], variables: tuple[str, ...]
) -> None:
    given = {name: parse(value, ARITIES) for name, value in parameters.items()}
    roles = assign(parse(text, ARITIES), ARITIES, given)
    assert roles.variables == variables
    assert roles.parameters.keys() == parameters.keys() - {"n"}


@pytest.mark.parametrize("text", ["cosx + x", "sinx + cosx", "x*lnx", "arctanx/x", "log2x + x"])
def test_a_function_without_its_parentheses_is_refused(text: str) -> None:
    with pytest.raises(GdcliError, match=r"is one name; write `[a-z0-9]+\(x\)`, or declare it"):
        assign(parse(text, ARITIES), ARITIES)


@pytest.mark.parametrize("text", ["cost + s", "f(cosx, x) = cosx + x", "2*sint"])
def test_a_name_that_only_begins_like_a_function_is_a_name(text: str) -> None:
    assert assign(parse(text, ARITIES), ARITIES).variables


def test_natural_order() -> None:
    names = ["x10", "b", "x2", "x", "x1", "a12b3", "a12b20", "a2"]
    assert sorted(names, key=natural_order) == [
        *("a2", "a12b3", "a12b20", "b", "x", "x1", "x2", "x10")
    ]


def test_thousands_of_names() -> None:
    text = "+".join(f"x{number}" for number in range(3_000))
    assert len(variables(text)) == 3_000
    assert len(variables(f"f({text.replace('+', ',')}) = {text}")) == 3_000


# -- with vectors -------------------------------------------------------------------------------


def roles(text: str, given: GivenShapes = GivenShapes(), **parameters: str) -> Roles:  # noqa: B008
    constants = {name: parse(value, ARITIES) for name, value in parameters.items()}
    return assign(parse(text, ARITIES), ARITIES, constants, given)


def test_a_function_of_scalars_has_no_arrays_and_no_sizes() -> None:
    assert roles("a*x^2", a="3").arrays == {}
    assert roles("a*x^2", a="3").sizes == {}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("sum(x[i]^2 for i in 1:n)", ("x",)),
        ("b*sum(a*x[i]*i/n for i in 1:n)", ("a", "b", "x")),
        ("x2[1] + x10[1] + x1", ("x1", "x2", "x10")),
        ("sum(W[i,j] for i in 1:n, j in 1:n) + y", ("W", "y")),
        ("f(y, x, b) = sum(x[i] for i in 1:n) + b", ("y", "x", "b")),
        ("dot(v, u) + u[3]", ("u", "v")),
        ("r = sum(x[i] for i in 1:n); r^2 + s", ("s", "x")),
        ("sum(i for i in 1:n)", ()),
        ("sum(e*x[i] for i in 1:n)", ("x",)),
    ],
)
def test_variables_among_loops(text: str, names: tuple[str, ...]) -> None:
    sizes = {"n": 3} if ":n" in text else {}
    assert roles(text, GivenShapes(sizes)).variables == names


def test_what_each_name_is() -> None:
    text = "sum((a*t[i] + b*x[i+1] + c)^2 for i in 1:n)"
    found = roles(text, GivenShapes({}, {"t": (5,)}), c="1/3")
    assert found.variables == ("a", "b", "x")
    assert found.parameters.keys() == {"c"}
    assert found.sizes == {"n": 5}
    shown = {name: (str(a.shape[0]), a.lengths, a.data) for name, a in found.arrays.items()}
    assert shown == {"t": ("n", (5,), True), "x": ("n+1", (6,), False)}


def test_a_size_may_be_set_too() -> None:
    found = roles("a*sum(x[i] for i in 1:n)/n", n="2*5", a="1/2")
    assert found.sizes == {"n": 10}
    assert found.parameters.keys() == {"a"}


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (
            "sum(xi for i in 1:3)",
            "`xi` is one name; write `x[i]`, or declare it: `f(xi) = ...`\n"
            "  sum(xi for i in 1:3)\n      ^^",
        ),
        (
            "sum(x_i^2 for i in 1:2)",
            "`x_i` is one name; write `x[i]`, or declare it: `f(x_i) = ...`\n"
            "  sum(x_i^2 for i in 1:2)\n      ^^^",
        ),
        (
            "s[j in 1:3] = sum(W_jk*k for k in 1:2); s[1]",
            "`W_jk` is one name; write `W[j,k]`, or declare it: `f(W_jk) = ...`\n"
            "  s[j in 1:3] = sum(W_jk*k for k in 1:2); s[1]\n                    ^^^^",
        ),
        (
            "f(x[3]) = sum(x_i for i in 1:3)",
            "`x_i` is not among the variables of the header; did you mean `x[i]`?\n"
            "  f(x[3]) = sum(x_i for i in 1:3)\n                ^^^",
        ),
        (
            "f(x[3]) = x₁^2",
            "`x1` is not among the variables of the header; did you mean `x[1]`?\n"
            "  f(x[3]) = x₁^2\n            ^^",
        ),
        (
            "sum(ax[i] + a for i in 1:3)",
            "`ax` is one name; write `a*x`, or declare it: `f(a, ax) = ...`\n"
            "  sum(ax[i] + a for i in 1:3)\n      ^^",
        ),
        (
            "sum(x[i] for i in 1:nx)",
            '`nx` is one name; write `n*x`, or give it: sizes={"nx": 100}\n'
            "  sum(x[i] for i in 1:nx)\n                      ^^",
        ),
        (
            "f(x) = sum(x[i]*y[i] for i in 1:3)",
            "`y` is not among the variables of the header; declare it: `f(x, y) = ...`, "
            'or give its values: data={"y": "FILE"}\n'
            "  f(x) = sum(x[i]*y[i] for i in 1:3)\n                  ^",
        ),
    ],
)
def test_whole_refusals_among_loops(text: str, whole: str) -> None:
    assert refusal(text) == whole


def test_names_that_are_given_are_names() -> None:
    assert roles("sum(x[i] for i in 1:nx)", GivenShapes({"nx": 3})).variables == ("x",)
    assert roles("sum(ax[i]*a for i in 1:n)", GivenShapes({}, {"ax": (3,)})).variables == ("a",)
    assert roles("f(x, ax) = sum(ax[i]*x for i in 1:3)").variables == ("x", "ax")


@pytest.mark.parametrize(
    ("sizes", "parameters", "sentence"),
    [
        ({"m": 3}, {}, 'sizes["m"]: the expression has no such size (its sizes: n)'),
        ({"x": 3}, {}, 'sizes["x"]: the expression has no such size (its sizes: n)'),
        ({"n": -3}, {}, "the size n is a whole number from 0 to 1e+15, not -3"),
        ({"n": 10**101}, {}, "the size n is a whole number from 0 to 1e+15, not a far larger one"),
        ({"n": 10**16}, {}, "the size n is a whole number from 0 to 1e+15, not 10000000000000000"),
        ({}, {"n": "2.5"}, 'parameters["n"]: `n` is a size, a whole number; give sizes={"n": 100}'),
        ({"n": 3}, {"n": "3"}, 'parameters["n"]: `n` has its value by sizes'),
        ({}, {"n": "pi"}, 'parameters["n"]: `n` is a size, a whole number; give sizes={"n": 100}'),
        ({}, {"i": "3"}, "`i` is set to a value here; choose another name for the index\n"
                         "  sum(x[i] for i in 1:n)\n               ^"),
    ],
)  # fmt: skip
def test_sizes_that_are_none(
    sizes: dict[str, int], parameters: dict[str, str], sentence: str
) -> None:
    with pytest.raises(GdcliError) as caught:
        roles("sum(x[i] for i in 1:n)", GivenShapes(sizes), **parameters)
    assert str(caught.value) == sentence


def test_a_size_of_a_function_of_scalars() -> None:
    with pytest.raises(GdcliError, match=r'^sizes\["n"\]: .* \(its sizes: none\)$'):
        roles("x^2", GivenShapes({"n": 3}))
