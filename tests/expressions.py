"""Expressions made by machine, and what they are worth, without a line of the program.

`Reference` evaluates the text of an expression in mpmath by a parser of its own; `WellPosed`
writes texts over every function of the language that have a value at a given point; `texts` and
`infix` are hypothesis strategies.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import mpmath
from hypothesis import strategies as st

# -- what the functions are -------------------------------------------------------------------

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": lambda m, a: m.exp(a),
    "expm1": lambda m, a: m.expm1(a),
    "log": lambda m, a: m.log(a),
    "ln": lambda m, a: m.log(a),
    "log1p": lambda m, a: m.log1p(a),
    "log2": lambda m, a: m.log(a) / m.log(2),
    "log10": lambda m, a: m.log(a) / m.log(10),
    "sqrt": lambda m, a: m.sqrt(a),
    "cbrt": lambda m, a: m.sign(a) * m.exp(m.log(abs(a)) / 3) if a else a,
    "sin": lambda m, a: m.sin(a),
    "cos": lambda m, a: m.cos(a),
    "tan": lambda m, a: m.tan(a),
    "asin": lambda m, a: m.asin(a),
    "acos": lambda m, a: m.acos(a),
    "atan": lambda m, a: m.atan(a),
    "arcsin": lambda m, a: m.asin(a),
    "arccos": lambda m, a: m.acos(a),
    "arctan": lambda m, a: m.atan(a),
    "atan2": lambda m, a, b: m.atan2(a, b),
    "sinh": lambda m, a: m.sinh(a),
    "cosh": lambda m, a: m.cosh(a),
    "tanh": lambda m, a: m.tanh(a),
    "logcosh": lambda m, a: m.log(m.cosh(a)),
    "asinh": lambda m, a: m.sign(a) * m.log(abs(a) + m.sqrt(a * a + 1)),
    "acosh": lambda m, a: m.log(a + m.sqrt(a * a - 1)),
    "atanh": lambda m, a: m.log((1 + a) / (1 - a)) / 2,
    "abs": lambda m, a: abs(a),
    "sign": lambda m, a: m.sign(a),
    "min": lambda m, *values: min(values),
    "max": lambda m, *values: max(values),
    "hypot": lambda m, a, b: m.sqrt(a * a + b * b),
    "erf": lambda m, a: m.erf(a),
    "erfc": lambda m, a: m.erfc(a),
    "gamma": lambda m, a: m.gamma(a),
    "lgamma": lambda m, a: m.loggamma(a).real,
    "digamma": lambda m, a: m.digamma(a),
    "polygamma": lambda m, n, a: m.psi(int(n), a),
    "sigmoid": lambda m, a: 1 / (1 + m.exp(-a)),
    "softplus": lambda m, a: m.log(1 + m.exp(a)),
    "relu": lambda m, a: a if a > 0 else 0 * a,
    "logaddexp": lambda m, a, b: m.log(m.exp(a) + m.exp(b)),
    "logsumexp": lambda m, *a: m.log(m.fsum(map(m.exp, a))),
    "+": lambda m, a, b: a + b,
    "-": lambda m, a, b: a - b,
    "*": lambda m, a, b: a * b,
    "/": lambda m, a, b: a / b,
    "^": lambda m, a, b: m.power(a, int(b) if b == int(b) else b),
    "negate": lambda m, a: -a,
}
HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}

# -- an evaluator of texts --------------------------------------------------------------------

Errors = Sequence[tuple[Any, Any]]  # of each step: its result times 1 + the first, plus the second
TOKEN = re.compile(r"\s*((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[A-Za-z]\w*|[<>=!]=|[-+*/^(),;=<>])")


class Step(NamedTuple):
    """An operation, number or name; `number` is its place among the results."""

    operation: str
    arguments: tuple[Any, ...]
    number: int


class Reference:
    """A text (explicit products only) as a tree, by precedence climbing."""

    def __init__(self, text: str) -> None:
        self.words = [*TOKEN.findall(text), ""]
        self.place = 0
        self.size = 0
        self.parts: dict[str, Step] = {}
        while self.words[self.place + 1] == "=":
            name = self.next()
            self.place += 1
            self.parts[name] = self.expression(0)
            self.place += 1
        self.root = self.expression(0)
        assert self.words[self.place] == "", text

    def next(self) -> str:
        self.place += 1
        return str(self.words[self.place - 1])

    def step(self, operation: str, *arguments: Any) -> Step:
        self.size += 1
        return Step(operation, arguments, self.size - 1)

    def expression(self, least: int) -> Step:
        left = self.operand()
        while (word := self.words[self.place]) in BINDING and BINDING[word] >= least:
            self.place += 1
            left = self.step(word, left, self.expression(3 if word == "^" else BINDING[word] + 1))
        return left

    def operand(self) -> Step:
        word = self.next()
        if word == "-":
            return self.step("negate", self.expression(3))
        if word == "(":
            inner = self.expression(0)
            self.place += 1
            return inner
        if word[0].isdigit() or word[0] == ".":
            return self.step("number", word)
        if self.words[self.place] != "(":
            return self.step("name", word)
        self.place += 1
        arguments: list[Any] = [self.expression(0)]
        if word == "ifelse":
            arguments.append(self.next())
            arguments.append(self.expression(0))
        while self.next() == ",":
            arguments.append(self.expression(0))
        return self.step(word, *arguments)

    def evaluate(self, m: Any, values: Mapping[str, Any], errors: Errors = ()) -> Any:
        """The value in the mpmath context `m`; `errors` has a factor and a shift for each step."""
        return self.results(m, values, errors)[-1]

    def results(self, m: Any, values: Mapping[str, Any], errors: Errors = ()) -> list[Any]:
        """The results of all steps, 0 for a step on an untaken side, and the value."""
        results = [m.mpf(0)] * self.size
        known: dict[str, Any] = {**values, **self.parts}

        def value(step: Step) -> Any:
            result = exact(step)
            if errors and step.operation not in ("negate", "number"):
                factor, shift = errors[step.number]
                result = result * (1 + factor) + shift
            results[step.number] = result
            return result

        def exact(step: Step) -> Any:
            operation, arguments, _ = step
            if operation == "number":
                return m.mpf(arguments[0])
            if operation == "name":
                found = known.get(arguments[0])
                if isinstance(found, Step):
                    found = known[arguments[0]] = value(found)
                return getattr(m, arguments[0]) + 0 if found is None else found
            if operation == "ifelse":
                left, comparison, right, where_it_holds, elsewhere = arguments
                holds = HOLDS[comparison](value(left), value(right))
                return value(where_it_holds if holds else elsewhere)
            return FUNCTIONS[operation](m, *map(value, arguments))

        whole = value(self.root)
        return [*results, whole]


BINDING = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 4}

# -- texts that have a value ------------------------------------------------------------------

# Where a function may be applied so that it is smooth there and not near its edge.
DOMAIN: dict[str, Callable[..., bool]] = {
    "exp": lambda a: abs(a) < 12,
    "expm1": lambda a: abs(a) < 12,
    "log": lambda a: a > 0.02,
    "ln": lambda a: a > 0.02,
    "log1p": lambda a: a > -0.95,
    "log2": lambda a: a > 0.02,
    "log10": lambda a: a > 0.02,
    "sqrt": lambda a: a > 0.02,
    "cbrt": lambda a: abs(a) > 0.02,
    "tan": lambda a: abs(a) < 1.5,
    "asin": lambda a: abs(a) < 0.99,
    "acos": lambda a: abs(a) < 0.99,
    "arcsin": lambda a: abs(a) < 0.99,
    "arccos": lambda a: abs(a) < 0.99,
    "atan2": lambda a, b: abs(a) > 0.02,
    "sinh": lambda a: abs(a) < 12,
    "cosh": lambda a: abs(a) < 12,
    "tanh": lambda a: abs(a) < 12,
    "logcosh": lambda a: abs(a) < 12,
    "acosh": lambda a: a > 1.02,
    "atanh": lambda a: abs(a) < 0.99,
    "abs": lambda a: abs(a) > 1e-3,
    "sign": lambda a: abs(a) > 1e-3,
    "relu": lambda a: abs(a) > 1e-3,
    "min": lambda *values: _apart(values),
    "max": lambda *values: _apart(values),
    "hypot": lambda a, b: abs(a) > 1e-3,
    "erf": lambda a: abs(a) < 4,
    "erfc": lambda a: abs(a) < 4,
    "gamma": lambda a: 0.02 < a < 12,
    "lgamma": lambda a: a > 0.02,
    "digamma": lambda a: a > 0.02,
    "polygamma": lambda n, a: a > 0.02,
    "logaddexp": lambda a, b: abs(a) < 12 and abs(b) < 12,
    "/": lambda a, b: abs(b) > 0.02,
}
UNDEFINED = ("log(-1 - ({0})^2)", "1/(({0}) - ({0}))", "sqrt(-2 - ({0})^2)", "(({0}) - ({0}))^(-1)")


def _apart(values: Sequence[float]) -> bool:
    ordered = sorted(values)
    return all(high - low > 1e-3 for low, high in pairwise(ordered))


class Written(NamedTuple):
    """A text and its value at the point."""

    text: str
    value: float


class WellPosed:
    """Writes expressions with a value at `point`; the functions take turns."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.used: Counter[str] = Counter()

    def problem(self, depth: int) -> tuple[str, dict[str, float]]:
        """A text and a point of one to three variables."""
        leaves, point = self.leaves()
        start = ""
        if self.random.random() < 0.3:
            part = self.expression(leaves, depth - 1)
            start = f"r = {part.text}; "
            leaves.append(Written("r", part.value))
        text = start + self.expression(leaves, depth).text
        return text, point

    def leaves(self) -> tuple[list[Written], dict[str, float]]:
        count = self.random.choice((1, 2, 2, 3))
        point = {name: round(self.random.uniform(-3, 3), 3) or 0.5 for name in ("x", "y", "z")}
        return [Written(name, point[name]) for name in list(point)[:count]], point

    def guarded(self) -> tuple[str, dict[str, float]]:
        """Branches side by side and in one another, on two comparisons, that share a value."""
        leaves, point = self.leaves()
        shared = self.expression(leaves, 2)
        bracketed = Written(f"({shared.text})", shared.value)

        def condition() -> tuple[str, bool]:
            while True:
                a, b = self.expression(leaves, 1), self.expression(leaves, 0)
                if abs(a.value - b.value) > 1e-3:
                    return f"{a.text} < {b.text}", a.value < b.value

        conditions = [condition(), condition()]

        def chosen(depth: int) -> str:
            if depth == 0:
                return self.expression([*leaves, bracketed, bracketed, bracketed], 1).text
            text, holds = self.random.choice(conditions)
            poison = self.random.choice(UNDEFINED).format(shared.text)
            sides = [chosen(depth - 1), poison]
            return f"ifelse({text}, {', '.join(sides if holds else sides[::-1])})"

        return f"{chosen(2)} + {chosen(1)}*{chosen(2)} - {chosen(1)}", point

    def expression(self, leaves: Sequence[Written], depth: int) -> Written:
        if depth == 0:
            if self.random.random() < 0.2:
                number = self.random.choice(("2", "0.5", "pi", "1.7e0", "e", "3", ".3"))
                return Written(number, float(Reference(number).evaluate(mpmath.fp, {})))
            return self.random.choice(leaves)
        count = self.random.choice((1, 1, 2, 2, 2, 3))
        operands = [self.expression(leaves, depth - 1) for _ in range(count)]
        return self.applied(operands) or operands[0]

    def applied(self, operands: Sequence[Written]) -> Written | None:
        """Some operation on the operands that has a value, the least used ones first."""
        ways = list(ARITIES[len(operands)])
        self.random.shuffle(ways)
        for name in sorted(ways, key=self.used.__getitem__):
            written = self.attempt(name, [o.text for o in operands], [o.value for o in operands])
            if written is not None and 1e-6 < abs(written.value) < 1e5:
                self.used[name] += 1
                return written
        return None

    def attempt(self, name: str, texts: Sequence[str], values: Sequence[float]) -> Written | None:
        """`name` applied to the operands, if it has a value there."""
        if name == "ifelse":
            a, b, c = texts
            if abs(values[0] - values[1]) < 1e-3:
                return None
            comparison = self.random.choice(("<", "<=", ">", ">=", "==", "!="))
            other = self.random.choice((*UNDEFINED, "{0}")).format(a)
            sides = (c, other) if HOLDS[comparison](values[0], values[1]) else (other, c)
            return Written(f"ifelse({a} {comparison} {b}, {', '.join(sides)})", values[2])
        if name == "power":
            exponent = self.random.choice(("2", "3", "-1", "-2", "5", "0.5", "1.2", "-1.5"))
            number = float(exponent)
            if abs(values[0]) < 0.05 or (values[0] < 0 and number != int(number)):
                return None
            return Written(f"({texts[0]})^({exponent})", values[0] ** number)
        if name == "^":
            if not 0.05 < values[0] < 20 or abs(values[1]) > 5:
                return None
            return Written(f"({texts[0]})^({texts[1]})", values[0] ** values[1])
        if name in ORDERED:
            order = self.random.randint(0, 4)
            texts, values = [str(order), *texts], [order, *values]
        if name in DOMAIN and not DOMAIN[name](*values):
            return None
        value = float(FUNCTIONS[name](mpmath.fp, *values))
        if name == "negate":
            return Written(f"-({texts[0]})", value)
        if name in "+-*/":
            return Written(f"({texts[0]}) {name} ({texts[1]})", value)
        return Written(f"{name}({', '.join(texts)})", value)


ORDERED = ("polygamma",)  # whose first argument is a constant whole number
TWO = ("+", "-", "*", "/", "^", "atan2", "hypot", "logaddexp", "min", "max", "logsumexp")
ARITIES = {
    1: [name for name in FUNCTIONS if name not in TWO] + ["power"],
    2: [*TWO, "*", "+", "/"],
    3: ["min", "max", "ifelse", "logsumexp"],
}

# -- strategies -------------------------------------------------------------------------------

NUMBERS = st.sampled_from(("0", "1", "2", "10", "0.5", ".25", "1e3", "2e-7", "3.", "1e30", "007"))
NAMES = st.sampled_from(("x", "y", "x1", "x10", "alpha", "β", "x₂", "pi", "π", "e"))


def _extended(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = (*TWO, *ORDERED, "negate")
    call = st.sampled_from([n for n in FUNCTIONS if n.isalnum() and n not in several])
    pair = st.sampled_from(("atan2", "hypot", "logaddexp", "logsumexp", "min", "max"))
    comparison = st.sampled_from(tuple(HOLDS))
    return st.one_of(
        st.builds(
            "{}{}{}".format, inner, st.sampled_from(("+", " - ", "*", "/", "^", "**")), inner
        ),
        st.builds("({})".format, inner),
        st.builds("-{}".format, inner),
        st.builds("{}{}".format, NUMBERS, inner),
        st.builds("({})({})".format, inner, inner),
        st.builds("{}({})".format, call, inner),
        st.builds("{}({}, {})".format, pair, inner, inner),
        st.builds("ifelse({}{}{}, {}, {})".format, inner, comparison, inner, inner, inner),
    )


bodies = st.recursive(NUMBERS | NAMES, _extended, max_leaves=12)
texts = st.one_of(
    bodies,
    st.builds("f(x, y, e) = {}".format, bodies),
    st.builds("r = {}; {}*r".format, bodies, bodies),
    st.builds("r = {}; s = r+{}; g(b, x, r1) = {}-s;".format, bodies, bodies, bodies),
)


# -- with vectors and loops ---------------------------------------------------------------------

AFFINES = st.sampled_from(("i", "1", "n", "i+1", "2*i - j", "-i + n", "3(i+1)", "n-(i - j)"))
ENTRIES = st.one_of(
    st.builds("x[{}]".format, AFFINES),
    st.builds("W[{}, {}]".format, AFFINES, AFFINES),
    st.sampled_from(("dot(x,y)", "norm(x)", "i", "n")),
)
RANGES = st.one_of(
    st.builds("i in 1:{}".format, AFFINES),
    st.builds("j in max(1, {}):min({},n)".format, AFFINES, AFFINES),
    st.builds("i in {}:n , j in i:{}".format, AFFINES, AFFINES),
)


def _looped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    loop = st.sampled_from(("sum", "prod", "max", "min"))
    return _extended(inner) | st.builds("{}({} for {})".format, loop, inner, RANGES)


vector_bodies = st.recursive(ENTRIES | ENTRIES | NUMBERS | NAMES, _looped, max_leaves=10)
vector_texts = st.one_of(
    vector_bodies,
    st.builds("f(x[n+1], W[m, 3], b) = {}".format, vector_bodies),
    st.builds("r = {}; r*{}".format, vector_bodies, vector_bodies),
)


def _operated(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operator = st.sampled_from(("+", "-", "*", "/", "**"))
    return st.one_of(
        st.builds("{}{}{}".format, inner, operator, inner),
        st.builds("{}{}".format, st.sampled_from(("-", "+")), inner),
        st.builds("({})".format, inner),
    )


# Explicit arithmetic, which Python reads by the same rules of precedence.
infix = st.recursive(st.sampled_from(("x", "y", "2", "3.5")), _operated, max_leaves=10)
