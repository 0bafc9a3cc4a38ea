"""Completion by the shells: in bash and zsh Tab is pressed at a terminal, fish is asked."""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

import pytest

from gdcli import __version__
from gdcli.cli.app import COMMANDS
from gdcli.cli.completion import SHELLS, commands
from gdcli.library import lookup
from gdcli.report.formats import FORMATS
from tests.problem_list import PROBLEMS

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli

PATIENCE = 60.0  # seconds for what takes a hundredth where nothing else runs
LARGEST_SCRIPT = 60_000  # bytes
FILES = ("a.npy", "mine.toml", "my file.txt", "notes.txt", "start.npy")
SHOW_LINE = "\x14"  # Ctrl-T, bound to show the line as it is, within << and >>
ERASE_LINE = "\x15"  # Ctrl-U
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x07|.\x08(?=.)|\r")

# The words offered at the end of a line: of a value what follows its last = or @.
OFFERED = {
    "gdcli ": {*COMMANDS},
    "gdcli mini": {"minimize"},
    "gdcli --": {"--help", "--version"},
    "gdcli minimize --max-": {"--max-iterations", "--max-evaluations", "--max-time"},
    "gdcli minimize --max-iterations 3 --max-": {"--max-evaluations", "--max-time"},
    "gdcli minimize --max-iterations=3 --max-": {"--max-evaluations", "--max-time"},
    "gdcli minimize --explain --ex": set(),
    "gdcli minimize --set a=1 --set b=2 --se": {"--seed", "--set"},
    "gdcli minimize -o x --out": set(),
    "gdcli minimize --format js": {"json", "jsonl"},
    "gdcli minimize --format=js": {"json", "jsonl"},
    "gdcli minimize --format=pl": {"plain"},
    "gdcli minimize --start 1,2 --format=pl": {"plain"},
    "gdcli minimize --start ": set(),
    "gdcli minimize --start five": set(),
    "gdcli minimize five": {"five-well", "five-well-paper"},
    "gdcli minimize min": {"mine.toml"},
    "gdcli minimize su": {"sub/", "sum-of-powers-n", "sum-of-squares-n"},
    "gdcli minimize sub/": {"sub/deep.toml"},
    "gdcli minimize x five": set(),
    "gdcli minimize --format json five-well-": {"five-well-paper"},
    "gdcli minimize -- --met": set(),
    "gdcli minimize -- five-well-": {"five-well-paper"},
    "gdcli minimize -x^2 five": set(),
    "gdcli minimize -o no": {"notes.txt"},
    "gdcli fit five": set(),
    "gdcli fit y~a no": {"notes.txt"},
    "gdcli predict min": {"mine.toml"},
    "gdcli predict mine.toml no": {"notes.txt"},
    "gdcli minimize -o sub/d": {"sub/deep.toml"},
    "gdcli minimize --output no": {"notes.txt"},
    "gdcli minimize --output=no": {"notes.txt"},
    "gdcli minimize --output=my": {"my file.txt"},
    "gdcli minimize --output=sub/d": {"sub/deep.toml"},
    "gdcli minimize --plot no": {"notes.txt"},
    "gdcli plot --from st": {"start.npy"},
    "gdcli minimize --data a": {"a.npy"},
    "gdcli minimize --data A=a": {"a.npy"},
    "gdcli minimize --data=A=a": {"a.npy"},
    "gdcli grad x --at @st": {"start.npy"},
    "gdcli grad x --at @my": {"my file.txt"},
    "gdcli grad x --at=x=@st": {"start.npy"},
    "gdcli grad x --at y=1,x=@st": {"start.npy"},
    "gdcli grad x --symbolic=te": {"text"},
    "gdcli grad --symbolic five-well-": {"five-well-paper"},
    "gdcli grad --symbolic la": {"latex"},
    "gdcli grad --symbolic --hess": {"--hessian"},
    "gdcli race x --methods newt": {"newton"},
    "gdcli plot x --compare-alpha wo": {"wolfe"},
    "gdcli problems sh": {"show", "shekel-5", "shubert"},
    "gdcli problems ver": {"verify"},
    "gdcli problems five": {"five-well", "five-well-paper"},
    "gdcli problems show five": {"five-well", "five-well-paper"},
    "gdcli problems show five-well x": set(),
    "gdcli completion ": {*SHELLS},
    "gdcli completion bash z": set(),
    "gdcli nonsense --": set(),
}  # fmt: skip
for name, entry in commands().items():
    OFFERED[f"gdcli {name} -"] = {each for option in entry.options for each in option.opts}
    for option in entry.options:
        if option.choices:
            OFFERED[f"gdcli {name} {option.opts[-1]}="] = {*option.choices}


class Room(NamedTuple):
    """A folder with files to be named, and the environment in which a shell works there."""

    folder: Path
    environment: dict[str, str]

    def script(self, shell: str) -> str:
        return str(self.folder / f"gdcli.{shell}")

    def started(self) -> bool:
        """Whether a shell has started the `gdcli` that stands first in its PATH."""
        return (self.folder / "started").exists()


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    folder = tmp_path_factory.mktemp("completion")
    (folder / "here" / "sub").mkdir(parents=True)
    for name in (*FILES, "sub/deep.toml"):
        (folder / "here" / name).touch()
    for shell, script in SHELLS.items():
        (folder / f"gdcli.{shell}").write_text(script(commands()), "ascii")
    program = folder / "gdcli"
    program.write_text(f"#!/bin/sh\ntouch '{folder}/started'\n", "ascii")
    program.chmod(0o755)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return Room(folder, {"PATH": path, "HOME": str(folder), "TERM": "xterm", "LC_ALL": "C.UTF-8"})


class Terminal:
    """A shell at a terminal, where keys are pressed."""

    def __init__(self, command: Iterable[str], room: Room) -> None:
        fcntl = pytest.importorskip("fcntl")
        termios = pytest.importorskip("termios")
        self._screen, keyboard = os.openpty()
        rows_and_columns = (500).to_bytes(2, "little") + (200).to_bytes(2, "little") + bytes(4)
        fcntl.ioctl(keyboard, termios.TIOCSWINSZ, rows_and_columns)
        self._shell = subprocess.Popen(
            [*command],
            stdin=keyboard,
            stdout=keyboard,
            stderr=keyboard,
            cwd=room.folder / "here",
            env=room.environment,
            start_new_session=True,
        )
        os.close(keyboard)

    def __enter__(self) -> Terminal:
        self._seen("READY")  # the prompt, before which no key may be pressed
        return self

    def __exit__(self, *_: object) -> None:
        self._shell.kill()
        self._shell.wait()
        os.close(self._screen)

    def completed(self, line: str) -> tuple[str, list[str]]:
        """The line after Tab, and the lines listed below it."""
        self._press(line + "\t" + SHOW_LINE + ERASE_LINE)
        seen = ESCAPES.sub("", self._seen(">>"))
        before, _, after = seen.partition("<<")
        _, *listed = before.split("\n")
        return after.partition(">>")[0], [row for row in listed if not row.startswith("READY")]

    def _press(self, keys: str) -> None:
        os.write(self._screen, keys.encode())

    def _seen(self, end: str) -> str:
        seen, deadline = "", monotonic() + PATIENCE
        while end not in seen:
            if not select.select([self._screen], [], [], max(0.0, deadline - monotonic()))[0]:
                raise TimeoutError(seen)
            seen += os.read(self._screen, 65536).decode()
        return seen


START_FILES = {
    "bash": r"""
unset HISTFILE
PS1='READY '
bind 'set show-all-if-ambiguous on'
bind 'set completion-query-items 0'
bind 'set page-completions off'
bind 'set enable-bracketed-paste off'
bind -x '"\C-t": printf "<<%s>>" "$READLINE_LINE"'
""",
    "zsh": r"""
PS1='READY '
autoload -Uz compinit
compinit -D -u
LISTMAX=1000
setopt no_beep no_list_ambiguous no_always_last_prompt
show_line() { print -rn -- "<<$BUFFER>>" }
zle -N show_line
bindkey '^T' show_line
""",
}


def terminal(shell: str, room: Room, more: str = "", source: bool = True) -> Terminal:
    """The shell at a terminal, with our script sourced unless something else is to find it."""
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}")
    start_file = room.folder / ".zshrc"
    last = f". '{room.script(shell)}'" if source else ""
    start_file.write_text(f"{START_FILES[shell]}{more}\n{last}\n", "ascii")
    command = {"bash": ["bash", "--noprofile", "--rcfile", str(start_file)], "zsh": ["zsh", "-d"]}
    return Terminal([*command[shell], "-i"], room)


def bare(word: str) -> str:
    """The word without what stands before its last `=` or `@`, and without backslashes."""
    return re.sub(r"^.*[=@]", "", word).replace("\\", "")


def offered(screen: Terminal, line: str) -> set[str]:
    """The words that the shell offers at the end of the line."""
    after, listed = screen.completed(line)
    if listed:
        rows = [re.sub(r" +-- .*", "", row) for row in listed]
        return {bare(word) for row in rows for word in re.split(r"  +", row.strip()) if word}
    typed = line[line.rindex(" ") + 1 :]
    found = after[line.rindex(" ") + 1 :].removesuffix(" ").removesuffix("=")
    return set() if found == typed else {bare(found)}


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_tab_offers_what_may_follow(shell: str, room: Room) -> None:
    with terminal(shell, room) as screen:
        found = {line: offered(screen, line) for line in OFFERED}
    assert {line: words for line, words in found.items() if words != OFFERED[line]} == {}
    assert not room.started()


def fish(room: Room, lines: Iterable[str]) -> dict[str, dict[str, str]]:
    """For each line the words that fish offers at its end, with their descriptions.

    Of what it offers only words that begin as the line ends are taken: where there is none, fish
    offers words that hold the same letters.
    """
    if shutil.which("fish") is None:
        pytest.skip("needs fish")
    asking = "source $argv[1]; for line in $argv[2..]; echo == $line; complete -C $line; end"
    done = subprocess.run(
        ["fish", "--no-config", "-c", asking, room.script("fish"), *lines],
        cwd=room.folder / "here",
        env=room.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    found: dict[str, dict[str, str]] = {}
    for line, answer in re.findall(r"^== (.*)\n((?:(?!== ).*\n)*)", done.stdout, re.MULTILINE):
        rows = [row.partition("\t") for row in answer.splitlines()]
        typed = line[line.rindex(" ") + 1 :]
        found[line] = {
            bare(word.removesuffix("=")): text for word, _, text in rows if word.startswith(typed)
        }
    return found


def test_fish_offers_what_may_follow(room: Room) -> None:
    found = {line: {*words} for line, words in fish(room, OFFERED).items()}
    assert found.keys() == OFFERED.keys()
    assert {line: words for line, words in found.items() if words != OFFERED[line]} == {}
    assert not room.started()


def test_fish_says_what_each_word_is(room: Room) -> None:
    lines = ("gdcli ", "gdcli grad -", "gdcli minimize five", "gdcli minimize --format js")
    found = fish(room, lines)
    assert found["gdcli "] == COMMANDS
    helps = {each: option.help for option in commands()["grad"].options for each in option.opts}
    assert found["gdcli grad -"] == helps
    assert found["gdcli minimize five"] == {
        name: lookup.problem(name).title for name in ("five-well", "five-well-paper")
    }
    assert found["gdcli minimize --format js"] == {
        name: FORMATS[name].help for name in ("json", "jsonl")
    }


def test_zsh_says_what_each_word_is(room: Room) -> None:
    with terminal("zsh", room) as screen:
        lines = ("gdcli grad --", "gdcli minimize five", "gdcli minimize --format js")
        rows = [row for line in lines for row in screen.completed(line)[1]]
    told = dict(re.split(" +-- ", row) for row in rows)
    helps = {option.opts[-1]: option.help for option in commands()["grad"].options}
    titles = {name: lookup.problem(name).title for name in ("five-well", "five-well-paper")}
    formats = {name: FORMATS[name].help for name in ("json", "jsonl")}
    options = {name: text for name, text in helps.items() if name[:2] == "--"}
    assert told == options | titles | formats


def test_zsh_finds_the_script_in_a_folder_of_its_functions(room: Room) -> None:
    folder = room.folder / "functions"
    folder.mkdir()
    (folder / "_gdcli").write_text(Path(room.script("zsh")).read_text("ascii"), "ascii")
    more = f"fpath=('{folder}' $fpath)\ncompinit -D -u"
    with terminal("zsh", room, more, source=False) as screen:
        for line in ("gdcli minimize --format=js", "gdcli minimize five"):
            assert offered(screen, line) == OFFERED[line]


COMPLETED = {
    'gdcli minimize "five-well-': 'gdcli minimize "five-well-paper" ',
    "gdcli minimize 'five-well-": "gdcli minimize 'five-well-paper' ",
    'gdcli grad x --at "x=@st': 'gdcli grad x --at "x=@start.npy" ',
    "gdcli minimize -o my\\ f": "gdcli minimize -o my\\ file.txt ",
    "gdcli grad x --at @my\\ f": "gdcli grad x --at @my\\ file.txt ",
    'gdcli minimize "a b=c" --format=pl': 'gdcli minimize "a b=c" --format=plain ',
    "gdcli minimize --output=su": "gdcli minimize --output=sub/",
    "gdcli grad x --at @su": "gdcli grad x --at @sub/",
    "true; gdcli mini": "true; gdcli minimize ",
}


@pytest.mark.parametrize("signs", ["", "=:", "@", "=:@"])
def test_bash_completes_in_quotes_and_wherever_it_does_not_cut_words(
    room: Room, signs: str
) -> None:
    more = f"COMP_WORDBREAKS=${{COMP_WORDBREAKS//[{signs}]/}}" if signs else ""
    with terminal("bash", room, more) as screen:
        assert {line: screen.completed(line)[0] for line in COMPLETED} == COMPLETED


@pytest.mark.parametrize("shell", SHELLS)
def test_every_script_knows_every_command_option_choice_and_problem(shell: str, room: Room) -> None:
    """No PowerShell is at hand: its script is read here, the others are run above."""
    script = Path(room.script(shell)).read_text("ascii")
    assert len(script) <= LARGEST_SCRIPT
    assert f"# Completion of gdcli {__version__} for" in script
    assert "@VERSION@" not in script
    words = set(re.findall(r"[\w-]+", script))
    assert {problem.name for problem in PROBLEMS} <= words
    for name, entry in commands().items():
        assert name in words
        for option in entry.options:
            assert {option.opts[-1], option.opts[-1].lstrip("-")} & words
            assert set(option.choices) <= words


@pytest.mark.parametrize("words", [(), ("tcsh",)])
def test_other_shells_are_refused(gdcli: Gdcli, words: tuple[str, ...]) -> None:
    said = gdcli("completion", *words)
    assert said.status == 2
    assert "bash, zsh, fish, powershell" in said.err


@pytest.mark.parametrize("shell", SHELLS)
def test_the_command_prints_the_script(gdcli: Gdcli, room: Room, shell: str) -> None:
    assert gdcli("completion", shell) == (0, Path(room.script(shell)).read_text("ascii"), "")
