"""Tokens to Expression: headers, parts and the formulas between them.

Comes in: a text and `{function: (fewest, most)}` arguments; the parser knows no function itself.
Goes out: an Expression, or ExpressionError with a place and what to write instead.

    function    = [header] {name "=" sum ";"} [header] sum [";"]        one header at most
    header      = name "(" variable {"," variable} ")" "="
    variable    = name ["[" sum {"," sum} "]"]
    sum         = product {("+" | "-") product}
    product     = sign {("*" | "/" | nothing) sign}
    sign        = ("-" | "+") sign | power
    power       = atom ["^" sign]
    atom        = number | name | name "[" sum {"," sum} "]"
                | function "(" sum {"," sum} ")" | "(" sum ")"
                | "ifelse" "(" sum comparison sum "," sum "," sum ")"
                | loop "(" sum "for" range {"," range} ")"
                | "dot" "(" name "," name ")" | "norm" "(" name ")"
    loop        = "sum" | "prod" | "max" | "min"
    range       = name "in" sum ":" sum

"Nothing" multiplies only after a number or `)` and before a name, a function or `(`; directly
after `/` or in an exponent it could be read in two ways and is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gdcli.language.formulas import FormulaParser
from gdcli.language.lexer import END, NAME, Token, tokens
from gdcli.language.refusals import Arities
from gdcli.language.syntax import Definition, Expression, Header

if TYPE_CHECKING:
    from gdcli.language.affine import Affine

HEADER_LISTS_NAMES = "a header lists names: `f(x, y) = ...`, `f(x[n], W[m, 3]) = ...`"


def parse(text: str, functions: Arities) -> Expression:
    """The Expression that `text` writes."""
    return _Parser(text, tokens(text), functions).function()


class _Parser(FormulaParser):
    """Reads a whole text."""

    def function(self) -> Expression:
        definitions: dict[str, Definition] = {}
        header = self.header()
        while self.peek().kind == NAME and self.peek(1).kind == "=":
            definition = self.definition(definitions)
            definitions[definition.name] = definition
        if second := self.header():
            if header:
                raise self.error("a function has one header", second.spans[0])
            header = second
        for name in header.variables if header else ():
            if name in definitions:
                raise self.error(f"`{name}` is both a part and a variable", definitions[name].span)
        self.formula()
        if self.peek().kind == ";":
            self.position += 1
        if (rest := self.peek()).kind != END:
            raise self.error(
                "the function ends before this; name a part as in `r = x^2; exp(-r) + r`", rest.span
            )
        return Expression(self.text, tuple(self.nodes), header, tuple(definitions.values()))

    def definition(self, earlier: dict[str, Definition]) -> Definition:
        name = self.peek()
        self.position += 2
        self.new_name(name, "a part")
        if name.text in earlier:
            raise self.error(f"the part `{name.text}` is named twice", name.span)
        root = self.formula()
        if (separator := self.peek()).kind != ";":
            raise self.error(
                f"`{name.text} = ...` names a part; write `;` and then the function, "
                "as in `r = x^2; exp(-r)`",
                separator.span,
            )
        self.position += 1
        return Definition(name.text, root, name.span)

    # -- headers ----------------------------------------------------------------------------

    def header(self) -> Header | None:
        end = self.header_end()
        if end is None:
            return None
        name = self.next()
        self.position += 1
        self.new_name(name, "a function of your own")
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
        if not (self.peek().kind == NAME and self.peek(1).kind == "("):
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
        if token.kind != NAME:
            raise self.error(HEADER_LISTS_NAMES, token.span)
        self.new_name(token, "a variable")
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
        reader = FormulaParser(self.text, inside, self.functions)
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
