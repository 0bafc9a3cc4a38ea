"""The command `gdcli` of documents in forks of one process, which has imported gdcli once.

A document has dozens of commands, and most of what each costs is to start Python and to import.
Here the `gdcli` on the path hands its streams, words, folder and environment to that process, which
does them in a fork with `gdcli.__main__`. What only a process shows (imports, signals, terminals)
is tested in test_main.py with the installed command, and so are the commands of README.md.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import sysconfig
import tempfile
from functools import cache
from pathlib import Path

import pytest

COMMAND = """#!{python} -IS
import os, sys, _socket
server = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
server.connect({path!r})
asked = repr((os.getcwd(), sys.argv, dict(os.environ))).encode("utf-8", "backslashreplace")
streams = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2))
rights = (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)
server.sendmsg([len(asked).to_bytes(8, "big")], [rights])
while asked:
    asked = asked[server.send(asked):]
status = server.recv(1)
os._exit(status[0] if status else 141)  # as a shell says that a closed pipe has ended it
"""
SERVER = """
import os, select, socket, sys
sys.path[:] = sys.argv[2:]
import pkgutil
from importlib import import_module
import gdcli.__main__, gdcli.cli, gdcli.report.formats, matplotlib.figure, numpy, llvmlite.binding
for folder in (gdcli.cli, gdcli.report.formats):
    for module in pkgutil.iter_modules(folder.__path__, folder.__name__ + "."):
        import_module(module.name)
from tests.schemas import hold_answers, validator
from tests.sympy_server import share_sympy
hold_answers()
share_sympy()
for name in ("grad", "minimize", "eval"):
    validator(name)

def answer(client):
    length, streams, _, _ = socket.recv_fds(client, 8, 3)
    with client.makefile("rb") as reader:
        folder, words, environment = eval(reader.read(int.from_bytes(length, "big")))
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = open(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
    sys.argv = words
    leave = os._exit

    def leave_and_tell(status):
        client.send(bytes([status]))
        leave(status)

    os._exit = leave_and_tell
    gdcli.__main__.main()

listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
os.write(1, b"ready")
children = 0
while select.select([0, listener], [], [])[0] == [listener]:
    client = listener.accept()[0]
    children += 1
    if not os.fork():
        listener.close()
        answer(client)
    client.close()
    while children and os.waitpid(-1, os.WNOHANG)[0]:
        children -= 1
while children:
    os.wait()
    children -= 1
"""


def share_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the `gdcli` of forks before the installed one, for what looks where scripts are."""
    folders = os.pathsep.join([started(), sysconfig.get_path("scripts")])
    monkeypatch.setattr(sysconfig, "get_path", lambda _: folders)


@cache
def started() -> str:
    """The folder with a `gdcli` whose commands a server does that ends with this process."""
    folder = tempfile.TemporaryDirectory()
    path = str(Path(folder.name, "socket"))
    command = Path(folder.name, "gdcli")
    command.write_text(COMMAND.format(python=sys.executable, path=path))
    command.chmod(0o755)
    root = str(Path(__file__).parent.parent)
    server = subprocess.Popen(
        [sys.executable, "-P", "-c", SERVER, path, root, *sys.path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert server.stdout is not None
    assert server.stdout.read(5) == b"ready"

    def end() -> None:
        server.communicate()  # it ends when its standard input is closed
        folder.cleanup()

    atexit.register(end)
    return folder.name
