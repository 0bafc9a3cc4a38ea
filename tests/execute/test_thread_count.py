from __future__ import annotations

import os
from pathlib import Path

import pytest

from gdcli.errors import UsageError
from gdcli.execute.thread_count import (
    MOST_THREADS,
    THREADS_VARIABLE,
    available_processors,
    processor_quota,
    thread_count,
)

V2 = "29 23 0:26 {shown} /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
V1 = (
    "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
    "32 31 0:29 {shown} /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
    "33 31 0:31 {shown} /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
)


def machine(root: Path, groups: str, mounts: str, files: dict[str, str]) -> Path:
    for name, text in {"proc/self/cgroup": groups, "proc/self/mountinfo": mounts, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("groups", "mounts", "shown", "files", "quota"),
    [
        ("0::/\n", V2, "/", {"cpu.max": "150000 100000\n"}, 1.5),
        ("0::/\n", V2, "/", {"cpu.max": "max 100000\n"}, None),
        ("0::/\n", V2, "/", {}, None),
        # The least of a group and those above it.
        ("0::/a/b\n", V2, "/", {"a/cpu.max": "200000 100000", "a/b/cpu.max": "max 100000"}, 2.0),
        ("0::/a/b\n", V2, "/", {"a/cpu.max": "800000 100000", "a/b/cpu.max": "50000 100000"}, 0.5),
        ("0::/a/b\n", V2, "/", {"c/cpu.max": "100000 100000"}, None),
        # A container sees its own part of the hierarchy, by the path that the host gives it.
        ("0::/docker/abc\n", V2, "/docker/abc", {"cpu.max": "300000 100000"}, 3.0),
        ("0::/docker/abc\n", V2, "/", {"cpu.max": "300000 100000"}, 3.0),
        ("0::/../..\n", V2, "/", {"cpu.max": "300000 100000"}, 3.0),
        (
            "4:cpu,cpuacct:/docker/abc\n3:cpuset:/x\n0::/\n", V1, "/docker/abc",
            {"cpu,cpuacct/cpu.cfs_quota_us": "250000\n",
             "cpu,cpuacct/cpu.cfs_period_us": "100000\n"}, 2.5,
        ),
        (
            "4:cpu,cpuacct:/a\n0::/\n", V1, "/",
            {"cpu,cpuacct/a/cpu.cfs_quota_us": "-1\n",
             "cpu,cpuacct/a/cpu.cfs_period_us": "100000\n"}, None,
        ),
        ("4:memory:/a\n", V1, "/", {}, None),
    ],
)  # fmt: skip
def test_the_quota_of_a_control_group(
    groups: str, mounts: str, shown: str, files: dict[str, str], quota: float | None, tmp_path: Path
) -> None:
    inside = {f"sys/fs/cgroup/{name}": text for name, text in files.items()}
    assert processor_quota(machine(tmp_path, groups, mounts.format(shown=shown), inside)) == quota


def test_a_system_without_control_groups_has_no_quota(tmp_path: Path) -> None:
    assert processor_quota(tmp_path) is None


@pytest.mark.parametrize(("quota", "count"), [(None, 6), (0.2, 1), (1.5, 2), (3.0, 3), (32.0, 6)])
def test_the_default_is_the_lesser_of_affinity_and_quota(
    quota: float | None, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(6), raising=False)
    monkeypatch.setattr("gdcli.execute.thread_count.processor_quota", lambda: quota)
    monkeypatch.delenv(THREADS_VARIABLE, raising=False)
    assert available_processors() == thread_count() == count
    monkeypatch.setenv(THREADS_VARIABLE, "")
    assert thread_count() == count


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity there")
def test_the_affinity_of_this_process_counts() -> None:
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert available_processors() == 1
    finally:
        os.sched_setaffinity(0, before)


@pytest.mark.parametrize(
    ("text", "count"), [("1", 1), ("3", 3), ("007", 7), ("65", MOST_THREADS), ("9" * 5000, 64)]
)
def test_the_environment_takes_the_place_of_the_default(
    text: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(THREADS_VARIABLE, text)
    assert thread_count() == count


@pytest.mark.parametrize("text", ["0", "00", "-1", "+2", "1.5", "two", " 2", "２", "1_0", "1e1"])
def test_no_number_of_threads_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(THREADS_VARIABLE, text)
    with pytest.raises(UsageError, match="GDCLI_THREADS in the environment is a number of threads"):
        thread_count()
