"""Ranges of array parts, the boxes that pieces fill, and the names on left sides."""

from __future__ import annotations

import re

import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import ExpressionError, GdcliError
from gdcli.language.parser import parse
from gdcli.language.semantics.roles import GivenShapes, Roles, assign


def roles(text: str, sizes: dict[str, int] | None = None, **data: tuple[int, ...]) -> Roles:
    return assign(parse(text, ARITIES), ARITIES, given=GivenShapes(sizes or {}, data))


def ranges(found: Roles, name: str) -> list[list[str]]:
    return [list(map(str, piece.subscripts)) for piece in found.parts[name].pieces]


def test_a_bare_index_takes_the_length_of_data_of_the_header_or_of_a_part_above() -> None:
    text = "f(W[8,m], b[8]) = h[i,j] = b[j] + sum(W[j,k]*X[i,k] for k in 1:m); "
    found = roles(text + "g[i] = h[i,1]; sum(g[i]*y[i] for i in 1:n)", X=(10, 3), y=(10,))
    assert ranges(found, "h") == [["i in 1:n", "j in 1:8"]]
    assert found.parts["h"].lengths == (10, 8)
    assert ranges(found, "g") == [["i in 1:n"]]
    assert found.sizes == {"n": 10, "m": 3}
    assert found.variables == ("W", "b")


def test_only_subscripts_that_are_the_index_itself_count() -> None:
    found = roles("h[i] = x[i+1] + a[i] + b[2*i]; h[2]", a=(2,), b=(9,))
    assert found.parts["h"].lengths == (2,)
    with pytest.raises(ExpressionError, match="shows no array of known length"):
        roles("h[i] = x[i] + b[2*i]; h[2]", b=(9,))


def test_a_number_goes_before_a_length_that_is_not_known_yet() -> None:
    found = roles("f(a[n]) = h[i] = a[i]*b[i]; sum(h[i] for i in 1:n)", b=(4,))
    assert (found.parts["h"].lengths, found.sizes["n"]) == ((4,), 4)
    with pytest.raises(GdcliError, match="`i` could run to"):
        roles("f(a[n]) = h[i] = a[i]*b[i]; sum(h[i] for i in 1:3)", {"n": 5}, b=(4,))


def test_other_pieces_of_a_part_show_the_length_of_a_row() -> None:
    found = roles("u[1, i in 1:5] = i; u[t in 2:9, i] = u[t-1,i] + x; u[9,5]")
    assert ranges(found, "u") == [["1", "i in 1:5"], ["t in 2:9", "i in 1:5"]]
    assert found.parts["u"].lengths == (9, 5)


def test_a_part_solves_for_sizes_as_data_do() -> None:
    assert roles("h[i in 1:12] = x*i; sum(h[2*j] for j in 1:n)").sizes["n"] == 6
    assert roles("h[i in 1:n] = x*i; sum(h[i]*y[i] for i in 1:n)", y=(8,)).sizes["n"] == 8
    assert roles("h[i] = y[i]; f(x[m]) = dot(h, x)", y=(8,)).arrays["x"].lengths == (8,)


def test_index_names_may_recur() -> None:
    text = "h[i] = a[i]; g[i] = h[i]^2; g[j in 4:6] = 1; sum(g[i]*x for i in 1:6)"
    assert roles(text, a=(3,)).variables == ("x",)


def test_an_index_with_a_range_goes_before_data_of_its_name() -> None:
    found = roles("h[a in 1:3] = b[a]; h[1]*x", b=(3,))
    assert found.variables == ("x",)


def test_boxes_of_pieces_may_be_cut_in_any_way() -> None:
    pinwheel = (
        "u[1, j in 1:2] = 1; u[i in 1:2, 3] = 2; u[3, j in 2:3] = 3; u[i in 2:3, 1] = 4; u[2,2] = x"
    )
    assert roles(pinwheel + "; u[3,3]").parts["u"].lengths == (3, 3)
    with pytest.raises(ExpressionError, match=r"`u\[2, 2\]` is defined by none of the pieces"):
        roles(pinwheel.rpartition(";")[0] + "; u[3,3]")
    assert roles("u[1] = x; u[t in 2:n] = u[t-1]; u[1]", {"n": 1}).parts["u"].lengths == (1,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        # no length, two lengths
        ("h[i] = x[i]; h[1]", "write the range: `h[i in 1:n] = ...`"),
        ("u[1] = x; u[t] = u[t-1]; u[5]", "write the range: `u[t in 2:n] = ...`"),
        ("u[1, j in 1:3] = x; u[t, j] = a[t]; u[1,1]", "write the range: `u[t, j in 1:3] = ...`"),
        (
            "h[i] = a[i]*b[i]; h[1]",
            "`i` could run to 3 of a or to 4 of b; write the range: `h[i in 1:3] = ...`",
        ),
        ("f(x[n], y[m]) = h[i] = x[i]*y[i]; h[1]", "`i` could run to n of x or to m of y"),
        (
            "h[i] = C[1,i]*b[i]; h[1]",
            "`i` could run to 2 of the second subscript of C or to 4 of b",
        ),
        ("h[i] = g[i]; g[i] = a[i]; h[3]", "how far does `i` run?"),
        # an index that has another role
        ("h[n] = a[n]; sum(h[i] for i in 1:n)", "choose another index, or write `h[i in n:n]`"),
        ("h[x] = a[x]; x*h[1]", "`x` is an index of `h[x]` and has no value outside its formula"),
        ("h[x] = a[x]; x*h[1]", "choose another index"),
        ("h[a] = b[a]; h[1]", "`a` is an array of data here; choose another index for h"),
        ("h[b] = C[b,1]; sum(h[b] for b in 1:3)", "`b` is an array of data here; choose another"),
        ("f(x, i) = h[i] = a[i]; h[1]*x", "`i` is a variable here; choose another index for h"),
        ("f(x[i]) = h[i] = a[i]; h[1]*x[1]", "`i` is a size here; choose another index for h"),
        ("r = 2; h[r] = a[r]; h[1]", "`r` is a part here; choose another index for h"),
        ("h[e] = a[e]; h[1]", "`e` is a constant here; choose another index for h"),
        ("h[i] = sum(a[i] for i in 1:3); h[1]", "`i` is already the index of this range"),
        ("h[i] = a[i]; g[j in 1:i] = 2; g[1]", "`i` is an index of `h[i]` and has no value"),
        # the uses of an array part and of a number
        ("h[i] = a[i]; h + 1", "`h` is an array part; write one of its entries, such as h[i]"),
        ("h[1, j in 1:2] = a[j]; h*2", "write one of its entries, such as h[1, j]"),
        ("r = 3; r[1] + 1", "`r` is a part, one number: it has no entries"),
        ("h[i] = a[i]; h[1,2]", "`h` takes 1 subscript, not 2"),
        (
            "h[i] = a[i]; h[1,2] = 3; h[1]",
            "takes 1 subscript in its first piece, and 2 subscr",
        ),
        ("h[i] = a[i]; h[4]", "h[4] is asked for, but h has 3 entries"),
        ("h[i] = a[i+1]; h[1]", "how far does `i` run?"),
        ("h[i in 1:3] = a[i+1]; h[1]", "a[i+1] reaches a[4], but a has 3 entries"),
        ("h[i] = a[i]; sum(x[j] for j in 1:h)", "`h` is an array part; subscripts and ranges"),
        ("a[i] = b[i]; a[1]", "`a` is an array part"),
        ("pi[i in 1:3] = 2; pi[1]", "`pi` is a constant; choose another name"),
        # pieces
        (
            "u[1] = x; u[t] = u[t-1] + a[t]; u[3]",
            "`u[1]` is defined twice, by `u[1]` and `u[t]`; the pieces of a part share no entry; "
            "write `u[t in 2:3] = ...`",
        ),
        ("u[1] = x; u[t in 1:5] = 2; u[3]", "write `u[t in 2:5] = ...`"),
        ("u[1] = x; u[t in 3:9] = 2; u[3]", "write `u[2] = ...;` too"),
        ("h[i in 3:5] = x; h[4]", "`h[1]` is defined by none of the pieces `h[i in 3:5]`"),
        ("h[i in 0:5] = x; h[4]", "`i in 0:5` begins at 0, but subscripts begin at 1"),
        ("h[0] = x; h[i in 1:2] = 1; h[1]", "`0` begins at 0, but subscripts begin at 1"),
        (
            "u[1] = x; u[n] = a[n]; sum(u[i] for i in 1:n)",
            "in `u[n]` n is a size: choose another index where every entry is meant",
        ),
        ("h[i in 1:m-4] = x; sum(a[i] for i in 1:m)", "h would have -1 entries"),
        (f"h[{', '.join('1' * 17)}] = x; 1", "an array part has at most 16 subscripts"),
    ],
)
def test_what_is_refused_says_where_and_what_to_write(text: str, message: str) -> None:
    data = {
        name: shape for name, shape in DATA.items() if re.search(rf"\b{name}\[|\[{name}\b", text)
    }
    with pytest.raises(GdcliError) as caught:
        roles(text, None, **data)
    assert message in str(caught.value)


DATA = {"a": (3,), "b": (4,), "C": (3, 2)}
