"""Generator functions for the process of `limited_process`, which imports them by name."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from typing import Any

from gdcli.errors import ExpressionError, Span


def squares(count: int) -> Iterator[int]:
    print("this is no message")
    for k in range(count):
        yield k * k


def process(_: object) -> Iterator[tuple[int, bool]]:
    yield os.getpid(), "sympy" in sys.modules


def endless(first: Any) -> Iterator[Any]:
    yield first
    while True:
        pass


def vast(first: Any) -> Iterator[Any]:
    yield first
    kept = [b"x" * 10_000_000 for _ in range(1000)]
    yield len(kept)


def one_step(first: Any) -> Iterator[Any]:
    """One instruction of C that takes hours and no signal handler interrupts."""
    yield first
    yield 3 ** (10**10) % 7


def refused(_: object) -> Iterator[Any]:
    yield 1
    raise ExpressionError("no such thing", "x + ?", Span(4, 5))


def broken(_: object) -> Iterator[Any]:
    yield 1
    raise KeyError("k")


def killed(_: object) -> Iterator[Any]:
    yield 1
    os.abort()


def asleep(first: Any) -> Iterator[Any]:
    yield first
    time.sleep(60)
    yield "awake"
