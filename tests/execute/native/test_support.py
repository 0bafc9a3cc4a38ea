"""The declarations and helpers at the end of a text."""

from __future__ import annotations

from gdcli.execute.native.support import Vectors, support

VECTORS = Vectors(4, frozenset({"_ZGVdN4v_sin", "_ZGVdN4vv_pow"}), "d")


def test_only_what_is_called_is_there() -> None:
    assert support("", set(), VECTORS) == ""
    made = support("call double @total(<8 x double> %a)", {("sin", False)}, VECTORS)
    assert "declare double @sin(double) nobuiltin" in made
    assert "define internal double @total(" in made
    assert "@gather" not in made


def test_a_function_with_lanes_is_made_of_vectors_or_of_numbers() -> None:
    called = {("sin", True), ("pow", True), ("log", True)}
    made = support("", called, VECTORS)
    assert made.count("call <4 x double> @_ZGVdN4v_sin(") == 2
    assert made.count("call <4 x double> @_ZGVdN4vv_pow(") == 2
    assert made.count("call double @log(") == 8
    assert "@_ZGVdN4v_log" not in made


def test_symbols_follow_the_vector_function_abi() -> None:
    assert VECTORS.symbol("pow") == "_ZGVdN4vv_pow"
    assert Vectors(8, letter="e").symbol("exp") == "_ZGVeN8v_exp"
