"""The number of threads that share a loop: as many as this process may use processors.

These are the processors that its affinity leaves it, or fewer where its control group has a quota
of processor time, as in a container. The variable GDCLI_THREADS takes the place of both.
"""

from __future__ import annotations

import os
from functools import cache
from math import ceil
from pathlib import Path

from gdcli.errors import UsageError, brief

THREADS_VARIABLE = "GDCLI_THREADS"
MOST_THREADS = 64


def thread_count() -> int:
    """How many threads share a loop. Raises UsageError where GDCLI_THREADS is no such number."""
    return min(given_thread_count() or available_processors(), MOST_THREADS)


def given_thread_count() -> int | None:
    """The number in GDCLI_THREADS, None where that is empty.

    Raises UsageError where it is no whole number from 1 on.
    """
    text = os.environ.get(THREADS_VARIABLE, "")
    if not text:
        return None
    digits = text.lstrip("0")
    if not (text.isascii() and digits.isdecimal()):
        what = "a number of threads, 1 or more"
        raise UsageError(f"{THREADS_VARIABLE} in the environment is {what}, not {brief(text)}")
    return int(digits[:9])  # of more digits, which Python may refuse to read, it is large enough


def available_processors() -> int:
    """The processors that affinity and quota leave this process, at least 1."""
    affinity = getattr(os, "sched_getaffinity", None)
    count = len(affinity(0)) if affinity else os.cpu_count() or 1
    quota = processor_quota()
    return count if quota is None else min(count, ceil(quota))


@cache  # to read the files takes as long as a large evaluation
def processor_quota(root: Path = Path("/")) -> float | None:
    """How many processors' time the control groups of this process have; None without a limit.

    Files are looked up below `root`. Sources: the manual pages cgroups(7) and proc(5);
    Documentation/admin-guide/cgroup-v2.rst of Linux.
    """
    groups: dict[str, str] = {}  # by controller, "" for the one hierarchy of version 2
    for line in _lines(root / "proc/self/cgroup"):
        _, controllers, path = line.split(":", 2)
        groups |= dict.fromkeys(controllers.split(","), path)
    quotas: list[float] = []
    for line in _lines(root / "proc/self/mountinfo"):
        mount, _, system = line.partition(" - ")
        _, _, _, shown, mounted, *_ = mount.split(" ")
        kind, _, options = system.split(" ", 2)
        name = {"cgroup2": "", "cgroup": "cpu"}.get(kind)
        if name in groups and (not name or name in options.split(" ")[-1].split(",")):
            hierarchy = root / mounted.lstrip("/")
            group = hierarchy / groups[name].removeprefix(shown).lstrip("/")
            above = [one for one in group.parents if one.is_relative_to(hierarchy)]
            quotas += [quota for one in (group, *above) if (quota := _quota_of(one)) is not None]
    return min(quotas, default=None)


def _quota_of(group: Path) -> float | None:
    """The quota in a group's own folder, in either version's files."""
    texts = _lines(group / "cpu.max") or [
        *_lines(group / "cpu.cfs_quota_us"),
        *_lines(group / "cpu.cfs_period_us"),
    ]
    numbers = [int(text) for text in " ".join(texts).split(" ") if text.isdecimal()]
    return numbers[0] / numbers[1] if len(numbers) == 2 and all(numbers) else None


def _lines(path: Path) -> list[str]:
    """The lines of a file of the system; none where it cannot be read."""
    try:
        return path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
