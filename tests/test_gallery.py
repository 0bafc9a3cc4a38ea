"""The gallery: its commands are valid, its files are those they make, and small."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from gdcli.cli import app, plot, run_picture
from gdcli.scenes.kinds import PICTURE_KINDS
from tests import document_programs

ROOT = Path(__file__).parent.parent
SMALL = {"png": 120_000, "gif": 400_000, "svg": 400_000}
ALL_OF_THEM = 3_000_000
BEGINS = {"png": b"\x89PNG", "gif": b"GIF89a", "svg": b"<?xml"}


gallery = document_programs.load("gallery")
TEXT = gallery.DOCUMENT.read_text(encoding="utf-8")
COMMANDS = gallery.commands(TEXT)
PLOTS = [words for words in COMMANDS if words[0] == "plot"]
DRAWN = [words for words in COMMANDS if gallery.made_by(words)]


@pytest.mark.parametrize("words", DRAWN, ids=[gallery.made_by(words) for words in DRAWN])
def test_commands_are_valid(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All is done but the drawing, which the renderers' tests look at."""

    def drawn(scene: Any, ending: str, _: Any) -> bytes:
        return f"{type(scene).__name__} as {ending}".encode()

    for module in (plot, run_picture):
        monkeypatch.setattr(module, "renderer", lambda ending: drawn)
    folder = tmp_path / "gallery"
    folder.mkdir()
    shutil.copytree(gallery.FOLDER.parent / "data", tmp_path / "data")
    monkeypatch.chdir(folder)
    assert app.run([*words, "--quiet"]) == 0
    name = gallery.made_by(words)
    assert f" as {name.rpartition('.')[2]}" in (folder / name).read_text()


def test_every_kind_is_shown() -> None:
    shown = {words[words.index("--kind") + 1] for words in PLOTS}
    assert shown == set(PICTURE_KINDS)


def test_the_pictures_are_those_of_the_commands() -> None:
    made = [name for name in map(gallery.made_by, COMMANDS) if gallery.kept(name)]
    shown = re.findall(r"!\[[^]]+\]\(gallery/([^)]+)\)", TEXT)
    assert made == shown
    assert sorted(made) == sorted(path.name for path in gallery.FOLDER.iterdir())


def test_the_pictures_are_small() -> None:
    sizes = {}
    for path in gallery.FOLDER.iterdir():
        content = path.read_bytes()
        ending = path.suffix.removeprefix(".")
        assert content.startswith(BEGINS[ending]), path
        assert len(content) < SMALL[ending], path
        sizes[path.name] = len(content)
    assert sum(sizes.values()) < ALL_OF_THEM


def test_graphs_are_up_to_date() -> None:
    assert gallery.with_graphs(TEXT) == TEXT, "run `python docs/gallery.py`"


def test_the_script_runs_the_commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    page = tmp_path / "gallery.md"
    page.write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(gallery, "DOCUMENT", page)
    monkeypatch.setattr(gallery, "FOLDER", tmp_path / "gallery")
    ran: list[str] = []

    def run(words: list[str]) -> str:
        ran.append(shlex.join(words))
        return "graph\n"

    monkeypatch.setattr(gallery, "run", run)
    gallery.main([])
    assert [shlex.join(words) for words in COMMANDS if gallery.kept(gallery.made_by(words))] == [
        command for command in ran if command.startswith(("plot", "fit"))
    ]
    assert "```mermaid\ngraph\n```" in page.read_text(encoding="utf-8")
    ran.clear()
    gallery.main(["f0.png"])
    assert ran == ["plot lecture --kind surface -o f0.png"]
