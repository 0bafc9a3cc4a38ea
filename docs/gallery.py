"""Makes every picture of the gallery anew, by the commands that stand in it.

    python docs/gallery.py [NAME...]

In docs/gallery.md a ```sh block holds the commands of the pictures below it. They are run in
docs/gallery/, all or those that make the files named; pages (html) are too large to be kept. The
```mermaid block below a command is replaced by what the command prints.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

DOCUMENT = Path(__file__).with_name("gallery.md")
FOLDER = DOCUMENT.with_suffix("")
BLOCK = re.compile(r"(?<=```sh\n).*?(?=^```$)", re.DOTALL | re.MULTILINE)
GRAPH = re.compile(r"```sh\n([^\n]*)\n```\n\n```mermaid\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def commands(text: str) -> list[list[str]]:
    """The commands of a document's ```sh blocks, in words after `gdcli`."""
    lines = [line for block in BLOCK.findall(text) for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines]


def made_by(words: list[str]) -> str | None:
    """The picture that a command writes, None where it prints."""
    option = "--plot" if words[0] == "fit" else "-o"
    return words[words.index(option) + 1] if option in words else None


def kept(name: str | None) -> bool:
    """Whether a file is part of the gallery."""
    return name is not None and not name.endswith(".html")


def run(words: list[str]) -> str:
    """Run a command in the gallery's folder and return what it prints."""
    command = [sys.executable, "-m", "gdcli", *words]
    done = subprocess.run(command, cwd=FOLDER, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    return done.stdout


def with_graphs(text: str) -> str:
    """The document with its graphs made anew."""
    return GRAPH.sub(
        lambda found: f"```sh\n{found[1]}\n```\n\n```mermaid\n{run(shlex.split(found[1])[1:])}```",
        text,
    )


def main(names: list[str]) -> None:
    """Make the pictures named, or all of them and the graphs."""
    FOLDER.mkdir(exist_ok=True)
    text = DOCUMENT.read_text(encoding="utf-8")
    for words in commands(text):
        name = made_by(words)
        if name in names or (kept(name) and not names):
            print(shlex.join(["gdcli", *words]), file=sys.stderr)
            run(words)
    if not names:
        DOCUMENT.write_text(with_graphs(text), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
