"""The parser's refusals of a misplaced token: what is wrong, where, and what to write instead.

Comes in: a Reading, the text and the token that cannot stand there. Goes out: an ExpressionError to
be raised. What a sentence says to write can be read: an advice that is made of the user's own text
is given only where the parser reads it. Only the functions `check_...`, which refuse what would
be read as another thing than it looks like, decide whether a text is right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from gdcli.errors import ExpressionError, Span, visible
from gdcli.language.lexer import (
    END,
    NAME_TOKEN,
    NUMBER_TOKEN,
    PRIME,
    ROOT_SIGN,
    SUPERSCRIPT,
    Token,
)
from gdcli.language.syntax import CONDITIONAL, CONSTANT_NAMES
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from gdcli.language.foreign import Reads

LONGEST_EXCERPT = 24  # characters of a text repeated in a sentence
LONE_NAME = r"[A-Za-eij-z][0-9]*"  # the usual name of a variable, such as x or x1
SUM_LETTERS = ("Σ", "Π")  # of a sum or product without brackets
LENGTHS = ("len", "length", "size", "numel")  # functions of other languages
FOREIGN_COMPARISONS = {"===": "==", "!==": "!=", "<>": "!=", "/=": "!="}
Arguments = Mapping[str, tuple[int, int | None, bool]]  # the Arities of the parser


class Reading(NamedTuple):
    """How far a text has been read: `position` is that of the token to be refused.

    `reads` tells whether another text is one of the language.
    """

    text: str
    tokens: Sequence[Token]
    position: int
    functions: Arguments
    reads: Reads

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    @property
    def before(self) -> Token | None:
        return self.tokens[self.position - 1] if self.position else None

    def error(self, message: str, span: Span | None = None) -> ExpressionError:
        return ExpressionError(message, self.text, span or self.token.span)

    def advice(self, *formulas: str, otherwise: str = "") -> str:
        """`; write A or B` where all the formulas can be read, else the words `otherwise`."""
        from gdcli.language.foreign import LONGEST_ADVICE

        good = all(len(one) <= LONGEST_ADVICE and self.reads(one) for one in formulas)
        return f"; write {visible(' or '.join(formulas))}" if good else otherwise

    def ambiguous(self, span: Span, *readings: str) -> ExpressionError:
        """The refusal of the text at `span`, which has several readings."""
        written = excerpt(self.text, span)
        advice = self.advice(*readings, otherwise="; put parentheses around what belongs together")
        return self.error(f"`{written}` can be read in two ways{advice}", span)

    def is_variable(self, name: str) -> bool:
        """Whether the name stands elsewhere in the text without `(` behind it."""
        return any(
            token.text == name and token.kind == NAME_TOKEN and following.kind != "("
            for token, following in zip(self.tokens, self.tokens[1:], strict=False)
        )


MISPLACED_COLON = "`:` stands between the two ends of a range: `sum(x[i]^2 for i in 1:n)`"


def missing_operand(reading: Reading) -> ExpressionError:
    """The refusal of a token that stands where a number, a name or `(` should."""
    token, before = reading.token, reading.before
    if token.kind == END and before is None:
        return ExpressionError("the expression is empty; write one, such as x^2 + y^2")
    if token.kind == SUPERSCRIPT:
        what, span = "a superscript stands behind what it raises, as in x²", token.span
        if reading.tokens[reading.position + 1].kind == ROOT_SIGN:
            end = _operand_end(reading, reading.position + 1)
            radicand = reading.text[reading.tokens[reading.position + 1].span.end : end].strip()
            what = "a root has no order" + reading.advice(_root(radicand, token.text))
            span = Span(token.span.start, end)
        return reading.error(what, span)
    if token.kind == "||":
        what = "bars that touch could be a norm, two absolute values or `or`"
        what += "; write norm(x) or abs(abs(x) - 1) or ifelse(a < b, u, v)"
    elif token.kind == PRIME:
        what = "a formula is written without quotation marks, as x^2"
    elif token.kind == ":" and before is not None and before.kind in ("[", ","):
        what = _whole_subscript(reading)
    elif before is None or before.kind in (";", "="):
        what = "an expression begins with a number, a name or `(`"
    elif before.kind == "(" and token.kind == ")":
        what = "nothing stands between the parentheses"
    elif before.kind == "[" and token.kind == "]":
        what = "a subscript stands between the brackets: x[i], x[1]"
    elif token.kind == "[":
        what = "a list of numbers stands only in a point; write a vector's name: x[i]"
    elif (
        before.kind + token.kind in FOREIGN_COMPARISONS
        and before.span.end == token.span.start
        and (before.kind != "/" or _in_condition(reading))
    ):
        sign = FOREIGN_COMPARISONS[before.kind + token.kind]
        return reading.error(
            f"`{before.kind}{token.kind}` is not of the language; write ifelse(x {sign} y, u, v)",
            Span(before.span.start, token.span.end),
        )
    elif token.kind == "=" and before.kind in ("=", "<", ">"):
        what = f"write `{before.kind}=` without a space"
    else:
        what = f"a number, a name or `(` is missing after `{before.text}`"
    return reading.error(what)


def stray_symbol(reading: Reading) -> ExpressionError:
    """The refusal of a symbol where an operator should stand."""
    from gdcli.language.characters import EITHER_HOLDS

    kind, position = reading.token.kind, reading.position
    if kind == ".":
        from gdcli.language.foreign import dotted_name

        return dotted_name(
            reading.text, reading.tokens, position, _functions(reading), reading.reads
        )
    if kind == "=" and _in_condition(reading):
        sign = {"<": "<=", ">": ">="}.get(reading.tokens[position + 1].kind, "==")
        span = Span(reading.token.span.start, reading.token.span.end + (sign != "=="))
        return reading.error(
            "a comparison is written with `<`, `<=`, `>`, `>=`, `==` or `!=`; "
            f"write ifelse(x {sign} y, u, v)",
            span,
        )
    if kind == "=":
        what = (
            "`=` names a part (`r = x^2; exp(-r)`) or declares variables "
            "(`f(x, y) = ...`); an equation is written as left - right"
        )
    elif kind == "[":
        what = "a subscript follows the name of a vector: x[i], or W[i, j] of a table"
        what += _named_formula(reading)
    elif kind == PRIME:
        what = "the digits of a number have no separator"
    elif kind == "||" and _in_condition(reading):
        what = f"there is no `||` in the language; write {EITHER_HOLDS}"
    elif kind == "||":
        what = "bars that touch could be a product, a norm or `or`"
        what += "; write abs(x)*abs(y) or norm(x) or ifelse(a < b, u, v)"
    else:
        what = f"`{reading.token.text}` has no meaning here"
    return reading.error(what)


def _whole_subscript(reading: Reading) -> str:
    """The refusal of `A[:,k]` and `A[k,:]`, where the Reading's token is the `:`."""
    opened = [place for place in range(1, reading.position) if reading.tokens[place].kind == "["]
    if not opened:
        return MISPLACED_COLON
    start = opened[-1]
    written = reading.text[reading.tokens[start - 1].span.start :]
    column = re.match(r"(\w+)\[\s*:\s*,\s*(\w+)\s*\]", written)
    row = re.match(r"(\w+)\[\s*(\w+)\s*,\s*:\s*\]", written)
    advice = "W[i] is a row, and a column is a part: c[i] = W[i,k];"
    if row:
        advice = f"a row is {visible(row[1])}[{visible(row[2])}]"
    elif column:
        name, place = map(visible, column.groups())
        free = [letter for letter in "ijkcuv" if letter not in (name, place)]
        index, part = free[0], next(letter for letter in "cuv" if letter in free)
        advice = f"a column is a part: {part}[{index}] = {name}[{index},{place}];"
    return f"a subscript is one number; {advice}"


def _named_formula(reading: Reading) -> str:
    """What to write for `(A*x)[i]`, where the Reading's token is the `[`."""
    if reading.tokens[reading.position - 1].kind not in (")", PRIME):
        return ""
    first, depth = reading.position, 0
    while first and (depth or first == reading.position or reading.tokens[first].kind == PRIME):
        first -= 1
        kind = reading.tokens[first].kind
        depth += (kind == ")") - (kind == "(")
    first -= first > 0 and reading.tokens[first - 1].kind == NAME_TOKEN
    formula = reading.text[reading.tokens[first].span.start : reading.token.span.start].strip()
    if formula.startswith("(") and formula.endswith(")"):
        formula = formula[1:-1]
    names = {token.text for token in reading.tokens}
    name = next(letter for letter in ("y", "z", "u", "part") if letter not in names)
    entry = reading.text[reading.token.span.start : _operand_end(reading, reading.position)]
    return f"; of a formula name the array: {name} = {excerpt(formula, Span(0, 99))}; {name}{entry}"


def _in_condition(reading: Reading) -> bool:
    """Whether the Reading's token stands in the first argument of an `ifelse`."""
    depth = 0
    for place in range(reading.position - 1, 0, -1):
        kind = reading.tokens[place].kind
        depth += (kind in (")", "]")) - (kind in ("(", "["))
        if depth < 0:
            return reading.tokens[place - 1].text == CONDITIONAL
        if depth == 0 and kind == ",":
            return False
    return False


def misplaced_comparison(reading: Reading, what: str, bars: bool) -> ExpressionError:
    """The refusal, `what`, of a comparison, unless others are joined with it by `or` or `and`.

    `bars` tells whether it stands behind a `|` that is not closed.
    """
    from gdcli.language.characters import BOTH_HOLD, EITHER_HOLDS

    words = {token.text for token in reading.tokens}
    if CONDITIONAL in words and (bars or words & {"||", "or", "and"}):
        nested = BOTH_HOLD if "and" in words else EITHER_HOLDS
        what = f"one comparison stands in an ifelse, without parentheses; write {nested}"
    return reading.error(what)


def missing_parenthesis(reading: Reading) -> ExpressionError:
    """The refusal of a function's name without `(` behind it."""
    tokens, name = reading.tokens, reading.token
    place, exponent = reading.position + 1, ""
    if tokens[place].kind == SUPERSCRIPT:
        exponent, place = tokens[place].text, place + 1
    elif tokens[place].kind == "^":
        minus = tokens[place + 1].kind == "-"
        if tokens[place + 1 + minus].kind in (NUMBER_TOKEN, NAME_TOKEN):
            exponent = "-" * minus + tokens[place + 1 + minus].text
            place += 2 + minus
    start = end = tokens[place].span.start
    if tokens[place].kind in ("|", ROOT_SIGN) or (exponent and tokens[place].kind == "("):
        end = _operand_end(reading, place)
    if not exponent and tokens[place].kind == "[":
        end = _operand_end(reading, place)
        after = next((one.kind for one in tokens if one.span.start >= end), END)
        start, end = (start, start) if after == "(" else (tokens[place].span.end, end)
    while tokens[place].kind in (NUMBER_TOKEN, NAME_TOKEN, SUPERSCRIPT):
        end, place = tokens[place].span.end, place + 1
    argument = reading.text[start : max(start, end - (tokens[place].kind == "["))]
    if tokens[place].kind == "^" and place > reading.position + 1 and not exponent:
        end = _operand_end(reading, place - 1)
        whole = reading.text[start:end]
        raised = f"{name.text}({argument}){whole[len(argument) :]}"
        return reading.ambiguous(Span(name.span.start, end), f"{name.text}({whole})", raised)
    called = name.text + (argument if argument.startswith("(") else f"({argument})")
    span = Span(name.span.start, end)
    if exponent == "-1" and reading.advice(called):
        return _inverse(reading, span, called)
    advice = reading.advice(called + (exponent and f"^{exponent}"))
    if not advice:
        span = Span(name.span.start, tokens[reading.position + 1].span.end)
        power = exponent or tokens[reading.position + 1].kind == "^"
        advice = "; write " + example_of(name.text, reading.functions) + ("^2" if power else "")
    what = f"`{name.text}` is a function and takes its argument in parentheses"
    return reading.error(f"{what}{advice}{' for a power of it' * ('^' in advice[-3:])}", span)


def example_of(name: str, functions: Arguments) -> str:
    """A call of a function of the language: `sin(x)`."""
    from gdcli.language.foreign import EXAMPLES

    if name in functions and name not in EXAMPLES:
        return f"{name}({', '.join('xyz'[: functions[name][0]])})"
    return EXAMPLES.get(name, f"{name}(x)")


def inverse_function(reading: Reading) -> ExpressionError:
    """The refusal of `sin⁻¹(x)`, where -1 could be a power or say that the inverse is meant."""
    from gdcli.language.foreign import call_at

    name, exponent = reading.token.text, reading.tokens[reading.position + 1].text
    call = call_at(reading.text, reading.tokens, reading.position)
    assert call is not None
    called = f"{name}({', '.join(call.arguments)})"
    if not reading.advice(called):
        called = example_of(name, reading.functions)
    if exponent == "-1":
        return _inverse(reading, call.span, called)
    what = f"`{excerpt(reading.text, call.span)}`: a negative power stands behind the parenthesis"
    return reading.error(f"{what}; write {visible(called)}^{exponent}", call.span)


def _inverse(reading: Reading, span: Span, called: str) -> ExpressionError:
    """The refusal of a function, `called` as the text means it, that is raised to -1 at `span`."""
    from gdcli.language.foreign import INVERSES

    name, _, argument = called[:-1].partition("(")
    alone = span == (0, len(reading.text))
    written, power = excerpt(reading.text, span), f"1/{called}" if alone else f"(1/{called})"
    advice = f"; write {visible(power)}"
    if name in INVERSES:
        inverse = INVERSES[name].format(a=argument, A=f"({argument})")
        inverse = inverse if alone or "^" not in INVERSES[name] else f"({inverse})"
        advice = reading.advice(inverse, power, otherwise=advice)
    return reading.error(f"`{written}`: this could be the inverse or a power{advice}", span)


def wrong_count(
    reading: Reading, what: str, name: str, arguments: Sequence[Span], span: Span
) -> ExpressionError:
    """The refusal of a call, `name` with its `arguments` at `span`; `what` says their number."""
    from gdcli.language.foreign import OTHER_COUNTS, ROOM_FOR_ATOMS, ROOM_FOR_SUMS, Call, advised

    row = OTHER_COUNTS.get((name, len(arguments)))
    if row is None:
        return reading.error(what, span)
    texts = tuple(reading.text[slice(*argument)] for argument in arguments)
    factors = tuple(text if text.isalnum() else f"({text})" for text in texts)
    room = ROOM_FOR_SUMS if span == (0, len(reading.text)) else ROOM_FOR_ATOMS
    call = Call(name, span, "", texts, factors, room)
    return reading.error(f"{what}; write {advised(row, call, reading.reads)}", span)


def unknown_function(reading: Reading) -> ExpressionError:
    """The refusal of a name that is no function before the `(` of the Reading."""
    from gdcli.language.foreign import call_at, foreign_call
    from gdcli.language.suggest import closest

    name = reading.tokens[reading.position - 1]
    what = f"`{name.text}` is not a function"
    group = reading.text[reading.token.span.start : _operand_end(reading, reading.position)]
    product = reading.advice(f"{name.text}*{group}", otherwise="; a product is written with `*`")
    variable = reading.is_variable(name.text) or name.text in CONSTANT_NAMES
    call = call_at(reading.text, reading.tokens, reading.position - 1)
    known = _functions(reading)
    foreign = (
        None if variable or not call else foreign_call(reading.text, call, known, reading.reads)
    )
    near = [] if variable else closest(name.text, known, min(2, len(name.text) // 2))
    if name.text == "e":
        what += reading.advice(f"e*{group}", f"exp{group}", otherwise="; write exp(x)")
    elif name.text in {one.text for one, after in pairwise(reading.tokens) if after.kind == "["}:
        what += f"; an entry is written {name.text}[{excerpt(group[1:-1], Span(0, len(group)))}]"
    elif name.text == "range":
        what += "; a range is written with its two ends: `for i in 1:n`"
    elif name.text in LENGTHS and not variable:
        what += "; a length is a size, as n in `f(x[n]) = sum(x[i] for i in 1:n)/n`"
    elif foreign:
        return foreign
    elif near:
        fits = [one for one in near if len(group) > LONGEST_EXCERPT or reading.reads(one + group)]
        meant = fits[0] if fits else example_of(near[0], reading.functions)
        what += f"; did you mean {meant}?"
    elif variable or re.fullmatch(LONE_NAME, name.text):
        what += product
    else:
        what += ", nor a variable of the text: put its formula here"
    return reading.error(what, name.span)


def _functions(reading: Reading) -> Mapping[str, object]:
    """The functions by name, with those that the parser itself knows."""
    from gdcli.language.foreign import EXAMPLES

    return {**EXAMPLES, **reading.functions}


def check_raised_name(reading: Reading) -> None:
    """Refuses `gamma²(x)` and `sec²(x)`, where a name that is no variable is raised like `sin²(x)`.

    The Reading is at the superscript.
    """
    from gdcli.language.foreign import FUNCTIONS, call_at, foreign_call

    name = reading.tokens[reading.position - 1]
    call = call_at(reading.text, reading.tokens, reading.position - 1)
    if call is None:
        return
    group = reading.text[reading.tokens[reading.position + 1].span.start : call.span.end]
    if name.text in reading.functions:
        raised = reading.token.text
        raise reading.ambiguous(
            call.span, f"{name.text}{group}^{raised}", f"{name.text}^{raised}*{group}"
        )
    known = _functions(reading)
    elsewhere = sum(token.text == name.text for token in reading.tokens) > 1
    if not elsewhere and (len(name.text) > 1 or name.text in FUNCTIONS):
        error = foreign_call(reading.text, call, known, reading.reads)
        if error:
            raise error


def reserved_word(text: str, token: Token) -> ExpressionError:
    """The refusal of `for` or `in` where an operand stands."""
    if token.text == "for":
        what = "`for` stands behind the formula: `sum(x[i]^2 for i in 1:n)`"
    else:
        what = f"`{token.text}` is a reserved word"
    return ExpressionError(what, text, token.span)


def missing_operator(reading: Reading, left: Span) -> ExpressionError:
    """The refusal of two operands side by side, the second of which begins at the Reading's token.

    `left` is the place of the first.
    """
    from gdcli.language.foreign import (
        ROOM_FOR_ATOMS,
        ROOM_FOR_SUMS,
        Call,
        foreign_call,
        foreign_word,
    )

    for word in (reading.token, reading.before):
        if word and word.kind == NAME_TOKEN and (error := foreign_word(reading.text, word)):
            return error
    before, token = excerpt(reading.text, left), reading.token
    end = _operand_end(reading, reading.position)
    right = reading.text[token.span.start : end]
    function = reading.before
    if function and function.kind == NAME_TOKEN and function.text not in reading.functions:
        alone = sum(one.text == function.text for one in reading.tokens) == 1
        name = function.text.partition("_")[0] if function.text[0] in SUM_LETTERS else function.text
        span = Span(function.span.start, end)
        room = ROOM_FOR_SUMS if span == (0, len(reading.text)) else ROOM_FOR_ATOMS
        call = Call(name, span, "", (right,), (right if right.isalnum() else f"({right})",), room)
        foreign = foreign_call(reading.text, call, _functions(reading), reading.reads)
        if foreign and alone and (len(name) > 1 or name in SUM_LETTERS):
            return foreign
    product = reading.advice(f"{reading.text[slice(*left)]}*{right}")
    what = f"an operator is missing between `{before}` and `{_shortened(token.text)}`{product}"
    if token.kind == "|" and not product:
        what = "this `|` neither opens nor closes; write abs(x)*abs(y) or abs(x)"
    return reading.error(what, Span(left.start, token.span.end))


def check_adjacent(reading: Reading, left: Span) -> None:
    """Refuses `0x10`, `1e5e5` and `x³√y`, which would be read as products.

    `left` is the place of the operand behind which the Reading's token stands without a blank.
    """
    token, before = reading.token, reading.before
    assert before is not None
    word = reading.text[slice(*token.span)]
    whole = Span(before.span.start, token.span.end)
    number = before.text
    if before.kind == NUMBER_TOKEN and token.kind == NAME_TOKEN:
        if number.strip("0") == "" and re.match("[xX][0-9a-fA-F]|[bB][01]|[oO][0-7]", word):
            try:
                value = f"{int(f'0{word}', 0)} or "
            except ValueError:
                value = ""
            advice = f"write {value}{number}*{token.text}"
            written = excerpt(reading.text, whole)
            raise reading.error(f"`{written}`: numbers are decimal; {advice}", whole)
        following = reading.tokens[reading.position + 1 : reading.position + 3]
        signed = (
            len(word) == 1
            and [one.kind for one in following][1:] == [NUMBER_TOKEN]
            and following[0].kind in ("+", "-")
            and following[0].span.start == token.span.end
            and following[1].span.start == following[0].span.end
        )
        if "e" in number.lower() and (re.match("[eE][0-9]", word) or (word in "eE" and signed)):
            if signed:
                whole = Span(before.span.start, following[1].span.end)
                word += following[0].text + following[1].text
            what = f"`{number}{word}`: a number has one exponent; write {number}*{word}"
            raise reading.error(what, whole)
    if before.kind == SUPERSCRIPT and token.kind == ROOT_SIGN and not before.text.startswith("-"):
        order = int(before.text[-9:])
        if order > 2:
            end = _operand_end(reading, reading.position)
            base = reading.text[left.start : before.span.start].strip()
            radicand = reading.text[token.span.end : end].strip()
            root = _root(radicand, before.text)
            span = Span(left.start, end)
            raise reading.ambiguous(span, f"{base}^{order}*√{radicand}", f"{base}*{root}")


def _root(radicand: str, order: str) -> str:
    """The root of that order: `cbrt(x)`, `x^(1/4)`."""
    roots = {"2": f"√{radicand}", "3": f"cbrt({radicand})"}
    return roots.get(order, f"{radicand}^(1/{order})")


def ambiguous_root(reading: Reading, left: Span) -> ExpressionError:
    """The refusal of `√2x`: the Reading's token stands behind the radicand `left` of the root."""
    end = _operand_end(reading, reading.position)
    radicand, right = reading.text[slice(*left)], reading.text[reading.token.span.start : end]
    span = Span(reading.text.rindex(ROOT_SIGN, 0, left.start), end)
    return reading.ambiguous(span, f"(√{radicand})*{right}", f"√({radicand}*{right})")


def ambiguous_power(reading: Reading, start: int, first: str, second: str) -> ExpressionError:
    """The refusal of the Reading's superscript or `^` behind a root or power, or in an exponent.

    The text from `start` to the operator is what is raised; `first` and `second)` are the two
    readings of it, up to the exponent.
    """
    end, exponent = reading.token.span.end, reading.token.text
    if reading.token.kind == "^":
        end = _operand_end(reading, reading.position + 1)
        exponent = reading.text[reading.token.span.end : end].strip()
    return reading.ambiguous(Span(start, end), f"{first}{exponent}", f"{second}{exponent})")


def ambiguous_product(
    reading: Reading, operator: Token, left: Span, right: Span
) -> ExpressionError:
    """The refusal of `left/right` or `left^right` with an operand directly behind it."""
    text, symbol = reading.text, operator.kind
    end = _operand_end(reading, reading.position)
    following = text[reading.token.span.start : end]
    numerator, denominator = text[slice(*left)], text[slice(*right)]
    quotient = f"{numerator}{symbol}{denominator}"
    first = f"({quotient})*{following}" if symbol == "/" else f"{quotient}*{following}"
    error = reading.ambiguous(
        Span(left.start, end), first, f"{numerator}{symbol}({denominator}*{following})"
    )
    return reading.error(error.message, Span(operator.span.start, reading.token.span.end))


def excerpt(text: str, span: Span) -> str:
    """The text at `span`, its middle left out where it is long."""
    return visible(_shortened(text[span.start : span.end]))


def _operand_end(reading: Reading, position: int) -> int:
    """The end, in the text, of the operand that begins at the token at `position`."""
    tokens = reading.tokens
    while True:
        while tokens[position].kind in ("-", "+", ROOT_SIGN):
            position += 1
        if tokens[position].kind == NAME_TOKEN:
            raised = tokens[position + 1].kind == SUPERSCRIPT and tokens[position + 2].kind == "("
            opening = position + 1 + raised
            position = opening if tokens[opening].kind in ("(", "[") else position
        closing = {"(": ")", "[": "]", "|": "|"}.get(tokens[position].kind)
        depth = 0
        while closing and position < len(tokens) - 1:
            depth += (tokens[position].kind in ("(", "[")) - (tokens[position].kind in (")", "]"))
            position += 1
            if tokens[position].kind == closing and depth == (closing != "|"):
                break
        following = tokens[min(position + 1, len(tokens) - 1)]
        if following.kind != "^":
            return (following if following.kind == SUPERSCRIPT else tokens[position]).span.end
        position = min(position + 2, len(tokens) - 1)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_EXCERPT else f"{text[:10]}...{text[-10:]}"
