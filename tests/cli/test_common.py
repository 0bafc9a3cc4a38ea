from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from gdcli.cli.common import common_params, derivative_params
from gdcli.cli.foreign import FOREIGN_ENDINGS
from gdcli.derivatives import DERIVATIVES
from gdcli.errors import UsageError
from gdcli.report.formats import FORMATS, Writers
from gdcli.report.pictures import ENDINGS
from tests.cli.conftest import Gdcli
from tests.sweeps import sampled


@pytest.mark.parametrize("result", Writers._fields)
def test_the_formats_offered_are_those_that_write_the_result(result: str) -> None:
    [option] = [one for one in common_params(result) if "--format" in one.opts]
    forms = [name for name, row in FORMATS.items() if result in row.offers]
    assert option.settle is not None
    assert option.choices == tuple(forms)
    assert option.settle({"form": None, "path": None}) is FORMATS[forms[0]]
    assert option.read(forms[-1], "--format") is FORMATS[forms[-1]]


def test_every_way_to_differentiate_is_offered_and_no_other() -> None:
    [option] = [one for one in derivative_params() if "--derivative" in one.opts]
    assert all(option.read(name, "--derivative") == name for name in DERIVATIVES)
    with pytest.raises(UsageError, match="--derivative"):
        option.read("backward", "--derivative")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


GRAD = ("grad", "x^2 + x*y", "--at", "1,2")
MINIMIZE = ("minimize", "x^2", "--max-iterations", "3")
GRAPH = ("show", "x*y", "--stage", "graph")
FUNCTIONS = ("functions",)


ENDING_FORMATS = [
    ("a.json", "json"),
    ("a.JSONL", "jsonl"),
    ("b.c.csv", "csv"),
    ("a.dot", "dot"),
    ("a.mmd", "mermaid"),
    *((name, "table") for name in ("a.txt", "json", ".json", "a.json.gz", "a.plain")),
]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        *product([GRAD], ENDING_FORMATS),
        *sampled(product([GRAPH, FUNCTIONS, ("problems",)], ENDING_FORMATS), 8),
    ],
)
def test_the_ending_of_a_file_is_its_format(
    gdcli: Gdcli, here: Path, words: tuple[str, ...], named: tuple[str, str]
) -> None:
    name, form = named
    wanted = gdcli(*words, "--format", form)
    said = gdcli(*words, "-o", name)
    assert said.status == wanted.status
    if said.status == 2:
        assert said.err.startswith(f"gdcli: -o {name}")
        assert not list(here.iterdir())
    else:
        assert (here / name).read_text("utf-8") == wanted.out
    table = gdcli(*words, "--format", "table")
    assert gdcli(*words, "--format", "table", "-o", name) == (0, "", table.err)
    assert (here / name).read_text("utf-8") == table.out


@pytest.mark.parametrize("ending", ENDINGS)
def test_pictures_are_refused_with_what_draws_them(gdcli: Gdcli, here: Path, ending: str) -> None:
    said = gdcli(*MINIMIZE, "-o", f"a.{ending}")
    assert said.err == f"gdcli: -o a.{ending} is the name of a picture; write --plot a.{ending}\n"
    said = gdcli(*GRAD, "-o", f"a.{ending}")
    assert said.err == f"gdcli: -o a.{ending} is the name of a picture; it is drawn by gdcli plot\n"
    assert not list(here.iterdir())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((*GRAD, "-o", "a.dot"), "-o a.dot: a graph is written by gdcli show --stage graph"),
        (("show", "x", "--stage", "tape", "-o", "a.dot"), "--format dot is for --stage graph"),
        ((*FUNCTIONS, "-o", "f.csv"), "-o f.csv asks for csv; there is --format table, json or"),
        ((*MINIMIZE, "-o", "f.c"), "-o f.c: gdcli export, which writes code, is not built yet"),
        ((*MINIMIZE, "--plot", "a.png", "-o", "a.png"),
         "-o a.png is the name of a picture; --plot draws one, -o writes the report: -o run.txt"),
        ((*MINIMIZE, "--plot", "a.png", "-o", "b.svg"), "-o b.svg is the name of a picture; --p"),
        ((*GRAD, "-o", "a.parquet"), "-o a.parquet: Parquet is not built yet"),
        ((*GRAD, "-o", "A.NPY"),
         "-o A.NPY: no command writes .npy; write .json, .jsonl or .csv, or --format and any name;"
         " pictures, which gdcli plot draws, end in .png, .svg, .pdf, .gif or .html"),
        ((*GRAPH, "-o", "a.jpg"), "-o a.jpg: no command writes .jpg; write .json, .jsonl, .csv,"),
        (("completion", "bash", "-o", "a.tex"), "-o a.tex: no command writes .tex; write .txt, or"),
        (("problems", "-o", "a.xlsx"), "-o a.xlsx: no command writes .xlsx; write .json or .csv, "),
        ((*MINIMIZE, "--plot", "-"), "--plot -: standard output has the report; write --plot run"),
    ],
)  # fmt: skip
def test_files_of_another_command_are_refused(
    gdcli: Gdcli, here: Path, words: tuple[str, ...], message: str
) -> None:
    said = gdcli(*words)
    assert said.err.startswith(f"gdcli: {message}")
    assert not list(here.iterdir())


@pytest.mark.parametrize("ending", FOREIGN_ENDINGS)
def test_an_ending_of_no_format_is_refused_unless_the_format_is_given(
    gdcli: Gdcli, here: Path, ending: str
) -> None:
    said = gdcli(*FUNCTIONS, "-o", f"a{ending}")
    assert (said.status, said.out, list(here.iterdir())) == (2, "", [])
    assert gdcli(*FUNCTIONS, "-o", f"a{ending}", "--format", "plain") == (0, "", "")
    assert (here / f"a{ending}").read_text("utf-8") == gdcli(*FUNCTIONS, "--format", "plain").out


def test_a_hyphen_is_standard_output_and_a_path_to_it_a_file(gdcli: Gdcli, here: Path) -> None:
    wanted = gdcli(*GRAD)
    assert gdcli(*GRAD, "-o", "-") == gdcli(*GRAD, "-o", "a.json", "--output=-") == wanted
    assert gdcli("plot", "x^2", "-o", "-") == gdcli("plot", "x^2")
    assert not list(here.iterdir())
    assert gdcli(*GRAD, "-o", "./-") == (0, "", "")
    assert (here / "-").read_text("utf-8") == wanted.out


def test_code_may_end_as_code_does(gdcli: Gdcli, here: Path) -> None:
    assert gdcli("show", "x*y", "--stage", "source", "-o", "f.py").status == 0
    compile((here / "f.py").read_text("utf-8"), "f.py", "exec")
