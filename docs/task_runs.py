"""The scripts of docs/tasks/, run; each holds what it prints.

    python docs/task_runs.py [NAME...]

A script ends in the line `# prints:` and comment lines with its output, standard error included; a
line `# needs jq make` names the programs and libraries without which it cannot run, `# exits 5` an
exit status that is not 0. Of a notebook the outputs are kept with its cells, but no pictures. A
script runs in an empty folder with gdcli on the path. This writes the output of all, or of those
named, anew; a test finds nothing to change.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("tasks")
RUNNERS = {
    ".sh": ["bash"],
    ".zsh": ["zsh", "-f"],
    ".fish": ["fish", "--no-config"],
    ".py": [sys.executable],
    ".mk": ["make", "--silent", "--no-print-directory", "-f"],
}
PRINTS = re.compile(r"(?<=^# prints:\n)(?:#.*\n)*", re.MULTILINE)
EMBEDDED_PICTURE = "data:image/"  # whose bytes are others with each release of what draws it
SECONDS = 120.0  # at most for one script


def tasks(folder: Path = FOLDER) -> list[Path]:
    """Every script and notebook of the folder; a Makefile is called `name.mk`."""
    endings = {*RUNNERS, ".ipynb"}
    return sorted(path for path in folder.glob("*") if path.suffix in endings)


def missing(path: Path) -> list[str]:
    """The programs and libraries that the script needs and this machine lacks."""
    text = path.read_text("utf-8")
    named = [
        name for line in re.findall(r"# needs (.*?)(?:\\n|\n|\"|$)", text) for name in line.split()
    ]
    programs = [RUNNERS[path.suffix][0]] if path.suffix in RUNNERS else []
    return [name for name in programs + named if not (shutil.which(name) or _is_library(name))]


def _is_library(name: str) -> bool:
    return name.isidentifier() and find_spec(name) is not None


def updated(path: Path) -> str:
    """The text of the script or notebook, with what it prints put into it anew.

    Raises ValueError where a script says nowhere what it prints, or ends with another exit status
    than it says.
    """
    text = path.read_text("utf-8")
    if path.suffix == ".ipynb":
        return _updated_notebook(text)
    if not PRINTS.search(text):
        raise ValueError(f"{path.name} has no line `# prints:`")
    status, output = run(path)
    said = re.search(r"^# exits (\d+)$", text, re.MULTILINE)
    if status != (int(said[1]) if said else 0):
        raise ValueError(f"{path.name} ended with exit status {status}:\n{output}")
    lines = "".join(f"#   {line}".rstrip() + "\n" for line in output.splitlines())
    return PRINTS.sub(lambda _: lines, text, count=1)


def run(path: Path) -> tuple[int, str]:
    """The exit status and the output of a script, standard error included."""
    environment = {
        **os.environ,
        "PATH": sysconfig.get_path("scripts") + os.pathsep + os.environ["PATH"],
        "PYTHONIOENCODING": "utf-8",
        "LC_ALL": "C.UTF-8",
    }
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [*RUNNERS[path.suffix], str(path.resolve())],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
    return done.returncode, done.stdout


def _updated_notebook(text: str) -> str:
    """The notebook with the outputs of its cells, which are run from the first to the last."""
    notebook = json.loads(text)
    names: dict[str, Any] = {"__name__": "__main__"}
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for number, cell in enumerate(cells, 1):
            cell["execution_count"] = number
            cell["outputs"] = list(_outputs("".join(cell["source"]), names, number))
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _outputs(source: str, names: dict[str, Any], number: int) -> Iterator[dict[str, Any]]:
    """What a cell prints, and the value of its last line where that is an expression."""
    body = ast.parse(source).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(ast.Module(body, []), "<cell>", "exec"), names)
        value = None
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
    if printed.getvalue():
        text = printed.getvalue().splitlines(keepends=True)
        yield {"name": "stdout", "output_type": "stream", "text": text}
    if value is not None:
        shown = {"text/plain": repr(value)}
        for kind, method in (("text/html", "_repr_html_"), ("text/latex", "_repr_latex_")):
            text = getattr(value, method, str)()
            if text and EMBEDDED_PICTURE not in text:
                shown[kind] = text
        yield {
            "data": {kind: text.splitlines(keepends=True) for kind, text in shown.items()},
            "execution_count": number,
            "metadata": {},
            "output_type": "execute_result",
        }


def main(names: list[str]) -> None:
    """Brings the named scripts up to date, or all that can be run here."""
    for path in tasks():
        if (not names or path.name in names) and not missing(path):
            before, after = path.read_text("utf-8"), updated(path)
            if after != before:
                path.write_text(after, encoding="utf-8")
                print(path.name, file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
