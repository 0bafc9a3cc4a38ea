"""The process: `python -m gdcli` and the console script.

Start-up is most of what a short run costs, so two things are done here that are not usual.
The garbage collector waits for more objects than imports make, and the process leaves by
`os._exit` once both streams are flushed: tearing the interpreter down would take a fifth of the
whole time (docs/decisions/0002-start-up.md), and nothing of ours waits for it. Ctrl-C may come at
any moment, so nothing that takes time is imported outside of `main`.
"""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line and end the process with its exit status."""
    gc.set_threshold(100_000, 20, 20)
    try:
        from gdcli.cli.app import run

        _die_silently_of_a_closed_pipe()
        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        status = 130
    _leave(status)


def _die_silently_of_a_closed_pipe() -> None:
    import signal

    if hasattr(signal, "SIGPIPE"):  # not on Windows, where writing raises BrokenPipeError
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def _leave(status: int) -> None:
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
