"""From text to gradient tape, as expressions grow: the time for each operation stays level."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from benchmarks.timing import seconds
from gdcli.autodiff.lower import lower
from gdcli.autodiff.primitives import ARITIES
from gdcli.autodiff.reverse import reverse
from gdcli.language.parser import parse
from gdcli.language.semantics.roles import assign
from gdcli.language.syntax import APPLY_NODE

RUNS = 5


def terms(operations: int) -> Iterator[str]:
    """Different terms with about that many operations in all."""
    for i in range(operations // 9):
        yield f"x{i % 7 + 1}*sin({i}.5*x{i % 5 + 1} + y)^2 - exp(x1/{i + 1})"


def table() -> Iterator[str]:
    yield "| operations | parse, s | lower, s | reverse, s | together, s | µs an operation |"
    yield "|---:|---:|---:|---:|---:|---:|"
    for size in (100, 1_000, 10_000, 100_000):
        text = " + ".join(terms(size))
        parsed = parse(text, ARITIES)
        tape = lower(parsed, assign(parsed, ARITIES))
        operations = sum(node.kind == APPLY_NODE for node in parsed.nodes)
        stages = [
            median(seconds(stage) for _ in range(RUNS))
            for stage in (
                lambda text=text: parse(text, ARITIES),
                lambda parsed=parsed: lower(parsed, assign(parsed, ARITIES)),
                lambda tape=tape: reverse(tape),
            )
        ]
        figures = " | ".join(f"{stage:.4f}" for stage in (*stages, sum(stages)))
        yield f"| {operations:,} | {figures} | {1e6 * sum(stages) / operations:.0f} |"
