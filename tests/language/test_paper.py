"""Texts written as on paper: superscripts, signs, roots and bars, against a tree made first."""

from __future__ import annotations

import math
import random
from typing import NamedTuple

import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import ExpressionError
from gdcli.functions.function import Function
from gdcli.language.lexer import written_as_on_paper
from gdcli.language.parser import parse
from tests.sweeps import sampled

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
POINT = {"x": 0.7, "y": -1.3, "r": 2.1, "α": 0.4, "x1": 1.9}
SPELLINGS = {"x1": "x₁"}


class Drawn(NamedTuple):
    """A formula as it is written, and its value; what may stand beside it follows from the rest.

    `level` is 1 for a sum, 2 for a product, 3 for a negative, 4 for a power, 5 for an atom. `tail`
    tells what it ends with, `head` what it begins with.
    """

    text: str
    value: float
    level: int
    head: str  # number, name, root, bar, open, minus
    tail: str  # number, name, raised, close, bar; root where a root without parentheses ends it


class PaperWriter:
    """Makes formulas from the inside out: first the value, then how it is written."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def formula(self, depth: int) -> Drawn:
        """A formula of `depth` operations inside one another."""
        if depth == 0:
            return self.leaf()
        makers = (self.sum, self.product, self.product, self.quotient, self.raised, self.raised,
                  self.root, self.bars, self.call, self.negative, self.power)  # fmt: skip
        while True:
            made = self.random.choice(makers)(depth - 1)
            if made is not None and math.isfinite(made.value) and 1e-9 < abs(made.value) < 1e9:
                return made

    def some(self, depth: int) -> Drawn:
        return self.formula(self.random.randint(0, depth))

    def leaf(self) -> Drawn:
        if self.random.random() < 0.4:
            text = self.random.choice(("2", "3", "0.5", "1.5", "10", "4.", ".25", "1e−1", "2e1"))
            return Drawn(text, float(text.replace("−", "-")), 5, "number", "number")
        if self.random.random() < 0.2:
            return Drawn("π", math.pi, 5, "name", "number")
        name = self.random.choice(tuple(POINT))
        return Drawn(SPELLINGS.get(name, name), POINT[name], 5, "name", "name")

    def blank(self) -> str:
        return self.random.choice(("", "", " "))

    def group(self, inner: Drawn) -> Drawn:
        return Drawn(f"({inner.text})", inner.value, 5, "open", "close")

    def at_least(self, level: int, inner: Drawn) -> Drawn:
        return inner if inner.level >= level else self.group(inner)

    def sum(self, depth: int) -> Drawn:
        left, right = self.some(depth), self.at_least(2, self.some(depth))
        sign = self.random.choice("+-−")
        value = left.value + right.value if sign == "+" else left.value - right.value
        text = f"{left.text}{self.blank()}{sign}{self.blank()}{right.text}"
        return Drawn(text, value, 1, left.head, right.tail)

    def product(self, depth: int) -> Drawn:
        left, right = self.at_least(2, self.some(depth)), self.at_least(3, self.some(depth))
        value = left.value * right.value
        beside = left.tail in ("number", "close", "raised") and right.head in (
            ("name", "open", "root", "bar") if left.tail == "number" else ("name", "open", "root")
        )
        if beside and "÷" not in left.text and "/" not in left.text and "∕" not in left.text:
            third = left.tail == "raised" and right.head == "root"  # ³√ is a cube root
            text = f"{left.text}{' ' if third else self.blank()}{right.text}"
            return Drawn(text, value, 2, left.head, right.tail)
        sign = self.random.choice(("*", "·", "×", "⋅", "∗"))
        text = f"{left.text}{self.blank()}{sign}{self.blank()}{right.text}"
        return Drawn(text, value, 2, left.head, right.tail)

    def quotient(self, depth: int) -> Drawn:
        left, right = self.at_least(2, self.some(depth)), self.at_least(4, self.some(depth))
        sign = self.random.choice("/÷∕")
        # What stands behind a divisor is never written beside it.
        return Drawn(f"{left.text}{sign}{right.text}", left.value / right.value, 2, left.head, "")

    def raised(self, depth: int) -> Drawn | None:
        base = self.at_least(5, self.some(depth))
        exponent = self.random.choice((2, 2, 2, 3, 1, -1, -2, 0, 10))
        if base.text.endswith("."):
            return None
        text = f"{base.text}{str(exponent).translate(RAISED)}"
        return Drawn(text, base.value**exponent, 4, base.head, "raised")

    def root(self, depth: int) -> Drawn | None:
        inner = self.at_least(5, self.some(depth))
        if inner.value < 0:
            return None
        return Drawn(f"√{self.blank()}{inner.text}", math.sqrt(inner.value), 4, "root", "root")

    def bars(self, depth: int) -> Drawn | None:
        inner = self.some(depth)
        if inner.text.endswith("|") or inner.text.startswith("|"):
            return None
        if "|" in inner.text:  # a number before it would close the outer bar
            inner = self.group(inner)
        return Drawn(f"|{inner.text}|", abs(inner.value), 5, "bar", "bar")

    def call(self, depth: int) -> Drawn:
        inner = self.some(depth)
        name, function = self.random.choice(
            (("sin", math.sin), ("cos", math.cos), ("tanh", math.tanh), ("atan", math.atan))
        )
        if self.random.random() < 0.5:
            text = f"{name}²{self.blank()}({inner.text})"
            return Drawn(text, function(inner.value) ** 2, 4, "name", "")
        return Drawn(f"{name}({inner.text})", function(inner.value), 5, "name", "close")

    def negative(self, depth: int) -> Drawn:
        inner = self.at_least(4, self.some(depth))
        return Drawn(
            f"{self.random.choice('-−')}{inner.text}", -inner.value, 3, "minus", inner.tail
        )

    def power(self, depth: int) -> Drawn | None:
        """A power with `^`, whose exponent has no superscript and no root that go on."""
        base = self.at_least(5, self.some(depth))
        exponent = self.group(self.some(depth))
        if not 0.05 < base.value < 50 or abs(exponent.value) > 5:
            return None
        return Drawn(f"{base.text}^{exponent.text}", base.value**exponent.value, 4, base.head, "")


def value_of(text: str) -> float:
    function = Function(text, parameters=None)
    return (
        function([POINT[name] for name in function.variables])
        if function.variables
        else function([])
    )


@pytest.mark.parametrize("seed", sampled(range(334), 4))
def test_a_formula_as_on_paper_has_the_value_it_was_made_with(seed: int) -> None:
    writer = PaperWriter(seed)
    for _ in range(300):
        drawn = writer.formula(writer.random.randint(1, 4))
        expression = parse(drawn.text, ARITIES)
        plain = str(expression)
        assert parse(plain, ARITIES) == expression, drawn.text
        assert not written_as_on_paper(plain), drawn.text
        for text in (drawn.text, plain):
            assert value_of(text) == pytest.approx(drawn.value, rel=1e-9), drawn.text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("x²", "x^2"),
        ("x³", "x^3"),
        ("x¹⁰", "x^10"),
        ("x⁻¹", "x^-1"),
        ("x ²", "x^2"),
        ("2²", "2^2"),
        ("-x²", "-x^2"),
        ("3x²y", "3*x^2*y"),
        ("x²y²", "x^2*y^2"),
        ("x²(y+1)", "x^2*(y + 1)"),
        ("x²sin(y)", "x^2*sin(y)"),
        ("(x+1)²y", "(x + 1)^2*y"),
        ("x[1]²", "x[1]^2"),
        ("x₁²", "x1^2"),
        ("x²/y²", "x^2/y^2"),
        ("1/x²", "1/x^2"),
        ("sin(x)²", "sin(x)^2"),
        ("sin²(x)", "sin(x)^2"),
        ("sin¹⁰ (x + 1)", "sin(x + 1)^10"),
        ("max²(x, y)", "max(x, y)^2"),
        ("sum²(x[i] for i in 1:2)", "sum(x[i] for i in 1:2)^2"),
        ("2^sin²(x)", "2^sin(x)^2"),
        ("10⁻⁸x", "10^-8*x"),
        ("gamma²", "gamma^2"),
        ("x·y×z⋅a∗b", "x*y*z*a*b"),
        ("x÷y∕z−1", "x/y/z - 1"),
        ("−x", "-x"),
        ("2^−x", "2^-x"),
        ("1e−8x", "0.00000001*x"),
        ("ifelse(x≤1, 1, ifelse(x≥2, 2, ifelse(x≠3, 3, 4)))",
         "ifelse(x <= 1, 1, ifelse(x >= 2, 2, ifelse(x != 3, 3, 4)))"),
        ("√x", "sqrt(x)"),
        ("√2", "sqrt(2)"),
        ("√(x+1)", "sqrt(x + 1)"),
        ("√ x", "sqrt(x)"),
        ("√√x", "sqrt(sqrt(x))"),
        ("√x[1]", "sqrt(x[1])"),
        ("√sin(x)", "sqrt(sin(x))"),
        ("√sin²(x)", "sqrt(sin(x)^2)"),
        ("√|x|", "sqrt(abs(x))"),
        ("2√x", "2*sqrt(x)"),
        ("2√2√x", None),
        ("x²√y", "x^2*sqrt(y)"),
        ("x³ √y", "x^3*sqrt(y)"),
        ("-√x", "-sqrt(x)"),
        ("2^√x", "2^sqrt(x)"),
        ("√x/√y", "sqrt(x)/sqrt(y)"),
        ("√x + √y·√2", "sqrt(x) + sqrt(y)*sqrt(2)"),
        ("(√x)²", "sqrt(x)^2"),
        ("|x|", "abs(x)"),
        ("|-x|", "abs(-x)"),
        ("-|x|", "-abs(x)"),
        ("|x + 1|²", "abs(x + 1)^2"),
        ("|x|^2", "abs(x)^2"),
        ("2|x|", "2*abs(x)"),
        ("2π|x|", "2*pi*abs(x)"),
        ("|x|*|y|", "abs(x)*abs(y)"),
        ("|x|/|y| - |z|", "abs(x)/abs(y) - abs(z)"),
        ("x^|y|", "x^abs(y)"),
        ("| |x| - 1|", "abs(abs(x) - 1)"),
        ("|2*|x| + 1|", "abs(2*abs(x) + 1)"),
        ("|(2|x|)|", "abs(2*abs(x))"),
        ("max(|x|, 2|y|)", "max(abs(x), 2*abs(y))"),
        ("sum(|x[i]| for i in 1:2)", "sum(abs(x[i]) for i in 1:2)"),
        ("ifelse(|x| < 1, |y|, 2)", "ifelse(abs(x) < 1, abs(y), 2)"),
        ("|sin(|x|)|", "abs(sin(abs(x)))"),
        ("2πr", "2*pi*r"),
        ("πr²", "pi*r^2"),
        ("2π(r+1)", "2*pi*(r + 1)"),
        ("ππ", "pi*pi"),
        ("sin(2πx)", "sin(2*pi*x)"),
        ("f(π, r) = πr", "f(pi, r) = pi*r"),
        ("2.*x", "2.*x"),
        ("2./x", "2./x"),
        ("2.^x", "2.^x"),
        ("2.**x", "2.^x"),
        ("2.-x", "2 .- x"),
        ("2.+x", "2 .+ x"),
        ("1e5.*x", "100000.*x"),
        ("2.5 .* x", "2.5.*x"),
        ("x .+ y.*z", "x .+ y.*z"),
        ("x .- (y .- z)", "x .- (y .- z)"),
        ("x.^-y.^2", "x.^-y.^2"),
        ("(x.^y)^2", "(x.^y)^2"),
        ("Aᵀ", "A'"),
        ("Aᵀx", "A'*x"),
        ("x'y", "x'*y"),
        ("transpose(A)*x", "A'*x"),
        ("(A+B)'", "(A + B)'"),
        ("(-x)'", "(-x)'"),
        ("-x'", "-x'"),
        ("A''", "A''"),
        ("A²'", "(A^2)'"),
        ("A'²", "A'^2"),
        ("√x'", "sqrt(x')"),
        ("2.^x'", "2.^x'"),
        ("tanh(x)'", "tanh(x)'"),
        ("2. * x", "2*x"),
        ("2.x", "2*x"),
        ("2.5*x", "2.5*x"),
        ("x^2.*y", "x^2.*y"),
        ("0x", "0*x"),
        ("10x10", "10*x10"),
        ("2e3x", "2000*x"),
        ("1e5e", "100000*e"),
        ("0b", "0*b"),
    ],
)  # fmt: skip
def test_each_sign_has_its_plain_form(text: str, plain: str | None) -> None:
    if plain is None:
        with pytest.raises(ExpressionError, match="can be read in two ways"):
            parse(text, ARITIES)
        return
    assert str(parse(text, ARITIES)) == plain
    assert parse(plain, ARITIES) == parse(text, ARITIES)


@pytest.mark.parametrize(
    "text",
    [
        *("²", "²x", "+²", "x + ²", "x²3", "x²²²³^2", "(²)", "f²(x) = 1", "x[²]", "√", "√)"),
        *("√-x", "√+", "x√y"),
        *("||", "||x||", "|x||y|", "x||y", "|x", "x|", "x|y|", "(x)|y|", "x²|y|", "|x|y"),
        *("|x|(y)", "|x|y|", "|x|2"),
        *("|(x|)", "(|x)|", "|x, y|", "|x < 1|", "|x for i in 1:2|", "|1:2|", "|]", "[|"),
        *("sin|x|", "|x|[1]", "||"),
        *("rπ", "π1", "π₁", "π_1", "θπ", "x1π", "pi r", "2pi r", "pi(r)"),
        *(".*x", "x.*", "x . * y", "x .", "x..*y", "x.*.*y"),
        *("2'", "'x'", "'", "A'[1]", "A'2", "1/x'y", "transpose()", "transpose(A, B)"),
        *("0x10", "0xff", "0XA", "0b1", "0B01", "0o7", "00x1", "1e5e5", "1e5E2", "1e5e-5"),
        *("1e5e+5", "1.5e3e2x"),
    ],
)  # fmt: skip
def test_what_has_no_single_reading_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text, ARITIES)


@pytest.mark.parametrize(
    ("dotted", "plain"),
    [
        *(("2.*x", "2*x"), ("x.*y", "x*y"), ("2./x", "2/x"), ("x^2.*y", "x^2*y")),
        *(("2.-x", "2-x"), ("2.+x", "2+x"), ("2.^r", "2^r"), ("r.^x.^y", "r^x^y")),
    ],
)
def test_of_numbers_a_dot_before_the_operator_changes_nothing(dotted: str, plain: str) -> None:
    one, other = Function(dotted), Function(plain)
    assert one.variables == other.variables
    point = [POINT[name] for name in one.variables]
    assert one(point) == other(point)
    assert [*one.gradient(point)] == [*other.gradient(point)]
    numbers = str.maketrans({"x": "3", "y": "2", "r": "4"})
    constants = [Function("x").point(text.translate(numbers)) for text in (dotted, plain)]
    assert constants[0] == constants[1]


@pytest.mark.parametrize("text", ["2*A'", "Aᵀ", "x'*y", "f'(x)", "y''", "transpose(A)", "(2)'"])
def test_a_transpose_of_what_is_no_array_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"`'` is (a|the) transpose"):
        Function(text)


def test_roots_are_nested_as_deep_as_brackets() -> None:
    for text in ("√" * 1000 + "x", "sin(" * 999 + "√x" + ")" * 999, "√x+" * 2000 + "1"):
        expression = parse(text, ARITIES)
        assert parse(str(expression), ARITIES) == expression
    for text in ("√" * 1001 + "x", "sin(" * 1000 + "√x" + ")" * 1000):
        with pytest.raises(ExpressionError, match="more than 1000 brackets"):
            parse(text, ARITIES)


def test_carets_stand_under_the_text_as_it_was_typed() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("√x₁ − |x|·foo(x²)", ARITIES)
    assert str(caught.value) == (
        "`foo` is not a function, nor a variable of the text: put its formula here\n"
        "  √x₁ − |x|·foo(x²)\n"
        "            ^^^"
    )


def test_the_nodes_of_signs_cover_what_was_typed() -> None:
    text = "2√x·|y−1|² + sin²(x)"
    expression = parse(text, ARITIES)
    assert [expression.source(place) for place in range(len(expression.nodes))] == [
        *("2", "x", "√x", "2√x", "y", "1", "y−1", "|y−1|", "²", "|y−1|²", "2√x·|y−1|²"),
        *("x", "sin²(x)", "²", "sin²(x)", text),
    ]


@pytest.mark.parametrize(
    "text", ["x^2 + 2.*x", " x**2", "2π*x₁", "α + β", "π(x)*2 + 1", "sum(π for i in 1:2)", "2e3x"]
)
def test_a_text_without_such_signs_is_kept_as_it_is(text: str) -> None:
    assert parse(text, ARITIES).plain == text


@pytest.mark.parametrize("text", ["x²", "x·y", "x − 1", "√x", "|x|", "2πr", "ifelse(x ≤ 1, 2, 3)"])
def test_a_text_with_such_signs_has_a_plain_form(text: str) -> None:
    expression = parse(text, ARITIES)
    assert expression.plain == str(expression)
    assert expression.text == text


def test_a_long_text_of_each_sign_is_read() -> None:
    count = 600
    for text in ("+".join(["x²"] * count), "√" * 999 + "x", "·".join(["|x|"] * count),
                 "2" + "√(x)·2" * count, "+".join(["sin²(x)"] * count), "π" * count):  # fmt: skip
        expression = parse(text, ARITIES)
        assert parse(str(expression), ARITIES) == expression


@pytest.mark.parametrize(
    "text",
    sampled(["x²^" * 50_000, "²" * 100_000, "|" * 99_999, "| " * 50_000, "2^" * 50_000 + "x²",
     "√" * 100_000 + "x",
     "'" * 100_000, ".*" * 50_000, "x.y" * 30_000, "√2" * 50_000, "1/2" + "^x" * 40_000 + "(y)",
     "sin²" * 30_000, "pow(" * 900 + "x" + ")" * 900, "np." * 30_000 + "x", "x³√y" * 20_000], 2),
)  # fmt: skip
def test_a_hundred_kilobytes_of_signs_are_answered_in_a_few_lines(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, ARITIES)
    assert len(str(caught.value)) < 900
