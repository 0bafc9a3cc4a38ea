"""THE table: all that differentiation knows of a mathematical function is one row of it.

A row gives the partial derivative by each argument in the language itself, where `a` and `b` are
the arguments and `y` is the output, already computed. For a function of any number of arguments
the one formula serves every argument `a`, and `t` is how many arguments equal `y`.

The formulas keep their digits: 1 - y^2 for tanh would be off by 100 % at a = 20, y*(1 - y) for
sigmoid is 0 at 37, 1/sqrt(1 - a^2) for asin loses half of them near 1. To add a function, add its
row here and its value in each number system of `gdcli/execute/`; the tests walk the table.
"""

from __future__ import annotations

from typing import NamedTuple

from gdcli.language.refusals import Arity

Interval = tuple[float, float]


class Primitive(NamedTuple):
    """One function.

    `arguments` are the names that stand in the formulas; `sampled` holds, for each of them, an
    interval of the domain from which tests draw. `kink` is a formula that is 0 where the function
    has a kink or an edge, and `singular` says what is answered there. `definition` spells the
    function in others, for number systems that lack it. `undefined` is a formula that is 0 where
    the function has no value though floating point gives one. `since` is the release that brought
    the name to the language: those after 0.1 are functions only before `(`, so that no text that
    has such a name for a variable changes its meaning.
    """

    name: str
    arguments: tuple[str, ...]
    partials: tuple[str, ...]
    sampled: tuple[Interval, ...]
    singular: str = ""
    kink: str = ""
    undefined: str = ""
    definition: str = ""
    aliases: tuple[str, ...] = ()
    variadic: bool = False
    since: str = "0.1"


def _row(
    name: str, arguments: str, partials: str, *sampled: Interval, **more: str | bool
) -> Primitive:
    aliases = tuple(str(more.pop("aliases", "")).split())
    formulas = tuple(partial.strip() for partial in partials.split(";"))
    return Primitive(
        name,
        tuple(arguments.split()),
        formulas,
        sampled,
        aliases=aliases,
        **more,  # type: ignore[arg-type]
    )


ANY, POSITIVE, UNIT = (-20.0, 20.0), (0.01, 50.0), (-0.999, 0.999)

ROWS = (
    _row("+", "a b", "1; 1", ANY, ANY),
    _row("-", "a b", "1; -1", ANY, ANY),
    _row("*", "a b", "b; a", ANY, ANY),
    _row("/", "a b", "1/b; -y/b", ANY, POSITIVE, singular="b = 0: a pole"),
    _row("unary-minus", "a", "-1", ANY),
    _row(
        "pow-integer",
        "a b",
        "b*a^(b - 1); 0",
        (0.1, 4.0),
        (2.0, 2.0),
        singular="a^0 is 1 everywhere, with slope 0; a = 0 and b < 0: a pole",
    ),
    _row(
        "pow-general",
        "a b",
        # b/a*y saves a second power, where y is neither 0 nor has lost digits by underflow
        "ifelse(b == 0, ifelse(a == 0, 0, b/a), ifelse(abs(y) > 1e-290, b/a*y, b*a^(b - 1)));"
        "ifelse(b > 0, ifelse(a == 0, 0, y*log(a)), y*log(a))",
        (0.1, 6.0),
        (-3.0, 3.0),
        kink="a",
        singular="a = 0: slope 0 by b where b > 0, and by a where b > 1",
    ),
    _row("exp", "a", "y", (-20.0, 20.0)),
    _row("expm1", "a", "exp(a)", ANY, definition="exp(a) - 1"),
    _row("log", "a", "1/a", POSITIVE, aliases="ln", singular="a = 0: a pole"),
    _row("log1p", "a", "1/(1 + a)", (-0.9, 50.0), definition="log(1 + a)", singular="a = -1: pole"),
    _row("log2", "a", "1/(a*log(2))", POSITIVE, definition="log(a)/log(2)", singular="a = 0: pole"),
    _row(
        "log10", "a", "1/(a*log(10))", POSITIVE, definition="log(a)/log(10)", singular="a = 0: pole"
    ),
    _row("sqrt", "a", "1/(2*y)", POSITIVE, kink="a", singular="a = 0: one-sided, +inf"),
    _row("cbrt", "a", "1/(3*y^2)", (0.1, 50.0), kink="a", singular="a = 0: +inf"),
    _row("sin", "a", "cos(a)", ANY),
    _row("cos", "a", "-sin(a)", ANY),
    _row("tan", "a", "1 + y^2", (-1.5, 1.5), singular="poles at odd multiples of pi/2"),
    _row("asin", "a", "1/sqrt((1 - a)*(1 + a))", UNIT, aliases="arcsin", singular="a = ±1: inf"),
    _row("acos", "a", "-1/sqrt((1 - a)*(1 + a))", UNIT, aliases="arccos", singular="a = ±1: -inf"),
    _row("atan", "a", "1/(1 + a^2)", ANY, aliases="arctan"),
    _row(
        "atan2",
        "a b",
        "b/hypot(a, b)/hypot(a, b); -a/hypot(a, b)/hypot(a, b)",
        (0.1, 20.0),
        ANY,
        kink="ifelse(b < 0, a, hypot(a, b))",
        undefined="hypot(a, b)",
        singular="(0, 0): undefined; a jump of 2 pi across a = 0, b < 0",
    ),
    _row("sinh", "a", "cosh(a)", ANY, definition="(exp(a) - exp(-a))/2"),
    _row("cosh", "a", "sinh(a)", ANY, definition="(exp(a) + exp(-a))/2"),
    _row("tanh", "a", "1/cosh(a)^2", ANY, definition="1 - 2/(exp(2*a) + 1)"),
    _row("asinh", "a", "1/hypot(1, a)", ANY, definition="log(a + sqrt(a^2 + 1))"),
    _row(
        "acosh",
        "a",
        "1/(sqrt(a - 1)*sqrt(a + 1))",
        (1.01, 50.0),
        definition="log(a + sqrt(a - 1)*sqrt(a + 1))",
        singular="a = 1: one-sided, +inf",
    ),
    _row(
        "atanh",
        "a",
        "1/((1 - a)*(1 + a))",
        UNIT,
        definition="(log1p(a) - log1p(-a))/2",
        singular="a = ±1: a pole",
    ),
    _row("abs", "a", "sign(a)", ANY, kink="a", singular="a = 0: 0", definition="max(a, -a)"),
    _row(
        "sign",
        "a",
        "0",
        ANY,
        kink="a",
        singular="a = 0: a jump, slope 0",
        definition="ifelse(a > 0, 1, ifelse(a < 0, -1, 0))",
    ),
    _row(
        "min",
        "a",
        "ifelse(a == y, 1/t, 0)",
        ANY,
        ANY,
        variadic=True,
        singular="equal shares among all that tie",
    ),
    _row(
        "max",
        "a",
        "ifelse(a == y, 1/t, 0)",
        ANY,
        ANY,
        variadic=True,
        singular="equal shares among all that tie",
    ),
    _row(
        "hypot",
        "a b",
        "ifelse(y == 0, 0, a/y); ifelse(y == 0, 0, b/y)",
        ANY,
        ANY,
        kink="y",
        singular="(0, 0): 0",
        definition="sqrt(a^2 + b^2)",
    ),
    _row("erf", "a", "2/sqrt(pi)*exp(-a^2)", (-5.0, 5.0)),
    _row("logcosh", "a", "tanh(a)", ANY, definition="log(cosh(a))"),
    _row("sigmoid", "a", "y*sigmoid(-a)", ANY, definition="1/(1 + exp(-a))"),
    _row("softplus", "a", "sigmoid(a)", ANY, definition="max(a, 0) + log1p(exp(-abs(a)))"),
    _row(
        "relu",
        "a",
        "ifelse(a > 0, 1, 0)",
        ANY,
        kink="a",
        singular="a = 0: 0",
        definition="max(a, 0)",
    ),
    _row(
        "logaddexp",
        "a b",
        "sigmoid(a - b); sigmoid(b - a)",
        ANY,
        ANY,
        definition="max(a, b) + log1p(exp(-abs(a - b)))",
    ),
    # How many of the later arguments equal the first; `t` in the formulas above.
    _row("tie-count", "a", "0", ANY, ANY, variadic=True),
)

PRIMITIVES = {row.name: row for row in ROWS}

# What has kinks, comparisons aside; and what has a finite local rule there, so that floats, which
# raise at the others' infinite slopes, do not notice.
NONSMOOTH_PRIMITIVES = frozenset(
    {row.name for row in ROWS if row.kink or row.undefined} | {"max", "min"}
)
SILENT_KINKS = NONSMOOTH_PRIMITIVES - {"sqrt", "cbrt"}
COMPARISONS = frozenset(("<", "<=", ">", ">=", "==", "!="))

# What the language offers: the rows whose name can be typed, by name and alias.
LANGUAGE_FUNCTIONS = {
    name: row for row in ROWS if row.name.isidentifier() for name in (row.name, *row.aliases)
}
ARITIES = {
    name: Arity(
        len(row.arguments), None if row.variadic else len(row.arguments), row.since == "0.1"
    )
    for name, row in LANGUAGE_FUNCTIONS.items()
}
