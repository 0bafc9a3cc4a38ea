"""Work and memory that are refused before they begin.

Comes in: how many operations an evaluation is counted for, and how many bytes it is estimated to
hold. Goes out: nothing, or a UsageError with the estimate in it. Memory is compared with what this
process may still have, and only where the estimate is large.
"""

from __future__ import annotations

from gdcli.errors import FLAG, Sentence, Setting, UsageError

MOST_OPERATIONS = 10**12  # of one request: minutes of native code, hours of Python source
FEW_BYTES = 1 << 28  # for which no system is asked
NUMBER_BYTES = 8  # of a float in an array
LISTED_NUMBER_BYTES = 32  # of a float in a list
MEMORY_LIMIT_FILES = (  # of a container or a service, in bytes
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
)


def refuse_endless_work(noun: str, operations: int) -> None:
    """Raises UsageError where `noun` takes more than MOST_OPERATIONS."""
    if operations > MOST_OPERATIONS:
        amount = f"{operations:.0e}" if operations.bit_length() < 1000 else "more than 1e+300"
        remedy = Setting("unlimited", FLAG)
        message = "{} takes about {} operations; {} evaluates it all the same"
        raise UsageError(Sentence(message, noun, amount, remedy))


def refuse_large_memory(noun: str, size: int) -> None:
    """Raises UsageError where `noun` needs more bytes than there are."""
    if size <= FEW_BYTES:
        return
    room = available_bytes()
    if room is not None and size > room:
        message = "{} needs about {} of memory, and {} are free; {} tries it all the same"
        remedy = Setting("unlimited", FLAG)
        raise UsageError(Sentence(message, noun, _shown(size), _shown(room), remedy))


def refuse_large_tables(noun: str, size: int, whole: int) -> None:
    """Raises UsageError where tables need more than half of the memory of this machine.

    `noun` is the largest of them, of `size` bytes; all of them have `whole` bytes.
    """
    if whole <= FEW_BYTES:
        return
    room = memory_bytes()
    if room is not None and whole > room // 2:
        message = "{} takes about {} of memory{}, more than half of the {} there are; {} tries it"
        others = f", {_shown(whole)} with all others" if whole > size else ""
        remedy = Setting("unlimited", FLAG)
        told = Sentence(message, noun, _shown(size), others, _shown(room), remedy)
        raise UsageError(told)


def available_bytes() -> int | None:
    """The memory that this process may still take; None where the system does not say.

    It is the least of what the system calls available, the limit of the control group, and that of
    the address space.
    """
    return _least_limit("MemAvailable")


def memory_bytes() -> int | None:
    """The memory that this process may have at most; None where the system does not say."""
    return _least_limit("MemTotal")


def _least_limit(row: str) -> int | None:
    known = [_bytes_of_system(row), *map(_limit, MEMORY_LIMIT_FILES), _address_space()]
    return min((one for one in known if one is not None), default=None)


def _bytes_of_system(row: str) -> int | None:
    """A row of Linux's /proc/meminfo; elsewhere the whole memory, where it is known."""
    import os
    import re

    try:
        found = re.search(rf"{row}: *(\d+) kB", _read("/proc/meminfo"))
    except OSError:
        found = None
    if found is not None:
        return int(found[1]) * 1024
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None


def _limit(path: str) -> int | None:
    try:
        return int(_read(path))
    except (OSError, ValueError):  # no such file, or the word `max`
        return None


def _read(path: str) -> str:
    from pathlib import Path

    return Path(path).read_text(encoding="ascii")


def _address_space() -> int | None:
    try:
        import resource
    except ImportError:
        return None
    soft = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if soft == resource.RLIM_INFINITY else soft


def _shown(size: int) -> str:
    return f"{size / 1e9:,.3g} GB" if size < 1e12 else f"{size / 1e12:,.0f} TB"
