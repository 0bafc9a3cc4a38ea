"""What each bracket becomes: kinds, values, arguments and spans of the nodes."""

from __future__ import annotations

import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.language.brackets import (
    Bracket,
    CallBracket,
    ConditionalBracket,
    LoopBracket,
    VectorBracket,
    bracket_of,
)
from gdcli.language.lexer import Token, tokens
from gdcli.language.parser import parse
from gdcli.language.syntax import Node


def last(text: str) -> Node:
    return parse(text, ARITIES).nodes[-1]


@pytest.mark.parametrize(
    ("text", "kind", "value", "count"),
    [
        ("sin(x)", "apply", "sin", 1),
        ("max(x, y, z)", "apply", "max", 3),
        ("max(x for i in 1:n)", "loop", "max", 4),
        ("sum(x for i in 1:n, j in i:n)", "loop", "sum", 7),
        ("ifelse(x < 1, x, y)", "apply", "ifelse", 3),
        ("dot(x, y)", "apply", "dot", 2),
        ("norm(x)", "apply", "norm", 1),
        ("W[1, 2, 3]", "subscript", "W", 3),
    ],
)
def test_what_a_bracket_becomes(text: str, kind: str, value: str, count: int) -> None:
    node = last(text)
    assert (node.kind, node.value, len(node.arguments)) == (kind, value, count)
    assert node.span == (0, len(text))


def test_a_group_is_the_node_within_it() -> None:
    text = "2*(x[1] + 1)"
    expression = parse(text, ARITIES)
    assert [expression.source(place) for place in range(len(expression.nodes))] == [
        *("2", "1", "x[1]", "1", "(x[1] + 1)"),
        text,
    ]


def test_each_name_has_its_bracket() -> None:
    opening = Token("(", "(", tokens("(")[0].span)
    found = [
        type(bracket_of(tokens(name)[0], opening))
        for name in ("sin", "ifelse", "dot", "norm", "sum", "prod", "max", "min")
    ]
    assert found == [
        CallBracket,
        ConditionalBracket,
        VectorBracket,
        VectorBracket,
        LoopBracket,
        LoopBracket,
        LoopBracket,
        LoopBracket,
    ]
    assert all(issubclass(kind, Bracket) for kind in found)


def test_loops_stand_in_bounds_bodies_and_one_another() -> None:
    text = "sum(prod(x[j] for j in 1:3) for i in max(1, 2):min(n, sum(1 for k in 1:2)))"
    expression = parse(text, ARITIES)
    assert [node.value for node in expression.nodes if node.kind == "loop"] == [
        *("prod", "sum", "sum"),
    ]
    assert str(expression) == text
