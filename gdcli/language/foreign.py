"""Foreign words: what other notations and languages write, and what is written here instead.

Comes in: a call, a word or a whole text that is not of the language. Goes out: the refusal
that says what to type. The tables are the only place where such words stand, and a test parses
each advice in them. Nothing else reads them than the refusal of a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from itertools import pairwise

from gdcli.errors import ExpressionError, Span, visible
from gdcli.language.characters import BOTH_HOLD, EITHER_HOLDS, IS_FALSE
from gdcli.language.lexer import END, NAME_TOKEN, SUPERSCRIPT, Token, tokens
from gdcli.language.syntax import LOOPS
from gdcli.named_tuples import NamedTuple

Reads = Callable[[str], bool]  # whether a text is one of the language: what is advised must be

ROOT_OF_ORDER = "{A}^(1/{B})"  # a row; the roots of the orders 2 and 3 are sqrt and cbrt
# A function of other languages, and its name here or its formula: {a}, {b}, {c} are its arguments,
# {A} and {B} the same in parentheses where they are needed.
FUNCTIONS = {
    **dict.fromkeys(("pow", "power"), "{A}^{B}"),
    **dict.fromkeys(("square", "sq", "sqr"), "{A}^2"),
    "cube": "{A}^3",
    "exp2": "2^{A}",
    "exp10": "10^{A}",
    **dict.fromkeys(("root", "nthroot", "surd"), ROOT_OF_ORDER),
    **dict.fromkeys(("sec", "secant"), "1/cos({a})"),
    **dict.fromkeys(("csc", "cosec", "cosecant"), "1/sin({a})"),
    **dict.fromkeys(("cot", "cotan", "cotg", "ctg", "cotangent"), "1/tan({a})"),
    "sech": "1/cosh({a})",
    **dict.fromkeys(("csch", "cosech"), "1/sinh({a})"),
    "coth": "1/tanh({a})",
    **dict.fromkeys(("asec", "arcsec"), "acos(1/{A})"),
    **dict.fromkeys(("acsc", "arccsc"), "asin(1/{A})"),
    **dict.fromkeys(("acot", "arccot", "arcctg"), "atan(1/{A})"),
    **dict.fromkeys(("tg", "tangent"), "tan"),
    **dict.fromkeys(("sen", "seno", "sine"), "sin"),
    **dict.fromkeys(("coseno", "cosine"), "cos"),
    **dict.fromkeys(("arctg", "atg", "arctangent"), "atan"),
    **dict.fromkeys(("arcsen", "asen"), "asin"),
    **dict.fromkeys(("sh", "senh"), "sinh"),
    "ch": "cosh",
    **dict.fromkeys(("th", "tgh"), "tanh"),
    **dict.fromkeys(("arcsinh", "arsinh", "arsh"), "asinh"),
    **dict.fromkeys(("arccosh", "arcosh"), "acosh"),
    **dict.fromkeys(("arctanh", "artanh", "arth"), "atanh"),
    "arctan2": "atan2",
    "lg": "log10({a}) or log2({a})",
    **dict.fromkeys(("lb", "ld", "log_2", "ln2"), "log2"),
    **dict.fromkeys(("log_10", "ln10"), "log10"),
    **dict.fromkeys(("logn", "log_n"), "log({a})/log({b})"),
    **dict.fromkeys(("ln1p", "logp1"), "log1p"),
    "sinc": "sin({a})/{A}",
    **dict.fromkeys(("sind", "sindeg"), "sin({A}*pi/180)"),
    **dict.fromkeys(("cosd", "cosdeg"), "cos({A}*pi/180)"),
    **dict.fromkeys(("tand", "tandeg"), "tan({A}*pi/180)"),
    **dict.fromkeys(("radians", "deg2rad", "rad"), "{A}*pi/180"),
    **dict.fromkeys(("degrees", "rad2deg", "deg"), "{A}*180/pi"),
    **dict.fromkeys(("fabs", "absolute", "magnitude", "modulus"), "abs"),
    **dict.fromkeys(("sgn", "signum"), "sign"),
    **dict.fromkeys(("heaviside", "step", "unitstep"), "ifelse({a} < 0, 0, 1)"),
    **dict.fromkeys(("maximum", "fmax", "amax"), "max"),
    **dict.fromkeys(("minimum", "fmin", "amin"), "min"),
    **dict.fromkeys(("clip", "clamp"), "min(max({a}, {b}), {c})"),
    **dict.fromkeys(("expit", "logistic", "sigm"), "sigmoid"),
    "logit": "log({A}/(1 - {A}))",
    **dict.fromkeys(("swish", "silu"), "{A}*sigmoid({a})"),
    "logsigmoid": "-softplus(-{A})",
    **dict.fromkeys(("gammaln", "loggamma", "lngamma"), "lgamma"),
    **dict.fromkeys(("tgamma", "Γ"), "gamma"),
    **dict.fromkeys(("psi", "ψ"), "digamma"),
    "trigamma": "polygamma(1, {a})",
    **dict.fromkeys(("factorial", "fact"), "gamma({a} + 1)"),
    "beta": "gamma({a})*gamma({b})/gamma({a} + {b})",
    **dict.fromkeys(
        ("binomial", "comb", "choose"),
        "gamma({a} + 1)/(gamma({b} + 1)*gamma({a} - {B} + 1))",
    ),
    **dict.fromkeys(("normcdf", "normalcdf"), "erfc(-{A}/sqrt(2))/2"),
    **dict.fromkeys(("distance", "dist"), "hypot"),
    **dict.fromkeys(("product", "Π", "reduce_prod"), "prod"),
    **dict.fromkeys(("summation", "Σ", "reduce_sum", "nansum"), "sum"),
    **dict.fromkeys(("average", "avg", "reduce_mean"), "mean"),
    **dict.fromkeys(("var", "variance"), "sum((x[i] - m)^2 for i in 1:n)/n"),
    **dict.fromkeys(("std", "stdev"), "sqrt(sum((x[i] - m)^2 for i in 1:n)/n)"),
    **dict.fromkeys(("lse", "log_sum_exp", "reduce_logsumexp"), "logsumexp"),
    "softmax": "exp(x[i])/sum(exp(x[j]) for j in 1:n)",
    **dict.fromkeys(("mul", "times", "multiply", "matmul"), "{A}*{B}"),
    **dict.fromkeys(("divide", "div", "quotient"), "{A}/{B}"),
    **dict.fromkeys(("inner", "vdot"), "dot"),
    "outer": "{A}*{B}'",
    **dict.fromkeys(("add", "plus"), "{A} + {B}"),
    **dict.fromkeys(("minus", "subtract", "sub"), "{A} - {B}"),
    **dict.fromkeys(("neg", "negative"), "-{A}"),
    "reciprocal": "1/{A}",
    **dict.fromkeys(("trace", "tr"), "sum({A}[i,i] for i in 1:n)"),
    "det": "{A}[1,1]*{A}[2,2] - {A}[1,2]*{A}[2,1]",
    **dict.fromkeys(("if", "iif", "where", "cond", "select", "piecewise"), "ifelse"),
    "and": BOTH_HOLD,
    "or": EITHER_HOLDS,
    "not": IS_FALSE,
    "xor": "ifelse(a < b, ifelse(c < d, v, u), ifelse(c < d, u, v))",
}
# Functions without a useful derivative, or for numbers alone: why, and what is written instead.
FLAT, JUMPS = "not differentiable: it is flat between jumps", "not differentiable: it jumps"
NO_INVERSE = "no function: arrays have no inverse here, and that of a number is its reciprocal"
STAIRCASES = ("floor", "ceil", "ceiling", "round", "rint", "nint", "trunc", "int", "fix")
UNSMOOTH = {
    **dict.fromkeys(STAIRCASES, (FLAT, "{a} or ifelse({a} < 1, 0, 1)")),
    **dict.fromkeys(
        ("mod", "fmod", "rem", "remainder", "modulo"), (JUMPS, "{a} or sin(2*pi*{A}/{B})")
    ),
    **dict.fromkeys(("frac", "fract"), (JUMPS, "{a} or sin(2*pi*{A})")),
    **dict.fromkeys(("inv", "inverse", "pinv"), (NO_INVERSE, "1/{A}")),
}
# A function with another number of arguments than it has here.
OTHER_COUNTS = {
    **dict.fromkeys((("log", 2), ("ln", 2)), "log({a})/log({b})"),
    **dict.fromkeys((("atan", 2), ("arctan", 2)), "atan2({a}, {b})"),
    ("atan2", 1): "atan({a})",
    ("sqrt", 2): ROOT_OF_ORDER,
    ("hypot", 1): "abs({a})",
    ("hypot", 3): "hypot({a}, hypot({b}, {c}))",
    ("erf", 2): "erf({b}) - erf({a})",
}
# Words that other languages have between two operands, and the row above that they have.
WORDS = {
    **{word: word for word in ("and", "or", "not", "xor", "mod")},
    **dict.fromkeys(("rem", "modulo"), "mod"),
    **dict.fromkeys(("if", "then", "else", "elif", "otherwise"), "if"),
}
MODULES = (
    *("np", "numpy", "math", "cmath", "torch", "tf", "jnp", "jax", "sp", "sympy", "scipy", "std"),
    *("special", "nn", "functional", "linalg", "cp", "cupy", "mpmath", "mp", "autograd", "anp"),
)
MEMBERS = {"pi": "pi", "e": "e", "tau": "2*pi", "euler": "e", "inf": "1e6", "infinity": "1e6"}
# What stands for a call whose own arguments do not fit.
EXAMPLES = {
    "ifelse": "ifelse(a < b, u, v)",
    **{loop: f"{loop}(x[i] for i in 1:n)" for loop in ("sum", "prod", "mean", "logsumexp")},
    **{pair: f"{pair}(x, y)" for pair in ("dot", "max", "min", "hypot", "atan2")},
    "norm": "norm(x)",
}
# The function that undoes another, which `⁻¹` may mean.
INVERSES = {
    **{name: f"a{name}({{a}})" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{f"a{name}": f"{name}({{a}})" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{f"arc{name}": f"{name}({{a}})" for name in ("sin", "cos", "tan")},
    **{"exp": "log({a})", "log": "exp({a})", "ln": "exp({a})", "sqrt": "{A}^2", "cbrt": "{A}^3"},
    **{"log2": "2^{A}", "log10": "10^{A}", "expm1": "log1p({a})", "log1p": "expm1({a})"},
}
LONGEST_ADVICE = 60  # characters of a user's own text repeated in an advice
# Between which tokens a sum may stand without parentheses; a power between products too.
ROOM_FOR_ATOMS, ROOM_FOR_POWERS, ROOM_FOR_SUMS = range(3)
BEFORE_FORMULAS = (None, "(", "[", ",", ";", "=", ":", "+", "<", "<=", ">", ">=", "==", "!=")
BEHIND_FORMULAS = (END, ")", "]", ",", ";", ":", "+", "-", "<", "<=", ">", ">=", "==", "!=")

# A formula with something of another language before it.
WHOLE_TEXTS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"\s*lambda\b[^:]*:(?P<formula>.*)",
        r"\s*def\b[^:]*:\s*return\b(?P<formula>.*)",
        r"\s*return\b(?P<formula>.*)",
        r"[^=<>]*?(?:->|=>|→|⟶|⇒|↦|⟼)(?P<formula>.*)",
        r"[^=<>;]*?:=(?P<formula>.*)",
        r"\s*[^\W\d]\w*\s*=(?!=)(?P<formula>.*)",
        r"\s*(?:let|var|val|const|local|set|double|float|real|auto|function|def|fun|fn)\s+"
        r"[^\W\d]\w*\s*(?:\([^()=]*\)\s*)?=(?!=)(?P<formula>.*)",
        r"\s*=(?!=)(?P<formula>.*)",
        r"\s*[^\W\d]\w*\s*<-(?P<formula>.*)",
        r"\s*(?:@|\\|function\s*)\([^()]*\)(?P<formula>.*)",
        r"\s*function\b[^{]*\{\s*return\b(?P<formula>[^}]*)\}\s*",
    )
)


class Call(NamedTuple):
    """A call as it is written: `pow(x, 2)`, or `sec²(x)` with its exponent."""

    name: str
    span: Span
    exponent: str
    arguments: tuple[str, ...]
    factors: tuple[str, ...]  # the arguments, in parentheses where an operator would cut them
    room: int  # what could stand in its place: ROOM_FOR_ATOMS, _POWERS or _SUMS


def call_at(
    text: str,
    words: Sequence[Token],
    position: int,
    first: int | None = None,
    bracket: str = "(",
) -> Call | None:
    """The call whose name is the token at `position`; None where no `bracket` stands behind it.

    `first` is the position of its module's name, where there is one. The Call has no arguments
    where one of them is empty or the `)` is missing.
    """
    first = position if first is None else first
    opening = position + 1 + (words[position + 1].kind == SUPERSCRIPT)
    if words[opening].kind != bracket:
        return None
    depth, starts, end = 0, [opening + 1], opening
    for end in range(opening, len(words)):
        kind = words[end].kind
        depth += (kind in ("(", "[")) - (kind in (")", "]"))
        if depth == 0 or (kind == "," and depth == 1):
            starts.append(end + 1)
        if depth == 0:
            break
    pieces = [words[start : after - 1] for start, after in pairwise(starts)]
    if depth or not all(pieces):
        end, pieces = position, []
    arguments = tuple(text[piece[0].span.start : piece[-1].span.end] for piece in pieces)
    factors = tuple(
        argument if _is_atom(piece) else f"({argument})"
        for argument, piece in zip(arguments, pieces, strict=True)
    )
    exponent = words[position + 1].text if opening == position + 2 else ""
    before, behind = words[first - 1].kind if first else None, words[end + 1].kind
    room = ROOM_FOR_ATOMS
    if before in (*BEFORE_FORMULAS, "-", "*", "/") and behind in (*BEHIND_FORMULAS, "*", "/"):
        alone = before in BEFORE_FORMULAS and behind in BEHIND_FORMULAS
        room = ROOM_FOR_SUMS if alone else ROOM_FOR_POWERS
    span = Span(words[first].span.start, words[end].span.end)
    return Call(words[position].text, span, exponent, arguments, factors, room)


def foreign_call(
    text: str, call: Call, known: Collection[str], reads: Reads
) -> ExpressionError | None:
    """The refusal of a call of another language's function; None where no table knows it.

    `known` are the language's own functions.
    """
    name = call.name if call.name in FUNCTIONS else call.name.lower()
    why, row = UNSMOOTH.get(name, ("no function of the language", FUNCTIONS.get(name, "")))
    row = row or name * (name in known)
    if not row:
        return None
    written = text[slice(*call.span)]
    what = f"{call.name} is {why}" if call.name not in known else "there are no modules"
    written = call.name if len(written) > LONGEST_ADVICE else visible(written)
    advice, own = advised(row, call, reads), ", ".join(call.arguments)
    if row in LOOPS and own.isidentifier() and re.search(rf"\b{own}\[", text):  # an array
        advice = f"{row}({visible(own)})"
    return ExpressionError(f"`{written}`: {what}; write {advice}", text, call.span)


def call_in_brackets(
    text: str, place: int, own: set[str], known: Collection[str], reads: Reads
) -> ExpressionError | None:
    """The refusal of `Sin[x]`, within which `place` is; None where it is an entry of a vector.

    `own` are the names that are declared, given or indices, `known` the language's functions.
    """
    words = tokens(text)
    for position, word in enumerate(words[:-1]):
        call = call_at(text, words, position, bracket="[") if word.kind == NAME_TOKEN else None
        if call and word.text[0].isupper() and call.span.start <= place < call.span.end:
            start, end = call.span
            named = {one.text for one in words if start <= one.span.start < end}
            if own & named:
                return None
            if word.text == "Log" and len(call.arguments) == 2:  # the base stands first
                base, argument = call.arguments
                call = call._replace(arguments=(argument, base), factors=call.factors[::-1])
                advice = advised(OTHER_COUNTS["log", 2], call, reads)
                message = "`Log` is no function of the language; write " + advice
                return ExpressionError(message, text, call.span)
            return foreign_call(text, call, known, reads)
    return None


def advised(row: str, call: Call, reads: Reads) -> str:
    """What a row says of the call, in its own arguments where they fit, which `reads` tells."""
    if row == ROOT_OF_ORDER and len(call.arguments) in (1, 2):
        named = {"2": "sqrt", "3": "cbrt"}.get((*call.arguments, "2")[1])
        if named:
            row, call = named, call._replace(arguments=call.arguments[:1])
    if row.isidentifier():
        choices = [(f"{row}({', '.join(call.arguments)})", EXAMPLES.get(row, f"{row}(x)"))]
    else:
        letters = [
            letter for letter in "abc" if f"{{{letter}}}" in row or f"{{{letter.upper()}}}" in row
        ]
        fits = len(call.arguments) == len(letters) or not letters
        own = dict(zip("abcABC", (*_three(call.arguments), *_three(call.factors)), strict=True))
        example = dict(zip("abcABC", "xyzxyz", strict=True))
        choices = [
            (choice.format(**own) if fits else "", choice.format(**example))
            for choice in row.split(" or ")
        ]
    found = []
    for choice, instead in choices:
        placed = choice and _placed(choice, call)
        good = placed and len(placed) <= LONGEST_ADVICE and reads(placed)
        found.append(visible(placed) if good else instead)
    return " or ".join(found)


def _three(texts: Sequence[str]) -> tuple[str, ...]:
    return (*texts, "", "", "")[:3]


def _placed(formula: str, call: Call) -> str:
    """The formula in the place of the call, with its exponent and the parentheses it needs."""
    words = tokens(formula)[:-1]
    depth, operators = 0, set()
    for word in words:
        depth += (word.kind in ("(", "[")) - (word.kind in (")", "]"))
        operators |= {word.kind} if depth == 0 else set()
    atom, power = _is_atom(words), not operators & {"+", "-", "*", "/"}
    if call.exponent:
        formula = f"{formula if atom else f'({formula})'}^{call.exponent}"
        atom, power = False, True
    needed = ROOM_FOR_ATOMS if atom else ROOM_FOR_POWERS if power else ROOM_FOR_SUMS
    return formula if call.room >= needed else f"({formula})"


def _is_atom(piece: Sequence[Token]) -> bool:
    """Whether the tokens are one number, name, call or bracket."""
    named = piece[0].kind == NAME_TOKEN
    if len(piece) == 1 or piece[named].kind not in ("(", "["):
        return len(piece) == 1
    depth = 0
    for place, token in enumerate(piece):
        depth += (token.kind in ("(", "[")) - (token.kind in (")", "]"))
        if depth == 0 and place >= named:
            return place == len(piece) - 1
    return False


# -- words and whole texts ------------------------------------------------------------------------


def foreign_word(text: str, word: Token) -> ExpressionError | None:
    """The refusal of a word such as `and` between two operands; None where no table knows it."""
    row = WORDS.get(word.text)
    if row is None:
        return None
    example = Call(row, word.span, "", ("x", "y"), ("x", "y"), ROOM_FOR_SUMS)
    formula = UNSMOOTH[row][1] if row in UNSMOOTH else FUNCTIONS[row]
    advice = advised(formula, example, lambda _: row != "if")
    return ExpressionError(
        f"there is no `{word.text}` in the language; write {advice}", text, word.span
    )


def dotted_name(
    text: str, words: Sequence[Token], position: int, known: Collection[str], reads: Reads
) -> ExpressionError:
    """The refusal of a name with dots, such as `np.sin`; the token at `position` is a dot."""
    first, last = position - 1, position + 1
    while first > 1 and words[first - 1].kind == "." and words[first - 2].kind == NAME_TOKEN:
        first -= 2
    while words[last + 1].kind == "." and words[last + 2].kind == NAME_TOKEN:
        last += 2
    owner, name = words[max(first, 0)], words[last]
    span = Span(owner.span.start, name.span.end)
    written = visible(text[slice(*span)][:LONGEST_ADVICE])
    if owner.kind == NAME_TOKEN and owner.text.lower() in MODULES:
        call = call_at(text, words, last, first)
        if call and (error := foreign_call(text, call, known, reads)):
            return error
        own = name.text if name.text in known else name.text.lower()
        advice = MEMBERS.get(own, EXAMPLES.get(own, f"{own}(x)") if own in known else "")
        message = f"`{written}`: there are no modules in the language"
        return ExpressionError(f"{message}; write {advice}" if advice else message, text, span)
    product = f"{visible(text[slice(*owner.span)])}*{name.text}"
    call = call_at(text, words, last, first)
    if owner.kind == NAME_TOKEN and call and name.text in known:
        called = f"{name.text}({', '.join([visible(owner.text), *call.arguments])})"
        if not (reads(called) or (name.text in LOOPS and not call.arguments)):
            called = EXAMPLES.get(name.text, f"{name.text}(x)")
        message = f"`{written}`: functions stand before their arguments; write {called}"
    elif name.text == "T":
        message = f"`{written}`: names have no dots; write {visible(owner.text)}' for a transpose"
    elif owner.kind == NAME_TOKEN and reads(product):
        message = f"`{written}` is no name: they have no dots; write {product} for a product"
    else:
        message = "`.` is not a character of the language; type a number as in 0.5"
    return ExpressionError(message, text, span)


def whole_text(text: str, reads: Reads) -> ExpressionError | None:
    """The refusal of a text that is a formula behind `y =`, `x ->`, `lambda x:`; else None."""
    for pattern in WHOLE_TEXTS:
        found = pattern.fullmatch(text)
        formula = found["formula"].strip(" \t\r\n;") if found else ""
        if found and reads(formula):
            start = len(text) - len(text.lstrip())
            span = Span(start, found.start("formula"))
            head = visible(text[slice(*span)].strip())
            shown = visible(formula)
            what = f"`{head}` says nothing here" if len(head) <= LONGEST_ADVICE else "it has a head"
            alone = f": {shown}" if len(shown) <= LONGEST_ADVICE else ""
            return ExpressionError(f"{what}; write the formula alone{alone}", text, span)
    return None
