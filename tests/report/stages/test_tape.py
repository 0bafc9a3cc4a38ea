"""Tapes of functions, and gradient tapes of functions with sums, which stay sums."""

from __future__ import annotations

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
