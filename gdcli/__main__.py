"""The process: `python -m gdcli` and the console script.

Start-up is most of what a short run costs, so three things are done here that are not usual.
The garbage collector waits for more objects than imports make. Of Typer the modules that parse are
imported, and the package itself only if a module asks for a name of it. The process leaves by
`os._exit` once both streams are flushed: tearing the interpreter down would take a fifth of the
whole time (docs/decisions/0002-start-up.md), and nothing of ours waits for it. Ctrl-C may come at
any moment, so nothing that takes time is imported outside of `main`; so may SIGTERM and SIGHUP.
"""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line and end the process with its exit status."""
    gc.set_threshold(100_000, 20, 20)
    received: list[int] = []
    try:
        _set_signals(received)
        from gdcli.cli.deferred import defer, import_alone

        for name in ("json", "tokenize"):  # one is needed for its encoder, one by nothing
            defer(name)
        import_alone("typer.core")
        from gdcli.cli.app import run

        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        status = 130
    if received and status in (6, 130):  # 6: a terminal that is closed takes no answer
        status = 128 + received[0]
    _leave(status)


def _set_signals(received: list[int]) -> None:
    """Have SIGTERM and SIGHUP, where they are not ignored as by nohup, act like Ctrl-C.

    Their numbers are added to `received`. A closed pipe ends the process silently. After any of
    them the collector rests, which would walk all that a long text has become.
    """
    import signal

    def interrupt(number: int, frame: object) -> None:  # noqa: ARG001 - what a handler is given
        gc.set_threshold(0)
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        received.append(number)
        name = signal.Signals(number).name
        if name == "SIGHUP":  # a terminal that is closed may send another, in the midst of our end
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt(name)

    usual = signal.SIG_DFL, signal.default_int_handler
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows lacks some
        if number is not None and signal.getsignal(number) in usual:
            signal.signal(number, interrupt)
    if hasattr(signal, "SIGPIPE"):  # not on Windows, where writing raises BrokenPipeError
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def _leave(status: int) -> None:
    if whole_file := sys.modules.get("gdcli.cli.whole_file"):
        whole_file.remove_unfinished()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:  # run() has answered for what could not be written
            status = status or 6
        except KeyboardInterrupt:
            status = 130
    os._exit(status)


if __name__ == "__main__":
    main()
