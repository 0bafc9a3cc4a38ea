"""One process of the native benchmark: every peer on every work, in turn.

`python -m benchmarks.race [--quick]` prints the Figures of each work as a line of JSON. Before a
work is timed, all answers to it must agree with those of the reference, to 9 digits of the largest
component. How many threads there are is settled by whoever starts the process.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

import numpy as np

from benchmarks.peers import OURS, PEERS, REFERENCE
from benchmarks.timing import seconds
from benchmarks.works import WORKS, Answer, Work

ROUNDS, QUICK_ROUNDS, SLOW_ROUNDS = 15, 5, 3
SLOW, TURN = 0.25, 0.02  # seconds: a call of more is made less often; a turn lasts about as long
AGREEMENT = 1e-9


class Figures(NamedTuple):
    """Of one work: the median time by peer, and the median of gdcli's time over each peer's."""

    title: str
    limits: dict[str, float]
    seconds: dict[str, float]
    ratios: dict[str, float]


class Turns:
    """One peer's turns: a call that is not counted, then calls for as long as a turn lasts.

    A peer that does only a part of the work has a `scale`, the factor to the whole.
    """

    def __init__(self, run: Callable[[], object], scale: float = 1.0) -> None:
        self.run, self.scale = run, scale
        once = min(seconds(run) for _ in range(2))
        self.slow = once > SLOW
        self.calls = max(1, int(TURN / once))
        self.taken: list[float] = []

    def take(self) -> None:
        if not self.slow:
            self.run()
        self.taken.append(self.scale * seconds(self._calls) / self.calls)

    def _calls(self) -> None:
        for _ in range(self.calls):
            self.run()


def main() -> None:
    rounds = QUICK_ROUNDS if "--quick" in sys.argv[1:] else ROUNDS
    for make in WORKS:
        print(json.dumps(raced(make(), rounds)._asdict()), flush=True)


def raced(work: Work, rounds: int) -> Figures:
    """The figures of one work."""
    turns: dict[str, Turns] = {}
    right: dict[int, Answer] = {}  # by the number of steps
    for peer in PEERS:
        if peer.installed() and (run := peer.run(work)):
            given = peer.given(work)
            if given.steps not in right:
                right[given.steps] = reference(given)
            agree(f"{peer.name} on {given.title}", run(), right[given.steps])
            scale = work.steps / given.steps if work.steps else 1.0
            turns[peer.name] = Turns(run, scale)
    for number in range(rounds):
        for turn in turns.values():
            if number < SLOW_ROUNDS or not turn.slow:
                turn.take()
    ours = turns[OURS].taken
    return Figures(
        work.title,
        dict(work.limits),
        {name: median(turn.taken) for name, turn in turns.items()},
        {
            name: median(a / b for a, b in zip(ours, turn.taken, strict=False))
            for name, turn in turns.items()
        },
    )


def reference(work: Work) -> Answer:
    """The answer of the peer that needs nothing but NumPy."""
    run = REFERENCE._replace(steps=0).run(work)
    assert run is not None
    return run()


def agree(name: str, answer: Answer, right: Answer) -> None:
    """Ends the process where the answer is not the right one."""
    for found, expected in zip(map(np.asarray, answer), map(np.asarray, right), strict=True):
        if not np.abs(found - expected).max() <= AGREEMENT * np.abs(expected).max():
            sys.exit(f"{name}: {found}, not {expected}")


if __name__ == "__main__":
    main()
