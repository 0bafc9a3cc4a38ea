"""What the documents show is what the program does: every command in them is run."""

from __future__ import annotations

import doctest
import os
import re
import sys
from pathlib import Path

import pytest

from gdcli.descent.methods import DESCENT_METHODS
from tests import document_programs
from tests.command_server import share_commands
from tests.problem_list import PROBLEMS

ROOT = Path(__file__).parent.parent


render = document_programs.load("render")
DOCUMENTS = render.documents()
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]


@pytest.mark.skipif(os.name == "nt", reason="the documents show a POSIX shell")
@pytest.mark.usefixtures("held_processes")
@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_document_is_up_to_date(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = path.read_text(encoding="utf-8")
    if path.parent != ROOT:  # README.md has the installed command
        share_commands(monkeypatch)
    if missing := render.missing_programs(text):
        pytest.skip(f"not on this machine: {', '.join(missing)}")
    assert render.rendered(text) == text, "run `python docs/render.py`"


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_python_in_documents(path: Path) -> None:
    assert doctest.testfile(str(path), module_relative=False, encoding="utf-8").failed == 0


def test_the_page_of_methods_has_a_row_for_each_in_both_its_tables() -> None:
    page = (ROOT / "docs" / "choosing-a-method.md").read_text(encoding="utf-8")
    matrix = document_programs.load("method_matrix")
    measured = page.partition(matrix.BEGIN)[2].partition(matrix.END)[0]
    words = page.partition("<!-- methods -->\n")[2].partition("<!-- end -->")[0]
    for table in (measured, words):
        assert re.findall(r"^\| `([^`]*)` \|", table, re.MULTILINE) == list(DESCENT_METHODS)
    problems = [one.name for one in PROBLEMS]
    runs = {name: dict.fromkeys(problems, matrix.MatrixRun(0, 1)) for name in DESCENT_METHODS}
    assert measured.splitlines()[:2] == list(matrix.table(runs))[:2]  # as many problems


def test_rendering_replaces_what_is_wrong() -> None:
    stale = "```console\n$ echo 1\n2\n$ echo \\\n> 3\n```\n<!-- functions -->\n<!-- end -->\n"
    fresh = render.rendered(stale)
    assert "```console\n$ echo 1\n1\n$ echo \\\n> 3\n3\n```\n" in fresh
    assert "| `sigmoid(a)` |  | `1/(1 + exp(-a))` |" in fresh


README = (ROOT / "README.md").read_text(encoding="utf-8")
MOST_README_LINES = 130
MOST_README_WORDS = 750
FIRST_ANSWERS = 12  # lines that the first two commands print together


def section(heading: str) -> str:
    """The text of README.md below a heading."""
    return README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def test_programs_that_a_document_runs_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render.shutil, "which", lambda name: None)
    used = "```console\n$ seq 3 |\n> jq . && make all\nmake it\n```\n"
    assert render.missing_programs(used) == ["bash", "jq", "make"]
    assert render.missing_programs("to make a jq of it\n") == []


def test_set_up_commands_of_the_readme_are_those_of_ci() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    block = re.search(r"```sh\n(.*?)```", section("For developers"), re.DOTALL)
    assert block is not None
    for command in re.split(r" && |\n", block[1].strip()):
        assert command in script, f"`{command}` of README.md is not in .ci/run"


def test_the_readme_is_short() -> None:
    """Lines and words as `wc` counts them."""
    assert README.count("\n") <= MOST_README_LINES
    assert len(README.split()) <= MOST_README_WORDS


def test_the_readme_begins_with_a_gradient_and_a_minimum() -> None:
    block = re.search(r"```console\n(.*?)```", section("Gradient and minimum"), re.DOTALL)
    assert block is not None
    lines = block[1].splitlines()
    commands = [line.split()[2] for line in lines if line.startswith("$ ")]
    assert commands == ["grad", "minimize"]
    assert len(lines) - len(commands) <= FIRST_ANSWERS


def test_pictures_of_the_readme_are_those_of_the_gallery() -> None:
    gallery = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    commands = re.findall(r"^gdcli plot .*", README, re.MULTILINE)
    assert commands
    assert all(command in gallery for command in commands)
    assert len(re.findall(r"!\[\w[^]]+\]\(docs/gallery/", README)) == 2


def test_every_page_is_in_the_list_of_pages() -> None:
    listed = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for path in (ROOT / "docs").glob("*.md"):
        assert path.name == "README.md" or f"]({path.name})" in listed


def test_links_between_documents_lead_somewhere() -> None:
    for path in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name} points to {target}"


def test_files_that_documents_name_are_there() -> None:
    named = re.compile(r"`((?:gdcli|tests|docs|problems|benchmarks|\.ci)/[a-z0-9_./-]*)[`:]")
    for path in [*DOCUMENTS, ROOT / "benchmarks" / "README.md"]:
        for name in named.findall(path.read_text(encoding="utf-8")):
            assert (ROOT / name).exists(), f"{path.name} names {name}"


def test_renderer_writes_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = tmp_path / "page.md"
    document.write_text("```console\n$ cat new.csv\nold\n```\n", encoding="utf-8")
    data = tmp_path / "docs" / "data"  # where the documents' commands run
    data.mkdir(parents=True)
    (data / "new.csv").write_text("new\n", encoding="utf-8")
    monkeypatch.setattr(render, "documents", lambda: [document])
    monkeypatch.setattr(render, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["render.py"])
    render.main()
    assert "$ cat new.csv\nnew\n" in document.read_text(encoding="utf-8")
