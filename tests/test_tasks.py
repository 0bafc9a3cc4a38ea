"""The scripts of docs/tasks/ print what they say they print."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests import document_programs
from tests.command_server import share_commands

task_runs = document_programs.load("task_runs")
TASKS = task_runs.tasks()


@pytest.mark.skipif(os.name == "nt", reason="the scripts are for POSIX shells")
@pytest.mark.usefixtures("held_processes")
@pytest.mark.parametrize("path", TASKS, ids=[path.name for path in TASKS])
def test_a_script_prints_what_it_says(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if path.name != "stop.sh":  # whose signals are for the command itself
        share_commands(monkeypatch)
    if missing := task_runs.missing(path):
        pytest.skip(f"not on this machine: {', '.join(missing)}")
    assert task_runs.updated(path) == path.read_text("utf-8"), "run `python docs/task_runs.py`"


def test_every_file_of_the_folder_is_run() -> None:
    others = {path.name for path in task_runs.FOLDER.iterdir()} - {path.name for path in TASKS}
    assert others == {"README.md"}
    assert TASKS


def test_every_script_is_in_the_list_of_scripts() -> None:
    listed = (task_runs.FOLDER / "README.md").read_text("utf-8")
    assert [path.name for path in TASKS if f"]({path.name})" not in listed] == []


@pytest.mark.skipif(os.name == "nt", reason="the scripts are for POSIX shells")
def test_what_a_script_prints_takes_the_place_of_what_it_said(tmp_path: Path) -> None:
    script = tmp_path / "it.sh"
    script.write_text(
        "pwd > /dev/null\necho 1\necho 2 >&2\necho\nexit 3\n# exits 3\n# prints:\n#   4\n"
    )
    assert task_runs.updated(script).endswith("# exits 3\n# prints:\n#   1\n#   2\n#\n")
    script.write_text("exit 1\n# prints:\n")
    with pytest.raises(ValueError, match=r"it\.sh ended with exit status 1"):
        task_runs.updated(script)
    script.write_text("echo 1\n")
    with pytest.raises(ValueError, match=r"it\.sh has no line `# prints:`"):
        task_runs.updated(script)


@pytest.mark.skipif(os.name == "nt", reason="the scripts are for POSIX shells")
@pytest.mark.parametrize("ending", task_runs.RUNNERS)
def test_every_kind_of_script_runs_with_gdcli_on_the_path(ending: str, tmp_path: Path) -> None:
    script = tmp_path / f"it{ending}"
    command = "gdcli eval 'x^2' --at 3 --format plain"
    written = {
        ".py": f"import subprocess\nsubprocess.run({command!r}, shell=True)\n",
        ".mk": f"all:\n\t{command}\n",
    }.get(ending, f"{command}\n")
    script.write_text(f"{written}# prints:\n")
    if task_runs.missing(script):
        pytest.skip(f"nothing here runs {ending}")
    assert task_runs.updated(script) == f"{written}# prints:\n#   9\n"


def test_what_a_script_needs_is_looked_for(tmp_path: Path) -> None:
    script = tmp_path / "it.sh"
    script.write_text("# needs bash json no-such-program no_such_library\n")
    assert task_runs.missing(script) == ["no-such-program", "no_such_library"]


def test_the_cells_of_a_notebook_have_what_they_print_and_their_last_value(tmp_path: Path) -> None:
    page = "class Page:\n    _repr_html_ = lambda self: '<p>\\n'\n"
    picture = "class Page:\n    _repr_html_ = lambda self: 'data:image/png;'\n"
    picture += "    __repr__ = lambda self: 'a picture'\n"
    sources = [
        "import gdcli\nprint(1)\n",
        "f = gdcli.function('x^2')\nf(3)",
        f"{page}Page()",
        "1\nx = 2",
        f"{picture}Page()",
    ]
    cells = [{"cell_type": "code", "source": [source], "outputs": ["old"]} for source in sources]
    notebook = tmp_path / "it.ipynb"
    notebook.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": "#"}, *cells]}))
    first, second, third, fourth, fifth = json.loads(task_runs.updated(notebook))["cells"][1:]
    assert first["outputs"] == [{"name": "stdout", "output_type": "stream", "text": ["1\n"]}]
    assert second["outputs"][0]["data"] == {"text/plain": ["9.0"]}
    assert third["outputs"][0]["data"]["text/html"] == ["<p>\n"]
    assert (second["execution_count"], fourth["outputs"]) == (2, [])
    assert fifth["outputs"][0]["data"] == {"text/plain": ["a picture"]}
