"""The wheel holds all that is needed, and CI's constraints name every release that it takes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from gdcli.report.pictures import PICTURE_LIBRARIES

ROOT = Path(__file__).parent.parent
LINK = re.compile(
    r"\]\(([^)#:\s]+)(?:#[^)]*)?\)"
)  # to a file, not to the network nor within a page
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True)
    return next(target.glob("*.whl"))


def test_wheel_holds_package_problems_documents_and_types(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    package = {path.relative_to(ROOT) for path in (ROOT / "gdcli").rglob("*") if path.is_file()}
    assert {path.as_posix() for path in package if "__pycache__" not in path.parts} <= names
    families = {f"gdcli/problems/{path.name}" for path in (ROOT / "problems").glob("*.toml")}
    assert families <= names
    documents = {path.relative_to(ROOT) for path in (ROOT / "docs").rglob("*.md")}
    pictures = {path.relative_to(ROOT) for path in (ROOT / "docs" / "gallery").iterdir()}
    scripts = {path.relative_to(ROOT) for path in (ROOT / "docs" / "tasks").iterdir()}
    assert {f"gdcli/{path.as_posix()}" for path in documents | pictures | scripts} <= names
    assert {"gdcli/README.md", "gdcli/CHANGELOG.md"} <= names
    assert not names & {f"gdcli/docs/{path.name}" for path in (ROOT / "docs").glob("*.py")}
    assert not any(name.startswith("gdcli/docs/house/") for name in names)
    assert not any(name.startswith("tests/") for name in names)


def test_links_of_the_documents_in_the_wheel_lead_to_files_of_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        files = [zipfile.Path(archive, name) for name in archive.namelist()]
        documents = [file for file in files if file.suffix in (".md", ".ipynb")]
        held = {part for file in files for part in (Path(file.at), *Path(file.at).parents)}
        dead = [
            f"{document.at} points to {target}"
            for document in documents
            for target in LINK.findall(document.read_text("utf-8"))
            if Path(os.path.normpath(Path(document.at).parent / target)) not in held
        ]
    assert len(documents) > 20
    assert dead == []


def test_wheel_works_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "environment"
    venv.create(home, with_pip=False)
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    target = Path(sysconfig.get_path("purelib", vars={"base": str(home)}))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(target), str(wheel)], check=True)
    # The dependencies are borrowed from here, behind the wheel's own modules; a path in a .pth
    # file does not bring its own .pth files, so that an editable install cannot shine through.
    (target / "borrowed.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    where = [str(python), "-c", "import gdcli; print(gdcli.__file__)"]
    found = subprocess.run(where, check=True, capture_output=True, text=True, cwd=tmp_path)
    assert str(home) in found.stdout
    command = [str(python), "-m", "gdcli", "minimize", "five-well", "--format", "json"]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path)
    assert json.loads(answer.stdout)["converged"] is True
    command = [str(python), "-m", "gdcli", "--help"]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path)
    folder = target / "gdcli" / "docs"
    assert f"\nDocuments:\n  {folder}\n" in answer.stdout
    assert (folder / "language.md").is_file()


CONSTRAINTS = (ROOT / ".ci" / "constraints.txt").read_text("utf-8").splitlines()
PINS = dict(line.split("==") for line in CONSTRAINTS)


def requirements(project: str, extras: frozenset[str]) -> Iterator[Requirement]:
    """What an installed project requires on this system, with these extras."""
    for text in metadata.requires(project) or []:
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras | {""}):
            yield requirement


def closure() -> list[Requirement]:
    """All that gdcli with its extra `test` requires, and what that requires, and so on."""
    found = {}
    waiting = [Requirement(f"{PROJECT['name']}[test]")]
    while waiting:
        one = waiting.pop()
        for each in requirements(one.name, frozenset(one.extras)):
            if str(each) not in found:
                found[str(each)] = each
                waiting.append(each)
    return list(found.values())


def test_constraints_are_names_and_versions_in_order() -> None:
    for line in CONSTRAINTS:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*==[0-9]+(\.[0-9]+)*", line), line
    assert list(PINS) == sorted({canonicalize_name(name) for name in PINS})


def test_constraints_meet_every_requirement() -> None:
    for requirement in requirements(PROJECT["name"], frozenset({"test"})):
        assert requirement.specifier.contains(PINS[canonicalize_name(requirement.name)])


def test_constraints_name_all_that_is_installed_and_no_more() -> None:
    required = closure()
    names = {canonicalize_name(requirement.name) for requirement in required}
    others = [name for name in names & PINS.keys() if metadata.version(name) != PINS[name]]
    if others or os.name == "nt":
        pytest.skip(f"other releases are installed: {', '.join(sorted(others))}")
    assert names == PINS.keys()
    for requirement in required:
        assert requirement.specifier.contains(PINS[canonicalize_name(requirement.name)])


def test_ci_installs_what_the_constraints_name() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "pinned() { PIP_CONSTRAINT=.ci/constraints.txt " in script
    installing = re.findall(r"(.*) \.venv/bin/pip install ", script)
    assert installing == ["pinned"] * 2


INSTALLERS = "pip3?|pipx|uv|uvx|conda|mamba|micromamba|pixi|poetry|pdm|rye|easy_install"
NAMES = "gdcli|gradient[-_]descent[-_]cli"
INDEX_NAME = re.compile(
    # An installer and what stands behind it in the command, which names us with no path and no
    # file's ending: so it would be asked of an index. `--from . gdcli` names the program.
    rf"""\b({INSTALLERS})\b(?![^\n`;&|]*(\buninstall|--from|--spec)\b)(:\S|[^\n`;&|():])*"""
    rf"""[ \t'"=]({NAMES})(?=\.?([\s'"\[=<>~!@`;,)]|$))"""
    rf"""|\b({NAMES})\[[a-z, ]+\]|\b(dependencies|requires)\s*=\s*\[[^\]]*["']({NAMES})\b[^.]""",
    re.MULTILINE,
)
FOLDERS_OF_TEXTS = ("docs", "gdcli", "benchmarks", "problems", ".ci")


BARE_NAME = "gdcli"  # of the stranger's package on the index


def committed_texts() -> list[Path]:
    """What people read of us: documents, modules with their messages, scripts, settings."""
    below = [path for name in FOLDERS_OF_TEXTS for path in (ROOT / name).rglob("*")]
    return [path for path in (*ROOT.glob("*.*"), *below) if path.is_file() and is_text(path)]


def is_text(path: Path) -> bool:
    return path.suffix not in (".pyc", ".png", ".gif", ".npy") and "__pycache__" not in path.parts


@pytest.mark.parametrize(
    "command",
    [
        f"pip install {BARE_NAME}",
        f"get it with: pip install '{BARE_NAME}[plot]'",
        f'python -m pip install --upgrade "{BARE_NAME}>=0.1"',
        f"pip install numpy {BARE_NAME}",
        f"!pip install {BARE_NAME}.",
        "pipx install gdcli",
        "pipx inject gdcli matplotlib",
        "pipx run gdcli minimize x^2",
        "uv tool install gdcli",
        f"uv pip install {BARE_NAME}==0.1.0",
        "uv add gdcli",
        "uv run --with gdcli python",
        "uvx gdcli minimize x^2",
        "conda install -c conda-forge gdcli",
        "pip install gradient-descent-cli",
        "pip install gradient_descent_cli",
        'dependencies = ["gdcli"]',
        'dependencies = ["numpy", "gdcli>=0.1"]',
        "the extra gdcli[plot]",
    ],
)
def test_the_search_finds_an_installation_by_name(command: str) -> None:
    assert INDEX_NAME.search(command)
    assert INDEX_NAME.search(f"Write `{command}` there.")


@pytest.mark.parametrize(
    "command",
    [
        'pip install ".[plot]"',
        "pip install ./gdcli",
        "pip install dist/gradient_descent_cli-0.1.0-py3-none-any.whl",
        "pip install . && gdcli minimize x^2",
        "uv tool install . ; gdcli minimize x^2",
        "uvx --from . gdcli minimize x^2",
        "pipx run --spec . gdcli minimize x^2",
        "pip uninstall gdcli",
        "pip install git+https://example.org/us/gdcli.git",
        'packages = ["gdcli", "tests"]',
        "ripgrep, jq and uv: what gdcli does",
    ],
)
def test_the_search_passes_over_an_installation_by_path(command: str) -> None:
    assert not INDEX_NAME.search(command)


def test_nothing_installs_the_package_of_that_name_on_the_index() -> None:
    """It is a stranger's: ours is installed from a clone or a wheel."""
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in committed_texts()
        for match in INDEX_NAME.finditer(path.read_text("utf-8").replace("\\\n", " "))
    ]
    assert found == []


def test_the_message_for_a_missing_library_names_those_of_the_extra() -> None:
    extra = {Requirement(text).name for text in PROJECT["optional-dependencies"]["plot"]}
    assert set(PICTURE_LIBRARIES) == extra
