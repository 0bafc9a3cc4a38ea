"""The scorecard of proofs: what `gdcli certify --window` proves of the library's windows, and when.

`python -m benchmarks certify` proves minima over the library's windows of MOST_COMPONENTS or fewer
components, each moved by SHIFT of its width so that no bisection meets the minimizer; over those of
functions of any size; and over some whose difficulty is known. Each is a process of its own on one
processor, whose search has MOST_SECONDS. V says that the value of the minimum is proved, E that all
minimizers lie in the boxes that are printed. Seconds are those of the whole proof on the processor,
search and judge.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from math import inf
from subprocess import TimeoutExpired
from time import process_time
from typing import NamedTuple

import gdcli
from benchmarks.process import lines
from gdcli.library import lookup

SHIFT = 0.137  # of its width, by which both ends of a window are moved
MOST_COMPONENTS = 6
MOST_SECONDS = 10
LONGEST_WAIT = 100  # seconds of the clock, for a process
FEWEST_VALUES, FEWEST_ENCLOSURES = 70, 64
PLANE_SECONDS = 2.0  # for a smooth function in two variables
ANY_SIZE = ("rastrigin-n", "ackley-n", "griewank-n", "levy-n", "schwefel-n")
SIZES = range(2, 9)
CENTERED = ("five-well", "five-well-paper", "siam-100-digit-4", "eggholder", "shubert", "bukin-6")
HARD = (
    *("penalty-1", "kowalik-osborne", "osborne-1", "meyer", "gulf", "biggs-exp6", "watson-n"),
    "bukin-6",
)


class Proof(NamedTuple):
    """What is proved of a window; `left` says what of it is not."""

    value: bool
    enclosure: bool
    boxes: int
    minimizers: int
    seconds: float
    left: str

    @property
    def told(self) -> str:
        """The cell of a table: boxes and seconds, or what is not proved."""
        proved = "V" * self.value + "E" * self.enclosure
        return f"{proved or 'no'}, {self.boxes:,}, {self.seconds:.2g}"


def table(_: Sequence[str] = ()) -> Iterator[str]:
    """The lines of the scorecard, as they are found."""
    yield from windows()
    yield ""
    yield from any_size()
    yield ""
    yield from known()


def windows() -> Iterator[str]:
    names = [
        problem.name for problem in lookup.problems() if 0 < len(problem.window) <= MOST_COMPONENTS
    ]
    found = {name: proof_of(name, shift=SHIFT) for name in names}
    values = sum(one.value for one in found.values())
    enclosures = sum(one.enclosure for one in found.values())
    slow = [
        f"{name} {one.seconds:.1f} s"
        for name, one in found.items()
        if len(lookup.problem(name).window) == 2 and one.seconds >= PLANE_SECONDS
    ]
    yield f"| {len(names)} windows, moved by {SHIFT} | proved | at least |"
    yield "|---|---:|---:|"
    yield f"| V: the value of the minimum | {values} | {FEWEST_VALUES} |"
    yield f"| E: where all minimizers lie | {enclosures} | {FEWEST_ENCLOSURES} |"
    yield ""
    yield f"Of two variables, {PLANE_SECONDS:g} s or more: {', '.join(slow) or 'none'}."
    yield ""
    yield "| not proved | n | boxes | seconds | what is left |"
    yield "|---|---:|---:|---:|---|"
    for name, one in found.items():
        if not (one.value and one.enclosure):
            n, what = len(lookup.problem(name).window), "E" if one.value else "V and E"
            yield f"| {name}: {what} | {n} | {one.boxes:,} | {one.seconds:.1f} | {one.left} |"


def any_size() -> Iterator[str]:
    yield f"| moved by {SHIFT}: proved, boxes, s | {' | '.join(f'n = {n}' for n in SIZES)} |"
    yield "|---|" + "---:|" * len(SIZES)
    for name in ANY_SIZE:
        cells = [proof_of(name, n, SHIFT).told for n in SIZES]
        yield f"| {name} | {' | '.join(cells)} |"


def known() -> Iterator[str]:
    yield "| as the library has it | proved | boxes | boxes printed | seconds |"
    yield "|---|---|---:|---:|---:|"
    for name, shift in [*((name, 0.0) for name in CENTERED), *((name, SHIFT) for name in HARD)]:
        one = proof_of(name, shift=shift)
        proved = "V" * one.value + "E" * one.enclosure or "no"
        moved = f", moved by {shift}" if shift else ""
        yield f"| {name}{moved} | {proved} | {one.boxes:,} | {one.minimizers} | {one.seconds:.2f} |"


def proof_of(name: str, n: int = 0, shift: float = 0.0) -> Proof:
    """The proof in a process of its own; none where it takes LONGEST_WAIT."""
    given = "certify", name, str(n), str(shift)
    try:
        return Proof(*json.loads(lines(*given, one_thread=True, timeout=LONGEST_WAIT)[-1]))
    except TimeoutExpired:
        return Proof(False, False, 0, 0, inf, f"no answer in {LONGEST_WAIT} s")


def proved(name: str, n: int, shift: float) -> Proof:
    function = gdcli.function(name, sizes={"n": n} if n else None)
    assert function.problem is not None
    window = [
        (low + shift * (high - low), high + shift * (high - low))
        for low, high in (function.problem.window * max(n, 1))[: len(function.components)]
    ]
    begun = process_time()
    found = gdcli.certify(function, window=window, max_time=MOST_SECONDS)
    seconds = process_time() - begun
    claims = found.claims
    left = found.left[0].reason if found.left else found.message
    counts = found.boxes, len(found.minimizers)
    return Proof(claims["value"], claims["enclosure"], *counts, seconds, left)


if __name__ == "__main__":
    print(json.dumps(proved(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))))
