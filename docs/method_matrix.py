"""Runs every method of descent on every problem of the library, for docs/choosing-a-method.md.

    python docs/method_matrix.py            prints the table, after some minutes
    python docs/method_matrix.py --write    puts it into the page

Each run has the settings that a user gets. A cell has how many runs ended at a minimum with exit 0,
and the median of their evaluations of f.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

from gdcli.descent.methods import DESCENT_METHODS
from gdcli.descent.minimize import run_descent
from gdcli.functions.problem import Problem
from gdcli.library import lookup

PAGE = Path(__file__).parent / "choosing-a-method.md"
BEGIN, END = "<!-- measured -->\n", "<!-- end of measured -->\n"
CLASSES = {  # the first of these tags that a problem has, and what the table calls it
    "nonsmooth": "with kinks",
    "more-garbow-hillstrom": "least squares",
    "multimodal": "several minima",
}
OTHERS = "one minimum"


class MatrixRun(NamedTuple):
    """How a run ended, and how often f was evaluated."""

    exit_status: int
    evaluations: int


def kind(problem: Problem) -> str:
    return next((name for tag, name in CLASSES.items() if tag in problem.tags), OTHERS)


def run(problem: str, method: str) -> MatrixRun:
    result = run_descent(lookup.function(problem), method=method, keep=0)
    return MatrixRun(result.exit_status, result.evaluations.value)


def table(runs: dict[str, dict[str, MatrixRun]]) -> Iterator[str]:
    """The lines of the table, from the runs of each method by problem."""
    kinds = [*CLASSES.values(), OTHERS]
    problems = {name: [p.name for p in lookup.problems() if kind(p) == name] for name in kinds}
    heads = (f"{name}, {len(problems[name])} problems" for name in kinds)
    yield f"| method | {' | '.join(heads)} |"
    yield f"|---|{'---:|' * len(kinds)}"
    for method, ends in runs.items():
        cells = []
        for names in problems.values():
            done = [ends[name].evaluations for name in names if ends[name].exit_status == 0]
            cells.append(f"{len(done)}, {median(done):,.0f}" if done else "0")
        yield f"| `{method}` | {' | '.join(cells)} |"


def main() -> None:
    names = [problem.name for problem in lookup.problems()]
    runs = {method: {name: run(name, method) for name in names} for method in DESCENT_METHODS}
    lines = [f"{line}\n" for line in table(runs)]
    print("".join(lines), end="")
    if "--write" in sys.argv[1:]:
        before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
        after = rest.split(END)[1]
        PAGE.write_text(before + BEGIN + "".join(lines) + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
