"""Array parts and recurrences from the command line: tables of data, minima, refusals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli

OSCILLATOR = (
    "p[1] = p0; q[1] = q0; p[t in 2:n] = p[t-1] + dt*q[t-1]; "
    "q[t in 2:n] = q[t-1] - dt*w^2*p[t]; sum((p[t] - y[t])^2 for t in 1:n)"
)


@pytest.fixture
def steps(tmp_path: Path) -> str:
    """A table of 40 steps of an oscillator with p0 = 1, q0 = 0 and w = 2."""
    rows, p, q = ["t,y"], 1.0, 0.0
    for t in range(1, 41):
        rows.append(f"{t},{p!r}")
        p += 0.1 * q
        q -= 0.1 * 4.0 * p
    path = tmp_path / "steps.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return str(path)


def test_an_oscillator_is_fitted_to_its_steps(gdcli: Gdcli, steps: str) -> None:
    words = ("--data", steps, "--set", "dt=0.1", "--start", "p0=0.8,q0=0.1,w=1.9")
    said = gdcli("minimize", OSCILLATOR, *words, "--format", "json")
    assert said.status == 0
    found = json.loads(said.out)
    assert found["expression"] == OSCILLATOR
    assert found["x"] == pytest.approx({"p0": 1.0, "q0": 0.0, "w": 2.0}, abs=1e-6)


def test_an_index_without_a_range_and_a_column_of_its_name(gdcli: Gdcli, steps: str) -> None:
    said = gdcli("eval", "h[t] = x*y[t]; h[1]", "--data", steps, "--at", "1")
    assert said.status == 2
    assert "`t` is an array of data here; choose another index for h" in said.err
    ranged = gdcli("eval", "h[t in 1:40] = x*y[t]; h[1]", "--data", steps, "--at", "3")
    assert ranged.out.split() == ["x", "=", "3", "f", "=", "3"]


def test_pieces_are_shown_as_they_are_written(gdcli: Gdcli) -> None:
    text = "u[1]=x; u[t in 2:n]=u[t-1]^2; u[n]"
    said = gdcli("show", text, "--size", "n=3", "--stage", "expression", "--format", "json")
    shown = json.loads(said.out)
    assert shown["normal_form"] == "u[1] = x; u[t in 2:n] = u[t-1]^2; u[n]"
    assert [one["subscripts"] for one in shown["parts"]] == [["1"], ["t in 2:n"]]
    tree = gdcli("show", text, "--size", "n=3", "--stage", "expression").out
    assert "u[1] =" in tree
    assert "u[t in 2:n] =" in tree


def test_derivations_may_use_array_parts(gdcli: Gdcli) -> None:
    text = "p[1]=a; p[t in 2:n] = p[t-1]*b; p[n]"
    right = gdcli("check", text, "--size", "n=4", "--gradient", "p[4]/a, 3*p[3]")
    assert right.status == 0
    wrong = gdcli("check", text, "--size", "n=4", "--gradient", "p[4]/a, 2*p[3]")
    assert wrong.status == 1
