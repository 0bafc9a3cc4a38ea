"""SymPy's expressions: that of a tape, its LaTeX, and the text of one in our language.

Comes in: a Tape, or an expression that somebody has made with SymPy. Goes out: an expression in
SymPy's symbols, the entries of arrays as Indexed ones (`x[1]`); or a text that reads back to the
same function. UndefinedError says what one of the two cannot write.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import sympy
from sympy.printing.precedence import precedence
from sympy.printing.str import StrPrinter

from gdcli.autodiff.primitives import LANGUAGE_FUNCTIONS
from gdcli.autodiff.tape import CONSTANT, Instruction, Tape, Walk, run
from gdcli.errors import ExpressionError, GdcliError, UndefinedError, UsageError, brief
from gdcli.execute.interpret import operation
from gdcli.execute.limited_process import CPU_SECONDS, MEMORY_BYTES, limited_answers
from gdcli.language.lexer import NAME_TOKEN, tokens
from gdcli.language.semantics.roles import natural_order
from gdcli.language.syntax import Decimal
from gdcli.numbers.floats import NumberSystem, to_float

if TYPE_CHECKING:
    from gdcli.functions.layout import Layout

MOST_EXPRESSED_STEPS = 5_000  # of a tape: SymPy takes seconds for more
MOST_LATEX_STEPS = 60  # of a formula that a notebook shows
MOST_EXPANDED_EXPONENT = 1_000  # that SymPy may apply to numbers here, without limits of time
LANGUAGE_NAMES = {
    **{"Abs": "abs", "Max": "max", "Min": "min", "loggamma": "lgamma"},
    **{"Sqrt": "sqrt", "Cbrt": "cbrt"},  # of sympy.codegen
}
UNEVALUATED_AT_NUMBERS = (  # operations that SymPy leaves as they are, or does at once
    *("+", "-", "*", "/", "unary-minus", "sqrt", "exp", "log", "sin", "cos", "tan", "asin", "acos"),
    *("atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "cbrt"),
)


def _exact(number: Decimal) -> Any:
    coefficient, exponent = number
    if exponent >= 0:
        return sympy.Integer(coefficient * 10**exponent)
    return sympy.Rational(coefficient, 10**-exponent)


def _magnitude(a: Any) -> Any:
    return sympy.Abs(a) if a.is_extended_real else sympy.Max(a, -a)


def _sign(a: Any) -> Any:
    return sympy.sign(a) if a.is_extended_real else sympy.Heaviside(a) - sympy.Heaviside(-a)


def _cube_root(a: Any) -> Any:
    return a / (a * a) ** sympy.Rational(1, 3)  # a^(1/3) alone is not real for negative a


@cache
def symbolic_numbers() -> NumberSystem:
    """SymPy's expressions as a number system."""
    names = "exp log sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh erf sqrt"
    operations: dict[str, Callable[..., Any]] = {
        **{name: getattr(sympy, name) for name in f"{names} erfc gamma digamma polygamma".split()},
        "lgamma": sympy.loggamma,
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "unary-minus": lambda a: -a,
        "pow-integer": lambda a, b: a**b,
        "pow-general": lambda a, b: a**b,
        "cbrt": _cube_root,
        "abs": _magnitude,
        "sign": _sign,
        "min": sympy.Min,
        "max": sympy.Max,
        "relu": lambda a: sympy.Max(a, 0),
        "softplus": lambda a: sympy.log(1 + sympy.exp(a)),
        "logaddexp": lambda a, b: sympy.log(sympy.exp(a) + sympy.exp(b)),
        "logsumexp": lambda *values: sympy.log(sympy.Add(*map(sympy.exp, values))),
    }
    return NumberSystem("symbolic", _exact, {"pi": sympy.pi, "e": sympy.E}, operations)


def formula(tape: Tape, inputs: Sequence[Any], decimal: Callable[[Decimal], Any] = _exact) -> Any:
    """The expression of the tape in its inputs; `decimal` says what stands for a number of it."""
    relations = {
        "<": sympy.Lt,
        "<=": sympy.Le,
        ">": sympy.Gt,
        ">=": sympy.Ge,
        "==": sympy.Eq,
        "!=": sympy.Ne,
    }
    system = symbolic_numbers()

    def leaf(instruction: Instruction) -> Any:
        payload = instruction.payload
        if instruction.operation != CONSTANT:
            return inputs[payload]
        return decimal(payload) if isinstance(payload, Decimal) else system.constants[payload]

    def apply(instruction: Instruction, operands: list[Any]) -> Any:
        return operation(system, instruction.payload)(*operands)

    def branch(instruction: Instruction, operands: list[Any], walk: Walk) -> list[Any]:
        condition = relations[instruction.payload](*operands)
        sides = zip(*(walk(region) for region in instruction.regions), strict=True)
        return [sympy.Piecewise((there, condition), (other, True)) for there, other in sides]

    return run(tape, leaf, apply, branch)[0]


def expressed(tape: Tape, names: Sequence[str]) -> Iterator[Any]:
    """The expression of the tape in real symbols of these names, so that `abs` stays `Abs`."""
    yield formula(tape, [sympy.Symbol(name, real=True) for name in names])


def expression_of(tape: Tape, layout: Layout) -> Any:
    """The SymPy expression of a tape without loops: numbers exact, entries of arrays Indexed.

    Raises UsageError where it is too long, or takes SymPy too long.
    """
    if tape.size > MOST_EXPRESSED_STEPS:
        most = f"more than {MOST_EXPRESSED_STEPS:,}"
        raise UsageError(f"SymPy would take too long for {tape.size:,} steps, {most}")
    given = tape, [*layout.components]
    try:
        if _computes_numbers(tape):
            answers = limited_answers(f"{__name__}:expressed", *given).answers
        else:
            answers = list(expressed(*given))
        if not answers:
            limits = f"{CPU_SECONDS} CPU seconds or {MEMORY_BYTES // 10**6} MB"
            raise UsageError(f"SymPy takes more than {limits} for this formula")
        symbols = zip(_real_symbols(layout), _symbols(layout), strict=True)
        return answers[0].xreplace(dict(symbols))
    except GdcliError:
        raise
    except (RecursionError, ValueError, TypeError, NotImplementedError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise UndefinedError(f"SymPy cannot express this function: {reason}") from None


def _real_symbols(layout: Layout) -> list[Any]:
    return [sympy.Symbol(name, real=True) for name in layout.components]


def _symbols(layout: Layout) -> list[Any]:
    """A plain symbol for each component of a point, an Indexed for the entry of an array."""
    shapes = layout.shapes
    made: list[Any] = []
    for name in layout.components:
        base, _, subscripts = name.partition("[")
        if base in shapes:
            places = [int(one) for one in subscripts.rstrip("]").split(",")]
            made.append(sympy.IndexedBase(base)[tuple(places)])
        else:
            made.append(sympy.Symbol(name))
    return made


def _computes_numbers(tape: Tape) -> bool:
    """Whether SymPy would compute numbers that may be huge, as in `(2*x)^1000000` or `3^3^3^3`."""
    found = False

    def apply(instruction: Instruction, operands: list[float | None]) -> float | None:
        nonlocal found
        name, constant = str(instruction.payload), None not in operands
        exponent = operands[1] if name.startswith("pow") else None
        large = exponent is not None and not abs(exponent) <= MOST_EXPANDED_EXPONENT
        found = found or large or (constant and name not in UNEVALUATED_AT_NUMBERS)
        return math.inf if constant else None

    def leaf(instruction: Instruction) -> float | None:
        if instruction.operation != CONSTANT:
            return None
        payload = instruction.payload
        return to_float(payload) if isinstance(payload, Decimal) else math.inf

    def branch(instruction: Instruction, operands: list[Any], walk: Walk) -> list[Any]:
        nonlocal found
        found = found or None not in operands
        sides = [walk(region) for region in instruction.regions]
        return [None] * len(sides[0])

    run(tape, leaf, apply, branch)
    return found


def latex(tape: Tape, layout: Layout) -> str | None:
    """The formula as it is written, in LaTeX; None where it is long, or SymPy cannot write it."""
    if tape.size > MOST_LATEX_STEPS:
        return None
    try:
        symbols = zip(_real_symbols(layout), _symbols(layout), strict=True)
        written_as = {real: sympy.latex(plain) for real, plain in symbols}
        with sympy.evaluate(False):
            found = _flat(formula(tape, [*written_as], lambda number: sympy.Symbol(str(number))))
        written = sympy.latex(found, order="none", symbol_names=written_as)
        names = ", ".join(sympy.latex(sympy.Symbol(name)) for name in layout.variables)
    except (GdcliError, RecursionError, ValueError, TypeError, NotImplementedError):
        return None
    return f"f\\left({names}\\right) = {written}"


class Printer(StrPrinter):  # type: ignore[misc]
    """SymPy's printer with our language's spelling; SymPy calls its methods by name."""

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:  # noqa: ARG002
        if expr.exp == sympy.S.Half:
            return f"sqrt({self._print(expr.base)})"
        if expr.exp == -sympy.S.Half:
            return f"1/sqrt({self._print(expr.base)})"
        if expr.exp == -1:
            return f"1/{self.parenthesize(expr.base, precedence(expr), strict=False)}"
        base, exponent = expr.base, expr.exp
        power = self.parenthesize(exponent, precedence(expr), strict=False)
        return f"{self.parenthesize(base, precedence(expr), strict=False)}^{power}"

    def _print_Infinity(self, expr: Any) -> str:  # noqa: ARG002
        return "1/0"  # no value there

    _print_NegativeInfinity = _print_ComplexInfinity = _print_NaN = _print_Infinity

    def _print_Exp1(self, expr: Any) -> str:  # noqa: ARG002
        return "e"

    def _print_EulerGamma(self, expr: Any) -> str:  # noqa: ARG002
        return "(-digamma(1))"

    def _print_zeta(self, expr: Any) -> str:
        order = int(expr.args[0]) - 1  # SymPy makes it of polygamma(order, 1)
        sign = "" if order % 2 else "-"
        return f"({sign}polygamma({order}, 1)/{math.factorial(order)})"

    def _print_polygamma(self, expr: Any) -> str:
        order, argument = expr.args
        name = f"polygamma({order}, " if order else "digamma("
        return f"{name}{self._print(argument)})"

    def _print_Function(self, expr: Any) -> str:
        name = expr.func.__name__
        arguments = ", ".join(map(self._print, expr.args))
        return f"{LANGUAGE_NAMES.get(name, name)}({arguments})"

    _print_Abs = _print_Max = _print_Min = _print_Function

    def _print_Heaviside(self, expr: Any) -> str:
        inner = self._print(expr.args[0])
        return f"ifelse({inner} > 0, 1, ifelse({inner} < 0, 0, 1/2))"

    def _print_DiracDelta(self, expr: Any) -> str:  # noqa: ARG002
        return "0"  # a jump has slope 0, as in the table

    def _print_Piecewise(self, expr: Any) -> str:
        *pieces, (last, condition) = expr.args
        if condition != sympy.true:
            raise UndefinedError("SymPy's Piecewise does not say what holds elsewhere")
        text = str(self._print(last))
        for value, condition in reversed(pieces):
            text = self._where(condition, str(self._print(value)), text)
        return text

    def _where(self, condition: Any, there: str, elsewhere: str) -> str:
        if isinstance(condition, sympy.And):
            for one in condition.args:
                there = self._where(one, there, elsewhere)
            return there
        if isinstance(condition, sympy.Or):
            for one in condition.args:
                elsewhere = self._where(one, there, elsewhere)
            return elsewhere
        if not isinstance(condition, sympy.core.relational.Relational):
            raise UndefinedError(f"the language has no way to write {condition}")
        left, right = self._print(condition.lhs), self._print(condition.rhs)
        return f"ifelse({left} {condition.rel_op} {right}, {there}, {elsewhere})"


def _flat(expression: Any) -> Any:
    """The expression with sums of sums as one sum, and products likewise; nothing is evaluated."""
    if not expression.args:
        return expression
    arguments = [_flat(one) for one in expression.args]
    if isinstance(expression, sympy.Add | sympy.Mul):
        kind = expression.func
        lists = (one.args if isinstance(one, kind) else [one] for one in arguments)
        arguments = [argument for one in lists for argument in one]
    return expression.func(*arguments)


def is_sympy(source: object) -> bool:
    """Whether the object is one of SymPy's."""
    return isinstance(source, sympy.Basic | sympy.MatrixBase)


def text_of(expression: Any, given: Collection[str] = ()) -> str:
    """The text of SymPy's expression; `given` are the names of parameters, sizes and data.

    Its variables are the free symbols in natural order. Raises ExpressionError for what the
    language cannot write.
    """
    if not isinstance(expression, sympy.Expr) or isinstance(expression, sympy.MatrixExpr):
        what = brief(type(expression).__name__)
        raise ExpressionError(f"SymPy's {what} is no expression of numbers, so it is no function")
    try:
        plain = expression
        for name, formula_of in REWRITTEN_FUNCTIONS.items():
            plain = plain.replace(getattr(sympy, name), formula_of)
        _refuse_shared_names(plain)
        sizes = {symbol.name for symbol in _size_symbols(plain)}
        names = {one.name for one in plain.free_symbols if isinstance(one, sympy.Symbol)}
        variables = sorted(names - sizes - {*given}, key=natural_order)
        body = str(LanguagePrinter(names).doprint(plain))
    except UndefinedError as error:
        raise ExpressionError(error.message) from None
    except (ValueError, RecursionError) as error:  # a number of thousands of digits
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise ExpressionError(f"SymPy cannot write its expression: {reason}") from None
    title = next(name for name in ("f", "g", "h", "F", "G", "H", *"abcd") if name not in names)
    return f"{title}({', '.join(variables)}) = {body}" if variables else body


def _refuse_shared_names(expression: Any) -> None:
    """Raises UndefinedError where a name is that of two symbols, in the expression or in a loop."""
    scopes = [expression.free_symbols]
    for loop in expression.atoms(sympy.Sum, sympy.Product):
        scopes.append(set().union(*(one.free_symbols for one in (loop.function, *loop.limits))))
    for scope in scopes:
        named = Counter(one.name for one in scope if isinstance(one, sympy.Symbol | sympy.Idx))
        for name in [name for name, count in named.items() if count > 1]:
            raise UndefinedError(
                f"several symbols of SymPy's are called `{brief(name)}`; they differ in their "
                "assumptions, or are Dummies: use one of them everywhere, or give the others "
                "other names"
            )


def _size_symbols(expression: Any) -> set[Any]:
    """The symbols in the ends of sums and in subscripts, which are sizes."""
    found: set[Any] = set()
    for one in expression.atoms(sympy.Sum, sympy.Product):
        found.update(*(end.free_symbols for limit in one.limits for end in limit[1:]))
    for one in expression.atoms(sympy.Indexed):
        found.update(*(place.free_symbols for place in one.indices))
    return found


REWRITTEN_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "sec": lambda a: 1 / sympy.cos(a),
    "csc": lambda a: 1 / sympy.sin(a),
    "cot": lambda a: sympy.cos(a) / sympy.sin(a),
    "sech": lambda a: 1 / sympy.cosh(a),
    "csch": lambda a: 1 / sympy.sinh(a),
    "coth": lambda a: 1 / sympy.tanh(a),
    "asec": lambda a: sympy.acos(1 / a),
    "acsc": lambda a: sympy.asin(1 / a),
    "acot": lambda a: sympy.atan(1 / a),
    "asech": lambda a: sympy.acosh(1 / a),
    "acsch": lambda a: sympy.asinh(1 / a),
    "acoth": lambda a: sympy.atanh(1 / a),
    "factorial": lambda a: sympy.gamma(a + 1),
    "sinc": lambda a: sympy.Piecewise((sympy.sin(a) / a, sympy.Ne(a, 0)), (1, True)),
    "UnevaluatedExpr": lambda a: a,
}


class LanguagePrinter(Printer):
    """The printer of expressions that somebody else has made; what has no text is refused."""

    def __init__(self, names: Collection[str]) -> None:
        super().__init__()
        self.names = names

    def _refused(self, expr: Any) -> str:
        what = f"{brief(type(expr).__name__)}: {brief(str(expr))}"
        raise UndefinedError(f"the language has no way to write SymPy's {what}")

    emptyPrinter = _print_Basic = _print_Infinity = _print_NegativeInfinity = _refused
    _print_NaN = _print_ComplexInfinity = _print_DiracDelta = _print_ImaginaryUnit = _refused
    _print_Derivative = _print_Integral = _print_Limit = _print_Subs = _print_Lambda = _refused
    _print_Order = _print_Mod = _print_Catalan = _print_zeta = _print_RootOf = _refused
    _print_BooleanTrue = _print_BooleanFalse = _print_Relational = _print_Not = _refused
    _print_MatrixElement = _refused  # its subscripts begin at 0

    def _print_Function(self, expr: Any) -> str:
        name = LANGUAGE_NAMES.get(expr.func.__name__, expr.func.__name__)
        row = LANGUAGE_FUNCTIONS.get(name)
        count = len(expr.args)
        if row is None or not (count == len(row.arguments) or row.variadic):
            self._refused(expr)
        return str(super()._print_Function(expr))

    _print_Abs = _print_Max = _print_Min = _print_Function

    def _print_Symbol(self, expr: Any) -> str:
        try:
            found = tokens(expr.name)
        except ExpressionError:
            found = []
        if len(found) != 2 or found[0].kind != NAME_TOKEN:
            raise UndefinedError(f"the symbol `{brief(expr.name)}` is no name; give it another")
        return str(expr.name)

    _print_Dummy = _print_Symbol

    def _print_Indexed(self, expr: Any) -> str:
        places = ", ".join(self._print(place) for place in expr.indices)
        return f"{self._print(expr.base.label)}[{places}]"

    def _loop(self, expr: Any) -> str:
        word = "sum" if isinstance(expr, sympy.Sum) else "prod"
        ends = [[self._print(one) for one in limit] for limit in reversed(expr.limits)]
        ranges = ", ".join(f"{name} in {low}:{high}" for name, low, high in ends)
        return f"{word}({self._print(expr.function)} for {ranges})"

    _print_Sum = _print_Product = _loop

    def _print_Float(self, expr: Any) -> str:
        return repr(float(expr)) if expr._prec <= 53 else str(expr)

    def _print_Pi(self, expr: Any) -> str:  # noqa: ARG002
        return "(4*atan(1))" if "pi" in self.names else "pi"

    def _print_Exp1(self, expr: Any) -> str:  # noqa: ARG002
        return "exp(1)" if "e" in self.names else "e"

    def _print_GoldenRatio(self, expr: Any) -> str:  # noqa: ARG002
        return "((1 + sqrt(5))/2)"

    def _print_Heaviside(self, expr: Any) -> str:
        inner, there = map(self._print, expr.args)
        return f"ifelse({inner} > 0, 1, ifelse({inner} < 0, 0, {there}))"
