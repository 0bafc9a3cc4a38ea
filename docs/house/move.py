"""Moves modules and renames identifiers as `moves.toml` and `names.toml` beside this file say.

    python docs/house/move.py

It can be run on any branch, and again: what is moved or renamed already is passed over. It moves
files with git, tests beside them; it rewrites imports, dotted names in strings, paths in documents,
identifiers, and the words in backquotes in comments and docstrings. Names in other strings, which a
person may see, stay. Afterwards `ruff` puts imports and lines in order.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parent
ROOT = HOUSE.parent.parent
MOVES = tomllib.loads((HOUSE / "moves.toml").read_text("utf-8"))
NAMES = tomllib.loads((HOUSE / "names.toml").read_text("utf-8"))["name"]
MODULES: dict[str, str] = MOVES["modules"]  # "careful.answer" = "nonsmooth.answer"
SUBMODULES = {name.rpartition(".")[0]: set[str]() for name in MODULES.values()}
for _name in MODULES.values():
    SUBMODULES[_name.rpartition(".")[0]].add(_name.rpartition(".")[2])


def git(*words: str) -> None:
    """Run git in the checkout; raises CalledProcessError."""
    subprocess.run(["git", *words], cwd=ROOT, check=True)


def sources() -> list[Path]:
    """Return every Python file of the checkout that git tracks, this folder's apart."""
    return [path for path in tracked("*.py") if path.parent != HOUSE]


def tracked(*patterns: str) -> list[Path]:
    """Return the files that git tracks, or that are new and not ignored."""
    command = ["git", "ls-files", "-z", "-co", "--exclude-standard", "--", *patterns]
    found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    return sorted({ROOT / name for name in found.split("\0") if name and (ROOT / name).is_file()})


# -- files --------------------------------------------------------------------------------------


def move_files() -> None:
    """Move each module, and the test that bears its name, to the new place."""
    for old, new in MODULES.items():
        _move(ROOT / "gdcli" / _path(old), ROOT / "gdcli" / _path(new))
        _move(ROOT / "tests" / _test(old), ROOT / "tests" / _test(new))
    for old, new in MOVES["files"].items():
        _move(ROOT / old, ROOT / new)
    for package, said in MOVES["packages"].items():
        init = ROOT / "gdcli" / package.replace(".", "/") / "__init__.py"
        if not init.exists():
            init.parent.mkdir(parents=True, exist_ok=True)
            init.write_text(f'"""{said}"""\n', "utf-8")
            git("add", str(init))
    for package in MOVES["gone"]:
        init = ROOT / "gdcli" / package / "__init__.py"
        if init.exists():
            git("rm", "-q", "-f", str(init))


def _path(module: str) -> str:
    return module.replace(".", "/") + ".py"


def _test(module: str) -> str:
    folder, _, name = module.replace(".", "/").rpartition("/")
    return f"{folder}/test_{name}.py" if folder else f"test_{name}.py"


def _move(old: Path, new: Path) -> None:
    if old.is_file():
        if new.exists():
            raise SystemExit(f"{old} and {new} are both there: join them by hand")
        new.parent.mkdir(parents=True, exist_ok=True)
        git("mv", str(old), str(new))


# -- references to modules ----------------------------------------------------------------------


def moved(module: str) -> str | None:
    """Return the new dotted name of a module, with `gdcli.`, or None where it stays."""
    new = MODULES.get(module.removeprefix("gdcli."))
    return f"gdcli.{new}" if new and module.startswith("gdcli.") else None


def with_imports_moved(text: str) -> str:
    """Return the source with its `from gdcli... import` statements at the new places."""
    lines = text.splitlines(keepends=True)
    used: dict[str, str] = {}  # a module's old last name to its new one
    statements = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.ImportFrom)]
    for node in sorted(statements, key=lambda one: -one.lineno):
        new = _statements(node, used)
        if new is not None:
            end = (node.end_lineno or node.lineno) - 1
            indent = " " * node.col_offset
            tail = lines[end].encode()[node.end_col_offset or 0 :].decode()
            lines[node.lineno - 1 : end + 1] = [indent + f"\n{indent}".join(new) + tail]
    text = "".join(lines)
    for old_name, new_name in used.items():
        text = re.sub(rf"(?<![\w.\"'`/]){old_name}\.(?=\w)(?!py\b)", f"{new_name}.", text)
    return text


def _statements(node: ast.ImportFrom, used: dict[str, str]) -> list[str] | None:
    module = node.module or ""
    staying: list[str] = []
    going: list[str] = []
    for alias in node.names:
        new = moved(f"{module}.{alias.name}")
        bound = f" as {alias.asname}" if alias.asname else ""
        if new is None:
            staying.append(alias.name + bound)
            continue
        package, _, name = new.rpartition(".")
        going.append(f"from {package} import {name}{bound}")
        if not alias.asname and name != alias.name:
            used[alias.name] = name
    there = moved(module)
    inner = SUBMODULES.get(module.removeprefix("gdcli."), set())
    if there and all(alias.name in inner for alias in node.names):
        there = None  # a package of the new house that bears the name of an old module
    if not going and there is None:
        return None
    kept = [f"from {there or module} import {', '.join(staying)}"] if staying else []
    return kept + going


@cache
def _dotted() -> re.Pattern[str]:
    old = sorted(map(re.escape, (*MODULES, *MOVES["prefixes"])), key=len, reverse=True)
    return re.compile(rf"\bgdcli\.({'|'.join(old)})(?![\w])")


def with_names_moved(text: str) -> str:
    """Return the text with dotted names (`gdcli.careful.answer`) and paths at the new places."""

    def dotted(match: re.Match[str]) -> str:
        old, rest = match[1], text[match.end() :]
        after = re.match(r"(?:\.| import )(\w+)", rest)
        if after and after[1] in SUBMODULES.get(old, set()):
            return match[0]
        return "gdcli." + (MODULES.get(old) or MOVES["prefixes"][old])

    text = _dotted().sub(dotted, text)
    for old, new in MODULES.items():
        if "." in old:
            path = re.escape(_path(old))
            text = re.sub(rf"(?<![\w/])((?:\.\./)*(?:gdcli/)?){path}", rf"\g<1>{_path(new)}", text)
        else:
            text = text.replace(f"gdcli/{_path(old)}", f"gdcli/{_path(new)}")
    for old, new in MOVES["folders"].items():
        text = re.sub(rf"(?<![\w/])((?:\.\./)*gdcli/){re.escape(old)}/", rf"\g<1>{new}/", text)
    return text


# -- identifiers --------------------------------------------------------------------------------


def renamed(text: str, names: dict[str, str], bare: dict[str, str], aliases: set[str]) -> str:
    """Return the source with identifiers renamed.

    `names` are renamed wherever they stand, `bare` where no dot precedes, or a module of `aliases`
    and a dot.
    """
    if not any(re.search(rf"\b{old}\b", text) for old in (*names, *bare)):
        return text
    lines = text.splitlines(keepends=True)
    docstrings = _docstrings(text)
    edits: list[tuple[int, int, int, int, str]] = []
    before: list[str] = ["", ""]
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        new = token.string
        if token.type == tokenize.NAME:
            free = before[-1] != "." or before[-2] in aliases
            new = names.get(new) or (bare.get(new) if free else None) or new
        elif token.type == tokenize.COMMENT or (
            token.type == tokenize.STRING and token.start[0] in docstrings
        ):
            new = re.sub(r"`[^`\n]+`", lambda m: _words(m[0], {**bare, **names}), new)
        elif token.type == tokenize.STRING and "f" in token.string.split(token.string[-1])[0]:
            new = re.sub(r"\{[^{}]*\}", lambda m: _words(m[0], {**bare, **names}), new)
        if new != token.string:
            edits.append((*token.start, *token.end, new))
        if token.string.strip():
            before.append(token.string)
    for row, column, last, end, new in reversed(edits):
        first, final = lines[row - 1], lines[last - 1]
        lines[row - 1 : last] = [first[:column] + new + final[end:]]
    return "".join(lines)


def _words(text: str, names: dict[str, str]) -> str:
    return re.sub(r"(?<![\w])[A-Za-z_]\w*", lambda m: names.get(m[0], m[0]), text)


def _docstrings(text: str) -> set[int]:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, kinds) and ast.get_docstring(node) is not None:
            found.add(node.body[0].lineno)
    return found


def names_of(path: Path, text: str) -> tuple[dict[str, str], dict[str, str], set[str]]:
    """Return what is renamed in a file: anywhere, where no dot precedes, and by which modules."""
    here = path.relative_to(ROOT).as_posix()
    anywhere: dict[str, str] = {}
    bare: dict[str, str] = {}
    aliases: set[str] = set()
    imported = list(_imported(text))
    for row in NAMES:
        if "where" not in row:
            files = row.get("files", "*")
            if files == "*" or here in (_now(name) for name in files):
                anywhere[row["old"]] = row["new"]
            continue
        home = _now(row["where"])
        module = home.removesuffix(".py").replace("/", ".")
        for origin, name, alias in imported:
            if origin == module and name == row["old"]:
                bare[row["old"]] = row["new"]
            elif f"{origin}.{name}" == module and re.search(rf"\b{alias}\.{row['old']}\b", text):
                aliases.add(alias)
                bare[row["old"]] = row["new"]
        if home == here:
            bare[row["old"]] = row["new"]
    return anywhere, bare, aliases


def _now(path: str) -> str:
    """Return the new path of a file that is named by its old one."""
    folder, _, rest = path.partition("/")
    if folder == "gdcli":
        new = MODULES.get(rest.removesuffix(".py").replace("/", "."))
        return f"gdcli/{_path(new)}" if new else path
    for old, new in MODULES.items():
        if path == f"tests/{_test(old)}":
            return f"tests/{_test(new)}"
    return str(MOVES["files"].get(path, path))


def _imported(text: str) -> Iterator[tuple[str, str, str]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.module or "", alias.name, alias.asname or alias.name


# -- all of it ----------------------------------------------------------------------------------


def main() -> None:
    """Move, rewrite, rename, and put lines in order."""
    move_files()
    plans: dict[Path, Any] = {}
    for path in tracked("*.py", "*.md", "*.toml", "*.txt", "*.html", ".ci/run"):
        if path.parent == HOUSE or "CHANGELOG" in path.name:
            continue
        text = old = path.read_text("utf-8")
        if path.suffix == ".py":
            text = with_imports_moved(text)
        text = with_names_moved(text)
        for row in MOVES["text"]:
            here = path.relative_to(ROOT).as_posix()
            if _now(row["file"]) in ("*", here) and row["new"] not in text:
                text = text.replace(row["old"], row["new"])
        if text != old:
            path.write_text(text, "utf-8")
        if path.suffix == ".py":
            plans[path] = names_of(path, text)
    for path, (anywhere, bare, aliases) in plans.items():
        text = path.read_text("utf-8")
        new = renamed(text, anywhere, bare, aliases)
        if new != text:
            path.write_text(new, "utf-8")
    ruff = Path(sys.executable).with_name("ruff")
    subprocess.run([ruff, "check", "-q", "--select", "I", "--fix", "."], cwd=ROOT, check=True)
    subprocess.run([ruff, "format", "-q", "."], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
