"""What being careful costs, and whom: the engine's calls pay nothing, `grad` pays one slow pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from statistics import median

from benchmarks.timing import compare, seconds
from gdcli.autodiff.lower import lower
from gdcli.autodiff.passes.rewrite import rewrite
from gdcli.library.lookup import function

RUNS, CALLS = 9, 200
FUNCTIONS = (
    ("x^2 + y^2", (1.0, 2.0), "ordinary"),
    ("five-well", (9.0, 9.0), "ordinary"),
    ("log(1 + exp(x - y))", (1.0, 2.0), "rewritten"),
    ("abs(x - 2) + abs(y)", (1.0, 2.0), "beside kinks"),
    ("abs(x - 2) + abs(y)", (2.0, 0.0), "on a kink"),
    ("(1 - cos(x))/x^2 + y", (1e-8, 0.0), "50 digits and more"),
)


def table() -> Iterator[str]:
    yield "| function | point | engine, µs | as written, µs | `gradient`, µs | `answer`, µs |"
    yield "|---|---|---:|---:|---:|---:|"
    for text, point, kind in FUNCTIONS:
        ours = function(text)
        plain = type(ours)(str(ours.expression), as_written=True)
        engine = compare(
            calls(partial(ours.evaluate_gradient, point)),
            calls(partial(plain.evaluate_gradient, point)),
            RUNS,
        )
        times = [
            engine.ours / CALLS,
            engine.theirs / CALLS,
            median(seconds(calls(partial(ours.gradient, point), 20)) for _ in range(3)) / 20,
            median(seconds(partial(ours.answer, point)) for _ in range(RUNS)),
        ]
        figures = " | ".join(f"{1e6 * time:,.1f}" for time in times)
        yield f"| `{text}` | {kind} | {figures} |"
    yield ""
    yield "| asking for rewrites where none applies | lower, µs | ask, µs |"
    yield "|---|---:|---:|"
    for text in ("x^2 + y^2", "five-well", "sin(x*y)*exp(-x)"):
        ours = function(text)
        expression, roles = ours.expression, ours.resolved.roles
        asked = compare(
            calls(partial(rewrite, ours.tape)),
            calls(partial(lower, expression, roles), 5),
            RUNS,
        )
        figures = f"{1e6 * asked.theirs / 5:,.1f} | {1e6 * asked.ours / CALLS:,.1f}"
        yield f"| `{text}` | {figures} |"


def calls(work: Callable[[], object], count: int = CALLS) -> Callable[[], None]:
    """The work, so many times."""

    def repeated() -> None:
        for _ in range(count):
            work()

    return repeated
