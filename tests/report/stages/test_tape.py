"""Tapes of functions, and gradient tapes of functions with sums, which stay sums."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gdcli.autodiff.passes import VALUE_PASS_NAMES
from gdcli.autodiff.reverse import reverse
from gdcli.functions.function import Function
from gdcli.report.stages.tape import gradient_tape_stage, tape_stage

ROSENBROCK = "sum(100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2 for i in 1:n-1)"
NETWORK = "f(v, w) = sum((y[i] - sum(v[k]*tanh(w[k]*t[i]) for k in 1:m))^2 for i in 1:n)"
DATA = {"t": [-1.0, 0.0, 2.0], "y": [0.5, 0.1, 1.0]}


def shown(function: Function, after: str | None = None) -> str:
    return gradient_tape_stage(function, after).text


def test_a_sum_is_one_loop_of_any_length() -> None:
    few, many = (tape_stage(Function(ROSENBROCK, sizes={"n": n})) for n in (3, 10**9))
    assert few.text == many.text
    assert few.text.startswith("v0 = 100\nv1 = 2\nv2 = 1\nfor v3 in 1 : n - 1:\n  v4 = x[v3 + 1]\n")
    assert few.text.endswith("v13 = sum of v12\nreturn v13\n")
    assert few.summary == (("f", "v13"),)
    assert (few.content["sizes"], many.content["sizes"]) == ({"n": 3}, {"n": 10**9})


def test_lines_have_their_place_in_the_text() -> None:
    rows = tape_stage(Function("sum(x[i]^2 for i in 1:n)", sizes={"n": 5})).rows
    assert rows == [
        ("v0 = 2", "2", "10-10"),
        ("for v1 in 1 : n:", "", ""),
        ("  v2 = x[v1]", "x[i]", "5-8"),
        ("  v3 = v2^2", "x[i]^2", "5-10"),
        ("v4 = sum of v3", "sum(x[i]^2 for i in 1:n)", "1-24"),
    ]


def test_a_fused_sum_keeps_its_place_in_the_text() -> None:
    rows = gradient_tape_stage(Function("sum(x[i]^2 for i in 1:n)", sizes={"n": 5})).rows
    assert rows[-1][1:] == ("sum(x[i]^2 for i in 1:n)", "1-24")


def test_each_pass_leaves_less_to_do() -> None:
    function = Function(NETWORK, sizes={"m": 2}, data=DATA)
    reversed_, fused, stored = (shown(function, step) for step in ("reverse", "fuse", "tabulate"))
    assert [text.count("for ") for text in (reversed_, fused, stored)] == [5, 3, 3]
    assert [text.count("tanh(") for text in (reversed_, fused, stored)] == [3, 2, 1]
    assert "v11 = table of v8\n" in stored
    assert " = v11[v" in stored
    assert shown(function) == stored


def test_the_first_step_is_reverse_mode_itself() -> None:
    function = Function("sum(sin(x[i]) for i in 1:n)", sizes={"n": 5})
    expected = reverse(function.tape)
    found = gradient_tape_stage(function, "reverse").content
    assert found["outputs"] == expected.body.outputs
    assert len(found["instructions"]) == len(expected.body.instructions)


def test_scalars_beside_arrays_have_their_derivative_below() -> None:
    found = gradient_tape_stage(Function("a*sum(x[i] for i in 1:n)", sizes={"n": 5}))
    assert [label for label, _ in found.summary] == ["f", "∂f/∂a"]
    assert found.text.splitlines()[-1].count(", v") == 1


def test_json_has_loops_inside_loops() -> None:
    content = tape_stage(Function(NETWORK, sizes={"m": 2}, data=DATA)).content
    [outer] = [one for one in content["instructions"] if one["operation"] == "loop"]
    [inner] = [one for one in outer["body"]["instructions"] if one["operation"] == "loop"]
    assert (outer["low"], outer["high"], outer["reductions"]) == (["1"], ["n"], ("sum",))
    assert [one["element"] for one in inner["body"]["instructions"] if "element" in one] == [
        f"v[v{inner['body']['instructions'][0]['results'][0]}]",
        f"w[v{inner['body']['instructions'][0]['results'][0]}]",
    ]


def test_positions_count_from_one_to_the_last_character() -> None:
    rows = tape_stage(Function("x*sin(y)")).rows
    assert rows[-2:] == [("v2 = sin(v1)", "sin(y)", "3-8"), ("v3 = v0*v2", "x*sin(y)", "1-8")]


def test_a_parameter_has_no_place_in_the_text() -> None:
    rows = tape_stage(Function("a*x", {"a": "1/3"})).rows
    assert ("v3 = 1/3", "", "") in rows


def test_tables_sums_into_them_and_earlier_entries_have_their_lines() -> None:
    function = Function("p[1] = a; p[t in 2:4] = sin(p[t-1])*x[t]; sum(p[t]^2 for t in 1:4)")
    assert "    v3 = earlier v8[v2 - 1]\n" in tape_stage(function).text
    assert "v8 = table of v7\n" in tape_stage(function).text
    gradient = gradient_tape_stage(function)
    lines = gradient.text.splitlines()
    start = lines.index("v28 = sums over 1 : 4:")
    inside = lines[start + 1 :]
    assert "    v28[v12] += v15" in inside
    assert "  for v17 in 1 : 4, backwards:" in inside
    assert "    v21 = earlier v28[v17]" in inside
    assert "      v28[v17 - 1] += v25" in inside
    objects = list(every_object(gradient.content["instructions"]))
    sums = next(one for one in objects if one["operation"] == "accumulator")
    assert (sums["results"], sums["extents"]) == ((28,), ["1 : 4"])
    assert {"v8[v2 - 1]", "v28[v17]"} == {
        one["element"] for one in objects if one["operation"] == "earlier"
    }


def every_object(found: Any) -> Iterator[Any]:
    """The instructions of a tape's content, and those inside them."""
    for one in found:
        yield one
        for region in (*([one["body"]] if "body" in one else ()), *one.get("regions", ())):
            yield from every_object(region["instructions"])


def test_each_pass_before_differentiation_is_shown() -> None:
    text = "h[i in 1:n, k in 1:m] = tanh(w[k]*y[i]);"
    text += "sum(v[q]*sum(h[i,k]*exp(w[k] + y[i]) for k in 1:m) for q in 1:2, i in 1:n)"
    function = Function(text, sizes={"m": 3}, data={"y": [0.5, 1.0, -1.0]})
    plain = tape_stage(function).text
    shown = {name: tape_stage(function, after=name).text for name in VALUE_PASS_NAMES}
    order = "for v8 in 1 : 2:", "for v8 in 1 : n:"
    assert [one in plain for one in order] == [True, False]
    assert [one in shown["interchange"] for one in order] == [False, True]
    tables = {name: text.count("table of") for name, text in {"": plain, **shown}.items()}
    assert tables == {"": 2, "interchange": 2, "tabulate": 2, "contract": 0, "fuse": 0}
    loops = {name: text.count("for ") for name, text in {"": plain, **shown}.items()}
    assert loops == {"": 5, "interchange": 5, "tabulate": 5, "contract": 3, "fuse": 3}
