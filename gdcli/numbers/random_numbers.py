"""Random numbers that repeat everywhere: the counter-based generator Philox 4×32-10.

Comes in: a seed, a purpose and an index. Goes out: a `RandomStream`, whose numbers depend on these
three alone: threads, processes and releases of other libraries draw the same ones, and what is
drawn for one purpose changes nothing that is drawn for another.

Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, Parallel random numbers: as easy as
1, 2, 3, SC '11. Its key is the seed, its counter (block, index, purpose).
"""

from __future__ import annotations

from math import cos, log, pi, sqrt
from typing import Any

# A number is never given twice.
PURPOSES = {
    "rays of a verdict": 1,
    "gradient samples": 2,
    "noise of f": 3,
    "starts of a fit": 4,
    "rows of a picture": 5,
    "start of a descent": 6,
}

ROUNDS = 10
MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL_INCREMENTS = (0x9E3779B9, 0xBB67AE85)  # of the key, a round: the golden ratio and √3 - 1
WORD_MASK = 0xFFFFFFFF

Block = tuple[int, int, int, int]


def philox(counter: Any, key: tuple[int, int]) -> Any:
    """The four random words of a counter under a key; all words have 32 bits.

    Words may be NumPy's arrays of 64-bit integers without signs, which stand for many counters.
    """
    a, b, c, d = counter
    first_key, second_key = key
    for _ in range(ROUNDS):
        first, second = MULTIPLIERS[0] * a, MULTIPLIERS[1] * c
        a, b, c, d = (
            (second >> 32) ^ b ^ first_key,
            second & WORD_MASK,
            (first >> 32) ^ d ^ second_key,
            first & WORD_MASK,
        )
        first_key = (first_key + WEYL_INCREMENTS[0]) & WORD_MASK
        second_key = (second_key + WEYL_INCREMENTS[1]) & WORD_MASK
    return a, b, c, d


class RandomStream:
    """A sequence of random numbers, set by a seed below 2^64, a purpose and an index below 2^32.

    The purpose is a name of `PURPOSES`; the index numbers streams of one purpose, as one a start.
    """

    def __init__(self, seed: int, purpose: str, index: int = 0) -> None:
        self.key = (seed & WORD_MASK, seed >> 32 & WORD_MASK)
        self.stream = (index, PURPOSES[purpose])
        self.block = 0
        self.words: list[int] = []

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """The next number, from low to below high, of 53 random bits."""
        if not self.words:
            counter = (self.block & WORD_MASK, self.block >> 32, *self.stream)
            self.words = list(philox(counter, self.key))
            self.block += 1
        first, second = self.words[:2]
        del self.words[:2]
        return low + (high - low) * ((first >> 5) * 2**26 + (second >> 6)) / 2**53

    def uniforms(self, count: int, low: float = 0.0, high: float = 1.0) -> list[float]:
        """The next `count` numbers, as `uniform` gives them one by one; NumPy draws many at once.

        Before any number of the stream was drawn.
        """
        import numpy as np

        places = np.arange((count + 1) // 2, dtype=np.uint64)
        index, purpose = (np.full_like(places, word) for word in self.stream)
        a, b, c, d = philox((places & WORD_MASK, places >> 32, index, purpose), self.key)
        words = np.column_stack([a, c]).ravel() >> 5, np.column_stack([b, d]).ravel() >> 6
        found: list[float] = (low + (high - low) * (words[0] * 2**26 + words[1]) / 2**53).tolist()
        return found[:count]

    def normals(self, count: int) -> list[float]:
        """The next `count` numbers, as `normal` gives them one by one, drawn at once."""
        drawn = self.uniforms(2 * count)
        return [_normal(u, v) for u, v in zip(drawn[::2], drawn[1::2], strict=True)]

    def normal(self) -> float:
        """The next number of the normal distribution of mean 0 and variance 1, by Box and Muller.

        It takes two uniform numbers.
        """
        return _normal(self.uniform(), self.uniform())


def _normal(first: float, second: float) -> float:
    return sqrt(-2.0 * log(1.0 - first)) * cos(2.0 * pi * second)
