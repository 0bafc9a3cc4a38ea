"""Runs every comparison and prints the tables of benchmarks/README.md.

python -m benchmarks            prints
python -m benchmarks --write    also puts the tables into benchmarks/README.md
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from benchmarks import careful, differentiation, evaluation, pictures, startup

HERE = Path(__file__).parent
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"


def report() -> Iterator[str]:
    """The lines of all tables, as they are measured."""
    system = f"{platform.python_implementation()} {platform.python_version()}, {platform.system()}"
    yield f"Measured with {system} on {platform.machine()}; medians, every ratio within one run."
    for benchmark in (startup, evaluation, differentiation, careful, pictures):
        yield ""
        yield from benchmark.table()
    missing = [peer for peer in ("scipy", "matplotlib") if find_spec(peer) is None]
    if missing:
        yield f'\nNot installed, so not measured: {", ".join(missing)} (`pip install ".[bench]"`).'


def main() -> None:
    lines = []
    for line in report():
        print(line, flush=True)
        lines.append(line)
    if "--write" in sys.argv[1:]:
        path = HERE / "README.md"
        before, rest = path.read_text(encoding="utf-8").split(BEGIN)
        after = rest.split(END)[1]
        path.write_text(before + BEGIN + "\n".join(lines) + "\n" + END + after, encoding="utf-8")


main()
