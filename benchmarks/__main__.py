"""Runs every comparison and prints the tables of benchmarks/README.md.

python -m benchmarks            prints what gdcli costs in time
python -m benchmarks --write    also puts the tables into benchmarks/README.md
python -m benchmarks --quick    fewer runs, and nothing that needs gigabytes of memory
python -m benchmarks NAME ...   only those: startup, native, growth, ...

Scorecards count evaluations and solved problems, so they are run by name alone:
python -m benchmarks mgh|scalable|bounds|nist [--methods newton,lbfgs] [--write]
python -m benchmarks certify|global_optimizers [--write]
"""

from __future__ import annotations

import platform
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks import (
    arrays,
    bounds,
    busy_processors,
    calls,
    certify,
    differentiation,
    evaluation,
    first_gradient,
    fits,
    generated,
    global_optimizers,
    gradient_cost,
    growth,
    long_reports,
    long_texts,
    many_points,
    mgh,
    native,
    nist,
    nonsmooth,
    pictures,
    scalable,
    startup,
    tables,
)
from benchmarks.peers import missing

HERE = Path(__file__).parent
TIMES = "figures"
SCORECARDS: dict[str, Callable[[list[str]], Iterator[str]]] = {
    "bounds": bounds.table,
    "certify": certify.table,
    "global_optimizers": global_optimizers.table,
    "mgh": mgh.table,
    "nist": nist.table,
    "scalable": scalable.table,
}


def report(names: list[str], quick: bool) -> Iterator[str]:
    """The lines of all tables, as they are measured."""
    figures: dict[str, Callable[[], Iterator[str]]] = {
        "startup": startup.table,
        "evaluation": evaluation.table,
        "calls": calls.table,
        "native": partial(native.table, quick),
        "gradient_cost": gradient_cost.table,
        "first_gradient": partial(first_gradient.table, quick),
        "long_texts": long_texts.table,
        "long_reports": partial(long_reports.table, quick),
        "many_points": partial(many_points.table, quick),
        "growth": partial(growth.table, quick),
        "arrays": partial(arrays.table, quick),
        "busy_processors": partial(busy_processors.table, quick),
        "fits": partial(fits.table, quick),
        "tables": partial(tables.table, quick),
        "generated": partial(generated.table, quick),
        "differentiation": differentiation.table,
        "nonsmooth": nonsmooth.table,
        "pictures": pictures.table,
    }
    system = f"{platform.python_implementation()} {platform.python_version()}, {platform.system()}"
    yield f"Measured with {system} on {platform.machine()}; medians, every ratio within one run."
    for name in names or figures:
        yield ""
        yield from figures[name]()
    if absent := missing():
        yield f'\nMissing, so not measured: {", ".join(absent)} (`pip install ".[bench]"`).'


def main() -> None:
    parser = ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--methods", default="", help="of a scorecard, joined by commas")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    methods = [name for name in given.methods.split(",") if name]
    for name in sorted(set(given.names) & set(SCORECARDS)):
        show(name, SCORECARDS[name](methods), given.write)
    times = [name for name in given.names if name not in SCORECARDS]
    if times or not given.names:
        show(TIMES, report(times, given.quick), given.write)


def show(name: str, found: Iterator[str], write: bool) -> None:
    """Prints the lines as they are found, and puts them between the marks of that name."""
    lines = []
    for line in found:
        print(line, flush=True)
        lines.append(line)
    if not write:
        return
    path, begin, end = HERE / "README.md", f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    before, rest = path.read_text(encoding="utf-8").split(begin)
    after = rest.split(end)[1]
    path.write_text(before + begin + "\n".join(lines) + "\n" + end + after, encoding="utf-8")


main()
