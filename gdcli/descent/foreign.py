"""Foreign names: what other tools call our methods and searches, and what is written here.

Names are looked up in lower case, with hyphens for `_` and blanks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gdcli.descent.methods import DESCENT_METHODS
from gdcli.descent.search import SEARCHES
from gdcli.errors import Sentence, Setting, UsageError, brief

FOREIGN_METHODS: dict[str, str] = {
    **dict.fromkeys(("gd", "sgd", "gradient", "gradient-descent", "steepest-descent", "descent",
                     "cauchy", "spectral", "spg", "bb", "barzilai-borwein"), "steepest"),
    **dict.fromkeys(("heavy-ball", "heavyball", "polyak"), "momentum"),
    **dict.fromkeys(("nag", "agd", "fista", "accelerated", "nesterov-accelerated"), "nesterov"),
    **dict.fromkeys(("rms-prop", "adadelta"), "rmsprop"),
    **dict.fromkeys(("adamw", "adamax", "amsgrad", "nadam", "radam"), "adam"),
    **dict.fromkeys(("ncg", "nlcg", "conjugate-gradient", "conjugate-gradients", "fletcher-reeves",
                     "polak-ribiere", "fr", "pr", "prp"), "cg"),
    **dict.fromkeys(("dfp", "sr1", "broyden", "quasi-newton", "qn"), "bfgs"),
    **dict.fromkeys(("l-bfgs", "l-bfgs-b", "lbfgsb", "lbfgs-b", "limited-memory-bfgs"), "lbfgs"),
    **dict.fromkeys(("newton-cg", "newtoncg", "newton-raphson", "newtons-method", "tnc",
                     "truncated-newton"), "newton"),
    **dict.fromkeys(("trust", "trustregion", "tr", "trust-exact", "trust-ncg", "trust-krylov",
                     "trust-constr", "dogleg", "steihaug"), "trust-region"),
    **dict.fromkeys(("automatic", "default", "best", "slsqp", "ipopt", "cobyla"), "auto"),
}  # fmt: skip
GRADIENT_FREE_METHODS = (
    *("nelder-mead", "simplex", "powell", "brent", "golden", "bobyqa", "cma-es", "cmaes", "pso"),
    *("differential-evolution", "de", "annealing", "simulated-annealing", "genetic", "bayesian"),
)
FOREIGN_SEARCHES: dict[str, str] = {
    **dict.fromkeys(("armijo", "back-tracking", "bt", "line-search", "linesearch"), "backtracking"),
    **dict.fromkeys(("strong-wolfe", "weak-wolfe", "more-thuente", "morethuente", "cubic"),
                    "wolfe"),
    **dict.fromkeys(("hz", "hagerzhang", "approximate-wolfe"), "hager-zhang"),
    **dict.fromkeys(("gll", "grippo", "non-monotone"), "nonmonotone"),
    **dict.fromkeys(("minimize", "cauchy", "optimal"), "exact"),
    **dict.fromkeys(("bb", "barzilai-borwein", "spectral", "adaptive", "automatic", "default",
                     "none"), "auto"),
    **dict.fromkeys(("fixed", "constant"), "0.1"),
}  # fmt: skip


def refuse_foreign_method(name: str) -> None:
    """Raises UsageError for a name that is none of our methods, where one of them is meant."""
    if advice := method_advice(name):
        raise UsageError(Sentence("{}: {}", Setting("method", brief(name)), advice))


def method_advice(name: str) -> str:
    """The advice on a name that is no method of descent; "" where none is meant."""
    if plain(name) in GRADIENT_FREE_METHODS:
        return "it does without gradients, which are exact here; write auto"
    return _advice(name, FOREIGN_METHODS, DESCENT_METHODS)


def search_advice(name: str) -> str:
    """The advice on a name that is no rule of step sizes; "" where none is meant."""
    return _advice(name, FOREIGN_SEARCHES, (*SEARCHES, "auto", "0.1"))


def plain(name: str) -> str:
    return name.strip().lower().replace("_", "-").replace(" ", "-").replace("'", "")


def _advice(name: str, foreign: Mapping[str, str], known: Collection[str]) -> str:
    from gdcli.language.suggest import closest

    word = plain(name)
    meant = foreign.get(word, word)
    if meant in known:
        return f"write {meant}"
    near = closest(word, known, min(2, len(word) // 3))
    return f"did you mean {near[0]}?" if near else ""
