"""What only a process shows: streams, signals, the modules it imports."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from gdcli.cli.progress import PROGRESS_DELAY
from tests.schemas import in_new_processes

GDCLI = [sys.executable, "-m", "gdcli"]
PROGRESS = rb"\rk = [1-9]"  # after the first step
LONG = ("minimize", "rosenbrock", "--alpha", "1e-9", "--max-iterations", "1e12",
        "--max-evaluations", "1e12")  # fmt: skip
PATIENCE = 120.0  # seconds for what takes one where nothing else runs
needs_posix = pytest.mark.skipif(os.name == "nt", reason="POSIX streams and signals")


def process(*words: str, **how: Any) -> subprocess.CompletedProcess[str]:
    settings: dict[str, Any] = {"stdin": subprocess.DEVNULL, "env": in_new_processes()}
    settings |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.run(
        [*GDCLI, *words],
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
        **settings | how,
    )


def modules_after(statement: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{statement}\nprint(*sys.modules, file=sys.stderr)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.split())


def modules_of(*words: str) -> set[str]:
    """The modules that the process `gdcli WORDS` has imported when it ends."""
    return modules_after(
        "import os, gdcli.__main__\n"
        f"sys.argv = ['gdcli', *{words}]\n"
        "os._exit = lambda status: None\n"
        "gdcli.__main__.main()"
    )


SHORT_RUN = {  # the modules of gdcli that each run of the main job needs, by package
    "": "__main__ collector errors named_tuples",
    "autodiff": "builder chain exact forward lower primitives regions reverse tables tape ties",
    "autodiff.passes": "infinities rewrite",
    "cli": "app command common deferred minimize options output source values",
    "derivatives": "",
    "descent": "advice alpha box eigenvalues iterate long_vectors loop lower_bound minimize"
    " objective overshooting poles precision rays requests result scales step_size stopping"
    " subgradient turning vectors verdict",
    "descent.methods": "steepest",
    "descent.search": "nonmonotone trials",
    "execute": "buffers fallback interpret limits source tiers",
    "functions": "arguments doubles engine function layout reading_notes resolved short_texts",
    "language": "affine lexer parser refusals subscripts suggest syntax",
    "language.semantics": "roles",
    "library": "lookup",
    "nonsmooth": "provenance",
    "numbers": "bounded error_propagation floats linear_algebra random_numbers",
    "report": "number_format view",
}
FORMAT_MODULES = {
    "json": {"report.formats", "report.formats.json"},
    "table": {
        "report.formats", "report.formats.table", "report.formats.iterates", "report.text_document",
        "report.cell_widths",
    },
}  # fmt: skip


@pytest.mark.parametrize("form", ["json", "table"])
def test_the_main_job_imports_only_what_it_needs(form: str) -> None:
    """Each module costs some 0.15 ms of 45. Import a newcomer where it is needed, or list it."""
    modules = modules_of("minimize", "x^2+y^2", "--format", form)
    packages = {name.rpartition(".")[0] for name in SHORT_RUN if "." in name} | {*SHORT_RUN} - {""}
    needed = {
        f"{package}.{name}".lstrip(".")
        for package, names in SHORT_RUN.items()
        for name in names.split()
    }
    ours = {name.removeprefix("gdcli.") for name in modules if name.startswith("gdcli.")}
    assert ours == needed | packages | FORMAT_MODULES[form]
    of_typer = modules_after(
        "from gdcli.cli.deferred import defer, import_alone\n"
        "defer('tokenize')\n"
        "import_alone('typer.core')\n"
        "import signal, gc"
    )
    json = {"json", "_json", "json.encoder"}
    others = {name for name in modules - of_typer if name.split(".")[0] != "gdcli"}
    assert others == ({*json} if form == "json" else {"json"})
    assert not of_typer & {"typer.main", "typer.params", "typer.completion", "rich", "subprocess"}


@pytest.mark.parametrize(
    "words", [("-h",), ("grad", "x^2", "--at", "1"), ("eval", "x^2", "--at", "1")]
)
def test_no_short_run_imports_a_library_that_takes_long(words: tuple[str, ...]) -> None:
    heavy = {
        "numpy", "sympy", "mpmath", "llvmlite", "matplotlib", "rich", "dataclasses", "fractions",
        "decimal", "importlib.metadata", "statistics", "csv", "random", "subprocess",
        "multiprocessing", "typer.main", "urllib.parse", "json.decoder",
    }  # fmt: skip
    assert not modules_of(*words) & heavy


def test_typer_is_whole_for_who_asks_for_more_than_its_parser() -> None:
    modules_after(
        "from gdcli.cli.deferred import import_alone\n"
        "import_alone('typer.core')\n"
        "import gdcli.cli.app, typer\n"
        "assert typer.core is sys.modules['typer.core']\n"
        "assert 'typer.main' not in sys.modules\n"
        "assert issubclass(typer.Exit, Exception)\n"
        "assert typer.Typer is sys.modules['typer.main'].Typer\n"
        "assert typer.core.TyperGroup in gdcli.cli.app.Commands.__mro__\n"
        "assert not hasattr(typer, 'no_such_name')\n"
        "import_alone('typer.core')\n"
        "assert sys.modules['typer'] is typer"
    )


def test_the_library_leaves_the_typer_of_others_as_it_is() -> None:
    modules_after(
        "import gdcli, gdcli.cli.app\n"
        "assert 'typer.main' in sys.modules\n"
        "assert type(sys.modules['typer']) is type(sys)"
    )


def test_the_example_of_the_lecture_from_dev_null() -> None:
    done = process("grad", "--at", "1,2", "--format", "plain")
    assert (done.returncode, done.stdout) == (0, "4 1\n")
    assert "x^2 + x*y" in done.stderr


def test_a_pipe_on_standard_input_is_the_expression() -> None:
    done = process(
        "grad", "--at", "1,2", "--format", "plain", stdin=None, input="x^2 + x*y\n"
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "4 1\n", "")


def test_without_an_expression_minimize_is_a_usage_error() -> None:
    done = process("minimize")
    assert (done.returncode, done.stdout) == (2, "")
    assert 'example:  gdcli minimize "x^2 + y^2"' in done.stderr


@needs_posix
@pytest.mark.parametrize(("form", "second"), [("jsonl", b'{"k": 1, '), ("csv", b"0,")])
def test_a_closed_pipe_ends_it_silently(form: str, second: bytes) -> None:
    """Its first lines come while the run goes on: all steps would take hours."""
    words = ["minimize", "wood", "--alpha", "1e-9", "--max-iterations", "1e12"]
    done = subprocess.Popen(
        [*GDCLI, *words, "--max-evaluations", "1e12", "--format", form],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert done.stdout is not None
    assert done.stderr is not None
    assert done.stdout.readline() != b""
    assert done.stdout.readline().startswith(second)
    done.stdout.close()
    assert done.stderr.read() == b""
    done.stderr.close()
    assert done.wait(PATIENCE) == -signal.SIGPIPE


@needs_posix
@pytest.mark.parametrize(
    "words",
    [
        ("minimize", "x^2 + y^2", "--format", "jsonl"),
        pytest.param(("race", "x^2", "--methods", "newton"), marks=pytest.mark.full),
        pytest.param(("minimize", "x^2 + y^2 + z^2"), marks=pytest.mark.full),
    ],
)
def test_a_picture_is_drawn_whoever_reads_the_report(tmp_path: Path, words: tuple[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    done = process(*words, "--plot", "it.svg", "-q", cwd=tmp_path, stdout=write)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")
    assert [path.name for path in tmp_path.iterdir()] == ["it.svg"]
    assert "</svg>" in (tmp_path / "it.svg").read_text("utf-8")


@needs_posix
@pytest.mark.full
def test_a_file_is_written_whoever_reads_the_notes(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = process("minimize", "x^2", "-o", "it.txt", cwd=tmp_path, stderr=write)
    os.close(write)
    assert done.returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["it.txt"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
@pytest.mark.parametrize("words", [("minimize", "x^2"), ("--help",)])
def test_a_full_disk_is_an_output_error(words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = process(*words, stdout=full)
    assert done.returncode == 6
    assert done.stderr == "gdcli: cannot write the answer: No space left on device\n"


@needs_posix
def test_closed_streams() -> None:
    line = " ".join(GDCLI)
    for words, closed, status in (
        ("minimize x^2", ">&-", 6),
        ("--version", ">&-", 6),
        ("minimize x^2", "2>&-", 0),
        ("grad --at 1,2", "<&-", 0),
    ):
        done = subprocess.run(
            ["sh", "-c", f"{line} {words} {closed}"], capture_output=True, check=False
        )
        assert done.returncode == status, (words, closed, done)


@needs_posix
def test_ctrl_c_while_it_starts_is_silent() -> None:
    """Interrupted at the first import after our own first line, and at later ones."""
    for module in ("gdcli.cli", "typer", "gdcli.cli.app", "gdcli.cli.minimize", "gdcli.report"):
        start = (
            "import sys, builtins\n"
            "class Interrupt:\n"
            "    def find_spec(self, name, path=None, target=None):\n"
            f"        if name == {module!r}: raise KeyboardInterrupt\n"
            "from gdcli.__main__ import main\n"
            "sys.meta_path.insert(0, Interrupt())\n"
            "sys.argv = ['gdcli', 'minimize', 'x^2']\n"
            "main()\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", start], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout) == (130, "")
        assert done.stderr in ("", "gdcli: interrupted\n")


def test_nothing_slow_is_imported_before_ctrl_c_is_caught() -> None:
    assert modules_after("import gdcli.__main__") - modules_after("import gc, os") == {
        "__future__", "gdcli", "gdcli.__main__"
    }  # fmt: skip


@needs_posix
def test_output_to_a_log_that_is_standard_output_is_appended(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    with log.open("a") as stream:
        done = process("grad", "x^2", "--at", "1", "--format", "plain", "-o", "/dev/stdout",
                       stdout=stream)  # fmt: skip
    assert done.returncode == 0
    assert log.read_text() == "before\n2\n"
    done = process("grad", "x^2", "--at", "1", "--format", "plain", "-o", "/dev/stderr")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "2\n")


def test_ascii_where_the_encoding_is_not_utf8() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = process("minimize", "α^2 - 1", env=environment)
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "|grad f|inf" in done.stdout
    assert r"\u03b1" not in done.stdout


class Terminal:
    """A command at a pseudo-terminal of a given width; its `stdout` may lead elsewhere."""

    def __init__(
        self, width: int, *words: str, stdout: int | None = None, **environment: str
    ) -> None:
        fcntl = pytest.importorskip("fcntl")
        pty = pytest.importorskip("pty")
        termios = pytest.importorskip("termios")
        ours, theirs = pty.openpty()
        size = bytes([24, 0, width, 0, 0, 0, 0, 0])
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, size)
        hidden = ("COLUMNS", "NO_COLOR", "TERM")
        kept = {name: value for name, value in os.environ.items() if name not in hidden}
        settings = {**kept, "TERM": "xterm", "PYTHONIOENCODING": "utf-8", **environment}
        self.process = subprocess.Popen(
            [*GDCLI, *words],
            stdin=theirs,
            stdout=theirs if stdout is None else stdout,
            stderr=theirs,
            env=settings,
        )
        os.close(theirs)
        self._ours = ours
        self._read = b""

    def wait_for(self, pattern: bytes) -> None:
        """Returns once the terminal has shown what the regular expression matches."""
        while not re.search(pattern, self._read):
            assert self._read_some(), f"{pattern!r} was never shown: {self._read!r}"

    def text(self) -> str:
        """What the terminal has shown when the command has ended."""
        while self._read_some():
            pass
        os.close(self._ours)
        self.process.wait(PATIENCE)
        return self._read.decode("utf-8").replace("\r\n", "\n")

    def _read_some(self) -> bool:
        """Reads what comes next; False at the end."""
        ready, _, _ = select.select([self._ours], [], [], PATIENCE)
        assert ready, "the command neither writes nor ends"
        try:
            piece = os.read(self._ours, 65536)
        except OSError:  # the other end is closed
            return False
        self._read += piece
        return bool(piece)


@needs_posix
@pytest.mark.parametrize("width", [20, 40, 80])
def test_a_terminal_of_any_width_is_respected(width: int) -> None:
    text = Terminal(width, "minimize", "wood", "--rows", "4", "--color", "never").text()
    lines = text.split("\n")
    assert all(len(line) <= width or " " not in line for line in lines)
    headers = " ".join(lines[i - 1] for i, line in enumerate(lines) if "─" in line).split()
    assert [name for name in headers if name != "k"][:5] == ["x1", "x2", "x3", "x4", "f"]
    for name in ("x1", "x2", "x3", "x4"):
        assert any(line.strip().startswith(f"{name} =") for line in lines)


@needs_posix
def test_colour_only_at_a_terminal_that_wants_it() -> None:
    job = ("minimize", "x^2")
    assert "\x1b[" in Terminal(80, *job).text()
    assert "\x1b[" not in Terminal(80, *job, NO_COLOR="1").text()
    assert "\x1b[" not in Terminal(80, *job, TERM="dumb").text()
    assert "\x1b[" not in process(*job).stdout
    assert "\x1b[" in process(*job, "--color", "always").stdout


@needs_posix
def test_a_missing_argument_is_not_waited_for_at_a_terminal() -> None:
    text = Terminal(80, "minimize").text()
    assert text.startswith("gdcli: which function?\n  usage:    gdcli minimize EXPRESSION")


@needs_posix
def test_grad_at_a_terminal_takes_the_example() -> None:
    for words in (("--at", "3,4"), ("--at", "3,4", "-q")):
        text = Terminal(80, "grad", *words, "--format", "plain").text()
        assert text.endswith("\n10 3\n")
        assert "x^2 + x*y" in text


@needs_posix
def test_grad_takes_no_example_where_its_answer_goes_to_a_program() -> None:
    terminal = Terminal(80, "grad", "--at", "3,4", stdout=subprocess.PIPE)
    out, _ = terminal.process.communicate(timeout=PATIENCE)
    assert "which function?" in terminal.text()
    assert (terminal.process.returncode, out) == (2, b"")
    assert process("grad", "--at", "3,4").returncode == 2


@needs_posix
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    ("name", "status", "by"),
    [("SIGINT", 130, ""), ("SIGTERM", 143, " by SIGTERM"), ("SIGHUP", 129, " by SIGHUP")],
)
def test_an_interrupt_prints_the_best_point_so_far(name: str, status: int, by: str) -> None:
    terminal = Terminal(80, *LONG, "--format", "json", stdout=subprocess.PIPE)
    terminal.wait_for(PROGRESS)
    terminal.process.send_signal(getattr(signal, name))
    out, _ = terminal.process.communicate(timeout=PATIENCE)
    cleared = terminal.text()
    assert cleared.endswith("\r")
    assert "interrupted" not in cleared
    assert terminal.process.returncode == status
    answer = json.loads(out)
    assert answer["status"] == "interrupted"  # all steps would take hours
    assert answer["message"].startswith(f"interrupted{by} after ")
    assert answer["f"] < 24.2


@needs_posix
@pytest.mark.usefixtures("interruptible")
def test_a_run_that_is_interrupted_ends_without_the_collector() -> None:
    text = (
        "import gc, gdcli.__main__ as process, gdcli.cli.app as app, signal\n"
        "app.run = lambda _: signal.raise_signal(signal.SIGINT)\n"
        "process._leave = lambda status: print(status, *gc.get_threshold()[:1])\n"
        "process.main()"
    )
    run = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["130", "0"]


@needs_posix
@pytest.mark.parametrize(("name", "status"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_that_ends_a_run_leaves_its_file_whole(
    name: str, status: int, tmp_path: Path
) -> None:
    words = [*LONG, "--format", "jsonl", "-o", "trace.jsonl"]
    with subprocess.Popen([*GDCLI, *words], cwd=tmp_path, stderr=subprocess.PIPE) as child:
        _wait_for_content(tmp_path)
        child.send_signal(getattr(signal, name))
        _, said = child.communicate(timeout=PATIENCE)
    assert child.returncode == status
    assert said.startswith(f"gdcli: interrupted by {name} after ".encode())
    assert [path.name for path in tmp_path.iterdir()] == ["trace.jsonl"]
    rows = [json.loads(line) for line in (tmp_path / "trace.jsonl").read_text().splitlines()]
    assert [row["k"] for row in rows[:-1]] == list(range(len(rows) - 1))
    assert rows[-1]["k"] >= len(rows) - 1  # steps of the last burst may not have been written yet
    assert [row["k"] for row in rows if row["alpha"] is None] == [rows[-1]["k"]]


@needs_posix
def test_a_signal_removes_a_file_that_cannot_be_whole(tmp_path: Path) -> None:
    words = ["grad", "x^2", "--at", "-", "--format", "plain", "-o", "out"]
    pipe = subprocess.PIPE
    with subprocess.Popen([*GDCLI, *words], cwd=tmp_path, stdin=pipe, stderr=pipe) as child:
        assert child.stdin is not None
        child.stdin.write(b"1\n2\n")
        child.stdin.flush()
        _wait_for_content(tmp_path)
        child.send_signal(signal.SIGTERM)
        assert child.wait(PATIENCE) == 143
        assert child.stderr is not None
        assert child.stderr.read() == b"gdcli: interrupted by SIGTERM\n"
    assert list(tmp_path.iterdir()) == []


def _wait_for_content(folder: Path) -> None:
    """Wait until a file in the folder has content."""
    end = monotonic() + PATIENCE
    while not any(path.stat().st_size for path in folder.iterdir()):
        assert monotonic() < end
        sleep(0.02)


@needs_posix
def test_a_run_under_nohup_does_not_hear_that_its_terminal_was_closed() -> None:
    words = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *GDCLI, *LONG, "--format", "jsonl"]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdout=pipe, stderr=pipe) as child:
        assert child.stdout is not None
        child.stdout.readline()
        child.send_signal(signal.SIGHUP)
        for _ in range(20_000):
            assert child.stdout.readline().endswith(b"}\n")
        child.send_signal(signal.SIGTERM)
        _, said = child.communicate(timeout=PATIENCE)
        assert child.returncode == 143
        assert b"SIGHUP" not in said


@needs_posix
@pytest.mark.usefixtures("interruptible")
def test_a_long_run_shows_progress_at_a_terminal() -> None:
    terminal = Terminal(80, *LONG, "--format", "plain")
    terminal.wait_for(PROGRESS)
    terminal.process.send_signal(signal.SIGINT)
    terminal.text()
    assert terminal.process.returncode == 130


@needs_posix
@pytest.mark.usefixtures("interruptible")
def test_a_quiet_run_shows_no_progress() -> None:
    terminal = Terminal(80, *LONG, "--format", "jsonl", "-q", stdout=subprocess.PIPE)
    assert terminal.process.stdout is not None
    first = json.loads(terminal.process.stdout.readline())
    began = monotonic()
    late = (line for line in terminal.process.stdout if monotonic() > began + 2 * PROGRESS_DELAY)
    assert json.loads(next(late))["k"] > first["k"]
    terminal.process.send_signal(signal.SIGINT)
    terminal.process.communicate(timeout=PATIENCE)
    assert terminal.text() == ""
    assert terminal.process.returncode == 130


POLLUTION = {
    "TTY_COMPATIBLE": "1", "TTY_INTERACTIVE": "1", "JUPYTER_COLUMNS": "30", "LINES": "7",
    "CLICOLOR": "1", "CLICOLOR_FORCE": "1", "COLORTERM": "truecolor", "TERM": "xterm-256color",
    "TERMINAL_WIDTH": "33", "GITHUB_ACTIONS": "true", "TYPER_USE_RICH": "1", "LANGUAGE": "de",
    "PYTHONHASHSEED": "7", "PYTHONOPTIMIZE": "1", "PYTHONUNBUFFERED": "1", "TZ": "Asia/Tokyo",
    "SYMPY_USE_CACHE": "no", "OMP_NUM_THREADS": "1", "SOURCE_DATE_EPOCH": "0", "CI": "true",
    "GDCLI_COLOR": "always", "_GDCLI_COMPLETE": "bash_source", "XDG_CONFIG_HOME": "/nowhere",
}  # fmt: skip


@needs_posix
@pytest.mark.parametrize(
    "words",
    [
        ("minimize", "rosenbrock", "--color", "always"),
        pytest.param(("grad", "x^2*y", "--at", "1,2", "--symbolic"), marks=pytest.mark.full),
        pytest.param(("minimize", "x^2", "--alhpa", "1"), marks=pytest.mark.full),
        ("minimize", "--help"),
    ],
)
def test_no_other_variable_of_the_environment_changes_a_byte(words: tuple[str, ...]) -> None:
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    clean["LC_ALL"] = "C.UTF-8"
    plain, polluted = (process(*words, env=env) for env in (clean, clean | POLLUTION))
    assert (plain.returncode, plain.stdout) == (polluted.returncode, polluted.stdout)
    assert plain.stderr == polluted.stderr
