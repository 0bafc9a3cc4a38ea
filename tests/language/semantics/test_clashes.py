"""Names in two roles, each refusal with its whole text."""

from __future__ import annotations

import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import GdcliError
from gdcli.language.parser import parse
from gdcli.language.semantics.roles import GivenShapes, assign


def refusal(text: str, data: dict[str, tuple[int, ...]], **parameters: str) -> str:
    given = {name: parse(value, ARITIES) for name, value in parameters.items()}
    with pytest.raises(GdcliError) as caught:
        assign(parse(text, ARITIES), ARITIES, given, GivenShapes({}, data))
    assert caught.value.exit_status == 2
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (
            "f(i) = sum(i for i in 1:3)",
            "`i` is a variable here; choose another name for the index\n"
            "  f(i) = sum(i for i in 1:3)\n                   ^",
        ),
        (
            "i = 2; sum(3 for i in 1:3)",
            "`i` is a part here; choose another name for the index\n"
            "  i = 2; sum(3 for i in 1:3)\n                   ^",
        ),
        (
            "sum(e for e in 1:3)",
            "`e` is a constant here; choose another name for the index\n"
            "  sum(e for e in 1:3)\n            ^",
        ),
        (
            "sum(i[1] for i in 1:3)",
            "`i` is a vector here; choose another name for the index\n"
            "  sum(i[1] for i in 1:3)\n               ^",
        ),
        (
            "f(n, x) = sum(x[i] for i in 1:n)",
            "`n` is a size, no variable: leave it out of the header\n"
            "  f(n, x) = sum(x[i] for i in 1:n)\n                                ^",
        ),
        (
            "n = 2; sum(x[i] for i in 1:n)",
            "`n` is a part; subscripts and ranges are made of indices, sizes, whole numbers\n"
            "  n = 2; sum(x[i] for i in 1:n)\n                             ^",
        ),
        (
            "x[pi]",
            "`pi` is a constant; subscripts and ranges are made of indices, sizes, whole numbers\n"
            "  x[pi]\n    ^^",
        ),
        (
            "sum(x[i] for i in 1:x)",
            "`x` is a vector; subscripts and ranges are made of indices, sizes, whole numbers\n"
            "  sum(x[i] for i in 1:x)\n                      ^",
        ),
        (
            "x = 2; x[1]",
            "`x` is a part, one number: it has no entries\n  x = 2; x[1]\n         ^^^^",
        ),
        ("e[1]", "`e` is a constant, one number: it has no entries\n  e[1]\n  ^^^^"),
        (
            "x[1] + x",
            "`x` is a vector; write one of its entries, such as x[1]\n  x[1] + x\n         ^",
        ),
        (
            "sum(x for i in 1:2) + norm(x)",
            "`x` is a vector; write one of its entries, such as x[i]\n"
            "  sum(x for i in 1:2) + norm(x)\n      ^",
        ),
        (
            "f(x[3]) = 2*x",
            "`x` is a vector; write one of its entries, such as x[1]\n"
            "  f(x[3]) = 2*x\n              ^",
        ),
    ],
)
def test_clashes_within_a_text(text: str, whole: str) -> None:
    assert refusal(text, {}) == whole


LINE = "sum((a*t[i] + b)^2 for i in 1:n)"


@pytest.mark.parametrize(
    ("data", "parameters", "whole"),
    [
        ({"q": (5,)}, {}, 'data["q"]: `q` is no name of the expression'),
        ({"i": (5,)}, {}, 'data["i"]: `i` is a loop\'s index'),
        ({"t": (5,), "a": (5,)}, {"a": "2"}, 'data["a"]: `a` is set to a value'),
        (
            {"t": (5,), "n": (5,)},
            {},
            f"`n` is an array of data; subscripts and ranges are made of indices, sizes, whole "
            f"numbers\n  {LINE}\n                                ^",
        ),
        (
            {"a": (5,)},
            {},
            f"`a` is an array of data; write one of its entries, such as a[i]\n  {LINE}\n       ^",
        ),
        (
            {},
            {"t": "3"},
            'parameters["t"]: `t` is a vector, not one number; give its entries: '
            'data={"t": "FILE"}',
        ),
    ],
)
def test_clashes_with_what_is_given(
    data: dict[str, tuple[int, ...]], parameters: dict[str, str], whole: str
) -> None:
    assert refusal(LINE, data, **parameters) == whole


@pytest.mark.parametrize("text", ["f(t) = t[1]^2 + t[2]", "f(t[2]) = 3", "f(t[n], n) = t[1]"])
def test_a_vector_that_the_header_declares_is_not_held(text: str) -> None:
    assert refusal(text, {}, t="3") == (
        'parameters["t"]: `t` is a vector, not one number; leave it out of the header and give its'
        ' entries: data={"t": "FILE"}'
    )


def test_a_size_that_the_header_declares_is_not_held() -> None:
    text = "f(x, n) = sum(x[i] for i in 1:n)"
    assert refusal(text, {}, n="3").startswith("`n` is a size, no variable: leave it out of the")


def test_data_are_no_variables_of_a_header() -> None:
    text = "f(x) = sum(x[i] for i in 1:n)"
    assert refusal(text, {"x": (3,)}) == 'data["x"]: `x` is a variable'


def test_data_may_be_called_like_a_constant() -> None:
    roles = assign(
        parse("sum(e[i]*x for i in 1:n)", ARITIES), ARITIES, {}, GivenShapes({}, {"e": (3,)})
    )
    assert roles.variables == ("x",)
    assert roles.sizes == {"n": 3}
