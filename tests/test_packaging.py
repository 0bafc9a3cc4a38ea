"""The wheel holds all that is needed: built, installed apart from the checkout, and used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True)
    return next(target.glob("*.whl"))


def test_wheel_holds_package_problems_and_types(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"gdcli/__main__.py", "gdcli/py.typed", "gdcli/problems/lecture.toml"} <= names
    families = {f"gdcli/problems/{path.name}" for path in (ROOT / "problems").glob("*.toml")}
    assert families <= names
    assert not any(name.startswith("tests/") for name in names)


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
