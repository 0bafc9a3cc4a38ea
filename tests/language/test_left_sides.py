"""Left sides of array parts: what is read, what reads back, and what is refused with its remedy."""

from __future__ import annotations

import random

import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import ExpressionError
from gdcli.language.parser import parse
from gdcli.language.syntax import Expression
from tests.sweeps import sampled


def read(text: str) -> Expression:
    return parse(text, ARITIES)


def left_sides(text: str) -> list[str]:
    return [definition.left_side for definition in read(text).definitions]


def test_subscripts_are_indices_with_and_without_ranges_and_entries() -> None:
    text = "h[ i , j in 1 : 2*n-1, 3] = x[i]*j; u[n+1] = 2; r = h[1,1,3]; sum(u[k] for k in 1:n)"
    assert left_sides(text) == ["h[i, j in 1:2*n-1, 3]", "u[n+1]", "r"]
    first = read(text).definitions[0].subscripts
    assert [one.name for one in first] == ["i", "j", ""]
    assert [text[slice(*one.span)] for one in first] == ["i", "j in 1 : 2*n-1", "3"]


def test_a_name_has_several_pieces() -> None:
    text = "p[1] = p0; q[1] = q0; p[t in 2:n] = p[t-1] + q[t-1]; q[t in 2:n] = q[t-1]; p[n]"
    assert left_sides(text) == ["p[1]", "q[1]", "p[t in 2:n]", "q[t in 2:n]"]
    assert str(read(text)) == text


def test_a_header_stands_before_parts_or_before_the_body() -> None:
    before = read("f(W, b) = h[i] = W[i]*b; h[1]")
    behind = read("h[i] = W[i]*b; f(W, b) = h[1]")
    assert before == behind
    assert before.header is not None
    assert before.header.variables == ("W", "b")


def test_a_size_beside_other_pieces_is_its_entry() -> None:
    size = "u[1] = 0; u[n] = 1; u[i in 2:n-1] = x[i]; sum(u[i] for i in 1:n)"
    assert [one.name for part in read(size).definitions for one in part.subscripts] == ["", "", "i"]
    assert str(read(size)) == size
    declared = read("f(x[n]) = u[n] = x[1]; u[i in 1:n-1] = x[i]; u[n]")
    assert declared.definitions[0].subscripts[0].name == ""
    alone = read("h[n] = x[n]; sum(h[i] for i in 1:n)")
    assert alone.definitions[0].subscripts[0].name == "n"


def written(seed: int) -> str:
    """A text with array parts of every kind of left side, spaces here and there."""
    draw = random.Random(seed)

    def blank() -> str:
        return draw.choice(["", "", " "])

    def number() -> str:
        return draw.choice(["1", "7", "n", "n-1", "2*n+m", "m + 1", "1+n", "-3+2*m", "(n)", "n-2"])

    def subscript(place: int) -> str:
        index = ("i", "j", "k")[place]
        ends = f"{blank()}{number()}{blank()}:{blank()}{number()}"
        return draw.choice([index, f"{index} in {ends}", str(draw.randint(1, 9)), "2*n+1"])

    parts = []
    for name in draw.sample(["u", "v", "w", "alpha"], draw.randint(1, 3)):
        rank = draw.randint(1, 3)
        for _ in range(draw.randint(1, 3)):
            left = f"{blank()},{blank()}".join(subscript(place) for place in range(rank))
            body = draw.choice(["sin(x[i])", f"{name}[n-1]*2", "sum(x[l] for l in 1:m)^2", "3"])
            parts.append(f"{name}{blank()}[{left}]{blank()}={blank()}{body};")
    draw.shuffle(parts)
    header = draw.choice(["", "f(x[n, 2*m], y) = ", "g(x) ="])
    return f"{header}{blank().join(parts)} sum(x[l]*y for l in 1:n+m)"


@pytest.mark.parametrize("block", sampled(range(20), 2))
def test_texts_with_array_parts_read_back(block: int) -> None:
    for seed in range(50 * block, 50 * block + 50):
        text = written(seed)
        expression = read(text)
        again = read(str(expression))
        assert again == expression, text
        assert str(again) == str(expression)
        assert hash(again) == hash(expression)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("u[i,i] = 3; 2", "the index `i` stands twice; choose another name"),
        ("u[] = 3; 1", "a subscript is missing: `u[i] = ...`, `u[1] = ...`"),
        ("u[1,] = 3; 1", "a subscript is missing"),
        ("u[i in 1] = 3; 1", "a range has two ends, and its steps are 1: `i in 1:n`"),
        ("u[i in 1:2:9] = 3; 1", "a range has two ends, and its steps are 1"),
        ("u[i in :3] = 3; 1", "a range has two ends"),
        ("u[1:n] = x; 1", "a range has an index: write `u[i in 1:n] = ...`"),
        ("u[:] = x; 1", "the range of an index stands on the left side: `u[i in 1:n] = ...`"),
        ("u[i] = x[i] for i in 1:n; 2", "the range of an index stands on the left side"),
        ("u[i for i in 1:n] = x[i]; 2", "the range of an index stands on the left side"),
        ("u[3 in 1:n] = 2; 1", "an index is a name: `u[i in 1:n] = ...`"),
        ("u[sin] = 3; 1", "`sin` cannot be an index: the name is taken"),
        ("u[g[i]] = 3; 1", "a subscript on the left side is an index, a range or a number made of"),
        ("u[1.5] = 3; 1", "`u[i] = ...`, `u[i in 2:n] = ...`, `u[1] = ...`"),
        ("u[i in 1:max(n,2)] = 3; 1", "a subscript on the left side is an index, a range"),
        ("u[i in 1:n, j in 1:i] = 3; 1", "`i` is an index of u; the ranges of a part are made of"),
        ("u[1] = x; u[1, t=2:n] = 3; 1", "a range is written `t in 1:n`"),
        ("u[t] := u[t-1]; 2", "a part is named by `=`, as in `r = x^2; exp(-r)`"),
        ("u(1) = x; u[5]", "an entry of an array part is `u[1] = ...`"),
        ("u[1 = 3; 1", "this `[` is never closed; is a `]` missing?"),
        ("u = 3; u[1] = 3; u", "`u` is named twice: once with subscripts and once without"),
        ("u[1] = 2; u = 2; u", "`u` is named twice: once with subscripts and once without"),
        ("f(u) = u[1] = 3; u[1]", "`u` is both a part and a variable"),
        ("u[1] = 3", "`u[1] = ...` names a part; write `;` and then the function"),
        ("u[1] = 3", "an equation is written as left - right"),
        (
            "u[1] = x; u[t+1] = u[t]*2; u[5]",
            "`u[t+1]` is one entry, and no range has a size `t`; for every t write "
            "`u[t in 2:n] = ...`, with t-1 in place of t in its formula",
        ),
        ("u[4] = x; u[t-1] = u[t]; u[1]", "write `u[t in 1:n] = ...`, with t+1 in place of t"),
        ("u[t+2, j] = x[j]; u[3, 1]", "for every t write `u[t in 3:n, j] = ...`"),
        ("u[2*t] = x; u[2]", "for every t write `u[t in 1:n] = ...`"),
    ],
)
def test_what_is_refused_says_what_to_write(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        read(text)
    assert message in str(caught.value.message)
    assert caught.value.span is not None
