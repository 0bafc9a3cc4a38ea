"""Global minima over a box by gdcli and by other branch and bound programs, on the same formulas.

`python -m benchmarks global_optimizers` runs each in a process of its own, on one processor, with
MOST_SECONDS for an answer. Packages are imported before the clock runs. An answer of a program that
says that it is done is wrong where its value is not the minimum that the library lists, or that is
known by construction, to RELATIVE_TOLERANCE, or where its lower bound is above that.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from math import inf, isfinite
from time import perf_counter
from typing import Any, NamedTuple

from benchmarks.peers import GLOBAL_OPTIMIZERS, Peer

MOST_SECONDS = 20.0
RELATIVE_TOLERANCE = 1e-6  # of 1 + |min f|
SHIFT = 0.137  # of the width: where a window's middle is no minimizer


class Posed(NamedTuple):
    """A function over a box: its expression or the name of a problem, n where it has any size, and
    by how much of its width the problem's window is shifted. `least` is the minimum, -inf where f
    has none; None where the library lists it.
    """

    name: str
    window: tuple[tuple[float, float], ...] = ()
    n: int = 0
    shift: float = 0.0
    least: float | None = None


class Found(NamedTuple):
    """What a program says of a minimum: bounds of its value, and whether it says that it is done.

    `low` is -inf where it gives no lower bound.
    """

    low: float
    high: float
    done: bool
    seconds: float


POSED = (
    Posed("five-well"),
    Posed("five-well-paper"),
    Posed("six-hump-camel", shift=SHIFT),
    Posed("branin"),
    Posed("goldstein-price", shift=SHIFT),
    Posed("siam-100-digit-4"),
    Posed("rastrigin-n", n=2, shift=SHIFT),
    Posed("rastrigin-n", n=3, shift=SHIFT),
    Posed("rastrigin-n", n=4, shift=SHIFT),
    Posed("levy-n", n=3, shift=SHIFT),
    Posed("shubert"),
    Posed("sqrt(x) + x", ((-1.0, 1.0),), least=0.0),
    Posed("x + sqrt(x - 1)", ((-3.0, 3.0),), least=1.0),
    Posed("abs(x - 1/3) + x^2/10", ((-1.0, 2.0),), least=1 / 90),
    Posed("1/x", ((-1.0, 1.0),), least=-inf),
)


def function_of(posed: Posed) -> tuple[Any, list[tuple[float, float]]]:
    """The gdcli Function of a box, and the box."""
    import gdcli

    function = gdcli.function(posed.name, sizes={"n": posed.n} if posed.n else None)
    window = posed.window
    if not window:
        assert function.problem is not None
        window = tuple((low, high) for low, high in function.problem.window)
    window = (window * len(function.components))[: len(function.components)]
    return function, [
        (low + posed.shift * (high - low), high + posed.shift * (high - low))
        for low, high in window
    ]


def formula(function: Any, functions: dict[str, Callable[[Any], Any]]) -> Callable[..., Any]:
    """The function of its components in a peer's own arithmetic, by SymPy's Python code."""
    import sympy

    names = [sympy.Symbol(f"v{number}", real=True) for number in range(len(function.components))]
    expression = function.to_sympy()
    known = {str(symbol): symbol for symbol in expression.free_symbols}
    replaced = dict(zip((known[name] for name in function.components), names, strict=True))
    made: Callable[..., Any] = sympy.lambdify(
        names, expression.xreplace(replaced), [functions, "math"]
    )
    return made


def least_of(posed: Posed, function: Any, window: list[tuple[float, float]]) -> float:
    """The minimum over the box, by a source that is none of the programs."""
    if posed.least is not None:
        return posed.least
    return min(
        float(minimum.f)
        for minimum in function.problem.minima
        if all(low <= x <= high for x, (low, high) in zip(minimum.at, window, strict=True))
    )


def table(names: Sequence[str] = ()) -> Iterator[str]:
    """The lines of the table, of all optimizers that are installed or of those named."""
    peers = [
        peer for peer in GLOBAL_OPTIMIZERS if peer.installed() and (not names or peer.name in names)
    ]
    yield "| on its box | min f | " + " | ".join(f"{peer.name}, s" for peer in peers) + " |"
    yield "|---|---:|" + "---:|" * len(peers)
    for number, posed in enumerate(POSED):
        least = least_of(posed, *function_of(posed))
        cells = " | ".join(told(asked(peer, number), least) for peer in peers)
        size = f", n = {posed.n}" * bool(posed.n)
        yield f"| {posed.name}{size} | {least:.9g} | {cells} |"


def asked(peer: Peer, number: int) -> Found | None:
    """What a peer says of a box, in a process of its own; None where it takes too long or fails."""
    command = [sys.executable, "-m", "benchmarks.global_optimizers", peer.module, str(number)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=2 * MOST_SECONDS + 10
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return None
    return Found(*json.loads(done.stdout.splitlines()[-1]))


def told(found: Found | None, least: float) -> str:
    """The cell of a table: seconds, or what is wrong with the answer."""
    if found is None:
        return "no answer"
    if not found.done:
        return f"not done in {found.seconds:.2g}"
    room = RELATIVE_TOLERANCE * (1 + abs(least)) if isfinite(least) else 0.0
    right = found.low <= least + room and abs(found.high - least) <= room
    return f"{found.seconds:.2f}" if right else f"**wrong**: {found.high:.7g}"


def main(module: str, number: str) -> None:
    function, window = function_of(POSED[int(number)])
    solve = import_module(f"benchmarks.peers.{module}").prepare_minimum(function, window)
    begun = perf_counter()
    low, high, done = solve()
    print(json.dumps(Found(low, high, done, perf_counter() - begun)))


if __name__ == "__main__":
    main(*sys.argv[1:])
