"""Data in long .npy files: read where they are, checked as all data, and let go while code runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import gdcli
from gdcli.errors import UsageError
from gdcli.execute.mapped import mapped_file
from gdcli.functions import data as reading

TEXT = "f(w[3]) = sqrt(mean((sum(w[j]*X[i,j] for j in 1:3) - 1)^2 for i in 1:n))"


@pytest.fixture
def short_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_COPIED_BYTES", 1_000)


@pytest.mark.usefixtures("short_copies")
def test_a_long_file_stays_where_it_is_and_has_the_same_digits(tmp_path: Path) -> None:
    numbers = np.random.default_rng(1).standard_normal((500, 3))
    np.save(tmp_path / "X.npy", numbers)
    np.save(tmp_path / "short.npy", numbers[:40])
    point = [0.5, -1.0, 0.25]
    for backend in ("python", "native"):
        mapped = gdcli.function(TEXT, data={"X": str(tmp_path / "X.npy")}, backend=backend)
        given = gdcli.function(TEXT, data={"X": numbers}, backend=backend)
        assert mapped_file(mapped.data["X"]) is not None
        assert mapped_file(given.data["X"]) is None
        assert mapped.value_and_gradient(point)[0] == given.value_and_gradient(point)[0]
        assert (mapped.gradient(point) == given.gradient(point)).all()
    short = gdcli.function(TEXT, data={"X": str(tmp_path / "short.npy")})
    assert mapped_file(short.data["X"]) is None


@pytest.mark.usefixtures("short_copies")
def test_what_is_no_plain_file_of_floats_is_copied(tmp_path: Path) -> None:
    numbers = np.random.default_rng(1).standard_normal((500, 3))
    np.save(tmp_path / "columns.npy", np.asfortranarray(numbers))
    np.save(tmp_path / "narrow.npy", numbers.astype(np.float32))
    np.save(tmp_path / "plain.npy", numbers)
    writable = np.load(tmp_path / "plain.npy", mmap_mode="r+")
    files = [str(tmp_path / f"{name}.npy") for name in ("columns", "narrow")]
    for source in (*files, writable):
        assert mapped_file(gdcli.function(TEXT, data={"X": source}).data["X"]) is None
    writable[7, 1] = np.nan
    writable.flush()
    with pytest.raises(UsageError, match=r"\[8,2\] is not a finite number|\[8, 2\]"):
        gdcli.function(TEXT, data={"X": str(tmp_path / "plain.npy")})


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.full
def test_a_file_larger_than_what_is_held_is_passed_over(tmp_path: Path) -> None:
    """400 MB of rows of a network; the process holds less than 250 MB at any time."""
    path = str(tmp_path / "X.npy")
    rows = np.lib.format.open_memmap(path, mode="w+", shape=(500_000, 100))
    for start in range(0, 500_000, 50_000):
        rows[start : start + 50_000] = np.sin(np.arange(5_000_000.0)).reshape(50_000, 100)
    rows.flush()
    del rows
    text = "f(W[64,100], v[64]) = h[i in 1:n, k in 1:64] = tanh(sum(W[k,j]*X[i,j] for j in 1:100));"
    text += "sqrt(mean((sum(v[k]*h[i,k] for k in 1:64) - 1)^2 for i in 1:n))"
    code = f"""
import numpy as np, gdcli
f = gdcli.function({text!r}, data={{"X": {path!r}}}, backend="native")
f.evaluate_gradient(np.full(6464, 0.01))
f.evaluate_hessian_product(np.full(6464, 0.01), np.ones(6464))
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(said.stdout) < 250_000
