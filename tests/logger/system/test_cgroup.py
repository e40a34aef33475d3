"""Limits and usage of a control group, as both versions write them down."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeboard.logger.system.cgroup import Group, read_group


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_version_2_in_a_container(tmp_path: Path) -> None:
    root, own = tmp_path / "cg", tmp_path / "own"
    own.write_text("0::/\n")
    write(
        root,
        {
            "cgroup.controllers": "cpu memory\n",
            "cpu.max": "150000 100000\n",
            "cpu.stat": "usage_usec 2500000\nuser_usec 1\n",
            "memory.max": "2000000000\n",
            "memory.current": "900000000\n",
            "memory.stat": "anon 5\ninactive_file 100000000\n",
        },
    )
    assert read_group(root, own) == Group(1.5, 2.5, 2_000_000_000, 800_000_000)


def test_version_2_below_others_the_tightest_limit_counts(tmp_path: Path) -> None:
    root, own = tmp_path / "cg", tmp_path / "own"
    own.write_text("0::/slurm/job_7\n")
    write(
        root,
        {
            "cgroup.controllers": "cpu memory\n",
            "slurm/cpu.max": "400000 100000\n",
            "slurm/memory.max": "1000\n",
            "slurm/job_7/cpu.max": "max 100000\n",
            "slurm/job_7/memory.max": "max\n",
            "slurm/job_7/memory.current": "40\n",
        },
    )
    assert read_group(root, own) == Group(4.0, None, 1000, 40)


def test_version_1(tmp_path: Path) -> None:
    root, own = tmp_path / "cg", tmp_path / "own"
    own.write_text("12:memory:/docker/ab\n11:cpu,cpuacct:/docker/ab\n")
    write(
        root,
        {
            # A container sees its own group at the top.
            "cpu/cpu.cfs_quota_us": "200000\n",
            "cpu/cpu.cfs_period_us": "100000\n",
            "cpuacct/cpuacct.usage": "3000000000\n",
            "memory/memory.limit_in_bytes": "4096\n",
            "memory/memory.usage_in_bytes": "300\n",
            "memory/memory.stat": "total_inactive_file 400\n",
        },
    )
    assert read_group(root, own) == Group(2.0, 3.0, 4096, 0)


@pytest.mark.parametrize("quota", ["-1", "", "max", "0"])
def test_no_limit_is_none(tmp_path: Path, quota: str) -> None:
    root, own = tmp_path / "cg", tmp_path / "own"
    write(
        root,
        {
            "cpu/cpu.cfs_quota_us": quota,
            "cpu/cpu.cfs_period_us": "100000",
            "memory/memory.limit_in_bytes": "9223372036854771712",
        },
    )
    assert read_group(root, own) == Group()


def test_a_path_that_leads_out_is_not_followed(tmp_path: Path) -> None:
    root, own = tmp_path / "cg", tmp_path / "own"
    own.write_text("0::/../../host\n")
    write(root, {"cgroup.controllers": "", "memory.max": "7"})
    (tmp_path / "host").mkdir()
    assert read_group(root, own) == Group(memory_limit=7)


def test_this_machine_has_one_or_none() -> None:
    found = read_group()
    assert found.cpus is None or found.cpus > 0
    assert found.memory_limit is None or found.memory_limit > 0
