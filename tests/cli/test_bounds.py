"""`gdcli minimize --bound`: what it takes, what it answers, and what it says."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Gdcli

BOWL = "(x-3)^2 + (y+1)^2"
JSON = ("--format", "json")


def test_bounds_add_up_and_json_has_them_with_their_multipliers(gdcli: Gdcli) -> None:
    found = gdcli("minimize", BOWL, "--bound", "x=0:2,y=-1/2:", *JSON).json
    again = gdcli("minimize", BOWL, "--bound", "x=0:2", "--bound", "y=-1/2:", *JSON).json
    assert found["x"] == again["x"] == {"x": 2.0, "y": -0.5}
    assert found["bounds"] == {"x": [0.0, 2.0], "y": [-0.5, None]}
    assert found["multipliers"] == pytest.approx({"x": 2.0, "y": 1.0})
    assert found["gradient"] == {"x": -2.0, "y": 1.0}
    assert found["gradient_norm"] == 0.0
    assert found["status"] == "converged"
    test = {"name": "projected gradient", "value": 0.0, "limit": 1e-8, "met": True}
    assert found["tests"][0] == test


def test_json_has_no_bounds_where_there_are_none(gdcli: Gdcli) -> None:
    found = gdcli("minimize", BOWL, *JSON).json
    assert (found["bounds"], found["multipliers"]) == ({}, {})
    assert found["tests"][0]["name"] == "gradient"


def test_bounds_of_vectors_are_lists(gdcli: Gdcli) -> None:
    text = "(a-3)^2 + sum((z[i]-i)^2 for i in 1:3)"
    found = gdcli("minimize", text, "--bound", "z=:5,z[2]=:1", *JSON).json
    assert found["x"] == {"a": 3.0, "z": pytest.approx([1.0, 1.0, 3.0])}
    assert found["bounds"] == {"z": [[None, 5.0], [None, 1.0], [None, 5.0]]}
    assert found["multipliers"] == {"z": pytest.approx([0.0, 2.0, 0.0])}


def test_the_report_names_active_bounds(gdcli: Gdcli) -> None:
    ran = gdcli("minimize", "(x+5/4)^2 + y^2", "--bound", "x=0:", "--start", "1,1")
    assert ran.status == 0
    assert "x at its bound 0, multiplier 2.5" in ran.out
    assert "f rises in every direction from here within the bounds" in ran.out
    explained = gdcli("minimize", BOWL, "--bound", "x=0:2", "--explain", "--ascii").out
    assert "|x - P(x - grad f)|inf = 0" in explained
    assert "x at its bound 2, multiplier 2" in explained


def test_a_start_outside_is_moved_to_the_bounds_with_a_note(gdcli: Gdcli) -> None:
    ran = gdcli("minimize", BOWL, "--bound", "x=0:2", "--start", "5,5", *JSON)
    assert "the --start lies outside of the bounds; it is moved to x = 2" in ran.err
    assert ran.json["start"] == {"x": 2.0, "y": 5.0}


@pytest.mark.parametrize("bound", ["x=2:0", "x=0:1,x=2:", "z=0:1", "x", "", "x=nan:", "x=:"])
def test_wrong_bounds_are_exit_2(gdcli: Gdcli, bound: str) -> None:
    ran = gdcli("minimize", BOWL, "--bound", bound)
    assert (ran.status, ran.out) == (2, "")
    assert "--bound" in ran.err


def test_names_given_in_two_options_are_exit_2(gdcli: Gdcli) -> None:
    ran = gdcli("minimize", BOWL, "--bound", "x=0:1", "--bound", "x=0:2")
    assert ran.status == 2
    assert "`x` is given twice" in ran.err
