"""A module of this package run in a process of its own, on one thread or on all.

On one thread the libraries are told by their environment, and the process is held to one
processor, since not every library can be told.
"""

from __future__ import annotations

import os
import sys
from subprocess import PIPE, run

ONE_THREAD = (
    "GDCLI_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NPROC",  # XLA's
)


def lines(module: str, *arguments: str, one_thread: bool = False) -> list[str]:
    """What `python -m benchmarks.<module>` prints."""
    environment = {name: value for name, value in os.environ.items() if name not in ONE_THREAD}
    if one_thread:
        environment.update(dict.fromkeys(ONE_THREAD, "1"))
    found = run(
        [sys.executable, "-m", f"benchmarks.{module}", *arguments],
        env=environment,
        stdout=PIPE,
        text=True,
        check=True,
        preexec_fn=one_processor if one_thread else None,
    )
    return found.stdout.splitlines()


def one_processor() -> None:
    """Holds this process to one processor, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
