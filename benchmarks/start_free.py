"""The scorecard of fits without a start: how many end at the best minimum known, seed by seed.

NIST's 27 datasets as published, and with x times 10⁵ and y times 10⁻⁴, in which ENSO's period of 12
months is another model; and models that are not NIST's, with noise that the seed draws too. *Right*
is a sum of squares of at most (1 + 1e-8) times that certified, or that found from the parameters
that the data were made with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import mean

from tests.fitting.other_models import MODELS
from tests.fitting.without_start import ends_right, is_certified, without_start
from tests.nist_datasets import NAMES

SEEDS = range(10)
X_TIMES, Y_TIMES = 1e5, 1e-4


def table() -> Iterator[str]:
    """The lines of the scorecard, as they are found."""
    yield f"| right without a start, seed | {' | '.join(map(str, SEEDS))} | mean |"
    yield f"|---|{'---:|' * (len(SEEDS) + 1)}"

    def is_right(name: str, seed: int) -> bool:
        return is_certified(name, without_start(name, seed))

    def is_right_scaled(name: str, seed: int) -> bool:
        found = without_start(name, seed, X_TIMES, Y_TIMES)
        return is_certified(name, found, Y_TIMES)

    wrong: dict[str, int] = {}
    sweeps: tuple[tuple[str, list[str], Callable[[str, int], bool]], ...] = (
        (f"NIST's {len(NAMES)}", [*NAMES], is_right),
        ("x·10⁵, y·10⁻⁴", [*NAMES], is_right_scaled),
        (f"{len(MODELS)} other models", [*MODELS], lambda name, seed: ends_right(name, seed, seed)),
    )
    for label, names, right in sweeps:
        counts = []
        for seed in SEEDS:
            missed = [name for name in names if not right(name, seed)]
            counts.append(len(names) - len(missed))
            for name in missed:
                wrong[f"{label}: {name}"] = wrong.get(f"{label}: {name}", 0) + 1
        yield f"| {label} | {' | '.join(map(str, counts))} | {mean(counts):g} |"
    yield ""
    yield f"Not right: {'; '.join(f'{name} × {times}' for name, times in wrong.items())}."
