"""gdcli: exact gradients and minima of functions written as on paper.

The public names, each imported when it is first asked for. Nothing else is imported here, typing
included: this runs before the process is ready for Ctrl-C.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gdcli.descent.minimize import minimize
    from gdcli.descent.result import Result
    from gdcli.errors import GdcliError, UndefinedError
    from gdcli.functions.function import Function
    from gdcli.functions.problem import Problem
    from gdcli.library.lookup import function, problem, problems

__version__ = "0.1.0"
__all__ = [
    "Function",
    "GdcliError",
    "Problem",
    "Result",
    "UndefinedError",
    "__version__",
    "function",
    "minimize",
    "problem",
    "problems",
]

_HOMES = {
    "Function": "functions.function",
    "GdcliError": "errors",
    "Problem": "functions.problem",
    "Result": "descent.result",
    "UndefinedError": "errors",
    "function": "library.lookup",
    "minimize": "descent.minimize",
    "problem": "library.lookup",
    "problems": "library.lookup",
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
