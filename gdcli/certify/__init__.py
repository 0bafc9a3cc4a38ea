"""Proofs: global minima over a window, and stationary points, by interval arithmetic.

The package bears the name of the function `gdcli.certify`, and is what stands behind that name once
one of its modules is imported. So it can be called like the function.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


class CallablePackage(ModuleType):
    """The type of this package, which is called as its function `certify` is."""

    def __call__(self, *given: Any, **named: Any) -> Any:
        return import_module(f"{__name__}.certify").certify(*given, **named)

    @property
    def __signature__(self) -> Any:
        from inspect import signature

        return signature(import_module(f"{__name__}.certify").certify)


sys.modules[__name__].__class__ = CallablePackage
