from __future__ import annotations

import pytest

from gdcli.report.transliteration import transliterated


@pytest.mark.parametrize(
    ("text", "ascii"),
    [
        ("x = 1", "x = 1"),
        ("‖∇f‖∞ ≤ 1e-8", "|grad f|inf <= 1e-8"),
        ("α, ω, Σ, σ, ς", "alpha, omega, Sigma, sigma, sigma"),
        ("∂²f", "d^2f"),
        ("x¹⁰ − y⁻² ÷ a·b", "x^10 - y^-2 / a*b"),
        ("中", "<U+4E2D>"),
    ],
)
def test_every_character_becomes_ascii(text: str, ascii: str) -> None:
    assert transliterated(text) == ascii
