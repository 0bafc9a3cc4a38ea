"""The loops that compute array parts, and entries that are not known where they are read."""

from __future__ import annotations

import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import ExpressionError
from gdcli.language.parser import parse
from gdcli.language.semantics.recurrences import PartLoop, components
from gdcli.language.semantics.roles import GivenShapes, Roles, assign


def roles(text: str, **sizes: int) -> Roles:
    return assign(parse(text, ARITIES), ARITIES, given=GivenShapes(sizes))


def loop(text: str, name: str, **sizes: int) -> PartLoop:
    return roles(text, **sizes).parts[name].recurrence.loop


def row(*names: str) -> PartLoop:
    return PartLoop(names, (names,))


def test_a_part_by_itself_is_a_loop_for_each_subscript() -> None:
    text = "h[i in 1:2, j in 1:3] = x*i; g[i in 1:2] = h[i,1]; g[2]"
    assert loop(text, "h") == PartLoop(("h",), (row("h"),))
    assert loop(text, "g") == row("g")


def test_parts_that_need_each_other_are_one_loop() -> None:
    text = "p[1] = x; q[1] = 0; p[t in 2:9] = p[t-1] + q[t-1]; q[t in 2:9] = q[t-1] - p[t]; q[9]"
    assert loop(text, "p") == loop(text, "q") == row("p", "q")
    apart = text.replace("p[t-1] + q[t-1]", "p[t-1]")
    assert loop(apart, "p") == row("p")
    assert loop(apart, "q") == row("q")


def test_rows_that_one_step_needs_complete_are_loops_of_their_own() -> None:
    text = (
        "E[1, i in 1:4] = x; H[1, i in 1:3] = 0; E[t in 2:9, i in 1:4] = E[t-1,i] + H[t-1,1]; "
        "H[t in 2:9, i in 1:3] = H[t-1,i] + E[t,i+1] - E[t,i]; H[9,1]"
    )
    assert loop(text, "H") == PartLoop(("E", "H"), (row("E"), row("H")))
    joined = text.replace("H[t-1,1]", "ifelse(i > 1, 0, 0)").replace("E[t,i+1] - E[t,i]", "E[t,i]")
    assert loop(joined, "H") == PartLoop(("H",), (row("H"),))


def test_rows_that_need_entries_of_each_other_share_the_inner_loop() -> None:
    text = (
        "p[t in 1:4, 1] = x; q[t in 1:4, 1] = 2; p[t in 1:4, i in 2:3] = q[t,i-1]; "
        "q[t in 1:4, i in 2:3] = p[t,i]*p[t,i-1]; q[4,3]"
    )
    assert loop(text, "p") == PartLoop(("p", "q"), (row("p", "q"),))


def test_numbers_and_rows_of_one_step_stand_one_behind_the_other() -> None:
    text = (
        "s[1] = 1; u[1, i in 1:3] = x; u[t in 2:5, i in 1:3] = u[t-1,i]/s[t-1]; "
        "s[t in 2:5] = sum(u[t,i] for i in 1:3); u[5,1]"
    )
    assert loop(text, "u") == PartLoop(("s", "u"), (row("u"), ("s",)))


def test_an_entry_of_a_piece_above_is_known_anywhere() -> None:
    text = "p[1] = x; r = p[1]*2; q[i in 1:3] = p[1] + r; p[t in 2:3] = p[t-1]*r0; p[3] + q[1]"
    assert roles(text).variables == ("r0", "x")
    interleaved = "p[1] = x; q[1] = p[1]; p[t in 2:9] = p[t-1]/2; q[t in 2:9] = q[t-1] - p[t]; q[9]"
    assert loop(interleaved, "q") == row("q")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("u[1] = x; u[t in 2:9] = u[t]*2; u[5]", "`u[2]` is defined by itself"),
        (
            "u[1] = x; u[t in 2:9] = u[11-t]; u[5]",
            "`u[9]` is not yet known where `u[2]` is computed: a recurrence reads entries of "
            "smaller subscripts, as in `u[t in 2:n] = u[t-1] + ...`",
        ),
        ("u[9] = x; u[t in 1:8] = u[t+1]; u[5]", "`u[2]` is not yet known where `u[1]`"),
        ("u[t in 1:9] = 1 + sum(u[s] for s in 1:t); u[9]", "`u[1]` is defined by itself"),
        ("u[i in 1:3, j in 1:3] = sum(u[i,k] for k in 1:3); u[1,1]", "`u[1, 2]` is not yet known"),
        ("u[i in 1:3, j in 1:3] = sum(u[i,k] for k in 1:j); u[1,1]", "`u[1, 1]` is defined by its"),
        (
            "u[i in 1:3, j in 1:3] = sum(u[k,j] for k in i+1:3); u[1,1]",
            "`u[2, 1]` is not yet known where `u[1, 1]` is computed",
        ),
        ("p[i in 1:3] = q[i]; q[i in 1:3] = x; p[1]", "`q[1]` is used before it is defined"),
        ("p[i in 1:3] = q[i]; q[i in 1:3] = x; p[1]", "`q[i in 1:3] = ...` stands below"),
        (
            "p[i in 1:3] = q[i]; q[i in 1:3] = p[i]; q[3]",
            "`q[1]` and `p[1]` need each other: solve their two equations for them",
        ),
        (
            "p[1] = x; q[1] = 0; p[t in 2:4] = q[t]; q[t in 2:4] = q[t-1] - p[t-1]; q[4]",
            "`q[2]` is not yet known where `p[2]` is computed: write `q[t in 2:4] = ...` above",
        ),
        (
            "p[1] = 1; p[i in 2:3] = q[i-1]; q[i in 1:2] = p[i]; q[2]",
            "one loop computes both; but p runs to 3 there and q to 2",
        ),
        (
            "p[1] = x; r = p[1]*2; p[i in 2:3] = r*p[i-1]; p[3]",
            "`r` and `p` need each other; only array parts may: write the formula of `r` in place",
        ),
        ("p[1] = x; r = p[2]; p[i in 2:3] = 3; p[3]*r", "`p[2]` is used before it is defined"),
        ("u[1] = x; u[t in 2:4] = norm(u); u[4]", "the part `u` is used before it is defined"),
        (
            "p[1] = x; q[1] = 1; q[t in 2:4] = p[t-1]; p[t in 2:4] = dot(q, q); p[4]",
            "`q` is not complete where `p` is computed, which it needs",
        ),
        (
            "E[1, i in 1:3] = s[1]; s[1] = x; s[t in 2:4] = sum(E[t-1,i] for i in 1:3); "
            "E[t in 2:4, i in 1:3] = s[t]; s[4]",
            "`s[1]` is not yet known where `E[1, 1]` is computed: write `s[1] = ...` above",
        ),
    ],
)
def test_an_entry_that_is_not_known_is_refused_by_name(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        roles(text)
    assert message in str(caught.value.message)
    assert caught.value.span is not None


def test_components_come_after_what_they_need() -> None:
    needs = {"a": {"b"}, "b": {"c", "a"}, "c": {"d"}, "d": {"d"}, "e": set[str]()}
    assert components("eabcd", needs) == [("e",), ("d",), ("c",), ("a", "b")]
    chain = {str(n): {str(n + 1)} for n in range(5000)} | {"5000": {"0"}}
    assert len(components(list(chain), chain)) == 1


def test_an_earlier_entry_of_a_part_below_is_known() -> None:
    text = "x[1] = 0; v[1] = w; x[t in 2:9] = x[t-1] + v[t-1]; v[t in 2:9] = v[t-1]/2; x[9]"
    assert (loop(text, "x"), loop(text, "v")) == (row("x"), row("v"))
    with pytest.raises(ExpressionError, match=r"`v\[2\]` is used before it is defined"):
        roles(text.replace("+ v[t-1]", "+ v[t]"))
