"""A module of this package run in a process of its own, on one thread or on all.

On one thread the libraries are told by their environment, and the process is held to one
processor, since not every library can be told: `python -m benchmarks.process MODULE ...`.
"""

from __future__ import annotations

import os
import sys
from runpy import run_module
from subprocess import PIPE, run

ONE_THREAD = (
    "GDCLI_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NPROC",  # XLA's
)


def lines(
    module: str, *arguments: str, one_thread: bool = False, timeout: float | None = None
) -> list[str]:
    """What `python -m benchmarks.<module>` prints.

    Raises subprocess.TimeoutExpired where that takes `timeout` seconds.
    """
    environment = {name: value for name, value in os.environ.items() if name not in ONE_THREAD}
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    if one_thread:
        environment.update(dict.fromkeys(ONE_THREAD, "1"))
        command[2:3] = ["benchmarks.process", module]
    found = run(command, env=environment, stdout=PIPE, text=True, check=True, timeout=timeout)
    return found.stdout.splitlines()


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    del sys.argv[0]
    run_module(f"benchmarks.{sys.argv[0]}", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
