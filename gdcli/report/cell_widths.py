"""The cells of a terminal that a text fills: a combining mark none, an East Asian sign two."""

from __future__ import annotations

ONE_CELL_SIGNS = frozenset(
    "‖∇∂∞−–·⋅∗÷∕×√≤≥≠≈±→…⋮├└│─‘’“”ᵀ⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂₃₄₅₆₇₈₉ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρςστυφχψω"
)


def cell_len(text: str) -> int:
    """How many cells a text of one line fills. Rich knows signs that are not ours."""
    if text.isprintable() and (text.isascii() or _is_of_one_cell_signs(text)):
        return len(text)
    from rich.cells import cell_len as measured

    return measured(text)


def _is_of_one_cell_signs(text: str) -> bool:
    return all(character.isascii() or character in ONE_CELL_SIGNS for character in text)
