"""Long straight texts: the time to the first native gradient, and a gradient beside CasADi's.

The time to the first gradient is of the processor, imports not counted. Of 10,000 operations it is
taken in a process of its own: `python -m benchmarks.long_texts TITLE`. Of 1,000 it is taken beside
CasADi's, which makes the graph of the same text, its gradient, a Function and the first call;
every time of another text, so that nothing is known of it: `python -m benchmarks.long_texts first`.
`python -m benchmarks.long_texts` prints rows of gradients, in which CasADi's virtual machine, on
the graph of the same text, and gdcli take turns.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from statistics import median
from time import process_time
from typing import NamedTuple

import numpy as np

import gdcli
from benchmarks.differentiation import terms
from benchmarks.peers import CASADI
from benchmarks.process import lines
from benchmarks.race import ROUNDS, Turns, agree
from benchmarks.works import Run
from gdcli.execute.native.machine import vectors

OPERATIONS, RUNS = 10_000, 5
FIRST_LIMIT, LIMIT = 0.9, 0.3
FEW_OPERATIONS, FIRST = 1_000, "first"
FIRST_RATIO_LIMIT, TAPE_LIMIT = 2, 20


class LongText(NamedTuple):
    """Parts in order, and the terms of the sum of which the function consists."""

    parts: tuple[str, ...]
    terms: tuple[str, ...]

    def __str__(self) -> str:
        return "".join(f"{part}; " for part in self.parts) + " + ".join(self.terms)


def products(operations: int) -> LongText:
    """Terms of products and quotients."""
    return LongText(
        (),
        tuple(f"{i + 2}*x{i % 9 + 1}*x{5 * i % 8 + 1}^2/{i + 3}" for i in range(operations // 5)),
    )


def calls(operations: int) -> LongText:
    """Terms with a sine, a cosine in their derivative, and an exponential."""
    return LongText((), tuple(terms(operations)))


def chain(operations: int) -> LongText:
    """Parts each of which needs the one before: all must wait for one another."""
    count = operations // 6
    parts = [
        f"a{i + 1} = a{i}*0.999 + x{i % 7 + 1}*0.01 - a{i}^2/{i + 50}" for i in range(1, count)
    ]
    return LongText(("a1 = x1*0.999 + x2^2/50", *parts), (f"a{count}",))


TEXTS = {
    "products and quotients": products,
    "sines and exponentials": calls,
    "parts that need one another": chain,
}


def table() -> Iterator[str]:
    if not CASADI.installed():
        return
    yield (
        f"| a text of {OPERATIONS:,} operations | first gradient, CPU s | at most "
        "| a gradient, µs | CasADi, µs | ratio | at most |"
    )
    yield "|---|---:|---:|---:|---:|---:|---:|"
    rows = lines("long_texts", one_thread=True)
    for title, row in zip(TEXTS, rows, strict=True):
        first = median(float(lines("long_texts", title, one_thread=True)[0]) for _ in range(RUNS))
        yield f"| {title} | {first:.2f} | {FIRST_LIMIT} | {row} | {LIMIT} |"
    yield ""
    yield (
        f"| a text of {FEW_OPERATIONS:,} operations | first gradient, CPU ms | CasADi, CPU ms "
        "| ratio | at most | to the gradient's tape, µs an operation | at most |"
    )
    yield "|---|---:|---:|---:|---:|---:|---:|"
    yield from lines("long_texts", FIRST, one_thread=True)


def first(title: str) -> float:
    """Seconds of the processor from the text to its first gradient."""
    text = str(TEXTS[title](OPERATIONS))
    vectors()  # which loads LLVM
    start = process_time()
    function = gdcli.function(text, backend="native")
    function.evaluate_gradient([0.5] * function.layout.size)
    return process_time() - start


def first_rows() -> Iterator[str]:
    """Rows of the first gradients of gdcli and of CasADi, in turn, of another text each time."""
    vectors()
    for title, make in TEXTS.items():
        ours, theirs, tapes = list[float](), list[float](), list[float]()
        for number in range(-1, ROUNDS):
            text = make(FEW_OPERATIONS + 10 * number)
            written = str(text)
            start = process_time()
            function = gdcli.function(written, backend="native")
            _ = function.gradient_tape
            made = process_time()
            function.evaluate_gradient([0.5] * function.layout.size)
            done = process_time()
            with_casadi(text, list(function.variables), np.full(function.layout.size, 0.5))()
            if number >= 0:  # the first one warms both up
                ours.append(done - start)
                theirs.append(process_time() - done)
                tapes.append((made - start) / FEW_OPERATIONS)
        times = " | ".join(f"{1e3 * median(side):.3g}" for side in (ours, theirs))
        ratio = np.median(np.divide(ours, theirs))
        tape = f"{1e6 * median(tapes):.3g} | {TAPE_LIMIT}"
        yield f"| {title} | {times} | {ratio:.2f} | {FIRST_RATIO_LIMIT} | {tape} |"


def rows() -> Iterator[str]:
    for title, make in TEXTS.items():
        text = make(OPERATIONS)
        function = gdcli.function(str(text), backend="native")
        point = np.linspace(0.3, 0.9, function.layout.size)
        evaluate = partial(function.evaluate_gradient, point.tolist())
        ours = Turns(evaluate)
        run = with_casadi(text, list(function.variables), point)
        agree(title, evaluate(), run())
        theirs = Turns(run)
        for _ in range(ROUNDS):
            ours.take()
            theirs.take()
        ratio = np.median(np.divide(ours.taken, theirs.taken))
        times = " | ".join(f"{1e6 * median(side.taken):.3g}" for side in (ours, theirs))
        yield f"{times} | {ratio:.2f}"


def with_casadi(text: LongText, names: list[str], point: np.ndarray) -> Run:
    import casadi

    from benchmarks.peers.with_casadi import buffered

    known = {"sin": casadi.sin, "exp": casadi.exp}
    variables = [casadi.SX.sym(name) for name in names]
    known.update(zip(names, variables, strict=True))

    def formula(written: str) -> casadi.SX:
        return eval(written.replace("^", "**"), known)

    for part in text.parts:
        name, written = part.split(" = ")
        known[name] = formula(written)
    value, x = sum(map(formula, text.terms)), casadi.vertcat(*variables)
    graph = casadi.Function("text", [x], [value, casadi.gradient(value, x)])
    return buffered(graph, [point], [np.zeros(1), np.zeros_like(point)])


if __name__ == "__main__":
    if sys.argv[1:] not in ([], [FIRST]):
        print(first(*sys.argv[1:]))
    else:
        for one in first_rows() if sys.argv[1:] else rows():
            print(one, flush=True)
