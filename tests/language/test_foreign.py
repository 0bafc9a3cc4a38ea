"""What is foreign to the language: each advice can be typed, and says what was meant."""

from __future__ import annotations

import math
import re

import pytest

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import ExpressionError
from gdcli.language.characters import CHARACTERS, LOOKALIKES
from gdcli.language.foreign import (
    EXAMPLES,
    FUNCTIONS,
    INVERSES,
    MEMBERS,
    OTHER_COUNTS,
    UNSMOOTH,
    WORDS,
)
from gdcli.language.parser import parse
from tests.language.test_paper import POINT, Drawn, PaperWriter, value_of
from tests.sweeps import sampled


def refusal(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        parse(text, ARITIES)
    return caught.value


def advised(error: ExpressionError) -> list[str]:
    """The texts that the message says to write."""
    found = re.search(
        r"write (?:the formula alone: )?(.*?)(?: for (?:a|an) \w+.*)?$", error.message
    )
    assert found, error.message
    return found[1].split(" or ")


def mended(text: str, error: ExpressionError, advice: str) -> str:
    """The text with the advice in the place that the carets show."""
    assert error.span is not None
    return text[: error.span.start] + advice + text[error.span.end :]


@pytest.mark.parametrize("name", sorted({*FUNCTIONS, *UNSMOOTH}))
@pytest.mark.parametrize(
    "arguments", ["x", "x, y", "2x+1, y, 3", "x[i] for i in 1:3", "", "x < 0, 1, 2"]
)
def test_each_row_of_the_table_is_advice_that_parses(name: str, arguments: str) -> None:
    text = f"{name}({arguments})"
    error = refusal(text)
    for advice in advised(error):
        parse(advice, ARITIES)
        if arguments:
            parse(mended(text, error, advice), ARITIES)


@pytest.mark.parametrize("row", [*EXAMPLES.values(), *(m for m in MEMBERS.values())])
def test_each_example_parses(row: str) -> None:
    parse(row, ARITIES)


@pytest.mark.parametrize("row", sorted({*INVERSES.values(), *OTHER_COUNTS.values()}))
def test_each_formula_parses(row: str) -> None:
    parse(row.format(a="x", b="y", c="z", A="x", B="y"), ARITIES)


@pytest.mark.parametrize("word", sorted(WORDS))
@pytest.mark.parametrize(
    "text", ["x {} y", "2 {} 3", "{} x", "ifelse(x < 0 {} y < 0, 1, 2)", "(x) {} y"]
)
def test_each_word_between_operands_is_answered(word: str, text: str) -> None:
    error = refusal(text.format(word))
    assert word in error.message
    for advice in advised(error):
        parse(advice, ARITIES)


PLACES = ("{}", "x{}y", "x{}", "{}x", "2{}", "x + {}", "x[{}]", "sum(x[i] for i {} 1:n)",
          "ifelse(x {} 1, 2, 3)", "x {}1", "x^{}")  # fmt: skip


@pytest.mark.parametrize("character", sorted({*CHARACTERS, *LOOKALIKES}))
def test_what_is_to_be_typed_for_a_character_can_be_typed(character: str) -> None:
    error = refusal(f"x + {character}")
    found = re.search(r"; type (.*)$", error.message)
    assert found
    assert character not in str(error) or character.isascii() or character in "₀₁₂₃₄₅₆₇₈₉"
    advice = re.split(" for a| for percent| or |[;:] |, such", found[1])[0]
    if re.match(r"(the|a|no|names|nothing)\b", advice) or character in "ᵗ⊤⊺′{}":
        return  # words, half of a bracket, or what is not built yet
    for place in PLACES:
        try:
            parse(place.format(advice), ARITIES)
        except ExpressionError:
            continue
        return
    pytest.fail(f"{advice} fits nowhere")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pow(x,2)", "`pow(x,2)`: pow is no function of the language; write x^2"),
        ("pow(x+1, -y)", "`pow(x+1, -y)`: pow is no function of the language; write (x+1)^(-y)"),
        ("sec(x)", "`sec(x)`: sec is no function of the language; write 1/cos(x)"),
        ("2/sec(x)", "`sec(x)`: sec is no function of the language; write (1/cos(x))"),
        ("sec²(x)", "`sec²(x)`: sec is no function of the language; write (1/cos(x))^2"),
        ("exp2(x)", "`exp2(x)`: exp2 is no function of the language; write 2^x"),
        ("fabs(x)", "`fabs(x)`: fabs is no function of the language; write abs(x)"),
        ("arctan2(y, x)",
         "`arctan2(y, x)`: arctan2 is no function of the language; write atan2(y, x)"),
        ("Sin(x)", "`Sin(x)`: Sin is no function of the language; write sin(x)"),
        ("SIN(x)", "`SIN(x)`: SIN is no function of the language; write sin(x)"),
        ("Log10(x)", "`Log10(x)`: Log10 is no function of the language; write log10(x)"),
        ("ArcTan(x)", "`ArcTan(x)`: ArcTan is no function of the language; write arctan(x)"),
        ("if(x<0, -x, x)",
         "`if(x<0, -x, x)`: if is no function of the language; write ifelse(x<0, -x, x)"),
        ("np.where(x<0, 1, 2)",
         "`np.where(x<0, 1, 2)`: where is no function of the language; write ifelse(x<0, 1, "
         "2)"),
        ("np.sin(x)", "`np.sin(x)`: there are no modules; write sin(x)"),
        ("math.sin(x)", "`math.sin(x)`: there are no modules; write sin(x)"),
        ("Math.sin(x)", "`Math.sin(x)`: there are no modules; write sin(x)"),
        ("torch.nn.functional.relu(x)",
         "`torch.nn.functional.relu(x)`: there are no modules; write relu(x)"),
        ("Math.pow(x, 3)", "`Math.pow(x, 3)`: pow is no function of the language; write x^3"),
        ("2*np.pi*x", "`np.pi`: there are no modules in the language; write pi"),
        ("np.sin", "`np.sin`: there are no modules in the language; write sin(x)"),
        ("np.foo(x)", "`np.foo`: there are no modules in the language"),
        ("x.y", "`x.y` is no name: they have no dots; write x*y for a product"),
        ("mod(x, 2)", "`mod(x, 2)`: mod is not differentiable: it jumps; write x or sin(2*pi*x/2)"),
        ("floor(x)",
         "`floor(x)`: floor is not differentiable: it is flat between jumps; write x or "
         "ifelse(x < 1, 0, 1)"),
        ("x mod y", "there is no `mod` in the language; write x or sin(2*pi*x/y)"),
        ("ifelse(x<0 and y<0, 1, 2)",
         "there is no `and` in the language; write ifelse(a < b, ifelse(c < d, u, v), v)"),
        ("ifelse(x<0 || y<0, 1, 2)",
         "there is no `||` in the language; write ifelse(a < b, u, ifelse(c < d, u, v))"),
        ("not x", "there is no `not` in the language; write ifelse(a < b, v, u)"),
        ("Σ(x[i] for i in 1:n)",
         "`Σ(x[i] for i in 1:n)`: Σ is no function of the language; write sum(x[i] for i in "
         "1:n)"),
        ("y = x^2", "`y =` says nothing here; write the formula alone: x^2"),
        ("y := x^2", "`y :=` says nothing here; write the formula alone: x^2"),
        ("f(x) := x^2", "`f(x) :=` says nothing here; write the formula alone: x^2"),
        ("x -> x^2", "`x ->` says nothing here; write the formula alone: x^2"),
        ("(x, y) => x*y", "`(x, y) =>` says nothing here; write the formula alone: x*y"),
        ("x ↦ x²", "`x <U+21A6>` says nothing here; write the formula alone: x²"),
        ("lambda x: x^2", "`lambda x:` says nothing here; write the formula alone: x^2"),
        ("def f(x): return x^2",
         "`def f(x): return` says nothing here; write the formula alone: x^2"),
        ("return x^2;", "`return` says nothing here; write the formula alone: x^2"),
        ("y = x^2; ", "`y =` says nothing here; write the formula alone: x^2"),
        ("log(x, 2)", "log takes 1 argument, not 2; write log(x)/log(2)"),
        ("2*log(x, 2)", "log takes 1 argument, not 2; write (log(x)/log(2))"),
        ("atan(y, x)", "atan takes 1 argument, not 2; write atan2(y, x)"),
        ("A.T*x", "`A.T`: names have no dots; write A' for a transpose"),
        ("np.outer(x, y)", "`np.outer(x, y)`: outer is no function of the language; write x*y'"),
        ("matmul(A, x)", "`matmul(A, x)`: matmul is no function of the language; write A*x"),
        ("A@x", "`@` is not a character of the language; type *"),
        ("f(W[2,3]) = np.sum(W)", "`np.sum(W)`: there are no modules; write sum(W)"),
        ("f(x[3]) = x.sum()", "`x.sum`: functions stand before their arguments; write sum(x)"),
        ("f(x[3]) = x.dot(x)", "`x.dot`: functions stand before their arguments; write dot(x, x)"),
        ("f(x[3]) = sum(exp.(x))", "`.` is not a character of the language; type nothing: a "
         "function of an array takes each of its entries"),
        ("f(x[2]) = x(1) + x[2]", "`x` is not a function; an entry is written x[1]"),
        ("f(W[2,2]) = h[i] = W[i,1]; W(1,2)", "`W` is not a function; an entry is written W[1,2]"),
        ("f(x[3]) = h(i) = x[i]; h[1]", "a function has one header; an array part is written "
         "h[i] = ..."),
        ("f(W[2,2]) = tr(W)", "`tr(W)`: tr is no function of the language; write "
         "sum(W[i,i] for i in 1:n)"),
        ("f(W[2,2]) = tr(W'*W)", "`tr(W'*W)`: tr is no function of the language; write "
         "sum(x[i,i] for i in 1:n)"),
        ("f(x[3]) = sum(x)/len(x)", "`len` is not a function; a length is a size, as n in "
         "`f(x[n]) = sum(x[i] for i in 1:n)/n`"),
        ("sum(inv(W)*x)", "`inv(W)`: inv is no function: arrays have no inverse here, and that of "
         "a number is its reciprocal; write (1/W)"),
        ("average(x)",
         "`average(x)`: average is no function of the language; write mean(x[i] for i in 1:n)"),
        ("np.logsumexp(x)",
         "`np.logsumexp(x)`: there are no modules; write logsumexp(x[i] for i in 1:n)"),
        ("0x10", "`0x10`: numbers are decimal; write 16 or 0*x10"),
        ("0b1", "`0b1`: numbers are decimal; write 1 or 0*b1"),
        ("0b12", "`0b12`: numbers are decimal; write 0*b12"),
        ("1e5e5", "`1e5e5`: a number has one exponent; write 1e5*e5"),
        ("1e5e-5", "`1e5e-5`: a number has one exponent; write 1e5*e-5"),
        ("foo(x)", "`foo` is not a function, nor a variable of the text: put its formula here"),
        ("foo^2 + foo(x+1)", "`foo` is not a function; write foo*(x+1)"),
        ("f(x, foo) = foo(x)", "`foo` is not a function; write foo*(x)"),
        ("sec + sec(x)", "`sec` is not a function; write sec*(x)"),
        ("x(y+1)", "`x` is not a function; write x*(y+1)"),
        ("2/sin⁻¹(x)",
         "`sin⁻¹(x)`: this could be the inverse or a power; write asin(x) or (1/sin(x))"),
        ("ln⁻¹(x)", "`ln⁻¹(x)`: this could be the inverse or a power; write exp(x) or 1/ln(x)"),
        ("sin^-1(x)",
         "`sin^-1(x)`: this could be the inverse or a power; write asin(x) or 1/sin(x)"),
        ("sin⁻²(x)", "`sin⁻²(x)`: a negative power stands behind the parenthesis; write sin(x)^-2"),
        ("cos^3(x+1)", "`cos` is a function and takes its argument in parentheses; "
         "write cos(x+1)^3 for a power of it"),
        ("sin² 2x", "`sin` is a function and takes its argument in parentheses; "
         "write sin(2x)^2 for a power of it"),
        ("ln|x|", "`ln` is a function and takes its argument in parentheses; write ln(|x|)"),
        ("³√x", "a root has no order; write cbrt(x)"),
        ("2·⁴√x", "a root has no order; write x^(1/4)"),
        ("f(x)", "`f` is not a function, nor a variable of the text: put its formula here"),
        ("1'000", "the digits of a number have no separator"),
        ("e⁻ˣ", "U+207B is not a character of the language; type ^(-x)"),
        ("x²ⁿ", "U+207F is not a character of the language; type ^(2n)"),
        ("xᵢ₊₁", "U+1D62 is not a character of the language; type [i+1]"),
        ("2½", "U+00BD is not a character of the language; type (2+1/2)"),
        ("1_000", "`_` is not a character of the language; type nothing between digits"),
        ("summ(x)", "`summ` is not a function; did you mean sum(x[i] for i in 1:n)?"),
        ("Γ(x)+1", "`Γ(x)`: Γ is no function of the language; write gamma(x)"),
        ("Γ(x)+Γ", "`Γ` is not a function; write Γ*(x)"),
        ("ψ(x+1)", "`ψ(x+1)`: ψ is no function of the language; write digamma(x+1)"),
        ("Γ²(x)", "`Γ²(x)`: Γ is no function of the language; write gamma(x)^2"),
        ("ζ(x)", "`ζ` is not a function, nor a variable of the text: put its formula here"),
        ("np.dot(x,y)", "`np.dot(x,y)`: there are no modules; write dot(x, y)"),
        ("np.linalg.norm(x)", "`np.linalg.norm(x)`: there are no modules; write norm(x)"),
        ("np.sum(x)", "`np.sum(x)`: there are no modules; write sum(x[i] for i in 1:n)"),
        ("sin[2x+1]", "`sin` is a function and takes its argument in parentheses; "
         "write sin(2x+1)"),
        ("log[2](x)", "`log` is a function and takes its argument in parentheses; write log(x)"),
        ("sin x^2", "`sin x^2` can be read in two ways; write sin(x^2) or sin(x)^2"),
        ("log(x;2)", "`;` ends a part; between arguments write `,`"),
        ("sec x", "`sec x`: sec is no function of the language; write 1/cos(x)"),
        ("2*Sin x", "`Sin x`: Sin is no function of the language; write sin(x)"),
        ("sec + sec x", "an operator is missing between `sec` and `x`; write sec*x"),
        ("Σ x_i", "`Σ x_i`: Σ is no function of the language; write sum(x[i] for i in 1:n)"),
        ("Σ_i x_i^2", "`Σ_i x_i^2`: Σ is no function of the language; "
         "write sum(x[i] for i in 1:n)"),
        ("root(x,3)", "`root(x,3)`: root is no function of the language; write cbrt(x)"),
        ("nthroot(x+1, 2)", "`nthroot(x+1, 2)`: nthroot is no function of the language; "
         "write sqrt(x+1)"),
        ("root(x,5)", "`root(x,5)`: root is no function of the language; write x^(1/5)"),
        ("sqrt(x,3)", "sqrt takes 1 argument, not 2; write cbrt(x)"),
        ("ifelse((x<1) and (y<2), 1, 2)", "one comparison stands in an ifelse, without "
         "parentheses; write ifelse(a < b, ifelse(c < d, u, v), v)"),
        ("ifelse(x<1 | y<2, 1, 2)", "one comparison stands in an ifelse, without "
         "parentheses; write ifelse(a < b, u, ifelse(c < d, u, v))"),
        ("ifelse(!(x<1), 1, 2)", "`!` is not a character of the language; "
         "type ifelse(a < b, v, u)"),
        (r"\frac{1}{2}", r"`\frac` is not of the language; type (a)/(b)"),
        (r"x \cdot y", r"`\cdot` is not of the language; type *"),
        ("x_{1}", "`{` is not a character of the language; type x_1 for a name, "
         "or x[1] for an entry"),
    ],
)  # fmt: skip
def test_answers(text: str, message: str) -> None:
    assert refusal(text).message == message


@pytest.mark.parametrize("name", sorted({*FUNCTIONS, *UNSMOOTH} - {"Σ", "Π"}))
def test_a_foreign_name_is_a_variable_like_any_other(name: str) -> None:
    if name in ("if", "and", "or", "not", "xor"):
        return
    assert str(parse(f"{name}*x^2 + 2{name}", ARITIES)) == f"{name}*x^2 + 2*{name}"
    assert refusal(f"{name}*x + {name}(y)").message.endswith(f"write {name}*(y)")


@pytest.mark.parametrize(
    ("sign", "own"),
    [("=", "=="), ("===", "=="), ("=<", "<="), ("=>", ">="), ("<>", "!="), ("!==", "!="),
     ("/=", "!="), ("~=", "!=")],
)  # fmt: skip
def test_a_comparison_of_another_language_is_answered_with_ours(sign: str, own: str) -> None:
    error = refusal(f"ifelse(x {sign} 1, x, y)")
    advice = error.message.rpartition(" ")[2] if sign == "~=" else f"ifelse(x {own} y, u, v)"
    assert error.message.endswith(advice)
    assert own in advice
    parse(mended(f"ifelse(x {sign} 1, x, y)", error, own), ARITIES)


@pytest.mark.parametrize(
    "head",
    ["let y = {}", "var y = {};", "double y = {};", "let f(x) = {}", "y <- {}", "@(x) {}",
     "function(x) {}", "function f(x) {{ return {}; }}", "={}"],
)  # fmt: skip
def test_the_head_of_another_language_is_left_out(head: str) -> None:
    assert advised(refusal(head.format("x^2"))) == ["x^2"]


FOREIGN_CALLS = {
    "pow(x+r, 2)": (POINT["x"] + POINT["r"]) ** 2,
    "sec(y)": 1 / math.cos(POINT["y"]),
    "cot²(x)": 1 / math.tan(POINT["x"]) ** 2,
    "Math.pow(2, x)": 2 ** POINT["x"],
    "exp2(-x)": 2 ** -POINT["x"],
    "np.cosh(x)": math.cosh(POINT["x"]),
    "Sin(2x)": math.sin(2 * POINT["x"]),
    "negative(y)": -POINT["y"],
    "subtract(x, y-r)": POINT["x"] - (POINT["y"] - POINT["r"]),
    "divide(x+y, x-r)": (POINT["x"] + POINT["y"]) / (POINT["x"] - POINT["r"]),
    "clip(x, 0, 1)": POINT["x"],
    "log(r, 2)": math.log2(POINT["r"]),
    "logsigmoid(y)": -math.log1p(math.exp(-POINT["y"])),
    "heaviside(x)": 1.0,
    "deg2rad(x+1)": math.radians(POINT["x"] + 1),
    "root(r, 3)": POINT["r"] ** (1 / 3),
}


class ForeignWriter(PaperWriter):
    """Writes formulas of which one leaf is a call of another language."""

    call_text: str
    placed: bool

    def leaf(self) -> Drawn:
        if self.placed or self.random.random() < 0.5:
            return super().leaf()
        self.placed = True
        return Drawn(self.call_text, FOREIGN_CALLS[self.call_text], 5, "name", "")


@pytest.mark.parametrize("seed", sampled(range(60), 2))
def test_the_advice_put_in_the_place_of_a_call_is_what_the_call_means(seed: int) -> None:
    writer = ForeignWriter(seed)
    for call in FOREIGN_CALLS:
        for _ in range(20):
            writer.call_text, writer.placed = call, False
            drawn = writer.formula(2)
            if call not in drawn.text:
                continue
            error = refusal(drawn.text)
            (advice,) = advised(error)
            mended_text = mended(drawn.text, error, advice)
            assert value_of(mended_text) == pytest.approx(drawn.value, rel=1e-9), mended_text


@pytest.mark.parametrize(
    "text",
    [
        *("√x²", "√x^2", "√x⁻¹", "√(x+1)²", "√√x²", "√2x"),
        *("√2x^2", "√(x)(y)", "√πx", "√2|x|", "√sin(x)²"),
        *("x²^3", "x² ³", "x²^-1", "(x+y)²^3", "sin²(x)^3"),
        *("sin²(x)²", "x²⁻¹", "x⁻¹^2", "x²^(y+1)"),
        *("x^2²", "2^x²", "2^-x²", "2^(x)²", "y^x^2²", "2^--x²", "e^x²", "2^|x|²", "2^sin(x)²"),
        *("sin⁻¹(x)", "exp⁻¹(x+1)", "log10⁻¹(x)", "gamma²(x)", "lgamma⁻¹(x+1)"),
        *("x³√y", "2x³√(y+1)", "x⁴√2"),
        *("1/2x²", "1/x²y", "1/2√x", "1/2|x|", "2^3√x", "x^2πr", "1/πr", "1/sin²(x)y", "1/2x^2"),
    ],
)  # fmt: skip
def test_both_readings_of_an_ambiguous_text_are_readings(text: str) -> None:
    error = refusal(text)
    quoted = re.match("`(.*?)`", error.message)
    assert quoted
    readings = advised(error)
    assert len(readings) == 2
    whole = [parse(text.replace(quoted[1], f"({one})"), ARITIES) for one in readings]
    assert whole[0] != whole[1]


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("√x²", ["sqrt(x)^2", "sqrt(x^2)"]),
        ("√2x", ["sqrt(2)*x", "sqrt(2*x)"]),
        ("x²^3", ["(x^2)^3", "x^(2^3)"]),
        ("x^2²", ["(x^2)^2", "x^2^2"]),
        ("2^x²", ["(2^x)^2", "2^x^2"]),
        ("2^-x²", ["(2^-x)^2", "2^-x^2"]),
        ("1/2x²", ["1/2*x^2", "1/(2*x^2)"]),
        ("x³√y", ["x^3*sqrt(y)", "x*cbrt(y)"]),
        ("sin⁻¹(x)", ["asin(x)", "1/sin(x)"]),
        ("gamma²(x)", ["gamma(x)^2", "gamma^2*x"]),
    ],
)
def test_the_readings_are_those_that_a_person_sees(text: str, readings: list[str]) -> None:
    wanted = [parse(one, ARITIES) for one in readings]
    assert [parse(one, ARITIES) for one in advised(refusal(text))] == wanted
