"""What other tools call our options and commands: every advice is followed, and must work."""

from __future__ import annotations

import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest

from gdcli.cli.app import COMMANDS, run
from gdcli.cli.command import choices
from gdcli.cli.foreign import (
    FOREIGN_COMMANDS,
    FOREIGN_OPTIONS,
    LATER_OPTIONS,
    MAXIMIZING_COMMANDS,
    TRAINING_OPTIONS,
    option_advice,
)
from tests.cli.conftest import Gdcli, Said

ARGUMENTS = {
    "minimize": ("{}", "--quiet"),
    "fit": ("y ~ t*({})", "u.csv", "--start", "x=1", "--quiet"),
    "predict": ("m.json", "u.csv"),
    "race": ("{}",),
    "certify": ("{}",),
    "grad": ("{}", "--at", "1"),
    "eval": ("{}", "--at", "1"),
    "compare": ("{}", "--at", "1"),
    "show": ("{}", "--stage", "gradient"),
    "plot": ("{}",),
    "check": ("{}", "--gradient", "0"),
    "problems": ("list",),
    "functions": (),
    "completion": ("bash",),
}
VALUES: dict[str, tuple[str, ...]] = {
    **{"--alpha": ("0.1",), "--tolerance": ("1e-3",), "--max-iterations": ("3",)},
    **{"--max-evaluations": ("9",), "--start": ("1",), "--at": ("1",), "--digits": ("20",)},
    **{"--method": ("steepest",), "--set": ("a=1",), "--size": ("n=1",), "--data": ("t.csv",)},
    **{"--gradient": ("2x",), "--derivative": ("tangent",), "--backend": ("python",)},
    **{"--window": ("x=0:1",), "--output": ("o.txt",), "--plot": ("o.svg",), "--hessian": ("2",)},
    **{"--sigma": ("t",), "--where": ("t > 0",), "--column": ("u=t",), "--missing": ("drop",)},
    **{"--level": ("0.9",), "--l2": ("x=0.1",), "--loss": ("squared",)},
    **{"--bound": ("x=0:1",), "--max-time": ("9s",), "--seed": ("1",)},
    **dict.fromkeys(
        ("--maximize", "--explain", "--quiet", "--trace", "--symbolic", "--help", "--format"), ()
    ),
}
EXPRESSIONS = {
    "--set": "a*x^2",
    "--size": "sum(x[i]^2 for i in 1:n)",
    "--data": "sum(y[i]*x^2 for i in 1:2)",
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text("y\n1\n2\n", encoding="utf-8")
    Path("u.csv").write_text("t,y\n1,1\n2,2\n3,4\n", encoding="utf-8")
    run(["fit", "y ~ a*t + b", "u.csv", "--start", "0,0", "-o", "m.json"])


def advised(said: Said) -> list[list[str]]:
    """The command lines or options of `write ...`, apart at `or`."""
    found = re.search(r"; write (.*)\n", said.err)
    return [shlex.split(one) for one in found[1].split(" or ")] if found else []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_advice_on_an_option_works(gdcli: Gdcli, command: str) -> None:
    known = choices(import_module(f"gdcli.cli.{command}").COMMAND.params)
    found = [
        option_advice(name, known) for name in {*FOREIGN_OPTIONS} - {*known, *TRAINING_OPTIONS}
    ]
    advice = sorted({one.removeprefix("write ") for one in found} - {""})
    assert len(advice) > 3
    slow = command in ("compare", "problems")  # whose options others have too
    if command == "fit":
        others = choices(import_module("gdcli.cli.minimize").COMMAND.params)
        advice = [one for one in advice if one.split()[0] not in others or "method" in one]
    for option, *value in map(shlex.split, ["--format json"] if slow else advice):
        words = [option, *(value or VALUES[option])]
        if (command, option) == ("fit", "--method"):
            words = ["--method", "newton"]
        if words == ["--format"]:
            words += ["svg", "-o", "o.svg"] if command == "plot" else ["plain"]
        text = EXPRESSIONS.get(option, "x^2")
        arguments = [word.format(text) for word in ARGUMENTS[command]]
        if option == "--hessian" and command != "check":
            words = ["--hessian"]
        if option in arguments:
            del arguments[arguments.index(option) : arguments.index(option) + 2]
        assert gdcli(command, *arguments, *words).status in (0, 1, 3, 4), words


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("minimize x^2 --lr 0.1", "--alpha"),
        ("minimize x^2 --learning_rate=0.1", "--alpha"),
        ("minimize x^2 --step-size 0.1", "--alpha"),
        ("minimize x^2 --tol 1e-3", "--tolerance"),
        ("minimize x^2 --x0 1", "--start"),
        ("grad x^2 --x0 1", "--at"),
        ("minimize x^2 --maxiter 9", "--max-iterations"),
        ("minimize x^2 --Max_Iterations 9", "--max-iterations"),
        ("minimize x^2 --json", "--format json"),
        ("grad x^2 --precision 30", "--digits"),
        ("minimize x^2 --verbose", "--explain"),
        ("minimize x^2 -v", "--explain"),
        ("minimize -n 100 x^2", "--max-iterations"),
        ("grad x^2 -f json", "--format"),
        ("minimize x^2 -alpha 0.1", "--alpha"),
        ("minimize x^2 -lr=0.1", "--alpha"),
        ("plot x^2 --silent", "--quiet"),
        ("minimize x^2 --optimizer adam", "--method"),
        ("minimize x^2 --bounds x=0:1", "--bound"),
        ("minimize x^2 --timeout 10", "--max-time"),
        ("minimize x^2 --ftol 1e-9", '--stop-when "abs(df) < 1e-9"'),
        ("minimize x^2 --random-state 3", "--seed"),
        ("minimize x^2 --maximise", "--maximize"),
    ],
)
def test_the_option_that_is_meant(gdcli: Gdcli, words: str, advice: str) -> None:
    assert gdcli(*words.split()).err.endswith(f"; write {advice}\n")


@pytest.mark.parametrize(
    "words",
    ["functions --csv", "grad x --lr 1", "plot x --json", "show x -n", "minimize -x + y"],
)
def test_no_advice_where_the_command_has_no_such_option(gdcli: Gdcli, words: str) -> None:
    said = gdcli(*words.split())
    assert said.status == 2
    assert not advised(said)


@pytest.mark.parametrize("command", COMMANDS)
def test_an_option_of_another_command_says_which_has_it(gdcli: Gdcli, command: str) -> None:
    owners: dict[str, list[str]] = {}
    for name in COMMANDS:
        for option in choices(import_module(f"gdcli.cli.{name}").COMMAND.params):
            owners.setdefault(option, []).append(name)
    foreign = [name for name, has in owners.items() if command not in has and len(name) > 2]
    assert len(foreign) > 3
    for name in foreign:
        said = gdcli(command, "x^2", name, "1")
        assert (said.status, said.out) == (2, "")
        advice = said.err.strip().partition(f"gdcli {command} has no option {name}; ")[2]
        if name == "--data" and command in ("fit", "predict"):
            assert advice == "write as the second argument: 1"
        elif advice.startswith("write "):  # one of this command that means the same
            assert command in owners[advice.split()[1]]
        else:
            assert advice.endswith(f" belongs to gdcli {', '.join(owners[name])}")
            assert advice.startswith("it " if command != "plot" else "plot writes pictures, and ")


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (["minimize", "booth", "--at", "1,2"], "write --start 1,2"),
        (["minimize", "booth", "--at=-1,2"], "write --start -1,2"),
        (["minimize", "booth", "--at", "x=1, y=2"], 'write --start "x=1, y=2"'),
        (["minimize", "booth", "--at", "@run.jsonl"], "write --start @run.jsonl"),
        (["minimize", "booth", "--at", "-"], "write --start -"),
        (["minimize", "booth", "--at", "--quiet"], "write --start"),
        (["minimize", "booth", "--at"], "write --start"),
        (["grad", "booth", "--start", "1,2"], "write --at 1,2"),
        (["plot", "booth", "--plot", "a.png"], "write --output a.png"),
        (["plot", "booth", "--prnt", "x"], "did you mean --print? it belongs to gdcli minimize, "),
        (
            ["grad", "booth", "--widnow", "1"],
            "did you mean --window? it belongs to gdcli certify, plot\n",
        ),
        (["minimize", "booth", "--precison", "3"], "did you mean --precision?\n"),
        (["minimize", "booth", "--nothing"], "see gdcli minimize --help\n"),
        (["--format", "json", "minimize", "x"], "it stands behind gdcli minimize\n"),
        (["--nothing"], "see gdcli --help\n"),
    ],
)
def test_the_option_of_another_command_that_is_meant(
    gdcli: Gdcli, words: list[str], advice: str
) -> None:
    assert f"; {advice}" in gdcli(*words).err


def test_options_that_are_not_built_yet(gdcli: Gdcli) -> None:
    for name in TRAINING_OPTIONS:
        said = gdcli("fit", "y ~ a + b*x", "d.csv", name, "3")
        assert (said.status, said.out) == (2, "")
        assert f"gdcli fit has no option {name}; it is not built yet" in said.err
    for name in LATER_OPTIONS:
        assert gdcli("minimize", "x^2", name, "1").err == (
            f"gdcli: gdcli minimize has no option {name}; it is not built yet\n"
        )


@pytest.mark.parametrize("name", [*FOREIGN_COMMANDS, *MAXIMIZING_COMMANDS])
def test_every_advice_on_a_command_works(gdcli: Gdcli, name: str) -> None:
    [advice] = advised(gdcli(name, "x^2", "--at", "1"))
    assert advice[0] == "gdcli"
    arguments: tuple[str, ...] = ()
    if advice[1] in ARGUMENTS and name not in MAXIMIZING_COMMANDS:
        arguments = tuple(word.format("x^2") for word in ARGUMENTS[advice[1]])
    assert gdcli(*advice[1:], *arguments).status in (0, 1, 4)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["x^2"], ['gdcli minimize "x^2"', 'gdcli grad "x^2" --at x=1']),
        (["x^2", "--at", "1"], ['gdcli grad "x^2" --at "1"']),
        (["-x^2 + x^4"], ['gdcli minimize "-x^2 + x^4"', 'gdcli grad "-x^2 + x^4" --at x=1']),
        (["sum(x[i]^2 for i in 1:3)"], ['gdcli minimize "sum(x[i]^2 for i in 1:3)"',
                                        'gdcli grad "sum(x[i]^2 for i in 1:3)" --at x=1']),
        (["five-well"], ["gdcli minimize five-well", "gdcli grad five-well --at x=1,y=1"]),
        (["x"], ["gdcli minimize x", "gdcli grad x --at x=1"]),
        (["2^10"], ['gdcli grad "2^10"']),
        (["maximize", "-x^2"], ['gdcli minimize "-x^2" --maximize']),
        (["Maximize", "--start", "1"], ['gdcli minimize "x - x^2" --maximize']),
        (["help", "show"], ["gdcli show --help"]),
        (["help", "me"], ["gdcli --help"]),
    ],
)  # fmt: skip
def test_an_expression_where_a_command_is_due(
    gdcli: Gdcli, words: list[str], wanted: list[str]
) -> None:
    said = gdcli(*words)
    assert said.err == f"gdcli: no command `{words[0]}`; write {' or '.join(wanted)}\n"
    for line in wanted:
        assert gdcli(*shlex.split(line)[1:]).status in (0, 4)


@pytest.mark.parametrize("text", ["x^2+", "-", "x y", "f(x", "x" + "+x" * 1000, "xy + x"])
def test_what_may_be_an_expression_gets_an_example(gdcli: Gdcli, text: str) -> None:
    said = gdcli(text)
    assert said.err.endswith('; a function stands after a command: gdcli minimize "x^2 + y^2"\n')
