"""Where values and names occur, and how names are spelt."""

from __future__ import annotations

from collections import Counter
from keyword import iskeyword

from gdcli.autodiff.tape import ACCUMULATE, ELEMENT, INDEX, instructions
from gdcli.execute.occurrences import arrays, numeric, python_names, sizes, uses
from gdcli.functions.function import Function

NET = Function(
    "sum((sum(W[i,j]*t[j] for j in 1:m) - i*x[i+k])^2 for i in 1:n)",
    sizes={"n": 2, "k": 1},
    data={"t": [1, 2]},
)


def test_arrays_and_sizes() -> None:
    body = NET.gradient_tape.body
    assert sorted(arrays(body, ELEMENT)) == ["W", "t", "x"]
    assert sorted(arrays(body, ACCUMULATE)) == ["W", "x"]
    assert sorted(sizes(body)) == ["k", "m", "n"]


def test_an_index_that_is_a_number() -> None:
    body = NET.tape.body
    indices = {one.results[0] for one in instructions(body) if one.operation == INDEX}
    assert len(indices) == 2
    assert len(indices & numeric(body)) == 1


def test_a_use_inside_a_loop_counts_twice() -> None:
    tape = Function("sum(a*x[i] for i in 1:3) + a").tape
    counts = Counter(uses(tape.body, {}))
    (loaded,) = [one.results[0] for one in tape.body.instructions if one.operation == "load"]
    (element,) = [one.results[0] for one in instructions(tape.body) if one.operation == ELEMENT]
    assert counts[loaded] == 3
    assert counts[element] == 1


def test_names_that_python_cannot_have() -> None:
    names = (
        "x",
        "lambda",
        "v1",
        "x0",
        "point",
        "g_x",
        "exp_",
        "a_x0",
        "x.1",
        "kept",
        "ϵ",
        "ε",
        "n",
    )
    found = python_names(names)
    assert list(found) == list(names)
    assert found["x"] == "x"
    assert found["n"] == "n"
    assert len(set(found.values())) == len(names)
    assert all(text.isidentifier() and not iskeyword(text) for text in found.values())
    assert {"v1", "x0", "point", "g_x", "exp_", "kept"}.isdisjoint(found.values())
