"""SymPy's work of all tests in forks of one process, which has imported SymPy once.

`gdcli.execute.limited_process` starts an interpreter for each job, and that takes longer than most
jobs of the tests. Here a job is the same, in a fork with the same limits. The tests of the limits
have an interpreter for each job as users do: see `in_new_interpreters`.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

SOCKET = "GDCLI_TESTS_SYMPY"  # the variable of the environment that names the server's socket
SERVER = """
import os, select, socket, sys
sys.path[:] = sys.argv[2:]
import gdcli.derivatives.formulas, gdcli.derivatives.symbolic
from gdcli.execute.limited_process import serve
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
os.write(1, b"ready")
while select.select([0, listener], [], [])[0] == [listener]:
    client = listener.accept()[0]
    job, answer = client.recv(4096).decode().split("\\t")
    child = os.fork()
    if not child:
        os.dup2(os.open(job, os.O_RDONLY), 0)
        os.dup2(os.open(answer, os.O_WRONLY), 1)
        serve()
    os.waitpid(child, 0)
    client.close()
"""


def share_sympy() -> None:
    """Have this process's jobs done by the server, where the system can fork."""
    if hasattr(os, "fork"):
        from gdcli.execute import limited_process

        limited_process._from_child = done_by_server


def done_by_server(job: bytes) -> tuple[bytes, bool]:
    """What a fork of the server writes, and that no timer ended it."""
    import socket

    with (
        tempfile.TemporaryDirectory() as folder,
        socket.socket(socket.AF_UNIX) as client,
    ):
        given, answer = Path(folder, "job"), Path(folder, "answer")
        given.write_bytes(job)
        answer.touch()
        client.connect(os.environ.get(SOCKET) or started())
        client.sendall(f"{given}\t{answer}".encode())
        client.recv(1)  # nothing: the server closes when the fork has ended
        return answer.read_bytes(), False


@cache
def started() -> str:
    """The path of the socket of a server that ends with this process."""
    folder = tempfile.TemporaryDirectory()
    path = str(Path(folder.name, "socket"))
    server = subprocess.Popen(
        [sys.executable, "-P", "-c", SERVER, path, *sys.path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert server.stdout is not None
    assert server.stdout.read(5) == b"ready"

    def end() -> None:
        server.communicate()  # it ends when its standard input is closed
        folder.cleanup()

    atexit.register(end)
    return path
