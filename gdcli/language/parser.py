"""The parser: a text to its Expression.

Comes in: a text and `{function: (fewest, most)}` arguments; the parser knows no function itself.
Goes out: an Expression, or ExpressionError with a place and what to write instead.

    function    = [header] {part "=" sum ";"} [header] sum [";"]        one header at most
    part        = name ["[" piece {"," piece} "]"]
    piece       = name ["in" sum ":" sum] | sum
    header      = name "(" variable {"," variable} ")" "="
    variable    = name ["[" sum {"," sum} "]"]
    sum         = product {("+" | "-" | ".+" | ".-") product}
    product     = sign {("*" | "/" | ".*" | "./" | nothing) sign}
    sign        = ("-" | "+") sign | power
    power       = atom {"'"} [superscript | ("^" | ".^") sign] | root
    root        = "√" (atom | root)
    atom        = number | name | name "[" sum {"," sum} "]" | "(" sum ")" | "|" sum "|"
                | function [superscript] "(" sum {"," sum} ")"
                | "ifelse" "(" sum comparison sum "," sum "," sum ")"
                | loop "(" sum "for" range {"," range} ")"
                | "dot" "(" sum "," sum ")" | ("norm" | "transpose" | loop) "(" sum ")"
    loop        = "sum" | "prod" | "max" | "min" | "mean" | "logsumexp"
    range       = name "in" sum ":" sum

"Nothing" multiplies only after a number, `π`, a superscript or `)` and before a name, a function,
`√` or `(`, and between a number and `|`; directly after `/`, behind a root or in an exponent it
could be read in two ways and is refused. A `|` where an operand is due opens, where an operator is
due it closes the innermost bracket. A superscript in an exponent or behind a root is refused too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from gdcli.errors import ExpressionError, Span
from gdcli.language import refusals
from gdcli.language.affine import Affine
from gdcli.language.lexer import (
    END,
    NAME_TOKEN,
    NUMBER_TOKEN,
    PRIME,
    ROOT_SIGN,
    SUPERSCRIPT,
    Token,
    tokens,
)
from gdcli.language.refusals import Reading
from gdcli.language.syntax import (
    APPLY_NODE,
    ATOM_PRECEDENCE,
    COMPARE,
    CONDITIONAL,
    INDEX_NODE,
    LOOP_NODE,
    LOOPS,
    MAXIMUM_DIGITS,
    MAXIMUM_EXPONENT,
    NAME,
    NEGATE,
    NUMBER,
    POWER_OPERATORS,
    PRECEDENCE,
    SUBSCRIPT,
    TRANSPOSE,
    VECTOR_FUNCTIONS,
    Decimal,
    Definition,
    Expression,
    Header,
    Node,
    PartSubscript,
    read_decimal,
    takes_an_array,
)
from gdcli.named_tuples import NamedTuple


class Arity(NamedTuple):
    """How many arguments a function takes; without `reserved` its name is one only before `(`."""

    fewest: int
    most: int | None
    reserved: bool = True


Arities = Mapping[str, Arity]  # by function

MAXIMUM_NESTING = 1000  # brackets inside one another
COMPARISON_OPERATORS = ("<", "<=", ">", ">=", "==", "!=")
RESERVED_WORDS = ("for", "in")

# The kinds of brackets, beside the kinds of nodes: a plain `(` and a `|`; and the functions that
# bars and roots are.
GROUP, BARS = "group", "bars"
BRACKET_KINDS = {  # by the name before `(`; APPLY behind any other function
    CONDITIONAL: CONDITIONAL,
    **dict.fromkeys((*VECTOR_FUNCTIONS, TRANSPOSE), APPLY_NODE),
    **dict.fromkeys(LOOPS, LOOP_NODE),
}
ABSOLUTE_VALUE, ROOT = "abs", "sqrt"
BINDING = {**PRECEDENCE, ROOT_SIGN: ATOM_PRECEDENCE}  # of what waits for its operand
LATER_WORDS = frozenset(("mean", "logsumexp", TRANSPOSE))  # since 0.1: taken only before `(`
TAKEN_NAMES = frozenset((*RESERVED_WORDS, *BRACKET_KINDS)) - LATER_WORDS  # beside functions'
OWN_ARITIES = {CONDITIONAL: (3, 3), **dict.fromkeys((TRANSPOSE, *LOOPS), (1, 1))} | {
    name: (count, count) for name, count in VECTOR_FUNCTIONS.items()
}

MISPLACED_COMMA = "a comma separates the arguments of a function, and this is none"
MISPLACED_COMPARISON = "a comparison stands only in `ifelse(a < b, u, v)`, as its first argument"
MISPLACED_FOR = (
    f"`for` stands only in {', '.join(LOOPS[:-1])} and {LOOPS[-1]}: `sum(x[i]^2 for i in 1:n)`"
)
PART_RANGES = "the range of an index stands on the left side: `{0}[i in 1:n] = ...`"
HEADER_LISTS_NAMES = "a header lists names: `f(x, y) = ...`, `f(x[n], W[m, 3]) = ...`"
NUMBER_TOO_LONG = (
    f"a number has at most {MAXIMUM_DIGITS} digits and an exponent of at most {MAXIMUM_EXPONENT}"
)


def parse(text: str, functions: Arities) -> Expression:
    """The Expression that `text` writes; raises ExpressionError with the place of a mistake."""
    try:
        return _Parser(text, tokens(text), functions).function()
    except ExpressionError:
        from gdcli.language.foreign import whole_text

        if error := whole_text(text, lambda formula: _reads(formula, functions)):
            raise error from None
        raise


def _reads(text: str, functions: Arities) -> bool:
    """Whether `text` is one of the language, whatever its names are: what is advised must be."""
    try:
        read = _Parser(text, tokens(text), functions, trial=True).function()
    except ExpressionError:
        return False
    return not any(takes_an_array(read.nodes, node) for node in read.nodes if node.value != PRIME)


class Bracket:
    """An open bracket and what has been read in it.

    `name` is the token before `opening`, or `opening` itself in a GROUP. `operands` are positions
    of nodes: of the arguments, the subscripts or, after `for`, of the index, low end and high end
    of each range.
    """

    def __init__(
        self, kind: str, opening: Token, name: Token, exponent: Token | None = None
    ) -> None:
        self.kind = kind
        self.opening = opening
        self.name = name
        self.operands: list[int] = []
        self.comparison: Token | None = None  # of an `ifelse`
        self.body: int | None = None  # of a loop, once `for` has been read
        self.exponent = exponent  # that of `sin²(`

    @property
    def closing(self) -> str:
        return {"(": ")", "[": "]"}.get(self.opening.kind, "|")


class _Parser:
    """Reads one text by precedence climbing, with a stack of its own: nesting costs no recursion.

    Operators and open brackets wait in `pending` for their operands. `nodes` are those made, in
    post-order; `operands` are the positions of the nodes that no other node uses yet; `position`
    is that of the next token, `raised` of the one behind the last superscript. A `trial` only
    finds out whether the text can be read: its refusals try no advice.
    """

    def __init__(
        self, text: str, tokens: Sequence[Token], functions: Arities, trial: bool = False
    ) -> None:
        self.text = text
        self.tokens = tokens
        self.functions = functions
        self.position = 0
        self.nodes: list[Node] = []
        self.operands: list[int] = []
        self.pending: list[Token | Bracket] = []
        self.depth = 0  # of open brackets and roots
        self.raised = -1
        self.trial = trial
        self.part = ""  # the array part whose formula is read

    # -- tokens and nodes -------------------------------------------------------------------

    def peek(self, ahead: int = 0) -> Token:
        """The token to be read, or the one `ahead` of it."""
        place = self.position + ahead
        return self.tokens[place] if place < len(self.tokens) else self.tokens[-1]

    def next(self) -> Token:
        place = self.position
        self.position += 1
        return self.tokens[place] if place < len(self.tokens) else self.tokens[-1]

    def push(self, kind: str, value: str | Decimal, arguments: tuple[int, ...], span: Span) -> None:
        """Makes a node, the newest operand."""
        self.operands.append(len(self.nodes))
        self.nodes.append(Node(kind, value, arguments, span))

    def error(self, message: str, span: Span) -> ExpressionError:
        return ExpressionError(message, self.text, span)

    def reading(self, ahead: int = 0) -> Reading:
        """How far the text has been read: up to the next token, or the one `ahead` of it."""
        position = min(self.position + ahead, len(self.tokens) - 1)
        return Reading(self.text, self.tokens, position, self.functions, self.reads)

    def reads(self, text: str) -> bool:
        """Whether `text` is one of the language and may be advised."""
        return not self.trial and _reads(text, self.functions)

    def factor(self, position: int) -> str:
        """The normal form of a node, in parentheses where it is an operation."""
        node = self.nodes[position]
        written = Expression(self.text, tuple(self.nodes), None, ()).formula(position)
        operation = node.kind == APPLY_NODE and node.value in PRECEDENCE
        return f"({written})" if operation else written

    def span(self, operand: int = -1) -> Span:
        """The place of one of the newest operands."""
        return self.nodes[self.operands[operand]].span

    def check_new_name(self, token: Token, role: str) -> None:
        """Refuses a name that is taken where one is declared."""
        if self.is_reserved(token) or token.text in TAKEN_NAMES:
            raise self.error(f"`{token.text}` cannot be {role}: the name is taken", token.span)

    # -- the whole text --------------------------------------------------------------------

    def function(self) -> Expression:
        definitions: list[Definition] = []
        header = self.header()
        first: dict[str, Definition] = {}  # of each name
        while end := self.left_side_end():
            definition = self.definition(end, first)
            first.setdefault(definition.name, definition)
            definitions.append(definition)
        if second := self.header():
            if header:
                entry = f"{second.name}[{', '.join(second.variables)}]"
                message = f"a function has one header; an array part is written {entry} = ..."
                raise self.error(message, second.spans[0])
            header = second
        for name in header.variables if header else ():
            if name in first:
                raise self.error(f"`{name}` is both a part and a variable", first[name].span)
        self.formula()
        if self.peek().kind == ";":
            self.position += 1
        if (rest := self.peek()).kind != END:
            raise self.error(
                "the function ends before this; name a part as in `r = x^2; exp(-r) + r`", rest.span
            )
        expression = Expression(self.text, tuple(self.nodes), header, tuple(definitions))
        if any(definition.subscripts for definition in definitions):
            from gdcli.language.left_sides import with_entries

            expression.definitions = with_entries(expression)
        return expression

    def left_side_end(self) -> int | None:
        """The place of the `=` of a part that begins here."""
        if self.peek().kind != NAME_TOKEN:
            return None
        place = self.position + 1
        if self.tokens[place].kind == "[":
            place = self.commas()[-1] + 1
        return place if self.tokens[place].kind == "=" else None

    def commas(self) -> list[int]:
        """The places of the `[` behind the next name, of its commas, and of its `]` or the end."""
        found: list[int] = []
        depth = 0
        for place in range(self.position + 1, len(self.tokens) - 1):
            kind = self.tokens[place].kind
            depth += (kind in ("(", "[")) - (kind in (")", "]"))
            if depth == 0 or kind in (";", "="):
                return [*found, place - (kind in (";", "="))]
            if depth == 1 and kind in ("[", ","):
                found.append(place)
        return [*found, len(self.tokens) - 2]

    def definition(self, end: int, first: Mapping[str, Definition]) -> Definition:
        name = self.peek()
        self.check_new_name(name, "a part")
        subscripts = self.left_side(name) if self.position + 1 < end else ()
        self.position = end + 1
        if (earlier := first.get(name.text)) and not (earlier.subscripts and subscripts):
            both = bool(earlier.subscripts or subscripts)
            why = ": once with subscripts and once without" if both else ""
            raise self.error(f"the part `{name.text}` is named twice{why}", name.span)
        self.part = name.text if subscripts else ""
        root = self.formula()
        self.part = ""
        if (separator := self.peek()).kind != ";":
            left = refusals.excerpt(self.text, Span(name.span.start, self.tokens[end - 1].span.end))
            equation = "; an equation is written as left - right" if subscripts else ""
            raise self.error(
                f"`{left} = ...` names a part; write `;` and then the function, "
                f"as in `r = x^2; exp(-r)`{equation}",
                separator.span,
            )
        self.position += 1
        return Definition(name.text, root, name.span, subscripts)

    def left_side(self, name: Token) -> tuple[PartSubscript, ...]:
        """The subscripts of an array part, in the brackets behind its name."""
        places = self.commas()
        if self.tokens[places[-1]].kind != "]":
            last = self.tokens[places[-2] + 1 : places[-1] + 4]
            if [token.kind for token in last[1:4:2]] == ["=", ":"]:  # u[t = 2:5]
                raise self.error(f"a range is written `{last[0].text} in 1:n`", last[1].span)
            raise self.error(
                "this `[` is never closed; is a `]` missing?", self.tokens[places[0]].span
            )
        found: list[PartSubscript] = []
        for start, after in pairwise(places):
            subscript = self.left_subscript(name, start + 1, after)
            if subscript.name and any(subscript.name == other.name for other in found):
                raise self.error(
                    f"the index `{subscript.name}` stands twice; choose another name",
                    subscript.span,
                )
            found.append(subscript)
        indices = {subscript.name for subscript in found}
        for subscript in found:
            for number in (subscript.low, subscript.high):
                for size, _ in number.terms if number else ():
                    if size in indices:
                        raise self.error(
                            f"`{size}` is an index of {name.text}; the ranges of a part are made of"
                            " sizes and whole numbers, so that its entries fill a box",
                            subscript.span,
                        )
        return tuple(found)

    def left_subscript(self, name: Token, start: int, end: int) -> PartSubscript:
        """The subscript of an array part that the tokens from `start` to `end` write."""
        inside = self.tokens[start:end]
        if not inside:
            raise self.error(
                f"a subscript is missing: `{name.text}[i] = ...`, `{name.text}[1] = ...`",
                self.tokens[end].span,
            )
        place = Span(inside[0].span.start, inside[-1].span.end)
        kinds = [token.kind for token in inside]
        words = [token.text for token in inside]
        if "for" in words:
            raise self.error(PART_RANGES.format(name.text), inside[words.index("for")].span)
        if words[1:2] != ["in"]:
            if ":" in kinds:
                ends = refusals.excerpt(self.text, place)
                raise self.error(
                    f"a range has an index: write `{name.text}[i in {ends}] = ...`"
                    if place.start < inside[kinds.index(":")].span.start
                    else PART_RANGES.format(name.text),
                    place,
                )
            if kinds == [NAME_TOKEN]:
                self.check_new_name(inside[0], "an index")
                return PartSubscript(words[0], None, None, place)
            entry = self.left_number(name, start, end, place)
            return PartSubscript("", entry, entry, place)
        if kinds[0] != NAME_TOKEN or words[0] in RESERVED_WORDS:
            raise self.error(f"an index is a name: `{name.text}[i in 1:n] = ...`", inside[0].span)
        self.check_new_name(inside[0], "an index")
        colon = kinds.index(":") if kinds.count(":") == 1 else 0
        if colon in (0, 2, len(inside) - 1):
            raise self.error(
                f"a range has two ends, and its steps are 1: `{words[0]} in 1:n`", place
            )
        low = self.left_number(name, start + 2, start + colon, place)
        high = self.left_number(name, start + colon + 1, end, place)
        return PartSubscript(words[0], low, high, place)

    def left_number(self, name: Token, start: int, end: int, place: Span) -> Affine:
        """The affine number of sizes that the tokens from `start` to `end` write."""
        from gdcli.language.subscripts import affine

        closing = Token(END, "the end", self.tokens[end].span)
        reader = _Parser(self.text, [*self.tokens[start:end], closing], self.functions, self.trial)
        root = reader.formula()
        found = affine(Expression(self.text, tuple(reader.nodes), None, ()), root)
        if found is None:
            raise self.error(
                f"a subscript on the left side is an index, a range or a number made of sizes: "
                f"`{name.text}[i] = ...`, `{name.text}[i in 2:n] = ...`, `{name.text}[1] = ...`",
                place,
            )
        return found

    # -- headers ----------------------------------------------------------------------------

    def header(self) -> Header | None:
        end = self.header_end()
        if end is None:
            return None
        name = self.next()
        self.position += 1
        self.check_new_name(name, "a function of your own")
        variables: dict[str, Token] = {}
        shapes: list[tuple[Affine, ...] | None] = []
        while self.position < end or not variables:
            if variables and self.next().kind != ",":
                raise self.error(HEADER_LISTS_NAMES, self.tokens[self.position - 1].span)
            token = self.variable(name, variables, end)
            variables[token.text] = token
            shapes.append(self.shape() if self.peek().kind == "[" else None)
        self.position = end + 2
        spans = tuple(token.span for token in variables.values())
        return Header(name.text, tuple(variables), spans, tuple(shapes))

    def header_end(self) -> int | None:
        """The place of the `)` of a header that begins here."""
        if not (self.peek().kind == NAME_TOKEN and self.peek(1).kind == "("):
            return None
        depth = 0
        for place in range(self.position + 1, len(self.tokens) - 1):
            depth += (self.tokens[place].kind == "(") - (self.tokens[place].kind == ")")
            if depth == 0:
                return place if self.tokens[place + 1].kind == "=" else None
        return None

    def variable(self, name: Token, earlier: Mapping[str, Token], end: int) -> Token:
        if self.position == end and not earlier:
            raise self.error("a header lists at least one name: `f(x, y) = ...`", name.span)
        token = self.next()
        if token.kind != NAME_TOKEN:
            entry = ""
            if token.kind == NUMBER_TOKEN:
                entry = f"; an entry of an array part is `{name.text}[{token.text}] = ...`"
            raise self.error(HEADER_LISTS_NAMES + entry, token.span)
        self.check_new_name(token, "a variable")
        if token.text in earlier:
            raise self.error(f"`{token.text}` is declared twice", token.span)
        return token

    def shape(self) -> tuple[Affine, ...]:
        """The lengths in the brackets behind a variable."""
        start = self.position - 1
        while self.peek().kind not in ("]", END):
            self.position += 1
        self.position += 1
        inside = [*self.tokens[start : self.position], self.tokens[-1]]
        reader = _Parser(self.text, inside, self.functions, self.trial)
        root = reader.formula()
        written = Expression(self.text, tuple(reader.nodes), None, ())
        return tuple(self.length(written, place) for place in written.nodes[root].arguments)

    def length(self, written: Expression, place: int) -> Affine:
        from gdcli.language.subscripts import affine

        length = affine(written, place)
        if length is None or (not length.terms and length.constant < 1):
            raise self.error(
                "a length is a whole number from 1, or one made of sizes: `x[10]`, `x[2*n+1]`",
                written.nodes[place].span,
            )
        return length

    # -- formulas ---------------------------------------------------------------------------

    def formula(self) -> int:
        """Reads tokens up to `;` or the end; the position of the formula's last node."""
        while True:
            self.before_operand()
            if self.after_operand():
                return self.operands.pop()

    def before_operand(self) -> None:
        """Reads signs, roots and opening brackets, then a number or a name."""
        while True:
            token = self.next()
            if token.kind == "-":
                if self.pending and self.pending[-1].kind == ROOT_SIGN:
                    raise self.error("a root is of one atom; write √(-x)", token.span)
                self.pending.append(token._replace(kind=NEGATE))
            elif token.kind == "(":
                self.open(GROUP, token, token)
            elif token.kind == NUMBER_TOKEN:
                return self.push(NUMBER, self.decimal(token), (), token.span)
            elif token.kind == NAME_TOKEN:
                following = self.peek().kind
                if self.is_function(token):
                    self.call(token)
                elif token.text in RESERVED_WORDS:
                    raise refusals.reserved_word(self.text, token)
                elif following == "[":
                    self.open(SUBSCRIPT, self.next(), token)
                elif following == "(" and not self.is_pi(token):
                    raise refusals.unknown_function(self.reading())
                else:
                    if following == SUPERSCRIPT and self.peek(1).kind == "(":
                        refusals.check_raised_name(self.reading())
                    return self.push(NAME, token.text, (), token.span)
            elif token.kind == ROOT_SIGN:
                self.deepen(token)  # as the bracket of its normal form
                self.pending.append(token)
            elif token.kind == "|":
                self.open(BARS, token, token)
            elif token.kind != "+":
                raise refusals.missing_operand(self.reading(-1))

    def after_operand(self) -> bool:
        """Reads closing brackets, then a separator or an operator (False) or the end (True)."""
        while True:
            token = self.peek()
            if token.kind in PRECEDENCE:
                self.position += 1
                return self.operator(token)
            if token.kind in (END, ";"):
                self.reduce(0)
                if self.pending and token.kind == ";":
                    raise self.error("`;` ends a part; between arguments write `,`", token.span)
                if self.pending:
                    raise self.unclosed()
                return True
            if token.kind in (NUMBER_TOKEN, NAME_TOKEN, "(", ROOT_SIGN) and token.text != "for":
                return self.operator(self.multiplication(token))
            if token.kind == "|" and not self.closes_bars():
                return self.operator(self.multiplication(token))
            self.position += 1
            if token.kind == SUPERSCRIPT:
                self.superscript(token)
            elif token.kind == PRIME and self.peek(-2).kind != NUMBER_TOKEN:
                span = Span(self.span().start, token.span.end)
                self.push(APPLY_NODE, PRIME, (self.operands.pop(),), span)
            elif token.kind in (")", "]", "|"):
                self.close(token)
            else:
                self.separator(token)
                return False

    def operator(self, token: Token) -> bool:
        """Puts an operator behind those that wait for operands; False."""
        precedence = PRECEDENCE[token.kind]
        if token.kind in POWER_OPERATORS:
            precedence += 1  # it groups to the right
            if self.raised == self.position - 1 or self.is_root():
                raise self.ambiguous_power()
        if self.pending:
            self.reduce(precedence)
        self.pending.append(token)
        return False

    def reduce(self, precedence: int) -> None:
        """Applies the waiting operators, up to a bracket, that bind at least as tightly."""
        while self.pending:
            token = self.pending[-1]
            if isinstance(token, Bracket) or BINDING[token.kind] < precedence:
                return
            self.pending.pop()
            right = self.operands.pop()
            end = self.nodes[right].span.end
            if token.kind in (NEGATE, ROOT_SIGN):
                name = NEGATE if token.kind == NEGATE else ROOT
                self.depth -= token.kind == ROOT_SIGN
                self.push(APPLY_NODE, name, (right,), Span(token.span.start, end))
            else:
                left = self.operands.pop()
                span = Span(self.nodes[left].span.start, end)
                self.push(APPLY_NODE, token.kind, (left, right), span)

    def superscript(self, token: Token) -> None:
        """Raises the newest operand, an atom; refused where that would mislead."""
        waiting = next((item for item in reversed(self.pending) if item.kind != NEGATE), None)
        if self.raised == self.position - 1 or (
            waiting and waiting.kind in (*POWER_OPERATORS, ROOT_SIGN)
        ):
            raise self.ambiguous_power()
        self.power(token)

    def ambiguous_power(self) -> ExpressionError:
        """The refusal of a superscript or `^` behind a power or root, or in an exponent."""
        newest = self.operands[-1]
        base, start = self.factor(newest), self.span().start
        signs = [item for item in self.pending if isinstance(item, Token)]
        if self.raised == self.position - 1:
            inner, exponent = map(self.factor, self.nodes[newest].arguments)
            first, second = f"{base}^", f"{inner}^({exponent.strip('()')}^"
        elif signs[-1].kind == ROOT_SIGN:
            place = len(signs) - 1
            while place and signs[place - 1].kind == ROOT_SIGN:
                place -= 1
            roots, start = ROOT_SIGN * (len(signs) - place), signs[place].span.start
            first, second = f"({roots}{base})^", f"{roots}({base}^"
        else:
            minus = ""
            while signs.pop().kind == NEGATE:
                minus += "-"
            power, start = self.factor(self.operands[-2]), self.span(-2).start
            first, second = f"({power}^{minus}{base})^", f"{power}^({minus}{base}^"
        return refusals.ambiguous_power(self.reading(-1), start, first, second)

    def power(self, exponent: Token) -> None:
        """Makes the power of the newest operand with the exponent of a superscript."""
        base = self.operands.pop()
        digits = exponent._replace(text=exponent.text.lstrip("-"))
        self.push(NUMBER, self.decimal(digits), (), exponent.span)
        if digits.text != exponent.text:
            self.push(APPLY_NODE, NEGATE, (self.operands.pop(),), exponent.span)
        start, end = self.nodes[base].span
        span = Span(start, max(end, exponent.span.end))
        self.push(APPLY_NODE, "^", (base, self.operands.pop()), span)
        self.raised = self.position

    def decimal(self, token: Token) -> Decimal:
        number = read_decimal(token.text)
        if number is None:
            raise self.error(NUMBER_TOO_LONG, token.span)
        return number

    def multiplication(self, token: Token) -> Token:
        """The `*` that stands, unwritten, before `token`; refused where it would mislead."""
        before = self.tokens[self.position - 1]
        if token.text in RESERVED_WORDS:
            raise refusals.reserved_word(self.text, token)
        factor = before.kind == NUMBER_TOKEN or self.is_pi(before)
        if not factor and token.kind != "|":
            factor = before.kind in (")", SUPERSCRIPT, PRIME)
        if not factor or token.kind == NUMBER_TOKEN:
            raise refusals.missing_operator(self.reading(), self.span())
        if before.span.end == token.span.start:
            refusals.check_adjacent(self.reading(), self.span())
        if self.is_root():
            raise refusals.ambiguous_root(self.reading(), self.span())
        for waiting in reversed(self.pending):
            if isinstance(waiting, Bracket) or waiting.kind not in (
                NEGATE,
                "/",
                "./",
                *POWER_OPERATORS,
            ):
                break
            if waiting.kind != NEGATE:
                left, right = self.span(-2), self.span()
                last = self.pending[-1]
                start = last.span.start if isinstance(last, Token) and last is not waiting else None
                right = Span(right.start if start is None else start, before.span.end)
                raise refusals.ambiguous_product(self.reading(), waiting, left, right)
        return Token("*", "*", Span(token.span.start, token.span.start))

    def is_pi(self, token: Token) -> bool:
        """Whether the token is `π`, which multiplies what stands behind it as a number does."""
        return token.kind == NAME_TOKEN and self.text[token.span.start] == "π"

    def is_root(self) -> bool:
        """Whether the newest operand is the radicand of a root."""
        return bool(self.pending) and self.pending[-1].kind == ROOT_SIGN

    # -- brackets ---------------------------------------------------------------------------

    def is_function(self, token: Token) -> bool:
        """Whether a bracket of arguments must follow the name."""
        if token.text in self.functions:
            return self.is_reserved(token) or self.peek().kind == "("
        if token.text not in BRACKET_KINDS:
            return False
        return token.text not in LATER_WORDS or self.peek().kind == "("

    def is_reserved(self, token: Token) -> bool:
        """Whether the name is a function's wherever it stands."""
        return token.text in self.functions and self.functions[token.text].reserved

    def call(self, name: Token) -> None:
        """Opens the bracket behind a function's name, or behind its exponent: `sin²(`."""
        exponent = None
        if self.peek().kind == SUPERSCRIPT and self.peek(1).kind == "(":
            exponent = self.next()
            if exponent.text.startswith("-"):
                raise refusals.inverse_function(self.reading(-2))
        if self.peek().kind != "(":
            raise refusals.missing_parenthesis(self.reading(-1))
        self.open(BRACKET_KINDS.get(name.text, APPLY_NODE), self.next(), name, exponent)

    def open(self, kind: str, opening: Token, name: Token, exponent: Token | None = None) -> None:
        self.deepen(opening)
        self.pending.append(Bracket(kind, opening, name, exponent))

    def deepen(self, opening: Token) -> None:
        """Counts one more open bracket."""
        self.depth += 1
        if self.depth > MAXIMUM_NESTING:
            raise self.error(
                f"more than {MAXIMUM_NESTING} brackets stand inside one another; "
                "name an inner part: `r = ...; ...`",
                opening.span,
            )

    def closes_bars(self) -> bool:
        """Whether a `|` here closes the innermost bracket."""
        brackets = (item for item in reversed(self.pending) if isinstance(item, Bracket))
        return next((bracket.kind == BARS for bracket in brackets), False)

    def innermost(self, token: Token, message: str) -> Bracket:
        """The innermost open bracket, with the operators inside it applied."""
        self.reduce(0)
        if not self.pending:
            raise self.error(message, token.span)
        bracket = self.pending[-1]
        assert isinstance(bracket, Bracket)
        return bracket

    def unclosed(self) -> ExpressionError:
        """The refusal of a text that ends inside a bracket."""
        bracket = next(item for item in self.pending[::-1] if isinstance(item, Bracket))
        return self.error(
            f"this `{bracket.opening.text}` is never closed; is a `{bracket.closing}` missing?",
            bracket.opening.span,
        )

    def separator(self, token: Token) -> None:
        """Reads a comma, a comparison, `for` or `:`, behind which an operand follows."""
        if token.kind == ",":
            self.comma(self.innermost(token, MISPLACED_COMMA), token)
        elif token.kind in COMPARISON_OPERATORS:
            self.comparison(self.innermost(token, MISPLACED_COMPARISON), token)
        elif token.text == "for":
            message = PART_RANGES.format(self.part) if self.part else MISPLACED_FOR
            self.body(self.innermost(token, message), token)
        elif token.kind == ":" and self.peek().kind == "=":
            raise self.error("a part is named by `=`, as in `r = x^2; exp(-r)`", token.span)
        elif token.kind == ":":
            self.low_end(self.innermost(token, refusals.MISPLACED_COLON), token)
        else:
            raise refusals.stray_symbol(self.reading(-1))

    def comma(self, bracket: Bracket, token: Token) -> None:
        name = bracket.name.text
        if bracket.kind in (GROUP, BARS):
            raise self.error(f"{MISPLACED_COMMA}; a decimal point is `.`", token.span)
        if bracket.body is not None:
            self.high_end(bracket)
            self.index(bracket)
        elif bracket.kind == LOOP_NODE and name not in self.functions:
            raise self.error(
                f"{name} takes one formula, and then the range of each index: "
                f"`{name}(x[i]*y[j] for i in 1:n, j in 1:m)`",
                token.span,
            )
        else:
            self.argument(bracket)

    def argument(self, bracket: Bracket) -> None:
        """Takes the newest operand into the bracket: an argument or a subscript."""
        if bracket.kind == CONDITIONAL and not bracket.operands:
            self.condition(bracket)
        bracket.operands.append(self.operands.pop())

    def comparison(self, bracket: Bracket, token: Token) -> None:
        if bracket.kind != CONDITIONAL or bracket.operands:
            raise refusals.misplaced_comparison(
                self.reading(-1), MISPLACED_COMPARISON, bracket.kind == BARS
            )
        if bracket.comparison is not None:
            raise self.error("one comparison at a time: `ifelse(a < b, u, v)`", token.span)
        bracket.comparison = token

    def condition(self, bracket: Bracket) -> None:
        """Makes the comparison of an `ifelse` of the two newest operands."""
        right = self.operands.pop()
        where = self.nodes[right].span
        if bracket.comparison is None:
            raise self.error("ifelse begins with a comparison: `ifelse(x < 0, -x, x)`", where)
        left = self.operands.pop()
        span = Span(self.nodes[left].span.start, where.end)
        self.push(COMPARE, bracket.comparison.kind, (left, right), span)

    def body(self, bracket: Bracket, token: Token) -> None:
        """Takes the newest operand as a loop's body, and reads the first index."""
        name = bracket.name.text
        if bracket.kind != LOOP_NODE:
            raise self.error(MISPLACED_FOR, token.span)
        if bracket.body is not None:
            raise self.error("write one `for`: `for i in 1:n, j in 1:m`", token.span)
        if bracket.operands:
            raise self.error(
                f"{name} takes either formulas or one formula and `for`; "
                f"write {name}(y, {name}(x[i] for i in 1:n))",
                token.span,
            )
        bracket.body = self.operands.pop()
        self.index(bracket)

    def index(self, bracket: Bracket) -> None:
        """Reads `i in` of a range."""
        name, word = self.next(), self.next()
        if name.kind != NAME_TOKEN or name.text in RESERVED_WORDS:
            raise self.error("`for` is followed by an index: `for i in 1:n, j in 1:m`", name.span)
        self.check_new_name(name, "an index")
        if word.text != "in":
            raise self.error(f"write `{name.text} in 1:n` for a range", word.span)
        self.push(INDEX_NODE, name.text, (), name.span)
        bracket.operands.append(self.operands.pop())

    def low_end(self, bracket: Bracket, token: Token) -> None:
        name = bracket.name.text
        if bracket.kind == SUBSCRIPT:
            raise self.error(
                f"a subscript is one number; sum over the entries: `sum({name}[i] for i in 1:n)`",
                token.span,
            )
        if bracket.body is None:
            raise self.error(refusals.MISPLACED_COLON, token.span)
        if len(bracket.operands) % 3 == 2:
            raise self.error("a range has two ends, and its steps are 1: `i in 1:n`", token.span)
        bracket.operands.append(self.operands.pop())

    def high_end(self, bracket: Bracket) -> None:
        last = self.operands.pop()
        if len(bracket.operands) % 3 != 2:
            span = self.nodes[last].span
            written = refusals.excerpt(self.text, span)
            raise self.error(f"a range has two ends: write 1:{written}", span)
        bracket.operands.append(last)

    def close(self, token: Token) -> None:
        """Closes the innermost bracket and makes its node."""
        opening = "[" if token.kind == "]" else "("
        message = f"this `{token.kind}` closes nothing; is a `{opening}` missing?"
        bracket = self.innermost(token, message)
        if bracket.closing != token.kind:
            raise self.error(
                f"`{bracket.opening.text}` is closed by `{bracket.closing}`, not by `{token.kind}`",
                token.span,
            )
        self.pending.pop()
        self.depth -= 1
        name, span = bracket.name.text, Span(bracket.name.span.start, token.span.end)
        if bracket.kind == GROUP:
            inner = self.operands[-1]
            self.nodes[inner] = self.nodes[inner]._replace(span=span)
        elif bracket.kind == BARS:
            self.push(APPLY_NODE, ABSOLUTE_VALUE, (self.operands.pop(),), span)
        elif bracket.body is not None:
            self.high_end(bracket)
            self.push(LOOP_NODE, name, (*bracket.operands, bracket.body), span)
        else:
            self.argument(bracket)
            if bracket.kind != SUBSCRIPT:
                self.check_count(name, bracket.operands, span)
            kind = SUBSCRIPT if bracket.kind == SUBSCRIPT else APPLY_NODE
            value = PRIME if name == TRANSPOSE and kind == APPLY_NODE else name
            self.push(kind, value, tuple(bracket.operands), span)
        if bracket.exponent is not None:
            self.power(bracket.exponent)

    def check_count(self, name: str, operands: Sequence[int], span: Span) -> None:
        """Refuses a call of too few or too many arguments."""
        fewest, most = self.functions[name][:2] if name in self.functions else OWN_ARITIES[name]
        count = len(operands)
        if count < fewest or (most is not None and count > most):
            wanted = f"{fewest}" if most == fewest else f"at least {fewest}"
            plural = "" if wanted == "1" else "s"
            what = f"{name} takes {wanted} argument{plural}, not {count}"
            arguments = [self.nodes[operand].span for operand in operands]
            raise refusals.wrong_count(self.reading(), what, name, arguments, span)
