"""SEARCHES: the rules that accept a step along a direction or ask for a shorter one, by name.

A module holds `make`, which makes its search for a function; loading the table loads no module.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from gdcli.descent.requests import Traits
    from gdcli.descent.search.trials import Search
    from gdcli.descent.step_size import StepSize


class LineSearch(NamedTuple):
    """A row of SEARCHES."""

    help: str
    module: str

    def search(self, traits: Traits) -> Search:
        """The search, from its module, for a function of such traits."""
        found: Search = import_module(self.module).make(traits)
        return found


SEARCHES = {
    "exact": LineSearch("the minimum of f along d", "gdcli.descent.search.exact"),
    "backtracking": LineSearch(
        "f falls by a part of what its slope promises", "gdcli.descent.search.backtracking"
    ),
    "wolfe": LineSearch(
        "f falls enough, and its slope too (strong Wolfe conditions)", "gdcli.descent.search.wolfe"
    ),
    "hager-zhang": LineSearch(
        "the Wolfe conditions, by slopes near the minimum", "gdcli.descent.search.hager_zhang"
    ),
    "nonmonotone": LineSearch(
        "f below the worst of the last ten", "gdcli.descent.search.nonmonotone"
    ),
}


class AlphaRule(NamedTuple):
    """How step sizes are found: a rule that proposes them, if any, and the name of a search.

    A `step_size` of the user's is taken as it is; then `named` is "unguarded".
    """

    named: str
    step_size: StepSize | None = None

    def search(self, traits: Traits) -> Search:
        if self.named == "unguarded":
            from gdcli.descent.search.unguarded import Unguarded

            return Unguarded()
        return SEARCHES[self.named].search(traits)
