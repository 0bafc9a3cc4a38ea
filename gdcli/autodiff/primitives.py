"""The table of primitives: all that differentiation knows of a function is one row of ROWS.

A row gives the derivative by each argument in the language itself, where `a` and `b` are the
arguments and `y` is the output, already computed. For a function of any number of arguments the
one formula serves every argument `a`, `t` is how many arguments equal `y`, and `r` is what rounding
took from `y`.

The formulas keep their digits: 1 - y^2 for tanh would be off by 100 % at a = 20, y*(1 - y) for
sigmoid is 0 at 37, 1/sqrt(1 - a^2) for asin loses half of them near 1. To add a function, add its
row, with a line in EDGE_ANSWERS and DEFINITIONS where it has one, its value in each number system
(`numbers/`, `execute/grid.py`, `execute/native/operations.py`, `derivatives/symbolic.py`) and the
bounds of its error in `numbers/error_propagation.py` and `nonsmooth/error_bound.py`; a test names
the tables that lack it.
"""

from __future__ import annotations

from gdcli.language.parser import Arity
from gdcli.named_tuples import NamedTuple

SampledRange = tuple[float, float]


class Primitive(NamedTuple):
    """One function y = name(arguments), and what is known of it.

    `partials` are formulas of ∂y/∂ each of `arguments`, and `sampled` are the intervals that tests
    draw the arguments from. `kink` is a formula that is 0 at a kink or an edge, and `singular` says
    to a person what is answered there. `undefined` is a formula that is 0 where the function has no
    value though floating point gives one. `definition` spells the function in others, for number
    systems that lack it. A name that came to the language `since` a release after 0.1 is a
    function's only before `(`, so that no text with such a variable changes its meaning. Where
    there is a `greatest_order`, the first argument is a constant whole number from 0 to it.
    """

    name: str
    arguments: tuple[str, ...]
    partials: tuple[str, ...]
    sampled: tuple[SampledRange, ...]
    kink: str
    undefined: str
    aliases: tuple[str, ...]
    variadic: bool
    since: str
    greatest_order: int
    singular: str
    definition: str


# The `singular` and the `definition` of the functions that have one: too long for a row.
# fmt: off
EDGE_ANSWERS = {
    "/":           "b = 0: a pole",
    "pow-integer": "a^0 is 1 everywhere, with slope 0; a = 0 and b < 0: a pole",
    "pow-general": "a = 0: slope 0 by b where b > 0, and by a where b > 1",
    "log":         "a = 0: a pole",
    "log1p":       "a = -1: pole",
    "log2":        "a = 0: pole",
    "log10":       "a = 0: pole",
    "sqrt":        "a = 0: one-sided, +inf",
    "cbrt":        "a = 0: +inf",
    "tan":         "poles at odd multiples of pi/2",
    "asin":        "a = ±1: inf",
    "acos":        "a = ±1: -inf",
    "atan2":       "(0, 0): undefined; a jump of 2 pi across a = 0, b < 0",
    "acosh":       "a = 1: one-sided, +inf",
    "atanh":       "a = ±1: a pole",
    "abs":         "a = 0: 0",
    "sign":        "a = 0: a jump, slope 0",
    "min":         "equal shares among all that tie",
    "max":         "equal shares among all that tie",
    "hypot":       "(0, 0): 0",
    "relu":        "a = 0: 0",
    "gamma":       "a = 0, -1, -2, ...: a pole",
    "lgamma":      "a = 0, -1, -2, ...: a pole",
    "digamma":     "a = 0, -1, -2, ...: a pole",
    "polygamma":   "b = 0, -1, -2, ...: a pole; a is a whole number",
}

DEFINITIONS = {
    "expm1":       "exp(a) - 1",
    "log1p":       "log(1 + a)",
    "log2":        "log(a)/log(2)",
    "log10":       "log(a)/log(10)",
    "sinh":        "(exp(a) - exp(-a))/2",
    "cosh":        "(exp(a) + exp(-a))/2",
    "tanh":        "1 - 2/(exp(2*a) + 1)",
    "asinh":       "log(a + sqrt(a^2 + 1))",
    "acosh":       "log(a + sqrt(a - 1)*sqrt(a + 1))",
    "atanh":       "(log1p(a) - log1p(-a))/2",
    "abs":         "max(a, -a)",
    "sign":        "ifelse(a > 0, 1, ifelse(a < 0, -1, 0))",
    "hypot":       "sqrt(a^2 + b^2)",
    "logcosh":     "log(cosh(a))",
    "sigmoid":     "1/(1 + exp(-a))",
    "softplus":    "max(a, 0) + log1p(exp(-abs(a)))",
    "relu":        "max(a, 0)",
    "logaddexp":   "max(a, b) + log1p(exp(-abs(a - b)))",
    "if-defined":  "a",
    "tanh-slope":  "1/cosh(a)^2",
}
# fmt: on


def _row(
    name: str,
    partials: str,
    *,
    kink: str = "",
    undefined: str = "",
    aliases: str = "",
    variadic: bool = False,
    since: str = "0.1",
    greatest_order: int = 0,
    **sampled: SampledRange,
) -> Primitive:
    return Primitive(
        name,
        tuple(sampled),
        tuple(partials.split("; ")),
        tuple(sampled.values()) * (2 if variadic else 1),
        kink,
        undefined,
        tuple(aliases.split()),
        variadic,
        since,
        greatest_order,
        EDGE_ANSWERS.get(name, ""),
        DEFINITIONS.get(name, ""),
    )


IF_DEFINED = "if-defined"  # of a and b: a where b is defined
TANH_SLOPE = "tanh-slope"  # of a: a partial derivative that is its definition is computed by it
ANY, POSITIVE, UNIT = (-20.0, 20.0), (0.01, 50.0), (-0.999, 0.999)
POWER_PARTIALS = (
    # b/a*y saves a second power, where y is neither 0 nor has lost digits by underflow
    "ifelse(b == 0, ifelse(a == 0, 0, b/a), ifelse(abs(y) > 1e-290, b/a*y, b*a^(b - 1))); "
    "ifelse(b > 0, ifelse(a == 0, 0, y*log(a)), y*log(a))"
)
ATAN2_PARTIALS = "b/hypot(a, b)/hypot(a, b); -a/hypot(a, b)/hypot(a, b)"
HYPOT_PARTIALS = "ifelse(y == 0, 0, a/y); ifelse(y == 0, 0, b/y)"

# fmt: off
ROWS = (
    #    y =            ∂y/∂a; ∂y/∂b                      tests draw a, b from; what few rows have
    _row("+",           "1; 1",                           a=ANY, b=ANY),
    _row("-",           "1; -1",                          a=ANY, b=ANY),
    _row("*",           "b; a",                           a=ANY, b=ANY),
    _row("/",           "1/b; -y/b",                      a=ANY, b=POSITIVE),
    _row("unary-minus", "-1",                             a=ANY),
    _row("pow-integer", "b*a^(b - 1); 0",                 a=(0.1, 4.0), b=(2.0, 2.0)),
    _row("pow-general", POWER_PARTIALS,                   a=(0.1, 6.0), b=(-3.0, 3.0), kink="a"),
    _row("exp",         "y",                              a=ANY),
    _row("expm1",       "exp(a)",                         a=ANY),
    _row("log",         "1/a",                            a=POSITIVE, aliases="ln"),
    _row("log1p",       "1/(1 + a)",                      a=(-0.9, 50.0)),
    _row("log2",        "1/(a*log(2))",                   a=POSITIVE),
    _row("log10",       "1/(a*log(10))",                  a=POSITIVE),
    _row("sqrt",        "1/(2*y)",                        a=POSITIVE, kink="a"),
    _row("cbrt",        "1/(3*y^2)",                      a=(0.1, 50.0), kink="a"),
    _row("sin",         "cos(a)",                         a=ANY),
    _row("cos",         "-sin(a)",                        a=ANY),
    _row("tan",         "1 + y^2",                        a=(-1.5, 1.5)),
    _row("asin",        "1/sqrt((1 - a)*(1 + a))",        a=UNIT, aliases="arcsin"),
    _row("acos",        "-1/sqrt((1 - a)*(1 + a))",       a=UNIT, aliases="arccos"),
    _row("atan",        "1/(1 + a^2)",                    a=ANY, aliases="arctan"),
    _row("atan2",       ATAN2_PARTIALS,                   a=(0.1, 20.0), b=ANY,
         kink="ifelse(b < 0, a, hypot(a, b))", undefined="hypot(a, b)"),
    _row("sinh",        "cosh(a)",                        a=ANY),
    _row("cosh",        "sinh(a)",                        a=ANY),
    _row("tanh",        "1/cosh(a)^2",                    a=ANY),
    _row("asinh",       "1/hypot(1, a)",                  a=ANY),
    _row("acosh",       "1/(sqrt(a - 1)*sqrt(a + 1))",    a=(1.01, 50.0)),
    _row("atanh",       "1/((1 - a)*(1 + a))",            a=UNIT),
    _row("abs",         "sign(a)",                        a=ANY, kink="a"),
    _row("sign",        "0",                              a=ANY, kink="a"),
    _row("min",         "ifelse(a == y, 1/t, 0)",         a=ANY, variadic=True),
    _row("max",         "ifelse(a == y, 1/t, 0)",         a=ANY, variadic=True),
    _row("hypot",       HYPOT_PARTIALS,                   a=ANY, b=ANY, kink="y"),
    _row("erf",         "2/sqrt(pi)*exp(-a^2)",           a=(-5.0, 5.0)),
    _row("erfc",        "-2/sqrt(pi)*exp(-a^2)",          a=(-5.0, 5.0), since="0.2"),
    _row("gamma",       "y*digamma(a)",                   a=(0.1, 50.0), since="0.2"),
    _row("lgamma",      "digamma(a)",                     a=(0.1, 50.0), since="0.2"),
    _row("digamma",     "polygamma(1, a)",                a=(0.1, 50.0), since="0.2"),
    _row("polygamma",   "0; polygamma(a + 1, b)",         a=(2.0, 2.0), b=(0.1, 50.0),
         greatest_order=170, since="0.2"),
    _row("logcosh",     "tanh(a)",                        a=ANY),
    _row("sigmoid",     "y*sigmoid(-a)",                  a=ANY),
    _row("softplus",    "sigmoid(a)",                     a=ANY),
    _row("relu",        "ifelse(a > 0, 1, 0)",            a=ANY, kink="a"),
    _row("logaddexp",   "sigmoid(a - b); sigmoid(b - a)", a=ANY, b=ANY),
    _row("logsumexp",   "exp(a - y - r)",                 a=ANY, variadic=True, since="0.2"),
    _row(TANH_SLOPE,    "-2*y*tanh(a)",                   a=ANY),  # floats overflow in cosh(a)^2
    _row(IF_DEFINED,    "1; 0",                           a=ANY, b=ANY),  # of passes/
    _row("tie-count",   "0",                              a=ANY, variadic=True),  # the `t` above
)
# fmt: on

PRIMITIVES = {row.name: row for row in ROWS}

NONSMOOTH_PRIMITIVES = frozenset(
    {row.name for row in ROWS if row.kink or row.undefined} | {"max", "min"}
)
# The others have an infinite slope at their kink, where floats raise an error.
SILENT_KINKS = NONSMOOTH_PRIMITIVES - {"sqrt", "cbrt"}
# What a machine computes in a few instructions of its own, without a call of the C library.
INLINE_PRIMITIVES = frozenset(
    (
        *("+", "-", "*", "/", "unary-minus", "abs", "sqrt", "min", "max", "relu", "sign"),
        *("if-defined", "if-finite", "if-negligible"),  # of passes
    )
)

# By name and alias: the rows whose name can be typed.
LANGUAGE_FUNCTIONS = {
    name: row for row in ROWS if row.name.isidentifier() for name in (row.name, *row.aliases)
}
ARITIES = {
    name: Arity(
        len(row.arguments), None if row.variadic else len(row.arguments), row.since == "0.1"
    )
    for name, row in LANGUAGE_FUNCTIONS.items()
}
