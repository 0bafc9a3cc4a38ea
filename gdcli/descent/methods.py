"""DESCENT_METHODS: the methods of descent by name, each with a line of help and its module.

A module holds its method as METHOD; loading the table loads no module.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gdcli.descent.direction import Direction


class DescentMethod(NamedTuple):
    """A row of DESCENT_METHODS."""

    help: str
    module: str

    def direction(self) -> Direction:
        """The rule by which a run starts, from the method's module."""
        found: Direction = import_module(self.module).METHOD
        return found


DESCENT_METHODS = {"steepest": DescentMethod("d = -∇f(x)", "gdcli.descent.direction")}
