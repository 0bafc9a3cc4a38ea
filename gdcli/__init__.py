"""gdcli: exact gradients and minima of functions written as on paper.

The public names, each imported when it is first asked for. Nothing else is imported here, typing
included: this runs before the process is ready for Ctrl-C.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gdcli.derivatives.check.derivation import check
    from gdcli.derivatives.comparison.table import compare
    from gdcli.derivatives.value import eval
    from gdcli.descent.minimize import minimize
    from gdcli.descent.race import race
    from gdcli.descent.result import ArrayResult as Result
    from gdcli.errors import GdcliError, UndefinedError
    from gdcli.fitting.fit import fit
    from gdcli.fitting.prediction import predict
    from gdcli.fitting.result import Fit
    from gdcli.functions.function import Function
    from gdcli.functions.problem import Problem
    from gdcli.library.lookup import function, problem, problems
    from gdcli.proofs.certify import certify
    from gdcli.report.pictures.plot import Picture, plot
    from gdcli.report.stages.show import show

__version__ = "0.1.0"
__all__ = [
    "Fit",
    "Function",
    "GdcliError",
    "Picture",
    "Problem",
    "Result",
    "UndefinedError",
    "__version__",
    "certify",
    "check",
    "compare",
    "eval",
    "fit",
    "function",
    "minimize",
    "plot",
    "predict",
    "problem",
    "problems",
    "race",
    "show",
]

_HOMES = {
    "Fit": "fitting.result",
    "Function": "functions.function",
    "GdcliError": "errors",
    "Picture": "report.pictures.plot",
    "Problem": "functions.problem",
    "Result": "descent.result",
    "UndefinedError": "errors",
    "certify": "proofs.certify",
    "check": "derivatives.check.derivation",
    "compare": "derivatives.comparison.table",
    "eval": "derivatives.value",
    "fit": "fitting.fit",
    "function": "library.lookup",
    "minimize": "descent.minimize",
    "plot": "report.pictures.plot",
    "predict": "fitting.prediction",
    "problem": "library.lookup",
    "problems": "library.lookup",
    "race": "descent.race",
    "show": "report.stages.show",
}


def __getattr__(name: str) -> Any:
    """A public name, from the module it lives in."""
    if name not in _HOMES:
        raise AttributeError(f"module 'gdcli' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"gdcli.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, which completion shows before they are imported."""
    return sorted(__all__)
