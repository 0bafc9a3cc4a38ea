"""Expression to tape: what is one value, what is decided, what is computed on one side only."""

from __future__ import annotations

from textwrap import dedent

import pytest

from gdcli.autodiff.lower import lower
from gdcli.autodiff.tape import APPLY, BRANCH, Region, Tape
from gdcli.errors import ExpressionError
from gdcli.functions.function import Function
from gdcli.functions.resolved import resolve
from tests.sweeps import sampled


def applied(text: str, **parameters: str) -> list[str]:
    """The names of all primitives on the tape."""
    found: list[str] = []

    def walk(region: Region) -> None:
        for instruction in region.instructions:
            for inner in instruction.regions:
                walk(inner)
            if instruction.operation in (APPLY, BRANCH):
                found.append(instruction.payload)

    walk(Function(text, parameters).tape.body)
    return found


def tape(text: str) -> Tape:
    return Function(text).tape


def test_a_tape_in_print() -> None:
    assert str(tape("ifelse(x > 0.10, log(x)*y, pi) + y^3")) == dedent("""\
        v0 = load 0
        v1 = load 1
        v2 = constant 0.1
        v3 = constant pi
        v6 = branch v0 > v2 {
          v4 = apply log v0
          v5 = apply * v4, v1
          yield v5
        } else {
          yield v3
        }
        v7 = constant 3
        v8 = apply pow-integer v1, v7
        v9 = apply + v6, v8
        return v9""")


def test_printing_is_the_same_every_time() -> None:
    text = "r = x^y; ifelse(r > 1, max(x, y, 2), sin(r)) + max(x, y, 2)*r"
    assert {str(Function(text).gradient_tape) for _ in range(5)} == {
        str(Function(text).gradient_tape)
    }
    assert str(tape("sin(x) + sin(x)")) == str(tape("sin( (x) )+sin(x)"))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("sin(x) + sin(x)", ["sin", "+"]),
        ("(x + y)^2 + (x + y)^2", ["+", "pow-integer", "+"]),
        ("x + y + (x + y)", ["+", "+"]),
        ("r = exp(x); r*r", ["exp", "*"]),
        ("ln(x) + log(x)", ["log", "+"]),
        ("arcsin(x)*asin(x)", ["asin", "*"]),
        ("x^2^1*x^2", ["pow-integer", "*"]),
        ("r = exp(x); 2*x", ["*"]),
        ("ifelse(x > 0, sin(x), sin(x))", ["sin", "sin", ">"]),
        ("sin(x) + ifelse(x > 0, sin(x), 1)", ["sin", ">", "+"]),
        ("ifelse(x > 0, sin(x), 1) + sin(x)", ["sin", ">", "sin", "+"]),
        ("ifelse(x > 0, sin(x), 1) + ifelse(x > 0, sin(x), 2)", ["sin", ">", ">", "+"]),
        ("ifelse(x > 0, sin(x), 1) + ifelse(x < 0, sin(x), 2)", ["sin", ">", "sin", "<", "+"]),
    ],
)
def test_equal_values_are_one_value(text: str, names: list[str]) -> None:
    assert applied(text) == names


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("none", ("x^1", "x^0", "x^(0.1 + 0.9)", "x^-(-1)", "x^(3 - 0.5*4)", "x^(1/2*2)")),
        ("pow-integer", ("x^2", "x^-3", "x^2.0", "x^(4/2)", "x^(0.3/0.1)", "x^(3 - 0.5*2)")),
        ("pow-integer", ("x^-(-2)", "x^2^3", "x^(-2)^3", "n = 3; x^n", "n = 1; x^(n + n)")),
        ("pow-general", ("x^0.5", "x^(1/3)", "x^y", "x^pi", "2^x", "x^2^-1", "x^1e300", "x^9^9^9")),
    ],
)
def test_powers_by_their_exponent(kind: str, texts: tuple[str, ...]) -> None:
    for text in texts:
        powers = [name for name in applied(text) if name.startswith("pow-")]
        assert (powers or ["none"])[-1] == kind, text


def test_a_parameter_makes_an_integer_power() -> None:
    assert applied("x^a", a="3") == ["pow-integer"]
    assert applied("x^a", a="6/2")[-1] == "pow-integer"
    assert applied("x^a", a="1/2")[-1] == "pow-general"


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("ifelse(0.3 - 0.2 == 0.1, x, y)", "x"),
        ("ifelse(1 < 2, x, y)", "x"),
        ("ifelse(1e400 > 1e399, x, y)", "x"),
        ("ifelse(2^10 == 1024, x, y)", "x"),
        ("ifelse(0.1 + 0.2 != 0.3, x, y)", "y"),
        ("n = 2; ifelse(n >= 3, x, y)", "y"),
    ],
)
def test_comparisons_of_decimals_are_decided_exactly(text: str, normal: str) -> None:
    assert str(tape(f"f(x, y) = {text}")) == str(tape(f"f(x, y) = {normal}"))


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("r = log(x); ifelse(x > 0, r, x)", 1),
        ("r = log(x); r + ifelse(x > 0, r, x)", 0),
        ("r = log(x); s = r^2; ifelse(x > 0, s, r)", 3),
        ("r = log(x); ifelse(r > 0, r, x)", 0),
    ],
)
def test_what_one_side_uses_is_computed_on_that_side(text: str, inside: int) -> None:
    branch = next(i for i in tape(text).body.instructions if i.operation == BRANCH)
    assert sum(len(region.instructions) for region in branch.regions) == inside


def nested(levels: int, inner: str) -> str:
    return f"ifelse(x > 1, {inner}, " * levels + inner + ")" * levels


def test_64_branches_inside_one_another_work_with_everything_in_them() -> None:
    function = Function(nested(64, "x^y"))
    assert function.evaluate_gradient([3.0, 2.0]) == (9.0, [6.0, pytest.approx(9.887510598012987)])
    assert function.evaluate_hessian([3.0, 2.0])[0][0] == 2.0


@pytest.mark.parametrize(
    "text",
    [
        nested(65, "x"),
        nested(900, "x"),
        "r0 = x; "
        + "".join(f"r{n} = ifelse(x > {n}, 1, r{n - 1}); " for n in range(1, 70))
        + "r69",
    ],
)
def test_65_are_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="more than 64 `ifelse` stand inside one another"):
        _ = Function(text).tape


def test_deep_branches_in_a_parameter_are_refused_too() -> None:
    value = "ifelse(pi > 3, " * 65 + "1" + ", 2)" * 65
    with pytest.raises(ExpressionError, match="more than 64"):
        _ = Function("a*x", {"a": value}).tape


def test_the_loops_of_a_part_stand_inside_those_around_its_name() -> None:
    def ranges(letter: str, count: int) -> str:
        return ", ".join(f"{letter}{n} in 1:1" for n in range(count))

    assert Function(f"r = sum(x for {ranges('i', 8)}); sum(r for {ranges('j', 8)})").tape
    with pytest.raises(ExpressionError, match=r"^more than 16 loops stand inside one another"):
        _ = Function(f"r = sum(x for {ranges('i', 8)}); sum(r for {ranges('j', 9)})").tape


def test_parts_that_double_at_each_link_are_refused() -> None:
    chain = "".join(f"p{n} = ifelse(x > {n}, p{n - 1}, -p{n - 1}); " for n in range(1, 40))
    with pytest.raises(ExpressionError, match="too much work"):
        _ = Function(f"p0 = sin(x); {chain}p39").tape
    assert Function(f"p0 = sin(x); {chain}p0 + p5").evaluate([0.0]) == 0.0


@pytest.mark.parametrize(
    "text",
    sampled(
        [
            "sin(" * 1000 + "x" + ")" * 1000,
            "-" * 3000 + "x",
            "^".join(["x"] * 1500),
            "+".join(f"x^r{n}" for n in range(1500)),
            "x^(" + "+".join(["1"] * 3000) + ")",
            "+".join(f"ifelse(x > {n}, x, {n})" for n in range(600)),
        ],
        2,
    ),
)
def test_long_and_deep_texts_are_lowered_and_reversed(text: str) -> None:
    if "x^r0" in text:
        text = "r0 = 1; " + "".join(f"r{n} = r{n - 1} + 1; " for n in range(1, 1500)) + text
    function = Function(text)
    assert len(function.evaluate_gradient([0.5])[1]) == 1


def test_origins_name_the_node_that_was_written() -> None:
    function = Function("log(x - y)*2", {})
    origins = [
        function.expression.source(instruction.origin)
        for instruction in function.gradient_tape.body.instructions
        if instruction.operation == APPLY
    ]
    assert origins[:3] == ["x - y", "log(x - y)", "log(x - y)*2"]
    assert set(origins) <= {"x - y", "log(x - y)", "log(x - y)*2"}


def printed(text: str, **sizes: int) -> str:
    resolved = resolve(text, sizes=sizes)
    return str(lower(resolved.expression, resolved.roles))


def test_an_array_part_is_one_table_wherever_it_is_used() -> None:
    text = "f(x[n]) = h[i in 1:n] = x[i]^2; sum(h[i]*h[n] for i in 1:n) + dot(h, h)"
    assert printed(text, n=4) == dedent("""\
        v0 = constant 2
        v4 = loop 1 : n {
          v1 = index
          v2 = element x[v1]
          v3 = apply pow-integer v2, v0
          yield v3 by table
        }
        v5 = element v4[n]
        v9 = loop 1 : n {
          v6 = index
          v7 = element v4[v6]
          v8 = apply * v7, v5
          yield v8 by sum
        }
        v13 = loop 1 : n {
          v10 = index
          v11 = element v4[v10]
          v12 = apply * v11, v11
          yield v12 by sum
        }
        v14 = apply + v9, v13
        return v14""")


def test_coupled_recurrences_are_one_loop_in_which_the_index_decides_between_pieces() -> None:
    text = "f(a, s) = p[1] = a; q[1] = 0; p[t in 2:n] = p[t-1] + exp(s)*q[t-1]; "
    assert printed(text + "q[t in 2:n] = q[t-1] - s*p[t]; p[n]", n=4) == dedent("""\
        v0 = load 0
        v1 = load 1
        v2 = constant 1
        v3 = constant 0
        v4 = apply exp v1
        v14, v15 = loop 1 : n {
          v5 = index
          v12, v13 = branch v5 <= v2 {
            yield v0, v3
          } else {
            v6 = earlier v5[v5 - 1]
            v7 = earlier v5.1[v5 - 1]
            v8 = apply * v4, v7
            v9 = apply + v6, v8
            v10 = apply * v1, v9
            v11 = apply - v7, v10
            yield v9, v11
          }
          yield v12 by table, v13 by table
        }
        v16 = element v14[n]
        return v16""")


def test_an_entry_of_this_row_is_read_of_the_inner_loop_and_of_one_before_of_the_outer() -> None:
    text = "f(a) = u[i in 1:2, 1] = a; u[1, j in 2:3] = a; u[2, j in 2:3] = u[1,j] + u[2,j-1]; "
    lines = printed(text + "u[2,3]").splitlines()
    outer, inner = (line.partition(" =")[0].strip() for line in lines if line.endswith("= index"))
    read = [line.partition(" = ")[2] for line in lines if "= earlier" in line]
    assert read == [f"earlier {outer}[1, {inner}]", f"earlier {inner}[{inner} - 1]"]


def test_a_part_of_one_side_is_computed_there() -> None:
    side = printed("f(x) = h[i in 1:3] = log(x*i); ifelse(x < 0, x, h[1] + h[3])").splitlines()
    assert side.index("} else {") < next(n for n, line in enumerate(side) if "log" in line)
    text = "f(a, x[3]) = h[i in 1:3] = log(x[i]); sum(ifelse(a > 0, h[i], x[i]) for i in 1:3)"
    inside = printed(text)
    assert inside.index("branch") < inside.index("log")


def test_a_part_of_a_side_that_an_index_decides_is_computed_before_the_loop() -> None:
    text = "f(x[3]) = h[i in 1:3] = exp(x[i]); sum(ifelse(x[i] > 0, h[i], 0) for i in 1:3)"
    _, first, second = printed(text).split("loop 1 : 3")
    assert "exp" in first
    assert "branch" in second


def test_what_a_piece_needs_alike_in_each_step_is_computed_before_its_loop() -> None:
    text = "u[1] = 1; u[t in 2:9] = u[t-1]*sum(exp(x[i]) for i in 1:3); u[9]"
    before, _, loop = printed(text).partition("loop 1 : 9")
    assert "exp" in before
    assert "exp" not in loop


def test_many_pieces_are_told_apart_by_few_comparisons() -> None:
    pieces = "; ".join(f"u[{i}] = x*{i}" for i in range(1, 257))
    text = printed(f"f(x) = {pieces}; u[t in 257:100000] = u[t-1]; u[100000]")
    lines = text.splitlines()
    sides = [len(line) - len(line.lstrip()) for line in lines if "= branch" in line]
    assert len(sides) == 256
    assert max(sides) == 2 * 9  # the recurrence in one comparison, the others in eight more
    recurrent = next(line for line in lines if "earlier" in line)
    assert len(recurrent) - len(recurrent.lstrip()) == 2 * 2
