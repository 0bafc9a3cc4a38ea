"""NIST's reference datasets of nonlinear regression, read from the files as published.

Models are those of the files, in our spelling: `y ~ b1*(1-exp(-b2*x))`. The known slips are
corrected: Rat43 prints 9 degrees of freedom where there are 11. `tests/fitting/nist/SOURCE.md` says
where the files are from.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from functools import cache
from itertools import islice
from math import inf, isfinite, log10
from pathlib import Path
from typing import NamedTuple

FILES = Path(__file__).parent / "fitting" / "nist"
JITTERED_STARTS_FILE = FILES / "jittered_starts.csv"
NAMES = tuple(sorted(path.stem for path in FILES.glob("*.dat")))
RUNS = tuple((name, start) for name in NAMES for start in (0, 1))
CERTIFIED_DIGITS = 11.0  # of the parameters and standard deviations that NIST prints


class ReferenceDataset(NamedTuple):
    """A dataset: columns by name, a model text, two starts and what NIST certifies."""

    name: str
    model: str
    columns: dict[str, list[float]]
    starts: tuple[list[float], list[float]]
    certified: list[float]
    deviations: list[float]  # the standard errors of the parameters
    sum_of_squares: float
    residual_deviation: float

    @property
    def parameters(self) -> list[str]:
        return [f"b{j + 1}" for j in range(len(self.certified))]

    @property
    def degrees_of_freedom(self) -> int:
        return len(self.columns["y"]) - len(self.certified)

    def start(self, which: int) -> dict[str, float]:
        """The first start, 0, or the second, 1, by name."""
        return dict(zip(self.parameters, self.starts[which], strict=True))

    def digits(self, parameters: Sequence[float]) -> float:
        """How many digits of the worst parameter are right, at most 11."""
        return least_digits(parameters, self.certified)


class JitteredStart(NamedTuple):
    """A start times 1 + 0.1·N(0, 1) in each parameter, with the seed of its draws, 0 to 7."""

    dataset: str
    which: int
    seed: int
    start: list[float]


def least_digits(found: Sequence[float], certified: Sequence[float]) -> float:
    """-log₁₀ of the largest relative error, at most 11; -inf where a number is not finite."""
    if not all(map(isfinite, found)):
        return -inf
    errors = [abs(a - b) / abs(b) for a, b in zip(found, certified, strict=True)]
    return min(CERTIFIED_DIGITS, -log10(max(*errors, 1e-300)))


@cache
def dataset(name: str) -> ReferenceDataset:
    text = (FILES / f"{name}.dat").read_text(encoding="latin1")
    number = r"([-+.\dEe]+)"
    rows = re.findall(rf"^ *b\d += +{number} +{number} +{number} +{number} *$", text, re.M)
    first, second, certified, deviations = ([*map(float, one)] for one in zip(*rows, strict=True))
    left, right = _formula(text)
    *_, table = re.split(r"^Data:.*$", text, flags=re.M)
    observed = [[*map(float, line.split())] for line in table.splitlines() if line.strip()]
    headings = ["y", "x"] if len(observed[0]) == 2 else ["y", "x1", "x2"]
    columns = dict(zip(headings, map(list, zip(*observed, strict=True)), strict=True))

    def certified_number(words: str) -> float:
        return float(re.findall(rf"{words}: +{number}", text)[0])

    return ReferenceDataset(
        name,
        f"{left} ~ {right}",
        columns,
        (first, second),
        certified,
        deviations,
        certified_number("Residual Sum of Squares"),
        certified_number("Residual Standard Deviation"),
    )


def _formula(text: str) -> tuple[str, str]:
    """The two sides of the model, which the file writes as `y = … + e` over several lines."""
    left, right = re.findall(r"^ +(y|log\[y\]) *= (.*?)\+ *e *$", text, re.M | re.S)[0]
    plain = {"[": "(", "]": ")", "**": "^"}
    for published, ours in plain.items():
        left, right = left.replace(published, ours), right.replace(published, ours)
    return left, " ".join(right.split())


@cache
def jittered_starts() -> tuple[JitteredStart, ...]:
    """The 432 starts, 8 seeds for each of the 54 runs, as they were drawn once and stored."""
    found = []
    with JITTERED_STARTS_FILE.open(encoding="utf-8", newline="") as file:
        for name, which, seed, *start in islice(csv.reader(file), 1, None):
            numbers = [float(number) for number in start if number]
            found.append(JitteredStart(name, int(which) - 1, int(seed), numbers))
    return tuple(found)
