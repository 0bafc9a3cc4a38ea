"""The grammar, sentence by sentence of the contract, with the whole text of typical refusals."""

from __future__ import annotations

import ast
from collections.abc import Callable
from itertools import product
from textwrap import dedent

import pytest
from hypothesis import given

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import ExpressionError
from gdcli.language.parser import MAXIMUM_NESTING, TAKEN_NAMES, Arity, parse
from gdcli.language.syntax import Expression
from tests.expressions import infix
from tests.sweeps import examples, sampled


def bracketed(expression: Expression) -> str:
    """The tree of an arithmetic expression, with every operation in parentheses."""
    done: list[str] = []
    for node in expression.nodes:
        operands = [done[argument] for argument in node.arguments]
        if not operands:
            done.append(str(node.value))
        elif len(operands) == 1:
            done.append(f"(-{operands[0]})")
        else:
            done.append(f"({operands[0]}{node.value}{operands[1]})")
    return done[-1]


OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^"}


def by_python(node: ast.expr) -> str:
    """Python's own tree of the text, with every operation in parentheses."""
    if isinstance(node, ast.BinOp):
        return f"({by_python(node.left)}{OPERATORS[type(node.op)]}{by_python(node.right)})"
    if isinstance(node, ast.UnaryOp):
        inner = by_python(node.operand)
        return f"(-{inner})" if isinstance(node.op, ast.USub) else inner
    return ast.unparse(node)


@examples(250)
@given(infix)
def test_precedence_is_that_of_python(text: str) -> None:
    wanted = by_python(ast.parse(text, mode="eval").body)
    assert bracketed(parse(text, ARITIES)) == wanted
    assert bracketed(parse(text.replace("**", "^"), ARITIES)) == wanted


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("-x^2", "(-(x^2))"),
        ("2^3^2", "(2^(3^2))"),
        ("2^-1", "(2^(-1))"),
        ("2x", "(2*x)"),
        ("2e3x", "(2000*x)"),
        ("2x^2", "(2*(x^2))"),
        ("-2x^2", "((-2)*(x^2))"),
        ("(x+1)(y-1)", "((x+1)*(y-1))"),
        ("2(x)", "(2*x)"),
        ("2(x)(y)z", "(((2*x)*y)*z)"),
        ("(x)y", "(x*y)"),
        ("2 x", "(2*x)"),
        ("2pi", "(2*pi)"),
        ("3x + 2y", "((3*x)+(2*y))"),
        ("1/2*x", "((1/2)*x)"),
        ("1/2*3x", "(((1/2)*3)*x)"),
        ("3x/y", "((3*x)/y)"),
        ("x*2y", "((x*2)*y)"),
        ("x - -2y", "(x-((-2)*y))"),
        ("(1/2)x", "((1/2)*x)"),
        ("x/(2y)", "(x/(2*y))"),
        ("x^(2y)", "(x^(2*y))"),
        ("x^2*y", "((x^2)*y)"),
        ("2^-x*y", "((2^(-x))*y)"),
        ("x^-y^2", "(x^(-(y^2)))"),
    ],
)
def test_what_is_accepted(text: str, tree: str) -> None:
    assert bracketed(parse(text, ARITIES)) == tree


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("3sin(x)", "3*sin(x)"),
        ("sin(x)cos(x)", "sin(x)*cos(x)"),
        ("2(x+1)sin(y)^2", "2*(x + 1)*sin(y)^2"),
        ("max(x, y, z, 1)", "max(x, y, z, 1)"),
        ("max(x)", "max(x)"),
        ("f(x, e, pi) = e*x + pi", "f(x, e, pi) = e*x + pi"),
        ("f(x) = r = x^2; r", "f(x) = r = x^2; r"),
        ("x;", "x"),
        ("x[1]", "x[1]"),
        ("2x[ i + 1 ]", "2*x[i+1]"),
        ("W[i,j + 1]*b[2*n-1]", "W[i, j+1]*b[2*n-1]"),
        ("x₁[i]", "x1[i]"),
        ("sum(x[i]^2 for i in 1 : n)", "sum(x[i]^2 for i in 1:n)"),
        ("2prod(i for i in 1:3)y", "2*prod(i for i in 1:3)*y"),
        ("-max(x[i]-y for i in 1:n)^2", "-max(x[i] - y for i in 1:n)^2"),
        ("sum(x[j] for i in 1:n,j in max(1,i-1):min(n,i+1))",
         "sum(x[j] for i in 1:n, j in max(1, i-1):min(n, i+1))"),
        ("sum(sum(x[i]-x[j] for j in i+1:n) for i in 1:n)",
         "sum(sum(x[i] - x[j] for j in i+1:n) for i in 1:n)"),
        ("norm(x)+dot( x,y )", "norm(x) + dot(x, y)"),
        ("r = sum(x[i] for i in 1:2); r^2", "r = sum(x[i] for i in 1:2); r^2"),
        ("f(x[n], W[m,n+1], b)=x[1]", "f(x[n], W[m, n+1], b) = x[1]"),
        ("f(x[10]) = x[(2+1)*3]", "f(x[10]) = x[(2+1)*3]"),
        ("f(x[(n+1)*2-m]) = 1", "f(x[2*n+2-m]) = 1"),
        ("sum(ifelse(i < n, x[i], -1) for i in 1:n)", "sum(ifelse(i < n, x[i], -1) for i in 1:n)"),
    ],
)  # fmt: skip
def test_calls_parts_and_headers(text: str, normal: str) -> None:
    assert str(parse(text, ARITIES)) == normal


@pytest.mark.parametrize(
    ("text", "kind", "value", "count"),
    [
        ("sin(x)", "apply", "sin", 1),
        ("max(x, y, z)", "apply", "max", 3),
        ("min(x, y)", "apply", "min", 2),
        ("max(x for i in 1:n)", "loop", "max", 4),
        ("min(x for i in 1:n)", "loop", "min", 4),
        ("prod(x for i in 1:n)", "loop", "prod", 4),
        ("sum(x for i in 1:n, j in i:n)", "loop", "sum", 7),
        ("ifelse(x < 1, x, y)", "apply", "ifelse", 3),
        ("dot(x, y)", "apply", "dot", 2),
        ("norm(x)", "apply", "norm", 1),
        ("W[1, 2, 3]", "subscript", "W", 3),
    ],
)
def test_what_a_bracket_becomes(text: str, kind: str, value: str, count: int) -> None:
    node = parse(text, ARITIES).nodes[-1]
    assert (node.kind, node.value, len(node.arguments)) == (kind, value, count)
    assert node.span == (0, len(text))


def test_a_group_is_the_node_within_it() -> None:
    text = "2*(x[1] + 1)"
    expression = parse(text, ARITIES)
    assert [expression.source(place) for place in range(len(expression.nodes))] == [
        *("2", "1", "x[1]", "1", "(x[1] + 1)"),
        text,
    ]


def test_loops_stand_in_bounds_bodies_and_one_another() -> None:
    text = "sum(prod(x[j] for j in 1:3) for i in max(1, 2):min(n, sum(1 for k in 1:2)))"
    expression = parse(text, ARITIES)
    assert [node.value for node in expression.nodes if node.kind == "loop"] == [
        *("prod", "sum", "sum"),
    ]
    assert str(expression) == text


def test_the_nodes_of_a_part_stand_before_those_of_the_body() -> None:
    expression = parse("r = x + 1; sum(y[i] for i in 1:2)", ARITIES)
    assert [definition.root for definition in expression.definitions] == [2]
    assert expression.nodes[-1].kind == "loop"


def refusal(text: str) -> str:
    with pytest.raises(ExpressionError) as caught:
        parse(text, ARITIES)
    assert caught.value.exit_status == 2
    return str(caught.value)


@pytest.mark.parametrize(
    "whole",
    [
        """\
        `1/2x` can be read in two ways; write (1/2)*x or 1/(2*x)
          1/2x
           ^^^""",
        """\
        `2^3x` can be read in two ways; write 2^3*x or 2^(3*x)
          2^3x
           ^^^""",
        """\
        `x^2y` can be read in two ways; write x^2*y or x^(2*y)
          x^2y
           ^^^""",
        """\
        `x^-2y` can be read in two ways; write x^-2*y or x^(-2*y)
          x^-2y
           ^^^^""",
        """\
        `2^3(x)` can be read in two ways; write 2^3*(x) or 2^(3*(x))
          2^3(x)
           ^^^""",
        """\
        `x^2y` can be read in two ways; write x^2*y or x^(2*y)
          2x^2y
            ^^^""",
        """\
        `sin(x)^2cos(x)` can be read in two ways; write sin(x)^2*cos(x) or sin(x)^(2*cos(x))
          sin(x)^2cos(x)
                ^^^^^""",
        """\
        `(1)/(2)(x)` can be read in two ways; write ((1)/(2))*(x) or (1)/((2)*(x))
          (1)/(2)(x)
             ^^^^^""",
        """\
        an operator is missing between `x` and `y`; write x*y
          x y
          ^^^""",
        """\
        an operator is missing between `2` and `2`; write 2*2
          2 2
          ^^^""",
        """\
        `sin` is a function and takes its argument in parentheses; write sin(x)
          sin x
          ^^^^^""",
        """\
        `x` is not a function; write x*(y+1)
          x(y+1)
          ^""",
        """\
        `pi` is not a function; write pi*(x+1)
          pi(x+1)
          ^^""",
        """\
        `b` is not a function; write b*(c)
          a/b(c)
            ^""",
        """\
        `cosn` is not a function; did you mean cos?
          cosn(x)
          ^^^^""",
        """\
        this `(` is never closed; is a `)` missing?
          2*(x+(y)
            ^""",
        """\
        this `)` closes nothing; is a `(` missing?
          x)
           ^""",
        """\
        a number, a name or `(` is missing after `^`
          x^
            ^""",
        """\
        atan2 takes 2 arguments, not 1; write atan(x)
          1 + atan2(x)
              ^^^^^^^^""",
        """\
        a comparison stands only in `ifelse(a < b, u, v)`, as its first argument
          x < 2
            ^""",
        """\
        ifelse begins with a comparison: `ifelse(x < 0, -x, x)`
          ifelse(x, 1, 2)
                 ^""",
        """\
        ifelse takes 3 arguments, not 2
          ifelse(x < 1, 2)
          ^^^^^^^^^^^^^^^^""",
        """\
        `sin` cannot be a function of your own: the name is taken
          sin(x) = 2
          ^^^""",
        """\
        `x` is declared twice
          f(x, y, x) = 1
                  ^""",
        """\
        `x` is both a part and a variable
          f(x) = x = 2; x
                 ^""",
        """\
        the part `r` is named twice
          r = 1; r = 2; r
                 ^""",
        """\
        `x.real` is no name: they have no dots; write x*real for a product
          x.real
          ^^^^^^""",
        """\
        `_` is not a character of the language; type a letter first: names begin with one
          __import__('os')
          ^""",
    ],
)
def test_whole_refusals(whole: str) -> None:
    whole = dedent(whole)
    text = whole.splitlines()[1].strip()
    assert refusal(text) == whole


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "+", "*x", "()", "x,y", "(x,y)", "sin()", "max()", "sin", "ifelse", "2+*3"),
        *("x;y", ";", "x;;", "f(x) =", "f() = 1", "f(2) = 2", "f(x y) = 1", "f(x)=x; x", "x = 2"),
        *("sin = 2; sin", "for = 1; 2", "f(in) = 1", "f(sum) = 1", "for", "in", "x in y", "2 for"),
        *("f(x) = g(x) = x", "x == y", "ifelse(x < y < 1, 1, 2)", "ifelse((x < 1), 1, 2)"),
        *("ifelse(x < 1, y < 2, 3)", "ifelse(x = 1, 2, 3)", "x[", "[1, 2]", "f(x[]) = 1"),
        *(
            "2 in 1:n",
            "a:b",
            "x[1]y",
            "x[1](y)2",
            "sum(x[i] for i in 1:n",
            "sum(x[i] for i in 1:n]",
        ),
        *("sum(for i in 1:n)", "sum(x[i] for i)", "sum(x[i] for i in)", "sum(x[i] for i in 1:n,)"),
        *(
            "f(x[n) = 1",
            "f(x]) = 1",
            "f(x[n]y) = 1",
            "f(x[n], x[m]) = 1",
            "f(sum[n]) = 1",
            "max[1]",
        ),
        *("sum[1]", "for[1]", "in[1]", "x[for]", "x[1,]", "x[,1]", "x[1 2]", "x[[1]]", "A[:,1]"),
        *(
            "norm()",
            "sum(x, y)",
            "mean(x, y)",
            "logsumexp()",
            "dot(x)",
            "dot(x, y, z)",
        ),
        *("sum", "x!", "1e99999", "9" * 1001),
        *("1/2(x)", "1/x(y)", "x/2sin(y)", "2^x(y)", "1/-2x", "2^--3x", "a/(b)c", "e^2x", "2^(3)x"),
        *(
            "sin^2(x)",
            "exp x",
            "log2",
            "min",
            "exp(x, y)",
            "hypot(1)",
            "hypot(1, 2, 3)",
            "abs(1,2)",
        ),
        *("(x)2", "ifelse(x < y, x, y)2", "2 3x", "x 2", "1.2.3", "x..5", "1_0"),
    ],
)
def test_refused(text: str) -> None:
    assert len(refusal(text)) > 10


def test_the_parser_knows_no_function_itself() -> None:
    assert str(parse("spam(x, y)", {"spam": Arity(2, 2)})) == "spam(x, y)"
    with pytest.raises(ExpressionError, match=r"^`sin` is not a function"):
        parse("sin(x)", {})


@pytest.mark.parametrize("opening", sampled(["(", "sin(", "max(1, ", "-(", "2(", "2^("], 2))
def test_nesting_is_bounded(opening: str) -> None:
    deep = opening * MAXIMUM_NESTING + "x" + ")" * MAXIMUM_NESTING
    parse(deep, ARITIES)
    assert refusal(f"({deep})").startswith("more than 1000 brackets stand inside one another")
    assert refusal(opening * 20_000).startswith("more than 1000 brackets")


@pytest.mark.parametrize("opening", ["x[", "sum(", "max(x[", "norm("])
def test_nesting_of_every_bracket_is_bounded(opening: str) -> None:
    assert refusal(opening * (MAXIMUM_NESTING + 1)).startswith("more than 1000 brackets")


def test_names_that_mean_something_are_taken() -> None:
    for name in TAKEN_NAMES:
        refusal(f"f({name}) = 1")
        refusal(f"{name} = 1; 2")
        refusal(f"sum(1 for {name} in 1:3)")


LONG: dict[str, Callable[[int], str]] = {
    "sum": lambda n: "+".join(["x"] * (n // 2)),
    "powers": lambda n: "^".join(["2"] * (n // 2)),
    "signs": lambda n: "-" * (n - 1) + "x",
    "products": lambda n: "2" + "(x)" * (n // 3),
    "parts": lambda n: "".join(f"part{k}=1;" for k in range(n // 11)) + "x",
    "header": lambda n: f"f({','.join(f'x{k}' for k in range(n // 7))}) = x1",
    "arguments": lambda n: f"max({','.join(['x'] * (n // 2 - 3))})",
    "elements": lambda n: "+".join(f"x[{k}]" for k in range(1, n // 11)),
    "loops": lambda n: "sum(" * (n // 110) + "x[1]" + " for i in 1:2)" * (n // 110),
    "ranges": lambda n: f"sum(x[i] for {', '.join(f'i{k} in 1:n' for k in range(n // 13))})",
    "vectors": lambda n: f"f({','.join(f'x{k}[n]' for k in range(n // 12))}) = x1[1]",
    "subscript": lambda n: f"x[{'1+' * (2 * n // 5)}1]",
}


@pytest.mark.parametrize(
    ("name", "length"),
    [*((name, 3_000) for name in LONG), *sampled(product(LONG, [10_000, 100_000]), 1)],
)
def test_a_long_text(name: str, length: int) -> None:
    expression = parse(LONG[name](length), ARITIES)
    assert parse(str(expression), ARITIES) == expression


@pytest.mark.parametrize(
    "text",
    sampled(
        [
            *(")" * 100_000, "(" * 100_000, "," * 99_999, "x " * 50_000),
            *("9" * 100_000, "1e" + "9" * 99_990),
        ],
        1,
    ),
)
def test_a_hundred_kilobytes_of_nonsense_is_answered_in_a_few_lines(text: str) -> None:
    assert len(refusal(text)) < 500
