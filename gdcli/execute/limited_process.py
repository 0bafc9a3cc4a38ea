"""Work whose cost cannot be counted beforehand, in a process that the system stops at its limits.

Comes in: the name of a generator function, as `gdcli.derivatives.formulas:written`, and arguments
for it that can be pickled. Goes out: what it yields, until it ends or has taken CPU_SECONDS or
MEMORY_BYTES. The process is a new one and no fork, for this one may have threads; the module of the
function is imported there alone. Where a process cannot be had the function runs here, unlimited.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any, NamedTuple

CPU_SECONDS = 3
MEMORY_BYTES = 500_000_000
CHILD_CODE = """
import sys
sys.path[:] = sys.argv[1:]
from gdcli.execute.limited_process import serve
serve()
"""


class LimitedAnswers(NamedTuple):
    """What a generator function yielded, and whether it came to its end within the limits."""

    answers: list[Any]
    complete: bool


def limited_answers(function: str, *arguments: Any) -> LimitedAnswers:
    """What `function` yields for the arguments; raises what it raises, and KeyboardInterrupt."""
    if getattr(sys, "frozen", False) or not sys.executable:  # which is no Python to be started
        return _here(function, arguments)
    try:
        limits = {"RLIMIT_CPU": CPU_SECONDS, "RLIMIT_AS": MEMORY_BYTES}
        content = _from_child(pickle.dumps((function, arguments, limits)))
    except OSError:  # there is no room for a process, or the platform has none
        return _here(function, arguments)
    messages = list(_messages(content))
    if not messages:  # it did not begin
        return _here(function, arguments)
    *_, (kind, last) = messages
    if kind == "raise":
        raise last
    return LimitedAnswers([one for kind, one in messages if kind == "yield"], kind == "end")


def _here(function: str, arguments: tuple[Any, ...]) -> LimitedAnswers:
    return LimitedAnswers(list(_named(function)(*arguments)), True)


def _named(function: str) -> Any:
    module, _, name = function.partition(":")
    return getattr(import_module(module), name)


def _from_child(job: bytes) -> bytes:
    """What the child writes. It is gone when this returns or raises."""
    from subprocess import DEVNULL, PIPE, Popen
    from tempfile import TemporaryFile

    command = [sys.executable, "-P", "-c", CHILD_CODE, *sys.path]
    with TemporaryFile() as given:  # no pipe, whose other end may be closed too early
        given.write(job)
        given.seek(0)
        child = Popen(command, stdin=given, stdout=PIPE, stderr=DEVNULL)
        assert child.stdout is not None
        timer = None
        try:
            timer = _killer(child.kill)
            return child.stdout.read()
        finally:
            if timer is not None:
                timer.cancel()
            child.kill()
            child.wait()
            child.stdout.close()


def _killer(kill: Any) -> Any:
    """A timer that has been started, where the system cannot limit a process; else None."""
    try:
        import resource  # noqa: F401
    except ImportError:
        from threading import Timer

        timer = Timer(CPU_SECONDS, kill)
        timer.start()
        return timer
    return None


def _messages(content: bytes) -> Iterator[tuple[str, Any]]:
    """The messages that were written whole."""
    from io import BytesIO

    stream = BytesIO(content)
    while stream.tell() < len(content):
        try:
            yield pickle.load(stream)
        except (EOFError, pickle.UnpicklingError):  # the child was stopped as it wrote
            return


# -- in the child ------------------------------------------------------------------------------


def serve() -> None:
    """Does the job on standard input, writes its messages to standard output, and ends."""
    out = sys.stdout.buffer
    sys.stdout = sys.stderr  # what else is printed is no message

    def send(kind: str, answer: Any) -> None:
        out.write(pickle.dumps((kind, answer)))
        out.flush()

    function, arguments, limits = pickle.load(sys.stdin.buffer)
    _limit_this_process(limits)
    send("begin", None)
    try:
        for answer in _named(function)(*arguments):
            send("yield", answer)
        send("end", None)
    except MemoryError:
        pass
    except Exception as error:
        from gdcli.errors import GdcliError

        known = isinstance(error, GdcliError)
        send("raise", error if known else RuntimeError(f"{type(error).__name__}: {error}"))
    os._exit(0)  # to tear the interpreter down takes time


def _limit_this_process(limits: Mapping[str, int]) -> None:
    try:
        import resource
    except ImportError:  # the parent has a timer
        return
    for kind, most in limits.items():
        number = getattr(resource, kind)
        hard = resource.getrlimit(number)[1]
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(OSError, ValueError):  # macOS knows the limit of memory and takes none
            resource.setrlimit(number, (limit, limit))  # at the hard one it dies without a core
