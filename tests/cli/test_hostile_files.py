"""No file of a user's is a fault of gdcli: the answer, or a sentence that names it."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.conftest import Gdcli
from tests.cli.hostile_files import COMMANDS, FIT, MAKERS

needs_posix = pytest.mark.skipif(os.name == "nt", reason="POSIX only")
MOST_SECONDS, MOST_MEMORY = 20, 3 * 2**30
STATM = Path("/proc/self/statm")  # begins with the pages that the process has
DEVICES = ("/dev/zero", "/dev/random", "/dev/full")


class Endless(BaseException):
    """Raised where a command does not end; no handler of errors takes it."""


@pytest.fixture
def guarded() -> Iterator[None]:
    """Limits of time and memory, beyond which a command fails its test."""
    resource = pytest.importorskip("resource")

    def stop(*_: object) -> None:
        raise Endless

    before = resource.getrlimit(resource.RLIMIT_AS)
    if STATM.exists():
        taken = int(STATM.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + MOST_MEMORY, before[1]))
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(MOST_SECONDS)
    yield
    signal.alarm(0)
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.parametrize("count", [40, pytest.param(1500, marks=pytest.mark.full)])
@pytest.mark.parametrize(("ending", "words"), COMMANDS)
@pytest.mark.usefixtures("guarded")
def test_a_hostile_file_is_read_or_named_in_a_sentence(
    gdcli: Gdcli, tmp_path: Path, ending: str, words: tuple[str, ...], count: int
) -> None:
    source = random.Random(f"{ending} {words}")
    path = tmp_path / f"hostile.{ending}"
    statuses = set()
    for number in range(count):
        signal.alarm(MOST_SECONDS)
        path.write_bytes(MAKERS[ending](source))
        said = gdcli(*(word.replace("FILE", str(path)) for word in words))
        told = f"{ending} {number}: {said.status} {said.err[:400]}"
        assert said.status in (0, 2), told
        assert "Traceback" not in said.err, told
        assert "Warning" not in said.err, told
        assert len(said.err) < 1000, told
        of_the_text = any(word in said.err for word in (FIT, "--at takes"))
        assert said.status == 0 or "hostile." in said.err or of_the_text, told
        statuses.add(said.status)
    assert statuses == {0, 2}  # some are good, or the mutations test nothing


CLAIMS = {
    "a shape of 10^18": ("<f8", f"({10**18},)", "8,000,000,000,000,000,000 bytes"),
    "a shape beyond all integers": ("<f8", f"({10**30},)", "bytes of numbers, the file has 16"),
    "a product that overflows": ("<f8", f"({2**32}, {2**32})", "the file has 16"),
    "a third number": ("<f8", "(3,)", "its header says 24 bytes of numbers, the file has 16"),
    "a negative length": ("<f8", "(-2,)", "no array that NumPy has saved"),
    "nested brackets": ("<f8", "(" * 9000 + ")" * 9000, "no array that NumPy has saved"),
    "signs": ("<f8", "(" + "-" * 5000 + "2,)", "no array that NumPy has saved"),
    "objects": ("|O", "(2,)", "no array that NumPy has saved"),
    "a truth value": ("<f8", "(True,)", "no array that NumPy has saved"),
}


@pytest.mark.parametrize(("kind", "shape", "message"), CLAIMS.values(), ids=list(CLAIMS))
@pytest.mark.usefixtures("guarded")
def test_a_header_that_claims_too_much(
    gdcli: Gdcli, tmp_path: Path, kind: str, shape: str, message: str
) -> None:
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    path = tmp_path / "a.npy"
    path.write_bytes(b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header + bytes(16))
    for words in (("--data", f"y={path}", "--at", "1"), ("--at", f"@{path}", "--size", "n=1")):
        text = FIT if "--data" in words else "sum(x[i]^2 for i in 1:2)"
        said = gdcli("grad", text, *words[: 4 if "--data" in words else 2])
        assert said.status == 2
        assert f"{path}: " in said.err
        assert message in said.err


@needs_posix
@pytest.mark.parametrize(("ending", "words"), COMMANDS)
@pytest.mark.usefixtures("guarded")
def test_pipes_devices_folders_and_loops(
    gdcli: Gdcli, tmp_path: Path, ending: str, words: tuple[str, ...]
) -> None:
    path = tmp_path / f"hostile.{ending}"

    def answer() -> Any:
        said = gdcli(*(word.replace("FILE", str(path)) for word in words))
        assert "hostile." in said.err
        path.unlink() if not path.is_dir() else path.rmdir()
        return said.status, said.err

    os.mkfifo(path)  # without a writer: to open it would never end
    assert answer()[0] == 2
    for device in (name for name in DEVICES if Path(name).exists()):
        path.symlink_to(device)
        status, err = answer()
        assert (status, "is no file, but a pipe or a device" in err) == (2, True)
    path.mkdir()
    assert answer()[0] == 2
    path.symlink_to(path)
    assert answer()[0] == 6
    path.touch(0)
    may_read = os.access(path, os.R_OK)  # as the superuser may
    assert answer()[0] == (2 if may_read else 6)
    path.touch()
    with path.open("r+b") as sparse:
        sparse.truncate(10**11)  # zeros, of which the disk holds none
    assert answer()[0] == 2


@needs_posix
def test_points_and_traces_of_a_pipe_that_a_shell_opens(gdcli: Gdcli) -> None:
    read, write = os.pipe()
    os.write(write, b"1,2\n3,4\n")
    os.close(write)
    said = gdcli("grad", "x*y", "--at", f"@/dev/fd/{read}", "--format", "plain")
    os.close(read)
    assert (said.status, said.out) == (0, "2 1\n4 3\n")


@pytest.mark.usefixtures("guarded")
def test_a_line_without_an_end(gdcli: Gdcli, tmp_path: Path) -> None:
    for ending, words in COMMANDS:
        path = tmp_path / f"hostile.{ending}"
        with path.open("wb") as stream:
            for _ in range(100):
                stream.write(b"1" * 1_000_000)
        signal.alarm(MOST_SECONDS)
        said = gdcli(*(word.replace("FILE", str(path)) for word in words))
        assert said.status == 2
        assert "hostile." in said.err
        assert len(said.err) < 300


# -- memory that runs out -------------------------------------------------------------------------


def exhausted(*_: object, **__: object) -> Any:
    raise MemoryError


def numpy_exhausted(*_: object, **__: object) -> Any:
    np.empty(2**55)


PLACES = {
    "gdcli.cli.grad.answering": ("grad", "x^2", "--at", "1"),
    "gdcli.cli.minimize.run_descent": ("minimize", "x^2"),
    "gdcli.functions.function.lower": ("grad", "x^2", "--at", "1"),
    "gdcli.functions.resolved.parse": ("grad", "x^2", "--at", "1"),
    "gdcli.functions.engine.reverse": ("grad", "x^2", "--at", "1"),
    "gdcli.functions.function.Function.evaluate_gradient": ("minimize", "x^2"),
    "gdcli.descent.loop.verdict": ("minimize", "x^2"),
    "gdcli.report.formats.Format.writers": ("grad", "x^2", "--at", "1"),
    "gdcli.cli.plot._scene": ("plot", "x^2"),
}


@pytest.mark.parametrize("place", PLACES)
def test_memory_that_runs_out_says_so(
    gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    for failing, told in ((exhausted, ""), (numpy_exhausted, ": 256 PiB more are needed")):
        with monkeypatch.context() as patched:
            patched.setattr(place, failing)
            assert gdcli(*PLACES[place]) == (6, "", f"gdcli: memory runs out{told}\n")


def test_memory_that_runs_out_at_a_file_names_it(
    gdcli: Gdcli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for ending, words in COMMANDS:
        path = tmp_path / f"hostile.{ending}"
        path.write_bytes(b"1,2\n")
        if ending == "npy":
            np.save(path, [1.0, 2.0])
        with monkeypatch.context() as patched:
            for reader in ("data.doubles", "doubles.doubles", "input_files.TextIOWrapper"):
                patched.setattr(f"gdcli.functions.{reader}", exhausted)
            patched.setattr("gdcli.cli.point_files._available", exhausted)
            patched.setattr("gdcli.library.files.ProblemFile._decoded", exhausted)
            said = gdcli(*(word.replace("FILE", str(path)) for word in words))
        assert said.status == 6
        where = "" if ending == "npy" else f"hostile.{ending}: "  # arrays are mapped, not read
        assert said.err.endswith(f"{where}memory runs out\n")


@pytest.mark.skipif(not STATM.exists(), reason="memory is not limited here")
@pytest.mark.usefixtures("guarded")
def test_a_vector_of_a_billion_entries_where_there_is_no_memory(gdcli: Gdcli) -> None:
    for words in (
        ("grad", "x[1000000000]^2", "--at", "x=0.5"),
        ("grad", "sum(x[i]^2 for i in 1:n)", "--size", "n=1e9", "--at", "x=0.5"),
        ("minimize", "sum(x[i]^2 for i in 1:n)", "--size", "n=1e9", "--start", "x[i]=i"),
        ("minimize", "sum(x[i]^2 for i in 1:n)", "--size", "n=1e9"),
    ):
        said = gdcli(*words, "--yes")
        assert (said.status, said.out) == (6, "")
        assert said.err == "gdcli: memory runs out: 7.45 GiB more are needed\n"
