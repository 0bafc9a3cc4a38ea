"""Global minima over a box by gdcli and by other branch and bound programs, on the same formulas.

`python -m benchmarks global_optimizers` runs each in a process of its own, on one processor, with
MOST_SECONDS for an answer. Packages are imported before the clock runs. What a peer says is held
against the enclosure that gdcli proved where it did, else against the library's listed minimum:

- *right*: the value it gives is the minimum, to RELATIVE_TOLERANCE;
- *wrong*: it says that it is done, and its value, or the lower bound it gives, is not;
- *no answer*: it says that it is not done, or takes longer.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from math import inf
from time import perf_counter
from typing import Any, NamedTuple

from benchmarks.peers import GLOBAL_OPTIMIZERS, Peer

MOST_SECONDS = 60.0
RELATIVE_TOLERANCE = 1e-6  # of 1 + |min f|
SHIFT = 0.137  # of the width: where a window's middle is no minimizer


class Posed(NamedTuple):
    """A function over a box: its expression or the name of a problem, n where it has any size, and
    by how much of its width the problem's window is shifted.
    """

    name: str
    window: tuple[tuple[float, float], ...] = ()
    n: int = 0
    shift: float = 0.0


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
    Posed("sqrt(x) + x", ((-1.0, 1.0),)),
    Posed("x + sqrt(x - 1)", ((-3.0, 3.0),)),
    Posed("abs(x) + x^2 - sin(3*x)", ((-1.0, 2.0),)),
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


def table() -> Iterator[str]:
    peers = [peer for peer in GLOBAL_OPTIMIZERS if peer.installed()]
    yield "| on its box | min f | " + " | ".join(f"{peer.name}, s" for peer in peers) + " |"
    yield "|---|---:|" + "---:|" * len(peers)
    for number, posed in enumerate(POSED):
        found = [asked(peer, number) for peer in peers]
        least = found[0].high if found[0] is not None else inf
        size = f", n = {posed.n}" * bool(posed.n)
        cells = " | ".join(told(one, least) for one in found)
        yield f"| {posed.name}{size} | {least:.9g} | {cells} |"


def asked(peer: Peer, number: int) -> Found | None:
    """What a peer says of a box, in a process of its own; None where it takes too long or fails."""
    command = [sys.executable, "-m", "benchmarks.global_optimizers", peer.module, str(number)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=MOST_SECONDS + 30
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return None
    return Found(*json.loads(done.stdout.splitlines()[-1]))


def told(found: Found | None, least: float) -> str:
    """The cell of a table: seconds, or what is wrong with the answer."""
    if found is None:
        return "no answer"
    room = RELATIVE_TOLERANCE * (1 + abs(least))
    if found.done and (abs(found.high - least) > room or found.low > least + room):
        return f"**wrong: {found.high:.7g}**"
    return f"{found.seconds:.2f}" if found.done else f"not done in {found.seconds:.0f}"


def main(module: str, number: str) -> None:
    function, window = function_of(POSED[int(number)])
    solve = import_module(f"benchmarks.peers.{module}").prepare_minimum(function, window)
    begun = perf_counter()
    low, high, done = solve()
    print(json.dumps(Found(low, high, done, perf_counter() - begun)))


if __name__ == "__main__":
    main(*sys.argv[1:])
