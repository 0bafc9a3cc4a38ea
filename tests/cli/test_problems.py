from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gdcli.library.lookup import shipped
from tests.problem_list import PROBLEMS
from tests.sweeps import sampled

MISTAKEN = """
[hill]
expression = "x^2 - y^2"
minima = [{ at = [0.0, 0.0], f = 0.0 }]
[off]
expression = "(x-1)^2"
minima = [{ at = [1.001], f = 1e-6 }, { at = [1.0], f = 0.5 }]
"""

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli


def test_the_list_in_every_format(gdcli: Gdcli) -> None:
    names = [one.name for one in PROBLEMS]
    assert gdcli("problems").out == gdcli("problems", "list").out
    assert [row.split()[0] for row in gdcli("problems").out.splitlines()[2:-2]] == names
    assert gdcli("problems", "list", "--format", "plain").out.split() == names
    assert [one["name"] for one in gdcli("problems", "--format", "json").json] == names
    rows = csv.DictReader(io.StringIO(gdcli("problems", "list", "--format", "csv").out))
    assert [row["name"] for row in rows] == names


def test_by_tag(gdcli: Gdcli) -> None:
    names = gdcli("problems", "list", "--tag", "lecture", "--format", "plain").out.split()
    assert {"five-well", "lecture"} <= set(names) < {one.name for one in PROBLEMS}
    assert "the tags are" in gdcli("problems", "list", "--tag", "lectrue").err


def test_show(gdcli: Gdcli) -> None:
    said = gdcli("problems", "show", "five-well")
    for part in ("0.0001*(x^2 + y^2)^1.2", "[-20, 20] x [-20, 20]", "-1.15423384652360", "2007"):
        assert part in said.out
    assert gdcli("problems", "show", "five-well", "--format", "json").json["start"] == [10, 10]


def test_a_name_alone_is_shown(gdcli: Gdcli, tmp_path: Path) -> None:
    for form in ("table", "json"):
        words = ("five-well", "--format", form)
        assert gdcli("problems", *words) == gdcli("problems", "show", *words)
    path = tmp_path / "mine.toml"
    path.write_text(MISTAKEN)
    assert gdcli("problems", str(path)) == gdcli("problems", "show", str(path))


def test_tags_with_the_number_of_problems_that_have_them(gdcli: Gdcli, tmp_path: Path) -> None:
    tags = [tag for one in PROBLEMS for tag in one.tags]
    counts = {tag: tags.count(tag) for tag in sorted(tags)}
    found = gdcli("problems", "tags", "--format", "json").json
    assert {one["tag"]: one["problems"] for one in found} == counts
    assert gdcli("problems", "tags", "--format", "plain").out.split() == [*counts]
    rows = csv.DictReader(io.StringIO(gdcli("problems", "tags", "--format", "csv").out))
    assert {row["tag"]: int(row["problems"]) for row in rows} == counts
    table = gdcli("problems", "tags").out.splitlines()
    assert [row.split() for row in table[2:-2]] == [[tag, str(n)] for tag, n in counts.items()]
    chosen = gdcli("problems", "--tag", "lecture", "--format", "plain").out.split()
    assert len(chosen) == counts["lecture"]
    path = tmp_path / "mine.toml"
    path.write_text('[a]\nexpression = "x^2"\ntags = ["steep", "own"]\n')
    assert gdcli("problems", "tags", str(path), "--format", "plain").out == "own\nsteep\n"


@pytest.mark.parametrize("path", sampled(["", *sorted(shipped("problems").glob("*.toml"))], 2))
def test_every_stated_minimum_of_the_library_is_one(gdcli: Gdcli, path: str | Path) -> None:
    said = gdcli("problems", "verify", *([str(path)] if path else []))
    assert (said.status, said.err) == (0, "")
    assert said.out.endswith("all hold\n")


def test_a_stated_minimum_that_is_none_is_status_1(gdcli: Gdcli, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MISTAKEN)
    said = gdcli("problems", "verify", str(path))
    assert said.status == 1
    for reason in ("by its Hessian it is a saddle", "the gradient is not 0", "f is 0.0", "3 wrong"):
        assert reason in said.out
    checks = gdcli("problems", "verify", str(path), "--format", "json").json
    assert [check["holds"] for check in checks] == [False, False, False]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("show",), "which problem?"),
        (("show", "five-wel"), "did you mean five-well"),
        (("shwo", "five-well"), "list, show NAME or verify"),
        (("list", "five-well"), "gdcli problems show five-well"),
        (("five-wel",), "no problem `five-wel`; did you mean five-well?"),
        (("lst",), "not `lst`; did you mean list?"),
        (("shwo", "five-well"), "did you mean show?"),
        (("tag",), "did you mean tags?"),
        (("nothing-like-it",), "no problem `nothing-like-it`"),
        (("five-well", "rosenbrock"), "not `five-well`"),
        (("five-well", "--tag", "lecture"), "--tag goes with"),
        (("tags", "--tag", "lecture"), "--tag goes with"),
        (("five-well", "--format", "csv"), "show writes table, json"),
        (("list", "--tag", "lectrue"), "did you mean lecture?"),
        (("show", "five-well", "--format", "csv"), "show writes table, json"),
        (("show", "five-well", "--tag", "lecture"), "--tag goes with"),
        (("show", "missing.toml"), "missing.toml"),
    ],
)
def test_other_requests_are_refused(gdcli: Gdcli, words: tuple[str, ...], message: str) -> None:
    said = gdcli("problems", *words)
    assert said.status == 2
    assert message in said.err


def test_verify_proved_as_it_is_typed(gdcli: Gdcli, tmp_path: Path) -> None:
    said = gdcli("problems", "verify", "booth", "--proved")
    assert said.status == 0
    assert said.out.splitlines()[0].split()[-1] == "proved"
    assert said.out.endswith("1 stated point, all hold; 2 of 2 proofs\n")
    path = tmp_path / "mine.toml"
    path.write_text('expression = "x^4"\nminima = [{ at = [0], f = 0 }]\n')
    assert gdcli("problems", "verify", str(path)).status == 0
    said = gdcli("problems", "verify", str(path), "--proved", "--format", "json")
    assert said.status == 1
    assert said.json[0]["holds"] is True
    assert said.json[0]["proof"]["status"] == "unresolved"
    path.write_text(
        'expression = "x^2 - x^3"\nwindow = [[-1, 2]]\nminima = [{ at = [0], f = 0 }]\n'
    )
    said = gdcli("problems", "verify", str(path), "--proved")
    assert said.status == 1
    assert "disproved: the least value there is -4" in said.out
    assert said.out.endswith("1 stated point, all hold; 1 of 2 proofs\n")
    assert "--proved goes with verify" in gdcli("problems", "list", "--proved").err
