"""What a container may use and does use: its control group, version 1 or 2. psutil tells the host's.

Files are read anew each time: limits may change while a job runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path("/sys/fs/cgroup")
OWN: Final = Path("/proc/self/cgroup")
_UNLIMITED: Final = 2**60
"""Version 1 says of no limit that it is about the largest number there is."""


@dataclass(frozen=True, slots=True)
class Group:
    """A control group at one moment. None for what it does not tell or limit."""

    cpus: float | None = None
    """How many cores it may use."""
    cpu_seconds: float | None = None
    """What it has used of them so far."""
    memory_limit: int | None = None
    """Bytes."""
    memory: int | None = None
    """Bytes that it uses, without files that can be dropped."""


def read_group(root: Path = ROOT, own: Path = OWN) -> Group:
    """The control group of this process; the tightest limit on its way up counts. Never raises."""
    if (root / "cgroup.controllers").exists():
        return _version_2(root, _path(own, ""))
    return _version_1(root, own)


def _version_2(root: Path, path: str) -> Group:
    folders = _upwards(root, path)
    limits = [_number(folder / "memory.max") for folder in folders]
    quotas = [_quota(_text(folder / "cpu.max").split()) for folder in folders]
    here = folders[0]
    used = _fields(here / "cpu.stat").get("usage_usec")
    return Group(
        cpus=min((q for q in quotas if q is not None), default=None),
        cpu_seconds=None if used is None else used / 1e6,
        memory_limit=min((n for n in limits if n is not None and n < _UNLIMITED), default=None),
        memory=_without_files(_number(here / "memory.current"), _fields(here / "memory.stat").get("inactive_file")),
    )


def _version_1(root: Path, own: Path) -> Group:
    cpu = _upwards(root / "cpu", _path(own, "cpu"))
    memory = _upwards(root / "memory", _path(own, "memory"))
    account = _upwards(root / "cpuacct", _path(own, "cpuacct"))
    quotas = [_quota([_text(f / "cpu.cfs_quota_us"), _text(f / "cpu.cfs_period_us")]) for f in cpu]
    limits = [_number(folder / "memory.limit_in_bytes") for folder in memory]
    used = _number(account[0] / "cpuacct.usage")
    return Group(
        cpus=min((q for q in quotas if q is not None), default=None),
        cpu_seconds=None if used is None else used / 1e9,
        memory_limit=min((n for n in limits if n is not None and n < _UNLIMITED), default=None),
        memory=_without_files(
            _number(memory[0] / "memory.usage_in_bytes"),
            _fields(memory[0] / "memory.stat").get("total_inactive_file"),
        ),
    )


def _path(own: Path, controller: str) -> str:
    """Where the process stands in a hierarchy, as `/proc/self/cgroup` says; the top where that says nothing."""
    for line in _text(own).splitlines():
        _, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        if (controller in names.split(",")) if controller else not names:
            return path.strip("/")
    return ""


def _upwards(root: Path, path: str) -> list[Path]:
    """The folders from a group up to the top, as far as they are there: a container sees its own group as the top."""
    found = [root / path, *(root / parent for parent in Path(path).parents)] if path else [root]
    there = [folder for folder in found if ".." not in folder.parts and folder.is_dir()]
    return list(dict.fromkeys([*there, root]))


def _without_files(used: int | None, files: int | None) -> int | None:
    return None if used is None else max(0, used - (files or 0))


def _quota(told: list[str]) -> float | None:
    if len(told) < 2 or not told[0].isdigit() or not told[1].isdigit() or not int(told[1]):
        return None
    return int(told[0]) / int(told[1]) or None


def _fields(path: Path) -> dict[str, int]:
    pairs = (line.split() for line in _text(path).splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}


def _number(path: Path) -> int | None:
    text = _text(path)
    return int(text) if text.isdigit() else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
