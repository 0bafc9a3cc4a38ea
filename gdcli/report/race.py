"""A race → Listing: the table of `gdcli race`, before a format writes it.

The content has for each run the object that `gdcli minimize` writes, with what the race adds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdcli.report.formats.json import minimize_object
from gdcli.report.listing import Listing, bare
from gdcli.report.view import MinimizeView, Screen

if TYPE_CHECKING:
    from gdcli.descent.race import Race, RaceRun
    from gdcli.report.formats import objects

NOTES = (
    "to 1e-2: evaluations of f until f - best f is at most 1e-2·(1 + |best f|), the best of all"
    " methods here; seconds to 1e-2: how long that took",
    "order: p of ‖∇f(k+1)‖ ≈ c‖∇f(k)‖^p in the last steps, where they agree on one",
)


def race_listing(found: Race, screen: Screen) -> Listing:
    """The table of the runs."""
    columns, rows = found.table()
    content: objects.RaceContent = {"runs": [_run_object(run, screen) for run in found.runs]}
    coarse = ("order", *(name for name in columns if name.startswith("seconds")))
    name = "family" if found.runs[0].varied else "methods"
    return Listing(name, columns, rows, bare(rows), content, (), NOTES, coarse)


def _run_object(run: RaceRun, screen: Screen) -> objects.RaceRunObject:
    function = run.function
    view = MinimizeView(
        *(function.text, function.variables, function.problem),
        screen=screen,
        layout=function.layout,
        held=function.held,
    )
    return {
        **minimize_object(run.result, view),
        "best_f": run.best_f,
        "targets": [
            {"target": one.target, "evaluations": one.evaluations, "seconds": one.seconds}
            for one in run.targets
        ],
        "order": run.order,
    }
