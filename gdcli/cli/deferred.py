"""Imports that wait: of a module that others import and few runs use, and of a package's `__init__`
where one of its modules is enough.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib._bootstrap import _DeadlockError, _ModuleLockManager  # type: ignore[attr-defined]
from importlib.util import find_spec, module_from_spec
from types import ModuleType


class DeferredModule(ModuleType):
    """A module that runs when a name is asked for that it does not have and no module in it has."""

    __runs = False

    def __getattr__(self, name: str) -> object:
        if "__path__" in vars(self) and find_spec(f"{self.__name__}.{name}"):
            return import_module(f"{self.__name__}.{name}")
        try:
            with _ModuleLockManager(self.__name__):  # as every import does
                if type(self) is DeferredModule and not self.__runs:
                    self.__runs = True
                    try:
                        self.__loader__.exec_module(self)  # type: ignore[union-attr]
                    finally:
                        del self.__runs
                    self.__class__ = ModuleType  # type: ignore[assignment]
        except _DeadlockError:  # of two threads that import in a circle, as imports take it too
            pass
        if type(self) is DeferredModule:
            raise AttributeError(f"{self.__name__} runs and has no {name} yet")
        return getattr(self, name)


def defer(name: str) -> None:
    """Let `import NAME` run the module when it is first used.

    Nothing is done where it is imported already or is not found.
    """
    spec = None if name in sys.modules else find_spec(name)
    if spec is not None:
        module = module_from_spec(spec)
        module.__class__ = DeferredModule
        sys.modules[name] = module


def import_alone(name: str) -> None:
    """Import the module PACKAGE.MODULE and defer the package.

    A package that the module needs whole is imported as always, when somebody imports it.
    """
    package = name.partition(".")[0]
    defer(package)
    try:
        import_module(name)
    except (ImportError, AttributeError):
        for other in [other for other in sys.modules if other.partition(".")[0] == package]:
            del sys.modules[other]
