"""Characters that are not of the language, and what to type instead.

Comes in: a text and the place of a character of which no token begins. Goes out: the refusal, which
shows it by its code point. The table is read where a text is refused, and by nothing else.
"""

from __future__ import annotations

import re

from gdcli.errors import LETTERS, ExpressionError, Span

PLAIN_WORD = re.compile(rf"[{LETTERS}0-9]+|[-+*/^()\[\],;:=<>|]")
BOTH_HOLD = "ifelse(a < b, ifelse(c < d, u, v), v)"
EITHER_HOLDS = "ifelse(a < b, u, ifelse(c < d, u, v))"
IS_FALSE = "ifelse(a < b, v, u)"

# What to type for a character; where it is no text of the language, in words.
CHARACTERS = {
    **dict.fromkeys("∙•", "*"),
    **dict.fromkeys("⁄➗", "/"),
    **dict.fromkeys("‐‑‒–—―➖", "-"),
    **dict.fromkeys("⩽≦", "<="),
    **dict.fromkeys("⩾≧", ">="),
    **dict.fromkeys("≡≈", "=="),
    "∛": "cbrt(x)",
    "∜": "x^(1/4)",
    **dict.fromkeys("‖∥", "norm(x)"),
    **dict.fromkeys("⟨⟩", "dot(x, y)"),
    "{": "(",
    "}": ")",
    **dict.fromkeys("⌊⌋⌈⌉", "x: rounding is flat between jumps, so it has no slope to follow"),
    "∞": "a large number, such as 1e6",
    "∈": "in",
    "ⅇ": "e",
    "∑": "sum(x[i] for i in 1:n)",
    "∏": "prod(x[i] for i in 1:n)",
    "∫": "the formula of the integral",
    **dict.fromkeys("∂∇", "the function alone: its derivatives are computed"),
    "±": "a formula with + or one with -",
    **dict.fromkeys("°º", "*pi/180"),
    "‰": "/1000",
    **dict.fromkeys("∧⋀&", BOTH_HOLD),
    **dict.fromkeys("∨⋁", EITHER_HOLDS),
    "¬": IS_FALSE,
    "?": "ifelse(a < b, u, v)",
    **dict.fromkeys("→⟶⇒↦⟼", "the formula alone"),
    **dict.fromkeys("ᵗ⊤⊺", "'"),
    "′": "' for a transpose; a derivative is written as its own formula",
    "\\": "names without a backslash, as in sin(x)",
    "$": "the formula without dollar signs",
    **dict.fromkeys('"`“”‘’', "the formula without quotation marks"),
    "!": "gamma(x + 1) for a factorial",
    "%": "/100 for percent; a remainder jumps: sin(2*pi*x/y) repeats without a jump",
    "@": "*",
    **dict.fromkeys("⊙∘", ".*"),
    "_": "a letter first: names begin with one",
    ".": "a number as in 0.5",
    **dict.fromkeys("₀₁₂₃₄₅₆₇₈₉", "a letter before it, as in x₁; π is no part of a longer name"),
}
# Commands of LaTeX, and what to type for them; the names of functions stand without a backslash.
LATEX_COMMANDS = {
    **dict.fromkeys(("frac", "dfrac", "tfrac"), "(a)/(b)"),
    **dict.fromkeys(("cdot", "times", "ast"), "*"),
    **{"div": "/", "sqrt": "sqrt(x)", "pi": "pi", "operatorname": "the name alone"},
    **dict.fromkeys(("left", "right", "big", "Big", "quad", "displaystyle"), "nothing"),
    **dict.fromkeys(("le", "leq", "leqslant"), "<="),
    **dict.fromkeys(("ge", "geq", "geqslant"), ">="),
    **dict.fromkeys(("ne", "neq"), "!="),
    **{"sum": "sum(x[i] for i in 1:n)", "prod": "prod(x[i] for i in 1:n)", "in": "in"},
    **{"int": "the formula of the integral", "infty": "a large number, such as 1e6"},
    **dict.fromkeys(("to", "mapsto", "rightarrow"), "the formula alone"),
    **dict.fromkeys(("mathrm", "mathbf", "text"), "the name alone"),
}
# Cyrillic letters, and the Latin ones that they look like.
LOOKALIKES = dict(zip("аАВсСеЕіјЈКМНоОрРѕЅТхХуУ", "aABcCeEijJKMHoOpPsSTxXyY", strict=True))


def unknown_character(text: str, position: int) -> ExpressionError:
    """The refusal of the character at `position`, of which no token begins."""
    character, span = text[position], Span(position, position + 1)
    shown = f"`{character}`" if " " < character < "\x7f" else f"U+{ord(character):04X}"
    if text[position : position + 2] == "..":
        message = "`..` is not of the language; a range is written 1:n"
        return ExpressionError(message, text, Span(position, position + 2))
    what = "a character of the language"
    separator = character == "_" and text[max(position - 1, 0)].isdigit()
    instead = "nothing between digits" if separator else CHARACTERS.get(character)
    if character == "\\" and (command := re.match(r"\\([A-Za-z]+)", text[position:])):
        span = Span(position, position + command.end())
        shown, instead = f"`{command[0][:20]}`", LATEX_COMMANDS.get(command[1], instead)
        what = "of the language"
    elif character == "{" and text[position - 1 : position] == "_":
        sums = re.search(r"(sum|prod)_$", text[:position])
        instead = CHARACTERS["∑"] if sums else "x_1 for a name, or x[1] for an entry"
    elif text[position : position + 2] == ".(":
        instead = "nothing: a function of an array takes each of its entries"
    elif character == "!" and not re.search(r"[\w)\]!|]\s*$", text[:position]):
        instead = IS_FALSE
    elif text[position : position + 2] == "~=":
        shown, span, instead = "`~=`", Span(position, position + 2), "!="
        what = "of the language"
    elif character == "~":
        return ExpressionError("a model is fitted by gdcli fit", text, span)
    instead = instead or LOOKALIKES.get(character)
    if instead is None:
        span, instead = _compatible(text, position)
    advice = f"type {instead}" if instead else "names are made of Latin and Greek letters"
    return ExpressionError(f"{shown} is not {what}; {advice}", text, span)


def _compatible(text: str, position: int) -> tuple[Span, str | None]:
    """The plain text behind full-width, italic, raised or lowered characters, and their place."""
    from unicodedata import category, decimal, decomposition, normalize

    character, end = text[position], position + 1
    where = Span(position, end)
    if category(character) in ("Zs", "Zl", "Zp", "Cf"):
        return where, "a plain space, or nothing"
    if category(character) == "Cc":
        return where, "nothing: it is a control character"
    if (digit := decimal(character, None)) is not None:
        return where, str(digit)
    form = decomposition(character).partition(">")[0]
    if form in ("<super", "<sub", "<fraction"):
        start = position
        while start and (text[start - 1].isdigit() if form == "<fraction" else
                         decomposition(text[start - 1]).startswith(form)):  # fmt: skip
            start -= 1
        while end < len(text) and form != "<fraction" and decomposition(text[end]).startswith(form):
            end += 1
        plain = normalize("NFKC", text[position:end]).replace("⁄", "/").replace("−", "-")
        before = normalize("NFKC", text[start:position]).replace("−", "-")
        whole = before + ("+" if before and form == "<fraction" else "") + plain
        if not re.fullmatch(r"[-+]?\w+([-+/*]\w+)*", whole):
            return where, None
        if form == "<sub":
            entry = ",".join(whole) if whole.isalpha() else whole
            name = f"_{whole}" if whole.isalnum() else ""
            if name and len(whole) > 2:
                return Span(start, end), name
            words = f"[{entry}] for an entry, or {name} in a name"
            return Span(start, end), words if name else f"[{whole}]"
        bare = form == "<super" and re.fullmatch(r"[0-9]+|[^\W\d]\w*", whole)
        return Span(start, end), ("^" if form == "<super" else "") + (
            whole if bare else f"({whole})"
        )
    plain = normalize("NFKC", character)
    fits = plain != character and PLAIN_WORD.fullmatch(plain)
    return where, plain if fits else None
