"""DESCENT_METHODS: the methods of descent by name, each with a line of help and its module.

A module holds `make`, which makes its method from a rule of step sizes; loading the table loads no
module. Which rules a method may have is the table's too.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from gdcli.descent.requests import DescentMethod, Traits
    from gdcli.descent.search import AlphaRule

LINE_SEARCHES = ("exact", "backtracking", "wolfe", "hager-zhang", "nonmonotone")


class MethodRecord(NamedTuple):
    """A row of DESCENT_METHODS: a line of help, the module, and which rules of α it may have.

    `own` is the rule that it has by itself, "" where it has no α; `searches` are those that may be
    named; `fixed` says whether α may be a number or a function of k, and `escapes` whether a run
    that adapts its steps may leave a saddle. `vectors` is how many vectors of n numbers it needs
    beside those of the loop.
    """

    help: str
    module: str
    own: str
    searches: tuple[str, ...] = ()
    fixed: bool = True
    escapes: bool = True
    vectors: int = 0

    @property
    def own_adapts(self) -> bool:
        """Whether its own rule is more than a number."""
        return not self.own.replace(".", "").isdigit()

    def make(self, rule: AlphaRule, traits: Traits) -> DescentMethod:
        """The method from its module, for a function of such traits."""
        found: DescentMethod = import_module(self.module).make(rule, traits)
        return found


DESCENT_METHODS = {
    "auto": MethodRecord(
        "newton up to n = 200, else lbfgs, and where newton fails",
        "gdcli.descent.methods.auto",
        "wolfe",
        LINE_SEARCHES,
        fixed=False,
        vectors=26,
    ),
    "steepest": MethodRecord(
        "d = -∇f(x)", "gdcli.descent.methods.steepest", "nonmonotone", LINE_SEARCHES
    ),
    "momentum": MethodRecord(
        "adds 0.9 of the last step, or β(k) where α is its own",
        "gdcli.descent.methods.momentum",
        "1/L by backtracking",
        escapes=False,
    ),
    "nesterov": MethodRecord(
        "the gradient ahead, after β(k) of the last step",
        "gdcli.descent.methods.nesterov",
        "1/L by backtracking",
    ),
    "adagrad": MethodRecord(
        "α over the root of summed squared slopes",
        "gdcli.descent.methods.adagrad",
        "0.01",
        escapes=False,
    ),
    "rmsprop": MethodRecord(
        "α over the root of their mean, β 0.9",
        "gdcli.descent.methods.rmsprop",
        "0.01",
        escapes=False,
    ),
    "adam": MethodRecord(
        "RMSProp along the mean gradient, β 0.9 and 0.999",
        "gdcli.descent.methods.adam",
        "0.01",
        escapes=False,
        vectors=2,
    ),
    "cg": MethodRecord(
        "nonlinear conjugate gradients",
        "gdcli.descent.methods.cg",
        "wolfe",
        LINE_SEARCHES,
        vectors=6,
    ),
    "bfgs": MethodRecord(
        "d = -H∇f(x), H learned from all steps",
        "gdcli.descent.methods.bfgs",
        "wolfe",
        LINE_SEARCHES,
    ),
    "lbfgs": MethodRecord(
        "bfgs of the last 20 steps alone, for many variables",
        "gdcli.descent.methods.lbfgs",
        "wolfe",
        LINE_SEARCHES,
        vectors=26,
    ),
    "newton": MethodRecord(
        "d = -|H|⁻¹∇f(x), |H| the Hessian with its curvatures by size, n ≤ 200",
        "gdcli.descent.methods.newton",
        "wolfe",
        LINE_SEARCHES,
    ),
    "trust-region": MethodRecord(
        "the least of the quadratic model within a radius",
        "gdcli.descent.methods.trust_region",
        "",
        fixed=False,
        vectors=6,
    ),
}
