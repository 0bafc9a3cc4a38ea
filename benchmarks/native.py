"""Value and gradient at native speed beside every peer: on one thread, then on all.

Each setting is one process (`benchmarks/race.py`), in which all sides take turns. C is always on
one thread.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from benchmarks.peers import OURS, PEERS
from benchmarks.process import lines
from benchmarks.race import Figures


def table(quick: bool = False) -> Iterator[str]:
    names = [peer.name for peer in PEERS if peer.installed()]
    one, every = raced(True, quick), raced(False, quick)
    for title, figures in (("one thread", one), ("all threads", every)):
        yield f"| milliseconds, {title} | {' | '.join(names)} |"
        yield f"|---|{'---:|' * len(names)}"
        for work in figures:
            cells = " | ".join(milliseconds(work.seconds, name) for name in names)
            yield f"| {work.title} | {cells} |"
        yield ""
    yield f"| {OURS}'s time over | | one thread | all threads | must be at most |"
    yield "|---|---|---:|---:|---:|"
    for single, threaded in zip(one, every, strict=True):
        for peer, limit in single.limits.items():
            if peer in single.ratios:
                ratios = f"{single.ratios[peer]:.2f} | {threaded.ratios[peer]:.2f}"
                yield f"| {single.title} | {peer} | {ratios} | {limit} |"


def raced(one_thread: bool, quick: bool) -> list[Figures]:
    """The figures of every work."""
    options = ["--quick"] if quick else []
    found = lines("race", *options, one_thread=one_thread)
    return [Figures(**json.loads(line)) for line in found]


def milliseconds(times: Mapping[str, float], name: str) -> str:
    """Three digits."""
    if name not in times:
        return "–"
    time = 1e3 * times[name]
    return f"{time:,.0f}" if time >= 100 else f"{time:.3g}"
