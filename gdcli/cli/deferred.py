"""The import of a module without its package's `__init__`, which runs when somebody asks for a name
of the package.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType


class DeferredPackage(ModuleType):
    """A package whose `__init__` runs when a name is asked for that is none of its modules."""

    def __getattr__(self, name: str) -> object:
        if find_spec(f"{self.__name__}.{name}"):
            return import_module(f"{self.__name__}.{name}")
        self.__class__ = ModuleType  # type: ignore[assignment]
        self.__loader__.exec_module(self)  # type: ignore[union-attr]
        return getattr(self, name)


def import_alone(name: str) -> None:
    """Import the module PACKAGE.MODULE and defer the package.

    Nothing is done where the package is imported already, is not found, or is needed whole: an
    import finds it as always.
    """
    package = name.partition(".")[0]
    spec = None if package in sys.modules else find_spec(package)
    if spec is None:
        return
    deferred = module_from_spec(spec)
    deferred.__class__ = DeferredPackage
    sys.modules[package] = deferred
    try:
        import_module(name)
    except (ImportError, AttributeError):
        for other in [other for other in sys.modules if other.partition(".")[0] == package]:
            del sys.modules[other]
