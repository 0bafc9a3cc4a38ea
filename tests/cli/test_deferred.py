from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from types import ModuleType

import pytest

from gdcli.cli.deferred import defer, import_alone


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose modules, named `waiting...`, can be imported."""
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("waiting")]:
        del sys.modules[name]


def package(folder: Path, whole: str, core: str) -> None:
    (folder / "waiting").mkdir()
    (folder / "waiting" / "__init__.py").write_text(whole)
    (folder / "waiting" / "core.py").write_text(core)


def test_a_module_of_a_package_is_imported_without_the_package(folder: Path) -> None:
    package(folder, "from .core import double\nWHOLE = True\n", "double = 2\n")
    import_alone("waiting.core")
    waiting = sys.modules["waiting"]
    assert waiting.core is sys.modules["waiting.core"]
    assert "WHOLE" not in vars(waiting)
    assert waiting.WHOLE
    assert type(waiting) is ModuleType
    assert not hasattr(waiting, "other")
    import_alone("waiting.core")
    assert sys.modules["waiting"] is waiting


def test_a_package_whose_module_needs_it_whole_is_imported_as_always(folder: Path) -> None:
    package(
        folder, "NAME = 1\nfrom .core import double\n", "from . import NAME\ndouble = 2 * NAME\n"
    )
    import_alone("waiting.core")
    waiting = import_module("waiting")
    assert type(waiting) is ModuleType
    assert waiting.double == import_module("waiting.core").double == 2


def test_what_is_not_there_is_missed_by_who_imports_it() -> None:
    import_alone("gdcli_has_no_such_package.core")
    defer("gdcli_has_no_such_module")
    with pytest.raises(ModuleNotFoundError):
        import_module("gdcli_has_no_such_module")


def test_threads_that_need_a_module_at_once_wait_for_it(folder: Path) -> None:
    (folder / "waiting_long.py").write_text("from time import sleep\nsleep(0.05)\nNAME = 1\n")
    defer("waiting_long")
    module, found = import_module("waiting_long"), []
    threads = [Thread(target=lambda: found.append(module.NAME)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1, 1, 1, 1]


def test_threads_that_import_a_package_and_its_module_in_a_circle_do_not_wait_for_ever(
    folder: Path,
) -> None:
    package(folder, "from time import sleep\nsleep(0.05)\nfrom .main import double\nNAME = 1\n", "")
    main = "from time import sleep\ndouble = 2\nsleep(0.05)\nimport waiting\nWHOLE = waiting.NAME\n"
    (folder / "waiting" / "main.py").write_text(main)
    import_alone("waiting.core")
    found: list[int | AttributeError] = []

    def take(module: str, name: str) -> None:
        try:
            found.append(getattr(import_module(module), name))
        except AttributeError as error:  # one of the two may come too early
            found.append(error)

    for names in (("waiting.main", "WHOLE"), ("waiting", "NAME")):
        Thread(target=take, args=names, daemon=True).start()
    end = monotonic() + 10
    while len(found) < 2 and monotonic() < end:
        sleep(0.01)
    assert 1 in found
    assert len(found) == 2


def test_a_module_that_cannot_run_says_so_each_time(folder: Path) -> None:
    (folder / "waiting_wrong.py").write_text("1 / 0\n")
    defer("waiting_wrong")
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            _ = import_module("waiting_wrong").NAME
