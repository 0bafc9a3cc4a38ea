"""Counts the rooms of the house, the floors they stand on and the arrows between them.

    python docs/house/rooms.py [PACKAGE]      (default: the gdcli of this checkout)

A room is a module or a folder directly in the package, `__init__` apart. An arrow from one room to
another is an import anywhere in its code, inside functions and for type checkers too. A room stands
one floor above the highest of those it imports; where rooms import each other there are no floors.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def rooms(package: Path) -> dict[str, set[str]]:
    """Return each room of `package` with the rooms that it imports."""
    found: dict[str, set[str]] = {}
    for path in sorted(package.rglob("*.py")):
        room = path.relative_to(package).parts[0].removesuffix(".py")
        if room != "__init__":
            found.setdefault(room, set()).update(_imported(path, package.name))
    return {room: (needs & found.keys()) - {room} for room, needs in found.items()}


def _imported(path: Path, package: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {name.split(".")[1] for name in names if name.startswith(f"{package}.")}


def floors(arrows: dict[str, set[str]]) -> list[list[str]]:
    """Return the rooms floor by floor, the ground first; raises ValueError for a circle."""
    above: dict[str, int] = {}
    while len(above) < len(arrows):
        free = [room for room in arrows if room not in above and arrows[room] <= above.keys()]
        if not free:
            raise ValueError(f"a circle among {sorted(arrows.keys() - above.keys())}")
        above.update({room: max((above[n] + 1 for n in arrows[room]), default=0) for room in free})
    return [
        sorted(room for room in arrows if above[room] == floor)
        for floor in range(max(above.values()) + 1)
    ]


def main() -> None:
    """Print the floors from the top down, and the three counts."""
    package = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "gdcli"
    arrows = rooms(package)
    house = floors(arrows)
    for number, floor in reversed(list(enumerate(house, 1))):
        print(f"{number:3}  {', '.join(floor)}")
    lines = sum(len(path.read_text("utf-8").splitlines()) for path in sorted(package.rglob("*.py")))
    count = sum(map(len, arrows.values()))
    print(f"{len(arrows)} rooms, {len(house)} floors, {count} arrows, {lines} lines")


if __name__ == "__main__":
    main()
