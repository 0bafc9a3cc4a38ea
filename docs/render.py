"""Brings the documents up to date, so that what they show is what the program does.

    python docs/render.py

In every Markdown file of the project, the lines `$ command` of a ```console block are run, in one
shell a block, among the files of docs/data, and what they print is put below them; between
`<!-- NAME -->` and `<!-- end -->` stands a table made from the code. A test renders every document
and finds nothing to change. The JSON Schema files of the package are made too, by docs/schemas.py.
"""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

from gdcli.autodiff.primitives import IF_DEFINED, ROWS, TANH_SLOPE, Primitive
from gdcli.descent.methods import DESCENT_METHODS
from gdcli.descent.search import SEARCHES
from gdcli.language import parser
from gdcli.language.foreign import EXAMPLES, FUNCTIONS, UNSMOOTH
from gdcli.report.formats import FORMATS

ROOT = Path(__file__).parent.parent
CONSOLE = re.compile(r"(?<=```console\n).*?(?=^```$)", re.DOTALL | re.MULTILINE)
TABLE = re.compile(
    r"(?<=<!-- )(derivatives|foreign|formats|functions|grammar|keys|layers|methods)( -->\n)"
    r".*?(?=<!-- end -->)",
    re.DOTALL,
)
SEPARATOR = "\x1e"
OTHER_PROGRAMS = ("jq", "make", "xargs")  # that commands of the documents run
SCHEMAS = runpy.run_path(str(ROOT / "docs" / "schemas.py"))


def documents() -> list[Path]:
    """Every Markdown file that people read."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def missing_programs(text: str) -> list[str]:
    """The programs that the document's commands use and this machine lacks."""
    blocks = CONSOLE.findall(text)
    typed = "\n".join(line for block in blocks for lines in _commands(block) for line in lines)
    programs = ["bash"] if typed else []
    programs += [name for name in OTHER_PROGRAMS if re.search(rf"[$>|&;(] *{name} ", typed)]
    return [name for name in programs if not shutil.which(name)]


def rendered(text: str) -> str:
    """The document, with all that is generated in it made anew."""
    text = TABLE.sub(lambda match: match[1] + match[2] + table(match[1]), text)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "docs" / "data", folder, dirs_exist_ok=True)
        return CONSOLE.sub(lambda match: console(match[0], folder), text)


def console(block: str, folder: str) -> str:
    """A block of `$ command` lines with what they print."""
    commands = [
        "\n".join([first, *more])
        for first, more in ((group[0], group[1:]) for group in _commands(block))
    ]
    script = "".join(f"printf '{SEPARATOR}'\n{_script(command)}\n" for command in commands)
    scripts = sysconfig.get_path("scripts")
    environment = {
        **os.environ,
        "PATH": scripts + os.pathsep + os.environ["PATH"],
        "PYTHONIOENCODING": "utf-8",
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    outputs = done.stdout.split(SEPARATOR)[1:]
    pairs = zip(commands, outputs, strict=True)
    return "".join(f"{command}\n{trimmed(output)}" for command, output in pairs)


def _commands(block: str) -> Iterator[list[str]]:
    """The lines of each command: `$ ` and, where it goes on, `> `."""
    lines = block.splitlines()
    for number, line in enumerate(lines):
        if line.startswith("$ "):
            command = [line]
            for following in lines[number + 1 :]:
                if not following.startswith("> "):
                    break
                command.append(following)
            yield command


def _script(command: str) -> str:
    return "\n".join(line[2:] for line in command.splitlines())


def trimmed(output: str) -> str:
    """The output without blanks at line ends, closed by a line end."""
    lines = "\n".join(line.rstrip() for line in output.splitlines())
    return lines.rstrip("\n") + "\n" if lines else ""


def table(name: str) -> str:
    """The generated table of that name."""
    makers = {
        "derivatives": derivatives,
        "foreign": foreign,
        "formats": formats,
        "functions": functions,
        "grammar": grammar,
        "keys": SCHEMAS["page"],
        "layers": layers,
        "methods": methods,
    }
    return makers[name]()


def derivatives() -> str:
    """Every row of the table of primitives."""
    lines = ["| y = | by a | by b | at kinks and edges |", "|---|---|---|---|"]
    for row in ROWS:
        if row.name not in ("tie-count", IF_DEFINED, TANH_SLOPE):
            partials = [f"`{partial}`" for partial in row.partials] + [""]
            cells = [f"`{spelling(row)}`", *partials[:2], row.singular]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def methods() -> str:
    """Every method of descent, and the step sizes that it may have."""
    lines = ["| method | a step | its own α | a number, an expression in k | a search |"]
    lines.append("|---|---|---|---|---|")
    for name, row in DESCENT_METHODS.items():
        searches = [f"`{search}`" for search in row.searches if search in SEARCHES]
        own = f"`{row.own}`" if row.own in SEARCHES else row.own or "none"
        cells = [f"`{name}`", row.help, own, "yes" if row.fixed else "no", ", ".join(searches)]
        lines.append("| " + " | ".join(cell.replace("|", r"\|") or "no" for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def foreign() -> str:
    """Every function of other languages, by what is written for it here."""
    x, y, z = "xyz"
    known: dict[str, list[str]] = {}
    for name, advice in {**FUNCTIONS, **{name: row[1] for name, row in UNSMOOTH.items()}}.items():
        own = EXAMPLES.get(advice, f"{advice}(x)") if advice.isidentifier() else advice
        known.setdefault(own.format(a=x, b=y, c=z, A=x, B=y), []).append(f"`{name}`")
    lines = ["| elsewhere | here |", "|---|---|"]
    lines += [f"| {', '.join(names)} | `{advice}` |" for advice, names in known.items()]
    return "\n".join(lines).replace(" or ", "` or `") + "\n"


def formats() -> str:
    """Every row of the table of formats."""
    lines = ["| `--format` | what it writes |", "|---|---|"]
    lines += [f"| `{form.name}` | {form.help} |" for form in FORMATS.values()]
    return "\n".join(lines) + "\n"


def functions() -> str:
    """What the language offers, one line a function."""
    offered = [row for row in ROWS if row.name.isidentifier()]
    lines = ["| function | also written | in other functions |", "|---|---|---|"]
    for row in offered:
        also = ", ".join(f"`{alias}`" for alias in row.aliases)
        definition = f"`{row.definition}`" if row.definition else ""
        lines.append(f"| `{spelling(row)}` | {also} | {definition} |")
    return "\n".join(lines) + "\n"


def grammar() -> str:
    """The grammar, out of the parser's docstring."""
    lines = (parser.__doc__ or "").splitlines()
    return "\n".join(["", *(line for line in lines if line.startswith("    ")), "", ""])


def layers() -> str:
    """The layers of the package in order, out of the test that holds them."""
    test = runpy.run_path(str(ROOT / "tests" / "test_architecture.py"))
    lines = ["| layer | what it is |", "|---|---|"]
    lines += [f"| `{name}` | {said} |" for name, said in test["LAYERS"].items()]
    return "\n".join(lines) + "\n"


def spelling(row: Primitive) -> str:
    """A row's function applied to its arguments."""
    known = {
        "unary-minus": "-a",
        "pow-integer": "a^b, b an integer",
        "pow-general": "a^b, otherwise",
    }
    if row.name in known:
        return known[row.name]
    if not row.name.isidentifier():
        return f"a {row.name} b"
    return f"{row.name}({', '.join(row.arguments)}{', ...' if row.variadic else ''})"


def main() -> None:
    """Renders every document in place, and the JSON Schema files."""
    SCHEMAS["write_files"]()
    for path in documents():
        before = path.read_text(encoding="utf-8")
        after = rendered(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(path.relative_to(ROOT), file=sys.stderr)


if __name__ == "__main__":
    main()
