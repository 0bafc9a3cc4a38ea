"""Random numbers are Philox 4×32-10, set by seed, purpose and index alone."""

import itertools
import statistics

import pytest

from gdcli.numbers.random_numbers import PURPOSES, Block, RandomStream, philox

ONES = 0xFFFFFFFF

# counter, key, words: the known answers published with Random123 (kat_vectors, philox4x32 10)
PUBLISHED = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ONES,) * 4, (ONES,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
PURPOSE = next(iter(PURPOSES))


@pytest.mark.parametrize(("counter", "key", "words"), PUBLISHED)
def test_the_published_answers(counter: Block, key: tuple[int, int], words: Block) -> None:
    assert philox(counter, key) == words


def drawn(seed: int, purpose: str, index: int) -> tuple[float, ...]:
    stream = RandomStream(seed, purpose, index)
    return tuple(stream.uniform() for _ in range(6))


def test_every_seed_purpose_and_index_has_numbers_of_its_own() -> None:
    streams = list(itertools.product((0, 1, 2**32, 2**63), PURPOSES, (0, 1, 7)))
    assert len({number for stream in streams for number in drawn(*stream)}) == 6 * len(streams)


def test_drawing_from_one_stream_changes_no_other() -> None:
    alone = drawn(5, PURPOSE, 0)
    one, other = RandomStream(5, PURPOSE, 0), RandomStream(5, PURPOSE, 1)
    mixed = []
    for _ in range(6):
        mixed.append(one.uniform())
        other.normal()
    assert tuple(mixed) == alone


def test_no_two_purposes_share_a_number() -> None:
    assert len(set(PURPOSES.values())) == len(PURPOSES)


def test_the_moments_are_those_of_the_distributions() -> None:
    count = 20_000  # the limits are five standard errors
    stream = RandomStream(0, PURPOSE)
    uniform = [stream.uniform(-1.0, 3.0) for _ in range(count)]
    normal = [stream.normal() for _ in range(count)]
    assert min(uniform) >= -1.0
    assert max(uniform) < 3.0
    assert statistics.fmean(uniform) == pytest.approx(1.0, abs=5 * (4 / 12**0.5) / count**0.5)
    assert statistics.fmean(normal) == pytest.approx(0.0, abs=5 / count**0.5)
    assert statistics.variance(normal) == pytest.approx(1.0, abs=5 * (2 / count) ** 0.5)
    assert statistics.fmean(x**4 for x in normal) == pytest.approx(3.0, abs=5 * (96 / count) ** 0.5)


@pytest.mark.parametrize("count", [1, 2, 7, 1000])
def test_many_numbers_at_once_are_those_drawn_one_by_one(count: int) -> None:
    for seed, index in ((0, 0), (2**40 + 7, ONES)):
        alone, together = (RandomStream(seed, PURPOSE, index) for _ in range(2))
        assert together.uniforms(count, -3.0, 0.1) == [
            alone.uniform(-3.0, 0.1) for _ in range(count)
        ]
        alone, together = (RandomStream(seed, PURPOSE, index) for _ in range(2))
        assert together.normals(count) == [alone.normal() for _ in range(count)]
