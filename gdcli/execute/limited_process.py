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
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from threading import Timer

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
        content, late = _from_child(pickle.dumps((function, arguments, limits)))
    except OSError:  # there is no room for a process, or the platform has none
        return _here(function, arguments)
    messages = list(_messages(content))
    if not messages and not late:  # it could not begin
        return _here(function, arguments)
    kinds = [kind for kind, _ in messages]
    if "raise" in kinds:
        raise messages[-1][1]
    return LimitedAnswers([one for kind, one in messages if kind == "yield"], "end" in kinds)


def _here(function: str, arguments: tuple[Any, ...]) -> LimitedAnswers:
    return LimitedAnswers(list(_named(function)(*arguments)), True)


def _named(function: str) -> Any:
    module, _, name = function.partition(":")
    return getattr(import_module(module), name)


def _from_child(job: bytes) -> tuple[bytes, bool]:
    """What the child writes, and whether a timer ended it; it is gone when this returns or raises.

    The job lies in a file: the other end of a pipe might be closed too early.
    """
    from subprocess import DEVNULL, PIPE, Popen
    from tempfile import TemporaryFile

    late: list[bool] = []
    command = [sys.executable, "-P", "-c", CHILD_CODE, *sys.path]
    with TemporaryFile() as given:
        given.write(job)
        given.seek(0)
        child = Popen(command, stdin=given, stdout=PIPE, stderr=DEVNULL)
        assert child.stdout is not None

        def end_late() -> None:
            late.append(True)
            child.kill()

        timer = None
        try:
            timer = None if _has_limits() else _started_timer(end_late)
            return child.stdout.read(), bool(late)
        finally:
            if timer is not None:
                timer.cancel()
            child.kill()
            child.wait()
            child.stdout.close()


def _has_limits() -> bool:
    """Whether the system can limit a process; where not, as on Windows, a timer ends it."""
    try:
        import resource  # noqa: F401
    except ImportError:
        return False
    return True


def _started_timer(action: Callable[[], None]) -> Timer:
    from threading import Timer

    timer = Timer(CPU_SECONDS, action)
    timer.start()
    return timer


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
    if not _has_limits():
        return
    import resource

    for kind, most in limits.items():
        number = getattr(resource, kind)
        hard = resource.getrlimit(number)[1]
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(OSError, ValueError):  # macOS knows the limit of memory and takes none
            resource.setrlimit(number, (limit, limit))  # at the hard one it dies without a core
