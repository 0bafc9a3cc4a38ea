"""Runs every comparison and prints the tables of benchmarks/README.md.

python -m benchmarks            prints
python -m benchmarks --write    also puts the tables into benchmarks/README.md
python -m benchmarks --quick    fewer runs, and nothing that needs gigabytes of memory
python -m benchmarks NAME ...   only those: startup, native, growth, ...
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks import (
    differentiation,
    evaluation,
    first_gradient,
    generated,
    gradient_cost,
    growth,
    native,
    nonsmooth,
    pictures,
    startup,
)
from benchmarks.peers import missing

HERE = Path(__file__).parent
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"


def report(names: list[str], quick: bool) -> Iterator[str]:
    """The lines of all tables, as they are measured."""
    tables: dict[str, Callable[[], Iterator[str]]] = {
        "startup": startup.table,
        "evaluation": evaluation.table,
        "native": partial(native.table, quick),
        "gradient_cost": gradient_cost.table,
        "first_gradient": partial(first_gradient.table, quick),
        "growth": partial(growth.table, quick),
        "generated": partial(generated.table, quick),
        "differentiation": differentiation.table,
        "nonsmooth": nonsmooth.table,
        "pictures": pictures.table,
    }
    system = f"{platform.python_implementation()} {platform.python_version()}, {platform.system()}"
    yield f"Measured with {system} on {platform.machine()}; medians, every ratio within one run."
    for name in names or tables:
        yield ""
        yield from tables[name]()
    if absent := missing():
        yield f'\nMissing, so not measured: {", ".join(absent)} (`pip install ".[bench]"`).'


def main() -> None:
    names = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    lines = []
    for line in report(names, "--quick" in sys.argv[1:]):
        print(line, flush=True)
        lines.append(line)
    if "--write" in sys.argv[1:]:
        path = HERE / "README.md"
        before, rest = path.read_text(encoding="utf-8").split(BEGIN)
        after = rest.split(END)[1]
        path.write_text(before + BEGIN + "\n".join(lines) + "\n" + END + after, encoding="utf-8")


main()
