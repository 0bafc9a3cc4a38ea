from __future__ import annotations

import pytest

from gdcli.descent.minimize import minimize
from gdcli.report.table import Minimize, spectrum
from gdcli.report.view import MinimizeView, Screen
from gdcli.scalar_function import Function

NAMES = "abcdghijlmno"
TWELVE = " + ".join(f"{i}*({name} - 1/3)^2" for i, name in enumerate(NAMES, 1))


def report(text: str, screen: Screen, keep: int = 20) -> str:
    function = Function(text)
    result = minimize(function, keep=keep)
    return Minimize(MinimizeView(text, function.variables, screen=screen)).end(result)


@pytest.mark.parametrize("width", [20, 30, 40, 60, 80, 120, 300, None])
def test_twelve_variables_at_any_width(width: int | None) -> None:
    text = report(TWELVE, Screen(width))
    lines = text.split("\n")
    header, *rows = [line.split() for line in lines[:22] if "─" not in line]
    shown = [name for name in header if name in NAMES]
    assert shown == list(NAMES[: len(shown)])
    assert header[0] == "k"
    assert "f" in header
    assert width is None or max(map(len, lines)) <= width
    assert all(f"{name} =" in text for name in NAMES)
    hidden = f"no room for {12 - len(shown)} of 12 variables"
    assert (hidden in text.replace("\n", " ")) is (len(shown) < 12)
    if width in (300, None):
        assert header == ["k", *NAMES, "f", "‖∇f‖∞", "α"]
    assert all(len(row) in (len(header), len(header) - 1) for row in rows[:10])  # the last has no α


def test_rows_are_never_cut_or_folded() -> None:
    for width in (10, 40, 80):
        rows = report("(x - 1/3)^4 + y^2", Screen(width)).split("\n\n")[0].split("\n")[2:22]
        assert [row.split()[0] for row in rows[:10]] == list(map(str, range(10)))


def test_many_eigenvalues_are_told_by_their_ends() -> None:
    assert spectrum([2.0]) == "eigenvalue 2"
    assert spectrum([1.0, 2.0]) == "eigenvalues 1, 2"
    assert spectrum([float(i) for i in range(100)]) == "100 eigenvalues from 0 to 99"
