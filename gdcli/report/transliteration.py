"""Transliteration of text to plain ASCII: `‖∇f‖∞` becomes `|grad f|inf`."""

from __future__ import annotations

import re

from gdcli.language.lexer import SUPERSCRIPT_SIGNS

SUPERSCRIPT_RUN = re.compile("⁻?[⁰¹²³⁴-⁹]+")
GREEK_NAMES = (  # in the order of their code points
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho"
    " final-sigma sigma tau upsilon phi chi psi omega"
)
SIGN_TEXTS = {
    "‖": "|",
    "∇": "grad ",
    "∂": "d",
    "∞": "inf",
    "−": "-",
    "–": "-",
    **dict.fromkeys("·⋅∗", "*"),
    **dict.fromkeys("÷∕", "/"),
    "ᵀ": "'",
    "×": "x",
    "√": "sqrt",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "≈": "~",
    "±": "+/-",
    "→": "->",
    "…": "...",
    "⋮": ":",
    "├": "|",
    "└": "`",
    "│": "|",
    "─": "-",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
}
TRANSLITERATION_TABLE = str.maketrans(
    SIGN_TEXTS
    | {chr(0x3B1 + i): name.replace("final-", "") for i, name in enumerate(GREEK_NAMES.split())}
    | {chr(0x391 + i): name.capitalize() for i, name in enumerate(GREEK_NAMES.split()) if i != 17}
)


def transliterated(text: str) -> str:
    """The text in ASCII; a character without a transliteration is shown by its code point."""
    if text.isascii():
        return text
    text = SUPERSCRIPT_RUN.sub(lambda run: "^" + run[0].translate(SUPERSCRIPT_SIGNS), text)
    translated = text.translate(TRANSLITERATION_TABLE)
    return "".join(c if c.isascii() else f"<U+{ord(c):04X}>" for c in translated)
