"""Which α goes with which method: every pair is legal by the table, or is refused by it."""

from __future__ import annotations

import pytest

from gdcli.descent.alpha import written_alpha
from gdcli.descent.foreign import (
    FOREIGN_METHODS,
    FOREIGN_SEARCHES,
    GRADIENT_FREE_METHODS,
    method_advice,
    search_advice,
)
from gdcli.descent.methods import DESCENT_METHODS
from gdcli.descent.minimize import minimize
from gdcli.descent.search import SEARCHES
from gdcli.errors import UsageError

RULES = ("auto", "0.01", "0.05/(k+1)", *SEARCHES)


def is_legal(method: str, rule: str) -> bool:
    row = DESCENT_METHODS[method]
    return rule == "auto" or (rule in row.searches if rule in SEARCHES else row.fixed)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("method", DESCENT_METHODS)
def test_a_method_takes_the_step_sizes_that_its_row_names(method: str, rule: str) -> None:
    def run() -> object:
        return minimize(
            "(x-1)^2 + 2*(y+1)^2", [2.0, 2.0], method=method, alpha=rule, max_iterations=9
        )

    if is_legal(method, rule):
        result = run()
        assert result.f < 19.0  # type: ignore[attr-defined]
        assert (result.method, result.alpha) == (method, float(rule) if rule == "0.01" else rule)  # type: ignore[attr-defined]
        return
    with pytest.raises(UsageError, match=f'method="{method}" has no ') as caught:
        run()
    assert "auto" in str(caught.value)
    legal = [word for word in DESCENT_METHODS[method].searches if word in SEARCHES]
    assert all(word in str(caught.value) for word in legal)


def test_an_expression_without_k_is_a_number() -> None:
    assert written_alpha("1/8") == (0.125, None)
    assert written_alpha("auto") == ("auto", None)
    of_k, shown = written_alpha("0.5/sqrt(k+1)")
    assert callable(of_k)
    assert (of_k(3), shown) == (0.25, "0.5/sqrt(k+1)")


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("L-BFGS-B", "write lbfgs"),
        ("BFGS", "write bfgs"),
        ("Newton-CG", "write newton"),
        ("newton_cg", "write newton"),
        ("Trust-Exact", "write trust-region"),
        ("Gradient Descent", "write steepest"),
        ("sgd", "write steepest"),
        ("Nelder-Mead", "without gradients"),
        ("adma", "did you mean adam?"),
        ("stepest", "did you mean steepest?"),
    ],
)
def test_what_other_tools_call_a_method_is_answered_with_ours(name: str, advice: str) -> None:
    assert advice in method_advice(name)
    with pytest.raises(UsageError, match=advice.replace("?", r"\?")):
        minimize("x^2", method=name)


def test_every_foreign_name_leads_to_a_word_of_the_table() -> None:
    for name, meant in FOREIGN_METHODS.items():
        assert name not in DESCENT_METHODS
        assert method_advice(name) == f"write {meant}"
    for name in GRADIENT_FREE_METHODS:
        assert method_advice(name).partition("write ")[2] in DESCENT_METHODS
    for name, meant in FOREIGN_SEARCHES.items():
        assert name not in SEARCHES
        assert search_advice(name) == f"write {meant}"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("armijo", "write backtracking"),
        ("strong_wolfe", "write wolfe"),
        ("wolf", r"did you mean wolfe\?"),
        ("constant", "write 0.1"),
        ("fast", "the name of a search"),
        ("x", "`x` has no value there"),
    ],
)
def test_a_word_that_is_no_step_size_is_refused_with_what_to_write(word: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        minimize("x^2", alpha=word)
